/*
 * The heap of deadlines: due in order, moved, cleared, and told by the timer.
 */
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/run.h"
#include "workers/sqlite/pool/deadline.h"
#include "workers/sqlite/pool/pool.h"

#define SESSIONS 500

static struct pool pool;
static struct pool_task *sessions;

static void
setup(void)
{
	pool = (struct pool) { .timer_at = CLOCK_NEVER };
	pool.timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	sessions = calloc(SESSIONS, sizeof(*sessions));
	ck_assert_ptr_nonnull(sessions);
}

static void
teardown(void)
{
	close(pool.timer_fd);
	free(pool.deadlines);
	free(sessions);
}

START_TEST(due_in_order)
{
	int64_t last = 0;

	for (int i = 0; i < SESSIONS; i++)
		deadline_set(&pool, &sessions[i], 1 + (i * 7919) % 1000);
	for (int i = 0; i < SESSIONS; i++) {
		struct pool_task *session = deadline_next_due(&pool, 1000);

		ck_assert_ptr_nonnull(session);
		ck_assert_int_ge(session->deadline, last);
		ck_assert_uint_eq(session->deadline_index, 0);
		last = session->deadline;
	}
	ck_assert_ptr_null(deadline_next_due(&pool, 1000));
}
END_TEST

START_TEST(cleared_ones_never_come)
{
	unsigned found = 0;
	struct pool_task *session;

	for (int i = 0; i < SESSIONS; i++)
		deadline_set(&pool, &sessions[i], 1 + (i * 31) % 97);
	for (int i = 0; i < SESSIONS; i += 3)
		deadline_clear(&pool, &sessions[i]);
	while ((session = deadline_next_due(&pool, 1000)) != NULL) {
		ck_assert_int_ne((session - sessions) % 3, 0);
		found++;
	}
	ck_assert_uint_eq(found, SESSIONS - (SESSIONS + 2) / 3);
}
END_TEST

START_TEST(a_later_set_moves_it)
{
	deadline_set(&pool, &sessions[0], 10);
	deadline_set(&pool, &sessions[1], 20);
	deadline_set(&pool, &sessions[0], 30);
	ck_assert_uint_eq(pool.ndeadlines, 2);
	ck_assert_ptr_null(deadline_next_due(&pool, 19));
	ck_assert_ptr_eq(deadline_next_due(&pool, 20), &sessions[1]);
	deadline_set(&pool, &sessions[0], CLOCK_NEVER);
	ck_assert_ptr_null(deadline_next_due(&pool, 1000));
}
END_TEST

START_TEST(the_timer_goes_off_for_the_first)
{
	struct itimerspec when;

	deadline_set(&pool, &sessions[0], clock_now_ms() + 60000);
	ck_assert_int_eq(timerfd_gettime(pool.timer_fd, &when), 0);
	ck_assert_int_ge(when.it_value.tv_sec, 58);
	deadline_set(&pool, &sessions[1], clock_now_ms() + 5000);
	ck_assert_int_eq(timerfd_gettime(pool.timer_fd, &when), 0);
	ck_assert_int_le(when.it_value.tv_sec, 5);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("deadline");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, due_in_order);
	tcase_add_test(tc, cleared_ones_never_come);
	tcase_add_test(tc, a_later_set_moves_it);
	tcase_add_test(tc, the_timer_goes_off_for_the_first);
	return unit_run("sqlite deadline", tc, NULL);
}
