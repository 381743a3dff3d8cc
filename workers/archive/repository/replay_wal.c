/* Puts PostgreSQL's write-ahead log, up to a target, into a database directory, where the next start replays it.
 *
 * It is cut where the target is, and what follows in the last segment is zeros: to PostgreSQL that is the end of its
 * log. So no target has to be named to it: one that the log does not pass would be fatal, and of moments it knows only
 * that it stops before the first commit that is later, as is done here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/archive/repository/target.h"

#define WAL_NAME_SIZE 25 /* 24 digits */
#define WAL_SEGMENT_MIN (1U << 20)
#define WAL_SEGMENT_MAX (1U << 30)

struct wal_files {
	const struct repository *repository;
	struct restore_target *target;
	struct change_stream stream;
	struct change_reader *reader;
	int directory_fd, fd; /* fd: of the segment that is written; -1 */
	uint64_t segment;     /* where that begins */
	uint32_t unit, branch;
	uint64_t end, cut; /* the log's, as far as it is there; and where it is to end */
	bool over;
};

static int
wal_error(struct error *e, const char *what)
{
	return error_set_errno(e, STATUS_IO, "repository.io", "cannot %s a segment of the write-ahead log", what);
}

static void
wal_name(const struct wal_files *w, uint64_t segment, char name[WAL_NAME_SIZE])
{
	uint64_t number = segment / w->unit, in_file = (UINT64_C(1) << 32) / w->unit;

	(void)snprintf(name, WAL_NAME_SIZE, "%08" PRIX32 "%08" PRIX32 "%08" PRIX32, w->branch,
	    (uint32_t)(number / in_file), (uint32_t)(number % in_file));
}

