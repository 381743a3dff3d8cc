/*
 * Keeps the table of pages in a file without a name: extents of slots, whichever file needs the next.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workers/archive/repository/map.h"

#define TABLE_EXTENT 128 /* slots: a page of memory */
#define TABLE_ROOM_FIRST 256
#define TABLE_ROOM_MAX (UINT32_C(1) << 31)
#define TABLE_INDEX_FIRST 1024
#define TABLE_RESIDENT 2048 /* extents that may be in memory */

/* ---- files ---- */

static size_t
table_hash(const char *name)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	for (; *name != '\0'; name++)
		hash = (hash ^ (uint8_t)*name) * UINT64_C(1099511628211);
	return (size_t)(hash ^ hash >> 32);
}

/* Where the name stands in the index, or would. */
static uint32_t *
table_place(const struct page_table *table, const char *name)
{
	size_t i = table_hash(name) & (table->nindex - 1);

	while (table->index[i] != 0 && strcmp(table->files[table->index[i] - 1].name, name) != 0)
		i = (i + 1) & (table->nindex - 1);
	return &table->index[i];
}

/* At most half full, so that a search ends soon. */
static int
table_grow_index(struct page_table *table)
{
	size_t wanted = table->nindex == 0 ? TABLE_INDEX_FIRST : table->nindex * 2;
	uint32_t *index;

	if ((table->nfiles + 1) * 2 <= table->nindex)
		return 0;
	if ((index = calloc(wanted, sizeof(*index))) == NULL)
		return -1;
	free(table->index);
	table->index = index;
	table->nindex = wanted;
	for (size_t i = 0; i < table->nfiles; i++)
		*table_place(table, table->files[i].name) = (uint32_t)i + 1;
	return 0;
}

struct table_file *
table_find(struct page_table *table, const char *name, uint32_t page_size, struct error *e)
{
	struct table_file *grown, *file;
	uint32_t *place = table->nindex == 0 ? NULL : table_place(table, name);

	if (place != NULL && *place != 0) {
		file = &table->files[*place - 1];
		if (file->page_size == page_size)
			return file;
		(void)error_set(e, STATUS_DATA, "repository.damaged", "%s has pages of %u and of %u bytes", name,
		    file->page_size, page_size);
		return NULL;
	}
	if (table->nfiles == REPOSITORY_FILES_MAX ||
	    (grown = reallocarray(table->files, table->nfiles + 1, sizeof(*grown))) == NULL) {
		(void)error_set(e, STATUS_OS, "repository.memory", "a backup has too many files");
		return NULL;
	}
	table->files = grown;
	if (table_grow_index(table) == -1) {
		(void)error_set_errno(e, STATUS_OS, "repository.memory", "a backup has too many files");
		return NULL;
	}
	file = &table->files[table->nfiles];
	*file = (struct table_file) { .page_size = page_size };
	(void)snprintf(file->name, DEPOT_NAME_MAX, "%s", name);
	*table_place(table, file->name) = (uint32_t)++table->nfiles;
	return file;
}

/* ---- slots ---- */

static int
table_make_room(struct page_table *table, struct error *e)
{
	const size_t extent = TABLE_EXTENT * sizeof(*table->slots);
	uint32_t wanted = table->room == 0 ? TABLE_ROOM_FIRST : table->room * 2;
	void *slots;

	if (table->nextents < table->room)
		return 0;
	if (table->room == TABLE_ROOM_MAX)
		return error_set(e, STATUS_DATA, "repository.damaged", "a backup has too many pages");
	if (table->room == 0 && (table->fd = open(table->scratch, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600)) == -1)
		return error_set_errno(e, STATUS_IO, "repository.io", "cannot make a file in %s", table->scratch);
	/* A full disk must be an error here, and not a signal at the first write. */
	if ((errno = posix_fallocate(table->fd, 0, (off_t)(wanted * extent))) == 0) {
		slots = table->slots == NULL
		    ? mmap(NULL, wanted * extent, PROT_READ | PROT_WRITE, MAP_SHARED, table->fd, 0)
		    : mremap(table->slots, table->room * extent, wanted * extent, MREMAP_MAYMOVE);
		if (slots != MAP_FAILED) {
			table->slots = slots;
			table->room = wanted;
			return 0;
		}
	}
	(void)error_set_errno(e, STATUS_IO, "repository.io", "cannot make room in %s", table->scratch);
	if (table->room == 0)
		close(table->fd);
	return -1;
}

static int
table_grow(struct page_table *table, struct table_file *file, uint32_t extent, struct error *e)
{
	uint32_t wanted = file->nextents == 0 ? 1 : file->nextents;
	uint32_t *extents;

	while (wanted <= extent)
		wanted *= 2;
	if (wanted > file->nextents) {
		if ((extents = reallocarray(file->extents, wanted, sizeof(*extents))) == NULL)
			return error_set_errno(e, STATUS_OS, "repository.memory", "%s is too large", file->name);
		memset(extents + file->nextents, 0, (wanted - file->nextents) * sizeof(*extents));
		file->extents = extents;
		file->nextents = wanted;
	}
	if (table_make_room(table, e) == -1)
		return -1;
	file->extents[extent] = ++table->nextents;
	return 0;
}

/* What was walked through stays in the file and need not stay in memory. */
static struct table_slot *
table_at(struct page_table *table, uint32_t extent, uint64_t page)
{
	if (extent != table->last) {
		table->last = extent;
		if (++table->walked % TABLE_RESIDENT == 0)
			(void)madvise(table->slots, table->room * TABLE_EXTENT * sizeof(*table->slots), MADV_DONTNEED);
	}
	return &table->slots[(size_t)(extent - 1) * TABLE_EXTENT + page % TABLE_EXTENT];
}

struct table_slot *
table_slot(struct page_table *table, struct table_file *file, uint64_t page, struct error *e)
{
	uint32_t extent = (uint32_t)(page / TABLE_EXTENT);

	if (page >= TABLE_PAGES_MAX) {
		(void)error_set(e, STATUS_DATA, "repository.damaged", "%s would have %llu pages", file->name,
		    (unsigned long long)page);
		return NULL;
	}
	if ((extent >= file->nextents || file->extents[extent] == 0) && table_grow(table, file, extent, e) == -1)
		return NULL;
	return table_at(table, file->extents[extent], page);
}

const struct table_slot *
table_peek(struct page_table *table, const struct table_file *file, uint64_t page)
{
	uint64_t extent = page / TABLE_EXTENT;

	return extent < file->nextents && file->extents[extent] != 0 ? table_at(table, file->extents[extent], page)
								     : NULL;
}

uint64_t
table_pages(const struct table_file *file)
{
	return file->size / file->page_size + (file->size % file->page_size != 0);
}

void
table_free(struct page_table *table)
{
	for (size_t i = 0; i < table->nfiles; i++)
		free(table->files[i].extents);
	if (table->room != 0) {
		(void)munmap(table->slots, table->room * TABLE_EXTENT * sizeof(*table->slots));
		close(table->fd);
	}
	free(table->files);
	free(table->index);
	*table = (struct page_table) { .scratch = table->scratch };
}
