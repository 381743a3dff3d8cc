/* Addresses that guess have to wait; others do not. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/remote/remote.h"

static struct failures failures;

static void
fail_times(const char *address, unsigned n, int64_t now_ms)
{
	for (unsigned i = 0; i < n; i++)
		failures_note(&failures, address, now_ms);
}

START_TEST(test_limit)
{
	memset(&failures, 0, sizeof(failures));
	fail_times("192.0.2.1", FAILURES_LIMIT - 1, 1000);
	ck_assert(!failures_must_wait(&failures, "192.0.2.1", 1000));
	fail_times("192.0.2.1", 1, 2000);
	ck_assert(failures_must_wait(&failures, "192.0.2.1", 2000));
	ck_assert(!failures_must_wait(&failures, "192.0.2.2", 2000));
	/* A minute after the first one, it begins anew. */
	ck_assert(failures_must_wait(&failures, "192.0.2.1", 1000 + FAILURES_WINDOW_MS - 1));
	ck_assert(!failures_must_wait(&failures, "192.0.2.1", 1000 + FAILURES_WINDOW_MS));
	fail_times("192.0.2.1", 1, 1000 + FAILURES_WINDOW_MS);
	ck_assert(!failures_must_wait(&failures, "192.0.2.1", 1000 + FAILURES_WINDOW_MS));
}
END_TEST

START_TEST(test_network)
{
	memset(&failures, 0, sizeof(failures));
	for (unsigned i = 0; i < FAILURES_LIMIT; i++) {
		char address[PGWIRE_ADDRESS_SIZE];

		(void)snprintf(address, sizeof(address), "2001:db8:1:2::%x", i + 1);
		failures_note(&failures, address, 0);
	}
	ck_assert(failures_must_wait(&failures, "2001:db8:1:2:3:4:5:6", 0));
	ck_assert(!failures_must_wait(&failures, "2001:db8:1:3::1", 0));
}
END_TEST

/* However many there are, the one that fails now is remembered. */
START_TEST(test_more_than_there_is_room_for)
{
	memset(&failures, 0, sizeof(failures));
	for (unsigned i = 0; i < 4 * FAILURES_MAX; i++) {
		char address[PGWIRE_ADDRESS_SIZE];

		(void)snprintf(address, sizeof(address), "10.0.%u.%u", i / 256, i % 256);
		failures_note(&failures, address, i);
	}
	fail_times("192.0.2.1", FAILURES_LIMIT, 4 * FAILURES_MAX);
	ck_assert(failures_must_wait(&failures, "192.0.2.1", 4 * FAILURES_MAX));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_limit);
	tcase_add_test(t, test_network);
	tcase_add_test(t, test_more_than_there_is_room_for);
	return unit_run("remote_failures", t, NULL);
}
