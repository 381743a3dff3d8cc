/* The event loop: timers under a fake clock, watches over pipes and eventfds. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/loop.h"
#include "tests/unit/run.h"

#define WATCHES 40

/* File scope: callbacks of the loop and the clock take no context of the test's. */
static struct loop loop;
static int64_t now;
static char order[64];
static struct loop_watch watches[WATCHES];
static unsigned calls;

static int64_t
fake_clock(void)
{
	return now;
}

static void
set_up(void)
{
	now = 1000;
	clock_set_fake(fake_clock);
	ck_assert_int_eq(loop_open(&loop, NULL), 0);
}

static void
tear_down(void)
{
	for (size_t i = 0; i < WATCHES; i++) {
		int fd = watches[i].loop != NULL ? watches[i].fd : -1;

		loop_watch_delete(&watches[i]);
		if (fd != -1)
			close(fd);
	}
	loop_close(&loop);
	loop_close(&loop);
	clock_set_fake(NULL);
}

static void
once(void)
{
	ck_assert_int_eq(loop_run_once(&loop, 0, NULL), 0);
}

/* ---- timers ---- */

static void
note(struct loop_timer *timer)
{
	ck_assert_ptr_null(timer->loop);
	strncat(order, timer->arg, 1);
}

/* Timers run by the time at which they are due, those of one time in the order in which they were set. */
START_TEST(test_timer_order)
{
	struct loop_timer t[5] = { 0 };
	char names[] = "abcde";
	static const int64_t ms[] = { 30, 10, 20, 10, 0 };

	for (size_t i = 0; i < 5; i++)
		loop_timer_set(&loop, &t[i], ms[i], note, &names[i]);
	once();
	ck_assert_str_eq(order, "e");
	now += 9;
	once();
	ck_assert_str_eq(order, "e");
	now += 1;
	once();
	ck_assert_str_eq(order, "ebd");
	now += 100;
	once();
	ck_assert_str_eq(order, "ebdca");
	once();
	ck_assert_str_eq(order, "ebdca");
}
END_TEST

START_TEST(test_timer_cancel_and_move)
{
	struct loop_timer a = { 0 }, b = { 0 };
	char names[] = "ab";

	loop_timer_cancel(&a);
	loop_timer_set(&loop, &a, 10, note, &names[0]);
	loop_timer_set(&loop, &b, 20, note, &names[1]);
	loop_timer_set(&loop, &a, 30, note, &names[0]);
	now += 25;
	once();
	ck_assert_str_eq(order, "b");
	loop_timer_cancel(&a);
	loop_timer_cancel(&a);
	now += 100;
	once();
	ck_assert_str_eq(order, "b");
}
END_TEST

/* One with slack wakes nobody: it runs when something else does, and when its own time has come. */
START_TEST(test_lazy_timer)
{
	struct loop_timer a = { 0 }, b = { 0 };
	char names[] = "ab";

	loop_timer_set_lazy(&loop, &a, 100, 30, note, &names[0]);
	loop_timer_set(&loop, &b, 69, note, &names[1]);
	now += 69;
	once();
	ck_assert_str_eq(order, "b");
	loop_timer_set(&loop, &b, 1, note, &names[1]);
	now += 1;
	once();
	ck_assert_str_eq(order, "bba");
	loop_timer_set_lazy(&loop, &a, 100, 30, note, &names[0]);
	now += 100;
	once();
	ck_assert_str_eq(order, "bbaa");
	/* So much slack would mean at once. */
	loop_timer_set_lazy(&loop, &a, 20, 30, note, &names[0]);
	once();
	ck_assert_str_eq(order, "bbaa");
	loop_timer_cancel(&a);
}
END_TEST

/* A callback cancels another that is due as well, and sets itself anew. */
static struct loop_timer first, second;

static void
cancel_second(struct loop_timer *timer)
{
	calls++;
	loop_timer_cancel(&second);
	loop_timer_set(&loop, timer, 10, cancel_second, NULL);
}

