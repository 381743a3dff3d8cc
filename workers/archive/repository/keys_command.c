/*
 * The third way to open a repository: a program of the operator's holds the outer key, and wraps and unwraps by it the
 * key with which the data key is sealed. So what comes back is authenticated, and that program never has the data key.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/archive/repository/keys.h"

#define COMMAND_WHOM "command"

/* The inner key, from what the program made of it. */
static int
command_unwrap(const struct repository *r, const struct repository_outer *outer, uint8_t key[SEAL_KEY_SIZE],
    struct error *e)
{
	uint8_t output[REPOSITORY_OUTER_MAX];
	size_t got = 0;
	int result = outer->call(outer->arg, "unwrap", r->outer, r->outer_size, output, &got, e);

	if (result == 0 && got != SEAL_KEY_SIZE)
		result = error_set(e, STATUS_UNAVAILABLE, "repository.key_command",
		    "secrets.key_command unwrap answered with %zu bytes, and a key has %d", got, SEAL_KEY_SIZE);
	if (result == 0)
		memcpy(key, output, SEAL_KEY_SIZE);
	explicit_bzero(output, sizeof(output));
	return result;
}

/* Returns as keys_unwrap. */
static int
command_open(struct repository *r, const struct repository_outer *outer, struct error *e)
{
	uint8_t key[SEAL_KEY_SIZE];
	int result = command_unwrap(r, outer, key, e);

	if (result == 0)
		result = keys_unwrap(r, &r->for_command, COMMAND_WHOM, key, e);
	explicit_bzero(key, sizeof(key));
	return result;
}

int
repository_open_with_command(struct repository *r, struct depot *depot, const struct repository_outer *outer,
    struct error *e)
{
	struct keys_text *text = malloc(sizeof(*text));
	int result = -1;

	*r = (struct repository) { .depot = depot };
	if (text == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot read the repository's keys");
	if (keys_read(r, text, e) == 0) {
		result = !r->for_command.given
		    ? error_set(e, STATUS_PERMISSION, "repository.key",
			  "the key of %s is not wrapped by a key command: open it with the recovery key", depot->where)
		    : command_open(r, outer, e);
		if (result == 0)
			result = error_set(e, STATUS_PERMISSION, "repository.key",
			    "what secrets.key_command unwraps is not the key of %s", depot->where);
		if (result == 1)
			result = keys_check_mac(r, text, e) == -1 ? -1 : 1;
	}
	free(text);
	if (result != 1)
		repository_close(r);
	return result == 1 ? 0 : -1;
}

int
repository_check_command(const struct repository *r, const struct repository_outer *outer, struct error *e)
{
	struct repository trial = *r;
	int result;

	if (!r->for_command.given)
		return 0;
	result = command_open(&trial, outer, e);
	if (result == 1 && memcmp(trial.key, r->key, sizeof(trial.key)) != 0)
		result = 0;
	repository_close(&trial);
	return result;
}

/* A new inner key, wrapped by the program, with the data key sealed under it. */
static int
command_wrap(struct repository *r, const struct repository_outer *outer, struct error *e)
{
	uint8_t key[SEAL_KEY_SIZE];
	int result = -1;

	if (seal_random(key, sizeof(key), e) == 0 &&
	    outer->call(outer->arg, "wrap", key, sizeof(key), r->outer, &r->outer_size, e) == 0)
		result = r->outer_size == 0 ? error_set(e, STATUS_UNAVAILABLE, "repository.key_command",
						  "secrets.key_command wrap answered with nothing")
					    : keys_wrap(r, &r->for_command, COMMAND_WHOM, key, e);
	explicit_bzero(key, sizeof(key));
	return result;
}

int
repository_wrap_with_command(struct repository *r, const struct repository_outer *outer, struct error *e)
{
	struct repository before = *r;
	int result = command_wrap(r, outer, e);

	/* What the program cannot unwrap again is never written. */
	if (result == 0 && (result = repository_check_command(r, outer, e)) == 0)
		result = error_set(e, STATUS_UNAVAILABLE, "repository.key_command",
		    "secrets.key_command does not unwrap what it has wrapped itself");
	if (result == 1)
		result = keys_write(r, true, e);
	if (result == -1)
		*r = before;
	repository_close(&before);
	return result;
}
