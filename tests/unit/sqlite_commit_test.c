/* Group commit: nobody is told before a sync that began after the commit was done, in any order of the threads. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/run.h"
#include "workers/sqlite/commit/commit.h"

/* A disk: what has been written, and of that what a loss of power would leave. */
static struct {
	atomic_uint_fast64_t written, safe;
	atomic_uint syncs, told;
	atomic_bool held; /* a sync does not end */
	unsigned delay_us;
} disk;
static struct commit commit;

static void
disk_sync(void *arg)
{
	/* What is written while it lasts may be left out. */
	uint64_t begin = atomic_load(&disk.written);

	(void)arg;
	if (disk.delay_us > 0)
		(void)usleep(disk.delay_us);
	while (atomic_load(&disk.held))
		(void)usleep(100);
	if (begin > atomic_load(&disk.safe))
		atomic_store(&disk.safe, begin);
	atomic_fetch_add(&disk.syncs, 1);
}

static void
disk_told(void *arg)
{
	(void)arg;
	atomic_fetch_add(&disk.told, 1);
}

static const struct commit_calls calls = { .sync = disk_sync, .told = disk_told };

static void
setup(void)
{
	memset(&disk, 0, sizeof(disk));
	ck_assert_int_eq(commit_open(&commit, &calls, NULL), 0);
}

static void
teardown(void)
{
	commit_close(&commit);
}

/* What SQLite does at a COMMIT, by who has the lease. */
static uint64_t
write_one(void)
{
	commit_note(&commit, false);
	atomic_fetch_add(&disk.written, 1);
	return commit_publish(&commit);
}

START_TEST(before_the_log_is_empty_each_commit_is_synced)
{
	ck_assert_uint_eq(write_one(), 1);
	ck_assert(commit_is_synced(&commit, 1));
	ck_assert_uint_eq(disk.syncs, 1);
	ck_assert_uint_eq(write_one(), 2);
	ck_assert_uint_eq(disk.syncs, 2);
	commit_begin(&commit);
	ck_assert_uint_eq(write_one(), 3);
	ck_assert(!commit_is_synced(&commit, 3));
	ck_assert_uint_eq(disk.syncs, 2);
}
END_TEST

START_TEST(one_sync_serves_all_that_are_done)
{
	commit_begin(&commit);
	(void)write_one();
	(void)write_one();
	ck_assert(commit_sync_here(&commit, 1));
	ck_assert_uint_eq(disk.syncs, 1);
	ck_assert(commit_is_synced(&commit, 2));
	ck_assert(commit_sync_here(&commit, 2));
	ck_assert_uint_eq(disk.syncs, 1);
	/* Nothing was committed: there is nothing to give away. */
	ck_assert_uint_eq(commit_publish(&commit), 2);
}
END_TEST

START_TEST(what_has_begun_is_not_synced_before_it_is_done)
{
	commit_begin(&commit);
	(void)write_one();
	commit_note(&commit, false); /* a COMMIT is under way */
	ck_assert_uint_eq(commit_newest(&commit), 2);
	ck_assert(!commit_sync_here(&commit, 2));
	ck_assert(commit_sync_here(&commit, 1));
	ck_assert(!commit_is_synced(&commit, 2));
	ck_assert_uint_eq(commit_publish(&commit), 2); /* it has failed, perhaps */
	ck_assert(commit_sync_here(&commit, 2));
}
END_TEST

START_TEST(a_large_one_is_synced_before_it_is_seen)
{
	commit_begin(&commit);
	commit_note(&commit, true);
	ck_assert_uint_eq(disk.syncs, 1);
	(void)commit_publish(&commit);
	ck_assert(!commit_is_synced(&commit, 1));
}
END_TEST

START_TEST(definitions_are_those_of_their_commit)
{
	commit_begin(&commit);
	(void)write_one();
	ck_assert_uint_eq(commit_definitions(&commit), 0);
	commit_note_definition(&commit);
	ck_assert_uint_eq(write_one(), commit_definitions(&commit));
}
END_TEST

START_TEST(the_thread_syncs_what_is_wanted_as_soon_as_it_is_done)
{
	commit_begin(&commit);
	commit_note(&commit, false);
	commit_want(&commit, 1);
	(void)usleep(20000);
	ck_assert(!commit_is_synced(&commit, 1));
	atomic_fetch_add(&disk.written, 1);
	(void)commit_publish(&commit);
	commit_await(&commit, 1);
	ck_assert_uint_ge(disk.told, 1);
	ck_assert_uint_eq(disk.safe, 1);
}
END_TEST

START_TEST(what_comes_during_a_sync_waits_for_the_next)
{
	commit_begin(&commit);
	atomic_store(&disk.held, true);
	(void)write_one();
	commit_want(&commit, 1);
	(void)usleep(20000); /* the thread is in its sync */
	(void)write_one();
	ck_assert(!commit_sync_here(&commit, 2)); /* somebody else syncs */
	commit_want(&commit, 2);
	atomic_store(&disk.held, false);
	commit_await(&commit, 2);
	ck_assert_uint_eq(disk.safe, 2);
	ck_assert_uint_eq(disk.syncs, 2);
}
END_TEST

/* ---- threads ---- */

#define THREADS 8
#define TURNS 400

static pthread_mutex_t lease = PTHREAD_MUTEX_INITIALIZER;

/* Whatever was told is safe. */
static void
told(uint64_t number)
{
	ck_assert_uint_ge(atomic_load(&disk.safe), number);
}

static void
take_turn(unsigned *seed, int what)
{
	uint64_t number;

	if (what < 5) {
		pthread_mutex_lock(&lease);
		number = write_one();
		if (what == 0)
			commit_publish_synced(&commit);
		pthread_mutex_unlock(&lease);
	} else {
		uint64_t seen = atomic_load(&disk.written); /* a snapshot, and then: */

		number = commit_newest(&commit);
		ck_assert_uint_ge(number, seen);
	}
	switch (rand_r(seed) % 3) {
	case 0:
		commit_await(&commit, number);
		break;
	case 1:
		commit_want(&commit, number);
		while (!commit_is_synced(&commit, number))
			(void)usleep(50);
		break;
	default:
		if (!commit_sync_here(&commit, number))
			commit_await(&commit, number);
	}
	told(number);
}

static void *
play(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	for (int i = 0; i < TURNS; i++)
		take_turn(&seed, rand_r(&seed) % 10);
	return NULL;
}

START_TEST(nobody_is_told_of_what_is_not_safe)
{
	pthread_t threads[THREADS];

	disk.delay_us = 20;
	commit_begin(&commit);
	for (unsigned i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, play, (void *)(uintptr_t)(i + 1)), 0);
	for (unsigned i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_uint_le(disk.syncs, disk.written + 1);
	ck_assert_uint_le(disk.safe, disk.written);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("commit");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, before_the_log_is_empty_each_commit_is_synced);
	tcase_add_test(tc, one_sync_serves_all_that_are_done);
	tcase_add_test(tc, what_has_begun_is_not_synced_before_it_is_done);
	tcase_add_test(tc, a_large_one_is_synced_before_it_is_seen);
	tcase_add_test(tc, definitions_are_those_of_their_commit);
	tcase_add_test(tc, the_thread_syncs_what_is_wanted_as_soon_as_it_is_done);
	tcase_add_test(tc, what_comes_during_a_sync_waits_for_the_next);
	tcase_add_test(tc, nobody_is_told_of_what_is_not_safe);
	return unit_run("sqlite commit", tc, NULL);
}
