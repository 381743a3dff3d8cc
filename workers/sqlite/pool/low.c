/*
 * Threads for the turns of statements that have worked for long: a COPY without an end, or a result that its client
 * reads as fast as it comes. Each of their turns is short, and there is one after the other: in the threads that serve
 * everybody they would take as much of the processors as all others together. These are nicer, and as many as serve.
 *
 * A turn that lasts itself is long work here, too: another thread takes its place meanwhile. None of them takes the
 * lease (pool_lower_thread), and a task that has it is not theirs.
 */
#include <time.h>

#include "workers/sqlite/pool/pool.h"

/* A thread that has had nothing to do for so long ends. */
#define LOW_REST_S 2

static _Thread_local bool low_thread;

int
pool_open_low(struct pool *pool)
{
	pthread_condattr_t attr;
	int result = -1;

	if (pthread_condattr_init(&attr) != 0)
		return -1;
	if (pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 && pthread_cond_init(&pool->low_called, &attr) == 0)
		result = 0;
	pthread_condattr_destroy(&attr);
	return result;
}

/* The next task, and the events of its turn in it; NULL: the thread is not needed any more, and not counted. */
static struct pool_task *
low_next(struct pool *pool)
{
	struct pool_task *task = NULL;
	struct timespec until;
	int code = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LOW_REST_S;
	pthread_mutex_lock(&pool->lock);
	if (pool->nlow <= pool->max_serving) {
		pool->nlow_idle++;
		while (TAILQ_EMPTY(&pool->low) && code == 0)
			code = pthread_cond_timedwait(&pool->low_called, &pool->lock, &until);
		pool->nlow_idle--;
		task = TAILQ_FIRST(&pool->low);
	}
	if (task != NULL) {
		TAILQ_REMOVE(&pool->low, task, queue);
		pool->nlow_queued--;
	} else {
		pool->nlow--;
		pool->nlow_threads--;
	}
	pthread_mutex_unlock(&pool->lock);
	return task;
}

static void *
low_run(void *arg)
{
	struct pool *pool = arg;
	struct pool_task *task;

	low_thread = true;
	pool_lower_thread();
	while ((task = low_next(pool)) != NULL)
		pool->calls->run(task, task->events);
	return NULL;
}

/* One more thread, where those that wait are too few for what is queued; with the lock held. */
static void
low_start(struct pool *pool)
{
	bool started = pool->nlow_queued >= pool->nlow_idle && pool->nlow < pool->max_serving &&
	    pool->nlow_threads < pool->max_threads + pool->max_serving && pool_start_thread(pool, low_run);

	pool->nlow += started;
	pool->nlow_threads += started;
}

bool
pool_pass_low(struct pool *pool, struct pool_task *task, uint32_t events)
{
	bool passed;

	pthread_mutex_lock(&pool->lock);
	passed = pool->writer != task && !pool->stopping;
	if (passed)
		low_start(pool);
	passed = passed && pool->nlow > 0;
	if (passed) {
		task->events = events;
		TAILQ_INSERT_TAIL(&pool->low, task, queue);
		pool->nlow_queued++;
		pthread_cond_signal(&pool->low_called);
	}
	pthread_mutex_unlock(&pool->lock);
	return passed;
}

/* Nobody is left who would take them: those who serve everybody do. Their sockets tell again what they told. */
static void
low_give_up(struct pool *pool)
{
	struct pool_task *task;

	while ((task = TAILQ_FIRST(&pool->low)) != NULL) {
		TAILQ_REMOVE(&pool->low, task, queue);
		pool->nlow_queued--;
		task->is_low = false;
		pool_make_ready(pool, task);
	}
}

bool
pool_low_enter_long_work(struct pool *pool)
{
	if (!low_thread)
		return false;
	pthread_mutex_lock(&pool->lock);
	pool->nlow--;
	if (pool->nlow_queued > 0)
		low_start(pool);
	if (pool->nlow == 0)
		low_give_up(pool);
	pthread_mutex_unlock(&pool->lock);
	return true;
}

bool
pool_low_leave_long_work(struct pool *pool)
{
	if (!low_thread)
		return false;
	pthread_mutex_lock(&pool->lock);
	pool->nlow++;
	pthread_mutex_unlock(&pool->lock);
	return true;
}
