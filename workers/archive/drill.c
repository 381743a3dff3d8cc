/*
 * Drills: a commit of now, whose rows bibd-sqlite counts, is restored from the repository into a scratch place, and
 * proven there by the program bibd-drill. What came of it is kept in a file, so that a start does not forget when the
 * last one was.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "workers/archive/archive.h"
#include "workers/archive/repository/target.h"

#define DRILL_FOLDER "drill"
#define DRILL_STATE "drilled"
#define DRILL_COUNTS "counts"		    /* as bibd-drill has it */
#define DRILL_MS (6 * 3600 * (int64_t)1000) /* a drill with all that belongs to it */
#define DRILL_AGAIN_MS (3600 * (int64_t)1000)
#define DRILL_DEPTH 32 /* of folders */
#define DRILL_SPARE_BYTES (64U << 20)

/* ---- what is known of them ---- */

static void
drill_forget(struct archive *archive)
{
	archive->drill = (struct archive_drill) { .since_us = clock_realtime_us(), .known = true };
}

static FILE *
drill_open_state(const struct archive *archive, const char *mode)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/" DRILL_STATE "%s", archive->scratch, mode[0] == 'w' ? ".new" : "");

	return n < 0 || (size_t)n >= sizeof(path) ? NULL : fopen(path, mode);
}

/* What cannot be read, or is of another repository, is as if there had been none. */
static void
drill_load(struct archive *archive)
{
	struct archive_drill *drill = &archive->drill;
	char place[PATH_MAX + 8] = "", why[ERROR_TEXT_MAX + 8] = "";
	FILE *file = drill_open_state(archive, "re");

	drill_forget(archive);
	if (file == NULL)
		return;
	if (fgets(place, sizeof(place), file) == NULL ||
	    fscanf(file, "%" SCNd64 " %" SCNd64 " %" SCNd64 "\n", &drill->since_us, &drill->passed_us,
		&drill->proven_us) != 3)
		drill_forget(archive);
	else if (fgets(why, sizeof(why), file) != NULL) {
		why[strcspn(why, "\n")] = '\0';
		(void)snprintf(drill->failure, sizeof(drill->failure), "%.*s", (int)sizeof(drill->failure) - 1, why);
	}
	place[strcspn(place, "\n")] = '\0';
	if (strcmp(place, archive->worker->conf->backup.repository) != 0)
		drill_forget(archive);
	(void)fclose(file);
}

static void
drill_save(const struct archive *archive)
{
	const struct archive_drill *drill = &archive->drill;
	char from[PATH_MAX], to[PATH_MAX];
	FILE *file = drill_open_state(archive, "we");
	bool written;

	if (file == NULL) {
		log_warning("what came of the drill cannot be kept: %s", strerror(errno));
		return;
	}
	written =
	    fprintf(file, "%s\n%" PRId64 " %" PRId64 " %" PRId64 "\n%s\n", archive->worker->conf->backup.repository,
		drill->since_us, drill->passed_us, drill->proven_us, drill->failure) > 0 &&
	    fflush(file) == 0 && fsync(fileno(file)) == 0;
	(void)fclose(file);
	if (snprintf(from, sizeof(from), "%s/" DRILL_STATE ".new", archive->scratch) < (int)sizeof(from) &&
	    snprintf(to, sizeof(to), "%s/" DRILL_STATE, archive->scratch) < (int)sizeof(to) && written &&
	    rename(from, to) == 0)
		return;
	log_warning("what came of the drill cannot be kept: %s", strerror(errno));
}

static bool
drill_is_asked_for(const struct archive *archive)
{
	const struct conf *conf = archive->worker->conf;

	return conf->backup.drill.interval > 0;
}

/* Since the last one that proved something, or since there was something to be proven. */
static int64_t
drill_age_ms(const struct archive *archive)
{
	const struct archive_drill *drill = &archive->drill;

	return (clock_realtime_us() - (drill->passed_us != 0 ? drill->passed_us : drill->since_us)) / 1000;
}

