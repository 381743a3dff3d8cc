/* The layout of `bibctl status`: the first line says whether clients are served, and what is wrong. */
#include <string.h>

#include "tests/unit/control_render_scene.h"
#include "tests/unit/run.h"

static void
fill_status(const char *cause)
{
	snapshot_keep_node(&status,
	    &(struct message_status_node) { .version = "0.1.0",
		.node_id = "abcdefghijklmnopqrstuvwxyz",
		.mode = "selective",
		.backend = "sqlite",
		.phase = "operational",
		.ready = true,
		.started_us = NOW_US - 61000000,
		.ready_since_us = NOW_US - 60000000,
		.separated = true,
		.pid = 4000,
		.socket = "/run/bibd/.s.PGSQL.5432",
		.conf_path = "/etc/bibd/bibd.yaml" });
	snapshot_keep_process(&status,
	    &(struct message_status_process) { .name = "bibd-control",
		.pid = 4001,
		.user = "_bibmon",
		.state = "up",
		.healthy = true,
		.since_us = NOW_US - 61000000,
		.last_cause = "" });
	snapshot_keep_process(&status,
	    &(struct message_status_process) { .name = "bibd-sqlite",
		.pid = 0,
		.user = "_bibd",
		.state = "waiting",
		.restarts = 3,
		.last_cause = cause });
	snapshot_keep_statistics(&status,
	    &(struct message_statistics) { .sessions_admin = 1,
		.sessions_write = 20,
		.sessions_query = 3,
		.connections_open = 4,
		.connections_max = 10,
		.connections_pinned = 1,
		.store_bytes = 1572864,
		.wal_bytes = 65536,
		.store_state = "open" });
}

START_TEST(test_text_status)
{
	fill_status("killed by signal 9 (KILL)");
	render_text.status(&render, &status);
	ck_assert_str_eq(written(),
	    "ready: clients are served since 2026-11-23 11:49:00 (1 min 0 s ago)\n"
	    "bibd        0.1.0, pid 4000, node abcdefghijklmnopqrstuvwxyz\n"
	    "mode        selective on sqlite\n"
	    "phase       operational\n"
	    "socket      /run/bibd/.s.PGSQL.5432\n"
	    "conf        /etc/bibd/bibd.yaml\n"
	    "store       open, 1.5 MiB, WAL 64.0 KiB\n"
	    "connections 4 of 10 open, 1 pinned, 0 writers waiting\n"
	    "clients     admin 1, write 20, query 3, audit 0, monitor 0, starting 0\n"
	    "backup      none: this node is not backed up (backup.repository is empty)\n"
	    "PROCESS       PID   USER     STATE    HEALTH       RESTARTS  FOR        LAST CAUSE\n"
	    "bibd          4000  root     up       healthy      0         1 min 1 s  -\n"
	    "bibd-control  4001  _bibmon  up       healthy      0         1 min 1 s  -\n"
	    "bibd-sqlite   -     _bibd    waiting  not healthy  3         -          killed by signal 9 (KILL)\n");
	status.processes[1].failed_us = NOW_US - 30000000;
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(), "-          30 s ago: killed by signal 9 (KILL)\n"));
}
END_TEST

START_TEST(test_text_status_escapes)
{
	fill_status("\033]0;owned\007");
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(), "\\x1b]0;owned\\x07"));
	ck_assert_ptr_null(strchr(written(), '\033'));
}
END_TEST

START_TEST(test_text_color)
{
	fill_status("");
	render.color = true;
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(), "\033[32mready\033[0m"));
	ck_assert_ptr_nonnull(strstr(written(), "\033[31mnot healthy\033[0m"));
}
END_TEST

START_TEST(test_text_status_without_storage)
{
	snapshot_keep_node(&status,
	    &(struct message_status_node) { .version = "0.1.0",
		.node_id = "x",
		.mode = "proxy",
		.backend = "sqlite",
		.phase = "starting",
		.started_us = NOW_US - 2000000,
		.socket = "/s",
		.conf_path = "/c" });
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(), "privileges not separated"));
	ck_assert_ptr_nonnull(
	    strstr(written(), "not ready: clients are not served since 2026-11-23 11:49:58 (2 s ago): starting\n"));
	ck_assert_ptr_nonnull(strstr(written(), "no answer from the storage worker"));
}
END_TEST

