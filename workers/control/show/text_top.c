/* One block of `bibctl top`: rates and percentiles are those of the time between two statuses. */
#include <inttypes.h>
#include <string.h>

#include "common/roles.h"
#include "common/traffic.h"
#include "workers/control/shared/escape.h"
#include "workers/control/show/text.h"

/* How much a count has grown. A storage worker that was started anew counts from 0. */
static uint64_t
top_growth(uint64_t before, uint64_t now)
{
	return now >= before ? now - before : now;
}

/* A worker that was restarted has counted less of one thing or another than before; then all of its count is of this
 * time. */
static bool
top_is_same_worker(const struct message_statistics *before, const struct message_statistics *now)
{
	return now->statements >= before->statements && now->transactions >= before->transactions &&
	    now->took_us >= before->took_us;
}

/* Writes a time with as many digits as it is exact to; one in the first bucket may be anything below that bucket's
 * bound. */
static void
top_put_time(const struct render *render, const char *name, uint64_t us)
{
	const bool least = us <= traffic_bound_us(0);
	int digits = 0;

	for (uint64_t most = 100000; digits < 3 && us < most; most /= 10)
		digits++;
	(void)fprintf(render->out, "%s %s%.*f ms", name, least ? "under " : "", digits,
	    (double)(least ? traffic_bound_us(0) : us) / 1000);
}

static void
top_put_percentiles(const struct render *render, const uint64_t before[TRAFFIC_BUCKETS],
    const uint64_t now[TRAFFIC_BUCKETS])
{
	static const struct {
		const char *name;
		unsigned permille;
	} rows[] = { { "median", 500 }, { ", 90 %", 900 }, { ", 99 %", 990 }, { ", 99.9 %", 999 } };
	uint64_t counts[TRAFFIC_BUCKETS], all = 0;

	for (size_t i = 0; i < TRAFFIC_BUCKETS; i++)
		all += counts[i] = top_growth(before[i], now[i]);
	text_label(render, "answers");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && all > 0; i++)
		top_put_time(render, rows[i].name, traffic_percentile_us(counts, rows[i].permille));
	(void)fputs(all == 0 ? "none\n" : "\n", render->out);
}

static void
top_put_rates(const struct render *render, const struct render_top *top)
{
	static const struct message_statistics none = { .took = "" };
	const struct message_statistics *now = &top->now->statistics, *before;
	uint64_t counts[TRAFFIC_BUCKETS], counts_before[TRAFFIC_BUCKETS];
	double seconds = (double)top->elapsed_us / 1e6;

	if (top->before == NULL || !top->before->has_statistics || top->elapsed_us <= 0) {
		(void)fputs("rate        not known before the next block\n", render->out);
		return;
	}
	before = top_is_same_worker(&top->before->statistics, now) ? &top->before->statistics : &none;
	text_label(render, "rate");
	(void)fprintf(render->out, "%.1f statements/s, %.1f transactions/s, in %.1f s\n",
	    (double)(now->statements - before->statements) / seconds,
	    (double)(now->transactions - before->transactions) / seconds, seconds);
	if (!traffic_read(now->took, counts))
		return;
	(void)traffic_read(before->took, counts_before);
	top_put_percentiles(render, counts_before, counts);
}

static void
top_put_store(const struct render *render, const struct snapshot *status)
{
	const struct message_statistics *s = &status->statistics;
	const bool pooled = snapshot_is_postgres(status);
	char store[RENDER_UNIT_SIZE], wal[RENDER_UNIT_SIZE];

	text_label(render, "clients");
#define ROLE_COUNT(NAME, name) (void)fprintf(render->out, #name " %" PRIu32 ", ", s->sessions_##name);
	ROLE_TABLE(ROLE_COUNT)
#undef ROLE_COUNT
	(void)fprintf(render->out, "starting %" PRIu32 "\n", s->sessions_starting);
	text_label(render, "pool");
	(void)fprintf(render->out,
	    "%" PRIu32 " of %" PRIu32 " open, %" PRIu32 " busy, %" PRIu32 " pinned, %" PRIu32 " %s\n",
	    s->connections_open, s->connections_max, s->connections_busy, s->connections_pinned,
	    pooled ? s->clients_waiting : s->writers_waiting, pooled ? "clients waiting" : "writers waiting");
	text_label(render, "store");
	escape_put_text(render->out, s->store_state);
	(void)fprintf(render->out, ", %s", render_size(s->store_bytes, store, sizeof(store)));
	if (!pooled || s->wal_bytes != 0)
		(void)fprintf(render->out, ", WAL %s", render_size(s->wal_bytes, wal, sizeof(wal)));
	if (pooled)
		(void)fprintf(render->out, ", probed in %" PRIu32 ".%03" PRIu32 " ms", s->probe_us / 1000,
		    s->probe_us % 1000);
	(void)fputc('\n', render->out);
}

static void
top_put_restarted(const struct render *render, const char *name, uint32_t restarts, int64_t failed_us, bool *any)
{
	char ago[RENDER_AGO_SIZE];

	if (restarts == 0)
		return;
	(void)fputs(*any ? ", " : "", render->out);
	*any = true;
	escape_put_text(render->out, name);
	(void)fprintf(render->out, " %" PRIu32, restarts);
	if (failed_us != 0)
		(void)fprintf(render->out, " (%s)", render_ago(render->now_us - failed_us, ago, sizeof(ago)));
}

static void
top_put_restarts(const struct render *render, const struct snapshot *status)
{
	bool any = false;

	text_label(render, "restarts");
	for (size_t i = 0; i < status->nprocesses; i++)
		top_put_restarted(render, status->processes[i].name, status->processes[i].restarts,
		    status->processes[i].failed_us, &any);
	if (status->has_server)
		top_put_restarted(render, "PostgreSQL", status->server.restarts + status->server.crashes,
		    status->server.failed_us, &any);
	(void)fputs(any ? "\n" : "none\n", render->out);
}

void
render_top(const struct render *render, const struct render_top *top)
{
	text_verdict(render, top->now, false);
	if (top->now->has_statistics) {
		top_put_store(render, top->now);
		top_put_rates(render, top);
	}
	top_put_restarts(render, top->now);
	if (top->nclients > 0)
		text_client_table(render, top->clients, top->rates, top->nclients);
	if (top->nothers > 0)
		(void)fprintf(render->out, "and %zu more\n", top->nothers);
}
