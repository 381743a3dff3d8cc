/*
 * Begins and ends a pause, asks the storage worker for it, reminds of it, and answers the bibctl that asked.
 */
#include "supervisor/requests/pause.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/children/children.h"
#include "supervisor/node/node.h"
#include "supervisor/requests/requests.h"

/* ---- answers ---- */

static void
pause_answer(struct requests *requests, enum status status, const char *code, const char *text)
{
	uint32_t id = requests->pause.asked_id;

	requests->pause.asked_id = 0;
	requests_result(requests, id, status, code, text);
}

void
pause_forget_asker(struct requests *requests)
{
	requests->pause.asked_id = 0;
}

/* ---- what the storage worker is told ---- */

static struct child *
pause_storage(struct requests *requests)
{
	return children_find_up(requests->children, PROCESS_STORAGE);
}

static void
pause_send(struct child *storage, int64_t drain_ms)
{
	struct message_pause pause = { .drain_ms = (uint32_t)drain_ms };

	(void)channel_send_pause(&storage->channel, 0, &pause, -1);
}

static void
pause_clear(struct requests *requests)
{
	struct child *storage = pause_storage(requests);

	loop_timer_cancel(&requests->pause.timer);
	loop_timer_cancel(&requests->pause.remind);
	requests->pause.state = PAUSE_NONE;
	requests->pause.drained = NULL;
	if (storage != NULL)
		(void)channel_send_resume(&storage->channel, 0, NULL, -1);
}

/* ---- held ---- */

static void
pause_remind(struct loop_timer *timer)
{
	struct requests *requests = timer->arg;
	struct pause *pause = &requests->pause;
	int64_t now = clock_realtime_us();

	log_warning("clients are paused since %" PRId64 " s, by bibctl pause of uid %" PRId64
		    ": `bibctl resume` lets them go on; "
		    "the pause ends by itself in %" PRId64 " s",
	    (now - pause->since_us) / 1000000, pause->uid, (pause->until_us - now) / 1000000);
	events_add(&requests->node->events, "bibd", "clients.still_paused",
	    "clients are still paused, by bibctl pause of uid %" PRId64 "; the pause ends by itself in %" PRId64 " s",
	    pause->uid, (pause->until_us - now) / 1000000);
	loop_timer_set(&requests->node->loop, timer, PAUSE_REMIND_MS, pause_remind, requests);
}

static void
pause_time_is_over(struct loop_timer *timer)
{
	struct requests *requests = timer->arg;

	log_warning("the time of bibctl pause is over: clients go on");
	events_add(&requests->node->events, "bibd", "clients.resumed",
	    "the time of bibctl pause of uid %" PRId64 " is over: clients go on", requests->pause.uid);
	pause_clear(requests);
}

static void
pause_hold(struct requests *requests)
{
	struct pause *pause = &requests->pause;
	char text[ERROR_TEXT_MAX];

	pause->state = PAUSE_HELD;
	pause->since_us = clock_realtime_us();
	if (pause->drained != NULL) {
		loop_timer_cancel(&pause->timer);
		return;
	}
	pause->until_us = pause->since_us + pause->hold_ms * 1000;
	loop_timer_set(&requests->node->loop, &pause->timer, pause->hold_ms, pause_time_is_over, requests);
	loop_timer_set(&requests->node->loop, &pause->remind, PAUSE_REMIND_MS, pause_remind, requests);
	log_warning("clients are paused for at most %" PRId64 " s, by bibctl pause of uid %" PRId64,
	    pause->hold_ms / 1000, pause->uid);
	events_add(&requests->node->events, "bibd", "clients.paused",
	    "new statements wait for at most %" PRId64 " s, by bibctl pause of uid %" PRId64, pause->hold_ms / 1000,
	    pause->uid);
	(void)snprintf(text, sizeof(text),
	    "clients are paused, and no transaction is open; `bibctl resume` lets them go on, else bibd does in "
	    "%" PRId64 " s",
	    pause->hold_ms / 1000);
	pause_answer(requests, STATUS_OK, "clients.paused", text);
}

/* ---- draining ---- */

/* A pause ends nobody's transaction: when one does not end in time, the pause is given up and all clients go on. */
static void
pause_fail(struct requests *requests, const char *text)
{
	log_notice("%s", text);
	events_add(&requests->node->events, "bibd", "clients.not_paused", "%s", text);
	pause_clear(requests);
	pause_answer(requests, STATUS_UNAVAILABLE, "clients.not_paused", text);
}

