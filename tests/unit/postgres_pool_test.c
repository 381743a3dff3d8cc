/* What a server connection is asked, and which connection a session gets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/postgres_pool_scene.h"
#include "tests/unit/run.h"

/* Check's fixtures take no argument. */
struct pg_pool pool;
struct backend backends[4];
static struct backend *slots[4];
struct pg_session session;
static struct pg_settings_table settings;
static struct conf conf;
static struct worker worker = { .conf = &conf };

/* What they would do takes sockets. */
void
pg_session_make_runnable(struct pg_session *of)
{
	of->is_runnable = true;
}

void
pg_session_pin(struct pg_session *of)
{
	of->pinned = true;
}

void
pg_session_put_types(struct pg_session *of, const struct pg_statement *statement)
{
	(void)statement;
	pgwire_put_empty(&of->out, 't');
}

void
pg_pool_doubt_logins(struct pg_pool *of)
{
	of->doubts_logins = true;
}

void
pg_pool_look_at_logins(struct pg_pool *of)
{
	of->logins++;
}

static void
set_up(void)
{
	ck_assert_int_eq(pg_settings_open(&settings), 0);
	pool = (struct pg_pool) { .backends = slots, .nservers_max = 4, .nservers = 4, .worker = &worker };
	memset(&conf.database.roles, 0, sizeof(conf.database.roles));
	session = (struct pg_session) { .pool = &pool, .id = 7, .role = ROLE_WRITE };
	prepared_open(&pool.prepared, &settings, 1);
	for (unsigned i = 0; i < ROLES; i++)
		TAILQ_INIT(&pool.idle[i]);
	for (unsigned i = 0; i < 4; i++) {
		backends[i] =
		    (struct backend) { .pool = &pool, .slot = i, .serial = 10 + i, .role = ROLE_WRITE, .status = 'I' };
		cache_open(&backends[i].cache);
		slots[i] = &backends[i];
	}
}

static void
tear_down(void)
{
	for (unsigned i = 0; i < 4; i++) {
		backend_drop_requests(&backends[i]);
		cache_clear(&backends[i].cache);
		pgwire_buffer_free(&backends[i].out);
		free(backends[i].requests);
	}
	names_clear(&session.names);
	pgwire_buffer_free(&session.out);
	pg_settings_close(&settings);
}

struct pg_statement *
described(const char *text, const char *row, size_t row_size)
{
	static const uint8_t types[] = { 0, 0 };
	struct description description = { .types = types,
		.types_size = 2,
		.row = (const uint8_t *)row,
		.row_size = row_size };
	uint8_t body[64] = { 0 };
	struct pg_statement *fresh, *statement;

	fresh = pg_statement_new(&pool.prepared, body, (size_t)snprintf((char *)body, 60, "%s", text) + 3,
	    pg_settings_reference(settings.empty));
	statement = pg_statement_described(fresh, &description);
	pg_statement_release(fresh);
	return statement;
}

/* ---- choosing ---- */

static void
make_idle(unsigned i, uint64_t owner)
{
	backends[i].state = BACKEND_IDLE;
	backends[i].owner = owner;
	TAILQ_INSERT_TAIL(&pool.idle[backends[i].role], &backends[i], entry);
}

START_TEST(test_choose_its_own)
{
	session.last_slot = 2;
	session.last_serial = 12;
	make_idle(0, 0);
	make_idle(2, 99);
	ck_assert_ptr_eq(pg_pool_choose(&pool, &session, true, 0), &backends[2]);
	/* That connection is another one now. */
	backends[2].serial = 50;
	ck_assert_ptr_eq(pg_pool_choose(&pool, &session, true, 0), &backends[0]);
	slots[2] = NULL;
	ck_assert_ptr_eq(pg_pool_choose(&pool, &session, true, 0), &backends[0]);
}
END_TEST

START_TEST(test_choose_new_before_anothers)
{
	make_idle(1, 99);
	ck_assert_ptr_eq(pg_pool_choose(&pool, &session, true, 0), &backends[1]);
	pool.nservers = 3;
	ck_assert_ptr_null(pg_pool_choose(&pool, &session, true, 0));
	ck_assert_ptr_eq(pg_pool_choose(&pool, &session, false, 0), &backends[1]);
	/* It has waited for the new one for long. */
	session.is_waiting = true;
	session.since = 1000;
	ck_assert_ptr_null(pg_pool_choose(&pool, &session, true, 1100));
	ck_assert_ptr_eq(pg_pool_choose(&pool, &session, true, 1500), &backends[1]);
}
END_TEST

