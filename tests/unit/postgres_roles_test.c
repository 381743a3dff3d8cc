/* The roles of a managed server: what a client of a shared login can do to it, and the repair. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/postgres_scene.h"
#include "tests/unit/run.h"

static void
reopen(void)
{
	unsigned before = scene.opened;

	pg_store_open(scene.store, 2);
	scene_until(&scene.opened, before + 1);
	/* Rights are looked at right after. */
	scene_run(300);
}

/* ---- what a client can do to its own login, and the repair ---- */

static const struct {
	const char *role, *sql;
} damages[] = {
	{ "write", "set role none; alter role bibd_write_a set search_path = evil" },
	{ "write", "set role none; alter role bibd_write_a in database bibd set default_transaction_read_only = on" },
	{ "query", "set role none; alter role bibd_query_a reset all" },
	{ "query", "set role none; alter role bibd_query_a set role = 'bibd_query_a'" },
	{ "admin", "set role none; alter role bibd_admin_a set statement_timeout = 1" },
	/* These only the superuser can, by mistake. */
	{ NULL, "grant bibd_admin_a to query" },
	{ NULL, "grant admin to bibd_write_b with admin option" },
	{ NULL, "revoke audit from bibd_audit_b" },
	{ NULL, "alter role bibd_query_b nologin connection limit 0 valid until '2000-01-01'" },
};

static void
assert_intact(void)
{
	PGconn *super = scene_connect(NULL, NULL);

	ck_assert_str_eq(
	    scene_sql(super,
		"select count(*) from pg_db_role_setting s join pg_roles r on r.oid ="
		" setrole"
		" where setdatabase = 0 and setconfig = array['role=' || regexp_replace(rolname, '^bibd_(.*)_[ab]$', "
		"'\\1')]"),
	    "10");
	ck_assert_str_eq(scene_sql(super, "select count(*) from pg_db_role_setting"), "10");
	ck_assert_str_eq(scene_sql(super,
			     "select count(*) from pg_auth_members a join pg_roles m on m.oid = a.member"
			     " where m.rolname like 'bibd_%' and m.rolname <> 'bibd_system'"),
	    "10");
	PQfinish(super);
}

/* At the next look, without anybody asking. */
START_TEST(test_damage)
{
	unsigned before;

	scene_open_roles();
	assert_intact();
	scene_run(400);
	before = scene.nevents;
	scene_expect(damages[_i].role, damages[_i].sql, "");
	scene_until(&scene.nevents, before + 1);
	ck_assert_msg(strncmp(scene.event, "roles.repaired: ", 16) == 0, "%s", scene.event);
	assert_intact();
	/* And it stays so: nothing is repaired that is whole. */
	scene_run(1000);
	ck_assert_uint_eq(scene.nevents, before + 1);
	scene_close_roles();
}
END_TEST

START_TEST(test_password)
{
	PGconn *connection;

	scene_open_roles();
	scene_expect("write", "set role none; alter role bibd_write_a password 'taken over'", "");
	ck_assert_ptr_null(scene_connect("bibd_write_a", SCENE_PASSWORD));
	/* The pool finds it out, and says so. */
	pg_store_suspect(scene.store);
	scene_run(500);
	ck_assert_ptr_null(scene_connect("bibd_write_a", "taken over"));
	PQfinish(scene_client("write"));
	/* The supervisor finds it out, once it needs a login. */
	pg_store_ping(scene.store, 5);
	scene_until(&scene.answered, 1);
	scene_expect("write", "set role none; alter role bibd_write_a password null", "");
	pg_store_ping(scene.store, 5);
	scene_until(&scene.answered, 2);
	/* A start finds it out. */
	scene_expect("write", "set role none; alter role bibd_write_a password 'taken over'", "");
	reopen();
	ck_assert_ptr_nonnull(connection = scene_connect("bibd_write_a", SCENE_PASSWORD));
	PQfinish(connection);
	ck_assert_uint_eq(scene.lost + scene.failed, 0);
	scene_close_roles();
}
END_TEST

/* What was made under the login's own name goes to the role, with the rights that go with it. */
START_TEST(test_objects_of_logins)
{
	scene_open_roles();
	scene_expect("admin",
	    "set role none; create table stray(i int); create function stray() returns int language sql"
	    " as 'select 1';"
	    " create sequence astray; create schema strays",
	    "");
	scene_expect("query", "select count(*) from stray", "42501");
	reopen();
	scene_expect("query", "select count(*) from stray", "0");
	scene_expect("write", "insert into stray values (1)", "");
	scene_expect("write", "select nextval('astray')", "1");
	scene_expect("query", "select stray()", "1");
	scene_expect("admin", "select tableowner from pg_tables where tablename = 'stray'", "admin");
	scene_expect("admin", "select nspowner::regrole from pg_namespace where nspname = 'strays'", "admin");
	scene_expect("admin", "drop table stray; drop function stray(); drop sequence astray; drop schema strays", "");
	/* What an administrator took away stays taken away. */
	scene_expect("admin", "create table hidden(i int); revoke all on hidden from query", "");
	reopen();
	scene_expect("query", "select count(*) from hidden", "42501");
	scene_expect("admin", "drop table hidden", "");
	scene_close_roles();
}
END_TEST

