/* What is done about a server that fails: one line that says why, and then the policy of the configuration. */
#include <bsd/string.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memfd.h"
#include "supervisor/children/children.h"
#include "supervisor/node/node.h"
#include "supervisor/server/server.h"

/* What a server that gives no answer gets to shut down before it is killed. */
#define SERVER_STUCK_STOP_MS 5000
/* How long the container worker may take to say why the storage worker lost the server: it asks the engine twice for
 * that, and on a machine that is loaded, which is when servers end, an engine takes a second for each. */
#define SERVER_DOUBT_MS 4000
/* How many last lines of the container's log explain a start that is late. */
#define SERVER_LATE_LOG_LINES 20
/* How many lines are looked at for signs of progress: there is one for each client and probe that was told to wait. */
#define SERVER_LATE_LOG_SEEN 1000
/* From this version on a server logs how far its startup is, every second as bibd sets it: "redo in progress, elapsed
 * time: ...". */
#define SERVER_PROGRESS_VERSION 15
#define SERVER_PROGRESS_WORDS "elapsed time: "
#define SERVER_LATE_LOG_MAX ((size_t)4 << 20)

static void
server_start_again(struct loop_timer *timer)
{
	struct server *server = timer->arg;
	struct child *worker = server_worker(server);

	if (!node_has_server(server->node)) {
		server_enter(server, SERVER_RUNNING);
		lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_RESTARTING);
		return;
	}
	if (worker == NULL) {
		server_enter(server, SERVER_ABSENT);
		return;
	}
	/* A server that has ended need not be stopped; if somebody has started it meanwhile, it is taken over. */
	if (server->has_ended) {
		server_begin(server);
		return;
	}
	/* Whatever is left of the server is stopped first; server_take_stopped() starts it again. */
	server_stop_to_start(server, worker, SERVER_STUCK_STOP_MS);
}

static void
server_give_up(struct server *server)
{
	const struct conf_health *policy = conf_health(server->node->conf);
	char why[SERVER_TEXT_MAX + 96];

	server_enter(server, SERVER_ABSENT);
	if (policy->action == CONF_ACTION_SHUTDOWN)
		(void)snprintf(why, sizeof(why), "the PostgreSQL server failed (%s) and health.action is shutdown",
		    server->last_cause);
	else
		(void)snprintf(why, sizeof(why), "giving up after %" PRId64 " restart%s (health.max_retries): %s",
		    policy->max_retries, policy->max_retries == 1 ? "" : "s", server->last_cause);
	node_stop(server->node, STATUS_UNAVAILABLE, why);
}

/* One line about each failure, and then the policy. */
static void
server_fail(struct server *server, const char *code, const char *cause)
{
	struct restart_decision decision;

	loop_timer_cancel(&server->timer);
	server->has_ended = false;
	(void)strlcpy(server->last_cause, cause, sizeof(server->last_cause));
	server->failed_us = clock_realtime_us();
	server->request_id = server->late_log_id = 0;
	if (lifecycle_is_stopping(&server->node->lifecycle))
		return;
	server->hooks.failed(server->hooks.context, cause);
	if (server_wait_outside(server, code, cause, server_start_again))
		return;
	log_error("the PostgreSQL server failed: %s", cause);
	events_add(&server->node->events, "server", code, "%s", cause);
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_LOST);
	decision = restart_decide(&server->restart, conf_health(server->node->conf), clock_now_ms());
	if (decision.verdict == RESTART_GIVE_UP) {
		server_give_up(server);
		return;
	}
	server->restarts++;
	server_enter(server, SERVER_WAITING);
	if (decision.verdict == RESTART_LATER)
		log_notice("the PostgreSQL server is %s again in %" PRId64 " ms",
		    node_has_server(server->node) ? "started" : "asked", decision.delay_ms);
	loop_timer_set(&server->node->loop, &server->timer, decision.verdict == RESTART_LATER ? decision.delay_ms : 0,
	    server_start_again, server);
}

