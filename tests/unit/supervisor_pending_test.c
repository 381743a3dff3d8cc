/* Requests that are not answered yet: found by our id at the worker, late by the clock, gone with the worker. */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "supervisor/requests/pending.h"
#include "tests/unit/run.h"

static struct loop loop;
static struct pending pending;
static int64_t now;
static uint32_t ended_ids[PENDING_MAX + 1];
static enum pending_end ended_whys[PENDING_MAX + 1];
static size_t nended;

static int64_t
fake_now(void)
{
	return now;
}

static void
take_ended(void *context, const struct pending_request *request, enum pending_end why)
{
	ck_assert_ptr_eq(context, &loop);
	/* Its place is free already. */
	ck_assert(!pending_take(&pending, request->worker, request->worker_id, &(struct pending_request) { 0 }));
	ended_ids[nended] = request->asked_id;
	ended_whys[nended++] = why;
}

static void
set_up(void)
{
	struct error e;

	now = 5000;
	nended = 0;
	clock_set_fake(fake_now);
	ck_assert_int_eq(loop_open(&loop, &e), 0);
	pending_init(&pending, &loop, 3, take_ended, &loop);
}

static void
tear_down(void)
{
	loop_close(&loop);
	clock_set_fake(NULL);
}

static bool
add(uint32_t asked_id, enum process worker, uint32_t worker_id, int64_t deadline_ms)
{
	const struct pending_request request = { .asked_id = asked_id,
		.worker = worker,
		.worker_id = worker_id,
		.kind = 7 };

	return pending_add(&pending, &request, deadline_ms);
}

static void
pass(int64_t ms)
{
	struct error e;

	now += ms;
	ck_assert_int_eq(loop_run_once(&loop, 0, &e), 0);
}

START_TEST(found_by_worker_and_our_id)
{
	struct pending_request request;

	ck_assert(add(11, PROCESS_KEEPER, 1, 0));
	ck_assert(add(12, PROCESS_SQLITE, 1, 0));
	ck_assert_ptr_null(pending_find(&pending, PROCESS_CONTAINER, 1));
	ck_assert_ptr_null(pending_find(&pending, PROCESS_KEEPER, 2));
	ck_assert_ptr_null(pending_find(&pending, PROCESS_KEEPER, 0));
	ck_assert_uint_eq(pending_find(&pending, PROCESS_STORAGE, 1)->asked_id, 12);
	ck_assert(pending_take(&pending, PROCESS_KEEPER, 1, &request));
	ck_assert_uint_eq(request.asked_id, 11);
	ck_assert_uint_eq(request.kind, 7);
	ck_assert(!pending_take(&pending, PROCESS_KEEPER, 1, &request));
	ck_assert_ptr_nonnull(pending_find(&pending, PROCESS_STORAGE, 1));
	ck_assert_uint_eq(nended, 0);
}
END_TEST

START_TEST(no_more_than_its_maximum)
{
	ck_assert(pending_has_room(&pending, 3));
	ck_assert(add(1, PROCESS_KEEPER, 1, 0));
	ck_assert(pending_has_room(&pending, 2));
	ck_assert(!pending_has_room(&pending, 3));
	ck_assert(add(2, PROCESS_KEEPER, 2, 0));
	ck_assert(add(3, PROCESS_KEEPER, 3, 0));
	ck_assert(!pending_has_room(&pending, 1));
	ck_assert(!add(4, PROCESS_KEEPER, 4, 0));
	ck_assert(pending_take(&pending, PROCESS_KEEPER, 2, &(struct pending_request) { 0 }));
	ck_assert(add(4, PROCESS_KEEPER, 4, 0));
}
END_TEST

START_TEST(late_by_the_clock)
{
	ck_assert(add(1, PROCESS_KEEPER, 1, 1000));
	ck_assert(add(2, PROCESS_KEEPER, 2, 2000));
	ck_assert(add(3, PROCESS_KEEPER, 3, 0));
	pass(999);
	ck_assert_uint_eq(nended, 0);
	pass(1);
	ck_assert_uint_eq(nended, 1);
	ck_assert_uint_eq(ended_ids[0], 1);
	ck_assert_int_eq(ended_whys[0], PENDING_LATE);
	/* One that was answered is not late any more. */
	ck_assert(pending_take(&pending, PROCESS_KEEPER, 2, &(struct pending_request) { 0 }));
	pass(1000000);
	ck_assert_uint_eq(nended, 1);
	ck_assert_ptr_nonnull(pending_find(&pending, PROCESS_KEEPER, 3));
}
END_TEST

START_TEST(gone_with_the_worker_alone)
{
	ck_assert(add(1, PROCESS_SQLITE, 1, 500));
	ck_assert(add(2, PROCESS_KEEPER, 1, 0));
	ck_assert(add(3, PROCESS_SQLITE, 2, 0));
	pending_worker_gone(&pending, PROCESS_STORAGE);
	ck_assert_uint_eq(nended, 2);
	ck_assert_uint_eq(ended_ids[0] + ended_ids[1], 4);
	ck_assert_int_eq(ended_whys[0], PENDING_GONE);
	pass(1000);
	ck_assert_uint_eq(nended, 2);
	ck_assert_ptr_nonnull(pending_find(&pending, PROCESS_KEEPER, 1));
}
END_TEST

START_TEST(forgotten_with_who_asked)
{
	ck_assert(add(1, PROCESS_SQLITE, 1, 500));
	ck_assert(add(2, PROCESS_KEEPER, 1, 0));
	pending_forget(&pending);
	pass(1000);
	ck_assert_uint_eq(nended, 0);
	ck_assert(pending_has_room(&pending, 3));
	ck_assert_ptr_null(pending_find(&pending, PROCESS_KEEPER, 1));
}
END_TEST

/* A status asks two workers for the same id of control's: it is answered when both have. */
START_TEST(awaited_until_the_last_part)
{
	ck_assert(add(9, PROCESS_SQLITE, 1, 0));
	ck_assert(add(9, PROCESS_CONTAINER, 1, 0));
	ck_assert(pending_take(&pending, PROCESS_STORAGE, 1, &(struct pending_request) { 0 }));
	ck_assert(pending_is_awaited(&pending, 9));
	ck_assert(pending_take(&pending, PROCESS_CONTAINER, 1, &(struct pending_request) { 0 }));
	ck_assert(!pending_is_awaited(&pending, 9));
	ck_assert(!pending_is_awaited(&pending, 0));
}
END_TEST

int
main(void)
{
	TCase *table = tcase_create("table");

	tcase_add_checked_fixture(table, set_up, tear_down);
	tcase_add_test(table, found_by_worker_and_our_id);
	tcase_add_test(table, no_more_than_its_maximum);
	tcase_add_test(table, late_by_the_clock);
	tcase_add_test(table, gone_with_the_worker_alone);
	tcase_add_test(table, forgotten_with_who_asked);
	tcase_add_test(table, awaited_until_the_last_part);
	return unit_run("supervisor pending", table, NULL);
}
