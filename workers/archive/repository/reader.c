/*
 * Reads a backup: all of it, to verify it, or what makes up its files, to restore them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workers/archive/repository/manifest.h"
#include "workers/archive/repository/map.h"

struct backup_reader {
	const struct repository *repository;
	const struct backup *backup;
	struct page_table table;
	struct chain chain;
	struct frame_codec frames, map; /* of the backup that is read */
	struct seal_hasher *hasher;
	uint32_t place, pack; /* in the chain, and in the backup */
	bool all;	      /* every page is looked at, and not only those that count */
	uint32_t next_frame, next_offset;
	size_t *numbers;  /* of files, as in chain.c: places in the table, plus 1 */
	size_t current;	  /* the last file of the backup's map */
	int directory_fd; /* -1: nothing is written */
	int fd;		  /* of the file that was written last, in the table the one of that place plus 1; 0: none */
	size_t opened;
	uint64_t written;
};

static int
reader_damaged(const struct backup_reader *rd, struct error *e)
{
	char name[DEPOT_NAME_MAX];

	pack_name(name, rd->backup->id, rd->pack);
	return backup_damaged(rd->repository, name, e);
}

/* ---- pages ---- */

/* Whether the page is the one that counts. */
static bool
reader_is_live(struct backup_reader *rd, const struct table_file *file, const struct map_chunk *c, uint32_t i)
{
	const struct table_slot *slot = table_peek(&rd->table, file, c->numbers[i]);

	return slot != NULL && c->numbers[i] < table_pages(file) && file->listed == rd->chain.count &&
	    slot->backup == rd->place && slot->pack == rd->pack && slot->frame == c->frame && slot->index == i;
}

