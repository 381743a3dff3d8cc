/*
 * Reads the directories of migrations. No file is trusted to be what its name says: links are not followed, only
 * regular files are read, and every size has a bound.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workers/migrations/migrations.h"

#define LOAD_DIGITS 4
#define LOAD_FILES_MAX 19998 /* every number of both origins */

_Static_assert(SHA256_DIGEST_STRING_LENGTH == MIGRATIONS_CHECKSUM_SIZE, "a checksum is a SHA-256 in hexadecimal");

/* One directory while it is read. */
struct load {
	struct migrations *migrations;
	enum migration_origin origin;
	const char *dir;
	int fd;
	size_t total; /* bytes of all files so far */
};

static int
load_set_memory(struct error *e)
{
	return error_set_errno(e, STATUS_OS, "migrations.memory", "cannot read the migrations");
}

/* ---- names ---- */

static bool
load_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
load_is_name_character(char c)
{
	return load_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

static bool
load_ends_in_sql(const char *file, size_t length)
{
	return length >= 4 && strcmp(file + length - 4, ".sql") == 0;
}

/* Whether the file claims to be a migration: see migrations.h. */
static bool
load_is_candidate(const char *file)
{
	return file[0] != '.' && (load_is_digit(file[0]) || load_ends_in_sql(file, strlen(file)));
}

/* Takes NNNN_name.sql apart. Returns false when the name is not of that form. */
static bool
load_parse_name(const char *file, uint32_t *number, const char **name, size_t *name_length)
{
	size_t length = strlen(file);

	if (length > MIGRATIONS_NAME_MAX || length < LOAD_DIGITS + 1 + 1 + 4 || !load_ends_in_sql(file, length))
		return false;
	*number = 0;
	for (size_t i = 0; i < LOAD_DIGITS; i++) {
		if (!load_is_digit(file[i]))
			return false;
		*number = *number * 10 + (uint32_t)(file[i] - '0');
	}
	if (*number == 0 || file[LOAD_DIGITS] != '_')
		return false;
	*name = file + LOAD_DIGITS + 1;
	*name_length = length - LOAD_DIGITS - 1 - 4;
	for (size_t i = 0; i < *name_length; i++)
		if (!load_is_name_character((*name)[i]))
			return false;
	return true;
}

/* ---- one file ---- */

/* An application's migration is run as the role admin, so a file that every user may write is refused. */
static bool
load_is_open_to_all(enum migration_origin origin, const struct stat *st)
{
	return origin == MIGRATION_APPLICATION && (st->st_mode & S_IWOTH) != 0;
}

static int
load_refuse_open(const char *dir, const char *file, struct error *e)
{
	return error_set(e, STATUS_CONFIG, "migrations.permission",
	    "every user may write %.255s%s%.255s, which holds what admin runs; close it with: chmod o-w %.255s%s%.255s",
	    dir, *file == '\0' ? "" : "/", file, dir, *file == '\0' ? "" : "/", file);
}

/* Opens a regular file and tells its size. Errors: migrations.file. */
static int
load_open_file(const struct load *load, const char *file, size_t *size, struct error *e)
{
	struct stat st;
	/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
	int fd = openat(load->fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1 && errno == ELOOP)
		return error_set(e, STATUS_CONFIG, "migrations.file",
		    "migration %.255s/%s is a symbolic link: put the file itself there", load->dir, file);
	if (fd == -1)
		return error_set_errno(e, STATUS_CONFIG, "migrations.file", "cannot open the migration %.255s/%s",
		    load->dir, file);
	if (fstat(fd, &st) == -1)
		(void)error_set_errno(e, STATUS_CONFIG, "migrations.file", "cannot read the migration %.255s/%s",
		    load->dir, file);
	else if (load_is_open_to_all(load->origin, &st))
		(void)load_refuse_open(load->dir, file, e);
	else if (!S_ISREG(st.st_mode))
		(void)error_set(e, STATUS_CONFIG, "migrations.file", "migration %.255s/%s is not a regular file",
		    load->dir, file);
	else if (st.st_size < 0 || (uintmax_t)st.st_size > MIGRATIONS_FILE_MAX)
		(void)error_set(e, STATUS_CONFIG, "migrations.file",
		    "migration %.255s/%s is larger than %zu MiB: split it", load->dir, file, MIGRATIONS_FILE_MAX >> 20);
	else {
		*size = (size_t)st.st_size;
		return fd;
	}
	close(fd);
	return -1;
}

/* Reads size bytes and the end of the file after them; a file that changes meanwhile is an error with errno EBUSY. */
static int
load_read_all(int fd, char *buf, size_t size)
{
	size_t used = 0;

	while (used < size + 1) {
		ssize_t n = read(fd, buf + used, size + 1 - used);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	if (used == size)
		return 0;
	errno = EBUSY;
	return -1;
}

/* Fills sql, its size and the checksum. */
static int
load_read_file(struct load *load, struct migration *migration, struct error *e)
{
	int result, fd = load_open_file(load, migration->file, &migration->sql_size, e);

	if (fd == -1)
		return -1;
	if ((migration->sql = malloc(migration->sql_size + 1)) == NULL) {
		close(fd);
		return load_set_memory(e);
	}
	if ((result = load_read_all(fd, migration->sql, migration->sql_size)) == -1)
		(void)error_set_errno(e, STATUS_CONFIG, "migrations.file", "cannot read the migration %.255s/%s",
		    load->dir, migration->file);
	close(fd);
	if (result == -1)
		return -1;
	migration->sql[migration->sql_size] = '\0';
	if (memchr(migration->sql, '\0', migration->sql_size) != NULL)
		return error_set(e, STATUS_CONFIG, "migrations.file",
		    "migration %.255s/%s has a NUL byte in it: it is not SQL", load->dir, migration->file);
	load->total += migration->sql_size;
	if (load->total > MIGRATIONS_TOTAL_MAX)
		return error_set(e, STATUS_CONFIG, "migrations.file",
		    "the migrations up to %.255s/%s are larger than %zu MiB together", load->dir, migration->file,
		    MIGRATIONS_TOTAL_MAX >> 20);
	if (SHA256Data((const uint8_t *)migration->sql, migration->sql_size, migration->checksum) == NULL)
		return load_set_memory(e);
	return 0;
}

/* Appends a migration for one candidate. The row is counted at once, so that migrations_free frees it, too. */
static int
load_add(struct load *load, const char *file, struct error *e)
{
	struct migrations *list = load->migrations;
	struct migration *rows, *migration;
	const char *name;
	size_t name_length;
	uint32_t number;

	if (!load_parse_name(file, &number, &name, &name_length))
		return error_set(e, STATUS_CONFIG, "migrations.name",
		    "%.255s/%.128s is not named like a migration: NNNN_name.sql, from 0001 on", load->dir, file);
	if (list->count == LOAD_FILES_MAX)
		return error_set(e, STATUS_CONFIG, "migrations.duplicate",
		    "%.255s has more migrations than there are numbers: some have the same", load->dir);
	if ((rows = reallocarray(list->rows, list->count + 1, sizeof(*rows))) == NULL)
		return load_set_memory(e);
	list->rows = rows;
	migration = &rows[list->count++];
	*migration = (struct migration) { .origin = load->origin, .number = number };
	if ((migration->file = strdup(file)) == NULL || (migration->name = strndup(name, name_length)) == NULL)
		return load_set_memory(e);
	return load_read_file(load, migration, e);
}

/* ---- directories ---- */

static int
load_entries(struct load *load, DIR *dir, struct error *e)
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(dir)) != NULL)
		if (load_is_candidate(entry->d_name) && load_add(load, entry->d_name, e) == -1)
			return -1;
	if (errno != 0)
		return error_set_errno(e, STATUS_CONFIG, "migrations.directory",
		    "cannot read the directory of migrations %.255s", load->dir);
	return 0;
}