/* The first line says what is waited for, and a long cause does not run over the terminal's end. */
START_TEST(test_text_status_verdict)
{
	const char *last;

	fill_status(
	    "a cause that is much longer than what is left of the line on a terminal of a hundred columns is cut");
	status.node.ready = false;
	status.node.phase = "opening the store";
	status.processes[1].next_try_us = NOW_US + 8000000;
	status.processes[1].failed_us = NOW_US;
	render.columns = 100;
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(),
	    "not ready: clients are not served since 2026-11-23 11:48:59 (1 min 1 s ago): opening the store; "
	    "bibd-sqlite failed just now, next try in 8 s: a cause"));
	last = strstr(written(), "\nbibd-sqlite");
	ck_assert_ptr_nonnull(last);
	ck_assert_ptr_nonnull(strstr(last, "  just now: a "));
	ck_assert_str_eq(last + strlen(last) - 4, "...\n");
	ck_assert_uint_eq(strlen(last), 1 + 100 + 1);
	render.columns = 0;
}
END_TEST

/* The worst is in the first line, whatever was found first; the others stand below. */
START_TEST(test_text_status_of_much_trouble)
{
	fill_status("");
	status.processes[0].healthy = false;
	status.processes[0].complaint = "no\033answer";
	status.node.down_since_us = NOW_US - 5000000;
	status.node.ready = false;
	status.node.phase = "storage is down";
	status.processes[1].failed_us = NOW_US - 5000000;
	status.processes[1].next_try_us = NOW_US + 3000000;
	status.processes[1].last_cause = "killed";
	snapshot_keep_disk(&status,
	    &(struct message_status_disk) { .path = "/e", .free_bytes = 1024, .size_bytes = 1 << 20, .low = true });
	render.color = true;
	render_text.status(&render, &status);
	ck_assert_ptr_eq(strstr(written(),
			     "\033[31mnot ready\033[0m: clients are not served since 2026-11-23 11:49:55 (5 s ago): "
			     "storage is down; \033[31mbibd-sqlite failed 5 s ago, next try in 3 s: killed\033[0m; and "
			     "2 more\n"
			     "besides     \033[33mbibd-control is not healthy: no\\x1banswer\033[0m\n"
			     "            \033[33mthe disk is nearly full: 1.0 KiB of 1.0 MiB are free at /e\033[0m\n"),
	    out_text);
	render_json.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(),
	    "\"summary\":\"clients are not served: storage is down; bibd-sqlite failed 5 s ago, next try in 3 s: "
	    "killed; and 2 more\",\"problems\":[\"bibd-sqlite failed 5 s ago, next try in 3 s: killed\","
	    "\"bibd-control is not healthy: no\\u001banswer\",\"the disk is nearly full: 1.0 KiB of 1.0 MiB are free "
	    "at /e\"],"));
}
END_TEST

/* What does not keep clients from being served leaves the node ready, but not green. */
START_TEST(test_text_status_of_a_ready_node_in_trouble)
{
	fill_status("");
	status.statistics.store_state = "disk full";
	render.color = true;
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(), "\033[33mready\033[0m: clients are served since "));
	ck_assert_ptr_nonnull(strstr(written(), "; \033[31mthe disk is full: the store takes nothing new\033[0m\n"));
}
END_TEST

START_TEST(test_status_of_a_paused_node)
{
	snapshot_keep_node(&status,
	    &(struct message_status_node) { .version = "0.1.0",
		.node_id = "a",
		.mode = "selective",
		.backend = "sqlite",
		.phase = "paused",
		.started_us = NOW_US - 61000000,
		.socket = "/run/bibd/.s.PGSQL.5432",
		.conf_path = "",
		.paused_us = NOW_US - 5000000,
		.paused_until_us = NOW_US + 55000000,
		.paused_uid = 7 });
	render_text.status(&render, &status);
	ck_assert_ptr_eq(strstr(written(),
			     "not ready: clients are paused since 2026-11-23 11:49:55 (5 s ago): by uid 7, over by "
			     "itself in 55 s or by `bibctl resume`\n"),
	    out_text);
}
END_TEST

