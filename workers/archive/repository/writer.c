/*
 * Writes a backup: pages whose hash is not the one of before go into frames, frames into packs, and at the end of each
 * pack stands its map.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "workers/archive/repository/manifest.h"
#include "workers/archive/repository/map.h"

/* A pack is closed beyond this many bytes, or this much of a map. */
#define WRITER_PACK_BYTES (32 << 20)
#define WRITER_MAP_BYTES (FRAME_PLAIN_MAX - MAP_CHUNK_MAX - MAP_FILE_MAX - MAP_SIZE_MAX)

struct backup_writer {
	struct repository *repository;
	struct backup backup;
	struct chain chain; /* of the parent */
	struct page_table table;
	struct frame_codec frames;
	struct seal_hasher *hasher;
	size_t file;		/* its place in the table */
	uint32_t nfiles;	/* that this backup has, so far */
	struct map_chunk chunk; /* what is gathered */
	uint8_t *pages;
	size_t pages_size;
	uint8_t *map; /* of the pack so far */
	size_t map_size;
	uint32_t offset, frame; /* in the pack */
	bool in_pack;
};

/* ---- begin ---- */

static void
writer_free(struct backup_writer *w)
{
	chain_close(&w->chain);
	table_free(&w->table);
	frames_close(&w->frames);
	seal_hasher_free(w->hasher);
	backup_free(&w->backup);
	free(w->pages);
	free(w->map);
	free(w);
}

/* Later than its parent also where the clock went back: what is newest is found by name. */
static int
writer_read_parent(struct backup_writer *w, const char *parent, struct error *e)
{
	const struct backup *last;

	if (chain_open(w->repository, parent, &w->chain, e) == -1)
		return -1;
	if (w->chain.count == REPOSITORY_CHAIN_MAX)
		return error_set(e, STATUS_DATA, "repository.damaged", "too many backups build on %s: make a full one",
		    w->chain.backups[0].id);
	last = &w->chain.backups[w->chain.count - 1];
	(void)snprintf(w->backup.parent, sizeof(w->backup.parent), "%s", last->id);
	if (w->backup.begun_us <= last->begun_us)
		w->backup.begun_us = last->begun_us + 1;
	return chain_load(w->repository, &w->chain, &w->table, e);
}

