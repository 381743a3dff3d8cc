/* The thread that reads the log: follows what bibd-sqlite tells of, proves it, and finds out what is missing. */
#include "workers/archive/ship_wal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"

#define SHIP_TICK_MS 100
#define SHIP_FLUSH_MS 400 /* what is not asked for is put by at least so often */

/* ---- sessions ---- */

static void
session_close(struct ship_session *session)
{
	if (session->page != NULL)
		(void)munmap(session->page, sizeof(*session->page));
	for (int i = 0; i < SHIP_PARTS; i++)
		if (session->fds[i] != -1)
			close(session->fds[i]);
	*session = (struct ship_session) { .fds = { -1, -1, -1, -1, -1 } };
}

static void
ship_end_session(struct ship *ship)
{
	pthread_mutex_lock(&ship->lock);
	ship->stored_page = NULL;
	ship->stored_fd = -1;
	ship->nflights = 0;
	ship->landed = ship->counted = (struct ship_flight) { .seq = 0 };
	ship->attached = false;
	ship->lost = ship->has_session = false;
	pthread_mutex_unlock(&ship->lock);
	session_close(&ship->session);
	ship->log.fd = -1;
	ship->is_attached = false;
	ship->resumes = ship->head.stream[0] != '\0';
}

static void
ship_take_session(struct ship *ship)
{
	pthread_mutex_lock(&ship->lock);
	if (ship->has_next) {
		ship->session = ship->next;
		ship->has_next = false;
		ship->has_session = true;
		ship->log.fd = ship->session.fds[SHIP_LOG];
		ship->seq = 0;
		ship->stored_page = ship->session.page;
		ship->stored_fd = ship->session.fds[SHIP_STORED];
	}
	pthread_mutex_unlock(&ship->lock);
}

/* ---- entries ---- */

void
ship_gap(struct ship *ship, const char *why)
{
	pthread_mutex_lock(&ship->lock);
	ship->gaps++;
	(void)snprintf(ship->gap, sizeof(ship->gap), "%s", why);
	ship->attached = false;
	pthread_mutex_unlock(&ship->lock);
	ship->is_attached = ship->resumes = false;
}

/* ---- following ---- */

/* 1: the log stands where the entry says; 0: there is no room now; -1: e says what does not fit. */
static int
ship_read_to(struct ship *ship, const struct ship_entry *entry, struct error *e)
{
	while (ship->log.frame < entry->frames) {
		struct ship_log before = ship->log;
		struct ship_frame frame;
		int result = ship_log_next(&ship->log, &frame, e);

		if (result == 0)
			return error_set(e, STATUS_DATA, "archive.log", "a frame of the write-ahead log is missing");
		if (result == -1)
			return -1;
		if ((result = ship_put_frame(ship, &frame, entry->time_us, e)) == -1)
			return -1;
		if (result == 1)
			continue;
		ship->log = before;
		if ((result = ship_flush(ship, e)) != 1)
			return result;
	}
	return ship->log.frame == entry->frames
	    ? 1
	    : error_set(e, STATUS_DATA, "archive.log", "the write-ahead log is shorter than it was");
}

static int
ship_follow(struct ship *ship, const struct ship_entry *entry, struct error *e)
{
	if (!ship_is_of(entry, ship->log.salt)) {
		int result = (entry->flags & SHIP_FOLLOWS) != 0 ? ship_log_begin(&ship->log, e) : 0;

		if (result == -1)
			return -1;
		if (result == 0 || !ship_is_of(entry, ship->log.salt))
			return error_set(e, STATUS_DATA, "archive.log",
			    "the write-ahead log began anew before it was read");
	}
	return ship_read_to(ship, entry, e);
}

/* Whether what there is goes into the spool now: asked for, or waited for and nothing else is under way, or old. */
static bool
ship_is_due(struct ship *ship)
{
	const struct ship_page *page = ship->session.page;

	if (ship->sealed || atomic_load(&page->asked) > atomic_load(&page->kept))
		return true;
	if (atomic_load(&page->wanted) > atomic_load(&page->stored) && sender_is_idle(&ship->sender))
		return true;
	/* Also where so much is written that objects are full before they are old: what is put by is known at the end
	 * of an object alone. */
	return ship->begun_ms != 0 &&
	    (clock_now_ms() - ship->begun_ms >= SHIP_FLUSH_MS || clock_now_ms() - ship->noted_ms >= SHIP_FLUSH_MS);
}

/* No commit comes between the one that is to be noted and its note: whoever counts holds the write lease. */
static void
ship_note_counted(struct ship *ship)
{
	if (ship->seq == 0 || atomic_load(&ship->session.page->counted) != ship->seq)
		return;
	pthread_mutex_lock(&ship->lock);
	ship->counted = (struct ship_flight) { .position = ship->position, .seq = ship->seq };
	pthread_mutex_unlock(&ship->lock);
}

