/*
 * The authorizer: what each role may do on SQLite.
 */
#include <sqlite3.h>
#include <stdlib.h>

#include "tests/unit/run.h"
#include "workers/sqlite/connection/connection.h"

#define A (1U << ROLE_ADMIN)
#define W (1U << ROLE_WRITE)
#define Q (1U << ROLE_QUERY)
#define U (1U << ROLE_AUDIT)
#define M (1U << ROLE_MONITOR)

/* What is asked, and the roles that may. */
static const struct {
	int action;
	const char *a, *b, *database;
	unsigned roles;
} cases[] = {
	{ SQLITE_SELECT, NULL, NULL, NULL, A | W | Q | U | M },
	{ SQLITE_READ, "t", "c", "public", A | W | Q },
	{ SQLITE_READ, "pg_class", "oid", "pg_catalog", A | W | Q | U | M },
	{ SQLITE_READ, "bibd_audit", "statement", "public", U },
	{ SQLITE_READ, "bibd_node", "value", "public", 0 },
	{ SQLITE_READ, "bibd_migrations", "name", "public", 0 },
	{ SQLITE_READ, "bibd_unnest", "value", "public", A | W | Q | U | M },
	{ SQLITE_INSERT, "t", NULL, "public", A | W },
	{ SQLITE_UPDATE, "t", "c", "public", A | W },
	{ SQLITE_DELETE, "t", NULL, "public", A | W },
	{ SQLITE_INSERT, "bibd_audit", NULL, "public", 0 },
	{ SQLITE_UPDATE, "bibd_audit", "at", "public", 0 },
	{ SQLITE_DELETE, "bibd_audit", NULL, "public", 0 },
	{ SQLITE_DROP_TABLE, "bibd_audit", NULL, "public", 0 },
	{ SQLITE_ALTER_TABLE, "public", "bibd_audit", NULL, 0 },
	{ SQLITE_CREATE_INDEX, "i", "bibd_audit", "public", 0 },
	{ SQLITE_INSERT, "sqlite_master", NULL, "public", 0 },
	{ SQLITE_UPDATE, "sqlite_sequence", "seq", "public", 0 },
	{ SQLITE_DELETE, "sqlite_sequence", NULL, "public", 0 },
	{ SQLITE_DELETE, "SQLITE_stat1", NULL, "public", 0 },
	{ SQLITE_UPDATE, "sqlite_sequence", "seq", "temp", 0 },
	{ SQLITE_DROP_TABLE, "sqlite_stat1", NULL, "public", 0 },
	{ SQLITE_ALTER_TABLE, "public", "sqlite_sequence", NULL, 0 },
	{ SQLITE_CREATE_INDEX, "i", "sqlite_sequence", "public", 0 },
	{ SQLITE_INSERT, "pg_class", NULL, "pg_catalog", 0 },
	{ SQLITE_UPDATE, "pg_class", "relname", "pg_catalog", 0 },
	{ SQLITE_DELETE, "pg_class", NULL, "pg_catalog", 0 },
	{ SQLITE_DELETE, "tables", NULL, "information_schema", 0 },
	{ SQLITE_DROP_TABLE, "pg_class", NULL, "pg_catalog", 0 },
	{ SQLITE_ALTER_TABLE, "pg_catalog", "pg_class", NULL, 0 },
	{ SQLITE_CREATE_INDEX, "i", "pg_class", "pg_catalog", 0 },
	{ SQLITE_CREATE_TABLE, "t", NULL, "pg_catalog", 0 },
	{ SQLITE_DELETE, "t", NULL, "temp", A | W },
	{ SQLITE_CREATE_TEMP_TABLE, "bibd_t", NULL, "temp", 0 },
	{ SQLITE_CREATE_TABLE, "t", NULL, "public", A },
	{ SQLITE_DROP_TABLE, "t", NULL, "public", A },
	{ SQLITE_CREATE_VIEW, "v", NULL, "public", A },
	{ SQLITE_CREATE_TRIGGER, "g", "t", "public", 0 },
	{ SQLITE_CREATE_TEMP_TABLE, "t", NULL, "temp", A | W },
	{ SQLITE_CREATE_TABLE, "t", NULL, "temp", A | W },
	{ SQLITE_DROP_TEMP_TABLE, "t", NULL, "temp", A | W },
	{ SQLITE_CREATE_INDEX, "i", "t", "temp", A | W },
	{ SQLITE_CREATE_INDEX, "i", "t", "public", A },
	{ SQLITE_REINDEX, "i", NULL, "temp", A | W },
	{ SQLITE_REINDEX, "i", NULL, "public", A },
	{ SQLITE_ALTER_TABLE, "temp", "t", NULL, A | W },
	{ SQLITE_ALTER_TABLE, "public", "t", NULL, A },
	{ SQLITE_ALTER_TABLE, "temp", "bibd_t", NULL, 0 },
	{ SQLITE_UPDATE, "sqlite_master", "sql", "public", 0 },
	{ SQLITE_ATTACH, "/etc/passwd", NULL, NULL, 0 },
	{ SQLITE_DETACH, "pg_catalog", NULL, NULL, 0 },
	{ SQLITE_PRAGMA, "journal_mode", "delete", NULL, 0 },
	{ SQLITE_PRAGMA, "writable_schema", "1", NULL, 0 },
	{ SQLITE_PRAGMA, "quick_check", NULL, NULL, A },
	{ SQLITE_FUNCTION, NULL, "lower", NULL, A | W | Q | U | M },
	{ SQLITE_FUNCTION, NULL, "load_extension", NULL, 0 },
	{ SQLITE_FUNCTION, NULL, "readfile", NULL, 0 },
	{ SQLITE_TRANSACTION, "COMMIT", NULL, NULL, 0 },
	{ SQLITE_CREATE_VTABLE, "t", "fts5", "public", 0 },
};

