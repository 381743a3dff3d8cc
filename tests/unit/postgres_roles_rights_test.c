/* The roles of a managed server: what each may do, and ways out that there are not. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/postgres_scene.h"
#include "tests/unit/run.h"

/* ---- what each role may do ---- */

static const struct {
	const char *role, *sql, *wanted;
} rights[] = {
	{ "admin", "select session_user || ' ' || current_user", "bibd_admin_a admin" },
	{ "admin", "create table t(id serial primary key, a text)", "" },
	{ "admin", "create view v as select a from t", "" },
	{ "admin", "create schema later create table u(i int)", "" },
	{ "admin", "create function one() returns int language sql as 'select 1'", "" },
	{ "write", "insert into t(a) values ('x') returning id", "1" },
	{ "write", "update t set a = 'y'", "" },
	{ "write", "select a from v", "y" },
	{ "write", "insert into later.u values (1)", "" },
	{ "write", "select setval('t_id_seq', 10)", "10" },
	{ "write", "select one()", "1" },
	{ "write", "create temp table x(i int)", "" },
	{ "write", "create table w(i int)", "42501" },
	{ "write", "create schema w", "42501" },
	{ "write", "alter table t add b int", "42501" },
	{ "write", "drop table t", "42501" },
	{ "write", "create index on t(a)", "42501" },
	{ "query", "select a from t", "y" },
	{ "query", "select count(*) from later.u", "1" },
	{ "query", "select last_value from t_id_seq", "10" },
	{ "query", "select one()", "1" },
	{ "query", "insert into t(a) values ('z')", "42501" },
	{ "query", "delete from t", "42501" },
	{ "query", "truncate t", "42501" },
	{ "query", "select nextval('t_id_seq')", "42501" },
	{ "query", "create temp table x(i int)", "42501" },
	{ "query", "create table w(i int)", "42501" },
	{ "query", "select lo_create(0)", "42501" },
	{ "query", "select lo_from_bytea(0, 'x')", "42501" },
	{ "admin",
	    "select count(*) > 0 from pg_stat_activity where usename = 'bibd_system'"
	    " and query = '<insufficient privilege>'",
	    "f" },
	{ "admin", "select count(*) from pg_stat_activity where query ~ 'SCRAM-SHA-25[6]'", "0" },
	{ "write", "select query from pg_stat_activity where usename = 'bibd_system' limit 1",
	    "<insufficient privilege>" },
	{ "audit", "select count(*) >= 0 from bibd.audit", "t" },
	{ "audit", "insert into bibd.audit(at, role, kind, result) values (now(), '', '', '')", "42501" },
	{ "audit", "select a from public.t", "42501" },
	{ "audit", "select count(*) from bibd.migrations", "42501" },
	{ "write", "truncate t", "" },
	{ "admin", "select count(*) from bibd.audit", "42501" },
	{ "admin", "delete from bibd.audit", "42501" },
	{ "admin", "drop table bibd.audit", "42501" },
	{ "admin", "drop schema bibd cascade", "42501" },
	{ "admin", "create table bibd.x(i int)", "42501" },
	{ "admin", "select count(*) from bibd.migrations", "42501" },
	{ "admin", "select bibd.migration_done('application', 1)", "P0001" },
	{ "write", "select count(*) from bibd.audit", "42501" },
	{ "write", "select bibd.migration_done('application', 1)", "42501" },
	{ "query", "select count(*) from bibd.audit", "42501" },
	{ "admin", "drop schema later cascade", "" },
	{ "admin", "drop table t cascade", "" },
	{ "admin", "drop function one()", "" },
};

START_TEST(test_rights)
{
	scene_open_roles();
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		scene_expect(rights[i].role, rights[i].sql, rights[i].wanted);
	scene_close_roles();
}
END_TEST

/* ---- ways out that there are not ---- */

