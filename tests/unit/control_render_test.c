/* What bibctl shows: text that is safe for a terminal, JSON that is JSON, and the layout of both. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/run.h"
#include "workers/control/shared/escape.h"
#include "workers/control/show/render.h"

#define NOW_US INT64_C(1795434600000000) /* 2026-11-23 11:50:00 UTC */

/* File scope: Check's fixtures take no arguments. */
static char *out_text, *err_text;
static size_t out_size, err_size;
static struct render render;
static struct snapshot status;

static void
set_up(void)
{
	ck_assert_int_eq(setenv("TZ", "UTC", 1), 0);
	tzset();
	render = (struct render) { .out = open_memstream(&out_text, &out_size),
		.err = open_memstream(&err_text, &err_size),
		.now_us = NOW_US };
	ck_assert(render.out != NULL && render.err != NULL);
}

static void
tear_down(void)
{
	snapshot_clear(&status);
	(void)fclose(render.out);
	(void)fclose(render.err);
	free(out_text);
	free(err_text);
}

static const char *
written(void)
{
	ck_assert_int_eq(fflush(render.out), 0);
	return out_text;
}

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

/* ---- escapes ---- */

START_TEST(test_escape_text)
{
	static const struct {
		const char *in, *out;
		size_t columns;
	} cases[] = {
		{ "plain", "plain", 5 },
		{ "\033[31mred", "\\x1b[31mred", 11 },
		{ "a\nb\tc", "a\\x0ab\\x09c", 11 },
		{ "\x7f", "\\x7f", 4 },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", 4 },
		{ "\xc2\x9b"
		  "31m",
		    "\\u009b31m", 9 }, /* CSI as one character of C1 */
		{ "\x9b"
		  "31m",
		    "\\x9b31m", 7 }, /* and as a byte */
		{ "\xe2\x80\xae"
		  "x",
		    "\\u202ex", 7 },				    /* right-to-left override */
		{ "\xc0\x80", "\\xc0\\x80", 8 },		    /* over-long NUL */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", 12 },	    /* a surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 16 }, /* above U+10FFFF */
		{ "\xe2\x82", "\\xe2\\x82", 8 },		    /* cut short */
		{ "\xf0\x9f\x90\x98", "\xf0\x9f\x90\x98", 1 },
		{ "", "", 0 },
	};
	char buf[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_uint_eq(escape_text(cases[i].in, buf, sizeof(buf)), cases[i].columns);
		ck_assert_str_eq(buf, cases[i].out);
	}
}
END_TEST

START_TEST(test_escape_text_is_cut_between_characters)
{
	char buf[6];

	ck_assert_uint_eq(escape_text("abc\x01", buf, sizeof(buf)), 3);
	ck_assert_str_eq(buf, "abc");
	ck_assert_uint_eq(escape_text("abcd\xc3\xbc", buf, sizeof(buf)), 4);
	ck_assert_str_eq(buf, "abcd");
	ck_assert_uint_eq(escape_text("abcdefgh", buf, 1), 0);
	ck_assert_str_eq(buf, "");
}
END_TEST

START_TEST(test_escape_json)
{
	escape_put_json(render.out,
	    "a\"b\\c\nd\te\033\x7f\xc2\x9b\xff\xc3\xbc\xe2\x80\xa8\xf3\xa0\x80\x81\xf0\x9f\x90\x98");
	ck_assert_str_eq(written(),
	    "\"a\\\"b\\\\c\\nd\\te\\u001b\\u007f\\u009b\\ufffd\xc3\xbc\\u2028\\udb40\\udc01\xf0\x9f\x90\x98\"");
}
END_TEST

START_TEST(test_every_byte_is_harmless)
{
	char in[3] = "", buf[32];

	for (unsigned a = 1; a < 256; a++)
		for (unsigned b = 0; b < 256; b++) {
			in[0] = (char)a;
			in[1] = (char)b;
			(void)escape_text(in, buf, sizeof(buf));
			for (const char *p = buf; *p != '\0'; p++)
				ck_assert((unsigned char)*p >= 0x20 && *p != 0x7f);
			ck_assert_ptr_null(strstr(buf, "\xc2\x9b"));
		}
}
END_TEST

