/*
 * How bibctl runs other programs and reads their output: without a shell, with a deadline, and with bounds on what is
 * read.
 */
#ifndef BIBD_CONTROL_PROGRAM_H
#define BIBD_CONTROL_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

#define PROGRAM_OUTPUT_MAX 65536
#define PROGRAM_ERRORS_MAX 2048

struct program_output {
	int status;			 /* its exit status; 128 + N when signal N ended it */
	char output[PROGRAM_OUTPUT_MAX]; /* what it wrote to standard output, cut to the size; terminated */
	char errors[PROGRAM_ERRORS_MAX]; /* and to standard error */
};

/* Finds a program in PATH and the usual places. False when it is in none. */
bool program_find(const char *name, char *path, size_t size);

/* Runs argv[0], an absolute path, with the few variables of our environment that such programs need, and waits for its
 * end. A program that does not end in time is killed. Errors: program.start (71), program.late (69). */
int program_run(const char *const argv[], int64_t timeout_ms, struct program_output *output, struct error *e);

/* The first line of what it complained of, or of what it said; "nothing" when it was silent. Writes into the output. */
const char *program_complaint(struct program_output *output);

#endif
