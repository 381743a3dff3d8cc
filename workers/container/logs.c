/* Answers LOG_REQUEST: the end of the container's log, which the engine keeps, and that of the container before, which
 * this worker has kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/memfd.h"
#include "workers/container/container.h"

#define LOGS_MAX ((size_t)4 * 1024 * 1024)
#define LOGS_SPARE ((size_t)256) /* bytes for the line between the logs of two containers */
#define LOGS_LINES_MAX 100000

/* A request for the log while the engine is asked; freed with the answer. */
struct logs_request {
	struct container *container;
	uint32_t id;
	uint32_t lines;
	bool earlier;
};

static size_t
logs_count(const char *text)
{
	size_t n = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		n++;
	return n;
}

/* The log of the container before: as many lines as are asked for beyond those of the present one. To be freed; NULL:
 * there is none. */
static char *
logs_earlier(const struct logs_request *request, const char *log)
{
	size_t have = logs_count(log), count;
	char *text, *p, *whole = NULL, when[CLOCK_TEXT_SIZE];
	int64_t written_us = 0;

	if (!request->earlier || have + 1 >= request->lines ||
	    (text = record_read_log(request->container->home, &written_us)) == NULL)
		return NULL;
	p = strlen(text) + strlen(log) > LOGS_MAX - LOGS_SPARE ? strchr(text, '\0') : text;
	for (count = logs_count(p); count > request->lines - have - 1; count--)
		p = strchr(p, '\n') + 1;
	if (asprintf(&whole, "%s---- so far the container that was removed at %s%s ----\n%s", p,
		clock_text(written_us, when, sizeof(when)), log[0] != '\0' ? "; from here on the one of now" : "",
		log) == -1)
		whole = NULL;
	free(text);
	return whole;
}

static int
logs_send(const struct logs_request *request, const char *log, size_t size, struct error *e)
{
	char *whole = logs_earlier(request, log);
	int fd = whole != NULL ? memfd_create_sealed("log", whole, strlen(whole), e)
			       : memfd_create_sealed("log", log, size, e);

	free(whole);
	if (fd == -1)
		return -1;
	(void)channel_send_log(&request->container->worker->channel, request->id, NULL, fd);
	return 0;
}

/* Whether the log of an earlier container can be shown where there is no container now. */
static bool
logs_has_earlier(const struct logs_request *request)
{
	char *text = logs_earlier(request, "");

	free(text);
	return text != NULL;
}

static void
logs_done(void *context, const struct job_result *result)
{
	struct logs_request *request = context;
	struct container *container = request->container;
	const char *log = job_succeeded(result) ? result->output : "";
	struct error e = { .status = STATUS_OK };

	/* The engine's own complaint is in the output too. */
	if (!job_succeeded(result) &&
	    (strcasestr(result->output, "no such container") == NULL || !logs_has_earlier(request)))
		(void)managed_server_complain(&container->server, "reading the container's log", result, &e);
	else
		(void)logs_send(request, log, job_succeeded(result) ? result->output_size : 0, &e);
	if (e.status != STATUS_OK)
		worker_fail(container->worker, request->id, &e);
	free(request);
}

static int
logs_start(struct container *container, uint32_t id, uint32_t lines, bool earlier, struct error *e)
{
	struct logs_request *request,
	    asked = { container, id, lines < LOGS_LINES_MAX ? lines : LOGS_LINES_MAX, earlier };
	struct arguments arguments = { 0 };
	char name[ENGINE_NAME_MAX];
	struct job *job = NULL;

	if (container->server.engine.kind == NULL && logs_has_earlier(&asked))
		return logs_send(&asked, "", 0, e);
	if (container->server.engine.kind == NULL)
		return error_set(e, STATUS_UNAVAILABLE, "container.no_log", "there is no container yet");
	if ((request = malloc(sizeof(*request))) == NULL)
		return error_set_errno(e, STATUS_OS, "container.memory", "cannot read the container's log");
	*request = asked;
	spec_server_name(container->worker->node_id, name, sizeof(name));
	engine_begin(&container->server.engine, &arguments);
	arguments_add(&arguments, "logs", "--tail", NULL);
	arguments_addf(&arguments, "%u", (unsigned)request->lines);
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

	if (logs_start(worker->state, frame->header.id, message->lines, message->earlier, &e) == -1)
		worker_fail(worker, frame->header.id, &e);
}
