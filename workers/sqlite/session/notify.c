/*
 * Keeps what a transaction asks for, and takes its notifications at the commit to the inboxes of those who listen.
 */
#include "workers/sqlite/session/notify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/session/session.h"
#include "workers/sqlite/types/array_reader.h"

int
notify_hub_open(struct notify_hub *hub)
{
	LIST_INIT(&hub->listeners);
	errno = pthread_mutex_init(&hub->mutex, NULL);
	return errno == 0 ? 0 : -1;
}

/* ---- within the transaction ---- */

static void
drop_actions(struct notify_box *n, size_t keep)
{
	while (n->nactions > keep) {
		struct notify_action *action = &n->actions[--n->nactions];

		n->bytes -= strlen(action->channel) + strlen(action->payload);
		free(action->channel);
		free(action->payload);
	}
	if (keep == 0) {
		free(n->actions);
		n->actions = NULL;
		n->capacity = 0;
	}
}

static int
check(enum notify_what what, const char *channel, const char *payload, const struct notify_box *n, struct report *r)
{
	if (what == NOTIFY_UNLISTEN_ALL)
		return 0;
	if (channel[0] == '\0')
		return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "channel name cannot be empty");
	if (strlen(channel) >= NOTIFY_CHANNEL_BYTES)
		return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "channel name too long");
	if (strlen(payload) >= NOTIFY_PAYLOAD_BYTES)
		return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "payload string too long");
	if (n->bytes + strlen(channel) + strlen(payload) > NOTIFY_PENDING_MAX || n->nactions >= NOTIFY_PENDING_MAX / 64)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "too many notifications in the NOTIFY queue");
	if (what == NOTIFY_LISTEN && n->nchannels >= NOTIFY_CHANNELS_MAX)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "a session listens to %d channels at most",
		    NOTIFY_CHANNELS_MAX);
	return 0;
}

