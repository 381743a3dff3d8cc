/*
 * Makes objects of changes: data and marks are gathered, then compressed, sealed and signed.
 */
#include "workers/archive/repository/changes.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "workers/archive/repository/change_object.h"

struct change_writer {
	const struct repository *repository;
	struct frame_codec frames;
	struct seal_hasher *hasher;
	struct change_info head;
	uint8_t *data, *marks, *object;
	size_t object_size;
	uint8_t salt[SEAL_SALT_SIZE];
};

void
change_writer_free(struct change_writer *w)
{
	if (w == NULL)
		return;
	frames_close(&w->frames);
	seal_hasher_free(w->hasher);
	free(w->data);
	free(w->marks);
	free(w->object);
	free(w);
}

struct change_writer *
change_writer_make(const struct repository *repository, struct error *e)
{
	struct change_writer *w = calloc(1, sizeof(*w));
	static const uint8_t no_salt[SEAL_SALT_SIZE];

	if (w == NULL || (w->data = malloc(CHANGE_DATA_MAX)) == NULL ||
	    (w->marks = malloc((size_t)CHANGE_MARKS_MAX * CHANGE_MARK_SIZE)) == NULL ||
	    (w->object = malloc(CHANGE_OBJECT_MAX)) == NULL) {
		(void)error_set_errno(e, STATUS_OS, "repository.memory", "cannot write changes");
		change_writer_free(w);
		return NULL;
	}
	w->repository = repository;
	if (frames_open(&w->frames, repository, no_salt, e) == 0 &&
	    (w->hasher = change_hasher_make(repository, e)) != NULL)
		return w;
	change_writer_free(w);
	return NULL;
}

/* ---- gathering ---- */

void
change_begin(struct change_writer *w, const struct change_info *head)
{
	w->head = *head;
	w->head.last = head->first;
	w->head.nmarks = w->head.bytes = 0;
	w->head.begun_us = w->head.ended_us = 0;
	w->head.note[0] = '\0';
}

void
change_set_note(struct change_writer *w, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(w->head.note, sizeof(w->head.note), fmt, args);
	va_end(args);
}

bool
change_put(struct change_writer *w, const void *data, size_t size)
{
	if (size > CHANGE_DATA_MAX - w->head.bytes)
		return false;
	memcpy(w->data + w->head.bytes, data, size);
	w->head.bytes += (uint32_t)size;
	return true;
}

bool
change_put_mark(struct change_writer *w, uint64_t position, int64_t time_us)
{
	uint8_t *p = w->marks + (size_t)w->head.nmarks * CHANGE_MARK_SIZE;

	if (w->head.nmarks == CHANGE_MARKS_MAX)
		return false;
	if (w->head.nmarks == 0)
		w->head.begun_us = time_us;
	w->head.ended_us = time_us;
	put_u64(p, position);
	put_u64(p + 8, (uint64_t)time_us);
	put_u32(p + 16, w->head.bytes);
	w->head.nmarks++;
	return true;
}

size_t
change_size(const struct change_writer *w)
{
	return w->head.bytes;
}

/* ---- sealing ---- */

/* Frames of so many bytes, after those that there are. */
static int
change_seal_frames(struct change_writer *w, uint32_t *frame, const uint8_t *data, size_t size, size_t frame_size,
    struct error *e)
{
	for (size_t at = 0, n, sealed; at < size; at += n) {
		n = size - at < frame_size ? size - at : frame_size;
		if (frames_seal(&w->frames, FRAME_CHANGES, (*frame)++, data + at, n, &sealed, e) == -1)
			return -1;
		/* There is room: what does not compress grows by next to nothing. */
		memcpy(w->object + w->object_size, w->frames.sealed, sealed);
		w->object_size += sealed;
	}
	return 0;
}

