/* Rotations at a real server: new passwords, the old logins, and a server that is killed in the middle. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/postgres_scene.h"
#include "tests/unit/run.h"

static bool
logs_in(const char *user, const char *password)
{
	PGconn *connection = scene_connect(user, password);
	bool good = connection != NULL && PQstatus(connection) == CONNECTION_OK;

	PQfinish(connection);
	return good;
}

/* As the superuser. */
static void
run(const char *sql)
{
	PGconn *connection = scene_connect(NULL, NULL);

	ck_assert_str_eq(scene_sql(connection, sql), "");
	PQfinish(connection);
}

static void
open_store(void)
{
	unsigned opened = scene.opened;

	scene_make_store(true, NULL);
	scene_give_peer();
	pg_store_open(scene.store, 7);
	scene_until(&scene.opened, opened + 1);
}

/* A server and a store as they are before any rotation. */
static void
begin(void)
{
	scene_start_server();
	scene_await_server();
	run("alter role bibd_system password '" SCENE_SYSTEM_PASSWORD "'");
	scene.rotation = SCENE_BEFORE;
	open_store();
	scene.rotation = SCENE_PENDING;
}

static void
end(void)
{
	scene_free_store();
	scene_stop_server(SIGINT);
}

START_TEST(test_rotation)
{
	begin();
	ck_assert(logs_in("bibd_write_a", SCENE_PASSWORD) && !logs_in("bibd_write_b", SCENE_PASSWORD));
	ck_assert_int_eq(pg_store_side(scene.store), 'a');
	scene_ask_rotation(11);
	scene_until(&scene.rotated, 1);
	/* Both sides, until the keeper says that it has switched. */
	ck_assert(logs_in("bibd_write_a", SCENE_PASSWORD) && logs_in("bibd_write_b", SCENE_NEW_PASSWORD));
	ck_assert(logs_in("bibd_system", SCENE_NEW_SYSTEM_PASSWORD) && !logs_in("bibd_system", SCENE_SYSTEM_PASSWORD));
	scene_run(1500);
	ck_assert(logs_in("bibd_audit_b", SCENE_NEW_PASSWORD));
	scene.rotation = SCENE_SWITCHED;
	scene_ask_rotation(12);
	scene_until(&scene.retired, 1);
	ck_assert_int_eq(pg_store_side(scene.store), 'b');
	ck_assert(!logs_in("bibd_write_a", SCENE_PASSWORD) && logs_in("bibd_write_b", SCENE_NEW_PASSWORD));
	pg_store_ping(scene.store, 13);
	scene_until(&scene.answered, 1);
	ck_assert_uint_eq(scene.not_rotated + scene.lost, 0);
	end();
}
END_TEST

/* Whatever was asked already, and done, may be asked again. */
START_TEST(test_asked_again)
{
	begin();
	for (unsigned i = 1; i <= 3; i++) {
		scene_ask_rotation(i);
		scene_until(&scene.rotated, i);
	}
	scene_ask_rotation(4);
	scene_ask_rotation(5);
	scene_until(&scene.rotated, 4);
	scene.rotation = SCENE_SWITCHED;
	for (unsigned i = 1; i <= 3; i++) {
		scene_ask_rotation(10 + i);
		scene_until(&scene.retired, i);
	}
	ck_assert(!logs_in("bibd_query_a", SCENE_PASSWORD) && logs_in("bibd_query_b", SCENE_NEW_PASSWORD));
	end();
}
END_TEST

/* The server has bibd_system's new password, and the keeper does not know that yet. */
START_TEST(test_found_pending)
{
	begin();
	scene_ask_rotation(11);
	scene_until(&scene.rotated, 1);
	scene_free_store();
	open_store();
	scene_ask_rotation(12);
	scene_until(&scene.rotated, 2);
	/* And the other way round: it has not. */
	run("alter role bibd_system password '" SCENE_SYSTEM_PASSWORD "'");
	scene_free_store();
	open_store();
	scene_ask_rotation(13);
	scene_until(&scene.rotated, 3);
	ck_assert(logs_in("bibd_system", SCENE_NEW_SYSTEM_PASSWORD));
	end();
}
END_TEST

/* A login that does not work leaves bibd_system as it is. */
START_TEST(test_refused)
{
	begin();
	/* What was changed before is put right again. */
	scene_run(500);
	run("revoke connect on database bibd from query");
	run("alter role bibd_query_b connection limit 0");
	scene_ask_rotation(11);
	scene_until(&scene.not_rotated, 1);
	ck_assert_ptr_nonnull(strstr(scene.why_not, "cannot log in as bibd_query_b with its new password"));
	ck_assert(logs_in("bibd_system", SCENE_SYSTEM_PASSWORD) && logs_in("bibd_write_a", SCENE_PASSWORD));
	run("grant connect on database bibd to query");
	run("alter role bibd_query_b connection limit -1");
	scene_ask_rotation(12);
	scene_until(&scene.rotated, 1);
	end();
}
END_TEST

/* The server is killed so many ms after the question: it is answered in any case, and the next one has what it
 * wants. */
START_TEST(test_server_killed)
{
	unsigned opened;

	begin();
	opened = scene.opened;
	scene_ask_rotation(11);
	scene_run(_i * 6);
	scene_stop_server(SIGKILL);
	scene_run(100);
	scene_start_server();
	pg_store_open(scene.store, 8);
	scene_until(&scene.opened, opened + 1);
	scene_run(50);
	if (scene.rotated == 0) {
		scene_ask_rotation(12);
		scene_until(&scene.rotated, 1);
	}
	ck_assert(logs_in("bibd_admin_a", SCENE_PASSWORD) && logs_in("bibd_admin_b", SCENE_NEW_PASSWORD));
	ck_assert(logs_in("bibd_system", SCENE_NEW_SYSTEM_PASSWORD));
	end();
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("rotate");

	if (!scene_can_run())
		return 77;
	tcase_set_timeout(t, 60);
	tcase_add_unchecked_fixture(t, scene_make_cluster, scene_remove_cluster);
	tcase_add_test(t, test_rotation);
	tcase_add_test(t, test_asked_again);
	tcase_add_test(t, test_found_pending);
	tcase_add_test(t, test_refused);
	tcase_add_loop_test(t, test_server_killed, 0, 16);
	return unit_run("postgres_store_rotate", t, NULL);
}
