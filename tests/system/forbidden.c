/*
 * A worker that was taken over: it starts as the others do, in the sandbox of the worker in whose place it was put, and
 * then does what its configuration names (database.name), which no worker may. What the kernel said goes to the log.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "workers/worker.h"

/* Each returns 0 when it was done, which is the failure, else errno. */
static int
result_of(long result)
{
	return result == -1 ? errno : 0;
}

static int
try_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = result_of(fd);

	if (fd != -1)
		close(fd);
	return result;
}

static int
try_open_in(const struct worker *worker, const char *name)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", worker->conf->node.data_dir, name);
	return try_open(path);
}

static int
try_secrets(struct worker *worker)
{
	return try_open_in(worker, "secrets/identity.pem");
}

static int
try_database(struct worker *worker)
{
	return try_open_in(worker, "sqlite/cache.db");
}

static int
try_configuration(struct worker *worker)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/../bibd.yaml", worker->conf->node.data_dir);
	return try_open(path);
}

static int
try_hosts(struct worker *worker)
{
	(void)worker;
	return try_open("/etc/hostname");
}

static int
try_proc(struct worker *worker)
{
	char path[64];

	(void)worker;
	(void)snprintf(path, sizeof(path), "/proc/%ld/mem", (long)getppid());
	return try_open(path);
}

static int
try_write(struct worker *worker)
{
	char path[512];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/node.id", worker->conf->node.data_dir);
	if ((fd = open(path, O_WRONLY | O_CLOEXEC)) == -1)
		return errno;
	close(fd);
	return 0;
}

static int
try_tcp(bool bind_it, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), result;

	if (fd == -1)
		return errno;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	result = result_of(bind_it ? bind(fd, (struct sockaddr *)&address, sizeof(address))
				   : connect(fd, (struct sockaddr *)&address, sizeof(address)));
	close(fd);
	/* Nobody listens there: the sandbox let it pass. */
	return result == ECONNREFUSED ? 0 : result;
}

static int
try_connect(struct worker *worker)
{
	(void)worker;
	return try_tcp(false, 9);
}

static int
try_bind(struct worker *worker)
{
	(void)worker;
	return try_tcp(true, 18765);
}

static int
try_control(struct worker *worker)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), result;

	if (fd == -1)
		return errno;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/control.sock", worker->conf->listen.path);
	result = result_of(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	close(fd);
	return result;
}

static int
try_kill(struct worker *worker)
{
	(void)worker;
	return result_of(kill(getppid(), SIGTERM));
}

static int
try_kill_all(struct worker *worker)
{
	(void)worker;
	return result_of(kill(-1, SIGCONT));
}

static int
try_fork(struct worker *worker)
{
	pid_t pid = fork();

	(void)worker;
	if (pid == 0)
		_exit(0);
	return result_of(pid);
}

static int
try_root(struct worker *worker)
{
	(void)worker;
	return result_of(setuid(0));
}

static int
try_exec(struct worker *worker)
{
	char name[] = "/bin/true", *argv[] = { name, NULL };

	(void)worker;
	return result_of(execve(argv[0], argv, NULL));
}

static int
try_ptrace(struct worker *worker)
{
	(void)worker;
	return result_of(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int
try_memory(struct worker *worker)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)worker, 1 };

	return result_of(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
}

static int
try_mount(struct worker *worker)
{
	(void)worker;
	return result_of(mount("none", "/mnt", "tmpfs", 0, NULL));
}

static int
try_namespace(struct worker *worker)
{
	(void)worker;
	return result_of(unshare(CLONE_NEWUSER));
}

/* Each time that it is started the next of the messages that the worker in whose place it is may not send to the
 * supervisor, with nothing in it. */
