/*
 * Restore points: a name for a position of a stream, sealed and signed as manifests are.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/archive/repository/change_object.h"
#include "workers/archive/repository/manifest.h"

#define POINT_FOLDER "points"
#define POINT_MAGIC "bibdpnt1"
#define POINT_HEAD (sizeof(POINT_MAGIC) - 1 + SEAL_SALT_SIZE)
#define POINT_LABEL "bibd point"
#define POINT_TEXT_MAX 512
#define POINT_SIZE_MAX 2048

bool
point_is_name(const char *name)
{
	static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	return strlen(name) < CHANGE_POINT_SIZE && isalpha((unsigned char)name[0]) != 0 &&
	    name[strspn(name, others)] == '\0' && strcmp(name, "latest") != 0;
}

/* frames has the key of this salt. */
static int
point_open_frames(const struct repository *r, const uint8_t *salt, struct frame_codec *frames, struct error *e)
{
	if (frames_open(frames, r, salt, e) == -1)
		return -1;
	if (seal_derive(r->key, salt, POINT_LABEL, frames->key, e) == 0)
		return 0;
	frames_close(frames);
	return -1;
}

static int
point_seal(const struct repository *r, const struct change_point *point, uint8_t *object, size_t *size, struct error *e)
{
	uint8_t *salt = object + sizeof(POINT_MAGIC) - 1;
	struct frame_codec frames;
	char text[POINT_TEXT_MAX];
	size_t sealed = 0;
	int n = snprintf(text, sizeof(text),
	    "bibd point 1\nrepository %s\nnode %s\nname %s\nstream %s\nposition %" PRIu64 "\ntime %" PRId64 "\n", r->id,
	    r->node, point->name, point->stream, point->position, point->time_us);
	int result;

	memcpy(object, POINT_MAGIC, sizeof(POINT_MAGIC) - 1);
	if (seal_random(salt, SEAL_SALT_SIZE, e) == -1 || point_open_frames(r, salt, &frames, e) == -1)
		return -1;
	if ((result = frames_seal(&frames, FRAME_MANIFEST, 0, text, (size_t)n, &sealed, e)) == 0)
		memcpy(object + POINT_HEAD, frames.sealed, sealed);
	frames_close(&frames);
	*size = POINT_HEAD + sealed;
	if (result == -1 || seal_sign(r->seed, object, *size, object + *size, e) == -1)
		return -1;
	*size += SEAL_SIGNATURE_SIZE;
	return 0;
}

int
point_publish(const struct repository *r, const struct change_point *point, struct error *e)
{
	uint8_t object[POINT_SIZE_MAX], found;
	char name[DEPOT_NAME_MAX];
	struct error missing;
	size_t size = 0;

	(void)snprintf(name, sizeof(name), POINT_FOLDER "/%s", point->name);
	if (r->depot->calls->read(r->depot, name, 0, &found, 1, &size, &missing) == 0)
		return error_set(e, STATUS_CANT_CREATE, "repository.exists", "there is a restore point \"%s\" already",
		    point->name);
	if (point_seal(r, point, object, &size, e) == -1)
		return -1;
	return r->depot->calls->publish(r->depot, name, object, size, false, e);
}

static bool
point_parse(const struct repository *r, const struct frame_codec *frames, const char *name, struct change_point *point)
{
	char repository[REPOSITORY_ID_SIZE] = "", node[REPOSITORY_NODE_SIZE] = "", text[POINT_TEXT_MAX];
	int end = 0;

	if (frames->plain_size >= sizeof(text))
		return false;
	memcpy(text, frames->plain, frames->plain_size);
	text[frames->plain_size] = '\0';
	return sscanf(text,
		   "bibd point 1\nrepository %32[^\n]\nnode %63[^\n]\nname %63[^\n]\nstream %31[^\n]\nposition %" SCNu64
		   "\ntime %" SCNd64 "%n",
		   repository, node, point->name, point->stream, &point->position, &point->time_us, &end) == 6 &&
	    end != 0 && strcmp(text + end, "\n") == 0 && strcmp(repository, r->id) == 0 && strcmp(node, r->node) == 0 &&
	    strcmp(point->name, name) == 0;
}

/* 1, 0 when it is damaged, -1. */
static int
point_take(const struct repository *r, const char *name, const uint8_t *object, size_t size, struct change_point *point,
    struct error *e)
{
	struct frame_codec frames;
	int result;

	if (size < POINT_HEAD + SEAL_SIGNATURE_SIZE || memcmp(object, POINT_MAGIC, sizeof(POINT_MAGIC) - 1) != 0 ||
	    !repository_has_signed(r, object, size - SEAL_SIGNATURE_SIZE))
		return 0;
	if (point_open_frames(r, object + sizeof(POINT_MAGIC) - 1, &frames, e) == -1)
		return -1;
	result =
	    frames_unseal(&frames, FRAME_MANIFEST, 0, object + POINT_HEAD, size - POINT_HEAD - SEAL_SIGNATURE_SIZE, e);
	if (result == 1 && !point_parse(r, &frames, name, point))
		result = 0;
	frames_close(&frames);
	return result;
}

int
point_read(const struct repository *r, const char *name, struct change_point *point, struct error *e)
{
	uint8_t object[POINT_SIZE_MAX];
	char path[DEPOT_NAME_MAX];
	size_t size = 0;
	int result;

	*point = (struct change_point) { .position = 0 };
	if (!point_is_name(name))
		return error_set(e, STATUS_DATA, "repository.missing", "there is no restore point \"%.60s\"", name);
	(void)snprintf(path, sizeof(path), POINT_FOLDER "/%s", name);
	if (r->depot->calls->read(r->depot, path, 0, object, sizeof(object), &size, e) == -1)
		return -1;
	result = point_take(r, name, object, size, point, e);
	return result == 1 ? 0 : result == 0 ? backup_damaged(r, path, e) : -1;
}
