/*
 * A backup of the managed PostgreSQL: one job.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "workers/archive/archive.h"
#include "workers/archive/postgres/postgres.h"

#define BASE_MOVING_MS 30000 /* between looks whether the rows have been moved */
#define BASE_START_MS 120000 /* so long a server may take to come up before that is a failure */

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
	/* Nobody waits for one that the schedule asked for: its checkpoint may take its time. */
	if (postgres_base(&server, base->asked_id != 0 || archive->full_us == 0, base->writer, note, e) == 0)
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
