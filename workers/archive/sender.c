/* The thread that empties the spool into the repository. */
#include "workers/archive/sender.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "workers/archive/spool.h"

#define SENDER_AGAIN_S 1
#define SENDER_AGAIN_MAX_S 30

/* ---- the repository ---- */

static void
sender_close_repository(struct sender *sender)
{
	if (!sender->has_repository)
		return;
	repository_close(&sender->repository);
	depot_close(&sender->depot);
	sender->has_repository = false;
}

/* A repository that is open stays so under a new identity, whose key others put into the object beside us. */
static int
sender_open_repository(struct sender *sender, struct error *e)
{
	struct repository_identity identity;
	bool made, fresh;

	pthread_mutex_lock(&sender->lock);
	identity = sender->identity;
	fresh = sender->new_identity;
	sender->new_identity = false;
	pthread_mutex_unlock(&sender->lock);
	if (sender->has_repository && fresh)
		memcpy(sender->repository.seed, identity.seed, sizeof(identity.seed));
	if (sender->has_repository)
		return 0;
	if (sender->calls->open_depot(sender->arg, &sender->depot, e) == -1)
		return -1;
	if (repository_open(&sender->repository, &sender->depot, &identity, &made, e) == -1) {
		depot_close(&sender->depot);
		return -1;
	}
	sender->has_repository = true;
	return 0;
}

static int
sender_become_ready(struct sender *sender, struct error *e)
{
	bool ready;

	if (sender_open_repository(sender, e) == -1)
		return -1;
	pthread_mutex_lock(&sender->lock);
	ready = sender->is_ready;
	pthread_mutex_unlock(&sender->lock);
	if (ready)
		return 0;
	if (sender_find_place(sender, e) == -1) {
		sender_close_repository(sender);
		return -1;
	}
	pthread_mutex_lock(&sender->lock);
	sender->is_ready = true;
	pthread_mutex_unlock(&sender->lock);
	sender->calls->ready(sender->arg);
	return 0;
}

/* ---- the thread ---- */

static int
sender_send(struct sender *sender, struct sender_item *item, struct error *e)
{
	struct change_info head = item->head;
	size_t size;

	if (spool_read(sender, item, &size, e) == -1 ||
	    change_store(&sender->repository, item->name, sender->buffer, size, e) == -1)
		return -1;
	sender_drop(sender, item);
	pthread_mutex_lock(&sender->lock);
	sender->stored = head.last;
	sender->stored_us = head.ended_us;
	pthread_mutex_unlock(&sender->lock);
	sender->calls->stored(sender->arg, &head);
	return 0;
}

static void
sender_note(struct sender *sender, const struct error *e)
{
	if (sender->is_failing == (e != NULL))
		return;
	sender->is_failing = e != NULL;
	sender->calls->failing(sender->arg, e == NULL ? NULL : e->text);
}

/* With the lock: waits for work, or so many seconds. */
static void
sender_wait(struct sender *sender, unsigned seconds)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	if (!sender->quit)
		(void)pthread_cond_timedwait(&sender->work, &sender->lock, &until);
}

static void *
sender_thread(void *arg)
{
	struct sender *sender = arg;
	unsigned again = SENDER_AGAIN_S;
	struct sender_item *item;
	struct error e;
	int result;

	pthread_mutex_lock(&sender->lock);
	while (!sender->quit) {
		item = STAILQ_FIRST(&sender->items);
		if (!sender->has_identity || (item == NULL && sender->is_ready && !sender->new_identity)) {
			sender_wait(sender, SENDER_AGAIN_MAX_S);
			continue;
		}
		pthread_mutex_unlock(&sender->lock);
		result = sender_become_ready(sender, &e);
		if (result == 0 && item != NULL)
			result = sender->place.known || sender->is_ready ? 0 : -1;
		pthread_mutex_lock(&sender->lock);
		item = result == 0 ? STAILQ_FIRST(&sender->items) : NULL;
		pthread_mutex_unlock(&sender->lock);
		if (item != NULL)
			result = sender_send(sender, item, &e);
		sender_note(sender, result == 0 ? NULL : &e);
		pthread_mutex_lock(&sender->lock);
		if (result == -1)
			sender_wait(sender, again);
		again = result == 0 ? SENDER_AGAIN_S : again * 2 < SENDER_AGAIN_MAX_S ? again * 2 : SENDER_AGAIN_MAX_S;
	}
	pthread_mutex_unlock(&sender->lock);
	sender_close_repository(sender);
	return NULL;
}

