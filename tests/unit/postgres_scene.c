/*
 * Plays supervisor and keeper around a store of bibd-postgres, and runs the loop until something has happened.
 */
#include "tests/unit/postgres_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/memfd.h"

#define SCENE_DEADLINE_MS 30000

struct scene scene;

/* ---- the supervisor ---- */

static void
supervisor_take_opened(void *context, struct frame *frame, const struct message_store_opened *message)
{
	(void)context;
	(void)frame;
	(void)message;
	scene.opened++;
}

static void
supervisor_take_answered(void *context, struct frame *frame, const struct message_store_answered *message)
{
	(void)context;
	(void)frame;
	(void)message;
	scene.answered++;
}

static void
supervisor_take_failed(void *context, struct frame *frame, const struct message_failed *message)
{
	(void)context;
	(void)frame;
	scene.failed++;
	scene.failure.status = message->status;
	(void)snprintf(scene.failure.code, sizeof(scene.failure.code), "%s", message->code);
	(void)snprintf(scene.failure.text, sizeof(scene.failure.text), "%s", message->text);
}

static void
supervisor_take_lost(void *context, struct frame *frame, const struct message_store_lost *message)
{
	(void)context;
	(void)frame;
	scene.lost++;
	(void)snprintf(scene.lost_cause, sizeof(scene.lost_cause), "%s", message->cause);
}

static void
supervisor_take_progress(void *context, struct frame *frame, const struct message_store_progress *message)
{
	(void)context;
	(void)frame;
	if (scene.nprogress < SCENE_SEEN_MAX)
		(void)snprintf(scene.progress[scene.nprogress++], sizeof(scene.progress[0]), "%s", message->text);
}

static void
supervisor_take_event(void *context, struct frame *frame, const struct message_event *message)
{
	(void)context;
	(void)frame;
	scene.nevents++;
	(void)snprintf(scene.event, sizeof(scene.event), "%s: %s", message->code, message->text);
}

static void
supervisor_take_look_for_crash(void *context, struct frame *frame, const struct message_look_for_crash *message)
{
	(void)context;
	(void)frame;
	(void)message;
	scene.crashes_looked_for++;
}

static const struct message_handlers supervisor_handlers = {
	.store_opened = supervisor_take_opened,
	.store_answered = supervisor_take_answered,
	.failed = supervisor_take_failed,
	.store_lost = supervisor_take_lost,
	.store_progress = supervisor_take_progress,
	.event = supervisor_take_event,
	.look_for_crash = supervisor_take_look_for_crash,
};

/* ---- the keeper ---- */

/* The verifier of a password, as the keeper would compute it. libpq wants a connection for it, and be it none. */
static char *
make_verifier(const char *login, const char *password)
{
	PGconn *connection = PQconnectStart("host=/nonexistent");
	char *verifier;

	verifier = PQencryptPasswordConn(connection, password, login, "scram-sha-256");
	ck_assert_ptr_nonnull(verifier);
	PQfinish(connection);
	return verifier;
}

struct lines {
	char text[16384];
	size_t used;
};

/* actual: what the verifier is of. */
static void
put_line(struct lines *lines, const char *kind, const char *login, const char *password, const char *actual)
{
	char *verifier = make_verifier(login, actual);

	lines->used += (size_t)snprintf(lines->text + lines->used, sizeof(lines->text) - lines->used,
	    "%s %s %zu %zu 0 0\n%s\n%s\n\n\n", kind, login, strlen(password), strlen(verifier), password, verifier);
	PQfreemem(verifier);
}

static void
put_roles(struct lines *lines, const char *kind, char side, const char *password, const char *actual)
{
	char login[32];

	for (unsigned i = 0; i < ROLES; i++) {
		(void)snprintf(login, sizeof(login), "bibd_%s_%c", role_names[i], side);
		put_line(lines, kind, login, password, actual);
	}
}

