#include "supervisor/host/room.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "common/log.h"
#include "supervisor/supervisor.h"

#define ROOM_INTERVAL_MS 5000
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

/* Where everything is, where the rows are, and their log. */
static void
room_find_places(const struct supervisor *s, struct room *room)
{
	const struct conf *conf = s->node.conf;
	char *slash;

	*room = (struct room) { .nplaces = 1 };
	(void)snprintf(room->places[0].path, PATH_MAX, "%s", conf->node.data_dir);
	if (server_is_managed(s)) {
		if (conf_postgres_path(conf, "data", room->places[1].path, PATH_MAX) == 0)
			room->nplaces = 2;
		if (conf->database.postgres.wal_dir[0] != '\0' && room->nplaces == 2)
			(void)snprintf(room->places[room->nplaces++].path, PATH_MAX, "%s", conf->database.postgres.wal_dir);
	} else if (conf->database.backend == CONF_BACKEND_SQLITE && conf->database.sqlite.path[0] == '/') {
		(void)snprintf(room->places[1].path, PATH_MAX, "%s", conf->database.sqlite.path);
		if ((slash = strrchr(room->places[1].path, '/')) != room->places[1].path)
			*slash = '\0';
		room->nplaces = 2;
	}
}

static void
room_tell(struct supervisor *s, struct room_place *place, bool low)
{
	static const char words[] = "%" PRIu64 " MiB of %" PRIu64 " MiB are free at %s%s";
	const char *code = low ? "disk.low" : "disk.enough", *advice = low ? ": make room, before the store stops" : "";

	if (low == place->low)
		return;
	place->low = low;
	if (low)
		log_warning(words, place->free_bytes / ROOM_MIB, place->size_bytes / ROOM_MIB, place->path, advice);
	else
		log_notice(words, place->free_bytes / ROOM_MIB, place->size_bytes / ROOM_MIB, place->path, advice);
	events_add(&s->node.events, "disk", code, words, place->free_bytes / ROOM_MIB, place->size_bytes / ROOM_MIB, place->path, advice);
}

/* Places on one file system are one. */
static bool
room_is_seen(dev_t device, const dev_t *seen, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (seen[i] == device)
			return true;
	return false;
}

static void
room_look(struct supervisor *s)
{
	dev_t seen[ROOM_PLACES_MAX];
	size_t nseen = 0;

	for (size_t i = 0; i < s->room.nplaces; i++) {
		struct room_place *place = &s->room.places[i];
		struct statvfs fs;
		struct stat st;

		place->size_bytes = 0;
		/* What is not there yet is told when it is. */
		if (stat(place->path, &st) == -1 || room_is_seen(st.st_dev, seen, nseen) || statvfs(place->path, &fs) == -1 ||
		    fs.f_blocks == 0)
			continue;
		seen[nseen++] = st.st_dev;
		place->free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
		place->size_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
		room_tell(s, place, room_is_low(place->free_bytes, place->size_bytes, place->low));
	}
}

static void
room_is_due(struct loop_timer *timer)
{
	struct supervisor *s = timer->arg;

	room_look(s);
	loop_timer_set(&s->node.loop, timer, ROOM_INTERVAL_MS, room_is_due, s);
}

void
room_begin(struct supervisor *supervisor)
{
	room_find_places(supervisor, &supervisor->room);
	loop_timer_set(&supervisor->node.loop, &supervisor->room.timer, 0, room_is_due, supervisor);
}

void
room_send(const struct supervisor *supervisor, struct channel *control, uint32_t id)
{
	for (size_t i = 0; i < supervisor->room.nplaces; i++) {
		const struct room_place *place = &supervisor->room.places[i];
		struct message_status_disk disk = { .path = place->path, .free_bytes = place->free_bytes,
			.size_bytes = place->size_bytes, .low = place->low };

		if (place->size_bytes != 0)
			(void)channel_send_status_disk(control, id, &disk, -1);
	}
}
