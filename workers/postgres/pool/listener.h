/*
 * LISTEN without a server connection of the session's own: one connection, which belongs to no session and is not
 * counted in pool.size, listens to every channel that any session listens to, and hands its notifications to the
 * sessions.
 *
 * THE INVARIANT. To its client a session listens as if it had a server process of its own:
 *
 *	- It misses nothing. The listener listens to a channel before the session's own LISTEN is sent, so that
 *	  whatever is committed after that comes; and it stays so for as long as a session is subscribed.
 *	- What was committed before a transaction begins comes before its first answer, also before an UNLISTEN: the
 *	  listener is asked before it.
 *	- A subscription holds exactly when its transaction does. The session's LISTEN and UNLISTEN run on its
 *	  connection too (which UNLISTENs when the session lets go of it), each followed there by a LISTEN to a
 *	  channel of bibd's own, a mark, unless it is a transaction by itself. When the transaction is over the server
 *	  is asked which marks are there: savepoints, errors and functions need not be understood for that.
 *	- What was committed before a statement ended comes before that statement's ReadyForQuery, its own NOTIFY
 *	  among it: a session that is subscribed is told ReadyForQuery 'I' only after the listener has answered a
 *	  message that was sent later (PostgreSQL sends notifications before it answers). Until then the session sends
 *	  nothing more.
 *	- Nothing comes within a transaction or between a statement and its end.
 *	- A notification is the session's own exactly when it sent it: it comes from the process of the connection
 *	  that the session has, and a session that is given another's connection waits for the listener before it uses
 *	  it.
 *	- Where any of this can't be kept the session is told, or keeps a connection and listens on it by itself
 *	  (pinned): with an encoding of its own, with more channels than there is room for, when there is no listener,
 *	  or where the words do not tell the channel. When the listener is lost, sessions that listen end (57P01), as
 *	  they would with their server.
 */
#ifndef BIBD_POSTGRES_LISTENER_H
#define BIBD_POSTGRES_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "workers/pgwire/pgwire.h"
#include "workers/postgres/pool/channels.h"

struct answer;
struct pg_pool;
struct backend;
struct pg_session;

/* Channels of one session; a session with more keeps a connection. */
#define LISTENING_CHANNELS_MAX 1024
/* Notifications that wait for one session's transaction, or for its client to read; with more it ends (53200). */
#define LISTENING_PENDING_MAX (8U << 20)
/* The listener is closed after this time without a channel. */
#define LISTENER_UNUSED_MS 60000
#define LISTENER_ANSWER_MS 30000

TAILQ_HEAD(listening_queue, listening);

/* Zeroed memory with TAILQ_INIT is a listener that was not needed yet. */
struct listener {
	struct backend *backend; /* NULL: there is none */
	bool ready;		 /* is connected */
	bool unsent; /* something waits to be flushed; sessions that begin to wait now wait for its answer */
	uint64_t asked, answered; /* messages, each of which is answered by a ReadyForQuery */
	int64_t unused_since;
	struct channels channels;
	struct listening_queue waiting; /* for an answer, in order */
	uint64_t next_mark;
};

struct listening_action {
	bool listen; /* else UNLISTEN */
	bool happened;
	uint64_t mark;		    /* 0: it is a transaction by itself */
	char name[WORDS_NAME_SIZE]; /* "": all channels */
};

/* What a session that has ever listened has besides; NULL in others. */
struct listening {
	TAILQ_ENTRY(listening) waiting;
	struct pg_session *session;
	struct subscription_list subscriptions;
	unsigned nsubscriptions, ncommitted;
	struct listening_action *actions; /* of the transaction under way */
	unsigned nactions, nmarked;	  /* nmarked: of them the server has been told of */
	unsigned capacity;
	struct pgwire_buffer pending; /* notifications that the client gets later */
	uint64_t awaits;	      /* this answer of the listener's; 0: none */
	bool prepared;		      /* the listener listens to the channels that the next message names */
	bool caught_up;		      /* notifications that were committed before the next message have come */
	bool new_to_connection; /* notifications that this connection's process has sent so far are another session's */
	bool held;		/* ReadyForQuery waits */
	bool resolving, resolved; /* the marks are asked for; and all have come */
	bool native;		  /* listens on its own connection from now on */
	bool mirrored;		  /* that one listens to all channels as well */
	bool foreign;		  /* the client's encoding is not the listener's any more */
};