static int
load_directory(struct load *load, enum migration_origin origin, const char *path, struct error *e)
{
	struct stat st;
	DIR *dir;
	int result;

	if (path == NULL || *path == '\0')
		return 0;
	if ((dir = opendir(path)) == NULL)
		return error_set_errno(e, STATUS_CONFIG, "migrations.directory",
		    "cannot open the directory of migrations %.255s", path);
	load->origin = origin;
	load->dir = path;
	load->fd = dirfd(dir);
	if (fstat(load->fd, &st) == 0 && load_is_open_to_all(origin, &st))
		result = load_refuse_open(path, "", e);
	else
		result = load_entries(load, dir, e);
	(void)closedir(dir);
	return result;
}

static int
load_compare(const void *a, const void *b)
{
	const struct migration *x = a, *y = b;

	if (x->origin != y->origin)
		return x->origin < y->origin ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int
load_check_duplicates(const struct migrations *migrations, struct error *e)
{
	for (size_t i = 1; i < migrations->count; i++) {
		const struct migration *a = &migrations->rows[i - 1], *b = &migrations->rows[i];

		if (load_compare(a, b) != 0)
			continue;
		/* The directory gives the files in any order: the message names the two in the same order on every
		 * run. */
		return error_set(e, STATUS_CONFIG, "migrations.duplicate",
		    "migrations %s and %s (%s) have the same number: give one another",
		    strcmp(a->file, b->file) < 0 ? a->file : b->file, strcmp(a->file, b->file) < 0 ? b->file : a->file,
		    migration_origin_names[a->origin]);
	}
	return 0;
}

int
migrations_load(struct migrations *migrations, const char *builtin_dir, const char *application_dir, struct error *e)
{
	struct load load = { .migrations = migrations, .fd = -1 };

	*migrations = (struct migrations) { .rows = NULL };
	if (load_directory(&load, MIGRATION_BIBD, builtin_dir, e) == 0 &&
	    load_directory(&load, MIGRATION_APPLICATION, application_dir, e) == 0) {
		if (migrations->count > 1)
			qsort(migrations->rows, migrations->count, sizeof(*migrations->rows), load_compare);
		if (load_check_duplicates(migrations, e) == 0)
			return 0;
	}
	migrations_free(migrations);
	return -1;
}
