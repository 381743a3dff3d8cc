/*
 * Runs secrets.key_command once, and judges what it answers.
 */
#include "workers/archive/repository/outer.h"

#include <string.h>

int
outer_command_call(void *arg, const char *what, const uint8_t *input, size_t size, uint8_t *output, size_t *got,
    struct error *e)
{
	const struct outer_command *command = arg;
	char said[RUNNER_OUTPUT_MAX];
	struct error why;
	size_t n = 0;
	int result = command->runner != NULL
	    ? runner_run(command->runner, command->argv[0], what, input, size, OUTER_COMMAND_MS, said, &n, &why)
	    : runner_run_here(command->argv, what, input, size, OUTER_COMMAND_MS, said, &n, &why);

	if (result == -1)
		(void)error_set(e, STATUS_UNAVAILABLE, "repository.key_command",
		    "secrets.key_command cannot %s the key: %.300s", what, why.text);
	else if (n > REPOSITORY_OUTER_MAX)
		result = error_set(e, STATUS_UNAVAILABLE, "repository.key_command",
		    "secrets.key_command %s answered with %zu bytes, and %d are too many: %.200s", what, n,
		    REPOSITORY_OUTER_MAX, command->argv[0]);
	else {
		memcpy(output, said, n);
		*got = n;
	}
	explicit_bzero(said, sizeof(said));
	return result;
}
