/*
 * bibctl pause and resume: new statements of clients wait, transactions that are open are finished first.
 *
 * The supervisor keeps it, so that a storage worker that is started anew is paused as well, and so that nobody forgets a
 * paused node: it is said every minute, and over by itself when its time is. The storage worker does it (PAUSE, PAUSED,
 * RESUME). A restart of the server pauses in the same way, for as long as it takes.
 */
#ifndef BIBD_SUPERVISOR_PAUSE_H
#define BIBD_SUPERVISOR_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/loop.h"
#include "common/message.h"

/* Beyond the time that open transactions get: how long the storage worker may take to say that it is over. */
#define PAUSE_ANSWER_MS 3000
/* How often it is said that clients wait. */
#define PAUSE_REMIND_MS 60000
/* The longest times that may be asked for. */
#define PAUSE_DRAIN_MAX_MS 100000
#define PAUSE_HOLD_MAX_MS 3600000

enum pause_state { PAUSE_NONE, PAUSE_DRAINING, PAUSE_HELD };

struct supervisor;
struct child;

struct pause {
	enum pause_state state;
	bool for_restart;  /* of the server: no operator asked for it, and transactions that do not end are lost */
	int64_t uid;	   /* who asked */
	uint32_t asked_id; /* control's id, 0: nobody waits */
	int64_t drain_ms, hold_ms;
	int64_t since_us;    /* of the state */
	int64_t until_us;    /* HELD: when it is over by itself */
	struct loop_timer timer;  /* DRAINING: no answer; HELD: the time is over */
	struct loop_timer remind;
};

/* From control. */
void pause_take_request(struct supervisor *supervisor, uint32_t id, const struct message_pause_request *message);
void pause_take_resume(struct supervisor *supervisor, uint32_t id, const struct message_resume_request *message);
/* control has gone, and with it whoever asked. */
void pause_forget_asker(struct supervisor *supervisor);

/* From the storage worker: all transactions have ended, or the time for that is over. */
void pause_take_paused(struct supervisor *supervisor, const struct message_paused *message);
/* It is up (again): it is paused as the one before was. */
void pause_storage_ready(struct supervisor *supervisor, struct child *storage);

/* For a restart of the server: server_restart_drained is called in any case, soon or at once. */
void pause_for_restart(struct supervisor *supervisor, int64_t uid, int64_t drain_ms);
/* Clients go on, if a restart of the server had paused them. */
void pause_end_restart(struct supervisor *supervisor);

#endif
