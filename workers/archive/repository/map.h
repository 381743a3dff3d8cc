/*
 * Maps: which page is in which frame of a pack, with its hash; and the table of all pages that a chain of backups adds
 * up to, which is kept in a file without a name, since it can be larger than the memory.
 */
#ifndef BIBD_ARCHIVE_MAP_H
#define BIBD_ARCHIVE_MAP_H

#include "workers/archive/repository/frame_object.h"

#define MAP_CHUNK_PAGES_MAX 512
#define MAP_CHUNK_BYTES (256 * 1024) /* of pages in a frame, as bibd writes them */

/* ---- records of a map ---- */

struct map_chunk {
	uint32_t file, frame, offset, size; /* of its frame in the pack */
	uint32_t count;
	uint64_t numbers[MAP_CHUNK_PAGES_MAX]; /* ascending */
	uint8_t hashes[MAP_CHUNK_PAGES_MAX][SEAL_HASH_SIZE];
};

struct map_calls {
	int (*file)(void *arg, uint32_t number, const char *name, uint32_t page_size, uint32_t mode, struct error *e);
	int (*size)(void *arg, uint32_t number, uint64_t size, struct error *e);
	int (*chunk)(void *arg, const struct map_chunk *chunk, struct error *e);
};

/* 1; 0 when it is no map; -1 when a call said so. */
int map_walk(const uint8_t *map, size_t size, const struct map_calls *calls, void *arg, struct error *e);

/* At most so many bytes for each; they are put at p, and their size is returned. */
#define MAP_FILE_MAX (16 + DEPOT_NAME_MAX)
#define MAP_SIZE_MAX 16
#define MAP_CHUNK_MAX (40 + MAP_CHUNK_PAGES_MAX * (4 + SEAL_HASH_SIZE))
size_t map_put_file(uint8_t *p, uint32_t number, const char *name, uint32_t page_size, uint32_t mode);
size_t map_put_size(uint8_t *p, uint32_t number, uint64_t size);
size_t map_put_chunk(uint8_t *p, const struct map_chunk *chunk);

/* ---- the table ---- */

struct table_slot {
	uint8_t hash[SEAL_HASH_SIZE];
	uint32_t backup; /* its place in the chain, from 1 on; 0: the page was never stored */
	uint32_t pack, frame, index;
};

struct table_file {
	char name[DEPOT_NAME_MAX];
	uint32_t page_size;
	uint32_t mode;	 /* MAP_DIRECTORY among its bits: it has no pages */
	uint32_t listed; /* the place in the chain of the last backup that has it */
	uint64_t size;
	uint32_t *extents; /* of so many pages each: their numbers in the scratch file, plus 1 */
	uint32_t nextents;
};

#define MAP_DIRECTORY 040000U

/* All files' slots are in one file, of which little is in memory at any time. */
struct page_table {
	const char *scratch;
	struct table_file *files;
	size_t nfiles;
	uint32_t *index; /* by name: places in files, plus 1 */
	size_t nindex;	 /* a power of two */
	int fd;		 /* open while there are slots */
	struct table_slot *slots;
	uint32_t nextents, room; /* in use, and there is room for */
	uint32_t last, walked;	 /* the extent of the last slot, and how often it was another one */
};

/* Pages that a file can have: SQLite's own limit. */
#define TABLE_PAGES_MAX (UINT64_C(1) << 32)

/* Finds or adds it. NULL: error. */
struct table_file *table_find(struct page_table *table, const char *name, uint32_t page_size, struct error *e);
/* The slot of a page, with room made for it; valid until the next call. NULL: error (repository.io). */
struct table_slot *table_slot(struct page_table *table, struct table_file *file, uint64_t page, struct error *e);
/* The same, where there is one; NULL: there is not. */
const struct table_slot *table_peek(struct page_table *table, const struct table_file *file, uint64_t page);
/* How many pages the file has. */
uint64_t table_pages(const struct table_file *file);
/* Takes one that is zeroed. */
void table_free(struct page_table *table);

/* ---- a chain: a full backup and those on it ---- */

struct chain {
	struct backup backups[REPOSITORY_CHAIN_MAX]; /* the full one first */
	unsigned count;
};

/* Reads the manifests of the backup and of what it builds on. Errors: repository.missing, repository.damaged. */
int chain_open(const struct repository *repository, const char *id, struct chain *chain, struct error *e);
void chain_close(struct chain *chain);

/* Reads the map of a pack into frames->plain. */
int chain_read_map(const struct repository *repository, const struct backup *backup, uint32_t pack,
    struct frame_codec *frames, struct error *e);
/* Adds all maps of the chain up. */
int chain_load(const struct repository *repository, const struct chain *chain, struct page_table *table,
    struct error *e);

#endif
