/*
 * A backup, step by step: archive.h has the steps.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/archive/archive.h"

#define BASE_READ_BYTES (1 << 20)
#define BASE_LOG_TRIES 50
#define BASE_LOG_AGAIN_MS 100

void
archive_base_finish(struct archive *archive, const struct error *e)
{
	struct archive_base *base = &archive->base;
	uint32_t asked_id = base->asked_id;
	char text[ERROR_TEXT_MAX];

	if (base->file_fd != -1)
		close(base->file_fd);
	if (base->log_fd != -1)
		close(base->log_fd);
	base->running = false;
	if (e != NULL) {
		archive_note_failure(archive, "the backup", e);
		archive_answer(archive, asked_id, e->status, e->code, e->text);
		return;
	}
	archive_note_success(archive);
	(void)snprintf(text, sizeof(text), "backup %s was made in %.1f s", base->id,
	    (double)(clock_now_ms() - base->began_ms) / 1000);
	worker_event(archive->worker, "backup.done", "%s", text);
	archive_answer(archive, asked_id, STATUS_OK, "backup.done", text);
}

/* In the loop's thread; a job in which packs are removed ends it. */
static int
base_abandon_job(struct archive *archive, struct error *e)
{
	(void)e;
	backup_abandon(archive->base.writer);
	archive->base.writer = NULL;
	return 0;
}

static void
base_abandoned(struct archive *archive, int result, const struct error *e)
{
	struct error why = archive->base.failure;

	(void)result;
	(void)e;
	archive_base_finish(archive, &why);
}

static void
base_fail(struct archive *archive, const struct error *e)
{
	archive->base.failure = *e;
	loop_timer_cancel(&archive->base_timer);
	if (channel_is_open(&archive->sqlite))
		(void)channel_send_base_end(&archive->sqlite, 0, NULL, -1);
	archive_job_start(archive, base_abandon_job, base_abandoned);
}

/* ---- the file ---- */

int
archive_base_begin_writer(struct archive *archive, const char *backend, struct error *e)
{
	struct archive_base *base = &archive->base;
	struct backup_plan plan = { .backend = backend, .version = PACKAGE_VERSION, .scratch = archive->scratch };
	struct backup_list list;
	int result;

	if (archive_open_repository(archive, e) == -1 || backup_list_read(&archive->repository, &list, NULL, e) == -1)
		return -1;
	/* What is too long for a chain begins a new one. */
	if (!base->full && list.count > 0) {
		size_t last = list.count - 1, length = 1;

		for (size_t i = last; i > 0 && list.backups[i].parent[0] != '\0'; i--)
			length++;
		if (length < REPOSITORY_CHAIN_MAX && strcmp(list.backups[last].backend, backend) == 0)
			plan.parent = list.backups[last].id;
	}
	base->full = plan.parent == NULL;
	result = backup_begin(&archive->repository, &plan, &base->writer, e);
	backup_list_free(&list);
	return result;
}

/* The size of the database's pages: bytes 16 and 17 of the file, 1 for 65536; of a file that is still empty, the
 * log's. */
static int
base_find_page_size(struct archive *archive, struct error *e)
{
	struct archive_base *base = &archive->base;
	uint8_t header[18] = { 0 };
	ssize_t n = pread(base->file_fd, header, sizeof(header), 0);

	base->page_size = 0;
	if (n == (ssize_t)sizeof(header))
		base->page_size =
		    header[16] == 0 && header[17] == 1 ? 65536 : (uint32_t)header[16] << 8 | (uint32_t)header[17];
	else if (pread(base->log_fd, header, 12, 0) == 12)
		base->page_size = (uint32_t)header[8] << 24 | (uint32_t)header[9] << 16 | (uint32_t)header[10] << 8 |
		    (uint32_t)header[11];
	if (base->page_size < 512 || base->page_size > REPOSITORY_PAGE_MAX ||
	    (base->page_size & (base->page_size - 1)) != 0)
		return error_set(e, STATUS_DATA, "archive.file", "the database file has pages of %u bytes",
		    base->page_size);
	return 0;
}

