/* The audit trail in the loop's thread: when entries are written, when the head is signed, and whether all is whole. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bsd/string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memfd.h"
#include "workers/sqlite/server.h"

static struct loop *
audit_get_loop(struct server *server)
{
	return &server->worker->loop;
}

/* ---- writing ---- */

/* Whether anything waits to be written. */
static bool
audit_waits(struct audit *audit)
{
	bool waits;

	pthread_mutex_lock(&audit->lock);
	waits = audit->loaded && (audit->head.position != 0 || atomic_load(&audit->queue.pending) > 0);
	pthread_mutex_unlock(&audit->lock);
	return waits;
}

static void
audit_flush_is_due(struct loop_timer *timer)
{
	struct server *server = timer->arg;

	if (!audit_waits(&server->audit))
		return;
	pool_call_audit(&server->pool);
	loop_timer_set(audit_get_loop(server), timer, AUDIT_RETRY_MS, audit_flush_is_due, server);
}

void
audit_write_now(struct server *server)
{
	struct connection *connection;

	if (!store_begin_own_work(&server->store))
		return;
	if ((connection = pool_take_free_connection(&server->pool)) != NULL) {
		if (pool_has_own_lease(&server->pool) || pool_take_own_lease(&server->pool)) {
			audit_flush(&server->audit, connection);
			atomic_fetch_add(&server->store.commits, 1);
			pool_give_lease(&server->pool, NULL);
		}
		pool_give_connection(&server->pool, connection);
	}
	store_end_own_work(&server->store);
	server_wake(server);
}

/* ---- signing ---- */

/* Asks for the head to be signed if it is not yet. A check that is under way reads what there was before. */
static bool
audit_ask_signature(struct server *server)
{
	struct audit *audit = &server->audit;
	struct trail_chain chain;
	char at[TRAIL_TIME_SIZE];
	struct message_audit_sign sign = { .hash = chain.hash, .at = trail_time(clock_realtime_us(), at) };
	bool wanted;

	pthread_mutex_lock(&audit->lock);
	chain = audit->chain;
	wanted = audit->loaded && chain.position > audit->signed_position && audit->head.position == 0;
	pthread_mutex_unlock(&audit->lock);
	if (!wanted || audit->check.asked_id != 0)
		return false;
	sign.position = chain.position;
	audit->asked_ms = clock_now_ms();
	return channel_send_audit_sign(&server->worker->channel, channel_next_id(&server->worker->channel), &sign, -1) == 0;
}

static void
audit_sign_is_due(struct loop_timer *timer)
{
	(void)audit_ask_signature(timer->arg);
}

static void
audit_plan_signature(struct server *server)
{
	struct audit *audit = &server->audit;
	int64_t interval = server->worker->conf->audit.sign_interval, now = clock_now_ms(), delay;
	bool wanted;

	pthread_mutex_lock(&audit->lock);
	wanted = audit->loaded && audit->chain.position > audit->signed_position;
	pthread_mutex_unlock(&audit->lock);
	if (!wanted || interval == 0 || audit->sign_timer.loop != NULL)
		return;
	/* What comes after a quiet time is signed soon; what keeps coming, once in an interval. */
	delay = audit->asked_ms == 0 ? 0 : audit->asked_ms + interval - now;
	if (delay < AUDIT_SIGN_SOON_MS)
		delay = interval < AUDIT_SIGN_SOON_MS ? interval : AUDIT_SIGN_SOON_MS;
	loop_timer_set(audit_get_loop(server), &audit->sign_timer, delay, audit_sign_is_due, server);
}

/* ---- the end ---- */

static void
audit_close_now(struct server *server)
{
	loop_timer_cancel(&server->audit.last_timer);
	loop_timer_cancel(&server->audit.flush_timer);
	loop_timer_cancel(&server->audit.sign_timer);
	server->audit.closing = false;
	server_close(server);
}

static void
audit_last_is_late(struct loop_timer *timer)
{
	log_warning("the head of the audit trail was not signed in time: the next start does that");
	audit_close_now(timer->arg);
}

void
audit_finish(struct server *server)
{
	struct audit *audit = &server->audit;

	if (audit->closing)
		return;
	audit->check.asked_id = 0;
	store_write_audit(&server->store);
	audit->closing = audit_ask_signature(server);
	if (audit->closing)
		loop_timer_set(audit_get_loop(server), &audit->last_timer, AUDIT_LAST_HEAD_MS, audit_last_is_late, server);
	else
		audit_close_now(server);
}

void
audit_take_signed(void *context, struct frame *frame, const struct message_audit_signed *message)
{
	struct server *server = ((struct worker *)context)->state;
	struct audit *audit = &server->audit;

	(void)frame;
	if (message->why[0] != '\0') {
		log_error("the audit trail is not signed: %s", message->why);
		worker_event(server->worker, "audit.unsigned", "%s", message->why);
	} else {
		pthread_mutex_lock(&audit->lock);
		audit->head.position = message->position;
		(void)strlcpy(audit->head.hash, message->hash, sizeof(audit->head.hash));
		(void)strlcpy(audit->head.at, message->at, sizeof(audit->head.at));
		(void)strlcpy(audit->head.key, message->key, sizeof(audit->head.key));
		(void)strlcpy(audit->head.signature, message->signature, sizeof(audit->head.signature));
		pthread_mutex_unlock(&audit->lock);
	}
	if (audit->closing)
		audit_close_now(server);
	else if (message->why[0] == '\0')
		audit_look(server);
}

/* ---- what others report ---- */

