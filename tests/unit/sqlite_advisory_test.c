/* Advisory locks: what sessions take, give back and lose in random order, beside a plain count of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/sqlite/session/advisory.h"

#define SESSIONS 4
#define KEYS 5
#define STEPS 200000

/* [session][key][shared][transaction] */
static unsigned counts[SESSIONS][KEYS][2][2];
static struct advisory_locks locks;

/* Keys alike in number that are of two kinds. */
static struct sql_advisory
lock_of(unsigned key, bool shared, bool transaction)
{
	return (
	    struct sql_advisory) { .key = key / 2, .pair = key % 2 == 1, .shared = shared, .transaction = transaction };
}

static bool
is_free(unsigned session, unsigned key, bool shared)
{
	for (unsigned other = 0; other < SESSIONS; other++) {
		unsigned alone = counts[other][key][0][0] + counts[other][key][0][1];

		if (other != session && alone + (shared ? 0 : counts[other][key][1][0] + counts[other][key][1][1]) > 0)
			return false;
	}
	return true;
}

static void
take(unsigned session, unsigned key, bool shared, bool transaction)
{
	struct sql_advisory lock = lock_of(key, shared, transaction);
	bool wanted = is_free(session, key, shared);

	ck_assert_int_eq(advisory_take(&locks, session + 1, &lock), wanted);
	counts[session][key][shared][transaction] += wanted;
}

static void
give(unsigned session, unsigned key, bool shared)
{
	struct sql_advisory lock = lock_of(key, shared, false);
	bool wanted = counts[session][key][shared][0] > 0;

	ck_assert_int_eq(advisory_give(&locks, session + 1, &lock), wanted);
	counts[session][key][shared][0] -= wanted;
}

static void
give_all(unsigned session, bool own, bool transaction)
{
	advisory_give_all(&locks, session + 1, own, transaction);
	for (unsigned key = 0; key < KEYS; key++)
		for (unsigned shared = 0; shared < 2; shared++) {
			if (own)
				counts[session][key][shared][0] = 0;
			if (transaction)
				counts[session][key][shared][1] = 0;
		}
}

START_TEST(test_random)
{
	unsigned seed = 20261130;

	for (int step = 0; step < STEPS; step++) {
		unsigned r = (unsigned)rand_r(&seed), session = r % SESSIONS, key = r / 8 % KEYS;
		bool shared = r / 64 % 2 == 1, transaction = r / 128 % 2 == 1;

		if (r / 256 % 64 == 0)
			give_all(session, !transaction || shared, transaction);
		else if (r / 256 % 2 == 0)
			take(session, key, shared, transaction);
		else
			give(session, key, shared);
	}
}
END_TEST

START_TEST(test_bound)
{
	for (int64_t key = 0; key < ADVISORY_LOCKS_MAX; key++)
		ck_assert_int_eq(advisory_take(&locks, 1, &(struct sql_advisory) { .key = key }), 1);
	ck_assert_int_eq(advisory_take(&locks, 1, &(struct sql_advisory) { .key = -1 }), -1);
	ck_assert_int_eq(advisory_take(&locks, 1, &(struct sql_advisory) { .key = 0 }), 1);
	ck_assert_int_eq(advisory_take(&locks, 2, &(struct sql_advisory) { .key = 0 }), 0);
	advisory_give_all(&locks, 1, true, true);
	ck_assert_int_eq(advisory_take(&locks, 2, &(struct sql_advisory) { .key = 0 }), 1);
}
END_TEST

static void
set_up(void)
{
	memset(&locks, 0, sizeof(locks));
	ck_assert_int_eq(advisory_open(&locks), 0);
}

static void
tear_down(void)
{
	free(locks.holdings);
}

int
main(void)
{
	TCase *tcase = tcase_create("advisory");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_random);
	tcase_add_test(tcase, test_bound);
	return unit_run("sqlite advisory locks", tcase, NULL);
}
