/* The pool's threads: how many serve, and what they do with an event. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/sqlite/pool/deadline.h"
#include "workers/sqlite/pool/pool.h"

/* Connections taken at one go before other events have their turn. */
#define POOL_ACCEPT_BATCH 16
#define POOL_EXHAUSTED_REPORT_MS 60000
#define POOL_EXHAUSTED_PAUSE_US 10000
/* By edges: where the socket stayed readable, a second thread would be woken for each client. */
#define POOL_LISTEN_EVENTS (EPOLLIN | EPOLLET)

/* What stands in epoll's data for descriptors that are no task's. */
static char pool_ready_tag, pool_timer_tag, pool_listen_tag, pool_audit_tag;

/* How much nicer a thread is that gives way: it gets a tenth of what another gets that wants the processor as well. */
#define POOL_LOW_NICE 10

/* Whether the calling thread gives way. */
static _Thread_local bool pool_thread_is_low;

static void *pool_thread(void *arg);

static int
pool_watch(struct pool *pool, int fd, void *tag, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = tag };

	return epoll_ctl(pool->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

int
pool_watch_own(struct pool *pool)
{
	if (pool_watch(pool, pool->ready_fd, &pool_ready_tag, EPOLLIN | EPOLLEXCLUSIVE) == -1 ||
	    pool_watch(pool, pool->timer_fd, &pool_timer_tag, EPOLLIN | EPOLLEXCLUSIVE) == -1 ||
	    pool_watch(pool, pool->audit_fd, &pool_audit_tag, EPOLLIN | EPOLLEXCLUSIVE) == -1)
		return -1;
	return 0;
}

bool
pool_start_thread(struct pool *pool, void *(*run)(void *arg))
{
	pthread_attr_t attr;
	pthread_t thread;
	bool started;

	if (pthread_attr_init(&attr) != 0)
		return false;
	started = pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0 &&
	    pthread_attr_setstacksize(&attr, POOL_STACK_BYTES) == 0 && pthread_create(&thread, &attr, run, pool) == 0;
	if (!started)
		log_warning("cannot start another thread; %u serve all clients", pool->nthreads);
	pthread_attr_destroy(&attr);
	return started;
}

/* Threads that serve, or are on their way to. With the lock held, as in the two below. */
static unsigned
pool_count_serving(const struct pool *pool)
{
	return pool->nthreads - pool->nlong - pool->nstanding_by + pool->ncalled;
}

/* Calls or starts threads until as many serve as should. */
static void
pool_fill_up(struct pool *pool)
{
	while (pool_count_serving(pool) < pool->max_serving) {
		unsigned before = pool->nthreads;

		if (pool->nstanding_by > pool->ncalled) {
			pool->ncalled++;
			pthread_cond_signal(&pool->called);
			continue;
		}
		if (pool->nthreads < pool->max_threads)
			pool->nthreads += pool_start_thread(pool, pool_thread);
		if (pool->nthreads == before)
			break;
	}
	atomic_store(&pool->surplus, (int)pool_count_serving(pool) - (int)pool->max_serving);
}

void
pool_enter_long_work(struct pool *pool)
{
	if (pool_low_enter_long_work(pool))
		return;
	pthread_mutex_lock(&pool->lock);
	pool->nlong++;
	pool_fill_up(pool);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_leave_long_work(struct pool *pool)
{
	if (pool_low_leave_long_work(pool) || pool_thread_is_low)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->nlong--;
	atomic_store(&pool->surplus, (int)pool_count_serving(pool) - (int)pool->max_serving);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_lower_thread(void)
{
	/* On Linux, of the thread alone. Where it may not, all is as before. One that a lowered thread has started
	 * is as nice as that at first: what counts is the first thread of all, which is never lowered. */
	if (!pool_thread_is_low)
		(void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, (id_t)getpid()) + POOL_LOW_NICE);
	pool_thread_is_low = true;
}

bool
pool_has_low_thread(void)
{
	return pool_thread_is_low;
}

/* No way leads back up without a privilege: a thread that was lowered ends with its long work. The one that serves in
 * its place was called when that began. */
static void
pool_end_low_thread(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->nlong--;
	pool->nthreads--;
	pthread_mutex_unlock(&pool->lock);
}

/* One thread too many: this one stands by until it is called. */
static void
pool_stand_by(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	if (pool_count_serving(pool) > pool->max_serving) {
		pool->nstanding_by++;
		atomic_store(&pool->surplus, (int)pool_count_serving(pool) - (int)pool->max_serving);
		while (pool->ncalled == 0)
			pthread_cond_wait(&pool->called, &pool->lock);
		pool->ncalled--;
		pool->nstanding_by--;
	}
	pthread_mutex_unlock(&pool->lock);
}

int
pool_listen(struct pool *pool, int fd, struct error *e)
{
	pthread_mutex_lock(&pool->lock);
	pool->listen_fd = fd;
	pool_fill_up(pool);
	pthread_mutex_unlock(&pool->lock);
	if (pool->nthreads == 0)
		return error_set(e, STATUS_OS, "pool.listen", "no thread could be started to serve clients");
	if (fd != -1 && pool_watch(pool, fd, &pool_listen_tag, POOL_LISTEN_EVENTS) == -1)
		return error_set_errno(e, STATUS_OS, "pool.listen", "cannot watch the client socket");
	return 0;
}

/* The listening socket stays readable: said once in a while, and not tried again at once. */
static void
pool_note_exhausted(struct pool *pool)
{
	int64_t now = clock_now_ms();

	if (now - pool->accept_failed_ms >= POOL_EXHAUSTED_REPORT_MS) {
		pool->accept_failed_ms = now;
		mailbox_put(pool->mailbox, "clients.descriptors",
		    "no descriptor or memory for another client: raise the limit on open files");
	}
	(void)usleep(POOL_EXHAUSTED_PAUSE_US);
}

/* True when the queue is empty. */
static bool
pool_accept_batch(struct pool *pool, struct pool_task **at_once)
{
	for (int i = 0; i < POOL_ACCEPT_BATCH && *at_once == NULL; i++) {
		int fd = accept4(pool->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd != -1)
			*at_once = pool->calls->accept(pool->arg, fd);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			return true;
		else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
			pool_note_exhausted(pool);
			break;
		}
	}
	return false;
}

/* The socket tells once of each who comes. Whoever may leave some in its queue has it tell again, before it does
 * anything that may last. */
static void
pool_accept(struct pool *pool)
{
	struct epoll_event ev = { .events = POOL_LISTEN_EVENTS, .data.ptr = &pool_listen_tag };
	struct pool_task *at_once = NULL;

	if (!pool_accept_batch(pool, &at_once))
		(void)epoll_ctl(pool->epoll_fd, EPOLL_CTL_MOD, pool->listen_fd, &ev);
	if (at_once != NULL)
		pool->calls->run(at_once, EPOLLIN);
}

static struct pool_task *
pool_next_ready(struct pool *pool)
{
	struct pool_task *task;
	eventfd_t one;

	if (eventfd_read(pool->ready_fd, &one) == -1)
		return NULL;
	pthread_mutex_lock(&pool->lock);
	if ((task = TAILQ_FIRST(&pool->ready)) != NULL) {
		TAILQ_REMOVE(&pool->ready, task, queue);
		task_set_where(task, TASK_RUNNING);
	}
	pthread_mutex_unlock(&pool->lock);
	return task;
}

static void
pool_expire(struct pool *pool)
{
	struct pool_task *task;
	uint64_t count;
	ssize_t ignored = read(pool->timer_fd, &count, sizeof(count));

	(void)ignored;
	pthread_mutex_lock(&pool->lock);
	pool->timer_at = CLOCK_NEVER;
	while ((task = deadline_next_due(pool, clock_now_ms())) != NULL)
		if (pool_rouse_locked(pool, task))
			task->expired = true;
	deadline_arm(pool);
	pthread_mutex_unlock(&pool->lock);
}

void
pool_call_audit(struct pool *pool)
{
	(void)eventfd_write(pool->audit_fd, 1);
}

/* One whose statement has worked for long waits for a nicer thread: others go first. */
static void
pool_run(struct pool *pool, struct pool_task *task, uint32_t events)
{
	if (!task->is_low || !pool_pass_low(pool, task, events))
		pool->calls->run(task, events);
}

static void
pool_serve(struct pool *pool, const struct epoll_event *event)
{
	struct pool_task *task;
	eventfd_t calls;

	if (event->data.ptr == &pool_listen_tag) {
		pool_accept(pool);
		return;
	}
	if (event->data.ptr == &pool_timer_tag) {
		pool_expire(pool);
		return;
	}
	if (event->data.ptr == &pool_audit_tag) {
		if (eventfd_read(pool->audit_fd, &calls) == 0)
			pool->calls->write_audit(pool->arg);
		return;
	}
	if (event->data.ptr == &pool_ready_tag) {
		if ((task = pool_next_ready(pool)) != NULL)
			pool_run(pool, task, 0);
		return;
	}
	if ((task = task_take_by_tag(event->data.u64)) != NULL)
		pool_run(pool, task, event->events);
}

void
pool_note_answer(struct pool *pool, const struct pool_task *task)
{
	if (!task->is_check)
		atomic_fetch_add_explicit(&pool->answered, 1, memory_order_relaxed);
}

bool
pool_is_stuck(struct pool *pool, unsigned long *answered)
{
	unsigned long before = *answered;
	bool waits, syncing = commit_is_syncing(pool->commit);

	pthread_mutex_lock(&pool->lock);
	waits = !TAILQ_EMPTY(&pool->connections_waiting) || !TAILQ_EMPTY(&pool->pins_waiting) ||
	    (!TAILQ_EMPTY(&pool->unsynced) && pool->writer == NULL && !syncing);
	pthread_mutex_unlock(&pool->lock);
	*answered = atomic_load(&pool->answered);
	return waits && *answered == before;
}

static void *
pool_thread(void *arg)
{
	struct pool *pool = arg;
	struct epoll_event event;

	for (;;) {
		if (atomic_load_explicit(&pool->surplus, memory_order_relaxed) > 0)
			pool_stand_by(pool);
		/* One event at a time: a second one would wait while another thread is free. */
		if (epoll_wait(pool->epoll_fd, &event, 1, -1) != 1)
			continue;
		pool_serve(pool, &event);
		if (pool_thread_is_low)
			break;
	}
	pool_end_low_thread(pool);
	return NULL;
}
