/*
 * The write-ahead log of SQLite as it grows: frame by frame from where one stood, each proven by the log's salts and by
 * its checksum over all before it.
 */
#ifndef BIBD_ARCHIVE_SHIP_LOG_H
#define BIBD_ARCHIVE_SHIP_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

struct ship_log {
	int fd; /* -1: none */
	bool big;
	uint32_t page_size;
	uint32_t salt[2], sum[2]; /* of the log, and over all frames so far */
	uint32_t frame;		  /* so many are behind */
	uint8_t *buffer;	  /* frames that were read ahead */
	uint32_t buffered_from, buffered;
};

struct ship_frame {
	uint32_t page;	     /* counted from 1 */
	uint32_t size;	     /* of the database in pages, when a transaction ends here; else 0 */
	const uint8_t *data; /* page_size bytes, until the next call */
};

/* Stands at the log's beginning. 1; 0: the log has no valid header; -1 (archive.io, archive.log). */
int ship_log_begin(struct ship_log *log, struct error *e);
/* Whether the log still has, at `frame`, the checksum `sum`, under the salts: then it stands there. 1, 0, -1. Called
 * with those four as they were when one stood there. */
int ship_log_resume(struct ship_log *log, struct error *e);
/* The next frame. 1; 0: what is there is no frame of this log; -1. */
int ship_log_next(struct ship_log *log, struct ship_frame *frame, struct error *e);
/* Forgets what was read ahead: the log may have grown. */
void ship_log_again(struct ship_log *log);
void ship_log_free(struct ship_log *log);

#endif
