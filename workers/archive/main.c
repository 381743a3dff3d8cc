/*
 * The program bibd-archive. Its start: the common order of workers (worker.h); then it waits for its channels. It reads
 * and writes the repository, and its own place in the data directory.
 */
#include <bsd/stdlib.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/memfd.h"
#include "workers/archive/archive.h"

/* At a stop is looked so often, and so many times whether the repository has taken everything. */
#define ARCHIVE_END_MS 20
#define ARCHIVE_END_LOOKS 100

static char *
archive_scratch(const struct conf *conf)
{
	char *path;

	return asprintf(&path, "%s/archive", conf->node.data_dir) == -1 ? NULL : path;
}

/* ---- keeper ---- */

static void
archive_take_keys(void *context, struct frame *frame, const struct message_archive_keys *message)
{
	struct archive *archive = context;
	struct error e;
	size_t size;
	char *keys = memfd_read(frame->fd, 2 * SEAL_KEY_SIZE, &size, &e);

	(void)message;
	if (keys == NULL || size != 2 * SEAL_KEY_SIZE) {
		log_error("the keys of keeper cannot be read");
		free(keys);
		return;
	}
	memcpy(archive->identity.wrap, keys, SEAL_KEY_SIZE);
	memcpy(archive->identity.seed, keys + SEAL_KEY_SIZE, SEAL_KEY_SIZE);
	archive->identity.node_id = archive->worker->node_id;
	freezero(keys, size);
	if (archive->has_identity)
		archive->looked = false; /* the repository is told of the new one */
	archive->has_identity = true;
	archive->sender_told = false;
	archive_schedule(archive);
}

/* ---- channels ---- */

static void
archive_keeper_closed(struct channel *channel, const struct error *why)
{
	if (strcmp(why->code, "channel.closed") != 0)
		log_warning("the channel to %s is closed: %s", process_name(channel->peer), why->text);
}

static void
archive_sqlite_closed(struct channel *channel, const struct error *why)
{
	archive_keeper_closed(channel, why);
	archive_base_lost(channel->context);
	archive_ship_lost(channel->context);
	archive_count_lost(channel->context);
	archive_look_at_stop(channel->context);
}

/* What it said last of commits that wait goes on to hold: the server may still be there, with some of them. */
static void
archive_postgres_closed(struct channel *channel, const struct error *why)
{
	archive_keeper_closed(channel, why);
	archive_look_at_stop(channel->context);
}

static void
archive_connected(struct archive *archive, enum process peer)
{
	if (peer == PROCESS_SQLITE)
		archive_ship_connected(archive);
	else if (peer == PROCESS_POSTGRES) {
		if (archive->ship.wal != NULL) /* until this one says otherwise */
			atomic_store(&archive->ship.wal->lenient, false);
		archive_tell_state(archive, true);
	}
}

static void
archive_take_peer(void *context, struct frame *frame, const struct message_peer *message)
{
	static const struct message_handlers keeper_handlers = { .archive_keys = archive_take_keys };
	struct worker *worker = context;
	struct archive *archive = worker->state;
	const struct {
		enum process process;
		struct channel *channel;
		const struct message_handlers *handlers;
		channel_closed_fn *closed;
	} peers[] = { { PROCESS_KEEPER, &archive->keeper, &keeper_handlers, archive_keeper_closed },
		{ PROCESS_SQLITE, &archive->sqlite, &archive_base_handlers, archive_sqlite_closed },
		{ PROCESS_POSTGRES, &archive->postgres, &archive_told_handlers, archive_postgres_closed } };
	struct error e;

	for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
		if (peers[i].process != message->process)
			continue;
		channel_close(peers[i].channel);
		if (message->process == PROCESS_SQLITE) {
			archive_base_lost(archive);
			archive_ship_lost(archive);
			archive_count_lost(archive);
		}
		if (channel_open(peers[i].channel, &worker->loop, frame_take_fd(frame), PROCESS_ARCHIVE,
			peers[i].process, peers[i].handlers, archive, peers[i].closed, &e) == -1)
			log_error("%s", e.text);
		else
			archive_connected(archive, peers[i].process);
		return;
	}
	log_error("refused a channel to process %u, to which bibd-archive does not talk", message->process);
}

/* ---- the program ---- */

static bool
archive_is_remote(const struct worker *worker)
{
	return depot_is_s3(worker->conf->backup.repository);
}

/* The network is within reach only where the repository is. */
static enum sandbox_profile
archive_choose_profile(const struct worker *worker)
{
	if (archive_is_remote(worker))
		return SANDBOX_DEPOT;
	/* A server of this host is reached by its socket. */
	return worker->conf->database.backend == CONF_BACKEND_POSTGRES ? SANDBOX_POSTGRES : SANDBOX_STORAGE;
}

static int
archive_start_outside(struct worker *worker, struct error *e)
{
	struct archive *archive = calloc(1, sizeof(*archive));
	char **command = worker->conf->backup.s3.credentials_command;

	if (archive == NULL || (archive->scratch = archive_scratch(worker->conf)) == NULL) {
		free(archive);
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot start");
	}
	archive->worker = worker;
	archive->started_ms = clock_now_ms();
	worker->state = archive;
	if ((errno = pthread_mutex_init(&archive->credentials_lock, NULL)) != 0)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot start");
	archive->base.file_fd = archive->base.log_fd = -1;
	archive->runner.fd = archive->driller.fd = archive->key.runner.fd = -1;
	if (archive_drill_open(archive, e) == -1 || archive_key_open(archive, e) == -1)
		return -1;
	return archive_is_remote(worker) && command != NULL ? runner_start(&archive->runner, command, e) : 0;
}

