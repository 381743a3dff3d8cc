/*
 * Statements that are no queries: what the plan says of them.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_dialect_scene.h"

/* Check's fixtures take no argument. */
static struct dialect_scene scene;
static struct dialect_plan *plan;

static void
set_up(void)
{
	dialect_scene_open(&scene, "CREATE TABLE \"t\" (\"a\" text, \"b\" integer)");
	plan = NULL;
}

static void
tear_down(void)
{
	dialect_plan_free(plan);
	dialect_scene_close(&scene);
}

static void
translate(const char *sql)
{
	dialect_plan_free(plan);
	plan = dialect_scene_translate(&scene, sql);
	ck_assert_msg(plan != NULL, "%s: %s", sql, scene.report.message);
}

static const struct {
	const char *sql;
	enum dialect_kind kind;
	const char *tag;
} kinds[] = {
	{ "", DIALECT_EMPTY, NULL },
	{ " -- nothing", DIALECT_EMPTY, NULL },
	{ "begin", DIALECT_BEGIN, "BEGIN" },
	{ "start transaction", DIALECT_BEGIN, "START TRANSACTION" },
	{ "commit", DIALECT_COMMIT, "COMMIT" },
	{ "end", DIALECT_COMMIT, "COMMIT" },
	{ "rollback", DIALECT_ROLLBACK, "ROLLBACK" },
	{ "abort", DIALECT_ROLLBACK, "ROLLBACK" },
	{ "savepoint s", DIALECT_SAVEPOINT, "SAVEPOINT" },
	{ "release s", DIALECT_RELEASE, "RELEASE" },
	{ "rollback to s", DIALECT_ROLLBACK_TO, "ROLLBACK" },
	{ "set x.y = 1", DIALECT_SET, "SET" },
	{ "show all", DIALECT_SHOW, "SHOW" },
	{ "reset all", DIALECT_RESET, "RESET" },
	{ "discard all", DIALECT_DISCARD, "DISCARD ALL" },
	{ "close all", DIALECT_CLOSE, "CLOSE CURSOR ALL" },
	{ "deallocate all", DIALECT_DEALLOCATE, "DEALLOCATE ALL" },
	{ "unlisten *", DIALECT_NOTIFY, "UNLISTEN" },
	{ "listen a", DIALECT_NOTIFY, "LISTEN" },
	{ "notify a, 'b'", DIALECT_NOTIFY, "NOTIFY" },
	{ "lock table t", DIALECT_ACCEPT, "LOCK TABLE" },
	{ "comment on table t is 'x'", DIALECT_DEFINE, "COMMENT" },
	{ "set constraints all deferred", DIALECT_SET_CONSTRAINTS, "SET CONSTRAINTS" },
	{ "vacuum", DIALECT_MAINTAIN, "VACUUM" },
	{ "vacuum analyze t", DIALECT_MAINTAIN, "VACUUM" },
	{ "analyze", DIALECT_MAINTAIN, "ANALYZE" },
	{ "checkpoint", DIALECT_MAINTAIN, "CHECKPOINT" },
	{ "reset role", DIALECT_ACCEPT, "RESET" },
	{ "set session authorization default", DIALECT_ACCEPT, "SET" },
	{ "explain select 1", DIALECT_EXPLAIN, "EXPLAIN" },
	{ "select 1", DIALECT_QUERY, "SELECT" },
	{ "insert into t values ('x', 1)", DIALECT_MODIFY, "INSERT 0" },
	{ "update t set b = 1", DIALECT_MODIFY, "UPDATE" },
	{ "delete from t", DIALECT_MODIFY, "DELETE" },
	{ "create table u(a int)", DIALECT_DEFINE, "CREATE TABLE" },
};

START_TEST(statement_has_kind_and_tag)
{
	translate(kinds[_i].sql);
	ck_assert_int_eq(plan->kind, kinds[_i].kind);
	ck_assert_pstr_eq(plan->tag, kinds[_i].tag);
}
END_TEST

