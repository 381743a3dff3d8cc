/*
 * Hands out connections, pins and the right to write, and parks and rouses the sessions that wait for one.
 */
#include "workers/sqlite/pool/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/sqlite/pool/deadline.h"

/* Connections that nothing may pin, so that reads always find one. */
#define POOL_UNPINNED 2

int
pool_open(struct pool *pool, const struct pool_calls *calls, void *arg, struct commit *commit, struct mailbox *mailbox,
    unsigned max_connections, struct error *e)
{
	*pool = (struct pool) { .calls = calls,
		.arg = arg,
		.commit = commit,
		.mailbox = mailbox,
		.listen_fd = -1,
		.max_connections = max_connections,
		.max_threads = max_connections + POOL_ADMIN_RESERVE + POOL_ROLE_RESERVE + POOL_SPARE_THREADS,
		.max_pinned = max_connections > POOL_UNPINNED ? max_connections - POOL_UNPINNED : 1,
		.timer_at = CLOCK_NEVER };
	pool->max_serving = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	if (pool->max_serving < 2)
		pool->max_serving = 2;
	if (pool->max_serving > max_connections)
		pool->max_serving = max_connections;
	LIST_INIT(&pool->connections);
	TAILQ_INIT(&pool->free);
	TAILQ_INIT(&pool->writers_waiting);
	TAILQ_INIT(&pool->connections_waiting);
	TAILQ_INIT(&pool->pins_waiting);
	TAILQ_INIT(&pool->paused);
	TAILQ_INIT(&pool->unsynced);
	TAILQ_INIT(&pool->ready);
	TAILQ_INIT(&pool->low);
	pool->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	pool->ready_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	pool->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	pool->audit_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pthread_mutex_init(&pool->lock, NULL) != 0 || pthread_cond_init(&pool->called, NULL) != 0 ||
	    pool_open_low(pool) == -1 || pool->epoll_fd == -1 || pool->ready_fd == -1 || pool->timer_fd == -1 ||
	    pool->audit_fd == -1 || pool_watch_own(pool) == -1)
		return error_set_errno(e, STATUS_OS, "pool.create", "cannot make the descriptors that threads share");
	return 0;
}

/* ---- waiting and waking; the lock is held in all of these ---- */

static void
pool_queue_ready(struct pool *pool, struct pool_task *task)
{
	deadline_clear(pool, task);
	task_set_where(task, TASK_READY);
	TAILQ_INSERT_TAIL(&pool->ready, task, queue);
}

void
pool_make_ready(struct pool *pool, struct pool_task *task)
{
	pool_queue_ready(pool, task);
	(void)eventfd_write(pool->ready_fd, 1);
}

void
pool_unpark(struct pool *pool, struct pool_task *task)
{
	if (task->waits_for == POOL_WAIT_LEASE) {
		TAILQ_REMOVE(&pool->writers_waiting, task, queue);
		pool->nwriters_waiting--;
	} else if (task->waits_for == POOL_WAIT_PIN)
		TAILQ_REMOVE(&pool->pins_waiting, task, queue);
	else if (task->waits_for == POOL_WAIT_SYNC)
		TAILQ_REMOVE(&pool->unsynced, task, queue);
	else if (task->waits_for == POOL_WAIT_RESUME)
		TAILQ_REMOVE(&pool->paused, task, queue);
	else
		TAILQ_REMOVE(&pool->connections_waiting, task, queue);
	task->waits_for = POOL_WAIT_NONE;
	pool_make_ready(pool, task);
}

/* ---- connections and the lease ---- */

bool
pool_may_take_connection(const struct pool *pool, const struct pool_task *task)
{
	if (pool->nused < pool->max_connections)
		return true;
	if (task->role == ROLE_ADMIN)
		return pool->nused < pool->max_connections + POOL_ROLE_RESERVE + POOL_ADMIN_RESERVE;
	return pool->nused_by[task->role] < POOL_ROLE_RESERVE &&
	    pool->nused - pool->nused_by[ROLE_ADMIN] < pool->max_connections + POOL_ROLE_RESERVE;
}

void
pool_count_use(struct pool *pool, const struct pool_task *task, int by)
{
	pool->nused += (unsigned)by;
	if (task != NULL)
		pool->nused_by[task->role] += (unsigned)by;
}