/* An owner's settings for the database, functions and operators do not reach what bibd does itself. */
START_TEST(test_traps)
{
	scene_open_roles();
	scene_expect("admin", "create schema trap", "");
	scene_expect("admin",
	    "create function trap.format(text, text, text) returns text language sql as"
	    " $$ select 'alter role bibd_query_a createrole' $$",
	    "");
	scene_expect("admin",
	    "create function trap.to_regclass(text) returns regclass language plpgsql as"
	    " $$ begin raise exception 'trapped'; end $$",
	    "");
	scene_expect("admin", "alter database bibd set search_path = trap, public, pg_catalog", "");
	scene_expect("admin", "alter database bibd set role = 'query'", "");
	scene_expect("admin", "alter database bibd set idle_session_timeout = 100", "");
	scene_expect("admin", "alter database bibd set default_transaction_read_only = on", "");
	scene_free_store();
	scene.opened = 0;
	scene_make_store(true, NULL);
	scene_give_peer();
	pg_store_open(scene.store, 1);
	scene_until(&scene.opened, 1);
	/* Its own connection is not ended either. */
	scene_run(1000);
	ck_assert_uint_eq(scene.nevents, 0);
	pg_store_ping(scene.store, 1);
	scene_until(&scene.answered, 1);
	scene_expect(NULL, "begin read write; set local role none; alter database bibd reset all; commit", "");
	scene_expect("admin", "drop schema trap cascade", "");
	scene_close_roles();
}
END_TEST

/* Neither a password nor a verifier is in the server's log, whatever that logs. */
START_TEST(test_log)
{
	char path[100], line[4096];
	FILE *file;

	(void)snprintf(scene.server_options, sizeof(scene.server_options),
	    "log_statement=all log_min_duration_statement=0 log_min_error_statement=debug5 log_connections=on");
	(void)snprintf(path, sizeof(path), "%s/log", scene.dir);
	ck_assert_int_eq(truncate(path, 0), 0);
	scene_open_roles();
	reopen();
	pg_store_suspect(scene.store);
	scene_run(500);
	scene_close_roles();
	ck_assert_ptr_nonnull(file = fopen(path, "re"));
	while (fgets(line, sizeof(line), file) != NULL) {
		ck_assert_msg(strstr(line, "SCRAM-SHA-256$") == NULL, "%s", line);
		ck_assert_msg(strstr(line, SCENE_PASSWORD) == NULL && strstr(line, SCENE_SYSTEM_PASSWORD) == NULL, "%s",
		    line);
	}
	(void)fclose(file);
	scene.server_options[0] = '\0';
}
END_TEST

/* A second start finds nothing to do but the passwords. */
START_TEST(test_second_start)
{
	PGconn *super;
	char before[64];

	scene_open_roles();
	ck_assert_ptr_nonnull(super = scene_connect(NULL, NULL));
	(void)snprintf(before, sizeof(before), "%s",
	    scene_sql(super,
		"select string_agg(xmin::text, ',' order by oid) from"
		" (select oid, xmin from pg_namespace where nspname in ('public', 'bibd') union all select oid, xmin"
		" from pg_class where relname in ('audit', 'migrations') union all select oid, xmin from pg_database "
		"where datname = 'bibd') s"));
	reopen();
	ck_assert_str_eq(
	    scene_sql(super,
		"select string_agg(xmin::text, ',' order by oid) from"
		" (select oid, xmin from pg_namespace where nspname in ('public', 'bibd') union all select oid, xmin"
		" from pg_class where relname in ('audit', 'migrations') union all select oid, xmin from pg_database "
		"where datname = 'bibd') s"),
	    before);
	ck_assert_uint_eq(scene.nevents, 0);
	PQfinish(super);
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
	tcase_add_loop_test(t, test_damage, 0, (int)(sizeof(damages) / sizeof(damages[0])));
	tcase_add_test(t, test_password);
	tcase_add_test(t, test_objects_of_logins);
	tcase_add_test(t, test_traps);
	tcase_add_test(t, test_log);
	tcase_add_test(t, test_second_start);
	return unit_run("postgres_roles", t, NULL);
}
