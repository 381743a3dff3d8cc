/*
 * The table of programs and when each is needed; forks, and becomes one with its user, channel and environment.
 */
#include "supervisor/children/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "common/message.h"
#include "common/sandbox.h"

#ifndef BIBD_SBINDIR
#define BIBD_SBINDIR "/usr/local/sbin"
#endif
#ifndef BIBD_WORKERDIR
#define BIBD_WORKERDIR "/usr/local/libexec/bibd"
#endif
#ifndef BIBD_PKGDATADIR
#define BIBD_PKGDATADIR "/usr/local/share/bibd"
#endif

#define PROCESS_CHANNEL_FD 3
#define PROCESS_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define PROCESS_ENVIRONMENT_MAX 16

/* ---- the table ---- */

static bool
process_needed_always(const struct conf *conf)
{
	(void)conf;
	return true;
}

static bool
process_needed_for_sqlite(const struct conf *conf)
{
	return conf->database.backend == CONF_BACKEND_SQLITE;
}

static bool
process_needed_for_postgres(const struct conf *conf)
{
	return conf->database.backend == CONF_BACKEND_POSTGRES;
}

static bool
process_needed_for_server(const struct conf *conf)
{
	return conf->database.backend == CONF_BACKEND_POSTGRES && conf->database.postgres.managed;
}

static bool
process_needed_for_remote(const struct conf *conf)
{
	return conf->listen.tcp.addresses != NULL;
}

static bool
process_needed_for_backups(const struct conf *conf)
{
	return conf->backup.repository[0] != '\0';
}

/* In the order of starting: what clients wait for comes first. */
const struct process_program process_programs[] = {
	{ PROCESS_SQLITE, "_bibd", process_needed_for_sqlite, PROCESS_LISTENS(LISTEN_CLIENTS) },
	{ PROCESS_KEEPER, "_bibkey", process_needed_always, 0 },
	{ PROCESS_CONTAINER, "_bibctr", process_needed_for_server, 0 },
	{ PROCESS_POSTGRES, "_bibd", process_needed_for_postgres, PROCESS_LISTENS(LISTEN_CLIENTS) },
	{ PROCESS_REMOTE, "_bibnet", process_needed_for_remote, PROCESS_LISTENS(LISTEN_REMOTE) },
	{ PROCESS_ARCHIVE, "_bibarc", process_needed_for_backups, 0 },
	{ PROCESS_CONTROL, "_bibmon", process_needed_always,
	    PROCESS_LISTENS(LISTEN_CONTROL) | PROCESS_LISTENS(LISTEN_METRICS) | PROCESS_LISTENS(LISTEN_METRICS_TCP) },
};
const size_t process_nprograms = sizeof(process_programs) / sizeof(process_programs[0]);

/* ---- places ---- */

static int
process_join(char *buf, size_t size, const char *directory, const char *name)
{
	int n = snprintf(buf, size, "%s%s", directory, name);

	return n < 0 || (size_t)n >= size ? -1 : 0;
}

