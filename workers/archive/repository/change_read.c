/*
 * Reads objects of changes: nothing of one is believed before its signature and its seals are good, and it is of this
 * repository.
 */
#include "workers/archive/repository/changes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/archive/repository/change_object.h"
#include "workers/archive/repository/manifest.h"

struct change_reader {
	const struct repository *repository;
	struct frame_codec frames;
	struct seal_hasher *hasher;
	struct change_info head;
	uint8_t hash[SEAL_HASH_SIZE];
	uint8_t *object, *data;
	struct change_mark *marks;
	/* While one is read. */
	const uint8_t *at;
	size_t left;
	uint32_t frame;
};

struct seal_hasher *
change_hasher_make(const struct repository *repository, struct error *e)
{
	uint8_t key[SEAL_KEY_SIZE];
	struct seal_hasher *hasher = NULL;

	if (seal_derive(repository->key, NULL, CHANGE_LABEL, key, e) == 0)
		hasher = seal_hasher_make(key, e);
	explicit_bzero(key, sizeof(key));
	return hasher;
}

void
change_reader_free(struct change_reader *rd)
{
	if (rd == NULL)
		return;
	frames_close(&rd->frames);
	seal_hasher_free(rd->hasher);
	free(rd->object);
	free(rd->data);
	free(rd->marks);
	free(rd);
}

struct change_reader *
change_reader_make(const struct repository *repository, struct error *e)
{
	struct change_reader *rd = calloc(1, sizeof(*rd));
	static const uint8_t no_salt[SEAL_SALT_SIZE];

	if (rd == NULL || (rd->data = malloc(CHANGE_DATA_MAX)) == NULL ||
	    (rd->marks = calloc(CHANGE_MARKS_MAX, sizeof(*rd->marks))) == NULL ||
	    (rd->object = malloc(CHANGE_OBJECT_MAX + 1)) == NULL) {
		(void)error_set_errno(e, STATUS_OS, "repository.memory", "cannot read changes");
		change_reader_free(rd);
		return NULL;
	}
	rd->repository = repository;
	if (frames_open(&rd->frames, repository, no_salt, e) == 0 &&
	    (rd->hasher = change_hasher_make(repository, e)) != NULL)
		return rd;
	change_reader_free(rd);
	return NULL;
}

/* ---- an object; 1, 0 when it is damaged, -1 ---- */

/* The next frame goes to frames.plain. */
static int
change_next_frame(struct change_reader *rd, struct error *e)
{
	size_t size;
	int result;

	if (rd->left < 4 || (size = (size_t)4 + get_u32(rd->at)) > rd->left)
		return 0;
	result = frames_unseal(&rd->frames, FRAME_CHANGES, rd->frame++, rd->at, size, e);
	rd->at += size;
	rd->left -= size;
	return result;
}

static bool
change_parse(struct change_reader *rd)
{
	struct change_info *h = &rd->head;
	char repository[REPOSITORY_ID_SIZE] = "", node[REPOSITORY_NODE_SIZE] = "", text[CHANGE_TEXT_MAX];
	char previous[SEAL_HEX_SIZE(SEAL_HASH_SIZE)] = "";
	int end = 0;

	if (rd->frames.plain_size >= sizeof(text))
		return false;
	memcpy(text, rd->frames.plain, rd->frames.plain_size);
	text[rd->frames.plain_size] = '\0';
	return sscanf(text,
		   "bibd changes 1\nrepository %32[^\n]\nnode %63[^\n]\nstream %31[^\n]\nbackend %15[^\n]\nnumber "
		   "%" SCNu32 "\nunit %" SCNu32 "\nbranch %" SCNu32 "\nfirst %" SCNu64 "\nlast %" SCNu64
		   "\nbegun %" SCNd64 "\nended %" SCNd64 "\nprevious %32[0-9a-f]\nnote %159[^\n]\nmarks %" SCNu32
		   "\nbytes %" SCNu32 "%n",
		   repository, node, h->stream, h->backend, &h->number, &h->unit, &h->branch, &h->first, &h->last,
		   &h->begun_us, &h->ended_us, previous, h->note, &h->nmarks, &h->bytes, &end) == 15 &&
	    end != 0 && strcmp(text + end, "\n") == 0 && strcmp(repository, rd->repository->id) == 0 &&
	    strcmp(node, rd->repository->node) == 0 && h->last >= h->first && h->nmarks <= CHANGE_MARKS_MAX &&
	    h->bytes <= CHANGE_DATA_MAX &&
	    seal_from_hex(previous, strlen(previous), h->previous, sizeof(h->previous)) == 0;
}

