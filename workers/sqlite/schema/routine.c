/*
 * Reads functions and procedures from their tables.
 */
#include "workers/sqlite/schema/routine.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/schema.h"
#include "workers/sqlite/types/types.h"

/* A bound: no file has more routines, and beyond it none is found. */
#define ROUTINES_MAX 100000
#define ARGUMENTS_MAX 100
#define OPTIONS_MAX 400

bool
schema_argument_is_in(const struct schema_argument *argument)
{
	return argument->mode == 'i' || argument->mode == 'b' || argument->mode == 'v';
}

bool
schema_argument_is_out(const struct schema_argument *argument)
{
	return argument->mode == 'o' || argument->mode == 'b' || argument->mode == 't';
}

void
schema_routine_clear(struct schema_routine *routine)
{
	for (unsigned i = 0; i < routine->narguments; i++)
		free(routine->arguments[i].name);
	for (unsigned i = 0; i < routine->noptions; i++) {
		free(routine->options[i].name);
		free(routine->options[i].value);
	}
	free(routine->options);
	free(routine->arguments);
	free(routine->name);
	free(routine->language);
	free(routine->body);
	*routine = (struct schema_routine) { .oid = 0 };
}

void
schema_routines_free(struct schema_routine *routines, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		schema_routine_clear(&routines[i]);
	free(routines);
}

static char *
text_of(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return strdup(text == NULL ? "" : text);
}

static char
letter_of(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text == NULL ? '\0' : text[0];
}

