/* A stub, to be deleted when the real store is merged: an external server whose logins exist, without probes. */
#include <stdio.h>
#include <stdlib.h>

#include "workers/postgres/store.h"

struct store {
	struct worker *worker;
	const struct store_events *events;
	void *context;
	bool open;
	char port[16], user[64];
	struct loop_timer timer;
	void (*closed)(void *context);
	void *closed_context;
};

struct store *
store_new(struct worker *worker, const struct store_events *events, void *context, struct error *e)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL) {
		(void)error_set_errno(e, STATUS_OS, "store.start", "cannot start");
		return NULL;
	}
	store->worker = worker;
	store->events = events;
	store->context = context;
	return store;
}

void
store_open(struct store *store, uint32_t request_id)
{
	store->open = true;
	(void)channel_send_store_opened(&store->worker->channel, request_id, NULL, -1);
	store->events->available(store->context);
}

void
store_ping(struct store *store, uint32_t request_id)
{
	(void)channel_send_store_answered(&store->worker->channel, request_id, NULL, -1);
}

void
store_take_peer(struct store *store, int fd)
{
	(void)store;
	(void)fd;
}

bool
store_is_available(const struct store *store)
{
	return store->open;
}

int
store_parameters(struct store *store, enum role role, const char *keywords[STORE_PARAMETERS_MAX],
    const char *values[STORE_PARAMETERS_MAX])
{
	const struct conf *conf = store->worker->conf;
	unsigned n = 0;

	if (!store->open)
		return -1;
	(void)snprintf(store->port, sizeof(store->port), "%d", (int)conf->database.postgres.advanced.port);
	(void)snprintf(store->user, sizeof(store->user), "bibd_%s_a", role_names[role]);
#define PARAMETER(keyword, value) (keywords[n] = (keyword), values[n++] = (value))
	PARAMETER("host", conf->database.postgres.advanced.host);
	PARAMETER("port", store->port);
	PARAMETER("dbname", conf->database.postgres.advanced.database);
	PARAMETER("user", store->user);
	PARAMETER("password", conf->database.postgres.advanced.password);
	PARAMETER("sslmode", conf->database.postgres.advanced.ssl_mode == CONF_SSL_DISABLE ? "disable" : "require");
	PARAMETER("gssencmode", "disable");
	PARAMETER("passfile", "");
	PARAMETER("connect_timeout", "10");
	PARAMETER(NULL, NULL);
#undef PARAMETER
	return 0;
}

void
store_suspect(struct store *store)
{
	(void)store;
}

bool
store_healthy(const struct store *store, char *text, size_t size)
{
	(void)store;
	(void)text;
	(void)size;
	return true;
}

void
store_statistics(struct store *store, struct message_statistics *statistics)
{
	statistics->store_state = store->open ? "open" : "closed";
}

static void
store_closed(struct loop_timer *timer)
{
	struct store *store = timer->arg;

	store->closed(store->closed_context);
}

void
store_close(struct store *store, int64_t timeout_ms, void (*closed)(void *context), void *context)
{
	(void)timeout_ms;
	store->open = false;
	store->closed = closed;
	store->closed_context = context;
	loop_timer_set(&store->worker->loop, &store->timer, 0, store_closed, store);
}