/* Pages come file by file, and a database has more files than a process may have open. */
static int
reader_open_file(struct backup_reader *rd, size_t file, struct error *e)
{
	const char *name = rd->table.files[file].name;

	if (rd->opened == file + 1)
		return 0;
	if (rd->opened != 0)
		close(rd->fd);
	rd->opened = 0;
	rd->fd = openat(rd->directory_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (rd->fd == -1)
		return error_set_errno(e, STATUS_IO, "repository.io", "cannot write %s", name);
	rd->opened = file + 1;
	return 0;
}

static int
reader_write(struct backup_reader *rd, size_t file, uint64_t number, const uint8_t *data, size_t size, struct error *e)
{
	const struct table_file *f = &rd->table.files[file];
	uint64_t offset = number * f->page_size;

	if (reader_open_file(rd, file, e) == -1)
		return -1;
	if (size > f->size - offset)
		size = (size_t)(f->size - offset);
	while (size > 0) {
		ssize_t n = pwrite(rd->fd, data, size, (off_t)offset);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set_errno(e, STATUS_IO, "repository.io", "cannot write %s", f->name);
		data += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

/* All pages have the file's size but the last of a chunk, which may be short. */
static int
reader_take_pages(struct backup_reader *rd, size_t file, const struct map_chunk *c, struct error *e)
{
	const struct table_file *f = &rd->table.files[file];
	const size_t total = rd->frames.plain_size, size = f->page_size;
	uint8_t hash[SEAL_HASH_SIZE];

	if (total > c->count * size || total <= (c->count - 1) * size)
		return reader_damaged(rd, e);
	for (uint32_t i = 0; i < c->count; i++) {
		const uint8_t *page = rd->frames.plain + i * size;
		size_t length = i + 1 == c->count ? total - i * size : size;

		if (seal_hash(rd->hasher, page, length, hash, e) == -1)
			return -1;
		if (memcmp(hash, c->hashes[i], sizeof(hash)) != 0)
			return reader_damaged(rd, e);
		if (!reader_is_live(rd, f, c, i))
			continue;
		if (c->numbers[i] + 1 < table_pages(f) && length != size)
			return reader_damaged(rd, e);
		rd->written++;
		if (rd->directory_fd != -1 && reader_write(rd, file, c->numbers[i], page, length, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- maps ---- */

static int
reader_file(void *arg, uint32_t number, const char *name, uint32_t page_size, uint32_t mode, struct error *e)
{
	struct backup_reader *rd = arg;
	const struct table_file *file = table_find(&rd->table, name, page_size, e);

	(void)mode;
	if (file == NULL)
		return -1;
	rd->numbers[number] = (size_t)(file - rd->table.files) + 1;
	return 0;
}

static int
reader_size(void *arg, uint32_t number, uint64_t size, struct error *e)
{
	(void)arg;
	(void)number;
	(void)size;
	(void)e;
	return 0;
}

static int
reader_chunk(void *arg, const struct map_chunk *c, struct error *e)
{
	struct backup_reader *rd = arg;
	const struct repository *r = rd->repository;
	size_t file = rd->numbers[c->file] - 1, got; /* chain_load() has looked at the numbers */
	bool wanted = rd->all;
	char name[DEPOT_NAME_MAX];
	int result;

	if (c->frame != rd->next_frame || c->offset != rd->next_offset || c->size > FRAME_SIZE_MAX)
		return reader_damaged(rd, e);
	rd->next_frame++;
	rd->next_offset += c->size;
	for (uint32_t i = 0; !wanted && i < c->count; i++)
		wanted = reader_is_live(rd, &rd->table.files[file], c, i);
	if (!wanted)
		return 0;
	pack_name(name, rd->backup->id, rd->pack);
	if (r->depot->calls->read(r->depot, name, c->offset, rd->frames.sealed, c->size, &got, e) == -1)
		return -1;
	result = frames_unseal(&rd->frames, rd->pack, c->frame, rd->frames.sealed, got, e);
	if (result != 1)
		return result == 0 ? reader_damaged(rd, e) : -1;
	return reader_take_pages(rd, file, c, e);
}

/* The pack ends where its manifest says. */
static int
reader_check_end(struct backup_reader *rd, struct error *e)
{
	const struct repository *r = rd->repository;
	const struct backup_pack *p = &rd->backup->packs[rd->pack];
	char name[DEPOT_NAME_MAX];
	uint8_t byte;
	size_t got;

	if (rd->next_frame != p->frames - 1 || rd->next_offset != p->map_offset)
		return reader_damaged(rd, e);
	pack_name(name, rd->backup->id, rd->pack);
	if (r->depot->calls->read(r->depot, name, p->bytes, &byte, 1, &got, e) == -1)
		return -1;
	return got == 0 ? 0 : reader_damaged(rd, e);
}

static int
reader_read_backup(struct backup_reader *rd, struct error *e)
{
	static const struct map_calls calls = { .file = reader_file, .size = reader_size, .chunk = reader_chunk };
	const struct backup *b = rd->backup;
	int result = frames_open(&rd->frames, rd->repository, b->salt, e);

	if (result == 0 && (result = frames_open(&rd->map, rd->repository, b->salt, e)) == -1)
		frames_close(&rd->frames);
	if (result == -1)
		return -1;
	for (rd->pack = 0; result == 0 && rd->pack < b->npacks; rd->pack++) {
		rd->next_frame = rd->next_offset = 0;
		if ((result = chain_read_map(rd->repository, b, rd->pack, &rd->map, e)) == -1)
			break;
		result = map_walk(rd->map.plain, rd->map.plain_size, &calls, rd, e);
		result = result == 1 ? reader_check_end(rd, e) : result == 0 ? reader_damaged(rd, e) : -1;
	}
	frames_close(&rd->frames);
	frames_close(&rd->map);
	return result;
}

/* ---- the whole ---- */

static void
reader_close(struct backup_reader *rd)
{
	if (rd->opened != 0)
		close(rd->fd);
	chain_close(&rd->chain);
	table_free(&rd->table);
	seal_hasher_free(rd->hasher);
	free(rd->numbers);
	free(rd);
}

static struct backup_reader *
reader_open(const struct repository *r, const char *id, const char *scratch, struct error *e)
{
	struct backup_reader *rd = calloc(1, sizeof(*rd));
	uint8_t key[SEAL_KEY_SIZE];

	if (rd == NULL || (rd->numbers = calloc(REPOSITORY_FILES_MAX, sizeof(*rd->numbers))) == NULL) {
		free(rd);
		(void)error_set_errno(e, STATUS_OS, "repository.memory", "cannot read a backup");
		return NULL;
	}
	rd->repository = r;
	rd->directory_fd = -1;
	rd->table.scratch = scratch;
	if (seal_derive(r->key, NULL, "bibd page", key, e) == 0 && (rd->hasher = seal_hasher_make(key, e)) != NULL &&
	    chain_open(r, id, &rd->chain, e) == 0 && chain_load(r, &rd->chain, &rd->table, e) == 0) {
		explicit_bzero(key, sizeof(key));
		return rd;
	}
	explicit_bzero(key, sizeof(key));
	reader_close(rd);
	return NULL;
}

/* Every page of every file was met. */
static int
reader_check_whole(const struct backup_reader *rd, struct error *e)
{
	const struct backup *last = &rd->chain.backups[rd->chain.count - 1];
	uint64_t pages = 0;

	for (size_t i = 0; i < rd->table.nfiles; i++)
		if (rd->table.files[i].listed == rd->chain.count)
			pages += table_pages(&rd->table.files[i]);
	if (pages == rd->written && pages == last->pages)
		return 0;
	return error_set(e, STATUS_DATA, "repository.damaged", "backup %s has %llu pages, of which %llu are there",
	    last->id, (unsigned long long)last->pages, (unsigned long long)rd->written);
}

static int
reader_read(struct backup_reader *rd, struct error *e)
{
	for (rd->place = 1; rd->place <= rd->chain.count; rd->place++) {
		rd->backup = &rd->chain.backups[rd->place - 1];
		if (reader_read_backup(rd, e) == -1)
			return -1;
	}
	return reader_check_whole(rd, e);
}

int
backup_verify(const struct repository *r, const char *id, const char *scratch, struct error *e)
{
	struct backup_reader *rd = reader_open(r, id, scratch, e);
	int result;

	if (rd == NULL)
		return -1;
	rd->all = true;
	result = reader_read(rd, e);
	reader_close(rd);
	return result;
}

/* ---- restoring ---- */

static int
restore_create_one(const struct backup_reader *rd, const struct table_file *f, struct error *e)
{
	int fd, result = -1;

	if ((f->mode & MAP_DIRECTORY) != 0)
		return mkdirat(rd->directory_fd, f->name, f->mode & 0777) == -1
		    ? error_set_errno(e, STATUS_CANT_CREATE, "repository.io", "cannot create %s", f->name)
		    : 0;
	fd = openat(rd->directory_fd, f->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd != -1 && ftruncate(fd, (off_t)f->size) == 0 && fchmod(fd, f->mode & 0777) == 0)
		result = 0;
	else
		(void)error_set_errno(e, STATUS_CANT_CREATE,
		    fd == -1 && errno == EEXIST ? "repository.exists" : "repository.io", "cannot create %s", f->name);
	if (fd != -1)
		close(fd);
	return result;
}

/* Directories before what may be in them. */
static int
restore_create(const struct backup_reader *rd, struct error *e)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < rd->table.nfiles; i++) {
			const struct table_file *f = &rd->table.files[i];

			if (f->listed == rd->chain.count && ((f->mode & MAP_DIRECTORY) != 0) == (pass == 0) &&
			    restore_create_one(rd, f, e) == -1)
				return -1;
		}
	return 0;
}

static int
restore_run(const struct repository *r, const char *id, int directory_fd, const char *scratch, bool durable,
    uint64_t *bytes, struct error *e)
{
	struct backup_reader *rd = reader_open(r, id, scratch, e);
	int result = -1;

	if (rd == NULL)
		return -1;
	*bytes = rd->chain.backups[rd->chain.count - 1].bytes;
	rd->directory_fd = directory_fd;
	if (restore_create(rd, e) == 0 && reader_read(rd, e) == 0)
		result = durable && syncfs(directory_fd) == -1
		    ? error_set_errno(e, STATUS_IO, "repository.io", "cannot sync what was restored")
		    : 0;
	reader_close(rd);
	return result;
}

int
backup_restore(const struct repository *r, const char *id, int directory_fd, const char *scratch, uint64_t *bytes,
    struct error *e)
{
	return restore_run(r, id, directory_fd, scratch, true, bytes, e);
}

int
backup_restore_for_drill(const struct repository *r, const char *id, int directory_fd, const char *scratch,
    uint64_t *bytes, struct error *e)
{
	return restore_run(r, id, directory_fd, scratch, false, bytes, e);
}
