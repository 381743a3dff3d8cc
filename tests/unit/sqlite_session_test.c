/* A session from its startup to its end: who is let in, who is told to end, and events that come too late. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_server_scene.h"

#define pool (&scene.sqlite->pool)

START_TEST(one_is_let_in_to_its_own_database)
{
	struct client a = scene_connect("query");

	ck_assert_int_eq(a.session->task.role, ROLE_QUERY);
	ck_assert_uint_eq(scene.sqlite->roles[ROLE_QUERY], 1);
	a = scene_ask_to_connect("query", "other");
	ck_assert_str_eq(scene_answer(&a), "E:3D000");
	ck_assert_uint_eq(scene.sqlite->nsessions, 1);
	ck_assert_uint_eq(scene.sqlite->roles[ROLE_QUERY], 1);
}
END_TEST

START_TEST(nobody_is_let_in_before_the_store_answers_or_during_a_stop)
{
	struct client a;

	atomic_store(&scene.sqlite->operational, false);
	a = scene_ask_to_connect("admin", scene.worker.conf->database.name);
	ck_assert_str_eq(scene_answer(&a), "E:57P03");
	ck_assert_uint_eq(scene.sqlite->nsessions, 0);
	atomic_store(&scene.sqlite->operational, true);
	atomic_store(&scene.sqlite->stopping, true);
	a = scene_ask_to_connect("admin", scene.worker.conf->database.name);
	ck_assert_uint_eq(scene_turn_ready(), 1);
	ck_assert_ptr_null(strchr(scene_answer(&a), 'Z'));
	ck_assert_uint_eq(scene.sqlite->nsessions, 0);
	ck_assert_uint_eq(scene.sqlite->roles[ROLES], 0);
}
END_TEST

START_TEST(a_role_may_what_it_may)
{
	struct client a = scene_connect("admin"), q = scene_connect("query"), audit = scene_connect("audit");

	(void)scene_query(&a, "create table t (a int)");
	ck_assert_str_eq(scene_query(&q, "select count(*) from t"), "T D(0) C:SELECT 1 Z:I");
	ck_assert_str_eq(scene_query(&q, "insert into t values (1)"), "E:42501 Z:I");
	ck_assert_str_eq(scene_query(&q, "create table u (a int)"), "E:42501 Z:I");
	/* What was refused is in the audit trail, which is the auditor's to read alone. */
	ck_assert_uint_eq(scene.sqlite->audit.queue.pending, 0);
	ck_assert_str_eq(scene_query(&audit,
			     "select count(*) from bibd.audit where role = 'query' and result = '42501'"),
	    "T D(2) C:SELECT 1 Z:I");
	ck_assert_str_eq(scene_query(&q, "select count(*) from bibd.audit"), "E:42501 Z:I");
}
END_TEST

START_TEST(the_key_cancels_what_waits)
{
	struct client a = scene_connect("admin"), b = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int)");
	(void)scene_query(&a, "begin; insert into t values (1)");
	ck_assert_str_eq(scene_query(&b, "delete from t"), "");
	session_cancel(scene.sqlite, b.session->pid, b.session->secret + 1);
	ck_assert_uint_eq(scene_turn_ready(), 0);
	session_cancel(scene.sqlite, b.session->pid, b.session->secret);
	ck_assert_uint_eq(scene_turn_ready(), 1);
	ck_assert_str_eq(scene_answer(&b), "E:57014 Z:I");
	/* An old cancel, for which the session has a turn in vain, does not end the next statement. */
	session_cancel(scene.sqlite, b.session->pid, b.session->secret);
	ck_assert_uint_eq(scene_turn_ready(), 1);
	ck_assert_str_eq(scene_answer(&b), "");
	ck_assert_str_eq(scene_query(&b, "select 1"), "T D(1) C:SELECT 1 Z:I");
}
END_TEST

START_TEST(all_are_told_to_end)
{
	struct client a = scene_connect("admin"), b = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int)");
	(void)scene_query(&a, "begin; insert into t values (1)");
	ck_assert_str_eq(scene_query(&b, "insert into t values (2)"), "");
	session_terminate_all(scene.sqlite, true);
	while (scene_turn_ready() > 0)
		;
	ck_assert_str_eq(scene_answer(&a), "E:57P01");
	ck_assert_ptr_nonnull(strstr(scene_answer(&b), "E:57"));
	ck_assert_uint_eq(scene.sqlite->nsessions, 0);
	ck_assert_uint_eq(pool->nused, 0);
	ck_assert_ptr_null(pool->writer);
}
END_TEST

START_TEST(an_idle_transaction_is_ended)
{
	struct client a = scene_connect("admin");

	(void)scene_query(&a, "create table t (a int)");
	(void)scene_query(&a, "begin; insert into t values (1)");
	scene_expire();
	ck_assert_str_eq(scene_answer(&a), "E:25P03");
	ck_assert_uint_eq(scene.sqlite->nsessions, 0);
	ck_assert_ptr_null(pool->writer);
}
END_TEST

