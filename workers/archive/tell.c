/*
 * Tells the supervisor, for whoever asks for a status, how far the repository reaches and what of it is proven.
 */
#include <stdio.h>
#include <string.h>

#include "workers/archive/archive.h"

void
archive_tell(struct archive *archive)
{
	struct archive_moments now;
	struct message_status_backup message;
	char opens[128];

	/* Without padding that differs. */
	memset(&now, 0, sizeof(now));
	now.backup_us = archive->last_us;
	now.stored_us = ship_recoverable_us(&archive->ship);
	now.proven_us = archive_drill_proven_us(archive);
	now.drilled_us = archive->drill.known ? archive->drill.passed_us : 0;
	now.recovery_key = archive->has_recovery_key;
	now.command = archive->key.proven;
	/* What the repository has is not known before it was looked at. */
	if ((!archive->looked && archive->looked_ms == 0) || memcmp(&now, &archive->told, sizeof(now)) == 0)
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
