/* Migrations on PostgreSQL: run once and in order, each whole or not at all, by one node at a time. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/postgres_scene.h"
#include "tests/unit/run.h"

static PGconn *super;

static void
start(void)
{
	scene_start_server();
	scene_await_server();
	ck_assert_ptr_nonnull(super = scene_connect(NULL, NULL));
	ck_assert_str_eq(
	    scene_sql(super,
		"drop schema if exists bibd cascade; drop owned by admin;"
		" grant connect on database bibd to admin, bibd_system; drop schema if exists public cascade;"
		" create schema public authorization pg_database_owner"),
	    "");
	scene_make_store(true, NULL);
	scene_give_peer();
}

static void
end(void)
{
	static const char *const files[] = { "0001_one.sql", "0002_two.sql", "0003_three.sql" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		scene_migration(files[i], NULL);
	PQfinish(super);
	scene_free_store();
	scene_stop_server(SIGINT);
}

static void
open_store(void)
{
	unsigned before = scene.opened;

	pg_store_open(scene.store, 1);
	scene_until(&scene.opened, before + 1);
}

static void
expect_failure(const char *code, const char *text)
{
	scene.failed = 0;
	pg_store_open(scene.store, 1);
	scene_until(&scene.failed, 1);
	ck_assert_msg(strcmp(scene.failure.code, code) == 0 && strcmp(scene.failure.text, text) == 0, "%s: %s",
	    scene.failure.code, scene.failure.text);
	scene.failed = 0;
}

static void
expect(const char *sql, const char *wanted)
{
	const char *got = scene_sql(super, sql);

	ck_assert_msg(strcmp(got, wanted) == 0, "%s: %s instead of %s", sql, got, wanted);
}

#define RECORD \
	"select string_agg(origin || ' ' || number || ' ' || name, ', ' order by applied_at)" \
	" from bibd.migrations"

START_TEST(test_success)
{
	start();
	scene_migration("0001_one.sql",
	    "-- a file\ncreate table one(a text);\ninsert into one values ('x;y');\n"
	    "set search_path = nowhere;\nset role none;\n");
	scene_migration("0002_two.sql",
	    "create table two(); create function f() returns int language plpgsql as $$"
	    " begin return 1; end $$;");
	open_store();
	expect(RECORD, "bibd 1 audit, application 1 one, application 2 two");
	expect("select string_agg(tableowner, ' ' order by tablename) from pg_tables where schemaname = 'public'",
	    "admin admin");
	expect("select tableowner from pg_tables where tablename = 'audit'", "bibd_system");
	expect("set role query; select a from one", "x;y");
	expect("reset role; select count(*) from bibd.migrations where applied_at is null", "0");
	/* A second start runs nothing, one with a new file that alone. */
	open_store();
	scene_migration("0003_three.sql", "insert into one values ('z')");
	open_store();
	open_store();
	expect("select count(*) from one", "2");
	expect(RECORD, "bibd 1 audit, application 1 one, application 2 two, application 3 three");
	ck_assert_str_eq(scene.progress[0], "running migration 0001_audit.sql");
	end();
}
END_TEST

static const struct {
	const char *sql, *text;
} failures[] = {
	{ "create table one();\ncreate table two();\nselect no_such_thing;\n",
	    "column \"no_such_thing\" does not exist at line 3 (42703)" },
	{ "create table one(); select 1/0", "division by zero (22012)" },
	{ "create table one(;", "syntax error at or near \";\" at line 1 (42601)" },
	{ "-- \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\ncreate table one();\n\n  selekt",
	    "syntax error at or near \"selekt\" at line 4 (42601)" },
	{ "create table one(); commit; create table two()",
	    "EXECUTE of transaction commands is not implemented"
	    " (0A000)" },
	{ "create table one(); rollback", "EXECUTE of transaction commands is not implemented (0A000)" },
	{ "create index concurrently on pg_class(relname)",
	    "CREATE INDEX CONCURRENTLY cannot be executed from a"
	    " function (25001)" },
	{ "create table one(i int); copy one from stdin", "cannot COPY to/from client in PL/pgSQL (0A000)" },
	{ "reset role; create role evil", "permission denied to create role (42501)" },
	{ "drop schema bibd cascade", "must be owner of schema bibd (42501)" },
	{ "insert into bibd.migrations values ('application', 9, 'x', 'y', now())",
	    "permission denied for table migrations (42501)" },
	{ "create table one(a int unique deferrable initially deferred); insert into one values (1), (1)",
	    "duplicate key value violates unique constraint \"one_a_key\" (23505)" },
	{ "do $$ begin raise exception 'on purpose'; end $$", "on purpose (P0001)" },
};

