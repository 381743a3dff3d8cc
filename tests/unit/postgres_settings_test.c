/*
 * Sets of settings: equal ones are one, and the difference between two is a statement.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/postgres/statements/settings.h"

/* Check's fixtures take no argument. */
static struct pg_settings_table table;
static struct report report;

static void
set_up(void)
{
	ck_assert_int_eq(pg_settings_open(&table), 0);
}

static void
tear_down(void)
{
	pg_settings_close(&table);
	report_reset(&report);
}

static struct pg_settings *
start(const char *a, const char *b, const char *c, const char *d)
{
	struct pgwire_startup startup = { .settings = { a, b, c, d }, .nsettings = c != NULL ? 2 : a != NULL ? 1 : 0 };

	return pg_settings_from_startup(&table, &startup, &report);
}

static const char *
difference(const struct pg_settings *from, const struct pg_settings *to)
{
	static char text[4096];
	struct pgwire_buffer out = { 0 };

	pg_settings_put_difference(from, to, &out);
	ck_assert(!out.failed && out.end < sizeof(text));
	if (out.end > 0)
		memcpy(text, out.data, out.end);
	text[out.end] = '\0';
	pgwire_buffer_free(&out);
	return text;
}

START_TEST(test_same_settings_are_one_set)
{
	struct pg_settings *a = start("TimeZone", "UTC", "application_name", "psql");
	struct pg_settings *b = start("application_name", "psql", "timezone", "UTC"),
			   *c = start("timezone", "UTC", NULL, NULL);

	ck_assert_ptr_eq(a, b);
	ck_assert_ptr_ne(a, c);
	ck_assert_ptr_eq(start(NULL, NULL, NULL, NULL), table.empty);
	ck_assert_str_eq(difference(a, b), "");
	pg_settings_release(&table, a);
	pg_settings_release(&table, b);
	pg_settings_release(&table, c);
	pg_settings_release(&table, NULL);
}
END_TEST

START_TEST(test_unused_sets_are_bounded)
{
	char value[16];
	unsigned n = 0;

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(value, sizeof(value), "%d", i);
		pg_settings_release(&table, start("application_name", value, NULL, NULL));
	}
	for (unsigned i = 0; i < SETTINGS_BUCKETS; i++) {
		const struct pg_settings *s;

		LIST_FOREACH(s, &table.buckets[i], bucket)
		n++;
	}
	ck_assert_uint_eq(n, SETTINGS_UNUSED_MAX + 1);
}
END_TEST

START_TEST(test_difference)
{
	struct pg_settings *a = start("a", "it's\\", "b", "2"), *b;

	ck_assert_str_eq(difference(table.empty, a),
	    "SELECT pg_catalog.set_config(E'a',E'it''s\\\\',false)\n;SELECT pg_catalog.set_config(E'b',E'2',false)\n;");
	b = pg_settings_with(&table, a, "B", "SET b = 3", 9);
	ck_assert_str_eq(difference(a, b), "SET b = 3\n;");
	ck_assert_str_eq(difference(b, table.empty),
	    "SELECT pg_catalog.set_config(E'a',NULL,false)\n;SELECT pg_catalog.set_config(E'b',NULL,false)\n;");
	ck_assert_str_eq(difference(NULL, table.empty), "RESET ALL;");
	pg_settings_release(&table, a);
	pg_settings_release(&table, b);
}
END_TEST

START_TEST(test_reset)
{
	struct pg_settings *first = start("a", "1", NULL, NULL),
			   *b = pg_settings_with(&table, first, "a", "SET a = 2", 9);
	struct pg_settings *c = pg_settings_with(&table, b, "x", "SET x = 2", 9), *d, *e;

	d = pg_settings_reset(&table, c, first, "A");
	ck_assert_str_eq(difference(first, d), "SET x = 2\n;");
	e = pg_settings_reset(&table, d, first, "x");
	ck_assert_ptr_eq(e, first);
	pg_settings_release(&table, first);
	pg_settings_release(&table, b);
	pg_settings_release(&table, c);
	pg_settings_release(&table, d);
	pg_settings_release(&table, e);
}
END_TEST

static const struct {
	const char *options, *wanted; /* wanted NULL: refused */
} options[] = {
	{ "", "" },
	{ "  ", "" },
	{ "-c a=1", "a=1 " },
	{ "-ca=1 --b-c=2", "a=1 b_c=2 " },
	{ "-c search_path=x\\ y\\\\z", "search_path=x yz " },
	{ "-c a=", "a= " },
	{ "-c", NULL },
	{ "-c a", NULL },
	{ "-x", NULL },
	{ "a=1", NULL },
	{ "--", NULL },
};

