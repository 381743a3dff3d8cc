/* What a server connection is asked, and which connection a session gets. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "workers/postgres/server.h"
#include "workers/postgres/session.h"

/* Check's fixtures take no argument. */
static struct pool pool;
static struct server servers[4];
static struct server *slots[4];
static struct session session;

static void
set_up(void)
{
	pool = (struct pool) { .servers = slots, .nservers_max = 4, .nservers = 4 };
	session = (struct session) { .pool = &pool, .id = 7, .role = ROLE_WRITE };
	prepared_open(&pool.prepared, 1);
	for (unsigned i = 0; i < ROLES; i++)
		TAILQ_INIT(&pool.idle[i]);
	for (unsigned i = 0; i < 4; i++) {
		servers[i] = (struct server) { .pool = &pool, .slot = i, .serial = 10 + i, .role = ROLE_WRITE, .status = 'I' };
		cache_open(&servers[i].cache);
		slots[i] = &servers[i];
	}
}

static void
tear_down(void)
{
	for (unsigned i = 0; i < 4; i++) {
		server_drop_requests(&servers[i]);
		cache_clear(&servers[i].cache);
		pgwire_buffer_free(&servers[i].out);
		free(servers[i].requests);
	}
	names_clear(&session.names);
	pgwire_buffer_free(&session.out);
}

/* ---- choosing ---- */

static void
make_idle(unsigned i, uint64_t owner)
{
	servers[i].state = SERVER_IDLE;
	servers[i].owner = owner;
	TAILQ_INSERT_TAIL(&pool.idle[servers[i].role], &servers[i], entry);
}

START_TEST(test_choose_its_own)
{
	session.last_slot = 2;
	session.last_serial = 12;
	make_idle(0, 0);
	make_idle(2, 99);
	ck_assert_ptr_eq(pool_choose(&pool, &session, true, 0), &servers[2]);
	/* That connection is another one now. */
	servers[2].serial = 50;
	ck_assert_ptr_eq(pool_choose(&pool, &session, true, 0), &servers[0]);
	slots[2] = NULL;
	ck_assert_ptr_eq(pool_choose(&pool, &session, true, 0), &servers[0]);
}
END_TEST

START_TEST(test_choose_new_before_anothers)
{
	make_idle(1, 99);
	ck_assert_ptr_eq(pool_choose(&pool, &session, true, 0), &servers[1]);
	pool.nservers = 3;
	ck_assert_ptr_null(pool_choose(&pool, &session, true, 0));
	ck_assert_ptr_eq(pool_choose(&pool, &session, false, 0), &servers[1]);
	/* It has waited for the new one for long. */
	session.is_waiting = true;
	session.since = 1000;
	ck_assert_ptr_null(pool_choose(&pool, &session, true, 1100));
	ck_assert_ptr_eq(pool_choose(&pool, &session, true, 1500), &servers[1]);
}
END_TEST

START_TEST(test_choose_of_its_role)
{
	servers[0].role = ROLE_QUERY;
	servers[1].role = ROLE_AUDIT;
	make_idle(0, 5);
	make_idle(1, 0);
	ck_assert_ptr_null(pool_choose(&pool, &session, true, 0));
	ck_assert_ptr_eq(pool_choose_other_role(&pool, ROLE_WRITE), &servers[1]);
	ck_assert_ptr_eq(pool_choose_other_role(&pool, ROLE_AUDIT), &servers[0]);
}
END_TEST

/* ---- requests ---- */

static void
push(enum request_kind kind)
{
	server_push(&servers[0], (struct request) { .kind = (uint8_t)kind });
}

static void
attach(void)
{
	servers[0].session = &session;
	session.server = &servers[0];
}

START_TEST(test_requests_in_order)
{
	static const enum request_kind kinds[] = { REQUEST_PARSE, REQUEST_BIND, REQUEST_EXECUTE, REQUEST_SYNC };

	attach();
	for (unsigned i = 0; i < 1000; i++)
		push(kinds[i % 4]);
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert_int_eq(server_head(&servers[0])->kind, kinds[i % 4]);
		server_pop(&servers[0]);
	}
	ck_assert_ptr_null(server_head(&servers[0]));
}
END_TEST

