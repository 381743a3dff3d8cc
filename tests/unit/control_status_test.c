/* What the control worker asks of the supervisor for others: to whom the answers go, and who may ask what. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/memfd.h"
#include "tests/unit/control_scene.h"

/* ---- relaying ---- */

START_TEST(test_status_of_two_who_chose_one_id)
{
	struct scene_peer *a = scene_greet(0), *b = scene_greet(1);

	(void)channel_send_status_request(&a->channel, 42, NULL, -1);
	scene_run_until(&scene.nasked, 1);
	(void)channel_send_status_request(&b->channel, 42, NULL, -1);
	scene_run_until(&scene.nasked, 2);
	ck_assert_uint_ne(scene.asked[0], scene.asked[1]);
	scene_answer_status(scene.asked[1], "for-b");
	scene_answer_status(scene.asked[0], "for-a");
	scene_run_until(&a->results, 1);
	scene_run_until(&b->results, 1);
	ck_assert_str_eq(a->text, "for-a");
	ck_assert_str_eq(b->text, "for-b");
	ck_assert_uint_eq(a->last_id, 42);
	ck_assert_uint_eq(a->nodes + a->processes + a->statistics, 4);
	ck_assert_uint_eq(b->nodes + b->processes + b->statistics, 4);
	ck_assert_str_eq(a->code, "status.done");
}
END_TEST

START_TEST(test_answer_to_one_who_left)
{
	struct scene_peer *a = scene_greet(0), *b;

	(void)channel_send_status_request(&a->channel, 1, NULL, -1);
	scene_run_until(&scene.nasked, 1);
	channel_close(&a->channel);
	scene_settle();
	scene_answer_status(scene.asked[0], "late");
	scene_answer_status(0, "nobody");
	b = scene_greet(1);
	scene_settle();
	ck_assert_uint_eq(b->results, 0);
}
END_TEST

START_TEST(test_supervisor_that_is_silent)
{
	struct scene_peer *a = scene_greet(0);

	(void)channel_send_status_request(&a->channel, 5, NULL, -1);
	scene_run_until(&scene.nasked, 1);
	scene_advance_clock(CONTROL_STATUS_MS + 1);
	scene_run_until(&a->results, 1);
	ck_assert_uint_eq(a->status, STATUS_UNAVAILABLE);
	ck_assert_str_eq(a->code, "control.timeout");
	ck_assert_uint_eq(a->last_id, 5);
	scene_answer_status(scene.asked[0], "late");
	scene_settle();
	ck_assert_uint_eq(a->results, 1);
	ck_assert_uint_eq(a->nodes, 0);
}
END_TEST

START_TEST(test_one_request_at_a_time)
{
	struct scene_peer *a = scene_greet(0);

	(void)channel_send_status_request(&a->channel, 1, NULL, -1);
	(void)channel_send_status_request(&a->channel, 2, NULL, -1);
	scene_run_until(&a->results, 1);
	ck_assert_str_eq(a->code, "control.busy");
	ck_assert_uint_eq(a->last_id, 2);
	ck_assert_uint_eq(scene.nasked, 1);
	scene_answer_status(scene.asked[0], "x");
	scene_run_until(&a->results, 2);
	ck_assert_uint_eq(a->last_id, 1);
}
END_TEST

START_TEST(test_orders_of_those_who_may)
{
	struct scene_peer *a = scene_greet(0);
	char audited[96];

	/* The test's own uid, on a node that is not separated. */
	(void)channel_send_reload_request(&a->channel, 1, NULL, -1);
	scene_run_until(&scene.nasked, 1);
	ck_assert_uint_eq(scene.asked_type, MESSAGE_RELOAD_REQUEST);
	(void)snprintf(audited, sizeof(audited), "order.reload started of %u", (unsigned)getuid());
	ck_assert_str_eq(scene.audited, audited);
	(void)channel_send_result(&scene.supervisor, scene.asked[0],
	    &(struct message_result) { .status = STATUS_CONFIG, .code = "conf.key", .text = "bibd.yaml:3:1: no" }, -1);
	scene_run_until(&a->results, 1);
	ck_assert_uint_eq(a->status, STATUS_CONFIG);
	ck_assert_str_eq(a->text, "bibd.yaml:3:1: no");
	(void)channel_send_stop_request(&a->channel, 2, NULL, -1);
	scene_run_until(&scene.nasked, 2);
	ck_assert_uint_eq(scene.asked_type, MESSAGE_STOP_REQUEST);
}
END_TEST

START_TEST(test_orders_of_those_who_may_not)
{
	struct scene_peer *a = scene_greet(0);

	scene_become_nobody();
	(void)channel_send_stop_request(&a->channel, 1, NULL, -1);
	scene_run_until(&a->results, 1);
	ck_assert_uint_eq(a->status, STATUS_PERMISSION);
	ck_assert_ptr_nonnull(strstr(scene.audited, "order.stop refused of "));
	(void)channel_send_reload_request(&a->channel, 2, NULL, -1);
	scene_run_until(&a->results, 2);
	ck_assert_uint_eq(a->status, STATUS_PERMISSION);
	ck_assert_uint_eq(scene.nasked, 0);
	/* Reading goes on. */
	(void)channel_send_status_request(&a->channel, 3, NULL, -1);
	scene_run_until(&scene.nasked, 1);
}
END_TEST