static int
make_credentials(void)
{
	static struct lines lines;
	const bool managed = scene.worker.conf->database.postgres.managed;
	const char *now = scene.rotation == SCENE_SWITCHED ? SCENE_NEW_SYSTEM_PASSWORD : SCENE_SYSTEM_PASSWORD;
	const char *system_password = scene.system_password == NULL ? now : scene.system_password;
	const char *password = !managed && scene.keeper_lies ? "wrong" : system_password;

	lines.used = (size_t)snprintf(lines.text, sizeof(lines.text),
	    "bibd credentials 1\nside %c\nlogin %s %zu 0 0 0\n%s\n\n\n\n", scene.rotation == SCENE_SWITCHED ? 'b' : 'a',
	    managed ? "bibd_system" : scene.worker.conf->database.postgres.advanced.user, strlen(password), password);
	if (managed) {
		put_roles(&lines, "login", 'a', SCENE_PASSWORD, scene.keeper_lies ? "another" : SCENE_PASSWORD);
		put_roles(&lines, "login", 'b', scene.rotation == SCENE_SWITCHED ? SCENE_NEW_PASSWORD : SCENE_PASSWORD,
		    scene.rotation == SCENE_SWITCHED ? SCENE_NEW_PASSWORD : SCENE_PASSWORD);
	}
	if (managed && scene.rotation == SCENE_PENDING) {
		put_roles(&lines, "pending", 'b', SCENE_NEW_PASSWORD, SCENE_NEW_PASSWORD);
		put_line(&lines, "pending", "bibd_system", SCENE_NEW_SYSTEM_PASSWORD, SCENE_NEW_SYSTEM_PASSWORD);
	}
	return memfd_create_sealed("credentials", lines.text, lines.used, NULL);
}

static void
keeper_take_request(void *context, struct frame *frame, const struct message_credentials_request *message)
{
	const struct message_failed failed = { .status = STATUS_DATA,
		.code = "secrets.damaged",
		.text = "they are damaged" };

	(void)context;
	(void)message;
	scene.asked++;
	if (scene.keeper_refuses)
		(void)channel_send_failed(&scene.keeper, frame->header.id, &failed, -1);
	else
		(void)channel_send_credentials(&scene.keeper, frame->header.id, NULL, make_credentials());
}

static void
keeper_take_rotated(void *context, struct frame *frame, const struct message_logins_rotated *message)
{
	(void)context;
	(void)frame;
	(void)message;
	scene.rotated++;
}

static void
keeper_take_retired(void *context, struct frame *frame, const struct message_logins_retired *message)
{
	(void)context;
	(void)frame;
	(void)message;
	scene.retired++;
}

static void
keeper_take_failed(void *context, struct frame *frame, const struct message_failed *message)
{
	(void)context;
	(void)frame;
	scene.not_rotated++;
	(void)snprintf(scene.why_not, sizeof(scene.why_not), "%s", message->text);
}

static const struct message_handlers keeper_handlers = { .credentials_request = keeper_take_request,
	.logins_rotated = keeper_take_rotated,
	.logins_retired = keeper_take_retired,
	.failed = keeper_take_failed };

void
scene_ask_rotation(uint32_t id)
{
	const struct message_retire_logins retire = { .grace_ms = 1000 };

	if (scene.rotation == SCENE_PENDING) {
		(void)channel_send_rotate_logins(&scene.keeper, id, NULL, make_credentials());
	} else {
		(void)channel_send_credentials(&scene.keeper, 0, NULL, make_credentials());
		(void)channel_send_retire_logins(&scene.keeper, id, &retire, -1);
	}
}

