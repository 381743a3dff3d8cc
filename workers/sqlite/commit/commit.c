/* Counts commits, and syncs: by who is alone, by who has to wait, or by a thread for all. */
#include "workers/sqlite/commit/commit.h"

#include <errno.h>
#include <string.h>

/* It calls next to nothing. */
#define STACK_BYTES (128UL << 10)

int
commit_open(struct commit *commit, const struct commit_calls *calls, void *arg)
{
	memset(commit, 0, sizeof(*commit));
	commit->calls = calls;
	commit->arg = arg;
	if ((errno = pthread_mutex_init(&commit->lock, NULL)) != 0 ||
	    (errno = pthread_cond_init(&commit->work, NULL)) != 0 ||
	    (errno = pthread_cond_init(&commit->progress, NULL)) != 0)
		return -1;
	return 0;
}

/* ---- with the lock held ---- */

/* Somebody waits, and there is something that a sync would make durable. */
static bool
is_due(const struct commit *commit)
{
	uint64_t synced = atomic_load(&commit->synced);

	return atomic_load(&commit->wanted) > synced && atomic_load(&commit->done) > synced;
}

/* Nobody else syncs. The lock is not held meanwhile. */
static void
sync_once(struct commit *commit)
{
	uint64_t until = atomic_load(&commit->done);

	commit->syncing = true;
	pthread_mutex_unlock(&commit->lock);
	commit->calls->sync(commit->arg);
	atomic_store(&commit->synced, until);
	commit->calls->told(commit->arg);
	pthread_mutex_lock(&commit->lock);
	commit->syncing = false;
	pthread_cond_broadcast(&commit->progress);
	if (is_due(commit))
		pthread_cond_signal(&commit->work);
}

static void *
commit_thread(void *arg)
{
	struct commit *commit = arg;

	pthread_mutex_lock(&commit->lock);
	while (!commit->stopping)
		if (!commit->syncing && is_due(commit))
			sync_once(commit);
		else
			pthread_cond_wait(&commit->work, &commit->lock);
	pthread_mutex_unlock(&commit->lock);
	return NULL;
}

/* Not before somebody needs it: a node at rest, or with one client, has none. */
static bool
start_thread(struct commit *commit)
{
	pthread_attr_t attr;

	if (commit->has_thread || pthread_attr_init(&attr) != 0)
		return commit->has_thread;
	commit->has_thread = pthread_attr_setstacksize(&attr, STACK_BYTES) == 0 &&
	    pthread_create(&commit->thread, &attr, commit_thread, commit) == 0;
	pthread_attr_destroy(&attr);
	return commit->has_thread;
}

static void
await(struct commit *commit, uint64_t number)
{
	while (!commit_is_synced(commit, number))
		if (!commit->syncing && atomic_load(&commit->done) > atomic_load(&commit->synced))
			sync_once(commit);
		else
			pthread_cond_wait(&commit->progress, &commit->lock);
}

/* Whoever waits for a COMMIT that was under way may go on. */
static void
wake(struct commit *commit)
{
	pthread_mutex_lock(&commit->lock);
	pthread_cond_signal(&commit->work);
	pthread_cond_broadcast(&commit->progress);
	pthread_mutex_unlock(&commit->lock);
}

/* A number that only grows. */
static void
raise_to(atomic_uint_fast64_t *number, uint64_t to)
{
	uint_fast64_t now = atomic_load(number);

	while (now < to && !atomic_compare_exchange_weak(number, &now, to))
		;
}

/* ---- for others ---- */

void
commit_close(struct commit *commit)
{
	pthread_mutex_lock(&commit->lock);
	commit->stopping = true;
	pthread_cond_signal(&commit->work);
	pthread_mutex_unlock(&commit->lock);
	if (commit->has_thread)
		(void)pthread_join(commit->thread, NULL);
	pthread_cond_destroy(&commit->progress);
	pthread_cond_destroy(&commit->work);
	pthread_mutex_destroy(&commit->lock);
}

void
commit_note(struct commit *commit, bool large)
{
	if (large)
		commit->calls->sync(commit->arg);
	atomic_fetch_add(&commit->begun, 1);
}

void
commit_note_definition(struct commit *commit)
{
	atomic_store(&commit->defined, atomic_load(&commit->begun) + 1);
}

uint64_t
commit_publish(struct commit *commit)
{
	uint64_t number = atomic_load(&commit->begun);

	if (atomic_load(&commit->done) == number)
		return number;
	atomic_store(&commit->done, number);
	if (!atomic_load(&commit->grouped))
		commit_await(commit, number);
	else if (atomic_load(&commit->wanted) > atomic_load(&commit->synced))
		wake(commit);
	return number;
}

void
commit_publish_synced(struct commit *commit)
{
	commit_await(commit, commit_publish(commit));
}

void
commit_begin(struct commit *commit)
{
	commit_publish_synced(commit);
	atomic_store(&commit->grouped, true);
}

uint64_t
commit_newest(const struct commit *commit)
{
	return atomic_load(&commit->begun);
}

uint64_t
commit_definitions(const struct commit *commit)
{
	return atomic_load_explicit(&commit->defined, memory_order_acquire);
}

bool
commit_is_synced(const struct commit *commit, uint64_t number)
{
	return atomic_load(&commit->synced) >= number;
}

bool
commit_is_stored(const struct commit *commit, uint64_t told)
{
	return atomic_load(&commit->stored) >= told;
}

void
commit_note_stored(struct commit *commit, uint64_t told)
{
	raise_to(&commit->stored, told);
}

bool
commit_is_syncing(struct commit *commit)
{
	bool syncing;

	pthread_mutex_lock(&commit->lock);
	syncing = commit->syncing;
	pthread_mutex_unlock(&commit->lock);
	return syncing;
}

bool
commit_sync_here(struct commit *commit, uint64_t number)
{
	bool synced;

	pthread_mutex_lock(&commit->lock);
	if (!commit->syncing && !commit_is_synced(commit, number) && atomic_load(&commit->done) >= number)
		sync_once(commit);
	synced = commit_is_synced(commit, number);
	pthread_mutex_unlock(&commit->lock);
	return synced;
}

void
commit_want(struct commit *commit, uint64_t number)
{
	raise_to(&commit->wanted, number);
	pthread_mutex_lock(&commit->lock);
	if (!start_thread(commit))
		await(commit, number);
	else if (!commit->syncing)
		pthread_cond_signal(&commit->work);
	pthread_mutex_unlock(&commit->lock);
}

void
commit_await(struct commit *commit, uint64_t number)
{
	raise_to(&commit->wanted, number);
	pthread_mutex_lock(&commit->lock);
	await(commit, number);
	pthread_mutex_unlock(&commit->lock);
}
