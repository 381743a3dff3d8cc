/*
 * Opens the store, chooses its next step, and tells the pool when the server is there and when it is lost.
 */
#include "workers/postgres/store/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"

#define STORE_PROGRESS_MS 900

#define OPENING(done, again) \
	{ \
		[STORE_DONE] = (done), [STORE_AGAIN] = (again), [STORE_FAILED] = STORE_CLOSED, \
		[STORE_CLOSE] = STORE_CLOSING \
	}
#define WAITING \
	{ \
		[STORE_ASKED] = STORE_CREDENTIALS, [STORE_FAILED] = STORE_CLOSED, [STORE_CLOSE] = STORE_CLOSING \
	}

/* Each state: its name, what begins with it, and where each event leads. */
static const struct {
	const char *name;
	void (*enter)(struct pg_store *store);
	enum pg_store_state next[STORE_EVENTS];
} pg_store_states[STORE_STATES] = {
	[STORE_NOWHERE] = { "", NULL, { [STORE_ASKED] = STORE_NOWHERE } },
	[STORE_CLOSED] = { "closed", pg_store_drop, WAITING },
	[STORE_CREDENTIALS] = { "waiting for credentials", pg_store_enter_credentials,
	    OPENING(STORE_PROBING, STORE_NOWHERE) },
	[STORE_PROBING] = { "waiting for the server", pg_store_enter_probing, OPENING(STORE_LOGIN, STORE_NOWHERE) },
	[STORE_LOGIN] = { "logging in", pg_store_enter_login,
	    { [STORE_ASKED] = STORE_CREDENTIALS,
		[STORE_DONE] = STORE_ROLES,
		[STORE_AGAIN] = STORE_PROBING,
		[STORE_FAILED] = STORE_CLOSED,
		[STORE_CLOSE] = STORE_CLOSING } },
	[STORE_ROLES] = { "setting up roles", pg_store_enter_roles, OPENING(STORE_CHECKING, STORE_PROBING) },
	[STORE_CHECKING] = { "checking", pg_store_enter_checking, OPENING(STORE_MIGRATING, STORE_PROBING) },
	[STORE_MIGRATING] = { "migrating", pg_store_enter_migrating, OPENING(STORE_OPEN, STORE_PROBING) },
	[STORE_OPEN] = { "open", pg_store_enter_open,
	    { [STORE_ASKED] = STORE_CREDENTIALS, [STORE_GONE] = STORE_LOST, [STORE_CLOSE] = STORE_CLOSING } },
	[STORE_LOST] = { "lost", pg_store_drop, WAITING },
	[STORE_CLOSING] = { "closing", pg_store_enter_closing, { [STORE_DONE] = STORE_CLOSED } },
};

void
pg_store_happened(struct pg_store *store, enum pg_store_event event)
{
	enum pg_store_state next = pg_store_states[store->state].next[event];

	if (next == STORE_NOWHERE)
		return;
	log_debug("store: %s, then %s", pg_store_states[store->state].name, pg_store_states[next].name);
	store->state = next;
	pg_store_states[next].enter(store);
}

const char *
pg_store_state_name(const struct pg_store *store)
{
	return pg_store_states[store->state].name;
}

/* ---- what the steps share ---- */

void
pg_store_drop(struct pg_store *store)
{
	resolve_cancel(store->resolve);
	store->resolve = NULL;
	probe_cancel(&store->probe);
	loop_timer_cancel(&store->probe_timer);
	if (store->migrate.done != NULL)
		migrate_cancel(&store->migrate);
	script_close(&store->system);
	script_close(&store->application);
	script_close(&store->rotation.trial);
	store->chores = store->chore = 0;
	store->probe_again = false;
}

void
pg_store_end_availability(struct pg_store *store, const char *cause)
{
	if (!store->available)
		return;
	store->available = false;
	pg_store_fail_ping(store, cause);
	store->events.lost(store->context, cause);
}

void
pg_store_fail(struct pg_store *store, const struct error *e)
{
	(void)strlcpy(store->reason, e->text, sizeof(store->reason));
	if (store->asked)
		worker_fail(store->worker, store->request_id, e);
	store->asked = false;
	pg_store_happened(store, STORE_FAILED);
	pg_store_end_availability(store, e->text);
}

void
pg_store_unavailable(struct pg_store *store, const char *reason, bool gone)
{
	struct error e;

	if (!store->login.managed) {
		(void)error_set(&e, STATUS_UNAVAILABLE, "storage.ping", "storage ping failed: %s", reason);
		pg_store_fail(store, &e);
		return;
	}
	if (strcmp(store->reason, reason) != 0)
		log_debug("waiting for PostgreSQL: %s", reason);
	(void)strlcpy(store->reason, reason, sizeof(store->reason));
	pg_store_happened(store, STORE_AGAIN);
	/* The store may be opened again while clients are served: now they cannot be served. */
	if (gone)
		pg_store_end_availability(store, reason);
}

void
pg_store_say(struct pg_store *store, const char *text)
{
	struct message_store_progress progress = { .text = text };
	int64_t now = clock_now_ms();

	if (!store->asked || (store->progress[0] != '\0' && now - store->progress_ms < STORE_PROGRESS_MS))
		return;
	store->progress_ms = now;
	(void)snprintf(store->progress, sizeof(store->progress), "%s", text);
	(void)channel_send_store_progress(&store->worker->channel, store->request_id, &progress, -1);
}

