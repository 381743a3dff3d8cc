/* The layout of what bibctl shows besides the status: clients, certificates, events, results, logs. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/unit/control_render_scene.h"
#include "tests/unit/run.h"

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

START_TEST(test_text_ready)
{
	const struct snapshot operational = { .has_node = true, .node = { .phase = "operational" } },
			      starting = { .has_node = true, .node = { .phase = "starting" } },
			      none = { .has_node = false };

	render_text.ready(&render, "/s", RENDER_READY, &operational, NULL);
	render_text.ready(&render, "/s", RENDER_REJECTING, &starting, NULL);
	render_text.ready(&render, "/s", RENDER_NO_RESPONSE, &none, "/s: nobody listens there");
	ck_assert_str_eq(written(),
	    "/s: ready\n/s: not ready, phase starting\nno response: /s: nobody listens there\n");
}
END_TEST

/* Up to when everything is stored, and up to when that is proven. */
START_TEST(test_ready_with_backups)
{
	struct snapshot told = { .has_node = true,
		.node = { .phase = "operational", .mode = "selective", .backend = "sqlite" },
		.has_backup = true,
		.backup = { .backup_us = NOW_US - 3600000000,
		    .stored_us = NOW_US - 2000000,
		    .opens = "the recovery key" } };

	render.verbose = true;
	render_text.ready(&render, "/s", RENDER_READY, &told, NULL);
	told.backup.proven_us = NOW_US - 7200000000;
	render_json.ready(&render, "/s", RENDER_READY, &told, NULL);
	told.has_backup = false;
	render_text.ready(&render, "/s", RENDER_READY, &told, NULL);
	ck_assert_str_eq(written(),
	    "/s: ready\n"
	    "backup      made 2026-11-23 10:50:00 (1 h 0 min ago)\n"
	    "stored      everything up to 2026-11-23 11:49:58 (2 s ago)\n"
	    "proven      nothing yet: no drill has passed\n"
	    "opened by   the recovery key\n"
	    "{\"schema\":1,\"ready\":true,\"answer\":\"ready\",\"phase\":\"operational\",\"control_socket\":\"/s\","
	    "\"error\":null,\"backup\":{\"made\":\"2026-11-23T10:50:00.000Z\",\"stored\":\"2026-11-23T11:49:58.000Z\","
	    "\"proven\":\"2026-11-23T09:50:00.000Z\",\"drilled\":null,\"opened_by\":\"the recovery key\"}}\n"
	    "/s: ready\n"
	    "backup      none: this node is not backed up (backup.repository is empty)\n");
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
	render_json.ready(&render, "/s", RENDER_REJECTING,
	    &(struct snapshot) { .has_node = true, .node = { .phase = "starting" } }, NULL);
	render_json.ready(&render, "/s", RENDER_NO_RESPONSE, &(struct snapshot) { .has_node = false }, "gone");
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

	tcase_add_checked_fixture(t, render_scene_set_up, render_scene_tear_down);
	tcase_add_test(t, test_units);
	tcase_add_test(t, test_severity);
	tcase_add_test(t, test_text_event_is_local);
	tcase_add_test(t, test_text_clients);
	tcase_add_test(t, test_text_clients_are_cut);
	tcase_add_test(t, test_json_clients);
	tcase_add_test(t, test_text_certificates);
	tcase_add_test(t, test_text_event_and_result);
	tcase_add_test(t, test_text_ready);
	tcase_add_test(t, test_ready_with_backups);
	tcase_add_test(t, test_json_others);
	tcase_add_test(t, test_log_of_any_bytes);
	return unit_run("control render", t, NULL);
}
