/*
 * Reads functions and procedures from their tables.
 */
#include "workers/sqlite/schema/routine.h"

#include <stdlib.h>
#include <string.h>

/* More than one file has; beyond it nothing is found. */
#define ROUTINES_MAX 100000
#define ARGUMENTS_MAX 100

bool
schema_argument_is_in(const struct schema_argument *argument)
{
	return argument->mode == 'i' || argument->mode == 'b';
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
	    load_arguments(db, routine);
}

/* Those that the condition lets through. A file without the table has none. */
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