int64_t
pg_store_timeout(const struct pg_store *store)
{
	return conf_health(store->worker->conf)->timeout;
}

/* Adds an option to those with which the session begins; the buffer holds them until the connection is made. */
static void
add_option(const char **keywords, const char **values, const char *option, char *buffer, size_t size)
{
	unsigned n = 0;

	while (keywords[n] != NULL && strcmp(keywords[n], "options") != 0)
		n++;
	(void)snprintf(buffer, size, "%s%s%s", keywords[n] == NULL ? "" : values[n], keywords[n] == NULL ? "" : " ",
	    option);
	if (keywords[n] == NULL) {
		keywords[n] = "options";
		keywords[n + 1] = values[n + 1] = NULL;
	}
	values[n] = buffer;
}

/* What bibd itself commits does not wait for the repository: it must go on also when that is away. */
bool
pg_store_log_in(struct pg_store *store, struct script *script, int role, script_done_fn *done, void *context)
{
	const char *keywords[LOGIN_PARAMETERS_MAX], *values[LOGIN_PARAMETERS_MAX];

	const struct pg_credential *pending = NULL;
	int result;

	if (role == ROLES && store->rotation.system_pending)
		pending = pg_credentials_find_pending(&store->credentials, CREDENTIALS_SYSTEM);
	if (pending != NULL)
		result =
		    login_parameters_as(&store->login, &store->credentials, pending, store->address, keywords, values);
	else
		result = login_parameters(&store->login, &store->credentials, role, store->address, keywords, values);
	if (result == -1)
		return false;
	if (store->login.managed)
		add_option(keywords, values, "-c synchronous_commit=local", store->options, sizeof(store->options));
	script_log_in(script, &store->worker->loop, keywords, values, pg_store_timeout(store), done, context);
	return true;
}

/* ---- what others ask ---- */

bool
pg_store_log_in_system(struct pg_store *store, struct script *script, script_done_fn *done, void *context)
{
	return store->available && pg_store_log_in(store, script, ROLES, done, context);
}

struct pg_store *
pg_store_new(struct worker *worker, const struct pg_store_events *events, void *context, struct error *e)
{
	struct pg_store *store = calloc(1, sizeof(*store));

	if (store == NULL) {
		(void)error_set_errno(e, STATUS_OS, "store.start", "cannot start");
		return NULL;
	}
	store->worker = worker;
	store->events = *events;
	store->context = context;
	store->state = STORE_CLOSED;
	store->notify.fd = store->system.watch.fd = store->application.watch.fd = store->probe.watch.fd =
	    store->rotation.trial.watch.fd = -1;
	store->notify_directory = -1;
	return store;
}

void
pg_store_free(struct pg_store *store)
{
	int fd;

	if (store == NULL)
		return;
	pg_store_drop(store);
	loop_timer_cancel(&store->close_timer);
	fd = store->notify.fd;
	loop_watch_delete(&store->notify);
	if (fd != -1)
		close(fd);
	channel_close(&store->keeper);
	pg_credentials_close(&store->credentials);
	free(store);
}

void
pg_store_open(struct pg_store *store, uint32_t request_id)
{
	struct error e;

	store->asked = true;
	store->request_id = request_id;
	if (store->state != STORE_CLOSED && store->state != STORE_LOST && store->state != STORE_OPEN)
		return;
	store->reason[0] = store->progress[0] = '\0';
	store->probed_ms = 0;
	store->fresh = false;
	if (login_init(&store->login, store->worker->conf, &e) == -1) {
		pg_store_fail(store, &e);
		return;
	}
	pg_store_happened(store, STORE_ASKED);
}

bool
pg_store_is_available(const struct pg_store *store)
{
	return store->available;
}

bool
pg_store_is_reachable(const struct pg_store *store)
{
	return store->available || store->state == STORE_CHECKING || store->state == STORE_MIGRATING;
}

/* Removes application_name: a client's is the one that it gives itself, or none. */
static void
forget_application_name(const char **keywords, const char **values)
{
	unsigned n = 0;

	for (unsigned i = 0; keywords[i] != NULL; i++)
		if (strcmp(keywords[i], "application_name") != 0) {
			keywords[n] = keywords[i];
			values[n++] = values[i];
		}
	keywords[n] = values[n] = NULL;
}

int
pg_store_parameters(struct pg_store *store, enum role role, const char *keywords[STORE_PARAMETERS_MAX],
    const char *values[STORE_PARAMETERS_MAX])
{
	_Static_assert(STORE_PARAMETERS_MAX >= LOGIN_PARAMETERS_MAX, "room for all parameters");
	if (!pg_store_is_reachable(store))
		return -1;
	if (login_parameters(&store->login, &store->credentials, (int)role, store->address, keywords, values) == -1)
		return -1;
	forget_application_name(keywords, values);
	/* So that SHOW knows them; the pool sets them (commits.c). */
	if (store->login.managed)
		add_option(keywords, values, "-c bibd.recoverable_to= -c bibd.proven_to=", store->options,
		    sizeof(store->options));
	return 0;
}

bool
pg_store_healthy(const struct pg_store *store, char *text, size_t size)
{
	if (store->state != STORE_LOST)
		return true;
	(void)snprintf(text, size, "PostgreSQL does not answer: %s", store->reason);
	return false;
}
