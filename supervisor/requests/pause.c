#include "supervisor/requests/pause.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/supervisor.h"

/* ---- answers ---- */

static void
pause_result(struct supervisor *s, uint32_t id, enum status status, const char *code, const char *text)
{
	struct child *control = supervisor_child(s, PROCESS_CONTROL);
	struct message_result result = { .status = (uint32_t)status, .code = code, .text = text };

	if (control != NULL && id != 0)
		(void)channel_send_result(&control->channel, id, &result, -1);
}

static void
pause_answer(struct supervisor *s, enum status status, const char *code, const char *text)
{
	uint32_t id = s->pause.asked_id;

	s->pause.asked_id = 0;
	pause_result(s, id, status, code, text);
}

void
pause_forget_asker(struct supervisor *supervisor)
{
	supervisor->pause.asked_id = 0;
}

/* ---- what the storage worker is told ---- */

static struct child *
pause_storage(struct supervisor *s)
{
	struct child *storage = supervisor_child(s, PROCESS_STORAGE);

	return storage != NULL && child_is_worker_up(storage) ? storage : NULL;
}

static void
pause_send(struct child *storage, int64_t drain_ms)
{
	struct message_pause pause = { .drain_ms = (uint32_t)drain_ms };

	(void)channel_send_pause(&storage->channel, 0, &pause, -1);
}

static void
pause_clear(struct supervisor *s)
{
	struct child *storage = pause_storage(s);

	loop_timer_cancel(&s->pause.timer);
	loop_timer_cancel(&s->pause.remind);
	s->pause.state = PAUSE_NONE;
	s->pause.for_restart = false;
	if (storage != NULL)
		(void)channel_send_resume(&storage->channel, 0, NULL, -1);
}

/* ---- held ---- */

static void
pause_remind(struct loop_timer *timer)
{
	struct supervisor *s = timer->arg;
	struct pause *pause = &s->pause;
	int64_t now = clock_realtime_us();

	log_warning("clients are paused since %" PRId64 " s, by bibctl pause of uid %" PRId64 ": `bibctl resume` lets them go on; "
	    "it is over by itself in %" PRId64 " s", (now - pause->since_us) / 1000000, pause->uid,
	    (pause->until_us - now) / 1000000);
	events_add(&s->node.events, "bibd", "clients.still_paused", "clients are still paused, by bibctl pause of uid %" PRId64
	    "; it is over by itself in %" PRId64 " s", pause->uid, (pause->until_us - now) / 1000000);
	loop_timer_set(&s->node.loop, timer, PAUSE_REMIND_MS, pause_remind, s);
}

static void
pause_time_is_over(struct loop_timer *timer)
{
	struct supervisor *s = timer->arg;

	log_warning("the time of bibctl pause is over: clients go on");
	events_add(&s->node.events, "bibd", "clients.resumed", "the time of bibctl pause of uid %" PRId64 " is over: clients go on",
	    s->pause.uid);
	pause_clear(s);
}

static void
pause_hold(struct supervisor *s)
{
	struct pause *pause = &s->pause;
	char text[ERROR_TEXT_MAX];

	pause->state = PAUSE_HELD;
	pause->since_us = clock_realtime_us();
	if (pause->for_restart) {
		loop_timer_cancel(&pause->timer);
		return;
	}
	pause->until_us = pause->since_us + pause->hold_ms * 1000;
	loop_timer_set(&s->node.loop, &pause->timer, pause->hold_ms, pause_time_is_over, s);
	loop_timer_set(&s->node.loop, &pause->remind, PAUSE_REMIND_MS, pause_remind, s);
	log_warning("clients are paused for at most %" PRId64 " s, by bibctl pause of uid %" PRId64, pause->hold_ms / 1000,
	    pause->uid);
	events_add(&s->node.events, "bibd", "clients.paused", "new statements wait for at most %" PRId64
	    " s, by bibctl pause of uid %" PRId64, pause->hold_ms / 1000, pause->uid);
	(void)snprintf(text, sizeof(text),
	    "clients are paused, and no transaction is open; `bibctl resume` lets them go on, else bibd does in %" PRId64 " s",
	    pause->hold_ms / 1000);
	pause_answer(s, STATUS_OK, "clients.paused", text);
}

/* ---- draining ---- */

/* Nobody's transaction is ended by a pause: what does not end lets all go on. */
static void
pause_fail(struct supervisor *s, const char *text)
{
	log_notice("%s", text);
	events_add(&s->node.events, "bibd", "clients.not_paused", "%s", text);
	pause_clear(s);
	pause_answer(s, STATUS_UNAVAILABLE, "clients.not_paused", text);
}