bool
archive_drill_is_due(struct archive *archive)
{
	int64_t interval = archive->worker->conf->backup.drill.interval;
	int64_t again = interval < DRILL_AGAIN_MS ? interval : DRILL_AGAIN_MS;

	if (!archive->drill.known) {
		drill_load(archive);
		drill_save(archive);
	}
	return drill_is_asked_for(archive) && archive->last_us != 0 && drill_age_ms(archive) >= interval &&
	    (archive->drill.tried_ms == 0 || clock_now_ms() - archive->drill.tried_ms >= again);
}

bool
archive_drill_is_healthy(const struct archive *archive, char *text, size_t size)
{
	const struct archive_drill *drill = &archive->drill;
	char when[CLOCK_TEXT_SIZE] = "";

	if (!drill->known)
		return true;
	if (drill->failure[0] != '\0')
		(void)snprintf(text, size, "the last drill did not prove the backups: %.180s", drill->failure);
	else if (!drill_is_asked_for(archive) ||
	    drill_age_ms(archive) <= 2 * archive->worker->conf->backup.drill.interval)
		return true;
	else if (drill->passed_us == 0)
		(void)snprintf(text, size, "no drill has proven the backups yet, and one is late: bibctl drill");
	else
		(void)snprintf(text, size, "the last drill was at %s: the next one is late (bibctl drill)",
		    clock_text(drill->passed_us, when, sizeof(when)));
	return false;
}

int64_t
archive_drill_proven_us(const struct archive *archive)
{
	return archive->drill.known ? archive->drill.proven_us : 0;
}

/* ---- the scratch place ---- */

/* Of one that was cut short, too. */
static void
drill_remove(const struct archive *archive)
{
	int fd = open(archive->scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1)
		return;
	if (archive_drill_remove(fd, DRILL_FOLDER, DRILL_DEPTH) == -1 && errno != ENOENT)
		log_warning("cannot remove %s/" DRILL_FOLDER ": %s", archive->scratch, strerror(errno));
	close(fd);
}

/* The spool keeps its room: what clients commit goes before. */
static int
drill_check_room(const struct archive *archive, uint64_t bytes, struct error *e)
{
	uint64_t need = bytes + bytes / 4 + DRILL_SPARE_BYTES + ((uint64_t)archive->worker->conf->backup.spool << 20);
	struct statvfs room;

	if (statvfs(archive->scratch, &room) == -1)
		return error_set_errno(e, STATUS_IO, "drill.room", "cannot look at %s", archive->scratch);
	if ((uint64_t)room.f_bavail * room.f_frsize >= need)
		return 0;
	return error_set(e, STATUS_UNAVAILABLE, "drill.room",
	    "there is no room for a drill in %s: it needs %" PRIu64 " MB, with backup.spool, and %" PRIu64 " are free",
	    archive->scratch, need / 1000000, (uint64_t)room.f_bavail * room.f_frsize / 1000000);
}

/* ---- a drill ---- */

