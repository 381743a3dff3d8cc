/*
 * What waits in a session's inbox is put into its answer, when the session is at rest.
 */
#include "workers/sqlite/session/notify.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/session.h"

/* What is put into an answer before it is sent off. */
#define DELIVER_BYTES ((size_t)64 << 10)

static void
put_message(struct pgwire_buffer *out, const struct notify_message *message)
{
	size_t mark = pgwire_begin_message(out, 'A');

	pgwire_put_int32(out, message->pid);
	pgwire_put_bytes(out, message->channel, strlen(message->channel) + 1);
	pgwire_put_bytes(out, message->payload, strlen(message->payload) + 1);
	pgwire_end_message(out, mark);
}

static int
put_lost(struct session *session)
{
	struct report r = { 0 };

	(void)report_set(&r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
	    "terminating connection: it did not take its notifications, and more than %u MiB of them would wait",
	    NOTIFY_INBOX_MAX >> 20);
	pgwire_put_report(&session->out, REPORT_FATAL, &r);
	report_reset(&r);
	return -1;
}

void
notify_begin(struct session *session)
{
	struct notify_box *n = &session->notify;

	n->at_rest = false;
	if (!n->registered || n->busy)
		return;
	pthread_mutex_lock(&session->sqlite->notify.mutex);
	n->busy = true;
	pthread_mutex_unlock(&session->sqlite->notify.mutex);
}

int
notify_deliver(struct session *session)
{
	struct notify_hub *hub = &session->sqlite->notify;
	struct notify_box *n = &session->notify;
	struct notify_message *message;
	struct memory_account *before;
	bool lost;
	int put = 0;

	if (!n->at_rest || transaction_status(session) != 'I' ||
	    (!n->busy && !atomic_load_explicit(&n->called, memory_order_acquire)))
		return 0;
	pthread_mutex_lock(&hub->mutex);
	n->busy = false;
	while (pgwire_buffer_length(&session->out) < DELIVER_BYTES && (message = STAILQ_FIRST(&n->inbox)) != NULL) {
		STAILQ_REMOVE_HEAD(&n->inbox, entry);
		n->inbox_bytes -= message->bytes;
		if (notify_find_channel(n, message->channel) != -1) {
			put_message(&session->out, message);
			put = 1;
		}
		before = memory_use(NULL);
		free(message);
		(void)memory_use(before);
	}
	lost = n->lost;
	if (put)
		session_hold_answer(session); /* who sent them has committed */
	atomic_store(&n->called, lost || !STAILQ_EMPTY(&n->inbox));
	pthread_mutex_unlock(&hub->mutex);
	return lost ? put_lost(session) : put;
}
