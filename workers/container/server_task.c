/*
 * Runs one job of the engine on behalf of the server, and tells how it failed.
 */
#include <string.h>

#include "workers/container/container.h"

static void
managed_server_task_done(void *context, const struct job_result *result)
{
	struct managed_server_task *task = context;

	task->job = NULL;
	task->done(task->server, result);
}

int
managed_server_run(struct managed_server *server, enum managed_server_task_kind kind, struct arguments *arguments,
    const struct job_request *options, managed_server_task_fn *done)
{
	struct managed_server_task *task = &server->tasks[kind];
	struct job_request request = { .deadline_ms = ENGINE_WORK_MS };
	struct error e;

	if (options != NULL)
		request = *options;
	request.program = server->engine.kind->program;
	request.argv = (const char *const *)arguments->words;
	request.done = managed_server_task_done;
	request.context = task;
	managed_server_cancel(server, kind);
	*task = (struct managed_server_task) { .server = server, .done = done };
	if (arguments->failed)
		(void)error_set(&e, STATUS_OS, "container.memory", "cannot run %s: memory is out", request.program);
	else
		task->job = job_start(server->jobs, &request, &e);
	arguments_free(arguments);
	if (task->job != NULL)
		return 0;
	managed_server_fail(server, &e);
	return -1;
}

void
managed_server_cancel(struct managed_server *server, enum managed_server_task_kind kind)
{
	if (server->tasks[kind].job != NULL)
		job_cancel(server->tasks[kind].job);
	server->tasks[kind].job = NULL;
}

bool
managed_server_is_busy(const struct managed_server *server, enum managed_server_task_kind kind)
{
	return server->tasks[kind].job != NULL;
}

int
managed_server_complain(const struct managed_server *server, const char *what, const struct job_result *result,
    struct error *e)
{
	char complaint[ERROR_TEXT_MAX];
	enum engine_failure failure;

	/* The engine's program words this in many ways, so the socket is tried. */
	if (!engine_reach(server->engine.kind, server->engine.socket, &failure, e) && e->status == STATUS_UNAVAILABLE)
		return error_prefix(e, "%s: ", what);
	if (result->end == JOB_TIMED_OUT)
		return error_set(e, STATUS_UNAVAILABLE, "container.runtime_hangs",
		    "%s: %s did not finish within %lld s and was ended; if the engine hangs, run: %s", what,
		    server->engine.kind->name, (long long)result->ran_ms / 1000, server->engine.kind->restart_hint);
	(void)job_complaint(result, complaint, sizeof(complaint));
	if (server->engine.rootless && strstr(complaint, "subuid") != NULL)
		return error_set(e, STATUS_CONFIG, "container.subuid",
		    "%s: a rootless podman needs a range of ids for the user it runs as: as root, run `usermod "
		    "--add-subuids 100000-165535 --add-subgids 100000-165535 USER`, then as that user `podman system "
		    "migrate` (podman says: %s)",
		    what, complaint);
	return error_set(e, STATUS_UNAVAILABLE, "container.engine", "%s: %s says: %s", what, server->engine.kind->name,
	    complaint);
}