START_TEST(test_timer_callbacks_change_timers)
{
	char name[] = "x";

	loop_timer_set(&loop, &first, 5, cancel_second, NULL);
	loop_timer_set(&loop, &second, 5, note, name);
	now += 5;
	once();
	ck_assert_uint_eq(calls, 1);
	ck_assert_str_eq(order, "");
	now += 10;
	once();
	ck_assert_uint_eq(calls, 2);
	loop_timer_cancel(&first);
}
END_TEST

static void
stop_loop(struct loop_timer *timer)
{
	(void)timer;
	calls++;
	loop_stop(&loop);
}

START_TEST(test_wait_ends_with_the_timer)
{
	struct loop_timer t = { 0 };
	int64_t before;

	clock_set_fake(NULL);
	before = clock_now_ms();
	loop_timer_set(&loop, &t, 30, stop_loop, NULL);
	ck_assert_int_eq(loop_run(&loop, NULL), 0);
	ck_assert_uint_eq(calls, 1);
	ck_assert_int_ge(clock_now_ms() - before, 30);
	ck_assert_int_lt(clock_now_ms() - before, 5000);
}
END_TEST

START_TEST(test_wait_ends_in_time_without_a_timer)
{
	struct loop_timer t = { 0 };

	clock_set_fake(NULL);
	ck_assert_int_eq(loop_run_once(&loop, 1, NULL), 0);
	loop_timer_set(&loop, &t, CLOCK_NEVER / 2, note, NULL);
	ck_assert_int_eq(loop_run_once(&loop, 1, NULL), 0);
	ck_assert_ptr_eq(t.loop, &loop);
	loop_timer_cancel(&t);
}
END_TEST

/* A stop that comes before the run is not lost, and what is due after a stop waits. */
START_TEST(test_stop)
{
	struct loop_timer t = { 0 }, later = { 0 };
	char name[] = "l";

	loop_stop(&loop);
	ck_assert_int_eq(loop_run(&loop, NULL), 0);
	loop_timer_set(&loop, &t, 0, stop_loop, NULL);
	loop_timer_set(&loop, &later, 0, note, name);
	ck_assert_int_eq(loop_run(&loop, NULL), 0);
	ck_assert_uint_eq(calls, 1);
	ck_assert_str_eq(order, "");
	once();
	ck_assert_str_eq(order, "l");
}
END_TEST

/* ---- watches ---- */

static void
count(struct loop_watch *watch, uint32_t events)
{
	uint64_t value;

	ck_assert_uint_ne(events & (EPOLLIN | EPOLLOUT), 0);
	calls++;
	if ((events & EPOLLIN) != 0)
		(void)!read(watch->fd, &value, sizeof(value));
}

static void
add(struct loop_watch *watch, uint32_t events, loop_watch_fn *fn)
{
	int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(loop_watch_add(&loop, watch, fd, events, fn, watch, NULL), 0);
}

START_TEST(test_watch)
{
	add(&watches[0], EPOLLIN, count);
	once();
	ck_assert_uint_eq(calls, 1);
	once();
	ck_assert_uint_eq(calls, 1);
	loop_watch_events(&watches[0], EPOLLOUT);
	once();
	once();
	ck_assert_uint_eq(calls, 3);
	loop_watch_events(&watches[0], 0);
	once();
	ck_assert_uint_eq(calls, 3);
}
END_TEST

/* What comes while the loop gathers is delivered in one batch; then it waits as before. */
START_TEST(test_gather)
{
	static const long ns[] = { 1000000, 3000000 };

	clock_set_fake(NULL);
	for (size_t i = 0; i < 2; i++) {
		const struct itimerspec when = { .it_value.tv_nsec = ns[i] };
		int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

		ck_assert_int_eq(timerfd_settime(fd, 0, &when, NULL), 0);
		ck_assert_int_eq(loop_watch_add(&loop, &watches[i], fd, EPOLLIN, count, NULL, NULL), 0);
	}
	loop_gather(&loop, 10);
	once();
	ck_assert_uint_eq(calls, 2);
	ck_assert_int_eq(loop.gather_ms, 0);
}
END_TEST

