/*
 * Jobs: the engine's own program, run beside the loop. A job is an argument vector (no shell ever reads it), an
 * environment of a few variables, standard input from memory or none, and a deadline. Its process
 * is the leader of a process group of its own that is killed as one, and dies with this worker.
 *
 * Only the exit status says whether a job failed: engines also write warnings to standard error when all is well.
 */
#ifndef BIBD_CONTAINER_JOB_H
#define BIBD_CONTAINER_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "common/loop.h"
#include "workers/container/engine/capture.h"

#define JOBS_MAX 24	   /* waiting and running together */
#define JOBS_RUNNING_MAX 6 /* of these, running; the rest wait in line */
#define JOB_LINE_MAX 1024  /* a longer line is cut */
#define JOB_NO_DEADLINE INT64_MAX

enum job_end { JOB_EXITED, JOB_KILLED, JOB_TIMED_OUT, JOB_NOT_STARTED };

/* How a job ended. The texts are valid until the callback returns, NUL-terminated and never NULL. */
struct job_result {
	enum job_end end;
	int status; /* exit status, signal, or errno of JOB_NOT_STARTED */
	const char *output;
	size_t output_size;
	const char *error_text;
	bool merged; /* what would be in error_text is in output */
	int64_t ran_ms;
};

typedef void job_done_fn(void *context, const struct job_result *result);
/* A line without its newline; from_error: it came from standard error. */
typedef void job_line_fn(void *context, const char *line, bool from_error);

/* What is to be run; all of it is copied. */
struct job_request {
	const char *program;	 /* looked for in JOB_PATH */
	const char *const *argv; /* NULL-terminated; argv[0] included */
	const void *input;	 /* for standard input; the copy is wiped. NULL: /dev/null */
	size_t input_size;
	bool keep_input;     /* standard input stays open after that, until the end of the job */
	int64_t deadline_ms; /* counted from the process's start; JOB_NO_DEADLINE only for event streams */
	size_t output_max;   /* 0: JOB_OUTPUT_MAX. Half of it is kept of the beginning and half of the end */
	bool only_end;	     /* keep the end alone */
	bool merged;	     /* standard error goes where standard output goes, in the order of writing */
	job_line_fn *line;   /* NULL, or called for every line as it comes */
	job_done_fn *done;   /* called once, from the loop and never from within job_start; not after job_cancel */
	void *context;
};

#define JOB_OUTPUT_MAX ((size_t)64 * 1024)
#define JOB_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct job;
TAILQ_HEAD(job_list, job);

struct jobs {
	struct loop *loop;
	char *environment[8];	    /* owned; NULL-terminated */
	const char *path;	    /* where programs are looked for */
	struct loop_watch children; /* a signalfd for SIGCHLD */
	struct job_list all;	    /* in the order of their start */
	unsigned count;
	unsigned running;
	struct loop_timer next; /* starts what waits and reports what could not start */
};

/* home: HOME and what else the programs may write to. path: NULL for JOB_PATH; a test gives another. Blocks SIGCHLD,
 * which is how the end of a process is learnt. Errors: job.memory, job.signals, loop.watch. */
int jobs_open(struct jobs *jobs, struct loop *loop, const char *home, const char *path, struct error *e);

/* Kills all jobs, without a callback. */
void jobs_close(struct jobs *jobs);

/* Puts the job in line. Returns NULL, without a callback, when too many wait already or memory is out (job.start). */
struct job *job_start(struct jobs *jobs, const struct job_request *request, struct error *e);

/* Kills the job's process group and forgets the job: no callback comes any more. */
void job_cancel(struct job *job);

bool job_succeeded(const struct job_result *result);

/* What the program complained of, in one line that begins with no "Error:"; or how it ended when it said nothing.
 * Returns buf. */
char *job_complaint(const struct job_result *result, char *buf, size_t size);

/* Whether that program is there to be run, on that path. */
bool job_find_program(const char *path, const char *program, char *buf, size_t size);

#endif
