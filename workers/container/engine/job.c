/*
 * Queues jobs, finds their program, starts so many at a time, and judges how one ended.
 */
#include "workers/container/engine/job.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/container/engine/job_private.h"

/* How long a killed process may take to be gone before its job is reported all the same. */
#define JOB_GRACE_MS 2000

static void jobs_start_next(struct loop_timer *timer);

static char *
jobs_variable(const char *name, const char *value)
{
	char *text = NULL;

	return asprintf(&text, "%s=%s", name, value) == -1 ? NULL : text;
}

int
jobs_open(struct jobs *jobs, struct loop *loop, const char *home, const char *path, struct error *e)
{
	*jobs = (struct jobs) { .loop = loop, .path = path != NULL ? path : JOB_PATH, .children = { .fd = -1 } };
	const struct {
		const char *name, *value;
	} variables[] = {
		{ "PATH", jobs->path },
		{ "HOME", home },
		{ "XDG_RUNTIME_DIR", home },
		{ "TMPDIR", home },
		{ "LC_ALL", "C" },
	};

	TAILQ_INIT(&jobs->all);
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		if ((jobs->environment[i] = jobs_variable(variables[i].name, variables[i].value)) == NULL) {
			jobs_close(jobs);
			return error_set_errno(e, STATUS_OS, "job.memory", "cannot run programs");
		}
	return job_watch_children(jobs, e);
}

static void
job_free(struct job *job)
{
	struct jobs *jobs = job->jobs;

	loop_timer_cancel(&job->deadline);
	TAILQ_REMOVE(&jobs->all, job, entry);
	jobs->count--;
	if (job->input != NULL)
		explicit_bzero(job->input, job->input_size);
	free(job->input);
	for (char **word = job->argv; word != NULL && *word != NULL; word++)
		free(*word);
	free(job->argv);
	free(job->program);
	capture_free(&job->output.capture);
	capture_free(&job->error.capture);
	free(job);
}

void
jobs_close(struct jobs *jobs)
{
	struct job *job;

	while ((job = TAILQ_FIRST(&jobs->all)) != NULL) {
		job_process_end(job);
		job_free(job);
	}
	job_forget_children(jobs);
	loop_timer_cancel(&jobs->next);
	for (size_t i = 0; i < sizeof(jobs->environment) / sizeof(jobs->environment[0]); i++) {
		free(jobs->environment[i]);
		jobs->environment[i] = NULL;
	}
}

