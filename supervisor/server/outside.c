/*
 * Trouble outside of bibd that passes by itself: the container engine is not there, or the disk is full. bibd says so
 * once, waits, and does not count it against max_retries. At a start it waits for an engine within startup_timeout; a
 * node that served before, and one whose disk is full, wait for as long as it takes.
 */
#include <bsd/string.h>
#include <inttypes.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/children/children.h"
#include "supervisor/node/node.h"
#include "supervisor/server/server.h"

/* Between two tries, whatever retry_backoff is. */
#define OUTSIDE_WAIT_MIN_MS 500
#define OUTSIDE_WAIT_MAX_MS 5000

enum outside { OUTSIDE_NOT, OUTSIDE_ENGINE, OUTSIDE_DISK };
static const char *const outside_names
    [] = { [OUTSIDE_NOT] = "", [OUTSIDE_ENGINE] = "the container engine", [OUTSIDE_DISK] = "room on the disk" };

static const struct {
	const char *code;
	enum outside kind;
} outside_codes[] = {
	{ "container.runtime", OUTSIDE_ENGINE },
	{ "container.runtime_missing", OUTSIDE_ENGINE },
	{ "container.runtime_down", OUTSIDE_ENGINE },
	{ "container.runtime_hangs", OUTSIDE_ENGINE },
	{ "container.runtime_permission", OUTSIDE_ENGINE },
	{ "server.engine_lost", OUTSIDE_ENGINE },
	{ "server.disk_full", OUTSIDE_DISK },
	{ "store.disk_full", OUTSIDE_DISK },
	{ "secrets.disk_full", OUTSIDE_DISK },
};

static enum outside
outside_kind(const char *code, const char *cause)
{
	for (size_t i = 0; i < sizeof(outside_codes) / sizeof(outside_codes[0]); i++)
		if (strcmp(code, outside_codes[i].code) == 0)
			return outside_codes[i].kind;
	/* No code of bibd's: the cause is in the engine's or initdb's own words. */
	if (strcasestr(cause, "disk quota exceeded") != NULL)
		return OUTSIDE_DISK;
	return strcasestr(cause, "no space left on device") != NULL && strcasestr(cause, "shared memory") == NULL
	    ? OUTSIDE_DISK
	    : OUTSIDE_NOT;
}

const char *
server_waits_for(const struct server *server)
{
	return server->outside[0] == '\0' ? "" : outside_names[outside_kind(server->outside, server->last_cause)];
}

static bool
outside_is_over(const struct server *server, enum outside kind)
{
	return kind == OUTSIDE_ENGINE && !server->node->was_ready &&
	    clock_realtime_us() - server->node->started_us > conf_health(server->node->conf)->startup_timeout * 1000;
}

static int64_t
outside_delay(const struct node *node)
{
	int64_t delay = conf_health(node->conf)->retry_backoff;

	return delay < OUTSIDE_WAIT_MIN_MS ? OUTSIDE_WAIT_MIN_MS
	    : delay > OUTSIDE_WAIT_MAX_MS  ? OUTSIDE_WAIT_MAX_MS
					   : delay;
}

/* Whether a start that failed so waits for room on the disk. */
static bool
outside_is_waited_for(const struct conf *conf, const char *cause)
{
	return outside_kind("", cause) == OUTSIDE_DISK && conf_health(conf)->action != CONF_ACTION_SHUTDOWN;
}

/* The container worker gets the group of an engine's socket when it starts. A socket that was made later may have
 * another group, so the worker is started again. */
static void
outside_renew_worker(struct server *server)
{
	struct child *worker = server_worker(server);

	if (worker == NULL || !server->node->separated || !engine_sockets_changed(&server->sockets))
		return;
	log_info("the container engine's socket is there: %s gets its group", worker->name);
	child_start_again(worker, server->node->lifecycle.times.hurry);
}

/* Tells it in one line and one event for as long as the cause stays the same. */
static void
outside_tell(struct server *server, const char *whose, enum outside kind, const char *code, const char *cause)
{
	const char *what = outside_names[kind];

	if (server->outside[0] != '\0' && outside_kind(server->outside, "") == kind) {
		log_debug("still waiting for %s: %s", what, cause);
		return;
	}
	(void)strlcpy(server->outside, code, sizeof(server->outside));
	log_error("%s failed: %s", whose, cause);
	log_notice("waiting for %s: this is not counted as a failure", what);
	events_add(&server->node->events,
	    kind == OUTSIDE_DISK && strcmp(code, "server.disk_full") != 0 ? "bibd" : "server", code, "%s", cause);
}