START_TEST(test_options)
{
	struct pg_settings *settings = start("options", options[_i].options, NULL, NULL);
	char text[512] = "", value[64], name[64];

	if (options[_i].wanted == NULL) {
		ck_assert_ptr_null(settings);
		ck_assert_int_eq(report.state, SQLSTATE_SYNTAX_ERROR);
		return;
	}
	ck_assert_ptr_nonnull(settings);
	for (unsigned i = 0; i < settings->n; i++) {
		value[0] = '\0';
		ck_assert_int_ge(sscanf(settings->items[i].sql, "SELECT pg_catalog.set_config(E'%63[^']',E'%63[^']",
				     name, value),
		    1);
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s=%s ", name, value);
	}
	ck_assert_str_eq(text,
	    strcmp(options[_i].wanted, "search_path=x yz ") == 0 ? "search_path=x y\\\\z " : options[_i].wanted);
	pg_settings_release(&table, settings);
}
END_TEST

START_TEST(test_packet_outranks_options)
{
	struct pg_settings *settings = start("a", "1", "options", "-c a=2"), *alone = start("a", "1", NULL, NULL);

	ck_assert_ptr_eq(settings, alone);
	pg_settings_release(&table, settings);
	pg_settings_release(&table, alone);
}
END_TEST

static const struct {
	const char *name, *sql;
	bool unsafe;
} statements[] = {
	{ "work_mem", "SET work_mem = '1MB'", false },
	{ "client_encoding", "SET client_encoding = 'UTF8'", false },
	{ "client_encoding", "SET NAMES utf8", false },
	{ "client_encoding", "SET client_encoding TO E'LATIN1'", false },
	{ "client_encoding", "SET client_encoding = 'SJIS'", true },
	{ "client_encoding", "SET client_encoding = 'S_J-I.S'", true },
	{ "client_encoding", "SET client_encoding = big5", true },
	{ "client_encoding", "SET client_encoding = 'unknown'", true },
	{ "client_encoding", "SELECT pg_catalog.set_config(E'client_encoding',E'''utf-8''',false)", false },
	{ "client_encoding", "SELECT pg_catalog.set_config(E'client_encoding',E'gbk',false)", true },
	{ "standard_conforming_strings", "SET standard_conforming_strings = on", false },
	{ "standard_conforming_strings", "SET standard_conforming_strings = off", true },
	{ "standard_conforming_strings", "SET standard_conforming_strings = 'false'", true },
	{ "standard_conforming_strings", "SET standard_conforming_strings = 0", true },
	{ "role", "SELECT pg_catalog.set_config(E'role',E'x',false)", true },
	{ "search_path", "SET search_path = a, pg_temp", true },
	{ "search_path", "SET search_path = 'PG_TEMP'", true },
};

START_TEST(test_unsafe)
{
	struct pg_settings *settings =
	    pg_settings_with(&table, table.empty, statements[_i].name, statements[_i].sql, strlen(statements[_i].sql));

	ck_assert_msg(settings->unsafe == statements[_i].unsafe, "%s", statements[_i].sql);
	pg_settings_release(&table, settings);
}
END_TEST

START_TEST(test_plain)
{
	static const char *const hidden[] = { "SET a = 1 -- x", "SET a /* x */ = 1", "SET a = $$x$$",
		"SET a = E'\\163'", "SET a = U&'x'" };

	ck_assert(pg_settings_is_plain("SET a = 'b-c/d*e'", strlen("SET a = 'b-c/d*e'")));
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		ck_assert_msg(!pg_settings_is_plain(hidden[i], strlen(hidden[i])), "%s", hidden[i]);
}
END_TEST

START_TEST(test_too_much)
{
	char name[16], sql[SETTINGS_SQL_MAX];
	struct pg_settings *settings = pg_settings_reference(table.empty), *next;
	unsigned n;

	memset(sql, 'x', sizeof(sql));
	ck_assert_ptr_null(pg_settings_with(&table, settings, "a", sql, sizeof(sql)));
	for (n = 0; n < SETTINGS_MAX + 10; n++) {
		(void)snprintf(name, sizeof(name), "s%u", n);
		if ((next = pg_settings_with(&table, settings, name, "SET", 3)) == NULL)
			break;
		pg_settings_release(&table, settings);
		settings = next;
	}
	ck_assert_uint_eq(n, SETTINGS_MAX);
	pg_settings_release(&table, settings);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("settings");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_same_settings_are_one_set);
	tcase_add_test(tc, test_unused_sets_are_bounded);
	tcase_add_test(tc, test_difference);
	tcase_add_test(tc, test_reset);
	tcase_add_loop_test(tc, test_options, 0, sizeof(options) / sizeof(options[0]));
	tcase_add_test(tc, test_packet_outranks_options);
	tcase_add_loop_test(tc, test_unsafe, 0, sizeof(statements) / sizeof(statements[0]));
	tcase_add_test(tc, test_plain);
	tcase_add_test(tc, test_too_much);
	return unit_run("postgres_settings", tc, NULL);
}
