/* The audit trail's messages to and from the supervisor: events of other processes, signatures, and the check of the
 * trail. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memfd.h"
#include "workers/postgres/pool/audit.h"
#include "workers/postgres/store/store.h"
#include "workers/worker.h"

void
pg_audit_take_event(struct pg_audit *audit, const struct message_audit_event *message)
{
	(void)trail_queue_add_reported(&audit->queue, message);
	pg_audit_available(audit);
}

/* ---- signatures ---- */

bool
pg_audit_ask_signature(struct pg_audit *audit)
{
	char at[TRAIL_TIME_SIZE];
	const struct message_audit_sign sign = { .position = audit->chain.position,
		.hash = audit->chain.hash,
		.at = trail_time(clock_realtime_us(), at) };
	struct channel *channel = &audit->worker->channel;

	/* While a check is under way, no head is signed. */
	if (!audit->loaded || audit->check.step != AUDIT_CHECK_NONE || audit->chain.position <= audit->signed_position)
		return false;
	audit->asked_ms = clock_now_ms();
	return channel_send_audit_sign(channel, channel_next_id(channel), &sign, -1) == 0;
}

static void
pg_audit_sign_is_due(struct loop_timer *timer)
{
	(void)pg_audit_ask_signature(timer->arg);
}

void
pg_audit_plan_signature(struct pg_audit *audit)
{
	int64_t interval = audit->worker->conf->audit.sign_interval, delay;

	if (!audit->loaded || interval == 0 || audit->sign_timer.loop != NULL ||
	    audit->chain.position <= audit->signed_position)
		return;
	/* After a quiet time the first entry is signed soon; while entries keep coming, once in an interval. */
	delay = audit->asked_ms == 0 ? 0 : audit->asked_ms + interval - clock_now_ms();
	if (delay < AUDIT_SIGN_SOON_MS)
		delay = interval < AUDIT_SIGN_SOON_MS ? interval : AUDIT_SIGN_SOON_MS;
	loop_timer_set(&audit->worker->loop, &audit->sign_timer, delay, pg_audit_sign_is_due, audit);
}

void
pg_audit_take_signed(struct pg_audit *audit, const struct message_audit_signed *message)
{
	if (message->why[0] != '\0') {
		log_error("the audit trail is not signed: %s", message->why);
		worker_event(audit->worker, "audit.unsigned", "%s", message->why);
		/* At a stop there is nothing more to wait for. */
		audit->signed_position = audit->finished != NULL ? audit->chain.position : audit->signed_position;
	} else {
		audit->head.position = message->position;
		(void)strlcpy(audit->head.hash, message->hash, sizeof(audit->head.hash));
		(void)strlcpy(audit->head.at, message->at, sizeof(audit->head.at));
		(void)strlcpy(audit->head.key, message->key, sizeof(audit->head.key));
		(void)strlcpy(audit->head.signature, message->signature, sizeof(audit->head.signature));
	}
	pg_audit_work(audit);
}

/* ---- is it whole? ---- */

void
pg_audit_answer(struct pg_audit *audit, enum status status, const char *why)
{
	struct pg_audit_check *check = &audit->check;
	const struct trail_verifier *verifier = &check->verifier;
	const struct message_audit_verified answer = { .status = status,
		.rows = verifier->verdict.rows,
		.heads = verifier->verdict.heads,
		.signed_rows = verifier->signed_position,
		.broken = verifier->verdict.broken_id,
		.why = why };

	loop_timer_cancel(&check->timer);
	check->step = AUDIT_CHECK_NONE;
	(void)channel_send_audit_verified(&audit->worker->channel, check->asked_id, &answer, -1);
	pg_audit_plan_signature(audit);
}

static void
pg_audit_check_is_late(struct loop_timer *timer)
{
	pg_audit_answer(timer->arg, STATUS_UNAVAILABLE, "bibd-keeper did not check the signatures in time");
}

static void
pg_audit_send_check(struct pg_audit *audit, enum pg_audit_check_step step, const char *heads, size_t size)
{
	struct pg_audit_check *check = &audit->check;
	struct channel *channel = &audit->worker->channel;
	struct error e;
	int fd = memfd_create_sealed("bibd-audit-heads", heads, size, &e);

	if (fd == -1) {
		pg_audit_answer(audit, e.status, e.text);
		return;
	}
	check->step = step;
	check->keeper_id = channel_next_id(channel);
	(void)channel_send_audit_check(channel, check->keeper_id, NULL, fd);
	loop_timer_set(&audit->worker->loop, &check->timer, AUDIT_CHECK_MS, pg_audit_check_is_late, audit);
}

void
pg_audit_ask_keeper(struct pg_audit *audit, const char *heads, size_t size)
{
	pg_audit_send_check(audit, AUDIT_CHECK_KEEPER, heads, size);
}

void
pg_audit_take_verify(struct pg_audit *audit, uint32_t id)
{
	const struct message_audit_verified busy = { .status = STATUS_UNAVAILABLE,
		.why = audit->loaded ? TRAIL_BUSY : TRAIL_CLOSED };

	if (audit->check.step != AUDIT_CHECK_NONE || !audit->loaded) {
		(void)channel_send_audit_verified(&audit->worker->channel, id, &busy, -1);
		return;
	}
	audit->check.asked_id = id;
	memset(&audit->check.verifier, 0, sizeof(audit->check.verifier));
	pg_audit_send_check(audit, AUDIT_CHECK_WITNESS, "", 0);
}

void
pg_audit_take_checked(struct pg_audit *audit, uint32_t id, const struct message_audit_checked *message)
{
	struct pg_audit_check *check = &audit->check;
	struct trail_chain witness = { .position = message->position };
	char why[ERROR_TEXT_MAX];

	if ((check->step != AUDIT_CHECK_WITNESS && check->step != AUDIT_CHECK_KEEPER) || id != check->keeper_id)
		return;
	loop_timer_cancel(&check->timer);
	if (message->bad < 0) {
		pg_audit_answer(audit, STATUS_DATA, message->why);
	} else if (message->bad > 0) {
		(void)snprintf(why, sizeof(why), "the head of position %" PRId64 " is not good: %s", message->bad,
		    message->why);
		pg_audit_answer(audit, STATUS_DATA, why);
	} else if (check->step == AUDIT_CHECK_KEEPER) {
		pg_audit_answer(audit, STATUS_OK, "");
	} else {
		(void)strlcpy(witness.hash, message->hash, sizeof(witness.hash));
		trail_verify_begin(&check->verifier, audit->worker->node_id, &witness);
		check->last_id = 0;
		check->step = AUDIT_CHECK_ROWS;
		pg_audit_work(audit);
	}
}
