/*
 * Makes a node of channels and a clock that stands still, and plays its workers.
 */
#include "tests/unit/supervisor_scene.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/conf/parse.h"

struct scene scene;

static int64_t scene_now;

static int64_t
scene_clock(void)
{
	return scene_now;
}

/* ---- what is handed in ---- */

static void
scene_do_nothing(void *context)
{
	(void)context;
}

static void
scene_changed(void *context, enum lifecycle_state from)
{
	(void)context;
	(void)from;
}

static int
scene_begin(void *context, struct child *child, struct error *e)
{
	(void)context;
	(void)child;
	(void)e;
	return 0;
}

static size_t
scene_find_groups(void *context, const struct child *child, gid_t groups[PROCESS_GROUPS_MAX])
{
	(void)context;
	(void)child;
	(void)groups;
	return 0;
}

static bool
scene_is_paused(void *context)
{
	(void)context;
	return true;
}

static void
scene_take_event(void *context, const struct event *event)
{
	size_t used = strlen(scene.events);

	(void)context;
	(void)snprintf(scene.events + used, sizeof(scene.events) - used, " %s", event->code);
}

static const struct message_handlers scene_handlers;
static struct children_hooks scene_hooks;

/* ---- the scene ---- */

void
scene_write_conf(const char *yaml)
{
	FILE *file = fopen(scene.conf_path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(fprintf(file, "%snode:\n  data_dir: %s/data\n", yaml, scene.directory), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void
scene_open_lifecycle(void)
{
	static void (*actions[LIFECYCLE_ACTIONS])(void *);
	const struct lifecycle_times times = { .startup = 60000,
		.shutdown = 30000,
		.server = 30000,
		.grace = 3000,
		.hurry = 1000 };

	for (size_t i = 0; i < LIFECYCLE_ACTIONS; i++)
		actions[i] = scene_do_nothing;
	lifecycle_init(&scene.node.lifecycle, &times, actions, scene_changed, NULL);
}

void
scene_open(const char *yaml, const struct children_hooks *hooks)
{
	struct error e;

	scene_now = 1000000;
	clock_set_fake(scene_clock);
	log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	scene = (struct scene) { .directory = "/tmp/bibd-scene-XXXXXX" };
	memset(scene.ends, -1, sizeof(scene.ends));
	ck_assert_ptr_nonnull(mkdtemp(scene.directory));
	(void)snprintf(scene.conf_path, sizeof(scene.conf_path), "%s/bibd.yaml", scene.directory);
	scene_write_conf(yaml);
	scene.node.conf_path = scene.conf_path;
	scene.node.conf = conf_load(scene.conf_path, &e);
	ck_assert_msg(scene.node.conf != NULL, "%s", scene.node.conf == NULL ? e.text : "");
	scene.node.notify.fd = -1;
	ck_assert_int_eq(loop_open(&scene.node.loop, &e), 0);
	scene_open_lifecycle();
	events_add_sink(&scene.node.events, scene_take_event, NULL);
	scene_hooks = hooks != NULL ? *hooks : (struct children_hooks) { 0 };
	if (scene_hooks.handlers == NULL)
		scene_hooks.handlers = &scene_handlers;
	if (scene_hooks.begin == NULL)
		scene_hooks.begin = scene_begin;
	scene_hooks.find_groups = scene_find_groups;
	scene_hooks.is_paused = scene_is_paused;
	children_init(&scene.children, &scene.node, &scene_hooks, &scene);
}

void
scene_close(void)
{
	for (size_t i = 0; i < scene.children.n; i++) {
		struct child *child = &scene.children.list[i];

		channel_close(&child->channel);
		if (scene.ends[i] != -1)
			close(scene.ends[i]);
		if (child->program_fd != -1 && child_has_process(child)) {
			(void)kill(child->pid, SIGKILL);
			(void)waitpid(child->pid, NULL, 0);
		}
	}
	children_close(&scene.children);
	loop_close(&scene.node.loop);
	events_free(&scene.node.events);
	conf_free(scene.node.conf);
	(void)unlink(scene.conf_path);
	(void)rmdir(scene.directory);
	clock_set_fake(NULL);
}

/* ---- workers ---- */

static struct child *
scene_add(enum process process)
{
	struct child *child = &scene.children.list[scene.children.n++];

	*child = (struct child) { .children = &scene.children,
		.node = &scene.node,
		.name = process_name(process),
		.program_fd = -1,
		.channel = { .watch = { .fd = -1 } } };
	for (size_t i = 0; i < process_nprograms; i++)
		if (process_programs[i].process == process)
			child->program = &process_programs[i];
	ck_assert_ptr_nonnull(child->program);
	users_self(&child->user);
	return child;
}

struct child *
scene_add_up(enum process process)
{
	struct child *child = scene_add(process);
	int ends[2];
	struct error e;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
	ck_assert_int_eq(child_open_channel(child, ends[0], &e), 0);
	scene.ends[child - scene.children.list] = ends[1];
	child->pid = INT32_MAX; /* no pid is so high: a signal to it reaches nobody */
	child->state = CHILD_UP;
	return child;
}

struct child *
scene_add_program(enum process process)
{
	struct child *child = scene_add(process);

	ck_assert_int_ne(child->program_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC), -1);
	return child;
}

void
scene_be_worker(int argc, char **argv)
{
	if (argc != 3 || strcmp(argv[1], "-p") != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == (pid_t)strtol(argv[2], NULL, 10))
		(void)pause();
	_exit(EXIT_SUCCESS);
}

const char *
scene_next(const struct child *child)
{
	int end = scene.ends[child - scene.children.list];
	struct frame frame;
	struct error e;

	if (frame_receive(end, &frame, &e) != 1)
		return "";
	frame_close(&frame);
	return message_name(frame.header.type);
}

void
scene_pass(int64_t ms)
{
	struct error e;

	scene_now += ms;
	ck_assert_int_eq(loop_run_once(&scene.node.loop, 0, &e), 0);
}

void
scene_end(struct child *child, int wait_status)
{
	if (child->program_fd != -1) {
		(void)kill(child->pid, SIGKILL);
		ck_assert_int_eq(waitpid(child->pid, NULL, 0), child->pid);
	}
	child_reap(child, wait_status);
}

bool
scene_has_event(const char *code)
{
	char word[80];
	bool has;

	(void)snprintf(word, sizeof(word), " %s", code);
	has = strstr(scene.events, word) != NULL;
	scene.events[0] = '\0';
	return has;
}
