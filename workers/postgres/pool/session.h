/*
 * A client's session: what bibd holds of it while it has no server connection, which is most of the time.
 */
#ifndef BIBD_POSTGRES_SESSION_H
#define BIBD_POSTGRES_SESSION_H

#include "workers/postgres/pool/pool.h"
#include "workers/postgres/statements/prepared.h"
#include "workers/postgres/statements/settings.h"

struct request;

enum pg_session_phase {
	SESSION_STARTING, /* its startup packet is awaited */
	SESSION_GREETING, /* its settings are tried on a server connection */
	SESSION_SERVING,
	SESSION_CLOSING, /* is sent its last bytes */
	SESSION_CLOSED,
	SESSION_PHASES
};

/* The unnamed statement, kept so that it can be made again on another connection. */
struct pg_session_unnamed {
	uint64_t serial;		/* 0: there is none */
	struct pg_statement *statement; /* private; NULL: too large to be kept, the session stays where it is */
	struct words words;		/* then */
	uint64_t reading;		/* the session's at Parse; SESSION_READING_LOCAL */
};
#define SESSION_READING_LOCAL UINT64_MAX

/* Bytes of a statement's text that are kept to be shown. */
#define SESSION_TEXT_MAX 256

struct pg_session {
	struct loop_watch watch;
	struct pg_pool *pool;
	LIST_ENTRY(pg_session) entry; /* all of them */
	LIST_ENTRY(pg_session) by_pid;
	TAILQ_ENTRY(pg_session) waiting; /* for a server connection, or for its end */
	TAILQ_ENTRY(pg_session) queued;	 /* in the pool's queues, while it waits for a server connection */
	uint64_t turn;			 /* then: smaller than that of all who came later */
	STAILQ_ENTRY(pg_session) runnable;
	TAILQ_ENTRY(pg_session) leaving; /* while it is deaf: nobody reads what it is sent */
	uint64_t id;
	uint32_t pid, secret;
	enum pg_session_phase phase;
	enum role role;		 /* ROLES: not known yet */
	struct pgwire_peer peer; /* its groups are not kept */
	struct admission_place place;

	struct backend *backend; /* the one that it has now */
	unsigned last_slot;	 /* the one that it had last (pool.servers), if it has this serial: */
	uint64_t last_serial;
	int64_t since; /* of the phase, or of waiting */
	int64_t deadline;
	int64_t leaving_since; /* deaf, and on a server connection */

	struct pgwire_buffer in, out;
	size_t left;		   /* bytes of the client's message that are passed on as they come */
	struct words_lexer *lexer; /* reads a text that is passed on in pieces */
	char left_type;
	bool left_dropped; /* these bytes are dropped */

	bool is_waiting, is_runnable;
	bool has_worked; /* has had a server connection for more than its greeting */
	bool pinned;	 /* keeps its server connection */
	bool raw;	 /* its statements have their own names on the server connection */
	bool skipping;	 /* drops messages until Sync: an error of bibd's own */
	bool barrier;	 /* lets the server answer before it goes on */
	bool barrier_at_sync;
	bool blocked;	      /* has input that cannot be handled yet */
	bool is_cancelled;    /* its blocked message is to be cancelled once it is sent */
	bool ended;	      /* the client will send nothing more; what it has sent is still done */
	bool deaf;	      /* the client has gone: what is for it is dropped */
	int unread_fd;	      /* of a client that has gone and has sent more than there is room for; else -1 */
	bool tell_parameters; /* the next synchronisation's ParameterStatus is for the client */
	bool failed;	      /* an error since the last ReadyForQuery */
	bool terminated;      /* the server process whose pid its client was told: see pg_pool_end_terminated */
	bool discarding;      /* DISCARD ALL is under way */
	bool local;	      /* SET LOCAL in the transaction under way */
	bool makes_temporary; /* the batch under way makes temporary objects */
	bool has_temporary;   /* has made some before */
	bool describing;      /* the next message is a Describe, which waits for what a statement is */
	bool changed;	      /* the statement that the next message refers to has another row now */

	/* For bibctl clients. */
	int64_t connected_us, changed_us, transaction_us; /* microseconds since 1970; of the state; 0: no transaction */
	int64_t asked_us;				  /* since when the client waits for an answer, likewise */
	uint64_t statements;				  /* how many it has run */
	bool has_run;					  /* one of them in the transaction under way */
	bool awaits_answer;				  /* to one of them */
	char application[64];				  /* application_name, as the server reported it last */
	uint16_t text_size;
	uint8_t text[SESSION_TEXT_MAX]; /* the beginning of the last statement */

	struct pg_settings *startup, *settings;
	struct pg_settings *pending;	     /* what settings become when the statement under way succeeds */
	struct pg_settings *pending_applied; /* and those of the connection; NULL: not known then */
	bool pending_done;		     /* it has been executed */
	bool brought;			     /* its statements, for the message that changes it next */
	uint64_t reading;		     /* changes whenever texts are read in another way */
	uint64_t dates; /* changes whenever dates and the like in older texts may be read in another way */
	bool unseen;	/* what is under way may change that */
	struct names names;
	struct pg_session_unnamed unnamed;
	struct listening *listening; /* NULL: it has not listened to anything */
};

