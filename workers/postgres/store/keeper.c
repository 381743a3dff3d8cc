/* The channel to the keeper, from which the credentials come. */
#include "common/log.h"
#include "workers/postgres/store/private.h"

static void
pg_store_ask_keeper(struct pg_store *store)
{
	if (channel_is_open(&store->keeper))
		(void)channel_send_credentials_request(&store->keeper, channel_next_id(&store->keeper), NULL, -1);
}

/* Asks for the credentials; when there is no channel now, as soon as the supervisor brings one. */
void
pg_store_enter_credentials(struct pg_store *store)
{
	if (store->credentials.count > 0)
		pg_store_happened(store, STORE_DONE);
	else
		pg_store_ask_keeper(store);
}

static void
pg_store_take_credentials(void *context, struct frame *frame, const struct message_credentials *message)
{
	struct pg_store *store = context;
	struct error e;

	(void)message;
	if (store->state == STORE_CREDENTIALS) {
		if (pg_store_take_new_credentials(store, frame->fd, &e) == -1)
			pg_store_fail(store, &e);
		else {
			store->fresh = true;
			pg_store_happened(store, STORE_DONE);
		}
		return;
	}
	/* Credentials that come unasked are renewed ones, for all connections that are made from now on. */
	if (store->credentials.count > 0 && pg_store_take_new_credentials(store, frame->fd, &e) == -1)
		log_error("new credentials cannot be taken: %s", e.text);
}

static void
pg_store_take_reload_server(void *context, struct frame *frame, const struct message_reload_server *message)
{
	(void)frame;
	(void)message;
	pg_store_reload_server(context);
}

static void
pg_store_take_failed(void *context, struct frame *frame, const struct message_failed *message)
{
	struct pg_store *store = context;

	(void)frame;
	if (store->state != STORE_CREDENTIALS)
		return;
	/* Passed on in keeper's own words: it knows what is wrong and what to do. */
	if (store->asked)
		(void)channel_send_failed(&store->worker->channel, store->request_id, message, -1);
	store->asked = false;
	pg_store_happened(store, STORE_FAILED);
	pg_store_end_availability(store, message->text);
}

static void
pg_store_keeper_closed(struct channel *channel, const struct error *why)
{
	(void)channel;
	log_debug("the keeper's channel has ended: %s", why->text);
}

void
pg_store_take_peer(struct pg_store *store, int fd)
{
	static const struct message_handlers handlers = { .credentials = pg_store_take_credentials,
		.failed = pg_store_take_failed,
		.reload_server = pg_store_take_reload_server,
		.rotate_logins = pg_store_take_rotate_logins,
		.retire_logins = pg_store_take_retire_logins };
	struct error e;

	channel_close(&store->keeper);
	if (channel_open(&store->keeper, &store->worker->loop, fd, PROCESS_POSTGRES, PROCESS_KEEPER, &handlers, store,
		pg_store_keeper_closed, &e) == -1)
		log_error("%s", e.text);
	else if (store->state == STORE_CREDENTIALS)
		pg_store_ask_keeper(store);
}