static int
drill_restore(struct archive *archive, struct restore_target *target, int fd, struct error *e)
{
	char stream[REPOSITORY_BACKUP_SIZE];
	struct backup backup;
	uint64_t bytes;
	int file, result;

	memcpy(stream, target->stream, sizeof(stream));
	if (target_find(&archive->repository, target, e) == -1)
		return -1;
	/* A commit's number means nothing in another stream. */
	if (strcmp(stream, target->stream) != 0)
		return error_set(e, STATUS_UNAVAILABLE, "drill.stream",
		    "the newest backup does not lead to what is committed now: another base is to come");
	if (backup_read(&archive->repository, target->backup, &backup, e) == -1)
		return -1;
	bytes = backup.bytes;
	result = strcmp(backup.backend, "sqlite") == 0
	    ? drill_check_room(archive, bytes, e)
	    : error_set(e, STATUS_UNAVAILABLE, "drill.backend", "the newest backup is of another backend");
	backup_free(&backup);
	if (result == -1 ||
	    backup_restore_for_drill(&archive->repository, target->backup, fd, archive->scratch, &bytes, e) == -1)
		return -1;
	if ((file = openat(fd, ARCHIVE_FILE, O_RDWR | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return error_set_errno(e, STATUS_IO, "drill.io", "cannot open what was restored");
	result = target_replay(&archive->repository, target, file, e);
	if (result == 0 && target->reached.position != 0 && target->reached.position != target->position)
		result = error_set(e, STATUS_DATA, "drill.failed",
		    "the commit whose rows were counted, %" PRIu64
		    ", is not reached: the last one before it is %" PRIu64,
		    target->position, target->reached.position);
	close(file);
	return result;
}

/* The program's own words are why. */
static int
drill_prove(struct archive *archive, char *found, size_t size, struct error *e)
{
	int64_t left = DRILL_MS - (clock_now_ms() - archive->drill.tried_ms);
	char *output = calloc(1, RUNNER_OUTPUT_MAX + 1);
	size_t got = 0;
	int result;

	if (output == NULL)
		return error_set_errno(e, STATUS_OS, "archive.memory", "cannot run a drill");
	result = left <= 0 ? error_set(e, STATUS_UNAVAILABLE, "drill.late", "the restore took longer than a drill may")
			   : runner_run(&archive->driller, "bibd-drill", NULL, "", 0, left, output, &got, e);
	output[got] = '\0';
	/* One line, for events and the status. */
	for (char *p = output; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	if (result == -1 && got > 0)
		(void)error_set(e, STATUS_DATA, "drill.failed", "%.400s", output);
	(void)snprintf(found, size, "%.200s", output);
	free(output);
	return result;
}

/* A commit of now, with how many rows every table has after it, which bibd-drill is given in a file. */
static int
drill_note(struct archive *archive, struct restore_target *target, int fd, struct error *e)
{
	struct change_point point = { .position = 0 };
	size_t size = 0;
	char *text;
	int result = archive_count(archive, &point, &text, &size, e), file;

	if (result == 0) {
		file = openat(fd, DRILL_COUNTS, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (file == -1 || file_write_all(file, text, size) == -1)
			result = error_set_errno(e, STATUS_IO, "drill.io", "cannot write what was counted");
		if (file != -1)
			close(file);
	}
	free(text);
	*target = (struct restore_target) { .kind = TARGET_POSITION, .position = point.position };
	memcpy(target->stream, point.stream, sizeof(target->stream));
	return result;
}

static int
drill_run_postgres(struct archive *archive, int fd, struct error *e)
{
	struct restore_target target = { .kind = TARGET_LATEST };
	char found[256], when[CLOCK_TEXT_SIZE];
	uint64_t bytes;

	if (archive_drill_find_postgres(archive, &target, &bytes, e) == -1 ||
	    drill_check_room(archive, bytes, e) == -1 ||
	    archive_drill_restore_postgres(archive, &target, fd, e) == -1 ||
	    archive_drill_prove_postgres(archive, DRILL_MS - (clock_now_ms() - archive->drill.tried_ms), found,
		sizeof(found), e) == -1)
		return -1;
	archive->drill.found_us = target.reached.time_us != 0 ? target.reached.time_us : target.base_us;
	(void)snprintf(archive->text, sizeof(archive->text), "the state of %s was restored and proven in %.1f s: %s",
	    clock_text(archive->drill.found_us, when, sizeof(when)),
	    (double)(clock_now_ms() - archive->drill.tried_ms) / 1000, found);
	return 0;
}

static int
drill_run(struct archive *archive, int fd, struct error *e)
{
	struct restore_target target;
	char found[256], when[CLOCK_TEXT_SIZE];
	int64_t moment_us;

	if (archive->worker->conf->database.backend == CONF_BACKEND_POSTGRES)
		return drill_run_postgres(archive, fd, e);
	if (drill_note(archive, &target, fd, e) == -1 || drill_restore(archive, &target, fd, e) == -1 ||
	    drill_prove(archive, found, sizeof(found), e) == -1)
		return -1;
	moment_us = target.reached.time_us != 0 ? target.reached.time_us : target.base_us;
	archive->drill.found_us = moment_us;
	(void)snprintf(archive->text, sizeof(archive->text),
	    "the state of %s was restored and proven in %.1f s: %s, by integrity_check, foreign_key_check%s",
	    clock_text(moment_us, when, sizeof(when)), (double)(clock_now_ms() - archive->drill.tried_ms) / 1000, found,
	    archive->worker->conf->backup.drill.script[0] == '\0' ? "" : " and the script");
	return 0;
}

static int
drill_job(struct archive *archive, struct error *e)
{
	char path[PATH_MAX];
	int fd = -1, result = -1;

	drill_remove(archive);
	if (snprintf(path, sizeof(path), "%s/" DRILL_FOLDER, archive->scratch) >= (int)sizeof(path) ||
	    mkdir(path, 0700) == -1 || (fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		(void)error_set_errno(e, STATUS_IO, "drill.io", "cannot make a place for the drill");
	else if (archive_open_repository(archive, e) == 0)
		result = drill_run(archive, fd, e);
	if (fd != -1)
		close(fd);
	drill_remove(archive);
	return result;
}

static void
drill_note_failure(struct archive *archive, const struct error *e)
{
	bool failed = strcmp(e->code, "drill.failed") == 0 || e->status == STATUS_DATA;

	(void)snprintf(archive->drill.failure, sizeof(archive->drill.failure), "%s", e->text);
	worker_event(archive->worker, failed ? "drill.failed" : "drill.skipped", "%s after %.1f s: %s",
	    failed ? "the drill failed" : "the drill could not run, and proves nothing",
	    (double)(clock_now_ms() - archive->drill.tried_ms) / 1000, e->text);
	if (archive_is_away(e) && strcmp(e->code, "runner.failed") != 0)
		archive_note_failure(archive, "the drill", e);
}

static void
drill_done(struct archive *archive, int result, const struct error *e)
{
	struct archive_drill *drill = &archive->drill;
	uint32_t asked_id = drill->asked_id;

	drill->asked_id = 0;
	if (result == 0) {
		drill->passed_us = clock_realtime_us();
		drill->proven_us = drill->found_us;
		drill->failure[0] = '\0';
		worker_event(archive->worker, "drill.passed", "%s", archive->text);
	} else if (!atomic_load(&archive->stopping))
		drill_note_failure(archive, e);
	drill_save(archive);
	ship_set_proven(&archive->ship, drill->proven_us);
	archive_tell(archive);
	archive_answer(archive, asked_id, result == -1 ? e->status : STATUS_OK, result == -1 ? e->code : "drill.passed",
	    result == -1 ? e->text : archive->text);
}

void
archive_drill_begin(struct archive *archive, uint32_t asked_id)
{
	if (!archive->drill.known)
		drill_load(archive);
	archive->drill.asked_id = asked_id;
	archive->drill.tried_ms = clock_now_ms();
	archive_job_start(archive, drill_job, drill_done);
}

int
archive_drill_open(struct archive *archive, struct error *e)
{
	static char program[PATH_MAX], directory[PATH_MAX], script[PATH_MAX];
	char *command[] = { program, directory, script, NULL };
	const struct conf *conf = archive->worker->conf;
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - sizeof("/bibd-drill"));
	char *slash;

	if (conf->database.backend != CONF_BACKEND_SQLITE) {
		drill_remove(archive);
		return archive_drill_open_postgres(archive, e);
	}
	if (n <= 0 || (slash = memrchr(program, '/', (size_t)n)) == NULL)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot find bibd-drill");
	memcpy(slash, "/bibd-drill", sizeof("/bibd-drill"));
	(void)snprintf(directory, sizeof(directory), "%s/" DRILL_FOLDER, archive->scratch);
	(void)snprintf(script, sizeof(script), "%s", conf->backup.drill.script);
	if (script[0] == '\0')
		command[2] = NULL;
	drill_remove(archive);
	return runner_start(&archive->driller, command, e);
}
