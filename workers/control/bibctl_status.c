/*
 * A status is collected whole before any of it is shown: frames come one by one, and a failure half way must not leave
 * half a JSON object.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/control/bibctl_render.h"

/* Makes *text the status's own. A text that finds no memory shows as empty. */
static void
status_keep_text(struct render_status *status, const char **text)
{
	char *copy = NULL;

	if (status->ntexts < sizeof(status->texts) / sizeof(status->texts[0]))
		copy = strdup(*text);
	*text = copy == NULL ? "" : copy;
	if (copy != NULL)
		status->texts[status->ntexts++] = copy;
}

void
render_status_keep_node(struct render_status *status, const struct message_status_node *node)
{
	if (status->has_node)
		return;
	status->has_node = true;
	status->node = *node;
	status_keep_text(status, &status->node.version);
	status_keep_text(status, &status->node.node_id);
	status_keep_text(status, &status->node.mode);
	status_keep_text(status, &status->node.backend);
	status_keep_text(status, &status->node.phase);
	status_keep_text(status, &status->node.socket);
}

void
render_status_keep_process(struct render_status *status, const struct message_status_process *process)
{
	struct message_status_process *kept;

	if (status->nprocesses == RENDER_PROCESSES_MAX)
		return;
	kept = &status->processes[status->nprocesses++];
	*kept = *process;
	status_keep_text(status, &kept->name);
	status_keep_text(status, &kept->user);
	status_keep_text(status, &kept->state);
	status_keep_text(status, &kept->last_cause);
}

void
render_status_keep_statistics(struct render_status *status, const struct message_statistics *statistics)
{
	if (status->has_statistics)
		return;
	status->has_statistics = true;
	status->statistics = *statistics;
	status_keep_text(status, &status->statistics.store_state);
}

void
render_status_clear(struct render_status *status)
{
	for (size_t i = 0; i < status->ntexts; i++)
		free(status->texts[i]);
	memset(status, 0, sizeof(*status));
}
