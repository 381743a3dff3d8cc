/* While the store is open: probes, the repair of logins, the size, and the supervisor's PING_STORE. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/postgres/store/private.h"

#define STORE_STARTING_MS 1000
#define STORE_SIZE_MS 5000
#define STORE_VERIFIERS_MS 1000
#define STORE_CRASH_MS 1000
/* Probes in a row that were closed without a word: who recovers says so the next time. */
#define STORE_CLOSED_MAX 3
#define STORE_CLOSED_MS 300

static void store_ping_now(struct store *store);

/* ---- signs of life ---- */

static void
store_system_lost(void *context)
{
	store_suspect(context);
}

void
store_enter_open(struct store *store)
{
	bool first = !store->available;

	store->reason[0] = '\0';
	store->available = true;
	store->passwords_refused = false;
	if (store->login.managed)
		store->chores |= STORE_CHORE_ROLES;
	script_watch(&store->system, store_system_lost, store);
	store_probe_in(store, conf_health(store->worker->conf)->interval);
	/* Before the answer: whoever hears of it may come at once. */
	if (first)
		store->events.available(store->context);
	if (store->asked && store->state == STORE_OPEN)
		(void)channel_send_store_opened(&store->worker->channel, store->request_id, NULL, -1);
	store->asked = false;
	if (store->pinged && store->state == STORE_OPEN)
		store_ping_now(store);
	if (store->reload_due)
		store_reload_server(store);
	store->chores |= store_rotation_chores(store);
	store_work(store);
}

static void
store_lose(struct store *store, const char *reason)
{
	char cause[PROBE_REASON_MAX + 64], place[PROBE_REASON_MAX / 2];
	struct message_store_lost lost = { .cause = cause };

	login_place(&store->login, place, sizeof(place));
	(void)snprintf(cause, sizeof(cause), "PostgreSQL at %s does not answer: %s", place, reason);
	(void)snprintf(store->reason, sizeof(store->reason), "%s", reason);
	store_happened(store, STORE_GONE);
	(void)channel_send_store_lost(&store->worker->channel, 0, &lost, -1);
	store_end_availability(store, cause);
}

void
store_watch_answer(struct store *store, const struct probe_result *result)
{
	int64_t wait = conf_health(store->worker->conf)->interval;

	store->closures = result->answer == PROBE_CLOSED ? store->closures + 1 : 0;
	if (store->closures > 0 && store->closures < STORE_CLOSED_MAX) {
		store_probe_in(store, STORE_CLOSED_MS);
		return;
	}
	if (store->events.probed != NULL && !store->probe_again)
		store->events.probed(store->context, result->answer == PROBE_ACCEPTING);
	if (!probe_is_alive(result->answer)) {
		store->closures = 0;
		store_lose(store, result->reason);
		return;
	}
	if (result->answer == PROBE_STARTING && wait > STORE_STARTING_MS)
		wait = STORE_STARTING_MS;
	store_probe_in(store, wait);
	if (result->answer == PROBE_ACCEPTING && store->login.managed)
		store->chores |= STORE_CHORE_LOGINS;
	store->chores |= store_rotation_chores(store);
	if (result->answer == PROBE_ACCEPTING)
		store_work(store);
}

/* Why the server ended a connection stands in its log, which others read. */
static void
store_ask_for_crash(struct store *store)
{
	int64_t now = clock_now_ms();

	if (!store->login.managed || (store->crash_asked_ms != 0 && now - store->crash_asked_ms < STORE_CRASH_MS))
		return;
	store->crash_asked_ms = now;
	(void)channel_send_look_for_crash(&store->worker->channel, 0, NULL, -1);
}

void
store_suspect(struct store *store)
{
	if (store->state != STORE_OPEN)
		return;
	store_ask_for_crash(store);
	/* It may be that a client has changed the password of its login. */
	if (store->login.managed)
		store->chores |= STORE_CHORE_LOGINS | STORE_CHORE_VERIFIERS;
	store_probe_in(store, 0);
}

bool
store_look_at_logins(struct store *store)
{
	if (store->state != STORE_OPEN || !store->login.managed)
		return false;
	store->chores |= STORE_CHORE_LOGINS;
	store_work(store);
	return true;
}

/* ---- PING_STORE ---- */

static void
store_answer_ping(struct store *store, const char *reason)
{
	struct error e;

	if (!store->pinged)
		return;
	store->pinged = false;
	script_close(&store->application);
	if (reason == NULL) {
		(void)channel_send_store_answered(&store->worker->channel, store->ping_id, NULL, -1);
		return;
	}
	(void)error_set(&e, STATUS_UNAVAILABLE, "storage.ping", "storage ping failed: %s", reason);
	worker_fail(store->worker, store->ping_id, &e);
}

void
store_fail_ping(struct store *store, const char *reason)
{
	store_answer_ping(store, reason);
}

static void
store_ping_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct store *store = context;

	(void)result;
	if (failure == NULL) {
		store_answer_ping(store, NULL);
		return;
	}
	if (strncmp(failure->state, "28", 2) == 0 && store->login.managed && !store->ping_retried &&
	    store->state == STORE_OPEN) {
		store->ping_retried = true;
		store->verifiers_ms = 0;
		store->chores |= STORE_CHORE_LOGINS | STORE_CHORE_VERIFIERS;
		store_work(store);
		return;
	}
	store_answer_ping(store, failure->message);
}

static void
store_ping_ready(void *context, PGresult *result, const struct script_failure *failure)
{
	struct store *store = context;

	if (failure != NULL)
		store_ping_done(store, result, failure);
	else
		script_run(&store->application, STORE_CHECK_SQL, store_timeout(store), store_ping_done, store);
}

