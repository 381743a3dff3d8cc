/* bibd-sqlite: the worker that answers clients from SQLite. */
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
#include "workers/sqlite/session/clients.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/session/pause.h"
#include "workers/sqlite/session/server.h"
#include "workers/sqlite/session/session.h"

/* A stop that is in a hurry leaves this much of its time to sessions that end by themselves. */
#define SERVER_HURRY_MS 1000

/* ---- what threads left for the loop ---- */

static void
server_woken(struct loop_watch *watch, uint32_t events)
{
	struct server *server = watch->arg;
	struct mailbox_event *event;

	(void)events;
	mailbox_woken(&server->mailbox);
	while ((event = mailbox_take(&server->mailbox)) != NULL) {
		worker_event(server->worker, event->code, "%s", event->text);
		free(event);
	}
	audit_look(&server->audit);
	pause_look(server);
	if (atomic_load(&server->stopping) && server_count_sessions(server) == 0)
		server_finish_stop(server);
}

/* ---- what the supervisor asks ---- */

static int
server_start(struct worker *worker, struct error *e)
{
	struct server *server = calloc(1, sizeof(*server));

	/* Threads take turns: a heap for each would hold memory that another could use. */
	(void)mallopt(M_ARENA_MAX, 4);
	/* Each connection is one thread's at a time, and nobody reads SQLite's count of memory, which costs a lock. */
	(void)sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (server == NULL)
		return error_set_errno(e, STATUS_OS, "server.start", "cannot start");
	(void)umask(077); /* what SQLite makes is nobody else's to read */
	worker->state = server;
	if (server_open(server, worker, e) == -1)
		return -1;
	return loop_watch_add(&worker->loop, &server->wake_watch, server->mailbox.wake_fd, EPOLLIN, server_woken, server,
	    e);
}

static void
server_listen(struct worker *worker, enum listen_purpose purpose, int fd)
{
	struct server *server = worker->state;
	struct error e;

	if (purpose != LISTEN_CLIENTS || server->listen_fd != -1) {
		close(fd);
		return;
	}
	server->listen_fd = fd;
	/* Clients that come before the store is open are told so. A worker that was restarted lets them wait instead: the
	 * kernel's queue holds them until the store is open again. */
	if (!worker->operational && pool_listen(&server->pool, fd, &e) == -1)
		fatal(&e);
}

/* Not a thread's turn: whoever runs it gets it from the pool, as it does every client. */
static void
server_take_client(void *context, struct frame *frame, const struct message_client *message)
{
	struct server *server = ((struct worker *)context)->state;
	struct pgwire_peer remote;

	pgwire_peer_set_remote(&remote, message->login, message->address);
	session_accept(server, frame_take_fd(frame), &remote);
}

static void
server_open_store(void *context, struct frame *frame, const struct message_open_store *message)
{
	struct worker *worker = context;
	struct server *server = worker->state;
	struct error e;

	(void)message;
	if (atomic_load(&server->store.state) == STORE_CLOSED && store_open(&server->store, &e) == -1) {
		worker_fail(worker, frame->header.id, &e);
		return;
	}
	store_check_in_background(&server->store);
	audit_look(&server->audit);
	(void)channel_send_store_opened(&worker->channel, frame->header.id, NULL, -1);
	if (worker->operational && pool_listen(&server->pool, server->listen_fd, &e) == -1)
		fatal(&e);
}

static void
server_ping_store(void *context, struct frame *frame, const struct message_ping_store *message)
{
	struct worker *worker = context;
	struct server *server = worker->state;
	struct error e;

	(void)message;
	if (store_ping(&server->store, &e) == -1) {
		worker_fail(worker, frame->header.id, &e);
		return;
	}
	server->answered_ms = clock_now_ms(); /* nobody has waited for a connection so far */
	/* Before the answer: whoever hears of it may come at once. */
	atomic_store(&server->operational, true);
	(void)channel_send_store_answered(&worker->channel, frame->header.id, NULL, -1);
}

static void
server_statistics(void *context, struct frame *frame, const struct message_statistics_request *message)
{
	struct worker *worker = context;
	struct server *server = worker->state;
	struct pool *pool = &server->pool;
	struct message_statistics s = {
#define ROLE_COUNT(NAME, name) .sessions_##name = atomic_load(&server->roles[ROLE_##NAME]),
		ROLE_TABLE(ROLE_COUNT)
#undef ROLE_COUNT
		.sessions_starting = atomic_load(&server->roles[ROLES]),
		.store_state = store_state_names[atomic_load(&server->store.state)],
	};

	(void)message;
	pthread_mutex_lock(&pool->lock);
	s.connections_open = pool->nconnections;
	s.connections_max = pool->max_connections;
	s.connections_pinned = pool->npinned;
	s.writers_waiting = pool->nwriters_waiting;
	pthread_mutex_unlock(&pool->lock);
	store_sizes(&server->store, &s.store_bytes, &s.wal_bytes);
	(void)channel_send_statistics(&worker->channel, frame->header.id, &s, -1);
}

