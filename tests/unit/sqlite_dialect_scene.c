/*
 * Translates a text of PostgreSQL's SQL and runs it on a database in memory.
 */
#include "tests/unit/sqlite_dialect_scene.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/sequences/sequences.h"

void
dialect_scene_open(struct dialect_scene *s, const char *tables)
{
	*s = (struct dialect_scene) { .context = { .user = "admin", .database = "bibd" } };
	s->context.types.extra_float_digits = 1;
	s->context.settings = settings_new();
	ck_assert_ptr_nonnull(s->context.settings);
	ck_assert_int_eq(sqlite3_open(":memory:", &s->db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_db_config(s->db, SQLITE_DBCONFIG_MAINDBNAME, "public"), SQLITE_OK);
	ck_assert_int_eq(sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL), SQLITE_OK);
	ck_assert_int_eq(type_register_collations(s->db), SQLITE_OK);
	ck_assert_int_eq(functions_register(s->db, &s->context), SQLITE_OK);
	ck_assert_int_eq(catalog_attach(s->db), SQLITE_OK);
	ck_assert_ptr_nonnull(s->schema = schema_open(s->db));
	s->context.schema = s->schema;
	s->context.drawn = &s->drawn;
	ck_assert_int_eq(sqlite3_exec(s->db, tables, NULL, NULL, NULL), SQLITE_OK);
}

void
dialect_scene_close(struct dialect_scene *s)
{
	sequence_memory_forget(&s->drawn);
	sequences_close(s->context.temporary_sequences);
	schema_close(s->schema);
	dialect_text_free(&s->text);
	report_reset(&s->report);
	report_reset(&s->context.report);
	settings_free(s->context.settings);
	ck_assert_int_eq(sqlite3_close(s->db), SQLITE_OK);
}

static struct dialect_plan *
translate_at(struct dialect_scene *s, const char *sql, size_t offset)
{
	struct dialect_plan *plan = NULL;

	report_reset(&s->report);
	schema_refresh(s->schema);
	if (dialect_lex(sql, strlen(sql), offset, &s->text, &s->report) < 0)
		return NULL;
	return dialect_translate(s->schema, &s->text, NULL, NULL, 0, &plan, &s->report) < 0 ? NULL : plan;
}

struct dialect_plan *
dialect_scene_translate(struct dialect_scene *s, const char *sql)
{
	return translate_at(s, sql, 0);
}

static int
bind_literal(struct dialect_scene *s, const struct dialect_plan *plan, unsigned i, sqlite3_stmt *stmt)
{
	struct type_value value;
	int status = dialect_literal_decode(&s->text, &plan->lifted[i], NULL, &value, &s->report);
	int number = dialect_parameter(plan, plan->nparams + i);

	if (status == 0 && number != 0)
		ck_assert_int_eq(type_bind(stmt, number, &value, false), SQLITE_OK);
	type_value_free(&value);
	return status;
}

static void
put_row(struct dialect_scene *s, FILE *out, const struct dialect_plan *plan, sqlite3_stmt *stmt)
{
	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		struct pgwire_buffer text = { 0 };

		ck_assert_uint_lt((unsigned)i, plan->ncolumns);
		fputs(i > 0 ? "|" : "", out);
		if (sqlite3_column_type(stmt, i) == SQLITE_NULL) {
			fputs("NULL", out);
			continue;
		}
		ck_assert_int_eq(type_put_text(&text, sqlite3_column_value(stmt, i), plan->columns[i].oid,
				     &s->context.types, &s->report),
		    0);
		fwrite(text.data + text.start, 1, pgwire_buffer_length(&text), out);
		pgwire_buffer_free(&text);
	}
	fputc('\n', out);
}

static int
run_plan(struct dialect_scene *s, const struct dialect_plan *plan, FILE *out)
{
	const char *sql = plan->sql == NULL ? "" : plan->sql;
	int step = SQLITE_DONE;

	while (*sql != '\0' && step == SQLITE_DONE) {
		sqlite3_stmt *stmt;

		ck_assert_msg(sqlite3_prepare_v2(s->db, sql, -1, &stmt, &sql) == SQLITE_OK, "%s: %s",
		    sqlite3_errmsg(s->db), plan->sql);
		if (stmt == NULL)
			break;
		for (unsigned i = 0; i < plan->nlifted; i++)
			if (bind_literal(s, plan, i, stmt) < 0)
				step = SQLITE_ERROR;
		while (step != SQLITE_ERROR && (step = sqlite3_step(stmt)) == SQLITE_ROW)
			put_row(s, out, plan, stmt);
		if (step != SQLITE_DONE && s->report.state == SQLSTATE_SUCCESSFUL_COMPLETION)
			report_move(&s->report, &s->context.report);
		sqlite3_finalize(stmt);
	}
	return step == SQLITE_DONE ? 0 : -1;
}

char *
dialect_scene_run(struct dialect_scene *s, const char *sql)
{
	char *answer = NULL;
	size_t length = 0, at = 0;
	int status = 0;

	do {
		struct dialect_plan *plan = translate_at(s, sql, at);
		FILE *out;

		free(answer);
		out = open_memstream(&answer, &length);
		ck_assert_ptr_nonnull(out);
		status = plan == NULL ? -1 : run_plan(s, plan, out);
		if (status < 0)
			fputs(sqlstate_code(s->report.state), out);
		ck_assert_int_eq(fclose(out), 0);
		dialect_plan_free(plan);
		at = s->text.next;
	} while (status == 0 && at < strlen(sql));
	return answer;
}