void
pause_take_paused(struct supervisor *supervisor, const struct message_paused *message)
{
	struct pause *pause = &supervisor->pause;
	char text[ERROR_TEXT_MAX];

	if (pause->state != PAUSE_DRAINING)
		return;
	if (pause->for_restart) {
		pause_hold(supervisor);
		server_restart_drained(supervisor, message->open, message->who);
		return;
	}
	if (message->open == 0) {
		pause_hold(supervisor);
		return;
	}
	(void)snprintf(text, sizeof(text), "%" PRIu32 " transaction%s did not end within %" PRId64
	    " s (session %s): clients go on; `bibctl kill` ends a session", message->open, message->open == 1 ? "" : "s",
	    pause->drain_ms / 1000, message->who);
	pause_fail(supervisor, text);
}

static void
pause_is_late(struct loop_timer *timer)
{
	struct supervisor *s = timer->arg;

	if (s->pause.for_restart) {
		pause_hold(s);
		server_restart_drained(s, 0, "");
	} else
		pause_fail(s, "the storage worker did not pause in time: clients go on");
}

static void
pause_begin(struct supervisor *s, int64_t uid, int64_t drain_ms)
{
	struct pause *pause = &s->pause;
	struct child *storage = pause_storage(s);

	pause->state = PAUSE_DRAINING;
	pause->uid = uid;
	pause->drain_ms = drain_ms;
	pause->since_us = clock_realtime_us();
	loop_timer_set(&s->node.loop, &pause->timer, drain_ms + PAUSE_ANSWER_MS, pause_is_late, s);
	if (storage != NULL)
		pause_send(storage, drain_ms);
}

void
pause_storage_ready(struct supervisor *supervisor, struct child *storage)
{
	if (supervisor->pause.state != PAUSE_NONE)
		pause_send(storage, supervisor->pause.drain_ms);
}

/* ---- requests ---- */

/* Why clients cannot be paused now, or NULL. */
static const char *
pause_objection(struct supervisor *s, const struct message_pause_request *message)
{
	if (message->drain_ms > PAUSE_DRAIN_MAX_MS || message->hold_ms == 0 || message->hold_ms > PAUSE_HOLD_MAX_MS)
		return "--timeout is at most 100 s, and --for at most 1 h";
	if (s->pause.for_restart)
		return "the server is being restarted, and clients wait for it";
	if (s->pause.state != PAUSE_NONE)
		return "clients are paused already; `bibctl resume` lets them go on";
	if (s->node.ready_since_us == 0 || pause_storage(s) == NULL)
		return "no client is served now: `bibctl status` says why";
	return NULL;
}

void
pause_take_request(struct supervisor *supervisor, uint32_t id, const struct message_pause_request *message)
{
	const char *objection = pause_objection(supervisor, message);

	if (objection != NULL) {
		pause_result(supervisor, id, STATUS_UNAVAILABLE, "clients.pause_refused", objection);
		return;
	}
	supervisor->pause.asked_id = id;
	supervisor->pause.hold_ms = message->hold_ms;
	pause_begin(supervisor, message->uid, message->drain_ms);
}

void
pause_take_resume(struct supervisor *supervisor, uint32_t id, const struct message_resume_request *message)
{
	if (supervisor->pause.state == PAUSE_NONE || supervisor->pause.for_restart) {
		pause_result(supervisor, id, STATUS_OK, "clients.not_paused", "clients were not paused");
		return;
	}
	pause_answer(supervisor, STATUS_UNAVAILABLE, "clients.resumed", "bibctl resume came before all transactions had ended");
	log_notice("clients go on, by bibctl resume of uid %" PRId64, message->uid);
	events_add(&supervisor->node.events, "bibd", "clients.resumed", "clients go on, by bibctl resume of uid %" PRId64, message->uid);
	pause_clear(supervisor);
	pause_result(supervisor, id, STATUS_OK, "clients.resumed", "clients go on");
}

/* ---- a restart of the server ---- */

void
pause_for_restart(struct supervisor *supervisor, int64_t uid, int64_t drain_ms)
{
	/* Paused by an operator, they stay so. */
	if (supervisor->pause.state == PAUSE_HELD) {
		server_restart_drained(supervisor, 0, "");
		return;
	}
	supervisor->pause.for_restart = true;
	pause_begin(supervisor, uid, drain_ms);
}

void
pause_end_restart(struct supervisor *supervisor)
{
	if (supervisor->pause.for_restart)
		pause_clear(supervisor);
}
