/*
 * Runs an INSERT into a table of the catalog with the values of one row, by a statement that is prepared once.
 */
#include "workers/sqlite/catalog/fill.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"

void
fill_run(struct fill *fill, const char *sql)
{
	if (fill->rc == SQLITE_OK)
		fill->rc = sqlite3_exec(fill->db, sql, NULL, NULL, NULL);
}

void
fill_end(struct fill *fill)
{
	for (size_t i = 0; i < FILL_STATEMENTS; i++) {
		sqlite3_finalize(fill->statements[i].stmt);
		fill->statements[i].stmt = NULL;
		fill->statements[i].target = NULL;
	}
}

static sqlite3_stmt *
prepare(struct fill *fill, const char *target, size_t ncolumns)
{
	char sql[1024];
	size_t used = (size_t)snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (", target);
	sqlite3_stmt *stmt = NULL;

	for (size_t i = 0; i < ncolumns && used < sizeof(sql) - 8; i++)
		used += (size_t)snprintf(sql + used, sizeof(sql) - used, i == 0 ? "?" : ", ?");
	(void)snprintf(sql + used, sizeof(sql) - used, ")");
	fill->rc = sqlite3_prepare_v2(fill->db, sql, -1, &stmt, NULL);
	return stmt;
}

static sqlite3_stmt *
statement_for(struct fill *fill, const char *target, size_t ncolumns)
{
	size_t i = 0;

	while (i < FILL_STATEMENTS - 1 && fill->statements[i].target != NULL && fill->statements[i].target != target)
		i++;
	if (fill->statements[i].target != target) {
		sqlite3_finalize(fill->statements[i].stmt);
		fill->statements[i].target = target;
		fill->statements[i].stmt = prepare(fill, target, ncolumns);
	}
	return fill->statements[i].stmt;
}

static void
bind_time(sqlite3_stmt *stmt, int n, int64_t realtime_us)
{
	struct type_value value = { .kind = SQLITE_NULL };
	char text[CLOCK_TEXT_SIZE];

	(void)clock_text(realtime_us, text, sizeof(text));
	if (realtime_us != 0 && type_decode(TYPE_TIMESTAMPTZ, TYPE_FORMAT_TEXT, text, strlen(text), &value, NULL) == -1)
		value.kind = SQLITE_NULL;
	(void)type_bind(stmt, n, &value, false);
	type_value_free(&value);
}

void
fill_row(struct fill *fill, const char *target, const char *types, ...)
{
	sqlite3_stmt *stmt = fill->rc != SQLITE_OK ? NULL : statement_for(fill, target, strlen(types));
	va_list ap;

	if (stmt == NULL)
		return;
	va_start(ap, types);
	for (int i = 1; *types != '\0'; types++, i++) {
		if (*types == 's')
			sqlite3_bind_text(stmt, i, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		else if (*types == 'r')
			sqlite3_bind_double(stmt, i, va_arg(ap, double));
		else if (*types == 'b')
			sqlite3_bind_int(stmt, i, va_arg(ap, int));
		else if (*types == 't')
			bind_time(stmt, i, va_arg(ap, int64_t));
		else
			sqlite3_bind_int64(stmt, i, va_arg(ap, int64_t));
	}
	va_end(ap);
	(void)sqlite3_step(stmt);
	fill->rc = sqlite3_reset(stmt);
}
