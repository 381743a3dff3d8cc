/* The thread that follows PostgreSQL's log. */
#include "workers/archive/ship_wal.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/archive/postgres/sums.h"

#define WAL_TICK_MS 100
#define WAL_TRY_MS 500
#define WAL_FLUSH_MS 400
#define WAL_TELL_MS 1000
#define WAL_BEHIND_MS 2000 /* after so long what is in the spool counts as put by */

/* ---- what the others see ---- */

/* What is in the spool, and that the log is read. */
static void
wal_tell_place(struct ship *ship)
{
	pthread_mutex_lock(&ship->lock);
	if (strcmp(ship->place.stream, ship->head.stream) != 0)
		ship->landed.position = 0;
	ship->place.position = ship->head.first;
	ship->place.time_us = ship->time_us;
	ship->place.segment = ship->wal->found.segment;
	memcpy(ship->place.stream, ship->head.stream, sizeof(ship->place.stream));
	ship->attached = ship->is_attached;
	pthread_mutex_unlock(&ship->lock);
}

static void
wal_close(struct ship *ship)
{
	feed_close(ship->wal->feed);
	ship->wal->feed = NULL;
	ship->is_attached = false;
	pthread_mutex_lock(&ship->lock);
	ship->attached = false;
	pthread_mutex_unlock(&ship->lock);
}

static void
wal_fail(struct ship *ship, const struct error *e)
{
	struct ship_wal *wal = ship->wal;

	/* A server that is not up is told of by others; one that stays away, by the health. */
	if (strcmp(wal->said, e->text) != 0 && strcmp(e->code, "postgres.away") != 0)
		log_warning("%s", e->text);
	(void)snprintf(wal->said, sizeof(wal->said), "%s", e->text);
	if (e->status == STATUS_DATA || strcmp(e->code, "postgres.gone") == 0)
		ship_gap(ship, e->text);
	wal_close(ship);
}

/* ---- feedback ---- */

/* The segment in which the last object ends is read again at the next start, and is kept for that; but whoever commits
 * at its very end, and waits, does not wait for the next one to begin. */
static uint64_t
wal_keep_segment(struct ship_wal *wal, uint64_t position, int64_t now)
{
	if (position == 0 || position % wal->found.segment != 0)
		return position;
	if (wal->edge != position) {
		wal->edge = position;
		wal->edge_ms = now;
	}
	return !atomic_load(&wal->lenient) && now - wal->edge_ms >= WAL_TICK_MS ? position : position - 1;
}

static void
wal_confirm(struct ship *ship)
{
	struct ship_wal *wal = ship->wal;
	uint64_t spooled = ship->head.first, position;
	int64_t now = clock_now_ms();
	bool idle = sender_is_idle(&ship->sender), lenient = atomic_load(&wal->lenient), based;

	pthread_mutex_lock(&ship->lock);
	position = ship->landed.position;
	based = strcmp(ship->based, ship->head.stream) == 0;
	pthread_mutex_unlock(&ship->lock);
	if (idle)
		position = spooled;
	if (idle || position > wal->confirmed)
		wal->stored_ms = now;
	/* Where commits wait, that is nothing: what is stored must be there, and lead to something. */
	if (lenient && now - wal->stored_ms > WAL_BEHIND_MS)
		position = spooled;
	position = wal_keep_segment(wal, position, now);
	if (position > wal->confirmed && (lenient || based))
		wal->confirmed = position;
}

static int
wal_tell(struct ship *ship, struct error *e)
{
	struct ship_wal *wal = ship->wal;
	int64_t now = clock_now_ms();

	wal_confirm(ship);
	if (!wal->has_answered && !(wal->confirmed > wal->told && !atomic_load(&wal->lenient)) &&
	    now - wal->told_ms < (wal->confirmed > wal->told ? WAL_TICK_MS : WAL_TELL_MS))
		return 0;
	/* A sign of life is asked for once a second alone: each that comes is answered. */
	if (feed_tell(wal->feed, wal->records.position, wal->confirmed, now - wal->told_ms >= WAL_TELL_MS, e) == -1)
		return -1;
	wal->told = wal->confirmed;
	wal->told_ms = now;
	wal->has_answered = false;
	return 0;
}

