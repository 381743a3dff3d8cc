/*
 * A session's settings: read, shown, undone with a transaction, and bounded in number.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/sqlite/settings/settings.h"

/* Check's fixtures take no argument. */
static struct settings *s;
static struct report report;

static void
set_up(void)
{
	s = settings_new();
	ck_assert_ptr_nonnull(s);
}

static void
tear_down(void)
{
	settings_free(s);
	report_reset(&report);
}

/* What PostgreSQL 15 shows for what is set; NULL and a code: what it refuses with. */
static const struct {
	const char *name, *value, *shown, *code, *message;
} rows[] = {
	{ "statement_timeout", "5000", "5s", NULL, NULL },
	{ "STATEMENT_TIMEOUT", "90s", "90s", NULL, NULL },
	{ "statement_timeout", "2min", "2min", NULL, NULL },
	{ "statement_timeout", "1.5h", "90min", NULL, NULL },
	{ "statement_timeout", " 250 ms ", "250ms", NULL, NULL },
	{ "statement_timeout", "0", "0", NULL, NULL },
	{ "statement_timeout", "0x10", "16ms", NULL, NULL },
	{ "statement_timeout", "86400000", "1d", NULL, NULL },
	{ "statement_timeout", "5 foo", NULL, "22023", "invalid value for parameter \"statement_timeout\": \"5 foo\"" },
	{ "statement_timeout", "abc", NULL, "22023", "invalid value for parameter \"statement_timeout\": \"abc\"" },
	{ "statement_timeout", "-5", NULL, "22023",
	    "-5 ms is outside the valid range for parameter \"statement_timeout\" (0 .. 2147483647)" },
	{ "statement_timeout", "99999999999", NULL, "22023",
	    "invalid value for parameter \"statement_timeout\": \"99999999999\"" },
	{ "work_mem", "1.5MB", "1536kB", NULL, NULL },
	{ "work_mem", "5", NULL, "22023",
	    "5 kB is outside the valid range for parameter \"work_mem\" (64 .. 2147483647)" },
	{ "extra_float_digits", "3", "3", NULL, NULL },
	{ "extra_float_digits", "4", NULL, "22023",
	    "4 is outside the valid range for parameter \"extra_float_digits\" (-15 .. 3)" },
	{ "jit", "tr", "on", NULL, NULL },
	{ "jit", "abc", NULL, "22023", "parameter \"jit\" requires a Boolean value" },
	{ "bytea_output", "ESCAPE", "escape", NULL, NULL },
	{ "bytea_output", "foo", NULL, "22023", "invalid value for parameter \"bytea_output\": \"foo\"" },
	{ "server_version", "1", NULL, "55P02", "parameter \"server_version\" cannot be changed" },
	{ "wal_level", "minimal", NULL, "55P02",
	    "parameter \"wal_level\" cannot be changed without restarting the server" },
	{ "session_replication_role", "replica", NULL, "42501",
	    "permission denied to set parameter \"session_replication_role\"" },
	{ "client_encoding", "'utf-8'", "UTF8", NULL, NULL },
	{ "client_encoding", "UNICODE", "UTF8", NULL, NULL },
	{ "client_encoding", "LATIN1", NULL, "22023", "invalid value for parameter \"client_encoding\": \"LATIN1\"" },
	{ "TimeZone", "UTC", "UTC", NULL, NULL },
	{ "timezone", "+3", "<+03>-03", NULL, NULL },
	{ "timezone", "-3.5", "<-03:30>+03:30", NULL, NULL },
	{ "timezone", "GMT-01:00", "GMT-01:00", NULL, NULL },
	{ "timezone", "foo", NULL, "22023", "invalid value for parameter \"TimeZone\": \"foo\"" },
	{ "timezone", "../../etc/passwd", NULL, "22023",
	    "invalid value for parameter \"TimeZone\": \"../../etc/passwd\"" },
	{ "datestyle", "dmy", "ISO, DMY", NULL, NULL },
	{ "datestyle", "ISO", "ISO, MDY", NULL, NULL },
	{ "datestyle", "foo", NULL, "22023", "invalid value for parameter \"DateStyle\": \"foo\"" },
	{ "datestyle", "German", "German, DMY", NULL, NULL },
	{ "datestyle", "SQL, ISO", NULL, "22023", "invalid value for parameter \"DateStyle\": \"SQL, ISO\"" },
	{ "standard_conforming_strings", "on", "on", NULL, NULL },
	{ "standard_conforming_strings", "off", NULL, "0A000",
	    "parameter \"standard_conforming_strings\" cannot be \"off\" here: only \"on\" is supported" },
	{ "transaction_isolation", "Serializable", "serializable", NULL, NULL },
	{ "transaction_isolation", "foo", NULL, "22023",
	    "invalid value for parameter \"transaction_isolation\": \"foo\"" },
	{ "application_name", "caf\xc3\xa9", "caf??", NULL, NULL },
	{ "role", "none", "none", NULL, NULL },
	{ "role", "admin", NULL, "42501", "permission denied to set role \"admin\"" },
	{ "foo.bar", "1", "1", NULL, NULL },
	{ "foo", "1", NULL, "42704", "unrecognized configuration parameter \"foo\"" },
	{ "default_with_oids", "off", "off", NULL, NULL },
	{ "foo.", "1", NULL, "42602", "invalid configuration parameter name \"foo.\"" },
	{ "1foo.bar", "1", NULL, "42602", "invalid configuration parameter name \"1foo.bar\"" },
};

