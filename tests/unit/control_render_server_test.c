/* The layout of `bibctl status` on a node with a managed PostgreSQL. */
#include <string.h>

#include "tests/unit/control_render_scene.h"
#include "tests/unit/run.h"

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

int
main(void)
{
	TCase *t = tcase_create("server");

	tcase_add_checked_fixture(t, render_scene_set_up, render_scene_tear_down);
	tcase_add_test(t, test_text_server_and_pool);
	tcase_add_test(t, test_text_server_troubles);
	tcase_add_test(t, test_text_crashes_disks_and_a_warning);
	tcase_add_test(t, test_unknown_memory);
	tcase_add_test(t, test_text_server_that_starts);
	tcase_add_test(t, test_json_server_and_pool);
	return unit_run("control render server", t, NULL);
}
