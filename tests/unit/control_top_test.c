/* bibctl top: rates and percentiles of the time between two statuses, also over a restart; and lines cut to a terminal.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/run.h"
#include "workers/control/bibctl/screen.h"
#include "workers/control/show/render.h"

#define NOW_US INT64_C(1795434600000000) /* 2026-11-23 11:50:00 UTC */

/* File scope: Check's fixtures take no arguments. */
static char *out_text;
static size_t out_size;
static struct render render;
static struct snapshot before, now;
static struct render_top top;

static void
fill(struct snapshot *snapshot, const char *backend, uint64_t statements, uint64_t transactions, uint64_t took_us,
    const char *took)
{
	snapshot_keep_node(snapshot,
	    &(struct message_status_node) { .backend = backend,
		.phase = "operational",
		.ready = true,
		.started_us = NOW_US - 61000000,
		.ready_since_us = NOW_US - 60000000 });
	snapshot_keep_process(snapshot,
	    &(struct message_status_process) { .name = "bibd-sqlite",
		.pid = 4002,
		.user = "_bibd",
		.state = "up",
		.healthy = true,
		.restarts = 2,
		.failed_us = NOW_US - 5000000,
		.last_cause = "killed" });
	snapshot_keep_statistics(snapshot,
	    &(struct message_statistics) { .sessions_write = 20,
		.sessions_query = 3,
		.connections_open = 4,
		.connections_max = 10,
		.connections_busy = 2,
		.connections_pinned = 1,
		.writers_waiting = 7,
		.clients_waiting = 6,
		.store_bytes = 1572864,
		.wal_bytes = 65536,
		.probe_us = 1234,
		.store_state = "open",
		.statements = statements,
		.transactions = transactions,
		.took_us = took_us,
		.took = took });
}

static void
set_up(void)
{
	ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
	tzset();
	render = (struct render) { .out = open_memstream(&out_text, &out_size), .now_us = NOW_US };
	ck_assert_ptr_nonnull(render.out);
	top = (struct render_top) { .now = &now, .before = &before, .elapsed_us = 2000000 };
}

static void
tear_down(void)
{
	snapshot_clear(&before);
	snapshot_clear(&now);
	(void)fclose(render.out);
	free(out_text);
}

static const char *
written(void)
{
	render_top(&render, &top);
	ck_assert_int_eq(fflush(render.out), 0);
	return out_text;
}

#define NONE "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"

/* 98 answers of 65 to 128 us, and 2 of 2.1 to 4.1 ms, after 1000 that took long. */
START_TEST(test_block)
{
	static const struct client_row clients[] = { { .id = 7,
	    .pid = 4711,
	    .uid = 4000000001,
	    .since_us = NOW_US - 1000000,
	    .shown = true,
	    .role = "write",
	    .application = "a\033pp",
	    .state = "active",
	    .holds = "right to write",
	    .statement = "insert ?" } };
	static const double rates[] = { 12.34 };

	fill(&before, "sqlite", 1000, 500, 1000000, "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1000");
	fill(&now, "sqlite", 1100, 550, 1020000, "0 0 0 0 0 98 0 0 0 0 2 0 0 0 0 0 0 0 0 0 0 0 0 0 1000");
	top.clients = clients;
	top.rates = rates;
	top.nclients = 1;
	top.nothers = 2;
	ck_assert_str_eq(written(),
	    "ready: clients are served since 2026-11-23 11:49:00 (1 min 0 s ago)\n"
	    "clients     admin 0, write 20, query 3, audit 0, monitor 0, starting 0\n"
	    "pool        4 of 10 open, 2 busy, 1 pinned, 7 writers waiting\n"
	    "store       open, 1.5 MiB, WAL 64.0 KiB\n"
	    "rate        50.0 statements/s, 25.0 transactions/s, in 2.0 s\n"
	    "answers     median 0.096 ms, 90 % 0.122 ms, 99 % 3.07 ms, 99.9 % 3.99 ms\n"
	    "restarts    bibd-sqlite 2 (5 s ago)\n"
	    "ID  ROLE   STMTS/S  USER        PID   APPLICATION  STATE   FOR  HOLDS           LAST STATEMENT\n"
	    "7   write  12.3     4000000001  4711  a\\x1bpp      active  1 s  right to write  insert ?\n"
	    "and 2 more\n");
}
END_TEST

/* A storage worker that was started anew counts from 0: nothing is below 0, and nothing is counted twice. */
START_TEST(test_worker_that_was_restarted)
{
	fill(&before, "sqlite", 1000, 500, 1000000, "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1000");
	fill(&now, "sqlite", 10, 10, 100, "10 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0");
	ck_assert_ptr_nonnull(strstr(written(), "rate        5.0 statements/s, 5.0 transactions/s, in 2.0 s\n"));
	ck_assert_ptr_nonnull(strstr(out_text, "answers     median under 0.004 ms, 90 % under 0.004 ms"));
}
END_TEST

START_TEST(test_nobody_asked)
{
	fill(&before, "sqlite", 5, 5, 5, NONE);
	fill(&now, "sqlite", 5, 5, 5, NONE);
	ck_assert_ptr_nonnull(strstr(written(), "rate        0.0 statements/s, 0.0 transactions/s, in 2.0 s\n"));
	ck_assert_ptr_nonnull(strstr(out_text, "answers     none\n"));
}
END_TEST

START_TEST(test_first_block_on_postgres)
{
	fill(&now, "postgres", 5, 5, 5, NONE);
	now.node.ready = false;
	now.node.phase = "storage is down";
	now.processes[0].state = "waiting";
	now.statistics.wal_bytes = 0;
	now.processes[0].restarts = 0;
	top.before = NULL;
	ck_assert_ptr_nonnull(strstr(written(), "storage is down\nwrong       bibd-sqlite failed 5 s ago"));
	ck_assert_ptr_nonnull(strstr(out_text, "1 pinned, 6 clients waiting\n"));
	ck_assert_ptr_nonnull(strstr(out_text, "store       open, 1.5 MiB, probed in 1.234 ms\n"));
	ck_assert_ptr_nonnull(strstr(out_text, "rate        not known before the next block\n"));
	ck_assert_ptr_nonnull(strstr(out_text, "restarts    none\n"));
	ck_assert_ptr_null(strstr(out_text, "answers"));
}
END_TEST

START_TEST(test_lines_are_cut)
{
	static const struct {
		const char *line;
		unsigned columns;
		size_t bytes;
	} cases[] = {
		{ "", 5, 0 },
		{ "abc\ndef", 5, 3 },
		{ "abcdef", 3, 3 },
		{ "\033[31mab\033[0mcd", 3, 5 + 2 + 4 + 1 }, /* colours take no column */
		{ "\033[31mabc\033[0m", 3, 5 + 3 + 4 },	     /* and the last of them is still sent */
		{ "gr\xc3\xbc\xc3\x9f", 3, 4 },		     /* a character is not cut in two */
		{ "\033[31", 3, 4 },
		{ "abc", 0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_uint_eq(screen_cut(cases[i].line, cases[i].columns), cases[i].bytes);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("top");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_block);
	tcase_add_test(t, test_worker_that_was_restarted);
	tcase_add_test(t, test_nobody_asked);
	tcase_add_test(t, test_first_block_on_postgres);
	tcase_add_test(t, test_lines_are_cut);
	return unit_run("control top", t, NULL);
}
