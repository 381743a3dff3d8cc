/*
 * The credentials of S3: the supervisor opens the file, whoever it belongs to, or a program prints them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "workers/archive/archive.h"

#define CREDENTIALS_WAIT_S 10
#define CREDENTIALS_COMMAND_MS 30000
#define CREDENTIALS_FILE_MAX 16384

/* ---- in the loop's thread ---- */

static void
credentials_ask(struct loop_watch *watch, uint32_t events)
{
	struct archive *archive = watch->arg;
	uint64_t count;

	(void)events;
	if (read(archive->credentials.wake_fd, &count, sizeof(count)) != -1)
		(void)channel_send_s3_credentials_request(&archive->worker->channel, 0, NULL, -1);
}

/* fd -1: why says that there are none. */
static void
credentials_answer(struct archive *archive, int fd, const char *why)
{
	struct archive_credentials *c = &archive->credentials;
	ssize_t n = fd == -1 ? 0 : pread(fd, c->text, sizeof(c->text), 0);

	(void)pthread_mutex_lock(&c->mutex);
	c->size = n < 0 ? 0 : (size_t)n;
	(void)snprintf(c->why, sizeof(c->why), "%s", why);
	c->answered = true;
	(void)pthread_cond_broadcast(&c->changed);
	(void)pthread_mutex_unlock(&c->mutex);
}

void
archive_take_credentials(void *context, struct frame *frame, const struct message_s3_credentials *message)
{
	struct archive *archive = ((struct worker *)context)->state;

	(void)message;
	credentials_answer(archive, frame->fd, "");
}

void
archive_take_refused(void *context, struct frame *frame, const struct message_s3_refused *message)
{
	struct archive *archive = ((struct worker *)context)->state;

	(void)frame;
	credentials_answer(archive, -1, message->text);
}

int
archive_credentials_open(struct archive *archive, struct error *e)
{
	struct archive_credentials *c = &archive->credentials;

	if ((errno = pthread_mutex_init(&c->mutex, NULL)) != 0 || (errno = pthread_cond_init(&c->changed, NULL)) != 0 ||
	    (c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot start");
	return loop_watch_add(&archive->worker->loop, &c->watch, c->wake_fd, EPOLLIN, credentials_ask, archive, e);
}

/* ---- in a job's ---- */

/* By the loop's thread, which asks the supervisor. */
static int
credentials_from_file(struct archive *archive, struct depot_credentials *credentials, struct error *e)
{
	struct archive_credentials *c = &archive->credentials;
	uint64_t one = 1;
	struct timespec end;
	int result = 0;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += CREDENTIALS_WAIT_S;
	(void)pthread_mutex_lock(&c->mutex);
	c->answered = false;
	if (write(c->wake_fd, &one, sizeof(one)) == -1)
		result = errno;
	while (result == 0 && !c->answered)
		result = pthread_cond_timedwait(&c->changed, &c->mutex, &end);
	if (result != 0)
		result = error_set(e, STATUS_UNAVAILABLE, "repository.credentials",
		    "the credentials of S3 were asked for, and did not come");
	else if (c->why[0] != '\0')
		result = error_set(e, STATUS_PERMISSION, "repository.credentials", "%s", c->why);
	else
		result = depot_credentials_parse(c->text, c->size, credentials, e);
	explicit_bzero(c->text, sizeof(c->text));
	(void)pthread_mutex_unlock(&c->mutex);
	return result;
}

int
archive_get_credentials(void *arg, bool again, struct depot_credentials *credentials, struct error *e)
{
	struct archive *archive = arg;
	char output[RUNNER_OUTPUT_MAX];
	size_t size = 0;
	int result;

	(void)again;
	if (archive->worker->conf->backup.s3.credentials_command == NULL)
		return credentials_from_file(archive, credentials, e);
	pthread_mutex_lock(&archive->credentials_lock);
	result = runner_run(&archive->runner, "backup.s3.credentials_command", NULL, "", 0, CREDENTIALS_COMMAND_MS,
	    output, &size, e);
	pthread_mutex_unlock(&archive->credentials_lock);
	if (result == 0)
		result = depot_credentials_parse(output, size, credentials, e);
	explicit_bzero(output, sizeof(output));
	return result;
}
