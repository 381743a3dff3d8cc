/*
 * A connection with all functions and nothing else, and a value of its answers as text.
 */
#include "tests/unit/sqlite_call_scene.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/codec.h"

/* One scene at a time: Check forks for each test. */
static sqlite3 *db;
static struct sql_context context;

void
call_scene_open(void)
{
	ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
	context = (struct sql_context) { .role = ROLE_ADMIN,
		.user = "admin",
		.database = "node",
		.internal = true,
		.transaction_time_us = INT64_C(1700000000123456),
		.statement_time_us = INT64_C(1700000000123456),
		.settings = settings_new(),
		.types = { .extra_float_digits = 1, .timezone = "UTC" } };
	ck_assert_int_eq(type_register_collations(db), SQLITE_OK);
	ck_assert_int_eq(functions_register(db, &context), SQLITE_OK);
}

void
call_scene_close(void)
{
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	settings_free(context.settings);
	report_reset(&context.report);
}

void
call_scene_zone(const char *zone)
{
	context.types.timezone = zone;
}

static void
put_value(FILE *out, sqlite3_stmt *stmt)
{
	struct pgwire_buffer text = { 0 };
	struct report r = { 0 };
	int kind = sqlite3_column_type(stmt, 0);

	if (kind == SQLITE_NULL) {
		fputs("NULL", out);
		return;
	}
	ck_assert_int_eq(type_put_text(&text, sqlite3_column_value(stmt, 0),
			     kind == SQLITE_FLOAT      ? TYPE_FLOAT8
				 : kind == SQLITE_BLOB ? TYPE_BYTEA
						       : TYPE_TEXT,
			     &context.types, &r),
	    0);
	if (pgwire_buffer_length(&text) > 0)
		fwrite(text.data + text.start, 1, pgwire_buffer_length(&text), out);
	pgwire_buffer_free(&text);
}

static void
run(FILE *out, const char *call)
{
	char *sql = sqlite3_mprintf("%s%s", strncmp(call, "select ", 7) == 0 ? "" : "select ", call);
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	ck_assert_msg(code == SQLITE_OK, "%s: %s", call, sqlite3_errmsg(db));
	if (sqlite3_step(stmt) == SQLITE_ROW)
		put_value(out, stmt);
	else {
		fprintf(out, "ERROR %s %s", sqlstate_code(context.report.state),
		    context.report.message == NULL ? sqlite3_errmsg(db) : context.report.message);
		report_reset(&context.report);
	}
	sqlite3_finalize(stmt);
	sqlite3_free(sql);
}

void
call_expect(const struct call_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *text = NULL;
		size_t length;
		FILE *out = open_memstream(&text, &length);

		ck_assert_ptr_nonnull(out);
		run(out, rows[i].call);
		ck_assert_int_eq(fclose(out), 0);
		ck_assert_msg(strcmp(text, rows[i].answer) == 0, "%s:\n%s, and not\n%s", rows[i].call, text,
		    rows[i].answer);
		free(text);
	}
}
