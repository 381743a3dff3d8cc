/* bibd-sqlite: the worker that answers clients from SQLite. */
#include <bsd/string.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/sqlite/base.h"
#include "workers/sqlite/connection/authorize.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/session/sqlite.h"
#include "workers/sqlite/types/utf8.h"
#include "workers/sqlite/survey.h"

/* A stop that is in a hurry leaves this much of its time to sessions that end by themselves. */
#define SERVER_HURRY_MS 1000

/* ---- what threads left for the loop ---- */

static void
sqlite_woken(struct loop_watch *watch, uint32_t events)
{
	struct sqlite *sqlite = watch->arg;
	struct mailbox_event *event;

	(void)events;
	mailbox_woken(&sqlite->mailbox);
	while ((event = mailbox_take(&sqlite->mailbox)) != NULL) {
		worker_event(sqlite->worker, event->code, "%s", event->text);
		free(event);
	}
	audit_look(&sqlite->audit);
	pause_look(sqlite);
	if (atomic_load(&sqlite->stopping) && sqlite_count_sessions(sqlite) == 0)
		sqlite_finish_stop(sqlite);
}

/* ---- what the supervisor asks ---- */

static int
sqlite_start(struct worker *worker, struct error *e)
{
	struct sqlite *sqlite = calloc(1, sizeof(*sqlite));

	/* Threads take turns: a heap for each would hold memory that another could use. */
	(void)mallopt(M_ARENA_MAX, 4);
	/* Each connection is one thread's at a time, and nobody reads SQLite's count of memory, which costs a lock. */
	(void)sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite == NULL)
		return error_set_errno(e, STATUS_OS, "server.start", "cannot start");
	(void)umask(077); /* what SQLite makes is nobody else's to read */
	worker->state = sqlite;
	if (sqlite_open(sqlite, worker, e) == -1)
		return -1;
	return loop_watch_add(&worker->loop, &sqlite->wake_watch, sqlite->mailbox.wake_fd, EPOLLIN, sqlite_woken,
	    sqlite, e);
}

static void
sqlite_listen(struct worker *worker, enum listen_purpose purpose, int fd)
{
	struct sqlite *sqlite = worker->state;
	struct error e;

	if (purpose != LISTEN_CLIENTS || sqlite->listen_fd != -1) {
		close(fd);
		return;
	}
	sqlite->listen_fd = fd;
	/* Clients that come before the store is open are told so. A worker that was restarted lets them wait instead:
	 * the kernel's queue holds them until the store is open again. */
	if (!worker->operational && pool_listen(&sqlite->pool, fd, &e) == -1)
		fatal(&e);
}

/* Not a thread's turn: the thread that runs it gets it from the pool, as it does every client. */
static void
sqlite_take_client(void *context, struct frame *frame, const struct message_client *message)
{
	struct sqlite *sqlite = ((struct worker *)context)->state;
	struct pgwire_peer remote;

	pgwire_peer_set_remote(&remote, message->login, message->address);
	(void)session_accept(sqlite, frame_take_fd(frame), &remote); /* bibd's check comes by the socket */
}

/* A move: bibd-postgres reads everything over a stream, as bibd itself; nobody else is served by this process then. */
static void
sqlite_take_reader(struct sqlite *sqlite, int fd)
{
	struct pgwire_peer own = { .pid = sqlite->worker->supervisor_pid, .is_check = true };
	struct error e;

	authorize_read_own();
	if (pool_listen(&sqlite->pool, -1, &e) == -1)
		fatal(&e);
	(void)strlcpy(own.login, "move", sizeof(own.login));
	(void)session_accept(sqlite, fd, &own);
}

static void
sqlite_take_peer(void *context, struct frame *frame, const struct message_peer *message)
{
	if (message->process == PROCESS_POSTGRES)
		sqlite_take_reader(((struct worker *)context)->state, frame_take_fd(frame));
	else
		base_take_peer(context, frame, message);
}

static void
sqlite_open_store(void *context, struct frame *frame, const struct message_open_store *message)
{
	struct worker *worker = context;
	struct sqlite *sqlite = worker->state;
	struct error e;

	(void)message;
	if (atomic_load(&sqlite->store.state) == STORE_CLOSED && store_open(&sqlite->store, &e) == -1) {
		worker_fail(worker, frame->header.id, &e);
		return;
	}
	store_check_in_background(&sqlite->store);
	audit_look(&sqlite->audit);
	base_store_is_open(sqlite);
	(void)channel_send_store_opened(&worker->channel, frame->header.id, NULL, -1);
	if (worker->operational && pool_listen(&sqlite->pool, sqlite->listen_fd, &e) == -1)
		fatal(&e);
}

