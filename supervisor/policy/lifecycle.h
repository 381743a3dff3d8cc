/*
 * The life of a node as one table: in this state, on this event, go to that state, do this, and set this deadline. The
 * module knows no process and no socket: what is to be done is handed in, and time is the clock's, so a test drives it.
 *
 * Phase 1 starts storage without waiting, phase 2 the components, phase 3 waits until the store is open and answers.
 * A storage worker that is restarted later goes through phase 3 again, and so does one whose server was lost. A stop
 * goes through in reverse. "The server" is the PostgreSQL behind the storage worker; SQLite has none.
 */
#ifndef BIBD_SUPERVISOR_LIFECYCLE_H
#define BIBD_SUPERVISOR_LIFECYCLE_H

#include <stdint.h>

enum lifecycle_state {
	LIFECYCLE_NEW,
	LIFECYCLE_INITIALISING,	   /* phase 1: workers are being started */
	LIFECYCLE_AWAITING_WORKER, /* phase 2 done; phase 3: the storage worker has not said READY */
	LIFECYCLE_OPENING,	   /* phase 3: it opens the store and migrates */
	LIFECYCLE_PINGING,	   /* phase 3: the last check */
	LIFECYCLE_OPERATIONAL,
	LIFECYCLE_DOWN,		       /* no storage worker: the restart policy decides */
	LIFECYCLE_STOPPING_COMPONENTS, /* first: they are storage's clients */
	LIFECYCLE_STOPPING_STORAGE,
	LIFECYCLE_STOPPING_SERVER,
	LIFECYCLE_STOPPING_WORKERS,
	LIFECYCLE_ENDED,
	LIFECYCLE_STATES
};

enum lifecycle_event {
	LIFECYCLE_START,
	LIFECYCLE_WORKERS_STARTED, /* phase 1 is done: their processes run */
	LIFECYCLE_STORAGE_STARTED, /* the storage worker's process runs (again) */
	LIFECYCLE_STORAGE_READY,   /* it said READY */
	LIFECYCLE_STORE_OPENED,
	LIFECYCLE_STORE_ANSWERED,
	LIFECYCLE_STORE_FAILED,	     /* opening or the check failed in a way that a new try may mend */
	LIFECYCLE_STORAGE_DIED,	     /* its process is gone, or there was none to stop */
	LIFECYCLE_PROGRESS,	     /* what is waited for takes long, and goes on */
	LIFECYCLE_SERVER_LOST,	     /* the server is gone or gives no answer */
	LIFECYCLE_SERVER_RESTARTING, /* it is being started (or asked) again */
	LIFECYCLE_SERVER_STARTED,    /* it runs: the store behind it can be opened */
	LIFECYCLE_SERVER_STOPPED,    /* it was stopped, or there is none */
	LIFECYCLE_COMPONENTS_DIED,   /* all of them */
	LIFECYCLE_WORKERS_DIED,	     /* all that were left */
	LIFECYCLE_STOP,		     /* asked for, or decided; a second one is in a hurry */
	LIFECYCLE_DEADLINE,
	LIFECYCLE_EVENTS
};

enum lifecycle_action {
	LIFECYCLE_NOTHING,
	LIFECYCLE_START_STORAGE,
	LIFECYCLE_START_COMPONENTS,
	LIFECYCLE_OPEN_STORE,
	LIFECYCLE_PING_STORE,
	LIFECYCLE_SERVE,
	LIFECYCLE_END_WAIT, /* the store is not ready in time: the worker that is late is ended */
	LIFECYCLE_KILL_STORAGE,
	LIFECYCLE_STOP_STORAGE,
	LIFECYCLE_HURRY_STORAGE,
	LIFECYCLE_STOP_SERVER,
	LIFECYCLE_HURRY_SERVER,
	LIFECYCLE_KILL_SERVER,
	LIFECYCLE_STOP_COMPONENTS,
	LIFECYCLE_KILL_COMPONENTS,
	LIFECYCLE_STOP_WORKERS,
	LIFECYCLE_KILL_WORKERS,
	LIFECYCLE_FINISH,
	LIFECYCLE_ACTIONS
};

/* Milliseconds; may change while the node runs (reload). */
struct lifecycle_times {
	int64_t startup;  /* from a storage worker's start until it serves */
	int64_t shutdown; /* what running statements get */
	int64_t server;	  /* what the server gets to shut down */
	int64_t grace;	  /* the time beyond these, and that of everything else that stops */
	int64_t hurry;	  /* what running statements get after a second stop */
};

struct lifecycle {
	enum lifecycle_state state;
	int64_t deadline; /* clock_now_ms() at which LIFECYCLE_DEADLINE is due, or CLOCK_NEVER */
	struct lifecycle_times times;
	/* What to do, by action; all are there but that of LIFECYCLE_NOTHING. May call lifecycle_take. */
	void (*const *actions)(void *context);
	/* Called after the state changed, before the action. */
	void (*changed)(void *context, enum lifecycle_state from);
	void *context;
};

void lifecycle_init(struct lifecycle *lifecycle, const struct lifecycle_times *times,
    void (*const actions[LIFECYCLE_ACTIONS])(void *), void (*changed)(void *, enum lifecycle_state), void *context);

/* Takes an event. One that the table does not name for the state changes nothing. */
void lifecycle_take(struct lifecycle *lifecycle, enum lifecycle_event event);

/* To be called when the deadline may have come. */
void lifecycle_check_deadline(struct lifecycle *lifecycle);

/* "operational", "stopping storage", ... */
const char *lifecycle_state_name(enum lifecycle_state state);

/* A stop is under way, or over. */
static inline int
lifecycle_is_stopping(const struct lifecycle *lifecycle)
{
	return lifecycle->state >= LIFECYCLE_STOPPING_COMPONENTS;
}

#endif