/* Whether clients are served: not while some wait for a connection, and nobody's statement ends. Sessions that keep
 * connections, while nobody waits, are no failure; nor is a pause. */
static bool
server_serves(struct server *server, char *text, size_t size)
{
	int64_t now = clock_now_ms(), timeout = conf_health(server->worker->conf)->timeout;

	if (!pool_is_stuck(&server->pool, &server->answered) || atomic_load(&server->pool.is_paused))
		server->answered_ms = now;
	if (now - server->answered_ms < timeout)
		return true;
	(void)snprintf(text, size, "no client has been answered for %" PRId64 " ms: others wait, and all %u database "
	    "connections are at work or kept (bibctl clients)", now - server->answered_ms, server->pool.max_connections);
	return false;
}

static uint64_t
server_answered(struct worker *worker)
{
	struct server *server = worker->state;

	return atomic_load(&server->pool.answered);
}

static bool
server_healthy(struct worker *worker, char *text, size_t size)
{
	struct server *server = worker->state;

	if (atomic_load(&server->store.state) != STORE_DAMAGED)
		return server_serves(server, text, size);
	(void)snprintf(text, size, "%s is damaged", server->store.file.path);
	return false;
}

static void
server_commit(struct worker *worker)
{
	struct error e;

	if (server_set_conf(worker->state, worker->conf, &e) == -1)
		log_error("%s", e.text);
}

/* ---- the audit trail's messages ---- */

static struct audit *
server_audit(void *context)
{
	struct server *server = ((struct worker *)context)->state;

	return &server->audit;
}

static void
server_audit_event(void *context, struct frame *frame, const struct message_audit_event *message)
{
	audit_take_event(server_audit(context), frame, message);
}

static void
server_audit_lost(void *context, struct frame *frame, const struct message_audit_lost *message)
{
	audit_take_lost(server_audit(context), frame, message);
}

static void
server_audit_signed(void *context, struct frame *frame, const struct message_audit_signed *message)
{
	audit_take_signed(server_audit(context), frame, message);
}

static void
server_audit_verify(void *context, struct frame *frame, const struct message_audit_verify *message)
{
	audit_take_verify(server_audit(context), frame, message);
}

static void
server_audit_checked(void *context, struct frame *frame, const struct message_audit_checked *message)
{
	audit_take_checked(server_audit(context), frame, message);
}

/* ---- stopping ---- */

static void
server_stop_expired(struct loop_timer *timer)
{
	struct server *server = timer->arg;

	if (!server->hurried) {
		server->hurried = true;
		session_terminate_all(server, true);
		loop_timer_set(timer->loop != NULL ? timer->loop : &server->worker->loop, timer, SERVER_HURRY_MS,
		    server_stop_expired, server);
		return;
	}
	log_warning("%u sessions did not end in time", server_count_sessions(server));
	server_finish_stop(server);
}

static void
server_stop(struct worker *worker, int64_t timeout_ms)
{
	struct server *server = worker->state;
	bool first = !atomic_exchange(&server->stopping, true);

	if (first)
		session_terminate_all(server, false);
	loop_timer_set(&worker->loop, &server->stop_timer, timeout_ms, server_stop_expired, server);
	if (server_count_sessions(server) == 0)
		server_finish_stop(server);
}

/* ---- the program ---- */

static size_t
server_paths(struct worker *worker, struct sandbox_path *paths, size_t max)
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
		.paths = server_paths,
		.start = server_start,
		.listen = server_listen,
		.healthy = server_healthy,
		.answered = server_answered,
		.commit = server_commit,
		.stop = server_stop,
		.handlers = {
			.client = server_take_client,
			.open_store = server_open_store,
			.ping_store = server_ping_store,
			.statistics_request = server_statistics,
			.pause = pause_take,
			.resume = pause_take_resume,
			.clients_request = clients_take_request,
			.kill_request = clients_take_kill,
			.audit_event = server_audit_event,
			.audit_lost = server_audit_lost,
			.audit_signed = server_audit_signed,
			.audit_verify = server_audit_verify,
			.audit_checked = server_audit_checked,
		},
	};

	return worker_main(&program, argc, argv);
}
