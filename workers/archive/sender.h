/*
 * Brings objects of changes into the repository, in their order, by a thread of its own. Until they are there they are
 * in the spool, a directory on the local disk with a bound; so whoever makes them waits for no repository.
 *
 * The spool is not synced: what a machine that goes down takes of it is found out by its seals, and is a gap.
 */
#ifndef BIBD_ARCHIVE_SENDER_H
#define BIBD_ARCHIVE_SENDER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "workers/archive/repository/changes.h"

struct sender_item {
	STAILQ_ENTRY(sender_item) entry;
	char name[CHANGE_NAME_SIZE];
	struct change_info head; /* its numbers, positions and times; the rest may be unknown */
	size_t size;
};

/* The last object of the newest stream. */
struct sender_place {
	bool known; /* there is one */
	struct change_info head;
	uint8_t hash[SEAL_HASH_SIZE];
	uint64_t group_first;
};

/* What it has others do, in its thread. */
struct sender_calls {
	/* Opens a place of its own for objects. */
	int (*open_depot)(void *arg, struct depot *depot, struct error *e);
	/* The repository is open, and where the last stream ends is known. */
	void (*ready)(void *arg);
	/* The object is in the repository. */
	void (*stored)(void *arg, const struct change_info *head);
	/* Every time that sending begins to fail, and when it succeeds again (why: NULL). */
	void (*failing)(void *arg, const char *why);
};

struct sender {
	const struct sender_calls *calls;
	void *arg;
	const atomic_bool *stopping;
	char *directory;
	int directory_fd;
	pthread_t thread;
	pthread_mutex_t lock; /* what follows, up to the next comment */
	pthread_cond_t work;
	bool has_identity, new_identity, is_ready, is_failing, quit;
	struct repository_identity identity;
	STAILQ_HEAD(, sender_item) items;
	uint64_t bytes, bound; /* of the spool */
	unsigned nitems;
	uint64_t stored; /* the last position that is in the repository; 0: unknown */
	int64_t stored_us;
	/* The thread's; others may use the keys once is_ready. */
	struct depot depot;
	struct repository repository;
	bool has_repository;
	struct sender_place place;
	uint8_t *buffer;
};

/* directory: of the spool, which is made; bound: its bytes. Errors: archive.start. */
int sender_start(struct sender *sender, const char *directory, uint64_t bound, struct error *e);
/* The keys that the node has now. */
void sender_set_identity(struct sender *sender, const struct repository_identity *identity);
void sender_set_bound(struct sender *sender, uint64_t bound);
bool sender_is_ready(struct sender *sender);
/* Nothing waits to be sent. */
bool sender_is_idle(struct sender *sender);
/* How many objects wait to be sent, and how many bytes. */
unsigned sender_count(struct sender *sender);
uint64_t sender_waiting(struct sender *sender);
/* 0; 1: the spool has no room now; -1 (archive.spool). */
int sender_put(struct sender *sender, const struct change_object *object, uint64_t group_first, struct error *e);
/* Ends the thread, after what it does just now. */
void sender_stop(struct sender *sender);

#endif