static int
change_take_frames(struct change_reader *rd, uint8_t *to, size_t size, size_t frame_size, struct error *e)
{
	for (size_t at = 0, n; at < size; at += n) {
		int result = change_next_frame(rd, e);

		n = size - at < frame_size ? size - at : frame_size;
		if (result != 1)
			return result;
		if (rd->frames.plain_size != n)
			return 0;
		memcpy(to + at, rd->frames.plain, n);
	}
	return 1;
}

/* They are put into the buffer of the data first, a frame at a time. */
static int
change_take_marks(struct change_reader *rd, struct error *e)
{
	const struct change_info *h = &rd->head;
	int result = change_take_frames(rd, rd->data, (size_t)h->nmarks * CHANGE_MARK_SIZE, CHANGE_MARKS_FRAME, e);

	for (uint32_t i = 0; result == 1 && i < h->nmarks; i++) {
		const uint8_t *p = rd->data + (size_t)i * CHANGE_MARK_SIZE;
		struct change_mark *mark = &rd->marks[i];

		*mark = (struct change_mark) { .position = get_u64(p),
			.time_us = (int64_t)get_u64(p + 8),
			.end = get_u32(p + 16) };
		if (mark->end > h->bytes || mark->position > h->last ||
		    (i > 0 && (mark->position < mark[-1].position || mark->end < mark[-1].end)))
			return 0;
	}
	return result;
}

static int
change_open(struct change_reader *rd, const uint8_t *bytes, size_t size, struct error *e)
{
	const struct repository *r = rd->repository;
	int result;

	rd->head = (struct change_info) { .number = 0 };
	if (size < CHANGE_HEAD + SEAL_SIGNATURE_SIZE || size > CHANGE_OBJECT_MAX ||
	    memcmp(bytes, CHANGE_MAGIC, sizeof(CHANGE_MAGIC) - 1) != 0 ||
	    !repository_has_signed(r, bytes, size - SEAL_SIGNATURE_SIZE))
		return 0;
	if (seal_derive(r->key, bytes + sizeof(CHANGE_MAGIC) - 1, CHANGE_LABEL, rd->frames.key, e) == -1)
		return -1;
	rd->at = bytes + CHANGE_HEAD;
	rd->left = size - CHANGE_HEAD - SEAL_SIGNATURE_SIZE;
	rd->frame = 0;
	if ((result = change_next_frame(rd, e)) != 1)
		return result;
	if (!change_parse(rd))
		return 0;
	if ((result = change_take_marks(rd, e)) != 1 ||
	    (result = change_take_frames(rd, rd->data, rd->head.bytes, FRAME_PLAIN_MAX, e)) != 1)
		return result;
	if (rd->left != 0)
		return 0;
	return seal_hash(rd->hasher, bytes, size, rd->hash, e) == -1 ? -1 : 1;
}

int
change_take(struct change_reader *rd, const char *name, const uint8_t *bytes, size_t size, struct error *e)
{
	int result = change_open(rd, bytes, size, e);

	return result == 1 ? 0 : result == 0 ? backup_damaged(rd->repository, name, e) : -1;
}

int
change_read(struct change_reader *rd, const char *name, struct error *e)
{
	const struct repository *r = rd->repository;
	size_t size = 0;

	if (r->depot->calls->read(r->depot, name, 0, rd->object, CHANGE_OBJECT_MAX + 1, &size, e) == -1)
		return -1;
	return change_take(rd, name, rd->object, size, e);
}

const struct change_info *
change_head(const struct change_reader *rd)
{
	return &rd->head;
}

const uint8_t *
change_hash(const struct change_reader *rd)
{
	return rd->hash;
}

const struct change_mark *
change_marks(const struct change_reader *rd)
{
	return rd->marks;
}

const uint8_t *
change_data(const struct change_reader *rd)
{
	return rd->data;
}
