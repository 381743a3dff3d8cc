/*
 * The supervisor: the one struct that ties its rooms together. Private to supervisor/.
 */
#ifndef BIBD_SUPERVISOR_H
#define BIBD_SUPERVISOR_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/loop.h"
#include "supervisor/children/check.h"
#include "supervisor/children/child.h"
#include "supervisor/children/process.h"
#include "supervisor/host/room.h"
#include "supervisor/node/node.h"
#include "supervisor/record/audit.h"
#include "supervisor/reload.h"
#include "supervisor/requests/audit_requests.h"
#include "supervisor/requests/log_requests.h"
#include "supervisor/requests/pause.h"
#include "supervisor/requests/relay.h"
#include "supervisor/requests/status.h"
#include "supervisor/server/certificates.h"
#include "supervisor/server/server.h"

#define SUPERVISOR_CHILDREN_MAX 8
#define SUPERVISOR_STOPS_MAX 16

struct supervisor {
	struct node node;
	int password_fd;   /* an external server's password on its way to keeper, or -1 */
	struct process_places places;
	char boot_id[64];
	bool said_sandbox;	/* what the kernel lacks */

	struct loop_watch signals;
	struct loop_timer deadline;  /* the lifecycle's */
	struct loop_timer heartbeat; /* the next ones are due */
	struct loop_timer watchdog;  /* the service manager's */
	struct loop_timer secrets;   /* keeper, which found no room, begins anew */
	struct child children[SUPERVISOR_CHILDREN_MAX];
	size_t nchildren;

	uint32_t store_id; /* OPEN_STORE or PING_STORE, the last: answers to those before are late, and mean nothing */
	struct audit audit;
	struct audit_requests audit_requests;
	struct reload reload;
	struct server server;
	struct certificates certificates;
	struct room room;
	struct status_requests status_requests;
	struct log_requests log_requests;
	struct relay relay;
	struct pause pause;
	struct check check;
	uint32_t stop_ids[SUPERVISOR_STOPS_MAX]; /* bibctl stop: who waits for the result */
	unsigned nstops;
};

/* Runs the daemon with this configuration, which it takes over. Returns its exit status. */
enum status supervisor_run(struct conf *conf, const char *conf_path, bool verbose);

/* The worker of that process (a set is fine), or NULL. */
struct child *supervisor_child(struct supervisor *supervisor, unsigned processes);

/* A worker other than that of storage was reaped: tells the lifecycle when it was the last. */
void supervisor_note_worker_end(struct supervisor *supervisor);

/* Writes the state of everything to the log. */
void supervisor_log_state(struct supervisor *supervisor);

/* ---- phases.c: what the lifecycle does ---- */

/* The actions, by enum lifecycle_action; the context is the supervisor. */
extern void (*const lifecycle_actions[LIFECYCLE_ACTIONS])(void *);
void lifecycle_changed(void *context, enum lifecycle_state from);

/* Phase 1: starts the storage worker, then the others, and waits for none. */
void lifecycle_start_storage(void *context);
/* Phase 3: has the store opened; what follows is waited for by the table. */
void lifecycle_wait_for_storage_ready(void *context);
/* Clients are told, statements finish, the store is closed. */
void lifecycle_stop_storage(void *context);

/* ---- migrations.c ---- */

/* Where the storage worker's user cannot reach the built-in migrations (a build tree in somebody's home), copies them
 * to <data_dir>/migrations and lets places point there. Errors: directories.create, directories.io. */
int migrations_make_reachable(struct supervisor *supervisor, const struct user *user, struct error *e);

/* ---- component.c ---- */

/* Adds a child for each enabled component. Errors: users.missing, conf.check (no user named where bibd runs as root).
 */
int component_add_all(struct supervisor *supervisor, struct error *e);
void component_start_all(struct supervisor *supervisor);
/* Asks all to stop; tells the lifecycle when there are none. */
void component_stop_all(struct supervisor *supervisor);
void component_kill_all(struct supervisor *supervisor);
/* One of them was reaped: tells the lifecycle when it was the last. */
void component_note_end(struct supervisor *supervisor);

/* ---- conversation.c: what workers say ---- */

/* The handlers of every worker's channel; the context is the struct child. */
extern const struct message_handlers conversation_handlers;
void conversation_closed(struct channel *channel, const struct error *why);
/* The first words to a worker: START and its socket. */
int conversation_begin(struct child *child, struct error *e);

/* ---- heartbeat.c ---- */

/* Begins, or goes on at the interval of the configuration in force. */
void heartbeat_start(struct supervisor *supervisor);
/* An answer came, or the child is gone. */
void heartbeat_take(struct child *child, uint32_t id, const struct message_health *health);
void heartbeat_forget(struct child *child);
/* The storage worker is asked now, unless it is being asked. */
void heartbeat_ask_storage(struct supervisor *supervisor);
/* The check of the client socket has failed, or come to its end. */
void heartbeat_note_check(struct supervisor *supervisor);

/* ---- signals.c ---- */

/* Blocks the signals that bibd takes; to be called first of all, so that none is lost. */
void signals_block(void);
/* Does a request to stop come within so many ms, or has come already? For use before the loop runs; takes it. */
bool signals_stop_comes(int64_t ms);
/* Takes signals in the loop. Errors: signals.open. */
int signals_open(struct supervisor *supervisor, struct error *e);
void signals_close(struct supervisor *supervisor);

#endif