START_TEST(test_choose_of_its_role)
{
	backends[0].role = ROLE_QUERY;
	backends[1].role = ROLE_AUDIT;
	make_idle(0, 5);
	make_idle(1, 0);
	ck_assert_ptr_null(pg_pool_choose(&pool, &session, true, 0));
	ck_assert_ptr_eq(pg_pool_choose_other_role(&pool, ROLE_WRITE), &backends[1]);
	ck_assert_ptr_eq(pg_pool_choose_other_role(&pool, ROLE_AUDIT), &backends[0]);
}
END_TEST

/* ---- requests ---- */

void
push(enum request_kind kind)
{
	backend_push(&backends[0], (struct request) { .kind = (uint8_t)kind });
}

void
attach(void)
{
	backends[0].session = &session;
	session.backend = &backends[0];
}

START_TEST(test_requests_in_order)
{
	static const enum request_kind kinds[] = { REQUEST_PARSE, REQUEST_BIND, REQUEST_EXECUTE, REQUEST_SYNC };

	attach();
	for (unsigned i = 0; i < 1000; i++)
		push(kinds[i % 4]);
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert_int_eq(backend_head(&backends[0])->kind, kinds[i % 4]);
		backend_pop(&backends[0]);
	}
	ck_assert_ptr_null(backend_head(&backends[0]));
}
END_TEST

START_TEST(test_error_skips_to_sync)
{
	struct named *a, *b;

	attach();
	a = names_add(&session.names, "a", described("x", NULL, 0));
	b = names_add(&session.names, "b", NULL);
	backend_push(&backends[0], (struct request) { .kind = REQUEST_PARSE, .named = a, .hash = a->hash });
	push(REQUEST_BIND);
	names_take(&session.names, b);
	backend_push(&backends[0], (struct request) { .kind = REQUEST_CLOSED, .named = b });
	push(REQUEST_SYNC);
	push(REQUEST_QUERY);
	backend_skip_to_sync(&backends[0]);
	/* What was parsed is gone, and what was closed is back. */
	ck_assert_ptr_null(names_find(&session.names, "a"));
	ck_assert_ptr_eq(names_find(&session.names, "b"), b);
	ck_assert(!backends[0].skipping);
	ck_assert_int_eq(backend_head(&backends[0])->kind, REQUEST_SYNC);
	ck_assert_uint_eq(backends[0].nrequests, 2);
}
END_TEST

START_TEST(test_error_before_sync)
{
	struct named *late;

	attach();
	push(REQUEST_BIND);
	push(REQUEST_EXECUTE);
	backend_skip_to_sync(&backends[0]);
	ck_assert(backends[0].skipping);
	ck_assert(backends[0].unsynced);
	late = names_add(&session.names, "late", NULL);
	backend_push(&backends[0], (struct request) { .kind = REQUEST_PARSE, .named = late, .hash = late->hash });
	push(REQUEST_QUERY);
	ck_assert_uint_eq(backends[0].nrequests, 0);
	ck_assert_ptr_null(names_find(&session.names, "late"));
	push(REQUEST_SYNC);
	push(REQUEST_QUERY);
	ck_assert_uint_eq(backends[0].nrequests, 2);
}
END_TEST

START_TEST(test_answers_of_its_own)
{
	attach();
	push(REQUEST_CLOSED);
	ck_assert_uint_eq(session.out.end, 5);
	push(REQUEST_BIND);
	push(REQUEST_CLOSED);
	push(REQUEST_DESCRIBED);
	ck_assert_uint_eq(session.out.end, 5);
	backend_pop(&backends[0]);
	ck_assert_uint_eq(session.out.end, 20);
	ck_assert_uint_eq(backends[0].nrequests, 0);
}
END_TEST

START_TEST(test_copy_forgets_sync)
{
	attach();
	push(REQUEST_EXECUTE);
	push(REQUEST_SYNC);
	backend_forget_syncs(&backends[0]);
	ck_assert_uint_eq(backends[0].nrequests, 1);
	ck_assert(backends[0].unsynced);
	push(REQUEST_SYNC);
	backend_pop(&backends[0]);
	ck_assert_int_eq(backend_head(&backends[0])->kind, REQUEST_SYNC);
}
END_TEST

