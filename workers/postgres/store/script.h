/*
 * One connection of bibd's own to PostgreSQL, worked step by step from the loop: a login, then statements, each with
 * its deadline. Source: PostgreSQL 15 manual, libpq, "Asynchronous Command Processing".
 */
#ifndef BIBD_POSTGRES_SCRIPT_H
#define BIBD_POSTGRES_SCRIPT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"

#define SCRIPT_MESSAGE_MAX 400
#define SCRIPT_STATE_SIZE 6

/* Why a step failed, in the server's words where it said something. Never has a password or a statement in it. */
struct script_failure {
	char state[SCRIPT_STATE_SIZE]; /* SQLSTATE; "" when it was not the server that failed it */
	char message[SCRIPT_MESSAGE_MAX];
	unsigned position; /* in characters from 1, in the statement or in the text that it ran; 0: none */
	bool lost;	   /* the connection is lost */
};

struct script;

/* failure is NULL on success; result is that of the last statement, NULL after a login, and freed by the script. The
 * callback may ask for the next step or close the script. */
typedef void script_done_fn(void *context, PGresult *result, const struct script_failure *failure);

/* Called when a connection that is idle dies. */
typedef void script_lost_fn(void *context);

/* Embedded in the caller's struct; zeroed memory is a closed one. */
struct script {
	struct loop *loop;
	PGconn *connection;
	struct loop_watch watch;
	struct loop_timer deadline;
	PGresult *last;
	bool logged_in;
	script_done_fn *done; /* of the step under way */
	void *context;
	script_lost_fn *lost;
	void *lost_context;
};

/* Logs in with keywords and values as PQconnectStartParams takes them; `hostaddr` or a socket, since a name would be
 * looked up. Does not call back before it returns. */
void script_log_in(struct script *script, struct loop *loop, const char *const *keywords, const char *const *values,
    int64_t timeout_ms, script_done_fn *done, void *context);

/* Runs statements (several, separated by semicolons, are one transaction), or one statement with parameters. The script
 * must be idle. When a step takes longer than its time, the connection is given up. */
void script_run(struct script *script, const char *sql, int64_t timeout_ms, script_done_fn *done, void *context);
void script_run_with(struct script *script, const char *sql, int n, const char *const *parameters, int64_t timeout_ms,
    script_done_fn *done, void *context);

bool script_is_open(const struct script *script); /* logged in, or about to */
bool script_is_idle(const struct script *script); /* logged in, and no step under way */

/* From now on lost is called when the connection dies while it is idle. */
void script_watch(struct script *script, script_lost_fn *lost, void *context);

/* Closes without a callback. Does nothing to a closed one. */
void script_close(struct script *script);

#endif
