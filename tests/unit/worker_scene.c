/*
 * A small worker program in a child process, and the supervisor's messages to it.
 */
#include "tests/unit/worker_scene.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_MS 20000

struct scene_seen *scene_seen;
pid_t scene_pid;
int scene_channel_fd = -1;
int scene_error_fd = -1;

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

/* True in the worker, whose sandbox keeps the leak checker from its own threads in /proc: it would end the process. */
static int scene_is_worker;

int
__lsan_is_turned_off(void)
{
	return scene_is_worker;
}
#endif

/* ---- the program; no assertion of Check's here, which would write to descriptor 3 ---- */

static size_t
program_paths(struct worker *worker, struct sandbox_path *paths, size_t max)
{
	(void)strlcat(scene_seen->order, max > 0 && worker->conf != NULL ? "p" : "no configuration",
	    sizeof(scene_seen->order));
	scene_seen->no_new_privileges_before = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	paths[0] = (struct sandbox_path) { .path = "/dev", .writable = true };
	return 1;
}

static int
program_start(struct worker *worker, struct error *e)
{
	int fd;

	(void)strlcat(scene_seen->order, "s", sizeof(scene_seen->order));
	(void)prctl(PR_GET_NAME, scene_seen->name);
	(void)prctl(PR_GET_PDEATHSIG, &scene_seen->death_signal);
	scene_seen->dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	scene_seen->no_new_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	if ((fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC)) == -1)
		scene_seen->sandboxed = true;
	else
		close(fd);
	(void)snprintf(scene_seen->node_id, sizeof(scene_seen->node_id), "%s", worker->node_id);
	(void)snprintf(scene_seen->boot_id, sizeof(scene_seen->boot_id), "%s", worker->boot_id);
	(void)snprintf(scene_seen->migrations_dir, sizeof(scene_seen->migrations_dir), "%s", worker->migrations_dir);
	(void)snprintf(scene_seen->group, sizeof(scene_seen->group), "%s", worker->conf->listen.group);
	scene_seen->incarnation = worker->incarnation;
	scene_seen->separated = worker->separated;
	scene_seen->operational = worker->operational;
	scene_seen->uid = geteuid();
	scene_seen->gid = getegid();
	if (strcmp(worker->conf->listen.group, "refused") == 0)
		return error_set(e, STATUS_DATA, "test.start", "the start is refused");
	return 0;
}

static void
program_listen(struct worker *worker, enum listen_purpose purpose, int fd)
{
	struct stat st = { 0 };

	(void)worker;
	scene_seen->listens++;
	scene_seen->purpose = (int)purpose;
	if (fstat(fd, &st) == 0)
		scene_seen->inode = st.st_ino;
	close(fd);
}

/* Healthy until something has been committed. */
static bool
program_healthy(struct worker *worker, char *text, size_t size)
{
	(void)worker;
	(void)snprintf(text, size, "a cause");
	return strchr(scene_seen->order, 'c') == NULL;
}

static int
program_prepare(struct worker *worker, const struct conf *conf, struct error *e)
{
	if (conf == worker->conf)
		return error_set(e, STATUS_BUG, "test.prepare", "the configuration in force was given");
	if (strcmp(conf->listen.group, "refused") == 0)
		return error_set(e, STATUS_CONFIG, "test.prepare", "the group is refused");
	return 0;
}

static void
program_commit(struct worker *worker)
{
	(void)strlcat(scene_seen->order, "c", sizeof(scene_seen->order));
	(void)snprintf(scene_seen->group, sizeof(scene_seen->group), "%s", worker->conf->listen.group);
}

/* Only a hurried second STOP ends it. */
static void
program_stop(struct worker *worker, int64_t timeout_ms)
{
	scene_seen->timeouts[scene_seen->stops++ % 4] = timeout_ms;
	if (timeout_ms < 1000)
		worker_stopped(worker);
}

static void
program_open_store(void *context, struct frame *frame, const struct message_open_store *message)
{
	struct error e;

	(void)message;
	(void)error_set(&e, STATUS_IO, "store.open", "cannot open %s", "it");
	worker_fail(context, frame->header.id, &e);
}

static void
program_ping_store(void *context, struct frame *frame, const struct message_ping_store *message)
{
	(void)frame;
	(void)message;
	worker_event(context, "test.ping", "pinged %d times", 1);
}

const struct worker_program scene_program = { .process = PROCESS_SQLITE,
	.profile = SANDBOX_STORAGE,
	.paths = program_paths,
	.start = program_start,
	.listen = program_listen,
	.healthy = program_healthy,
	.prepare = program_prepare,
	.commit = program_commit,
	.stop = program_stop,
	.handlers = { .open_store = program_open_store, .ping_store = program_ping_store } };
const struct worker_program scene_bare_program = { .process = PROCESS_CONTROL, .profile = SANDBOX_CONTROL };

/* ---- the supervisor ---- */

