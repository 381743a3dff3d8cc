/*
 * Deadlines of sessions that wait: a binary heap in the pool, and one timerfd for its top. The pool's lock is held in
 * all of these.
 */
#ifndef BIBD_SQLITE_DEADLINE_H
#define BIBD_SQLITE_DEADLINE_H

#include <stdint.h>

struct pool;
struct pool_task;

/* at: clock_now_ms(); CLOCK_NEVER clears. Out of memory leaves the session without a deadline, and says so. */
void deadline_set(struct pool *pool, struct pool_task *task, int64_t at);
void deadline_clear(struct pool *pool, struct pool_task *task);

/* Takes out and returns a session whose deadline has passed; NULL: none. */
struct pool_task *deadline_next_due(struct pool *pool, int64_t now);

/* Sets the timer to the next deadline, when it is sooner than what is set. */
void deadline_arm(struct pool *pool);

#endif
