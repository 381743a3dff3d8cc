/*
 * The program bibd-postgres: takes the supervisor's messages to the store and the pool, and stops both in order.
 */
#include "workers/postgres/postgres.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"

/* Time that a stop keeps for CHECKPOINT when sessions have used up theirs. */
#define CHECKPOINT_MS 5000

/* ---- the store's events ---- */

static void
postgres_soon(void *context)
{
	struct postgres *postgres = context;

	pg_pool_soon(&postgres->pool);
}

static void
postgres_available(void *context)
{
	struct postgres *postgres = context;

	pg_pool_available(&postgres->pool);
	pg_audit_available(&postgres->pool.audit);
	pg_standby_available(&postgres->standby);
}

static void
postgres_lost(void *context, const char *cause)
{
	struct postgres *postgres = context;

	pg_audit_disconnect(&postgres->pool.audit);
	pg_standby_lost(&postgres->standby);
	pg_pool_lost(&postgres->pool, cause);
}

static void
postgres_retire(void *context, int64_t grace_ms)
{
	struct postgres *postgres = context;

	pg_audit_disconnect(&postgres->pool.audit);
	pg_pool_retire(&postgres->pool, grace_ms);
}

static void
postgres_probed(void *context, bool accepts)
{
	struct postgres *postgres = context;

	pg_pool_end_terminated(&postgres->pool, accepts);
}

static void
postgres_logins_checked(void *context, unsigned repaired)
{
	struct postgres *postgres = context;

	pg_pool_logins_checked(&postgres->pool, repaired);
}

/* ---- what the supervisor asks ---- */

static int
postgres_start(struct worker *worker, struct error *e)
{
	static const struct pg_store_events events = { .soon = postgres_soon,
		.available = postgres_available,
		.lost = postgres_lost,
		.retire = postgres_retire,
		.probed = postgres_probed,
		.logins_checked = postgres_logins_checked,
		.move = postgres_move };
	struct postgres *postgres = calloc(1, sizeof(*postgres));

	if (postgres == NULL)
		return error_set_errno(e, STATUS_OS, "postgres.start", "cannot start");
	worker->state = postgres;
	postgres->worker = worker;
	postgres->listen_fd = postgres->source_fd = -1;
	if (pg_pool_open(&postgres->pool, worker, e) == -1 ||
	    (postgres->store = pg_store_new(worker, &events, postgres, e)) == NULL)
		return -1;
	postgres->pool.store = postgres->store;
	if (pg_audit_open(&postgres->pool.audit, worker, postgres->store, e) == -1)
		return -1;
	postgres->pool.operational = worker->operational;
	pg_standby_open(&postgres->standby, worker, postgres->store, &postgres->pool);
	return 0;
}

static void
postgres_listen_now(struct postgres *postgres)
{
	struct error e;

	if (postgres->listening || postgres->listen_fd == -1)
		return;
	postgres->listening = true;
	if (pg_pool_listen(&postgres->pool, postgres->listen_fd, &e) == -1)
		fatal(&e);
}

static void
postgres_listen(struct worker *worker, enum listen_purpose purpose, int fd)
{
	struct postgres *postgres = worker->state;

	if (purpose != LISTEN_CLIENTS || postgres->listen_fd != -1) {
		close(fd);
		return;
	}
	postgres->listen_fd = fd;
	/* Clients that come before the store is open are told so. A worker that was restarted lets them wait for a
	 * server connection instead. */
	postgres_listen_now(postgres);
}

static void
postgres_open_store(void *context, struct frame *frame, const struct message_open_store *message)
{
	struct worker *worker = context;
	struct postgres *postgres = worker->state;

	(void)message;
	pg_store_open(postgres->store, frame->header.id);
}

