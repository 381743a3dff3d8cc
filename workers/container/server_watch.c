/*
 * Watches a server that runs. The engine's event stream tells of its end and of who sent it a signal; the pidfd of its
 * first process tells of the end also when there is no engine any more. The container is then inspected once, and its
 * end is told with its cause.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/container/container.h"
#include "workers/container/usage.h"

static void managed_server_examine(struct managed_server *server);
static void managed_server_watch_events(struct managed_server *server);

static void
managed_server_examine_later(struct loop_timer *timer)
{
	managed_server_examine(timer->arg);
}

static void
managed_server_examine_in(struct managed_server *server, int64_t ms)
{
	loop_timer_set(&server->worker->loop, &server->watch.examine_timer, ms, managed_server_examine_later, server);
}

static void
managed_server_forget_process(struct managed_server *server)
{
	int fd = server->watch.process.fd;

	loop_watch_delete(&server->watch.process);
	if (fd != -1)
		close(fd);
	server->watch.process.fd = -1;
	server->watch.pid = 0;
	if (server->watch.kills_fd != -1)
		close(server->watch.kills_fd);
	server->watch.kills_fd = -1;
}

void
managed_server_watch_end(struct managed_server *server)
{
	managed_server_cancel(server, MANAGED_SERVER_TASK_EVENTS);
	managed_server_cancel(server, MANAGED_SERVER_TASK_INSPECT);
	managed_server_cancel(server, MANAGED_SERVER_TASK_LOG);
	managed_server_crash_end(server);
	loop_timer_cancel(&server->watch.begin_timer);
	loop_timer_cancel(&server->watch.examine_timer);
	managed_server_forget_process(server);
	free(server->watch.log);
	server->watch.log = NULL;
}

/* The container runs: either nothing had happened, or the engine has come back to it. */
static void
managed_server_resume(struct managed_server *server)
{
	if (server->watch.engine_lost)
		worker_event(server->worker, "server.engine_back", "%s is back, and the server ran on without it",
		    server->engine.kind->name);
	server->watch.engine_lost = server->watch.ended = server->watch.stopped = server->watch.signalled = false;
	server->watch.signal = 0;
	if (!managed_server_is_busy(server, MANAGED_SERVER_TASK_EVENTS))
		managed_server_watch_events(server);
}

static void
managed_server_lose_engine(struct managed_server *server)
{
	if (!server->watch.engine_lost) {
		server->watch.engine_lost = true;
		worker_event(server->worker, "server.engine_lost",
		    "%s does not answer any more; the server is watched without it until it is back",
		    server->engine.kind->name);
	}
	managed_server_examine_in(server, MANAGED_SERVER_ENGINE_RETRY_MS);
}

/* Without the engine, only the end of the process is known. */
static void
managed_server_examine_without_engine(struct managed_server *server)
{
	if (server->watch.ended) {
		server->watch.engine_lost = true;
		managed_server_report_death(server);
	} else
		managed_server_lose_engine(server);
}

static void
managed_server_examined(struct managed_server *server)
{
	if (--server->watch.looks > 0)
		return;
	if (server->container.running && !server->watch.restarted)
		managed_server_resume(server);
	else
		managed_server_report_death(server);
}

static void
managed_server_examined_log(struct managed_server *server, const struct job_result *result)
{
	free(server->watch.log);
	server->watch.log = strdup(result->output);
	managed_server_examined(server);
}

static void
managed_server_examined_container(struct managed_server *server, const struct job_result *result)
{
	char name[ENGINE_NAME_MAX];
	struct inspection container;

	if (!job_succeeded(result) &&
	    (result->end != JOB_EXITED || strcasestr(result->error_text, "no such") == NULL)) {
		managed_server_cancel(server, MANAGED_SERVER_TASK_LOG);
		managed_server_examine_without_engine(server);
		return;
	}
	spec_server_name(server->worker->node_id, name, sizeof(name));
	inspection_find(result->output, name, &container);
	/* Another container of that name, made since, is not the one that is watched. */
	if (strcmp(container.id, server->container.id) != 0)
		container = (struct inspection) { 0 };
	/* For a moment, an engine may still say that a container runs that has ended. */
	server->watch.restarted =
	    server->watch.ended && container.running && container.started_us > server->container.started_us;
	server->container = container;
	managed_server_examined(server);
}

static void
managed_server_examine(struct managed_server *server)
{
	struct arguments arguments = { 0 };
	enum engine_failure failure;

	if (!engine_reach(server->engine.kind, server->engine.socket, &failure, NULL)) {
		managed_server_examine_without_engine(server);
		return;
	}
	server->watch.looks = 2;
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "logs", "--tail", MANAGED_SERVER_DEATH_LOG_LINES, server->container.id, NULL);
	if (managed_server_run(server, MANAGED_SERVER_TASK_LOG, &arguments,
		&(struct job_request) { .deadline_ms = ENGINE_ANSWER_MS,
		    .merged = true,
		    .only_end = true,
		    .output_max = MANAGED_SERVER_LOG_MAX },
		managed_server_examined_log) == -1 ||
	    managed_server_inspect(server, managed_server_examined_container) == -1)
		managed_server_examine_in(server, MANAGED_SERVER_ENGINE_RETRY_MS);
}

static void
managed_server_notice_end(struct managed_server *server)
{
	if (server->watch.ended)
		return;
	server->watch.ended = true;
	/* Somebody has stopped or signalled the container through the engine: a removal may follow, or the engine
	 * itself is ending. */
	managed_server_examine_in(server,
	    server->watch.signalled || server->watch.stopped ? MANAGED_SERVER_SETTLE_MS : 0);
}

