/*
 * A drill of PostgreSQL: the backup and the log since are restored into the scratch place, and bibd-container proves
 * them in a container of their own, with what the operator's script says.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/memfd.h"
#include "workers/archive/archive.h"
#include "workers/archive/repository/target.h"

#define PROOF_STEP_MS 250
#define PROOF_SPARE_MS 30000 /* after its time bibd-container still may answer */
#define SCRIPT_MS 10000

/* ---- trees ---- */

static int
tree_remove_entries(int fd, unsigned depth)
{
	DIR *directory = fdopendir(fd);
	const struct dirent *entry;
	int result = 0;

	if (directory == NULL) {
		close(fd);
		return -1;
	}
	while (result == 0 && (entry = readdir(directory)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = archive_drill_remove(dirfd(directory), entry->d_name, depth);
	(void)closedir(directory);
	return result;
}

int
archive_drill_remove(int directory_fd, const char *name, unsigned depth)
{
	int fd;

	if (unlinkat(directory_fd, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (depth == 0) {
		errno = ELOOP;
		return -1;
	}
	if ((fd = openat(directory_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1 ||
	    tree_remove_entries(fd, depth - 1) == -1)
		return -1;
	return unlinkat(directory_fd, name, AT_REMOVEDIR);
}

/* ---- what is restored ---- */

int
archive_drill_find_postgres(struct archive *archive, struct restore_target *target, uint64_t *bytes, struct error *e)
{
	struct ship_place place;
	struct backup backup;
	bool followed = ship_where(&archive->ship, &place);
	bool good;

	if (target_find(&archive->repository, target, e) == -1 ||
	    backup_read(&archive->repository, target->backup, &backup, e) == -1)
		return -1;
	*bytes = backup.bytes;
	good = strcmp(backup.backend, "postgres") == 0;
	backup_free(&backup);
	if (!good)
		return error_set(e, STATUS_UNAVAILABLE, "drill.backend", "the newest backup is of another backend");
	/* The log since, whose end is where it is shipped to, twice: the replay writes as much. */
	if (followed && strcmp(place.stream, target->stream) == 0 && place.position > target->from)
		*bytes += 2 * (place.position - target->from);
	return 0;
}

/* An empty file in place of what may be there. */
static int
restore_empty(int fd, const char *name, struct error *e)
{
	int file = openat(fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (file == -1)
		return error_set_errno(e, STATUS_IO, "drill.io", "cannot write %s", name);
	close(file);
	return 0;
}

int
archive_drill_restore_postgres(struct archive *archive, struct restore_target *target, int fd, struct error *e)
{
	uint64_t bytes;

	if (backup_restore_for_drill(&archive->repository, target->backup, fd, archive->scratch, &bytes, e) == -1 ||
	    target_put_wal(&archive->repository, target, fd, e) == -1)
		return -1;
	/* It passes as nobody's node, and nothing of the past's settings counts. */
	(void)unlinkat(fd, "bibd.node", 0);
	(void)unlinkat(fd, "backup_manifest", 0);
	(void)unlinkat(fd, "postmaster.pid", 0);
	if (restore_empty(fd, "postgresql.auto.conf", e) == -1 || restore_empty(fd, "recovery.signal", e) == -1)
		return -1;
	return fchmod(fd, 0700) == 0 ? 0 : error_set_errno(e, STATUS_IO, "drill.io", "cannot set a mode");
}

/* ---- the proof ---- */

int
archive_drill_open_postgres(struct archive *archive, struct error *e)
{
	static char program[] = "/bin/cat", end[] = "--", script[PATH_MAX];
	char *command[] = { program, end, script, NULL };

	(void)snprintf(script, sizeof(script), "%s", archive->worker->conf->backup.drill.script);
	return script[0] == '\0' ? 0 : runner_start(&archive->driller, command, e);
}

/* In the loop's thread. */
static void
proof_answer(struct archive_proof *proof, enum status status, const char *text)
{
	proof->status = status;
	(void)snprintf(proof->text, sizeof(proof->text), "%s", text);
	proof->answered = true;
	(void)pthread_cond_broadcast(&proof->changed);
}

static void
proof_ask(struct loop_watch *watch, uint32_t events)
{
	struct archive *archive = watch->arg;
	struct archive_proof *proof = &archive->proof;
	struct message_drill_prove message;
	uint64_t count;
	struct error e;
	int fd;

	(void)events;
	if (read(proof->wake_fd, &count, sizeof(count)) == -1)
		return;
	(void)pthread_mutex_lock(&proof->mutex);
	fd = memfd_create_sealed("bibd-drill-script", proof->script, strlen(proof->script), &e);
	proof->id = channel_next_id(&archive->worker->channel);
	message.timeout_ms = proof->timeout_ms;
	if (fd == -1 || channel_send_drill_prove(&archive->worker->channel, proof->id, &message, fd) == -1)
		proof_answer(proof, STATUS_UNAVAILABLE, "bibd-container cannot be asked");
	(void)pthread_mutex_unlock(&proof->mutex);
}

void
archive_take_drill_proven(void *context, struct frame *frame, const struct message_drill_proven *message)
{
	struct archive_proof *proof = &((struct archive *)((struct worker *)context)->state)->proof;

	(void)pthread_mutex_lock(&proof->mutex);
	/* The answer to another question is none; id 0: whoever would answer has gone. */
	if (!proof->answered && (frame->header.id == proof->id || frame->header.id == 0))
		proof_answer(proof, (enum status)message->status, message->text);
	(void)pthread_mutex_unlock(&proof->mutex);
}

int
archive_drill_watch_postgres(struct archive *archive, struct error *e)
{
	struct archive_proof *proof = &archive->proof;

	proof->answered = true;
	if ((errno = pthread_mutex_init(&proof->mutex, NULL)) != 0 ||
	    (errno = pthread_cond_init(&proof->changed, NULL)) != 0 ||
	    (proof->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot start");
	return loop_watch_add(&archive->worker->loop, &proof->watch, proof->wake_fd, EPOLLIN, proof_ask, archive, e);
}

/* In the job's thread, with the mutex: until it is answered, the time is over, or the node stops. */
static void
proof_wait(struct archive *archive)
{
	struct archive_proof *proof = &archive->proof;

	for (int64_t left = (int64_t)proof->timeout_ms + PROOF_SPARE_MS;
	     left > 0 && !proof->answered && !atomic_load(&archive->stopping); left -= PROOF_STEP_MS) {
		struct timespec until;

		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += PROOF_STEP_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		(void)pthread_cond_timedwait(&proof->changed, &proof->mutex, &until);
	}
	if (!proof->answered)
		proof_answer(proof, STATUS_UNAVAILABLE, "bibd-container has not answered in time");
}

/* The script's text, for free(); "" where there is none. */
static char *
proof_read_script(struct archive *archive, struct error *e)
{
	char *script = calloc(1, RUNNER_OUTPUT_MAX + 1);
	size_t got = 0;

	if (script == NULL)
		(void)error_set_errno(e, STATUS_OS, "archive.memory", "cannot run a drill");
	if (script == NULL || archive->worker->conf->backup.drill.script[0] == '\0')
		return script;
	if (runner_run(&archive->driller, "cat", NULL, "", 0, SCRIPT_MS, script, &got, e) == 0 &&
	    strlen(script) == got && got > 0)
		return script;
	free(script);
	(void)error_set(e, STATUS_UNAVAILABLE, "drill.engine",
	    "backup.drill.script cannot be read by bibd-archive's user, is empty, or has more than %u bytes of text",
	    RUNNER_OUTPUT_MAX);
	return NULL;
}

int
archive_drill_prove_postgres(struct archive *archive, int64_t timeout_ms, char *found, size_t size, struct error *e)
{
	struct archive_proof *proof = &archive->proof;
	uint64_t one = 1;
	int result;
	char *script;

	if (timeout_ms <= 0)
		return error_set(e, STATUS_UNAVAILABLE, "drill.late", "the restore took longer than a drill may");
	if ((script = proof_read_script(archive, e)) == NULL)
		return -1;
	(void)pthread_mutex_lock(&proof->mutex);
	proof->answered = false;
	proof->id = 0;
	proof->script = script;
	proof->timeout_ms = (uint32_t)timeout_ms;
	if (write(proof->wake_fd, &one, sizeof(one)) == -1)
		proof_answer(proof, STATUS_UNAVAILABLE, strerror(errno));
	proof_wait(archive);
	proof->script = "";
	(void)snprintf(found, size, "%s", proof->text);
	result = proof->status == STATUS_OK ? 0
	    : proof->status == STATUS_DATA  ? error_set(e, STATUS_DATA, "drill.failed", "%s", proof->text)
					    : error_set(e, STATUS_UNAVAILABLE, "drill.engine", "%s", proof->text);
	(void)pthread_mutex_unlock(&proof->mutex);
	free(script);
	return result;
}
