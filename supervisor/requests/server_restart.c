/*
 * Pauses clients, has the server stopped and started, and answers the bibctl that asked for it.
 */
#include "supervisor/requests/server_restart.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/node/node.h"
#include "supervisor/requests/pause.h"
#include "supervisor/requests/requests.h"
#include "supervisor/server/server.h"

/* Why there is no server to be restarted now, or NULL. */
static const char *
server_restart_objection(const struct requests *requests, enum status *status)
{
	*status = STATUS_USAGE;
	if (requests->node->conf->database.backend == CONF_BACKEND_SQLITE)
		return "this node is on SQLite, which has no server; restarting bibd itself is for the service manager";
	if (!node_has_server(requests->node))
		return "this node's PostgreSQL server is not run by bibd: restart it where it runs";
	*status = STATUS_UNAVAILABLE;
	if (requests->restart.asked)
		return "the server is being restarted already";
	if (requests->node->ready_since_us == 0 || requests->server->state != SERVER_RUNNING)
		return "the server does not run now, and is started again by itself: `bibctl status` says why";
	if (requests->pause.state == PAUSE_DRAINING)
		return "clients are being paused; try again";
	return NULL;
}

static void
server_restart_drained(struct requests *requests, uint32_t open, const char *who)
{
	struct server *server = requests->server;
	struct child *worker = server_worker(server);

	/* The server has failed meanwhile: the restart policy starts it again. */
	if (!requests->restart.asked || server->state != SERVER_RUNNING || worker == NULL ||
	    lifecycle_is_stopping(&requests->node->lifecycle)) {
		pause_end_restart(requests);
		return;
	}
	requests->restart.lost = open;
	if (open > 0) {
		log_warning("%" PRIu32 " transactions did not end in time and are lost (session %s)", open, who);
		events_add(&requests->node->events, "server", "server.restarting",
		    "%" PRIu32 " transactions did not end in time and are lost (session %s)", open, who);
	}
	lifecycle_take(&requests->node->lifecycle, LIFECYCLE_SERVER_LOST);
	server_stop_to_start(server, worker, SERVER_STOP_MS);
}

void
server_restart_ask(struct requests *requests, uint32_t id, const struct message_restart_request *message)
{
	struct server_restart *restart = &requests->restart;
	enum status status;
	const char *objection = server_restart_objection(requests, &status);

	if (objection != NULL) {
		requests_result(requests, id, status, "server.restart_refused", objection);
		return;
	}
	*restart = (struct server_restart) { .asked = true, .asked_id = id, .began_us = clock_realtime_us() };
	log_notice("the PostgreSQL server is restarted, as bibctl of uid %" PRId64 " asks", message->uid);
	events_add(&requests->node->events, "server", "server.restarting",
	    "it is restarted, as bibctl of uid %" PRId64 " asks", message->uid);
	pause_for_restart(requests, message->uid, requests->node->conf->server.shutdown_timeout,
	    server_restart_drained);
}

void
server_restart_done(struct requests *requests)
{
	struct server_restart *restart = &requests->restart;
	char text[ERROR_TEXT_MAX], lost[64] = "";
	int64_t took_ms = (clock_realtime_us() - restart->began_us) / 1000;

	pause_end_restart(requests);
	if (!restart->asked)
		return;
	restart->asked = false;
	if (restart->lost > 0)
		(void)snprintf(lost, sizeof(lost), "; %" PRIu32 " transaction%s lost", restart->lost,
		    restart->lost == 1 ? " was" : "s were");
	(void)snprintf(text, sizeof(text), "the PostgreSQL server was restarted in %" PRId64 ".%" PRId64 " s%s",
	    took_ms / 1000, took_ms % 1000 / 100, lost);
	log_notice("%s", text);
	events_add(&requests->node->events, "server", "server.restarted", "%s", text);
	requests_result(requests, restart->asked_id, STATUS_OK, "server.restarted", text);
}

void
server_restart_note_failure(void *context, const char *cause)
{
	struct requests *requests = context;
	struct server_restart *restart = &requests->restart;
	char text[ERROR_TEXT_MAX];

	pause_end_restart(requests);
	if (!restart->asked)
		return;
	restart->asked = false;
	(void)snprintf(text, sizeof(text),
	    "the server did not come back, and health.action says what is done about it: %s", cause);
	requests_result(requests, restart->asked_id, STATUS_UNAVAILABLE, "server.restart_failed", text);
}

void
server_restart_forget_asker(struct requests *requests)
{
	requests->restart.asked_id = 0;
}
