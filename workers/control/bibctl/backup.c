/*
 * The commands about backups that bibd-archive answers: backup, list, verify, key, prune; and drill.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memfd.h"
#include "workers/control/bibctl/bibctl.h"
#include "workers/control/request/answer.h"

#define BACKUP_REPORT_MAX (4U << 20)

/* Asks bibd-archive, and prints its report, if there is one; words beside the report go to standard error. */
static int
backup_ask(struct bibctl *bibctl, const char *what, const char *fallback)
{
	struct commands_answer answer;
	char *report = NULL;
	size_t size = 0;

	bibctl->what = what;
	commands_ask(&answer, bibctl, MESSAGE_BACKUP_REQUEST, BIBCTL_BACKUP_MS);
	if (answer.result.status == STATUS_USAGE && strcmp(answer.result.code, "relay.none") == 0)
		(void)error_set(&answer.result, STATUS_CONFIG, "backup.off",
		    "this node is not backed up: backup.repository in bibd.yaml is empty");
	if (answer.result.status == STATUS_OK && answer.fd != -1)
		report = memfd_read(answer.fd, BACKUP_REPORT_MAX, &size, &answer.result);
	if (answer.fd != -1)
		close(answer.fd);
	if (report == NULL)
		return commands_finish(&answer, fallback);
	(void)fputs(report, bibctl->render.out);
	explicit_bzero(report, size);
	free(report);
	if (answer.result.text[0] != '\0')
		(void)fprintf(stderr, "%s\n", answer.result.text);
	return STATUS_OK;
}

int
bibctl_backup(struct bibctl *bibctl)
{
	return backup_ask(bibctl, bibctl->full ? "full" : "now", "the backup was made");
}

int
bibctl_backup_list(struct bibctl *bibctl)
{
	return backup_ask(bibctl, "list", "there is no backup yet");
}

int
bibctl_backup_verify(struct bibctl *bibctl)
{
	return backup_ask(bibctl, "verify", "all backups are whole");
}

int
bibctl_backup_key(struct bibctl *bibctl)
{
	return backup_ask(bibctl, "key", "no key was made");
}

int
bibctl_restore_point(struct bibctl *bibctl)
{
	char what[256];

	(void)snprintf(what, sizeof(what), "point %s", bibctl->point);
	return backup_ask(bibctl, what, "the restore point was made");
}

int
bibctl_backup_prune(struct bibctl *bibctl)
{
	return backup_ask(bibctl, "prune", "the repository was pruned");
}

int
bibctl_drill(struct bibctl *bibctl)
{
	return backup_ask(bibctl, "drill", "the drill passed");
}
