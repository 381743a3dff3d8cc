/* Metrics: the text, to the letter. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/control/shared/escape.h"
#include "workers/control/shared/metrics.h"

#define NOW_US INT64_C(1795434600000000)

/* File scope: Check's fixtures take no arguments. */
static struct snapshot snapshot;
static FILE *file;
static char *text;
static size_t size;

static void
set_up(void)
{
	ck_assert_ptr_nonnull(file = open_memstream(&text, &size));
}

static void
tear_down(void)
{
	snapshot_clear(&snapshot);
	(void)fclose(file);
	free(text);
}

static const char *
written(void)
{
	metrics_write(file, &snapshot, NOW_US);
	ck_assert_int_eq(fflush(file), 0);
	return text;
}

static void
fill_node(const char *backend)
{
	snapshot_keep_node(&snapshot,
	    &(struct message_status_node) { .version = "0.1.0",
		.node_id = "abc",
		.mode = "selective",
		.backend = backend,
		.phase = "operational",
		.ready = true,
		.started_us = NOW_US - 61500000,
		.ready_since_us = NOW_US - 60000000,
		.socket = "/s" });
	snapshot_keep_process(&snapshot,
	    &(struct message_status_process) { .name = "bibd-control",
		.pid = 4001,
		.user = "u",
		.state = "up",
		.healthy = true,
		.last_cause = "" });
	snapshot_keep_process(&snapshot,
	    &(struct message_status_process) { .name = "bibd-sqlite",
		.user = "u",
		.state = "waiting",
		.restarts = 3,
		.last_cause = "x" });
}

static const char node_text[] =
    "# HELP bibd_info The node; always 1.\n# TYPE bibd_info gauge\n"
    "bibd_info{version=\"0.1.0\",node_id=\"abc\",mode=\"selective\",backend=\"sqlite\"} 1\n"
    "# HELP bibd_ready Whether clients are served.\n# TYPE bibd_ready gauge\nbibd_ready 1\n"
    "# HELP bibd_phase The phase that the node is in; always 1.\n# TYPE bibd_phase gauge\n"
    "bibd_phase{phase=\"operational\"} 1\n"
    "# HELP bibd_start_time_seconds When the daemon was started, in seconds since 1970.\n"
    "# TYPE bibd_start_time_seconds gauge\nbibd_start_time_seconds 1795434538.500000\n"
    "# HELP bibd_uptime_seconds For how long the daemon has been running.\n"
    "# TYPE bibd_uptime_seconds gauge\nbibd_uptime_seconds 61.500000\n"
    "# HELP bibd_process_up Whether the process runs and has said that it is ready.\n# TYPE bibd_process_up gauge\n"
    "bibd_process_up{process=\"bibd-control\"} 1\nbibd_process_up{process=\"bibd-sqlite\"} 0\n"
    "# HELP bibd_process_healthy Whether the process answers heartbeats and can do its work.\n"
    "# TYPE bibd_process_healthy gauge\n"
    "bibd_process_healthy{process=\"bibd-control\"} 1\nbibd_process_healthy{process=\"bibd-sqlite\"} 0\n"
    "# HELP bibd_process_state The state that the process is in; always 1.\n# TYPE bibd_process_state gauge\n"
    "bibd_process_state{process=\"bibd-control\",state=\"up\"} 1\n"
    "bibd_process_state{process=\"bibd-sqlite\",state=\"waiting\"} 1\n"
    "# HELP bibd_process_restarts_total Restarts of the process that nobody asked for.\n"
    "# TYPE bibd_process_restarts_total counter\n"
    "bibd_process_restarts_total{process=\"bibd-control\"} 0\n"
    "bibd_process_restarts_total{process=\"bibd-sqlite\"} 3\n"
    "# HELP bibd_storage_up Whether the storage worker answered.\n# TYPE bibd_storage_up gauge\nbibd_storage_up 0\n";

START_TEST(test_node)
{
	fill_node("sqlite");
	ck_assert_str_eq(written(), node_text);
}
END_TEST

START_TEST(test_nothing_is_known)
{
	ck_assert_str_eq(written(), "");
}
END_TEST

