/* What is done about a server that fails: one line that says why, and then the policy of the configuration. */
#include <bsd/string.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memfd.h"
#include "supervisor/supervisor.h"

/* What a server that gives no answer gets to shut down before it is killed. */
#define SERVER_STUCK_STOP_MS 5000
/* How long the container worker may take to say why the storage worker lost the server: it asks the engine twice for that,
 * and on a machine that is loaded, which is when servers end, an engine takes a second for each. */
#define SERVER_DOUBT_MS 4000
/* What of the log a late start is explained with. */
#define SERVER_LATE_LOG_LINES 20
/* How much of it is looked at: there is a line for each client and probe that was told to wait. */
#define SERVER_LATE_LOG_SEEN 1000
/* From this version on a server logs what its startup is at, every second: "redo in progress, elapsed time: ...". */
#define SERVER_PROGRESS_VERSION 15
#define SERVER_PROGRESS_WORDS "elapsed time: "
#define SERVER_LATE_LOG_MAX ((size_t)4 << 20)

static void
server_start_again(struct loop_timer *timer)
{
	struct supervisor *s = timer->arg;
	struct child *worker = server_worker(s);

	if (!server_is_managed(s)) {
		server_enter(&s->server, SERVER_RUNNING);
		lifecycle_take(&s->node.lifecycle, LIFECYCLE_SERVER_RESTARTING);
		return;
	}
	if (worker == NULL) {
		server_enter(&s->server, SERVER_ABSENT);
		return;
	}
	/* Of one that has ended nothing is left; if somebody started it meanwhile, it is taken over. */
	if (s->server.has_ended) {
		server_begin(s);
		return;
	}
	/* Whatever is left of it ends first; the answer starts it again. */
	server_stop_to_start(s, worker, SERVER_STUCK_STOP_MS);
}

static void
server_give_up(struct supervisor *s)
{
	const struct conf_health *policy = conf_health(s->node.conf);
	char why[SERVER_TEXT_MAX + 96];

	server_enter(&s->server, SERVER_ABSENT);
	if (policy->action == CONF_ACTION_SHUTDOWN)
		(void)snprintf(why, sizeof(why), "the PostgreSQL server failed (%s) and health.action is shutdown",
		    s->server.last_cause);
	else
		(void)snprintf(why, sizeof(why), "giving up after %" PRId64 " restart%s (health.max_retries): %s",
		    policy->max_retries, policy->max_retries == 1 ? "" : "s", s->server.last_cause);
	node_stop(&s->node, STATUS_UNAVAILABLE, why);
}

/* One line about each failure, and then the policy. */
static void
server_fail(struct supervisor *s, const char *code, const char *cause)
{
	struct server *server = &s->server;
	struct restart_decision decision;

	loop_timer_cancel(&server->timer);
	server->has_ended = false;
	(void)strlcpy(server->last_cause, cause, sizeof(server->last_cause));
	server->failed_us = clock_realtime_us();
	server->request_id = server->late_log_id = 0;
	if (lifecycle_is_stopping(&s->node.lifecycle))
		return;
	server_restart_failed(s, cause);
	if (server_wait_outside(s, code, cause, server_start_again))
		return;
	log_error("the PostgreSQL server failed: %s", cause);
	events_add(&s->node.events, "server", code, "%s", cause);
	lifecycle_take(&s->node.lifecycle, LIFECYCLE_SERVER_LOST);
	decision = restart_decide(&server->restart, conf_health(s->node.conf), clock_now_ms());
	if (decision.verdict == RESTART_GIVE_UP) {
		server_give_up(s);
		return;
	}
	server->restarts++;
	server_enter(server, SERVER_WAITING);
	if (decision.verdict == RESTART_LATER)
		log_notice("the PostgreSQL server is %s again in %" PRId64 " ms",
		    server_is_managed(s) ? "started" : "asked", decision.delay_ms);
	loop_timer_set(&s->node.loop, &server->timer, decision.verdict == RESTART_LATER ? decision.delay_ms : 0,
	    server_start_again, s);
}

/* It runs already, or is about to: nothing to be mended, and nothing that counts. */
static void
server_follow_restart(struct supervisor *s, const char *code, const char *cause)
{
	loop_timer_cancel(&s->server.timer);
	log_warning("%s: it is taken over as it runs", cause);
	events_add(&s->node.events, "server", code, "%s", cause);
	lifecycle_take(&s->node.lifecycle, LIFECYCLE_SERVER_LOST);
	server_enter(&s->server, SERVER_ABSENT);
	server_begin(s);
}

void
server_take_died(struct supervisor *supervisor, const char *code, const char *cause)
{
	enum server_state state = supervisor->server.state;

	if (state != SERVER_RUNNING && state != SERVER_DOUBTFUL && state != SERVER_STARTING)
		return;
	/* Another start ends the same way. */
	if (strcmp(code, "server.incompatible") == 0 && !lifecycle_is_stopping(&supervisor->node.lifecycle)) {
		events_add(&supervisor->node.events, "server", code, "%s", cause);
		server_enter(&supervisor->server, SERVER_ABSENT);
		server_end_node(supervisor, STATUS_DATA, code, cause);
		return;
	}
	if (strcmp(code, "server.restarted_by_operator") == 0 && !lifecycle_is_stopping(&supervisor->node.lifecycle)) {
		server_follow_restart(supervisor, code, cause);
		return;
	}
	server_fail(supervisor, code, cause);
	supervisor->server.has_ended = true;
}

