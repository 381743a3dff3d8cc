/*
 * Puts a session into the heap of deadlines, takes it out, and sets the timer to the first one.
 */
#include "workers/sqlite/pool/deadline.h"

#include <stdlib.h>
#include <sys/timerfd.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/sqlite/pool/pool.h"

/* The heap's places are numbered from 1, so that 0 in task->deadline_index means: not in it. */
static void
deadline_put(struct pool *pool, unsigned place, struct pool_task *task)
{
	pool->deadlines[place] = task;
	atomic_store_explicit(&task->deadline_index, place, memory_order_relaxed);
}

static void
deadline_sift_up(struct pool *pool, unsigned place)
{
	struct pool_task *task = pool->deadlines[place];

	for (; place > 1 && pool->deadlines[place / 2]->deadline > task->deadline; place /= 2)
		deadline_put(pool, place, pool->deadlines[place / 2]);
	deadline_put(pool, place, task);
}

static void
deadline_sift_down(struct pool *pool, unsigned place)
{
	struct pool_task *task = pool->deadlines[place];

	for (unsigned child; (child = 2 * place) <= pool->ndeadlines; place = child) {
		if (child < pool->ndeadlines && pool->deadlines[child + 1]->deadline < pool->deadlines[child]->deadline)
			child++;
		if (pool->deadlines[child]->deadline >= task->deadline)
			break;
		deadline_put(pool, place, pool->deadlines[child]);
	}
	deadline_put(pool, place, task);
}

void
deadline_arm(struct pool *pool)
{
	int64_t at = pool->ndeadlines == 0 ? CLOCK_NEVER : pool->deadlines[1]->deadline, now;
	struct itimerspec when = { { 0, 0 }, { 0, 0 } };

	/* A timer that comes too early finds nothing due and sets itself again: cheaper than moving it each time. */
	if (at >= pool->timer_at)
		return;
	pool->timer_at = at;
	now = clock_now_ms();
	if (at <= now)
		at = now + 1;
	when.it_value.tv_sec = (at - now) / 1000;
	when.it_value.tv_nsec = (at - now) % 1000 * 1000000;
	(void)timerfd_settime(pool->timer_fd, 0, &when, NULL);
}

void
deadline_clear(struct pool *pool, struct pool_task *task)
{
	unsigned place = atomic_load_explicit(&task->deadline_index, memory_order_relaxed);
	struct pool_task *last;

	if (place == 0)
		return;
	atomic_store_explicit(&task->deadline_index, 0, memory_order_relaxed);
	last = pool->deadlines[pool->ndeadlines--];
	if (last == task)
		return;
	deadline_put(pool, place, last);
	deadline_sift_up(pool, place);
	deadline_sift_down(pool, atomic_load_explicit(&last->deadline_index, memory_order_relaxed));
}

void
deadline_set(struct pool *pool, struct pool_task *task, int64_t at)
{
	deadline_clear(pool, task);
	if (at == CLOCK_NEVER)
		return;
	if (pool->ndeadlines + 1 >= pool->deadline_capacity) {
		unsigned capacity = pool->deadline_capacity == 0 ? 64 : 2 * pool->deadline_capacity;
		struct pool_task **grown = reallocarray(pool->deadlines, capacity, sizeof(*grown));

		if (grown == NULL) {
			log_error("out of memory: a client waits without a deadline");
			return;
		}
		pool->deadlines = grown;
		pool->deadline_capacity = capacity;
	}
	task->deadline = at;
	pool->deadlines[++pool->ndeadlines] = task;
	deadline_sift_up(pool, pool->ndeadlines);
	deadline_arm(pool);
}

struct pool_task *
deadline_next_due(struct pool *pool, int64_t now)
{
	struct pool_task *task;

	if (pool->ndeadlines == 0 || pool->deadlines[1]->deadline > now)
		return NULL;
	task = pool->deadlines[1];
	deadline_clear(pool, task);
	return task;
}