/* An operator has restarted the container, so the server runs or soon will: this is no failure, and nothing is
 * counted. */
static void
server_follow_restart(struct server *server, const char *code, const char *cause)
{
	loop_timer_cancel(&server->timer);
	log_warning("%s: it is taken over as it runs", cause);
	events_add(&server->node->events, "server", code, "%s", cause);
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_LOST);
	server_enter(server, SERVER_ABSENT);
	server_begin(server);
}

void
server_take_died(struct server *server, const char *code, const char *cause)
{
	enum server_state state = server->state;

	if (state != SERVER_RUNNING && state != SERVER_DOUBTFUL && state != SERVER_STARTING)
		return;
	/* The image is another one under the same name: it is asked for its version, and refused or moved to. */
	if (strcmp(code, "server.incompatible") == 0 && !lifecycle_is_stopping(&server->node->lifecycle)) {
		events_add(&server->node->events, "server", code, "%s", cause);
		lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_LOST);
		server_enter(server, SERVER_ABSENT);
		server_begin(server);
		return;
	}
	if (strcmp(code, "server.restarted_by_operator") == 0 && !lifecycle_is_stopping(&server->node->lifecycle)) {
		server_follow_restart(server, code, cause);
		return;
	}
	server_fail(server, code, cause);
	server->has_ended = true;
}

/* A process of the server has crashed: the server recovers by itself, and nothing is to be done. */
void
server_take_crashed(struct server *server, const char *code, const char *cause)
{
	server->crashes++;
	(void)strlcpy(server->last_cause, cause, sizeof(server->last_cause));
	server->failed_us = clock_realtime_us();
	log_error("%s", cause);
	events_add(&server->node->events, "server", code, "%s", cause);
}

/* Whether a new try ends the same way. */
static bool
server_is_final(const struct server *server, const struct error *e)
{
	/* An engine makes its socket first and gives it its group afterwards, so a refusal may pass. */
	if (server->outside[0] != '\0' && strcmp(e->code, "container.runtime_permission") == 0)
		return false;
	if (e->status == STATUS_DATA || e->status == STATUS_CONFIG || e->status == STATUS_PERMISSION)
		return true;
	return !server->ever_started && strcmp(e->code, "container.runtime_not_installed") == 0;
}

void
server_take_failed(struct server *server, const struct error *e)
{
	if (server->state != SERVER_STARTING)
		return;
	if (!server_is_final(server, e)) {
		server_fail(server, e->code, e->text);
		return;
	}
	events_add(&server->node->events, "server", e->code, "%s", e->text);
	server_enter(server, SERVER_ABSENT);
	server_end_node(server, e->status, e->code, e->text);
}

static void
server_doubt_is_over(struct loop_timer *timer)
{
	struct server *server = timer->arg;

	server_fail(server, "server.unresponsive", server->doubt);
}

/* The storage worker waits until it is asked again to open the store; that is when the server has started. */
static void
server_note_store_closed(struct server *server)
{
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_LOST);
	/* The deadline of a start that is under way goes on. */
	if (server->state == SERVER_STARTING)
		lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_RESTARTING);
}

void
server_take_lost(struct server *server, const char *cause)
{
	if (!node_has_server(server->node)) {
		server_fail(server, "server.unresponsive", cause);
		return;
	}
	if (server->state != SERVER_RUNNING) {
		server_note_store_closed(server);
		return;
	}
	/* The storage worker said this of the server before: it was not asked yet to open the store at this one. */
	if (server->node->lifecycle.state == LIFECYCLE_OPENING)
		return;
	(void)strlcpy(server->doubt, cause, sizeof(server->doubt));
	server_enter(server, SERVER_DOUBTFUL);
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_LOST);
	loop_timer_set(&server->node->loop, &server->timer, SERVER_DOUBT_MS, server_doubt_is_over, server);
}

