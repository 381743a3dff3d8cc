/* What a status says of backups, for people. */
#include <inttypes.h>
#include <string.h>

#include "workers/control/shared/escape.h"
#include "workers/control/show/text.h"

/* "stored up to 2026-... (3 s ago)". */
static void
backup_moment(const struct render *render, const char *label, const char *what, int64_t us)
{
	char when[TEXT_TIME_MAX], ago[RENDER_AGO_SIZE];

	text_label(render, label);
	(void)fprintf(render->out, "%s%s (%s)\n", what, text_time(us, when, sizeof(when)),
	    render_ago(render->now_us - us, ago, sizeof(ago)));
}

static void
backup_nothing(const struct render *render, const char *label, const char *words)
{
	text_label(render, label);
	(void)fprintf(render->out, "%s\n", words);
}

void
text_backup(const struct render *render, const struct message_status_backup *backup)
{
	if (backup->backup_us != 0)
		backup_moment(render, "backup", "made ", backup->backup_us);
	else
		backup_nothing(render, "backup", "none yet");
	if (backup->stored_us != 0)
		backup_moment(render, "stored", "everything up to ", backup->stored_us);
	if (backup->proven_us != 0)
		backup_moment(render, "proven", "restorable to ", backup->proven_us);
	else
		backup_nothing(render, "proven", "nothing yet: no drill has passed");
	text_label(render, "opened by");
	escape_put_text(render->out, backup->opens);
	(void)fputc('\n', render->out);
}

/* A node without backups loses everything with its disk. A cache needs none, and who runs a server of their own has it
 * backed up. */
void
text_status_backup(const struct render *render, const struct snapshot *status)
{
	if (status->has_backup) {
		text_backup(render, &status->backup);
		return;
	}
	for (size_t i = 0; i < status->nprocesses; i++)
		if (strcmp(status->processes[i].name, "bibd-archive") == 0)
			return;
	if (strcmp(status->node.mode, "proxy") == 0 || (snapshot_is_postgres(status) && !status->has_server))
		return;
	text_label(render, "backup");
	(void)fputs("none: this node is not backed up (backup.repository is empty)\n", render->out);
}