START_TEST(each_role_may_what_the_table_says)
{
	struct connection connection = { .context = { .internal = false } };

	for (int role = 0; role < ROLES; role++) {
		int answer;

		connection.context.role = (enum role)role;
		answer = authorize(&connection, cases[_i].action, cases[_i].a, cases[_i].b, cases[_i].database, NULL);
		ck_assert_msg((answer == SQLITE_OK) == ((cases[_i].roles & (1U << role)) != 0), "case %d, role %s: %d",
		    _i, role_names[role], answer);
	}
}
END_TEST

/* What SQLite itself changes for a client's DDL. */
START_TEST(ddl_changes_the_tables_of_sqlite)
{
	struct connection connection = { .context = { .defining = true, .role = ROLE_ADMIN } };

	ck_assert_int_eq(authorize(&connection, SQLITE_INSERT, "sqlite_master", NULL, "public", NULL), SQLITE_OK);
	ck_assert_int_eq(authorize(&connection, SQLITE_DELETE, "sqlite_sequence", NULL, "public", NULL), SQLITE_OK);
	ck_assert_int_eq(authorize(&connection, SQLITE_DELETE, "pg_class", NULL, "pg_catalog", NULL), SQLITE_DENY);
	connection.context.role = ROLE_WRITE;
	ck_assert_int_eq(authorize(&connection, SQLITE_INSERT, "sqlite_temp_master", NULL, "temp", NULL), SQLITE_OK);
	ck_assert_int_eq(authorize(&connection, SQLITE_INSERT, "sqlite_master", NULL, "public", NULL), SQLITE_DENY);
	ck_assert_int_eq(authorize(&connection, SQLITE_DELETE, "sqlite_master", NULL, "public", NULL), SQLITE_DENY);
	ck_assert_int_eq(authorize(&connection, SQLITE_UPDATE, "sqlite_master", "type", "public", NULL), SQLITE_OK);
	ck_assert_int_eq(authorize(&connection, SQLITE_UPDATE, "sqlite_sequence", "seq", "public", NULL), SQLITE_DENY);
}
END_TEST

START_TEST(bibd_itself_may_everything)
{
	struct connection connection = { .context = { .internal = true, .role = ROLE_QUERY } };

	ck_assert_int_eq(authorize(&connection, cases[_i].action, cases[_i].a, cases[_i].b, cases[_i].database, NULL),
	    SQLITE_OK);
}
END_TEST

START_TEST(the_refused_object_is_named)
{
	struct connection connection = { .context = { .role = ROLE_QUERY } };

	ck_assert_int_eq(authorize(&connection, SQLITE_DELETE, "orders", NULL, "public", NULL), SQLITE_DENY);
	ck_assert_str_eq(connection.denied, "orders");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("authorize");
	int n = (int)(sizeof(cases) / sizeof(cases[0]));

	tcase_add_loop_test(tc, each_role_may_what_the_table_says, 0, n);
	tcase_add_loop_test(tc, bibd_itself_may_everything, 0, n);
	tcase_add_test(tc, the_refused_object_is_named);
	tcase_add_test(tc, ddl_changes_the_tables_of_sqlite);
	return unit_run("sqlite authorize", tc, NULL);
}