/* Whose statements are shown, and in whose name a session is ended, is not for bibctl to say. */
START_TEST(test_clients_and_kill)
{
	struct scene_peer *a = scene_greet(0);
	int64_t own = (int64_t)getuid();

	(void)channel_send_clients_request(&a->channel, 1, &(struct message_clients_request) { .uid = 12345 }, -1);
	scene_run_until(&scene.nasked, 1);
	ck_assert_int_eq(scene.asked_uid, -1);
	(void)channel_send_result(&scene.supervisor, scene.asked[0], &(struct message_result) { .code = "clients" },
	    -1);
	scene_run_until(&a->results, 1);
	(void)channel_send_kill_request(&a->channel, 2, &(struct message_kill_request) { .session = 7, .uid = 12345 },
	    -1);
	scene_run_until(&scene.nasked, 2);
	ck_assert_int_eq(scene.asked_uid, own);
	ck_assert_uint_eq(scene.asked_session, 7);
	ck_assert_ptr_nonnull(strstr(scene.audited, "order.kill started of "));
	(void)channel_send_result(&scene.supervisor, scene.asked[1], &(struct message_result) { .code = "killed" }, -1);
	scene_run_until(&a->results, 2);

	scene_become_nobody();
	(void)channel_send_clients_request(&a->channel, 3, &(struct message_clients_request) { .uid = -1 }, -1);
	scene_run_until(&scene.nasked, 3);
	ck_assert_int_ge(scene.asked_uid, 0);
	(void)channel_send_result(&scene.supervisor, scene.asked[2], &(struct message_result) { .code = "clients" },
	    -1);
	scene_run_until(&a->results, 3);
	(void)channel_send_kill_request(&a->channel, 4, &(struct message_kill_request) { .session = 7, .uid = 0 }, -1);
	scene_run_until(&a->results, 4);
	ck_assert_uint_eq(a->status, STATUS_PERMISSION);
	ck_assert_uint_eq(scene.nasked, 3);
}
END_TEST

START_TEST(test_pause_resume_and_restart)
{
	struct scene_peer *a = scene_greet(0);
	struct message_result done = { .code = "done" };

	(void)channel_send_pause_request(&a->channel, 1,
	    &(struct message_pause_request) { .drain_ms = 5, .hold_ms = 6, .uid = 12345 }, -1);
	scene_run_until(&scene.nasked, 1);
	ck_assert_int_eq(scene.asked_uid, (int64_t)getuid());
	ck_assert_uint_eq(scene.asked_ms[0], 5);
	ck_assert_uint_eq(scene.asked_ms[1], 6);
	ck_assert_ptr_nonnull(strstr(scene.audited, "order.pause started of "));
	(void)channel_send_result(&scene.supervisor, scene.asked[0], &done, -1);
	scene_run_until(&a->results, 1);
	(void)channel_send_resume_request(&a->channel, 2, &(struct message_resume_request) { .uid = 12345 }, -1);
	scene_run_until(&scene.nasked, 2);
	ck_assert_uint_eq(scene.asked_type, MESSAGE_RESUME_REQUEST);
	ck_assert_int_eq(scene.asked_uid, (int64_t)getuid());
	(void)channel_send_result(&scene.supervisor, scene.asked[1], &done, -1);
	scene_run_until(&a->results, 2);
	scene_become_nobody();
	(void)channel_send_restart_request(&a->channel, 3, &(struct message_restart_request) { .uid = 0 }, -1);
	scene_run_until(&a->results, 3);
	ck_assert_uint_eq(a->status, STATUS_PERMISSION);
	ck_assert_ptr_nonnull(strstr(scene.audited, "order.restart server refused of "));
	ck_assert_uint_eq(scene.nasked, 2);
}
END_TEST

START_TEST(test_server_is_relayed)
{
	struct scene_peer *a = scene_greet(0);

	(void)channel_send_status_request(&a->channel, 1, NULL, -1);
	scene_run_until(&scene.nasked, 1);
	(void)channel_send_status_server(&scene.supervisor, scene.asked[0],
	    &(struct message_status_server) { .engine = "docker", .state = "running" }, -1);
	scene_answer_status(scene.asked[0], "x");
	scene_run_until(&a->results, 1);
	ck_assert_uint_eq(a->servers, 1);
	ck_assert_uint_eq(a->failures, 0);
}
END_TEST