static void
store_ping_now(struct store *store)
{
	if (script_is_idle(&store->application))
		store_ping_ready(store, NULL, NULL);
	else if (!store_log_in(store, &store->application, ROLE_WRITE, store_ping_ready, store))
		store_answer_ping(store, "there is no password for it");
}

void
store_ping_again(struct store *store)
{
	script_close(&store->application);
	if (store->pinged)
		store_ping_now(store);
}

void
store_ping(struct store *store, uint32_t request_id)
{
	bool waiting = store->pinged;

	store->ping_id = request_id;
	store->pinged = true;
	if (waiting)
		return;
	store->ping_retried = false;
	if (store->available)
		store_ping_now(store);
	else
		store_answer_ping(store, store->reason[0] == '\0' ? "the store is not open" : store->reason);
}

/* ---- chores, as bibd_system ---- */

void
store_chore_done(struct store *store, const struct script_failure *failure)
{
	unsigned chore = store->chore;

	store->chore = 0;
	if (failure != NULL && failure->lost)
		store->chores = 0;
	if (failure != NULL)
		log_debug("store: %s (%s)", failure->message, failure->state);
	if ((chore & STORE_CHORE_VERIFIERS) != 0 && store->pinged && store->ping_retried)
		store_ping_now(store);
	if (store->state == STORE_CLOSING)
		store_enter_closing(store);
	else if (failure != NULL && failure->lost)
		store_suspect(store);
	else
		store_work(store);
}

static void
store_logins_done(void *context, unsigned repaired, const struct script_failure *failure)
{
	struct store *store = context;

	if (repaired > 0 && failure == NULL)
		worker_event(store->worker, "roles.repaired", "logins of bibd had been changed by clients: %u repairs",
		    repaired);
	if ((store->chore & STORE_CHORE_LOGINS) != 0 && (store->chores & STORE_CHORE_LOGINS) == 0 &&
	    store->events.logins_checked != NULL)
		store->events.logins_checked(store->context, repaired);
	store_chore_done(store, failure);
}

static void
store_size_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct store *store = context;

	if (failure == NULL)
		store->size = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
	store_chore_done(store, failure);
}

static void
store_reload_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct store *store = context;

	(void)result;
	if (failure == NULL)
		store->reload_due = false;
	else
		log_warning("PostgreSQL cannot be told to read its certificates again: %s", failure->message);
	store_chore_done(store, failure);
}

void
store_reload_server(struct store *store)
{
	store->reload_due = true;
	store->chores |= STORE_CHORE_RELOAD;
	store_work(store);
}

static void
store_system_ready(void *context, PGresult *result, const struct script_failure *failure)
{
	struct store *store = context;

	(void)result;
	if (failure == NULL) {
		store_note_password(store);
		script_watch(&store->system, store_system_lost, store);
		store_chore_done(store, NULL);
		return;
	}
	if (store_try_other_password(store, failure)) {
		store_work(store);
		return;
	}
	/* Not a failure of the server, which the probes watch: the next probe's answer begins anew. */
	store->chore = store->chores = 0;
	store_rotation_failed(store, failure->message);
	store_answer_ping(store, failure->message);
}

static bool
store_begin_rotation(struct store *store)
{
	static const struct {
		enum store_chore chore;
		void (*begin)(struct store *store);
	} rows[] = { { STORE_CHORE_ROTATE, store_begin_rotate }, { STORE_CHORE_LOCK, store_begin_lock } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((store->chores & rows[i].chore) != 0) {
			store->chores &= ~(unsigned)rows[i].chore;
			store->chore = rows[i].chore;
			rows[i].begin(store);
			return true;
		}
	return false;
}

void
store_work(struct store *store)
{
	unsigned roles = store->chores & STORE_CHORE_ROLES;

	if (store->state != STORE_OPEN || store->chore != 0 || store->chores == 0)
		return;
	if (!script_is_open(&store->system)) {
		(void)store_log_in(store, &store->system, ROLES, store_system_ready, store);
		return;
	}
	if (!script_is_idle(&store->system))
		return;
	if (roles != 0) {
		if (clock_now_ms() - store->verifiers_ms < STORE_VERIFIERS_MS)
			roles &= ~(unsigned)STORE_CHORE_VERIFIERS;
		if ((roles & STORE_CHORE_VERIFIERS) != 0)
			store->verifiers_ms = clock_now_ms();
		store->chores &= ~(unsigned)STORE_CHORE_ROLES;
		store->chore = roles;
		roles_ensure(&store->roles, &store->system, &store->credentials, roles, store_locks_logins(store),
		    store_logins_done, store);
		return;
	}
	if (store_begin_rotation(store))
		return;
	if ((store->chores & STORE_CHORE_RELOAD) != 0) {
		store->chores &= ~(unsigned)STORE_CHORE_RELOAD;
		store->chore = STORE_CHORE_RELOAD;
		script_run(&store->system, "select pg_reload_conf()", store_timeout(store), store_reload_done, store);
		return;
	}
	store->chores &= ~(unsigned)STORE_CHORE_SIZE;
	store->chore = STORE_CHORE_SIZE;
	script_run(&store->system, "select pg_database_size(current_database())", store_timeout(store),
	    store_size_done, store);
}

void
store_statistics(struct store *store, struct message_statistics *statistics)
{
	int64_t now = clock_now_ms();

	statistics->store_bytes = store->size;
	statistics->probe_us = store->probe_us;
	statistics->store_state = store_state_name(store);
	if (store->state != STORE_OPEN || (store->size != 0 && now - store->size_ms < STORE_SIZE_MS))
		return;
	store->size_ms = now;
	store->chores |= STORE_CHORE_SIZE;
	store_work(store);
}
