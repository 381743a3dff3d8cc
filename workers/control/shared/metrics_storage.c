/* The metrics made of the storage worker's statistics. */
#include <inttypes.h>
#include <string.h>

#include "common/roles.h"
#include "common/traffic.h"
#include "workers/control/shared/metrics_private.h"

bool
metrics_has_statistics(const struct snapshot *snapshot)
{
	return snapshot->has_statistics;
}

bool
metrics_has_sqlite(const struct snapshot *snapshot)
{
	return snapshot->has_statistics && !snapshot_is_postgres(snapshot);
}

/* On PostgreSQL the log counts as part of the store where its size is not told apart (wal_bytes is 0). */
bool
metrics_has_wal(const struct snapshot *snapshot)
{
	return metrics_has_sqlite(snapshot) || (snapshot->has_statistics && snapshot->statistics.wal_bytes != 0);
}

bool
metrics_has_pool(const struct snapshot *snapshot)
{
	return snapshot->has_statistics && snapshot_is_postgres(snapshot);
}

void
metrics_put_u32(const struct metrics *m)
{
	uint32_t value;

	memcpy(&value, (const char *)&m->snapshot->statistics + m->row->offset, sizeof(value));
	metrics_begin(m, NULL);
	metrics_end(m, value);
}

void
metrics_put_u64(const struct metrics *m)
{
	uint64_t value;

	memcpy(&value, (const char *)&m->snapshot->statistics + m->row->offset, sizeof(value));
	metrics_begin(m, NULL);
	metrics_end(m, value);
}

void
metrics_put_storage_up(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end(m, m->snapshot->has_statistics);
}

void
metrics_put_store_state(const struct metrics *m)
{
	metrics_begin(m, "state", m->snapshot->statistics.store_state, NULL);
	metrics_end(m, 1);
}

void
metrics_put_sessions(const struct metrics *m)
{
	const struct message_statistics *s = &m->snapshot->statistics;
	const struct {
		const char *role;
		uint32_t count;
	} sessions[] = {
#define ROLE_COUNT(NAME, name) { #name, s->sessions_##name },
		ROLE_TABLE(ROLE_COUNT)
#undef ROLE_COUNT
	};

	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
		metrics_begin(m, "role", sessions[i].role, NULL);
		metrics_end(m, sessions[i].count);
	}
}

void
metrics_put_probe(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end_us(m, m->snapshot->statistics.probe_us);
}

/* Writes a histogram: each bucket also counts what the buckets below it count. */
static void
metrics_put_histogram(const struct metrics *m, const char *text, uint64_t sum_us)
{
	uint64_t counts[TRAFFIC_BUCKETS], count = 0;
	const char *name = m->row->name;

	if (!traffic_read(text, counts))
		return;
	for (size_t i = 0; i < TRAFFIC_BUCKETS; i++) {
		uint64_t bound = traffic_bound_us(i);

		count += counts[i];
		if (bound == 0)
			(void)fprintf(m->file, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, count);
		else
			(void)fprintf(m->file, "%s_bucket{le=\"%" PRIu64 ".%06" PRIu64 "\"} %" PRIu64 "\n", name,
			    bound / 1000000, bound % 1000000, count);
	}
	(void)fprintf(m->file, "%s_sum %" PRIu64 ".%06" PRIu64 "\n%s_count %" PRIu64 "\n", name, sum_us / 1000000,
	    sum_us % 1000000, name, count);
}

void
metrics_put_took(const struct metrics *m)
{
	metrics_put_histogram(m, m->snapshot->statistics.took, m->snapshot->statistics.took_us);
}

void
metrics_put_waited(const struct metrics *m)
{
	metrics_put_histogram(m, m->snapshot->statistics.waited, m->snapshot->statistics.waited_us);
}