static bool
load_arguments(sqlite3 *db, struct schema_routine *routine)
{
	static const char sql[] =
	    "SELECT mode, name, type FROM public.bibd_routine_arguments WHERE routine = ? ORDER BY position";
	sqlite3_stmt *stmt = NULL;
	bool complete = true;

	if ((routine->arguments = calloc(ARGUMENTS_MAX, sizeof(*routine->arguments))) == NULL ||
	    sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return false;
	(void)sqlite3_bind_int64(stmt, 1, routine->oid);
	while (complete && routine->narguments < ARGUMENTS_MAX && sqlite3_step(stmt) == SQLITE_ROW) {
		struct schema_argument *argument = &routine->arguments[routine->narguments++];

		argument->mode = letter_of(stmt, 0);
		argument->name = text_of(stmt, 1);
		argument->oid = (uint32_t)sqlite3_column_int64(stmt, 2);
		routine->ninputs += schema_argument_is_in(argument);
		complete = argument->name != NULL;
	}
	return sqlite3_finalize(stmt) == SQLITE_OK && complete;
}

static char *
fallback_of(const struct schema_routine *routine, unsigned position)
{
	for (unsigned i = 0; i < routine->noptions; i++)
		if (routine->options[i].position == position &&
		    strcmp(routine->options[i].name, SCHEMA_ROUTINE_DEFAULT) == 0)
			return routine->options[i].value;
	return NULL;
}

/* A file whose routines an older bibd made has no table of options. */
static bool
load_options(sqlite3 *db, struct schema_routine *routine)
{
	static const char sql[] =
	    "SELECT name, position, value FROM public.bibd_routine_options WHERE routine = ? ORDER BY position";
	struct schema_routine_option *grown;
	sqlite3_stmt *stmt = NULL;
	bool complete = true;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return true;
	(void)sqlite3_bind_int64(stmt, 1, routine->oid);
	while (complete && routine->noptions < OPTIONS_MAX && sqlite3_step(stmt) == SQLITE_ROW) {
		if ((grown = reallocarray(routine->options, routine->noptions + 1, sizeof(*grown))) == NULL) {
			complete = false;
			break;
		}
		routine->options = grown;
		grown += routine->noptions++;
		*grown = (struct schema_routine_option) { .name = text_of(stmt, 0),
			.position = (unsigned)sqlite3_column_int(stmt, 1),
			.value = text_of(stmt, 2) };
		complete = grown->name != NULL && grown->value != NULL;
	}
	for (unsigned i = 0; complete && i < routine->narguments; i++)
		routine->arguments[i].fallback = fallback_of(routine, i + 1);
	return sqlite3_finalize(stmt) == SQLITE_OK && complete;
}

static bool
load_row(sqlite3 *db, sqlite3_stmt *stmt, struct schema_routine *routine)
{
	*routine = (struct schema_routine) {
		.oid = (uint32_t)sqlite3_column_int64(stmt, 0),
		.name = text_of(stmt, 1),
		.kind = letter_of(stmt, 2),
		.language = text_of(stmt, 3),
		.volatility = letter_of(stmt, 4),
		.strict = sqlite3_column_int(stmt, 5) != 0,
		.set = sqlite3_column_int(stmt, 6) != 0,
		.result = (uint32_t)sqlite3_column_int64(stmt, 7),
		.body = text_of(stmt, 8),
	};
	return routine->name != NULL && routine->language != NULL && routine->body != NULL &&
	    load_arguments(db, routine) && load_options(db, routine);
}

/* Reads the routines that the condition lets through. A file without the table has none. */
static struct schema_routine *
load(sqlite3 *db, const char *name, uint32_t oid, unsigned *n)
{
	static const char sql[] = "SELECT oid, name, kind, language, volatility, strict, returns_set, result, body "
				  "FROM public.bibd_routines WHERE (?1 IS NULL OR name = ?1) AND (?2 = 0 OR oid = ?2) "
				  "ORDER BY oid";
	struct schema_routine *routines = NULL, *grown;
	sqlite3_stmt *stmt = NULL;

	*n = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	(void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 2, oid);
	while (*n < ROUTINES_MAX && sqlite3_step(stmt) == SQLITE_ROW) {
		if ((grown = reallocarray(routines, *n + 1, sizeof(*grown))) == NULL)
			break;
		routines = grown;
		if (!load_row(db, stmt, &routines[(*n)++]))
			break;
	}
	(void)sqlite3_finalize(stmt);
	return routines;
}

struct schema_routine *
schema_routines(sqlite3 *db, const char *name, unsigned *n)
{
	return load(db, name, 0, n);
}

bool
schema_routine_load(sqlite3 *db, uint32_t oid, struct schema_routine *routine)
{
	unsigned n;
	struct schema_routine *found = load(db, NULL, oid, &n);
	bool one = n == 1;

	if (one)
		*routine = found[0];
	else
		schema_routines_free(found, n);
	if (one)
		free(found);
	return one;
}

/* ---- what comes back ---- */

const char *
schema_routine_shown(const struct schema_routine *routine, unsigned position)
{
	for (unsigned i = 0; i < routine->noptions; i++)
		if (routine->options[i].position == position &&
		    strcmp(routine->options[i].name, SCHEMA_ROUTINE_SHOWN) == 0)
			return routine->options[i].value;
	return NULL;
}

const char *
schema_routine_option(const struct schema_routine *routine, const char *name)
{
	for (unsigned i = 0; i < routine->noptions; i++)
		if (strcmp(routine->options[i].name, name) == 0)
			return routine->options[i].value;
	return NULL;
}

static unsigned
count_outs(const struct schema_routine *routine)
{
	unsigned n = 0;

	for (unsigned i = 0; i < routine->narguments; i++)
		n += schema_argument_is_out(&routine->arguments[i]);
	return n;
}

bool
schema_routine_is_row(const struct schema_routine *routine)
{
	return schema_routine_option(routine, SCHEMA_ROUTINE_ROW) != NULL || count_outs(routine) > 1 ||
	    routine->result == TYPE_RECORD ||
	    (count_outs(routine) == 0 && type_class(routine->result) == TYPE_CLASS_COMPOSITE);
}

/* The columns of the relation "schema.name". */
static struct schema_routine_column *
columns_of_relation(struct schema *schema, const char *relation, unsigned *n)
{
	const char *dot = strchr(relation, '.');
	char *database = dot == NULL ? NULL : strndup(relation, (size_t)(dot - relation));
	const struct schema_table *table = database == NULL ? NULL : schema_find_table(schema, database, dot + 1);
	struct schema_routine_column *columns = table == NULL ? NULL : calloc(table->ncolumns + 1, sizeof(*columns));

	free(database);
	*n = columns == NULL ? 0 : table->ncolumns;
	for (unsigned i = 0; i < *n; i++)
		columns[i] = (struct schema_routine_column) { .name = table->columns[i].name,
			.oid = table->columns[i].oid,
			.typmod = table->columns[i].typmod };
	return columns;
}

/* The fields of a row type; of a domain those of the type under it. */
static struct schema_routine_column *
columns_of_type(struct schema *schema, uint32_t oid, unsigned *n)
{
	const struct schema_type *type = schema_type_by_oid(schema, oid), *domain;
	struct schema_routine_column *columns = type == NULL ? NULL : calloc(type->nfields + 1, sizeof(*columns));

	*n = columns == NULL ? 0 : type->nfields;
	for (unsigned i = 0; i < *n; i++) {
		columns[i] = (struct schema_routine_column) { .name = type->fields[i].name,
			.oid = type->fields[i].oid,
			.typmod = type->fields[i].typmod };
		if (type_class(columns[i].oid) == TYPE_CLASS_DOMAIN &&
		    (domain = schema_type_by_oid(schema, columns[i].oid)) != NULL) {
			columns[i].oid = domain->base;
			columns[i].typmod = domain->typmod;
		}
	}
	return columns;
}

struct schema_routine_column *
schema_routine_columns(struct schema *schema, const struct schema_routine *routine, unsigned *n)
{
	const char *relation = schema_routine_option(routine, SCHEMA_ROUTINE_ROW);
	struct schema_routine_column *columns;

	*n = 0;
	if (relation != NULL)
		return columns_of_relation(schema, relation, n);
	if (count_outs(routine) == 0 && type_class(routine->result) == TYPE_CLASS_COMPOSITE)
		return columns_of_type(schema, routine->result, n);
	if ((columns = calloc(routine->narguments + 1, sizeof(*columns))) == NULL)
		return NULL;
	for (unsigned i = 0; i < routine->narguments; i++) {
		const struct schema_argument *argument = &routine->arguments[i];

		if (schema_argument_is_out(argument))
			columns[(*n)++] =
			    (struct schema_routine_column) { .name = argument->name[0] == '\0' ? NULL : argument->name,
				    .oid = argument->oid,
				    .typmod = -1 };
	}
	if (*n == 0 && routine->result != TYPE_RECORD)
		columns[(*n)++] = (struct schema_routine_column) { .oid = routine->result, .typmod = -1 };
	return columns;
}
