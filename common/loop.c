/*
 * Waits with epoll for descriptors and for the next timer, and calls what is due.
 */
#include "common/loop.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

#define LOOP_BATCH 32

int
loop_open(struct loop *loop, struct error *e)
{
	*loop = (struct loop) { .epoll_fd = epoll_create1(EPOLL_CLOEXEC) };
	TAILQ_INIT(&loop->timers);
	if (loop->epoll_fd == -1)
		return error_set_errno(e, STATUS_OS, "loop.create", "cannot create an epoll descriptor");
	return 0;
}

void
loop_close(struct loop *loop)
{
	if (loop->epoll_fd != -1)
		close(loop->epoll_fd);
	loop->epoll_fd = -1;
}

int
loop_watch_add(struct loop *loop, struct loop_watch *watch, int fd, uint32_t events, loop_watch_fn *fn, void *arg,
    struct error *e)
{
	struct epoll_event ev = { .events = events, .data.ptr = watch };

	*watch = (struct loop_watch) { .loop = loop, .fd = fd, .events = events, .fn = fn, .arg = arg };
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == -1) {
		watch->fd = -1;
		return error_set_errno(e, STATUS_OS, "loop.watch", "cannot watch descriptor %d", fd);
	}
	return 0;
}

void
loop_watch_events(struct loop_watch *watch, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = watch };

	if (watch->fd == -1 || watch->events == events)
		return;
	watch->events = events;
	(void)epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &ev);
}

void
loop_watch_delete(struct loop_watch *watch)
{
	if (watch->loop == NULL || watch->fd == -1)
		return;
	(void)epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	for (int i = 0; i < watch->loop->nready; i++)
		if (watch->loop->ready[i] == watch)
			watch->loop->ready[i] = NULL;
	watch->fd = -1;
}

void
loop_timer_set_lazy(struct loop *loop, struct loop_timer *timer, int64_t ms, int64_t slack, loop_timer_fn *fn,
    void *arg)
{
	struct loop_timer *other;

	loop_timer_cancel(timer);
	timer->loop = loop;
	timer->at = clock_now_ms() + ms;
	timer->slack = slack < ms ? slack : 0; /* a timer that sets itself again is not due at once */
	loop->nlazy += timer->slack > 0;
	timer->fn = fn;
	timer->arg = arg;
	TAILQ_FOREACH(other, &loop->timers, entry)
	if (other->at > timer->at) {
		TAILQ_INSERT_BEFORE(other, timer, entry);
		return;
	}
	TAILQ_INSERT_TAIL(&loop->timers, timer, entry);
}

void
loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t ms, loop_timer_fn *fn, void *arg)
{
	loop_timer_set_lazy(loop, timer, ms, 0, fn, arg);
}

void
loop_timer_cancel(struct loop_timer *timer)
{
	if (timer->loop == NULL)
		return;
	TAILQ_REMOVE(&timer->loop->timers, timer, entry);
	timer->loop->nlazy -= timer->slack > 0;
	timer->loop = NULL;
}

/* A timer that is not due yet but may run now by its slack; NULL: none. */
static struct loop_timer *
loop_find_lazy(const struct loop *loop, int64_t now)
{
	struct loop_timer *timer;

	if (loop->nlazy == 0)
		return NULL;
	TAILQ_FOREACH(timer, &loop->timers, entry)
	if (timer->at - timer->slack <= now)
		break;
	return timer;
}

static void
loop_run_timers(struct loop *loop)
{
	int64_t now = clock_now_ms();
	struct loop_timer *timer;

	while ((timer = TAILQ_FIRST(&loop->timers)) != NULL && timer->at <= now && !loop->stopping) {
		loop_timer_cancel(timer);
		timer->fn(timer);
	}
	while (!loop->stopping && (timer = loop_find_lazy(loop, now)) != NULL) {
		loop_timer_cancel(timer);
		timer->fn(timer);
	}
}

/* Milliseconds until the next timer, at most max_ms; -1 for never. */
static int
loop_timeout(const struct loop *loop, int max_ms)
{
	const struct loop_timer *timer = TAILQ_FIRST(&loop->timers);
	int64_t ms;

	if (timer == NULL)
		return max_ms;
	ms = timer->at - clock_now_ms();
	if (ms < 0)
		ms = 0;
	if (ms > INT_MAX)
		ms = INT_MAX;
	return max_ms >= 0 && max_ms < ms ? max_ms : (int)ms;
}

static void
loop_rest(struct loop *loop)
{
	const struct timespec rest = { .tv_nsec = loop->gather_ms * 1000000L };

	if (loop->gather_ms > 0)
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, NULL);
	loop->gather_ms = 0;
}

int
loop_run_once(struct loop *loop, int max_ms, struct error *e)
{
	struct epoll_event events[LOOP_BATCH];
	struct loop_watch *ready[LOOP_BATCH];
	int n;

	loop_rest(loop);
	n = epoll_wait(loop->epoll_fd, events, LOOP_BATCH, loop_timeout(loop, max_ms));
	if (n == -1 && errno != EINTR)
		return error_set_errno(e, STATUS_OS, "loop.wait", "cannot wait for events");
	if (n < 0)
		n = 0;
	for (int i = 0; i < n; i++)
		ready[i] = events[i].data.ptr;
	loop->ready = ready;
	loop->nready = n;
	for (int i = 0; i < n && !loop->stopping; i++)
		if (ready[i] != NULL)
			ready[i]->fn(ready[i], events[i].events);
	loop->ready = NULL;
	loop->nready = 0;
	loop_run_timers(loop);
	return 0;
}

int
loop_run(struct loop *loop, struct error *e)
{
	while (!loop->stopping)
		if (loop_run_once(loop, -1, e) == -1)
			return -1;
	loop->stopping = false;
	return 0;
}

void
loop_stop(struct loop *loop)
{
	loop->stopping = true;
}

void
loop_gather(struct loop *loop, int ms)
{
	loop->gather_ms = ms;
}
