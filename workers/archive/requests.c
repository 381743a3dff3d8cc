/*
 * What bibctl asks: a backup now, the list, a proof that all of them can be read, a new recovery key, pruning, a
 * drill.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/memfd.h"
#include "workers/archive/archive.h"

void
archive_answer(struct archive *archive, uint32_t id, enum status status, const char *code, const char *text)
{
	const struct message_result result = { .status = (uint32_t)status, .code = code, .text = text };

	if (id != 0)
		(void)channel_send_result(&archive->worker->channel, id, &result, -1);
}

static int
request_list(struct archive *archive, struct error *e)
{
	return archive_look(archive, true, e);
}

/* Every object of every stream; and of the newest one as many as have been stored. */
static int
request_verify_streams(struct archive *archive, size_t *count, struct error *e)
{
	struct sender *sender = &archive->ship.sender;
	char(*ids)[REPOSITORY_BACKUP_SIZE];
	uint64_t last = 0, stored;
	int64_t last_us;
	int result;

	pthread_mutex_lock(&sender->lock);
	stored = sender->stored;
	pthread_mutex_unlock(&sender->lock);
	result = streams_list(&archive->repository, &ids, count, e);
	for (size_t i = 0; result == 0 && i < *count; i++)
		result = atomic_load(&archive->stopping)
		    ? error_set(e, STATUS_UNAVAILABLE, "archive.stopping", "the node stops")
		    : stream_verify(&archive->repository, ids[i], &last, &last_us, e);
	free(ids);
	if (result == 0 && last < stored)
		return error_set(e, STATUS_DATA, "repository.missing",
		    "the last changes, up to position %" PRIu64 ", are missing: they end with %" PRIu64, stored, last);
	return result;
}

/* All of them, the oldest first. A chain is read again for each that builds on it: what is damaged is named by the
 * first backup that it spoils. */
static int
request_verify(struct archive *archive, struct error *e)
{
	struct backup_list list;
	size_t streams = 0;
	int result = 0;

	if (archive_open_repository(archive, e) == -1 || backup_list_read(&archive->repository, &list, NULL, e) == -1)
		return -1;
	for (size_t i = 0; result == 0 && i < list.count; i++)
		result = atomic_load(&archive->stopping)
		    ? error_set(e, STATUS_UNAVAILABLE, "archive.stopping", "the node stops")
		    : backup_verify(&archive->repository, list.backups[i].id, archive->scratch, e);
	if (result == 0)
		result = request_verify_streams(archive, &streams, e);
	(void)snprintf(archive->text, sizeof(archive->text),
	    "%zu backup%s and %zu stream%s of changes: every object is whole, and every page is what was written",
	    list.count, list.count == 1 ? "" : "s", streams, streams == 1 ? "" : "s");
	backup_list_free(&list);
	return result;
}

/* A name for the state of now. */
static int
request_point(struct archive *archive, struct error *e)
{
	struct change_point point = { .position = 0 };

	if (!point_is_name(archive->point))
		return error_set(e, STATUS_USAGE, "backup.point",
		    "a restore point's name begins with a letter, has letters, digits, '-', '_' and '.', and is not "
		    "latest");
	(void)snprintf(point.name, sizeof(point.name), "%s", archive->point);
	if (archive_open_repository(archive, e) == -1 ||
	    (archive->ship.wal != NULL ? ship_wal_find_point(&archive->ship, &archive->stopping, &point, e)
				       : ship_find_point(&archive->ship, &archive->stopping, &point, e)) == -1 ||
	    point_publish(&archive->repository, &point, e) == -1)
		return -1;
	if (archive->ship.wal != NULL)
		(void)snprintf(archive->text, sizeof(archive->text), "restore point %s is %" PRIX32 "/%" PRIX32,
		    point.name, (uint32_t)(point.position >> 32), (uint32_t)point.position);
	else
		(void)snprintf(archive->text, sizeof(archive->text), "restore point %s is commit %" PRIu64, point.name,
		    point.position);
	return 0;
}

static int
request_key(struct archive *archive, struct error *e)
{
	char key[REPOSITORY_KEY_TEXT_SIZE];
	int result;

	if (archive_open_repository(archive, e) == -1 ||
	    repository_make_recovery_key(&archive->repository, key, e) == -1)
		return -1;
	result = asprintf(&archive->report, "%s\n", key);
	explicit_bzero(key, sizeof(key));
	if (result == -1) {
		archive->report = NULL;
		return error_set_errno(e, STATUS_OS, "archive.memory", "cannot print the key: ask for another");
	}
	archive_key_describe(archive, archive->text, sizeof(archive->text));
	return archive_look(archive, false, e);
}

