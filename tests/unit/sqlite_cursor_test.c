/* SQL cursors: what they read, when they end, and the rows that are put by for them. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_server_scene.h"

static struct client
with_table(void)
{
	struct client a = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int); insert into t select * from generate_series(1, 5) g");
	return a;
}

START_TEST(rows_are_fetched_in_order)
{
	struct client a = with_table();

	ck_assert_str_eq(scene_query(&a, "declare c cursor for select a from t order by a"), "E:25P01 Z:I");
	ck_assert_str_eq(scene_query(&a, "begin; declare c cursor for select a from t order by a"),
	    "C:BEGIN C:DECLARE CURSOR Z:T");
	ck_assert_str_eq(scene_query(&a, "fetch c"), "T D(1) C:FETCH 1 Z:T");
	ck_assert_str_eq(scene_query(&a, "move 2 from c"), "C:MOVE 2 Z:T");
	ck_assert_str_eq(scene_query(&a, "fetch all from c"), "T D(4) D(5) C:FETCH 2 Z:T");
	ck_assert_str_eq(scene_query(&a, "fetch c"), "T C:FETCH 0 Z:T");
	ck_assert_str_eq(scene_query(&a, "close c; close c"), "C:CLOSE CURSOR E:34000 Z:E");
}
END_TEST

START_TEST(one_ends_with_its_transaction)
{
	struct client a = with_table();

	(void)scene_query(&a, "begin; declare c cursor for select a from t; fetch c; commit");
	ck_assert_ptr_null(a.session->connection);
	ck_assert_ptr_nonnull(strstr(scene_query(&a, "fetch c"), "E:34000 Z:I"));
}
END_TEST

START_TEST(one_with_hold_has_its_rows_put_by)
{
	struct client a = with_table(), b = scene_connect("admin");

	(void)scene_query(&a, "begin; declare c cursor with hold for select a from t order by a; fetch c");
	ck_assert_uint_eq(scene.sqlite->held_bytes, 0);
	ck_assert_str_eq(scene_query(&a, "commit"), "C:COMMIT Z:I");
	ck_assert_uint_gt(scene.sqlite->held_bytes, 0);
	ck_assert_ptr_null(a.session->connection);
	/* Of the moment of the commit. */
	(void)scene_query(&b, "delete from t");
	ck_assert_str_eq(scene_query(&a, "fetch 2 from c"), "T D(2) D(3) C:FETCH 2 Z:I");
	ck_assert_str_eq(scene_query(&a, "close c"), "C:CLOSE CURSOR Z:I");
	ck_assert_uint_eq(scene.sqlite->held_bytes, 0);
}
END_TEST

START_TEST(one_that_is_rolled_back_is_gone)
{
	struct client a = with_table();

	(void)scene_query(&a, "begin; declare c cursor with hold for select a from t; rollback");
	ck_assert_ptr_nonnull(strstr(scene_query(&a, "fetch c"), "E:34000 Z:I"));
	ck_assert_uint_eq(scene.sqlite->held_bytes, 0);
}
END_TEST

START_TEST(one_reads_on_while_its_session_writes)
{
	struct client a = with_table();

	(void)scene_query(&a, "begin; declare c cursor for select a from t order by a; fetch c");
	ck_assert_str_eq(scene_query(&a, "update t set a = a + 100"), "C:UPDATE 5 Z:T");
	ck_assert_str_eq(scene_query(&a, "fetch 2 from c"), "T D(2) D(3) C:FETCH 2 Z:T");
	ck_assert_str_eq(scene_query(&a, "commit"), "C:COMMIT Z:I");
	ck_assert_uint_eq(scene.sqlite->held_bytes, 0);
}
END_TEST

START_TEST(a_session_that_ends_leaves_nothing_put_by)
{
	struct client a = with_table();

	(void)scene_query(&a, "begin; declare c cursor with hold for select a from t; commit");
	ck_assert_uint_gt(scene.sqlite->held_bytes, 0);
	session_signal(a.session, true);
	ck_assert_uint_eq(scene_turn_ready(), 1);
	ck_assert_str_eq(scene_answer(&a), "E:57P01");
	ck_assert_uint_eq(scene.sqlite->held_bytes, 0);
	ck_assert_uint_eq(scene.sqlite->nsessions, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("cursor");

	tcase_add_checked_fixture(tc, scene_setup_serving, scene_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, rows_are_fetched_in_order);
	tcase_add_test(tc, one_ends_with_its_transaction);
	tcase_add_test(tc, one_with_hold_has_its_rows_put_by);
	tcase_add_test(tc, one_that_is_rolled_back_is_gone);
	tcase_add_test(tc, one_reads_on_while_its_session_writes);
	tcase_add_test(tc, a_session_that_ends_leaves_nothing_put_by);
	return unit_run("sqlite cursor", tc, NULL);
}
