/*
 * Answers bibd-archive: BASE_BEGIN once no checkpoint is under way, BASE_POINT, and BASE_END; and how many rows there
 * are.
 */
#include "workers/sqlite/base.h"

#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/sqlite/session/repository.h"
#include "workers/sqlite/session/sqlite.h"

/* A checkpoint that is under way is looked at so often. */
#define BASE_LOOK_MS 20
/* How long the repository is waited for is looked at so often. */
#define BASE_REPOSITORY_MS 100

static void
base_fail(struct sqlite *sqlite, uint32_t id, const char *text)
{
	const struct message_failed failed = { .status = STATUS_UNAVAILABLE, .code = "base.unavailable", .text = text };

	(void)store_release(&sqlite->store);
	(void)channel_send_failed(&sqlite->archive, id, &failed, -1);
}

/* Past the channel, which would close what it sends: a descriptor of the database that is closed in this process, a
 * duplicate too, would drop the locks that SQLite holds (fcntl(2)). Whatever process has received it may close it. */
static int
base_send_files(struct sqlite *sqlite, uint32_t id, int log)
{
	int file = store_open_base(&sqlite->store), socket_fd = sqlite->archive.watch.fd;
	struct frame frame;
	struct error e;

	return file == -1 || log == -1 || sqlite->archive.queued != 0 ||
		message_encode_base_log(&frame, id, NULL, log, &e) == -1 || frame_send(socket_fd, &frame, &e) != 0 ||
		message_encode_base_begun(&frame, id, NULL, file, &e) == -1 || frame_send(socket_fd, &frame, &e) != 0
	    ? -1
	    : 0;
}

/* The descriptors go out once the file stays as it is. */
static void
base_look(struct loop_timer *timer)
{
	struct sqlite *sqlite = timer->arg;
	uint32_t id = sqlite->base_id;
	int log;

	if (!store_is_still(&sqlite->store)) {
		loop_timer_set(&sqlite->worker->loop, timer, BASE_LOOK_MS, base_look, sqlite);
		return;
	}
	sqlite->base_id = 0;
	log = store_open_log(&sqlite->store);
	if (base_send_files(sqlite, id, log) == -1)
		base_fail(sqlite, id, "the database file cannot be opened for a backup");
	/* SQLite takes no lock on the log. */
	if (log != -1)
		close(log);
}

static void
base_take_begin(void *context, struct frame *frame, const struct message_base_begin *message)
{
	struct sqlite *sqlite = context;

	(void)message;
	if (atomic_load(&sqlite->store.state) != STORE_OPEN || atomic_load(&sqlite->stopping)) {
		base_fail(sqlite, frame->header.id, "the database is not open");
		return;
	}
	store_hold(&sqlite->store);
	sqlite->base_id = frame->header.id;
	sqlite->base_timer.arg = sqlite;
	base_look(&sqlite->base_timer);
}

static void
base_take_point(void *context, struct frame *frame, const struct message_base_point_request *message)
{
	struct sqlite *sqlite = context;
	const struct message_base_point point = { .frames = (uint32_t)atomic_load(&sqlite->store.file.wal_pages) };

	(void)message;
	(void)channel_send_base_point(&sqlite->archive, frame->header.id, &point, -1);
}

/* ---- counting ---- */

static void
base_refuse_count(struct sqlite *sqlite, uint32_t id, const struct error *e)
{
	const struct message_failed failed = { .status = e->status, .code = e->code, .text = e->text };

	(void)channel_send_failed(&sqlite->archive, id, &failed, -1);
}

static void
base_look_at_count(struct loop_timer *timer)
{
	struct sqlite *sqlite = timer->arg;
	struct store_count *count = &sqlite->store.count;
	const struct message_counted counted = { .seq = count->seq };

	if (atomic_load(&count->state) == STORE_COUNTING) {
		loop_timer_set(&sqlite->worker->loop, timer, BASE_LOOK_MS, base_look_at_count, sqlite);
		return;
	}
	/* Nobody may be there any more who has asked. */
	if (sqlite->count_id == 0 || count->fd == -1) {
		if (sqlite->count_id != 0)
			base_refuse_count(sqlite, sqlite->count_id, &count->failure);
		if (count->fd != -1)
			close(count->fd);
	} else
		(void)channel_send_counted(&sqlite->archive, sqlite->count_id, &counted, count->fd);
	sqlite->count_id = 0;
	atomic_store(&count->state, STORE_NOT_COUNTING);
}

static void
base_take_count(void *context, struct frame *frame, const struct message_count_request *message)
{
	struct sqlite *sqlite = context;
	struct error e;

	(void)message;
	if (store_count_start(&sqlite->store, &e) == -1) {
		base_refuse_count(sqlite, frame->header.id, &e);
		return;
	}
	sqlite->count_id = frame->header.id;
	loop_timer_set(&sqlite->worker->loop, &sqlite->count_timer, BASE_LOOK_MS, base_look_at_count, sqlite);
}