static void
fill_statistics(void)
{
	snapshot_keep_statistics(&snapshot,
	    &(struct message_statistics) { .sessions_admin = 1,
		.sessions_write = 20,
		.sessions_query = 3,
		.sessions_audit = 4,
		.sessions_monitor = 9,
		.sessions_starting = 5,
		.connections_open = 6,
		.connections_max = 10,
		.connections_pinned = 2,
		.writers_waiting = 7,
		.clients_waiting = 8,
		.store_bytes = UINT64_C(1) << 40,
		.wal_bytes = 65536,
		.probe_us = 1234,
		.store_state = "open",
		.connections_busy = 4,
		.statements = 12,
		.transactions = 11,
		.plans_found = 13,
		.plans_made = 14,
		.took_us = 2500000,
		.waited_us = 1250000,
		.waited = "0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		.took = "1 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 3" });
}

static void
expect_lines(const char *const lines[], size_t count, bool there)
{
	const char *all = written();

	for (size_t i = 0; i < count; i++)
		ck_assert_msg((strstr(all, lines[i]) != NULL) == there, "'%s' in %s", lines[i], all);
}

#define COUNT(lines) (sizeof(lines) / sizeof((lines)[0]))

START_TEST(test_sqlite)
{
	static const char *const there[] = { "\nbibd_storage_up 1\n", "\nbibd_store_state{state=\"open\"} 1\n",
		("\nbibd_sessions{role=\"admin\"} 1\nbibd_sessions{role=\"write\"} 20\nbibd_sessions{role=\"query\"} "
		 "3\n"
		 "bibd_sessions{role=\"audit\"} 4\nbibd_sessions{role=\"monitor\"} 9\n"),
		"\nbibd_sessions_starting 5\n", "\nbibd_pool_connections_open 6\n", "\nbibd_pool_connections_max 10\n",
		"\nbibd_pool_connections_pinned 2\n", "\nbibd_writers_waiting 7\n",
		"\nbibd_store_bytes 1099511627776\n", "\nbibd_wal_bytes 65536\n", "\nbibd_pool_connections_busy 4\n",
		"# TYPE bibd_statements_total counter\nbibd_statements_total 12\n", "\nbibd_transactions_total 11\n",
		"\nbibd_plans_found_total 13\n", "\nbibd_plans_made_total 14\n",
		("# TYPE bibd_answer_seconds histogram\nbibd_answer_seconds_bucket{le=\"0.000004\"} 1\n"
		 "bibd_answer_seconds_bucket{le=\"0.000008\"} 3\nbibd_answer_seconds_bucket{le=\"0.000016\"} 3\n"),
		("\nbibd_answer_seconds_bucket{le=\"33.554432\"} 3\nbibd_answer_seconds_bucket{le=\"+Inf\"} 6\n"
		 "bibd_answer_seconds_sum 2.500000\nbibd_answer_seconds_count 6\n") };
	static const char *const not_there[] = { "probe", "clients_waiting", "wait_seconds", "server" };

	fill_node("sqlite");
	fill_statistics();
	expect_lines(there, COUNT(there), true);
	expect_lines(not_there, COUNT(not_there), false);
}
END_TEST

START_TEST(test_postgres)
{
	static const char *const there[] = {
		"\nbibd_clients_waiting 8\n", "\nbibd_wait_seconds_sum 1.250000\nbibd_wait_seconds_count 1\n",
		"\nbibd_probe_seconds 0.001234\n",
		("\nbibd_server_info{engine=\"docker\",engine_version=\"24.0\",container=\"bibd-postgres-abc\","
		 "image=\"a\\\"b\\\\c\\nd\",image_id=\"sha256:1\"} 1\n"),
		"\nbibd_server_up 1\n", "\nbibd_server_state{state=\"running\"} 1\n",
		"# TYPE bibd_server_restarts_total counter\nbibd_server_restarts_total 2\n",
		"\nbibd_server_memory_bytes 1024\n", "\nbibd_server_memory_max_bytes 4096\n",
		"\nbibd_credentials_rotated_seconds 1.500000\n",
		"# TYPE bibd_failures_total counter\nbibd_failures_total{source=\"server\",cause=\"out_of_memory\"} 2\n"
	};
	static const char *const not_there[] = { "writers_waiting" };

	fill_node("postgres");
	fill_statistics();
	snapshot_keep_server(&snapshot,
	    &(struct message_status_server) { .engine = "docker",
		.engine_version = "24.0",
		.container = "bibd-postgres-abc",
		.container_id = "id",
		.image = "a\"b\\c\nd",
		.image_id = "sha256:1",
		.address = "/a",
		.state = "running",
		.progress = "",
		.restarts = 2,
		.last_cause = "",
		.memory_bytes = 1024,
		.memory_max_bytes = 4096,
		.logins = "a",
		.rotated_us = 1500000,
		.rotation = "" });
	snapshot_keep_failure(&snapshot,
	    &(struct message_status_failure) { .source = "server", .cause = "out_of_memory", .count = 2 });
	expect_lines(there, COUNT(there), true);
	expect_lines(not_there, COUNT(not_there), false);
}
END_TEST

/* One HELP and one TYPE for each name, before its samples, and nothing that is no line. */
START_TEST(test_form)
{
	static const char *const ends[] = { "", "_bucket", "_sum", "_count" };
	char name[128] = "", whole[160], *save = NULL;

	fill_node("postgres");
	fill_statistics();
	(void)written();
	for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "# HELP ", 7) == 0)
			(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(line + 7, " "), line + 7);
		else if (strncmp(line, "# TYPE ", 7) != 0) {
			bool named = false;

			for (size_t i = 0; i < COUNT(ends); i++) {
				(void)snprintf(whole, sizeof(whole), "%s%s", name, ends[i]);
				named |=
				    strcspn(line, "{ ") == strlen(whole) && strncmp(line, whole, strlen(whole)) == 0;
			}
			ck_assert_msg(named, "%s", line);
		}
	}
}
END_TEST

START_TEST(test_labels)
{
	escape_put_label(file, "a\"b\\c\nd\te\033\x7f\xff\xc3\xbc\xe2\x80\xae");
	ck_assert_int_eq(fflush(file), 0);
	ck_assert_str_eq(text, "a\\\"b\\\\c\\nd e  \xef\xbf\xbd\xc3\xbc ");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("metrics");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_node);
	tcase_add_test(t, test_nothing_is_known);
	tcase_add_test(t, test_sqlite);
	tcase_add_test(t, test_postgres);
	tcase_add_test(t, test_form);
	tcase_add_test(t, test_labels);
	return unit_run("control metrics", t, NULL);
}