START_TEST(transaction_options_are_read)
{
	translate("begin isolation level repeatable read read only deferrable");
	ck_assert_int_eq(plan->u.transaction.isolation, 1);
	ck_assert_int_eq(plan->u.transaction.read_only, 1);
	ck_assert_int_eq(plan->u.transaction.deferrable, 1);
	translate("begin");
	ck_assert_int_eq(plan->u.transaction.isolation, -1);
	ck_assert_int_eq(plan->u.transaction.read_only, -1);
	translate("commit and chain");
	ck_assert(plan->u.transaction.chain);
	translate("savepoint \"S p\"");
	ck_assert_str_eq(plan->u.transaction.name, "S p");
	translate("set session characteristics as transaction isolation level serializable");
	ck_assert_int_eq(plan->kind, DIALECT_SET_TRANSACTION);
	ck_assert_int_eq(plan->u.transaction.isolation, 2);
	ck_assert(plan->u.transaction.session);
}
END_TEST

static const struct {
	const char *sql, *name, *value;
	bool local;
} sets[] = {
	{ "set search_path = a, \"B c\"", "search_path", "a, \"B c\"", false },
	{ "set local statement_timeout to 5000", "statement_timeout", "5000", true },
	{ "set datestyle to default", "datestyle", NULL, false },
	{ "set time zone 'UTC'", "timezone", "UTC", false },
	{ "set names 'utf8'", "client_encoding", "utf8", false },
	{ "set client_encoding='utf-8'", "client_encoding", "utf-8", false },
	{ "set extra_float_digits = -3", "extra_float_digits", "-3", false },
	{ "set standard_conforming_strings = on", "standard_conforming_strings", "on", false },
	{ "reset statement_timeout", "statement_timeout", NULL, false },
	{ "show transaction isolation level", "transaction_isolation", NULL, false },
};

START_TEST(settings_are_read)
{
	translate(sets[_i].sql);
	ck_assert_str_eq(plan->u.set.name, sets[_i].name);
	ck_assert_pstr_eq(plan->u.set.value, sets[_i].value);
	ck_assert_int_eq(plan->u.set.local, sets[_i].local);
}
END_TEST

START_TEST(inner_queries_keep_their_text)
{
	translate("declare \"for\" no scroll cursor with hold for /* x */ select 'for' from t");
	ck_assert_str_eq(plan->u.cursor.query, "select 'for' from t");
	ck_assert_str_eq(plan->u.cursor.name, "for");
	ck_assert(plan->u.cursor.hold);
	translate("prepare p(int, text) as select $1, $2 as \"as\"");
	ck_assert_str_eq(plan->u.prepare.query, "select $1, $2 as \"as\"");
	ck_assert_uint_eq(plan->u.prepare.ntypes, 2);
	ck_assert_uint_eq(plan->u.prepare.types[1], TYPE_TEXT);
	translate("explain (analyze, verbose off) select (1)");
	ck_assert_str_eq(plan->u.explain.query, "select (1)");
	ck_assert(plan->u.explain.analyze);
	translate("explain verbose (select 1)");
	ck_assert_str_eq(plan->u.explain.query, "(select 1)");
	translate("copy (select ')' from (select 1) x) to stdout");
	ck_assert_str_eq(plan->u.copy.query, "select ')' from (select 1) x");
}
END_TEST

START_TEST(execute_has_its_values)
{
	translate("execute p(1, 'it''s', null, -2.5, true, '2024-01-01'::date)");
	ck_assert_uint_eq(plan->u.prepare.nvalues, 6);
	ck_assert_str_eq(plan->u.prepare.values[0], "1");
	ck_assert_str_eq(plan->u.prepare.values[1], "it's");
	ck_assert_ptr_null(plan->u.prepare.values[2]);
	ck_assert_str_eq(plan->u.prepare.values[3], "-2.5");
	ck_assert_str_eq(plan->u.prepare.values[4], "t");
	ck_assert_str_eq(plan->u.prepare.values[5], "2024-01-01");
}
END_TEST

