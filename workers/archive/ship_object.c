/* Makes objects of the log's frames, and puts them into the spool. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "workers/archive/ship_wal.h"

#define SHIP_NOTE "log %" PRIx32 "-%" PRIx32 " %" PRIu32 " %" PRIx32 "-%" PRIx32

void
ship_begin_object(struct ship *ship)
{
	if (change_begins_group(ship->head.number))
		ship->group_first = ship->head.first;
	ship->head.unit = ship->log.page_size;
	change_begin(ship->writer, &ship->head);
	ship->begun_ms = 0;
	ship->has_object = true;
}

int
ship_flush(struct ship *ship, struct error *e)
{
	int result;

	if (!ship->sealed) {
		if (change_size(ship->writer) == 0)
			return 1;
		/* Where in the log it ends: the next life goes on from there. */
		if (ship->wal != NULL)
			ship_wal_note(ship);
		else
			change_set_note(ship->writer, SHIP_NOTE, ship->log.salt[0], ship->log.salt[1], ship->log.frame,
			    ship->log.sum[0], ship->log.sum[1]);
		if (change_seal(ship->writer, ship->position, &ship->object, e) == -1)
			return -1;
		ship->sealed = true;
	}
	if ((result = sender_put(&ship->sender, &ship->object, ship->group_first, e)) != 0)
		return result == 1 ? 0 : -1;
	ship->sealed = false;
	memcpy(ship->head.previous, ship->object.hash, sizeof(ship->head.previous));
	ship->head.number++;
	ship->head.first = ship->position;
	ship->flushed_ms = clock_now_ms();
	ship_begin_object(ship);
	return 1;
}

/* Little-endian. */
static void
ship_put_number(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

int
ship_put_frame(struct ship *ship, const struct ship_frame *frame, int64_t time_us, struct error *e)
{
	uint8_t record[4 + REPOSITORY_PAGE_MAX + 8];
	size_t size = 4 + ship->log.page_size;

	ship_put_number(record, frame->page);
	memcpy(record + 4, frame->data, ship->log.page_size);
	if (frame->size != 0) {
		ship_put_number(record + size, 0);
		ship_put_number(record + size + 4, frame->size);
		size += 8;
	}
	/* It is known with the first frame. */
	if (ship->head.unit != ship->log.page_size && change_size(ship->writer) == 0)
		ship_begin_object(ship);
	if (!change_put(ship->writer, record, size))
		return 0;
	if (ship->begun_ms == 0)
		ship->begun_ms = clock_now_ms();
	if (frame->size == 0)
		return 1;
	ship->position++;
	ship->time_us = time_us > ship->time_us ? time_us : ship->time_us;
	return change_put_mark(ship->writer, ship->position, ship->time_us)
	    ? 1
	    : error_set(e, STATUS_OS, "archive.marks", "an object has too many marks");
}

void
ship_begin_stream(struct ship *ship, const char *backend, uint32_t branch, uint64_t first)
{
	char id[REPOSITORY_BACKUP_SIZE];
	int64_t now_us = clock_realtime_us();

	backup_make_id(now_us, id);
	/* Later than the one before also where the clock went back. */
	for (int64_t step = 1; strcmp(id, ship->head.stream) <= 0; step *= 2)
		backup_make_id(now_us + step, id);
	ship->head = (struct change_info) { .branch = branch };
	(void)snprintf(ship->head.backend, sizeof(ship->head.backend), "%s", backend);
	memcpy(ship->head.stream, id, sizeof(id));
	ship->head.first = ship->position = first;
	ship->group_first = ship->head.first;
	ship->sealed = false;
	ship_begin_object(ship);
}

bool
ship_take_head(struct ship *ship, const char *backend)
{
	const struct sender_place *place = &ship->sender.place;

	if (!place->known)
		return false;
	ship->head = place->head;
	memcpy(ship->head.previous, place->hash, sizeof(ship->head.previous));
	ship->head.number++;
	ship->head.first = ship->position = place->head.last;
	ship->group_first = place->group_first;
	ship->time_us = place->head.ended_us;
	ship->sealed = false;
	return strcmp(place->head.backend, backend) == 0;
}

bool
ship_take_place(struct ship *ship)
{
	struct ship_log *log = &ship->log;

	return ship_take_head(ship, "sqlite") &&
	    sscanf(ship->head.note, "log %" SCNx32 "-%" SCNx32 " %" SCNu32 " %" SCNx32 "-%" SCNx32, &log->salt[0],
		&log->salt[1], &log->frame, &log->sum[0], &log->sum[1]) == 5;
}
