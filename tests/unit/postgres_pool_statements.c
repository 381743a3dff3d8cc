/*
 * What is known of prepared statements on a server connection: checked once, old after a definition, in doubt after
 * what others did.
 */
#include "tests/unit/postgres_pool_scene.h"
#include "tests/unit/run.h"

static void
answer_all(const char *row, size_t row_size)
{
	static const uint8_t types[] = { 0, 0 };

	while (backend_head(&backends[0]) != NULL) {
		if (backend_head(&backends[0])->kind == REQUEST_DESCRIBE) {
			backend_learn_types(&backends[0], types, sizeof(types));
			backend_learn_row(&backends[0], (const uint8_t *)row, row_size);
		}
		backend_pop(&backends[0]);
	}
}

#define ROW(name, type) "\0\1" name "\0\0\0\0\1\0\1\0\0\0" type "\0\4\xff\xff\xff\xff\0\0"
#define ROW_OF_OTHER_TABLE "\0\1a\0\0\0\0\2\0\1\0\0\0\x17\0\4\xff\xff\xff\xff\0\0"

static struct named *
name_of(const char *name, struct pg_statement *statement)
{
	return names_add(&session.names, name, statement);
}

START_TEST(test_statements_are_checked_once)
{
	struct named *named = name_of("s", described("select 1", ROW("a", "\x17"), 22));
	size_t end;

	attach();
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_AWAITED);
	ck_assert(backends[0].checking);
	ck_assert_uint_eq(backends[0].nrequests, 2);
	answer_all(ROW("a", "\x17"), 22);
	ck_assert(!backends[0].checking);
	ck_assert(session.is_runnable);
	end = backends[0].out.end;
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_READY);
	ck_assert_uint_eq(backends[0].out.end, end);
}
END_TEST

START_TEST(test_a_parse_that_fails_leaves_nothing)
{
	struct named *named = name_of("s", described("select 1", ROW("a", "\x17"), 22));

	attach();
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_AWAITED);
	backend_skip_to_sync(&backends[0]);
	ck_assert_uint_eq(backends[0].cache.n, 0);
	ck_assert(!backends[0].checking);
	/* What refers to it is dropped as well. */
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_READY);
}
END_TEST

START_TEST(test_another_row_is_an_error)
{
	struct named *named = name_of("s", described("select a from t", ROW("a", "\x17"), 22));

	attach();
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_AWAITED);
		answer_all(ROW("a", "\x19"), 22);
		ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_CHANGED);
	}
	/* A table that was made again is none. */
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_AWAITED);
	answer_all(ROW_OF_OTHER_TABLE, 22);
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_READY);
}
END_TEST

START_TEST(test_what_others_parsed_is_old_after_a_definition)
{
	struct named *named = name_of("s", described("select a from t", ROW("a", "\x17"), 22));

	attach();
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_AWAITED);
	answer_all(ROW("a", "\x17"), 22);
	session.id = 8;
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_READY);
	backend_note_definition(&backends[1], "ALTER TABLE");
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_READY);
	backend_note_end(&backends[1]);
	/* It is session 7's own, which PostgreSQL itself keeps fresh. */
	session.id = 7;
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_READY);
	session.id = 8;
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_AWAITED);
	answer_all(ROW("a", "\x17"), 22);
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_READY);
	/* What code did is not told: bibd's logins are looked at, at the end and once. */
	ck_assert_uint_eq(pool.logins, 0);
	backend_note_definition(&backends[1], "DO");
	backend_note_definition(&backends[1], "CALL");
	ck_assert_uint_eq(pool.logins, 0);
	backend_note_end(&backends[1]);
	backend_note_end(&backends[1]);
	ck_assert_uint_eq(pool.logins, 1);
	/* What is no definition. */
	backend_note_definition(&backends[1], "INSERT 0 1");
	ck_assert(!backends[1].has_defined);
}
END_TEST

/* The session comes to a connection with its statement, and uses it; the request of that is in *request. */
static struct named *
use_of(const char *name, const char *text, struct request *request)
{
	struct named *named = name_of(name, described(text, ROW("a", "\x17"), 22));

	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_AWAITED);
	answer_all(ROW("a", "\x17"), 22);
	ck_assert_int_eq(backend_need_statement(&backends[0], named), STATEMENT_READY);
	*request = (struct request) { .kind = REQUEST_BIND };
	pg_session_note_use(&session, named, request);
	ck_assert_ptr_eq(request->use, named);
	return named;
}

START_TEST(test_dates_are_in_doubt_when_others_used_them)
{
	struct request request, again = { .kind = REQUEST_BIND };
	struct named *dates, *others, *none;

	attach();
	dates = use_of("d", "select date '01/02/2026'", &request);
	none = use_of("n", "select 1", &request);
	pg_session_note_use(&session, dates, &again);
	ck_assert_ptr_null(again.use);
	session.dates++;
	ck_assert(!pg_session_is_in_doubt(&session, dates));
	/* Another session's use: the number is not this one's any more. */
	others = name_of("o", pg_statement_reference(dates->statement));
	pg_session_note_use(&session, others, &again);
	ck_assert(pg_session_is_in_doubt(&session, dates));
	ck_assert(!pg_session_is_in_doubt(&session, none));
	backends[0].status = 'E';
	ck_assert(!pg_session_is_in_doubt(&session, dates));
	backends[0].status = 'I';
	/* Where nobody else can define anything, until somebody has. */
	pool.prepared.all_are_known = true;
	ck_assert(!pg_session_is_in_doubt(&session, dates));
	backend_note_definition(&backends[1], "SELECT 1");
	ck_assert(!pg_session_is_in_doubt(&session, dates));
	backend_note_definition(&backends[1], "TRUNCATE TABLE");
	ck_assert(pg_session_is_in_doubt(&session, dates));
	pg_session_read_again(&session);
	ck_assert(!pg_session_is_in_doubt(&session, dates));
}
END_TEST

START_TEST(test_a_dropped_use_is_none)
{
	struct request request;
	struct named *dates;

	attach();
	dates = use_of("d", "select date '01/02/2026'", &request);
	push(REQUEST_BIND);
	backend_push(&backends[0], request);
	push(REQUEST_SYNC);
	backend_skip_to_sync(&backends[0]);
	ck_assert(!pg_session_is_in_doubt(&session, dates));
	session.dates++;
	ck_assert(pg_session_is_in_doubt(&session, dates));
}
END_TEST

void
add_statement_tests(TCase *tc)
{
	tcase_add_test(tc, test_statements_are_checked_once);
	tcase_add_test(tc, test_a_parse_that_fails_leaves_nothing);
	tcase_add_test(tc, test_another_row_is_an_error);
	tcase_add_test(tc, test_what_others_parsed_is_old_after_a_definition);
	tcase_add_test(tc, test_dates_are_in_doubt_when_others_used_them);
	tcase_add_test(tc, test_a_dropped_use_is_none);
}
