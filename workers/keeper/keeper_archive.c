/*
 * Gives bibd-archive what it needs of the identity: the key that wraps a repository's, and the one that signs.
 */
#include <string.h>
#include <unistd.h>

#include "common/memfd.h"
#include "workers/keeper/keeper.h"

/* As bibd-repository(5) has them. */
#define ARCHIVE_WRAP "bibd archive key"
#define ARCHIVE_SIGN "bibd archive signature"
#define ARCHIVE_KEY_SIZE 32

static int
archive_seal_keys(const struct keeper *keeper, struct error *e)
{
	uint8_t keys[2 * ARCHIVE_KEY_SIZE];
	struct identity identity;
	int fd = -1;

	if (keeper_open_identity(keeper, &identity, e) == -1)
		return -1;
	if (identity_derive(&identity, ARCHIVE_WRAP, keys, ARCHIVE_KEY_SIZE, e) == 0 &&
	    identity_derive(&identity, ARCHIVE_SIGN, keys + ARCHIVE_KEY_SIZE, ARCHIVE_KEY_SIZE, e) == 0)
		fd = memfd_create_sealed("bibd-archive-keys", keys, sizeof(keys), e);
	explicit_bzero(keys, sizeof(keys));
	identity_close(&identity);
	return fd;
}

void
keeper_archive_tell(struct keeper *keeper)
{
	struct error e;
	int fd;

	if (keeper->state != KEEPER_OPEN || !channel_is_open(&keeper->archive))
		return;
	if ((fd = archive_seal_keys(keeper, &e)) == -1) {
		log_error("bibd-archive gets no keys: %s", e.text);
		return;
	}
	(void)channel_send_archive_keys(&keeper->archive, 0, NULL, fd);
}

static void
archive_closed(struct channel *channel, const struct error *why)
{
	if (strcmp(why->code, "channel.closed") != 0)
		log_warning("the channel to %s is closed: %s", process_name(channel->peer), why->text);
}

void
keeper_archive_connect(struct keeper *keeper, int fd)
{
	/* bibd-archive sends keeper no message. */
	static const struct message_handlers handlers = { 0 };
	struct error e;

	channel_close(&keeper->archive);
	if (channel_open(&keeper->archive, &keeper->worker->loop, fd, PROCESS_KEEPER, PROCESS_ARCHIVE, &handlers,
		keeper, archive_closed, &e) == -1)
		log_error("%s", e.text);
	keeper_archive_tell(keeper);
}
