/* When clients that wait for a server connection are a failure of health. */
#include <string.h>

#include "common/clock.h"
#include "tests/unit/run.h"
#include "workers/postgres/pool/session.h"

#define TIMEOUT_MS 5000

/* Check's fixtures take no argument. */
static struct pg_pool pool;
static struct pg_session session, later;
static struct conf conf;
static struct worker worker = { .conf = &conf };
static bool available;
static char text[256];

bool
pg_store_is_available(const struct pg_store *store)
{
	(void)store;
	return available;
}

static void
set_up(void)
{
	conf.database.backend = CONF_BACKEND_POSTGRES;
	conf.database.postgres.health.timeout = TIMEOUT_MS;
	pool = (struct pg_pool) { .worker = &worker, .nservers_max = 5 };
	TAILQ_INIT(&pool.waiting);
	available = true;
	text[0] = '\0';
}

/* It has waited for so long. */
static void
wait_since(struct pg_session *of, int64_t ms)
{
	of->since = clock_now_ms() - ms;
	TAILQ_INSERT_TAIL(&pool.waiting, of, waiting);
	pool.nwaiting++;
}

static bool
serves(void)
{
	return pg_pool_serves(&pool, text, sizeof(text));
}

START_TEST(test_who_waits_at_the_first_look)
{
	wait_since(&session, 10);
	ck_assert(serves());
	ck_assert(serves());
}
END_TEST

START_TEST(test_who_waits_after_a_long_silence)
{
	ck_assert(serves());
	pool.answered_ms -= 6 * TIMEOUT_MS;
	wait_since(&session, 10);
	ck_assert(serves());
}
END_TEST

START_TEST(test_nobody_is_answered)
{
	ck_assert(serves());
	pool.answered_ms -= 2 * TIMEOUT_MS;
	wait_since(&session, TIMEOUT_MS + 1);
	ck_assert(!serves());
	ck_assert_ptr_nonnull(strstr(text, "1 wait, and all 5 server connections"));
	pool.answered++;
	ck_assert(serves());
}
END_TEST

/* Who waited longest gives up, and another waits: nobody is answered all the same. */
START_TEST(test_others_wait_by_now)
{
	wait_since(&session, 10);
	ck_assert(serves());
	pool.answered_ms -= TIMEOUT_MS;
	TAILQ_REMOVE(&pool.waiting, &session, waiting);
	pool.nwaiting--;
	wait_since(&later, 1);
	ck_assert(!serves());
}
END_TEST

/* One waits for long while others are answered until a moment ago. */
START_TEST(test_answers_end)
{
	wait_since(&session, 4 * TIMEOUT_MS);
	pool.answered++;
	ck_assert(serves());
	ck_assert(serves());
	pool.answered_ms -= TIMEOUT_MS;
	ck_assert(!serves());
}
END_TEST

START_TEST(test_no_failure)
{
	wait_since(&session, 2 * TIMEOUT_MS);
	pool.paused = true;
	ck_assert(serves());
	pool.paused = false;
	pool.answered_ms -= 2 * TIMEOUT_MS;
	available = false;
	ck_assert(serves());
	available = true;
	ck_assert(serves());
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("health");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_test(tcase, test_who_waits_at_the_first_look);
	tcase_add_test(tcase, test_who_waits_after_a_long_silence);
	tcase_add_test(tcase, test_nobody_is_answered);
	tcase_add_test(tcase, test_others_wait_by_now);
	tcase_add_test(tcase, test_answers_end);
	tcase_add_test(tcase, test_no_failure);
	return unit_run("postgres/pool_health", tcase, NULL);
}