static int
base_read_file(struct archive *archive, uint8_t *buffer, struct error *e)
{
	struct archive_base *base = &archive->base;

	for (base->pages = 0;;) {
		ssize_t n = pread(base->file_fd, buffer, BASE_READ_BYTES, (off_t)(base->pages * base->page_size));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_set_errno(e, STATUS_IO, "archive.io", "cannot read the database file");
		if (atomic_load(&archive->stopping))
			return error_set(e, STATUS_UNAVAILABLE, "archive.stopping", "the node stops");
		if ((size_t)n < base->page_size)
			return 0;
		for (size_t at = 0; at + base->page_size <= (size_t)n; at += base->page_size, base->pages++)
			if (backup_page(base->writer, base->pages, buffer + at, base->page_size, e) == -1)
				return -1;
	}
}

static int
base_file_job(struct archive *archive, struct error *e)
{
	struct archive_base *base = &archive->base;
	uint8_t *buffer;
	int result = -1;

	if (archive_base_begin_writer(archive, "sqlite", e) == -1 || base_find_page_size(archive, e) == -1 ||
	    backup_file(base->writer, ARCHIVE_FILE, base->page_size, 0600, e) == -1)
		return -1;
	if ((buffer = malloc(BASE_READ_BYTES)) == NULL)
		return error_set_errno(e, STATUS_OS, "archive.memory", "cannot read the database file");
	result = base_read_file(archive, buffer, e);
	free(buffer);
	return result;
}

static void
base_ask_point(struct loop_timer *timer)
{
	struct archive *archive = timer->arg;

	(void)channel_send_base_point_request(&archive->sqlite, channel_next_id(&archive->sqlite), NULL, -1);
}

/* Whether the backup can go on; it has failed otherwise. */
static bool
base_goes_on(struct archive *archive, int result, const struct error *e)
{
	struct error gone;

	if (result != -1 && !archive->base.lost)
		return true;
	(void)error_set(&gone, STATUS_UNAVAILABLE, "backup.failed", "bibd-sqlite has ended");
	base_fail(archive, result == -1 ? e : &gone);
	return false;
}

static void
base_file_done(struct archive *archive, int result, const struct error *e)
{
	struct loop_timer now = { .arg = archive };

	if (base_goes_on(archive, result, e))
		base_ask_point(&now);
}

/* ---- the log ---- */

static int
base_log_job(struct archive *archive, struct error *e)
{
	int result = archive_read_log(archive, e);

	archive->base.log_is_short = result == 0;
	if (result != 1)
		return result;
	backup_stands_at(archive->base.writer, archive->base.place.stream, archive->base.place.position,
	    archive->base.place.position);
	return backup_file_end(archive->base.writer, archive->base.pages * archive->base.page_size, e);
}

static void
base_log_done(struct archive *archive, int result, const struct error *e)
{
	struct archive_base *base = &archive->base;
	struct error late;

	if (!base_goes_on(archive, result, e))
		return;
	if (!base->log_is_short) {
		(void)channel_send_base_end(&archive->sqlite, channel_next_id(&archive->sqlite), NULL, -1);
		return;
	}
	if (++base->tries == BASE_LOG_TRIES) {
		(void)error_set(&late, STATUS_DATA, "backup.failed",
		    "the write-ahead log has %" PRIu32 " committed frames, and is read up to %" PRIu32
		    " of its log %08" PRIx32 "-%08" PRIx32,
		    base->frames, base->place.frame, base->place.salt[0], base->place.salt[1]);
		base_fail(archive, &late);
		return;
	}
	loop_timer_set(&archive->worker->loop, &archive->base_timer, BASE_LOG_AGAIN_MS, base_ask_point, archive);
}

/* ---- the end ---- */

int
archive_base_end(struct archive *archive, const char *note, struct error *e)
{
	struct archive_base *base = &archive->base;
	const struct conf *conf = archive->worker->conf;
	struct prune_rule rule = { .full = (unsigned)conf->backup.keep.full,
		.before_us = clock_realtime_us() - conf->backup.keep.points * 1000 };
	struct backup_writer *writer = base->writer;
	unsigned removed;

	base->writer = NULL;
	if (backup_finish(writer, note, base->id, e) == -1)
		return -1;
	if (base->full && repository_prune(&archive->repository, &rule, &removed, e) == -1)
		return -1;
	return archive_look(archive, false, e);
}