/* 1, 0: there is no room now, -1: a gap. */
static int
ship_take(struct ship *ship, struct error *e)
{
	uint64_t synced = atomic_load(&ship->session.page->synced);
	struct ship_entry entry;
	int result = 1;

	ship_note_counted(ship);
	ship_log_again(&ship->log);
	if (ship->sealed && (result = ship_flush(ship, e)) != 1)
		return result;
	for (; ship->seq < synced; ship_note_counted(ship)) {
		if (!ship_entry(ship, ship->seq, &entry))
			/* Too many at once: the times of some are not known, but where they end. */
			ship->seq = synced - 1;
		else if ((result = ship_follow(ship, &entry, e)) != 1)
			return result;
		else
			ship->seq++;
	}
	if (ship_is_due(ship) && (result = ship_flush(ship, e)) != 1)
		return result;
	if (change_size(ship->writer) == 0)
		ship_note_kept(ship);
	return 1;
}

/* ---- the thread ---- */

static void
ship_serve(struct ship *ship)
{
	struct error e;
	int result;

	if (!ship->is_attached && (result = ship_find_way(ship, &e)) != 1) {
		if (result == -1)
			log_warning("%s", e.text);
		return;
	}
	result = ship_take(ship, &e);
	pthread_mutex_lock(&ship->lock);
	ship->full = result == 0;
	pthread_mutex_unlock(&ship->lock);
	if (result == -1)
		ship_gap(ship, e.text);
}

static void
ship_wait(const struct ship *ship)
{
	struct pollfd fds[2] = { { .fd = ship->kick_fd, .events = POLLIN },
		{ .fd = ship->has_session ? ship->session.fds[SHIP_WAKE] : -1, .events = POLLIN } };
	eventfd_t count;

	(void)poll(fds, 2, SHIP_TICK_MS);
	for (int i = 0; i < 2; i++)
		if ((fds[i].revents & POLLIN) != 0)
			(void)eventfd_read(fds[i].fd, &count);
}

static void *
ship_thread(void *arg)
{
	struct ship *ship = arg;
	bool lost;

	while (!atomic_load(&ship->quit)) {
		pthread_mutex_lock(&ship->lock);
		lost = ship->lost;
		pthread_mutex_unlock(&ship->lock);
		/* Once more after its end: what it has left in the log is there. */
		if (ship->has_session)
			ship_serve(ship);
		if (ship->has_session && lost)
			ship_end_session(ship);
		if (!ship->has_session)
			ship_take_session(ship);
		ship_wait(ship);
	}
	if (ship->has_session)
		ship_end_session(ship);
	return NULL;
}

int
ship_start(struct ship *ship, const char *scratch, uint64_t bound, struct error *e)
{
	char *spool;
	int result;

	ship->session = ship->next = (struct ship_session) { .fds = { -1, -1, -1, -1, -1 } };
	ship->stored_fd = ship->log.fd = -1;
	ship->sender.calls = &ship_sender_calls;
	ship->sender.arg = ship;
	if ((ship->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1 ||
	    (errno = pthread_mutex_init(&ship->lock, NULL)) != 0 || asprintf(&spool, "%s/spool", scratch) == -1)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot start");
	result = sender_start(&ship->sender, spool, bound, e);
	free(spool);
	if (result == -1)
		return -1;
	if ((errno = pthread_create(&ship->thread, NULL, ship->wal == NULL ? ship_thread : ship_wal_thread, ship)) != 0)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot start a thread");
	ship->running = true;
	return 0;
}

void
ship_stop(struct ship *ship)
{
	if (!ship->running)
		return;
	atomic_store(&ship->quit, true);
	(void)eventfd_write(ship->kick_fd, 1);
	(void)pthread_join(ship->thread, NULL);
	sender_stop(&ship->sender);
	ship->running = false;
}

void
ship_attach(struct ship *ship, const struct ship_session *session)
{
	pthread_mutex_lock(&ship->lock);
	if (ship->has_next)
		session_close(&ship->next);
	ship->next = *session;
	ship->has_next = true;
	pthread_mutex_unlock(&ship->lock);
	(void)eventfd_write(ship->kick_fd, 1);
}

void
ship_detach(struct ship *ship)
{
	pthread_mutex_lock(&ship->lock);
	if (ship->has_next)
		session_close(&ship->next);
	ship->has_next = false;
	ship->lost = ship->has_session;
	pthread_mutex_unlock(&ship->lock);
	(void)eventfd_write(ship->kick_fd, 1);
}

bool
ship_where(struct ship *ship, struct ship_place *place)
{
	bool attached;

	pthread_mutex_lock(&ship->lock);
	*place = ship->place;
	attached = ship->attached;
	pthread_mutex_unlock(&ship->lock);
	return attached;
}

void
ship_set_based(struct ship *ship, const char *stream)
{
	pthread_mutex_lock(&ship->lock);
	(void)snprintf(ship->based, sizeof(ship->based), "%s", stream);
	pthread_mutex_unlock(&ship->lock);
}

int64_t
ship_recoverable_us(struct ship *ship)
{
	int64_t us;

	pthread_mutex_lock(&ship->lock);
	us = ship->recoverable_us;
	pthread_mutex_unlock(&ship->lock);
	return us;
}

void
ship_set_proven(struct ship *ship, int64_t moment_us)
{
	pthread_mutex_lock(&ship->lock);
	if (ship->stored_page != NULL)
		atomic_store(&ship->stored_page->proven_us, moment_us);
	pthread_mutex_unlock(&ship->lock);
}
