/*
 * The supervisor: the one struct that ties its rooms together, and the only code that knows all of them. Private to
 * supervisor/ itself: the rooms below know supervisor/node and their own.
 */
#ifndef BIBD_SUPERVISOR_H
#define BIBD_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/loop.h"
#include "supervisor/children/children.h"
#include "supervisor/host/room.h"
#include "supervisor/move/move.h"
#include "supervisor/node/node.h"
#include "supervisor/record/audit.h"
#include "supervisor/reload.h"
#include "supervisor/requests/requests.h"
#include "supervisor/server/server.h"

struct supervisor {
	struct node node;
	struct process_places places;
	char boot_id[64];
	struct loop_watch signals;
	struct loop_timer deadline; /* the lifecycle's */
	struct loop_timer watchdog; /* the service manager's */
	uint32_t store_id;	    /* of the last OPEN_STORE or PING_STORE; an answer to an earlier one is dropped */
	struct children children;
	struct audit_relay audit;
	struct server server;
	struct room room;
	struct requests requests;
	struct reload reload;
	struct move move;
};

/* Runs the daemon with this configuration, which it takes over. Returns its exit status. */
enum status supervisor_run(struct conf *conf, const char *conf_path, bool verbose);

/* The supervisor that the child belongs to: the context of every handler is the struct child. */
static inline struct supervisor *
supervisor_of(const void *context)
{
	const struct child *child = context;

	return child->children->context;
}

/* ---- watchers.c: who hears of starts, deaths, events, failures and room on the disk ---- */

/* Makes the rooms empty and hands each what it is to call. */
void watchers_init(struct supervisor *supervisor);

/* ---- phases.c: what the lifecycle does ---- */

/* The actions, by enum lifecycle_action; the context is the supervisor. */
extern void (*const phases_actions[LIFECYCLE_ACTIONS])(void *);
void phases_changed(void *context, enum lifecycle_state from);
/* The source of a move serves: the store is opened, if it is time for that. */
void phases_source_serves(void *context);
/* Keeps a copy of the configuration in force, for bibctl plan. */
void phases_keep_configuration(struct supervisor *s);

/* ---- signals.c ---- */

/* Blocks the signals that bibd takes; to be called first of all, so that none is lost. */
void signals_block(void);
/* Whether a signal to stop has come, or comes within so many ms; takes the signal. For use before the loop runs. */
bool signals_stop_comes(int64_t ms);
/* Takes signals in the loop. Errors: signals.open. */
int signals_open(struct supervisor *supervisor, struct error *e);
void signals_close(struct supervisor *supervisor);

#endif
