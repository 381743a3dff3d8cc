/*
 * What control asks of the supervisor and, by way of it, of workers for bibctl: under ids of our own, and until when.
 * Each file of this room deals with some of the questions; here is what they share.
 */
#ifndef BIBD_SUPERVISOR_REQUESTS_H
#define BIBD_SUPERVISOR_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/loop.h"
#include "supervisor/requests/pending.h"

#define REQUESTS_RELAYED_MAX 32
#define REQUESTS_LOGS_MAX 16
#define REQUESTS_STATUS_MAX 16
#define REQUESTS_VERIFY_MAX 8
#define REQUESTS_STOPS_MAX 16

struct child;
struct children;
struct node;
struct requests;
struct room;
struct server;

/* Clients are paused for a restart, and so many transactions are open still, in the sessions with the ids who. */
typedef void requests_drained_fn(struct requests *requests, uint32_t open, const char *who);

enum pause_state { PAUSE_NONE, PAUSE_DRAINING, PAUSE_HELD };

/* bibctl pause: pause.h. */
struct pause {
	enum pause_state state;
	requests_drained_fn *drained; /* NULL: an operator asked for it; else a restart of the server did */
	int64_t uid;		      /* who asked */
	uint32_t asked_id;	      /* control's id, 0: nobody waits */
	int64_t drain_ms, hold_ms;
	int64_t since_us;	 /* of the state */
	int64_t until_us;	 /* HELD: when it is over by itself */
	struct loop_timer timer; /* DRAINING: no answer; HELD: the time is over */
	struct loop_timer remind;
};

/* bibctl restart server: server_restart.h. */
struct server_restart {
	bool asked;	   /* it is under way */
	uint32_t asked_id; /* control's id; 0: nobody waits */
	uint32_t lost;	   /* transactions that did not end in time */
	int64_t began_us;
};

/* What bibd-archive said last: status.h. */
struct backup_told {
	bool given;
	int64_t backup_us, stored_us, proven_us, drilled_us;
	char opens[128];
};

struct requests {
	struct node *node;
	struct children *children;
	struct server *server;
	const struct room *room;
	struct pending relayed;	      /* relay.h */
	struct pending logs;	      /* logs.h */
	struct pending statuses;      /* status.h */
	struct pending verifications; /* audit_trail.h */
	struct pending stops;	      /* bibctl stop: answered by control's last words */
	struct pause pause;
	struct server_restart restart;
	struct backup_told backup;
};

/* RESULT to control; does nothing for id 0, which nobody waits for, or when control is not there. */
void requests_result(struct requests *requests, uint32_t id, enum status status, const char *code, const char *text);

/* bibctl stop: the answer is control's last words. */
void requests_take_stop(struct requests *requests, uint32_t id);
void requests_answer_stops(struct requests *requests);

#endif
