/*
 * A supervisor of a few lines for bibd-container, to be driven by hand or by a script on real engines:
 *
 *	container_scene [-u uid -g gid -G gid,...] PROGRAM NODE-ID SERVER-UID SERVER-GID DOCKER-SOCKET PODMAN-SOCKET
 *	    [KEY=VALUE...]
 *
 * It starts the worker with that configuration and reads commands from standard input, a line each: init VERIFIER,
 * start [VERIFIER], stop MS, log N, usage, wait NAME (until a message of that name), sleep MS, quit. Every message of
 * the worker is printed with the milliseconds since the start.
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/channel.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/memfd.h"
#include "workers/worker.h"

#define DEADLINE_MS 120000

struct scene {
	struct loop loop;
	struct channel channel;
	int64_t begun;
	pid_t pid;
	uint32_t uid, gid;
	const char *docker_socket, *podman_socket;
	const char *node_id;
	const char *last; /* name of the last message */
};

__attribute__((format(printf, 3, 4))) static void
scene_say(struct scene *scene, const char *name, const char *fmt, ...)
{
	va_list ap;

	printf("%6lld %s ", (long long)(clock_now_ms() - scene->begun), name);
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	(void)fflush(stdout);
	scene->last = name;
}

static void
scene_ready(void *context, struct frame *frame, const struct message_ready *message)
{
	(void)frame;
	(void)message;
	scene_say(context, "READY", "%s", "");
}

static void
scene_failed(void *context, struct frame *frame, const struct message_failed *message)
{
	(void)frame;
	scene_say(context, "FAILED", "%u %s: %s", message->status, message->code, message->text);
}

static void
scene_initialised(void *context, struct frame *frame, const struct message_server_initialised *message)
{
	(void)frame;
	(void)message;
	scene_say(context, "INITIALISED", "%s", "");
}

static void
scene_progress(void *context, struct frame *frame, const struct message_server_progress *message)
{
	(void)frame;
	scene_say(context, "PROGRESS", "%s", message->text);
}

static void
scene_started(void *context, struct frame *frame, const struct message_server_started *message)
{
	(void)frame;
	scene_say(context, "STARTED", "%s %s %s %.12s %s %.19s%s %lld", message->engine, message->engine_version,
	    message->name, message->container_id, message->image, message->image_id, message->adopted ? " adopted" : "",
	    (long long)message->started_us);
}

static void
scene_died(void *context, struct frame *frame, const struct message_server_died *message)
{
	(void)frame;
	scene_say(context, "DIED", "%s: %s", message->code, message->cause);
}

static void
scene_server_stopped(void *context, struct frame *frame, const struct message_server_stopped *message)
{
	(void)frame;
	scene_say(context, "STOPPED", "%s%s", message->killed ? "killed " : "", message->text);
}

static void
scene_log(void *context, struct frame *frame, const struct message_log *message)
{
	size_t size;
	char *text = memfd_read(frame->fd, (size_t)8 * 1024 * 1024, &size, NULL);

	(void)message;
	scene_say(context, "LOG", "%zu bytes\n%s", size, text != NULL ? text : "unreadable");
	free(text);
}

static void
scene_usage(void *context, struct frame *frame, const struct message_usage *message)
{
	(void)frame;
	scene_say(context, "USAGE", "%llu", (unsigned long long)message->memory_bytes);
}

static void
scene_event(void *context, struct frame *frame, const struct message_event *message)
{
	(void)frame;
	scene_say(context, "EVENT", "%s: %s", message->code, message->text);
}

static void
scene_closed(struct channel *channel, const struct error *why)
{
	scene_say(channel->context, "CLOSED", "%s", why->text);
	exit(1);
}

static const struct message_handlers scene_handlers = { .ready = scene_ready,
	.failed = scene_failed,
	.server_initialised = scene_initialised,
	.server_progress = scene_progress,
	.server_started = scene_started,
	.server_died = scene_died,
	.server_stopped = scene_server_stopped,
	.log = scene_log,
	.usage = scene_usage,
	.event = scene_event };

static int
scene_spawn(struct scene *scene, const char *program, char **options, int noptions)
{
	char *argv[16] = { strdup(program), strdup("-p") }, parent[16];
	int argc = 2, ends[2];

	(void)snprintf(parent, sizeof(parent), "%ld", (long)getpid());
	argv[argc++] = parent;
	for (int i = 0; i < noptions && argc < 15; i++)
		argv[argc++] = options[i];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == -1)
		return -1;
	if ((scene->pid = fork()) == 0) {
		int end = fcntl(ends[1], F_DUPFD, 100);

		if (end == -1 || dup2(end, WORKER_CHANNEL_FD) == -1)
			_exit(99);
		close(end);
		(void)execv(program, argv);
		_exit(98);
	}
	close(ends[1]);
	free(argv[0]);
	free(argv[1]);
	return channel_open(&scene->channel, &scene->loop, ends[0], PROCESS_SUPERVISOR, PROCESS_CONTAINER,
	    &scene_handlers, scene, scene_closed, NULL);
}

