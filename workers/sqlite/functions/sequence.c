/*
 * Sequences: nextval() and its like. Where one stands is sequences/'s; what a session was told last is the session's.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/sequence.h"
#include "workers/sqlite/schema/schema.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/sequences/memory.h"

/* The sequence that a call means. */
struct subject {
	char *schema, *name;		  /* SQLite's */
	char *table;			  /* whose rows SQLite numbers; NULL: it is an object */
	const struct schema_sequence *of; /* an object's definition, until the schema is read anew */
	bool temporary;
};

static void
subject_free(struct subject *subject)
{
	free(subject->schema);
	free(subject->name);
	free(subject->table);
}

/* SQLite's database of what lies in PostgreSQL's schema. */
static const char *
database_of(const char *schema)
{
	return strcmp(schema, "temp") == 0 ? "temp" : "public";
}

/* The schema reads SQLite's own tables, which the session's role may not: it does so for bibd itself. */
static const struct schema_table *
find_relation(struct sql_context *session, const char *schema, const char *name)
{
	bool internal = session->internal;
	const struct schema_table *found;

	session->internal = true;
	found = session->schema == NULL ? NULL : schema_find_table(session->schema, schema, name);
	session->internal = internal;
	return found;
}

static bool
find_definition(sqlite3_context *c, struct subject *subject)
{
	const struct schema_table *found = find_relation(function_session(c), subject->schema, subject->name);

	subject->of = found == NULL ? NULL : found->sequence;
	subject->temporary = strcmp(subject->schema, "temp") == 0;
	if (subject->of != NULL)
		return true;
	function_fail(c, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist", subject->name);
	return false;
}

/* By what a plan has written: SQLite's schema and the name. */
static bool
find_named(sqlite3_context *c, sqlite3_value **argv, struct subject *subject)
{
	const char *schema = (const char *)sqlite3_value_text(argv[0]),
		   *name = (const char *)sqlite3_value_text(argv[1]);

	*subject = (struct subject) { .schema = schema == NULL ? NULL : strdup(schema),
		.name = name == NULL ? NULL : strdup(name) };
	if (subject->schema != NULL && subject->name != NULL)
		return find_definition(c, subject);
	sqlite3_result_error_nomem(c);
	return false;
}

/* By regclass. One that is gone has its number for a name. */
static bool
find_by_oid(sqlite3_context *c, sqlite3_value *value, struct subject *subject)
{
	struct catalog_found found = { .oid = (uint32_t)sqlite3_value_int64(value) };
	bool usable = false;

	*subject = (struct subject) { 0 };
	if (!function_find_relation(c, &found)) {
		function_fail(c, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist",
		    (const char *)sqlite3_value_text(value));
		return false;
	}
	*subject =
	    (struct subject) { .schema = strdup(database_of(found.found_schema)), .name = strdup(found.found_stored) };
	if (found.kind != 'S')
		function_fail(c, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a sequence", found.found_name);
	else if (subject->schema == NULL || subject->name == NULL)
		sqlite3_result_error_nomem(c);
	else if (strcmp(found.found_table, found.found_stored) != 0)
		usable = (subject->table = strdup(found.found_table)) != NULL;
	else
		usable = find_definition(c, subject);
	catalog_found_free(&found);
	return usable;
}

static struct sequences *
positions_of(sqlite3_context *c, const struct subject *subject)
{
	struct sql_context *session = function_session(c);

	if (!subject->temporary && session->sequences != NULL)
		return session->sequences;
	if (session->temporary_sequences == NULL && (session->temporary_sequences = sequences_open(NULL, NULL)) == NULL)
		sqlite3_result_error_nomem(c);
	return session->temporary_sequences;
}

static bool
may_write(sqlite3_context *c, const struct subject *subject, const char *function)
{
	const struct sql_context *session = function_session(c);

	if (subject->temporary)
		return true;
	if (session->read_only)
		function_fail(c, SQLSTATE_READ_ONLY_SQL_TRANSACTION, "cannot execute %s() in a read-only transaction",
		    function);
	else if (session->role != ROLE_ADMIN && session->role != ROLE_WRITE)
		function_fail(c, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied for sequence %s", subject->name);
	else if (session->local && subject->table != NULL)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s() is not supported here on SQLite", function);
	else
		return true;
	return false;
}

/* What the database has to know of the position, while this connection writes it anyway. */
static bool
write_note(sqlite3_context *c, struct sequences *positions, uint64_t identity)
{
	char note[SEQUENCE_NOTE_SIZE], key[64];
	sqlite3_stmt *stmt;
	bool written;

	if (!function_session(c)->leased || !sequences_due_note(positions, identity, note))
		return true;
	(void)snprintf(key, sizeof(key), SEQUENCE_NOTE "%" PRIx64, identity);
	stmt =
	    function_query(c, "INSERT OR REPLACE INTO public.bibd_node (key, value) VALUES (?1, ?2)", key, note, NULL);
	if (stmt == NULL)
		return false;
	written = sqlite3_step(stmt) == SQLITE_DONE;
	if (!written)
		function_fail(c, SQLSTATE_OBJECT_IN_USE, "%s", sqlite3_errmsg(sqlite3_context_db_handle(c)));
	function_query_end(c, stmt);
	return written;
}

static void
fail_written(sqlite3_context *c)
{
	function_fail(c, errno == ENOSPC ? SQLSTATE_DISK_FULL : SQLSTATE_IO_ERROR,
	    "where sequences stand could not be written: %s", strerror(errno));
}

static bool
draw_object(sqlite3_context *c, const struct subject *subject, int64_t *first, int64_t *last)
{
	const struct schema_sequence *s = subject->of;
	struct sequences *positions = positions_of(c, subject);

	if (positions == NULL)
		return false;
	switch (sequences_draw(positions, s->identity, &s->at, &s->rule, first, last)) {
	case SEQUENCE_DRAWN:
		return write_note(c, positions, s->identity);
	case SEQUENCE_AT_LIMIT:
		function_fail(c, SQLSTATE_SEQUENCE_LIMIT, "nextval: reached %s value of sequence \"%s\" (%" PRId64 ")",
		    s->rule.increment > 0 ? "maximum" : "minimum", subject->name,
		    s->rule.increment > 0 ? s->rule.max : s->rule.min);
		return false;
	case SEQUENCE_NOT_WRITTEN:
		break;
	}
	fail_written(c);
	return false;
}

static void
next_of(sqlite3_context *c, const struct subject *subject)
{
	struct sequence_memory *memory = function_session(c)->drawn;
	int64_t first = 0, last = 0;

	if (!may_write(c, subject, "nextval"))
		return;
	if (subject->of == NULL) {
		if (!sequence_numbered_next(c, subject->table, &first))
			return;
		sequence_memory_note_unnamed(memory, first);
	} else if (!sequence_memory_next(memory, subject->of->id, subject->of->identity, subject->of->rule.increment,
		       &first)) {
		if (!draw_object(c, subject, &first, &last))
			return;
		if (!sequence_memory_note(memory, subject->of->id, subject->of->identity, first, last)) {
			sqlite3_result_error_nomem(c);
			return;
		}
	}
	sqlite3_result_int64(c, first);
}

void
sequence_draw(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct subject subject;

	(void)argc;
	if (find_named(c, argv, &subject))
		next_of(c, &subject);
	subject_free(&subject);
}

void
sequence_next(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct subject subject;

	(void)argc;
	if (find_by_oid(c, argv[0], &subject))
		next_of(c, &subject);
	subject_free(&subject);
}

void
sequence_current(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct sequence_memory *memory = function_session(c)->drawn;
	struct subject subject;
	int64_t value;

	(void)argc;
	if (find_by_oid(c, argv[0], &subject)) {
		if (subject.of != NULL ? sequence_memory_current(memory, subject.of->id, &value)
				       : sequence_memory_last(memory, NULL, &value))
			sqlite3_result_int64(c, value);
		else
			function_fail(c, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
			    "currval of sequence \"%s\" is not yet defined in this session", subject.name);
	}
	subject_free(&subject);
}

struct search {
	struct sql_context *session;
	uint64_t id;
};

static bool
has_id(void *arg, const struct catalog_relation *relation)
{
	const struct search *search = arg;
	const struct schema_table *found = relation->kind != 'S' || strcmp(relation->stored, relation->table) != 0
	    ? NULL
	    : find_relation(search->session, database_of(relation->schema), relation->stored);

	return found != NULL && found->sequence != NULL && found->sequence->id == search->id;
}

void
sequence_last(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct sql_context *session = function_session(c);
	struct search search = { .session = session };
	int64_t value;

	(void)argc;
	(void)argv;
	/* One that was dropped since has no last value. */
	if (sequence_memory_last(session->drawn, &search.id, &value) &&
	    (search.id == 0 || catalog_each_relation(sqlite3_context_db_handle(c), has_id, &search)))
		sqlite3_result_int64(c, value);
	else
		function_fail(c, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		    "lastval is not yet defined in this session");
}

static bool
set_object(sqlite3_context *c, const struct subject *subject, int64_t value, bool called)
{
	const struct schema_sequence *s = subject->of;
	struct sequences *positions = positions_of(c, subject);

	if (positions == NULL)
		return false;
	if (value < s->rule.min || value > s->rule.max) {
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE,
		    "setval: value %" PRId64 " is out of bounds for sequence \"%s\" (%" PRId64 "..%" PRId64 ")", value,
		    subject->name, s->rule.min, s->rule.max);
		return false;
	}
	if (sequences_set(positions, s->identity, value, called) == -1) {
		fail_written(c);
		return false;
	}
	if (!write_note(c, positions, s->identity))
		return false;
	if (sequence_memory_set(function_session(c)->drawn, s->id, s->identity, value, called))
		return true;
	sqlite3_result_error_nomem(c);
	return false;
}

/* setval(sequence, n[, is_called]): with false, n itself is the next. */
void
sequence_set(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t value = sqlite3_value_int64(argv[1]);
	bool called = argc < 3 || sqlite3_value_int(argv[2]) != 0, set = false;
	struct subject subject;

	if (find_by_oid(c, argv[0], &subject) && may_write(c, &subject, "setval"))
		set = subject.of != NULL ? set_object(c, &subject, value, called)
					 : sequence_numbered_set(c, subject.table, value, called);
	if (set) {
		if (subject.of == NULL && called)
			sequence_memory_note_unnamed(function_session(c)->drawn, value);
		sqlite3_result_int64(c, value);
	}
	subject_free(&subject);
}

/* What a sequence shows of itself: last_value, log_cnt, is_called. */
void
sequence_part(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct subject subject;
	struct sequences *positions;

	(void)argc;
	if (find_named(c, argv, &subject) && (positions = positions_of(c, &subject)) != NULL) {
		struct sequence_position at = sequences_look(positions, subject.of->identity, &subject.of->at);
		int part = sqlite3_value_int(argv[2]);

		sqlite3_result_int64(c, part == 0 ? at.value : part == 1 ? at.log : at.called);
	}
	subject_free(&subject);
}

/* pg_sequence_last_value(regclass): NULL when nothing was drawn. */
void
sequence_last_value(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct subject subject;
	struct sequences *positions;

	(void)argc;
	if (find_by_oid(c, argv[0], &subject) && subject.of != NULL &&
	    (positions = positions_of(c, &subject)) != NULL) {
		struct sequence_position at = sequences_look(positions, subject.of->identity, &subject.of->at);

		if (at.called)
			sqlite3_result_int64(c, at.value);
	}
	subject_free(&subject);
}

/* The table that a text names, as regclass reads it; false: reported. */
static bool
find_table(sqlite3_context *c, sqlite3_value *value, struct catalog_found *found)
{
	bool any;

	*found = (struct catalog_found) { 0 };
	any = catalog_find_by_text(c, (const char *)sqlite3_value_text(value), found);
	if (!any)
		function_fail(c, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist",
		    (const char *)sqlite3_value_text(value));
	return any;
}

/* pg_get_serial_sequence(table, column): the table as a name in SQL, the column as it is. */
void
sequence_of_column(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *column = (const char *)sqlite3_value_text(argv[1]);
	const struct schema_table *table;
	struct catalog_found found;
	char *name;

	(void)argc;
	if (!find_table(c, argv[0], &found))
		return;
	table = find_relation(function_session(c), database_of(found.found_schema), found.found_table);
	if (table != NULL && column != NULL && schema_find_column(table, column) == NULL) {
		function_fail(c, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" of relation \"%s\" does not exist", column,
		    found.found_name);
	} else if (table != NULL && column != NULL) {
		name = catalog_sequence_of(sqlite3_context_db_handle(c), database_of(found.found_schema),
		    found.found_table, column);
		if (name != NULL)
			function_result_string(c, name);
		free(name);
	}
	catalog_found_free(&found);
}
