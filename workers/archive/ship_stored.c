/* What the sender says, passed on to bibd-sqlite: which of its commits are put by, and which the repository has. */
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "common/clock.h"
#include "workers/archive/archive.h"
#include "workers/archive/ship.h"

static void
stored_signal(int fd)
{
	if (fd != -1)
		(void)eventfd_write(fd, 1);
}

/* With the lock: what has landed. */
static void
stored_land(struct ship *ship, uint64_t position)
{
	unsigned landed = 0;

	while (landed < ship->nflights && ship->flights[landed].position <= position)
		landed++;
	if (landed == 0 || ship->stored_page == NULL)
		return;
	if (ship->flights[landed - 1].seq > atomic_load(&ship->stored_page->stored)) {
		atomic_store(&ship->stored_page->stored, ship->flights[landed - 1].seq);
		if (atomic_load(&ship->stored_page->wanted) != 0)
			stored_signal(ship->stored_fd);
	}
	ship->landed = ship->flights[landed - 1];
	ship->nflights -= landed;
	memmove(ship->flights, ship->flights + landed, ship->nflights * sizeof(*ship->flights));
}

void
ship_tell_moment(struct ship *ship, int64_t moment_us)
{
	if (ship->based[0] == '\0' || strcmp(ship->based, ship->place.stream) != 0 || moment_us <= ship->recoverable_us)
		return;
	ship->recoverable_us = moment_us;
	if (ship->stored_page != NULL)
		atomic_store(&ship->stored_page->recoverable_us, moment_us);
}

void
ship_note_kept(struct ship *ship)
{
	struct ship_page *page = ship->session.page;
	uint64_t asked = atomic_load(&page->asked);
	bool all;

	pthread_mutex_lock(&ship->sender.lock);
	all = STAILQ_EMPTY(&ship->sender.items);
	pthread_mutex_unlock(&ship->sender.lock);
	pthread_mutex_lock(&ship->lock);
	/* One that has no room among the others is told of with the next. */
	if (ship->nflights > 0 && ship->flights[ship->nflights - 1].position == ship->position)
		ship->flights[ship->nflights - 1].seq = ship->seq;
	else if (ship->nflights < SHIP_FLIGHTS)
		ship->flights[ship->nflights++] = (struct ship_flight) { .position = ship->position, .seq = ship->seq };
	else
		ship->flights[SHIP_FLIGHTS - 1] = (struct ship_flight) { .position = ship->position, .seq = ship->seq };
	ship->place.position = ship->position;
	ship->place.time_us = ship->time_us;
	memcpy(ship->place.stream, ship->head.stream, sizeof(ship->place.stream));
	memcpy(ship->place.salt, ship->log.salt, sizeof(ship->place.salt));
	ship->place.frame = ship->log.frame;
	ship->attached = true;
	ship->noted_ms = clock_now_ms();
	if (all) {
		stored_land(ship, ship->position);
		/* Nothing that was committed before this look is missing. */
		if (atomic_load(&page->head) == ship->seq)
			ship_tell_moment(ship, clock_realtime_us() - 1);
	}
	pthread_mutex_unlock(&ship->lock);
	if (atomic_load(&page->kept) < ship->seq)
		atomic_store(&page->kept, ship->seq);
	if (asked != 0 && ship->seq >= asked)
		stored_signal(ship->session.fds[SHIP_KEPT]);
}

/* ---- a point ---- */

#define POINT_TRIES 100
#define COUNTED_TRIES 600
#define POINT_WAIT_MS 100

/* The number of the last commit; it is waited for from now on. 0: nothing is read. */
static uint64_t
point_want(struct ship *ship)
{
	struct ship_page *page = ship->stored_page;
	uint64_t head = page == NULL || !ship->attached ? 0 : atomic_load(&page->head), wanted;

	if (head == 0)
		return 0;
	wanted = atomic_load(&page->wanted);
	while (wanted < head && !atomic_compare_exchange_weak(&page->wanted, &wanted, head))
		;
	stored_signal(ship->kick_fd);
	return head;
}

