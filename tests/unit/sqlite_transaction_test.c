/* A session's transaction: who may write, who waits for what, and what an error leaves of it. */
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_server_scene.h"

#define pool (&scene.sqlite->pool)

START_TEST(a_read_keeps_nothing)
{
	struct client a = scene_connect("admin");

	ck_assert_str_eq(scene_query(&a, "select 1"), "T D(1) C:SELECT 1 Z:I");
	ck_assert_ptr_null(a.session->connection);
	ck_assert_str_eq(scene_query(&a, "begin"), "C:BEGIN Z:T");
	ck_assert_str_eq(scene_query(&a, "select 2"), "T D(2) C:SELECT 1 Z:T");
	ck_assert(!a.session->transaction.begun);
	ck_assert_ptr_null(a.session->connection);
	ck_assert_uint_eq(pool->nused, 0);
}
END_TEST

START_TEST(a_writer_has_the_lease_until_its_end)
{
	struct client a = scene_connect("admin"), b = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int)");
	ck_assert_ptr_null(pool->writer);
	(void)scene_query(&a, "begin");
	ck_assert_str_eq(scene_query(&a, "insert into t values (1)"), "C:INSERT 0 1 Z:T");
	ck_assert_ptr_eq(pool->writer, &a.session->task);
	ck_assert(a.session->transaction.begun && a.session->transaction.writes);
	/* Another one waits, and others read meanwhile what is committed. */
	ck_assert_str_eq(scene_query(&b, "insert into t values (2)"), "");
	ck_assert_int_eq(task_where(&b.session->task), TASK_PARKED);
	ck_assert_int_eq(b.session->task.waits_for, POOL_WAIT_LEASE);
	ck_assert_uint_eq(scene_turn_ready(), 0);
	ck_assert_str_eq(scene_query(&a, "commit"), "C:COMMIT Z:I");
	ck_assert_ptr_eq(pool->writer, &b.session->task);
	ck_assert_uint_eq(scene_turn_ready(), 1);
	ck_assert_str_eq(scene_answer(&b), "C:INSERT 0 1 Z:I");
	ck_assert_ptr_null(pool->writer);
	ck_assert_str_eq(scene_query(&a, "select count(*) from t"), "T D(2) C:SELECT 1 Z:I");
}
END_TEST

START_TEST(who_waits_for_the_lease_in_vain_is_told)
{
	struct client a = scene_connect("admin"), b = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int)");
	(void)scene_query(&a, "begin; insert into t values (1)");
	ck_assert_str_eq(scene_query(&b, "insert into t values (2)"), "");
	session_signal(b.session, false);
	ck_assert_uint_eq(scene_turn_ready(), 1);
	ck_assert_str_eq(scene_answer(&b), "E:57014 Z:I");
	ck_assert_str_eq(scene_query(&b, "set lock_timeout = 1000"), "C:SET Z:I");
	ck_assert_str_eq(scene_query(&b, "insert into t values (3)"), "");
	/* The one with the open transaction is silent for as long: its connection is one that is kept. */
	b.session->task.expired = true;
	pool_rouse(pool, &b.session->task);
	ck_assert_uint_eq(scene_turn_ready(), 1);
	ck_assert_str_eq(scene_answer(&b), "E:55P03 Z:I");
	ck_assert_str_eq(scene_query(&a, "commit"), "C:COMMIT Z:I");
	ck_assert_str_eq(scene_query(&b, "select count(*) from t"), "T D(1) C:SELECT 1 Z:I");
}
END_TEST

START_TEST(an_error_fails_the_block)
{
	struct client a = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int primary key)");
	(void)scene_query(&a, "begin; insert into t values (1)");
	ck_assert_str_eq(scene_query(&a, "insert into t values (1)"), "E:23505 Z:E");
	ck_assert_str_eq(scene_query(&a, "select 1"), "E:25P02 Z:E");
	ck_assert_str_eq(scene_query(&a, "commit"), "C:ROLLBACK Z:I");
	ck_assert_ptr_null(pool->writer);
	ck_assert_str_eq(scene_query(&a, "select count(*) from t"), "T D(0) C:SELECT 1 Z:I");
}
END_TEST