/* ---- the connection: listener.c ---- */

/* Makes the session wait until the listener has answered all that was asked so far, or cannot answer: then the session
 * is made runnable, or its ReadyForQuery is sent. The listener is started if there is none. */
void listener_await(struct listening *listening);
/* It need not wait any more. */
void listener_forget(struct listening *listening);
/* Begins to listen to the channel, or ends that. */
void listener_listen(struct pg_pool *pool, const char *name, bool listen);
/* Puts the SQL for that into a buffer; sends the pool's scratch buffer as a query on that connection. */
void listener_put_channel(struct pgwire_buffer *out, const char *verb, const char *name);
void listener_inject(struct backend *backend);
/* Sends what was put: one message serves all who have asked in this turn of the loop. */
void listener_flush(struct pg_pool *pool);

/* Events of its connection. */
void listener_connected(struct backend *backend);
void listener_ready(struct backend *backend);
void listener_take_notification(struct backend *backend, const struct answer *answer);
void listener_gone(struct pg_pool *pool);
/* Closes one that nobody has needed for long; true while the clock is to be looked at again. */
bool listener_expire(struct pg_pool *pool, int64_t now);
/* The listener's login is not in use any more: closes the listener when nobody listens; when the time is over, ends the
 * sessions that listen, too. */
void listener_retire(struct pg_pool *pool, bool over);

/* ---- the session: session_listen.c ---- */

/* To be called before a message with these words is sent. Returns false when it cannot be sent yet: the session is
 * blocked until then. unclear: it is not known whether, and in which transaction, the text will run. */
bool listening_prepare(struct pg_session *session, const struct words *words, const uint8_t *text, size_t size,
    bool unclear);
/* To be called before any message is sent, once the session has a connection. False: likewise. */
bool listening_catch_up(struct pg_session *session);
/* To be called when a message has been passed on or dropped: what was prepared was so for this one. */
void listening_consumed(struct pg_session *session);
/* To be called after a Query or an Execute: what was prepared is being done. */
void listening_sent(struct pg_session *session, bool query);
/* To be called before a Query or a Bind: what was bound and never executed is forgotten. */
void listening_drop_unsent(struct pg_session *session);
/* To be called before a text that asks for the session's channels: its connection then listens to them as well. */
void listening_mirror(struct pg_session *session);
/* Whether the session may be sent ReadyForQuery only after the listener has answered. */
bool listening_concerns(const struct pg_session *session);
/* Whether nothing may be sent to the server now. */
bool listening_waits(const struct pg_session *session);
/* ReadyForQuery 'I' has come and is held. */
void listening_settle(struct pg_session *session);
/* A row of the answer about the marks, which were asked for on the session's own connection. */
void listening_take_row(struct pg_session *session, const uint8_t *row, size_t size);
void listening_resolve(struct pg_session *session);
/* The listener has answered. */
void listening_answered(struct listening *listening);
/* A notification, by the listener. */
void listening_notify(struct subscription *subscription, const struct answer *answer);
/* Puts a notification for the session. Its own notifications bear the pid that its client was told, and no others do,
 * whichever process sent them: by that, clients leave out their own. */
void listening_put(struct pg_session *session, struct pgwire_buffer *out, const struct answer *answer);
/* A notification that came on the session's own connection comes from the listener, too. */
bool listening_has(const struct pg_session *session, const char *name);
/* The client's encoding may have changed. */
void listening_note_encoding(struct pg_session *session);
/* There is room for the client again. */
void listening_drain(struct pg_session *session);
void listening_free(struct pg_session *session);

#endif
