/* Waiting for the server: a probe each second, and at once when its socket appears. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/postgres/store/private.h"

#define STORE_PROBE_MS 1000
/* A server that has made its socket listens in a moment, and accepts soon after: waits grow from this. */
#define STORE_QUICK_MS 20
#define STORE_QUICK_FOR_MS 1000
/* A second probe within this time would tell nothing new. */
#define STORE_SUSPECT_MS 50

/* ---- probes ---- */

/* Whether the server is starting: one that is shutting down answers PROBE_STARTING as well. */
static bool
pg_store_is_progress(const struct probe_result *result)
{
	return result->answer == PROBE_STARTING && strstr(result->reason, "shutting down") == NULL;
}

static int64_t
pg_store_next_wait(struct pg_store *store, const struct probe_result *result)
{
	int64_t wait = STORE_PROBE_MS;

	if (result->answer == PROBE_STARTING || clock_now_ms() - store->socket_ms < STORE_QUICK_FOR_MS) {
		wait = store->quick_ms;
		store->quick_ms = wait * 2 < STORE_PROBE_MS ? wait * 2 : STORE_PROBE_MS;
	}
	return wait;
}

static void
pg_store_wait_answer(struct pg_store *store, const struct probe_result *result)
{
	if (result->answer == PROBE_ACCEPTING || result->answer == PROBE_REFUSING) {
		/* A server that refuses the probe says why again, and more, at the login. */
		store->address = result->address;
		pg_store_happened(store, STORE_DONE);
		return;
	}
	if (!store->login.managed) {
		pg_store_unavailable(store, result->reason, true);
		return;
	}
	/* Tells each reason once: whether the start makes progress, the supervisor sees by the server's log. */
	if (pg_store_is_progress(result) && strcmp(store->progress, result->reason) != 0)
		pg_store_say(store, result->reason);
	pg_store_probe_in(store, pg_store_next_wait(store, result));
	/* "Too many connections" means load: the connections that exist go on. */
	pg_store_unavailable(store, result->reason, result->answer != PROBE_BUSY);
}

static void
pg_store_probed(struct probe *probe, const struct probe_result *result)
{
	struct pg_store *store = probe->context;

	if (probe_is_alive(result->answer))
		store->probe_us = result->us;
	if (store->state == STORE_PROBING)
		pg_store_wait_answer(store, result);
	else if (store->state == STORE_OPEN)
		pg_store_watch_answer(store, result);
	if (store->probe_again && !probe_is_running(&store->probe) && store->state == STORE_OPEN)
		pg_store_probe_in(store, STORE_SUSPECT_MS);
	store->probe_again = false;
}

static void
pg_store_probe(struct pg_store *store)
{
	store->probed_ms = clock_now_ms();
	probe_start(&store->probe, &store->worker->loop, &store->login.target, pg_store_timeout(store), pg_store_probed,
	    store);
}

static void
pg_store_probe_due(struct loop_timer *timer)
{
	struct pg_store *store = timer->arg;

	pg_store_watch_directory(store);
	pg_store_probe(store);
}

void
pg_store_probe_in(struct pg_store *store, int64_t ms)
{
	struct loop_timer *timer = &store->probe_timer;

	if (probe_is_running(&store->probe)) {
		store->probe_again = true;
		return;
	}
	if (timer->loop != NULL && timer->at <= clock_now_ms() + ms)
		return;
	loop_timer_set_lazy(&store->worker->loop, timer, ms, ms / 4, pg_store_probe_due, store);
}

/* ---- where to ask ---- */

static void
pg_store_resolved(void *context, const struct probe_target *addresses, const char *why)
{
	struct pg_store *store = context;
	struct error e;

	store->resolve = NULL;
	login_take_addresses(&store->login, addresses);
	if (store->login.resolved) {
		pg_store_probe(store);
		return;
	}
	(void)error_set(&e, STATUS_UNAVAILABLE, "storage.ping", "storage ping failed: %s", why);
	pg_store_fail(store, &e);
}

void
pg_store_enter_probing(struct pg_store *store)
{
	int64_t wait = store->probed_ms == 0 ? 0 : store->probed_ms + STORE_PROBE_MS - clock_now_ms();
	struct error e;

	script_close(&store->system);
	script_close(&store->application);
	script_close(&store->rotation.trial);
	store->chores = store->chore = 0;
	store->quick_ms = STORE_QUICK_MS;
	store->probe_again = false;
	probe_cancel(&store->probe);
	loop_timer_cancel(&store->probe_timer);
	if (store->login.resolved) {
		pg_store_watch_directory(store);
		pg_store_probe_in(store, wait < 0 ? 0 : wait);
		return;
	}
	store->resolve =
	    resolve_start(&store->worker->loop, store->login.host, store->login.port, pg_store_resolved, store, &e);
	if (store->resolve == NULL)
		pg_store_fail(store, &e);
}

/* ---- the socket's directory ---- */

static void
pg_store_socket_changed(struct pg_store *store, const struct inotify_event *event)
{
	char name[32];

	(void)snprintf(name, sizeof(name), ".s.PGSQL.%u", store->login.port);
	if ((event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) != 0)
		store->notify_directory = -1;
	if (event->len == 0 || strcmp(event->name, name) != 0)
		return;
	if ((event->mask & (IN_CREATE | IN_MOVED_TO)) != 0) {
		store->socket_ms = clock_now_ms();
		store->quick_ms = STORE_QUICK_MS;
	}
	if (store->state == STORE_PROBING || store->state == STORE_OPEN)
		pg_store_probe_in(store, 0);
}

static void
pg_store_notified(struct loop_watch *watch, uint32_t events)
{
	_Alignas(struct inotify_event) char buf[4096];
	ssize_t n;

	(void)events;
	while ((n = read(watch->fd, buf, sizeof(buf))) > 0)
		for (ssize_t offset = 0; offset < n;) {
			const struct inotify_event *event = (const struct inotify_event *)(buf + offset);

			pg_store_socket_changed(watch->arg, event);
			offset += (ssize_t)(sizeof(*event) + event->len);
		}
}

/* When the directory cannot be watched, a start takes up to a second longer. */
void
pg_store_watch_directory(struct pg_store *store)
{
	const uint32_t wanted =
	    IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
	int fd;

	if (!store->login.managed || !store->login.socket || store->notify_directory != -1)
		return;
	if (store->notify.fd == -1) {
		if ((fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) == -1)
			return;
		if (loop_watch_add(&store->worker->loop, &store->notify, fd, EPOLLIN, pg_store_notified, store, NULL) ==
		    -1) {
			close(fd);
			return;
		}
	}
	store->notify_directory = inotify_add_watch(store->notify.fd, store->login.host, wanted);
}
