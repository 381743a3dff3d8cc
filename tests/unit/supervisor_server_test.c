/*
 * The server's states in the supervisor, beside a container worker and a storage worker that the test plays: whatever
 * fails in whatever order, once nothing fails any more, the store is open at the server that runs, and soon. Nothing
 * here starts a process, and time is the test's own.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/supervisor.h"
#include "tests/unit/run.h"

#define STEP_MS 50
/* More than any of the waits on the way: a doubt is the longest, and comes before a stop and a start. */
#define SOON_MS 15000

/* File scope: the clock's function takes no arguments. */
static int64_t now = 1000000;

struct player {
	struct child *child;
	int fd; /* its end of the channel */
};

struct scene {
	struct supervisor *s;
	struct player container, storage;
	/* The world. */
	bool engine_is_down;
	bool server_runs;
	unsigned generation; /* of the server that runs, or ran last */
	/* The container worker. */
	bool watches;
	/* The storage worker. */
	unsigned open_at; /* the generation that the store is open at; 0: not open */
	bool opening;
	uint32_t open_id;
	/* What happened. */
	unsigned faults, deaths;
};

static int64_t
fake_now(void)
{
	return now;
}

/* ---- the workers ---- */

#define SEND(player, name, id, ...) \
	do { \
		const struct message_##name message_ = { __VA_ARGS__ }; \
		struct frame frame_; \
		struct error error_; \
\
		ck_assert_int_eq(message_encode_##name(&frame_, id, &message_, -1, NULL), 0); \
		(void)frame_send((player)->fd, &frame_, &error_); \
	} while (0)

static void
player_close(struct player *player)
{
	if (player->fd != -1)
		close(player->fd);
	player->fd = -1;
}

static void
player_begin(struct scene *scene, struct player *player)
{
	int ends[2];
	struct error e;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	(void)scene;
	ck_assert_int_eq(child_open_channel(player->child, ends[0], &e), 0);
	player->fd = ends[1];
	player->child->state = CHILD_UP;
}

/* The next of what the supervisor asks, or MESSAGE_TYPES. */
static unsigned
player_next(struct player *player, uint32_t *id)
{
	struct frame frame;
	struct error e;
	unsigned type;

	if (player->fd == -1 || frame_receive(player->fd, &frame, &e) != 1)
		return MESSAGE_TYPES;
	type = frame.header.type;
	*id = frame.header.id;
	frame_close(&frame);
	return type;
}

static void
container_start(struct scene *scene, uint32_t id)
{
	bool adopted = scene->server_runs;

	if (scene->engine_is_down) {
		SEND(&scene->container, failed, id, .status = STATUS_UNAVAILABLE, .code = "container.runtime_down",
		    .text = "docker is not running");
		return;
	}
	if (!adopted)
		scene->generation++;
	scene->server_runs = scene->watches = true;
	SEND(&scene->container, server_started, id, .engine = "docker", .engine_version = "1", .name = "c",
	    .container_id = "c", .image = "i", .image_id = "i", .adopted = adopted, .warning = "");
}

/* It does one thing. */
static void
container_act(struct scene *scene)
{
	uint32_t id;

	if (scene->container.fd == -1)
		return;
	if (scene->watches && !scene->server_runs) {
		scene->watches = false;
		SEND(&scene->container, server_died, 0,
		    .code = scene->engine_is_down ? "server.engine_lost" : "server.killed", .cause = "it was killed");
		return;
	}
	switch (player_next(&scene->container, &id)) {
	case MESSAGE_START_SERVER:
		scene->watches = false;
		container_start(scene, id);
		break;
	case MESSAGE_STOP_SERVER:
		scene->server_runs = scene->watches = false;
		SEND(&scene->container, server_stopped, id, .text = "");
		break;
	default:
		break;
	}
}

/* Likewise. A store that was lost stays so until the supervisor asks. */
static void
storage_act(struct scene *scene)
{
	bool there = scene->server_runs;
	uint32_t id;

	if (scene->open_at != 0 && !there) {
		scene->open_at = 0;
		SEND(&scene->storage, store_lost, 0, .cause = "connection refused");
		return;
	}
	/* Another one answers its probe already: it goes on there. */
	if (scene->open_at != 0)
		scene->open_at = scene->generation;
	if (scene->opening && there) {
		scene->opening = false;
		scene->open_at = scene->generation;
		SEND(&scene->storage, store_opened, scene->open_id, 0);
		return;
	}
	switch (player_next(&scene->storage, &id)) {
	case MESSAGE_OPEN_STORE:
		scene->opening = true;
		scene->open_at = 0;
		scene->open_id = id;
		break;
	case MESSAGE_PING_STORE:
		if (scene->open_at != 0)
			SEND(&scene->storage, store_answered, id, 0);
		else
			SEND(&scene->storage, failed, id, .status = STATUS_UNAVAILABLE, .code = "storage.ping",
			    .text = "storage ping failed: the store is not open");
		break;
	default:
		break;
	}
}

/* ---- the scene ---- */

static struct child *
add_child(struct supervisor *s, enum process process)
{
	struct child *child = &s->children.list[s->children.n++];

	*child = (struct child) { .children = &s->children,
		.node = &s->node,
		.name = process_name(process),
		.program_fd = -1,
		.channel = { .watch = { .fd = -1 } } };
	for (size_t i = 0; i < process_nprograms; i++)
		if (process_programs[i].process == process)
			child->program = &process_programs[i];
	ck_assert_ptr_nonnull(child->program);
	return child;
}

static void
turn(struct scene *scene)
{
	struct error e;

	ck_assert_int_eq(loop_run_once(&scene->s->node.loop, 0, &e), 0);
}

static bool
is_well(const struct scene *scene)
{
	const struct supervisor *s = scene->s;

	return s->node.lifecycle.state == LIFECYCLE_OPERATIONAL && s->server.state == SERVER_RUNNING &&
	    scene->server_runs && scene->watches && scene->open_at == scene->generation;
}

static void
settle(struct scene *scene, int64_t within_ms, const char *what)
{
	for (int64_t waited = 0; !is_well(scene); waited += STEP_MS) {
		for (int i = 0; i < 8; i++) {
			container_act(scene);
			storage_act(scene);
			turn(scene);
		}
		now += STEP_MS;
		turn(scene);
		ck_assert_msg(waited <= within_ms,
		    "%s: %s after %d ms; the server is %s, %s (the %u. one) and is %s; the store is open at %u", what,
		    lifecycle_state_name(scene->s->node.lifecycle.state), (int)waited,
		    server_state_names[scene->s->server.state], scene->server_runs ? "runs" : "does not run",
		    scene->generation, scene->watches ? "watched" : "not watched", scene->open_at);
	}
}

static void
scene_open(struct scene *scene)
{
	static const struct lifecycle_times times = { .startup = 60000,
		.shutdown = 30000,
		.server = 30000,
		.grace = 3000,
		.hurry = 1000 };
	struct supervisor *s = calloc(1, sizeof(*s));
	struct error e;

	ck_assert_ptr_nonnull(s);
	*scene = (struct scene) { .s = s, .container.fd = -1, .storage.fd = -1 };
	clock_set_fake(fake_now);
	log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	s->node.conf_path = "test";
	s->node.conf = conf_new();
	s->node.conf->database.backend = CONF_BACKEND_POSTGRES;
	s->node.conf->database.health.action = s->node.conf->database.postgres.health.action = CONF_ACTION_RETRY_ALWAYS;
	s->node.conf->database.health.retry_backoff = s->node.conf->database.postgres.health.retry_backoff = 200;
	s->node.directories = (struct directories) { .data_fd = -1, .lock_fd = -1, .postgres_fd = -1 };
	s->node.notify.fd = s->node.listening.lock_fd = -1;
	s->node.started_us = clock_realtime_us();
	watchers_init(s);
	s->server.pgdata.present = s->server.secrets_open_stored = true;
	ck_assert_int_eq(loop_open(&s->node.loop, &e), 0);
	lifecycle_init(&s->node.lifecycle, &times, phases_actions, phases_changed, s);
	scene->container.child = add_child(s, PROCESS_CONTAINER);
	scene->storage.child = add_child(s, PROCESS_POSTGRES);
	player_begin(scene, &scene->container);
	player_begin(scene, &scene->storage);
	s->node.lifecycle.state = LIFECYCLE_AWAITING_WORKER;
	lifecycle_take(&s->node.lifecycle, LIFECYCLE_STORAGE_READY);
	server_begin(&s->server);
	settle(scene, SOON_MS, "the start");
}

static void
scene_close(struct scene *scene)
{
	struct supervisor *s = scene->s;

	for (size_t i = 0; i < s->children.n; i++)
		channel_close(&s->children.list[i].channel);
	player_close(&scene->container);
	player_close(&scene->storage);
	events_free(&s->node.events);
	audit_relay_close(&s->audit);
	loop_close(&s->node.loop);
	conf_free(s->node.conf);
	free(s);
	clock_set_fake(NULL);
}

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
	turn(&scene);
	kill_server(&scene);
	storage_act(&scene);
	turn(&scene);
	settle(&scene, 1000, "lost during a start");
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
	turn(&scene);
	begin_container_worker(&scene);
	settle(&scene, 1000, "lost without a worker");
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
	settle(&scene, SOON_MS, "told late");
	now += SOON_MS;
	turn(&scene);
	settle(&scene, 1000, "told late, and later");
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
	now += 4000; /* the doubt */
	turn(&scene);
	turn(&scene);
	ck_assert_uint_eq(scene.s->server.state, SERVER_STOPPING);
	ck_assert_uint_eq(player_next(&scene.container, &id), MESSAGE_STOP_SERVER);
	now += 60000;
	turn(&scene);
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
	now += 10000;
	turn(&scene);
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
		now += STEP_MS;
		break;
	case 9:
		now += 10 * (int64_t)STEP_MS;
		break;
	default:
		break;
	}
	/* Not after each: what is told may have to wait. */
	if (what / 12 % 2 == 0)
		turn(scene);
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
		settle(&scene, SOON_MS, what);
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