static size_t
change_print(const struct change_writer *w, char *text, size_t size)
{
	const struct change_info *h = &w->head;
	char previous[SEAL_HEX_SIZE(SEAL_HASH_SIZE)];

	seal_to_hex(h->previous, sizeof(h->previous), previous);
	return (size_t)snprintf(text, size,
	    "bibd changes 1\nrepository %s\nnode %s\nstream %s\nbackend %s\nnumber %" PRIu32 "\nunit %" PRIu32
	    "\nbranch %" PRIu32 "\nfirst %" PRIu64 "\nlast %" PRIu64 "\nbegun %" PRId64 "\nended %" PRId64
	    "\nprevious %s\nnote %s\nmarks %" PRIu32 "\nbytes %" PRIu32 "\n",
	    w->repository->id, w->repository->node, h->stream, h->backend, h->number, h->unit, h->branch, h->first,
	    h->last, h->begun_us, h->ended_us, previous, h->note[0] == '\0' ? "-" : h->note, h->nmarks, h->bytes);
}

static int
change_seal_all(struct change_writer *w, struct error *e)
{
	char text[CHANGE_TEXT_MAX];
	size_t n = change_print(w, text, sizeof(text));
	uint32_t frame = 0;

	w->object_size = CHANGE_HEAD;
	memcpy(w->object, CHANGE_MAGIC, sizeof(CHANGE_MAGIC) - 1);
	memcpy(w->object + sizeof(CHANGE_MAGIC) - 1, w->salt, SEAL_SALT_SIZE);
	if (change_seal_frames(w, &frame, (const uint8_t *)text, n, n, e) == -1 ||
	    change_seal_frames(w, &frame, w->marks, (size_t)w->head.nmarks * CHANGE_MARK_SIZE, CHANGE_MARKS_FRAME, e) ==
		-1 ||
	    change_seal_frames(w, &frame, w->data, w->head.bytes, FRAME_PLAIN_MAX, e) == -1 ||
	    seal_sign(w->repository->seed, w->object, w->object_size, w->object + w->object_size, e) == -1)
		return -1;
	w->object_size += SEAL_SIGNATURE_SIZE;
	return 0;
}

int
change_seal(struct change_writer *w, uint64_t last, struct change_object *object, struct error *e)
{
	w->head.last = last;
	if (w->head.nmarks == 0)
		w->head.begun_us = w->head.ended_us = clock_realtime_us();
	if (!w->repository->has_seed)
		return error_set(e, STATUS_PERMISSION, "repository.key", "%s is open for reading alone",
		    w->repository->depot->where);
	if (seal_random(w->salt, sizeof(w->salt), e) == -1 ||
	    seal_derive(w->repository->key, w->salt, CHANGE_LABEL, w->frames.key, e) == -1 ||
	    change_seal_all(w, e) == -1)
		return -1;
	*object = (struct change_object) { .head = w->head, .bytes = w->object, .size = w->object_size };
	return seal_hash(w->hasher, w->object, w->object_size, object->hash, e);
}

/* ---- storing ---- */

bool
change_begins_group(uint32_t number)
{
	return number % CHANGE_GROUP == 0;
}

void
change_name(char name[CHANGE_NAME_SIZE], const struct change_info *head, uint64_t group_first)
{
	(void)snprintf(name, CHANGE_NAME_SIZE,
	    CHANGE_FOLDER "/%s/%08" PRIx32 "-%016" PRIx64 "/%08" PRIx32 "-%016" PRIx64 "-%016" PRIx64, head->stream,
	    head->number / CHANGE_GROUP, group_first, head->number, head->first, head->last);
}

/* Whether what is there is what was to be put there: an answer that was lost is no reason to fail. */
static bool
change_is_there(const struct repository *r, const char *name, const uint8_t *bytes, size_t size)
{
	uint8_t *found = malloc(size + 1);
	struct error e;
	size_t got = 0;
	bool same = found != NULL && r->depot->calls->read(r->depot, name, 0, found, size + 1, &got, &e) == 0 &&
	    got == size && memcmp(found, bytes, size) == 0;

	free(found);
	return same;
}

int
change_store(struct repository *r, const char *name, const void *bytes, size_t size, struct error *e)
{
	if (r->depot->calls->publish(r->depot, name, bytes, size, false, e) == 0 ||
	    change_is_there(r, name, bytes, size))
		return 0;
	return -1;
}
