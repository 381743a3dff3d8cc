/*
 * Answers CLIENTS_REQUEST with a list in a memory file, and KILL_REQUEST by ending the session.
 */
#include "workers/sqlite/session/sqlite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/client_list.h"
#include "common/memfd.h"
#include "workers/sqlite/session/activity.h"

static void
clients_result(struct worker *worker, uint32_t id, enum status status, const char *code, const char *text)
{
	struct message_result result = { .status = (uint32_t)status, .code = code, .text = text };

	(void)channel_send_result(&worker->channel, id, &result, -1);
}

/* asks: the uid of who is to see the list, -1: one who may see all. */
static void
clients_put(FILE *file, const struct sql_activity *a, int64_t asks)
{
	char statement[CLIENT_LIST_STATEMENT];
	struct client_row row = { .id = a->pid,
		.uid = (int64_t)a->uid,
		.pid = (int64_t)a->client_pid,
		.bytes = a->bytes,
		.statements = a->statements,
		.connected_us = a->began_us,
		.since_us = a->changed_us,
		.transaction_us = a->transaction_us,
		.shown = asks == -1 || asks == (int64_t)a->uid,
		.role = role_names[a->role],
		.application = a->application,
		.state = a->waits ? "waiting" : a->state,
		.holds = a->holds == NULL ? "" : a->holds,
		.statement = "" };

	if (row.shown) {
		trail_text_strip(a->query, strlen(a->query), statement, sizeof(statement));
		row.statement = statement;
	}
	client_list_put(file, &row);
}

/* The whole list, malloc'ed; NULL: memory is out. */
static char *
clients_write(struct sqlite *sqlite, int64_t asks, size_t *size)
{
	char *text = NULL;
	size_t n;
	struct sql_activity *rows = activity_copy_all(sqlite, &n);
	FILE *file = rows == NULL ? NULL : open_memstream(&text, size);

	for (size_t i = 0; file != NULL && i < n; i++)
		clients_put(file, &rows[i], asks);
	free(rows);
	if (file != NULL && fclose(file) == 0)
		return text;
	free(text);
	return NULL;
}

void
clients_take_request(void *context, struct frame *frame, const struct message_clients_request *message)
{
	struct worker *worker = context;
	struct error e = { .text = "out of memory" };
	size_t size = 0;
	char *text = clients_write(worker->state, message->uid, &size);
	int fd = text == NULL ? -1 : memfd_create_sealed("bibd-clients", text, size, &e);

	free(text);
	if (fd == -1) {
		clients_result(worker, frame->header.id, STATUS_OS, "clients.memory", e.text);
		return;
	}
	(void)channel_send_clients(&worker->channel, frame->header.id, NULL, fd);
	clients_result(worker, frame->header.id, STATUS_OK, "clients", "");
}

void
clients_take_kill(void *context, struct frame *frame, const struct message_kill_request *message)
{
	struct worker *worker = context;
	struct sql_sessions sessions = activity_sessions(worker->state);
	struct sql_activity *rows, *found = NULL;
	char text[ERROR_TEXT_MAX];
	size_t n;

	rows = activity_copy_all(worker->state, &n);
	for (size_t i = 0; rows != NULL && i < n && found == NULL; i++)
		found = rows[i].pid == message->session ? &rows[i] : NULL;
	if (found == NULL || sessions.signal(sessions.arg, message->session, ROLE_ADMIN, true) != 1) {
		free(rows);
		(void)snprintf(text, sizeof(text), "no session has the id %" PRIu32 "; `bibctl clients` lists them",
		    message->session);
		clients_result(worker, frame->header.id, STATUS_USAGE, "clients.none", text);
		return;
	}
	(void)snprintf(text, sizeof(text), "session %" PRIu32 " (uid %lu, pid %ld, role %s) was ended", found->pid,
	    (unsigned long)found->uid, (long)found->client_pid, role_names[found->role]);
	free(rows);
	log_notice("%s by bibctl kill of uid %" PRId64, text, message->uid);
	worker_event(worker, "session.terminated", "%s by bibctl kill of uid %" PRId64, text, message->uid);
	clients_result(worker, frame->header.id, STATUS_OK, "session.terminated", text);
}
