/* The end: a checkpoint, so that the server has little left to do when it is stopped, then everything closed. */
#include "common/clock.h"
#include "common/log.h"
#include "workers/postgres/store/private.h"

static void
pg_store_closed(struct loop_timer *timer)
{
	struct pg_store *store = timer->arg;
	void (*closed)(void *context) = store->closed;

	store->closed = NULL;
	store->available = false;
	pg_store_happened(store, STORE_DONE);
	pg_credentials_close(&store->credentials);
	if (closed != NULL)
		closed(store->closed_context);
}

/* Closes from the loop, so that closed is never called before pg_store_close has returned. */
static void
pg_store_close_in(struct pg_store *store, int64_t ms)
{
	loop_timer_set(&store->worker->loop, &store->close_timer, ms, pg_store_closed, store);
}

static void
pg_store_checkpoint_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure != NULL)
		log_notice("no checkpoint before PostgreSQL stops: %s", failure->message);
	pg_store_close_in(store, 0);
}

static void
pg_store_checkpoint(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	/* The checkpoint's deadline is that of the closing. */
	if (failure != NULL)
		pg_store_checkpoint_done(store, result, failure);
	else
		script_run(&store->system, "checkpoint", INT32_MAX, pg_store_checkpoint_done, store);
}

/* Goes on with the closing: called when it begins, and again when a chore that was under way is done. */
void
pg_store_enter_closing(struct pg_store *store)
{
	probe_cancel(&store->probe);
	loop_timer_cancel(&store->probe_timer);
	resolve_cancel(store->resolve);
	store->resolve = NULL;
	if (store->migrate.done != NULL)
		migrate_cancel(&store->migrate);
	script_close(&store->application);
	/* At its next start keeper asks again for a rotation that is interrupted here, which then begins anew. */
	if (script_is_open(&store->rotation.trial))
		store->chore = 0;
	script_close(&store->rotation.trial);
	if (!store->available || !store->login.managed ||
	    (!script_is_idle(&store->system) && store->chore == 0 &&
		!pg_store_log_in(store, &store->system, ROLES, pg_store_checkpoint, store)))
		pg_store_close_in(store, 0);
	else if (script_is_idle(&store->system))
		pg_store_checkpoint(store, NULL, NULL);
}

void
pg_store_close(struct pg_store *store, int64_t timeout_ms, void (*closed)(void *context), void *context)
{
	bool first = store->closed == NULL;

	if (first) {
		store->closed = closed;
		store->closed_context = context;
		store->asked = false;
		pg_store_close_in(store, timeout_ms);
		if (store->state != STORE_CLOSING)
			pg_store_happened(store, STORE_CLOSE);
	} else if (store->close_timer.loop == NULL || store->close_timer.at > clock_now_ms() + timeout_ms)
		pg_store_close_in(store, timeout_ms);
}
