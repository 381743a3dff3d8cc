/* The store against a real server: opening, what the supervisor is told on the way, and losing it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/postgres_scene.h"
#include "tests/unit/run.h"

#define UNAVAILABLE 69

/* ---- opening ---- */

START_TEST(test_open)
{
	const char *keywords[STORE_PARAMETERS_MAX], *values[STORE_PARAMETERS_MAX];
	struct message_statistics statistics = { .store_bytes = 0 };
	PGconn *connection;
	char text[64];

	scene_start_server();
	scene_open_store();
	ck_assert_uint_eq(scene.available_calls, 1);
	ck_assert(pg_store_healthy(scene.store, text, sizeof(text)));
	ck_assert_int_eq(pg_store_parameters(scene.store, ROLE_QUERY, keywords, values), 0);
	ck_assert_ptr_nonnull(connection = PQconnectdbParams(keywords, values, 0));
	ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
	ck_assert_str_eq(scene_sql(connection, "select session_user || ' ' || current_user"), "bibd_query_a query");
	PQfinish(connection);
	pg_store_ping(scene.store, 8);
	scene_until(&scene.answered, 1);
	pg_store_statistics(scene.store, &statistics);
	scene_run(200);
	pg_store_statistics(scene.store, &statistics);
	ck_assert_str_eq(statistics.store_state, "open");
	ck_assert_uint_gt(statistics.store_bytes, 1000000);
	ck_assert_uint_gt(statistics.probe_us, 0);
	scene_end_store();
	scene_stop_server(SIGINT);
}
END_TEST

/* The server comes after the question, and its socket is noticed at once. */
START_TEST(test_open_before_the_server)
{
	int64_t begin;

	scene_make_store(true, NULL);
	scene_give_peer();
	pg_store_open(scene.store, 1);
	/* Right after a probe, so that the next one is a second away. */
	scene_run(1100);
	ck_assert_uint_eq(scene.opened, 0);
	begin = clock_now_ms();
	scene_start_server();
	scene_until(&scene.opened, 1);
	ck_assert_msg(clock_now_ms() - begin < 900 * scene_slow(), "%d ms", (int)(clock_now_ms() - begin));
	scene_end_store();
	scene_stop_server(SIGINT);
}
END_TEST

START_TEST(test_open_before_the_keeper)
{
	scene_start_server();
	scene_make_store(true, NULL);
	pg_store_open(scene.store, 1);
	scene_run(200);
	ck_assert_uint_eq(scene.opened + scene.failed, 0);
	scene_give_peer();
	scene_until(&scene.opened, 1);
	scene_end_store();
	scene_stop_server(SIGINT);
}
END_TEST

START_TEST(test_keeper_refuses)
{
	scene_make_store(true, NULL);
	scene.keeper_refuses = true;
	scene_give_peer();
	pg_store_open(scene.store, 1);
	scene_until(&scene.failed, 1);
	ck_assert_uint_eq(scene.failure.status, STATUS_DATA);
	ck_assert_str_eq(scene.failure.code, "secrets.damaged");
	ck_assert_str_eq(scene.failure.text, "they are damaged");
	scene_free_store();
}
END_TEST

/* The roles' passwords are not those of the verifiers, which are given to the server when it refuses the former. */
START_TEST(test_credentials_of_another_node)
{
	PGconn *super;

	scene_start_server();
	scene_await_server();
	ck_assert_ptr_nonnull(super = scene_connect(NULL, NULL));
	ck_assert_str_eq(scene_sql(super,
			     "do $$ begin if exists (select from pg_roles where rolname = 'bibd_write_a') then"
			     " alter role bibd_write_a password null; end if; end $$"),
	    "");
	PQfinish(super);
	scene_make_store(true, NULL);
	scene.keeper_lies = true;
	scene_give_peer();
	pg_store_open(scene.store, 1);
	scene_until(&scene.failed, 1);
	ck_assert_uint_eq(scene.failure.status, STATUS_DATA);
	ck_assert_str_eq(scene.failure.code, "store.credentials");
	ck_assert_ptr_nonnull(strstr(scene.failure.text, "password authentication failed for user \"bibd_write_a\""));
	ck_assert_ptr_null(strstr(scene.failure.text, SCENE_PASSWORD));
	scene_free_store();
	scene_stop_server(SIGINT);
}
END_TEST

