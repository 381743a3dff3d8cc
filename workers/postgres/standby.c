/* Has commits wait for the repository, and lets them go. */
#include "workers/postgres/standby.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "common/clock.h"
#include "common/log.h"

#define STANDBY_LOOK_MS 500
#define STANDBY_LOOK_MIN_MS 25
#define STANDBY_RETRY_MS 1000
/* A change is in force in the server's other processes some moments after it can be seen. */
#define STANDBY_AGREEMENTS 2

static const char standby_look_sql[] =
    "select current_setting('synchronous_standby_names') <> '',"
    " (select count(*) from pg_stat_activity where wait_event = 'SyncRep'),"
    " coalesce((select max(flush_lsn) from pg_stat_replication where application_name = 'bibd_archive' and"
    " state = 'streaming'), '0/0') - '0/0', pg_current_wal_flush_lsn() - '0/0',"
    " exists (select from pg_stat_replication where application_name = 'bibd_archive' and sync_state = 'sync')";
static const char standby_set_sql[] = "alter system set synchronous_standby_names = 'bibd_archive'";
static const char standby_clear_sql[] = "alter system reset synchronous_standby_names";
static const char standby_reload_sql[] = "select pg_reload_conf()";

/* What a look has found. */
struct standby_seen {
	bool set;		  /* commits wait for some standby */
	bool sync;		  /* which is bibd-archive */
	unsigned waiting;	  /* how many do now */
	uint64_t stored, written; /* the log's positions */
};

static void standby_look_in(struct pg_standby *standby, int64_t ms);

static bool
standby_is_wanted(const struct pg_standby *standby)
{
	const struct conf *conf = standby->worker->conf;

	return conf->backup.repository[0] != '\0' && conf->backup.wait == CONF_WAIT_REPOSITORY &&
	    conf->database.postgres.managed;
}

static int64_t
standby_interval(const struct pg_standby *standby)
{
	int64_t ms = standby->worker->conf->backup.wait_timeout / 4;

	return ms > STANDBY_LOOK_MS ? STANDBY_LOOK_MS : ms < STANDBY_LOOK_MIN_MS ? STANDBY_LOOK_MIN_MS : ms;
}

/* bibd-archive is to confirm what the repository has and nothing else, or may go on before. */
static void
standby_tell(struct pg_standby *standby, bool wait)
{
	const struct message_commits_wait message = { .wait = wait };

	if (channel_is_open(&standby->archive) && standby->state.strict != wait)
		(void)channel_send_commits_wait(&standby->archive, 0, &message, -1);
}

void
pg_standby_end(struct pg_standby *standby)
{
	standby_tell(standby, false);
}

/* ---- the connection ---- */

static void
standby_failed(struct pg_standby *standby, const struct script_failure *failure)
{
	/* A server that is gone is told of by others. */
	if (!failure->lost && strcmp(standby->said, failure->message) != 0)
		log_warning("whether commits wait for the repository cannot be looked after: %s", failure->message);
	(void)strlcpy(standby->said, failure->message, sizeof(standby->said));
	script_close(&standby->script);
	standby->pool->repository.waiting = 0;
	standby->clears = standby->changes = false;
	standby_look_in(standby, STANDBY_RETRY_MS);
}

static void
standby_changed(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_standby *standby = context;

	(void)result;
	standby->clears = standby->changes = false;
	standby->agreements = 0;
	if (failure != NULL)
		standby_failed(standby, failure);
	else
		standby_look_in(standby, STANDBY_LOOK_MIN_MS);
}

static void
standby_written(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_standby *standby = context;

	(void)result;
	if (failure != NULL)
		standby_failed(standby, failure);
	else
		script_run(&standby->script, standby_reload_sql, conf_health(standby->worker->conf)->timeout,
		    standby_changed, standby);
}

static void
standby_change(struct pg_standby *standby, bool set)
{
	standby->changes = true;
	standby->clears = !set;
	standby->mark = 0;
	script_run(&standby->script, set ? standby_set_sql : standby_clear_sql,
	    conf_health(standby->worker->conf)->timeout, standby_written, standby);
}

/* ---- what is to be done ---- */

/* Those who wait have waited too long: all go on, and who comes now does not wait. */
static void
standby_time_out(struct pg_standby *standby)
{
	standby->pool->repository.missing = standby->has_timed_out = true;
	worker_event(standby->worker, "backup.wait_over",
	    "the repository has not answered for %lld ms: commits are answered without it until it has caught up",
	    (long long)standby->worker->conf->backup.wait_timeout);
	standby_change(standby, false);
}

/* Commits wait, and are to. */
static void
standby_watch(struct pg_standby *standby, const struct standby_seen *seen)
{
	int64_t now = clock_now_ms();

	standby_tell(standby, true);
	if (seen->waiting == 0 || standby->mark == 0 || seen->stored >= standby->mark) {
		standby->mark = seen->written;
		standby->marked_ms = now;
	} else if (now - standby->marked_ms >= standby->worker->conf->backup.wait_timeout) {
		standby_time_out(standby);
		return;
	}
	/* What is answered meanwhile may have been committed before they did. */
	if (seen->sync && standby->agreements < STANDBY_AGREEMENTS)
		standby->agreements++;
	if (!standby->pool->repository.missing || standby->agreements < STANDBY_AGREEMENTS)
		return;
	standby->pool->repository.missing = false;
	if (standby->has_timed_out)
		worker_event(standby->worker, "backup.wait", "the repository has caught up: commits wait for it again");
	else if (!standby->has_waited)
		log_notice("commits wait for the repository");
	standby->has_timed_out = false;
	standby->has_waited = true;
}

