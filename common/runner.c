/*
 * The process that starts a program for its worker, and what the two say to each other over a pair of sockets.
 */
#include "common/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"

#define RUNNER_ARGUMENT_MAX 32
#define RUNNER_NOT_STARTED 127

/* A worker asks with this to have the program run; the input follows. */
struct runner_request {
	char argument[RUNNER_ARGUMENT_MAX]; /* put behind those of the command; "": none */
	int64_t timeout_ms;
	uint32_t size;
};

enum runner_end { RUNNER_OK, RUNNER_EXITED, RUNNER_SIGNALLED, RUNNER_LATE, RUNNER_TOO_MUCH, RUNNER_NO_START };

/* The runner answers with this; the program's output follows. */
struct runner_answer {
	uint32_t end;  /* enum runner_end */
	int32_t value; /* the status, or the signal, or errno */
	uint32_t size;
};

/* ---- running it ---- */

static _Noreturn void
runner_become(char *const *argv, const char *argument, int input, int output)
{
	char *words[RUNNER_ARGUMENTS_MAX + 2], word[RUNNER_ARGUMENT_MAX];
	size_t n = 0;

	while (n < RUNNER_ARGUMENTS_MAX && argv[n] != NULL) {
		words[n] = argv[n];
		n++;
	}
	if (n == 0)
		_exit(RUNNER_NOT_STARTED);
	(void)strncpy(word, argument, sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	if (word[0] != '\0')
		words[n++] = word;
	words[n] = NULL;
	(void)setpgid(0, 0);
	if (dup2(input, STDIN_FILENO) == -1 || dup2(output, STDOUT_FILENO) == -1 ||
	    (close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) == -1 && errno != ENOSYS))
		_exit(RUNNER_NOT_STARTED);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)execv(words[0], words);
	_exit(RUNNER_NOT_STARTED);
}

/* Whether the worker that asked has ended, found out by its end of the pair: a worker whose signals are confined to its
 * own processes (Landlock) cannot have the kernel tell us by one. peer: our end; -1: there is none. */