/* A recovery that takes a while is told about, at most once a second. */
START_TEST(test_progress)
{
	PGconn *connection;

	(void)snprintf(scene.server_options, sizeof(scene.server_options), "checkpoint_timeout=1h max_wal_size=4GB");
	scene_start_server();
	scene_await_server();
	ck_assert_ptr_nonnull(connection = scene_connect(NULL, NULL));
	ck_assert_str_eq(scene_sql(connection,
			     "create table filler as select g, md5(g::text) from"
			     " generate_series(1, 300000) g"),
	    "");
	ck_assert_str_eq(scene_sql(connection, "update filler set g = g + 1"), "");
	PQfinish(connection);
	scene_stop_server(SIGKILL);
	scene_start_server();
	scene_open_store();
	/* A store that is slow finds the server recovered. */
	ck_assert(scene_slow() > 1 || scene.nprogress >= 1);
	ck_assert_msg(scene.nprogress == 0 || strncmp(scene.progress[0], "the database system is ", 23) == 0, "%s",
	    scene.progress[0]);
	ck_assert_uint_le(scene.nprogress, 10);
	scene_end_store();
	ck_assert_ptr_nonnull(connection = scene_connect(NULL, NULL));
	ck_assert_str_eq(scene_sql(connection, "drop table filler"), "");
	PQfinish(connection);
	scene_stop_server(SIGINT);
	scene.server_options[0] = '\0';
}
END_TEST

/* Passwords that were right once: the keeper is asked again before it is said that they are not. */
START_TEST(test_new_credentials)
{
	PGconn *super;

	scene_start_server();
	scene_open_store();
	ck_assert_uint_eq(scene.asked, 1);
	ck_assert_ptr_nonnull(super = scene_connect(NULL, NULL));
	ck_assert_str_eq(scene_sql(super, "alter role bibd_system password 'another'"), "");
	scene.system_password = "another";
	pg_store_open(scene.store, 2);
	scene_until(&scene.opened, 2);
	ck_assert_uint_eq(scene.asked, 2);
	ck_assert_str_eq(scene_sql(super, "alter role bibd_system password 'third'"), "");
	pg_store_open(scene.store, 3);
	scene_until(&scene.failed, 1);
	ck_assert_str_eq(scene.failure.code, "store.credentials");
	ck_assert_uint_eq(scene.lost_calls, 1);
	ck_assert_str_eq(scene_sql(super, "alter role bibd_system password '" SCENE_SYSTEM_PASSWORD "'"), "");
	PQfinish(super);
	scene_free_store();
	scene_stop_server(SIGINT);
}
END_TEST

/* bibd's own connection may end: it is made anew when there is something to do. */
START_TEST(test_own_connection_ends)
{
	static const char ended[] = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename ="
				    " 'bibd_system'";
	PGconn *super;

	scene_start_server();
	scene_open_store();
	ck_assert_ptr_nonnull(super = scene_connect(NULL, NULL));
	ck_assert_str_eq(scene_sql(super, ended), "1");
	scene_run(1000);
	ck_assert_str_eq(scene_sql(super, "select count(*) from pg_stat_activity where usename = 'bibd_system'"), "1");
	ck_assert_uint_eq(scene.lost + scene.failed, 0);
	PQfinish(super);
	scene_end_store();
	scene_stop_server(SIGINT);
}
END_TEST

/* ---- losing it ---- */

static const int ways_to_die[] = { SIGKILL, SIGINT, SIGSTOP };

