/* What is done about a PostgreSQL server that fails: once told, then by the policy; trouble from outside is waited
 * for. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memfd.h"
#include "supervisor/server/server.h"
#include "tests/unit/run.h"
#include "tests/unit/supervisor_scene.h"

#define CONF \
	"database:\n  backend: postgres\n  health:\n    interval: 5s\n    startup_timeout: 60s\n" \
	"    retry_backoff: 4s\n    max_retries: 2\n    action: "

/* File scope: Check's fixtures and tests take no arguments. */
static struct server server;
static struct child *container;
static char failed_cause[64];
static unsigned nfailed;

static void
take_failed(void *context, const char *cause)
{
	ck_assert_ptr_eq(context, &server);
	nfailed++;
	(void)snprintf(failed_cause, sizeof(failed_cause), "%s", cause);
}

/* A node whose server runs and whose clients are served. */
static void
open_with(const char *yaml)
{
	const struct server_hooks hooks = { .failed = take_failed, .context = &server };

	scene_open(yaml, NULL);
	nfailed = 0;
	server_init(&server, &scene.node, &scene.children, &hooks);
	container = scene_add_up(PROCESS_CONTAINER);
	scene.node.lifecycle.state = LIFECYCLE_OPERATIONAL;
	scene.node.was_ready = true;
	ck_assert_int_ne(scene.node.directories.postgres_fd = open(scene.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	    -1);
	server.pgdata = (struct pgdata) { .present = true, .version = 16 };
	server.secrets_open_stored = server.ever_started = true;
	server_enter(&server, SERVER_RUNNING);
}

static void
set_up(void)
{
	open_with(CONF "retry_limit\n");
}

static void
tear_down(void)
{
	close(scene.node.directories.postgres_fd);
	scene_close();
}

/* The container worker was asked, and the server runs: clients are served again. */
static void
answer_start(void)
{
	const struct message_server_started started = { .engine = "docker",
		.engine_version = "1",
		.name = "n",
		.container_id = "i",
		.image = "",
		.image_id = "",
		.warning = "" };

	ck_assert_str_eq(scene_next(container), "START_SERVER");
	server_take_started(&server, server.request_id, &started);
	ck_assert_int_eq(server.state, SERVER_RUNNING);
	scene.node.lifecycle.state = LIFECYCLE_OPERATIONAL;
}

START_TEST(death_after_health_is_followed_by_a_start_at_once)
{
	restart_note_healthy(&server.restart, 1);
	server_take_died(&server, "server.killed", "killed by SIGKILL");
	ck_assert_int_eq(server.state, SERVER_WAITING);
	ck_assert_int_eq(scene.node.lifecycle.state, LIFECYCLE_OPENING);
	ck_assert_uint_eq(nfailed, 1);
	ck_assert_str_eq(failed_cause, "killed by SIGKILL");
	ck_assert_str_eq(server.last_cause, "killed by SIGKILL");
	ck_assert(scene_has_event("server.killed"));
	scene_pass(0);
	answer_start();
	ck_assert_uint_eq(server.restarts, 1);
}
END_TEST

START_TEST(never_healthy_waits_and_gives_up_at_the_limit)
{
	for (int i = 0; i < 2; i++) {
		server_take_died(&server, "server.exited", "exited with status 1");
		ck_assert_int_eq(server.state, SERVER_WAITING);
		scene_pass(3999);
		ck_assert_str_eq(scene_next(container), "");
		scene_pass(1);
		answer_start();
	}
	server_take_died(&server, "server.exited", "exited with status 1");
	ck_assert_int_eq(server.state, SERVER_ABSENT);
	ck_assert(lifecycle_is_stopping(&scene.node.lifecycle));
	ck_assert_int_eq(scene.node.exit_status, STATUS_UNAVAILABLE);
	scene_pass(1000000);
	ck_assert_str_eq(scene_next(container), "");
}
END_TEST

START_TEST(shutdown_gives_up_at_the_first)
{
	tear_down();
	open_with(CONF "shutdown\n");
	restart_note_healthy(&server.restart, 1);
	server_take_died(&server, "server.killed", "killed by SIGKILL");
	ck_assert_int_eq(scene.node.exit_status, STATUS_UNAVAILABLE);
	ck_assert(lifecycle_is_stopping(&scene.node.lifecycle));
}
END_TEST

/* No sign of life: the container worker may know why, and has four seconds to say so. */
START_TEST(doubt_is_a_failure_when_nobody_explains_it)
{
	server_take_lost(&server, "no answer to a probe");
	ck_assert_int_eq(server.state, SERVER_DOUBTFUL);
	ck_assert_int_eq(scene.node.lifecycle.state, LIFECYCLE_OPENING);
	scene_pass(3999);
	ck_assert_uint_eq(nfailed, 0);
	scene_pass(1);
	ck_assert_uint_eq(nfailed, 1);
	ck_assert(scene_has_event("server.unresponsive"));
	/* What hangs is stopped before it is started again. */
	scene_pass(4000);
	ck_assert_str_eq(scene_next(container), "STOP_SERVER");
	server_take_stopped(&server, server.request_id, &(struct message_server_stopped) { .text = "" });
	answer_start();
}
END_TEST

START_TEST(doubt_is_over_when_the_container_worker_knows)
{
	server_take_lost(&server, "no answer to a probe");
	server_take_died(&server, "server.out_of_memory", "killed for want of memory");
	ck_assert_uint_eq(nfailed, 1);
	ck_assert(scene_has_event("server.out_of_memory"));
	scene_pass(4000);
	ck_assert_uint_eq(nfailed, 1);
	answer_start();
}
END_TEST

START_TEST(restart_by_an_operator_is_followed_and_not_counted)
{
	server_take_died(&server, "server.restarted_by_operator", "docker restart");
	ck_assert_uint_eq(nfailed, 0);
	ck_assert_uint_eq(server.restarts, 0);
	answer_start();
}
END_TEST

START_TEST(foreign_data_ends_the_node)
{
	struct error e;

	server_enter(&server, SERVER_STARTING);
	(void)error_set(&e, STATUS_DATA, "pgdata.foreign", "not ours");
	server_take_failed(&server, &e);
	ck_assert_int_eq(scene.node.exit_status, STATUS_DATA);
	ck_assert(scene_has_event("pgdata.foreign"));
	ck_assert_uint_eq(nfailed, 0);
}
END_TEST

/* A node that served waits for its engine for as long as it takes: told once, never counted. */
START_TEST(trouble_from_outside_is_waited_for)
{
	struct error e;

	server_enter(&server, SERVER_STARTING);
	(void)error_set(&e, STATUS_UNAVAILABLE, "container.runtime_down", "no engine");
	for (int i = 0; i < 20; i++) {
		server_take_failed(&server, &e);
		ck_assert_int_eq(server.state, SERVER_WAITING);
		ck_assert(scene_has_event("container.runtime_down") == (i == 0));
		scene_pass(4000);
		ck_assert_str_eq(scene_next(container), "STOP_SERVER");
		server_take_stopped(&server, server.request_id, &(struct message_server_stopped) { .text = "" });
		ck_assert_str_eq(scene_next(container), "START_SERVER");
	}
	ck_assert_uint_eq(server.restarts, 0);
	ck_assert_int_eq(server.restart.count, 0);
	ck_assert(!lifecycle_is_stopping(&scene.node.lifecycle));
}
END_TEST

START_TEST(nothing_is_done_while_the_node_stops)
{
	scene.node.lifecycle.state = LIFECYCLE_STOPPING_STORAGE;
	server_take_died(&server, "server.killed", "killed by SIGKILL");
	ck_assert_uint_eq(nfailed, 0);
	ck_assert(!scene_has_event("server.killed"));
	scene_pass(1000000);
	ck_assert_str_eq(scene_next(container), "");
}
END_TEST

/* A start that takes too long is explained with the end of the server's log. */
START_TEST(late_start_is_explained_by_the_log)
{
	static const char log[] = "LOG:  starting\nFATAL:  no such locale\n";
	struct error e;
	int fd = memfd_create_sealed("log", log, strlen(log), &e);

	scene.node.lifecycle.state = LIFECYCLE_OPENING;
	server_note_late(&server);
	ck_assert_str_eq(scene_next(container), "LOG_REQUEST");
	ck_assert(!server_take_log(&server, server.late_log_id + 1, fd));
	ck_assert_uint_eq(nfailed, 0);
	ck_assert(server_take_log(&server, server.late_log_id, fd));
	ck_assert_uint_eq(nfailed, 1);
	ck_assert_ptr_nonnull(strstr(server.last_cause, "FATAL:  no such locale"));
	close(fd);
}
END_TEST

/* One that recovers, and gets on, has the time anew. */
START_TEST(late_start_that_gets_on_is_no_failure)
{
	static const char log[] = "LOG:  redo in progress, elapsed time: 10.00 s, current LSN: 0/1\n";
	struct error e;
	int fd = memfd_create_sealed("log", log, strlen(log), &e);

	scene.node.lifecycle.state = LIFECYCLE_OPENING;
	server_note_late(&server);
	ck_assert(server_take_log(&server, server.late_log_id, fd));
	ck_assert_uint_eq(nfailed, 0);
	ck_assert_int_eq(server.state, SERVER_RUNNING);
	/* The same line again is no progress. */
	server_note_late(&server);
	ck_assert(server_take_log(&server, server.late_log_id, fd));
	ck_assert_uint_eq(nfailed, 1);
	close(fd);
}
END_TEST

int
main(void)
{
	TCase *all = tcase_create("failures");

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, death_after_health_is_followed_by_a_start_at_once);
	tcase_add_test(all, never_healthy_waits_and_gives_up_at_the_limit);
	tcase_add_test(all, shutdown_gives_up_at_the_first);
	tcase_add_test(all, doubt_is_a_failure_when_nobody_explains_it);
	tcase_add_test(all, doubt_is_over_when_the_container_worker_knows);
	tcase_add_test(all, restart_by_an_operator_is_followed_and_not_counted);
	tcase_add_test(all, foreign_data_ends_the_node);
	tcase_add_test(all, trouble_from_outside_is_waited_for);
	tcase_add_test(all, nothing_is_done_while_the_node_stops);
	tcase_add_test(all, late_start_is_explained_by_the_log);
	tcase_add_test(all, late_start_that_gets_on_is_no_failure);
	return unit_run("supervisor server failure", all, NULL);
}