/* ---- units ---- */

START_TEST(test_units)
{
	char buf[RENDER_UNIT_SIZE];

	ck_assert_str_eq(render_size(0, buf, sizeof(buf)), "0 B");
	ck_assert_str_eq(render_size(1023, buf, sizeof(buf)), "1023 B");
	ck_assert_str_eq(render_size(1536, buf, sizeof(buf)), "1.5 KiB");
	ck_assert_str_eq(render_size(UINT64_MAX, buf, sizeof(buf)), "16.0 EiB");
	ck_assert_str_eq(render_duration(-5, buf, sizeof(buf)), "0 s");
	ck_assert_str_eq(render_duration(59999999, buf, sizeof(buf)), "59 s");
	ck_assert_str_eq(render_duration(61000000, buf, sizeof(buf)), "1 min 1 s");
	ck_assert_str_eq(render_duration(INT64_C(7384000000), buf, sizeof(buf)), "2 h 3 min");
	ck_assert_str_eq(render_duration(INT64_C(90000000000), buf, sizeof(buf)), "1 d 1 h");
}
END_TEST

/* ---- text ---- */

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

static void
keep_certificate(const char *name, int64_t left_us, const char *path)
{
	snapshot_keep_certificate(&status,
	    &(struct message_certificate) { .name = name,
		.subject = "localhost",
		.issuer = "bibd",
		.serial = "1",
		.path = path,
		.not_before_us = NOW_US - 86400000000,
		.not_after_us = NOW_US + left_us });
}

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

static const struct client_row client_rows[] = {
	{ .id = 7,
	    .uid = 4000000001,
	    .pid = 4711,
	    .bytes = 65536,
	    .statements = 3,
	    .connected_us = NOW_US - 90000000,
	    .since_us = NOW_US - 61000000,
	    .shown = true,
	    .role = "write",
	    .application = "a\033[31m",
	    .state = "idle",
	    .holds = "",
	    .statement = "insert into a_table_of_a_long_name values (?, ?)" },
	{ .id = 8,
	    .server_pid = 99,
	    .uid = 4000000002,
	    .connected_us = NOW_US,
	    .since_us = NOW_US,
	    .transaction_us = NOW_US,
	    .role = "query",
	    .application = "",
	    .state = "active",
	    .holds = "server 99, kept",
	    .statement = "" },
};

START_TEST(test_text_clients)
{
	render_text.clients(&render, client_rows, 2);
	ck_assert_str_eq(written(),
	    "ID  ROLE   USER        PID   APPLICATION  STATE   FOR        BUFFERS   HOLDS            LAST STATEMENT\n"
	    "7   write  4000000001  4711  a\\x1b[31m    idle    1 min 1 s  64.0 KiB  -                insert into "
	    "a_table_of_a_long_name values (?, ?)\n"
	    "8   query  4000000002  -     -            active  0 s        -         server 99, kept  (only root may "
	    "see it)\n");
}
END_TEST

/* No line is longer than the terminal is wide, if that is wide enough for anything. */
START_TEST(test_text_clients_are_cut)
{
	const char *line;

	render.columns = 120;
	render_text.clients(&render, client_rows, 2);
	line = strstr(written(), "insert into");
	ck_assert_ptr_nonnull(line);
	ck_assert_ptr_nonnull(strstr(line, "...\n"));
	for (line = out_text; *line != '\0'; line += strcspn(line, "\n") + 1)
		ck_assert_uint_le(strcspn(line, "\n"), 120);
}
END_TEST

