/*
 * A connection to the server: made by libpq, then its bytes are bibd's. It carries one session at a time.
 */
#ifndef BIBD_POSTGRES_SERVER_H
#define BIBD_POSTGRES_SERVER_H

#include <libpq-fe.h>

#include "workers/postgres/pool/pool.h"
#include "workers/postgres/statements/prepared.h"
#include "workers/postgres/statements/settings.h"

/* The states of a connection; backend.c has the table of what each means, and the one function that changes it. */
enum backend_state {
	BACKEND_RESOLVING,  /* its host's name is looked up */
	BACKEND_CONNECTING, /* libpq makes the connection */
	BACKEND_LEARNING,   /* is asked which functions leave something behind */
	BACKEND_IDLE,
	BACKEND_SYNCING,   /* has a session and is given its settings */
	BACKEND_ACTIVE,	   /* carries a session until the transaction is over */
	BACKEND_PINNED,	   /* carries a session until that ends */
	BACKEND_CLEANING,  /* has lost its session; answers are dropped until nothing of it is left */
	BACKEND_HELD,	   /* clean, but a cancel for it is still under way */
	BACKEND_LISTENING, /* listens for all sessions, and belongs to none */
	BACKEND_CLOSED,
	BACKEND_STATES
};

/* The kinds of requests whose answers are awaited, in the order in which they were sent. */
enum request_kind {
	REQUEST_QUERY,
	REQUEST_FUNCTION,
	REQUEST_SYNC,
	REQUEST_PARSE,
	REQUEST_BIND,
	REQUEST_DESCRIBE,
	REQUEST_EXECUTE,
	REQUEST_CLOSE,
	REQUEST_CLOSED,	   /* nothing was sent to the server: the client gets CloseComplete in its turn */
	REQUEST_DESCRIBED, /* likewise: it gets what is known of a statement without rows */
};
enum request_flag {
	REQUEST_INJECTED = 1, /* bibd's own: no session gets the answer */
	REQUEST_QUIET = 2,    /* no session gets an error of it either */
	REQUEST_REPLACED = 4, /* the error is replaced: named is in use already */
	REQUEST_UNNAMED = 8,
	REQUEST_LEARN = 16,	 /* the answer makes the identity of statement whole, or of the unnamed one */
	REQUEST_CHECK = 32,	 /* and the session waits for it */
	REQUEST_BROUGHT = 512,	 /* the statement is parsed in advance, before anybody asks for it */
	REQUEST_HEARD = 128,	 /* but the client gets its notices */
	REQUEST_NATIVE = 256,	 /* the statement gets the client's own name; if that fails it keeps bibd's */
	REQUEST_CHANGED = 64,	 /* the error is replaced: the statement's row is another now */
	REQUEST_DOUBTFUL = 1024, /* likewise: what named means is not known */
};

struct request {
	uint8_t kind;
	uint16_t flags;
	uint32_t hash;			/* of named; LEARN of the unnamed one: the end of its serial */
	struct named *named;		/* PARSE, DESCRIBE: an address, which may be stale; else owned, or NULL */
	struct pg_statement *statement; /* owned, or NULL */
	struct named *use; /* BIND, DESCRIBE: a name that is used for the first time here; an address likewise */
	uint32_t use_hash;
	/* UNNAMED PARSE, CLOSE: the unnamed statement before, in case that the server drops this request;
	 * before_statement is owned. */
	uint64_t before, before_reading, before_here; /* before_here: server.unnamed */
	struct pg_statement *before_statement;
};
#define BACKEND_REQUESTS_MAX 4096

struct backend_transport {
	/* As read(2) and write(2) on a non-blocking descriptor. */
	ssize_t (*read)(struct backend *backend, void *data, size_t size);
	ssize_t (*write)(struct backend *backend, const void *data, size_t size);
};

#define BACKEND_PARAMETERS_MAX 24
struct backend_parameter {
	char *name, *value;
};

struct backend {
	struct loop_watch watch;
	struct pg_pool *pool;
	TAILQ_ENTRY(backend) entry; /* idle ones of a role, or closed ones */
	unsigned slot;
	uint64_t serial;
	enum backend_state state;
	enum role role;
	char side;     /* of its login (pg_store_side) */
	int64_t since; /* IDLE: when it became so */
	PGconn *conn;
	PGcancel *cancel; /* NULL while a cancel is under way */
	void *ssl;
	const struct backend_transport *transport;
	int64_t deadline; /* CONNECTING, CLEANING */
	bool was_resolved;
	char host_address[64];

