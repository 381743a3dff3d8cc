/*
 * Writes batches of entries and signed heads to bibd.audit over a connection of its own, and tries again when one
 * fails.
 */
#include "workers/postgres/pool/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "common/character.h"
#include "common/clock.h"
#include "common/log.h"
#include "workers/postgres/pool/session.h"
#include "workers/postgres/store/store.h"

static void pg_audit_work_in(struct pg_audit *audit, int64_t ms);

int
pg_audit_open(struct pg_audit *audit, struct worker *worker, struct pg_store *store, struct error *e)
{
	audit->worker = worker;
	audit->store = store;
	STAILQ_INIT(&audit->writing);
	if (trail_queue_open(&audit->queue) == -1)
		return error_set(e, STATUS_OS, "audit.start", "cannot start the audit trail");
	return 0;
}

void
pg_audit_add(struct pg_audit *audit, const struct pg_session *session, const char *kind, const char *statement,
    const char *result)
{
	char source[PGWIRE_WHO_SIZE];
	const struct trail_event event = { .time_us = clock_realtime_us(),
		.uid = pgwire_peer_is_remote(&session->peer) ? -1 : (int64_t)session->peer.uid,
		.pid = (int64_t)session->peer.pid,
		.role = session->role < ROLES ? role_names[session->role] : "",
		.kind = kind,
		.statement = statement,
		.result = result,
		.source = pgwire_peer_source(&session->peer, process_name(PROCESS_POSTGRES), source) };

	if (trail_queue_add(&audit->queue, &event))
		pg_audit_work_in(audit, AUDIT_FLUSH_MS);
}

void
pg_audit_note_text(struct pg_audit *audit, const struct pg_session *session, const uint8_t *text, size_t size)
{
	char kept[TRAIL_STATEMENT_MAX];
	const char *kind;

	size = strnlen((const char *)text, size);
	if (!trail_text_may_matter(text, size))
		return;
	kind = trail_text_read(text, size, kept, sizeof(kept));
	if (kind != NULL && (session->role == ROLE_ADMIN || strcmp(kind, "role") == 0))
		pg_audit_add(audit, session, kind, kept, "started");
}

/* ---- the connection ---- */

static void
pg_audit_try_again(struct loop_timer *timer)
{
	pg_audit_work(timer->arg);
}

static void
pg_audit_work_in(struct pg_audit *audit, int64_t ms)
{
	if (audit->work_timer.loop == NULL)
		loop_timer_set(&audit->worker->loop, &audit->work_timer, ms, pg_audit_try_again, audit);
}

void
pg_audit_disconnect(struct pg_audit *audit)
{
	script_close(&audit->script);
	audit->busy = audit->loaded = false;
	/* A check under way ends with an error; it begins anew when it is asked for again. */
	if (audit->check.step != AUDIT_CHECK_NONE)
		pg_audit_answer(audit, STATUS_UNAVAILABLE, "the connection to the server was lost: try again");
	pg_audit_work_in(audit, AUDIT_RETRY_MS);
}

void
pg_audit_step_failed(struct pg_audit *audit, const struct script_failure *failure)
{
	log_warning("entries of the audit trail wait until they can be written: %s", failure->message);
	pg_audit_disconnect(audit);
}

void
pg_audit_available(struct pg_audit *audit)
{
	pg_audit_work_in(audit, 0);
}

static void
pg_audit_connection_lost(void *context)
{
	pg_audit_disconnect(context);
}

/* ---- where the chain ends ---- */

/* Finds out by the end of the chain whether a batch with an unknown outcome was written. */
static void
pg_audit_settle_batch(struct pg_audit *audit)
{
	if (STAILQ_EMPTY(&audit->writing))
		return;
	if (strcmp(audit->chain.hash, audit->written.hash) == 0)
		trail_queue_done(&audit->queue, &audit->writing);
	else
		trail_queue_give_back(&audit->queue, &audit->writing);
	STAILQ_INIT(&audit->writing);
}

