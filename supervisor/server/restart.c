/*
 * bibctl restart server: clients are paused, PostgreSQL is stopped in an orderly way and started again as after a
 * failure, but nothing is counted. Idle clients stay connected, and their next statement waits; a transaction that does
 * not end within server.shutdown_timeout is lost with its connection, as by PostgreSQL's own fast shutdown.
 */
#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/supervisor.h"

static void
server_restart_result(struct supervisor *s, uint32_t id, enum status status, const char *code, const char *text)
{
	struct child *control = supervisor_child(s, PROCESS_CONTROL);
	struct message_result result = { .status = (uint32_t)status, .code = code, .text = text };

	if (control != NULL && id != 0)
		(void)channel_send_result(&control->channel, id, &result, -1);
}

/* Why there is no server to be restarted now, or NULL. */
static const char *
server_restart_objection(const struct supervisor *s, enum status *status)
{
	*status = STATUS_USAGE;
	if (s->node.conf->database.backend == CONF_BACKEND_SQLITE)
		return "this node is on SQLite, which has no server; restarting bibd itself is for the service manager";
	if (!server_is_managed(s))
		return "this node's PostgreSQL server is not run by bibd: restart it where it runs";
	*status = STATUS_UNAVAILABLE;
	if (s->server.restarting.asked)
		return "the server is being restarted already";
	if (s->node.ready_since_us == 0 || s->server.state != SERVER_RUNNING)
		return "the server does not run now, and is started again by itself: `bibctl status` says why";
	if (s->pause.state == PAUSE_DRAINING)
		return "clients are being paused; try again";
	return NULL;
}

void
server_take_restart_request(struct supervisor *supervisor, uint32_t id, const struct message_restart_request *message)
{
	struct server_restart *restart = &supervisor->server.restarting;
	enum status status;
	const char *objection = server_restart_objection(supervisor, &status);

	if (objection != NULL) {
		server_restart_result(supervisor, id, status, "server.restart_refused", objection);
		return;
	}
	*restart = (struct server_restart) {
		.asked = true, .asked_id = id, .began_us = clock_realtime_us()
	};
	log_notice("the PostgreSQL server is restarted, as bibctl of uid %" PRId64 " asks", message->uid);
	events_add(&supervisor->node.events, "server", "server.restarting", "it is restarted, as bibctl of uid %" PRId64 " asks",
	    message->uid);
	pause_for_restart(supervisor, message->uid, supervisor->node.conf->server.shutdown_timeout);
}

void
server_restart_drained(struct supervisor *supervisor, uint32_t open, const char *who)
{
	struct server *server = &supervisor->server;
	struct child *worker = server_worker(supervisor);

	/* It has failed meanwhile: what is done about that starts it as well. */
	if (!server->restarting.asked || server->state != SERVER_RUNNING || worker == NULL ||
	    lifecycle_is_stopping(&supervisor->node.lifecycle)) {
		pause_end_restart(supervisor);
		return;
	}
	server->restarting.lost = open;
	if (open > 0) {
		log_warning("%" PRIu32 " transactions did not end in time and are lost (session %s)", open, who);
		events_add(&supervisor->node.events, "server", "server.restarting",
		    "%" PRIu32 " transactions did not end in time and are lost (session %s)", open, who);
	}
	lifecycle_take(&supervisor->node.lifecycle, LIFECYCLE_SERVER_LOST);
	server_stop_to_start(supervisor, worker, SERVER_STOP_MS);
}

void
server_restart_done(struct supervisor *supervisor)
{
	struct server_restart *restart = &supervisor->server.restarting;
	char text[ERROR_TEXT_MAX], lost[64] = "";
	int64_t took_ms = (clock_realtime_us() - restart->began_us) / 1000;

	pause_end_restart(supervisor);
	if (!restart->asked)
		return;
	restart->asked = false;
	if (restart->lost > 0)
		(void)snprintf(lost, sizeof(lost), "; %" PRIu32 " transaction%s lost", restart->lost,
		    restart->lost == 1 ? " was" : "s were");
	(void)snprintf(text, sizeof(text), "the PostgreSQL server was restarted in %" PRId64 ".%" PRId64 " s%s",
	    took_ms / 1000, took_ms % 1000 / 100, lost);
	log_notice("%s", text);
	events_add(&supervisor->node.events, "server", "server.restarted", "%s", text);
	server_restart_result(supervisor, restart->asked_id, STATUS_OK, "server.restarted", text);
}

void
server_restart_failed(struct supervisor *supervisor, const char *cause)
{
	struct server_restart *restart = &supervisor->server.restarting;
	char text[ERROR_TEXT_MAX];

	pause_end_restart(supervisor);
	if (!restart->asked)
		return;
	restart->asked = false;
	(void)snprintf(text, sizeof(text), "the server did not come back, and health.action says what is done about it: %s",
	    cause);
	server_restart_result(supervisor, restart->asked_id, STATUS_UNAVAILABLE, "server.restart_failed", text);
}

void
server_restart_forget_asker(struct supervisor *supervisor)
{
	supervisor->server.restarting.asked_id = 0;
}