START_TEST(values_are_read_and_shown)
{
	int result = settings_set(s, rows[_i].name, rows[_i].value, false, &report);

	if (rows[_i].shown != NULL) {
		ck_assert_msg(result == 0, "%s", report.message);
		ck_assert_str_eq(settings_get(s, rows[_i].name, &report), rows[_i].shown);
		return;
	}
	ck_assert_int_eq(result, -1);
	ck_assert_str_eq(sqlstate_code(report.state), rows[_i].code);
	ck_assert_str_eq(report.message, rows[_i].message);
}
END_TEST

static void
set(const char *name, const char *value, bool local)
{
	ck_assert_int_eq(settings_set(s, name, value, local, &report), 0);
}

static const char *
get(const char *name)
{
	return settings_get(s, name, &report);
}

START_TEST(transaction_is_undone)
{
	set("application_name", "before", false);
	settings_begin(s);
	set("application_name", "inside", false);
	set("work_mem", "8MB", true);
	settings_rollback(s);
	ck_assert_str_eq(get("application_name"), "before");
	ck_assert_str_eq(get("work_mem"), "4MB");

	settings_begin(s);
	set("application_name", "local", true);
	set("work_mem", "8MB", false);
	ck_assert_str_eq(get("application_name"), "local");
	settings_commit(s);
	ck_assert_str_eq(get("application_name"), "before");
	ck_assert_str_eq(get("work_mem"), "8MB");

	set("work_mem", "9MB", true); /* no transaction: no effect */
	ck_assert_str_eq(get("work_mem"), "8MB");
}
END_TEST

START_TEST(savepoints_nest)
{
	settings_begin(s);
	set("application_name", "a", false);
	settings_savepoint(s, 1);
	set("application_name", "b", false);
	settings_savepoint(s, 2);
	set("application_name", "c", false);
	settings_rollback_to(s, 2);
	ck_assert_str_eq(get("application_name"), "b");
	set("application_name", "d", false);
	settings_savepoint(s, 2); /* the second one was released: d is the first one's now */
	set("application_name", "e", false);
	settings_rollback_to(s, 2);
	ck_assert_str_eq(get("application_name"), "d");
	settings_rollback_to(s, 1);
	ck_assert_str_eq(get("application_name"), "a");
	settings_rollback_to(s, 1);
	settings_commit(s);
	ck_assert_str_eq(get("application_name"), "a");
}
END_TEST

START_TEST(reset_returns_to_the_startup_value)
{
	ck_assert_int_eq(settings_set_startup(s, "application_name", "psql", &report), 0);
	ck_assert_int_eq(settings_set_startup(s, "options", "-c work_mem=8MB --extra-float-digits=2 -cfoo.bar=a\\ b",
			     &report),
	    0);
	ck_assert_str_eq(get("work_mem"), "8MB");
	ck_assert_str_eq(get("extra_float_digits"), "2");
	ck_assert_str_eq(get("foo.bar"), "a b");
	set("application_name", "other", false);
	set("x.y", "1", false);
	settings_begin(s);
	set("transaction_read_only", "on", true);
	ck_assert_int_eq(settings_reset(s, NULL, &report), 0);
	ck_assert_str_eq(get("transaction_read_only"), "on");
	settings_commit(s);
	ck_assert_str_eq(get("application_name"), "psql");
	ck_assert_str_eq(get("x.y"), "");
	set("application_name", "other", false);
	set("application_name", NULL, false);
	ck_assert_str_eq(get("application_name"), "psql");
	ck_assert_int_eq(settings_set_startup(s, "options", "-x", &report), -1);
	ck_assert_int_eq(settings_set_startup(s, "is_superuser", "on", &report), -1);
}
END_TEST

