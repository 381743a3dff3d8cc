/*
 * For a drill: how many rows each table has after a commit, counted by bibd-sqlite, and where that commit is in the
 * repository. The job asks by the loop's thread, and waits.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/memfd.h"
#include "workers/archive/archive.h"

#define COUNT_MS (20 * 60 * (int64_t)1000) /* longer than bibd-sqlite takes */
#define COUNT_LOOK_MS 200
#define COUNT_TEXT_MAX (16U << 20)

/* ---- in the loop's thread ---- */

static void
count_answer(struct archive *archive, int fd, uint64_t seq, const char *why)
{
	struct archive_count *count = &archive->count;

	(void)pthread_mutex_lock(&count->mutex);
	if (count->fd != -1)
		close(count->fd);
	count->fd = fd;
	count->seq = seq;
	(void)snprintf(count->why, sizeof(count->why), "%s", why);
	count->answered = true;
	count->asked_id = 0;
	(void)pthread_cond_broadcast(&count->changed);
	(void)pthread_mutex_unlock(&count->mutex);
}

static void
count_ask(struct loop_watch *watch, uint32_t events)
{
	struct archive *archive = watch->arg;
	eventfd_t times;

	(void)events;
	if (eventfd_read(archive->count.wake_fd, &times) == -1)
		return;
	archive->count.asked_id = channel_is_open(&archive->sqlite) ? channel_next_id(&archive->sqlite) : 0;
	if (archive->count.asked_id == 0)
		count_answer(archive, -1, 0, "the rows cannot be counted: bibd-sqlite is not up");
	else
		(void)channel_send_count_request(&archive->sqlite, archive->count.asked_id, NULL, -1);
}

void
archive_count_take(void *context, struct frame *frame, const struct message_counted *message)
{
	struct archive *archive = context;

	if (archive->count.asked_id != 0 && frame->header.id == archive->count.asked_id)
		count_answer(archive, frame_take_fd(frame), message->seq, "");
}

bool
archive_count_refused(struct archive *archive, uint32_t id, const char *why)
{
	if (archive->count.asked_id == 0 || id != archive->count.asked_id)
		return false;
	count_answer(archive, -1, 0, why);
	return true;
}

void
archive_count_lost(struct archive *archive)
{
	if (archive->count.asked_id != 0)
		count_answer(archive, -1, 0, "bibd-sqlite has ended while it counted the rows");
}

int
archive_count_open(struct archive *archive, struct error *e)
{
	struct archive_count *count = &archive->count;

	count->fd = -1;
	if ((errno = pthread_mutex_init(&count->mutex, NULL)) != 0 ||
	    (errno = pthread_cond_init(&count->changed, NULL)) != 0 ||
	    (count->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot start");
	return loop_watch_add(&archive->worker->loop, &count->watch, count->wake_fd, EPOLLIN, count_ask, archive, e);
}

/* ---- in a job's ---- */

/* Until it is answered, the node stops, or the time is over. */
static int
count_wait(struct archive *archive, struct error *e)
{
	struct archive_count *count = &archive->count;
	int64_t until_ms = clock_now_ms() + COUNT_MS;
	struct timespec look;

	while (!count->answered && !atomic_load(&archive->stopping) && clock_now_ms() < until_ms) {
		(void)clock_gettime(CLOCK_REALTIME, &look);
		look.tv_nsec += COUNT_LOOK_MS * 1000000L;
		look.tv_sec += look.tv_nsec / 1000000000;
		look.tv_nsec %= 1000000000;
		(void)pthread_cond_timedwait(&count->changed, &count->mutex, &look);
	}
	if (!count->answered)
		return error_set(e, STATUS_UNAVAILABLE, "drill.count",
		    "how many rows there are was asked for, and was not answered");
	return count->why[0] == '\0' ? 0 : error_set(e, STATUS_UNAVAILABLE, "drill.count", "%s", count->why);
}

int
archive_count(struct archive *archive, struct change_point *point, char **text, size_t *size, struct error *e)
{
	struct archive_count *count = &archive->count;
	uint64_t seq = 0;
	int fd = -1, result;

	*text = NULL;
	(void)pthread_mutex_lock(&count->mutex);
	count->answered = false;
	result = eventfd_write(count->wake_fd, 1) == -1
	    ? error_set_errno(e, STATUS_OS, "drill.count", "the rows cannot be counted")
	    : count_wait(archive, e);
	if (result == 0) {
		fd = count->fd;
		seq = count->seq;
		count->fd = -1;
	}
	(void)pthread_mutex_unlock(&count->mutex);
	if (result == -1)
		return -1;
	*text = memfd_read(fd, COUNT_TEXT_MAX, size, e);
	close(fd);
	return *text == NULL ? -1 : ship_find_counted(&archive->ship, &archive->stopping, seq, point, e);
}
