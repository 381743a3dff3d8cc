/* The store against a real server: opening, what the supervisor is told on the way, losing it, and closing. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/postgres_scene.h"

#define UNAVAILABLE 69

static void
open_store(void)
{
	scene_make_store(true, NULL);
	scene_give_peer();
	store_open(scene.store, 7);
	scene_until(&scene.opened, 1);
}

static void
closed(void *context)
{
	scene.closed = true;
	*(bool *)context = true;
}

static void
end_store(void)
{
	bool done = false;

	store_close(scene.store, 5000, closed, &done);
	while (!done)
		scene_run(10);
	ck_assert_uint_eq(scene.lost_calls, 0);
	scene_free_store();
}

/* ---- opening ---- */

START_TEST(test_open)
{
	const char *keywords[STORE_PARAMETERS_MAX], *values[STORE_PARAMETERS_MAX];
	struct message_statistics statistics = { .store_bytes = 0 };
	PGconn *connection;
	char text[64];

	scene_start_server();
	open_store();
	ck_assert_uint_eq(scene.available_calls, 1);
	ck_assert(store_healthy(scene.store, text, sizeof(text)));
	ck_assert_int_eq(store_parameters(scene.store, ROLE_QUERY, keywords, values), 0);
	ck_assert_ptr_nonnull(connection = PQconnectdbParams(keywords, values, 0));
	ck_assert_msg(PQstatus(connection) == CONNECTION_OK, "%s", PQerrorMessage(connection));
	ck_assert_str_eq(scene_sql(connection, "select session_user || ' ' || current_user"), "bibd_query_a bibd_query");
	PQfinish(connection);
	store_ping(scene.store, 8);
	scene_until(&scene.answered, 1);
	store_statistics(scene.store, &statistics);
	scene_run(200);
	store_statistics(scene.store, &statistics);
	ck_assert_str_eq(statistics.store_state, "open");
	ck_assert_uint_gt(statistics.store_bytes, 1000000);
	ck_assert_uint_gt(statistics.probe_us, 0);
	end_store();
	scene_stop_server(SIGINT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("postgres_store");
	TCase *t = tcase_create("store");
	SRunner *runner = srunner_create(suite);
	int failed;

	if (!scene_can_run())
		return 77;
	tcase_set_timeout(t, 60);
	tcase_add_unchecked_fixture(t, scene_make_cluster, scene_remove_cluster);
	tcase_add_test(t, test_open);
	suite_add_tcase(suite, t);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