START_TEST(test_names_are_given_back_backwards)
{
	struct named *first, *second;

	attach();
	first = names_add(&session.names, "s", described("one", NULL, 0));
	push(REQUEST_BIND);
	names_take(&session.names, first);
	backend_push(&backends[0], (struct request) { .kind = REQUEST_CLOSED, .named = first });
	second = names_add(&session.names, "s", described("two", NULL, 0));
	backend_push(&backends[0], (struct request) { .kind = REQUEST_PARSE, .named = second, .hash = second->hash });
	push(REQUEST_SYNC);
	backend_skip_to_sync(&backends[0]);
	ck_assert_ptr_eq(names_find(&session.names, "s"), first);
}
END_TEST

START_TEST(test_unnamed_is_given_back)
{
	struct pg_statement *before = described("before", NULL, 0), *later = described("later", NULL, 0);

	attach();
	push(REQUEST_BIND);
	session.unnamed = (struct pg_session_unnamed) { .serial = 2, .statement = later };
	backends[0].unnamed = 2;
	backend_push(&backends[0],
	    (struct request) { .kind = REQUEST_PARSE,
		.flags = REQUEST_UNNAMED,
		.before = 1,
		.before_reading = 5,
		.before_here = 1,
		.before_statement = before });
	push(REQUEST_SYNC);
	backend_skip_to_sync(&backends[0]);
	ck_assert_uint_eq(session.unnamed.serial, 1);
	ck_assert_ptr_eq(session.unnamed.statement, before);
	ck_assert_uint_eq(session.unnamed.reading, 5);
	/* The server has not forgotten it. */
	ck_assert_uint_eq(backends[0].unnamed, 1);
	pg_statement_release(before);
	session.unnamed = (struct pg_session_unnamed) { 0 };
}
END_TEST

/* So many sessions of one role may have a connection, also where they keep them; others' do not count. */
START_TEST(test_bound_of_a_role)
{
	pool.nservers_max = 20;
	pool.nused_roles[ROLE_WRITE] = 17;
	ck_assert(!pg_pool_role_is_full(&pool, ROLE_WRITE));
	pool.nused_roles[ROLE_WRITE] = 18;
	ck_assert(pg_pool_role_is_full(&pool, ROLE_WRITE));
	ck_assert(!pg_pool_may_have_one(&pool, &session));
	ck_assert(!pg_pool_role_is_full(&pool, ROLE_QUERY));
	ck_assert_uint_eq(pg_pool_role_limit(&pool, ROLE_ADMIN), 20 + POOL_ADMIN_RESERVE);
	conf.database.roles[ROLE_WRITE].max_connections = 19;
	ck_assert(pg_pool_may_have_one(&pool, &session));
	conf.database.roles[ROLE_WRITE].max_connections = 3;
	ck_assert(!pg_pool_may_have_one(&pool, &session));
	/* bibd's own check is of no role, and does not wait behind one's. */
	session.peer.is_check = true;
	ck_assert(pg_pool_may_have_one(&pool, &session));
	pool.nidle_roles[ROLE_WRITE] = pool.nidle_roles[ROLE_QUERY] = 1;
	ck_assert_int_eq(pg_pool_choose_role(&pool, ROLE_ADMIN), ROLE_QUERY);
	pool.nidle_roles[ROLE_WRITE] = pool.nidle_roles[ROLE_QUERY] = 0;
	ck_assert_int_eq(pg_pool_choose_role(&pool, ROLE_ADMIN), ROLE_ADMIN);
	/* A small pool is nobody's in part. */
	pool.nservers_max = 4;
	conf.database.roles[ROLE_WRITE].max_connections = 0;
	ck_assert_uint_eq(pg_pool_role_limit(&pool, ROLE_WRITE), 4);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pool");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_bound_of_a_role);
	tcase_add_test(tc, test_choose_its_own);
	tcase_add_test(tc, test_choose_new_before_anothers);
	tcase_add_test(tc, test_choose_of_its_role);
	tcase_add_test(tc, test_requests_in_order);
	tcase_add_test(tc, test_error_skips_to_sync);
	tcase_add_test(tc, test_error_before_sync);
	tcase_add_test(tc, test_answers_of_its_own);
	tcase_add_test(tc, test_copy_forgets_sync);
	tcase_add_test(tc, test_names_are_given_back_backwards);
	tcase_add_test(tc, test_unnamed_is_given_back);
	add_statement_tests(tc);
	return unit_run("postgres_pool", tc, NULL);
}
