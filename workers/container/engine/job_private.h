/*
 * A job as its own two files see it: job.c is the line and the loop, job_process.c the process.
 */
#ifndef BIBD_CONTAINER_JOB_PRIVATE_H
#define BIBD_CONTAINER_JOB_PRIVATE_H

#include "workers/container/engine/job.h"

/* One of the two streams of a program. */
struct job_stream {
	struct job *job;
	struct loop_watch watch;
	struct capture capture;
	char line[JOB_LINE_MAX];
	size_t line_size;
	bool cut; /* the line's end is being passed over */
};

struct job {
	TAILQ_ENTRY(job) entry;
	struct jobs *jobs;
	char *program;
	char **argv;
	char *input;
	size_t input_size, input_done;
	bool keep_input;
	int64_t deadline_ms;
	bool merged;
	job_line_fn *line;
	job_done_fn *done;
	void *context;

	pid_t pid; /* 0: not started */
	int64_t started_at;
	int start_errno;
	bool timed_out;
	bool cancelled; /* or reported: no callback any more, and the job is freed when its process is reaped */
	struct loop_watch stdin_watch;
	struct job_stream output, error;
	struct loop_timer deadline;
};

/* Starts the process and watches it. Returns -1 with start_errno set when it cannot. */
int job_process_start(struct job *job);

/* Kills the process group and closes what is open; the process is reaped later. Does nothing to a job without a
 * process. */
void job_process_end(struct job *job);

/* Learns of the end of processes by SIGCHLD, which is blocked from then on. Errors: job.signals, loop.watch. */
int job_watch_children(struct jobs *jobs, struct error *e);
void job_forget_children(struct jobs *jobs);

/* job.c: the process is over, with this status of waitid(2). */
void job_process_ended(struct job *job, int code, int status);

#endif
