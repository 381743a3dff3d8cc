/*
 * Holds checkpoints back while a base backup reads the file. What is committed meanwhile stays in the write-ahead log,
 * which the backup reads last; nobody waits for it, and the log's growth has a bound.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "workers/sqlite/store/store.h"

void
store_hold(struct store *store)
{
	atomic_store(&store->hold, STORE_HELD);
}

/* A thread that entered before the hold is waited for; one that enters after it sees the hold. */
bool
store_is_still(const struct store *store)
{
	return atomic_load(&store->checkpoints) == 0;
}

bool
store_release(struct store *store)
{
	return atomic_exchange(&store->hold, STORE_FREE) == STORE_HELD && atomic_load(&store->state) != STORE_CLOSED;
}

bool
store_is_held(const struct store *store)
{
	return atomic_load_explicit(&store->hold, memory_order_relaxed) == STORE_HELD &&
	    atomic_load_explicit(&store->file.wal_pages, memory_order_relaxed) < STORE_HOLD_PAGES;
}

bool
store_enter_checkpoint(struct store *store)
{
	atomic_fetch_add(&store->checkpoints, 1);
	if (atomic_load(&store->hold) != STORE_HELD)
		return true;
	if (atomic_load(&store->file.wal_pages) >= STORE_HOLD_PAGES) {
		atomic_store(&store->hold, STORE_HOLD_LOST);
		return true;
	}
	atomic_fetch_sub(&store->checkpoints, 1);
	return false;
}

void
store_leave_checkpoint(struct store *store)
{
	atomic_fetch_sub(&store->checkpoints, 1);
}

int
store_open_base(struct store *store)
{
	if (store->base_fd == -1)
		store->base_fd = open(store->file.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return store->base_fd;
}

int
store_open_log(const struct store *store)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s-wal", store->file.path) == -1)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	free(path);
	return fd;
}