/* ---- bytes ---- */

static uint32_t
wal_sum(const struct ship *ship, uint32_t sum, uint64_t position, const uint8_t *data, size_t size)
{
	return crc32c(position % ship->wal->found.segment == 0 ? 0 : sum, data, size);
}

/* 1; 0: the spool is full; -1. */
static int
wal_put(struct ship *ship, const uint8_t *data, size_t size, int64_t commit_us, struct error *e)
{
	int result;

	if (!change_put(ship->writer, data, size)) {
		if ((result = ship_flush(ship, e)) != 1)
			return result;
		if (!change_put(ship->writer, data, size))
			return error_set(e, STATUS_OS, "archive.object", "a piece of the log is too large");
	}
	if (ship->begun_ms == 0) {
		ship->begun_ms = clock_now_ms();
		ship->wal->has_commit = false;
	}
	ship->wal->sum = wal_sum(ship, ship->wal->sum, ship->position, data, size);
	ship->position += size;
	if (commit_us == 0)
		return 1;
	ship->wal->has_commit = true;
	ship->time_us = commit_us > ship->time_us ? commit_us : ship->time_us;
	if (change_put_mark(ship->writer, ship->position, ship->time_us))
		return 1;
	if ((result = ship_flush(ship, e)) == 1)
		(void)change_put_mark(ship->writer, ship->position, ship->time_us);
	return result;
}

/* What was read before, and is read again for the records' sake. */
static int
wal_compare(struct ship *ship, uint64_t position, const uint8_t *data, size_t size, struct error *e)
{
	struct ship_wal *wal = ship->wal;

	wal->again = wal_sum(ship, wal->again, position, data, size);
	if (wal->records.position < ship->position || wal->again == wal->sum)
		return 0;
	return error_set(e, STATUS_DATA, "archive.log", "the write-ahead log is another than the one that was read");
}

/* 1; 0: the spool is full; -1. */
static int
wal_take_bytes(struct ship *ship, const uint8_t *data, size_t size, struct error *e)
{
	struct records *records = &ship->wal->records;
	int result = 1;

	while (size > 0 && result == 1) {
		uint64_t position = records->position;
		bool before = position < ship->position;
		size_t most = before && ship->position - position < size ? (size_t)(ship->position - position) : size;
		int64_t commit_us;
		ssize_t n;

		/* A page's bytes alone are one piece, whose checksum begins anew with a segment. */
		most = most < RECORDS_PAGE - position % RECORDS_PAGE ? most : RECORDS_PAGE - position % RECORDS_PAGE;
		if ((n = records_take(records, data, most, &commit_us, e)) == -1)
			return -1;
		if (before)
			result = wal_compare(ship, position, data, (size_t)n, e) == -1 ? -1 : 1;
		else
			result = wal_put(ship, data, (size_t)n, commit_us, e);
		data += n;
		size -= (size_t)n;
	}
	return result;
}

/* What was read is brought to the repository: where commits wait at once, while nothing else is on its way; what is
 * committed meanwhile shares the next object. */
static bool
wal_is_due(struct ship *ship)
{
	if (ship->begun_ms == 0)
		return false;
	if (!atomic_load(&ship->wal->lenient) && ship->wal->has_commit && sender_is_idle(&ship->sender))
		return true;
	return clock_now_ms() - ship->begun_ms >= WAL_FLUSH_MS;
}

/* ---- messages ---- */