/* They are to wait, and do not: once the repository has all that was committed at an earlier look. */
static void
standby_take_up(struct pg_standby *standby, const struct standby_seen *seen)
{
	standby->pool->repository.missing = true;
	/* While it is away nothing waits for it, and bibd-archive may let go of what it has in its spool. */
	standby_tell(standby, standby->state.ready);
	if (!standby->state.strict || !standby->state.ready)
		standby->mark = 0;
	else if (standby->mark != 0 && seen->stored >= standby->mark)
		standby_change(standby, true);
	else if (standby->mark == 0)
		standby->mark = seen->written;
}

static void
standby_decide(struct pg_standby *standby, const struct standby_seen *seen)
{
	bool wanted = standby_is_wanted(standby);

	standby->pool->repository.waiting = seen->waiting;
	if (wanted) {
		standby->pool->repository.let_go = false;
		(seen->set ? standby_watch : standby_take_up)(standby, seen);
		return;
	}
	standby->pool->repository.missing = standby->has_timed_out = standby->has_waited = false;
	standby->pool->repository.let_go = seen->set || seen->waiting > 0;
	if (seen->set)
		standby_change(standby, false);
	else
		standby_tell(standby, false);
}

static void
standby_seen(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_standby *standby = context;
	struct standby_seen seen;

	if (failure != NULL) {
		standby_failed(standby, failure);
		return;
	}
	standby->said[0] = '\0';
	seen.set = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	seen.waiting = (unsigned)strtoul(PQgetvalue(result, 0, 1), NULL, 10);
	seen.stored = strtoull(PQgetvalue(result, 0, 2), NULL, 10);
	seen.written = strtoull(PQgetvalue(result, 0, 3), NULL, 10);
	seen.sync = strcmp(PQgetvalue(result, 0, 4), "t") == 0;
	standby_decide(standby, &seen);
	if (standby->changes)
		return;
	if (standby_is_wanted(standby) || seen.set || standby->pool->repository.let_go)
		standby_look_in(standby, standby_interval(standby));
	else
		script_close(&standby->script);
}

static void
standby_ready(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_standby *standby = context;

	(void)result;
	if (failure != NULL)
		standby_failed(standby, failure);
	else
		script_run(&standby->script, standby_look_sql, conf_health(standby->worker->conf)->timeout,
		    standby_seen, standby);
}

static void
standby_look(struct loop_timer *timer)
{
	struct pg_standby *standby = timer->arg;

	if (!standby->available)
		return;
	if (script_is_idle(&standby->script))
		standby_ready(standby, NULL, NULL);
	else if (!script_is_open(&standby->script) &&
	    !pg_store_log_in_system(standby->store, &standby->script, standby_ready, standby))
		standby_look_in(standby, STANDBY_RETRY_MS);
}

static void
standby_look_in(struct pg_standby *standby, int64_t ms)
{
	if (standby->available)
		loop_timer_set(&standby->worker->loop, &standby->timer, ms, standby_look, standby);
}

/* ---- bibd-archive ---- */

static void
standby_take_state(void *context, struct frame *frame, const struct message_repository_state *message)
{
	struct pg_standby *standby = context;

	(void)frame;
	standby->state = *message;
	standby->pool->repository.recoverable_us = message->recoverable_us;
	standby->pool->repository.proven_us = message->proven_us;
}

static void
standby_archive_closed(struct channel *channel, const struct error *why)
{
	struct pg_standby *standby = channel->context;

	if (strcmp(why->code, "channel.closed") != 0)
		log_warning("the channel to %s is closed: %s", process_name(channel->peer), why->text);
	/* What it has stored stays stored; whether it stores more is not known. */
	standby->state.strict = standby->state.ready = false;
}

void
pg_standby_take_peer(struct pg_standby *standby, int fd)
{
	static const struct message_handlers handlers = { .repository_state = standby_take_state };
	struct error e;

	channel_close(&standby->archive);
	standby->state.strict = standby->state.ready = false;
	if (channel_open(&standby->archive, &standby->worker->loop, fd, PROCESS_POSTGRES, PROCESS_ARCHIVE, &handlers,
		standby, standby_archive_closed, &e) == -1)
		log_error("%s", e.text);
	/* It is to be told what is known. */
	standby_look_in(standby, 0);
}

/* ---- the worker ---- */

void
pg_standby_open(struct pg_standby *standby, struct worker *worker, struct pg_store *store, struct pg_pool *pool)
{
	*standby = (struct pg_standby) { .worker = worker,
		.store = store,
		.pool = pool,
		.script.watch.fd = -1,
		.archive.watch.fd = -1 };
	pool->repository.missing = standby_is_wanted(standby);
}

void
pg_standby_available(struct pg_standby *standby)
{
	standby->available = standby->worker->conf->database.postgres.managed;
	standby_look_in(standby, 0);
}

void
pg_standby_lost(struct pg_standby *standby)
{
	standby->available = standby->changes = standby->clears = false;
	standby->mark = 0;
	standby->pool->repository.waiting = 0;
	loop_timer_cancel(&standby->timer);
	script_close(&standby->script);
}

void
pg_standby_reloaded(struct pg_standby *standby)
{
	if (!standby->changes)
		standby_look_in(standby, 0);
}
