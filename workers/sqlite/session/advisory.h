/*
 * Advisory locks: numbers that sessions agree on. Kept in memory for as long as the worker lives, as PostgreSQL keeps
 * them; a session's own go with it, a transaction's with that.
 *
 * THE INVARIANT. Of one key there are never two holders, one of which has it alone. Each taking of a lock by a session
 * counts, and is given back once. A holder waits for nobody while it holds the mutex, and nobody waits for a lock: who
 * would have to is told so.
 */
#ifndef BIBD_SQLITE_SESSION_ADVISORY_H
#define BIBD_SQLITE_SESSION_ADVISORY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/settings/sql_context.h"

/* How many may be held in all; more are refused with 53200. */
#define ADVISORY_LOCKS_MAX 16384

struct advisory_holding {
	struct sql_advisory lock;
	uint32_t pid;
	unsigned times;
};

struct advisory_locks {
	pthread_mutex_t mutex;
	struct advisory_holding *holdings;
	size_t n, capacity;
	atomic_size_t count; /* what `n` is, to be read without the mutex */
};

/* -1: errno says why. */
int advisory_open(struct advisory_locks *locks);
/* Takes a lock for the session with that pid. 1: it has it, 0: another session has it, -1: there are too many, or
 * memory is out. */
int advisory_take(struct advisory_locks *locks, uint32_t pid, const struct sql_advisory *lock);
/* Gives back a lock that the session took once, and not for its transaction. false: it has none. */
bool advisory_give(struct advisory_locks *locks, uint32_t pid, const struct sql_advisory *lock);
/* Gives back all locks that the session has for itself, for its transaction, or both. */
void advisory_give_all(struct advisory_locks *locks, uint32_t pid, bool own, bool transaction);

#endif