static int
wal_open(struct wal_files *w, uint64_t position, struct error *e)
{
	uint64_t segment = position - position % w->unit;
	char name[WAL_NAME_SIZE];

	if (w->fd != -1 && w->segment == segment)
		return 0;
	if (w->fd != -1)
		close(w->fd);
	wal_name(w, segment, name);
	w->segment = segment;
	w->fd = openat(w->directory_fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return w->fd == -1 ? wal_error(e, "open") : 0;
}

static int
wal_write(struct wal_files *w, uint64_t position, const uint8_t *data, size_t size, struct error *e)
{
	while (size > 0) {
		uint64_t offset = position % w->unit;
		size_t n = size < w->unit - offset ? size : (size_t)(w->unit - offset);
		ssize_t written;

		if (wal_open(w, position, e) == -1)
			return -1;
		if ((written = pwrite(w->fd, data, n, (off_t)offset)) == -1 && errno == EINTR)
			continue;
		if (written == -1)
			return wal_error(e, "write");
		data += written;
		position += (uint64_t)written;
		size -= (size_t)written;
	}
	return 0;
}

/* ---- objects ---- */

/* Where the log is to end, if that is known beforehand. */
static uint64_t
wal_limit(const struct restore_target *target)
{
	switch (target->kind) {
	case TARGET_POINT:
	case TARGET_POSITION:
		return target->position;
	case TARGET_BACKUP:
		return target->base;
	case TARGET_LATEST:
	case TARGET_TIME:
		break;
	}
	return UINT64_MAX;
}

/* Which of its commits are wanted. */
static void
wal_look_at_marks(struct wal_files *w, const struct change_info *head)
{
	const struct change_mark *marks = change_marks(w->reader);
	struct restore_target *target = w->target;
	uint64_t limit = wal_limit(target);

	for (uint32_t i = 0; i < head->nmarks && !w->over && marks[i].position <= limit; i++)
		if (target->kind == TARGET_TIME && !target_wants(target, &marks[i]))
			w->over = true;
		else if (marks[i].position > target->base)
			target->reached = marks[i];
	w->over |= w->end >= limit;
	/* A position may lie between commits. */
	w->cut = target->kind == TARGET_TIME ? target->reached.position : limit == UINT64_MAX ? w->end : limit;
}

static int
wal_take_entry(struct wal_files *w, size_t entry, struct error *e)
{
	const struct change_info *head = change_head(w->reader);
	uint64_t from = w->target->from;
	const uint8_t *data;

	if (stream_read_entry(&w->stream, entry, entry > 0, w->reader, e) == -1)
		return -1;
	if (strcmp(head->backend, "postgres") != 0 || head->bytes != head->last - head->first ||
	    head->unit < WAL_SEGMENT_MIN || head->unit > WAL_SEGMENT_MAX || (head->unit & (head->unit - 1)) != 0 ||
	    (w->unit != 0 && (head->unit != w->unit || head->branch != w->branch)))
		return error_set(e, STATUS_DATA, "repository.damaged",
		    "the changes of stream %s are none of a PostgreSQL", w->stream.id);
	w->unit = head->unit;
	w->branch = head->branch;
	data = change_data(w->reader);
	from = from > head->first ? from : head->first;
	if (wal_write(w, from, data + (from - head->first), (size_t)(head->last - from), e) == -1)
		return -1;
	w->end = head->last;
	wal_look_at_marks(w, head);
	return 0;
}

/* ---- the end ---- */

/* Segments beyond the cut, also those of the backup. */
static int
wal_remove_beyond(struct wal_files *w, struct error *e)
{
	int fd = openat(w->directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd == -1 ? NULL : fdopendir(fd);
	char last[WAL_NAME_SIZE];
	const struct dirent *entry;
	int result = 0;

	if (directory == NULL)
		return wal_error(e, "look for");
	wal_name(w, w->cut - 1 - (w->cut - 1) % w->unit, last);
	while (result == 0 && (entry = readdir(directory)) != NULL)
		if (strlen(entry->d_name) == WAL_NAME_SIZE - 1 &&
		    strspn(entry->d_name, "0123456789ABCDEF") == WAL_NAME_SIZE - 1 &&
		    strcmp(entry->d_name + 8, last + 8) > 0 && unlinkat(w->directory_fd, entry->d_name, 0) == -1)
			result = wal_error(e, "remove");
	closedir(directory);
	return result;
}

/* Nothing but zeros follows. */
static int
wal_cut(struct wal_files *w, struct error *e)
{
	uint64_t last = w->cut - 1;

	if (wal_open(w, last, e) == -1)
		return -1;
	if (ftruncate(w->fd, (off_t)(last % w->unit + 1)) == -1 || ftruncate(w->fd, (off_t)w->unit) == -1 ||
	    fsync(w->fd) == -1)
		return wal_error(e, "cut");
	return wal_remove_beyond(w, e);
}

static int
wal_run(struct wal_files *w, struct error *e)
{
	struct restore_target *t = w->target;

	if (stream_open(w->repository, t->stream, t->from, &w->stream, e) == -1)
		return -1;
	if (w->stream.count > 0 && w->stream.entries[0].first > t->from)
		return error_set(e, STATUS_DATA, "repository.missing",
		    "the write-ahead log from %" PRIX32 "/%" PRIX32 " on is missing", (uint32_t)(t->from >> 32),
		    (uint32_t)t->from);
	for (size_t i = 0; i < w->stream.count && !w->over; i++)
		if (wal_take_entry(w, i, e) == -1)
			return -1;
	/* The backup has not the log that makes it consistent: that is here. */
	if (w->unit == 0 || w->end < t->base || w->end < w->cut)
		return error_set(e, STATUS_DATA, "repository.missing",
		    "the repository does not lead to %" PRIX32 "/%" PRIX32 ", but to %" PRIX32 "/%" PRIX32,
		    (uint32_t)(w->cut >> 32), (uint32_t)w->cut, (uint32_t)(w->end >> 32), (uint32_t)w->end);
	t->reached.position = w->cut;
	return wal_cut(w, e);
}

int
target_put_wal(const struct repository *repository, struct restore_target *target, int directory_fd, struct error *e)
{
	struct wal_files w = { .repository = repository, .target = target, .directory_fd = -1, .fd = -1 };
	int result = -1;

	target->reached = (struct change_mark) { .position = target->base };
	if (target->stream[0] == '\0')
		return 0;
	w.end = target->from;
	w.cut = wal_limit(target) == UINT64_MAX ? target->base : wal_limit(target);
	if ((w.directory_fd = openat(directory_fd, "pg_wal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return error_set_errno(e, STATUS_DATA, "repository.io", "cannot open pg_wal of the backup");
	if ((w.reader = change_reader_make(repository, e)) != NULL)
		result = wal_run(&w, e);
	change_reader_free(w.reader);
	stream_close(&w.stream);
	if (w.fd != -1)
		close(w.fd);
	close(w.directory_fd);
	return result;
}
