/*
 * Runs a client's text through schema, dialect and catalog on a connection in memory, and gives its rows as text.
 */
#include "tests/unit/sqlite_scene.h"
#include "workers/sqlite/sequences/memory.h"
#include "workers/sqlite/sequences/sequences.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One scene at a time: Check forks for each test. */
sqlite3 *scene_db;
struct schema *scene_schema;
struct sql_context scene_context;
static struct sequence_memory scene_drawn;
char scene_notice[512];
static char answer[65536];

void
scene_open(void)
{
	ck_assert_int_eq(sqlite3_open(":memory:", &scene_db), SQLITE_OK);
	sqlite3_db_config(scene_db, SQLITE_DBCONFIG_MAINDBNAME, "public");
	sqlite3_db_config(scene_db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(scene_db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(scene_db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	ck_assert_int_eq(sqlite3_exec(scene_db, "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF", NULL, NULL, NULL),
	    0);
	scene_context = (struct sql_context) { .role = ROLE_ADMIN,
		.user = "admin",
		.database = "node",
		.internal = true,
		.transaction_time_us = INT64_C(1700000000123456),
		.statement_time_us = INT64_C(1700000000123456),
		.settings = settings_new(),
		.types = { .extra_float_digits = 1, .timezone = "UTC" } };
	ck_assert_int_eq(type_register_collations(scene_db), SQLITE_OK);
	ck_assert_int_eq(functions_register(scene_db, &scene_context), 0);
	ck_assert_int_eq(catalog_attach(scene_db), SQLITE_OK);
	scene_schema = schema_open(scene_db);
	scene_context.schema = scene_schema;
	scene_context.drawn = &scene_drawn;
	ck_assert_ptr_nonnull(scene_schema);
}

void
scene_close(void)
{
	schema_close(scene_schema);
	ck_assert_int_eq(sqlite3_close(scene_db), SQLITE_OK);
	settings_free(scene_context.settings);
	report_reset(&scene_context.report);
	sequences_close(scene_context.temporary_sequences);
	sequence_memory_forget(&scene_drawn);
}

const char *
scene_answer(void)
{
	return answer;
}

static int
put_error(struct report *r)
{
	(void)snprintf(answer, sizeof(answer), "ERROR %s %s", sqlstate_code(r->state), r->message);
	report_reset(r);
	return -1;
}

static int
put_sqlite_error(void)
{
	if (scene_context.report.state != SQLSTATE_SUCCESSFUL_COMPLETION)
		return put_error(&scene_context.report);
	(void)snprintf(answer, sizeof(answer), "ERROR SQLite %s", sqlite3_errmsg(scene_db));
	return -1;
}

static void
bind_literals(sqlite3_stmt *stmt, const struct dialect_plan *plan, const struct dialect_text *text)
{
	for (unsigned i = 0; i < plan->nlifted; i++) {
		const struct dialect_lifted *lifted = &plan->lifted[i];
		char *owned = NULL, *whole = NULL;
		struct type_value value = { 0 };
		struct report r = { 0 };
		size_t length;
		const char *bytes = dialect_literal_value(text, lifted->literal, &length, &owned);

		ck_assert_int_ge(asprintf(&whole, "%s%.*s", lifted->negative ? "-" : "", (int)length, bytes), 0);
		if (type_decode(lifted->oid, TYPE_FORMAT_TEXT, whole, strlen(whole), &value, &r) == 0)
			(void)type_bind(stmt, dialect_parameter(plan, plan->nparams + i), &value, false);
		report_reset(&r);
		type_value_free(&value);
		free(owned);
		free(whole);
	}
}

static void
put_row(sqlite3_stmt *stmt, const struct dialect_plan *plan)
{
	size_t used = strlen(answer);

	if (used > 0)
		answer[used++] = '\n';
	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		uint32_t oid = i < (int)plan->ncolumns ? plan->columns[i].oid : 0;
		struct pgwire_buffer out = { 0 };
		struct report r = { 0 };
		int32_t typmod;

		if (oid == 0)
			oid = type_by_declaration(sqlite3_column_decltype(stmt, i), &typmod)->oid;
		if (sqlite3_column_type(stmt, i) != SQLITE_NULL)
			ck_assert_int_eq(type_put_text(&out, sqlite3_column_value(stmt, i), oid, &scene_context.types,
					     &r),
			    0);
		used += (size_t)snprintf(answer + used, sizeof(answer) - used, "%s%.*s", i == 0 ? "" : "|",
		    (int)pgwire_buffer_length(&out), out.data == NULL ? "" : (const char *)out.data + out.start);
		pgwire_buffer_free(&out);
	}
}

static int
run_script(const struct dialect_plan *plan, const struct dialect_text *text)
{
	const char *sql = plan->sql == NULL ? "" : plan->sql;

	while (*sql != '\0') {
		sqlite3_stmt *stmt;
		int rc;

		if (sqlite3_prepare_v2(scene_db, sql, -1, &stmt, &sql) != SQLITE_OK)
			return put_sqlite_error();
		if (stmt == NULL)
			continue;
		bind_literals(stmt, plan, text);
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			put_row(stmt, plan);
		if (rc != SQLITE_DONE)
			(void)put_sqlite_error();
		sqlite3_finalize(stmt);
		if (rc != SQLITE_DONE)
			return -1;
	}
	return 0;
}

static int
run_plan(const struct dialect_plan *plan, const struct dialect_text *text)
{
	static const struct {
		enum dialect_kind kind;
		const char *sql;
	} plain[] = { { DIALECT_BEGIN, "BEGIN" }, { DIALECT_COMMIT, "COMMIT" }, { DIALECT_ROLLBACK, "ROLLBACK" } };
	struct report r = { 0 };
	int result;

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (plain[i].kind == plan->kind)
			return sqlite3_exec(scene_db, plain[i].sql, NULL, NULL, NULL) == SQLITE_OK ? 0
												   : put_sqlite_error();
	}
	if (plan->needs_catalog && catalog_prepare(scene_db, scene_schema, &scene_context, &r) == -1)
		return put_error(&r);
	if (plan->kind != DIALECT_DEFINE)
		return run_script(plan, text);
	schema_set_rebuilding(scene_db, plan->rebuilds);
	(void)sqlite3_exec(scene_db, "SAVEPOINT define", NULL, NULL, NULL);
	result = run_script(plan, text);
	(void)sqlite3_exec(scene_db, result == 0 ? "RELEASE define" : "ROLLBACK TO define; RELEASE define", NULL, NULL,
	    NULL);
	schema_set_rebuilding(scene_db, false);
	return result;
}

const char *
scene_run(const char *text)
{
	struct dialect_text lexed = { 0 };
	struct report r = { 0 };
	size_t length = strlen(text);
	int result = 0;

	for (size_t offset = 0; result == 0 && offset < length; offset = lexed.next) {
		struct dialect_plan *plan = NULL;

		answer[0] = scene_notice[0] = '\0';
		(void)schema_refresh(scene_schema);
		if (dialect_lex(text, length, offset, &lexed, &r) == -1 ||
		    (!lexed.empty && dialect_translate(scene_schema, &lexed, NULL, NULL, 0, &plan, &r) == -1))
			result = put_error(&r);
		if (plan != NULL && plan->notice != NULL)
			(void)snprintf(scene_notice, sizeof(scene_notice), "%s", plan->notice);
		if (plan != NULL)
			result = run_plan(plan, &lexed);
		dialect_plan_free(plan);
	}
	dialect_text_free(&lexed);
	return answer;
}
