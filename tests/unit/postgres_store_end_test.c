/* The store against a real server: closing it, and a server that is not bibd's own. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/postgres_scene.h"
#include "tests/unit/run.h"

#define UNAVAILABLE 69

/* ---- closing ---- */

START_TEST(test_close_writes_a_checkpoint)
{
	char before[64];
	PGconn *connection;

	scene_start_server();
	scene_open_store();
	ck_assert_ptr_nonnull(connection = scene_connect(NULL, NULL));
	ck_assert_str_eq(scene_sql(connection, "create table if not exists written(); drop table written"), "");
	(void)snprintf(before, sizeof(before), "%s",
	    scene_sql(connection, "select redo_lsn from pg_control_checkpoint()"));
	scene_end_store();
	ck_assert_str_ne(scene_sql(connection, "select redo_lsn from pg_control_checkpoint()"), before);
	PQfinish(connection);
	scene_stop_server(SIGINT);
}
END_TEST

START_TEST(test_close_in_time)
{
	bool done = false;
	int64_t begin;

	scene_start_server();
	scene_open_store();
	scene_signal_server(SIGSTOP);
	begin = clock_now_ms();
	pg_store_close(scene.store, 60000, scene_closed, &done);
	pg_store_close(scene.store, 200, NULL, NULL);
	while (!done)
		scene_run(10);
	ck_assert_int_lt(clock_now_ms() - begin, 1000 * scene_slow());
	scene_free_store();
	scene_signal_server(SIGCONT);
	scene_stop_server(SIGINT);
}
END_TEST

START_TEST(test_close_while_opening)
{
	bool done = false;

	scene_make_store(true, NULL);
	if (_i > 0)
		scene_give_peer();
	pg_store_open(scene.store, 1);
	scene_run(_i * 100);
	pg_store_close(scene.store, 5000, scene_closed, &done);
	while (!done)
		scene_run(10);
	ck_assert_uint_eq(scene.opened + scene.failed, 0);
	scene_free_store();
}
END_TEST

/* ---- in the worker's sandbox ---- */

/* A server of the tests' own at an address, to be external. */
static void
start_external(void)
{
	scene.tcp_port = 40000 + (unsigned)getpid() % 20000;
	scene_start_server();
	scene_await_server();
}

/* In a process of its own, which ends with the line of what went wrong. */
static int
open_in_sandbox(bool managed)
{
	char path[100], aside[100];
	int64_t begin;
	bool done = false;

	(void)snprintf(path, sizeof(path), "%s/run/.s.PGSQL.%u", scene.dir, scene.tcp_port);
	(void)snprintf(aside, sizeof(aside), "%s/run/aside", scene.dir);
	scene_make_store(managed, "localhost");
	scene.worker.conf->database.postgres.port = scene.tcp_port;
	scene_give_peer();
	if (sandbox_no_new_privileges(NULL) == -1 || sandbox_seccomp(SANDBOX_POSTGRES, NULL) == -1 ||
	    (managed && rename(path, aside) == -1))
		return __LINE__;
	pg_store_open(scene.store, 1);
	scene_run(1100);
	if (managed && (scene.opened != 0 || rename(aside, path) == -1))
		return __LINE__;
	/* It is not the next second's probe that finds it. */
	for (begin = clock_now_ms(); scene.opened == 0 && clock_now_ms() - begin < 700;)
		scene_run(10);
	if (scene.opened != 1)
		return __LINE__;
	scene_run(700);
	pg_store_ping(scene.store, 2);
	pg_store_close(scene.store, 5000, scene_closed, &done);
	for (begin = clock_now_ms(); !done && clock_now_ms() - begin < 5000;)
		scene_run(10);
	return done && scene.lost + scene.failed == 0 ? 0 : __LINE__;
}

/* All of it with the system calls that the worker has, the watch over the socket's directory among them. */
START_TEST(test_sandboxed)
{
	pid_t child;
	int status;

	/* valgrind needs calls of its own. */
	if (scene_slow() > 1)
		return;
	start_external();
	if ((child = fork()) == 0)
		_exit(open_in_sandbox(_i == 0));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%#x", (unsigned)status);
	scene_stop_server(SIGINT);
}
END_TEST

/* ---- an external server ---- */

/* bibd's own server, with an address instead of a socket. */
START_TEST(test_managed_address)
{
	start_external();
	scene_make_store(true, NULL);
	scene.worker.conf->database.postgres.port = scene.tcp_port;
	scene.worker.conf->database.postgres.network.use_unix_socket = false;
	scene.worker.conf->database.postgres.tls.enabled = false;
	scene_give_peer();
	pg_store_open(scene.store, 1);
	scene_until(&scene.opened, 1);
	pg_store_ping(scene.store, 2);
	scene_until(&scene.answered, 1);
	scene_end_store();
	scene_stop_server(SIGINT);
}
END_TEST

START_TEST(test_external)
{
	const char *keywords[STORE_PARAMETERS_MAX], *values[STORE_PARAMETERS_MAX];
	PGconn *connection;

	start_external();
	scene_make_store(false, "localhost");
	scene_give_peer();
	pg_store_open(scene.store, 1);
	scene_until(&scene.opened, 1);
	ck_assert_int_eq(pg_store_parameters(scene.store, ROLE_AUDIT, keywords, values), 0);
	ck_assert_ptr_nonnull(connection = PQconnectdbParams(keywords, values, 0));
	ck_assert_str_eq(scene_sql(connection, "select current_user || ' ' || host(inet_server_addr())"),
	    "bibd_system 127.0.0.1");
	PQfinish(connection);
	pg_store_ping(scene.store, 2);
	scene_until(&scene.answered, 1);
	scene_stop_server(SIGINT);
	scene_until(&scene.lost, 1);
	ck_assert_ptr_nonnull(strstr(scene.lost_cause, "connection refused"));
	pg_store_open(scene.store, 3);
	scene_until(&scene.failed, 1);
	ck_assert_str_eq(scene.failure.text, "storage ping failed: connection refused");
	scene_free_store();
}
END_TEST

static void
fail_external(const char *host, const char *code, const char *text)
{
	scene_make_store(false, host);
	scene_give_peer();
	pg_store_open(scene.store, 1);
	scene_until(&scene.failed, 1);
	ck_assert_uint_eq(scene.failure.status, UNAVAILABLE);
	ck_assert_str_eq(scene.failure.code, code);
	ck_assert_msg(strncmp(scene.failure.text, text, strlen(text)) == 0, "%s", scene.failure.text);
	scene_free_store();
	scene.failed = 0;
}

START_TEST(test_external_that_fails)
{
	scene.tcp_port = 1;
	fail_external("127.0.0.1", "storage.ping", "storage ping failed: connection refused");
	fail_external("/nonexistent", "storage.ping", "storage ping failed: no such file or directory");
	fail_external("no such host", "storage.ping", "storage ping failed: cannot look up no such host: ");
	start_external();
	scene.keeper_lies = true;
	fail_external("127.0.0.1", "storage.ping",
	    "storage ping failed: password authentication failed for user \"bibd_system\"");
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
	tcase_add_test(t, test_close_writes_a_checkpoint);
	tcase_add_test(t, test_close_in_time);
	tcase_add_loop_test(t, test_close_while_opening, 0, 3);
	tcase_add_loop_test(t, test_sandboxed, 0, 2);
	tcase_add_test(t, test_managed_address);
	tcase_add_test(t, test_external);
	tcase_add_test(t, test_external_that_fails);
	return unit_run("postgres_store_end", t, NULL);
}