START_TEST(test_json_clients)
{
	render_json.clients(&render, client_rows, 2);
	ck_assert_str_eq(written(),
	    "{\"schema\":1,\"id\":7,\"role\":\"write\",\"user\":null,\"uid\":4000000001,\"pid\":4711,"
	    "\"application\":\"a\\u001b[31m\","
	    "\"state\":\"idle\",\"since\":\"2026-11-23T11:48:59.000Z\",\"connected\":\"2026-11-23T11:48:30.000Z\","
	    "\"transaction\":null,\"holds\":null,\"statements\":3,"
	    "\"server_pid\":null,\"bytes\":65536,\"statement_shown\":true,"
	    "\"statement\":\"insert into a_table_of_a_long_name values (?, ?)\"}\n"
	    "{\"schema\":1,\"id\":8,\"role\":\"query\",\"user\":null,\"uid\":4000000002,\"pid\":null,"
	    "\"application\":null,"
	    "\"state\":\"active\",\"since\":\"2026-11-23T11:50:00.000Z\",\"connected\":\"2026-11-23T11:50:00.000Z\","
	    "\"transaction\":\"2026-11-23T11:50:00.000Z\",\"holds\":\"server 99, kept\",\"statements\":0,"
	    "\"server_pid\":99,\"bytes\":0,"
	    "\"statement_shown\":false,\"statement\":null}\n");
}
END_TEST

