/* Advisory locks: a list of who holds what. */
#include "workers/sqlite/session/advisory.h"

#include <errno.h>
#include <stdlib.h>

int
advisory_open(struct advisory_locks *locks)
{
	errno = pthread_mutex_init(&locks->mutex, NULL);
	return errno == 0 ? 0 : -1;
}

static bool
is_same_key(const struct sql_advisory *a, const struct sql_advisory *b)
{
	return a->key == b->key && a->pair == b->pair;
}

static bool
is_same_lock(const struct sql_advisory *a, const struct sql_advisory *b)
{
	return is_same_key(a, b) && a->shared == b->shared && a->transaction == b->transaction;
}

/* The session's holding of that very lock, or NULL; *conflict: another session keeps it from taking it. */
static struct advisory_holding *
find(const struct advisory_locks *locks, uint32_t pid, const struct sql_advisory *lock, bool *conflict)
{
	struct advisory_holding *own = NULL;

	*conflict = false;
	for (size_t i = 0; i < locks->n; i++) {
		struct advisory_holding *holding = &locks->holdings[i];

		if (!is_same_key(&holding->lock, lock))
			continue;
		if (holding->pid != pid)
			*conflict |= !holding->lock.shared || !lock->shared;
		else if (is_same_lock(&holding->lock, lock))
			own = holding;
	}
	return own;
}

static bool
make_room(struct advisory_locks *locks)
{
	size_t capacity = locks->capacity == 0 ? 16 : 2 * locks->capacity;
	struct advisory_holding *grown;

	if (locks->n < locks->capacity)
		return true;
	if (locks->n >= ADVISORY_LOCKS_MAX || (grown = realloc(locks->holdings, capacity * sizeof(*grown))) == NULL)
		return false;
	locks->holdings = grown;
	locks->capacity = capacity;
	return true;
}

int
advisory_take(struct advisory_locks *locks, uint32_t pid, const struct sql_advisory *lock)
{
	struct advisory_holding *own;
	bool conflict;
	int result = 1;

	pthread_mutex_lock(&locks->mutex);
	own = find(locks, pid, lock, &conflict);
	if (conflict)
		result = 0;
	else if (own != NULL)
		own->times++;
	else if (make_room(locks))
		locks->holdings[locks->n++] = (struct advisory_holding) { .lock = *lock, .pid = pid, .times = 1 };
	else
		result = -1;
	atomic_store(&locks->count, locks->n);
	pthread_mutex_unlock(&locks->mutex);
	return result;
}

static void
drop(struct advisory_locks *locks, struct advisory_holding *holding)
{
	*holding = locks->holdings[--locks->n];
}

bool
advisory_give(struct advisory_locks *locks, uint32_t pid, const struct sql_advisory *lock)
{
	struct advisory_holding *own;
	bool conflict;

	pthread_mutex_lock(&locks->mutex);
	if ((own = find(locks, pid, lock, &conflict)) != NULL && --own->times == 0)
		drop(locks, own);
	atomic_store(&locks->count, locks->n);
	pthread_mutex_unlock(&locks->mutex);
	return own != NULL;
}

void
advisory_give_all(struct advisory_locks *locks, uint32_t pid, bool own, bool transaction)
{
	/* What others take meanwhile is not this session's. */
	if (atomic_load(&locks->count) == 0)
		return;
	pthread_mutex_lock(&locks->mutex);
	for (size_t i = locks->n; i-- > 0;) {
		struct advisory_holding *holding = &locks->holdings[i];

		if (holding->pid == pid && (holding->lock.transaction ? transaction : own))
			drop(locks, holding);
	}
	atomic_store(&locks->count, locks->n);
	pthread_mutex_unlock(&locks->mutex);
}
