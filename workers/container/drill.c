/*
 * Proves a restored database in a container of its own, which ends with its client: whoever ends this process, or the
 * job, ends it.
 */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memfd.h"
#include "workers/container/bootstrap.h"
#include "workers/container/container.h"
#include "workers/container/drill_script.h"

#define DRILL_SCRIPT_MAX 65536

static void
drill_answer(struct container *container, uint32_t id, enum status status, const char *code, const char *text)
{
	const struct message_drill_proven proven = { .status = (uint32_t)status, .code = code, .text = text };

	(void)channel_send_drill_proven(&container->worker->channel, id, &proven, -1);
}

/* PostgreSQL's own line, in which the reason stands. */
static bool
drill_find_reason(const char *words, char *text, size_t size)
{
	static const char *const begins[] = { "PANIC:  ", "FATAL:  ", "ERROR:  ", "error: " };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		const char *found = strstr(words, begins[i]);

		if (found == NULL)
			continue;
		found += strlen(begins[i]);
		(void)snprintf(text, size, "%.*s", (int)strcspn(found, "\r\n"), found);
		return true;
	}
	return false;
}

/* What PostgreSQL itself says is wrong is a failure; that the engine could not run it is none. */
static void
drill_judge(struct container *container, const struct job_result *result)
{
	const struct drill_output *output = &container->drill_output;
	const char *step = output->step[0] == '\0' ? "the container" : output->step;
	bool ended = job_succeeded(result) && output->by[0] != '\0' && output->said[0] != '\0';
	char reason[ERROR_TEXT_MAX], text[ERROR_TEXT_MAX];
	enum status status = STATUS_UNAVAILABLE;

	if (output->wrong[0] != '\0') {
		status = STATUS_DATA;
		(void)snprintf(text, sizeof(text),
		    DRILL_WORDS " is answered with a row that begins with \"%s\": that is false", output->wrong);
	} else if (ended) {
		status = STATUS_OK;
		(void)snprintf(text, sizeof(text), "%s, by %s", output->said, output->by);
	} else if (output->step[0] != '\0' && result->end == JOB_EXITED &&
	    drill_find_reason(result->error_text, reason, sizeof(reason))) {
		status = STATUS_DATA;
		(void)snprintf(text, sizeof(text), "%s: %.400s", step, reason);
	} else if (result->end == JOB_TIMED_OUT)
		(void)snprintf(text, sizeof(text), "%s: not done in time", step);
	else
		(void)snprintf(text, sizeof(text), "%s: %.400s", step, job_complaint(result, reason, sizeof(reason)));
	drill_answer(container, container->drill_id, status,
	    status == STATUS_OK		? "drill.proven"
		: status == STATUS_DATA ? "drill.failed"
					: "drill.engine",
	    text);
}

static void
drill_line(void *context, const char *line, bool from_error)
{
	struct container *container = context;

	if (!from_error)
		drill_output_take(&container->drill_output, line);
}

static void
drill_done(void *context, const struct job_result *result)
{
	struct container *container = context;

	container->drill = NULL;
	drill_judge(container, result);
}

void
container_take_drill_end(void *context, struct frame *frame, const struct message_drill_end *message)
{
	struct container *container = ((struct worker *)context)->state;

	(void)frame;
	(void)message;
	if (container->drill != NULL)
		job_cancel(container->drill);
	container->drill = NULL;
}

/* What comes after such a line would not be run, in silence. */
static bool
drill_is_runnable(const char *script, size_t size)
{
	return strlen(script) == size && strncmp(script, BOOTSTRAP_END "\n", sizeof(BOOTSTRAP_END)) != 0 &&
	    strstr(script, "\n" BOOTSTRAP_END "\n") == NULL;
}

/* The script without blank lines, of which one after a semicolon would end what is run at once, and the line that ends
 * it. */
static char *
drill_read_script(int fd, size_t *size, struct error *e)
{
	char *script = memfd_read(fd, DRILL_SCRIPT_MAX, size, e), *input, *save = NULL;
	bool good;
	FILE *out;

	if (script == NULL)
		return NULL;
	good = drill_is_runnable(script, *size);
	if ((out = open_memstream(&input, size)) == NULL) {
		free(script);
		(void)error_set_errno(e, STATUS_OS, "container.memory", "cannot run a drill");
		return NULL;
	}
	for (char *line = strtok_r(script, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		if (line[strspn(line, " \t\r")] != '\0')
			(void)fprintf(out, "%s\n", line);
	(void)fputs(BOOTSTRAP_END "\n", out);
	free(script);
	if (fclose(out) == 0 && good)
		return input;
	free(input);
	(void)error_set(e, STATUS_CONFIG, "drill.script",
	    "the script cannot be run: it has a line \"" BOOTSTRAP_END "\", or a byte that is no text");
	return NULL;
}

static int
drill_begin(struct container *container, int fd, uint32_t timeout_ms, struct error *e)
{
	const struct managed_server *server = &container->server;
	struct spec spec = managed_server_spec(server);
	struct arguments parameters = { 0 }, arguments = { 0 };
	struct job_request request = { .deadline_ms = timeout_ms,
		.keep_input = true,
		.line = drill_line,
		.done = drill_done,
		.context = container };
	char libraries[BOOTSTRAP_LIBRARIES_MAX], *input;

	if (server->state != MANAGED_SERVER_RUNNING || server->engine.kind == NULL)
		return error_set(e, STATUS_UNAVAILABLE, "drill.engine", "PostgreSQL's container does not run now");
	if (server->engine.rootless && spec.archive != 0 && spec.archive != (uint32_t)geteuid())
		return error_set(e, STATUS_UNAVAILABLE, "drill.engine",
		    "a rootless engine cannot run a container as the user of bibd-archive");
	if ((input = drill_read_script(fd, &request.input_size, e)) == NULL)
		return -1;
	arguments_add(&parameters, spec.conf->database.name, drill_statements, NULL);
	if (bootstrap_libraries(spec.conf, libraries) != 0)
		arguments_add(&parameters, "-c", libraries, NULL);
	if (spec_drill_arguments(&spec, managed_server_image(server), clock_realtime_us(), drill_script, &parameters,
		&arguments, e) == 0) {
		request.program = server->engine.kind->program;
		request.argv = (const char *const *)arguments.words;
		request.input = input;
		container->drill = job_start(&container->jobs, &request, e);
	}
	arguments_free(&parameters);
	arguments_free(&arguments);
	free(input);
	return container->drill == NULL ? -1 : 0;
}

void
container_take_drill_prove(void *context, struct frame *frame, const struct message_drill_prove *message)
{
	struct container *container = ((struct worker *)context)->state;
	struct error e;

	container_take_drill_end(context, frame, NULL);
	container->drill_id = frame->header.id;
	container->drill_output = (struct drill_output) { .step = "" };
	if (drill_begin(container, frame->fd, message->timeout_ms, &e) == -1)
		drill_answer(container, frame->header.id, STATUS_UNAVAILABLE, "drill.engine", e.text);
}
