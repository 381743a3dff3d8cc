/*
 * The table of functions, and its registration on a connection.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/registered.h"

struct function_row {
	const char *name; /* SQLite's */
	int arguments;	  /* -1: any number */
	unsigned flags;
	function_body *body; /* or an aggregate's step */
	function_end *final, *value;
	function_body *inverse;
};

#define BODY(sqlite, n, f, code) { .name = (sqlite), .arguments = (n), .flags = (f), .body = code },
#define AGGREGATE(sqlite, n, f, step, end) \
	{ .name = (sqlite), .arguments = (n), .flags = (f), .body = step, .final = end },
#define WINDOWED(sqlite, n, f, step, end, current, back) \
	{ .name = (sqlite), \
		.arguments = (n), \
		.flags = (f), \
		.body = step, \
		.final = end, \
		.value = current, \
		.inverse = back },
static const struct function_row rows[] = {
#include "workers/sqlite/functions/bodies.def"
};
#undef BODY
#undef AGGREGATE
#undef WINDOWED

#define NROWS (sizeof(rows) / sizeof(rows[0]))

/* The registrations of one connection, freed with the last function that is unregistered. */
struct registrations {
	size_t users, n;
	struct registered items[];
};

#define LARGE_ARGUMENTS 4096
#define READING_WORK 4 /* what a byte of an argument costs at least, as function_must_end() counts */

static void
call_strict(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct registered *registered = sqlite3_user_data(c);

	size_t read = 0;

	for (int i = 0; i < argc; i++)
		switch (sqlite3_value_type(argv[i])) {
		case SQLITE_NULL:
			return;
		case SQLITE_TEXT:
		case SQLITE_BLOB:
			read += (size_t)sqlite3_value_bytes(argv[i]);
		}
	/* SQLite counts its own steps: calls with large arguments are much longer than they look. */
	if (read >= LARGE_ARGUMENTS && function_must_end(c, READING_WORK * read))
		return;
	registered->row->body(c, argc, argv);
}

static void
drop_user(struct registrations *all)
{
	if (--all->users == 0)
		free(all);
}

/* The registrations stand in front of their items. */
static void
release(void *arg)
{
	struct registered *registered = arg;
	char *first = (char *)(registered - registered->index);

	drop_user((struct registrations *)(void *)(first - offsetof(struct registrations, items)));
}

static struct registered *
add_registered(struct registrations *all, struct registered item)
{
	struct registered *registered = &all->items[all->n];

	*registered = item;
	registered->index = (uint32_t)all->n++;
	all->users++;
	return registered;
}

static int
register_row(sqlite3 *db, struct registrations *all, struct sql_context *context, const struct function_row *row)
{
	struct registered *registered = add_registered(all, (struct registered) { .row = row, .context = context });
	int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS | ((row->flags & FUNCTION_PURE) != 0 ? SQLITE_DETERMINISTIC : 0);

	if (row->final == NULL)
		return sqlite3_create_function_v2(db, row->name, row->arguments, flags, registered,
		    (row->flags & FUNCTION_STRICT) != 0 ? call_strict : row->body, NULL, NULL, release);
	if (row->inverse == NULL)
		return sqlite3_create_function_v2(db, row->name, row->arguments, flags, registered, NULL, row->body,
		    row->final, release);
	return sqlite3_create_window_function(db, row->name, row->arguments, flags, registered, row->body, row->final,
	    row->value, row->inverse, release);
}

static int
register_rows(sqlite3 *db, struct registrations *all, struct sql_context *context)
{
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < NROWS; i++)
		code = register_row(db, all, context, &rows[i]);
	return code;
}

/* One cast's function: with or without a typmod, written or an assignment's. */
static int
register_cast(sqlite3 *db, struct registrations *all, struct sql_context *context, const struct type *type,
    bool explicit_cast, int arguments)
{
	char name[80];

	(void)snprintf(name, sizeof(name), "bibd_%s%s", explicit_cast ? "" : "to_", type->name);
	return sqlite3_create_function_v2(db, name, arguments, SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC,
	    add_registered(all,
		(struct registered) { .context = context, .oid = type->oid, .explicit_cast = explicit_cast }),
	    operator_cast, NULL, NULL, release);
}

/* bibd_text(value, oid) is the cast to text that knows what it casts from: see bodies.def. */
static int
register_casts(sqlite3 *db, struct registrations *all, struct sql_context *context)
{
	const struct type *type;
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && (type = type_by_index(i)) != NULL; i++)
		for (int n = 1; code == SQLITE_OK && n <= 2; n++) {
			if (type->oid != TYPE_TEXT || n == 1)
				code = register_cast(db, all, context, type, true, n);
			if (code == SQLITE_OK)
				code = register_cast(db, all, context, type, false, n);
		}
	return code;
}

int
functions_register(sqlite3 *db, struct sql_context *context)
{
	struct registrations *all;
	size_t ntypes = 0;
	int code;

	while (type_by_index(ntypes) != NULL)
		ntypes++;
	if ((all = calloc(1, sizeof(*all) + (NROWS + 4 * ntypes) * sizeof(all->items[0]))) == NULL)
		return SQLITE_NOMEM;
	all->users = 1;
	if ((code = register_casts(db, all, context)) == SQLITE_OK)
		code = register_rows(db, all, context);
	drop_user(all);
	if (code == SQLITE_OK)
		code = set_tables_register(db, context);
	if (code == SQLITE_OK)
		code = lateral_register(db, context);
	if (code == SQLITE_OK)
		code = step_table_register(db, context);
	return code == SQLITE_OK ? transition_table_register(db, context) : code;
}