bool
job_find_program(const char *path, const char *program, char *buf, size_t size)
{
	while (*path != '\0') {
		size_t n = strcspn(path, ":");
		int written = snprintf(buf, size, "%.*s/%s", (int)n, path, program);

		if (written > 0 && (size_t)written < size && access(buf, X_OK) == 0)
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

/* ---- starting ---- */

static int
job_copy(struct job *job, const struct job_request *request)
{
	char found[PATH_MAX];
	size_t argc = 0;

	while (request->argv[argc] != NULL)
		argc++;
	if ((job->argv = calloc(argc + 1, sizeof(*job->argv))) == NULL)
		return -1;
	for (size_t i = 0; i < argc; i++)
		if ((job->argv[i] = strdup(request->argv[i])) == NULL)
			return -1;
	if (request->input != NULL) {
		if ((job->input = malloc(request->input_size + 1)) == NULL)
			return -1;
		memcpy(job->input, request->input, request->input_size);
		job->input_size = request->input_size;
	}
	if (!job_find_program(job->jobs->path, request->program, found, sizeof(found))) {
		job->start_errno = ENOENT;
		(void)snprintf(found, sizeof(found), "%s", request->program);
	}
	return (job->program = strdup(found)) == NULL ? -1 : 0;
}

static void
job_set_up(struct job *job, const struct job_request *request)
{
	size_t max = request->output_max != 0 ? request->output_max : JOB_OUTPUT_MAX;
	size_t head = request->only_end ? 0 : max / 2;

	job->deadline_ms = request->deadline_ms;
	job->merged = request->merged;
	job->keep_input = request->keep_input;
	job->line = request->line;
	job->done = request->done;
	job->context = request->context;
	job->stdin_watch.fd = -1;
	job->output = (struct job_stream) { .job = job, .watch = { .fd = -1 } };
	job->error = (struct job_stream) { .job = job, .watch = { .fd = -1 } };
	capture_init(&job->output.capture, head, max - head);
	capture_init(&job->error.capture, JOB_OUTPUT_MAX / 2, JOB_OUTPUT_MAX / 2);
}

struct job *
job_start(struct jobs *jobs, const struct job_request *request, struct error *e)
{
	struct job *job;

	if (jobs->count >= JOBS_MAX) {
		(void)error_set(e, STATUS_UNAVAILABLE, "job.start", "too many programs are running already: try again");
		return NULL;
	}
	if ((job = calloc(1, sizeof(*job))) == NULL) {
		(void)error_set_errno(e, STATUS_OS, "job.start", "cannot run %s", request->program);
		return NULL;
	}
	job->jobs = jobs;
	TAILQ_INSERT_TAIL(&jobs->all, job, entry);
	jobs->count++;
	job_set_up(job, request);
	if (job_copy(job, request) == -1) {
		(void)error_set_errno(e, STATUS_OS, "job.start", "cannot run %s", request->program);
		job_free(job);
		return NULL;
	}
	loop_timer_set(jobs->loop, &jobs->next, 0, jobs_start_next, jobs);
	return job;
}

/* ---- ending ---- */

/* Hands the result to the function that the job was given, and frees the job unless its process is still to be reaped.
 */
static void
job_report(struct job *job, enum job_end end, int status)
{
	struct job_result result = { .end = end,
		.status = status,
		.merged = job->merged,
		.ran_ms = clock_now_ms() - job->started_at };
	size_t error_size;
	char *output = capture_text(&job->output.capture, &result.output_size);
	char *error = capture_text(&job->error.capture, &error_size);
	struct jobs *jobs = job->jobs;

	result.output = output != NULL ? output : "";
	result.error_text = error != NULL ? error : "";
	if (!job->cancelled) {
		job->cancelled = true;
		job->done(job->context, &result);
	}
	free(output);
	free(error);
	if (job->pid == 0)
		job_free(job);
	loop_timer_set(jobs->loop, &jobs->next, 0, jobs_start_next, jobs);
}

static void
job_overdue(struct loop_timer *timer)
{
	struct job *job = timer->arg;

	if (!job->timed_out) {
		job->timed_out = true;
		job_process_end(job);
		loop_timer_set(job->jobs->loop, &job->deadline, JOB_GRACE_MS, job_overdue, job);
	} else
		/* Not even SIGKILL ends it: it waits for the kernel. The job goes on without it. */
		job_report(job, JOB_TIMED_OUT, 0);
}

void
job_process_ended(struct job *job, int code, int status)
{
	job->jobs->running--;
	if (job->timed_out)
		job_report(job, JOB_TIMED_OUT, 0);
	else
		job_report(job, code == CLD_EXITED ? JOB_EXITED : JOB_KILLED, status);
}

/* The first job that waits, or NULL. */
static struct job *
jobs_waiting(const struct jobs *jobs)
{
	struct job *job;

	TAILQ_FOREACH(job, &jobs->all, entry)
	if (job->started_at == 0)
		return job;
	return NULL;
}

static void
jobs_start_next(struct loop_timer *timer)
{
	struct jobs *jobs = timer->arg;
	struct job *job;

	while (jobs->running < JOBS_RUNNING_MAX && (job = jobs_waiting(jobs)) != NULL) {
		job->started_at = clock_now_ms();
		if (job->start_errno != 0 || job_process_start(job) == -1) {
			job_report(job, JOB_NOT_STARTED, job->start_errno);
			return; /* the callback may have changed the list: the timer is set again */
		}
		jobs->running++;
		if (job->deadline_ms != JOB_NO_DEADLINE)
			loop_timer_set(jobs->loop, &job->deadline, job->deadline_ms, job_overdue, job);
	}
}

void
job_cancel(struct job *job)
{
	job->cancelled = true;
	job->line = NULL;
	loop_timer_cancel(&job->deadline);
	if (job->started_at == 0)
		job_free(job);
	else
		job_process_end(job);
}

/* ---- results ---- */

bool
job_succeeded(const struct job_result *result)
{
	return result->end == JOB_EXITED && result->status == 0;
}

/* The most telling line: the last one with "rror" in it, else the last one that is no hint. */
static const char *
job_telling_line(const char *text, size_t *size)
{
	const char *best = NULL;
	bool best_is_error = false;

	for (const char *line = text; *line != '\0';) {
		size_t n = strcspn(line, "\r\n");
		bool is_error = memmem(line, n, "rror", 4) != NULL;

		if (n > 0 && strncmp(line, "See '", 5) != 0 && strncmp(line, "time=", 5) != 0 &&
		    (is_error || !best_is_error)) {
			best = line;
			*size = n;
			best_is_error |= is_error;
		}
		line += n + strspn(line + n, "\r\n");
	}
	return best;
}

char *
job_complaint(const struct job_result *result, char *buf, size_t size)
{
	static const char *const prefixes[] = { "docker: ", "Error: ", "ERROR: ", "Error response from daemon: " };
	size_t n = 0;
	const char *line;

	if (result->end == JOB_TIMED_OUT) {
		(void)snprintf(buf, size, "no answer within %lld s", (long long)result->ran_ms / 1000);
		return buf;
	}
	if (result->end == JOB_NOT_STARTED) {
		(void)snprintf(buf, size, "it cannot be run: %s", strerror(result->status));
		return buf;
	}
	if ((line = job_telling_line(result->error_text, &n)) == NULL &&
	    (!result->merged || (line = job_telling_line(result->output, &n)) == NULL)) {
		(void)snprintf(buf, size, "it ended with %s %d and said nothing",
		    result->end == JOB_EXITED ? "status" : "signal", result->status);
		return buf;
	}
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(line, prefixes[i], strlen(prefixes[i])) == 0) {
			line += strlen(prefixes[i]);
			n -= strlen(prefixes[i]);
		}
	while (n > 0 && (isspace((unsigned char)line[n - 1]) || line[n - 1] == '.'))
		n--;
	(void)snprintf(buf, size, "%.*s", (int)n, line);
	return buf;
}
