/* Processes are started, watched and reaped, and started again by the policy; who hears of it is handed in. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "supervisor/children/heartbeat.h"
#include "supervisor/children/observe.h"
#include "tests/unit/run.h"
#include "tests/unit/supervisor_scene.h"

#define CONF \
	"database:\n  health:\n    interval: 5s\n    timeout: 2s\n    startup_timeout: 30s\n" \
	"    retry_backoff: 10s\n    max_retries: 2\n    action: "
#define EXITED(status) ((status) << 8)

/* File scope: Check's fixtures and tests take no arguments. */
static char told[64];
static bool begin_fails;

static void
note(char letter)
{
	size_t n = strlen(told);

	told[n] = letter;
	told[n + 1] = '\0';
}

static void
note_started(void *context, struct child *child)
{
	ck_assert_ptr_eq(context, &scene);
	ck_assert_ptr_eq(child->node, &scene.node);
	note('s');
}

static void
note_gone(void *context, struct child *child)
{
	(void)context;
	/* The process is gone, and the lifecycle has not heard of it. */
	ck_assert(!child_has_process(child));
	note('g');
}

static void
note_control_gone(void *context, struct child *child)
{
	(void)context;
	(void)child;
	note('c');
}

static int
begin(void *context, struct child *child, struct error *e)
{
	ck_assert_ptr_eq(context, &scene);
	ck_assert(channel_is_open(&child->channel));
	return begin_fails ? error_set(e, STATUS_OS, "child.channel", "no first words") : 0;
}

static const struct children_watcher watchers[] = {
	{ 0, note_started, note_gone },
	{ PROCESS_CONTROL, NULL, note_control_gone },
};

static void
open_with(const char *yaml)
{
	const struct children_hooks hooks = { .begin = begin, .watchers = watchers, .nwatchers = 2 };

	told[0] = '\0';
	begin_fails = false;
	scene_open(yaml, &hooks);
}

static void
set_up(void)
{
	open_with(CONF "retry_limit\n");
}

START_TEST(starts_once_and_is_up_when_it_says_so)
{
	struct child *control = scene_add_program(PROCESS_CONTROL);
	pid_t pid;

	child_start(control);
	ck_assert(child_has_process(control));
	ck_assert_int_eq(control->state, CHILD_STARTING);
	pid = control->pid;
	child_start(control);
	ck_assert_int_eq(control->pid, pid);
	ck_assert_ptr_null(children_find_up(&scene.children, PROCESS_CONTROL));
	child_ready(control);
	ck_assert_ptr_eq(children_find_up(&scene.children, PROCESS_CONTROL), control);
	ck_assert_ptr_null(children_find(&scene.children, PROCESS_STORAGE));
	ck_assert_str_eq(told, "s");
	ck_assert_uint_eq(control->incarnation, 1);
}
END_TEST

