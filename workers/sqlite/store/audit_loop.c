/* The audit trail in the loop's thread: when entries are written, when the head is signed, and whether all is whole. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bsd/string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memfd.h"
#include "workers/sqlite/pool/pool.h"
#include "workers/sqlite/store/audit.h"
#include "workers/sqlite/store/store.h"
#include "workers/worker.h"

static struct loop *
audit_get_loop(struct audit *audit)
{
	return &audit->worker->loop;
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
	struct audit *audit = timer->arg;

	if (!audit_waits(audit))
		return;
	pool_call_audit(audit->pool);
	loop_timer_set(audit_get_loop(audit), timer, AUDIT_RETRY_MS, audit_flush_is_due, audit);
}

void
audit_write_now(struct audit *audit)
{
	struct connection *connection;

	if (!store_begin_own_work(audit->store))
		return;
	if ((connection = pool_take_free_connection(audit->pool)) != NULL) {
		if (pool_has_own_lease(audit->pool) || pool_take_own_lease(audit->pool)) {
			audit_flush(audit, connection);
			pool_give_lease(audit->pool, NULL);
		}
		pool_give_connection(audit->pool, connection, NULL);
	}
	store_end_own_work(audit->store);
	mailbox_wake(audit->mailbox);
}

/* ---- signing ---- */

/* Asks for the head to be signed if it is not yet. A check that is under way reads what there was before. */
static bool
audit_ask_signature(struct audit *audit)
{
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
	return channel_send_audit_sign(&audit->worker->channel, channel_next_id(&audit->worker->channel), &sign, -1) ==
	    0;
}

static void
audit_sign_is_due(struct loop_timer *timer)
{
	(void)audit_ask_signature(timer->arg);
}

static void
audit_plan_signature(struct audit *audit)
{
	int64_t interval = audit->worker->conf->audit.sign_interval, now = clock_now_ms(), delay;
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
	loop_timer_set(audit_get_loop(audit), &audit->sign_timer, delay, audit_sign_is_due, audit);
}

/* ---- the end ---- */

static void
audit_close_now(struct audit *audit)
{
	loop_timer_cancel(&audit->last_timer);
	loop_timer_cancel(&audit->flush_timer);
	loop_timer_cancel(&audit->sign_timer);
	audit->closing = false;
	store_close(audit->store);
	worker_stopped(audit->worker);
}

static void
audit_last_is_late(struct loop_timer *timer)
{
	log_warning("the head of the audit trail was not signed in time: the next start signs it");
	audit_close_now(timer->arg);
}

void
audit_finish(struct audit *audit)
{

	if (audit->closing)
		return;
	audit->check.asked_id = 0;
	store_write_audit(audit->store);
	audit->closing = audit_ask_signature(audit);
	if (audit->closing)
		loop_timer_set(audit_get_loop(audit), &audit->last_timer, AUDIT_LAST_HEAD_MS, audit_last_is_late,
		    audit);
	else
		audit_close_now(audit);
}

