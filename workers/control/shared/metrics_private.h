/*
 * The table of metrics.c, and what its rows are made with. Between metrics.c and metrics_storage.c.
 */
#ifndef BIBD_METRICS_PRIVATE_H
#define BIBD_METRICS_PRIVATE_H

#include "workers/control/shared/metrics.h"

/* What a row of the table writes its samples with. */
struct metrics {
	FILE *file;
	const struct snapshot *snapshot;
	int64_t now_us;
	const struct metrics_row *row;
};

struct metrics_row {
	const char *name;
	const char *type;
	const char *help;
	bool (*applies)(const struct snapshot *snapshot); /* NULL: always */
	void (*put)(const struct metrics *m);
	size_t offset; /* metrics_put_u32, metrics_put_u64: of the value in struct message_statistics */
};

/* A sample begins with the row's name and its labels, pairs of a name and a value up to NULL, ... */
void metrics_begin(const struct metrics *m, ...);

/* ... and ends with its value, or with a number of microseconds written in seconds; a negative one is written as 0. */
void metrics_end(const struct metrics *m, uint64_t value);
void metrics_end_us(const struct metrics *m, int64_t us);

/* Which rows apply: with a storage worker that answered, on SQLite, with a write-ahead log to measure, on
 * PostgreSQL. */
bool metrics_has_statistics(const struct snapshot *snapshot);
bool metrics_has_sqlite(const struct snapshot *snapshot);
bool metrics_has_wal(const struct snapshot *snapshot);
bool metrics_has_pool(const struct snapshot *snapshot);

/* The samples of a row: a number of the statistics, by the row's offset, or the one that the function's name says. */
void metrics_put_u32(const struct metrics *m);
void metrics_put_u64(const struct metrics *m);
void metrics_put_storage_up(const struct metrics *m);
void metrics_put_store_state(const struct metrics *m);
void metrics_put_sessions(const struct metrics *m);
void metrics_put_probe(const struct metrics *m);
void metrics_put_took(const struct metrics *m);
void metrics_put_waited(const struct metrics *m);

#endif
