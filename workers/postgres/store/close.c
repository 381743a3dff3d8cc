/* The end: a checkpoint, so that the server has little left to do when it is stopped, then everything closed. */
#include "common/clock.h"
#include "common/log.h"
#include "workers/postgres/store/private.h"

static void
store_closed(struct loop_timer *timer)
{
	struct store *store = timer->arg;
	void (*closed)(void *context) = store->closed;

	store->closed = NULL;
	store->available = false;
	store_happened(store, STORE_DONE);
	credentials_close(&store->credentials);
	if (closed != NULL)
		closed(store->closed_context);
}

/* From the loop, so that closed is never called before store_close has returned. */
static void
store_close_in(struct store *store, int64_t ms)
{
	loop_timer_set(&store->worker->loop, &store->close_timer, ms, store_closed, store);
}

static void
store_checkpoint_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct store *store = context;

	(void)result;
	if (failure != NULL)
		log_notice("no checkpoint before the end: %s", failure->message);
	store_close_in(store, 0);
}

static void
store_checkpoint(void *context, PGresult *result, const struct script_failure *failure)
{
	struct store *store = context;

	/* The deadline is that of the closing. */
	if (failure != NULL)
		store_checkpoint_done(store, result, failure);
	else
		script_run(&store->system, "checkpoint", INT32_MAX, store_checkpoint_done, store);
}

/* Also called when a chore that was under way is done. */
void
store_enter_closing(struct store *store)
{
	probe_cancel(&store->probe);
	loop_timer_cancel(&store->probe_timer);
	resolve_cancel(store->resolve);
	store->resolve = NULL;
	if (store->migrate.done != NULL)
		migrate_cancel(&store->migrate);
	script_close(&store->application);
	/* The keeper asks again: at the next start what was done of it is done anew. */
	if (script_is_open(&store->rotation.trial))
		store->chore = 0;
	script_close(&store->rotation.trial);
	if (!store->available || !store->login.managed ||
	    (!script_is_idle(&store->system) && store->chore == 0 &&
	        !store_log_in(store, &store->system, ROLES, store_checkpoint, store)))
		store_close_in(store, 0);
	else if (script_is_idle(&store->system))
		store_checkpoint(store, NULL, NULL);
}

void
store_close(struct store *store, int64_t timeout_ms, void (*closed)(void *context), void *context)
{
	bool first = store->closed == NULL;

	if (first) {
		store->closed = closed;
		store->closed_context = context;
		store->asked = false;
		store_close_in(store, timeout_ms);
		if (store->state != STORE_CLOSING)
			store_happened(store, STORE_CLOSE);
	} else if (store->close_timer.loop == NULL || store->close_timer.at > clock_now_ms() + timeout_ms)
		store_close_in(store, timeout_ms);
}