/* 1; 0: not yet; -1: not before there is a base, which is made when nothing else is. */
static int
point_look(struct ship *ship, uint64_t *head, struct change_point *point)
{
	int there = 0;

	pthread_mutex_lock(&ship->lock);
	if (strcmp(ship->based, ship->place.stream) != 0)
		there = -1;
	if (*head == 0)
		*head = point_want(ship);
	if (there == 0 && *head != 0 && ship->landed.seq >= *head) {
		memcpy(point->stream, ship->place.stream, sizeof(point->stream));
		point->position = ship->landed.position;
		there = 1;
	}
	/* Another life of bibd-sqlite counts anew. */
	if (ship->stored_page == NULL)
		*head = 0;
	pthread_mutex_unlock(&ship->lock);
	return there;
}

int
ship_find_point(struct ship *ship, const atomic_bool *stopping, struct change_point *point, struct error *e)
{
	const struct timespec pause = { .tv_nsec = POINT_WAIT_MS * 1000000L };
	uint64_t head = 0;
	int there = 0;

	for (int i = 0; i < POINT_TRIES && there == 0 && !atomic_load(stopping); i++) {
		if ((there = point_look(ship, &head, point)) == 1) {
			point->time_us = clock_realtime_us();
			return 0;
		}
		(void)nanosleep(&pause, NULL);
	}
	return error_set(e, STATUS_UNAVAILABLE, "archive.point",
	    "what was committed is not in the repository yet, or no base leads to it: try again later");
}

/* As point_look, for a commit of before; another life of bibd-sqlite does not know it. */
static int
point_look_counted(struct ship *ship, uint64_t seq, struct change_point *point)
{
	int there = 0;

	pthread_mutex_lock(&ship->lock);
	(void)point_want(ship);
	if (ship->stored_page == NULL || strcmp(ship->based, ship->place.stream) != 0)
		there = -1;
	else if (ship->counted.seq == seq && ship->landed.seq >= seq) {
		memcpy(point->stream, ship->place.stream, sizeof(point->stream));
		point->position = ship->counted.position;
		there = 1;
	}
	pthread_mutex_unlock(&ship->lock);
	return there;
}

int
ship_find_counted(struct ship *ship, const atomic_bool *stopping, uint64_t seq, struct change_point *point,
    struct error *e)
{
	const struct timespec pause = { .tv_nsec = POINT_WAIT_MS * 1000000L };
	int there = 0;

	for (int i = 0; i < COUNTED_TRIES && there == 0 && !atomic_load(stopping); i++) {
		if ((there = point_look_counted(ship, seq, point)) == 1)
			return 0;
		(void)nanosleep(&pause, NULL);
	}
	return error_set(e, STATUS_UNAVAILABLE, "archive.point",
	    "the commit whose rows were counted is not in the repository, or no base leads to it: try again later");
}

/* ---- the sender's calls ---- */

static int
stored_open_depot(void *arg, struct depot *depot, struct error *e)
{
	struct ship *ship = arg;

	return archive_open_depot(ship->archive, depot, e);
}

static void
stored_ready(void *arg)
{
	struct ship *ship = arg;

	stored_signal(ship->kick_fd);
}

static void
stored_stored(void *arg, const struct change_info *head)
{
	struct ship *ship = arg;

	pthread_mutex_lock(&ship->lock);
	if (strcmp(ship->place.stream, head->stream) == 0) {
		stored_land(ship, head->last);
		if (ship->wal != NULL)
			ship->landed.position = head->last;
		/* One of PostgreSQL's log may have no commit in it, and then says nothing of any moment. */
		if (ship->wal == NULL || head->nmarks > 0)
			ship_tell_moment(ship, head->ended_us);
	}
	pthread_mutex_unlock(&ship->lock);
	/* More may have been waiting for this one to be over. */
	stored_signal(ship->kick_fd);
}

static void
stored_failing(void *arg, const char *why)
{
	struct ship *ship = arg;

	pthread_mutex_lock(&ship->lock);
	(void)snprintf(ship->failing, sizeof(ship->failing), "%s", why == NULL ? "" : why);
	ship->failures++;
	pthread_mutex_unlock(&ship->lock);
}

const struct sender_calls ship_sender_calls = {
	.open_depot = stored_open_depot,
	.ready = stored_ready,
	.stored = stored_stored,
	.failing = stored_failing,
};