void
pool_pass_connection(struct pool *pool)
{
	struct pool_task *waiting;

	TAILQ_FOREACH(waiting, &pool->connections_waiting, queue)
	if (pool_may_take_connection(pool, waiting)) {
		pool_unpark(pool, waiting);
		return;
	}
}

struct connection *
pool_take_connection(struct pool *pool, struct pool_task *task, bool *failed)
{
	struct connection *connection = NULL;
	struct error e;
	bool may, open;

	*failed = false;
	pthread_mutex_lock(&pool->lock);
	may = pool_may_take_connection(pool, task);
	if (may && (connection = TAILQ_FIRST(&pool->free)) != NULL)
		TAILQ_REMOVE(&pool->free, connection, free_entry);
	open = may && connection == NULL;
	pool_count_use(pool, task, may);
	pool->nconnections += open;
	pthread_mutex_unlock(&pool->lock);
	if (open && (connection = pool->calls->open(pool->arg, &e)) == NULL) {
		log_error("%s", e.text);
		pthread_mutex_lock(&pool->lock);
		pool->nconnections--;
		pool_count_use(pool, task, -1);
		pool_pass_connection(pool);
		pthread_mutex_unlock(&pool->lock);
		*failed = true;
		return NULL;
	}
	if (open) {
		pthread_mutex_lock(&pool->lock);
		LIST_INSERT_HEAD(&pool->connections, connection, entry);
		pthread_mutex_unlock(&pool->lock);
	}
	return connection;
}

bool
pool_take_own_lease(struct pool *pool)
{
	bool taken;

	pthread_mutex_lock(&pool->lock);
	taken = pool->writer == NULL && !pool->own_lease && TAILQ_EMPTY(&pool->writers_waiting);
	if (taken)
		pool->own_lease = true;
	else if (!pool->own_lease)
		pool->own_lease_wanted = true;
	pthread_mutex_unlock(&pool->lock);
	return taken;
}

bool
pool_has_own_lease(struct pool *pool)
{
	bool has;

	pthread_mutex_lock(&pool->lock);
	has = pool->own_lease;
	pthread_mutex_unlock(&pool->lock);
	return has;
}

bool
pool_has_lease(struct pool *pool, const struct pool_task *task)
{
	bool has;

	pthread_mutex_lock(&pool->lock);
	has = pool->writer == task;
	pthread_mutex_unlock(&pool->lock);
	return has;
}

bool
pool_take_lease(struct pool *pool, struct pool_task *task)
{
	bool taken;

	pthread_mutex_lock(&pool->lock);
	/* Those who wait come first, but for the one that the lease was passed to. */
	if (pool->writer == NULL && !pool->own_lease && TAILQ_EMPTY(&pool->writers_waiting))
		pool->writer = task;
	taken = pool->writer == task;
	pthread_mutex_unlock(&pool->lock);
	return taken;
}

static bool
pool_holds_lease(struct pool *pool, const struct pool_task *task)
{
	return task == NULL ? pool_has_own_lease(pool) : pool_has_lease(pool, task);
}

bool
pool_lease_is_awaited(struct pool *pool)
{
	bool awaited;

	pthread_mutex_lock(&pool->lock);
	awaited = pool->nwriters_waiting > 0;
	pthread_mutex_unlock(&pool->lock);
	return awaited;
}

uint64_t
pool_give_lease(struct pool *pool, struct pool_task *task)
{
	struct pool_task *next;
	uint64_t number;

	if (!pool_holds_lease(pool, task))
		return 0;
	number = commit_publish(pool->commit);
	pthread_mutex_lock(&pool->lock);
	/* A checkpoint that writers must wait for goes first. */
	pool->own_lease = task != NULL && pool->own_lease_wanted;
	pool->own_lease_wanted = false;
	pool->writer = next = pool->own_lease ? NULL : TAILQ_FIRST(&pool->writers_waiting);
	if (next != NULL)
		pool_unpark(pool, next);
	pthread_mutex_unlock(&pool->lock);
	return number;
}

static unsigned
pool_reserve(const struct pool_task *task)
{
	return task->role == ROLE_ADMIN ? POOL_ADMIN_RESERVE : 0;
}

