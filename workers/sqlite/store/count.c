/*
 * Notes how many rows every table has after a commit, for a drill that restores that commit: in a thread of its own,
 * from one snapshot. Between two commits, and so under the write lease, is only found out which commit that is.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/clock.h"
#include "common/memfd.h"
#include "workers/sqlite/connection/count.h"
#include "workers/sqlite/pool/pool.h"
#include "workers/sqlite/store/store.h"

#define COUNT_LEASE_MS 20000 /* so long the end of what others write is waited for */
#define COUNT_LOOK_NS 1000000L
#define COUNT_MS (15 * 60 * (int64_t)1000)

static void
count_pause(void)
{
	const struct timespec pause = { .tv_nsec = COUNT_LOOK_NS };

	(void)nanosleep(&pause, NULL);
}

static bool
count_may_go_on(const struct store *store, int64_t until_ms)
{
	return clock_now_ms() < until_ms && atomic_load(&store->state) == STORE_OPEN;
}

/* Nobody writes, and what has been committed was told of; false: not in time. Ended by store_end_own_work(). */
static bool
count_take_lease(struct store *store)
{
	int64_t until_ms = clock_now_ms() + COUNT_LEASE_MS;

	while (!store_begin_own_work(store)) {
		if (!count_may_go_on(store, until_ms))
			return false;
		count_pause();
	}
	if (pool_has_own_lease(store->pool) || pool_take_own_lease(store->pool))
		return true;
	/* Whoever writes gives it to us. */
	while (count_may_go_on(store, until_ms)) {
		count_pause();
		if (pool_has_own_lease(store->pool))
			return true;
	}
	store_end_own_work(store);
	return false;
}

/* The snapshot is of the commit with that number, which bibd-archive is told to find the place of. */
static int
count_begin(struct store *store, struct connection *connection, uint64_t *seq, struct error *e)
{
	int result = 0;

	if (!count_take_lease(store))
		return error_set(e, STATUS_UNAVAILABLE, "count.late",
		    "the rows could not be counted: a transaction that writes has not ended in time");
	if (connection_run(connection, COMMAND_BEGIN) != SQLITE_OK ||
	    sqlite3_exec(connection->db, "SELECT count(*) FROM public.sqlite_schema", NULL, NULL, NULL) != SQLITE_OK)
		result = error_set(e, STATUS_IO, "count.failed", "the rows could not be counted: %s",
		    sqlite3_errmsg(connection->db));
	*seq = store_ship_head(store);
	if (result == 0 && *seq == 0)
		result = error_set(e, STATUS_UNAVAILABLE, "count.early", "nothing has been committed since the start");
	if (result == 0)
		atomic_store(&store->ship.page->counted, *seq);
	(void)pool_give_lease(store->pool, NULL);
	store_end_own_work(store);
	return result;
}

static int
count_all(struct store *store, struct connection *connection, struct store_count *found)
{
	struct count count = { .until_ms = clock_now_ms() + COUNT_MS };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int result = -1;

	if (out == NULL)
		return error_set_errno(&found->failure, STATUS_OS, "count.memory", "the rows cannot be counted");
	if (count_begin(store, connection, &found->seq, &found->failure) == 0)
		result = count_tables(connection, &count, out, &found->failure);
	if (connection_in_transaction(connection))
		(void)connection_run(connection, COMMAND_COMMIT);
	if (fclose(out) != 0)
		result = error_set_errno(&found->failure, STATUS_OS, "count.memory", "the rows cannot be counted");
	if (result == 0)
		result = found->fd = memfd_create_sealed("bibd-counts", text, size, &found->failure);
	free(text);
	return result == -1 ? -1 : 0;
}

static void *
count_thread(void *arg)
{
	struct store *store = arg;
	struct store_count *count = &store->count;
	struct connection *connection;

	count->fd = -1;
	if ((connection = store_open_connection(store, &count->failure)) != NULL) {
		connection->context.internal = true;
		if (count_all(store, connection, count) == -1)
			count->fd = -1;
		connection_close(connection);
	}
	atomic_store(&count->state, STORE_COUNTED);
	return NULL;
}

int
store_count_start(struct store *store, struct error *e)
{
	pthread_t thread;

	if (store->ship.page == NULL || atomic_load(&store->state) != STORE_OPEN ||
	    atomic_load(&store->count.state) != STORE_NOT_COUNTING)
		return error_set(e, STATUS_UNAVAILABLE, "count.busy",
		    "the rows cannot be counted now: the database is not open, or another count is under way");
	atomic_store(&store->count.state, STORE_COUNTING);
	if ((errno = pthread_create(&thread, NULL, count_thread, store)) != 0) {
		atomic_store(&store->count.state, STORE_NOT_COUNTING);
		return error_set_errno(e, STATUS_OS, "count.thread", "the rows cannot be counted");
	}
	(void)pthread_detach(thread);
	return 0;
}
