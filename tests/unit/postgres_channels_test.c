/*
 * The table of channels: it has a channel while somebody listens, and holds very many.
 */
#include <stdint.h>
#include <stdio.h>

#include "tests/unit/run.h"
#include "workers/postgres/pool/channels.h"

/* Check's fixtures take no argument. */
static struct channels channels;
static struct subscription_list lists[3];
static char name[WORDS_NAME_SIZE];

/* Only the address of a listening matters. */
static struct listening *
listening(unsigned i)
{
	return (struct listening *)(uintptr_t)(i + 1);
}

static struct subscription *
subscribe(unsigned i, const char *to, bool expect_new)
{
	bool is_new;
	struct subscription *subscription = channels_subscribe(&channels, listening(i), &lists[i], to, &is_new);

	ck_assert_ptr_nonnull(subscription);
	ck_assert_int_eq(is_new, expect_new);
	return subscription;
}

START_TEST(test_a_channel_is_there_while_somebody_listens)
{
	struct subscription *first = subscribe(0, "a", true), *second = subscribe(1, "a", false);

	ck_assert_ptr_null(channels_find(&channels, "b"));
	ck_assert_ptr_eq(channels_find_in(&channels, listening(1), "a"), second);
	ck_assert_ptr_null(channels_find_in(&channels, listening(2), "a"));
	ck_assert(!channels_unsubscribe(&channels, first, name));
	ck_assert_ptr_nonnull(channels_find(&channels, "a"));
	ck_assert(channels_unsubscribe(&channels, second, name));
	ck_assert_str_eq(name, "a");
	ck_assert_ptr_null(channels_find(&channels, "a"));
	ck_assert_uint_eq(channels.n, 0);
}
END_TEST

START_TEST(test_very_many_channels)
{
	char text[16];

	for (unsigned i = 0; i < 3 * CHANNELS_BUCKETS; i++) {
		(void)snprintf(text, sizeof(text), "channel_%u", i);
		(void)subscribe(0, text, true);
		(void)subscribe(1, text, false);
	}
	ck_assert_uint_eq(channels.n, 3 * CHANNELS_BUCKETS);
	for (unsigned i = 0; i < 2; i++)
		while (!LIST_EMPTY(&lists[i]))
			ck_assert_int_eq(channels_unsubscribe(&channels, LIST_FIRST(&lists[i]), name), i == 1);
	ck_assert_uint_eq(channels.n, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("channels");

	tcase_add_test(tc, test_a_channel_is_there_while_somebody_listens);
	tcase_add_test(tc, test_very_many_channels);
	return unit_run("postgres_channels", tc, NULL);
}
