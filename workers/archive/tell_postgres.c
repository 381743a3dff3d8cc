/* What bibd-postgres is told of the repository, and what it asks for: that no commit is confirmed too early. */
#include <string.h>

#include "workers/archive/archive.h"

/* So many objects may be on their way to a repository that keeps up. */
#define TELL_BEHIND_MAX 4

static void
tell_take_commits_wait(void *context, struct frame *frame, const struct message_commits_wait *message)
{
	struct archive *archive = context;

	(void)frame;
	if (archive->ship.wal == NULL)
		return;
	atomic_store(&archive->ship.wal->lenient, !message->wait);
	archive_tell_state(archive, true);
}

const struct message_handlers archive_told_handlers = { .commits_wait = tell_take_commits_wait };

void
archive_tell_state(struct archive *archive, bool again)
{
	struct ship *ship = &archive->ship;
	struct message_repository_state state = { .proven_us = archive_drill_proven_us(archive) };

	if (!channel_is_open(&archive->postgres) || ship->wal == NULL)
		return;
	state.strict = !atomic_load(&ship->wal->lenient);
	pthread_mutex_lock(&ship->lock);
	state.ready = sender_count(&ship->sender) <= TELL_BEHIND_MAX && ship->attached && !ship->full &&
	    ship->failing[0] == '\0' && ship->based[0] != '\0' && strcmp(ship->based, ship->place.stream) == 0;
	state.recoverable_us = ship->recoverable_us;
	pthread_mutex_unlock(&ship->lock);
	if (!again && archive->has_state && state.strict == archive->state.strict &&
	    state.ready == archive->state.ready && state.recoverable_us == archive->state.recoverable_us &&
	    state.proven_us == archive->state.proven_us)
		return;
	archive->state = state;
	archive->has_state = true;
	(void)channel_send_repository_state(&archive->postgres, 0, &state, -1);
}
