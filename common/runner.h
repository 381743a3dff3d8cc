/*
 * A program of the operator's that a worker needs, and may not start itself: before the worker confines itself it forks
 * a process that does nothing else but start that program, whenever it is asked. What the program is given and says
 * goes by its standard input and output, never by arguments or the environment; what it writes to standard error is
 * in bibd's log.
 */
#ifndef BIBD_RUNNER_H
#define BIBD_RUNNER_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define RUNNER_INPUT_MAX 16384
#define RUNNER_OUTPUT_MAX 65536
#define RUNNER_ARGUMENTS_MAX 30

struct runner {
	int fd; /* -1: there is none */
	pthread_mutex_t mutex;
};

/* argv: the program and its arguments, ended by NULL; copied by the fork. The process has only that end. Errors:
 * runner.start (71). */
int runner_start(struct runner *runner, char *const *argv, struct error *e);

/* Runs the program once (name: what errors call it), with one more argument (NULL: none) and this input, from any
 * thread. output has room for RUNNER_OUTPUT_MAX bytes, which the caller wipes. Blocks for at most timeout_ms: then the
 * program is killed. Errors: runner.failed (69): it could not be started, ended with another status than 0, said too
 * much or took too long. */
int runner_run(struct runner *runner, const char *name, const char *argument, const void *input, size_t size,
    int64_t timeout_ms, char *output, size_t *got, struct error *e);

/* The same without a process of its own, for a program that is not confined. */
int runner_run_here(char *const *argv, const char *argument, const void *input, size_t size, int64_t timeout_ms,
    char *output, size_t *got, struct error *e);

#endif