int
sender_start(struct sender *sender, const char *directory, uint64_t bound, struct error *e)
{
	STAILQ_INIT(&sender->items);
	sender->bound = bound;
	if ((mkdir(directory, 0700) == -1 && errno != EEXIST) || (sender->directory = strdup(directory)) == NULL ||
	    (sender->directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1 ||
	    (sender->buffer = malloc(CHANGE_OBJECT_MAX)) == NULL ||
	    (errno = pthread_mutex_init(&sender->lock, NULL)) != 0 ||
	    (errno = pthread_cond_init(&sender->work, NULL)) != 0)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot make the spool %s", directory);
	sender_load_spool(sender);
	if ((errno = pthread_create(&sender->thread, NULL, sender_thread, sender)) != 0)
		return error_set_errno(e, STATUS_OS, "archive.start", "cannot start a thread");
	return 0;
}

void
sender_set_identity(struct sender *sender, const struct repository_identity *identity)
{
	pthread_mutex_lock(&sender->lock);
	sender->identity = *identity;
	sender->new_identity = sender->has_identity;
	sender->has_identity = true;
	pthread_cond_signal(&sender->work);
	pthread_mutex_unlock(&sender->lock);
}

void
sender_set_bound(struct sender *sender, uint64_t bound)
{
	pthread_mutex_lock(&sender->lock);
	sender->bound = bound;
	pthread_mutex_unlock(&sender->lock);
}

bool
sender_is_ready(struct sender *sender)
{
	bool ready;

	pthread_mutex_lock(&sender->lock);
	ready = sender->is_ready;
	pthread_mutex_unlock(&sender->lock);
	return ready;
}

bool
sender_is_idle(struct sender *sender)
{
	bool idle;

	pthread_mutex_lock(&sender->lock);
	idle = STAILQ_EMPTY(&sender->items);
	pthread_mutex_unlock(&sender->lock);
	return idle;
}

unsigned
sender_count(struct sender *sender)
{
	unsigned n;

	pthread_mutex_lock(&sender->lock);
	n = sender->nitems;
	pthread_mutex_unlock(&sender->lock);
	return n;
}

uint64_t
sender_waiting(struct sender *sender)
{
	uint64_t bytes;

	pthread_mutex_lock(&sender->lock);
	bytes = sender->bytes;
	pthread_mutex_unlock(&sender->lock);
	return bytes;
}

int
sender_put(struct sender *sender, const struct change_object *object, uint64_t group_first, struct error *e)
{
	char name[CHANGE_NAME_SIZE];
	bool full;

	pthread_mutex_lock(&sender->lock);
	full = sender->nitems > 0 && sender->bytes + object->size > sender->bound;
	pthread_mutex_unlock(&sender->lock);
	if (full)
		return 1;
	change_name(name, &object->head, group_first);
	if (spool_write(sender, name, object->bytes, object->size, e) == -1)
		return -1;
	return sender_queue(sender, name, &object->head, object->size) == 0
	    ? 0
	    : error_set_errno(e, STATUS_OS, "archive.spool", "cannot put changes by");
}

void
sender_stop(struct sender *sender)
{
	pthread_mutex_lock(&sender->lock);
	sender->quit = true;
	pthread_cond_signal(&sender->work);
	pthread_mutex_unlock(&sender->lock);
	(void)pthread_join(sender->thread, NULL);
}