bool
server_wait_outside(struct server *server, const char *code, const char *cause, loop_timer_fn *again)
{
	enum outside kind = outside_kind(code, cause);

	if (kind == OUTSIDE_NOT || conf_health(server->node->conf)->action == CONF_ACTION_SHUTDOWN)
		return false;
	if (outside_is_over(server, kind)) {
		events_add(&server->node->events, "server", code, "%s", cause);
		server_enter(server, SERVER_ABSENT);
		server_end_node(server, STATUS_UNAVAILABLE, code, cause);
		return true;
	}
	outside_tell(server, "the PostgreSQL server", kind, code, cause);
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_LOST);
	server_enter(server, SERVER_WAITING);
	if (!server->node->was_ready)
		notify_extend_timeout(&server->node->notify, server->node->lifecycle.times.startup + SERVER_STOP_MS);
	if (kind == OUTSIDE_ENGINE)
		outside_renew_worker(server);
	loop_timer_set(&server->node->loop, &server->timer, outside_delay(server->node), again, server);
	return true;
}

/* The worker was not ended: it is asked again to open the store. */
static void
outside_open_again(struct loop_timer *timer)
{
	struct server *server = timer->arg;

	if (server->node->lifecycle.state == LIFECYCLE_OPENING)
		lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_RESTARTING);
}

bool
server_store_wait_outside(struct server *server, const char *code, const char *cause)
{
	if (outside_kind(code, "") != OUTSIDE_DISK || server->node->lifecycle.state != LIFECYCLE_OPENING ||
	    conf_health(server->node->conf)->action == CONF_ACTION_SHUTDOWN)
		return false;
	outside_tell(server, "the store", OUTSIDE_DISK, code, cause);
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_LOST);
	if (!server->node->was_ready)
		notify_extend_timeout(&server->node->notify,
		    server->node->lifecycle.times.startup + OUTSIDE_WAIT_MAX_MS);
	loop_timer_set(&server->node->loop, &server->timer, outside_delay(server->node), outside_open_again, server);
	return true;
}

/* ---- the first start on a disk that is full ---- */

static void
outside_renew_keeper(struct loop_timer *timer)
{
	struct server *server = timer->arg;
	struct child *keeper = children_find_up(server->children, PROCESS_KEEPER);

	if (keeper != NULL && !lifecycle_is_stopping(&server->node->lifecycle))
		child_start_again(keeper, server->node->lifecycle.times.hurry);
}

bool
secrets_wait_outside(struct server *server, const char *cause)
{
	struct node *node = server->node;

	if (!outside_is_waited_for(node->conf, cause))
		return false;
	outside_tell(server, "opening the node's secrets", OUTSIDE_DISK, "secrets.disk_full", cause);
	/* The server cannot start without the secrets, and has no deadline while it waits for them. */
	if (node_has_server(node))
		lifecycle_take(&node->lifecycle, LIFECYCLE_SERVER_LOST);
	if (!node->was_ready)
		notify_extend_timeout(&node->notify, node->lifecycle.times.startup + OUTSIDE_WAIT_MAX_MS);
	loop_timer_set(&node->loop, &server->keeper_timer, outside_delay(node), outside_renew_keeper, server);
	return true;
}

int
directories_wait_outside(struct node *node, const struct directories_users *users, bool (*stop_comes)(int64_t ms),
    struct error *e)
{
	bool told = false;

	while (directories_open(&node->directories, node->conf, users, node->separated, e) == -1) {
		if (!outside_is_waited_for(node->conf, e->text))
			return -1;
		if (!told) {
			log_error("the start failed: %s", e->text);
			log_notice("waiting for room on the disk: this is not counted as a failure");
			notify_status(&node->notify, "waiting for room on the disk");
			told = true;
		}
		notify_extend_timeout(&node->notify,
		    2 * OUTSIDE_WAIT_MAX_MS + conf_health(node->conf)->startup_timeout);
		if (stop_comes(outside_delay(node)))
			return 1;
	}
	return 0;
}
