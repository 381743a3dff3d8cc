/* Shipping, as the loop's thread sees it: the parts that bibd-sqlite sends, and what is to be said of it. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "workers/archive/archive.h"

#define SHIP_LOOK_MS 500
#define SHIP_ASK_AGAIN_MS 500
/* So long changes may go unread, or a new base be under way, before that is said. */
#define SHIP_PATIENCE_MS 30000

static void
ship_ask(struct loop_timer *timer)
{
	struct archive *archive = timer->arg;

	if (channel_is_open(&archive->sqlite))
		(void)channel_send_ship_request(&archive->sqlite, channel_next_id(&archive->sqlite), NULL, -1);
}

void
archive_ship_connected(struct archive *archive)
{
	struct loop_timer now = { .arg = archive };

	archive_ship_lost(archive);
	ship_ask(&now);
}

void
archive_ship_refused(struct archive *archive)
{
	loop_timer_set(&archive->worker->loop, &archive->ship_timer, SHIP_ASK_AGAIN_MS, ship_ask, archive);
}

void
archive_ship_lost(struct archive *archive)
{
	loop_timer_cancel(&archive->ship_timer);
	for (int i = 0; i < SHIP_PARTS; i++)
		if (archive->parts.fds[i] != -1)
			close(archive->parts.fds[i]);
	archive->parts = (struct ship_session) { .fds = { -1, -1, -1, -1, -1 } };
	ship_detach(&archive->ship);
}

static bool
ship_map(struct ship_session *parts)
{
	struct stat st;
	void *page;

	for (int i = 0; i < SHIP_PARTS; i++)
		if (parts->fds[i] == -1)
			return false;
	if (fstat(parts->fds[SHIP_MEMORY], &st) == -1 || (size_t)st.st_size != sizeof(struct ship_page))
		return false;
	page = mmap(NULL, sizeof(struct ship_page), PROT_READ | PROT_WRITE, MAP_SHARED, parts->fds[SHIP_MEMORY], 0);
	parts->page = page == MAP_FAILED ? NULL : page;
	return page != MAP_FAILED;
}

void
archive_ship_take_part(void *context, struct frame *frame, const struct message_ship_part *message)
{
	struct archive *archive = context;

	if (message->part >= SHIP_PARTS || archive->parts.fds[message->part] != -1)
		return;
	archive->parts.fds[message->part] = frame_take_fd(frame);
	if (message->part != SHIP_LOG)
		return;
	if (!ship_map(&archive->parts)) {
		log_error("what bibd-sqlite has sent of the write-ahead log cannot be used");
		archive_ship_lost(archive);
		archive_ship_refused(archive);
		return;
	}
	ship_attach(&archive->ship, &archive->parts);
	archive->parts = (struct ship_session) { .fds = { -1, -1, -1, -1, -1 } };
}

/* ---- what is said of it ---- */

static void
ship_look(struct loop_timer *timer)
{
	struct archive *archive = timer->arg;
	struct ship *ship = &archive->ship;
	char gap[ERROR_TEXT_MAX], failing[ERROR_TEXT_MAX];
	unsigned gaps, failures;

	loop_timer_set(&archive->worker->loop, timer, SHIP_LOOK_MS, ship_look, archive);
	pthread_mutex_lock(&ship->lock);
	gaps = ship->gaps;
	failures = ship->failures;
	memcpy(gap, ship->gap, sizeof(gap));
	memcpy(failing, ship->failing, sizeof(failing));
	pthread_mutex_unlock(&ship->lock);
	if (gaps != archive->gaps_said)
		worker_event(archive->worker, "backup.gap",
		    "changes are missing from the repository: %s; a new base follows", gap);
	archive->gaps_said = gaps;
	if (failures != archive->failures_said && failing[0] != '\0')
		worker_event(archive->worker, "backup.behind",
		    "changes cannot be put into the repository, and wait on this disk: %s", failing);
	else if (failures != archive->failures_said)
		worker_event(archive->worker, "backup.caught_up", "changes are put into the repository again");
	archive->failures_said = failures;
	archive_tell_state(archive, false);
}

void
archive_ship_watch(struct archive *archive)
{
	loop_timer_set(&archive->worker->loop, &archive->look_timer, SHIP_LOOK_MS, ship_look, archive);
}

bool
archive_ship_is_healthy(struct archive *archive, char *text, size_t size)
{
	struct ship *ship = &archive->ship;
	uint64_t waiting = sender_waiting(&ship->sender);
	int64_t now = clock_now_ms();
	bool reads, based;

	text[0] = '\0';
	pthread_mutex_lock(&ship->lock);
	reads = ship->attached && !ship->full;
	based = strcmp(ship->based, ship->place.stream) == 0;
	if (ship->failing[0] != '\0')
		(void)snprintf(text, size, "the repository cannot be written, and %.1f MB of changes wait here: %.120s",
		    (double)waiting / 1e6, ship->failing);
	pthread_mutex_unlock(&ship->lock);
	if (reads && based)
		archive->shipped_ms = now;
	if (text[0] == '\0' && archive->looked && now - archive->shipped_ms > SHIP_PATIENCE_MS)
		(void)snprintf(text, size, "%s",
		    !reads ? "what is committed now is not shipped to the repository"
			   : "changes are missing from the repository, and no new base has been made yet");
	return text[0] == '\0';
}