START_TEST(test_text_certificates)
{
	static const char wanted[] = "CERTIFICATE   VALID FOR   UNTIL                FOR        BY    FILE\n"
				     "ca            9 d 1 h     2026-12-02 12:50:00  localhost  bibd  /c/ca.crt\n"
				     "server        5 h 12 min  2026-11-23 17:02:00  localhost  bibd  -\n"
				     "bibd_write_a  expired     2026-11-23 11:49:59  localhost  bibd  -\n";

	keep_certificate("ca", (9 * INT64_C(86400) + 3600) * 1000000, "/c/ca.crt");
	keep_certificate("server", (5 * 3600 + 12 * 60) * INT64_C(1000000), "");
	keep_certificate("bibd_write_a", -1000000, "");
	render_text.certificates(&render, &status);
	ck_assert_str_eq(written(), wanted);
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

START_TEST(test_text_event_and_result)
{
	const struct message_event event = { .number = 7,
		.time_us = NOW_US + 123456,
		.source = "bibd",
		.code = "node.ready",
		.text = "ready\033[0m" };

	render_text.event(&render, &event);
	ck_assert_str_eq(written(), "2026-11-23 11:50:00.123  notice   bibd  node.ready  ready\\x1b[0m\n");
	render_text.result(&render, &(struct message_result) { .status = 77, .code = "c", .text = "no\nway" });
	ck_assert_int_eq(fflush(render.err), 0);
	ck_assert_str_eq(err_text, "bibctl: no\\x0away\n");
	render_text.result(&render, &(struct message_result) { .status = 0, .code = "c", .text = "done" });
	ck_assert_ptr_nonnull(strstr(written(), "ready\\x1b[0m\ndone\n"));
}
END_TEST

START_TEST(test_severity)
{
	static const struct {
		const char *code, *name;
	} rows[] = { { "process.failed", "error" }, { "store.io_failed", "error" }, { "server.disk_full", "error" },
		{ "audit.broken", "error" }, { "certificates.expiring", "warning" }, { "node.ready", "notice" },
		{ "failed", "error" }, { "", "notice" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_str_eq(render_severity_names[render_severity(rows[i].code)], rows[i].name);
}
END_TEST

/* Times in the text are in the time zone of the column. */
START_TEST(test_text_event_is_local)
{
	const struct message_event event = { .number = 7,
		.time_us = NOW_US,
		.source = "k",
		.code = "c",
		.text = "until 2026-12-02T12:50:00.000Z, not 2026-12-02T12:50:00Z; 2026-12-03T00:00:00.999Z" };

	ck_assert_int_eq(setenv("TZ", "XYZ-2", 1), 0);
	tzset();
	render_text.event(&render, &event);
	ck_assert_str_eq(written(),
	    "2026-11-23 13:50:00.000  notice   k  c  until 2026-12-02 14:50:00, not 2026-12-02T12:50:00Z; 2026-12-03 "
	    "02:00:00\n");
}
END_TEST

START_TEST(test_text_ready)
{
	render_text.ready(&render, "/s", RENDER_READY, "operational", NULL);
	render_text.ready(&render, "/s", RENDER_REJECTING, "starting", NULL);
	render_text.ready(&render, "/s", RENDER_NO_RESPONSE, NULL, "/s: nobody listens there");
	ck_assert_str_eq(written(),
	    "/s: ready\n/s: not ready, phase starting\nno response: /s: nobody listens there\n");
}
END_TEST

/* ---- JSON ---- */

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
	    "\"disks\":[],\"storage\":{\"state\":\"open\",\"store_bytes\":1572864,\"wal_bytes\":65536,"
	    "\"writers_waiting\":0,\"statements\":0,\"transactions\":0,\"plans_found\":0,\"plans_made\":0,"
	    "\"connections\":{\"open\":4,\"max\":10,\"pinned\":1,\"busy\":0},"
	    "\"sessions\":{\"admin\":1,\"write\":20,\"query\":3,\"audit\":0,\"monitor\":0,\"starting\":0}}}\n");
}
END_TEST

START_TEST(test_json_others)
{
	render_json.event(&render,
	    &(struct message_event) { .number = 7,
		.time_us = NOW_US,
		.source = "bibd",
		.code = "node.ready",
		.text = "a\nb" });
	render_json.result(&render,
	    &(struct message_result) { .status = 78, .code = "conf.key", .text = "bibd.yaml:3:1" });
	render_json.ready(&render, "/s", RENDER_REJECTING, "starting", NULL);
	render_json.ready(&render, "/s", RENDER_NO_RESPONSE, NULL, "gone");
	ck_assert_str_eq(written(),
	    "{\"schema\":1,\"number\":7,\"time\":\"2026-11-23T11:50:00.000Z\",\"severity\":\"notice\","
	    "\"source\":\"bibd\",\"code\":\"node.ready\","
	    "\"text\":\"a\\nb\"}\n"
	    "{\"schema\":1,\"result\":{\"status\":78,\"code\":\"conf.key\",\"text\":\"bibd.yaml:3:1\"}}\n"
	    "{\"schema\":1,\"ready\":false,\"answer\":\"rejecting\",\"phase\":\"starting\",\"control_socket\":\"/s\","
	    "\"error\":null}\n"
	    "{\"schema\":1,\"ready\":false,\"answer\":\"no response\",\"phase\":null,\"control_socket\":\"/s\","
	    "\"error\":\"gone\"}\n");
}
END_TEST

/* ---- a PostgreSQL node ---- */

static void
fill_postgres(const char *state, const char *progress)
{
	snapshot_keep_node(&status,
	    &(struct message_status_node) { .version = "0.1.0",
		.node_id = "abc",
		.mode = "full",
		.backend = "postgres",
		.phase = "operational",
		.ready = true,
		.started_us = NOW_US,
		.ready_since_us = NOW_US,
		.separated = true,
		.socket = "/s",
		.conf_path = "/c" });
	snapshot_keep_server(&status,
	    &(struct message_status_server) { .engine = "docker",
		.engine_version = "24.0.5",
		.container = "bibd-postgres-abc",
		.container_id = "4f5e6d7c8b9a0123",
		.image = "postgres:16",
		.image_id = "sha256:0123456789abcdef",
		.address = "/d/run/.s.PGSQL.5432",
		.state = state,
		.progress = progress,
		.since_us = NOW_US - 60000000,
		.restarts = 1,
		.last_cause = "out of\033 memory",
		.memory_bytes = 1048576,
		.memory_max_bytes = 2097152,
		.logins = "b",
		.rotated_us = NOW_US - 60000000,
		.rotation = "",
		.failed_us = NOW_US - 10000000,
		.next_rotation_us = NOW_US + INT64_C(3600000000) });
	snapshot_keep_statistics(&status,
	    &(struct message_statistics) { .connections_open = 4,
		.connections_max = 20,
		.connections_pinned = 1,
		.clients_waiting = 3,
		.waited = "0 0 0 4 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		.store_bytes = 1536,
		.probe_us = 1234,
		.store_state = "open" });
}

START_TEST(test_text_server_and_pool)
{
	fill_postgres("running", "");
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(),
	    "server      running for 1 min 0 s, 1 restart, last 10 s ago: out of\\x1b memory\n"
	    "container   bibd-postgres-abc (4f5e6d7c8b9a) on docker 24.0.5\n"
	    "image       postgres:16 (0123456789ab)\n"
	    "address     /d/run/.s.PGSQL.5432\n"
	    "logins      b, passwords of 2026-11-23 11:49:00 (1 min 0 s ago); next ones in 1 h 0 min\n"
	    "memory      1.0 MiB of 2.0 MiB\n"
	    "store       open, 1.5 KiB, probed in 1.234 ms\n"
	    "pool        4 of 20 open, 1 pinned, 3 clients waiting\n"
	    "clients     admin 0, "));
}
END_TEST

