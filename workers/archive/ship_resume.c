/* Where the reader begins in a log: after what is in the repository and the spool, if it follows; else a new stream. */
#include <string.h>

#include "workers/archive/ship.h"

/* Entries that are being written over while they are read are none. */
#define SHIP_MARGIN 64

bool
ship_entry(const struct ship *ship, uint64_t seq, struct ship_entry *entry)
{
	const struct ship_page *page = ship->session.page;

	*entry = page->entries[seq % SHIP_ENTRIES];
	atomic_thread_fence(memory_order_acquire);
	return atomic_load(&page->head) - seq < SHIP_ENTRIES - SHIP_MARGIN;
}

bool
ship_is_of(const struct ship_entry *entry, const uint32_t salt[2])
{
	return entry->salt[0] == salt[0] && entry->salt[1] == salt[1];
}

/* Another stream, from the newest entry on. 1, 0: not yet, -1. */
static int
ship_start_anew(struct ship *ship, uint64_t synced, struct error *e)
{
	struct ship_entry entry;
	struct ship_frame frame;
	int result = ship_log_begin(&ship->log, e);

	if (result != 1)
		return result;
	if (!ship_entry(ship, synced - 1, &entry) || !ship_is_of(&entry, ship->log.salt))
		return 0;
	while (ship->log.frame < entry.frames)
		if ((result = ship_log_next(&ship->log, &frame, e)) != 1)
			return result;
	ship->seq = synced;
	ship_begin_stream(ship, "sqlite", 0, ship->position + 1);
	return 1;
}

/* The entry after which the reader stood, or the first one that is beyond. */
static void
ship_find_entry(struct ship *ship, uint64_t synced)
{
	struct ship_entry entry;

	ship->seq = synced;
	while (ship->seq > 0 && ship_entry(ship, ship->seq - 1, &entry) &&
	    !(ship_is_of(&entry, ship->log.salt) && entry.frames <= ship->log.frame))
		ship->seq--;
}

/* 1: the stream of before goes on; 0: it cannot; -1. */
static int
ship_resume(struct ship *ship, uint64_t synced, struct error *e)
{
	uint32_t before = ship->log.salt[0];
	struct ship_entry entry;
	int result = ship_log_resume(&ship->log, e);

	if (result == -1)
		return -1;
	ship_find_entry(ship, synced);
	if (result == 1)
		return 1;
	/* What follows is in the entries, if bibd-sqlite is the one of before; else the log's salts say so. */
	if (ship->seq > 0) {
		if (!ship_entry(ship, ship->seq - 1, &entry) || entry.frames != ship->log.frame)
			return 0;
		/* Nothing has been committed since: the log may be empty. */
		return ship->seq == synced ||
		    (ship_entry(ship, ship->seq, &entry) && !ship_is_of(&entry, ship->log.salt) &&
			(entry.flags & SHIP_FOLLOWS) != 0);
	}
	if ((result = ship_log_begin(&ship->log, e)) != 1 || ship->log.salt[0] != before + 1)
		return result == -1 ? -1 : 0;
	ship_find_entry(ship, synced);
	return 1;
}

int
ship_find_way(struct ship *ship, struct error *e)
{
	uint64_t synced = atomic_load(&ship->session.page->synced);
	struct ship_log before;
	int result = 0;

	if (synced == 0 || !sender_is_ready(&ship->sender))
		return 0;
	if (ship->writer == NULL && (ship->writer = change_writer_make(&ship->sender.repository, e)) == NULL)
		return -1;
	if (ship->head.stream[0] == '\0')
		ship->resumes = ship_take_place(ship);
	before = ship->log;
	if (ship->resumes && (result = ship_resume(ship, synced, e)) == -1)
		return -1;
	if (result == 0) {
		/* What was read of the stream that ends here is in it. */
		ship->log.frame = before.frame;
		memcpy(ship->log.salt, before.salt, sizeof(before.salt));
		memcpy(ship->log.sum, before.sum, sizeof(before.sum));
		if (ship->has_object && (result = ship_flush(ship, e)) != 1)
			return result;
		if (ship->resumes)
			ship_gap(ship, "the write-ahead log does not follow on what was read of it");
		if ((result = ship_start_anew(ship, synced, e)) != 1)
			return result;
	} else if (!ship->has_object)
		ship_begin_object(ship);
	ship->is_attached = true;
	return 1;
}
