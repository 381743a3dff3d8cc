/*
 * Free space on the file systems with the node's data. An event says once when little is left, before the store has to
 * stop on a full disk, and once when there is enough again.
 */
#ifndef BIBD_SUPERVISOR_ROOM_H
#define BIBD_SUPERVISOR_ROOM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/loop.h"

#define ROOM_PLACES_MAX 3

/* A file system that the node's data is on. */
struct room_place {
	char path[PATH_MAX];
	uint64_t free_bytes; /* for those without privileges */
	uint64_t size_bytes; /* 0: not known */
	bool low;
};

/* code: "disk.low" or "disk.enough". */
typedef void room_tell_fn(void *context, const char *code, const char *text);

struct room {
	struct loop *loop;
	room_tell_fn *tell;
	void *context; /* given to tell */
	struct room_place places[ROOM_PLACES_MAX];
	size_t nplaces;
	struct loop_timer timer;
};

struct channel;

/* Begins to look at where this configuration has its data, and goes on as long as the loop does. */
void room_begin(struct room *room, struct loop *loop, const struct conf *conf, room_tell_fn *tell, void *context);

/* STATUS_DISK for each place. */
void room_send(const struct room *room, struct channel *control, uint32_t id);

/* Whether so much room is little: less than a tenth, and less than 4 GiB. Once it was little, it counts as little until
 * a quarter more than these limits is free. */
bool room_is_low(uint64_t free_bytes, uint64_t size_bytes, bool was_low);

#endif
