/* What a sandboxed process can and cannot do: each test does it in a child. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/sandbox.h"
#include "tests/unit/common_sandbox_scene.h"
#include "tests/unit/run.h"

#define NOBODY 65534

char directory[64], inside[96], outside[96], missing[96];

static int
run(void (*child)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		child();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

void
assert_passes(void (*child)(void))
{
	int status = run(child);

	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %#x", (unsigned)status);
}

static void
make_file(char *path, size_t size, const char *under)
{
	int fd;

	(void)snprintf(path, size, "%s/%s", directory, under);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	(void)strlcat(path, "/file", size);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	close(fd);
}

static void
set_up(void)
{
	(void)snprintf(directory, sizeof(directory), "/tmp/bibd-sandbox-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	make_file(inside, sizeof(inside), "inside");
	make_file(outside, sizeof(outside), "outside");
	(void)snprintf(missing, sizeof(missing), "%s/missing", directory);
}

static void
tear_down(void)
{
	char *paths[] = { inside, outside };

	for (size_t i = 0; i < 2; i++) {
		(void)unlink(paths[i]);
		*strrchr(paths[i], '/') = '\0';
		(void)rmdir(paths[i]);
	}
	(void)rmdir(directory);
}

bool
can_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd == -1)
		return false;
	close(fd);
	return true;
}

/* ---- seccomp; a build with sanitizers has none ---- */

/* Enters the filter as a worker does; false where it is built out. */
static bool
enter(enum sandbox_profile profile)
{
	int result;

	CHILD_ASSERT(sandbox_no_new_privileges(NULL) == 0);
	result = sandbox_seccomp(profile, NULL);
	CHILD_ASSERT(result == 0 || result == 1);
	return result == 0;
}

static void
use_allowed_calls(void)
{
	struct pollfd pfd = { .fd = STDIN_FILENO };
	struct stat st;
	char byte = 0;
	int fd, ends[2];

	CHILD_ASSERT(getpid() > 0 && getuid() == geteuid());
	CHILD_ASSERT((fd = open(inside, O_RDONLY | O_CLOEXEC)) != -1);
	CHILD_ASSERT(fstat(fd, &st) == 0 && read(fd, &byte, 1) == 1 && pread(fd, &byte, 1, 0) == 1 && byte == 'x');
	CHILD_ASSERT(close(fd) == 0 && poll(&pfd, 1, 0) >= 0);
	CHILD_ASSERT(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	CHILD_ASSERT((fd = memfd_create("x", MFD_CLOEXEC)) != -1 && close(fd) == 0);
	/* And what nobody has listed answers as if it were not there. */
	CHILD_ASSERT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1 && errno == EPERM);
	CHILD_ASSERT(socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EPERM);
	CHILD_ASSERT(symlink("a", missing) == -1 && errno == EPERM);
}

static void
child_storage(void)
{
	if (!enter(SANDBOX_STORAGE))
		return;
	use_allowed_calls();
	CHILD_ASSERT(mkdir(missing, 0700) == 0 && rmdir(missing) == 0);
}

static void
child_control(void)
{
	if (!enter(SANDBOX_CONTROL))
		return;
	use_allowed_calls();
	CHILD_ASSERT(mkdir(missing, 0700) == -1 && errno == EPERM);
	CHILD_ASSERT(unlink(inside) == -1 && errno == EPERM);
	CHILD_ASSERT(fork() == -1 && errno == EPERM);
}

START_TEST(test_seccomp_allows_and_refuses)
{
	assert_passes(child_storage);
	assert_passes(child_control);
}
END_TEST

/* Ends with 7 where there is no filter. */
static void
child_exec(void)
{
	char *argv[] = { (char[]) { "true" }, NULL };

	if (!enter(SANDBOX_STORAGE))
		_exit(7);
	(void)execve("/bin/true", argv, argv + 1);
}

static void
child_mount(void)
{
	if (!enter(SANDBOX_CONTROL))
		_exit(7);
	(void)syscall(SYS_umount2, "/nowhere", 0);
}

