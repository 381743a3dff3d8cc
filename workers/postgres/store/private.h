/*
 * What the files of the store share, and nobody else: its states as one table, and the steps of an opening.
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

enum store_state {
	STORE_NOWHERE,	   /* in the table: this event changes nothing */
	STORE_CLOSED,
	STORE_CREDENTIALS, /* waiting for the keeper */
	STORE_PROBING,	   /* waiting for the server */
	STORE_LOGIN,	   /* as bibd_system, or as the user of an external server */
	STORE_ROLES,
	STORE_CHECKING,	   /* a login and a query as the role that applications use */
	STORE_MIGRATING,
	STORE_OPEN,
	STORE_LOST,
	STORE_CLOSING,
	STORE_STATES
};

enum store_event {
	STORE_ASKED,	/* OPEN_STORE; or its beginning is to be repeated */
	STORE_DONE,	/* the state's work is done */
	STORE_AGAIN,	/* the server went away or is too busy: wait for it again */
	STORE_FAILED,	/* the request was answered with FAILED */
	STORE_GONE,	/* no sign of life any more */
	STORE_CLOSE,	/* store_close */
	STORE_EVENTS
};

/* What there is to do as bibd_system while the store is open, as bits. */
enum store_chore {
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

struct store {
	struct worker *worker;
	struct store_events events;
	void *context;

	enum store_state state;
	bool available;	       /* events.available was called, and events.lost not yet */
	bool asked;	       /* OPEN_STORE waits for its answer */
	uint32_t request_id;
	char reason[PROBE_REASON_MAX]; /* why it is not open */

	/* the keeper */
	struct channel keeper;
	struct credentials credentials;
	struct store_rotation rotation;
	bool fresh;	       /* they came during this opening */

	/* the server */
	struct login login;
	unsigned address;      /* the one that answered */
	struct resolve *resolve;
	struct probe probe;
	struct loop_timer probe_timer;
	bool probe_again;      /* asked for while one was under way */
	int64_t probed_ms;     /* when the last probe began */
	int64_t quick_ms;      /* the next wait while a server is starting */
	int64_t socket_ms;     /* when the socket appeared */
	uint32_t probe_us;
	struct loop_watch notify; /* inotify on the directory of the socket */
	int notify_directory;	  /* its watch, or -1 */

	/* the steps */
	struct script system;
	struct script application;
	struct roles roles;
	struct migrate migrate;
	int64_t progress_ms;
	char progress[PROBE_REASON_MAX];
	bool passwords_refused; /* the logins' are to be written anew */

	/* while it is open */
	unsigned chores;       /* of enum store_chore: to be done */
	unsigned chore;	       /* those under way */
	int64_t verifiers_ms;  /* when the passwords were last written */
	bool reload_due;       /* the server is to read its files again, as soon as the store is open */
	unsigned closures;     /* probes in a row that were answered by PROBE_CLOSED */
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

/* The one way from state to state; an event that a state has no use for changes nothing. */
void store_happened(struct store *store, enum store_event event);
const char *store_state_name(const struct store *store);

/* ---- store.c ---- */

/* Cancels what is under way, and closes the connections. */
void store_drop(struct store *store);
/* events.lost, if it is due. */
void store_end_availability(struct store *store, const char *cause);
/* Answers OPEN_STORE with FAILED and gives up. */
void store_fail(struct store *store, const struct error *e);
/* The server is away, or (not gone) too busy: an external one fails the request, a managed one is waited for. */
void store_unavailable(struct store *store, const char *reason, bool gone);
/* Sends STORE_PROGRESS, at most once a second. */
void store_say(struct store *store, const char *text);
int64_t store_timeout(const struct store *store);
/* Logs a script in; false: no such credential. */
bool store_log_in(struct store *store, struct script *script, int role, script_done_fn *done, void *context);

/* ---- keeper.c, wait.c, steps.c, watch.c, close.c: what begins with a state ---- */
void store_enter_credentials(struct store *store);
void store_enter_probing(struct store *store);
void store_enter_login(struct store *store);
void store_enter_roles(struct store *store);
void store_enter_checking(struct store *store);
void store_enter_migrating(struct store *store);
void store_enter_open(struct store *store);
void store_enter_closing(struct store *store);

/* ---- wait.c ---- */

/* Begins a probe in ms, unless one is under way or due before. */
void store_probe_in(struct store *store, int64_t ms);
/* Watches the directory of the socket, if that is not done yet and there is one. */
void store_watch_directory(struct store *store);

/* ---- watch.c ---- */

/* Does what is to be done as bibd_system, one thing at a time. */
void store_work(struct store *store);
/* One is done, or has failed. */
void store_chore_done(struct store *store, const struct script_failure *failure);
/* Closes the connection of PING_STORE; one that is under way begins anew. */
void store_ping_again(struct store *store);

/* A probe's answer while the store is open. */
void store_watch_answer(struct store *store, const struct probe_result *result);
/* Has the server read its configuration and certificates again, now or when the store is open. */
void store_reload_server(struct store *store);
/* Answers a PING_STORE that waits. */
void store_fail_ping(struct store *store, const char *reason);

#endif
