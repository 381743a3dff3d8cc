/*
 * Finds the commits in the bytes of PostgreSQL's write-ahead log, which it is fed in their order from the beginning of
 * a segment on. What it reads (access/xlog_internal.h, xlogrecord.h, xact.h) is the same from PostgreSQL 9.5 on; each
 * page must bear its own position, and each record that of the one before it.
 */
#ifndef BIBD_ARCHIVE_POSTGRES_RECORDS_H
#define BIBD_ARCHIVE_POSTGRES_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"

#define RECORDS_PAGE 8192
#define RECORDS_HEAD 64 /* bytes of a record that are kept */

struct records {
	uint64_t position; /* of the next byte */
	uint32_t segment;  /* the size of one */
	uint8_t page[40];  /* a page's header */
	size_t page_fill, page_need;
	uint8_t head[RECORDS_HEAD];
	uint32_t fill, left, pad;  /* of the record: bytes taken, bytes that follow, and those up to the next */
	uint64_t begins, before;   /* where it begins; where the one before it has; 0: unknown */
	bool is_begun, is_unknown; /* is_unknown: it begins in another segment */
	bool is_skipping;	   /* to the end of the segment */
};

/* position: the beginning of a segment of that size. */
void records_begin(struct records *records, uint64_t position, uint32_t segment);

/* Takes bytes, all of them or up to the end of a record that commits a transaction. Returns how many; *commit_us: when
 * it was committed (microseconds since 1970), 0: there was none. -1: e says what does not fit (postgres.stream, 65). */
ssize_t records_take(struct records *records, const uint8_t *data, size_t size, int64_t *commit_us, struct error *e);

#endif