void
pause_take_paused(struct requests *requests, const struct message_paused *message)
{
	struct pause *pause = &requests->pause;
	char text[ERROR_TEXT_MAX];

	if (pause->state != PAUSE_DRAINING)
		return;
	if (pause->drained != NULL) {
		pause_hold(requests);
		pause->drained(requests, message->open, message->who);
		return;
	}
	if (message->open == 0) {
		pause_hold(requests);
		return;
	}
	(void)snprintf(text, sizeof(text),
	    "%" PRIu32 " transaction%s did not end within %" PRId64
	    " s (session %s): clients go on; `bibctl kill` ends a session",
	    message->open, message->open == 1 ? "" : "s", pause->drain_ms / 1000, message->who);
	pause_fail(requests, text);
}

static void
pause_is_late(struct loop_timer *timer)
{
	struct requests *requests = timer->arg;

	if (requests->pause.drained != NULL) {
		pause_hold(requests);
		requests->pause.drained(requests, 0, "");
	} else
		pause_fail(requests, "the storage worker did not pause in time: clients go on");
}

static void
pause_begin(struct requests *requests, int64_t uid, int64_t drain_ms)
{
	struct pause *pause = &requests->pause;
	struct child *storage = pause_storage(requests);

	pause->state = PAUSE_DRAINING;
	pause->uid = uid;
	pause->drain_ms = drain_ms;
	pause->since_us = clock_realtime_us();
	loop_timer_set(&requests->node->loop, &pause->timer, drain_ms + PAUSE_ANSWER_MS, pause_is_late, requests);
	if (storage != NULL)
		pause_send(storage, drain_ms);
}

void
pause_storage_ready(struct requests *requests, struct child *storage)
{
	if (requests->pause.state != PAUSE_NONE)
		pause_send(storage, requests->pause.drain_ms);
}

/* ---- requests ---- */

/* Why clients cannot be paused now, or NULL. */
static const char *
pause_objection(struct requests *requests, const struct message_pause_request *message)
{
	if (message->drain_ms > PAUSE_DRAIN_MAX_MS || message->hold_ms == 0 || message->hold_ms > PAUSE_HOLD_MAX_MS)
		return "--timeout is at most 100 s, and --for at most 1 h";
	if (requests->pause.drained != NULL)
		return "the server is being restarted, and clients wait for it";
	if (requests->pause.state != PAUSE_NONE)
		return "clients are paused already; `bibctl resume` lets them go on";
	if (requests->node->ready_since_us == 0 || pause_storage(requests) == NULL)
		return "no client is served now: `bibctl status` says why";
	return NULL;
}

void
pause_take_request(struct requests *requests, uint32_t id, const struct message_pause_request *message)
{
	const char *objection = pause_objection(requests, message);

	if (objection != NULL) {
		requests_result(requests, id, STATUS_UNAVAILABLE, "clients.pause_refused", objection);
		return;
	}
	requests->pause.asked_id = id;
	requests->pause.hold_ms = message->hold_ms;
	pause_begin(requests, message->uid, message->drain_ms);
}

void
pause_take_resume_request(struct requests *requests, uint32_t id, const struct message_resume_request *message)
{
	if (requests->pause.state == PAUSE_NONE || requests->pause.drained != NULL) {
		requests_result(requests, id, STATUS_OK, "clients.not_paused", "clients were not paused");
		return;
	}
	pause_answer(requests, STATUS_UNAVAILABLE, "clients.resumed",
	    "bibctl resume came before all transactions had ended");
	log_notice("clients go on, by bibctl resume of uid %" PRId64, message->uid);
	events_add(&requests->node->events, "bibd", "clients.resumed",
	    "clients go on, by bibctl resume of uid %" PRId64, message->uid);
	pause_clear(requests);
	requests_result(requests, id, STATUS_OK, "clients.resumed", "clients go on");
}

/* ---- a restart of the server ---- */

void
pause_for_restart(struct requests *requests, int64_t uid, int64_t drain_ms, requests_drained_fn *drained)
{
	/* Clients that an operator has paused stay paused. */
	if (requests->pause.state == PAUSE_HELD) {
		drained(requests, 0, "");
		return;
	}
	requests->pause.drained = drained;
	pause_begin(requests, uid, drain_ms);
}

void
pause_end_restart(struct requests *requests)
{
	if (requests->pause.drained != NULL)
		pause_clear(requests);
}