/* ---- the event stream ---- */

static void
managed_server_event_line(void *context, const char *line, bool from_error)
{
	struct managed_server_task *task = context;
	struct managed_server *server = task->server;
	const struct engine_kind *kind = server->engine.kind;
	size_t size = strcspn(line, "\t");
	char action[32];
	const char *signal_text;

	if (from_error || size >= sizeof(action))
		return;
	(void)snprintf(action, sizeof(action), "%.*s", (int)size, line);
	if (strcmp(action, kind->died_action) == 0 || strcmp(action, kind->removed_action) == 0)
		managed_server_notice_end(server);
	else if (strcmp(action, "stop") == 0)
		server->watch.stopped = true;
	else if (strcmp(action, "kill") == 0 && !server->watch.signalled) {
		server->watch.signalled = true;
		if ((signal_text = strrchr(line, '\t')) != NULL)
			server->watch.signal = (int)strtol(signal_text + 1, NULL, 10);
	}
}

/* The stream never ends by itself: the engine is ending, or was restarted. */
static void
managed_server_events_ended(struct managed_server *server, const struct job_result *result)
{
	char complaint[256];

	if (server->watch.ended)
		return;
	log_debug("the event stream ended: %s", job_complaint(result, complaint, sizeof(complaint)));
	managed_server_examine_in(server,
	    clock_now_ms() - server->watch.events_at < MANAGED_SERVER_ENGINE_RETRY_MS ? MANAGED_SERVER_ENGINE_RETRY_MS
										      : 0);
}

static void
managed_server_watch_events(struct managed_server *server)
{
	struct arguments arguments = { 0 };

	server->watch.events_at = clock_now_ms();
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "events", "--format", server->engine.kind->events_format, "--filter", NULL);
	arguments_addf(&arguments, "container=%s", server->container.id);
	arguments_add(&arguments, "--since", NULL);
	arguments_addf(&arguments, "%lld.%06lld", (long long)(server->watch.since_us / 1000000),
	    (long long)(server->watch.since_us % 1000000));
	server->watch.since_us = clock_realtime_us();
	if (managed_server_run(server, MANAGED_SERVER_TASK_EVENTS, &arguments,
		&(struct job_request) { .deadline_ms = JOB_NO_DEADLINE, .line = managed_server_event_line },
		managed_server_events_ended) == -1)
		managed_server_examine_in(server, MANAGED_SERVER_ENGINE_RETRY_MS);
}

/* ---- the process ---- */

static void
managed_server_process_ended(struct loop_watch *watch, uint32_t events)
{
	struct managed_server *server = watch->arg;

	(void)events;
	/* Not every engine notices that memory was out; the control group still exists for a moment. */
	server->watch.out_of_memory = usage_read_kills(server->watch.kills_fd) > server->watch.kills;
	managed_server_forget_process(server);
	if (server->watch.ended)
		return;
	/* The engine's event, which says more, follows, if there is an engine. */
	server->watch.ended = true;
	managed_server_examine_in(server, MANAGED_SERVER_SETTLE_MS);
}

/* The engine may number processes otherwise than this host: the process is the one only if its control group bears the
 * container's id. */
static bool
managed_server_is_process(const struct managed_server *server, int64_t pid)
{
	char path[64], text[4096];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%lld/cgroup", (long long)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return strstr(text, server->container.id) != NULL;
}

static void
managed_server_watch_process(struct managed_server *server, int64_t pid)
{
	int fd;

	if (pid <= 0 || (fd = pidfd_open((pid_t)pid, 0)) == -1)
		return;
	if (!managed_server_is_process(server, pid) ||
	    loop_watch_add(&server->worker->loop, &server->watch.process, fd, EPOLLIN, managed_server_process_ended,
		server, NULL) == -1) {
		close(fd);
		server->watch.process.fd = -1;
		return;
	}
	server->watch.pid = pid;
	server->watch.kills_fd = usage_open_kills(pid);
	server->watch.kills = server->crash.kills = usage_read_kills(server->watch.kills_fd);
}

static void
managed_server_take_pid(struct managed_server *server, const struct job_result *result)
{
	char name[ENGINE_NAME_MAX];
	struct inspection container;

	spec_server_name(server->worker->node_id, name, sizeof(name));
	inspection_find(result->output, name, &container);
	if (container.running)
		managed_server_watch_process(server, container.pid);
}

/* The event stream begins at the time when the container was made. */
static void
managed_server_watch_later(struct loop_timer *timer)
{
	struct managed_server *server = timer->arg;

	if (server->watch.ended)
		return;
	managed_server_watch_events(server);
	if (!managed_server_is_busy(server, MANAGED_SERVER_TASK_INSPECT))
		(void)managed_server_inspect(server, managed_server_take_pid);
}

void
managed_server_watch_begin(struct managed_server *server)
{
	int64_t since = server->watch.since_us;

	managed_server_watch_end(server);
	server->watch = (struct managed_server_watch) { .process = { .fd = -1 },
		.kills_fd = -1,
		.since_us = since != 0 ? since : clock_realtime_us() };
	managed_server_crash_begin(server);
	if (server->container.pid == 0) {
		loop_timer_set(&server->worker->loop, &server->watch.begin_timer, MANAGED_SERVER_WATCH_DELAY_MS,
		    managed_server_watch_later, server);
		return;
	}
	managed_server_watch_process(server, server->container.pid);
	managed_server_watch_events(server);
}