/* Waits for what bibd killed, as SIGCHLD would have it reaped. */
static void
wait_killed(struct child *child)
{
	int status;

	ck_assert_int_eq(waitpid(child->pid, &status, 0), child->pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	child_reap(child, status);
}

START_TEST(not_ready_in_time_is_ended_and_started_again_later)
{
	struct child *keeper = scene_add_program(PROCESS_KEEPER);

	child_start(keeper);
	scene_pass(29999);
	ck_assert_str_eq(keeper->why, "");
	scene_pass(1);
	wait_killed(keeper);
	ck_assert_ptr_nonnull(strstr(keeper->last_cause, "ended by bibd: it was not ready within 30000 ms"));
	ck_assert(scene_has_event("process.failed"));
	ck_assert_int_eq(keeper->state, CHILD_WAITING);
	scene_pass(9999);
	ck_assert(!child_has_process(keeper));
	scene_pass(1);
	ck_assert(child_has_process(keeper));
	ck_assert_uint_eq(keeper->restarts, 1);
	ck_assert_str_eq(told, "sgs");
}
END_TEST

START_TEST(death_of_a_healthy_one_is_told_and_followed_by_a_start_at_once)
{
	struct child *control = scene_add_program(PROCESS_CONTROL);

	child_start(control);
	child_ready(control);
	scene_pass(5000);
	scene_end(control, SIGSEGV);
	ck_assert(child_has_process(control));
	ck_assert_int_eq(control->state, CHILD_STARTING);
	ck_assert_str_eq(told, "sgcs");
	ck_assert_ptr_nonnull(strstr(control->last_cause, "killed by signal 11"));
	ck_assert(!scene_has_event("process.restarted"));
	child_ready(control);
	ck_assert(scene_has_event("process.restarted"));
}
END_TEST

START_TEST(limit_ends_the_node)
{
	struct child *keeper = scene_add_program(PROCESS_KEEPER);

	child_start(keeper);
	for (int i = 0; i < 2; i++) {
		scene_end(keeper, EXITED(1));
		ck_assert_int_eq(keeper->state, CHILD_WAITING);
		scene_pass(10000);
	}
	ck_assert(!lifecycle_is_stopping(&scene.node.lifecycle));
	scene_end(keeper, EXITED(1));
	ck_assert_int_eq(keeper->state, CHILD_ABSENT);
	ck_assert(lifecycle_is_stopping(&scene.node.lifecycle));
	ck_assert_int_eq(scene.node.exit_status, STATUS_UNAVAILABLE);
	ck_assert(scene_has_event("node.stopping"));
	scene_pass(1000000);
	ck_assert(!child_has_process(keeper));
}
END_TEST

START_TEST(final_status_ends_the_node_with_it)
{
	struct child *keeper = scene_add_program(PROCESS_KEEPER);

	child_start(keeper);
	scene_end(keeper, EXITED(STATUS_DATA));
	ck_assert_int_eq(scene.node.exit_status, STATUS_DATA);
	ck_assert(lifecycle_is_stopping(&scene.node.lifecycle));
}
END_TEST

/* One that was of use may be so again: its status is no last word. */
START_TEST(final_status_of_a_healthy_one_is_not_final)
{
	struct child *keeper = scene_add_program(PROCESS_KEEPER);

	child_start(keeper);
	child_ready(keeper);
	scene_end(keeper, EXITED(STATUS_DATA));
	ck_assert(!lifecycle_is_stopping(&scene.node.lifecycle));
	ck_assert(child_has_process(keeper));
}
END_TEST

START_TEST(shutdown_ends_the_node_at_the_first)
{
	struct child *keeper;

	scene_close();
	open_with(CONF "shutdown\n");
	keeper = scene_add_program(PROCESS_KEEPER);
	child_start(keeper);
	child_ready(keeper);
	scene_pass(60000);
	scene_end(keeper, SIGKILL);
	ck_assert_int_eq(scene.node.exit_status, STATUS_UNAVAILABLE);
	ck_assert(!child_has_process(keeper));
}
END_TEST

START_TEST(asked_for_is_no_failure)
{
	struct child *keeper = scene_add_program(PROCESS_KEEPER);

	child_start(keeper);
	child_ready(keeper);
	child_stop(keeper, 1000);
	ck_assert_int_eq(keeper->state, CHILD_STOPPING);
	scene_end(keeper, EXITED(0));
	ck_assert_int_eq(keeper->state, CHILD_ABSENT);
	ck_assert(!scene_has_event("process.failed"));
	scene_pass(1000000);
	ck_assert(!child_has_process(keeper));
	child_start(keeper);
	child_ready(keeper);
	child_start_again(keeper, 1000);
	scene_end(keeper, EXITED(0));
	ck_assert(child_has_process(keeper));
	ck_assert_uint_eq(keeper->restarts, 0);
}
END_TEST

START_TEST(death_of_storage_reaches_the_lifecycle)
{
	struct child *storage = scene_add_program(PROCESS_SQLITE);

	scene.node.lifecycle.state = LIFECYCLE_OPERATIONAL;
	child_start(storage);
	child_ready(storage);
	scene_end(storage, SIGKILL);
	/* It was never healthy: for storage that is when the store answers. */
	ck_assert_int_eq(scene.node.lifecycle.state, LIFECYCLE_DOWN);
	ck_assert_int_eq(storage->state, CHILD_WAITING);
	scene_pass(10000);
	ck_assert_int_eq(scene.node.lifecycle.state, LIFECYCLE_AWAITING_WORKER);
}
END_TEST

START_TEST(last_worker_ends_the_stop)
{
	struct child *keeper = scene_add_program(PROCESS_KEEPER), *control = scene_add_program(PROCESS_CONTROL);

	child_start(keeper);
	child_start(control);
	scene.node.lifecycle.state = LIFECYCLE_STOPPING_WORKERS;
	child_stop(keeper, 1000);
	child_stop(control, 1000);
	scene_end(control, EXITED(0));
	ck_assert_int_eq(scene.node.lifecycle.state, LIFECYCLE_STOPPING_WORKERS);
	scene_end(keeper, EXITED(0));
	ck_assert_int_eq(scene.node.lifecycle.state, LIFECYCLE_ENDED);
}
END_TEST

START_TEST(without_first_words_it_is_ended)
{
	struct child *keeper = scene_add_program(PROCESS_KEEPER);

	begin_fails = true;
	child_start(keeper);
	wait_killed(keeper);
	ck_assert_ptr_nonnull(strstr(keeper->last_cause, "ended by bibd: no first words"));
	ck_assert_int_eq(keeper->state, CHILD_WAITING);
}
END_TEST

START_TEST(heartbeat_that_is_not_answered_ends_it)
{
	struct child *keeper = scene_add_program(PROCESS_KEEPER);
	const struct message_health well = { .healthy = true, .cause = "" },
				    ill = { .healthy = false, .cause = "tired" };

	child_start(keeper);
	child_ready(keeper);
	heartbeat_start(&scene.children);
	scene_pass(5000);
	ck_assert_uint_ne(keeper->heartbeat_id, 0);
	heartbeat_take(keeper, keeper->heartbeat_id + 1, &well);
	ck_assert_uint_ne(keeper->heartbeat_id, 0);
	heartbeat_take(keeper, keeper->heartbeat_id, &ill);
	ck_assert(!keeper->healthy && scene_has_event("process.unhealthy"));
	scene_pass(4999);
	ck_assert_str_eq(keeper->why, "");
	scene_pass(1);
	heartbeat_take(keeper, keeper->heartbeat_id, &well);
	ck_assert(keeper->healthy && scene_has_event("process.healthy"));
	scene_pass(5000);
	scene_pass(1999);
	ck_assert_str_eq(keeper->why, "");
	scene_pass(1);
	ck_assert(!keeper->healthy && scene_has_event("process.unhealthy"));
	scene_pass(1999);
	ck_assert_str_eq(keeper->why, "");
	scene_pass(1);
	wait_killed(keeper);
	ck_assert_ptr_nonnull(strstr(keeper->last_cause, "it did not answer a heartbeat within 2000 ms"));
}
END_TEST

/* The answer to either heartbeat will do, and the next late one is a first one again. */
START_TEST(one_late_heartbeat_ends_nothing)
{
	struct child *keeper = scene_add_program(PROCESS_KEEPER);
	const struct message_health well = { .healthy = true, .cause = "" };

	child_start(keeper);
	child_ready(keeper);
	heartbeat_start(&scene.children);
	for (int i = 0; i < 3; i++) {
		uint32_t id;

		scene_pass(5000);
		id = keeper->heartbeat_id;
		scene_pass(2000);
		ck_assert(!keeper->healthy);
		ck_assert_uint_eq(keeper->heartbeat_id, id);
		scene_pass(1999);
		heartbeat_take(keeper, id, &well);
		ck_assert(keeper->healthy);
		heartbeat_take(keeper, id, &well);
		ck_assert_str_eq(keeper->why, "");
		scene_pass(1001);
		heartbeat_take(keeper, keeper->heartbeat_id, &well);
	}
	ck_assert(child_has_process(keeper));
	ck_assert_uint_eq(keeper->restarts, 0);
}
END_TEST

START_TEST(who_wants_to_run_is_seen)
{
	bool wants;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			;
	while (observe_cpu_ms(pid, &wants) < 30)
		;
	ck_assert(wants);
	(void)kill(pid, SIGSTOP);
	(void)waitpid(pid, NULL, WUNTRACED);
	ck_assert_int_ge(observe_cpu_ms(pid, &wants), 30);
	ck_assert(!wants);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	ck_assert_int_eq(observe_cpu_ms(pid, &wants), 0);
	ck_assert(!wants);
}
END_TEST

int
main(int argc, char **argv)
{
	TCase *children = tcase_create("children");

	scene_be_worker(argc, argv);
	tcase_add_checked_fixture(children, set_up, scene_close);
	tcase_add_test(children, starts_once_and_is_up_when_it_says_so);
	tcase_add_test(children, not_ready_in_time_is_ended_and_started_again_later);
	tcase_add_test(children, death_of_a_healthy_one_is_told_and_followed_by_a_start_at_once);
	tcase_add_test(children, limit_ends_the_node);
	tcase_add_test(children, final_status_ends_the_node_with_it);
	tcase_add_test(children, final_status_of_a_healthy_one_is_not_final);
	tcase_add_test(children, shutdown_ends_the_node_at_the_first);
	tcase_add_test(children, asked_for_is_no_failure);
	tcase_add_test(children, death_of_storage_reaches_the_lifecycle);
	tcase_add_test(children, last_worker_ends_the_stop);
	tcase_add_test(children, without_first_words_it_is_ended);
	tcase_add_test(children, heartbeat_that_is_not_answered_ends_it);
	tcase_add_test(children, one_late_heartbeat_ends_nothing);
	tcase_add_test(children, who_wants_to_run_is_seen);
	return unit_run("supervisor children", children, NULL);
}