START_TEST(test_status_is_bounded)
{
	for (int i = 0; i < 3 * SNAPSHOT_PROCESSES_MAX; i++)
		snapshot_keep_process(&status,
		    &(struct message_status_process) { .name = "p", .user = "u", .state = "up", .last_cause = "c" });
	fill_status("");
	ck_assert_uint_eq(status.nprocesses, SNAPSHOT_PROCESSES_MAX);
	ck_assert_str_eq(status.node.socket, "/run/bibd/.s.PGSQL.5432");
	ck_assert_str_eq(status.statistics.store_state, "open");
	render_json.status(&render, &status);
	ck_assert_uint_gt(strlen(written()), 0);
}
END_TEST

START_TEST(test_json_status)
{
	fill_status("say \"no\"");
	render_json.status(&render, &status);
	ck_assert_str_eq(written(),
	    "{\"schema\":1,\"version\":\"0.1.0\",\"node_id\":\"abcdefghijklmnopqrstuvwxyz\",\"pid\":4000,"
	    "\"mode\":\"selective\",\"backend\":\"sqlite\",\"phase\":\"operational\",\"ready\":true,"
	    "\"summary\":\"clients are served\",\"problems\":[],"
	    "\"started\":\"2026-11-23T11:48:59.000Z\",\"ready_since\":\"2026-11-23T11:49:00.000Z\","
	    "\"down_since\":null,\"paused\":null,"
	    "\"paused_until\":null,\"separated\":true,\"socket\":\"/run/bibd/.s.PGSQL.5432\",\"tcp\":null,"
	    "\"configuration\":\"/etc/bibd/bibd.yaml\","
	    "\"processes\":[{\"name\":\"bibd-control\",\"pid\":4001,\"user\":\"_bibmon\",\"state\":\"up\","
	    "\"healthy\":true,\"complaint\":null,"
	    "\"since\":\"2026-11-23T11:48:59.000Z\",\"restarts\":0,\"last_cause\":null,\"failed\":null,"
	    "\"next_try\":null},"
	    "{\"name\":\"bibd-sqlite\",\"pid\":null,\"user\":\"_bibd\",\"state\":\"waiting\",\"healthy\":false,"
	    "\"complaint\":null,"
	    "\"since\":null,\"restarts\":3,\"last_cause\":\"say \\\"no\\\"\",\"failed\":null,\"next_try\":null}],"
	    "\"disks\":[],\"backup\":null,\"storage\":{\"state\":\"open\",\"store_bytes\":1572864,\"wal_bytes\":65536,"
	    "\"writers_waiting\":0,\"statements\":0,\"transactions\":0,\"plans_found\":0,\"plans_made\":0,"
	    "\"connections\":{\"open\":4,\"max\":10,\"pinned\":1,\"busy\":0},"
	    "\"sessions\":{\"admin\":1,\"write\":20,\"query\":3,\"audit\":0,\"monitor\":0,\"starting\":0}}}\n");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("status");

	tcase_add_checked_fixture(t, render_scene_set_up, render_scene_tear_down);
	tcase_add_test(t, test_text_status);
	tcase_add_test(t, test_text_status_escapes);
	tcase_add_test(t, test_text_color);
	tcase_add_test(t, test_text_status_without_storage);
	tcase_add_test(t, test_text_status_verdict);
	tcase_add_test(t, test_text_status_of_much_trouble);
	tcase_add_test(t, test_text_status_of_a_ready_node_in_trouble);
	tcase_add_test(t, test_status_of_a_paused_node);
	tcase_add_test(t, test_status_is_bounded);
	tcase_add_test(t, test_json_status);
	return unit_run("control render status", t, NULL);
}