START_TEST(test_failures_are_counted_by_cause)
{
	static const struct {
		const char *source, *code, *text;
	} events[] = {
		{ "bibd-sqlite", "process.failed", "pid 5: killed by SIGKILL from outside bibd" },
		{ "bibd-sqlite", "process.failed",
		    "pid 7: killed by signal 6 (Aborted); it had not answered PING_STORE" },
		{ "bibd", "node.ready", "ready: killed by signal" },
		{ "bibd-keeper", "process.failed", "pid 9: killed by signal 9 (Killed)" },
	};
	struct scene_peer *a = scene_greet(0);

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		(void)channel_send_event(&scene.supervisor, 0,
		    &(struct message_event) { .number = i + 1,
			.source = events[i].source,
			.code = events[i].code,
			.text = events[i].text },
		    -1);
	scene_settle();
	ck_assert_uint_eq(scene.control->failures.count, 2);
	(void)channel_send_status_request(&a->channel, 1, NULL, -1);
	scene_run_until(&scene.nasked, 1);
	scene_answer_status(scene.asked[0], "x");
	scene_run_until(&a->results, 1);
	ck_assert_uint_eq(a->failures, 3);
}
END_TEST

START_TEST(test_causes)
{
	static const struct {
		const char *code, *text, *cause;
	} cases[] = {
		{ "process.failed", "pid 5: exited with status 1", "exit" },
		{ "process.failed", "pid 5: ended by bibd: it did not answer", "ended_by_bibd" },
		{ "process.failed", "", "other" },
		{ "process.start_failed", "no", "start_failed" },
		{ "server.out_of_memory", "x", "out_of_memory" },
		{ "server.stopped_by_operator", "x", "stopped_by_operator" },
		{ "container.engine_down", "x", "start_failed" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct control_failures failures = { .count = 0 };

		control_failures_note(&failures,
		    &(struct message_event) { .source = "s", .code = cases[i].code, .text = cases[i].text });
		ck_assert_uint_eq(failures.count, 1);
		ck_assert_str_eq(control_failures_get(&failures, 0).cause, cases[i].cause);
	}
}
END_TEST

START_TEST(test_failures_are_bounded)
{
	struct control_failures failures = { .count = 0 };
	char source[32];

	for (unsigned i = 0; i < 3 * SNAPSHOT_FAILURES_MAX; i++) {
		(void)snprintf(source, sizeof(source), "process %u", i);
		control_failures_note(&failures,
		    &(struct message_event) { .source = source, .code = "server.killed", .text = "" });
	}
	ck_assert_uint_eq(failures.count, SNAPSHOT_FAILURES_MAX);
}
END_TEST

START_TEST(test_log_with_its_descriptor)
{
	struct scene_peer *a = scene_greet(0);
	size_t size;
	char *log;

	(void)channel_send_log_request(&a->channel, 8, &(struct message_log_request) { .lines = 7 }, -1);
	scene_run_until(&scene.nasked, 1);
	ck_assert_uint_eq(scene.asked_type, MESSAGE_LOG_REQUEST);
	(void)channel_send_log(&scene.supervisor, scene.asked[0], NULL, memfd_create_sealed("log", "line\n", 5, NULL));
	(void)channel_send_result(&scene.supervisor, scene.asked[0], &(struct message_result) { .code = "logs" }, -1);
	scene_run_until(&a->results, 1);
	ck_assert_uint_eq(a->logs, 1);
	ck_assert_uint_eq(a->status, 0);
	ck_assert_ptr_nonnull(log = memfd_read(a->log_fd, 100, &size, NULL));
	ck_assert_str_eq(log, "line\n");
	free(log);
	close(a->log_fd);
}
END_TEST

/* The lowest descriptor that is free. */
static int
free_descriptor(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

START_TEST(test_log_for_one_who_left)
{
	struct scene_peer *a = scene_greet(0);
	int before;

	(void)channel_send_log_request(&a->channel, 8, &(struct message_log_request) { .lines = 7 }, -1);
	scene_run_until(&scene.nasked, 1);
	channel_close(&a->channel);
	scene_settle();
	before = free_descriptor();
	(void)channel_send_log(&scene.supervisor, scene.asked[0], NULL, memfd_create_sealed("log", "line\n", 5, NULL));
	scene_settle();
	ck_assert_int_eq(free_descriptor(), before);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_clients_and_kill);
	tcase_add_test(t, test_pause_resume_and_restart);
	tcase_add_test(t, test_server_is_relayed);
	tcase_add_test(t, test_failures_are_counted_by_cause);
	tcase_add_test(t, test_causes);
	tcase_add_test(t, test_failures_are_bounded);
	tcase_add_test(t, test_log_with_its_descriptor);
	tcase_add_test(t, test_log_for_one_who_left);
	tcase_add_test(t, test_status_of_two_who_chose_one_id);
	tcase_add_test(t, test_answer_to_one_who_left);
	tcase_add_test(t, test_supervisor_that_is_silent);
	tcase_add_test(t, test_one_request_at_a_time);
	tcase_add_test(t, test_orders_of_those_who_may);
	tcase_add_test(t, test_orders_of_those_who_may_not);
}

int
main(void)
{
	return scene_main("control status", add_tests);
}