/* Nothing was committed up to the first of two signs of life between which the log has not grown. */
static void
wal_note_quiet(struct ship *ship, const struct feed_piece *piece)
{
	struct ship_wal *wal = ship->wal;

	if (wal->quiet_end == piece->end && wal->quiet_us != 0 && ship->head.first == piece->end &&
	    sender_is_idle(&ship->sender)) {
		pthread_mutex_lock(&ship->lock);
		ship_tell_moment(ship, wal->quiet_us);
		pthread_mutex_unlock(&ship->lock);
	}
	wal->quiet_end = piece->end;
	wal->quiet_us = piece->time_us;
}

static int
wal_take_piece(struct ship *ship, const struct feed_piece *piece, struct error *e)
{
	int result;

	if (piece->data == NULL) {
		wal_note_quiet(ship, piece);
		ship->wal->has_answered |= piece->wants_answer;
		/* Who wants to end waits until all has been put by. */
		return piece->wants_answer ? ship_flush(ship, e) : 1;
	}
	if (piece->position != ship->wal->records.position)
		return error_set(e, STATUS_DATA, "postgres.stream", "PostgreSQL has left out a part of its log");
	if ((result = wal_take_bytes(ship, piece->data, piece->size, e)) == 1 && wal_is_due(ship))
		result = ship_flush(ship, e);
	return result;
}

/* 1; 0: the spool is full; -1. */
static int
wal_follow(struct ship *ship, struct error *e)
{
	struct feed_piece piece;
	int more = 0, result = 1;

	do {
		if ((more = feed_take(ship->wal->feed, &piece, e)) == -1)
			return -1;
		if (more == 1 && (result = wal_take_piece(ship, &piece, e)) != 1)
			return result;
	} while (more == 1 && !atomic_load(&ship->quit) && clock_now_ms() - ship->wal->told_ms < WAL_TELL_MS);
	if (wal_is_due(ship) && (result = ship_flush(ship, e)) != 1)
		return result;
	wal_tell_place(ship);
	return wal_tell(ship, e) == -1 ? -1 : 1;
}

/* ---- the thread ---- */

static void
wal_set_full(struct ship *ship, bool full)
{
	ship->wal->waits = full;
	pthread_mutex_lock(&ship->lock);
	ship->full = full;
	pthread_mutex_unlock(&ship->lock);
}

/* Whether the spool has room again: for what is sealed, and some more. */
static bool
wal_has_room(struct ship *ship)
{
	struct error e;

	if (ship->wal->waits && sender_waiting(&ship->sender) > ship->sender.bound / 2)
		return false;
	if (ship->sealed && ship_flush(ship, &e) != 1)
		return false;
	wal_set_full(ship, false);
	return true;
}

static void
wal_serve(struct ship *ship)
{
	struct ship_wal *wal = ship->wal;
	struct error e;
	int result;

	if (wal->feed == NULL) {
		int64_t now = clock_now_ms();

		if (now - wal->tried_ms < WAL_TRY_MS || !sender_is_ready(&ship->sender) || !wal_has_room(ship))
			return;
		wal->tried_ms = now;
		if (ship_wal_find_way(ship, &e) == -1) {
			wal_fail(ship, &e);
			return;
		}
		wal->said[0] = '\0';
	}
	if ((result = wal_follow(ship, &e)) == -1)
		wal_fail(ship, &e);
	else if (result == 0) {
		wal_set_full(ship, true);
		wal_close(ship);
	}
}

void *
ship_wal_thread(void *arg)
{
	struct ship *ship = arg;
	eventfd_t count;

	while (!atomic_load(&ship->quit)) {
		struct pollfd fds[2] = { { .fd = ship->kick_fd, .events = POLLIN },
			{ .fd = ship->wal->feed == NULL ? -1 : feed_fd(ship->wal->feed), .events = POLLIN } };

		(void)poll(fds, 2, WAL_TICK_MS);
		if ((fds[0].revents & POLLIN) != 0)
			(void)eventfd_read(ship->kick_fd, &count);
		wal_serve(ship);
	}
	wal_close(ship);
	return NULL;
}