static void
child_ptrace(void)
{
	if (!enter(SANDBOX_CONTROL))
		_exit(7);
	(void)syscall(SYS_ptrace, 0, 0, 0, 0);
}

START_TEST(test_seccomp_kills)
{
	static void (*const children[])(void) = { child_exec, child_mount, child_ptrace };
	int status = run(children[_i]);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 7)
		return;
	ck_assert_msg(WIFSIGNALED(status), "the child ended with %#x", (unsigned)status);
	ck_assert_int_eq(WTERMSIG(status), SIGSYS);
}
END_TEST

/* ---- ids, cores, the parent ---- */

static void
child_no_core(void)
{
	struct rlimit limit = { 1, 1 };

	CHILD_ASSERT(sandbox_no_core(NULL) == 0);
	CHILD_ASSERT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	CHILD_ASSERT(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0);
}

START_TEST(test_no_core)
{
	assert_passes(child_no_core);
}
END_TEST

static void
child_drop_ids(void)
{
	gid_t wanted[] = { NOBODY - 1, NOBODY - 2 }, groups[8];
	uid_t r, e, s;

	CHILD_ASSERT(sandbox_drop_ids(NOBODY, NOBODY, wanted, 2, NULL) == 0);
	CHILD_ASSERT(getresuid(&r, &e, &s) == 0 && r == NOBODY && e == NOBODY && s == NOBODY);
	CHILD_ASSERT(getresgid(&r, &e, &s) == 0 && r == NOBODY && e == NOBODY && s == NOBODY);
	CHILD_ASSERT(getgroups(8, groups) == 2);
	CHILD_ASSERT(setuid(0) == -1 && setgid(0) == -1);
}

static void
child_cannot_drop_ids(void)
{
	struct error e;

	CHILD_ASSERT(geteuid() != 0 || sandbox_drop_ids(NOBODY, NOBODY, NULL, 0, NULL) == 0);
	CHILD_ASSERT(sandbox_drop_ids(NOBODY - 1, NOBODY, NULL, 0, &e) == -1);
	CHILD_ASSERT(strcmp(e.code, "sandbox.ids") == 0 && e.status == STATUS_PERMISSION);
}

START_TEST(test_drop_ids)
{
	if (geteuid() == 0)
		assert_passes(child_drop_ids);
	assert_passes(child_cannot_drop_ids);
}
END_TEST

static void
child_orphan(void)
{
	struct error e;

	CHILD_ASSERT(sandbox_die_with_parent(getppid(), NULL) == 0);
	CHILD_ASSERT(sandbox_die_with_parent(getpid(), &e) == -1);
	CHILD_ASSERT(strcmp(e.code, "sandbox.orphan") == 0);
}

START_TEST(test_wrong_parent)
{
	assert_passes(child_orphan);
}
END_TEST

/* The grandchild holds the pipe open for as long as it lives. */
START_TEST(test_dies_with_the_parent)
{
	struct pollfd pfd;
	int ends[2], status;
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	if ((pid = fork()) == 0) {
		pid_t parent = getpid();

		if (fork() == 0) {
			CHILD_ASSERT(sandbox_die_with_parent(parent, NULL) == 0 && write(ends[1], "!", 1) == 1);
			for (;;)
				(void)pause();
		}
		(void)pause();
	}
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	pfd = (struct pollfd) { .fd = ends[0], .events = POLLIN };
	ck_assert_int_eq(poll(&pfd, 1, 5000), 1);
	ck_assert_int_eq(read(ends[0], &byte, 1), 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, tear_down);
	add_landlock_tests(t);
	tcase_add_test(t, test_seccomp_allows_and_refuses);
	tcase_add_loop_test(t, test_seccomp_kills, 0, 3);
	tcase_add_test(t, test_no_core);
	tcase_add_test(t, test_drop_ids);
	tcase_add_test(t, test_wrong_parent);
	tcase_add_test(t, test_dies_with_the_parent);
	return unit_run("sandbox", t, NULL);
}
