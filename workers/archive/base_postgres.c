/*
 * A backup of the managed PostgreSQL: one job. Beside it its log is shipped, in which the backup stands.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "workers/archive/archive.h"
#include "workers/archive/postgres/postgres.h"

#define BASE_MOVING_MS 30000  /* between looks whether the rows have been moved */
#define BASE_START_MS 120000  /* so long a server may take to come up before that is a failure */
#define BASE_STREAM_TRIES 100 /* so often is looked whether the log is followed */
#define BASE_STREAM_WAIT_MS 100
#define BASE_STORED_TRIES 600

int
archive_follow_postgres(struct archive *archive, struct error *e)
{
	const struct conf *conf = archive->worker->conf;
	struct ship_wal *wal = calloc(1, sizeof(*wal));
	char directory[PATH_MAX];

	if (wal == NULL)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot start");
	wal->server.port = (unsigned)conf->database.postgres.port;
	wal->server.stopping = &archive->ship.quit;
	if (conf_postgres_path(conf, "run", directory, sizeof(directory)) == -1 ||
	    (wal->server.directory = strdup(directory)) == NULL) {
		free(wal);
		return error_set(e, STATUS_CONFIG, "archive.start", "database.postgres.data_dir is too long");
	}
	archive->ship.wal = wal;
	return 0;
}

/* Waits for the stream in which the backup is to stand, and which has its log: a backup has its log itself while none
 * is followed. */
static void
postgres_await_stream(struct archive *archive)
{
	const struct timespec pause = { .tv_nsec = BASE_STREAM_WAIT_MS * 1000000L };
	struct ship_place *place = &archive->base.place;

	for (int i = 0; i < BASE_STREAM_TRIES && !atomic_load(&archive->stopping); i++) {
		if (ship_where(&archive->ship, place))
			return;
		(void)nanosleep(&pause, NULL);
	}
	*place = (struct ship_place) { .stream = "" };
}

/* The backup stands in the stream, if that is the same still, and has the log that makes it consistent. */
static int
postgres_say_where(struct archive *archive, const char *note, struct error *e)
{
	const struct timespec pause = { .tv_nsec = BASE_STREAM_WAIT_MS * 1000000L };
	struct archive_base *base = &archive->base;
	uint32_t from[2], to[2];
	uint64_t begin, end;
	int stored = 0;

	if (sscanf(note, "system %*s timeline %*s from %8" SCNx32 "/%8" SCNx32 " to %8" SCNx32 "/%8" SCNx32, &from[0],
		&from[1], &to[0], &to[1]) != 4)
		return error_set(e, STATUS_DATA, "postgres.stream", "PostgreSQL does not say where its backup stands");
	end = (uint64_t)to[0] << 32 | to[1];
	for (int i = 0; i < BASE_STORED_TRIES && stored == 0 && !atomic_load(&archive->stopping); i++)
		if ((stored = ship_wal_is_stored(&archive->ship, base->place.stream, end)) == 0)
			(void)nanosleep(&pause, NULL);
	if (stored != 1)
		return error_set(e, STATUS_UNAVAILABLE, "backup.failed",
		    "the write-ahead log that the backup needs has not come into the repository");
	/* A segment is needed whole. */
	begin = (uint64_t)from[0] << 32 | from[1];
	backup_stands_at(base->writer, base->place.stream, begin - begin % base->place.segment, end);
	return 0;
}

static int
postgres_job(struct archive *archive, struct error *e)
{
	const struct conf *conf = archive->worker->conf;
	struct archive_base *base = &archive->base;
	char directory[PATH_MAX], note[REPOSITORY_NOTE_SIZE];
	struct postgres_server server = { .directory = directory,
		.port = (unsigned)conf->database.postgres.port,
		.stopping = &archive->stopping };

	if (conf_postgres_path(conf, "run", directory, sizeof(directory)) == -1)
		return error_set(e, STATUS_CONFIG, "archive.start", "database.postgres.data_dir is too long");
	if (archive_base_begin_writer(archive, "postgres", e) == -1)
		return -1;
	postgres_await_stream(archive);
	/* Nobody waits for one that the schedule asked for: its checkpoint may take its time. */
	if (postgres_base(&server, base->asked_id != 0 || archive->full_us == 0, base->place.stream[0] == '\0',
		base->writer, note, e) == 0 &&
	    (base->place.stream[0] == '\0' || postgres_say_where(archive, note, e) == 0))
		return archive_base_end(archive, note, e);
	backup_abandon(base->writer);
	base->writer = NULL;
	return -1;
}

static void
postgres_done(struct archive *archive, int result, const struct error *e)
{
	bool away = result == -1 && strcmp(e->code, "postgres.away") == 0;
	bool moving = result == -1 && strcmp(e->code, "postgres.moving") == 0;
	bool starting = away && !archive->reached && clock_now_ms() - archive->started_ms < BASE_START_MS;

	if (!away && !moving)
		archive->reached = true;
	/* After the node's start the schedule waits without a word for the server, and for what a move puts into it. */
	if ((starting || moving) && archive->base.asked_id == 0) {
		archive->base.running = false;
		if (moving)
			archive_schedule_later(archive, BASE_MOVING_MS);
	} else
		archive_base_finish(archive, result == -1 ? e : NULL);
}

void
archive_base_begin_postgres(struct archive *archive)
{
	archive_job_start(archive, postgres_job, postgres_done);
}