static int
archive_start(struct worker *worker, struct error *e)
{
	struct archive *archive = worker->state;

	archive->parts = (struct ship_session) { .fds = { -1, -1, -1, -1, -1 } };
	archive->ship.archive = archive;
	archive->shipped_ms = clock_now_ms();
	archive_ship_watch(archive);
	if (worker->conf->database.backend == CONF_BACKEND_POSTGRES && archive_follow_postgres(archive, e) == -1)
		return -1;
	return archive_job_open(archive, e) == -1 || archive_credentials_open(archive, e) == -1 ||
		archive_count_open(archive, e) == -1 || archive_drill_watch_postgres(archive, e) == -1 ||
		ship_start(&archive->ship, archive->scratch, (uint64_t)worker->conf->backup.spool << 20, e) == -1
	    ? -1
	    : 0;
}

/* The last of what bibd-sqlite has committed is put by, and brought to the repository, if that answers. */
static void
archive_look_at_end(struct loop_timer *timer)
{
	struct archive *archive = timer->arg;

	if (archive->job.running || channel_is_open(&archive->sqlite) || channel_is_open(&archive->postgres) ||
	    (archive->end_looks++ < ARCHIVE_END_LOOKS && !sender_is_idle(&archive->ship.sender))) {
		loop_timer_set(&archive->worker->loop, timer, ARCHIVE_END_MS, archive_look_at_end, archive);
		return;
	}
	worker_stopped(archive->worker);
}

void
archive_look_at_stop(struct archive *archive)
{
	if (atomic_load(&archive->stopping))
		loop_timer_set(&archive->worker->loop, &archive->end_timer, ARCHIVE_END_MS, archive_look_at_end,
		    archive);
}

static void
archive_stop_expired(struct loop_timer *timer)
{
	struct archive *archive = timer->arg;

	worker_stopped(archive->worker);
}

static void
archive_stop(struct worker *worker, int64_t timeout_ms)
{
	struct archive *archive = worker->state;

	atomic_store(&archive->stopping, true);
	archive_key_stop(archive);
	loop_timer_set(&worker->loop, &archive->stop_timer, timeout_ms, archive_stop_expired, archive);
	archive_look_at_stop(archive);
}

static size_t
archive_paths(struct worker *worker, struct sandbox_path *paths, size_t max)
{
	/* Names are looked up, and servers known by their certificates. */
	static const char *const remote[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/gai.conf",
		"/etc/nsswitch.conf", "/etc/ssl", "/usr/lib/ssl", "/usr/share/ca-certificates",
		"/usr/local/share/ca-certificates", "/etc/pki" };
	struct archive *archive = worker->state;
	const struct conf *conf = worker->conf;
	struct stat st;
	size_t n = 0;

	(void)max;
	if (stat(conf->backup.repository, &st) == 0) {
		archive->place_dev = st.st_dev;
		archive->place_ino = st.st_ino;
	}
	/* The names are kept for the worker's life. */
	if (!archive_is_remote(worker))
		paths[n++] = (struct sandbox_path) { .path = strdup(conf->backup.repository), .writable = true };
	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]) && archive_is_remote(worker); i++)
		paths[n++] = (struct sandbox_path) { .path = remote[i] };
	if (archive_is_remote(worker) && conf->backup.s3.ca_file[0] != '\0')
		paths[n++] = (struct sandbox_path) { .path = strdup(conf->backup.s3.ca_file) };
	paths[n++] = (struct sandbox_path) { .path = archive_scratch(worker->conf), .writable = true };
	paths[n++] = (struct sandbox_path) { .path = "/dev/urandom" };
	return n;
}

/* That of the endpoint, and of the name service, which sends answers over TCP that are too long for a datagram. */
static size_t
archive_ports(struct worker *worker, struct sandbox_port *ports, size_t max)
{
	const char *endpoint = worker->conf->backup.s3.endpoint, *colon = strrchr(endpoint, ':');
	long port = strncmp(endpoint, "http:", 5) == 0 ? 80 : 443;

	(void)max;
	if (!archive_is_remote(worker))
		return 0;
	if (colon != NULL && colon[1] != '/' && strchr(colon, ']') == NULL)
		port = strtol(colon + 1, NULL, 10);
	ports[0] = (struct sandbox_port) { .port = (uint16_t)port };
	ports[1] = (struct sandbox_port) { .port = 53 };
	return 2;
}

int
main(int argc, char **argv)
{
	static const struct worker_program program = {
		.process = PROCESS_ARCHIVE,
		.profile = SANDBOX_STORAGE,
		.choose_profile = archive_choose_profile,
		.start_outside = archive_start_outside,
		.paths = archive_paths,
		.ports = archive_ports,
		.start = archive_start,
		.healthy = archive_is_healthy,
		.stop = archive_stop,
		.handlers = { .peer = archive_take_peer,
		    .backup_request = archive_take_request,
		    .s3_credentials = archive_take_credentials,
		    .s3_refused = archive_take_refused,
		    .drill_proven = archive_take_drill_proven },
	};

	return worker_main(&program, argc, argv);
}
