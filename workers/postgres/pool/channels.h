/*
 * A table of the channels of LISTEN, and of the sessions that are subscribed to each. It knows no socket.
 */
#ifndef BIBD_POSTGRES_CHANNELS_H
#define BIBD_POSTGRES_CHANNELS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "workers/postgres/words/words.h"

#define CHANNELS_BUCKETS 1024

struct notify_channel;
struct listening;

struct subscription {
	LIST_ENTRY(subscription) of_channel;
	LIST_ENTRY(subscription) of_listening;
	struct notify_channel *channel;
	struct listening *listening;
	bool committed; /* else its LISTEN is in a transaction that is not over */
	bool wanted;	/* while the outcome of a transaction is worked out */
};
LIST_HEAD(subscription_list, subscription);

struct notify_channel {
	LIST_ENTRY(notify_channel) bucket;
	struct subscription_list subscriptions; /* never empty */
	uint32_t hash;
	char name[WORDS_NAME_SIZE];
};

/* Zeroed memory is an empty table. */
struct channels {
	LIST_HEAD(channel_bucket, notify_channel) buckets[CHANNELS_BUCKETS];
	unsigned n;
};

/* NULL: no session is subscribed to it. */
struct notify_channel *channels_find(const struct channels *channels, const char *name);

/* Subscribes, in the list that is the listening's; is_new: nobody was subscribed to the channel before. NULL when
 * memory is out. */
struct subscription *channels_subscribe(struct channels *channels, struct listening *listening,
    struct subscription_list *list, const char *name, bool *is_new);

/* Ends and frees a subscription. Returns true when it was the channel's last: the channel is freed too, and its name
 * copied to name. */
bool channels_unsubscribe(struct channels *channels, struct subscription *subscription, char name[WORDS_NAME_SIZE]);

/* The subscription of this session to the channel, or NULL. */
struct subscription *channels_find_in(const struct channels *channels, const struct listening *listening,
    const char *name);

#endif