static void
scene_pair(int ends[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
}

void
scene_give_peer(void)
{
	int ends[2];

	channel_close(&scene.keeper);
	scene_pair(ends);
	ck_assert_int_eq(channel_open(&scene.keeper, &scene.worker.loop, ends[0], PROCESS_KEEPER, PROCESS_POSTGRES,
			     &keeper_handlers, NULL, NULL, NULL),
	    0);
	pg_store_take_peer(scene.store, ends[1]);
}

/* ---- the store ---- */

static void
pg_pool_soon(void *context)
{
	(void)context;
}

static void
pg_pool_available(void *context)
{
	(void)context;
	scene.available_calls++;
	ck_assert(pg_store_is_available(scene.store));
}

static void
pg_pool_lost(void *context, const char *cause)
{
	(void)context;
	scene.lost_calls++;
	ck_assert(!pg_store_is_available(scene.store));
	(void)snprintf(scene.lost_text, sizeof(scene.lost_text), "%s", cause);
}

/* No connection of the pool's is there to be given up. */
static void
pg_pool_retire(void *context, int64_t grace_ms)
{
	(void)context;
	ck_assert_int_ge(grace_ms, 0);
	pg_store_retired(scene.store, "");
}

void
scene_make_store(bool managed, const char *host)
{
	static const struct worker_program program = { .process = PROCESS_POSTGRES };
	static const struct pg_store_events events = { .soon = pg_pool_soon,
		.available = pg_pool_available,
		.lost = pg_pool_lost,
		.retire = pg_pool_retire };
	static const struct message_handlers none = { .start = NULL };
	char path[96];
	struct conf *conf = conf_new();
	int ends[2];

	ck_assert_ptr_nonnull(conf);
	conf->database.backend = CONF_BACKEND_POSTGRES;
	conf->database.postgres.managed = managed;
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.postgres.data_dir"), scene.dir, NULL), 0);
	(void)snprintf(path, sizeof(path), "%s/application", scene.dir);
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.migrations_dir"), path, NULL), 0);
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.postgres.advanced.user"), "bibd_system", NULL), 0);
	if (host != NULL)
		ck_assert_int_eq(conf_set(conf, conf_key_find("database.postgres.advanced.host"), host, NULL), 0);
	conf->database.postgres.advanced.port = scene.tcp_port == 0 ? 5432 : scene.tcp_port;
	conf->database.postgres.health.interval = 300;
	conf->database.postgres.health.timeout = 2000 * scene_slow();
	conf->database.postgres.health.startup_timeout = 5000;
	(void)snprintf(path, sizeof(path), "%s/migrations", scene.dir);
	scene.worker = (struct worker) { .program = &program, .conf = conf, .migrations_dir = strdup(path) };
	ck_assert_int_eq(loop_open(&scene.worker.loop, NULL), 0);
	scene_pair(ends);
	ck_assert_int_eq(channel_open(&scene.worker.channel, &scene.worker.loop, ends[0], PROCESS_POSTGRES,
			     PROCESS_SUPERVISOR, &none, NULL, NULL, NULL),
	    0);
	ck_assert_int_eq(channel_open(&scene.supervisor, &scene.worker.loop, ends[1], PROCESS_SUPERVISOR,
			     PROCESS_POSTGRES, &supervisor_handlers, NULL, NULL, NULL),
	    0);
	ck_assert_ptr_nonnull(scene.store = pg_store_new(&scene.worker, &events, NULL, NULL));
}

void
scene_free_store(void)
{
	pg_store_free(scene.store);
	channel_close(&scene.supervisor);
	channel_close(&scene.keeper);
	channel_close(&scene.worker.channel);
	loop_close(&scene.worker.loop);
	conf_free(scene.worker.conf);
	free(scene.worker.migrations_dir);
}

int
scene_slow(void)
{
	static const char *const names[] = { "BIBD_SLOW", "CK_TIMEOUT_MULTIPLIER" };
	int slow = 1;

	for (size_t i = 0; i < 2; i++) {
		const char *text = getenv(names[i]);
		int value = text == NULL ? 1 : (int)strtol(text, NULL, 10);

		slow = value > slow ? value : slow;
	}
	return slow;
}

void
scene_until(const unsigned *count, unsigned wanted)
{
	int64_t end = clock_now_ms() + SCENE_DEADLINE_MS * scene_slow();

	while (*count < wanted) {
		ck_assert_msg(clock_now_ms() < end, "waited in vain: failed %u %s, lost %u %s", scene.failed,
		    scene.failure.text, scene.lost, scene.lost_cause);
		ck_assert_msg(count == &scene.failed || scene.failed == 0, "%s", scene.failure.text);
		ck_assert_int_eq(loop_run_once(&scene.worker.loop, 100, NULL), 0);
	}
}

void
scene_run(int ms)
{
	scene_pass(scene_slow() == 1 ? ms : 4 * ms);
}

void
scene_pass(int ms)
{
	int64_t end = clock_now_ms() + ms;

	while (clock_now_ms() < end)
		ck_assert_int_eq(loop_run_once(&scene.worker.loop, 20, NULL), 0);
}

void
scene_migration(const char *name, const char *sql)
{
	char path[160];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/application/%s", scene.dir, name);
	if (sql == NULL) {
		(void)unlink(path);
		return;
	}
	ck_assert_ptr_nonnull(file = fopen(path, "we"));
	(void)fputs(sql, file);
	(void)fclose(file);
}
