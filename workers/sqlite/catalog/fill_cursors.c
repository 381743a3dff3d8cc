/* pg_cursors: the cursors and portals that the session has open at this moment. */
#include "workers/sqlite/catalog/fill.h"

int
catalog_fill_cursors(sqlite3 *db, struct sql_context *context, struct report *r)
{
	struct fill fill = { .db = db, .context = context };
	struct sql_cursor cursor;

	fill_run(&fill, "DELETE FROM pg_catalog.pg_cursors");
	for (size_t i = 0; context->cursor_at != NULL && context->cursor_at(context->cursor_arg, i, &cursor); i++)
		fill_row(&fill,
		    "pg_catalog.pg_cursors (name, statement, is_holdable, is_binary, is_scrollable, creation_time)",
		    "ssbbbt", cursor.name, cursor.statement, (int)cursor.hold, (int)cursor.binary, (int)cursor.scroll,
		    cursor.made_us == 0 ? context->statement_time_us : cursor.made_us);
	fill_end(&fill);
	return fill.rc == SQLITE_OK
	    ? 0
	    : report_set(r, SQLSTATE_INTERNAL_ERROR, "the cursors could not be listed: %s", sqlite3_errmsg(db));
}