static void
postgres_ping_store(void *context, struct frame *frame, const struct message_ping_store *message)
{
	struct worker *worker = context;
	struct postgres *postgres = worker->state;

	(void)message;
	/* Set before the answer is sent: once the supervisor has it, clients may come at once. */
	postgres->pool.operational = pg_store_is_available(postgres->store) || postgres->pool.operational;
	pg_store_ping(postgres->store, frame->header.id);
}

static void
postgres_take_client(void *context, struct frame *frame, const struct message_client *message)
{
	struct postgres *postgres = ((struct worker *)context)->state;
	struct pgwire_peer remote;

	pgwire_peer_set_remote(&remote, message->login, message->address);
	pg_session_accept(&postgres->pool, frame_take_fd(frame), &remote);
	pg_pool_settle(&postgres->pool);
}

static void
postgres_take_peer(void *context, struct frame *frame, const struct message_peer *message)
{
	struct worker *worker = context;
	struct postgres *postgres = worker->state;

	if (message->process == PROCESS_KEEPER)
		pg_store_take_peer(postgres->store, frame_take_fd(frame));
	else if (message->process == PROCESS_SQLITE)
		postgres_take_source(postgres, frame_take_fd(frame));
	else if (message->process == PROCESS_ARCHIVE)
		pg_standby_take_peer(&postgres->standby, frame_take_fd(frame));
}

static bool
postgres_healthy(struct worker *worker, char *text, size_t size)
{
	struct postgres *postgres = worker->state;

	return pg_store_healthy(postgres->store, text, size) && pg_pool_serves(&postgres->pool, text, size);
}

static void
postgres_reloaded(struct worker *worker)
{
	struct postgres *postgres = worker->state;

	pg_standby_reloaded(&postgres->standby);
}

static uint64_t
postgres_answered(struct worker *worker)
{
	struct postgres *postgres = worker->state;

	return postgres->pool.answered;
}

/* ---- the audit trail ---- */

static struct pg_audit *
postgres_audit(void *context)
{
	struct postgres *postgres = ((struct worker *)context)->state;

	return &postgres->pool.audit;
}

static void
postgres_take_audit_event(void *context, struct frame *frame, const struct message_audit_event *message)
{
	(void)frame;
	pg_audit_take_event(postgres_audit(context), message);
}

static void
postgres_take_audit_lost(void *context, struct frame *frame, const struct message_audit_lost *message)
{
	(void)frame;
	trail_queue_note_lost(&postgres_audit(context)->queue, message->count);
}

static void
postgres_take_audit_signed(void *context, struct frame *frame, const struct message_audit_signed *message)
{
	(void)frame;
	pg_audit_take_signed(postgres_audit(context), message);
}

static void
postgres_take_audit_verify(void *context, struct frame *frame, const struct message_audit_verify *message)
{
	(void)message;
	pg_audit_take_verify(postgres_audit(context), frame->header.id);
}

static void
postgres_take_audit_checked(void *context, struct frame *frame, const struct message_audit_checked *message)
{
	pg_audit_take_checked(postgres_audit(context), frame->header.id, message);
}

/* ---- stopping ---- */

static void
postgres_closed(void *context)
{
	struct postgres *postgres = context;

	if (postgres->stopped)
		return;
	postgres->stopped = true;
	loop_timer_cancel(&postgres->stop_timer);
	pg_standby_end(&postgres->standby);
	worker_stopped(postgres->worker);
}

static void
postgres_audited(void *context)
{
	struct postgres *postgres = context;
	int64_t left = postgres->stop_at - clock_now_ms();

	pg_standby_lost(&postgres->standby);
	pg_store_close(postgres->store, left > CHECKPOINT_MS ? left : CHECKPOINT_MS, postgres_closed, postgres);
}

static void
postgres_drained(void *context)
{
	struct postgres *postgres = context;

	if (postgres->drained)
		return;
	postgres->drained = true;
	pg_pool_close_servers(&postgres->pool);
	pg_audit_finish(&postgres->pool.audit, postgres_audited, postgres);
}

