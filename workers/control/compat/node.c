/*
 * The scratch node: the program bibd from beside bibctl, with a configuration and a directory of its own. It listens on
 * nothing but sockets there. Started by root it runs as the user nobody, and it ends with bibctl, however that ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/control/compat/compat.h"
#include "workers/control/host/printed_conf.h"

#define START_MS 30000
#define STOP_MS 10000
#define STEP_MS 20
#define COMPAT_USER "nobody"

/* ---- its directory ---- */

static int
write_conf(const struct compat_node *node, const char *user, struct error *e)
{
	char path[PATH_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/bibd.yaml", node->directory);
	if ((file = fopen(path, "we")) == NULL)
		return error_set_errno(e, STATUS_CANT_CREATE, "compat.node", "cannot write %s", path);
	(void)fprintf(file,
	    "node:\n  mode: selective\n  data_dir: %s/data\nlisten:\n  path: %s/run\ndatabase:\n  backend: sqlite\n"
	    "access:\n  - user: \"%s\"\n    roles: [admin, write, query]\n",
	    node->directory, node->directory, user);
	if (fclose(file) != 0)
		return error_set_errno(e, STATUS_IO, "compat.node", "cannot write %s", path);
	return 0;
}

static int
make_directory(struct compat_node *node, const struct passwd *owner, struct error *e)
{
	char run[PATH_MAX];

	(void)snprintf(node->directory, sizeof(node->directory), "/tmp/bibctl-compat-XXXXXX");
	if (mkdtemp(node->directory) == NULL) {
		node->directory[0] = '\0';
		return error_set_errno(e, STATUS_CANT_CREATE, "compat.node", "cannot make a directory in /tmp");
	}
	(void)snprintf(run, sizeof(run), "%s/run", node->directory);
	if (mkdir(run, 0700) == -1 ||
	    (owner != NULL &&
		(chown(node->directory, owner->pw_uid, owner->pw_gid) == -1 ||
		    chown(run, owner->pw_uid, owner->pw_gid) == -1)))
		return error_set_errno(e, STATUS_CANT_CREATE, "compat.node", "cannot make %s", run);
	return 0;
}

static int
remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	(void)status;
	(void)flag;
	(void)walk;
	(void)remove(path);
	return 0;
}

/* The last line that it wrote to its log: why it did not start. */
static void
last_words(const struct compat_node *node, char *text, size_t size)
{
	char path[PATH_MAX], *line = NULL;
	size_t capacity = 0;
	FILE *file;

	(void)snprintf(text, size, "it says nothing");
	(void)snprintf(path, sizeof(path), "%s/log", node->directory);
	if ((file = fopen(path, "re")) == NULL)
		return;
	while (getline(&line, &capacity, file) != -1) {
		line[strcspn(line, "\n")] = '\0';
		if (*line != '\0')
			(void)snprintf(text, size, "%s", line);
	}
	free(line);
	(void)fclose(file);
}

/* ---- its process ---- */

static _Noreturn void
become(const struct compat_node *node, const struct passwd *owner, const char *bibd)
{
	char conf[PATH_MAX], log[PATH_MAX];
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *const environment[] = { path, NULL };
	int fd, null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)snprintf(conf, sizeof(conf), "%s/bibd.yaml", node->directory);
	(void)snprintf(log, sizeof(log), "%s/log", node->directory);
	if (owner != NULL && (setgroups(0, NULL) == -1 || setgid(owner->pw_gid) == -1 || setuid(owner->pw_uid) == -1))
		_exit(STATUS_PERMISSION);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	(void)setpgid(0, 0);
	if (null != -1 && fd != -1 && dup2(null, STDIN_FILENO) != -1 && dup2(fd, STDOUT_FILENO) != -1 &&
	    dup2(fd, STDERR_FILENO) != -1 && prctl(PR_SET_PDEATHSIG, SIGTERM) == 0)
		(void)execve(bibd, (char *[]) { (char *)(uintptr_t)bibd, (char[]) { "-f" }, conf, NULL }, environment);
	_exit(STATUS_OS);
}

static bool
has_ended(struct compat_node *node)
{
	if (node->pid > 0 && waitpid(node->pid, NULL, WNOHANG) == node->pid)
		node->pid = 0;
	return node->pid == 0;
}

static int
await_ready(struct compat_node *node, struct error *e)
{
	int64_t deadline = clock_now_ms() + START_MS;
	struct compat_client client;
	char words[ERROR_TEXT_MAX / 2];
	struct error ignored;

	while (clock_now_ms() < deadline && !has_ended(node)) {
		if (compat_connect(&client, node, &ignored) == 0) {
			compat_disconnect(&client);
			return 0;
		}
		(void)poll(NULL, 0, STEP_MS);
	}
	last_words(node, words, sizeof(words));
	return error_set(e, STATUS_UNAVAILABLE, "compat.node", "the scratch node did not start: %s", words);
}

int
compat_node_start(struct compat_node *node, struct error *e)
{
	const struct passwd *self = getpwuid(geteuid()), *owner = NULL;
	char bibd[PATH_MAX], user[128];

	*node = (struct compat_node) { .pid = 0 };
	if (!printed_conf_find_bibd(bibd, sizeof(bibd)))
		return error_set(e, STATUS_OS, "compat.program",
		    "the program bibd is neither beside bibctl nor in PATH");
	if (self == NULL)
		return error_set(e, STATUS_OS, "compat.node", "the user %u has no name", (unsigned)geteuid());
	(void)snprintf(user, sizeof(user), "%s", self->pw_name);
	if (geteuid() == 0 && (owner = getpwnam(COMPAT_USER)) == NULL)
		return error_set(e, STATUS_OS, "compat.node", "there is no user " COMPAT_USER);
	if (make_directory(node, owner, e) == -1 || write_conf(node, user, e) == -1)
		return -1;
	if ((node->pid = fork()) == 0)
		become(node, owner, bibd);
	if (node->pid == -1) {
		node->pid = 0;
		return error_set_errno(e, STATUS_OS, "compat.node", "cannot start the scratch node");
	}
	return await_ready(node, e);
}

void
compat_node_stop(struct compat_node *node)
{
	int64_t deadline = clock_now_ms() + STOP_MS;

	if (node->pid > 0)
		(void)kill(node->pid, SIGTERM);
	while (!has_ended(node) && clock_now_ms() < deadline)
		(void)poll(NULL, 0, STEP_MS);
	if (node->pid > 0) {
		(void)kill(-node->pid, SIGKILL);
		(void)kill(node->pid, SIGKILL);
		(void)waitpid(node->pid, NULL, 0);
	}
	node->pid = 0;
	if (node->directory[0] != '\0')
		(void)nftw(node->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	node->directory[0] = '\0';
}