void
server_take_unavailable(struct server *server, const char *code, const char *cause)
{
	enum server_state state = server->state;

	/* Where bibd has no server to bring up, the first start fails at once. */
	if (!node_has_server(server->node) && !server->node->was_ready) {
		server_end_node(server, STATUS_UNAVAILABLE, code, cause);
		return;
	}
	if (!node_has_server(server->node) || state == SERVER_RUNNING)
		server_fail(server, code, cause);
	else
		server_note_store_closed(server);
}

/* ---- a start that takes too long ---- */

static void
server_fail_late(struct server *server, const char *last_line)
{
	char cause[SERVER_TEXT_MAX];

	(void)snprintf(cause, sizeof(cause), "it was not ready within %" PRId64 " ms%s%s",
	    conf_health(server->node->conf)->startup_timeout,
	    last_line[0] == '\0' ? "" : "; its last words: ", last_line);
	server_fail(server, "server.late", cause);
}

/* The last line of the log that tells of progress, or "". */
static void
server_find_progress(const char *log, char *buf, size_t size)
{
	const char *found = NULL, *line;

	for (const char *p = strstr(log, SERVER_PROGRESS_WORDS); p != NULL; p = strstr(p + 1, SERVER_PROGRESS_WORDS))
		found = p;
	if (found == NULL) {
		buf[0] = '\0';
		return;
	}
	for (line = found; line > log && line[-1] != '\n'; line--)
		;
	(void)snprintf(buf, size, "%.*s", (int)strcspn(line, "\n"), line);
}

/* Whether a server that is not ready yet makes progress: its log says so, or it is of a version that cannot say. */
static bool
server_gets_on(struct server *server, const char *log)
{
	char progress[SERVER_TEXT_MAX];
	bool further;

	server_find_progress(log, progress, sizeof(progress));
	further = progress[0] != '\0' && strcmp(progress, server->late_progress) != 0;
	(void)strlcpy(server->late_progress, progress, sizeof(server->late_progress));
	return further || (server->pgdata.version < SERVER_PROGRESS_VERSION && server->progress[0] != '\0');
}

/* Where the last lines of a text begin. */
static char *
server_last_lines(char *text, unsigned lines)
{
	char *p = text + strlen(text);

	if (p > text && p[-1] == '\n')
		p--;
	while (p > text && (p[-1] != '\n' || --lines > 0))
		p--;
	return p;
}

bool
server_take_log(struct server *server, uint32_t id, int fd)
{
	char *text, *save = NULL;
	const char *last = "";

	if (id == 0 || id != server->late_log_id)
		return false;
	server->late_log_id = 0;
	text = fd == -1 ? NULL : memfd_read(fd, SERVER_LATE_LOG_MAX, &(size_t) { 0 }, NULL);
	if (text != NULL && server_gets_on(server, text)) {
		server_take_progress(server,
		    server->late_progress[0] != '\0' ? server->late_progress : server->progress);
		free(text);
		return true;
	}
	if (text != NULL)
		log_error("the server is not ready in time; the end of its log:");
	for (char *line = text == NULL ? NULL : strtok_r(server_last_lines(text, SERVER_LATE_LOG_LINES), "\n", &save);
	     line != NULL; line = strtok_r(NULL, "\n", &save)) {
		log_error("  %s", line);
		last = line;
	}
	server_fail_late(server, last);
	free(text);
	return true;
}

void
server_note_late(struct server *server)
{
	struct child *worker = server_worker(server);
	struct message_log_request request = { .lines = SERVER_LATE_LOG_SEEN };

	if (server->state == SERVER_RUNNING && worker != NULL) {
		server->late_log_id = channel_next_id(&worker->channel);
		(void)channel_send_log_request(&worker->channel, server->late_log_id, &request, -1);
		return;
	}
	if (server->state != SERVER_WAITING)
		server_fail_late(server, "");
}