void
audit_take_event(void *context, struct frame *frame, const struct message_audit_event *message)
{
	struct server *server = ((struct worker *)context)->state;
	const struct trail_event event = {
		.time_us = message->time_us, .uid = message->uid, .pid = message->pid, .role = "", .kind = message->code,
		.statement = message->text, .result = message->result, .source = message->source
	};

	(void)frame;
	if (trail_queue_add(&server->audit.queue, &event))
		audit_look(server);
}

void
audit_take_lost(void *context, struct frame *frame, const struct message_audit_lost *message)
{
	struct server *server = ((struct worker *)context)->state;

	(void)frame;
	trail_queue_note_lost(&server->audit.queue, message->count);
}

/* ---- is it whole? ---- */

static void
audit_answer(struct server *server, enum status status, const char *why)
{
	struct audit_check *check = &server->audit.check;
	const struct trail_verifier *verifier = &check->verifier;
	struct message_audit_verified answer = { .status = status, .rows = verifier->verdict.rows,
		.heads = verifier->verdict.heads, .signed_rows = verifier->signed_position, .broken = verifier->verdict.broken_id,
		.why = why };

	if (status == STATUS_OK && atomic_load(&server->audit.failing)) {
		answer.status = STATUS_UNAVAILABLE;
		answer.why = "what is in the trail is whole, but new entries cannot be written to it; see bibctl events";
	}
	loop_timer_cancel(&check->timer);
	(void)channel_send_audit_verified(&server->worker->channel, check->asked_id, &answer, -1);
	if (check->heads_fd != -1)
		close(check->heads_fd);
	check->heads_fd = -1;
	check->asked_id = check->keeper_id = 0;
	check->read = check->has_witness = false;
	audit_plan_signature(server);
}

static void
audit_check_is_late(struct loop_timer *timer)
{
	audit_answer(timer->arg, STATUS_UNAVAILABLE, "bibd-keeper did not check the signatures in time");
}

static void
audit_ask_keeper(struct server *server, int heads_fd)
{
	struct audit_check *check = &server->audit.check;
	struct channel *channel = &server->worker->channel;

	check->keeper_id = channel_next_id(channel);
	(void)channel_send_audit_check(channel, check->keeper_id, NULL, heads_fd);
	loop_timer_set(audit_get_loop(server), &check->timer, AUDIT_CHECK_MS, audit_check_is_late, server);
}

/* The thread has read all: the signatures are keeper's to check. */
static void
audit_go_on_checking(struct server *server)
{
	struct audit_check *check = &server->audit.check;

	check->read = false;
	if (check->failure.text[0] != '\0') {
		audit_answer(server, check->failure.status, check->failure.text);
		return;
	}
	if (check->verifier.verdict.why[0] != '\0') {
		audit_answer(server, STATUS_DATA, check->verifier.verdict.why);
		return;
	}
	audit_ask_keeper(server, check->heads_fd);
	check->heads_fd = -1;
}

/* First of all, what keeper remembers: nothing is signed from here on until the answer. */
void
audit_take_verify(void *context, struct frame *frame, const struct message_audit_verify *message)
{
	struct worker *worker = context;
	struct server *server = worker->state;
	struct audit_check *check = &server->audit.check;
	struct message_audit_verified busy = { .status = STATUS_UNAVAILABLE, .why = TRAIL_BUSY };
	struct error e;
	int fd;

	(void)message;
	if (check->asked_id != 0 || server->audit.closing) {
		(void)channel_send_audit_verified(&worker->channel, frame->header.id, &busy, -1);
		return;
	}
	check->asked_id = frame->header.id;
	memset(&check->verifier, 0, sizeof(check->verifier));
	if ((fd = memfd_create_sealed("bibd-audit-heads", "", 0, &e)) == -1)
		audit_answer(server, e.status, e.text);
	else
		audit_ask_keeper(server, fd);
}

void
audit_take_checked(void *context, struct frame *frame, const struct message_audit_checked *message)
{
	struct server *server = ((struct worker *)context)->state;
	struct audit_check *check = &server->audit.check;
	char why[ERROR_TEXT_MAX];
	struct error e;

	if (check->asked_id == 0 || check->keeper_id == 0 || frame->header.id != check->keeper_id)
		return;
	if (message->bad < 0) {
		audit_answer(server, STATUS_DATA, message->why);
		return;
	}
	if (message->bad > 0) {
		(void)snprintf(why, sizeof(why), "the head of position %" PRId64 " is not good: %s", message->bad, message->why);
		audit_answer(server, STATUS_DATA, why);
		return;
	}
	loop_timer_cancel(&check->timer);
	check->keeper_id = 0;
	if (check->has_witness) {
		audit_answer(server, STATUS_OK, "");
		return;
	}
	check->has_witness = true;
	check->witness.position = message->position;
	(void)strlcpy(check->witness.hash, message->hash, sizeof(check->witness.hash));
	if (audit_verify_start(server, &e) == -1)
		audit_answer(server, e.status, e.text);
}

void
audit_look(struct server *server)
{
	struct audit *audit = &server->audit;
	bool read;

	pthread_mutex_lock(&audit->lock);
	read = audit->check.read;
	pthread_mutex_unlock(&audit->lock);
	if (read && audit->check.asked_id != 0)
		audit_go_on_checking(server);
	if (audit->closing || atomic_load(&server->stopping))
		return;
	if (audit_waits(audit) && audit->flush_timer.loop == NULL)
		loop_timer_set(audit_get_loop(server), &audit->flush_timer, AUDIT_FLUSH_MS, audit_flush_is_due, server);
	audit_plan_signature(server);
}