static bool
runner_is_alone(int peer, int wait_ms)
{
	struct pollfd poll_fd = { .fd = peer, .events = POLLRDHUP };

	return poll(&poll_fd, 1, wait_ms) == 1 && (poll_fd.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/* Reads until the program has closed its output, or the time is over. */
static enum runner_end
runner_read(int fd, int peer, int64_t end_ms, char *output, size_t *got)
{
	for (*got = 0;;) {
		struct pollfd poll_fds[2] = { { .fd = fd, .events = POLLIN }, { .fd = peer, .events = POLLRDHUP } };
		int64_t left = end_ms - clock_now_ms();
		char more;
		ssize_t n;

		if (left <= 0 || poll(poll_fds, 2, (int)left) == 0 || runner_is_alone(peer, 0))
			return RUNNER_LATE;
		if (poll_fds[0].revents == 0)
			continue;
		n = *got < RUNNER_OUTPUT_MAX ? read(fd, output + *got, RUNNER_OUTPUT_MAX - *got) : read(fd, &more, 1);
		if (n == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return RUNNER_OK;
		if (*got == RUNNER_OUTPUT_MAX)
			return RUNNER_TOO_MUCH;
		*got += (size_t)n;
	}
}

/* Waits for its end, for as long as it may take. */
static enum runner_end
runner_wait(pid_t pid, int peer, int64_t end_ms, int *status)
{
	while (waitpid(pid, status, WNOHANG) == 0)
		if (clock_now_ms() >= end_ms || runner_is_alone(peer, 5))
			return RUNNER_LATE;
	return RUNNER_OK;
}

static int
runner_make_input(const void *input, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd != -1 && (file_write_all(fd, input, size) == -1 || lseek(fd, 0, SEEK_SET) == -1)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
runner_judge(struct runner_answer *answer, int status)
{
	if (answer->end != RUNNER_OK)
		return;
	answer->end = WIFSIGNALED(status) ? RUNNER_SIGNALLED : WEXITSTATUS(status) == 0 ? RUNNER_OK : RUNNER_EXITED;
	answer->value = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void
runner_perform(char *const *argv, const struct runner_request *request, const void *input, int peer, char *output,
    struct runner_answer *answer)
{
	int64_t end_ms = clock_now_ms() + request->timeout_ms;
	int pipe_fds[2] = { -1, -1 }, in = runner_make_input(input, request->size), status = 0;
	size_t got = 0;
	pid_t pid = -1;

	*answer = (struct runner_answer) { .end = RUNNER_NO_START };
	if (in != -1 && pipe2(pipe_fds, O_CLOEXEC) == 0 && (pid = fork()) == 0)
		runner_become(argv, request->argument, in, pipe_fds[1]);
	answer->value = errno;
	if (in != -1)
		close(in);
	if (pipe_fds[1] != -1)
		close(pipe_fds[1]);
	if (pid > 0) {
		answer->end = runner_read(pipe_fds[0], peer, end_ms, output, &got);
		if (answer->end == RUNNER_OK)
			answer->end = runner_wait(pid, peer, end_ms, &status);
		if (answer->end != RUNNER_OK) {
			(void)kill(-pid, SIGKILL);
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, &status, 0);
		}
		runner_judge(answer, status);
	}
	if (pipe_fds[0] != -1)
		close(pipe_fds[0]);
	answer->size = (uint32_t)got;
}

static int
runner_explain(const char *program, const struct runner_answer *answer, struct error *e)
{
	static const char *const ends[] = { [RUNNER_OK] = "",
		[RUNNER_EXITED] = "ended with status",
		[RUNNER_SIGNALLED] = "was ended by signal",
		[RUNNER_LATE] = "took too long, and was killed",
		[RUNNER_TOO_MUCH] = "said too much, and was killed",
		[RUNNER_NO_START] = "could not be started:" };

	if (answer->end == RUNNER_OK)
		return 0;
	if (answer->end == RUNNER_EXITED && answer->value == RUNNER_NOT_STARTED)
		return error_set(e, STATUS_UNAVAILABLE, "runner.failed",
		    "%.200s could not be started: is it there, and may it be run by this user?", program);
	if (answer->end == RUNNER_NO_START)
		return error_set(e, STATUS_UNAVAILABLE, "runner.failed", "%.200s could not be started: %s", program,
		    strerror(answer->value));
	if (answer->end == RUNNER_LATE || answer->end == RUNNER_TOO_MUCH)
		return error_set(e, STATUS_UNAVAILABLE, "runner.failed", "%.200s %s", program, ends[answer->end]);
	return error_set(e, STATUS_UNAVAILABLE, "runner.failed", "%.200s %s %d", program, ends[answer->end],
	    (int)answer->value);
}

/* What both ways to run it ask; an argument that is too long is cut. */
static struct runner_request
runner_make_request(const char *argument, size_t size, int64_t timeout_ms)
{
	struct runner_request request = { .timeout_ms = timeout_ms, .size = (uint32_t)size };

	if (argument != NULL)
		(void)strncpy(request.argument, argument, sizeof(request.argument) - 1);
	return request;
}

int
runner_run_here(char *const *argv, const char *argument, const void *input, size_t size, int64_t timeout_ms,
    char *output, size_t *got, struct error *e)
{
	struct runner_request request = runner_make_request(argument, size, timeout_ms);
	struct runner_answer answer;

	runner_perform(argv, &request, input, -1, output, &answer);
	*got = answer.size;
	return runner_explain(argv[0], &answer, e);
}

/* ---- the process ---- */

static int
runner_send(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = send(fd, p, size, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

static int
runner_receive(int fd, void *data, size_t size)
{
	char *p = data;

	while (size > 0) {
		ssize_t n = recv(fd, p, size, 0);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Ends when the worker's end is closed, or with the worker. */
static _Noreturn void
runner_serve(int fd, char *const *argv)
{
	static char input[RUNNER_INPUT_MAX], output[RUNNER_OUTPUT_MAX];
	struct runner_request request;
	struct runner_answer answer;

	/* The worker's channel is not kept open by this process, and no other descriptor is. */
	if (dup2(fd, STDERR_FILENO + 1) == -1 || (close_range(STDERR_FILENO + 2, UINT_MAX, 0) == -1 && errno != ENOSYS))
		_exit(STATUS_OS);
	fd = STDERR_FILENO + 1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	while (runner_receive(fd, &request, sizeof(request)) == 0 && request.size <= sizeof(input) &&
	    runner_receive(fd, input, request.size) == 0) {
		request.argument[sizeof(request.argument) - 1] = '\0';
		runner_perform(argv, &request, input, fd, output, &answer);
		explicit_bzero(input, sizeof(input));
		if (runner_send(fd, &answer, sizeof(answer)) == -1 || runner_send(fd, output, answer.size) == -1)
			break;
		explicit_bzero(output, sizeof(output));
	}
	_exit(STATUS_OK);
}

int
runner_start(struct runner *runner, char *const *argv, struct error *e)
{
	int fds[2];
	pid_t pid;

	runner->fd = -1;
	if ((errno = pthread_mutex_init(&runner->mutex, NULL)) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1)
		return error_set_errno(e, STATUS_OS, "runner.start", "cannot prepare to run %s", argv[0]);
	if ((pid = fork()) == 0)
		runner_serve(fds[1], argv);
	close(fds[1]);
	if (pid == -1) {
		(void)error_set_errno(e, STATUS_OS, "runner.start", "cannot prepare to run %s", argv[0]);
		close(fds[0]);
		return -1;
	}
	runner->fd = fds[0];
	return 0;
}

int
runner_run(struct runner *runner, const char *name, const char *argument, const void *input, size_t size,
    int64_t timeout_ms, char *output, size_t *got, struct error *e)
{
	struct runner_request request = runner_make_request(argument, size, timeout_ms);
	struct runner_answer answer = { .size = 0 };
	int result;

	(void)pthread_mutex_lock(&runner->mutex);
	result = runner->fd == -1 || size > RUNNER_INPUT_MAX ||
		runner_send(runner->fd, &request, sizeof(request)) == -1 ||
		runner_send(runner->fd, input, size) == -1 ||
		runner_receive(runner->fd, &answer, sizeof(answer)) == -1 || answer.size > RUNNER_OUTPUT_MAX ||
		runner_receive(runner->fd, output, answer.size) == -1
	    ? -1
	    : 0;
	(void)pthread_mutex_unlock(&runner->mutex);
	if (result == -1)
		return error_set(e, STATUS_UNAVAILABLE, "runner.failed", "the process that runs %s is gone", name);
	*got = answer.size;
	return runner_explain(name, &answer, e);
}
