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
/* Probes in a row that the server closed without a word. A server that recovers says so at the next probe. */
#define STORE_CLOSED_MAX 3
#define STORE_CLOSED_MS 300
/* Probes in a row without an answer in time. One alone may be a machine that stood still for a moment. */
#define STORE_SILENT_MAX 2

static void pg_store_ping_now(struct pg_store *store);

/* ---- signs of life ---- */

static void
pg_store_system_lost(void *context)
{
	pg_store_suspect(context);
}

void
pg_store_enter_open(struct pg_store *store)
{
	bool first = !store->available;

	store->reason[0] = '\0';
	store->available = true;
	store->passwords_refused = false;
	if (store->login.managed)
		store->chores |= STORE_CHORE_ROLES;
	script_watch(&store->system, pg_store_system_lost, store);
	pg_store_probe_in(store, conf_health(store->worker->conf)->interval);
	/* Called before the answer is sent: once the supervisor has it, clients may come at once. */
	if (first)
		store->events.available(store->context);
	if (store->asked && store->state == STORE_OPEN)
		(void)channel_send_store_opened(&store->worker->channel, store->request_id, NULL, -1);
	store->asked = false;
	if (store->pinged && store->state == STORE_OPEN)
		pg_store_ping_now(store);
	if (store->reload_due)
		pg_store_reload_server(store);
	store->chores |= pg_store_rotation_chores(store);
	pg_store_work(store);
}

static void
pg_store_lose(struct pg_store *store, const char *reason)
{
	char cause[PROBE_REASON_MAX + 64], place[PROBE_REASON_MAX / 2];
	struct message_store_lost lost = { .cause = cause };

	login_place(&store->login, place, sizeof(place));
	(void)snprintf(cause, sizeof(cause), "PostgreSQL at %s does not answer: %s", place, reason);
	(void)snprintf(store->reason, sizeof(store->reason), "%s", reason);
	pg_store_happened(store, STORE_GONE);
	(void)channel_send_store_lost(&store->worker->channel, 0, &lost, -1);
	pg_store_end_availability(store, cause);
}

void
pg_store_watch_answer(struct pg_store *store, const struct probe_result *result)
{
	int64_t wait = conf_health(store->worker->conf)->interval;

	store->closures = result->answer == PROBE_CLOSED ? store->closures + 1 : 0;
	store->silences = result->answer == PROBE_SILENT ? store->silences + 1 : 0;
	if ((store->closures > 0 && store->closures < STORE_CLOSED_MAX) ||
	    (store->silences > 0 && store->silences < STORE_SILENT_MAX)) {
		pg_store_probe_in(store, store->silences > 0 ? 0 : STORE_CLOSED_MS);
		return;
	}
	if (store->events.probed != NULL && !store->probe_again)
		store->events.probed(store->context, result->answer == PROBE_ACCEPTING);
	if (!probe_is_alive(result->answer)) {
		store->closures = store->silences = 0;
		pg_store_lose(store, result->reason);
		return;
	}
	if (result->answer == PROBE_STARTING && wait > STORE_STARTING_MS)
		wait = STORE_STARTING_MS;
	pg_store_probe_in(store, wait);
	if (result->answer == PROBE_ACCEPTING && store->login.managed)
		store->chores |= STORE_CHORE_LOGINS;
	store->chores |= pg_store_rotation_chores(store);
	if (result->answer == PROBE_ACCEPTING)
		pg_store_work(store);
}

/* Asks bibd-container, which can read the server's log, why the server has ended a connection. */
static void
pg_store_ask_for_crash(struct pg_store *store)
{
	int64_t now = clock_now_ms();

	if (!store->login.managed || (store->crash_asked_ms != 0 && now - store->crash_asked_ms < STORE_CRASH_MS))
		return;
	store->crash_asked_ms = now;
	(void)channel_send_look_for_crash(&store->worker->channel, 0, NULL, -1);
}

void
pg_store_suspect(struct pg_store *store)
{
	if (store->state != STORE_OPEN)
		return;
	pg_store_ask_for_crash(store);
	/* It may be that a client has changed the password of its login. */
	if (store->login.managed)
		store->chores |= STORE_CHORE_LOGINS | STORE_CHORE_VERIFIERS;
	pg_store_probe_in(store, 0);
}

bool
pg_store_look_at_logins(struct pg_store *store)
{
	if (store->state != STORE_OPEN || !store->login.managed)
		return false;
	store->chores |= STORE_CHORE_LOGINS;
	pg_store_work(store);
	return true;
}

/* ---- PING_STORE ---- */

static void
pg_store_answer_ping(struct pg_store *store, const char *reason)
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
pg_store_fail_ping(struct pg_store *store, const char *reason)
{
	pg_store_answer_ping(store, reason);
}

static void
pg_store_ping_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure == NULL) {
		pg_store_answer_ping(store, NULL);
		return;
	}
	if (strncmp(failure->state, "28", 2) == 0 && store->login.managed && !store->ping_retried &&
	    store->state == STORE_OPEN) {
		store->ping_retried = true;
		store->verifiers_ms = 0;
		store->chores |= STORE_CHORE_LOGINS | STORE_CHORE_VERIFIERS;
		pg_store_work(store);
		return;
	}
	pg_store_answer_ping(store, failure->message);
}

