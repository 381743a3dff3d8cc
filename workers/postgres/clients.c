/*
 * What the supervisor asks about clients: how many there are, who they are, that one is ended, that all are held.
 */
#include "workers/postgres/postgres.h"

#include <inttypes.h>
#include <stdio.h>

void
postgres_statistics(void *context, struct frame *frame, const struct message_statistics_request *message)
{
	struct worker *worker = context;
	struct postgres *postgres = worker->state;
	struct message_statistics s = { .store_state = "" };
	char took[TRAFFIC_TEXT_SIZE], waited[TRAFFIC_TEXT_SIZE];

	(void)message;
	pg_pool_statistics(&postgres->pool, &s);
	traffic_fill(&postgres->pool.traffic, 1, &s, took);
	s.waited = traffic_fill_one(&postgres->pool.waits, &s.waited_us, waited);
	pg_store_statistics(postgres->store, &s);
	(void)channel_send_statistics(&worker->channel, frame->header.id, &s, -1);
}

static void
postgres_result(struct worker *worker, uint32_t id, enum status status, const char *code, const char *text)
{
	struct message_result result = { .status = (uint32_t)status, .code = code, .text = text };

	(void)channel_send_result(&worker->channel, id, &result, -1);
}

void
postgres_list_clients(void *context, struct frame *frame, const struct message_clients_request *message)
{
	struct worker *worker = context;
	struct postgres *postgres = worker->state;
	struct error e;
	int fd = pg_pool_list_clients(&postgres->pool, message->uid, &e);

	if (fd == -1) {
		postgres_result(worker, frame->header.id, e.status, e.code, e.text);
		return;
	}
	(void)channel_send_clients(&worker->channel, frame->header.id, NULL, fd);
	postgres_result(worker, frame->header.id, STATUS_OK, "clients", "");
}

void
postgres_kill(void *context, struct frame *frame, const struct message_kill_request *message)
{
	struct worker *worker = context;
	struct postgres *postgres = worker->state;
	char text[ERROR_TEXT_MAX];

	if (!pg_pool_kill(&postgres->pool, message->session, text, sizeof(text))) {
		(void)snprintf(text, sizeof(text), "no session has the id %" PRIu32 "; `bibctl clients` lists them",
		    message->session);
		postgres_result(worker, frame->header.id, STATUS_USAGE, "clients.none", text);
		return;
	}
	log_notice("%s by bibctl kill of uid %" PRId64, text, message->uid);
	worker_event(worker, "session.terminated", "%s by bibctl kill of uid %" PRId64, text, message->uid);
	postgres_result(worker, frame->header.id, STATUS_OK, "session.terminated", text);
}

void
postgres_pause(void *context, struct frame *frame, const struct message_pause *message)
{
	struct worker *worker = context;
	struct postgres *postgres = worker->state;

	(void)frame;
	pg_pool_pause(&postgres->pool, message->drain_ms);
}

void
postgres_resume(void *context, struct frame *frame, const struct message_resume *message)
{
	struct worker *worker = context;
	struct postgres *postgres = worker->state;

	(void)frame;
	(void)message;
	pg_pool_unpause(&postgres->pool);
}