static void
pg_audit_end_read(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_audit *audit = context;

	audit->busy = false;
	if (failure != NULL) {
		pg_audit_step_failed(audit, failure);
		return;
	}
	trail_begin(&audit->chain, audit->worker->node_id);
	if (PQntuples(result) == 1 && !PQgetisnull(result, 0, 0)) {
		audit->chain.position = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
		(void)strlcpy(audit->chain.hash, PQgetvalue(result, 0, 1), sizeof(audit->chain.hash));
		audit->signed_position = strtoll(PQgetvalue(result, 0, 2), NULL, 10);
	}
	audit->loaded = true;
	pg_audit_settle_batch(audit);
	script_watch(&audit->script, pg_audit_connection_lost, audit);
	pg_audit_work(audit);
}

static void
pg_audit_set_up(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_audit *audit = context;

	(void)result;
	if (failure != NULL) {
		audit->busy = false;
		pg_audit_step_failed(audit, failure);
		return;
	}
	script_run(&audit->script,
	    "select position, hash, coalesce((select max(position) from bibd.audit_head), 0)"
	    " from bibd.audit where position is not null order by id desc limit 1",
	    AUDIT_STEP_MS, pg_audit_end_read, audit);
}

static void
pg_audit_logged_in(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_audit *audit = context;

	if (failure != NULL)
		pg_audit_set_up(context, result, failure);
	else
		script_run(&audit->script,
		    "set timezone to 'UTC'; set datestyle to 'ISO, YMD'; set client_encoding to 'UTF8'", AUDIT_STEP_MS,
		    pg_audit_set_up, audit);
}

static void
pg_audit_log_in(struct pg_audit *audit)
{
	audit->busy = pg_store_log_in_system(audit->store, &audit->script, pg_audit_logged_in, audit);
}

/* ---- writing ---- */

static void
pg_audit_put_json(FILE *out, const char *name, const char *text)
{
	(void)fprintf(out, "\"%s\":", name);
	if (text == NULL) {
		(void)fputs("null", out);
		return;
	}
	character_put_json(out, text);
}

/* The batch as JSON, which is one parameter however many rows it has; the chain goes on in `written`. */
static char *
pg_audit_make_batch(struct pg_audit *audit)
{
	static const char *const names[TRAIL_FIELDS] = { "at", "uid", "pid", "role", "kind", "statement", "result",
		"source" };
	const struct trail_entry *entry;
	struct trail_chain *chain = &audit->written;
	char *json = NULL, position[24], previous[TRAIL_HASH_SIZE];
	size_t size = 0;
	FILE *out = open_memstream(&json, &size);

	if (out == NULL)
		return NULL;
	*chain = audit->chain;
	(void)fputc('[', out);
	STAILQ_FOREACH(entry, &audit->writing, link)
	{
		struct trail_texts texts;

		trail_entry_texts(entry, &texts);
		trail_append(chain, texts.fields, previous);
		(void)fputc(entry == STAILQ_FIRST(&audit->writing) ? '{' : ',', out);
		if (entry != STAILQ_FIRST(&audit->writing))
			(void)fputc('{', out);
		for (int i = 0; i < TRAIL_FIELDS; i++) {
			pg_audit_put_json(out, names[i], texts.fields[i]);
			(void)fputc(',', out);
		}
		(void)snprintf(position, sizeof(position), "%" PRId64, chain->position);
		pg_audit_put_json(out, "position", position);
		(void)fputc(',', out);
		pg_audit_put_json(out, "previous", previous);
		(void)fputc(',', out);
		pg_audit_put_json(out, "hash", chain->hash);
		(void)fputc('}', out);
	}
	(void)fputc(']', out);
	if (fclose(out) != 0) {
		free(json);
		return NULL;
	}
	return json;
}

static void
pg_audit_written(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_audit *audit = context;

	(void)result;
	audit->busy = false;
	if (failure != NULL) {
		/* Whether the batch was written shows when the end of the chain is read again. */
		pg_audit_step_failed(audit, failure);
		return;
	}
	audit->chain = audit->written;
	trail_queue_done(&audit->queue, &audit->writing);
	STAILQ_INIT(&audit->writing);
	pg_audit_work(audit);
}

