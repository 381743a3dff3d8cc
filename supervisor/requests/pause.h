/*
 * bibctl pause and resume: new statements of clients wait, transactions that are open are finished first.
 *
 * The supervisor remembers the pause, so that a storage worker that is started anew is paused as well. It says every
 * minute that clients are paused, and ends the pause when its time is over. The storage worker makes clients wait
 * (PAUSE, PAUSED, RESUME). A restart of the server pauses in the same way, for as long as it takes.
 */
#ifndef BIBD_SUPERVISOR_PAUSE_H
#define BIBD_SUPERVISOR_PAUSE_H

#include <stdint.h>

#include "common/message.h"
#include "supervisor/requests/requests.h"

/* Beyond the time that open transactions get: how long the storage worker may take to say that it is over. */
#define PAUSE_ANSWER_MS 3000
/* How often it is said that clients wait. */
#define PAUSE_REMIND_MS 60000
/* The longest times that may be asked for. */
#define PAUSE_DRAIN_MAX_MS 100000
#define PAUSE_HOLD_MAX_MS 3600000

struct child;

/* From control. */
void pause_take_request(struct requests *requests, uint32_t id, const struct message_pause_request *message);
void pause_take_resume_request(struct requests *requests, uint32_t id, const struct message_resume_request *message);
/* Control has ended, and with it the connection of the bibctl that asked: its id is forgotten. */
void pause_forget_asker(struct requests *requests);

/* From the storage worker: all transactions have ended, or the time for that is over. */
void pause_take_paused(struct requests *requests, const struct message_paused *message);
/* The storage worker is up (again): it is paused if the one before it was. */
void pause_storage_ready(struct requests *requests, struct child *storage);

/* For a restart of the server: drained is called in any case, soon or at once. */
void pause_for_restart(struct requests *requests, int64_t uid, int64_t drain_ms, requests_drained_fn *drained);
/* Clients go on, if a restart of the server had paused them. */
void pause_end_restart(struct requests *requests);

#endif
