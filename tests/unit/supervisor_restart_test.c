/*
 * The restart policy with a fake clock, and when a disk has little room.
 */
#include <stdlib.h>

#include "supervisor/policy/restart.h"
#include "supervisor/host/room.h"
#include "tests/unit/run.h"

static const struct conf_health limit = { .interval = 5000,
	.action = CONF_ACTION_RETRY_LIMIT,
	.max_retries = 3,
	.retry_backoff = 10000 };

/* A process that is healthy from since to until, then fails. */
static struct restart_decision
fail_after(struct restart *restart, const struct conf_health *policy, int64_t since, int64_t until)
{
	restart_note_healthy(restart, since);
	return restart_decide(restart, policy, until);
}

START_TEST(healthy_for_an_interval_is_restarted_at_once)
{
	struct restart restart = { 0 };

	ck_assert_int_eq(fail_after(&restart, &limit, 1000, 6000).verdict, RESTART_AT_ONCE);
	ck_assert_int_eq(fail_after(&restart, &limit, 7000, 12000).verdict, RESTART_AT_ONCE);
	ck_assert_int_eq(restart.count, 2);
}
END_TEST

START_TEST(sooner_waits_the_backoff)
{
	struct restart restart = { 0 };
	struct restart_decision decision;

	(void)fail_after(&restart, &limit, 1000, 6000);
	decision = fail_after(&restart, &limit, 7000, 11999);
	ck_assert_int_eq(decision.verdict, RESTART_LATER);
	ck_assert_int_eq(decision.delay_ms, 10000);
}
END_TEST

START_TEST(first_death_of_what_was_healthy_is_an_accident)
{
	struct restart restart = { 0 };

	ck_assert_int_eq(fail_after(&restart, &limit, 1000, 1001).verdict, RESTART_AT_ONCE);
	ck_assert_int_eq(fail_after(&restart, &limit, 1002, 1003).verdict, RESTART_LATER);
}
END_TEST

START_TEST(never_healthy_waits)
{
	struct restart restart = { 0 };

	ck_assert_int_eq(restart_decide(&restart, &limit, 50).verdict, RESTART_LATER);
}
END_TEST

START_TEST(limit_gives_up_after_max_retries)
{
	struct restart restart = { 0 };

	for (int i = 0; i < 3; i++)
		ck_assert_int_ne(restart_decide(&restart, &limit, 1000 * i).verdict, RESTART_GIVE_UP);
	ck_assert_int_eq(restart_decide(&restart, &limit, 4000).verdict, RESTART_GIVE_UP);
}
END_TEST

START_TEST(count_is_forgotten_after_long_health)
{
	struct restart restart = { 0 };

	for (int i = 0; i < 3; i++)
		(void)restart_decide(&restart, &limit, 1000 * i);
	/* 3 * 10 s, but for a millisecond, is not enough. */
	ck_assert_int_eq(fail_after(&restart, &limit, 10000, 39999).verdict, RESTART_GIVE_UP);
	restart.count = 3;
	ck_assert_int_eq(fail_after(&restart, &limit, 50000, 80000).verdict, RESTART_AT_ONCE);
	ck_assert_int_eq(restart.count, 1);
}
END_TEST

START_TEST(no_backoff_still_takes_an_interval_to_forget)
{
	struct conf_health policy = limit;
	struct restart restart = { 0 };

	policy.retry_backoff = 0;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(fail_after(&restart, &policy, 100 * i + 1, 100 * i + 2).delay_ms, 0);
	ck_assert_int_eq(fail_after(&restart, &policy, 1000, 5999).verdict, RESTART_GIVE_UP);
}
END_TEST

START_TEST(always_never_gives_up)
{
	struct conf_health policy = limit;
	struct restart restart = { 0 };

	policy.action = CONF_ACTION_RETRY_ALWAYS;
	for (int i = 0; i < 1000; i++)
		ck_assert_int_ne(restart_decide(&restart, &policy, i).verdict, RESTART_GIVE_UP);
}
END_TEST

START_TEST(shutdown_gives_up_at_the_first)
{
	struct conf_health policy = limit;
	struct restart restart = { 0 };

	policy.action = CONF_ACTION_SHUTDOWN;
	ck_assert_int_eq(fail_after(&restart, &policy, 1, 1000000).verdict, RESTART_GIVE_UP);
}
END_TEST

START_TEST(health_is_noted_from_its_beginning)
{
	struct restart restart = { 0 };

	restart_note_healthy(&restart, 1000);
	restart_note_healthy(&restart, 5000);
	(void)restart_decide(&restart, &limit, 5500);
	restart_note_healthy(&restart, 6000);
	restart_note_healthy(&restart, 10000);
	ck_assert_int_eq(restart_decide(&restart, &limit, 11000).verdict, RESTART_AT_ONCE);
}
END_TEST

#define GIB ((uint64_t)1 << 30)

START_TEST(little_room_is_a_tenth_or_four_gibibytes)
{
	ck_assert(room_is_low(9, 100, false));
	ck_assert(!room_is_low(10, 100, false));
	ck_assert(!room_is_low(5 * GIB, 1000 * GIB, false));
	ck_assert(room_is_low(4 * GIB - 1, 1000 * GIB, false));
	/* Once little, it is so until there is clearly more. */
	ck_assert(room_is_low(11, 100, true));
	ck_assert(!room_is_low(12, 100, true));
	ck_assert(room_is_low(5 * GIB - 1, 1000 * GIB, true));
	ck_assert(!room_is_low(5 * GIB, 1000 * GIB, true));
	ck_assert(!room_is_low(0, 0, false));
}
END_TEST

int
main(void)
{
	TCase *policy = tcase_create("policy");

	tcase_add_test(policy, healthy_for_an_interval_is_restarted_at_once);
	tcase_add_test(policy, sooner_waits_the_backoff);
	tcase_add_test(policy, first_death_of_what_was_healthy_is_an_accident);
	tcase_add_test(policy, never_healthy_waits);
	tcase_add_test(policy, limit_gives_up_after_max_retries);
	tcase_add_test(policy, count_is_forgotten_after_long_health);
	tcase_add_test(policy, no_backoff_still_takes_an_interval_to_forget);
	tcase_add_test(policy, always_never_gives_up);
	tcase_add_test(policy, shutdown_gives_up_at_the_first);
	tcase_add_test(policy, health_is_noted_from_its_beginning);
	tcase_add_test(policy, little_room_is_a_tenth_or_four_gibibytes);
	return unit_run("supervisor restart", policy, NULL);
}
