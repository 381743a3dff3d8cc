/*
 * The PostgreSQL server behind this worker: waited for, logged in to, its roles and migrations brought up to date, and
 * watched from then on. Nothing here blocks; all of it runs in the worker's loop, and every callback comes from there.
 */
#ifndef BIBD_POSTGRES_STORE_H
#define BIBD_POSTGRES_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/error.h"
#include "common/message.h"
#include "workers/postgres/store/script.h"

struct pg_store;
struct worker;

/* What the store tells its owner, whose connections depend on the server. No function of these may call
 * pg_store_close. */
struct pg_store_events {
	/* available will be called in a moment, if all goes well: connections can be made, but nothing may be run on
	 * them yet. */
	void (*soon)(void *context);
	/* The server answers as the role that applications use: connect now. Called once each time it becomes so. */
	void (*available)(void *context);
	/* It is gone: end what depends on it. Called once for each call of available, but not by pg_store_close. */
	void (*lost)(void *context, const char *cause);
	/* The logins in use have changed (pg_store_side): give up connections with the previous ones as soon as no
	 * session needs them, after grace_ms in any case; then call pg_store_retired. May be called again before
	 * that. */
	void (*retire)(void *context, int64_t grace_ms);
	/* A probe that began after the last pg_store_suspect was answered: by a server that accepts connections, or by
	 * one that does not accept any now. May be NULL. */
	void (*probed)(void *context, bool accepts);
	/* bibd's logins have been looked at, and mended where clients had changed them; nothing more to look at is due.
	 * May be NULL. */
	void (*logins_checked)(void *context, unsigned repaired);
	/* pg_store_expect_move was called, and all that is bibd's own is in the database: the rest may be made. Then
	 * call pg_store_moved. May be NULL. */
	void (*move)(void *context);
};

/* Makes a closed store; events and context are kept. NULL when memory or descriptors are out (store.start). */
struct pg_store *pg_store_new(struct worker *worker, const struct pg_store_events *events, void *context,
    struct error *e);

/* Closes what is open, at once and without a word to the server, wipes the credentials and frees. NULL is allowed. */
void pg_store_free(struct pg_store *store);

/* OPEN_STORE: answers it with STORE_OPENED or FAILED when it is known, and with STORE_PROGRESS meanwhile. A managed
 * server is waited for until the supervisor gives up; an external one has one try (FAILED 69 storage.ping). Asked again
 * while it is under way, the newest request gets the answer. */
void pg_store_open(struct pg_store *store, uint32_t request_id);

/* The openings that follow call events->move before they run the application's migrations, until one has succeeded. */
void pg_store_expect_move(struct pg_store *store);
/* It is done, or has failed: then the opening fails with *e. */
void pg_store_moved(struct pg_store *store, const struct error *e);
/* Sends STORE_PROGRESS, news at once and the rest at most once a second, while OPEN_STORE waits for its answer. */
void pg_store_progress(struct pg_store *store, const char *text, bool news);

/* PING_STORE: a query as the role that applications use; answers with STORE_ANSWERED or FAILED (69 storage.ping). */
void pg_store_ping(struct pg_store *store, uint32_t request_id);

/* PEER: the channel to the keeper, which replaces an earlier one; owns the descriptor. */
void pg_store_take_peer(struct pg_store *store, int fd);

/* True from events->available to events->lost. */
bool pg_store_is_available(const struct pg_store *store);

/* True also from events->soon on: pg_store_parameters works. */
bool pg_store_is_reachable(const struct pg_store *store);

/* Keywords and values for PQconnectStartParams, NULL-terminated, as the login of that role. The strings, a password
 * among them, live until the next call or until control is back in the loop. No name is looked up by a connection made
 * with them, no file read and no environment. Returns -1 when the server is not available. */
#define STORE_PARAMETERS_MAX 24
int pg_store_parameters(struct pg_store *store, enum role role, const char *keywords[STORE_PARAMETERS_MAX],
    const char *values[STORE_PARAMETERS_MAX]);

/* Logs a script in as bibd itself, the owner of what is bibd's own in the database: bibd_system, or the user of an
 * external server. False: the server is not available. */
bool pg_store_log_in_system(struct pg_store *store, struct script *script, script_done_fn *done, void *context);

/* 'a' or 'b': the side of the logins that pg_store_parameters gives. */
char pg_store_side(const struct pg_store *store);

/* No connection of the pool's is left from before the last events->retire. who: the sessions that were ended for that,
 * for people; "": none. */
void pg_store_retired(struct pg_store *store, const char *who);

/* A connection failed or died, or a login was refused: probes now, and puts the logins and their verifiers right in
 * case a client has changed them. May be called as often as that happens. */
void pg_store_suspect(struct pg_store *store);

/* Looks at bibd's logins now; false: it does not, and nothing will be said. */
bool pg_store_look_at_logins(struct pg_store *store);

/* HEARTBEAT: false, and why in text, when the server was lost. */
bool pg_store_healthy(const struct pg_store *store, char *text, size_t size);

/* Fills store_bytes, probe_us and store_state; the size is as old as the last call but one, or 5 s. The text lives as
 * long as the program. */
void pg_store_statistics(struct pg_store *store, struct message_statistics *statistics);

/* Ends an opening under way, has a managed server write a checkpoint within the time, closes every connection, then
 * calls closed from the loop. Called again, the shorter time holds and the first callback is kept. */
void pg_store_close(struct pg_store *store, int64_t timeout_ms, void (*closed)(void *context), void *context);

#endif
