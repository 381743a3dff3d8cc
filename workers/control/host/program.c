/*
 * Finds a program in fixed directories, runs it without a shell, and reads its output up to a bound and a deadline.
 */
#include "workers/control/host/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"

#define PROGRAM_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define PROGRAM_ENVIRONMENT_MAX 16
#define PROGRAM_REAP_MS 1000
#define PROGRAM_REAP_STEP_MS 5

/* ---- finding ---- */

static bool
program_find_in(const char *directories, const char *name, char *path, size_t size)
{
	while (*directories != '\0') {
		size_t length = strcspn(directories, ":");
		int n = snprintf(path, size, "%.*s/%s", (int)length, directories, name);

		/* A relative directory would depend on where bibctl was started, so it is passed over. */
		if (*directories == '/' && n > 0 && (size_t)n < size && access(path, X_OK) == 0)
			return true;
		directories += length;
		if (*directories == ':')
			directories++;
	}
	return false;
}

bool
program_find(const char *name, char *path, size_t size)
{
	const char *directories = getenv("PATH");

	return (directories != NULL && program_find_in(directories, name, path, size)) ||
	    program_find_in(PROGRAM_PATH, name, path, size);
}

/* ---- running ---- */

/* The variables of our environment that a program may see. */
static const char *const program_variables[] = { "HOME", "XDG_RUNTIME_DIR", "CONTAINERS_CONF", "TZ", "ASAN_OPTIONS",
	"UBSAN_OPTIONS" };

static void
program_environment(char *environment[PROGRAM_ENVIRONMENT_MAX])
{
	static char path[] = "PATH=" PROGRAM_PATH, locale[] = "LC_ALL=C";
	size_t n = 0;

	environment[n++] = path;
	environment[n++] = locale;
	for (size_t i = 0; i < sizeof(program_variables) / sizeof(program_variables[0]); i++) {
		size_t length = strlen(program_variables[i]);

		for (char **variable = environ; *variable != NULL && n < PROGRAM_ENVIRONMENT_MAX - 1; variable++)
			if (strncmp(*variable, program_variables[i], length) == 0 && (*variable)[length] == '=')
				environment[n++] = *variable;
	}
	environment[n] = NULL;
}

static _Noreturn void
program_become(const char *const argv[], int output, int errors)
{
	char *environment[PROGRAM_ENVIRONMENT_MAX];
	/* execve(2) takes strings that it does not write to. */
	char *const *arguments = (char *const *)(uintptr_t)argv;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* A group of its own, so that what it starts ends with it. */
	(void)setpgid(0, 0);
	program_environment(environment);
	if (null != -1 && dup2(null, STDIN_FILENO) != -1 && dup2(output, STDOUT_FILENO) != -1 &&
	    dup2(errors, STDERR_FILENO) != -1)
		(void)execve(argv[0], arguments, environment);
	_exit(127);
}

/* One of the two streams that are read. */
struct program_stream {
	char *buf;
	size_t size, used;
};

/* Reads what is there; what is over the size is read and dropped. Returns false at its end. */
static bool
program_read(int fd, struct program_stream *stream)
{
	char rest[4096];
	size_t left = stream->size - 1 - stream->used;
	ssize_t n = left > 0 ? read(fd, stream->buf + stream->used, left) : read(fd, rest, sizeof(rest));

	if (n == -1)
		return errno == EINTR || errno == EAGAIN;
	if (left > 0)
		stream->used += (size_t)n;
	return n > 0;
}

/* Until both streams ended, or the deadline. Returns false when it is late. */
static bool
program_listen(const int fds[2], struct program_output *output, int64_t deadline)
{
	struct program_stream streams[2] = { { output->output, sizeof(output->output), 0 },
		{ output->errors, sizeof(output->errors), 0 } };
	struct pollfd watched[2] = { { .fd = fds[0], .events = POLLIN }, { .fd = fds[1], .events = POLLIN } };
	int64_t left;

	while ((watched[0].fd != -1 || watched[1].fd != -1) && (left = deadline - clock_now_ms()) > 0) {
		if (poll(watched, 2, (int)left) <= 0)
			continue;
		for (size_t i = 0; i < 2; i++)
			if (watched[i].fd != -1 && watched[i].revents != 0 && !program_read(fds[i], &streams[i]))
				watched[i].fd = -1;
	}
	for (size_t i = 0; i < 2; i++)
		streams[i].buf[streams[i].used] = '\0';
	return watched[0].fd == -1 && watched[1].fd == -1;
}

/* Reaps the program. One that has closed its output and runs on, or does not die of SIGKILL, is left alone after a
 * while. */
static bool
program_reap(pid_t pid, int64_t ms, int *status)
{
	int64_t end = clock_now_ms() + ms;
	int wait_status;

	while (waitpid(pid, &wait_status, WNOHANG) != pid) {
		if (clock_now_ms() >= end)
			return false;
		(void)poll(NULL, 0, PROGRAM_REAP_STEP_MS);
	}
	*status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
	return true;
}

static int
program_attend(pid_t pid, const int fds[2], const char *name, int64_t timeout_ms, struct program_output *output,
    struct error *e)
{
	int64_t deadline = clock_now_ms() + timeout_ms;

	if (program_listen(fds, output, deadline) &&
	    program_reap(pid, deadline - clock_now_ms() + PROGRAM_REAP_MS, &output->status))
		return 0;
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	(void)program_reap(pid, PROGRAM_REAP_MS, &output->status);
	return error_set(e, STATUS_UNAVAILABLE, "program.late", "%s did not end within %d s", name,
	    (int)(timeout_ms / 1000));
}

int
program_run(const char *const argv[], int64_t timeout_ms, struct program_output *output, struct error *e)
{
	int out[2], errors[2], result;
	pid_t pid;

	output->output[0] = output->errors[0] = '\0';
	output->status = -1;
	if (pipe2(out, O_CLOEXEC) == -1)
		return error_set_errno(e, STATUS_OS, "program.start", "cannot run %s", argv[0]);
	if (pipe2(errors, O_CLOEXEC) == -1) {
		close(out[0]);
		close(out[1]);
		return error_set_errno(e, STATUS_OS, "program.start", "cannot run %s", argv[0]);
	}
	if ((pid = fork()) == 0)
		program_become(argv, out[1], errors[1]);
	close(out[1]);
	close(errors[1]);
	if (pid == -1)
		result = error_set_errno(e, STATUS_OS, "program.start", "cannot run %s", argv[0]);
	else
		result = program_attend(pid, (const int[2]) { out[0], errors[0] }, argv[0], timeout_ms, output, e);
	close(out[0]);
	close(errors[0]);
	return result;
}

const char *
program_complaint(struct program_output *output)
{
	char *text = output->errors[0] != '\0' ? output->errors : output->output;

	text += strspn(text, " \n");
	text[strcspn(text, "\n")] = '\0';
	return text[0] == '\0' ? "nothing" : text;
}
