/*
 * The server's write-ahead log as it is written, over a replication slot that keeps it until it was confirmed. The
 * commands block, in steps; what comes afterwards is taken without waiting.
 *
 * Errors: as postgres.h, and postgres.gone (69): the server has no longer what was asked for.
 */
#ifndef BIBD_ARCHIVE_POSTGRES_FEED_H
#define BIBD_ARCHIVE_POSTGRES_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "workers/archive/postgres/postgres.h"

#define FEED_SLOT "bibd_archive"

struct feed;

/* What the server said at the beginning. */
struct feed_server {
	uint64_t system;   /* its identifier */
	uint32_t timeline; /* of its log */
	uint32_t segment;  /* the size of one */
	uint64_t position; /* up to here the log is on its disk */
};

struct feed *feed_open(const struct postgres_server *server, struct feed_server *found, struct error *e);
void feed_close(struct feed *feed); /* takes NULL */
/* From where on the slot keeps the log; 0: there is no slot, or it has been given up. */
int feed_find_slot(struct feed *feed, uint64_t *position, struct error *e);
/* Makes it anew: what it kept is not kept any more. */
int feed_make_slot(struct feed *feed, struct error *e);
/* The log follows from that position on. */
int feed_begin(struct feed *feed, uint32_t timeline, uint64_t position, struct error *e);
/* To be polled for reading. */
int feed_fd(const struct feed *feed);

struct feed_piece {
	uint64_t position;
	const uint8_t *data; /* until the next piece is taken; NULL: a sign of life alone */
	size_t size;
	uint64_t end; /* the log's, when this was sent */
	int64_t time_us;
	bool wants_answer;
};

/* 1; 0: nothing is there now; -1. */
int feed_take(struct feed *feed, struct feed_piece *piece, struct error *e);
/* What was received, and up to where it need not be kept; ask: for a sign of life. */
int feed_tell(struct feed *feed, uint64_t received, uint64_t confirmed, bool ask, struct error *e);

#endif
