/*
 * One job at a time, in a thread of its own; the loop hears of its end.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "workers/archive/archive.h"

static void *
job_thread(void *arg)
{
	struct archive *archive = arg;
	uint64_t one = 1;

	archive->job.result = archive->job.run(archive, &archive->job.error);
	while (write(archive->job.wake_fd, &one, sizeof(one)) == -1 && errno == EINTR)
		;
	return NULL;
}

static void
job_finish(struct archive *archive)
{
	struct error e = archive->job.error;

	archive->job.running = false;
	if (archive->job.result != -1)
		e = (struct error) { .code = "", .text = "" };
	archive->job.done(archive, archive->job.result, &e);
	if (!archive->job.running)
		archive_look_at_stop(archive);
}

static void
job_woken(struct loop_watch *watch, uint32_t events)
{
	struct archive *archive = watch->arg;
	uint64_t count;

	(void)events;
	if (read(archive->job.wake_fd, &count, sizeof(count)) == -1)
		return;
	(void)pthread_join(archive->job.thread, NULL);
	job_finish(archive);
}

int
archive_job_open(struct archive *archive, struct error *e)
{
	struct archive_job *job = &archive->job;

	if ((job->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot start");
	return loop_watch_add(&archive->worker->loop, &job->watch, job->wake_fd, EPOLLIN, job_woken, archive, e);
}

void
archive_job_start(struct archive *archive, archive_job_fn *run, archive_done_fn *done)
{
	struct archive_job *job = &archive->job;

	job->running = true;
	job->run = run;
	job->done = done;
	if ((errno = pthread_create(&job->thread, NULL, job_thread, archive)) == 0)
		return;
	job->result = error_set_errno(&job->error, STATUS_OS, "archive.start", "cannot start a thread");
	job_finish(archive);
}