START_TEST(test_error_skips_to_sync)
{
	struct named *a, *b;
	uint8_t body[4] = "x";

	attach();
	a = names_add(&session.names, "a", statement_get(&pool.prepared, body, sizeof(body)));
	b = names_add(&session.names, "b", NULL);
	server_push(&servers[0], (struct request) { .kind = REQUEST_PARSE, .named = a, .hash = a->hash });
	push(REQUEST_BIND);
	names_take(&session.names, b);
	server_push(&servers[0], (struct request) { .kind = REQUEST_CLOSED, .named = b });
	push(REQUEST_SYNC);
	push(REQUEST_QUERY);
	server_skip_to_sync(&servers[0]);
	/* What was parsed is gone, and what was closed is back. */
	ck_assert_ptr_null(names_find(&session.names, "a"));
	ck_assert_ptr_eq(names_find(&session.names, "b"), b);
	ck_assert(!servers[0].skipping);
	ck_assert_int_eq(server_head(&servers[0])->kind, REQUEST_SYNC);
	ck_assert_uint_eq(servers[0].nrequests, 2);
}
END_TEST

START_TEST(test_error_before_sync)
{
	struct named *late;

	attach();
	push(REQUEST_BIND);
	push(REQUEST_EXECUTE);
	server_skip_to_sync(&servers[0]);
	ck_assert(servers[0].skipping);
	ck_assert(servers[0].unsynced);
	late = names_add(&session.names, "late", NULL);
	server_push(&servers[0], (struct request) { .kind = REQUEST_PARSE, .named = late, .hash = late->hash });
	push(REQUEST_QUERY);
	ck_assert_uint_eq(servers[0].nrequests, 0);
	ck_assert_ptr_null(names_find(&session.names, "late"));
	push(REQUEST_SYNC);
	push(REQUEST_QUERY);
	ck_assert_uint_eq(servers[0].nrequests, 2);
}
END_TEST

START_TEST(test_answers_of_its_own)
{
	attach();
	push(REQUEST_PARSED);
	ck_assert_uint_eq(session.out.end, 5);
	push(REQUEST_BIND);
	push(REQUEST_PARSED);
	push(REQUEST_PARSED);
	ck_assert_uint_eq(session.out.end, 5);
	server_pop(&servers[0]);
	ck_assert_uint_eq(session.out.end, 15);
	ck_assert_uint_eq(servers[0].nrequests, 0);
}
END_TEST

START_TEST(test_copy_forgets_sync)
{
	attach();
	push(REQUEST_EXECUTE);
	push(REQUEST_SYNC);
	server_forget_syncs(&servers[0]);
	ck_assert_uint_eq(servers[0].nrequests, 1);
	ck_assert(servers[0].unsynced);
	push(REQUEST_SYNC);
	server_pop(&servers[0]);
	ck_assert_int_eq(server_head(&servers[0])->kind, REQUEST_SYNC);
}
END_TEST

START_TEST(test_statements_are_prepared_once)
{
	uint8_t body[] = "select 1\0\0";
	struct statement *statement = statement_get(&pool.prepared, body, sizeof(body));
	size_t end;

	attach();
	server_need_statement(&servers[0], statement);
	ck_assert_uint_eq(servers[0].nrequests, 1);
	ck_assert_int_eq(server_head(&servers[0])->flags, REQUEST_INJECTED);
	end = servers[0].out.end;
	server_need_statement(&servers[0], statement);
	ck_assert_uint_eq(servers[0].out.end, end);
	/* It failed: it is not there. */
	server_skip_to_sync(&servers[0]);
	ck_assert_uint_eq(servers[0].cache.n, 0);
	statement_release(statement);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("postgres_pool");
	TCase *tc = tcase_create("pool");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_choose_its_own);
	tcase_add_test(tc, test_choose_new_before_anothers);
	tcase_add_test(tc, test_choose_of_its_role);
	tcase_add_test(tc, test_requests_in_order);
	tcase_add_test(tc, test_error_skips_to_sync);
	tcase_add_test(tc, test_error_before_sync);
	tcase_add_test(tc, test_answers_of_its_own);
	tcase_add_test(tc, test_copy_forgets_sync);
	tcase_add_test(tc, test_statements_are_prepared_once);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
