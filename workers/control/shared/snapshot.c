/*
 * A status is collected whole before any of it is shown: frames come one by one, and a failure half way must not leave
 * half a JSON object.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/control/shared/snapshot.h"

/* Makes *text the snapshot's own. A text that finds no memory shows as empty. */
static void
snapshot_keep_text(struct snapshot *snapshot, const char **text)
{
	char *copy = NULL;

	if (*text != NULL && snapshot->ntexts < sizeof(snapshot->texts) / sizeof(snapshot->texts[0]))
		copy = strdup(*text);
	*text = copy == NULL ? "" : copy;
	if (copy != NULL)
		snapshot->texts[snapshot->ntexts++] = copy;
}

void
snapshot_keep_node(struct snapshot *snapshot, const struct message_status_node *node)
{
	if (snapshot->has_node)
		return;
	snapshot->has_node = true;
	snapshot->node = *node;
	snapshot_keep_text(snapshot, &snapshot->node.version);
	snapshot_keep_text(snapshot, &snapshot->node.node_id);
	snapshot_keep_text(snapshot, &snapshot->node.mode);
	snapshot_keep_text(snapshot, &snapshot->node.backend);
	snapshot_keep_text(snapshot, &snapshot->node.phase);
	snapshot_keep_text(snapshot, &snapshot->node.socket);
	snapshot_keep_text(snapshot, &snapshot->node.tcp);
	snapshot_keep_text(snapshot, &snapshot->node.conf_path);
}

void
snapshot_keep_process(struct snapshot *snapshot, const struct message_status_process *process)
{
	struct message_status_process *kept;

	if (snapshot->nprocesses == SNAPSHOT_PROCESSES_MAX)
		return;
	kept = &snapshot->processes[snapshot->nprocesses++];
	*kept = *process;
	snapshot_keep_text(snapshot, &kept->name);
	snapshot_keep_text(snapshot, &kept->user);
	snapshot_keep_text(snapshot, &kept->state);
	snapshot_keep_text(snapshot, &kept->complaint);
	snapshot_keep_text(snapshot, &kept->last_cause);
}

void
snapshot_keep_server(struct snapshot *snapshot, const struct message_status_server *server)
{
	if (snapshot->has_server)
		return;
	snapshot->has_server = true;
	snapshot->server = *server;
	snapshot_keep_text(snapshot, &snapshot->server.engine);
	snapshot_keep_text(snapshot, &snapshot->server.engine_version);
	snapshot_keep_text(snapshot, &snapshot->server.container);
	snapshot_keep_text(snapshot, &snapshot->server.container_id);
	snapshot_keep_text(snapshot, &snapshot->server.image);
	snapshot_keep_text(snapshot, &snapshot->server.image_id);
	snapshot_keep_text(snapshot, &snapshot->server.address);
	snapshot_keep_text(snapshot, &snapshot->server.state);
	snapshot_keep_text(snapshot, &snapshot->server.progress);
	snapshot_keep_text(snapshot, &snapshot->server.last_cause);
	snapshot_keep_text(snapshot, &snapshot->server.logins);
	snapshot_keep_text(snapshot, &snapshot->server.rotation);
	snapshot_keep_text(snapshot, &snapshot->server.warning);
	snapshot_keep_text(snapshot, &snapshot->server.outside);
}

void
snapshot_keep_backup(struct snapshot *snapshot, const struct message_status_backup *backup)
{
	if (snapshot->has_backup)
		return;
	snapshot->has_backup = true;
	snapshot->backup = *backup;
	snapshot_keep_text(snapshot, &snapshot->backup.opens);
}

void
snapshot_keep_statistics(struct snapshot *snapshot, const struct message_statistics *statistics)
{
	if (snapshot->has_statistics)
		return;
	snapshot->has_statistics = true;
	snapshot->statistics = *statistics;
	snapshot_keep_text(snapshot, &snapshot->statistics.store_state);
	snapshot_keep_text(snapshot, &snapshot->statistics.took);
	snapshot_keep_text(snapshot, &snapshot->statistics.waited);
}

void
snapshot_keep_failure(struct snapshot *snapshot, const struct message_status_failure *failure)
{
	struct message_status_failure *kept;

	if (snapshot->nfailures == SNAPSHOT_FAILURES_MAX)
		return;
	kept = &snapshot->failures[snapshot->nfailures++];
	*kept = *failure;
	snapshot_keep_text(snapshot, &kept->source);
	snapshot_keep_text(snapshot, &kept->cause);
}

void
snapshot_keep_certificate(struct snapshot *snapshot, const struct message_certificate *certificate)
{
	struct message_certificate *kept;

	if (snapshot->ncertificates == SNAPSHOT_CERTIFICATES_MAX)
		return;
	kept = &snapshot->certificates[snapshot->ncertificates++];
	*kept = *certificate;
	snapshot_keep_text(snapshot, &kept->name);
	snapshot_keep_text(snapshot, &kept->subject);
	snapshot_keep_text(snapshot, &kept->issuer);
	snapshot_keep_text(snapshot, &kept->serial);
	snapshot_keep_text(snapshot, &kept->path);
}

void
snapshot_keep_disk(struct snapshot *snapshot, const struct message_status_disk *disk)
{
	struct message_status_disk *kept;

	if (snapshot->ndisks == SNAPSHOT_DISKS_MAX)
		return;
	kept = &snapshot->disks[snapshot->ndisks++];
	*kept = *disk;
	snapshot_keep_text(snapshot, &kept->path);
}

bool
snapshot_is_postgres(const struct snapshot *snapshot)
{
	return snapshot->has_node && strcmp(snapshot->node.backend, "postgres") == 0;
}

bool
snapshot_server_is_running(const struct snapshot *snapshot)
{
	return snapshot->has_server && strcmp(snapshot->server.state, "running") == 0;
}

void
snapshot_clear(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->ntexts; i++)
		free(snapshot->texts[i]);
	memset(snapshot, 0, sizeof(*snapshot));
}
