/*
 * Arrays of what is kept as an OID and shown by a name, an element at a time by the functions of one; and the catalog's
 * vectors as the arrays that they are.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"

/* A parameter's may be there by its name. */
static bool
is_number(const struct array_item *item)
{
	return item->length > 0 && strspn(item->text, "0123456789") == item->length;
}

/* False: it failed, and the call with it. */
static bool
change_item(sqlite3_context *c, sqlite3_stmt *stmt, struct array_item *item)
{
	const char *changed;
	char *copy;

	sqlite3_bind_text(stmt, 1, item->text, (int)item->length, SQLITE_TRANSIENT);
	if (sqlite3_step(stmt) != SQLITE_ROW) {
		sqlite3_result_error(c, sqlite3_errmsg(sqlite3_db_handle(stmt)), -1);
		return false;
	}
	changed = (const char *)sqlite3_column_text(stmt, 0);
	if (changed == NULL || (copy = strdup(changed)) == NULL) {
		sqlite3_result_error_nomem(c);
		return false;
	}
	free(item->text);
	item->text = copy;
	item->length = strlen(copy);
	sqlite3_reset(stmt);
	return true;
}

static void
change_all(sqlite3_context *c, sqlite3_value *array, sqlite3_value *function, bool shows)
{
	char *sql = sqlite3_mprintf("SELECT %s?1)", sqlite3_value_text(function));
	struct array_value x;
	sqlite3_stmt *stmt;
	bool done = true;

	if (sql == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	stmt = function_query(c, sql, (char *)NULL);
	sqlite3_free(sql);
	if (stmt == NULL)
		return;
	if (array_value_read(c, array, &x)) {
		for (size_t i = 0; done && i < x.n; i++)
			if (x.items[i].text != NULL && (!shows || is_number(&x.items[i])))
				done = change_item(c, stmt, &x.items[i]);
		if (done)
			array_value_give(c, &x);
		else
			array_value_free(&x);
	}
	function_query_end(c, stmt);
}

/* (array, what a call of the element's function begins with) */
void
array_named_in(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	change_all(c, argv[0], argv[1], false);
}

void
array_named_out(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	change_all(c, argv[0], argv[1], true);
}

/* (vector): counted from 0 */
void
array_of_vector(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_value x;

	(void)argc;
	if (!array_value_read(c, argv[0], &x))
		return;
	array_value_flatten(&x, 0);
	array_value_give(c, &x);
}
