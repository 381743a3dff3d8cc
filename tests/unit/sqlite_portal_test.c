/* Portals: parameters, rows in parts, what a prepared statement may become, and what is dropped until Sync. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_server_scene.h"

#define pool (&scene.sqlite->pool)

START_TEST(parameters_are_bound_by_their_types)
{
	struct client a = scene_connect("admin");

	scene_parse(&a, "", "select $1::int + 1, $2::text || '!'");
	scene_bind(&a, "", "", "41", "hello", NULL);
	scene_execute(&a, "", 0);
	ck_assert_str_eq(scene_sync(&a), "1 2 D(42,hello!) C:SELECT 1 Z:I");
	scene_parse(&a, "", "select $1::int");
	scene_bind(&a, "", "", "forty", NULL);
	scene_execute(&a, "", 0);
	ck_assert_str_eq(scene_sync(&a), "1 E:22P02 Z:I");
	scene_parse(&a, "", "select $1::int");
	scene_bind(&a, "", "", NULL);
	ck_assert_str_eq(scene_sync(&a), "1 E:08P01 Z:I");
}
END_TEST

START_TEST(rows_come_in_parts)
{
	struct client a = scene_connect("admin");

	scene_parse(&a, "", "select * from generate_series(1, 3) g");
	scene_bind(&a, "p", "", NULL);
	scene_execute(&a, "p", 2);
	scene_execute(&a, "p", 2);
	scene_execute(&a, "p", 2);
	ck_assert_str_eq(scene_sync(&a), "1 2 D(1) D(2) s D(3) C:SELECT 1 C:SELECT 0 Z:I");
	ck_assert_uint_eq(pool->nused, 0);
	ck_assert_uint_eq(pool->npinned, 0);
}
END_TEST

START_TEST(a_suspended_portal_keeps_its_connection_and_ends_with_the_transaction)
{
	struct client a = scene_connect("admin");

	(void)scene_query(&a, "begin");
	scene_parse(&a, "", "select * from generate_series(1, 3) g");
	scene_bind(&a, "p", "", NULL);
	scene_execute(&a, "p", 1);
	ck_assert_str_eq(scene_sync(&a), "1 2 D(1) s Z:T");
	ck_assert_ptr_nonnull(a.session->connection);
	ck_assert_uint_eq(pool->npinned, 1);
	scene_execute(&a, "p", 1);
	ck_assert_str_eq(scene_sync(&a), "D(2) s Z:T");
	ck_assert_str_eq(scene_query(&a, "commit"), "C:COMMIT Z:I");
	ck_assert_uint_eq(pool->npinned, 0);
	ck_assert_uint_eq(pool->nused, 0);
	scene_execute(&a, "p", 1);
	ck_assert_str_eq(scene_sync(&a), "E:34000 Z:I");
}
END_TEST

START_TEST(what_a_client_was_told_of_does_not_change)
{
	struct client a = scene_connect("admin"), b = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int); insert into t values (1)");
	scene_parse(&a, "s", "select * from t");
	scene_bind(&a, "", "s", NULL);
	scene_execute(&a, "", 0);
	ck_assert_str_eq(scene_sync(&a), "1 2 D(1) C:SELECT 1 Z:I");
	(void)scene_query(&b, "alter table t add column b text");
	scene_bind(&a, "", "s", NULL);
	scene_execute(&a, "", 0);
	ck_assert_ptr_nonnull(strstr(scene_sync(&a), "E:0A000 Z:I"));
	/* What gives the same columns goes on. */
	scene_parse(&a, "u", "update t set a = a + $1");
	scene_bind(&a, "", "u", "1", NULL);
	scene_execute(&a, "", 0);
	ck_assert_str_eq(scene_sync(&a), "1 2 C:UPDATE 1 Z:I");
	(void)scene_query(&b, "create index i on t (a)");
	scene_bind(&a, "", "u", "1", NULL);
	scene_execute(&a, "", 0);
	ck_assert_str_eq(scene_sync(&a), "2 C:UPDATE 1 Z:I");
}
END_TEST

START_TEST(after_an_error_all_is_dropped_until_sync)
{
	struct client a = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int primary key)");
	scene_parse(&a, "", "insert into t values ($1)");
	scene_bind(&a, "", "", "1", NULL);
	scene_execute(&a, "", 0);
	scene_bind(&a, "", "", "1", NULL);
	scene_execute(&a, "", 0);
	scene_bind(&a, "", "", "2", NULL);
	scene_execute(&a, "", 0);
	ck_assert_str_eq(scene_sync(&a), "1 2 C:INSERT 0 1 2 E:23505 Z:I");
	/* A batch up to Sync is one transaction. */
	ck_assert_str_eq(scene_query(&a, "select count(*) from t"), "T D(0) C:SELECT 1 Z:I");
}
END_TEST

START_TEST(a_write_that_waits_is_taken_up_again)
{
	struct client a = scene_connect("admin"), b = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int)");
	(void)scene_query(&a, "begin; insert into t values (1)");
	scene_parse(&b, "", "insert into t select a + $1 from t returning a");
	scene_bind(&b, "", "", "10", NULL);
	scene_execute(&b, "", 0);
	ck_assert_str_eq(scene_sync(&b), "");
	ck_assert_int_eq(b.session->task.waits_for, POOL_WAIT_LEASE);
	ck_assert_ptr_nonnull(b.session->resuming);
	(void)scene_query(&a, "commit");
	ck_assert_uint_eq(scene_turn_ready(), 1);
	ck_assert_str_eq(scene_answer(&b), "1 2 D(11) C:INSERT 0 1 Z:I");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("portal");

	tcase_add_checked_fixture(tc, scene_setup_serving, scene_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, parameters_are_bound_by_their_types);
	tcase_add_test(tc, rows_come_in_parts);
	tcase_add_test(tc, a_suspended_portal_keeps_its_connection_and_ends_with_the_transaction);
	tcase_add_test(tc, what_a_client_was_told_of_does_not_change);
	tcase_add_test(tc, after_an_error_all_is_dropped_until_sync);
	tcase_add_test(tc, a_write_that_waits_is_taken_up_again);
	return unit_run("sqlite portal", tc, NULL);
}
