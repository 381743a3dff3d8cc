/*
 * The table of functions, and its registration on a connection.
 */
#include "workers/sqlite/functions/functions.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum function_flag {
	S = 1 << 0, /* strict */
	P = 1 << 1, /* pure */
	W = 1 << 2, /* writes */
	I = 1 << 3, /* not called by its name: see functions.def */
	A = 1 << 4, /* aggregate */
	G = 1 << 5, /* aggregate and window function */
	N = 1 << 6, /* window function only */
};

struct function_row {
	struct function function;
	unsigned flags;
	function_body *body; /* or an aggregate's step; NULL: SQLite's own */
	function_end *final, *value;
	function_body *inverse;
};

#define ROW(pg, sqlite, min, max, f, result_kind, result_oid) \
	.function = {.name = pg, .sqlite_name = sqlite, .min_args = min, .max_args = max, \
	    .aggregate = ((f) & (A | G)) != 0, .window = ((f) & (G | N)) != 0, .side_effects = ((f) & W) != 0, \
	    .result = result_kind, .oid = result_oid}, \
	.flags = (f)
#define BODY(pg, sqlite, min, max, f, result_kind, result_oid, code) \
	{ROW(pg, sqlite, min, max, f, result_kind, result_oid), .body = code},
#define AGGREGATE(pg, sqlite, min, max, f, result_kind, result_oid, step, end) \
	{ROW(pg, sqlite, min, max, f, result_kind, result_oid), .body = step, .final = end},
#define WINDOWED(pg, sqlite, min, max, f, result_kind, result_oid, step, end, current, back) \
	{ROW(pg, sqlite, min, max, f, result_kind, result_oid), .body = step, .final = end, .value = current, \
	    .inverse = back},
#define BUILTIN(pg, sqlite, min, max, f, result_kind, result_oid) \
	{ROW(pg, sqlite, min, max, f, result_kind, result_oid)},
static const struct function_row rows[] = {
#include "workers/sqlite/functions/functions.def"
};
#undef BODY
#undef AGGREGATE
#undef WINDOWED
#undef BUILTIN

#define NROWS (sizeof(rows) / sizeof(rows[0]))

/* What SQLite hands to a function: its row, and the connection's session. */
struct registered {
	const struct function_row *row;
	struct sql_context *context;
};

/* The registrations of one connection, freed with the last function that is unregistered. */
struct registrations {
	size_t users;
	struct registered items[NROWS];
};

/* Names that begin so are the translator's and the file's own: no text calls them. */
#define OWN_PREFIX "bibd_"

const struct function *
function_find(const char *name, int nargs)
{
	for (size_t i = 0; i < NROWS; i++) {
		const struct function *f = &rows[i].function;

		if (strcmp(f->name, name) == 0 && nargs >= f->min_args && (f->max_args == -1 || nargs <= f->max_args))
			return strncmp(name, OWN_PREFIX, strlen(OWN_PREFIX)) == 0 ? NULL : f;
	}
	return NULL;
}

const struct function *
function_by_index(size_t i)
{
	return i < NROWS ? &rows[i].function : NULL;
}

struct sql_context *
function_session(sqlite3_context *c)
{
	const struct registered *registered = sqlite3_user_data(c);

	return registered->context;
}

void
function_fail(sqlite3_context *c, enum sqlstate state, const char *fmt, ...)
{
	char *message = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&message, fmt, ap);
	va_end(ap);
	if (n < 0) {
		sqlite3_result_error_nomem(c);
		return;
	}
	(void)report_set(&function_session(c)->report, state, "%s", message);
	sqlite3_result_error(c, message, -1);
	free(message);
}

void
function_fail_report(sqlite3_context *c, struct report *r)
{
	sqlite3_result_error(c, r->message == NULL ? "out of memory" : r->message, -1);
	report_move(&function_session(c)->report, r);
}

const char *
function_text(sqlite3_value *value, size_t *length)
{
	const char *text = (const char *)sqlite3_value_text(value);

	*length = text == NULL ? 0 : (size_t)sqlite3_value_bytes(value);
	return text == NULL ? "" : text;
}