/* A server that failed, one whose engine is away, and one that is started again. */
START_TEST(test_text_server_troubles)
{
	fill_postgres("waiting", "");
	status.node.ready = false;
	status.node.phase = "opening the store";
	status.node.down_since_us = NOW_US - 9000000;
	status.server.next_try_us = NOW_US + 2000000;
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(),
	    "): opening the store; PostgreSQL failed 10 s ago, next try in 2 s: out of\\x1b memory\n"));
	status.server.outside = "the container engine";
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(
	    strstr(written(), "; PostgreSQL waits for the container engine, next try in 2 s: out of\\x1b memory\n"));
	status.server.next_try_us = 0;
	status.server.state = "starting";
	status.server.progress = "recovering";
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(),
	    "opening the store, recovering; "
	    "PostgreSQL failed 10 s ago (out of\\x1b memory) and is being started again\n"));
}
END_TEST

START_TEST(test_text_crashes_disks_and_a_warning)
{
	fill_postgres("running", "");
	status.server.crashes = 2;
	status.server.warning = "no limits";
	snapshot_keep_disk(&status,
	    &(struct message_status_disk) { .path = "/d", .free_bytes = 1024, .size_bytes = 4096 });
	snapshot_keep_disk(&status,
	    &(struct message_status_disk) { .path = "/e", .free_bytes = 1024, .size_bytes = 1 << 20, .low = true });
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(
	    strstr(written(), ", 1 restart, 2 recoveries from the death of a process, last 10 s ago: "));
	ck_assert_ptr_nonnull(strstr(written(), "warning     no limits\n"));
	ck_assert_ptr_nonnull(strstr(written(), "\ndisk        1.0 KiB of 1.0 MiB free at /e, little is left\n"));
	ck_assert_ptr_null(strstr(written(), "free at /d"));
	render_json.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(),
	    "\"disks\":[{\"path\":\"/d\",\"free_bytes\":1024,\"size_bytes\":4096,\"low\":false},"
	    "{\"path\":\"/e\",\"free_bytes\":1024,\"size_bytes\":1048576,\"low\":true}],"));
}
END_TEST

/* What cannot be known is not shown as a number. */
START_TEST(test_unknown_memory)
{
	fill_postgres("running", "");
	status.server.memory_bytes = 0;
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(), "memory      unknown (limit 2.0 MiB, not enforced by this engine)\n"));
	render_json.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(), "\"memory_bytes\":null,"));
}
END_TEST

START_TEST(test_text_server_that_starts)
{
	fill_postgres("starting", "pulling postgres:16");
	status.server.container = "";
	status.server.image_id = "";
	render_text.status(&render, &status);
	ck_assert_ptr_nonnull(
	    strstr(written(), "memory\nprogress    pulling postgres:16\nimage       postgres:16\naddress     /d"));
}
END_TEST

