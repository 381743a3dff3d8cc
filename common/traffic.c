/*
 * Counts answers by how long they took, and reads percentiles off such counts.
 */
#include "common/traffic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The lowest bucket whose bound is not below it. */
static size_t
traffic_bucket(uint64_t us)
{
	size_t bucket;

	if (us <= 1U << TRAFFIC_FIRST_BIT)
		return 0;
	bucket = (size_t)(64 - __builtin_clzll(us - 1)) - TRAFFIC_FIRST_BIT;
	return bucket < TRAFFIC_BUCKETS ? bucket : TRAFFIC_BUCKETS - 1;
}

void
traffic_note_answer(struct traffic *traffic, int64_t us)
{
	uint64_t took = us < 0 ? 0 : (uint64_t)us;

	atomic_fetch_add_explicit(&traffic->took_us, took, memory_order_relaxed);
	atomic_fetch_add_explicit(&traffic->counts[traffic_bucket(took)], 1, memory_order_relaxed);
}

static void
traffic_write(const uint64_t counts[TRAFFIC_BUCKETS], char text[TRAFFIC_TEXT_SIZE])
{
	size_t at = 0;

	for (size_t b = 0; b < TRAFFIC_BUCKETS; b++) {
		int length = snprintf(text + at, TRAFFIC_TEXT_SIZE - at, "%s%" PRIu64, b == 0 ? "" : " ", counts[b]);

		at += length < 0 ? 0 : (size_t)length;
	}
}

const char *
traffic_fill_one(const struct traffic *traffic, uint64_t *us, char text[TRAFFIC_TEXT_SIZE])
{
	uint64_t counts[TRAFFIC_BUCKETS];

	*us = atomic_load_explicit(&traffic->took_us, memory_order_relaxed);
	for (size_t b = 0; b < TRAFFIC_BUCKETS; b++)
		counts[b] = atomic_load_explicit(&traffic->counts[b], memory_order_relaxed);
	traffic_write(counts, text);
	return text;
}

void
traffic_fill(const struct traffic *traffic, size_t n, struct message_statistics *statistics,
    char text[TRAFFIC_TEXT_SIZE])
{
	uint64_t counts[TRAFFIC_BUCKETS] = { 0 };

	for (size_t i = 0; i < n; i++) {
		statistics->statements += atomic_load_explicit(&traffic[i].statements, memory_order_relaxed);
		statistics->transactions += atomic_load_explicit(&traffic[i].transactions, memory_order_relaxed);
		statistics->plans_found += atomic_load_explicit(&traffic[i].plans_found, memory_order_relaxed);
		statistics->plans_made += atomic_load_explicit(&traffic[i].plans_made, memory_order_relaxed);
		statistics->took_us += atomic_load_explicit(&traffic[i].took_us, memory_order_relaxed);
		for (size_t b = 0; b < TRAFFIC_BUCKETS; b++)
			counts[b] += atomic_load_explicit(&traffic[i].counts[b], memory_order_relaxed);
	}
	traffic_write(counts, text);
	statistics->took = text;
}

bool
traffic_read(const char *text, uint64_t counts[TRAFFIC_BUCKETS])
{
	char *end;

	for (size_t i = 0; i < TRAFFIC_BUCKETS; i++) {
		counts[i] = strtoull(text, &end, 10);
		if (end == text || *end != (i + 1 < TRAFFIC_BUCKETS ? ' ' : '\0')) {
			memset(counts, 0, TRAFFIC_BUCKETS * sizeof(*counts));
			return false;
		}
		text = end + 1;
	}
	return true;
}

uint64_t
traffic_bound_us(size_t bucket)
{
	return bucket + 1 < TRAFFIC_BUCKETS ? UINT64_C(1) << (TRAFFIC_FIRST_BIT + bucket) : 0;
}

uint64_t
traffic_percentile_us(const uint64_t counts[TRAFFIC_BUCKETS], unsigned permille)
{
	uint64_t all = 0, below = 0, lower = 0;
	double wanted;

	for (size_t i = 0; i < TRAFFIC_BUCKETS; i++)
		all += counts[i];
	wanted = (double)all * permille / 1000;
	for (size_t i = 0; i + 1 < TRAFFIC_BUCKETS && all > 0; i++) {
		uint64_t upper = traffic_bound_us(i);

		if (counts[i] > 0 && (double)(below + counts[i]) >= wanted)
			return lower +
			    (uint64_t)((double)(upper - lower) * (wanted - (double)below) / (double)counts[i]);
		below += counts[i];
		lower = upper;
	}
	return lower;
}