void
function_result_text(sqlite3_context *c, const char *text, size_t length)
{
	if (length > FUNCTION_RESULT_MAX)
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
	else
		sqlite3_result_text64(c, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void
function_result_string(sqlite3_context *c, const char *text)
{
	function_result_text(c, text, strlen(text));
}

void
function_result_stream(sqlite3_context *c, FILE *out, char **text, size_t *length)
{
	bool failed = ferror(out) != 0;

	if (fclose(out) != 0 || failed)
		sqlite3_result_error_nomem(c);
	else
		function_result_text(c, *text, *length);
	free(*text);
	*text = NULL;
}

sqlite3_stmt *
function_query(sqlite3_context *c, const char *sql, ...)
{
	struct sql_context *session = function_session(c);
	sqlite3 *db = sqlite3_context_db_handle(c);
	bool internal = session->internal;
	sqlite3_stmt *stmt = NULL;
	const char *argument;
	va_list ap;
	int n = 0;

	session->internal = true;
	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "%s", sqlite3_errmsg(db));
		stmt = NULL;
	}
	session->internal = internal;
	va_start(ap, sql);
	while (stmt != NULL && (argument = va_arg(ap, const char *)) != NULL)
		sqlite3_bind_text(stmt, ++n, argument, -1, SQLITE_TRANSIENT);
	va_end(ap);
	return stmt;
}

void
function_query_end(sqlite3_context *c, sqlite3_stmt *stmt)
{
	(void)c;
	sqlite3_finalize(stmt);
}

static void
call_body(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct registered *registered = sqlite3_user_data(c);

	for (int i = 0; (registered->row->flags & S) != 0 && i < argc; i++) {
		if (sqlite3_value_type(argv[i]) == SQLITE_NULL)
			return;
	}
	registered->row->body(c, argc, argv);
}

static void
call_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct registered *registered = sqlite3_user_data(c);

	registered->row->body(c, argc, argv);
}

static void
call_inverse(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct registered *registered = sqlite3_user_data(c);

	registered->row->inverse(c, argc, argv);
}

static void
call_final(sqlite3_context *c)
{
	const struct registered *registered = sqlite3_user_data(c);

	registered->row->final(c);
}

static void
call_value(sqlite3_context *c)
{
	const struct registered *registered = sqlite3_user_data(c);

	registered->row->value(c);
}

/* The registrations stand in front of their items: found again by the row's number. */
static void
release(void *arg)
{
	struct registered *registered = arg;
	size_t i = (size_t)(registered->row - rows);
	struct registrations *all = (struct registrations *)(void *)((char *)(registered - i) -
	    offsetof(struct registrations, items));

	if (--all->users == 0)
		free(all);
}

static int
register_row(sqlite3 *db, struct registrations *all, size_t i)
{
	const struct function_row *row = &rows[i];
	struct registered *registered = &all->items[i];
	int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS | ((row->flags & P) != 0 ? SQLITE_DETERMINISTIC : 0);
	int nargs = row->function.min_args == row->function.max_args ? row->function.min_args : -1;
	const char *name = row->function.sqlite_name;

	all->users++;
	if (row->final == NULL)
		return sqlite3_create_function_v2(db, name, nargs, flags, registered, call_body, NULL, NULL, release);
	if (row->inverse == NULL)
		return sqlite3_create_function_v2(db, name, nargs, flags, registered, NULL, call_step, call_final,
		    release);
	return sqlite3_create_window_function(db, name, nargs, flags, registered, call_step, call_final, call_value,
	    call_inverse, release);
}

/* Several of PostgreSQL's names share one function of SQLite's: the first row registers it. */
static bool
is_registered(size_t i)
{
	for (size_t n = 0; n < i; n++) {
		if (rows[n].body == rows[i].body && rows[n].final == rows[i].final &&
		    strcmp(rows[n].function.sqlite_name, rows[i].function.sqlite_name) == 0 &&
		    rows[n].function.min_args == rows[i].function.min_args &&
		    rows[n].function.max_args == rows[i].function.max_args)
			return true;
	}
	return false;
}

int
functions_register(sqlite3 *db, struct sql_context *context)
{
	struct registrations *all = calloc(1, sizeof(*all));
	int rc = SQLITE_OK;

	if (all == NULL)
		return -1;
	all->users = 1;
	for (size_t i = 0; i < NROWS; i++)
		all->items[i] = (struct registered){.row = &rows[i], .context = context};
	for (size_t i = 0; rc == SQLITE_OK && i < NROWS; i++) {
		if (rows[i].body != NULL && !is_registered(i))
			rc = register_row(db, all, i);
	}
	if (--all->users == 0)
		free(all);
	if (rc == SQLITE_OK)
		rc = catalog_attach(db);
	return rc == SQLITE_OK ? 0 : -1;
}