START_TEST(test_failure)
{
	char text[512];

	start();
	scene_migration("0001_one.sql", failures[_i].sql);
	scene_migration("0002_two.sql", "create table two()");
	(void)snprintf(text, sizeof(text), "migration 0001_one.sql failed and left nothing: %s", failures[_i].text);
	expect_failure("migrations.failed", text);
	ck_assert_uint_eq(scene.failure.status, STATUS_CONFIG);
	expect("select count(*) from pg_tables where schemaname = 'public'", "0");
	expect(RECORD, "bibd 1 audit");
	scene_migration("0001_one.sql", "create table one()");
	open_store();
	expect(RECORD, "bibd 1 audit, application 1 one, application 2 two");
	end();
}
END_TEST

START_TEST(test_rules)
{
	start();
	scene_migration("0002_two.sql", "create table two()");
	open_store();
	scene_migration("0002_two.sql", "create table two(a int)");
	expect_failure("migrations.changed",
	    "migration 0002_two.sql (application) was changed after it was run on"
	    " this store: "
	    "restore the file and put the change into a new one");
	scene_migration("0002_two.sql", NULL);
	expect_failure("migrations.missing",
	    "migration 0002_two.sql (application) was run on this store and its"
	    " file is missing: put it back");
	scene_migration("0002_two.sql", "create table two()");
	scene_migration("0001_one.sql", "create table one()");
	expect_failure("migrations.order",
	    "migration 0001_one.sql (application) has not run, but 0002_two.sql after"
	    " it has: "
	    "give it a higher number");
	scene_migration("0001_one.sql", NULL);
	open_store();
	end();
}
END_TEST

/* Two nodes on one server: each file is run by one of them. */
static void
be_a_node(const char *directory)
{
	scene_make_store(false, directory);
	scene_give_peer();
	pg_store_open(scene.store, 1);
	while (scene.opened == 0 && scene.failed == 0)
		(void)loop_run_once(&scene.worker.loop, 100, NULL);
}

START_TEST(test_two_at_once)
{
	char directory[96];
	pid_t other;
	int status;

	start();
	scene_free_store();
	(void)snprintf(directory, sizeof(directory), "%s/run", scene.dir);
	scene_migration("0001_one.sql", "create table one(a int); select pg_sleep(0.5)");
	scene_migration("0002_two.sql", "insert into one values (1)");
	if ((other = fork()) == 0) {
		be_a_node(directory);
		scene_free_store();
		_exit(scene.opened == 1 ? 0 : 1);
	}
	be_a_node(directory);
	ck_assert_msg(scene.opened == 1, "%s", scene.failure.text);
	ck_assert_int_eq(waitpid(other, &status, 0), other);
	ck_assert_int_eq(status, 0);
	expect("select count(*) from one", "1");
	expect(RECORD, "bibd 1 audit, application 1 one, application 2 two");
	end();
}
END_TEST

/* A lock that somebody keeps is not waited for without end; a wait is told about. */
START_TEST(test_lock_kept)
{
	start();
	scene.worker.conf->database.postgres.health.startup_timeout = 1500;
	expect("select count(*) from (select pg_advisory_lock(1651073636)) s", "1");
	expect_failure("migrations.locked",
	    "cannot take the lock of migrations: another session has held the lock"
	    " for over 1500 ms: "
	    "end it, or wait for it");
	ck_assert_uint_eq(scene.failure.status, STATUS_UNAVAILABLE);
	ck_assert_str_eq(scene.progress[0], "waiting for another node that runs migrations");
	expect("select pg_advisory_unlock(1651073636)", "t");
	open_store();
	end();
}
END_TEST

/* A server that dies in the middle has run the file whole or not at all, and the next opening finds out which. */
START_TEST(test_killed_in_the_middle)
{
	start();
	scene_migration("0001_one.sql", "create table one(); select pg_sleep(60)");
	pg_store_open(scene.store, 1);
	while (strcmp(scene_sql(super, "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"), "1") != 0)
		scene_run(20);
	PQfinish(super);
	scene_stop_server(SIGKILL);
	scene_migration("0001_one.sql", "create table one()");
	scene_start_server();
	scene_until(&scene.opened, 1);
	ck_assert_ptr_nonnull(super = scene_connect(NULL, NULL));
	/* The file as it was read when the opening began anew. */
	expect(RECORD, "bibd 1 audit, application 1 one");
	end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("migrate");

	if (!scene_can_run())
		return 77;
	tcase_set_timeout(t, 60);
	tcase_add_unchecked_fixture(t, scene_make_cluster, scene_remove_cluster);
	tcase_add_test(t, test_success);
	tcase_add_loop_test(t, test_failure, 0, (int)(sizeof(failures) / sizeof(failures[0])));
	tcase_add_test(t, test_rules);
	tcase_add_test(t, test_two_at_once);
	tcase_add_test(t, test_lock_kept);
	tcase_add_test(t, test_killed_in_the_middle);
	return unit_run("postgres_migrate", t, NULL);
}
