/*
 * What Landlock keeps from a process: files, ports, other processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/sandbox.h"
#include "tests/unit/common_sandbox_scene.h"
#include "tests/unit/run.h"

static void
child_landlock(void)
{
	char *beside = strdup(inside), name[128];
	struct sandbox_path paths[] = { { .path = missing, .writable = true }, { .path = beside, .writable = true } };
	int result;

	CHILD_ASSERT(beside != NULL);
	*strrchr(beside, '/') = '\0';
	result = sandbox_landlock(paths, 2, NULL, 0, NULL);
	CHILD_ASSERT(result == 0 || result == 1);
	CHILD_ASSERT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHILD_ASSERT(can_open(inside, O_RDWR));
	(void)snprintf(name, sizeof(name), "%s/new", beside);
	CHILD_ASSERT(can_open(name, O_CREAT | O_WRONLY | O_TRUNC) && unlink(name) == 0);
	CHILD_ASSERT(can_open(beside, O_RDONLY | O_DIRECTORY));
	free(beside);
	/* A kernel without Landlock: nothing is promised. */
	if (result == 1)
		return;
	CHILD_ASSERT(!can_open(outside, O_RDONLY) && errno == EACCES);
	CHILD_ASSERT(!can_open(outside, O_WRONLY) && errno == EACCES);
	CHILD_ASSERT(!can_open(directory, O_RDONLY | O_DIRECTORY) && errno == EACCES);
	CHILD_ASSERT(!can_open("/etc/passwd", O_RDONLY) && errno == EACCES);
	CHILD_ASSERT(unlink(outside) == -1 && errno == EACCES);
	CHILD_ASSERT(mkdir(missing, 0700) == -1 && errno == EACCES);
}

START_TEST(test_landlock)
{
	assert_passes(child_landlock);
}
END_TEST

static void
child_landlock_read_only(void)
{
	struct sandbox_path paths[] = { { .path = inside } };
	int result = sandbox_landlock(paths, 1, NULL, 0, NULL);

	CHILD_ASSERT(result == 0 || result == 1);
	CHILD_ASSERT(can_open(inside, O_RDONLY));
	if (result == 1)
		return;
	CHILD_ASSERT(!can_open(inside, O_WRONLY) && errno == EACCES);
	CHILD_ASSERT(unlink(inside) == -1 && errno == EACCES);
	CHILD_ASSERT(!can_open(outside, O_RDONLY) && errno == EACCES);
}

START_TEST(test_landlock_read_only)
{
	assert_passes(child_landlock_read_only);
}
END_TEST

/* A socket that listens on loopback, and its port. */
static uint16_t
listen_somewhere(int *fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHILD_ASSERT((*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) != -1);
	CHILD_ASSERT(bind(*fd, (struct sockaddr *)&address, size) == 0 && listen(*fd, 1) == 0);
	CHILD_ASSERT(getsockname(*fd, (struct sockaddr *)&address, &size) == 0);
	return ntohs(address.sin_port);
}

static int
use_port(bool bind_it, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), result, saved;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHILD_ASSERT(fd != -1);
	result = bind_it ? bind(fd, (struct sockaddr *)&address, sizeof(address))
			 : connect(fd, (struct sockaddr *)&address, sizeof(address));
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

static void
child_landlock_tcp(void)
{
	int allowed_fd, other_fd, spare_fd;
	uint16_t allowed = listen_somewhere(&allowed_fd), other = listen_somewhere(&other_fd),
		 spare = listen_somewhere(&spare_fd);
	struct sandbox_port ports[] = { { .port = allowed }, { .port = spare, .bind = true } };

	close(spare_fd);
	CHILD_ASSERT(sandbox_landlock(NULL, 0, ports, 2, NULL) != -1);
	CHILD_ASSERT(use_port(false, allowed) == 0);
	CHILD_ASSERT(use_port(true, spare) == 0);
	if (sandbox_landlock_abi() < SANDBOX_LANDLOCK_TCP)
		return;
	CHILD_ASSERT(use_port(false, other) == -1 && errno == EACCES);
	CHILD_ASSERT(use_port(false, spare) == -1 && errno == EACCES);
	CHILD_ASSERT(use_port(true, 0) == -1 && errno == EACCES);
}

START_TEST(test_landlock_tcp)
{
	assert_passes(child_landlock_tcp);
}
END_TEST

/* Signals reach nobody outside, whatever user it is of, and still what is started from inside. */
static void
child_landlock_signals(void)
{
	pid_t sibling = fork(), child;
	int status;

	CHILD_ASSERT(sibling != -1);
	if (sibling == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)pause();
		_exit(0);
	}
	CHILD_ASSERT(sandbox_landlock(NULL, 0, NULL, 0, NULL) != -1);
	CHILD_ASSERT((child = fork()) != -1);
	if (child == 0) {
		(void)pause();
		_exit(0);
	}
	CHILD_ASSERT(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
	if (sandbox_landlock_abi() >= SANDBOX_LANDLOCK_SIGNALS) {
		CHILD_ASSERT(kill(sibling, SIGKILL) == -1 && errno == EPERM);
		CHILD_ASSERT(kill(getppid(), 0) == -1 && errno == EPERM);
	}
}

START_TEST(test_landlock_signals)
{
	assert_passes(child_landlock_signals);
}
END_TEST

/* No process and no thread more, where nothing is to be started. */
static void
child_no_processes(void)
{
	struct error e;

	CHILD_ASSERT(sandbox_limit_processes(SANDBOX_STORAGE, &e) == 0);
	if (geteuid() == 0)
		CHILD_ASSERT(setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0);
	CHILD_ASSERT(sandbox_limit_processes(SANDBOX_CONTROL, &e) == 0);
	CHILD_ASSERT(fork() == -1 && errno == EAGAIN);
}

START_TEST(test_no_processes)
{
	assert_passes(child_no_processes);
}
END_TEST

static void
child_landlock_bad_path(void)
{
	char path[128];
	struct sandbox_path paths[] = { { .path = path } };
	struct error e;
	int result;

	(void)snprintf(path, sizeof(path), "%s/not-a-directory", inside);
	result = sandbox_landlock(paths, 1, NULL, 0, &e);
	CHILD_ASSERT(result == 1 || (result == -1 && strcmp(e.code, "sandbox.landlock") == 0));
	CHILD_ASSERT(result == 1 || strstr(e.text, path) != NULL);
	CHILD_ASSERT(can_open(outside, O_RDONLY));
}

START_TEST(test_landlock_bad_path)
{
	assert_passes(child_landlock_bad_path);
}
END_TEST

void
add_landlock_tests(TCase *t)
{
	tcase_add_test(t, test_landlock);
	tcase_add_test(t, test_landlock_read_only);
	tcase_add_test(t, test_landlock_bad_path);
	tcase_add_test(t, test_landlock_tcp);
	tcase_add_test(t, test_landlock_signals);
	tcase_add_test(t, test_no_processes);
}