static int
try_messages(struct worker *worker)
{
	static const struct {
		const char *name;
		unsigned from, to;
	} rows[] = {
#define MESSAGE(NAME, name, route, reply, fds, fields) { #NAME, route },
#include "common/messages.def"
#undef MESSAGE
	};
	struct frame frame = { .fd = -1 };
	uint32_t left = worker->incarnation;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((rows[i].from & worker->program->process) != 0 && (rows[i].to & PROCESS_SUPERVISOR) != 0)
			continue;
		if (--left > 0)
			continue;
		log_notice("attack: sends %s", rows[i].name);
		frame.header.type = (uint16_t)i;
		(void)frame_send(worker->channel.watch.fd, &frame, NULL);
		return EPERM;
	}
	log_notice("attack: has sent them all");
	return EPERM;
}

/* What must be so from the start, without trying anything: 0 when it is not. */
static int
try_dump(struct worker *worker)
{
	struct rlimit limit;

	(void)worker;
	return prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 ? EPERM : 0;
}

static int
try_privileges(struct worker *worker)
{
	(void)worker;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0;
}

static int
try_orphan(struct worker *worker)
{
	int signal = 0;

	(void)worker;
	return prctl(PR_GET_PDEATHSIG, &signal) == 0 && signal == SIGKILL ? EPERM : 0;
}

static const struct {
	const char *name;
	int (*run)(struct worker *worker);
} attacks[] = {
	{ "secrets", try_secrets },
	{ "database", try_database },
	{ "configuration", try_configuration },
	{ "hosts", try_hosts },
	{ "proc", try_proc },
	{ "write", try_write },
	{ "connect", try_connect },
	{ "bind", try_bind },
	{ "control", try_control },
	{ "kill", try_kill },
	{ "kill_all", try_kill_all },
	{ "fork", try_fork },
	{ "root", try_root },
	{ "exec", try_exec },
	{ "ptrace", try_ptrace },
	{ "memory", try_memory },
	{ "mount", try_mount },
	{ "namespace", try_namespace },
	{ "dump", try_dump },
	{ "privileges", try_privileges },
	{ "orphan", try_orphan },
	{ "messages", try_messages },
};

/* Several, separated by dots. */
static int
forbidden_start(struct worker *worker, struct error *e)
{
	char list[64], *save = NULL;

	(void)e;
	(void)snprintf(list, sizeof(list), "%s", worker->conf->database.name);
	for (char *word = strtok_r(list, ".", &save); word != NULL; word = strtok_r(NULL, ".", &save))
		for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
			if (strcmp(attacks[i].name, word) == 0) {
				int errnum = attacks[i].run(worker);

				log_notice("attack %s: %s", word, errnum == 0 ? "DONE" : strerror(errnum));
			}
	return 0;
}

/* The directories of the worker in whose place it is. */
static size_t
forbidden_paths(struct worker *worker, struct sandbox_path *paths, size_t max)
{
	static const struct {
		enum process process;
		const char *directory;
	} rooms[] = { { PROCESS_SQLITE, "sqlite" }, { PROCESS_KEEPER, "secrets" } };
	char *path = NULL;

	(void)max;
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		if (rooms[i].process == worker->program->process &&
		    asprintf(&path, "%s/%s", worker->conf->node.data_dir, rooms[i].directory) != -1) {
			/* The name is kept for the worker's life. */
			paths[0] = (struct sandbox_path) { .path = path, .writable = true };
			return 1;
		}
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct {
		enum process process;
		enum sandbox_profile profile;
	} places[] = { { PROCESS_SQLITE, SANDBOX_STORAGE }, { PROCESS_KEEPER, SANDBOX_STORAGE },
		{ PROCESS_CONTROL, SANDBOX_CONTROL }, { PROCESS_POSTGRES, SANDBOX_POSTGRES },
		{ PROCESS_REMOTE, SANDBOX_REMOTE }, { PROCESS_CONTAINER, SANDBOX_RUNNER } };
	struct worker_program program = { .start = forbidden_start, .paths = forbidden_paths };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (argc > 0 && strcmp(argv[0], process_name(places[i].process)) == 0) {
			program.process = places[i].process;
			program.profile = places[i].profile;
			return worker_main(&program, argc, argv);
		}
	return STATUS_USAGE;
}