START_TEST(own_role_may_be_named)
{
	ck_assert_int_eq(settings_set_startup(s, "session_authorization", "write", &report), 0);
	ck_assert_str_eq(get("session_authorization"), "write");
	set("role", "write", false);
	set("session_authorization", "write", false);
	ck_assert_int_eq(settings_set(s, "session_authorization", "admin", false, &report), -1);
}
END_TEST

struct reported {
	char text[2048];
	int n;
};

static void
collect(void *arg, const char *name, const char *value)
{
	struct reported *r = arg;
	size_t used = strlen(r->text);

	r->n++;
	ck_assert_int_gt(snprintf(r->text + used, sizeof(r->text) - used, "%s=%s;", name, value), 0);
}

START_TEST(changes_are_reported_once)
{
	struct reported r = { .n = 0 };

	settings_report(s, collect, &r);
	ck_assert_int_eq(r.n, 13);
	ck_assert_ptr_nonnull(strstr(r.text, "server_version=15."));
	r = (struct reported) { .n = 0 };
	settings_report(s, collect, &r);
	ck_assert_int_eq(r.n, 0);
	set("application_name", "a", false);
	set("work_mem", "8MB", false);
	set("timezone", "UTC", false);
	settings_report(s, collect, &r);
	ck_assert_str_eq(r.text, "application_name=a;");
	r = (struct reported) { .n = 0 };
	settings_begin(s);
	set("application_name", "b", false);
	settings_rollback(s);
	settings_report(s, collect, &r);
	ck_assert_int_eq(r.n, 0);
}
END_TEST

START_TEST(values_follow)
{
	const struct settings_values *v = settings_values(s);

	ck_assert_int_eq(v->statement_timeout, 0);
	ck_assert_int_eq(v->extra_float_digits, 1);
	ck_assert_int_eq(v->client_min_messages, REPORT_NOTICE);
	ck_assert_str_eq(v->timezone, "UTC");
	settings_begin(s);
	set("statement_timeout", "1min", true);
	set("client_min_messages", "debug1", false);
	set("default_transaction_isolation", "repeatable read", false);
	set("bytea_output", "escape", false);
	v = settings_values(s);
	ck_assert_int_eq(v->statement_timeout, 60000);
	ck_assert_int_eq(v->client_min_messages, REPORT_DEBUG);
	ck_assert_int_eq(v->default_transaction_isolation, 1);
	ck_assert(v->bytea_escape);
	settings_commit(s);
	ck_assert_int_eq(settings_values(s)->statement_timeout, 0);
}
END_TEST

START_TEST(table_can_be_listed)
{
	const char *name, *value, *description, *last = "";
	unsigned n = 0;

	for (; settings_by_index(s, n, &name, &value, &description); n++) {
		ck_assert_int_lt(strcasecmp(last, name), 0);
		ck_assert_str_ne(description, "");
		last = name;
	}
	ck_assert_uint_gt(n, 60);
}
END_TEST

/* RESET to its own initial value must always do. */
START_TEST(initial_values_are_valid)
{
	const char *name, *value, *description;
	char copy[128];

	for (unsigned i = 0; settings_by_index(s, i, &name, &value, &description); i++) {
		int result;

		ck_assert_int_gt(snprintf(copy, sizeof(copy), "%s", value), -1);
		result = settings_set(s, name, copy, false, &report);
		if (result != 0)
			ck_assert(report.state == SQLSTATE_CANT_CHANGE_RUNTIME_PARAM ||
			    report.state == SQLSTATE_INSUFFICIENT_PRIVILEGE);
		ck_assert_str_eq(get(name), copy);
	}
}
END_TEST

START_TEST(sessions_are_bounded)
{
	char name[32];
	int result = 0, i;

	for (i = 0; i < 1000 && result == 0; i++) {
		ck_assert_int_gt(snprintf(name, sizeof(name), "a.b%d", i), 0);
		result = settings_set(s, name, "x", false, &report);
	}
	ck_assert_int_eq(result, -1);
	ck_assert_int_eq(report.state, SQLSTATE_PROGRAM_LIMIT_EXCEEDED);
}
END_TEST

int
main(void)
{
	TCase *settings = tcase_create("settings");

	tcase_add_checked_fixture(settings, set_up, tear_down);
	tcase_add_loop_test(settings, values_are_read_and_shown, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(settings, transaction_is_undone);
	tcase_add_test(settings, savepoints_nest);
	tcase_add_test(settings, reset_returns_to_the_startup_value);
	tcase_add_test(settings, own_role_may_be_named);
	tcase_add_test(settings, changes_are_reported_once);
	tcase_add_test(settings, values_follow);
	tcase_add_test(settings, table_can_be_listed);
	tcase_add_test(settings, initial_values_are_valid);
	tcase_add_test(settings, sessions_are_bounded);
	return unit_run("sqlite settings", settings, NULL);
}