	struct pg_session *session;
	uint64_t owner;		     /* the session that had it last, 0 when that is gone */
	uint64_t sequence_owner;     /* the session whose values lastval() has; 0: several; SERVER_NOBODY: none */
	uint64_t logins;	     /* the pool's when it was made */
	uint64_t unnamed;	     /* serial of the unnamed statement that is there */
	struct pg_settings *applied; /* NULL: not known */
	struct cache cache;
	uint8_t *types; /* of the ParameterDescription that was learnt last; NULL: none */
	size_t types_size;
	struct backend_parameter parameters[BACKEND_PARAMETERS_MAX];

	struct request *requests; /* a ring */
	unsigned first, nrequests, capacity;
	unsigned nbinds;  /* since the last Sync */
	char status;	  /* of the transaction: 'I', 'T', 'E' */
	bool unsynced;	  /* messages since the last Sync */
	bool skipping;	  /* an error: the server drops what comes before Sync */
	bool copying;	  /* awaits CopyData */
	unsigned ncopied; /* ends of CopyData that were sent before the server asked for it */
	bool dirty;	  /* must be cleaned before another session gets it */
	bool listens;	  /* LISTEN was sent to it, whose session is told of notifications by the listener */
	bool is_listener; /* this one (listener.h); not counted among the pool's */
	bool fatal;	  /* has said why it ends */
	bool terminated;  /* by an administrator (57P01), or by the server's own stop */
	bool paused;	  /* not read: the client does not take what is there */
	bool unwatched;
	bool cancelling, cancel_again;
	bool cleaned, cleaned_role;
	bool sync_failed;
	bool checking;		 /* the session waits for what a statement is here */
	bool settling;		 /* the session waits for all answers within a batch */
	bool has_defined;	 /* something, in the transaction under way */
	bool has_changed;	 /* or something else that counts in prepared.changes */
	bool has_altered_role;	 /* likewise */
	bool has_run_code;	 /* DO or CALL in it: what that did is not told */
	bool has_made_functions; /* or something of that kind: what is known of them is old */
	bool has_written;	 /* in the transaction under way, as far as tags tell */
	bool fails_writing;	 /* what it has still said is read, then it is lost */
	unsigned jobs;		 /* of the helper's that name this connection */

	struct pgwire_buffer in, out;
	size_t left; /* bytes of the server's message that are passed on as they come */
	bool left_dropped, pop_when_left;
};
#define BACKEND_NOBODY UINT64_MAX

/* Starts a new connection for that role. NULL when it cannot even be started. */
struct backend *backend_connect(struct pg_pool *pool, enum role role);
struct backend *backend_connect_listener(struct pg_pool *pool);

/* Moves to another state: counts, lists, deadlines. */
void backend_move(struct backend *backend, enum backend_state state);

/* Gives the connection to the session; false when it must be given the settings first (SERVER_SYNCING). */
bool backend_attach(struct backend *backend, struct pg_session *session);

/* The session's transaction is over, and it needs nothing of the connection any more. */
void backend_release(struct backend *backend);

/* The session has gone in the middle of whatever it did. */
void backend_abandon(struct backend *backend);

/* Gives the settings of the session to the connection it has. */
void backend_synchronise(struct backend *backend);

/* The connection has died. */
void backend_lost(struct backend *backend, const char *cause);
void backend_close(struct backend *backend);
void backend_free(struct backend *backend);

/* No more may be sent to it now. */
bool backend_is_full(const struct backend *backend);
/* Asks for the answers to what was sent of a batch; the session is made runnable once they are there. */
void backend_settle(struct backend *backend);
/* Makes a blocked session runnable, if the connection was full and is so no more, or has settled. */
void backend_wake(struct backend *backend, bool was_full);
/* Sends what is waiting; ends the connection on an error. */
void backend_flush(struct backend *backend);
/* Reads on after the client has taken what there was. */
void backend_resume(struct backend *backend);
void backend_ready(struct loop_watch *watch, uint32_t events);

/* ---- requests: backend_requests.c ---- */
/* Notes that an answer is awaited; takes over request.statement. */
void backend_push(struct backend *backend, struct request request);
struct request *backend_head(const struct backend *backend);
/* The first request has been answered; then those that need no answer are. */
void backend_pop(struct backend *backend);
/* An error: what was sent since is dropped by the server until Sync. */
void backend_skip_to_sync(struct backend *backend);
/* COPY begins in the extended protocol: a Sync that was sent already is not answered. */
void backend_forget_syncs(struct backend *backend);
/* The name at this address, if it is being closed (which may be taken back) and stands for that statement. */
struct named *backend_find_closing(const struct backend *backend, const struct named *named,
    const struct pg_statement *statement);
