/* LOG_REQUEST: the end of the container's log, as the engine keeps it. */
#include <stdlib.h>

#include "common/memfd.h"
#include "workers/container/container.h"

#define LOGS_MAX ((size_t)4 * 1024 * 1024)
#define LOGS_LINES_MAX 100000

/* One answer that is awaited; freed with it. */
struct logs_request {
	struct container *container;
	uint32_t id;
};

static void
logs_done(void *context, const struct job_result *result)
{
	struct logs_request *request = context;
	struct container *container = request->container;
	struct error e;
	int fd = -1;

	if (!job_succeeded(result))
		(void)server_complain(&container->server, "reading the container's log", result, &e);
	else
		fd = memfd_create_sealed("log", result->output, result->output_size, &e);
	if (fd == -1)
		worker_fail(container->worker, request->id, &e);
	else
		(void)channel_send_log(&container->worker->channel, request->id, NULL, fd);
	free(request);
}

static int
logs_start(struct container *container, uint32_t id, uint32_t lines, struct error *e)
{
	struct arguments arguments = { 0 };
	char name[ENGINE_NAME_MAX];
	struct logs_request *request;
	struct job *job = NULL;

	if (container->server.engine.kind == NULL)
		return error_set(e, STATUS_UNAVAILABLE, "container.no_log", "there is no container yet");
	if ((request = calloc(1, sizeof(*request))) == NULL)
		return error_set_errno(e, STATUS_OS, "container.memory", "cannot read the container's log");
	*request = (struct logs_request) { container, id };
	spec_server_name(container->worker->node_id, name, sizeof(name));
	engine_begin(&container->server.engine, &arguments);
	arguments_add(&arguments, "logs", "--tail", NULL);
	arguments_addf(&arguments, "%u", lines < LOGS_LINES_MAX ? (unsigned)lines : LOGS_LINES_MAX);
	arguments_add(&arguments, name, NULL);
	if (arguments.failed)
		(void)error_set(e, STATUS_OS, "container.memory", "cannot read the container's log: memory is out");
	else
		job = job_start(&container->jobs,
		    &(struct job_request) { .program = container->server.engine.kind->program,
			.argv = (const char *const *)arguments.words,
			.deadline_ms = ENGINE_ANSWER_MS,
			.output_max = LOGS_MAX,
			.only_end = true,
			.merged = true,
			.done = logs_done,
			.context = request },
		    e);
	arguments_free(&arguments);
	if (job == NULL)
		free(request);
	return job != NULL ? 0 : -1;
}

void
container_take_log_request(void *context, struct frame *frame, const struct message_log_request *message)
{
	struct worker *worker = context;
	struct error e;

	if (logs_start(worker->state, frame->header.id, message->lines, &e) == -1)
		worker_fail(worker, frame->header.id, &e);
}
