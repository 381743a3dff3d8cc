/*
 * secrets.key_command as a repository's outer key: bibd.yaml(5) has what such a program is given and answers.
 */
#ifndef BIBD_ARCHIVE_OUTER_H
#define BIBD_ARCHIVE_OUTER_H

#include "common/runner.h"
#include "workers/archive/repository/repository.h"

#define OUTER_COMMAND_MS 10000

/* Runs the program: by the runner, or where that is NULL, here. arg of a struct repository_outer, whose call is
 * outer_command_call. Errors: repository.key_command (69), which names the program. */
struct outer_command {
	struct runner *runner;
	char *const *argv;
};

int outer_command_call(void *arg, const char *what, const uint8_t *input, size_t size, uint8_t *output, size_t *got,
    struct error *e);

#endif