/* Ends the session: its server connection is cleaned, what waits to be sent is dropped. Its memory is freed later. */
void pg_session_close(struct pg_session *session);

/* Sends what is waiting, then closes. */
void pg_session_close_when_sent(struct pg_session *session);

/* The client will send nothing more: ends the session once what it has sent is done. A batch without its Sync, or a
 * message whose end is missing, is not done. Returns true when the session has ended, false when it is blocked until
 * then. */
bool pg_session_finish(struct pg_session *session);
/* How long a statement may run for a client that has gone: when it is in a transaction that can no longer commit, when
 * others wait for a connection, and at most. */
#define SESSION_LEAVING_IN_VAIN_MS 2000
#define SESSION_LEAVING_WANTED_MS 5000
#define SESSION_LEAVING_MS 60000

/* Handles what the client has sent, as far as that is possible now, and sends the results. */
void pg_session_process(struct pg_session *session);

/* The session begins with this statement; text may be NULL: not known. */
void pg_session_note_text(struct pg_session *session, const uint8_t *text, size_t size);
/* The session has a statement run, whose text was noted. */
void pg_session_note_statement(struct pg_session *session);

/* Has pg_session_process called soon, from the loop. */
void pg_session_make_runnable(struct pg_session *session);

/* Sends what is waiting for the client. */
void pg_session_flush(struct pg_session *session);

/* Tells the client and ends the session. */
void pg_session_end(struct pg_session *session, enum sqlstate state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The statement that waits for a server connection fails with this; a session that is only starting ends. */
void pg_session_fail_waiting(struct pg_session *session, enum sqlstate state, const char *text);

/* Startup packets (session_startup.c). pg_session_greet is called with a server connection that has the settings, or
 * with NULL when the answer is known without one. */
bool pg_session_step_startup(struct pg_session *session);
void pg_session_refuse(struct pg_session *session, const struct report *r);
void pg_session_greet(struct pg_session *session);

/* The pid that the client is told is that of the server process which it gets at first, where no other session has been
 * told it; else one that no process can have. Called before the client is told. */
void pg_session_take_pid(struct pg_session *session);
#define SESSION_PID_FIRST 0x400001u   /* Linux has none above 2^22 */
#define SESSION_PID_OTHER 0x7fffffffu /* no session's: of a notification by another one */

/* The server has answered ReadyForQuery (session_relay.c). */
void pg_session_query_done(struct pg_session *session, char status);

/* The session keeps its server connection until it is cleaned. */
void pg_session_pin(struct pg_session *session);

/* The server connection is the session's and has its settings. */
bool pg_session_has_server(struct pg_session *session);

/* What the socket tells (session_socket.c): a loop_fn of the session's watch. */
void pg_session_ready(struct loop_watch *watch, uint32_t events);

/* Extended protocol (session_parse.c, session_extended.c): each takes one whole message, or the first part of a large
 * one. -1: the message is malformed; 1: it must wait, and will be taken again. */
int pg_session_parse(struct pg_session *session, const struct pgwire_message *message, size_t have);
int pg_session_bind(struct pg_session *session, const struct pgwire_message *message, size_t have);
int pg_session_describe(struct pg_session *session, const struct pgwire_message *message);
int pg_session_close_statement(struct pg_session *session, const struct pgwire_message *message);
/* The unnamed statement ends, as by a simple query. */
void pg_session_forget_unnamed(struct pg_session *session);

/* ---- between session_parse.c and session_extended.c ---- */

#define SESSION_HEADER_SIZE 5 /* of a message: its type and its length */
/* What has come of a message's body; have: how much has come of the message. */
struct pgwire_reader pg_session_body(const struct pg_session *session, size_t have);
/* Passes the message on as it is, or its first part. */
void pg_session_pass_on(struct pg_session *session, const struct pgwire_message *message, size_t have);
/* The statement that a name stands for, as far as bibd has it; else NULL. */
struct pg_statement *pg_session_find_statement(struct pg_session *session, const char *name);

/* What a text means for the session before and when it runs (session_words.c). pg_session_prepare_for: false when the
 * answers to what was sent before it must be known first; then the session is woken. */
bool pg_session_prepare_for(struct pg_session *session, const struct words *words);
void pg_session_apply(struct pg_session *session, const struct words *words, const uint8_t *text, size_t size);
void pg_session_doubt_settings(struct pg_session *session);
/* What a named statement means on this connection (session_doubt.c): whether that is not known; notes a use of it for
 * the request that is going to be pushed; has all names of the session read again when they are used next. */
bool pg_session_is_in_doubt(const struct pg_session *session, const struct named *named);
void pg_session_note_use(struct pg_session *session, struct named *named, struct request *request);
void pg_session_read_again(struct pg_session *session);
/* Strings are read in another way from now on: statements that would have to be parsed again are lost. */
void pg_session_lose_texts(struct pg_session *session);
/* Puts the ParameterDescription of a statement; that comes before whatever is wrong with the row. */
void pg_session_put_types(struct pg_session *session, const struct pg_statement *statement);
/* Replaces "DEALLOCATE name" of a statement of the protocol by one that answers the same. Returns true when it did; the
 * text to send is then in the pool's scratch buffer. *taken: the name, for the caller to free or to restore. */
bool pg_session_deallocate(struct pg_session *session, const struct words *words, struct named **taken);

#endif