static void
sqlite_ping_store(void *context, struct frame *frame, const struct message_ping_store *message)
{
	struct worker *worker = context;
	struct sqlite *sqlite = worker->state;
	struct error e;

	(void)message;
	if (store_ping(&sqlite->store, &e) == -1) {
		worker_fail(worker, frame->header.id, &e);
		return;
	}
	sqlite->answered_ms = clock_now_ms(); /* nobody has waited for a connection so far */
	/* Before the answer: a client that hears of it may connect at once. */
	atomic_store(&sqlite->operational, true);
	(void)channel_send_store_answered(&worker->channel, frame->header.id, NULL, -1);
}

static void
sqlite_statistics(void *context, struct frame *frame, const struct message_statistics_request *message)
{
	struct worker *worker = context;
	struct sqlite *sqlite = worker->state;
	struct pool *pool = &sqlite->pool;
	char took[TRAFFIC_TEXT_SIZE];
	struct message_statistics s = {
#define ROLE_COUNT(NAME, name) .sessions_##name = atomic_load(&sqlite->roles[ROLE_##NAME]),
		ROLE_TABLE(ROLE_COUNT)
#undef ROLE_COUNT
		    .sessions_starting = atomic_load(&sqlite->roles[ROLES]),
		.store_state = store_state_names[atomic_load(&sqlite->store.state)],
		.waited = "",
	};

	(void)message;
	pthread_mutex_lock(&pool->lock);
	s.connections_open = pool->nconnections;
	s.connections_busy = pool->nused;
	s.connections_max = pool->max_connections;
	s.connections_pinned = pool->npinned;
	s.writers_waiting = pool->nwriters_waiting;
	pthread_mutex_unlock(&pool->lock);
	store_sizes(&sqlite->store, &s.store_bytes, &s.wal_bytes);
	traffic_fill(sqlite->traffic, SQLITE_TRAFFICS, &s, took);
	(void)channel_send_statistics(&worker->channel, frame->header.id, &s, -1);
}

/* Whether clients are served: not while some wait for a connection or a sync, and nobody's statement ends. Sessions
 * that keep connections, while nobody waits, are no failure; nor is a pause. */
static bool
sqlite_serves(struct sqlite *sqlite, char *text, size_t size)
{
	int64_t now = clock_now_ms(), timeout = conf_health(sqlite->worker->conf)->timeout;

	if (!pool_is_stuck(&sqlite->pool, &sqlite->answered) || atomic_load(&sqlite->pool.is_paused))
		sqlite->answered_ms = now;
	if (now - sqlite->answered_ms < timeout)
		return true;
	(void)snprintf(text, size,
	    "no client has been answered for %" PRId64 " ms: others wait, and all %u database "
	    "connections are at work or kept, or what was committed is not synced (bibctl clients)",
	    now - sqlite->answered_ms, sqlite->pool.max_connections);
	return false;
}

static uint64_t
sqlite_answered(struct worker *worker)
{
	struct sqlite *sqlite = worker->state;

	return atomic_load(&sqlite->pool.answered);
}

static bool
sqlite_healthy(struct worker *worker, char *text, size_t size)
{
	struct sqlite *sqlite = worker->state;

	/* It is asked now and then, by the loop's thread. */
	pool_rest_connections(&sqlite->pool, clock_now_ms());
	memory_give_back(clock_now_ms());
	if (atomic_load(&sqlite->store.state) != STORE_DAMAGED)
		return sqlite_serves(sqlite, text, size);
	(void)snprintf(text, size, "%s is damaged", sqlite->store.file.path);
	return false;
}

static void
sqlite_commit(struct worker *worker)
{
	struct error e;

	if (sqlite_set_conf(worker->state, worker->conf, &e) == -1)
		log_error("%s", e.text);
}

/* ---- the audit trail's messages ---- */

static struct audit *
sqlite_audit(void *context)
{
	struct sqlite *sqlite = ((struct worker *)context)->state;

	return &sqlite->audit;
}