START_TEST(test_lost_and_opened_again)
{
	char text[512];
	int64_t begin;

	scene_start_server();
	scene_open_store();
	begin = clock_now_ms();
	if (ways_to_die[_i] == SIGSTOP) {
		/* Alive but stuck: only the time tells. */
		scene.worker.conf->database.postgres.health.timeout = 400;
		scene_signal_server(SIGSTOP);
	} else
		scene_stop_server(ways_to_die[_i]);
	scene_until(&scene.lost, 1);
	ck_assert_msg(clock_now_ms() - begin < 1500 * scene_slow(), "%d ms", (int)(clock_now_ms() - begin));
	ck_assert_uint_eq(scene.lost_calls, 1);
	ck_assert_str_eq(scene.lost_text, scene.lost_cause);
	ck_assert(!pg_store_healthy(scene.store, text, sizeof(text)));
	ck_assert_ptr_nonnull(strstr(scene.lost_cause,
	    ways_to_die[_i] == SIGSTOP	     ? "no answer within 400 ms"
		: ways_to_die[_i] == SIGKILL ? "connection refused"
					     : "no such file or directory"));
	/* Said once, and nothing more until it is asked. */
	scene_run(1200);
	ck_assert_uint_eq(scene.lost, 1);
	pg_store_ping(scene.store, 3);
	scene_until(&scene.failed, 1);
	ck_assert_uint_eq(scene.failure.status, UNAVAILABLE);
	ck_assert_str_eq(scene.failure.code, "storage.ping");
	scene.failed = 0;
	scene.worker.conf->database.postgres.health.timeout = 2000;
	pg_store_open(scene.store, 9);
	scene_run(100);
	ck_assert_uint_eq(scene.opened, 1);
	if (ways_to_die[_i] == SIGSTOP)
		scene_signal_server(SIGCONT);
	else
		scene_start_server();
	scene_until(&scene.opened, 2);
	ck_assert_uint_eq(scene.available_calls, 2);
	pg_store_ping(scene.store, 4);
	scene_until(&scene.answered, 1);
	scene_free_store();
	scene_stop_server(SIGINT);
}
END_TEST

/* Load is not death: no room for another connection, and a backend that was killed with all others. */
START_TEST(test_load_is_not_death)
{
	PGconn *connections[32], *connection;
	unsigned n = 0;

	(void)snprintf(scene.server_options, sizeof(scene.server_options),
	    "max_connections=8 superuser_reserved_connections=3");
	scene_start_server();
	scene_open_store();
	while (n < 32 && (connections[n] = scene_connect(NULL, NULL)) != NULL)
		n++;
	ck_assert_uint_ge(n, 6);
	pg_store_suspect(scene.store);
	scene_run(1000);
	ck_assert_uint_eq(scene.lost, 0);
	while (n > 0)
		PQfinish(connections[--n]);
	/* The server takes a moment to notice that the others have gone. */
	connection = scene_connect_when_there_is_room();
	(void)scene_sql(connection, "copy (select 1) to program 'kill -9 $PPID'");
	PQfinish(connection);
	scene_run(1500);
	ck_assert_uint_eq(scene.lost, 0);
	pg_store_ping(scene.store, 2);
	scene_until(&scene.answered, 1);
	scene_end_store();
	scene_stop_server(SIGINT);
	scene.server_options[0] = '\0';
}
END_TEST

/* Asked again while it is open: nobody loses anything, and it is answered. */
START_TEST(test_open_while_open)
{
	scene_start_server();
	scene_open_store();
	pg_store_open(scene.store, 8);
	pg_store_ping(scene.store, 9);
	scene_until(&scene.opened, 2);
	scene_until(&scene.answered, 1);
	ck_assert_uint_eq(scene.available_calls, 1);
	ck_assert_uint_eq(scene.lost_calls, 0);
	/* And when the server has gone meanwhile, the new question waits for it. */
	scene_stop_server(SIGKILL);
	pg_store_open(scene.store, 10);
	scene_until(&scene.lost_calls, 1);
	scene_start_server();
	scene_until(&scene.opened, 3);
	ck_assert_uint_eq(scene.available_calls, 2);
	scene_end_store();
	scene_stop_server(SIGINT);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("store");

	if (!scene_can_run())
		return 77;
	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, scene_make_cluster, scene_remove_cluster);
	tcase_add_test(t, test_open);
	tcase_add_test(t, test_open_before_the_server);
	tcase_add_test(t, test_open_before_the_keeper);
	tcase_add_test(t, test_keeper_refuses);
	tcase_add_test(t, test_credentials_of_another_node);
	tcase_add_test(t, test_new_credentials);
	tcase_add_test(t, test_own_connection_ends);
	tcase_add_test(t, test_progress);
	tcase_add_loop_test(t, test_lost_and_opened_again, 0, 3);
	tcase_add_test(t, test_load_is_not_death);
	tcase_add_test(t, test_open_while_open);
	return unit_run("postgres_store", t, NULL);
}