void
scene_set_up(void)
{
	scene_seen = mmap(NULL, sizeof(*scene_seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(scene_seen, MAP_FAILED);
	ck_assert_int_ne(scene_error_fd = memfd_create("stderr", MFD_CLOEXEC), -1);
	(void)unsetenv("JOURNAL_STREAM");
}

void
scene_tear_down(void)
{
	if (scene_channel_fd != -1)
		close(scene_channel_fd);
	close(scene_error_fd);
	(void)munmap(scene_seen, sizeof(*scene_seen));
}

void
scene_spawn_with(const struct worker_program *which, const char *const *arguments)
{
	char *argv[16] = { strdup("worker") }, parent[16];
	int argc = 1, ends[2];

	(void)snprintf(parent, sizeof(parent), "%ld", (long)getpid());
	for (; arguments[argc - 1] != NULL; argc++)
		argv[argc] = strdup(strcmp(arguments[argc - 1], SCENE_PARENT) == 0 ? parent : arguments[argc - 1]);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	if ((scene_pid = fork()) == 0) {
		int end = fcntl(ends[1], F_DUPFD, 100);

#ifdef __SANITIZE_ADDRESS__
		scene_is_worker = 1;
#endif
		if (dup2(scene_error_fd, STDERR_FILENO) == -1 || dup2(end, WORKER_CHANNEL_FD) == -1)
			_exit(99);
		for (int fd = WORKER_CHANNEL_FD + 1; fd < 200; fd++)
			close(fd);
		_exit(worker_main(which, argc, argv));
	}
	close(ends[1]);
	scene_channel_fd = ends[0];
	while (argc > 0)
		free(argv[--argc]);
}

void
scene_spawn(const struct worker_program *which)
{
	scene_spawn_with(which, (const char *const[]) { "-p", SCENE_PARENT, NULL });
}

void
scene_send(struct frame *frame, int encoded)
{
	ck_assert_int_eq(encoded, 0);
	ck_assert_int_eq(frame_send(scene_channel_fd, frame, NULL), 0);
	frame_close(frame);
}

int
scene_conf(const char *group)
{
	struct conf *conf = conf_new();
	int fd;

	ck_assert_int_eq(conf_set(conf, conf_key_find("listen.group"), group, NULL), 0);
	ck_assert_int_ne(fd = conf_send(conf, NULL), -1);
	conf_free(conf);
	return fd;
}

void
scene_send_start(const char *group, uint64_t hash)
{
	SCENE_SEND(start, 0, scene_conf(group), .table_hash = hash, .incarnation = 3, .separated = true,
	    .operational = true, .node_id = "node", .boot_id = "boot", .migrations_dir = "/m");
}

struct frame *
scene_await(enum message_type type)
{
	static struct frame frame;
	struct pollfd pfd = { .fd = scene_channel_fd, .events = POLLIN };
	struct error e = { .text = "" };

	ck_assert_int_eq(poll(&pfd, 1, DEADLINE_MS), 1);
	ck_assert_msg(frame_receive(scene_channel_fd, &frame, &e) == 1, "no %s: %s", message_name(type), e.text);
	ck_assert_str_eq(message_name(frame.header.type), message_name(type));
	return &frame;
}

void
scene_await_answer(enum message_type type, uint32_t id, bool wanted, const char *text)
{
	struct frame *frame = scene_await(type);
	struct frame_reader r = { .frame = frame };
	const char *said;
	bool yes;

	ck_assert_uint_eq(frame->header.id, id);
	frame_get_boolean(&r, &yes);
	frame_get_text(&r, &said);
	ck_assert(!r.failed && yes == wanted);
	ck_assert_msg(strstr(said, text) != NULL, "%s", said);
}

void
scene_begin(const struct worker_program *which)
{
	scene_spawn(which);
	scene_send_start("first", message_table_hash());
	(void)scene_await(MESSAGE_READY);
}

void
scene_catch_up(bool healthy)
{
	SCENE_SEND(heartbeat, 4711, -1, .nothing = 0);
	scene_await_answer(MESSAGE_HEALTH, 4711, healthy, "");
}

void
scene_assert_ends(int status, const char *text)
{
	struct pollfd pfd = { .fd = scene_channel_fd, .events = 0 };
	int how;
	char error_text[4096];
	ssize_t n;

	/* The channel is the worker's as long as it lives: its end is waited for in time. */
	if (scene_channel_fd != -1)
		ck_assert_int_eq(poll(&pfd, 1, DEADLINE_MS), 1);
	ck_assert_int_eq(waitpid(scene_pid, &how, 0), scene_pid);
	n = pread(scene_error_fd, error_text, sizeof(error_text) - 1, 0);
	error_text[n > 0 ? n : 0] = '\0';
	ck_assert_msg(WIFEXITED(how) && WEXITSTATUS(how) == status, "%#x: %s", (unsigned)how, error_text);
	ck_assert_msg(strstr(error_text, text) != NULL, "%s", error_text);
	ck_assert_msg(text[0] != '\0' || error_text[0] == '\0', "%s", error_text);
}
