/*
 * What threads leave for the loop's thread: events for the supervisor, and the word that there is something to look at.
 */
#ifndef BIBD_SQLITE_MAILBOX_H
#define BIBD_SQLITE_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "common/error.h"

struct mailbox_event {
	STAILQ_ENTRY(mailbox_event) entry;
	const char *code; /* static */
	char text[ERROR_TEXT_MAX];
};

struct mailbox {
	int wake_fd; /* eventfd, which the loop watches */
	pthread_mutex_t lock;
	STAILQ_HEAD(, mailbox_event) events;
	unsigned nevents;
};

/* -1 with errno set. */
int mailbox_open(struct mailbox *mailbox);

/* Wakes the loop's thread, which then looks at what threads left for it (events, the end of a stop). Any thread. */
void mailbox_wake(struct mailbox *mailbox);
/* The loop's thread was woken. */
void mailbox_woken(struct mailbox *mailbox);

/* Leaves an event for the supervisor. Any thread; a bounded queue, the oldest kept. */
void mailbox_put(struct mailbox *mailbox, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The oldest event, which the caller frees; NULL: none. */
struct mailbox_event *mailbox_take(struct mailbox *mailbox);
/* Whether events wait for the loop's thread. */
bool mailbox_has_events(struct mailbox *mailbox);

#endif
