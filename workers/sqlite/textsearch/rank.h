/*
 * What the two ranks have in common. Private to the room.
 */
#ifndef BIBD_SQLITE_TS_RANK_H
#define BIBD_SQLITE_TS_RANK_H

#include "workers/sqlite/textsearch/textsearch.h"

/* What a rank is divided by. */
enum ts_normalization {
	TS_BY_LOG_LENGTH = 1,
	TS_BY_LENGTH = 2,
	TS_BY_DISTANCE = 4, /* only for the rank of covers */
	TS_BY_WORDS = 8,
	TS_BY_LOG_WORDS = 16,
	TS_BY_ITSELF = 32,
};

/* How many places a document has; a word without places counts as one. */
size_t ts_document_length(const struct tsvector *v);
/* The words of a document that an operand stands for. */
struct ts_found {
	size_t first, n;
};
struct ts_found ts_find_operand(const struct tsvector *v, const struct tsquery *q, size_t node);

#endif