START_TEST(an_event_of_one_that_has_ended_is_not_for_its_successor)
{
	struct client a = scene_connect("admin"), b;
	struct session *memory = a.session;
	uint64_t tag = a.session->task.tag;

	(void)close(a.fd);
	scene_turn(&a);
	ck_assert_ptr_null(task_take_by_tag(tag));
	b = scene_connect("admin");
	ck_assert_ptr_eq(b.session, memory);
	ck_assert_uint_ne(b.session->task.tag, tag);
	ck_assert_int_eq(task_where(&b.session->task), TASK_AWAITS_CLIENT);
	ck_assert_ptr_null(task_take_by_tag(tag));
	ck_assert_ptr_eq(task_take_by_tag(b.session->task.tag), &b.session->task);
	/* And to one thread only. */
	ck_assert_ptr_null(task_take_by_tag(b.session->task.tag));
	task_set_where(&b.session->task, TASK_AWAITS_CLIENT);
}
END_TEST

START_TEST(a_connection_tells_of_nobody_who_gave_it_back)
{
	struct client a = scene_connect("admin");
	struct connection *connection;

	(void)scene_query(&a, "create table t (a serial primary key)");
	ck_assert_str_eq(scene_query(&a, "insert into t default values"), "C:INSERT 0 1 Z:I");
	connection = TAILQ_FIRST(&pool->free);
	ck_assert_ptr_nonnull(connection);
	ck_assert_ptr_null(connection->context.settings);
	ck_assert(connection->context.must_stop == NULL);
	/* What belongs to the session comes along to the next connection. */
	ck_assert_str_eq(scene_query(&a, "select lastval()"), "T D(1) C:SELECT 1 Z:I");
}
END_TEST

START_TEST(connections_are_waited_for_and_passed_on)
{
	struct client keeps[4], waits;

	for (int i = 0; i < 4; i++) {
		keeps[i] = scene_connect("query");
	}
	/* Two connections are never kept between messages: the third waits until one of the others is over. */
	for (int i = 0; i < 2; i++)
		ck_assert_str_eq(scene_query(&keeps[i], "begin isolation level repeatable read; select 1"),
		    "C:BEGIN T D(1) C:SELECT 1 Z:T");
	waits = keeps[2];
	ck_assert_str_eq(scene_query(&waits, "begin isolation level repeatable read"), "C:BEGIN Z:T");
	ck_assert_str_eq(scene_query(&waits, "select 1"), "");
	ck_assert_int_eq(waits.session->task.waits_for, POOL_WAIT_PIN);
	ck_assert_str_eq(scene_query(&keeps[3], "select 3"), "T D(3) C:SELECT 1 Z:I");
	(void)scene_query(&keeps[0], "commit");
	ck_assert_uint_eq(scene_turn_ready(), 1);
	ck_assert_str_eq(scene_answer(&waits), "T D(1) C:SELECT 1 Z:T");
}
END_TEST

static int
pages_kept(void)
{
	struct connection *connection;
	int sum = 0, kept, most;

	TAILQ_FOREACH(connection, &pool->free, free_entry)
	{
		ck_assert_int_eq(sqlite3_db_status(connection->db, SQLITE_DBSTATUS_CACHE_USED, &kept, &most, 0),
		    SQLITE_OK);
		sum += kept;
	}
	return sum;
}

START_TEST(a_connection_that_nobody_uses_gives_its_pages_back)
{
	struct client a = scene_connect("admin");
	const int64_t now = pool->rested_ms;

	(void)scene_query(&a, "create table t (a int primary key, v text)");
	(void)scene_query(&a, "insert into t select g, repeat('v', 500) from generate_series(1, 3000) g");
	ck_assert_str_eq(scene_query(&a, "select count(v) from t"), "T D(3000) C:SELECT 1 Z:I");
	ck_assert_int_gt(pages_kept(), 1000000);
	/* It is used between two looks. */
	pool_rest_connections(pool, now + POOL_REST_MS);
	ck_assert_str_eq(scene_query(&a, "select count(v) from t"), "T D(3000) C:SELECT 1 Z:I");
	pool_rest_connections(pool, now + 2 * POOL_REST_MS);
	ck_assert_int_gt(pages_kept(), 1000000);
	/* Too soon. */
	pool_rest_connections(pool, now + 2 * POOL_REST_MS + 1);
	ck_assert_int_gt(pages_kept(), 1000000);
	pool_rest_connections(pool, now + 3 * POOL_REST_MS);
	ck_assert_int_lt(pages_kept(), 100000);
	ck_assert_str_eq(scene_query(&a, "select count(v) from t"), "T D(3000) C:SELECT 1 Z:I");
	ck_assert_int_gt(pages_kept(), 1000000);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("session");

	tcase_add_checked_fixture(tc, scene_setup_serving, scene_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, one_is_let_in_to_its_own_database);
	tcase_add_test(tc, nobody_is_let_in_before_the_store_answers_or_during_a_stop);
	tcase_add_test(tc, a_role_may_what_it_may);
	tcase_add_test(tc, the_key_cancels_what_waits);
	tcase_add_test(tc, all_are_told_to_end);
	tcase_add_test(tc, an_idle_transaction_is_ended);
	tcase_add_test(tc, an_event_of_one_that_has_ended_is_not_for_its_successor);
	tcase_add_test(tc, a_connection_tells_of_nobody_who_gave_it_back);
	tcase_add_test(tc, connections_are_waited_for_and_passed_on);
	tcase_add_test(tc, a_connection_that_nobody_uses_gives_its_pages_back);
	return unit_run("sqlite session", tc, NULL);
}