int
notify_add(struct session *session, enum notify_what what, const char *channel, const char *payload, struct report *r)
{
	struct notify_box *n = &session->notify;
	struct notify_action action = { .what = what, .depth = session->transaction.nsavepoints };

	if (check(what, channel, payload, n, r) == -1)
		return -1;
	if (n->nactions == n->capacity) {
		size_t capacity = n->capacity == 0 ? 8 : 2 * n->capacity;
		struct notify_action *grown = reallocarray(n->actions, capacity, sizeof(*grown));

		if (grown == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		n->actions = grown;
		n->capacity = capacity;
	}
	action.channel = strdup(channel);
	action.payload = strdup(payload);
	if (action.channel == NULL || action.payload == NULL) {
		free(action.channel);
		free(action.payload);
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	}
	n->bytes += strlen(channel) + strlen(payload);
	n->actions[n->nactions++] = action;
	/* What a statement by itself asks for is done when it has ended. */
	transaction_begin_implicit(session);
	return 0;
}

void
notify_rollback(struct session *session)
{
	drop_actions(&session->notify, 0);
}

void
notify_rollback_to(struct session *session, unsigned depth)
{
	struct notify_box *n = &session->notify;
	size_t keep = n->nactions;

	while (keep > 0 && n->actions[keep - 1].depth > depth)
		keep--;
	drop_actions(n, keep);
}

void
notify_release(struct session *session, unsigned depth)
{
	struct notify_box *n = &session->notify;

	for (size_t i = n->nactions; i > 0 && n->actions[i - 1].depth > depth; i--)
		n->actions[i - 1].depth = depth;
}

/* ---- the hub: with its mutex held ---- */

int
notify_find_channel(const struct notify_box *n, const char *channel)
{
	for (unsigned i = 0; i < n->nchannels; i++)
		if (strcmp(n->channels[i], channel) == 0)
			return (int)i;
	return -1;
}

static void
empty_inbox(struct notify_box *n)
{
	struct notify_message *message;

	while ((message = STAILQ_FIRST(&n->inbox)) != NULL) {
		STAILQ_REMOVE_HEAD(&n->inbox, entry);
		free(message);
	}
	n->inbox_bytes = 0;
}

static void
forget_channels(struct notify_hub *hub, struct notify_box *n)
{
	if (n->nchannels == 0)
		return;
	while (n->nchannels > 0)
		free(n->channels[--n->nchannels]);
	free(n->channels);
	n->channels = NULL;
	LIST_REMOVE(n, entry);
	atomic_fetch_sub(&hub->nlisteners, 1);
}

/* It lost what it could not be given: it is told, and ended. */
static void
lose(struct notify_hub *hub, struct notify_box *n)
{
	empty_inbox(n);
	forget_channels(hub, n);
	n->lost = true;
}

static void
listen_to(struct notify_hub *hub, struct notify_box *n, const char *channel)
{
	char **grown, *name;

	if (n->lost || notify_find_channel(n, channel) != -1)
		return;
	grown = reallocarray(n->channels, n->nchannels + 1, sizeof(*grown));
	if (grown != NULL)
		n->channels = grown;
	if (grown == NULL || n->nchannels >= NOTIFY_CHANNELS_MAX || (name = strdup(channel)) == NULL) {
		lose(hub, n);
		atomic_store(&n->called, true);
		return;
	}
	n->channels[n->nchannels++] = name;
	if (n->nchannels > 1)
		return;
	LIST_INSERT_HEAD(&hub->listeners, n, entry);
	atomic_fetch_add(&hub->nlisteners, 1);
}

static void
unlisten(struct notify_hub *hub, struct notify_box *n, const char *channel)
{
	int i = notify_find_channel(n, channel);

	if (i == -1)
		return;
	if (n->nchannels == 1) {
		forget_channels(hub, n);
		return;
	}
	free(n->channels[i]);
	n->channels[i] = n->channels[--n->nchannels];
}

static struct notify_message *
message_new(const struct notify_action *action, uint32_t pid)
{
	size_t channel = strlen(action->channel) + 1, payload = strlen(action->payload) + 1;
	struct notify_message *message = malloc(sizeof(*message) + channel + payload);

	if (message == NULL)
		return NULL;
	message->pid = pid;
	message->bytes = sizeof(*message) + channel + payload;
	memcpy(message->channel, action->channel, channel);
	memcpy(message->channel + channel, action->payload, payload);
	message->payload = message->channel + channel;
	return message;
}

static void
publish_to(struct notify_hub *hub, struct notify_box *n, const struct notify_action *action, struct session *from)
{
	struct notify_message *message = message_new(action, from->pid);
	bool listens = notify_find_channel(n, action->channel) != -1, first = STAILQ_EMPTY(&n->inbox);

	if (message == NULL || n->inbox_bytes + message->bytes > NOTIFY_INBOX_MAX) {
		free(message);
		if (!listens)
			return;
		lose(hub, n);
		first = true;
	} else {
		STAILQ_INSERT_TAIL(&n->inbox, message, entry);
		n->inbox_bytes += message->bytes;
	}
	atomic_store(&n->called, true);
	if (first && n->session != from)
		pool_call(&n->session->sqlite->pool, &n->session->task);
}

static void
publish(struct notify_hub *hub, const struct notify_action *action, struct session *from)
{
	struct notify_box *n, *next;

	/* One that is lost leaves the list. */
	for (n = LIST_FIRST(&hub->listeners); n != NULL; n = next) {
		next = LIST_NEXT(n, entry);
		if (n->busy || notify_find_channel(n, action->channel) != -1)
			publish_to(hub, n, action, from);
	}
}

/* ---- the commit ---- */

static int
compare_messages(const void *a, const void *b)
{
	const struct notify_action *x = *(const struct notify_action *const *)a,
				   *y = *(const struct notify_action *const *)b;
	int order = strcmp(x->channel, y->channel);

	if (order == 0)
		order = strcmp(x->payload, y->payload);
	return order != 0 ? order : x < y ? -1 : x > y;
}

/* Of notifications that are the same the first is sent: the others become nothing. */
static void
fold(struct notify_box *n)
{
	const struct notify_action **sorted = n->nactions < 2 ? NULL : calloc(n->nactions, sizeof(*sorted));
	size_t count = 0;

	for (size_t i = 0; sorted != NULL && i < n->nactions; i++)
		if (n->actions[i].what == NOTIFY_SEND)
			sorted[count++] = &n->actions[i];
	if (count > 1)
		qsort(sorted, count, sizeof(*sorted), compare_messages);
	for (size_t i = 1; i < count; i++) {
		struct notify_action *action = &n->actions[sorted[i] - n->actions];

		if (strcmp(action->channel, sorted[i - 1]->channel) == 0 &&
		    strcmp(action->payload, sorted[i - 1]->payload) == 0)
			action->depth = UINT32_MAX;
	}
	free(sorted);
}

void
notify_commit(struct session *session)
{
	struct notify_hub *hub = &session->sqlite->notify;
	struct notify_box *n = &session->notify;
	struct memory_account *before;

	if (n->nactions == 0)
		return;
	fold(n);
	/* What is in an inbox is charged to nobody: it is bounded by itself. */
	before = memory_use(NULL);
	pthread_mutex_lock(&hub->mutex);
	for (size_t i = 0; i < n->nactions; i++) {
		const struct notify_action *action = &n->actions[i];

		if (action->what == NOTIFY_LISTEN)
			listen_to(hub, n, action->channel);
		else if (action->what == NOTIFY_UNLISTEN)
			unlisten(hub, n, action->channel);
		else if (action->what == NOTIFY_UNLISTEN_ALL)
			forget_channels(hub, n);
	}
	n->busy = n->registered = n->nchannels > 0;
	if (!n->registered)
		empty_inbox(n);
	for (size_t i = 0; i < n->nactions; i++)
		if (n->actions[i].what == NOTIFY_SEND && n->actions[i].depth != UINT32_MAX)
			publish(hub, &n->actions[i], session);
	pthread_mutex_unlock(&hub->mutex);
	(void)memory_use(before);
	drop_actions(n, 0);
}

char *
notify_channels(struct session *session)
{
	struct notify_hub *hub = &session->sqlite->notify;
	struct pgwire_buffer out = { 0 };

	pgwire_put_bytes(&out, "{", 1);
	pthread_mutex_lock(&hub->mutex);
	for (unsigned i = 0; i < session->notify.nchannels; i++)
		array_put_text(&out, session->notify.channels[i], strlen(session->notify.channels[i]), false, i == 0);
	pthread_mutex_unlock(&hub->mutex);
	pgwire_put_bytes(&out, "}", 2);
	if (!out.failed)
		return (char *)out.data + out.start;
	pgwire_buffer_free(&out);
	return NULL;
}

void
notify_leave(struct session *session)
{
	struct notify_hub *hub = &session->sqlite->notify;

	struct memory_account *before;

	drop_actions(&session->notify, 0);
	before = memory_use(NULL);
	pthread_mutex_lock(&hub->mutex);
	empty_inbox(&session->notify);
	forget_channels(hub, &session->notify);
	pthread_mutex_unlock(&hub->mutex);
	(void)memory_use(before);
}