void
audit_take_signed(struct audit *audit, struct frame *frame, const struct message_audit_signed *message)
{
	(void)frame;
	if (message->why[0] != '\0') {
		log_error("the audit trail is not signed: %s", message->why);
		worker_event(audit->worker, "audit.unsigned", "%s", message->why);
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
		audit_close_now(audit);
	else if (message->why[0] == '\0')
		audit_look(audit);
}

/* ---- what others report ---- */

void
audit_take_event(struct audit *audit, struct frame *frame, const struct message_audit_event *message)
{
	(void)frame;
	if (trail_queue_add_reported(&audit->queue, message))
		audit_look(audit);
}

void
audit_take_lost(struct audit *audit, struct frame *frame, const struct message_audit_lost *message)
{
	(void)frame;
	trail_queue_note_lost(&audit->queue, message->count);
}

/* ---- is it whole? ---- */

static void
audit_answer(struct audit *audit, enum status status, const char *why)
{
	struct audit_check *check = &audit->check;
	const struct trail_verifier *verifier = &check->verifier;
	struct message_audit_verified answer = { .status = status,
		.rows = verifier->verdict.rows,
		.heads = verifier->verdict.heads,
		.signed_rows = verifier->signed_position,
		.broken = verifier->verdict.broken_id,
		.why = why };

	if (status == STATUS_OK && atomic_load(&audit->failing)) {
		answer.status = STATUS_UNAVAILABLE;
		answer.why =
		    "what is in the trail is whole, but new entries cannot be written to it; see bibctl events";
	}
	loop_timer_cancel(&check->timer);
	(void)channel_send_audit_verified(&audit->worker->channel, check->asked_id, &answer, -1);
	if (check->heads_fd != -1)
		close(check->heads_fd);
	check->heads_fd = -1;
	check->asked_id = check->keeper_id = 0;
	check->read = check->has_witness = false;
	audit_plan_signature(audit);
}

static void
audit_check_is_late(struct loop_timer *timer)
{
	audit_answer(timer->arg, STATUS_UNAVAILABLE, "bibd-keeper did not check the signatures in time");
}

static void
audit_ask_keeper(struct audit *audit, int heads_fd)
{
	struct audit_check *check = &audit->check;
	struct channel *channel = &audit->worker->channel;

	check->keeper_id = channel_next_id(channel);
	(void)channel_send_audit_check(channel, check->keeper_id, NULL, heads_fd);
	loop_timer_set(audit_get_loop(audit), &check->timer, AUDIT_CHECK_MS, audit_check_is_late, audit);
}

/* The thread has read all: the signatures are keeper's to check. */
static void
audit_go_on_checking(struct audit *audit)
{
	struct audit_check *check = &audit->check;

	check->read = false;
	if (check->failure.text[0] != '\0') {
		audit_answer(audit, check->failure.status, check->failure.text);
		return;
	}
	if (check->verifier.verdict.why[0] != '\0') {
		audit_answer(audit, STATUS_DATA, check->verifier.verdict.why);
		return;
	}
	audit_ask_keeper(audit, check->heads_fd);
	check->heads_fd = -1;
}

/* First of all, what keeper remembers: nothing is signed from here on until the answer. */
void
audit_take_verify(struct audit *audit, struct frame *frame, const struct message_audit_verify *message)
{
	struct audit_check *check = &audit->check;
	struct message_audit_verified busy = { .status = STATUS_UNAVAILABLE, .why = TRAIL_BUSY };
	struct error e;
	int fd;

	(void)message;
	if (check->asked_id != 0 || audit->closing) {
		(void)channel_send_audit_verified(&audit->worker->channel, frame->header.id, &busy, -1);
		return;
	}
	check->asked_id = frame->header.id;
	memset(&check->verifier, 0, sizeof(check->verifier));
	if ((fd = memfd_create_sealed("bibd-audit-heads", "", 0, &e)) == -1)
		audit_answer(audit, e.status, e.text);
	else
		audit_ask_keeper(audit, fd);
}

void
audit_take_checked(struct audit *audit, struct frame *frame, const struct message_audit_checked *message)
{
	struct audit_check *check = &audit->check;
	char why[ERROR_TEXT_MAX];
	struct error e;

	if (check->asked_id == 0 || check->keeper_id == 0 || frame->header.id != check->keeper_id)
		return;
	if (message->bad < 0) {
		audit_answer(audit, STATUS_DATA, message->why);
		return;
	}
	if (message->bad > 0) {
		(void)snprintf(why, sizeof(why), "the head of position %" PRId64 " is not good: %s", message->bad,
		    message->why);
		audit_answer(audit, STATUS_DATA, why);
		return;
	}
	loop_timer_cancel(&check->timer);
	check->keeper_id = 0;
	if (check->has_witness) {
		audit_answer(audit, STATUS_OK, "");
		return;
	}
	check->has_witness = true;
	check->witness.position = message->position;
	(void)strlcpy(check->witness.hash, message->hash, sizeof(check->witness.hash));
	if (audit_verify_start(audit, &e) == -1)
		audit_answer(audit, e.status, e.text);
}

void
audit_look(struct audit *audit)
{
	bool read;

	pthread_mutex_lock(&audit->lock);
	read = audit->check.read;
	pthread_mutex_unlock(&audit->lock);
	if (read && audit->check.asked_id != 0)
		audit_go_on_checking(audit);
	if (audit->closing || atomic_load(audit->stopping))
		return;
	if (audit_waits(audit) && audit->flush_timer.loop == NULL)
		loop_timer_set(audit_get_loop(audit), &audit->flush_timer, AUDIT_FLUSH_MS, audit_flush_is_due, audit);
	audit_plan_signature(audit);
}