/* It recovers by itself, and nothing is to be done. */
void
server_take_crashed(struct supervisor *supervisor, const char *code, const char *cause)
{
	struct server *server = &supervisor->server;

	server->crashes++;
	(void)strlcpy(server->last_cause, cause, sizeof(server->last_cause));
	server->failed_us = clock_realtime_us();
	log_error("%s", cause);
	events_add(&supervisor->node.events, "server", code, "%s", cause);
}

/* Whether a new try ends the same way. */
static bool
server_is_final(const struct supervisor *s, const struct error *e)
{
	/* A socket is made first and given its group then. */
	if (s->server.outside[0] != '\0' && strcmp(e->code, "container.runtime_permission") == 0)
		return false;
	if (e->status == STATUS_DATA || e->status == STATUS_CONFIG || e->status == STATUS_PERMISSION)
		return true;
	return !s->server.ever_started && strcmp(e->code, "container.runtime_not_installed") == 0;
}

void
server_take_failed(struct supervisor *supervisor, const struct error *e)
{
	if (supervisor->server.state != SERVER_STARTING)
		return;
	if (!server_is_final(supervisor, e)) {
		server_fail(supervisor, e->code, e->text);
		return;
	}
	events_add(&supervisor->node.events, "server", e->code, "%s", e->text);
	server_enter(&supervisor->server, SERVER_ABSENT);
	server_end_node(supervisor, e->status, e->code, e->text);
}

static void
server_doubt_is_over(struct loop_timer *timer)
{
	struct supervisor *s = timer->arg;

	server_fail(s, "server.unresponsive", s->server.doubt);
}

/* The storage worker waits to be asked again, which it is when the server, that is away or on its way, has started. */
static void
server_note_store_closed(struct supervisor *s)
{
	lifecycle_take(&s->node.lifecycle, LIFECYCLE_SERVER_LOST);
	/* A start that is under way has its deadline. */
	if (s->server.state == SERVER_STARTING)
		lifecycle_take(&s->node.lifecycle, LIFECYCLE_SERVER_RESTARTING);
}

void
server_take_lost(struct supervisor *supervisor, const char *cause)
{
	struct server *server = &supervisor->server;

	if (!server_is_managed(supervisor)) {
		server_fail(supervisor, "server.unresponsive", cause);
		return;
	}
	if (server->state != SERVER_RUNNING) {
		server_note_store_closed(supervisor);
		return;
	}
	/* It was told before the worker was asked to open the store at this server. */
	if (supervisor->node.lifecycle.state == LIFECYCLE_OPENING)
		return;
	(void)strlcpy(server->doubt, cause, sizeof(server->doubt));
	server_enter(server, SERVER_DOUBTFUL);
	lifecycle_take(&supervisor->node.lifecycle, LIFECYCLE_SERVER_LOST);
	loop_timer_set(&supervisor->node.loop, &server->timer, SERVER_DOUBT_MS, server_doubt_is_over, supervisor);
}

void
server_take_unavailable(struct supervisor *supervisor, const char *code, const char *cause)
{
	enum server_state state = supervisor->server.state;

	/* LIFECYCLE.md wants the start to fail at once where there is nothing to bring up. */
	if (!server_is_managed(supervisor) && !supervisor->node.was_ready) {
		server_end_node(supervisor, STATUS_UNAVAILABLE, code, cause);
		return;
	}
	if (!server_is_managed(supervisor) || state == SERVER_RUNNING)
		server_fail(supervisor, code, cause);
	else
		server_note_store_closed(supervisor);
}

/* ---- a start that takes too long ---- */

static void
server_fail_late(struct supervisor *s, const char *last_line)
{
	char cause[SERVER_TEXT_MAX];

	(void)snprintf(cause, sizeof(cause), "it was not ready within %" PRId64 " ms%s%s",
	    conf_health(s->node.conf)->startup_timeout, last_line[0] == '\0' ? "" : "; its last words: ", last_line);
	server_fail(s, "server.late", cause);
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

/* Whether a server that is not ready yet is getting on: its log says so, or it is too old to say. */
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
server_take_log(struct supervisor *supervisor, uint32_t id, int fd)
{
	struct server *server = &supervisor->server;
	char *text, *save = NULL;
	const char *last = "";

	if (id == 0 || id != server->late_log_id)
		return false;
	server->late_log_id = 0;
	text = fd == -1 ? NULL : memfd_read(fd, SERVER_LATE_LOG_MAX, &(size_t) { 0 }, NULL);
	if (text != NULL && server_gets_on(server, text)) {
		server_take_progress(supervisor, server->late_progress[0] != '\0' ? server->late_progress : server->progress);
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
	server_fail_late(supervisor, last);
	free(text);
	return true;
}

void
server_note_late(struct supervisor *supervisor)
{
	struct server *server = &supervisor->server;
	struct child *worker = server_worker(supervisor);
	struct message_log_request request = { .lines = SERVER_LATE_LOG_SEEN };

	if (server->state == SERVER_RUNNING && worker != NULL) {
		server->late_log_id = channel_next_id(&worker->channel);
		(void)channel_send_log_request(&worker->channel, server->late_log_id, &request, -1);
		return;
	}
	if (server->state != SERVER_WAITING)
		server_fail_late(supervisor, "");
}