static int
base_end_job(struct archive *archive, struct error *e)
{
	return archive_base_end(archive, "-", e);
}

static void
base_end_done(struct archive *archive, int result, const struct error *e)
{
	archive_base_finish(archive, result == -1 ? e : NULL);
}

/* ---- what bibd-sqlite answers ---- */

static void
base_take_log(void *context, struct frame *frame, const struct message_base_log *message)
{
	struct archive *archive = context;

	(void)message;
	if (archive->base.running && archive->base.log_fd == -1)
		archive->base.log_fd = frame_take_fd(frame);
}

static void
base_take_begun(void *context, struct frame *frame, const struct message_base_begun *message)
{
	struct archive *archive = context;

	(void)message;
	if (!archive->base.running || archive->base.file_fd != -1 || archive->job.running)
		return;
	archive->base.file_fd = frame_take_fd(frame);
	archive_job_start(archive, base_file_job, base_file_done);
}

static void
base_take_point(void *context, struct frame *frame, const struct message_base_point *message)
{
	struct archive *archive = context;

	(void)frame;
	if (!archive->base.running || archive->job.running || archive->base.writer == NULL)
		return;
	/* What had been committed when it was first asked is enough; unless the log has begun anew since, with that in
	 * the file. */
	if (archive->base.tries == 0 || message->frames < archive->base.frames)
		archive->base.frames = message->frames;
	archive_job_start(archive, base_log_job, base_log_done);
}

static void
base_take_ended(void *context, struct frame *frame, const struct message_base_ended *message)
{
	struct archive *archive = context;
	struct error e;

	(void)frame;
	if (!archive->base.running || archive->job.running || archive->base.writer == NULL)
		return;
	if (message->held) {
		archive_job_start(archive, base_end_job, base_end_done);
		return;
	}
	(void)error_set(&e, STATUS_UNAVAILABLE, "backup.failed", "%s", message->why);
	base_fail(archive, &e);
}

static void
base_take_failed(void *context, struct frame *frame, const struct message_failed *message)
{
	struct archive *archive = context;
	struct error e;

	if (archive_count_refused(archive, frame->header.id, message->text))
		return;
	if (strcmp(message->code, "ship.unavailable") == 0) {
		archive_ship_refused(archive);
		return;
	}
	if (!archive->base.running || archive->job.running)
		return;
	(void)error_set(&e, (enum status)message->status, "backup.failed", "%s", message->text);
	archive_base_finish(archive, &e);
}

const struct message_handlers archive_base_handlers = {
	.base_log = base_take_log,
	.base_begun = base_take_begun,
	.base_point = base_take_point,
	.base_ended = base_take_ended,
	.counted = archive_count_take,
	.ship_part = archive_ship_take_part,
	.failed = base_take_failed,
};

void
archive_base_begin(struct archive *archive, bool full, uint32_t asked_id)
{
	struct archive_base *base = &archive->base;
	struct error e;

	*base = (struct archive_base) { .running = true,
		.full = full,
		.asked_id = asked_id,
		.file_fd = -1,
		.log_fd = -1,
		.began_ms = clock_now_ms() };
	if (archive->worker->conf->database.backend == CONF_BACKEND_POSTGRES) {
		archive_base_begin_postgres(archive);
		return;
	}
	if (channel_is_open(&archive->sqlite)) {
		(void)channel_send_base_begin(&archive->sqlite, channel_next_id(&archive->sqlite), NULL, -1);
		return;
	}
	(void)error_set(&e, STATUS_UNAVAILABLE, "backup.failed", "bibd-sqlite is not up");
	archive_base_finish(archive, &e);
}

/* A job that runs finds out at its end. */
void
archive_base_lost(struct archive *archive)
{
	struct error e;

	archive->base.lost = true;
	if (!archive->base.running || archive->job.running)
		return;
	(void)error_set(&e, STATUS_UNAVAILABLE, "backup.failed", "bibd-sqlite has ended");
	base_fail(archive, &e);
}
