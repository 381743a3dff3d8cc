/* Answers counted by how long they took: each in its bucket, the same after a message, and percentiles within a factor
 * of 2. */
#include <stdio.h>
#include <string.h>

#include "common/traffic.h"
#include "tests/unit/run.h"

static struct traffic traffic;
static struct message_statistics statistics;
static char text[TRAFFIC_TEXT_SIZE];
static uint64_t counts[TRAFFIC_BUCKETS];

static void
set_up(void)
{
	memset(&traffic, 0, sizeof(traffic));
	memset(&statistics, 0, sizeof(statistics));
}

static void
read_back(void)
{
	traffic_fill(&traffic, 1, &statistics, text);
	ck_assert_ptr_eq(statistics.took, text);
	ck_assert(traffic_read(text, counts));
}

START_TEST(test_bounds)
{
	ck_assert_uint_eq(traffic_bound_us(0), 4);
	ck_assert_uint_eq(traffic_bound_us(1), 8);
	ck_assert_uint_eq(traffic_bound_us(TRAFFIC_BUCKETS - 2), 33554432);
	ck_assert_uint_eq(traffic_bound_us(TRAFFIC_BUCKETS - 1), 0);
}
END_TEST

/* On its bound it is in the bucket, beyond it in the next. */
START_TEST(test_each_in_its_bucket)
{
	for (size_t i = 0; i < TRAFFIC_BUCKETS; i++) {
		uint64_t bound = traffic_bound_us(i);

		set_up();
		traffic_note_answer(&traffic, bound == 0 ? INT64_MAX : (int64_t)bound);
		if (bound != 0)
			traffic_note_answer(&traffic, (int64_t)bound + 1);
		read_back();
		ck_assert_uint_eq(counts[i], 1);
		if (bound != 0)
			ck_assert_uint_eq(counts[i + 1], 1);
	}
	set_up();
	traffic_note_answer(&traffic, -5);
	traffic_note_answer(&traffic, 0);
	read_back();
	ck_assert_uint_eq(counts[0], 2);
	ck_assert_uint_eq(statistics.took_us, 0);
}
END_TEST

START_TEST(test_counts_are_read_again)
{
	static const char *const wrong[] = { "", "1", "1 2", "x", NULL };
	char more[TRAFFIC_TEXT_SIZE + 2];

	for (int i = 0; i < 3; i++)
		traffic_note_statement(&traffic);
	traffic_note_transaction(&traffic);
	traffic_note_plan(&traffic, true);
	traffic_note_plan(&traffic, true);
	traffic_note_plan(&traffic, false);
	for (size_t i = 0; i < TRAFFIC_BUCKETS; i++)
		atomic_store(&traffic.counts[i], UINT64_MAX - i);
	read_back();
	ck_assert_uint_eq(statistics.statements, 3);
	ck_assert_uint_eq(statistics.transactions, 1);
	ck_assert_uint_eq(statistics.plans_found, 2);
	ck_assert_uint_eq(statistics.plans_made, 1);
	for (size_t i = 0; i < TRAFFIC_BUCKETS; i++)
		ck_assert_uint_eq(counts[i], UINT64_MAX - i);
	for (size_t i = 0; wrong[i] != NULL; i++) {
		counts[0] = 1;
		ck_assert(!traffic_read(wrong[i], counts));
		ck_assert_uint_eq(counts[0], 0);
	}
	(void)snprintf(more, sizeof(more), "%s 1", text);
	ck_assert(!traffic_read(more, counts));
}
END_TEST

START_TEST(test_several_are_summed)
{
	static struct traffic several[3];

	for (size_t i = 0; i < 3; i++) {
		traffic_note_statement(&several[i]);
		traffic_note_answer(&several[i], 10);
	}
	traffic_fill(several, 3, &statistics, text);
	ck_assert(traffic_read(text, counts));
	ck_assert_uint_eq(statistics.statements, 3);
	ck_assert_uint_eq(statistics.took_us, 30);
	ck_assert_uint_eq(counts[2], 3);
}
END_TEST

START_TEST(test_percentiles)
{
	read_back();
	ck_assert_uint_eq(traffic_percentile_us(counts, 500), 0);
	for (int i = 0; i < 990; i++)
		traffic_note_answer(&traffic, 100); /* of 65 to 128 us */
	for (int i = 0; i < 10; i++)
		traffic_note_answer(&traffic, 3000); /* of 2049 to 4096 us */
	read_back();
	ck_assert_uint_gt(traffic_percentile_us(counts, 500), 64);
	ck_assert_uint_lt(traffic_percentile_us(counts, 500), 128);
	ck_assert_uint_eq(traffic_percentile_us(counts, 990), 128);
	ck_assert_uint_gt(traffic_percentile_us(counts, 999), 2048);
	ck_assert_uint_le(traffic_percentile_us(counts, 1000), 4096);
	set_up();
	traffic_note_answer(&traffic, INT64_C(1) << 40);
	read_back();
	ck_assert_uint_eq(traffic_percentile_us(counts, 500), traffic_bound_us(TRAFFIC_BUCKETS - 2));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, test_bounds);
	tcase_add_test(t, test_each_in_its_bucket);
	tcase_add_test(t, test_counts_are_read_again);
	tcase_add_test(t, test_several_are_summed);
	tcase_add_test(t, test_percentiles);
	return unit_run("common traffic", t, NULL);
}
