/*
 * The program bibd-keeper itself, as the supervisor starts it: its sandbox lets OpenSSL and the files be, it keeps
 * nothing in memory that it need not, and its secrets outlive it.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/memfd.h"
#include "tests/unit/keeper_scene.h"
#include "tests/unit/run.h"

#define DEADLINE_MS 20000

/* One run of the program. */
struct run {
	pid_t pid;
	int supervisor;
	int peer;
	struct frame frame;
};

static void
run_exec(int channel_fd)
{
	const char *build = getenv("BIBD_BUILD");
	char path[4096], parent[16];

	(void)snprintf(path, sizeof(path), "%s/bibd-keeper", build == NULL ? "." : build);
	(void)snprintf(parent, sizeof(parent), "%ld", (long)getppid());
	if (dup2(channel_fd, WORKER_CHANNEL_FD) != -1)
		(void)execl(path, "bibd-keeper", "-p", parent, (char *)NULL);
	_exit(99);
}

static void
run_send(struct run *run, int fd, struct frame *frame, int encoded)
{
	(void)run;
	ck_assert_int_eq(encoded, 0);
	ck_assert_int_eq(frame_send(fd, frame, NULL), 0);
	frame_close(frame);
}

static struct frame_reader
run_await(struct run *run, int fd, enum message_type type)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct error e = { .text = "" };

	/* These may come between: they answer nothing. */
	do {
		frame_close(&run->frame);
		ck_assert_int_eq(poll(&pfd, 1, DEADLINE_MS), 1);
		ck_assert_msg(frame_receive(fd, &run->frame, &e) == 1, "no %s: %s", message_name(type), e.text);
	} while (run->frame.header.type == MESSAGE_EVENT || run->frame.header.type == MESSAGE_CREDENTIALS_STATE);
	if (run->frame.header.type == MESSAGE_FAILED)
		ck_abort_msg("%.*s", (int)run->frame.header.length, (const char *)run->frame.payload + 8);
	ck_assert_str_eq(message_name(run->frame.header.type), message_name(type));
	return (struct frame_reader) { .frame = &run->frame };
}

static int
run_conf(const char *managed)
{
	struct conf *conf = conf_new();
	int fd;

	ck_assert_int_eq(conf_set(conf, conf_key_find("node.data_dir"), scene_data_dir, NULL), 0);
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.backend"), "postgres", NULL), 0);
	ck_assert_int_eq(conf_set(conf, conf_key_find("database.postgres.managed"), managed, NULL), 0);
	ck_assert_int_ne(fd = conf_send(conf, NULL), -1);
	conf_free(conf);
	return fd;
}

static struct run *
run_start(const char *managed)
{
	struct message_start start = { .table_hash = message_table_hash(),
		.incarnation = 1,
		.node_id = SCENE_NODE,
		.boot_id = "boot",
		.migrations_dir = "" };
	struct message_peer peer = { .process = PROCESS_POSTGRES };
	struct run *run = calloc(1, sizeof(*run));
	struct frame frame;
	int ends[2];

	run->frame.fd = -1;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	run->supervisor = ends[0];
	if ((run->pid = fork()) == 0)
		run_exec(ends[1]);
	close(ends[1]);
	run_send(run, run->supervisor, &frame, message_encode_start(&frame, 0, &start, run_conf(managed), NULL));
	(void)run_await(run, run->supervisor, MESSAGE_READY);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	run->peer = ends[0];
	run_send(run, run->supervisor, &frame, message_encode_peer(&frame, 0, &peer, ends[1], NULL));
	return run;
}

static void
run_stop(struct run *run)
{
	struct message_stop stop = { .timeout_ms = 1000 };
	struct frame frame;
	int how;

	run_send(run, run->supervisor, &frame, message_encode_stop(&frame, 0, &stop, -1, NULL));
	(void)run_await(run, run->supervisor, MESSAGE_STOPPED);
	ck_assert_int_eq(waitpid(run->pid, &how, 0), run->pid);
	ck_assert_msg(WIFEXITED(how) && WEXITSTATUS(how) == 0, "%#x", (unsigned)how);
	close(run->supervisor);
	close(run->peer);
	free(run);
}

/* Opens the secrets; returns whether they are new. */
static bool
run_open(struct run *run, bool may_create)
{
	struct message_open_secrets open = { .may_create = may_create };
	struct frame_reader r;
	struct frame frame;
	bool created;

	run_send(run, run->supervisor, &frame, message_encode_open_secrets(&frame, 7, &open, -1, NULL));
	r = run_await(run, run->supervisor, MESSAGE_SECRETS_OPENED);
	frame_get_boolean(&r, &created);
	return created;
}

