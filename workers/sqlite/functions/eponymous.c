/*
 * The common half of the translator's table-valued functions.
 */
#include "workers/sqlite/functions/eponymous.h"

#include <string.h>

static int
declare(sqlite3 *db, int columns, int arguments)
{
	sqlite3_str *declaration = sqlite3_str_new(db);
	char *text;
	int code;

	sqlite3_str_appendall(declaration, "CREATE TABLE x(");
	for (int i = 0; i < columns; i++)
		sqlite3_str_appendf(declaration, "c%d, ", i);
	for (int i = 0; i < arguments; i++)
		sqlite3_str_appendf(declaration, "%sa%d HIDDEN", i == 0 ? "" : ", ", i);
	sqlite3_str_appendall(declaration, ")");
	text = sqlite3_str_finish(declaration);
	code = text == NULL ? SQLITE_NOMEM : sqlite3_declare_vtab(db, text);
	sqlite3_free(text);
	return code == SQLITE_OK ? sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY) : code;
}

int
eponymous_connect(sqlite3 *db, int columns, int arguments, size_t size, sqlite3_vtab **out)
{
	sqlite3_vtab *table = sqlite3_malloc64(size);
	int code = table == NULL ? SQLITE_NOMEM : declare(db, columns, arguments);

	if (code != SQLITE_OK) {
		sqlite3_free(table);
		return code;
	}
	memset(table, 0, size);
	*out = table;
	return SQLITE_OK;
}

int
eponymous_best_index(sqlite3_index_info *info, int first, double cost, sqlite3_int64 rows)
{
	for (int i = 0; i < info->nConstraint; i++) {
		int argument = info->aConstraint[i].iColumn - first;

		if (argument < 0 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (!info->aConstraint[i].usable)
			return SQLITE_CONSTRAINT;
		info->aConstraintUsage[i].argvIndex = argument + 1;
		info->aConstraintUsage[i].omit = 1;
	}
	info->estimatedCost = cost;
	info->estimatedRows = rows;
	return SQLITE_OK;
}

int
eponymous_open(size_t size, sqlite3_vtab_cursor **out)
{
	sqlite3_vtab_cursor *cursor = sqlite3_malloc64(size);

	if (cursor == NULL)
		return SQLITE_NOMEM;
	memset(cursor, 0, size);
	*out = cursor;
	return SQLITE_OK;
}

int
eponymous_close(sqlite3_vtab_cursor *cursor)
{
	sqlite3_free(cursor);
	return SQLITE_OK;
}

int
eponymous_next(sqlite3_vtab_cursor *cursor)
{
	((struct eponymous_cursor *)cursor)->row++;
	return SQLITE_OK;
}

int
eponymous_row_number(sqlite3_vtab_cursor *cursor, sqlite3_int64 *row)
{
	*row = (sqlite3_int64)((const struct eponymous_cursor *)cursor)->row;
	return SQLITE_OK;
}

int
eponymous_disconnect(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}