START_TEST(test_watch_that_cannot_be)
{
	struct loop_watch watch;
	struct error e;

	ck_assert_int_eq(loop_watch_add(&loop, &watch, 9999, EPOLLIN, count, NULL, &e), -1);
	ck_assert_str_eq(e.code, "loop.watch");
	ck_assert_int_eq(watch.fd, -1);
	loop_watch_events(&watch, EPOLLOUT);
	loop_watch_delete(&watch);
	loop_watch_delete(&(struct loop_watch) { 0 });
}
END_TEST

/* More descriptors than fit one batch all have their turn. */
START_TEST(test_more_than_a_batch)
{
	for (size_t i = 0; i < WATCHES; i++)
		add(&watches[i], EPOLLIN, count);
	once();
	once();
	ck_assert_uint_eq(calls, WATCHES);
}
END_TEST

/* Whichever comes first in the batch takes all the others out, and their memory with them. */
static struct loop_watch *heap[8];

static void
delete_all(struct loop_watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	calls++;
	for (size_t i = 0; i < 8; i++) {
		int fd = heap[i]->fd;

		loop_watch_delete(heap[i]);
		close(fd);
		free(heap[i]);
	}
}

START_TEST(test_delete_in_a_batch)
{
	for (size_t i = 0; i < 8; i++) {
		heap[i] = calloc(1, sizeof(*heap[i]));
		ck_assert_ptr_nonnull(heap[i]);
		add(heap[i], EPOLLIN, delete_all);
	}
	once();
	ck_assert_uint_eq(calls, 1);
	once();
	ck_assert_uint_eq(calls, 1);
}
END_TEST

/* One that is deleted and added again in the batch is not told of what its last descriptor had. */
static void
replace_others(struct loop_watch *watch, uint32_t events)
{
	(void)events;
	calls++;
	for (size_t i = 0; i < 2; i++) {
		int fd = watches[i].fd;

		loop_watch_delete(&watches[i]);
		close(fd);
		if (&watches[i] != watch) {
			fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
			ck_assert_int_eq(loop_watch_add(&loop, &watches[i], fd, EPOLLIN, count, NULL, NULL), 0);
		}
	}
}

START_TEST(test_replace_in_a_batch)
{
	add(&watches[0], EPOLLIN, replace_others);
	add(&watches[1], EPOLLIN, replace_others);
	once();
	once();
	ck_assert_uint_eq(calls, 1);
}
END_TEST

static void
stop_from_watch(struct loop_watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	calls++;
	loop_stop(&loop);
}

START_TEST(test_stop_in_a_batch)
{
	add(&watches[0], EPOLLIN, stop_from_watch);
	add(&watches[1], EPOLLIN, stop_from_watch);
	ck_assert_int_eq(loop_run(&loop, NULL), 0);
	ck_assert_uint_eq(calls, 1);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_timer_order);
	tcase_add_test(t, test_timer_cancel_and_move);
	tcase_add_test(t, test_lazy_timer);
	tcase_add_test(t, test_timer_callbacks_change_timers);
	tcase_add_test(t, test_wait_ends_with_the_timer);
	tcase_add_test(t, test_wait_ends_in_time_without_a_timer);
	tcase_add_test(t, test_stop);
	tcase_add_test(t, test_watch);
	tcase_add_test(t, test_gather);
	tcase_add_test(t, test_watch_that_cannot_be);
	tcase_add_test(t, test_more_than_a_batch);
	tcase_add_test(t, test_delete_in_a_batch);
	tcase_add_test(t, test_replace_in_a_batch);
	tcase_add_test(t, test_stop_in_a_batch);
}

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, tear_down);
	add_tests(t);
	return unit_run("loop", t, NULL);
}