static int
request_prune(struct archive *archive, struct error *e)
{
	const struct conf *conf = archive->worker->conf;
	const struct prune_rule rule = { .full = (unsigned)conf->backup.keep.full,
		.before_us = clock_realtime_us() - conf->backup.keep.points * 1000 };
	unsigned removed;

	if (archive_open_repository(archive, e) == -1 ||
	    repository_prune(&archive->repository, &rule, &removed, e) == -1)
		return -1;
	(void)snprintf(archive->text, sizeof(archive->text), "%u backup%s removed", removed,
	    removed == 1 ? " was" : "s were");
	return archive_look(archive, false, e);
}

static const struct {
	const char *what;
	archive_job_fn *run;
} request_rows[] = {
	{ "list", request_list },
	{ "verify", request_verify },
	{ "key", request_key },
	{ "prune", request_prune },
	{ "point", request_point },
};

static void
request_done(struct archive *archive, int result, const struct error *e)
{
	struct error sealed;
	int fd = -1;

	if (result != -1 && archive->report != NULL)
		fd = memfd_create_sealed("bibd-backup-report", archive->report, strlen(archive->report), &sealed);
	if (fd != -1)
		(void)channel_send_backup_report(&archive->worker->channel, archive->asked_id, NULL, fd);
	if (archive->report != NULL)
		explicit_bzero(archive->report, strlen(archive->report));
	free(archive->report);
	archive->report = NULL;
	if (result == -1 && archive_is_away(e))
		archive_note_failure(archive, archive->what, e);
	else if (result == -1 && strcmp(archive->what, "verify") == 0)
		worker_event(archive->worker, "backup.verify_failed", "%s", e->text);
	if (result == 0 && strcmp(archive->what, "key") == 0)
		worker_event(archive->worker, "backup.key", "a new recovery key was made; the one of before is void");
	archive_answer(archive, archive->asked_id, result == -1 ? e->status : STATUS_OK,
	    result == -1 ? e->code : "backup.done", result == -1 ? e->text : archive->text);
	archive->asked_id = 0;
}

void
archive_take_request(void *context, struct frame *frame, const struct message_backup_request *message)
{
	struct archive *archive = ((struct worker *)context)->state;
	uint32_t id = frame->header.id;
	size_t length;

	if (!archive->has_identity || atomic_load(&archive->stopping)) {
		archive_answer(archive, id, STATUS_UNAVAILABLE, "backup.busy",
		    "the node starts or stops: try again in some seconds");
		return;
	}
	if (archive->job.running || archive->base.running) {
		archive_answer(archive, id, STATUS_UNAVAILABLE, "backup.busy",
		    "a backup or another request is under way: try again when it is over");
		return;
	}
	/* Nothing is read from the log before the repository was found. */
	if (!archive->sender_told &&
	    (strcmp(message->what, "now") == 0 || strcmp(message->what, "full") == 0 ||
		strncmp(message->what, "point", 5) == 0)) {
		archive_answer(archive, id, STATUS_UNAVAILABLE, "backup.busy",
		    archive->away ? archive->failure : "the repository is being opened: try again in some seconds");
		return;
	}
	if (strcmp(message->what, "now") == 0 || strcmp(message->what, "full") == 0) {
		archive_base_begin(archive, message->what[0] == 'f', id);
		return;
	}
	if (strcmp(message->what, "drill") == 0) {
		archive_drill_begin(archive, id);
		return;
	}
	length = strcspn(message->what, " ");
	for (size_t i = 0; i < sizeof(request_rows) / sizeof(request_rows[0]); i++)
		if (strlen(request_rows[i].what) == length &&
		    strncmp(message->what, request_rows[i].what, length) == 0) {
			(void)snprintf(archive->point, sizeof(archive->point), "%s",
			    message->what + length + (message->what[length] == ' '));
			archive->asked_id = id;
			archive->text[0] = '\0';
			(void)snprintf(archive->what, sizeof(archive->what), "%s", request_rows[i].what);
			archive_job_start(archive, request_rows[i].run, request_done);
			return;
		}
	archive_answer(archive, id, STATUS_USAGE, "backup.what", "there is no such request");
}