/* With the lock held, as the next. */
static bool
pool_may_pin_locked(const struct pool *pool, const struct pool_task *task)
{
	return pool->npinned < pool->max_pinned + pool_reserve(task);
}

/* Wakes the session that has waited longest and may pin now. */
static void
pool_pass_pin(struct pool *pool)
{
	struct pool_task *waiting;

	TAILQ_FOREACH(waiting, &pool->pins_waiting, queue)
	if (pool_may_pin_locked(pool, waiting)) {
		pool_unpark(pool, waiting);
		return;
	}
}

void
pool_decline_pin(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool_pass_pin(pool);
	pthread_mutex_unlock(&pool->lock);
}

/* A task that has waited goes before those that have not. */
static bool
pool_has_its_turn(const struct pool *pool, const struct pool_task *task)
{
	return pool_may_pin_locked(pool, task) &&
	    (task->wait_deadline != CLOCK_NEVER || pool_reserve(task) > 0 || TAILQ_EMPTY(&pool->pins_waiting));
}

bool
pool_may_pin(struct pool *pool, const struct pool_task *task)
{
	bool may;

	pthread_mutex_lock(&pool->lock);
	may = pool_has_its_turn(pool, task);
	pthread_mutex_unlock(&pool->lock);
	return may;
}

bool
pool_pin(struct pool *pool, const struct pool_task *task)
{
	bool pinned;

	pthread_mutex_lock(&pool->lock);
	pinned = pool_has_its_turn(pool, task);
	if (pinned)
		pool->npinned++;
	pthread_mutex_unlock(&pool->lock);
	return pinned;
}