static int
writer_start(struct backup_writer *w, const struct backup_plan *plan, struct error *e)
{
	uint8_t key[SEAL_KEY_SIZE];
	int result;

	w->backup.begun_us = clock_realtime_us();
	(void)snprintf(w->backup.backend, sizeof(w->backup.backend), "%s", plan->backend);
	(void)snprintf(w->backup.version, sizeof(w->backup.version), "%s", plan->version);
	if (!w->repository->has_seed)
		return error_set(e, STATUS_PERMISSION, "repository.key", "%s is open for reading alone",
		    w->repository->depot->where);
	if ((w->map = malloc(FRAME_PLAIN_MAX)) == NULL ||
	    (w->pages = malloc(MAP_CHUNK_BYTES + REPOSITORY_PAGE_MAX)) == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot begin a backup");
	if ((plan->parent != NULL && writer_read_parent(w, plan->parent, e) == -1) ||
	    seal_random(w->backup.salt, sizeof(w->backup.salt), e) == -1 ||
	    seal_derive(w->repository->key, NULL, "bibd page", key, e) == -1)
		return -1;
	backup_make_id(w->backup.begun_us, w->backup.id);
	w->hasher = seal_hasher_make(key, e);
	explicit_bzero(key, sizeof(key));
	result = w->hasher == NULL ? -1 : frames_open(&w->frames, w->repository, w->backup.salt, e);
	return result;
}

int
backup_begin(struct repository *repository, const struct backup_plan *plan, struct backup_writer **writer,
    struct error *e)
{
	struct backup_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot begin a backup");
	w->repository = repository;
	w->table.scratch = plan->scratch;
	if (writer_start(w, plan, e) == -1) {
		writer_free(w);
		return -1;
	}
	*writer = w;
	return 0;
}

/* ---- packs ---- */

static int
writer_open_pack(struct backup_writer *w, struct error *e)
{
	char name[DEPOT_NAME_MAX];

	if (w->in_pack)
		return 0;
	pack_name(name, w->backup.id, w->backup.npacks);
	if (w->repository->depot->calls->create(w->repository->depot, name, e) == -1)
		return -1;
	w->in_pack = true;
	w->offset = w->frame = 0;
	return 0;
}

/* The frame goes to the end of the pack. */
static int
writer_put_frame(struct backup_writer *w, const void *plain, size_t size, size_t *sealed, struct error *e)
{
	if (frames_seal(&w->frames, w->backup.npacks, w->frame, plain, size, sealed, e) == -1 ||
	    w->repository->depot->calls->append(w->repository->depot, w->frames.sealed, *sealed, e) == -1)
		return -1;
	w->frame++;
	w->offset += (uint32_t)*sealed;
	return 0;
}

static int
writer_close_pack(struct backup_writer *w, struct error *e)
{
	struct backup *b = &w->backup;
	struct backup_pack *grown;
	uint32_t map_offset = w->offset;
	size_t sealed;

	if (!w->in_pack)
		return 0;
	if (writer_put_frame(w, w->map, w->map_size, &sealed, e) == -1 ||
	    w->repository->depot->calls->finish(w->repository->depot, e) == -1)
		return -1;
	if ((grown = reallocarray(b->packs, (size_t)b->npacks + 1, sizeof(*grown))) == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot go on with a backup");
	b->packs = grown;
	b->packs[b->npacks++] =
	    (struct backup_pack) { .frames = w->frame, .map_offset = map_offset, .bytes = w->offset };
	b->stored_bytes += w->offset;
	w->map_size = 0;
	w->in_pack = false;
	return 0;
}

/* What is gathered becomes a frame. */
static int
writer_flush(struct backup_writer *w, struct error *e)
{
	struct map_chunk *c = &w->chunk;
	size_t sealed;

	if (c->count == 0)
		return 0;
	c->frame = w->frame;
	c->offset = w->offset;
	if (writer_put_frame(w, w->pages, w->pages_size, &sealed, e) == -1)
		return -1;
	c->size = (uint32_t)sealed;
	w->map_size += map_put_chunk(w->map + w->map_size, c);
	c->count = 0;
	w->pages_size = 0;
	return w->offset >= WRITER_PACK_BYTES || w->map_size >= WRITER_MAP_BYTES ? writer_close_pack(w, e) : 0;
}

/* ---- files and pages ---- */

static int
writer_make_map_room(struct backup_writer *w, struct error *e)
{
	if (w->map_size >= WRITER_MAP_BYTES && writer_close_pack(w, e) == -1)
		return -1;
	return writer_open_pack(w, e);
}

int
backup_file(struct backup_writer *w, const char *name, uint32_t page_size, uint32_t mode, struct error *e)
{
	struct table_file *file = table_find(&w->table, name, page_size, e);

	if (file == NULL || writer_make_map_room(w, e) == -1)
		return -1;
	w->file = (size_t)(file - w->table.files);
	file->mode = mode;
	w->chunk.file = w->nfiles++;
	w->map_size += map_put_file(w->map + w->map_size, w->chunk.file, name, page_size, mode);
	return 0;
}

int
backup_page(struct backup_writer *w, uint64_t number, const void *data, size_t size, struct error *e)
{
	struct table_file *file = &w->table.files[w->file];
	struct table_slot *slot = table_slot(&w->table, file, number, e);
	struct map_chunk *c = &w->chunk;
	uint8_t hash[SEAL_HASH_SIZE];

	if (slot == NULL || seal_hash(w->hasher, data, size, hash, e) == -1)
		return -1;
	if (slot->backup != 0 && memcmp(slot->hash, hash, sizeof(hash)) == 0)
		return 0;
	if (c->count > 0 &&
	    (c->count == MAP_CHUNK_PAGES_MAX || number <= c->numbers[c->count - 1] ||
		w->pages_size + size > MAP_CHUNK_BYTES) &&
	    writer_flush(w, e) == -1)
		return -1;
	if (writer_open_pack(w, e) == -1)
		return -1;
	memcpy(slot->hash, hash, sizeof(hash));
	slot->backup = w->chain.count + 1;
	memcpy(w->pages + w->pages_size, data, size);
	w->pages_size += size;
	c->numbers[c->count] = number;
	memcpy(c->hashes[c->count++], hash, sizeof(hash));
	w->backup.stored_pages++;
	return 0;
}

int
backup_file_end(struct backup_writer *w, uint64_t size, struct error *e)
{
	struct table_file *file = &w->table.files[w->file];

	if (writer_flush(w, e) == -1 || writer_make_map_room(w, e) == -1)
		return -1;
	w->map_size += map_put_size(w->map + w->map_size, w->chunk.file, size);
	file->size = size;
	w->backup.bytes += size;
	w->backup.pages += table_pages(file);
	return 0;
}

/* ---- end ---- */

void
backup_stands_at(struct backup_writer *w, const char *stream, uint64_t from, uint64_t position)
{
	(void)snprintf(w->backup.stream, sizeof(w->backup.stream), "%s", stream);
	w->backup.from = from;
	w->backup.position = position;
}

int
backup_finish(struct backup_writer *w, const char *note, char id[REPOSITORY_BACKUP_SIZE], struct error *e)
{
	struct repository *r = w->repository;

	(void)snprintf(w->backup.note, sizeof(w->backup.note), "%s", note);
	w->backup.ended_us = clock_realtime_us();
	if (writer_close_pack(w, e) == -1 || r->depot->calls->sync(r->depot, e) == -1 ||
	    manifest_publish(r, &w->frames, &w->backup, e) == -1) {
		backup_abandon(w);
		return -1;
	}
	memcpy(id, w->backup.id, REPOSITORY_BACKUP_SIZE);
	writer_free(w);
	return 0;
}

void
backup_abandon(struct backup_writer *w)
{
	struct error e;
	char name[DEPOT_NAME_MAX];

	if (w == NULL)
		return;
	if (w->in_pack)
		(void)w->repository->depot->calls->finish(w->repository->depot, &e);
	for (uint32_t i = 0; i <= w->backup.npacks; i++) {
		pack_name(name, w->backup.id, i);
		/* Where the place is gone, each one would be waited for. */
		if (w->repository->depot->calls->remove(w->repository->depot, name, &e) == -1)
			break;
	}
	(void)snprintf(name, sizeof(name), DATA_FOLDER "/%s", w->backup.id);
	(void)w->repository->depot->calls->remove(w->repository->depot, name, &e);
	writer_free(w);
}
