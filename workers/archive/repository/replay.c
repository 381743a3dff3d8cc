/* Brings a database file of SQLite from a backup's state to a later one: pages are written where transactions put them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/archive/repository/frame_object.h"
#include "workers/archive/repository/target.h"

struct replay {
	const struct repository *repository;
	struct restore_target *target;
	struct change_stream stream;
	struct change_reader *reader;
	int fd;
	uint32_t unit, size;			/* of pages, and of the file in pages */
	uint8_t carry[4 + REPOSITORY_PAGE_MAX]; /* a record that is not whole yet */
	size_t have;
	/* The first of the data that is not in the file yet: a transaction whose end may be wanted or not. */
	size_t entry;
	uint32_t offset;
	bool over;
};

static int
replay_damaged(const struct replay *rp, struct error *e)
{
	return error_set(e, STATUS_DATA, "repository.damaged",
	    "the changes of stream %s are none of a database on SQLite", rp->stream.id);
}

static int
replay_write(const struct replay *rp, uint32_t page, const uint8_t *data, struct error *e)
{
	size_t done = 0;

	while (done < rp->unit) {
		ssize_t n =
		    pwrite(rp->fd, data + done, rp->unit - done, (off_t)(page - 1) * (off_t)rp->unit + (off_t)done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_set_errno(e, STATUS_IO, "repository.io", "cannot write the database file");
		done += (size_t)n;
	}
	return 0;
}

/* Records may begin and end anywhere. */
static int
replay_feed(struct replay *rp, const uint8_t *data, size_t size, struct error *e)
{
	while (size > 0) {
		size_t need = rp->have < 4 ? 4 : get_u32(rp->carry) == 0 ? 8 : 4 + rp->unit;
		size_t n = need - rp->have < size ? need - rp->have : size;

		memcpy(rp->carry + rp->have, data, n);
		rp->have += n;
		data += n;
		size -= n;
		if (rp->have < 8 || rp->have < need)
			continue;
		if (get_u32(rp->carry) == 0)
			rp->size = get_u32(rp->carry + 4);
		else if (replay_write(rp, get_u32(rp->carry), rp->carry + 4, e) == -1)
			return -1;
		rp->have = 0;
	}
	return 0;
}

/* Everything from where the file stands up to `end` of the entry, which was read last. */
static int
replay_to(struct replay *rp, size_t entry, uint32_t end, struct error *e)
{
	bool again = rp->entry < entry;

	for (; rp->entry < entry; rp->entry++, rp->offset = 0)
		if (stream_read_entry(&rp->stream, rp->entry, false, rp->reader, e) == -1 ||
		    replay_feed(rp, change_data(rp->reader) + rp->offset, change_head(rp->reader)->bytes - rp->offset,
			e) == -1)
			return -1;
	if (again && stream_read_entry(&rp->stream, entry, false, rp->reader, e) == -1)
		return -1;
	if (end > rp->offset && replay_feed(rp, change_data(rp->reader) + rp->offset, end - rp->offset, e) == -1)
		return -1;
	rp->offset = end > rp->offset ? end : rp->offset;
	return rp->have == 0 ? 0 : replay_damaged(rp, e);
}

static int
replay_entry(struct replay *rp, size_t entry, struct error *e)
{
	const struct change_info *head = change_head(rp->reader);
	const struct change_mark *marks, *last = NULL;

	if (stream_read_entry(&rp->stream, entry, entry > 0, rp->reader, e) == -1)
		return -1;
	if (rp->unit == 0)
		rp->unit = head->unit;
	if (strcmp(head->backend, "sqlite") != 0 || head->unit != rp->unit || rp->unit < 512 ||
	    rp->unit > REPOSITORY_PAGE_MAX)
		return replay_damaged(rp, e);
	marks = change_marks(rp->reader);
	for (uint32_t i = 0; i < head->nmarks && !rp->over; i++)
		if (marks[i].position <= rp->target->from) {
			rp->entry = entry;
			rp->offset = marks[i].end;
		} else if (target_wants(rp->target, &marks[i]))
			last = &marks[i];
		else
			rp->over = true;
	if (last == NULL)
		return 0;
	rp->target->reached = *last;
	return replay_to(rp, entry, last->end, e);
}

static int
replay_missing(const struct replay *rp, struct error *e)
{
	const struct restore_target *t = rp->target;

	if (t->kind == TARGET_POINT)
		return error_set(e, STATUS_DATA, "repository.missing", "the changes do not lead to restore point %s",
		    t->name);
	return error_set(e, STATUS_DATA, "repository.missing",
	    "the repository does not lead to commit %" PRIu64 ", but to %" PRIu64, t->position, t->reached.position);
}

static int
replay_all(struct replay *rp, struct error *e)
{
	struct restore_target *t = rp->target;

	/* Of what leads to `from`, too: a transaction after it may have begun there. */
	if (stream_open(rp->repository, t->stream, t->from - 1, &rp->stream, e) == -1)
		return -1;
	if (rp->stream.count > 0 && rp->stream.entries[0].first > t->from)
		return error_set(e, STATUS_DATA, "repository.missing",
		    "the changes from commit %" PRIu64 " on are missing", t->from);
	for (size_t i = 0; i < rp->stream.count && !rp->over; i++)
		if (replay_entry(rp, i, e) == -1)
			return -1;
	if ((t->kind == TARGET_POINT || t->kind == TARGET_POSITION) && t->reached.position != t->position)
		return replay_missing(rp, e);
	if ((rp->size != 0 && ftruncate(rp->fd, (off_t)rp->size * (off_t)rp->unit) == -1) || fsync(rp->fd) == -1)
		return error_set_errno(e, STATUS_IO, "repository.io", "cannot write the database file");
	return 0;
}

int
target_replay(const struct repository *repository, struct restore_target *target, int fd, struct error *e)
{
	struct replay *rp;
	int result = -1;

	target->reached = (struct change_mark) { .position = target->base };
	if (target->stream[0] == '\0')
		return 0;
	if ((rp = calloc(1, sizeof(*rp))) == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot read changes");
	*rp = (struct replay) { .repository = repository, .target = target, .fd = fd };
	if ((rp->reader = change_reader_make(repository, e)) != NULL)
		result = replay_all(rp, e);
	change_reader_free(rp->reader);
	stream_close(&rp->stream);
	free(rp);
	return result;
}
