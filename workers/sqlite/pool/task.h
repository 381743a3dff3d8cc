/*
 * A task, which the pool schedules: where it is, which session its events are for, until when it waits. It is a part of
 * what is scheduled (struct session), whose memory is never given back: an event of it may still be on its way.
 */
#ifndef BIBD_SQLITE_TASK_H
#define BIBD_SQLITE_TASK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/conf.h"

enum task_where { TASK_RUNNING, TASK_AWAITS_CLIENT, TASK_PARKED, TASK_READY };
#define TASK_WHERE_MASK 3U

enum pool_wait {
	POOL_WAIT_NONE,
	POOL_WAIT_LEASE,
	POOL_WAIT_CONNECTION,
	POOL_WAIT_PIN,
	POOL_WAIT_RESUME,
	POOL_WAIT_SYNC, /* its answer depends on what is not on the disk yet */
};

struct pool_task {
	pthread_mutex_t lock; /* held while it is handed to the client's socket; see pool_await_client */
	atomic_uint where; /* enum task_where, and above it how often this memory has been a task: an event of one that
			    * has ended must not be taken for its successor's */
	uint64_t tag;	   /* what its events bear; see task_take_by_tag. task_renew clears all from here on */
	bool watched;	   /* in the epoll set */
	bool expired;	   /* its deadline has passed */
	enum pool_wait waits_for;   /* the queue it is in */
	atomic_uint deadline_index; /* changed with the pool's lock held; see deadline.c */
	int64_t deadline;
	TAILQ_ENTRY(pool_task) queue;

	int fd; /* its client's socket */
	enum role role;
	bool is_low;		/* its turns leave the processor to others: they are for the threads of low.c */
	uint32_t events;	/* of epoll, for the turn that it waits for there */
	bool is_check;		/* of bibd's own health check: what it is answered counts for nothing */
	atomic_bool cancelled;	/* is not to wait in a queue any more */
	atomic_bool terminated; /* is to end: taken up instead of waiting for its client */
	atomic_bool called;	/* has something to tell its client: likewise; its thread clears it */
	int64_t wait_deadline;	/* set when it first had to wait in a queue; CLOCK_NEVER: it does not */
	uint64_t answer_stored; /* so many told commits are to be in the repository before it is answered (commit.h) */
	uint64_t answer_needs;	/* the last transaction that is to be on the disk before it is answered (commit.h) */
};

/* Where the task is; set_where is for the thread that has it, or holds the pool's lock while it waits. */
enum task_where task_where(const struct pool_task *task);
void task_set_where(struct pool_task *task, enum task_where where);
/* Takes a task that waits for its client: true for the one that gets it. */
bool task_take(struct pool_task *task);
/* The same for the task that an event's tag means; NULL when it has ended, or somebody else has it. */
struct pool_task *task_take_by_tag(uint64_t tag);

/* Makes a task of zeroed memory, or of one that has ended: it runs, and nothing of before is for it. */
void task_renew(struct pool_task *task);

#endif