START_TEST(a_savepoint_undoes_what_came_after_it)
{
	struct client a = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int primary key)");
	/* Made before there is a transaction of SQLite's, and again when there is. */
	(void)scene_query(&a, "begin; savepoint one");
	ck_assert(!a.session->transaction.begun);
	(void)scene_query(&a, "insert into t values (1); savepoint two; insert into t values (2)");
	ck_assert_uint_eq(a.session->transaction.nsavepoints, 2);
	ck_assert_str_eq(scene_query(&a, "insert into t values (2)"), "E:23505 Z:E");
	ck_assert_str_eq(scene_query(&a, "rollback to two"), "C:ROLLBACK Z:T");
	ck_assert_str_eq(scene_query(&a, "select a from t"), "T D(1) C:SELECT 1 Z:T");
	ck_assert_str_eq(scene_query(&a, "rollback to one; commit"), "C:ROLLBACK C:COMMIT Z:I");
	ck_assert_str_eq(scene_query(&a, "select count(*) from t"), "T D(0) C:SELECT 1 Z:I");
	ck_assert_str_eq(scene_query(&a, "begin; rollback to three"), "C:BEGIN E:3B001 Z:E");
}
END_TEST

START_TEST(repeatable_read_has_one_snapshot_and_no_later_write)
{
	struct client a = scene_connect("admin"), b = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int)");
	(void)scene_query(&a, "begin isolation level repeatable read");
	ck_assert_str_eq(scene_query(&a, "select count(*) from t"), "T D(0) C:SELECT 1 Z:T");
	ck_assert(a.session->transaction.begun && a.session->transaction.pinned);
	ck_assert_uint_eq(pool->npinned, 1);
	(void)scene_query(&b, "insert into t values (1)");
	ck_assert_str_eq(scene_query(&a, "select count(*) from t"), "T D(0) C:SELECT 1 Z:T");
	ck_assert_str_eq(scene_query(&a, "insert into t values (2)"), "E:40001 Z:E");
	ck_assert_str_eq(scene_query(&a, "rollback"), "C:ROLLBACK Z:I");
	ck_assert_uint_eq(pool->npinned, 0);
	ck_assert_uint_eq(pool->nused, 0);
	/* READ COMMITTED sees each commit. */
	(void)scene_query(&a, "begin");
	ck_assert_str_eq(scene_query(&a, "select count(*) from t"), "T D(1) C:SELECT 1 Z:T");
	(void)scene_query(&b, "insert into t values (3)");
	ck_assert_str_eq(scene_query(&a, "select count(*) from t"), "T D(2) C:SELECT 1 Z:T");
}
END_TEST

START_TEST(a_read_only_transaction_writes_nothing)
{
	struct client a = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int)");
	ck_assert_str_eq(scene_query(&a, "begin read only; insert into t values (1)"), "C:BEGIN E:25006 Z:E");
	ck_assert_ptr_null(pool->writer);
	(void)scene_query(&a, "rollback; set default_transaction_read_only = on");
	ck_assert_str_eq(scene_query(&a, "insert into t values (1)"), "E:25006 Z:I");
	ck_assert_str_eq(scene_query(&a, "begin read write; insert into t values (1); commit"),
	    "C:BEGIN C:INSERT 0 1 C:COMMIT Z:I");
}
END_TEST

START_TEST(statements_of_one_query_are_one_transaction)
{
	struct client a = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int primary key)");
	ck_assert_str_eq(scene_query(&a, "insert into t values (1); insert into t values (1)"),
	    "C:INSERT 0 1 E:23505 Z:I");
	ck_assert_str_eq(scene_query(&a, "select count(*) from t"), "T D(0) C:SELECT 1 Z:I");
	ck_assert_ptr_null(pool->writer);
}
END_TEST

START_TEST(a_client_that_goes_takes_its_transaction_with_it)
{
	struct client a = scene_connect("admin"), b = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int)");
	(void)scene_query(&a, "begin; insert into t values (1)");
	(void)close(a.fd);
	scene_turn(&a);
	ck_assert_ptr_null(pool->writer);
	ck_assert_uint_eq(pool->nused, 0);
	ck_assert_uint_eq(scene.sqlite->nsessions, 1);
	ck_assert_str_eq(scene_query(&b, "select count(*) from t"), "T D(0) C:SELECT 1 Z:I");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("transaction");

	tcase_add_checked_fixture(tc, scene_setup_serving, scene_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_read_keeps_nothing);
	tcase_add_test(tc, a_writer_has_the_lease_until_its_end);
	tcase_add_test(tc, who_waits_for_the_lease_in_vain_is_told);
	tcase_add_test(tc, an_error_fails_the_block);
	tcase_add_test(tc, a_savepoint_undoes_what_came_after_it);
	tcase_add_test(tc, repeatable_read_has_one_snapshot_and_no_later_write);
	tcase_add_test(tc, a_read_only_transaction_writes_nothing);
	tcase_add_test(tc, statements_of_one_query_are_one_transaction);
	tcase_add_test(tc, a_client_that_goes_takes_its_transaction_with_it);
	return unit_run("sqlite transaction", tc, NULL);
}
