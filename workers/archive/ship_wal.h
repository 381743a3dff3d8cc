/*
 * Continuous shipping of a managed PostgreSQL: a thread takes the write-ahead log over a replication slot, finds the
 * commits in it, and makes the same objects of changes as of SQLite's.
 *
 * The thread waits for nothing but the server: what it takes goes into the spool, and when that is full the connection
 * is closed, since a receiver that stands still would stop the server's checkpoints. The slot then keeps the log, up to
 * max_slot_wal_keep_size; what was not taken before the server let go of it is a gap, and another stream begins.
 *
 * Whether the log is the one that was read before is proven: the segment in which the last object ends is read again,
 * and its checksum compared.
 */
#ifndef BIBD_ARCHIVE_SHIP_WAL_H
#define BIBD_ARCHIVE_SHIP_WAL_H

#include "workers/archive/postgres/postgres.h"
#include "workers/archive/postgres/records.h"
#include "workers/archive/postgres/feed.h"
#include "workers/archive/ship.h"

struct ship_wal {
	struct postgres_server server;
	struct feed *feed; /* NULL: not connected */
	struct feed_server found;
	struct records records;
	uint64_t system; /* of which server the stream is */
	uint32_t sum;	 /* of the log, from the beginning of the segment in which the position is, up to there */
	uint32_t again;	 /* the same of what is read a second time */
	uint64_t confirmed, told;
	atomic_bool lenient; /* by bibd-postgres's word, nobody waits: what is in the spool may count as put by */
	bool has_commit;     /* the object that is being made has one */
	uint64_t edge;	     /* an end of a segment that could be confirmed, */
	int64_t edge_ms;     /* and since when */
	int64_t told_ms, tried_ms, stored_ms;
	bool waits;		   /* the spool was full, and is not half empty yet */
	bool has_answered;	   /* the server wants to hear */
	uint64_t quiet_end;	   /* of the last two signs of life: the log's end, */
	int64_t quiet_us;	   /* and when the first was sent */
	char said[ERROR_TEXT_MAX]; /* why it cannot be followed, as it was logged last */
};

/* The thread of it; arg: the ship. */
void *ship_wal_thread(void *arg);
/* For the object that is sealed: where it ends. */
void ship_wal_note(struct ship *ship);
/* Connects, and finds where to read on, or begins a stream. */
int ship_wal_find_way(struct ship *ship, struct error *e);
/* Whether the repository has the stream up to that position. 1; 0: not yet; -1: the stream has ended. */
int ship_wal_is_stored(struct ship *ship, const char *stream, uint64_t position);
/* Waits until the repository has all that was committed before the call, and says where that is. Errors: as of
 * postgres.h, and archive.point (69). */
int ship_wal_find_point(struct ship *ship, const atomic_bool *stopping, struct change_point *point, struct error *e);

#endif