START_TEST(fetch_has_direction_and_count)
{
	translate("fetch forward 2 from c");
	ck_assert_int_eq(plan->u.cursor.direction, DIALECT_FORWARD);
	ck_assert_int_eq(plan->u.cursor.count, 2);
	translate("fetch all in c");
	ck_assert_int_eq(plan->u.cursor.count, INT64_MAX);
	translate("move backward 3 c");
	ck_assert_int_eq(plan->u.cursor.direction, DIALECT_BACKWARD);
	ck_assert(plan->u.cursor.move && !plan->has_rows);
	translate("fetch absolute 0 c");
	ck_assert_int_eq(plan->u.cursor.direction, DIALECT_ABSOLUTE);
	ck_assert_int_eq(plan->u.cursor.count, 0);
}
END_TEST

START_TEST(copy_options_are_read)
{
	translate("copy t(b, a) from stdin");
	ck_assert(plan->u.copy.from && !plan->u.copy.csv && plan->u.copy.delimiter == '\t');
	ck_assert_str_eq(plan->u.copy.null_text, "\\N");
	ck_assert_uint_eq(plan->u.copy.ncolumns, 2);
	ck_assert_str_eq(plan->u.copy.columns[0], "b");
	translate("copy t to stdout with (format csv, header, delimiter ';', quote '''', null 'x', force_quote *)");
	ck_assert(!plan->u.copy.from && plan->u.copy.csv && plan->u.copy.header && plan->u.copy.force_quote_all);
	ck_assert_int_eq(plan->u.copy.delimiter, ';');
	ck_assert_int_eq(plan->u.copy.quote, '\'');
	ck_assert_int_eq(plan->u.copy.escape, '\'');
	ck_assert_str_eq(plan->u.copy.null_text, "x");
	translate("copy t from stdin csv header");
	ck_assert(plan->u.copy.csv && plan->u.copy.header && plan->u.copy.delimiter == ',');
	translate("copy t from stdin with delimiter E'\\t' null as E'\\\\N'");
	ck_assert_str_eq(plan->u.copy.null_text, "\\N");
	translate("copy t from stdin with (freeze on)");
	translate("copy t from stdin binary");
	ck_assert(plan->u.copy.binary);
}
END_TEST

static const struct {
	const char *sql, *state;
} refusals[] = {
	{ "copy t from '/etc/passwd'", "0A000" },
	{ "copy t to program 'id'", "0A000" },
	{ "copy nothere from stdin", "42P01" },
	{ "copy t(nope) from stdin", "42703" },
	{ "copy t from stdin (format xml)", "22023" },
	{ "copy t from stdin (delimiter 'ab')", "0A000" },
	{ "set role other", "0A000" },
	{ "prepare transaction 'x'", "0A000" },
	{ "create role r", "0A000" },
	{ "execute p(1 + 1)", "0A000" },
	{ "vacuum nothere", "42P01" },
	{ "notify x", "OK" },
	{ "select 1; select 2 from (", "OK" },
};

START_TEST(what_is_not_done_says_so)
{
	plan = dialect_scene_translate(&scene, refusals[_i].sql);
	ck_assert_str_eq(plan != NULL ? "OK" : sqlstate_code(scene.report.state), refusals[_i].state);
}
END_TEST

START_TEST(syntax_of_a_whole_text_is_checked)
{
	static const char good[] = "select 1; select 2;", bad[] = "select 1; selec 2";
	struct report report = { 0 };

	ck_assert_int_eq(dialect_check_syntax(good, sizeof(good) - 1, &report), 0);
	ck_assert_int_lt(dialect_check_syntax(bad, sizeof(bad) - 1, &report), 0);
	ck_assert_str_eq(sqlstate_code(report.state), "42601");
	ck_assert_int_eq(report.position, 11);
	report_reset(&report);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("statement");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, statement_has_kind_and_tag, 0, sizeof(kinds) / sizeof(kinds[0]));
	tcase_add_test(tc, transaction_options_are_read);
	tcase_add_loop_test(tc, settings_are_read, 0, sizeof(sets) / sizeof(sets[0]));
	tcase_add_test(tc, inner_queries_keep_their_text);
	tcase_add_test(tc, execute_has_its_values);
	tcase_add_test(tc, fetch_has_direction_and_count);
	tcase_add_test(tc, copy_options_are_read);
	tcase_add_loop_test(tc, what_is_not_done_says_so, 0, sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tc, syntax_of_a_whole_text_is_checked);
	return unit_run("sqlite_dialect_statement", tc, NULL);
}
