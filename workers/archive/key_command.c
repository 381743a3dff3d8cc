/*
 * secrets.key_command: has the repository's key wrapped by it, and sees once a day that it still unwraps. Nothing else
 * waits for that program: backups and changes go on when it fails.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "workers/archive/archive.h"
#include "workers/archive/repository/outer.h"

#define KEY_AGAIN_MS (24 * 3600 * (int64_t)1000) /* from one time that it is seen to unwrap to the next */

static char *const *
key_command(const struct archive *archive)
{
	char *const *command = archive->worker->conf->secrets.key_command;

	return command != NULL && command[0] != NULL ? command : NULL;
}

int
archive_key_open(struct archive *archive, struct error *e)
{
	char *const *command = key_command(archive);

	return command == NULL ? 0 : runner_start(&archive->key.runner, command, e);
}

void
archive_key_stop(struct archive *archive)
{
	if (archive->key.runner.fd != -1)
		(void)shutdown(archive->key.runner.fd, SHUT_RDWR);
}

/* ---- in a job ---- */

/* What was wrapped before and cannot be unwrapped now is replaced, if the command can wrap: it has been told to use
 * another key. One that stood still is not asked twice. */
static int
key_job(struct archive *archive, struct error *e)
{
	struct outer_command command = { &archive->key.runner, key_command(archive) };
	const struct repository_outer outer = { outer_command_call, &command };
	int64_t began_ms = clock_now_ms();
	int result;

	archive->key.made = false;
	archive->key.reason[0] = '\0';
	if (archive_open_repository(archive, e) == -1)
		return -1;
	result = repository_check_command(&archive->repository, &outer, e);
	if (result == 1)
		return 0;
	if (result == -1 && clock_now_ms() - began_ms >= OUTER_COMMAND_MS)
		return -1;
	if (archive->repository.for_command.given)
		(void)snprintf(archive->key.reason, sizeof(archive->key.reason), "%s",
		    result == -1 ? e->text : "the command unwraps another key");
	archive->key.made = true;
	return repository_wrap_with_command(&archive->repository, &outer, e);
}

/* ---- in the loop's thread ---- */

static void
key_note_failure(struct archive *archive, const struct error *e)
{
	struct archive_key *key = &archive->key;

	if (archive_is_away(e)) {
		archive_note_failure(archive, "to look at the repository", e);
		return;
	}
	/* Once: what lasts is in the status. */
	if (strcmp(key->failure, e->text) != 0 && !atomic_load(&archive->stopping))
		worker_event(archive->worker, "backup.key_command_failed", "%s; backups go on, and %s", e->text,
		    archive->has_recovery_key ? "the recovery key opens them" : "no recovery key was made");
	key->proven = false;
	(void)snprintf(key->failure, sizeof(key->failure), "%s", e->text);
}

static void
key_done(struct archive *archive, int result, const struct error *e)
{
	struct archive_key *key = &archive->key;
	bool failed = key->failure[0] != '\0';

	if (result == -1) {
		key_note_failure(archive, e);
		return;
	}
	key->proven = true;
	key->proven_us = clock_realtime_us();
	key->failure[0] = '\0';
	if (key->made)
		worker_event(archive->worker, "backup.key_wrapped",
		    "the repository's key was wrapped by secrets.key_command%s%.300s%s",
		    key->reason[0] == '\0' ? "" : ", in place of what it could not unwrap (", key->reason,
		    key->reason[0] == '\0' ? "" : ")");
	else if (failed)
		worker_event(archive->worker, "backup.key_command_works", "secrets.key_command opens the repository");
}

bool
archive_key_is_due(const struct archive *archive, int64_t again_ms)
{
	const struct archive_key *key = &archive->key;

	return key->runner.fd != -1 &&
	    (key->tried_ms == 0 ||
		clock_now_ms() - key->tried_ms >= (key->failure[0] != '\0' ? again_ms : KEY_AGAIN_MS));
}

void
archive_key_begin(struct archive *archive)
{
	archive->key.tried_ms = clock_now_ms();
	archive_job_start(archive, key_job, key_done);
}

bool
archive_key_is_healthy(const struct archive *archive, char *text, size_t size)
{
	if (archive->key.failure[0] == '\0')
		return true;
	(void)snprintf(text, size, "%.220s", archive->key.failure);
	return false;
}

void
archive_key_describe(const struct archive *archive, char *text, size_t size)
{
	const struct archive_key *key = &archive->key;
	char when[CLOCK_TEXT_SIZE], command[CLOCK_TEXT_SIZE + 80] = "";

	if (archive->repository.for_command.given && key->proven)
		(void)snprintf(command, sizeof(command), ", by secrets.key_command (seen at %s)",
		    clock_text(key->proven_us, when, sizeof(when)));
	else if (archive->repository.for_command.given)
		(void)snprintf(command, sizeof(command), ", by a key command, which has not been seen since the start");
	(void)snprintf(text, size, "the repository is opened by the node's identity%s%s",
	    archive->repository.for_recovery.given ? ", by the recovery key" : "", command);
}

void
archive_key_report(const struct archive *archive, FILE *out)
{
	char text[256];

	archive_key_describe(archive, text, sizeof(text));
	(void)fprintf(out, "%s\n", text);
	if (archive->key.failure[0] != '\0')
		(void)fprintf(out, "%s\n", archive->key.failure);
	if (!archive->repository.for_recovery.given && !archive->key.proven)
		(void)
		    fputs("no recovery key was made: without this machine nobody could read them (bibctl backup key)\n",
			out);
}
