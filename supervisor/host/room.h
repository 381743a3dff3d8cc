/*
 * Free room where the data is. A disk that fills is told before the store stops on it: once when little is left, and once
 * when there is enough again.
 */
#ifndef BIBD_SUPERVISOR_ROOM_H
#define BIBD_SUPERVISOR_ROOM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"

#define ROOM_PLACES_MAX 3

/* A file system that the node's data is on. */
struct room_place {
	char path[PATH_MAX];
	uint64_t free_bytes; /* for those without privileges */
	uint64_t size_bytes; /* 0: not known */
	bool low;
};

struct room {
	struct room_place places[ROOM_PLACES_MAX];
	size_t nplaces;
	struct loop_timer timer;
};

struct supervisor;
struct channel;

/* Begins to look, and goes on as long as the loop does. */
void room_begin(struct supervisor *supervisor);

/* STATUS_DISK for each place. */
void room_send(const struct supervisor *supervisor, struct channel *control, uint32_t id);

/* Whether so much is little: less than a tenth, and less than 4 GiB. What was little is so until a quarter more than that
 * is free. */
bool room_is_low(uint64_t free_bytes, uint64_t size_bytes, bool was_low);

#endif
