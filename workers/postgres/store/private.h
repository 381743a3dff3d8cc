/*
 * What the files of the store share among themselves: its states as one table, and the steps of an opening.
 */
#ifndef BIBD_POSTGRES_STORE_PRIVATE_H
#define BIBD_POSTGRES_STORE_PRIVATE_H

#include "workers/postgres/store/credentials.h"
#include "workers/postgres/store/login.h"
#include "workers/postgres/store/migrate.h"
#include "workers/postgres/store/probe.h"
#include "workers/postgres/store/probe_resolve.h"
#include "workers/postgres/store/roles.h"
#include "workers/postgres/store/script.h"
#include "workers/postgres/store/store.h"
#include "workers/postgres/store/rotate.h"
#include "workers/worker.h"

enum pg_store_state {
	STORE_NOWHERE, /* in the table: this event changes nothing */
	STORE_CLOSED,
	STORE_CREDENTIALS, /* waiting for the keeper */
	STORE_PROBING,	   /* waiting for the server */
	STORE_LOGIN,	   /* as bibd_system, or as the user of an external server */
	STORE_ROLES,
	STORE_CHECKING, /* a login and a query as the role that applications use */
	STORE_MIGRATING,
	STORE_OPEN,
	STORE_LOST,
	STORE_CLOSING,
	STORE_STATES
};

enum pg_store_event {
	STORE_ASKED,  /* OPEN_STORE came; or the opening must begin again */
	STORE_DONE,   /* the state's work is done */
	STORE_AGAIN,  /* the server went away or is too busy: wait for it again */
	STORE_FAILED, /* the request was answered with FAILED */
	STORE_GONE,   /* no sign of life any more */
	STORE_CLOSE,  /* pg_store_close */
	STORE_EVENTS
};

/* What there is to do as bibd_system while the store is open, as bits. */
enum pg_store_chore {
	STORE_CHORE_LOGINS = ROLES_LOGINS,
	STORE_CHORE_VERIFIERS = ROLES_VERIFIERS,
	STORE_CHORE_ROLES = ROLES_ALL,
	STORE_CHORE_SIZE = 16,
	STORE_CHORE_RELOAD = 32,
	STORE_CHORE_ROTATE = 64,
	STORE_CHORE_LOCK = 128
};
_Static_assert(ROLES_ALL < STORE_CHORE_SIZE, "a bit for each");

/* The query of the check and of PING_STORE. */
#define STORE_CHECK_SQL "select 1"

struct pg_store {
	struct worker *worker;
	struct pg_store_events events;
	void *context;

	enum pg_store_state state;
	bool available; /* events.available was called, and events.lost not yet */
	bool asked;	/* OPEN_STORE waits for its answer */
	uint32_t request_id;
	char reason[PROBE_REASON_MAX]; /* why it is not open */

	/* the keeper */
	struct channel keeper;
	struct pg_credentials credentials;
	struct pg_store_rotation rotation;
	bool fresh; /* they came during this opening */

	/* the server */
	struct login login;
	unsigned address; /* the one that answered */
	struct resolve *resolve;
	struct probe probe;
	struct loop_timer probe_timer;
	bool probe_again;  /* asked for while one was under way */
	int64_t probed_ms; /* when the last probe began */
	int64_t quick_ms;  /* the next wait while a server is starting */
	int64_t socket_ms; /* when the socket appeared */
	uint32_t probe_us;
	struct loop_watch notify; /* inotify on the directory of the socket */
	int notify_directory;	  /* its watch, or -1 */

	char options[1024]; /* of the session that is about to begin */

	/* the steps */
	struct script system;
	struct script application;
	struct roles roles;
	struct migrate migrate;
	int64_t progress_ms;
	char progress[PROBE_REASON_MAX];
	bool moves;		/* the application's tables are made by a move, before its migrations are run */
	bool passwords_refused; /* the logins' passwords are to be written anew */

	/* while it is open */
	unsigned chores;	/* of enum pg_store_chore: to be done */
	unsigned chore;		/* those under way */
	int64_t verifiers_ms;	/* when the passwords were last written */
	bool reload_due;	/* the server is to read its files again, as soon as the store is open */
	unsigned closures;	/* probes in a row that were answered by PROBE_CLOSED */
	unsigned silences;	/* probes in a row that were not answered in time */
	int64_t crash_asked_ms; /* when LOOK_FOR_CRASH was last sent; 0: never */
	int64_t size_ms;
	uint64_t size;
	bool pinged, ping_retried;
	uint32_t ping_id;

	/* closing */
	struct loop_timer close_timer;
	void (*closed)(void *context);
	void *closed_context;
};

/* Goes to the next state by the table; an event that means nothing in the present state changes nothing. */
void pg_store_happened(struct pg_store *store, enum pg_store_event event);
const char *pg_store_state_name(const struct pg_store *store);

/* ---- store.c ---- */

/* Cancels what is under way, and closes the connections. */
void pg_store_drop(struct pg_store *store);
/* Calls events.lost if events.available was called before. */
void pg_store_end_availability(struct pg_store *store, const char *cause);
/* Answers OPEN_STORE with FAILED and gives up. */
void pg_store_fail(struct pg_store *store, const struct error *e);
/* The server is away, or (not gone) too busy: an external one fails the request, a managed one is waited for. */
void pg_store_unavailable(struct pg_store *store, const char *reason, bool gone);
/* Sends STORE_PROGRESS, at most once a second. */
void pg_store_say(struct pg_store *store, const char *text);
int64_t pg_store_timeout(const struct pg_store *store);
/* Logs a script in; false: no such credential. */
bool pg_store_log_in(struct pg_store *store, struct script *script, int role, script_done_fn *done, void *context);

/* ---- keeper.c, wait.c, steps.c, watch.c, close.c: what begins with a state ---- */
void pg_store_enter_credentials(struct pg_store *store);
void pg_store_enter_probing(struct pg_store *store);
void pg_store_enter_login(struct pg_store *store);
void pg_store_enter_roles(struct pg_store *store);
void pg_store_enter_checking(struct pg_store *store);
void pg_store_enter_migrating(struct pg_store *store);
void pg_store_enter_open(struct pg_store *store);
void pg_store_enter_closing(struct pg_store *store);

/* ---- wait.c ---- */

/* Begins a probe in ms, unless one is under way or due before. */
void pg_store_probe_in(struct pg_store *store, int64_t ms);
/* Watches the directory of the socket, if that is not done yet and there is one. */
void pg_store_watch_directory(struct pg_store *store);

/* ---- watch.c ---- */

/* Does what is to be done as bibd_system, one thing at a time. */
void pg_store_work(struct pg_store *store);
/* The chores under way are done, or have failed. */
void pg_store_chore_done(struct pg_store *store, const struct script_failure *failure);
/* Closes the connection of PING_STORE; one that is under way begins anew. */
void pg_store_ping_again(struct pg_store *store);

/* A probe's answer while the store is open. */
void pg_store_watch_answer(struct pg_store *store, const struct probe_result *result);
/* Has the server read its configuration and certificates again, now or when the store is open. */
void pg_store_reload_server(struct pg_store *store);
/* Answers a PING_STORE that waits. */
void pg_store_fail_ping(struct pg_store *store, const char *reason);

#endif
