/*
 * The process of a job: its pipes, its process group, what it prints, its deadline and its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/container/engine/job_private.h"

#define JOB_READ_SIZE 8192

/* The ends of the pipes that become the program's. */
struct job_ends {
	int input, output, error;
};

static void
job_close(int *fd)
{
	if (*fd > STDERR_FILENO)
		close(*fd);
	*fd = -1;
}

static void
job_close_watch(struct loop_watch *watch)
{
	int fd = watch->fd;

	loop_watch_delete(watch);
	if (fd != -1)
		close(fd);
	watch->fd = -1;
}

/* ---- in the child ---- */

static void
job_close_the_rest(void)
{
	if (close_range(STDERR_FILENO + 1, UINT_MAX, 0) == 0)
		return;
	for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
		close(fd);
}

_Noreturn static void
job_become(const struct job *job, const struct job_ends *ends, pid_t parent)
{
	static const int signals[] = { SIGPIPE, SIGINT, SIGHUP, SIGTERM };
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	(void)sigemptyset(&none);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &action, NULL);
	(void)umask(077);
	if (setpgid(0, 0) == -1 || prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent ||
	    sigprocmask(SIG_SETMASK, &none, NULL) == -1 || chdir("/") == -1 || dup2(ends->input, STDIN_FILENO) == -1 ||
	    dup2(ends->output, STDOUT_FILENO) == -1 || dup2(ends->error, STDERR_FILENO) == -1)
		_exit(127);
	job_close_the_rest();
	(void)execve(job->program, job->argv, job->jobs->environment);
	(void)dprintf(STDERR_FILENO, "cannot run %s: %s\n", job->program, strerror(errno));
	_exit(127);
}

/* ---- streams ---- */

static void
job_stream_line(struct job_stream *stream)
{
	struct job *job = stream->job;

	stream->line[stream->line_size] = '\0';
	stream->line_size = 0;
	stream->cut = false;
	if (job->line != NULL)
		job->line(job->context, stream->line, stream == &job->error);
}

static void
job_stream_take(struct job_stream *stream, const char *data, size_t size)
{
	capture_add(&stream->capture, data, size);
	if (stream->job->line == NULL)
		return;
	for (size_t i = 0; i < size && !stream->job->cancelled; i++) {
		if (data[i] == '\n' || data[i] == '\r') {
			if (stream->line_size > 0)
				job_stream_line(stream);
		} else if (stream->line_size < sizeof(stream->line) - 1)
			stream->line[stream->line_size++] = data[i];
		else
			stream->cut = true;
	}
}