static const struct {
	const char *sql, *wanted;
} attacks[] = {
	{ "set role bibd_system", "42501" },
	{ "set role postgres", "42501" },
	{ "set session authorization bibd_system", "42501" },
	{ "set session authorization postgres", "42501" },
	{ "create role evil", "42501" },
	{ "alter role bibd_system password 'x'", "42501" },
	{ "alter role postgres password 'x'", "42501" },
	{ "alter role bibd_query_a password 'x'", "42501" },
	{ "alter role bibd_system set search_path = evil", "42501" },
	{ "alter role all set search_path = evil", "42501" },
	{ "alter system set log_statement = 'all'", "42501" },
	{ "grant bibd_system to current_user", "42501" },
	{ "grant pg_execute_server_program to current_user", "42501" },
	{ "set role none; grant bibd_admin_a to query", "42501" },
	{ "set role none; grant admin to query", "42501" },
	{ "set role none; alter role current_user valid until '2000-01-01'", "42501" },
	{ "set role none; alter role current_user nologin", "42501" },
	{ "set role none; alter role bibd_write_a rename to evil", "0A000" },
	{ "set role none; alter role current_user connection limit 0", "42501" },
	{ "copy (select 1) to program 'true'", "42501" },
	{ "create temp table x(a text); copy x from program 'id'", "42501" },
	{ "copy (select 1) to '/tmp/evil'", "42501" },
	{ "select pg_read_file('/etc/passwd')", "42501" },
	{ "select pg_ls_dir('.')", "42501" },
	{ "select lo_import('/etc/passwd')", "42501" },
	{ "select lo_export(1, '/tmp/evil')", "42501" },
	{ "select rolpassword from pg_authid", "42501" },
	{ "select passwd from pg_shadow", "42501" },
	{ "create extension adminpack", "42501" },
	{ "create language plpython3u", "0A000" },
	{ "load 'auto_explain'", "42501" },
	{ "checkpoint", "42501" },
	{ "select pg_reload_conf()", "42501" },
	{ "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()", "42501" },
	{ "select pg_cancel_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()", "42501" },
	{ "create database evil", "42501" },
	{ "drop database postgres", "42501" },
	{ "set log_statement = 'none'", "42501" },
	{ "set session_replication_role = replica", "42501" },
	{ "create event trigger e on ddl_command_start execute function pg_notify()", "42883" },
	{ "create publication p for all tables", "42501" },
	{ "create subscription s connection 'host=x' publication p", "42501" },
	{ "create server s foreign data wrapper postgres_fdw", "42704" },
};

START_TEST(test_attacks)
{
	/* What the engine finds wrong before it looks at rights, for those who lack another right first. */
	scene_open_roles();
	for (unsigned role = 0; role < ROLES; role++)
		for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
			PGconn *connection = scene_client(role_names[role]);
			const char *got = scene_sql(connection, attacks[i].sql);

			ck_assert_msg(strcmp(got, attacks[i].wanted) == 0 || strcmp(got, "42501") == 0, "%s: %s: %s",
			    role_names[role], attacks[i].sql, got);
			PQfinish(connection);
		}
	scene_close_roles();
}
END_TEST

/* RESET ROLE and the like lead back to the role, or to the login that is nothing but a member of it. */
START_TEST(test_resets)
{
	static const char *const resets[] = { "reset role", "reset all", "discard all", "set role none",
		"set session authorization default", "reset session authorization" };
	PGconn *connection;

	scene_open_roles();
	for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++) {
		connection = scene_client("query");
		ck_assert_str_eq(scene_sql(connection, resets[i]), "");
		ck_assert_msg(strcmp(scene_sql(connection, "select current_user in ('query', 'bibd_query_a')"), "t") ==
			0,
		    "%s", resets[i]);
		ck_assert_str_eq(scene_sql(connection, "create table w(i int)"), "42501");
		ck_assert_str_eq(scene_sql(connection, "set role write"), "42501");
		ck_assert_str_eq(scene_sql(connection, "set role admin"), "42501");
		PQfinish(connection);
	}
	connection = scene_client("query");
	ck_assert_str_eq(scene_sql(connection, "reset role"), "");
	ck_assert_str_eq(scene_sql(connection, "select current_user"), "query");
	PQfinish(connection);
	scene_close_roles();
}
END_TEST

/* The databases that are not the node's are closed to its clients. */
START_TEST(test_other_databases)
{
	static const char *const databases[] = { "postgres", "template1" };
	char info[256];

	scene_open_roles();
	for (size_t i = 0; i < 2; i++) {
		PGconn *connection;

		(void)snprintf(info, sizeof(info), "host=%s/run dbname=%s user=bibd_admin_a password=" SCENE_PASSWORD,
		    scene.dir, databases[i]);
		connection = PQconnectdb(info);
		ck_assert_int_eq(PQstatus(connection), CONNECTION_BAD);
		ck_assert_ptr_nonnull(strstr(PQerrorMessage(connection), "permission denied for database"));
		PQfinish(connection);
	}
	scene_close_roles();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("roles");

	if (!scene_can_run())
		return 77;
	tcase_set_timeout(t, 60);
	tcase_add_unchecked_fixture(t, scene_make_cluster, scene_remove_cluster);
	tcase_add_test(t, test_rights);
	tcase_add_test(t, test_attacks);
	tcase_add_test(t, test_resets);
	tcase_add_test(t, test_other_databases);
	return unit_run("postgres_roles_rights", t, NULL);
}