/* ---- shipping ---- */

/* What the repository has may be told to those who wait for it. */
static void
base_take_stored(struct loop_watch *watch, uint32_t events)
{
	struct sqlite *sqlite = watch->arg;
	eventfd_t count;

	(void)events;
	(void)eventfd_read(sqlite->store.ship.fds[SHIP_STORED], &count);
	repository_look(sqlite);
}

static void
base_look_at_repository(struct loop_timer *timer)
{
	struct sqlite *sqlite = timer->arg;

	loop_timer_set(&sqlite->worker->loop, timer, BASE_REPOSITORY_MS, base_look_at_repository, sqlite);
	/* Also where nobody waits any more by the configuration: some may have begun to before it changed. */
	repository_look(sqlite);
}

void
base_store_is_open(struct sqlite *sqlite)
{
	if (sqlite->store.ship.page == NULL || sqlite->looks_at_repository)
		return;
	sqlite->looks_at_repository = true;
	sqlite->waited_since_ms = clock_now_ms();
	loop_timer_set(&sqlite->worker->loop, &sqlite->repository_timer, BASE_REPOSITORY_MS, base_look_at_repository,
	    sqlite);
}

static bool
base_watch_stored(struct sqlite *sqlite)
{
	struct error e;

	if (sqlite->watches_stored)
		return true;
	sqlite->watches_stored = loop_watch_add(&sqlite->worker->loop, &sqlite->stored_watch,
				     sqlite->store.ship.fds[SHIP_STORED], EPOLLIN, base_take_stored, sqlite, &e) == 0;
	return sqlite->watches_stored;
}

static void
base_take_ship(void *context, struct frame *frame, const struct message_ship_request *message)
{
	struct sqlite *sqlite = context;
	struct store_ship *ship = &sqlite->store.ship;
	const struct message_failed failed = { .status = STATUS_UNAVAILABLE,
		.code = "ship.unavailable",
		.text = "the database is not open" };
	int fd = -1;

	(void)message;
	for (int i = 0; i < SHIP_PARTS; i++) {
		const struct message_ship_part part = { .part = (uint32_t)i };

		if (atomic_load(&sqlite->store.state) == STORE_CLOSED || ship->page == NULL ||
		    !base_watch_stored(sqlite) ||
		    (fd = i == SHIP_LOG ? store_open_log(&sqlite->store) : fcntl(ship->fds[i], F_DUPFD_CLOEXEC, 3)) ==
			-1) {
			(void)channel_send_failed(&sqlite->archive, frame->header.id, &failed, -1);
			return;
		}
		(void)channel_send_ship_part(&sqlite->archive, i == SHIP_LOG ? frame->header.id : 0, &part, fd);
	}
}

static void
base_take_end(void *context, struct frame *frame, const struct message_base_end *message)
{
	struct sqlite *sqlite = context;
	bool stopping = atomic_load(&sqlite->stopping);
	struct message_base_ended ended = { .why = "" };

	(void)message;
	ended.held = store_release(&sqlite->store) && !stopping;
	if (!ended.held)
		ended.why = stopping ? "the node stops" : "the write-ahead log has grown to 1 GiB during the backup";
	(void)channel_send_base_ended(&sqlite->archive, frame->header.id, &ended, -1);
}

static void
base_closed(struct channel *channel, const struct error *why)
{
	struct sqlite *sqlite = channel->context;

	loop_timer_cancel(&sqlite->base_timer);
	sqlite->base_id = sqlite->count_id = 0;
	(void)store_release(&sqlite->store);
	if (strcmp(why->code, "channel.closed") != 0)
		log_warning("the channel to %s is closed: %s", process_name(channel->peer), why->text);
}

void
base_take_peer(void *context, struct frame *frame, const struct message_peer *message)
{
	static const struct message_handlers handlers = { .base_begin = base_take_begin,
		.base_point_request = base_take_point,
		.base_end = base_take_end,
		.count_request = base_take_count,
		.ship_request = base_take_ship };
	struct worker *worker = context;
	struct sqlite *sqlite = worker->state;
	struct error e;

	if (message->process != PROCESS_ARCHIVE) {
		log_error("refused a channel to process %u, to which bibd-sqlite does not talk", message->process);
		return;
	}
	channel_close(&sqlite->archive);
	sqlite->count_id = 0;
	(void)store_release(&sqlite->store);
	if (channel_open(&sqlite->archive, &worker->loop, frame_take_fd(frame), PROCESS_SQLITE, PROCESS_ARCHIVE,
		&handlers, sqlite, base_closed, &e) == -1)
		log_error("%s", e.text);
}
