/*
 * The server's states in the supervisor, beside a container worker and a storage worker that the test plays.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "tests/unit/run.h"
#include "tests/unit/supervisor_server_scene.h"

int64_t scene_now = 1000000;

static int64_t
fake_now(void)
{
	return scene_now;
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

void
player_close(struct player *player)
{
	if (player->fd != -1)
		close(player->fd);
	player->fd = -1;
}

void
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
unsigned
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
void
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
void
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

void
scene_turn(struct scene *scene)
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

void
scene_settle(struct scene *scene, int64_t within_ms, const char *what)
{
	for (int64_t waited = 0; !is_well(scene); waited += STEP_MS) {
		for (int i = 0; i < 8; i++) {
			container_act(scene);
			storage_act(scene);
			scene_turn(scene);
		}
		scene_now += STEP_MS;
		scene_turn(scene);
		ck_assert_msg(waited <= within_ms,
		    "%s: %s after %d ms; the server is %s, %s (the %u. one) and is %s; the store is open at %u", what,
		    lifecycle_state_name(scene->s->node.lifecycle.state), (int)waited,
		    server_state_names[scene->s->server.state], scene->server_runs ? "runs" : "does not run",
		    scene->generation, scene->watches ? "watched" : "not watched", scene->open_at);
	}
}

void
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
	scene_settle(scene, SOON_MS, "the start");
}

void
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
