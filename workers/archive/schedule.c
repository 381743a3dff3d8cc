/*
 * When the next backup is due, and whether one is late.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "workers/archive/archive.h"

#define SCHEDULE_TICK_MS 5000
#define SCHEDULE_FIRST_MS 500
#define SCHEDULE_STREAM_MS 30000 /* so long a backup waits for the stream in which it is to stand */
#define SCHEDULE_AGAIN \
	12 /* intervals of the health check: after a failure, and until the repository is looked at again */

/* ---- what went wrong, and right again ---- */

bool
archive_is_away(const struct error *e)
{
	static const char *const codes[] = { "repository.io", "repository.away", "repository.missing",
		"repository.denied", "repository.credentials", "archive.remounted", "runner.failed" };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(e->code, codes[i]) == 0)
			return true;
	return false;
}

void
archive_note_failure(struct archive *archive, const char *doing, const struct error *e)
{
	bool away = archive_is_away(e), said = archive->failed_ms != 0 && strcmp(archive->failure, e->text) == 0;

	/* Once: what lasts is in the status. */
	if (!said)
		worker_event(archive->worker, away ? "repository.away" : "backup.failed", "%s failed: %s", doing,
		    e->text);
	archive->failed_ms = clock_now_ms();
	archive->away = away;
	archive->looked = false;
	(void)snprintf(archive->failure, sizeof(archive->failure), "%s", e->text);
	archive_close_repository(archive);
	if (strcmp(e->code, "archive.remounted") == 0 && !atomic_load(&archive->stopping)) {
		worker_event(archive->worker, "repository.remounted", "%s: bibd-archive starts again to use it",
		    e->text);
		worker_stopped(archive->worker);
	}
}

void
archive_note_success(struct archive *archive)
{
	if (archive->away)
		worker_event(archive->worker, "repository.back", "the repository answers again");
	archive->failed_ms = 0;
	archive->away = false;
	archive->looked_ms = clock_now_ms();
}

/* ---- looking ---- */

static void
schedule_looked(struct archive *archive, int result, const struct error *e)
{
	if (result == -1)
		archive_note_failure(archive, "to look at the repository", e);
	else if (archive->away || archive->failed_ms == 0)
		archive_note_success(archive);
	else
		archive->looked_ms = clock_now_ms();
}

static int
schedule_look(struct archive *archive, struct error *e)
{
	return archive_look(archive, false, e);
}

static void
schedule_tick(struct loop_timer *timer)
{
	struct archive *archive = timer->arg;
	const struct conf *conf = archive->worker->conf;
	int64_t now_us = clock_realtime_us(), now_ms = clock_now_ms(),
		again_ms = SCHEDULE_AGAIN * conf_health(conf)->interval;
	struct ship_place place;
	bool full, due, followed;

	ship_set_proven(&archive->ship, archive_drill_proven_us(archive));
	if (!archive->job.running)
		archive_tell(archive);

	loop_timer_set(&archive->worker->loop, timer, again_ms < SCHEDULE_TICK_MS ? again_ms : SCHEDULE_TICK_MS,
	    schedule_tick, archive);
	if (!archive->has_identity || archive->job.running || archive->base.running ||
	    atomic_load(&archive->stopping) || (archive->failed_ms != 0 && now_ms - archive->failed_ms < again_ms))
		return;
	if (!archive->looked) {
		loop_timer_set(&archive->worker->loop, timer, SCHEDULE_FIRST_MS, schedule_tick, archive);
		archive_job_start(archive, schedule_look, schedule_looked);
		return;
	}
	/* Not before the repository was found where it is known to be: nobody else makes one. */
	if (!archive->sender_told)
		sender_set_identity(&archive->ship.sender, &archive->identity);
	archive->sender_told = true;
	full = archive->full_us == 0 || now_us - archive->full_us >= conf->backup.schedule.full * 1000;
	followed = ship_where(&archive->ship, &place);
	/* Changes lead to nothing without a base in their stream. */
	due = now_us - archive->last_us >= conf->backup.schedule.incremental * 1000 ||
	    (followed && strcmp(place.stream, archive->based) != 0);
	if (conf->database.backend == CONF_BACKEND_POSTGRES && !followed &&
	    now_ms - archive->started_ms < SCHEDULE_STREAM_MS) {
		loop_timer_set(&archive->worker->loop, timer, SCHEDULE_FIRST_MS, schedule_tick, archive);
		return;
	}
	if ((full || due) && (conf->database.backend == CONF_BACKEND_POSTGRES || channel_is_open(&archive->sqlite)))
		archive_base_begin(archive, full, 0);
	else if (archive_drill_is_due(archive))
		archive_drill_begin(archive, 0);
	else if (archive_key_is_due(archive, again_ms))
		archive_key_begin(archive);
	else if (now_ms - archive->looked_ms >= again_ms)
		archive_job_start(archive, archive_probe, schedule_looked);
}

void
archive_schedule(struct archive *archive)
{
	archive_schedule_later(archive, SCHEDULE_FIRST_MS);
}

void
archive_schedule_later(struct archive *archive, int64_t ms)
{
	loop_timer_set(&archive->worker->loop, &archive->tick, ms, schedule_tick, archive);
}

bool
archive_is_healthy(struct worker *worker, char *text, size_t size)
{
	struct archive *archive = worker->state;
	int64_t late_us = 2 * worker->conf->backup.schedule.incremental * 1000;
	char when[CLOCK_TEXT_SIZE] = "";

	text[0] = '\0';
	if (archive->away)
		(void)snprintf(text, size, "the repository cannot be used: %.180s", archive->failure);
	else if (archive->failed_ms != 0)
		(void)snprintf(text, size, "the last backup failed: %.180s", archive->failure);
	else if (!archive_ship_is_healthy(archive, text, size) || !archive_drill_is_healthy(archive, text, size) ||
	    !archive_key_is_healthy(archive, text, size))
		return false;
	else if (archive->job.running || !archive->looked)
		return true; /* what it finds is not known yet */
	else if (archive->last_us != 0 && clock_realtime_us() - archive->last_us > late_us)
		(void)snprintf(text, size, "the last backup is of %s: the next one is late",
		    clock_text(archive->last_us, when, sizeof(when)));
	else if (archive->damaged > 0)
		(void)snprintf(text, size, "%u backups in the repository are damaged: bibctl backup verify",
		    archive->damaged);
	else if (!archive->has_recovery_key && !archive->key.proven)
		(void)snprintf(text, size,
		    "no recovery key was made: without this machine nobody can read them (bibctl backup key)");
	return text[0] == '\0';
}