static void
job_stream_read(struct job_stream *stream)
{
	char data[JOB_READ_SIZE];

	while (stream->watch.fd != -1 && !stream->job->cancelled) {
		ssize_t n = read(stream->watch.fd, data, sizeof(data));

		if (n > 0)
			job_stream_take(stream, data, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			job_close_watch(&stream->watch);
		else if (errno == EAGAIN)
			return;
	}
}

/* A line's callback may cancel the job, which is then freed when its process is reaped: never while this runs. */
static void
job_stream_ready(struct loop_watch *watch, uint32_t events)
{
	struct job_stream *stream = watch->arg;

	(void)events;
	job_stream_read(stream);
}

/* What was written before the end, and a last line without a newline. */
static void
job_stream_finish(struct job_stream *stream)
{
	job_stream_read(stream);
	job_close_watch(&stream->watch);
	if (stream->line_size > 0 && !stream->job->cancelled)
		job_stream_line(stream);
}

static void
job_wipe_input(struct job *job)
{
	if (job->input != NULL)
		explicit_bzero(job->input, job->input_size);
	free(job->input);
	job->input = NULL;
}

static void
job_forget_input(struct job *job)
{
	job_close_watch(&job->stdin_watch);
	job_wipe_input(job);
}

static void
job_feed(struct loop_watch *watch, uint32_t events)
{
	struct job *job = watch->arg;

	while (job->input != NULL && job->input_done < job->input_size) {
		ssize_t n = write(watch->fd, job->input + job->input_done, job->input_size - job->input_done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break;
		job->input_done += (size_t)n;
	}
	if (job->keep_input && job->input != NULL && job->input_done == job->input_size) {
		/* From now on only the other end's closing is of interest. */
		job_wipe_input(job);
		loop_watch_events(watch, 0);
	} else if (!job->keep_input || (events & EPOLLERR) != 0 || job->input != NULL)
		job_forget_input(job);
}

/* ---- the process ---- */

static int
job_open_pipe(int *ours, int *theirs, bool we_read)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	*ours = ends[we_read ? 0 : 1];
	*theirs = ends[we_read ? 1 : 0];
	return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

static int
job_watch(struct job *job, struct loop_watch *watch, int fd, uint32_t events, loop_watch_fn *fn, void *arg)
{
	if (fd == -1)
		return 0;
	if (loop_watch_add(job->jobs->loop, watch, fd, events, fn, arg, NULL) == 0)
		return 0;
	close(fd);
	return -1;
}

/* 0 only when all is open; ours are -1 where there is no stream. */
static int
job_open_ends(const struct job *job, struct job_ends *ours, struct job_ends *theirs)
{
	if (job->input == NULL)
		theirs->input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	else if (job_open_pipe(&ours->input, &theirs->input, false) == -1)
		return -1;
	if (theirs->input == -1 || job_open_pipe(&ours->output, &theirs->output, true) == -1)
		return -1;
	if (job->merged)
		theirs->error = theirs->output;
	else if (job_open_pipe(&ours->error, &theirs->error, true) == -1)
		return -1;
	return 0;
}

static void
job_close_ends(const struct job *job, struct job_ends *ends)
{
	job_close(&ends->input);
	if (!job->merged)
		job_close(&ends->error);
	job_close(&ends->output);
}

/* Takes the status of a process that is over; false while it runs. */
static bool
job_process_reap(struct job *job)
{
	siginfo_t info = { .si_pid = 0 };

	if (job->pid == 0)
		return false;
	if (waitid(P_PID, (id_t)job->pid, &info, WEXITED | WNOHANG) == -1) {
		info.si_code = CLD_KILLED;
		info.si_status = SIGKILL;
	} else if (info.si_pid == 0)
		return false;
	job->pid = 0;
	job_forget_input(job);
	job_stream_finish(&job->output);
	job_stream_finish(&job->error);
	job_process_ended(job, info.si_code, info.si_status);
	return true;
}

/* One signal may stand for several processes, and a callback may change the list: it is gone through until none is
 * over. */
static void
job_child_ready(struct loop_watch *watch, uint32_t events)
{
	struct jobs *jobs = watch->arg;
	struct signalfd_siginfo info;
	struct job *job;
	bool again = true;

	(void)events;
	while (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		;
	while (again) {
		again = false;
		TAILQ_FOREACH(job, &jobs->all, entry)
		if (job_process_reap(job)) {
			again = true;
			break;
		}
	}
}

int
job_watch_children(struct jobs *jobs, struct error *e)
{
	sigset_t children;
	int fd;

	(void)sigemptyset(&children);
	(void)sigaddset(&children, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &children, NULL) == -1 ||
	    (fd = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		return error_set_errno(e, STATUS_OS, "job.signals", "cannot watch for the end of programs");
	if (loop_watch_add(jobs->loop, &jobs->children, fd, EPOLLIN, job_child_ready, jobs, e) == -1) {
		close(fd);
		return -1;
	}
	return 0;
}

void
job_forget_children(struct jobs *jobs)
{
	job_close_watch(&jobs->children);
}

/* Watches what is ours of a process that runs; a failure kills it. */
static int
job_process_watch(struct job *job, struct job_ends *ours)
{
	bool failed = false;

	failed |= job_watch(job, &job->output.watch, ours->output, EPOLLIN, job_stream_ready, &job->output) == -1;
	failed |= job_watch(job, &job->error.watch, ours->error, EPOLLIN, job_stream_ready, &job->error) == -1;
	failed |= job_watch(job, &job->stdin_watch, ours->input, EPOLLOUT, job_feed, job) == -1;
	if (!failed)
		return 0;
	job->start_errno = errno;
	job_process_end(job);
	(void)waitpid(job->pid, NULL, WNOHANG);
	job->pid = 0;
	return -1;
}

int
job_process_start(struct job *job)
{
	struct job_ends ours = { -1, -1, -1 }, theirs = { -1, -1, -1 };
	pid_t parent = getpid();

	job->started_at = clock_now_ms();
	if (job_open_ends(job, &ours, &theirs) == -1 || (job->pid = fork()) == -1) {
		job->start_errno = errno;
		job->pid = 0;
		job_close_ends(job, &theirs);
		job_close(&ours.input);
		job_close(&ours.output);
		job_close(&ours.error);
		return -1;
	}
	if (job->pid == 0)
		job_become(job, &theirs, parent);
	/* In both processes, so that the group exists whichever of the two runs first. */
	(void)setpgid(job->pid, job->pid);
	job_close_ends(job, &theirs);
	return job_process_watch(job, &ours);
}

void
job_process_end(struct job *job)
{
	if (job->pid != 0 && kill(-job->pid, SIGKILL) == -1)
		(void)kill(job->pid, SIGKILL);
	job_forget_input(job);
	job_close_watch(&job->output.watch);
	job_close_watch(&job->error.watch);
}