/* The unnamed statement with the end of this serial, if it is being replaced, which may be taken back. */
struct pg_statement **backend_find_unnamed(struct backend *backend, uint32_t serial);
void backend_drop_requests(struct backend *backend);

/* bibd's own messages. */
void backend_inject_query(struct backend *backend, const char *text);
void backend_inject_sync(struct backend *backend);
void backend_inject_close(struct backend *backend, const char *name);
void backend_inject_parse(struct backend *backend, const char *name, const uint8_t *body, size_t size,
    struct request request);
/* Runs a text within a batch that has begun, where only messages of the extended protocol can be put before the
 * client's: as a statement of that name, which is closed again, by a portal of that name. */
void backend_inject_statement(struct backend *backend, const char *portal, const char *name, const char *text);
/* A message that fails, so that the batch does. */
void backend_inject_failure(struct backend *backend, struct request request);

/* ---- statements: backend_statements.c ---- */
enum pg_statement_state {
	STATEMENT_READY,    /* what refers to it may be sent */
	STATEMENT_AWAITED,  /* the session is woken when it is known */
	STATEMENT_CHANGED,  /* its row is another: an error */
	STATEMENT_DOUBTFUL, /* what it means is not known (session_doubt.c): an error */
};
/* The client's own Parse. */
void backend_parse_statement(struct backend *backend, struct named *named);
/* Whether it must be parsed before it can be used here. If not, it is the session's own from now on. */
bool backend_lacks_statement(struct backend *backend, const struct named *named);
/* Parses it in advance: where that fails, backend_need_statement will tell; the caller ends the batch with Sync. */
void backend_bring_statement(struct backend *backend, const struct named *named);
/* Makes sure that the statement is there, for a message of the session's. */
enum pg_statement_state backend_need_statement(struct backend *backend, struct named *named);
/* The same for the unnamed one. */
enum pg_statement_state backend_need_unnamed(struct backend *backend);
/* Asks for what the identity is made whole with; request: whose it is. */
void backend_describe(struct backend *backend, const char *name, struct request request);
/* What the connection calls it, for a statement that is ready. Returns name. */
char *backend_statement_name(const struct backend *backend, const struct pg_statement *statement, char *name,
    size_t size);
/* An answer to such a Describe. */
bool backend_learns(const struct backend *backend, char type);
void backend_learn_types(struct backend *backend, const uint8_t *body, size_t size);
void backend_learn_row(struct backend *backend, const uint8_t *body, size_t size);
/* Nothing is learnt: the message is too large, or there was an error. */
void backend_learn_nothing(struct backend *backend);
/* A statement with this tag has been done; and the transaction it was in (backend_definitions.c). */
void backend_note_definition(struct backend *backend, const char *tag);
void backend_note_end(struct backend *backend);

/* ---- parameters: backend_parameters.c ---- */
void backend_parameter_set(struct backend *backend, const char *name, const char *value);
void backend_parameters_free(struct backend *backend);
/* Keeps what the connection reports as the report of its settings. */
void backend_parameters_report(const struct backend *backend, struct pg_settings *settings);

/* ---- backend_relay.c ---- */
/* Takes what has been read. -1: the server does not speak the protocol. */
int backend_take_answers(struct backend *backend);

/* ---- commits.c: the repository (backup.wait) ---- */
/* A statement of the session's has been done, or copies rows into a table (tag "COPY IN"). */
void backend_note_written(struct backend *backend, const char *tag);
/* Before ReadyForQuery: warns the client whose transaction was committed on this machine only. */
void backend_warn_of_commit(struct backend *backend);
/* The session is about to read what the repository has: sets bibd.recoverable_to and bibd.proven_to. */
void backend_tell_moments(struct backend *backend, void (*inject)(struct backend *backend, const char *text));

/* ---- learn.c ---- */
/* Asks the server; pool->functions_known is set in any case. */
void backend_learn(struct backend *backend);
void backend_learn_name(struct backend *backend, const uint8_t *row, size_t size);
void backend_learnt(struct backend *backend);

/* ---- backend_clean.c ---- */
/* The connection has no session, and is as good as new. */
void backend_rest(struct backend *backend);
/* The next step of cleaning: nothing is awaited any more. */
void backend_clean(struct backend *backend);

#endif