static void
pg_store_ping_ready(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	if (failure != NULL)
		pg_store_ping_done(store, result, failure);
	else
		script_run(&store->application, STORE_CHECK_SQL, pg_store_timeout(store), pg_store_ping_done, store);
}

static void
pg_store_ping_now(struct pg_store *store)
{
	if (script_is_idle(&store->application))
		pg_store_ping_ready(store, NULL, NULL);
	else if (!pg_store_log_in(store, &store->application, ROLE_WRITE, pg_store_ping_ready, store))
		pg_store_answer_ping(store, "there is no password for it");
}

void
pg_store_ping_again(struct pg_store *store)
{
	script_close(&store->application);
	if (store->pinged)
		pg_store_ping_now(store);
}

void
pg_store_ping(struct pg_store *store, uint32_t request_id)
{
	bool waiting = store->pinged;

	store->ping_id = request_id;
	store->pinged = true;
	if (waiting)
		return;
	store->ping_retried = false;
	if (store->available)
		pg_store_ping_now(store);
	else
		pg_store_answer_ping(store, store->reason[0] == '\0' ? "the store is not open" : store->reason);
}

/* ---- chores, as bibd_system ---- */

void
pg_store_chore_done(struct pg_store *store, const struct script_failure *failure)
{
	unsigned chore = store->chore;

	store->chore = 0;
	if (failure != NULL && failure->lost)
		store->chores = 0;
	if (failure != NULL)
		log_debug("store: %s (%s)", failure->message, failure->state);
	if ((chore & STORE_CHORE_VERIFIERS) != 0 && store->pinged && store->ping_retried)
		pg_store_ping_now(store);
	if (store->state == STORE_CLOSING)
		pg_store_enter_closing(store);
	else if (failure != NULL && failure->lost)
		pg_store_suspect(store);
	else
		pg_store_work(store);
}

static void
pg_store_logins_done(void *context, unsigned repaired, const struct script_failure *failure)
{
	struct pg_store *store = context;

	if (repaired > 0 && failure == NULL)
		worker_event(store->worker, "roles.repaired", "logins of bibd had been changed by clients: %u repairs",
		    repaired);
	if ((store->chore & STORE_CHORE_LOGINS) != 0 && (store->chores & STORE_CHORE_LOGINS) == 0 &&
	    store->events.logins_checked != NULL)
		store->events.logins_checked(store->context, repaired);
	pg_store_chore_done(store, failure);
}

static void
pg_store_size_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	if (failure == NULL)
		store->size = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
	pg_store_chore_done(store, failure);
}

static void
pg_store_reload_done(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure == NULL)
		store->reload_due = false;
	else
		log_warning("PostgreSQL cannot be told to read its certificates again: %s", failure->message);
	pg_store_chore_done(store, failure);
}

void
pg_store_reload_server(struct pg_store *store)
{
	store->reload_due = true;
	store->chores |= STORE_CHORE_RELOAD;
	pg_store_work(store);
}

static void
pg_store_system_ready(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure == NULL) {
		pg_store_note_password(store);
		script_watch(&store->system, pg_store_system_lost, store);
		pg_store_chore_done(store, NULL);
		return;
	}
	if (pg_store_try_other_password(store, failure)) {
		pg_store_work(store);
		return;
	}
	/* No failure of the server, which the probes watch: the chores begin again after the next probe. */
	store->chore = store->chores = 0;
	pg_store_rotation_failed(store, failure->message);
	pg_store_answer_ping(store, failure->message);
}

static bool
pg_store_begin_rotation(struct pg_store *store)
{
	static const struct {
		enum pg_store_chore chore;
		void (*begin)(struct pg_store *store);
	} rows[] = { { STORE_CHORE_ROTATE, pg_store_begin_rotate }, { STORE_CHORE_LOCK, pg_store_begin_lock } };

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
pg_store_work(struct pg_store *store)
{
	unsigned roles = store->chores & STORE_CHORE_ROLES;

	if (store->state != STORE_OPEN || store->chore != 0 || store->chores == 0)
		return;
	if (!script_is_open(&store->system)) {
		(void)pg_store_log_in(store, &store->system, ROLES, pg_store_system_ready, store);
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
		roles_ensure(&store->roles, &store->system, &store->credentials, roles, pg_store_locks_logins(store),
		    pg_store_logins_done, store);
		return;
	}
	if (pg_store_begin_rotation(store))
		return;
	if ((store->chores & STORE_CHORE_RELOAD) != 0) {
		store->chores &= ~(unsigned)STORE_CHORE_RELOAD;
		store->chore = STORE_CHORE_RELOAD;
		script_run(&store->system, "select pg_reload_conf()", pg_store_timeout(store), pg_store_reload_done,
		    store);
		return;
	}
	store->chores &= ~(unsigned)STORE_CHORE_SIZE;
	store->chore = STORE_CHORE_SIZE;
	script_run(&store->system, "select pg_database_size(current_database())", pg_store_timeout(store),
	    pg_store_size_done, store);
}

void
pg_store_statistics(struct pg_store *store, struct message_statistics *statistics)
{
	int64_t now = clock_now_ms();

	statistics->store_bytes = store->size;
	statistics->probe_us = store->probe_us;
	statistics->store_state = pg_store_state_name(store);
	if (store->state != STORE_OPEN || (store->size != 0 && now - store->size_ms < STORE_SIZE_MS))
		return;
	store->size_ms = now;
	store->chores |= STORE_CHORE_SIZE;
	pg_store_work(store);
}