static void
sqlite_audit_event(void *context, struct frame *frame, const struct message_audit_event *message)
{
	audit_take_event(sqlite_audit(context), frame, message);
}

static void
sqlite_audit_lost(void *context, struct frame *frame, const struct message_audit_lost *message)
{
	audit_take_lost(sqlite_audit(context), frame, message);
}

static void
sqlite_audit_signed(void *context, struct frame *frame, const struct message_audit_signed *message)
{
	audit_take_signed(sqlite_audit(context), frame, message);
}

static void
sqlite_audit_verify(void *context, struct frame *frame, const struct message_audit_verify *message)
{
	audit_take_verify(sqlite_audit(context), frame, message);
}

static void
sqlite_audit_checked(void *context, struct frame *frame, const struct message_audit_checked *message)
{
	audit_take_checked(sqlite_audit(context), frame, message);
}

/* ---- stopping ---- */

static void
sqlite_stop_expired(struct loop_timer *timer)
{
	struct sqlite *sqlite = timer->arg;

	if (!sqlite->hurried) {
		sqlite->hurried = true;
		session_terminate_all(sqlite, true);
		loop_timer_set(timer->loop != NULL ? timer->loop : &sqlite->worker->loop, timer, SERVER_HURRY_MS,
		    sqlite_stop_expired, sqlite);
		return;
	}
	log_warning("%u sessions did not end in time", sqlite_count_sessions(sqlite));
	sqlite_finish_stop(sqlite);
}

static void
sqlite_stop(struct worker *worker, int64_t timeout_ms)
{
	struct sqlite *sqlite = worker->state;
	bool first = !atomic_exchange(&sqlite->stopping, true);

	if (first)
		session_terminate_all(sqlite, false);
	loop_timer_set(&worker->loop, &sqlite->stop_timer, timeout_ms, sqlite_stop_expired, sqlite);
	if (sqlite_count_sessions(sqlite) == 0)
		sqlite_finish_stop(sqlite);
}

/* ---- the program ---- */

static size_t
sqlite_paths(struct worker *worker, struct sandbox_path *paths, size_t max)
{
	char *path = store_path(worker->conf), *slash = path == NULL ? NULL : strrchr(path, '/');
	size_t n = 0;

	(void)max;
	if (slash != NULL)
		*(slash == path ? slash + 1 : slash) = '\0';
	/* The directory's name is kept for the worker's life. */
	paths[n++] = (struct sandbox_path) { .path = path, .writable = true };
	paths[n++] = (struct sandbox_path) { .path = worker->migrations_dir };
	if (worker->conf->database.migrations_dir[0] != '\0')
		paths[n++] = (struct sandbox_path) { .path = worker->conf->database.migrations_dir };
	paths[n++] = (struct sandbox_path) { .path = "/usr/share/zoneinfo" };
	paths[n++] = (struct sandbox_path) { .path = "/etc/localtime" };
	paths[n++] = (struct sandbox_path) { .path = "/etc/passwd" };
	paths[n++] = (struct sandbox_path) { .path = "/etc/nsswitch.conf" };
	paths[n++] = (struct sandbox_path) { .path = "/dev/urandom" };
	return n;
}

int
main(int argc, char **argv)
{
	static const struct worker_program program = {
		.process = PROCESS_SQLITE,
		.profile = SANDBOX_STORAGE,
		.paths = sqlite_paths,
		.start = sqlite_start,
		.listen = sqlite_listen,
		.healthy = sqlite_healthy,
		.answered = sqlite_answered,
		.commit = sqlite_commit,
		.stop = sqlite_stop,
		.handlers = {
			.client = sqlite_take_client,
			.peer = sqlite_take_peer,
			.open_store = sqlite_open_store,
			.ping_store = sqlite_ping_store,
			.statistics_request = sqlite_statistics,
			.pause = pause_take,
			.resume = pause_take_resume,
			.clients_request = clients_take_request,
			.kill_request = clients_take_kill,
			.audit_event = sqlite_audit_event,
			.audit_lost = sqlite_audit_lost,
			.audit_signed = sqlite_audit_signed,
			.audit_verify = sqlite_audit_verify,
			.audit_checked = sqlite_audit_checked,
		},
	};

	if (argc == 3 && strcmp(argv[1], "--survey") == 0)
		return survey_run(argv[2]);
	utf8_start();
	return worker_main(&program, argc, argv);
}
