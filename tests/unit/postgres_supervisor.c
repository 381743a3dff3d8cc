/*
 * postgres_supervisor PROGRAM DIRECTORY [KEY=VALUE...]: runs bibd-postgres as the supervisor would, for tests of the pool
 * alone. Clients find it in DIRECTORY on port 5432. TERM stops it in an orderly way, USR1 prints its statistics.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/channel.h"
#include "common/conf.h"
#include "common/log.h"

#define STOP_MS 10000

struct scene {
	struct loop loop;
	struct channel channel;
	struct loop_watch signals;
	struct conf *conf;
	pid_t pid;
};

/* Nobody signs here. */
static void
take_audit_sign(void *context, struct frame *frame, const struct message_audit_sign *message)
{
	(void)context;
	(void)frame;
	(void)message;
}

static void
take_ready(void *context, struct frame *frame, const struct message_ready *message)
{
	struct scene *scene = context;

	(void)frame;
	(void)message;
	(void)channel_send_open_store(&scene->channel, 1, NULL, -1);
}

static void
take_opened(void *context, struct frame *frame, const struct message_store_opened *message)
{
	struct scene *scene = context;

	(void)frame;
	(void)message;
	(void)channel_send_ping_store(&scene->channel, 2, NULL, -1);
}

static void
take_answered(void *context, struct frame *frame, const struct message_store_answered *message)
{
	(void)context;
	(void)frame;
	(void)message;
	fprintf(stderr, "ready\n");
}

static void
take_failed(void *context, struct frame *frame, const struct message_failed *message)
{
	(void)context;
	(void)frame;
	fprintf(stderr, "failed: %s: %s\n", message->code, message->text);
}

static void
take_statistics(void *context, struct frame *frame, const struct message_statistics *message)
{
	(void)context;
	(void)frame;
	fprintf(stderr, "sessions %u %u %u %u starting %u connections %u/%u pinned %u waiting %u\n",
	    message->sessions_admin, message->sessions_write, message->sessions_query, message->sessions_audit,
	    message->sessions_starting, message->connections_open, message->connections_max,
	    message->connections_pinned, message->clients_waiting);
}

static void
take_stopped(void *context, struct frame *frame, const struct message_stopped *message)
{
	(void)context;
	(void)frame;
	(void)message;
	fprintf(stderr, "stopped\n");
}

static void
take_event(void *context, struct frame *frame, const struct message_event *message)
{
	(void)context;
	(void)frame;
	fprintf(stderr, "event %s: %s\n", message->code, message->text);
}

static void
take_lost(void *context, struct frame *frame, const struct message_store_lost *message)
{
	struct scene *scene = context;

	(void)frame;
	fprintf(stderr, "lost: %s\n", message->cause);
	(void)channel_send_open_store(&scene->channel, 1, NULL, -1);
}

static void
channel_gone(struct channel *channel, const struct error *why)
{
	struct scene *scene = channel->context;
	int status = 0;

	(void)waitpid(scene->pid, &status, 0);
	fprintf(stderr, "bibd-postgres ended: %s (%d)\n", why->text, status);
	exit(status == 0 ? 0 : 1);
}

static void
take_signal(struct loop_watch *watch, uint32_t events)
{
	struct scene *scene = watch->arg;
	struct signalfd_siginfo info;

	(void)events;
	if (read(watch->fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	if (info.ssi_signo == SIGUSR1)
		(void)channel_send_statistics_request(&scene->channel, 3, NULL, -1);
	else
		(void)channel_send_stop(&scene->channel, 4, &(struct message_stop) { .timeout_ms = STOP_MS }, -1);
}

static int
listen_in(const char *directory)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", directory);
	(void)unlink(address.sun_path);
	if (fd == -1 || bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1 || listen(fd, 4096) == -1) {
		perror(address.sun_path);
		exit(71);
	}
	return fd;
}

static void
run_program(struct scene *scene, const char *program, int fd)
{
	char parent[16];

	(void)snprintf(parent, sizeof(parent), "%d", (int)getpid());
	if ((scene->pid = fork()) == 0) {
		sigset_t none;

		(void)sigemptyset(&none);
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		(void)dup2(fd, 3);
		(void)execl(program, program, "-p", parent, (char *)NULL);
		perror(program);
		_exit(71);
	}
	close(fd);
}

static void
set_up(struct scene *scene, char **settings, struct error *e)
{
	static const char *const defaults[] = { "database.backend=postgres", "database.postgres.managed=false",
		"database.postgres.advanced.ssl_mode=disable" };

	scene->conf = conf_new();
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]) || *settings != NULL; i++) {
		const char *text = i < sizeof(defaults) / sizeof(defaults[0]) ? defaults[i] : *settings++;
		const char *equals = strchr(text, '=');
		char path[128];

		(void)snprintf(path, sizeof(path), "%.*s", (int)(equals == NULL ? 0 : equals - text), text);
		if (equals == NULL || conf_key_find(path) == NULL) {
			fprintf(stderr, "unknown: %s\n", text);
			exit(64);
		}
		if (conf_set(scene->conf, conf_key_find(path), equals + 1, e) == -1)
			fatal(e);
	}
	(void)conf_add_access(scene->conf, false, "anybody", getuid(),
	    (const enum role[]) { ROLE_ADMIN, ROLE_WRITE, ROLE_QUERY, ROLE_AUDIT }, ROLES);
}

int
main(int argc, char **argv)
{
	static const struct message_handlers handlers = { .audit_sign = take_audit_sign, .ready = take_ready, .store_opened = take_opened,
		.store_answered = take_answered, .failed = take_failed, .statistics = take_statistics,
		.stopped = take_stopped, .event = take_event, .store_lost = take_lost };
	static struct scene scene;
	struct message_start start = { .table_hash = message_table_hash(), .incarnation = 1, .node_id = "node",
		.boot_id = "boot", .migrations_dir = "/nonexistent" };
	int pair[2], fd;
	struct error e;
	sigset_t set;

	if (argc < 3)
		return 64;
	log_init("scene");
	(void)setrlimit(RLIMIT_NOFILE, &(struct rlimit) { 65536, 65536 });
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	set_up(&scene, argv + 3, &e);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == -1)
		return 71;
	run_program(&scene, argv[1], pair[1]);
	if (loop_open(&scene.loop, &e) == -1 ||
	    channel_open(&scene.channel, &scene.loop, pair[0], PROCESS_SUPERVISOR, PROCESS_POSTGRES, &handlers, &scene,
		channel_gone, &e) == -1 ||
	    loop_watch_add(&scene.loop, &scene.signals, signalfd(-1, &set, SFD_CLOEXEC), EPOLLIN, take_signal, &scene, &e) == -1)
		fatal(&e);
	if ((fd = conf_send(scene.conf, &e)) == -1)
		fatal(&e);
	(void)channel_send_start(&scene.channel, 0, &start, fd);
	(void)channel_send_listen(&scene.channel, 0, &(struct message_listen) { .purpose = LISTEN_CLIENTS },
	    listen_in(argv[2]));
	return loop_run(&scene.loop, &e) == -1 ? 71 : 0;
}