static char *
run_ask(struct run *run)
{
	struct message_credentials_request request = { .nothing = 0 };
	struct frame frame;
	size_t size;
	char *lines;

	run_send(run, run->peer, &frame, message_encode_credentials_request(&frame, 8, &request, -1, NULL));
	(void)run_await(run, run->peer, MESSAGE_CREDENTIALS);
	ck_assert_ptr_nonnull(lines = memfd_read(run->frame.fd, 65536, &size, NULL));
	return lines;
}

static int
run_count_in(const char *memory, size_t length, const char *secret, size_t size)
{
	const char *at = memory, *end = memory + length;
	int count = 0;

	for (; (at = memmem(at, (size_t)(end - at), secret, size)) != NULL; at++)
		count++;
	return count;
}

#ifdef __SANITIZE_ADDRESS__
/* The sanitizer's own memory is too large to look through. */
static const bool run_is_readable = false;
#else
static const bool run_is_readable = true;
#endif

/* How often this is in the memory of the process; -1 when that cannot be read (only root may). */
static int
run_count(const struct run *run, const char *secret, size_t size)
{
	static char memory[1 << 20];
	char path[64], line[512];
	FILE *maps;
	int fd, count = 0;

	(void)snprintf(path, sizeof(path), "/proc/%ld/mem", (long)run->pid);
	if (!run_is_readable || (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		ck_assert(!run_is_readable || geteuid() != 0);
		return -1;
	}
	(void)snprintf(path, sizeof(path), "/proc/%ld/maps", (long)run->pid);
	ck_assert_ptr_nonnull(maps = fopen(path, "re"));
	while (fgets(line, sizeof(line), maps) != NULL) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx rw", &start, &end) != 2 || strstr(line, " rw") == NULL)
			continue;
		for (ssize_t n; start < end; start += (unsigned long)n) {
			size_t want = end - start < sizeof(memory) ? end - start : sizeof(memory);

			if ((n = pread(fd, memory, want, (off_t)start)) <= 0)
				break;
			count += run_count_in(memory, (size_t)n, secret, size);
		}
	}
	(void)fclose(maps);
	close(fd);
	return count;
}

START_TEST(test_whole_life)
{
	struct run *run = run_start("true");
	char *first, *second;

	ck_assert(run_open(run, true));
	first = run_ask(run);
	run_stop(run);
	run = run_start("true");
	ck_assert(!run_open(run, false));
	second = run_ask(run);
	ck_assert_str_eq(first, second);
	run_stop(run);
	free(first);
	free(second);
}
END_TEST

/* The passwords as the file has them, so that the program need not be asked for them. */
static void
read_credentials(struct credentials *credentials)
{
	struct files files = scene_files();
	struct identity identity;

	ck_assert_int_eq(identity_read(&identity, &files, NULL, NULL), 1);
	ck_assert_int_eq(credentials_read(credentials, &files, &identity, SCENE_NODE, NULL), 1);
	identity_close(&identity);
	files_close(&files);
}

static void
assert_kept_once(const struct run *run, const struct credentials *credentials)
{
	for (size_t i = 0; i < credentials->count; i++) {
		const char *password = credentials->list[i].password;
		int count = run_count(run, password, strlen(password));

		ck_assert_msg(count == 1 || count == -1, "%d times %s", count, credentials->list[i].login);
	}
}

/* A password is in one place only, the credentials, after all it went through: random bytes, the file's text, lines. */
START_TEST(test_memory)
{
	struct run *run = run_start("true");
	struct credentials credentials;

	ck_assert(run_open(run, _i == 0) == (_i == 0));
	read_credentials(&credentials);
	assert_kept_once(run, &credentials);
	free(run_ask(run));
	assert_kept_once(run, &credentials);
	run_stop(run);
}
END_TEST

static void
test_memory_set_up(void)
{
	struct run *run;

	scene_set_up();
	run = run_start("true");
	(void)run_open(run, true);
	run_stop(run);
}

int
main(void)
{
	TCase *t = tcase_create("all"), *memory = tcase_create("memory");

	tcase_add_checked_fixture(t, scene_set_up, scene_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_whole_life);
	tcase_add_loop_test(t, test_memory, 0, 1);
	/* The same of secrets that are read and not made. */
	tcase_add_checked_fixture(memory, test_memory_set_up, scene_tear_down);
	tcase_set_timeout(memory, 60);
	tcase_add_loop_test(memory, test_memory, 1, 2);
	return unit_run("keeper_program", t, memory, NULL);
}
