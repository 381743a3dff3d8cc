/*
 * The program bibd-container: brings the PostgreSQL server up in a container, watches it, and takes it down, by means
 * of docker(1) or podman(1). It sees no client and opens no database.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/container/container.h"

/* Landlock restricts files, not connections to a socket's path, so the engine's socket is not in this list. */
static size_t
main_paths(struct worker *worker, struct sandbox_path *paths, size_t max)
{
	static const char *const programs[] = { "/usr", "/bin", "/lib", "/lib64", "/lib32", "/libx32", "/usr/local" };
	static const char *const readable[] = { "/etc", "/proc", "/sys/fs/cgroup", "/dev/urandom",
		"/run/systemd/resolve" };
	static char home[PATH_MAX], files[PATH_MAX], registry[PATH_MAX]; /* they live as long as the worker */
	size_t n = 0;

	if (conf_postgres_path(worker->conf, "etc", files, sizeof(files)) == -1)
		files[0] = '\0';
	(void)snprintf(home, sizeof(home), "%s/container", worker->conf->node.data_dir);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]) && n < max; i++)
		paths[n++] = (struct sandbox_path) { .path = programs[i], .executable = true };
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]) && n < max; i++)
		paths[n++] = (struct sandbox_path) { .path = readable[i] };
	if (n + 3 <= max) {
		paths[n++] = (struct sandbox_path) { .path = home, .writable = true };
		paths[n++] = (struct sandbox_path) { .path = files, .writable = true };
		paths[n++] = (struct sandbox_path) { .path = "/dev/null", .writable = true };
	}
	/* The directory of the registry's credentials. */
	(void)snprintf(registry, sizeof(registry), "%s", worker->conf->database.postgres.registry_auth);
	if (registry[0] != '\0' && n < max) {
		*strrchr(registry, '/') = '\0';
		paths[n++] = (struct sandbox_path) { .path = registry };
	}
	return n;
}

static int
main_start(struct worker *worker, struct error *e)
{
	struct container *container = calloc(1, sizeof(*container));

	if (container == NULL || asprintf(&container->home, "%s/container", worker->conf->node.data_dir) == -1) {
		free(container);
		return error_set_errno(e, STATUS_OS, "container.memory", "cannot start");
	}
	container->worker = worker;
	worker->state = container;
	if (jobs_open(&container->jobs, &worker->loop, container->home, NULL, e) == -1)
		return -1;
	managed_server_open(&container->server, worker, &container->jobs, container->home);
	return 0;
}

/* The container goes on until the supervisor sends STOP_SERVER; only the engine's programs that run for it are ended
 * here. */
static void
main_stop(struct worker *worker, int64_t timeout_ms)
{
	struct container *container = worker->state;

	(void)timeout_ms;
	managed_server_close(&container->server);
	jobs_close(&container->jobs);
	worker_stopped(worker);
}

static void
main_take_start_server(void *context, struct frame *frame, const struct message_start_server *message)
{
	struct worker *worker = context;
	struct container *container = worker->state;

	managed_server_take_start(&container->server, frame->header.id, message);
}

static void
main_take_stop_server(void *context, struct frame *frame, const struct message_stop_server *message)
{
	struct worker *worker = context;
	struct container *container = worker->state;

	managed_server_take_stop(&container->server, frame->header.id, message->timeout_ms);
}

static void
main_take_look_for_crash(void *context, struct frame *frame, const struct message_look_for_crash *message)
{
	struct worker *worker = context;
	struct container *container = worker->state;

	(void)frame;
	(void)message;
	managed_server_look_for_crash(&container->server);
}

/* Whether PostgreSQL's port is free is found out by binding it. */
static size_t
main_ports(struct worker *worker, struct sandbox_port *ports, size_t max)
{
	const struct conf *conf = worker->conf;

	(void)max;
	if (conf->database.postgres.network.use_unix_socket)
		return 0;
	ports[0] = (struct sandbox_port) { .port = (uint16_t)conf->database.postgres.port, .bind = true };
	return 1;
}

int
main(int argc, char **argv)
{
	static const struct worker_program program = {
		.process = PROCESS_CONTAINER,
		.profile = SANDBOX_RUNNER,
		.paths = main_paths,
		.ports = main_ports,
		.start = main_start,
		.stop = main_stop,
		.handlers = {
			.start_server = main_take_start_server,
			.stop_server = main_take_stop_server,
			.look_for_crash = main_take_look_for_crash,
			.log_request = container_take_log_request,
			.usage_request = container_take_usage_request,
			.drill_prove = container_take_drill_prove,
			.drill_end = container_take_drill_end,
		},
	};

	return worker_main(&program, argc, argv);
}