void
pool_unpin(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->npinned--;
	pool_pass_pin(pool);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_await_client(struct pool *pool, struct pool_task *task, uint32_t events, int64_t deadline)
{
	struct epoll_event ev = { .events = events | EPOLLRDHUP | EPOLLONESHOT, .data.u64 = task->tag };
	int op = task->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd = task->fd;
	/* Only the session's thread, this one, puts it into the heap; that others move it there changes no answer. */
	bool timed = deadline != CLOCK_NEVER || atomic_load_explicit(&task->deadline_index, memory_order_relaxed) != 0;
	bool told;

	task->watched = true;
	if (timed) {
		pthread_mutex_lock(&pool->lock);
		deadline_set(pool, task, deadline);
	}
	/* Once armed, another thread may have the session, and end it: the session's lock keeps it whole until we are
	 * out of here. */
	pthread_mutex_lock(&task->lock);
	task_set_where(task, TASK_AWAITS_CLIENT);
	(void)epoll_ctl(pool->epoll_fd, op, fd, &ev);
	/* The task was told to end, or called, after it last looked: the thread that told it found it at work. */
	told = (events & EPOLLIN) != 0 && (atomic_load(&task->terminated) || atomic_load(&task->called)) &&
	    task_take(task);
	pthread_mutex_unlock(&task->lock);
	if (told && !timed)
		pthread_mutex_lock(&pool->lock);
	if (told)
		pool_make_ready(pool, task);
	if (timed || told)
		pthread_mutex_unlock(&pool->lock);
}

void
pool_park(struct pool *pool, struct pool_task *task, enum pool_wait wait, int64_t deadline)
{
	bool granted;

	pthread_mutex_lock(&pool->lock);
	/* What was missing may have come free since the thread looked. */
	if (wait == POOL_WAIT_LEASE) {
		granted = pool->writer == NULL && !pool->own_lease && TAILQ_EMPTY(&pool->writers_waiting);
		if (granted)
			pool->writer = task;
	} else if (wait == POOL_WAIT_RESUME)
		granted = !atomic_load(&pool->is_paused);
	else if (wait == POOL_WAIT_PIN)
		granted = pool_may_pin_locked(pool, task);
	else
		granted = pool_may_take_connection(pool, task);
	if (granted || pool->stopping)
		pool_make_ready(pool, task);
	else {
		task->waits_for = wait;
		task_set_where(task, TASK_PARKED);
		if (wait == POOL_WAIT_LEASE) {
			TAILQ_INSERT_TAIL(&pool->writers_waiting, task, queue);
			pool->nwriters_waiting++;
		} else if (wait == POOL_WAIT_RESUME)
			TAILQ_INSERT_TAIL(&pool->paused, task, queue);
		else if (wait == POOL_WAIT_PIN)
			TAILQ_INSERT_TAIL(&pool->pins_waiting, task, queue);
		else
			TAILQ_INSERT_TAIL(&pool->connections_waiting, task, queue);
		deadline_set(pool, task, deadline);
		/* A cancel that found it at work still. */
		if (atomic_load(&task->cancelled))
			pool_unpark(pool, task);
	}
	pthread_mutex_unlock(&pool->lock);
}

/* Nobody who waits in `unsynced` is overlooked: what has been synced is looked at with the lock held, here before it
 * waits, and by who looks for those that wait, after it was synced. */
void
pool_await_sync(struct pool *pool, struct pool_task *task)
{
	uint64_t needs = task->answer_needs;

	pthread_mutex_lock(&pool->lock);
	if (commit_is_synced(pool->commit, needs) && commit_is_stored(pool->commit, task->answer_stored))
		pool_make_ready(pool, task);
	else {
		task->waits_for = POOL_WAIT_SYNC;
		task_set_where(task, TASK_PARKED);
		TAILQ_INSERT_TAIL(&pool->unsynced, task, queue);
		deadline_clear(pool, task);
	}
	pthread_mutex_unlock(&pool->lock);
	commit_want(pool->commit, needs);
}

void
pool_pass_synced(struct pool *pool)
{
	struct pool_task *task, *next;
	eventfd_t n = 0;

	pthread_mutex_lock(&pool->lock);
	for (task = TAILQ_FIRST(&pool->unsynced); task != NULL; task = next) {
		next = TAILQ_NEXT(task, queue);
		if (!commit_is_synced(pool->commit, task->answer_needs) ||
		    !commit_is_stored(pool->commit, task->answer_stored))
			continue;
		TAILQ_REMOVE(&pool->unsynced, task, queue);
		task->waits_for = POOL_WAIT_NONE;
		pool_queue_ready(pool, task);
		n++;
	}
	if (n > 0)
		(void)eventfd_write(pool->ready_fd, n);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_pause(struct pool *pool)
{
	atomic_store(&pool->is_paused, true);
}

void
pool_resume(struct pool *pool)
{
	atomic_store(&pool->is_paused, false);
	pthread_mutex_lock(&pool->lock);
	while (!TAILQ_EMPTY(&pool->paused))
		pool_unpark(pool, TAILQ_FIRST(&pool->paused));
	pthread_mutex_unlock(&pool->lock);
}

bool
pool_rouse_locked(struct pool *pool, struct pool_task *task)
{
	bool taken;

	if (task_where(task) == TASK_PARKED) {
		pool_unpark(pool, task);
		return true;
	}
	pthread_mutex_lock(&task->lock);
	taken = task_take(task);
	pthread_mutex_unlock(&task->lock);
	if (taken)
		pool_make_ready(pool, task);
	return taken;
}

void
pool_rouse(struct pool *pool, struct pool_task *task)
{
	pthread_mutex_lock(&pool->lock);
	(void)pool_rouse_locked(pool, task);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_call(struct pool *pool, struct pool_task *task)
{
	atomic_store(&task->called, true);
	pthread_mutex_lock(&pool->lock);
	if (task_where(task) == TASK_AWAITS_CLIENT)
		(void)pool_rouse_locked(pool, task);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_forget(struct pool *pool, struct pool_task *task)
{
	pthread_mutex_lock(&pool->lock);
	deadline_clear(pool, task);
	pool_pass_pin(pool);
	pthread_mutex_unlock(&pool->lock);
	/* The thread that armed it last may not have left pool_await_client yet. */
	pthread_mutex_lock(&task->lock);
	pthread_mutex_unlock(&task->lock);
}

unsigned
pool_close_connections(struct pool *pool)
{
	struct connection *connection;
	unsigned left;

	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pool->writing = NULL;
	while ((connection = TAILQ_FIRST(&pool->free)) != NULL) {
		TAILQ_REMOVE(&pool->free, connection, free_entry);
		LIST_REMOVE(connection, entry);
		pool->nconnections--;
		connection_close(connection);
	}
	left = pool->nconnections;
	pthread_mutex_unlock(&pool->lock);
	return left;
}
