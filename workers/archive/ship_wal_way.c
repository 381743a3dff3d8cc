/* Where PostgreSQL's log is followed from: after what is in the repository and the spool, if it follows; else another
 * stream begins. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "workers/archive/ship_wal.h"

#define WAL_NOTE "system %" PRIu64 " sum %" PRIx32
#define POINT_TRIES 100
#define POINT_WAIT_MS 100

void
ship_wal_note(struct ship *ship)
{
	change_set_note(ship->writer, WAL_NOTE, ship->wal->system, ship->wal->sum);
}

/* The stream of before, if it is one of PostgreSQL's. */
static bool
way_take_place(struct ship *ship)
{
	return ship_take_head(ship, "postgres") &&
	    sscanf(ship->head.note, "system %" SCNu64 " sum %" SCNx32, &ship->wal->system, &ship->wal->sum) == 2;
}

/* NULL: the server's log goes on where the stream ends. */
static const char *
way_find_break(const struct ship *ship, uint64_t slot)
{
	const struct feed_server *found = &ship->wal->found;

	if (found->system != ship->wal->system)
		return "the database is another";
	if (found->timeline != ship->head.branch)
		return "the database was restored, or another was put in its place";
	if (slot == 0)
		return "the server has not kept the write-ahead log that was not shipped";
	if (slot > ship->position || found->position < ship->position)
		return "the server's write-ahead log does not follow on what was read of it";
	return NULL;
}

static int
way_begin_stream(struct ship *ship, struct error *e)
{
	struct ship_wal *wal = ship->wal;
	uint64_t slot = 0;

	if (feed_make_slot(wal->feed, e) == -1 || feed_find_slot(wal->feed, &slot, e) == -1)
		return -1;
	if (slot == 0)
		return error_set(e, STATUS_UNAVAILABLE, "postgres.refused", "PostgreSQL has made no replication slot");
	wal->system = wal->found.system;
	wal->sum = 0;
	wal->confirmed = slot;
	ship->log.page_size = wal->found.segment;
	ship->position = slot - slot % wal->found.segment;
	ship_begin_stream(ship, "postgres", wal->found.timeline, ship->position);
	return 0;
}

static int
way_go_on(struct ship *ship, struct error *e)
{
	struct ship_wal *wal = ship->wal;
	uint64_t from, slot;
	const char *why = "";

	if (feed_find_slot(wal->feed, &slot, e) == -1)
		return -1;
	wal->confirmed = slot;
	if (ship->resumes && (why = way_find_break(ship, slot)) != NULL)
		ship_gap(ship, why);
	if (why != NULL) {
		/* What was read of the stream that ends here is in it. */
		int result = ship->has_object ? ship_flush(ship, e) : 1;

		if (result != 1 || way_begin_stream(ship, e) == -1)
			return result == 0 ? error_set(e, STATUS_UNAVAILABLE, "archive.spool", "the spool is full")
					   : -1;
	} else if (!ship->has_object)
		ship_begin_object(ship);
	/* From the beginning of the segment whose checksum there is. */
	from = ship->position == ship->head.first && ship->head.number == 0 ? ship->position : ship->position - 1;
	from -= from % wal->found.segment;
	records_begin(&wal->records, from, wal->found.segment);
	wal->again = 0;
	return feed_begin(wal->feed, wal->found.timeline, from, e);
}

int
ship_wal_find_way(struct ship *ship, struct error *e)
{
	struct ship_wal *wal = ship->wal;

	if (ship->writer == NULL && (ship->writer = change_writer_make(&ship->sender.repository, e)) == NULL)
		return -1;
	if (ship->head.stream[0] == '\0')
		ship->resumes = way_take_place(ship);
	if ((wal->feed = feed_open(&wal->server, &wal->found, e)) == NULL)
		return -1;
	ship->log.page_size = wal->found.segment;
	if (way_go_on(ship, e) == -1)
		return -1;
	wal->told = 0;
	wal->told_ms = wal->stored_ms = clock_now_ms();
	wal->quiet_us = 0;
	ship->is_attached = ship->resumes = true;
	return 0;
}

/* ---- a point ---- */

int
ship_wal_is_stored(struct ship *ship, const char *stream, uint64_t position)
{
	bool idle = sender_is_idle(&ship->sender);
	int there = -1;

	pthread_mutex_lock(&ship->lock);
	if (strcmp(stream, ship->place.stream) == 0)
		there = ship->landed.position >= position || (ship->place.position >= position && idle);
	pthread_mutex_unlock(&ship->lock);
	return there;
}

/* As that, of the stream in which the newest backup stands. */
static int
point_look(struct ship *ship, uint64_t position, struct change_point *point)
{
	pthread_mutex_lock(&ship->lock);
	memcpy(point->stream, ship->based, sizeof(point->stream));
	pthread_mutex_unlock(&ship->lock);
	point->position = position;
	return ship_wal_is_stored(ship, point->stream, position);
}

int
ship_wal_find_point(struct ship *ship, const atomic_bool *stopping, struct change_point *point, struct error *e)
{
	const struct timespec pause = { .tv_nsec = POINT_WAIT_MS * 1000000L };
	struct postgres_server server = ship->wal->server;
	struct feed_server found;
	struct feed *feed;
	int there = 0;

	server.stopping = stopping;
	if ((feed = feed_open(&server, &found, e)) == NULL)
		return -1;
	feed_close(feed);
	point->time_us = clock_realtime_us();
	for (int i = 0; i < POINT_TRIES && there == 0 && !atomic_load(stopping); i++) {
		if ((there = point_look(ship, found.position, point)) == 1)
			return 0;
		(void)nanosleep(&pause, NULL);
	}
	return error_set(e, STATUS_UNAVAILABLE, "archive.point",
	    "what was committed is not in the repository yet, or no base leads to it: try again later");
}
