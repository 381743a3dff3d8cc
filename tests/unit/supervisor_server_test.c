/*
 * The server's states in the supervisor, beside a container worker and a storage worker that the test plays: whatever
 * fails in whatever order, once nothing fails any more, the store is open at the server that runs, and soon. Nothing
 * here starts a process, and time is the test's own.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "tests/unit/supervisor_server_scene.h"

/* ---- what fails ---- */

static void
kill_container_worker(struct scene *scene)
{
	if (scene->container.fd == -1)
		return;
	player_close(&scene->container);
	scene->watches = false;
	channel_close(&scene->container.child->channel);
	scene->container.child->state = CHILD_WAITING;
	server_note_worker_gone(&scene->s->server);
}

static void
begin_container_worker(struct scene *scene)
{
	if (scene->container.fd != -1)
		return;
	player_begin(scene, &scene->container);
	server_begin(&scene->s->server);
}

static void
kill_server(struct scene *scene)
{
	scene->deaths += scene->server_runs;
	scene->server_runs = false;
}

/* The server dies while the container worker is away, or asks the engine: nobody but the storage worker knows. */
START_TEST(a_loss_during_a_start_is_kept)
{
	struct scene scene;

	scene_open(&scene);
	kill_container_worker(&scene);
	begin_container_worker(&scene);
	scene_turn(&scene);
	kill_server(&scene);
	storage_act(&scene);
	scene_turn(&scene);
	scene_settle(&scene, 1000, "lost during a start");
	scene_close(&scene);
}
END_TEST

START_TEST(a_loss_without_a_worker_is_kept)
{
	struct scene scene;

	scene_open(&scene);
	kill_container_worker(&scene);
	kill_server(&scene);
	storage_act(&scene);
	scene_turn(&scene);
	begin_container_worker(&scene);
	scene_settle(&scene, 1000, "lost without a worker");
	scene_close(&scene);
}
END_TEST

/* The storage worker notices when the next server runs already: that one is not to blame. */
START_TEST(a_loss_that_is_told_late_costs_no_restart)
{
	struct scene scene;
	uint32_t restarts;

	scene_open(&scene);
	restarts = scene.s->server.restarts;
	kill_container_worker(&scene);
	kill_server(&scene);
	storage_act(&scene); /* on its way */
	begin_container_worker(&scene);
	container_act(&scene);
	/* STARTED is taken before LOST, as the sockets are looked at in any order. */
	server_take_started(&scene.s->server, scene.s->server.request_id,
	    &(struct message_server_started) { .engine = "",
		.engine_version = "",
		.name = "",
		.container_id = "",
		.image = "",
		.image_id = "",
		.warning = "" });
	scene_settle(&scene, SOON_MS, "told late");
	scene_now += SOON_MS;
	scene_turn(&scene);
	scene_settle(&scene, 1000, "told late, and later");
	ck_assert_uint_eq(scene.s->server.restarts, restarts);
	scene_close(&scene);
}
END_TEST

/* A stop that is never answered ends its worker: the next one is asked. */
START_TEST(a_stop_without_an_answer_ends_the_worker)
{
	struct scene scene;
	pid_t pid;
	int status;
	uint32_t id;

	scene_open(&scene);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0)
		for (;;)
			pause();
	scene.container.child->pid = pid;
	server_take_lost(&scene.s->server, "it hangs");
	scene_now += 4000; /* the doubt */
	scene_turn(&scene);
	scene_turn(&scene);
	ck_assert_uint_eq(scene.s->server.state, SERVER_STOPPING);
	ck_assert_uint_eq(player_next(&scene.container, &id), MESSAGE_STOP_SERVER);
	scene_now += 60000;
	scene_turn(&scene);
	ck_assert_int_eq(waitpid(pid, &status, WNOHANG) == 0 ? (usleep(200000), waitpid(pid, &status, WNOHANG)) : pid,
	    pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	scene.container.child->pid = 0;
	scene_close(&scene);
}
END_TEST

/* Nor does a worker that is to be renewed keep everybody waiting. */
START_TEST(a_worker_that_does_not_stop_is_ended)
{
	struct scene scene;
	pid_t pid;
	int status;

	scene_open(&scene);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0)
		for (;;)
			pause();
	scene.container.child->pid = pid;
	child_start_again(scene.container.child, 1000);
	scene_now += 10000;
	scene_turn(&scene);
	ck_assert_int_eq(waitpid(pid, &status, WNOHANG) == 0 ? (usleep(200000), waitpid(pid, &status, WNOHANG)) : pid,
	    pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	scene.container.child->pid = 0;
	scene_close(&scene);
}
END_TEST

/* ---- any order ---- */

static void
act(struct scene *scene, unsigned what)
{
	switch (what % 12) {
	case 0:
		kill_server(scene);
		break;
	case 1:
		kill_container_worker(scene);
		break;
	case 2:
		begin_container_worker(scene);
		break;
	case 3:
		scene->engine_is_down = !scene->engine_is_down;
		break;
	case 4:
	case 5:
		container_act(scene);
		break;
	case 6:
	case 7:
		storage_act(scene);
		break;
	case 8:
		scene_now += STEP_MS;
		break;
	case 9:
		scene_now += 10 * (int64_t)STEP_MS;
		break;
	default:
		break;
	}
	/* Not after each: what is told may have to wait. */
	if (what / 12 % 2 == 0)
		scene_turn(scene);
}

START_TEST(whatever_the_order)
{
	struct scene scene;
	char what[32];

	srandom((unsigned)_i);
	(void)snprintf(what, sizeof(what), "seed %d", _i);
	scene_open(&scene);
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 60; i++)
			act(&scene, (unsigned)random());
		scene.engine_is_down = false;
		begin_container_worker(&scene);
		scene_settle(&scene, SOON_MS, what);
	}
	ck_assert_uint_ge(scene.generation, scene.deaths > 0 ? 2 : 1);
	scene_close(&scene);
}
END_TEST

int
main(void)
{
	TCase *orders = tcase_create("orders"), *any = tcase_create("any order");

	tcase_add_test(orders, a_loss_during_a_start_is_kept);
	tcase_add_test(orders, a_loss_without_a_worker_is_kept);
	tcase_add_test(orders, a_loss_that_is_told_late_costs_no_restart);
	tcase_add_test(orders, a_stop_without_an_answer_ends_the_worker);
	tcase_add_test(orders, a_worker_that_does_not_stop_is_ended);
	tcase_add_loop_test(any, whatever_the_order, 0, 1000);
	return unit_run("supervisor server", orders, any, NULL);
}