static void
scene_configure(struct scene *scene, char **settings, bool separated)
{
	struct conf *conf = conf_new();
	struct message_start start = { .table_hash = message_table_hash(),
		.incarnation = 1,
		.separated = separated,
		.node_id = scene->node_id,
		.boot_id = "boot",
		.migrations_dir = "" };
	struct error e;

	for (; *settings != NULL; settings++) {
		char *value = strchr(*settings, '=');

		if (value == NULL)
			errx(64, "%s is no KEY=VALUE", *settings);
		*value++ = '\0';
		if (conf_key_find(*settings) == NULL || conf_set(conf, conf_key_find(*settings), value, &e) == -1)
			errx(64, "%s cannot be set", *settings);
	}
	(void)channel_send_start(&scene->channel, 0, &start, conf_send(conf, NULL));
	conf_free(conf);
}

static void
scene_run(struct scene *scene, int64_t ms, const char *until)
{
	int64_t end = clock_now_ms() + ms;

	scene->last = "";
	while (clock_now_ms() < end && strcmp(scene->last, until) != 0 && strcmp(scene->last, "FAILED") != 0)
		(void)loop_run_once(&scene->loop, (int)(end - clock_now_ms()), NULL);
}

static void
scene_start(struct scene *scene, bool initialise, const char *verifier)
{
	const struct message_start_server start = { .docker_socket = scene->docker_socket,
		.podman_sockets = scene->podman_socket,
		.uid = scene->uid,
		.gid = scene->gid,
		.initialise = initialise,
		.verifier = verifier };

	(void)channel_send_start_server(&scene->channel, channel_next_id(&scene->channel), &start, -1);
}

static bool
scene_obey(struct scene *scene, char *line)
{
	char *word = strtok(line, " \n"), *rest = strtok(NULL, " \n");
	unsigned number = rest != NULL ? (unsigned)strtoul(rest, NULL, 10) : 0;
	uint32_t id = channel_next_id(&scene->channel);

	if (word == NULL)
		return true;
	scene_say(scene, ">", "%s %s", word, rest != NULL ? rest : "");
	if (strcmp(word, "init") == 0)
		scene_start(scene, true, rest != NULL ? rest : "");
	else if (strcmp(word, "start") == 0)
		scene_start(scene, false, rest != NULL ? rest : "");
	else if (strcmp(word, "stop") == 0)
		(void)channel_send_stop_server(&scene->channel, id, &(struct message_stop_server) { number }, -1);
	else if (strcmp(word, "log") == 0)
		(void)channel_send_log_request(&scene->channel, id, &(struct message_log_request) { .lines = number },
		    -1);
	else if (strcmp(word, "usage") == 0)
		(void)channel_send_usage_request(&scene->channel, id, NULL, -1);
	else if (strcmp(word, "wait") == 0)
		scene_run(scene, DEADLINE_MS, rest != NULL ? rest : "");
	else if (strcmp(word, "sleep") == 0)
		scene_run(scene, number, "nothing");
	return strcmp(word, "quit") != 0;
}

int
main(int argc, char **argv)
{
	struct scene scene = { .begun = clock_now_ms(), .last = "" };
	struct pollfd in[2] = { { .fd = STDIN_FILENO, .events = POLLIN } };
	int first = 1;
	char line[1024];

	while (first + 1 < argc && argv[first][0] == '-')
		first += 2;
	if (argc - first < 6)
		errx(64,
		    "usage: container_scene [-u uid -g gid -G gids] program node-id uid gid docker podman "
		    "[key=value...]");
	scene.node_id = argv[first + 1];
	scene.uid = (uint32_t)strtoul(argv[first + 2], NULL, 10);
	scene.gid = (uint32_t)strtoul(argv[first + 3], NULL, 10);
	scene.docker_socket = argv[first + 4];
	scene.podman_socket = argv[first + 5];
	if (loop_open(&scene.loop, NULL) == -1 || scene_spawn(&scene, argv[first], argv + 1, first - 1) == -1)
		errx(71, "cannot start %s", argv[first]);
	scene_configure(&scene, argv + first + 6, first > 1);
	scene_run(&scene, DEADLINE_MS, "READY");
	(void)setvbuf(stdin, NULL, _IONBF, 0);
	for (;;) {
		in[1] = (struct pollfd) { .fd = scene.loop.epoll_fd, .events = POLLIN };
		if (poll(in, 2, -1) == -1)
			break;
		if (in[1].revents != 0)
			(void)loop_run_once(&scene.loop, 0, NULL);
		if (in[0].revents != 0 && (fgets(line, sizeof(line), stdin) == NULL || !scene_obey(&scene, line)))
			break;
	}
	channel_close(&scene.channel);
	(void)waitpid(scene.pid, NULL, 0);
	return 0;
}