static void
postgres_stop_expired(struct loop_timer *timer)
{
	struct postgres *postgres = timer->arg;

	if (!postgres->drained && !postgres->pool.hurried) {
		loop_timer_set(&postgres->worker->loop, timer, CHECKPOINT_MS, postgres_stop_expired, postgres);
		pg_pool_stop(&postgres->pool, true, postgres_drained, postgres);
	} else if (!postgres->drained) {
		log_warning("%u sessions did not end in time", postgres->pool.nsessions);
		postgres_drained(postgres);
	}
}

static void
postgres_stop(struct worker *worker, int64_t timeout_ms)
{
	struct postgres *postgres = worker->state;

	postgres->stop_at = clock_now_ms() + timeout_ms;
	pg_move_end(postgres->move);
	postgres->move = NULL;
	loop_timer_set(&worker->loop, &postgres->stop_timer, timeout_ms, postgres_stop_expired, postgres);
	pg_pool_stop(&postgres->pool, false, postgres_drained, postgres);
}

/* ---- the program ---- */

static size_t
postgres_paths(struct worker *worker, struct sandbox_path *paths, size_t max)
{
	static const char *const everywhere[] = { "/etc/passwd", "/etc/nsswitch.conf", "/dev/null" };
	/* An external server's name must be looked up. */
	static const char *const external[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/gai.conf",
		"/etc/ssl/certs" };
	const struct conf *conf = worker->conf;
	size_t n = 0;

	(void)max;
	paths[n++] = (struct sandbox_path) { .path = worker->migrations_dir };
	if (conf->database.migrations_dir[0] != '\0')
		paths[n++] = (struct sandbox_path) { .path = conf->database.migrations_dir };
	for (size_t i = 0; i < sizeof(everywhere) / sizeof(everywhere[0]); i++)
		paths[n++] = (struct sandbox_path) { .path = everywhere[i] };
	for (size_t i = 0; i < sizeof(external) / sizeof(external[0]) && !conf->database.postgres.managed; i++)
		paths[n++] = (struct sandbox_path) { .path = external[i] };
	return n;
}

/* PostgreSQL's port, where it is not behind a Unix socket; for an external server also that of the name service, which
 * sends answers over TCP that are too long for a datagram. */
static size_t
postgres_ports(struct worker *worker, struct sandbox_port *ports, size_t max)
{
	const struct conf *conf = worker->conf;
	size_t n = 0;

	(void)max;
	if (!conf->database.postgres.managed) {
		ports[n++] = (struct sandbox_port) { .port = (uint16_t)conf->database.postgres.advanced.port };
		ports[n++] = (struct sandbox_port) { .port = 53 };
	} else if (!conf->database.postgres.network.use_unix_socket)
		ports[n++] = (struct sandbox_port) { .port = (uint16_t)conf->database.postgres.port };
	return n;
}

int
main(int argc, char **argv)
{
	static const struct worker_program program = {
		.process = PROCESS_POSTGRES,
		.profile = SANDBOX_POSTGRES,
		.paths = postgres_paths,
		.ports = postgres_ports,
		.start = postgres_start,
		.listen = postgres_listen,
		.healthy = postgres_healthy,
		.answered = postgres_answered,
		.commit = postgres_reloaded,
		.stop = postgres_stop,
		.handlers = {
			.client = postgres_take_client,
			.open_store = postgres_open_store,
			.ping_store = postgres_ping_store,
			.peer = postgres_take_peer,
			.statistics_request = postgres_statistics,
			.pause = postgres_pause,
			.resume = postgres_resume,
			.clients_request = postgres_list_clients,
			.kill_request = postgres_kill,
			.audit_event = postgres_take_audit_event,
			.audit_lost = postgres_take_audit_lost,
			.audit_signed = postgres_take_audit_signed,
			.audit_verify = postgres_take_audit_verify,
			.audit_checked = postgres_take_audit_checked,
		},
	};

	return worker_main(&program, argc, argv);
}
