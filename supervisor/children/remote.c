/*
 * Opens the operator's files for bibd-remote, passes its clients on, and connects it with keeper.
 */
#include "supervisor/children/remote.h"

#include <unistd.h>

#include "common/log.h"
#include "supervisor/children/children.h"
#include "supervisor/host/operator_file.h"
#include "supervisor/node/node.h"

/* Clients that wait to be taken by the storage worker: beyond that the channel itself would be in danger. */
#define REMOTE_WAITING_MAX (CHANNEL_QUEUE_MAX / 2)

/* ---- files ---- */

static void
remote_say_failed(struct children *children, const struct error *e)
{
	log_warning("%s", e->text);
	events_add(&children->node->events, "bibd", "remote.failed", "%s", e->text);
}

static int
remote_open_file(const char *key, const char *path, bool is_secret, struct error *e)
{
	struct operator_file file;
	int fd = operator_file_open(path, is_secret, &file);

	if (fd != -1)
		return fd;
	if (file.fault == OPERATOR_FILE_UNREADABLE)
		return error_set_errno(e, STATUS_PERMISSION, "remote.file", "%s: cannot open %s", key, path);
	if (file.fault == OPERATOR_FILE_SPECIAL)
		return error_set(e, STATUS_PERMISSION, "remote.file", "%s: %s is not a plain file", key, path);
	return error_set(e, STATUS_PERMISSION, "remote.file",
	    "%s: %s must be readable for its owner alone, and has mode %04o: chmod 0600 %s", key, path, file.mode,
	    path);
}

void
remote_send_files(struct children *children)
{
	struct child *remote = children_find(children, PROCESS_REMOTE);
	const struct conf *conf = children->node->conf;
	const struct {
		const char *key, *path;
		bool is_secret;
	} files[REMOTE_FILES] = {
		[REMOTE_FILE_CERTIFICATE] = { "listen.tcp.certificate", conf->listen.tcp.certificate, false },
		[REMOTE_FILE_KEY] = { "listen.tcp.key", conf->listen.tcp.key, true },
		[REMOTE_FILE_LOGINS] = { "listen.tcp.logins", conf->listen.tcp.logins, true },
	};
	struct error e;

	if (remote == NULL || !child_is_worker_up(remote))
		return;
	for (unsigned i = 0; i < REMOTE_FILES; i++) {
		struct message_remote_file message = { .which = i };
		int fd = -1;

		if (files[i].path[0] == '\0')
			continue;
		if ((fd = remote_open_file(files[i].key, files[i].path, files[i].is_secret, &e)) == -1) {
			remote_say_failed(children, &e);
			return;
		}
		(void)channel_send_remote_file(&remote->channel, 0, &message, fd);
	}
	(void)channel_send_remote_files_sent(&remote->channel, 0, NULL, -1);
}

/* ---- clients ---- */

void
remote_take_client(struct children *children, const struct message_client *message, int fd)
{
	struct child *storage = children_find(children, PROCESS_STORAGE);

	if (fd == -1)
		return;
	if (storage == NULL || !child_is_worker_up(storage) || storage->channel.queued >= REMOTE_WAITING_MAX)
		close(fd);
	else
		(void)channel_send_client(&storage->channel, 0, message, fd);
}

/* ---- the channel to keeper ---- */

void
remote_connect(struct children *children)
{
	children_connect(children, PROCESS_KEEPER, PROCESS_REMOTE);
}
