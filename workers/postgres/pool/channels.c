/*
 * A hash table of channels, each with the sessions that are subscribed to it.
 */
#include "workers/postgres/pool/channels.h"

#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

static uint32_t
hash_name(const char *name)
{
	uint32_t hash = 0x811c9dc5u;

	for (const char *p = name; *p != '\0'; p++)
		hash = (hash ^ (uint8_t)*p) * 0x01000193u;
	return hash;
}

static struct notify_channel *
find_hashed(const struct channels *channels, const char *name, uint32_t hash)
{
	struct notify_channel *channel;

	LIST_FOREACH(channel, &channels->buckets[hash % CHANNELS_BUCKETS], bucket)
	if (channel->hash == hash && strcmp(channel->name, name) == 0)
		return channel;
	return NULL;
}

struct notify_channel *
channels_find(const struct channels *channels, const char *name)
{
	return find_hashed(channels, name, hash_name(name));
}

static struct notify_channel *
channels_need(struct channels *channels, const char *name, bool *is_new)
{
	uint32_t hash = hash_name(name);
	struct notify_channel *channel = find_hashed(channels, name, hash);

	*is_new = channel == NULL;
	if (channel != NULL || (channel = calloc(1, sizeof(*channel))) == NULL)
		return channel;
	channel->hash = hash;
	(void)strlcpy(channel->name, name, sizeof(channel->name));
	LIST_INSERT_HEAD(&channels->buckets[hash % CHANNELS_BUCKETS], channel, bucket);
	channels->n++;
	return channel;
}

struct subscription *
channels_subscribe(struct channels *channels, struct listening *listening, struct subscription_list *list,
    const char *name, bool *is_new)
{
	struct subscription *subscription = calloc(1, sizeof(*subscription));
	struct notify_channel *channel;

	if (subscription == NULL || (channel = channels_need(channels, name, is_new)) == NULL) {
		free(subscription);
		return NULL;
	}
	subscription->channel = channel;
	subscription->listening = listening;
	LIST_INSERT_HEAD(&channel->subscriptions, subscription, of_channel);
	LIST_INSERT_HEAD(list, subscription, of_listening);
	return subscription;
}

bool
channels_unsubscribe(struct channels *channels, struct subscription *subscription, char name[WORDS_NAME_SIZE])
{
	struct notify_channel *channel = subscription->channel;

	LIST_REMOVE(subscription, of_channel);
	LIST_REMOVE(subscription, of_listening);
	free(subscription);
	if (!LIST_EMPTY(&channel->subscriptions))
		return false;
	(void)strlcpy(name, channel->name, WORDS_NAME_SIZE);
	LIST_REMOVE(channel, bucket);
	free(channel);
	channels->n--;
	return true;
}

struct subscription *
channels_find_in(const struct channels *channels, const struct listening *listening, const char *name)
{
	struct notify_channel *channel = channels_find(channels, name);
	struct subscription *subscription;

	if (channel == NULL)
		return NULL;
	LIST_FOREACH(subscription, &channel->subscriptions, of_channel)
	if (subscription->listening == listening)
		return subscription;
	return NULL;
}
