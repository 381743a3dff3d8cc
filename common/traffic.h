/*
 * What a storage worker counts of its clients' work: statements, transactions, on SQLite whether a statement's plan was
 * at hand, and how long each answer took, in buckets whose bounds are powers of two of a microsecond. Any thread may
 * count; nothing here waits or allocates.
 */
#ifndef BIBD_TRAFFIC_H
#define BIBD_TRAFFIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/message.h"

/* Bucket i counts answers that took at most 2^(2+i) microseconds, from 4 us to 33.6 s; the last counts all that took
 * longer. */
#define TRAFFIC_BUCKETS 25
#define TRAFFIC_FIRST_BIT 2

/* Threads that count at the same time do it in several of these, so that none waits for another's cache line. */
struct traffic {
	atomic_ullong statements, transactions, plans_found, plans_made, took_us, counts[TRAFFIC_BUCKETS];
	unsigned char apart[64]; /* a cache line from the next one */
};

static inline void
traffic_note_statement(struct traffic *traffic)
{
	atomic_fetch_add_explicit(&traffic->statements, 1, memory_order_relaxed);
}

static inline void
traffic_note_transaction(struct traffic *traffic)
{
	atomic_fetch_add_explicit(&traffic->transactions, 1, memory_order_relaxed);
}

/* A statement's plan was in the cache, or had to be made. */
static inline void
traffic_note_plan(struct traffic *traffic, bool found)
{
	atomic_fetch_add_explicit(found ? &traffic->plans_found : &traffic->plans_made, 1, memory_order_relaxed);
}

/* A client was told that it may go on, so long after it had asked; a clock that was set back makes it 0. */
void traffic_note_answer(struct traffic *traffic, int64_t us);

/* Adds the sum of n such counters to what the message has. Its counts are a text, numbers with a blank between them,
 * which belongs to the message. */
#define TRAFFIC_TEXT_SIZE (TRAFFIC_BUCKETS * 21)
void traffic_fill(const struct traffic *traffic, size_t n, struct message_statistics *statistics,
    char text[TRAFFIC_TEXT_SIZE]);

/* The same of what one counter has of something else that took time: sets *us, and returns text. */
const char *traffic_fill_one(const struct traffic *traffic, uint64_t *us, char text[TRAFFIC_TEXT_SIZE]);

/* Reads such a text. Returns false, and all counts are 0, when it has not TRAFFIC_BUCKETS numbers. */
bool traffic_read(const char *text, uint64_t counts[TRAFFIC_BUCKETS]);

/* The upper bound of a bucket in microseconds; 0: the last one has none. */
uint64_t traffic_bound_us(size_t bucket);

/* How long so many of a thousand took at most: within the bucket as if they were spread evenly, so that it is true to a
 * factor of 2. In microseconds; 0 where nothing was counted, and the last bound for what is beyond it. */
uint64_t traffic_percentile_us(const uint64_t counts[TRAFFIC_BUCKETS], unsigned permille);

#endif
