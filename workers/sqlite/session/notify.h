/*
 * LISTEN and NOTIFY, as PostgreSQL has them. What a transaction asks for waits with its session until the commit; then
 * its listenings take effect, and its notifications go to the inbox of each session that listens. A session's thread
 * sends what is in its inbox when the session is at rest: not within a transaction, nor in the middle of an answer.
 * Which channels it listens to is asked then: what was sent while its transaction went on follows that transaction's
 * LISTEN and UNLISTEN.
 *
 * THE INVARIANT. Everything in the hub, inboxes included, is touched with the hub's mutex held, which is held for a few
 * instructions for each listener and within which nothing waits. Commits that write publish before they give the write
 * lease back, so that the order of the inboxes is the order of the commits. An inbox is bounded: a session that lets it
 * run over does not listen any more, and is ended with an error as soon as it can be told, so that nobody who is still
 * connected has lost a notification, and nobody else waits for it.
 */
#ifndef BIBD_SQLITE_SESSION_NOTIFY_H
#define BIBD_SQLITE_SESSION_NOTIFY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "workers/pgwire/pgwire.h"

struct session;

#define NOTIFY_CHANNEL_BYTES 64	      /* bytes of a channel's name with its NUL */
#define NOTIFY_PAYLOAD_BYTES 8000     /* with its NUL */
#define NOTIFY_CHANNELS_MAX 1024      /* channels that a session may listen to */
#define NOTIFY_PENDING_MAX (8U << 20) /* bytes of one transaction's notifications */
#define NOTIFY_INBOX_MAX (8U << 20)   /* bytes that may wait for one listener */

enum notify_what { NOTIFY_SEND, NOTIFY_LISTEN, NOTIFY_UNLISTEN, NOTIFY_UNLISTEN_ALL };

/* What a transaction has asked for, in order. */
struct notify_action {
	enum notify_what what;
	unsigned depth; /* savepoints that were open */
	char *channel, *payload;
};

/* A notification in a listener's inbox. */
struct notify_message {
	STAILQ_ENTRY(notify_message) entry;
	uint32_t pid;
	size_t bytes;
	const char *payload;
	char channel[]; /* and behind its NUL the payload */
};

/* A session's part. */
struct notify_box {
	/* of the session's own thread */
	struct notify_action *actions;
	size_t nactions, capacity, bytes;
	bool at_rest;	 /* ReadyForQuery was the last that was said */
	bool registered; /* it has had a channel since its last commit */
	/* the hub's */
	LIST_ENTRY(notify_box) entry;
	struct session *session;
	char **channels;
	unsigned nchannels;
	STAILQ_HEAD(, notify_message) inbox;
	size_t inbox_bytes;
	bool
	    busy; /* within a transaction: what is sent meanwhile waits, of other channels too. Written by its thread */
	bool lost;	    /* its inbox ran over */
	atomic_bool called; /* there is something in the inbox, or it is lost */
};

struct notify_hub {
	pthread_mutex_t mutex;
	LIST_HEAD(, notify_box) listeners; /* those with a channel */
	atomic_uint nlisteners;
};

int notify_hub_open(struct notify_hub *hub); /* -1: errno says why */

/* Asks for it at the commit. 22023 for a name or payload that is not taken, 54000 for too many. */
int notify_add(struct session *session, enum notify_what what, const char *channel, const char *payload,
    struct report *r);
/* The transaction commits, is rolled back, or goes back to where so many savepoints were open; a savepoint was
 * released, so that so many are left. */
void notify_commit(struct session *session);
void notify_rollback(struct session *session);
void notify_rollback_to(struct session *session, unsigned depth);
void notify_release(struct session *session, unsigned depth);

/* A message is taken up. */
void notify_begin(struct session *session);
/* Puts what is in the inbox into the answer, up to a bound, if the session is at rest. 1: something was put, 0:
 * nothing, -1: the session has lost some, and the report was put: it is to end. */
int notify_deliver(struct session *session);
/* The channels as an array's text, malloc'ed; NULL: out of memory. */
char *notify_channels(struct session *session);
/* The session ends. */
void notify_leave(struct session *session);

/* Where the session has the channel among its own, with the hub's mutex held; -1: it does not listen to it. */
int notify_find_channel(const struct notify_box *n, const char *channel);

#endif
