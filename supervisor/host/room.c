/*
 * Looks at the free space of each file system with data, and says when little is left and when there is more again.
 */
#include "supervisor/host/room.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "common/channel.h"
#include "common/error.h"
#include "common/log.h"

#define ROOM_INTERVAL_MS 5000
#define ROOM_SLACK_MS 2500
#define ROOM_LOW_PART 10
#define ROOM_LOW_BYTES ((uint64_t)4 << 30)
#define ROOM_MIB ((uint64_t)1 << 20)

bool
room_is_low(uint64_t free_bytes, uint64_t size_bytes, bool was_low)
{
	uint64_t limit = size_bytes / ROOM_LOW_PART;

	if (limit > ROOM_LOW_BYTES)
		limit = ROOM_LOW_BYTES;
	if (was_low)
		limit += limit / 4;
	return free_bytes < limit;
}

/* The places to look at: data_dir, the rows' directory, and that of their write-ahead log. */
static void
room_find_places(struct room *room, const struct conf *conf)
{
	char *slash;

	room->nplaces = 1;
	(void)snprintf(room->places[0].path, PATH_MAX, "%s", conf->node.data_dir);
	if (conf->database.backend == CONF_BACKEND_POSTGRES && conf->database.postgres.managed) {
		if (conf_postgres_path(conf, "data", room->places[1].path, PATH_MAX) == 0)
			room->nplaces = 2;
		if (conf->database.postgres.wal_dir[0] != '\0' && room->nplaces == 2)
			(void)snprintf(room->places[room->nplaces++].path, PATH_MAX, "%s",
			    conf->database.postgres.wal_dir);
	} else if (conf->database.backend == CONF_BACKEND_SQLITE && conf->database.sqlite.path[0] == '/') {
		(void)snprintf(room->places[1].path, PATH_MAX, "%s", conf->database.sqlite.path);
		if ((slash = strrchr(room->places[1].path, '/')) != room->places[1].path)
			*slash = '\0';
		room->nplaces = 2;
	}
}

static void
room_tell(const struct room *room, struct room_place *place, bool low)
{
	static const char words[] = "%" PRIu64 " MiB of %" PRIu64 " MiB are free at %s%s";
	const char *code = low ? "disk.low" : "disk.enough", *advice = low ? ": make room, before the store stops" : "";

	char text[ERROR_TEXT_MAX];

	if (low == place->low)
		return;
	place->low = low;
	(void)snprintf(text, sizeof(text), words, place->free_bytes / ROOM_MIB, place->size_bytes / ROOM_MIB,
	    place->path, advice);
	if (low)
		log_warning("%s", text);
	else
		log_notice("%s", text);
	room->tell(room->context, code, text);
}

/* Whether a place on the same file system was looked at already. */
static bool
room_is_seen(dev_t device, const dev_t *seen, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seen[i] == device)
			return true;
	return false;
}

static void
room_look(struct room *room)
{
	dev_t seen[ROOM_PLACES_MAX];
	size_t nseen = 0;

	for (size_t i = 0; i < room->nplaces; i++) {
		struct room_place *place = &room->places[i];
		struct statvfs fs;
		struct stat st;

		place->size_bytes = 0;
		/* A directory that does not exist yet is looked at once it does. */
		if (stat(place->path, &st) == -1 || room_is_seen(st.st_dev, seen, nseen) ||
		    statvfs(place->path, &fs) == -1 || fs.f_blocks == 0)
			continue;
		seen[nseen++] = st.st_dev;
		place->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
		place->size_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
		room_tell(room, place, room_is_low(place->free_bytes, place->size_bytes, place->low));
	}
}

static void
room_is_due(struct loop_timer *timer)
{
	struct room *room = timer->arg;

	room_look(room);
	loop_timer_set_lazy(room->loop, timer, ROOM_INTERVAL_MS, ROOM_SLACK_MS, room_is_due, room);
}

void
room_begin(struct room *room, struct loop *loop, const struct conf *conf, room_tell_fn *tell, void *context)
{
	*room = (struct room) { .loop = loop, .tell = tell, .context = context };
	room_find_places(room, conf);
	loop_timer_set(loop, &room->timer, 0, room_is_due, room);
}

void
room_send(const struct room *room, struct channel *control, uint32_t id)
{
	for (size_t i = 0; i < room->nplaces; i++) {
		const struct room_place *place = &room->places[i];
		struct message_status_disk disk = { .path = place->path,
			.free_bytes = place->free_bytes,
			.size_bytes = place->size_bytes,
			.low = place->low };

		if (place->size_bytes != 0)
			(void)channel_send_status_disk(control, id, &disk, -1);
	}
}