static void
pg_audit_write(struct pg_audit *audit)
{
	static const char sql[] =
	    "insert into bibd.audit (at, uid, pid, role, kind, statement, result, source, position, "
	    "previous, hash) select at, uid, pid, role, kind, statement, result, source, position, previous, hash from "
	    "jsonb_to_recordset($1::jsonb) as r(at timestamptz, uid bigint, pid bigint, role text, kind text, "
	    "statement text, result text, source text, position bigint, previous text, hash text) order by position";
	const char *parameters[1];
	char *json;

	trail_queue_take(&audit->queue, process_name(PROCESS_POSTGRES), &audit->writing);
	if ((json = pg_audit_make_batch(audit)) == NULL) {
		trail_queue_give_back(&audit->queue, &audit->writing);
		STAILQ_INIT(&audit->writing);
		pg_audit_work_in(audit, AUDIT_RETRY_MS);
		return;
	}
	audit->busy = true;
	parameters[0] = json;
	script_run_with(&audit->script, sql, 1, parameters, AUDIT_STEP_MS, pg_audit_written, audit);
	free(json);
}

static void
pg_audit_head_written(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_audit *audit = context;

	(void)result;
	audit->busy = false;
	if (failure != NULL) {
		pg_audit_step_failed(audit, failure);
		return;
	}
	audit->signed_position = audit->head.position;
	audit->head.position = 0;
	pg_audit_work(audit);
}

static void
pg_audit_write_head(struct pg_audit *audit)
{
	char position[24];
	const char *const parameters[] = { position, audit->head.hash, audit->head.at, audit->head.key,
		audit->head.signature };

	(void)snprintf(position, sizeof(position), "%" PRId64, audit->head.position);
	audit->busy = true;
	script_run_with(&audit->script,
	    "insert into bibd.audit_head (position, hash, at, key, signature) values ($1::bigint, "
	    "$2, $3::timestamptz, $4, $5) on conflict do nothing",
	    5, parameters, AUDIT_STEP_MS, pg_audit_head_written, audit);
}

/* ---- the order of things ---- */

static void
pg_audit_end(struct pg_audit *audit)
{
	void (*finished)(void *context) = audit->finished;

	audit->finished = NULL;
	loop_timer_cancel(&audit->last_timer);
	loop_timer_cancel(&audit->sign_timer);
	loop_timer_cancel(&audit->work_timer);
	script_close(&audit->script);
	audit->busy = true; /* so that no other step begins */
	finished(audit->finished_context);
}

static void
pg_audit_end_is_late(struct loop_timer *timer)
{
	struct pg_audit *audit = timer->arg;

	if (atomic_load(&audit->queue.pending) > 0)
		log_warning("%u entries of the audit trail could not be written", atomic_load(&audit->queue.pending));
	pg_audit_end(audit);
}

void
pg_audit_work(struct pg_audit *audit)
{
	bool waits = atomic_load(&audit->queue.pending) > 0;

	if (audit->busy || !pg_store_is_available(audit->store))
		return;
	if (!script_is_open(&audit->script))
		pg_audit_log_in(audit);
	else if (!audit->loaded || !script_is_idle(&audit->script))
		return;
	else if (waits)
		pg_audit_write(audit);
	else if (audit->head.position != 0)
		pg_audit_write_head(audit);
	else if (audit->check.step == AUDIT_CHECK_ROWS || audit->check.step == AUDIT_CHECK_HEADS)
		pg_audit_read_on(audit);
	else if (audit->finished == NULL)
		pg_audit_plan_signature(audit);
	else if (audit->chain.position <= audit->signed_position || !pg_audit_ask_signature(audit))
		loop_timer_set(&audit->worker->loop, &audit->last_timer, 0, pg_audit_end_is_late, audit);
}

void
pg_audit_finish(struct pg_audit *audit, void (*finished)(void *context), void *context)
{
	audit->finished = finished;
	audit->finished_context = context;
	if (audit->check.step != AUDIT_CHECK_NONE)
		pg_audit_answer(audit, STATUS_UNAVAILABLE, "the node is stopping");
	loop_timer_set(&audit->worker->loop, &audit->last_timer,
	    pg_store_is_available(audit->store) ? AUDIT_LAST_MS : 0, pg_audit_end_is_late, audit);
	pg_audit_work(audit);
}
