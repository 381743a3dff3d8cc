/*
 * Reads a backup and those that it builds on, and adds their maps up.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/archive/repository/manifest.h"
#include "workers/archive/repository/map.h"

int
chain_open(const struct repository *r, const char *id, struct chain *chain, struct error *e)
{
	char next[REPOSITORY_BACKUP_SIZE];

	chain->count = 0;
	if (strlen(id) >= sizeof(next))
		return error_set(e, STATUS_DATA, "repository.missing", "%s has no backup \"%.40s\"", r->depot->where,
		    id);
	memcpy(next, id, strlen(id) + 1);
	/* The newest first; parents are older, so that no circle can be. */
	do {
		struct backup *b = &chain->backups[chain->count];

		if (chain->count == REPOSITORY_CHAIN_MAX || backup_read(r, next, b, e) == -1) {
			int result = chain->count == REPOSITORY_CHAIN_MAX
			    ? error_set(e, STATUS_DATA, "repository.damaged", "backup %s builds on too many", id)
			    : -1;

			chain_close(chain);
			return result;
		}
		chain->count++;
		memcpy(next, b->parent, sizeof(next));
	} while (next[0] != '\0');
	for (unsigned i = 0; i < chain->count / 2; i++) {
		struct backup b = chain->backups[i];

		chain->backups[i] = chain->backups[chain->count - 1 - i];
		chain->backups[chain->count - 1 - i] = b;
	}
	return 0;
}

void
chain_close(struct chain *chain)
{
	for (unsigned i = 0; i < chain->count; i++)
		backup_free(&chain->backups[i]);
	chain->count = 0;
}

int
chain_read_map(const struct repository *r, const struct backup *b, uint32_t pack, struct frame_codec *frames,
    struct error *e)
{
	const struct backup_pack *p = &b->packs[pack];
	char name[DEPOT_NAME_MAX];
	size_t size = p->bytes - p->map_offset, got = 0;
	int result;

	pack_name(name, b->id, pack);
	if (r->depot->calls->read(r->depot, name, p->map_offset, frames->sealed, size, &got, e) == -1)
		return -1;
	result = frames_unseal(frames, pack, p->frames - 1, frames->sealed, got, e);
	return result == 1 ? 0 : result == 0 ? backup_damaged(r, name, e) : -1;
}

/* ---- adding up ---- */

struct chain_loading {
	struct page_table *table;
	uint32_t backup, pack;
	size_t *numbers; /* the backup's numbers of files: their places in the table, plus 1 */
};

static int
load_damaged(const struct chain_loading *load, struct error *e)
{
	return error_set(e, STATUS_DATA, "repository.damaged", "the map of pack %u does not fit those before it",
	    load->pack);
}

static int
load_file(void *arg, uint32_t number, const char *name, uint32_t page_size, uint32_t mode, struct error *e)
{
	struct chain_loading *load = arg;
	struct table_file *file;

	if (number >= REPOSITORY_FILES_MAX || load->numbers[number] != 0)
		return load_damaged(load, e);
	if ((file = table_find(load->table, name, page_size, e)) == NULL)
		return -1;
	load->numbers[number] = (size_t)(file - load->table->files) + 1;
	file->mode = mode;
	file->listed = load->backup;
	return 0;
}

static struct table_file *
load_find(const struct chain_loading *load, uint32_t number, struct error *e)
{
	if (number < REPOSITORY_FILES_MAX && load->numbers[number] != 0)
		return &load->table->files[load->numbers[number] - 1];
	(void)load_damaged(load, e);
	return NULL;
}

static int
load_size(void *arg, uint32_t number, uint64_t size, struct error *e)
{
	struct chain_loading *load = arg;
	struct table_file *file = load_find(load, number, e);

	if (file == NULL)
		return -1;
	file->size = size;
	return 0;
}

static int
load_chunk(void *arg, const struct map_chunk *chunk, struct error *e)
{
	struct chain_loading *load = arg;
	struct table_file *file = load_find(load, chunk->file, e);
	struct table_slot *slot;

	if (file == NULL)
		return -1;
	for (uint32_t i = 0; i < chunk->count; i++) {
		if ((slot = table_slot(load->table, file, chunk->numbers[i], e)) == NULL)
			return -1;
		memcpy(slot->hash, chunk->hashes[i], SEAL_HASH_SIZE);
		slot->backup = load->backup;
		slot->pack = load->pack;
		slot->frame = chunk->frame;
		slot->index = i;
	}
	return 0;
}

static int
load_backup(const struct repository *r, const struct backup *b, struct chain_loading *load, struct error *e)
{
	static const struct map_calls calls = { .file = load_file, .size = load_size, .chunk = load_chunk };
	struct frame_codec frames;
	char name[DEPOT_NAME_MAX];
	int result = 0;

	memset(load->numbers, 0, REPOSITORY_FILES_MAX * sizeof(*load->numbers));
	if (frames_open(&frames, r, b->salt, e) == -1)
		return -1;
	for (load->pack = 0; result == 0 && load->pack < b->npacks; load->pack++) {
		if ((result = chain_read_map(r, b, load->pack, &frames, e)) == -1)
			break;
		result = map_walk(frames.plain, frames.plain_size, &calls, load, e);
		pack_name(name, b->id, load->pack);
		result = result == 1 ? 0 : result == 0 ? backup_damaged(r, name, e) : -1;
	}
	frames_close(&frames);
	return result;
}

int
chain_load(const struct repository *r, const struct chain *chain, struct page_table *table, struct error *e)
{
	struct chain_loading load = { .table = table, .numbers = calloc(REPOSITORY_FILES_MAX, sizeof(*load.numbers)) };
	int result = 0;

	if (load.numbers == NULL)
		return error_set_errno(e, STATUS_OS, "repository.memory", "cannot read the maps");
	for (unsigned i = 0; result == 0 && i < chain->count; i++) {
		load.backup = i + 1;
		result = load_backup(r, &chain->backups[i], &load, e);
	}
	free(load.numbers);
	return result;
}
