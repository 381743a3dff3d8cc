/*
 * Asks SQLite for the DDL of each kind of thing, and runs it on PostgreSQL: what is refused is tried again when the
 * rest is there, until all of it is, or no more of it can be.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "workers/postgres/move/private.h"

/* How many characters of a statement an error shows. */
#define SCHEMA_BEGINNING 100

#define BEFORE MOVE_BEFORE
#define AFTER MOVE_AFTER

static const struct schema_kind {
	enum move_phase phase;
	const char *name, *query;
} schema_kinds[] = {
#define DDL(phase, name, query) { phase, name, query },
#include "workers/postgres/move/schema.def"
#undef DDL
};
#define SCHEMA_KINDS (sizeof(schema_kinds) / sizeof(schema_kinds[0]))

struct schema_statement {
	STAILQ_ENTRY(schema_statement) link;
	const struct schema_kind *kind;
	char *sql;
};
STAILQ_HEAD(schema_statements, schema_statement);

struct schema_reading {
	struct schema_statements *statements;
	const struct schema_kind *kind;
};

static void
statements_free(struct schema_statements *statements)
{
	struct schema_statement *s;

	while ((s = STAILQ_FIRST(statements)) != NULL) {
		STAILQ_REMOVE_HEAD(statements, link);
		free(s->sql);
		free(s);
	}
}

static int
statements_add(void *context, const char *const *values, int n, struct error *e)
{
	struct schema_reading *reading = context;
	struct schema_statement *s = calloc(1, sizeof(*s));

	/* A definition that SQLite cannot tell must not be left out in silence. */
	if (n != 1 || values[0] == NULL) {
		free(s);
		return error_set(e, STATUS_DATA, "move.refused", "one of the %s has no definition that can be told",
		    reading->kind->name);
	}
	if (s == NULL || (s->sql = strdup(values[0])) == NULL) {
		free(s);
		return error_set_errno(e, STATUS_OS, "move.memory", "cannot read the %s", reading->kind->name);
	}
	s->kind = reading->kind;
	STAILQ_INSERT_TAIL(reading->statements, s, link);
	return 0;
}

static int
statements_read(struct pg_move *move, enum move_phase phase, struct schema_statements *statements, struct error *e)
{
	struct schema_reading reading = { .statements = statements };

	for (size_t i = 0; i < SCHEMA_KINDS; i++) {
		reading.kind = &schema_kinds[i];
		if (schema_kinds[i].phase == phase &&
		    source_run(&move->source, schema_kinds[i].query, statements_add, &reading, e) == -1)
			return -1;
	}
	return 0;
}

/* Runs each once; those that were refused are left. Sets *e for the last of them. -1: the connection is lost. */
static int
statements_try(struct pg_move *move, struct schema_statements *statements, struct error *e)
{
	struct schema_statements left = STAILQ_HEAD_INITIALIZER(left);
	struct schema_statement *s;
	int result = 0;

	while ((s = STAILQ_FIRST(statements)) != NULL) {
		STAILQ_REMOVE_HEAD(statements, link);
		if (result == 0 && move_run(move->admin, s->sql, e) == 0) {
			free(s->sql);
			free(s);
			continue;
		}
		if (PQstatus(move->admin) != CONNECTION_OK)
			result = -1;
		STAILQ_INSERT_TAIL(&left, s, link);
	}
	STAILQ_CONCAT(statements, &left);
	return result;
}

static size_t
statements_count(const struct schema_statements *statements)
{
	const struct schema_statement *s;
	size_t n = 0;

	STAILQ_FOREACH(s, statements, link)
	n++;
	return n;
}

/* What is left cannot be made: the first is told, in PostgreSQL's words. */
static int
statements_refuse(struct pg_move *move, const struct schema_statements *statements, struct error *e)
{
	const struct schema_statement *first = STAILQ_FIRST(statements);
	struct error why;

	if (PQstatus(move->admin) != CONNECTION_OK || move_run(move->admin, first->sql, &why) == 0)
		return -1;
	return error_set(e, STATUS_DATA, "move.refused",
	    "PostgreSQL does not take %zu definitions of this database, the first of them one of the %s (%.*s ...): %s",
	    statements_count(statements), first->kind->name, SCHEMA_BEGINNING, first->sql, why.text);
}

int
move_schema(struct pg_move *move, enum move_phase phase, struct error *e)
{
	struct schema_statements statements = STAILQ_HEAD_INITIALIZER(statements);
	size_t before, after = SIZE_MAX;
	int result = statements_read(move, phase, &statements, e);

	while (result == 0 && !STAILQ_EMPTY(&statements)) {
		before = after;
		after = statements_count(&statements);
		if (after == before) {
			result = statements_refuse(move, &statements, e);
			break;
		}
		move_say(move, "making %zu definitions", after);
		result = statements_try(move, &statements, e);
	}
	statements_free(&statements);
	return result;
}

/* ---- the comparison ---- */

static int
count_row(void *context, const char *const *values, int n, struct error *e)
{
	size_t *count = context;

	(void)values;
	(void)n;
	(void)e;
	(*count)++;
	return 0;
}

int
move_schema_compare(struct pg_move *move, struct error *e)
{
	for (size_t i = 0; i < SCHEMA_KINDS; i++) {
		size_t there = 0, here;
		PGresult *result;

		if (source_run(&move->source, schema_kinds[i].query, count_row, &there, e) == -1)
			return -1;
		result = PQexec(move->admin, schema_kinds[i].query);
		if (PQresultStatus(result) != PGRES_TUPLES_OK)
			return move_target_failed(move->admin, result, schema_kinds[i].name, e);
		here = (size_t)PQntuples(result);
		PQclear(result);
		if (here != there)
			return error_set(e, STATUS_DATA, "move.differs",
			    "SQLite has %zu %s and the copy on PostgreSQL has %zu", there, schema_kinds[i].name, here);
	}
	return 0;
}

static int
check_extension(void *context, const char *const *values, int n, struct error *e)
{
	struct pg_move *move = context;
	const char *name = values[0];
	PGresult *result =
	    PQexecParams(move->admin, "select from pg_extension where extname = $1", 1, NULL, &name, NULL, NULL, 0);
	bool there = PQntuples(result) == 1;

	(void)n;
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		return move_target_failed(move->admin, result, "the extensions", e);
	PQclear(result);
	return there ? 0
		     : error_set(e, STATUS_DATA, "move.refused",
			   "the extension %s is in use, and PostgreSQL is to be made without it: add it to "
			   "database.postgres.extensions",
			   name);
}

int
move_check_extensions(struct pg_move *move, struct error *e)
{
	return source_run(&move->source, "select extname from pg_extension order by 1", check_extension, move, e);
}
