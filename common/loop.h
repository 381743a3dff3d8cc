/*
 * The event loop of every process: descriptors with epoll(7), and timers. Callbacks run in the loop's thread and never
 * block.
 */
#ifndef BIBD_LOOP_H
#define BIBD_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/error.h"

struct loop;
struct loop_watch;
struct loop_timer;

/* events: the EPOLL* bits that are set. The callback may delete its own watch or any other. */
typedef void loop_watch_fn(struct loop_watch *watch, uint32_t events);
typedef void loop_timer_fn(struct loop_timer *timer);

/* Embedded in the caller's struct, which owns it and its descriptor. fd is -1 while it is not in a loop. */
struct loop_watch {
	struct loop *loop;
	int fd;
	uint32_t events;
	loop_watch_fn *fn;
	void *arg;
};

struct loop_timer {
	struct loop *loop; /* NULL while it is not set */
	int64_t at;	   /* clock_now_ms() at which it is due */
	int64_t slack;	   /* it may run so much sooner, when the loop is awake anyway */
	loop_timer_fn *fn;
	void *arg;
	TAILQ_ENTRY(loop_timer) entry;
};

struct loop {
	int epoll_fd;
	bool stopping;
	int gather_ms;				    /* see loop_gather */
	unsigned nlazy;				    /* timers with slack */
	TAILQ_HEAD(loop_timers, loop_timer) timers; /* the next one due first */
	struct loop_watch **ready;		    /* the batch being delivered, so that a delete can strike from it */
	int nready;
};

/* Errors: loop.create. loop_close frees what the loop itself holds, not the watches. */
int loop_open(struct loop *loop, struct error *e);
void loop_close(struct loop *loop);

/* Watches fd for events (EPOLLIN, EPOLLOUT). Errors: loop.watch. */
int loop_watch_add(struct loop *loop, struct loop_watch *watch, int fd, uint32_t events, loop_watch_fn *fn, void *arg,
    struct error *e);

/* Changes what an added watch waits for. Cannot fail for a watch that is in the loop. */
void loop_watch_events(struct loop_watch *watch, uint32_t events);

/* Takes the watch out; the descriptor stays open. Does nothing to one that is not in a loop. */
void loop_watch_delete(struct loop_watch *watch);

/* Sets the timer to run once, ms milliseconds from now; one that is set already is moved. */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t ms, loop_timer_fn *fn, void *arg);
/* The same for work that is due now and then: it runs up to slack milliseconds sooner when the loop is awake for
 * something else, so that an idle process does not wake up for it alone. */
void loop_timer_set_lazy(struct loop *loop, struct loop_timer *timer, int64_t ms, int64_t slack, loop_timer_fn *fn,
    void *arg);
void loop_timer_cancel(struct loop_timer *timer);

/* Runs until loop_stop, which may have been called before. Errors: loop.wait. loop_run_once waits at most max_ms (-1:
 * until something happens), delivers what is there and returns. */
int loop_run(struct loop *loop, struct error *e);
int loop_run_once(struct loop *loop, int max_ms, struct error *e);
void loop_stop(struct loop *loop);

/* Let the loop sleep for ms milliseconds, a few, before it waits again: a process that has just asked many others gets
 * their answers in one wakeup. */
void loop_gather(struct loop *loop, int ms);

#endif
