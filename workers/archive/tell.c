/*
 * Tells the supervisor, for whoever asks for a status, how far the repository reaches and what of it is proven.
 */
#include <stdio.h>

#include "workers/archive/archive.h"

static bool
are_same(const struct archive_moments *a, const struct archive_moments *b)
{
	return a->backup_us == b->backup_us && a->stored_us == b->stored_us && a->proven_us == b->proven_us &&
	    a->drilled_us == b->drilled_us && a->recovery_key == b->recovery_key && a->command == b->command;
}

void
archive_tell(struct archive *archive)
{
	const struct archive_moments now = { .backup_us = archive->last_us,
		.stored_us = ship_recoverable_us(&archive->ship),
		.proven_us = archive_drill_proven_us(archive),
		.drilled_us = archive->drill.known ? archive->drill.passed_us : 0,
		.recovery_key = archive->has_recovery_key,
		.command = archive->key.proven };
	struct message_status_backup message;
	char opens[128];

	/* What the repository has is not known before it was looked at. */
	if ((!archive->looked && archive->looked_ms == 0) || are_same(&now, &archive->told))
		return;
	archive->told = now;
	(void)snprintf(opens, sizeof(opens), "the node's identity%s%s", now.recovery_key ? ", the recovery key" : "",
	    now.command ? ", secrets.key_command" : "");
	message = (struct message_status_backup) { .backup_us = now.backup_us,
		.stored_us = now.stored_us,
		.proven_us = now.proven_us,
		.drilled_us = now.drilled_us,
		.opens = opens };
	(void)channel_send_status_backup(&archive->worker->channel, 0, &message, -1);
}