START_TEST(test_json_server_and_pool)
{
	fill_postgres("running", "");
	render_json.status(&render, &status);
	ck_assert_ptr_nonnull(strstr(written(),
	    ",\"server\":{\"state\":\"running\",\"since\":\"2026-11-23T11:49:00.000Z\",\"progress\":null,"
	    "\"restarts\":1,\"crashes\":0,\"last_cause\":\"out of\\u001b "
	    "memory\",\"failed\":\"2026-11-23T11:49:50.000Z\",\"next_try\":null,"
	    "\"engine\":\"docker\",\"engine_version\":\"24.0.5\","
	    "\"container\":\"bibd-postgres-abc\",\"container_id\":\"4f5e6d7c8b9a0123\",\"image\":\"postgres:16\","
	    "\"image_id\":\"sha256:0123456789abcdef\",\"address\":\"/d/run/.s.PGSQL.5432\",\"memory_bytes\":1048576,"
	    "\"memory_max_bytes\":2097152,\"logins\":\"b\",\"rotated\":\"2026-11-23T11:49:00.000Z\","
	    "\"next_rotation\":\"2026-11-23T12:50:00.000Z\",\"rotation\":null,\"warning\":null,"
	    "\"waits_for\":null},"));
	ck_assert_ptr_nonnull(strstr(written(),
	    "\"writers_waiting\":0,\"statements\":0,\"transactions\":0,\"clients_waiting\":3,"
	    "\"waits\":4,\"wait_p50_us\":24,\"wait_p99_us\":31,\"probe_us\":1234,"));
}
END_TEST

START_TEST(test_log_of_any_bytes)
{
	static const char log[] = "a\tb\n\0c\xff\nno end";
	char wide[401];

	render.terminal = true;
	render_text.log(&render, log, sizeof(log) - 1);
	ck_assert_str_eq(written(), "a\tb\n\\x00c\\xff\nno end");
	/* Two bytes a character, at odd and at even places. */
	for (size_t i = 1; i < sizeof(wide) - 1; i += 2)
		(void)snprintf(wide + i, sizeof(wide) - i, "\xc3\xbc");
	for (size_t from = 0; from < 2; from++) {
		size_t before = strlen(out_text);

		wide[399] = '\0';
		wide[0] = 'x';
		render_text.log(&render, wide + from, strlen(wide + from));
		ck_assert_str_eq(written() + before, wide + from);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("render");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_escape_text);
	tcase_add_test(t, test_escape_text_is_cut_between_characters);
	tcase_add_test(t, test_escape_json);
	tcase_add_test(t, test_every_byte_is_harmless);
	tcase_add_test(t, test_units);
	tcase_add_test(t, test_text_status);
	tcase_add_test(t, test_text_status_escapes);
	tcase_add_test(t, test_text_color);
	tcase_add_test(t, test_text_status_without_storage);
	tcase_add_test(t, test_text_status_verdict);
	tcase_add_test(t, test_text_status_of_much_trouble);
	tcase_add_test(t, test_text_status_of_a_ready_node_in_trouble);
	tcase_add_test(t, test_text_server_troubles);
	tcase_add_test(t, test_severity);
	tcase_add_test(t, test_text_event_is_local);
	tcase_add_test(t, test_status_of_a_paused_node);
	tcase_add_test(t, test_text_clients);
	tcase_add_test(t, test_text_clients_are_cut);
	tcase_add_test(t, test_json_clients);
	tcase_add_test(t, test_text_certificates);
	tcase_add_test(t, test_status_is_bounded);
	tcase_add_test(t, test_text_event_and_result);
	tcase_add_test(t, test_text_ready);
	tcase_add_test(t, test_json_status);
	tcase_add_test(t, test_json_others);
	tcase_add_test(t, test_text_server_and_pool);
	tcase_add_test(t, test_text_crashes_disks_and_a_warning);
	tcase_add_test(t, test_unknown_memory);
	tcase_add_test(t, test_text_server_that_starts);
	tcase_add_test(t, test_json_server_and_pool);
	tcase_add_test(t, test_log_of_any_bytes);
	return unit_run("control render", t, NULL);
}