int
process_find_places(struct process_places *places, struct error *e)
{
	char self[PATH_MAX], beside[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int result;

	if (n <= 0)
		return error_set_errno(e, STATUS_OS, "process.places",
		    "cannot find out where this program is (is /proc mounted?)");
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	result = process_join(places->migrations, sizeof(places->migrations), BIBD_PKGDATADIR, "/migrations");
	if (strcmp(self, BIBD_SBINDIR) == 0)
		result |= process_join(places->workers, sizeof(places->workers), BIBD_WORKERDIR, "");
	else if (process_join(beside, sizeof(beside), self, "/bibd-control") == 0 && access(beside, X_OK) == 0) {
		/* A build tree. */
		result |= process_join(places->workers, sizeof(places->workers), self, "");
		result |= process_join(places->migrations, sizeof(places->migrations), self, "/etc/migrations");
	} else
		result |= process_join(places->workers, sizeof(places->workers), self, "/../libexec/bibd");
	if (result != 0)
		return error_set(e, STATUS_OS, "process.places", "the path of this program is too long");
	return 0;
}

int
process_open_program(const struct process_places *places, const struct process_program *program, struct error *e)
{
	char path[PATH_MAX + 64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", places->workers, process_name(program->process));
	if ((fd = open(path, O_PATH | O_CLOEXEC)) == -1)
		return error_set_errno(e, STATUS_OS, "process.program", "cannot open the worker program %s", path);
	return fd;
}

/* ---- starting ---- */

/* The variables of our environment that a worker may see; others could change what libraries do. */
static const char *const process_variables[] = {
	"JOURNAL_STREAM",
	"TZ",
#ifdef __SANITIZE_ADDRESS__
	"ASAN_OPTIONS",
	"UBSAN_OPTIONS",
	"LSAN_OPTIONS",
#endif
#ifdef __SANITIZE_THREAD__
	"TSAN_OPTIONS",
#endif
};

/* Points into our own environment. */
static void
process_environment(char *environment[PROCESS_ENVIRONMENT_MAX])
{
	static char path[] = PROCESS_PATH;
	size_t n = 0;

	environment[n++] = path;
	for (size_t i = 0; i < sizeof(process_variables) / sizeof(process_variables[0]); i++) {
		size_t length = strlen(process_variables[i]);

		for (char **variable = environ; *variable != NULL && n < PROCESS_ENVIRONMENT_MAX - 1; variable++)
			if (strncmp(*variable, process_variables[i], length) == 0 && (*variable)[length] == '=')
				environment[n++] = *variable;
	}
	environment[n] = NULL;
}

/* In the child: logs that the program cannot be run, and exits. */
static _Noreturn void
process_fail(const char *what, int status)
{
	log_error("cannot start %s: %s", what, strerror(errno));
	_exit(status);
}

/* In the child: signals as a fresh program expects them, standard input from /dev/null, and no other descriptor but the
 * channel. */
static void
process_prepare(int channel_fd, const char *what)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	unsigned first = channel_fd == -1 ? PROCESS_CHANNEL_FD : PROCESS_CHANNEL_FD + 1;

	if (null == -1 || dup2(null, STDIN_FILENO) == -1)
		process_fail(what, STATUS_OS);
	if (channel_fd == PROCESS_CHANNEL_FD && fcntl(channel_fd, F_SETFD, 0) == -1)
		process_fail(what, STATUS_OS);
	if (channel_fd != -1 && channel_fd != PROCESS_CHANNEL_FD && dup2(channel_fd, PROCESS_CHANNEL_FD) == -1)
		process_fail(what, STATUS_OS);
	if (close_range(first, UINT_MAX, CLOSE_RANGE_CLOEXEC) == -1 && errno != ENOSYS && errno != EINVAL)
		process_fail(what, STATUS_OS);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* "4,27" */
static void
process_list_groups(const struct process_identity *identity, char *buf, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < identity->ngroups && i < PROCESS_GROUPS_MAX; i++) {
		int n =
		    snprintf(buf + used, size - used, "%s%lu", i == 0 ? "" : ",", (unsigned long)identity->groups[i]);

		used += n < 0 ? 0 : (size_t)n;
	}
}

static _Noreturn void
process_become_worker(const struct process_program *program, int program_fd, int channel_fd,
    const struct process_identity *identity, pid_t parent)
{
	char name[32], uid[24], gid[24], pid[24], groups[PROCESS_GROUPS_MAX * 12] = "";
	char u[] = "-u", g[] = "-g", p[] = "-p", gs[] = "-G";
	char *argv[10], *environment[PROCESS_ENVIRONMENT_MAX];
	size_t n = 0;

	(void)snprintf(name, sizeof(name), "%s", process_name(program->process));
	(void)snprintf(pid, sizeof(pid), "%ld", (long)parent);
	argv[n++] = name;
	if (identity != NULL) {
		(void)snprintf(uid, sizeof(uid), "%lu", (unsigned long)identity->user->uid);
		(void)snprintf(gid, sizeof(gid), "%lu", (unsigned long)identity->user->gid);
		argv[n++] = u;
		argv[n++] = uid;
		argv[n++] = g;
		argv[n++] = gid;
		process_list_groups(identity, groups, sizeof(groups));
		argv[n++] = gs;
		argv[n++] = groups;
	}
	argv[n++] = p;
	argv[n++] = pid;
	argv[n] = NULL;
	/* A program that lies on descriptor 3 would be lost to the channel. */
	if (program_fd == PROCESS_CHANNEL_FD && (program_fd = fcntl(program_fd, F_DUPFD_CLOEXEC, 10)) == -1)
		process_fail(name, STATUS_OS);
	process_environment(environment);
	process_prepare(channel_fd, name);
	/* ^C in a terminal reaches the whole group: the worker must live until it is told to stop. */
	(void)signal(SIGINT, SIG_IGN);
	(void)fexecve(program_fd, argv, environment);
	process_fail(name, 127);
}

static pid_t
process_fork(const char *what, struct error *e)
{
	pid_t pid = fork();

	if (pid == -1)
		(void)error_set_errno(e, STATUS_OS, "process.fork", "cannot start %s", what);
	return pid;
}

pid_t
process_start_worker(const struct process_program *program, int program_fd, int channel_fd,
    const struct process_identity *identity, struct error *e)
{
	pid_t parent = getpid(), pid = process_fork(process_name(program->process), e);

	if (pid == 0)
		process_become_worker(program, program_fd, channel_fd, identity, parent);
	return pid;
}

static _Noreturn void
process_become_component(char *const argv[], const struct user *user, bool separated, pid_t parent)
{
	char *environment[PROCESS_ENVIRONMENT_MAX];
	struct error e;

	process_environment(environment);
	process_prepare(-1, argv[0]);
	(void)setpgid(0, 0);
	/* Ids first: becoming another user clears the wish to die with the parent. Programs are as little trusted as
	 * workers: no setuid program gives them more, and no core file shows what they hold. */
	if ((separated && sandbox_drop_ids(user->uid, user->gid, NULL, 0, &e) == -1) ||
	    sandbox_die_with_parent(parent, &e) == -1 || sandbox_no_new_privileges(&e) == -1 ||
	    sandbox_no_core(&e) == -1) {
		log_error("cannot start %s: %s", argv[0], e.text);
		_exit((int)e.status);
	}
	(void)execve(argv[0], argv, environment);
	process_fail(argv[0], 127);
}

pid_t
process_start_component(char *const argv[], const struct user *user, bool separated, struct error *e)
{
	pid_t parent = getpid(), pid = process_fork(argv[0], e);

	if (pid == 0)
		process_become_component(argv, user, separated, parent);
	return pid;
}

const char *
process_describe_end(int wait_status, char *buf, size_t size)
{
	if (WIFSIGNALED(wait_status))
		(void)snprintf(buf, size, "killed by signal %d (%s)", WTERMSIG(wait_status),
		    strsignal(WTERMSIG(wait_status)));
	else
		(void)snprintf(buf, size, "exited with status %d", WEXITSTATUS(wait_status));
	return buf;
}
