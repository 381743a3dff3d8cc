/*
 * A depot that is a local directory: each object a file, written beside its name and renamed when it is published.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workers/archive/repository/depot.h"

#define DIRECTORY_NEW ".new" /* what an object is called until it is published */

struct directory {
	int fd;
	int writing;		      /* the object that is being written; -1: none */
	char written[DEPOT_NAME_MAX]; /* its name */
	char **unsynced;	      /* names that were finished since the last sync */
	size_t nunsynced;
	int reading; /* the object that was read last; -1: none */
	char read_name[DEPOT_NAME_MAX];
};

static int
directory_error(const struct depot *depot, const char *what, const char *name, struct error *e)
{
	if (errno == ENOENT)
		return error_set(e, STATUS_DATA, "repository.missing", "%s/%s is missing", depot->where, name);
	return error_set_errno(e, STATUS_IO, "repository.io", "cannot %s %s/%s", what, depot->where, name);
}

static int
directory_write(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Makes the folders of a name. */
static int
directory_make_folders(const struct directory *d, const char *name)
{
	char folder[DEPOT_NAME_MAX];

	for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - name), name);
		if (mkdirat(d->fd, folder, 0700) == -1 && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int
directory_create(struct depot *depot, const char *name, struct error *e)
{
	struct directory *d = depot->state;

	if (directory_make_folders(d, name) == -1 ||
	    (d->writing = openat(d->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) == -1)
		return directory_error(depot, "create", name, e);
	(void)snprintf(d->written, sizeof(d->written), "%s", name);
	return 0;
}

static int
directory_append(struct depot *depot, const void *data, size_t size, struct error *e)
{
	struct directory *d = depot->state;

	return directory_write(d->writing, data, size) == -1 ? directory_error(depot, "write", d->written, e) : 0;
}

static int
directory_finish(struct depot *depot, struct error *e)
{
	struct directory *d = depot->state;
	char **grown = reallocarray(d->unsynced, d->nunsynced + 1, sizeof(*grown));
	char *name = strdup(d->written);

	if (grown != NULL)
		d->unsynced = grown;
	/* The disk begins now, so that the sync at the end has little left to wait for. */
	(void)sync_file_range(d->writing, 0, 0, SYNC_FILE_RANGE_WRITE);
	if (grown == NULL || name == NULL || close(d->writing) == -1) {
		free(name);
		d->writing = -1;
		return directory_error(depot, "finish", d->written, e);
	}
	d->writing = -1;
	d->unsynced[d->nunsynced++] = name;
	return 0;
}

/* Files and folders alike: the folder of a new name is synced too. */
static int
directory_sync_name(const struct directory *d, const char *name, int flags)
{
	int fd = openat(d->fd, name, flags | O_CLOEXEC | O_NOFOLLOW), result;

	if (fd == -1)
		return -1;
	result = fsync(fd);
	return close(fd) == -1 ? -1 : result;
}

static int
directory_sync_folders(const struct directory *d, const char *name)
{
	char folder[DEPOT_NAME_MAX];

	(void)snprintf(folder, sizeof(folder), "%s", name);
	for (char *slash; (slash = strrchr(folder, '/')) != NULL;) {
		*slash = '\0';
		if (directory_sync_name(d, folder, O_RDONLY | O_DIRECTORY) == -1)
			return -1;
	}
	return fsync(d->fd);
}

static int
directory_sync(struct depot *depot, struct error *e)
{
	struct directory *d = depot->state;

	for (size_t i = 0; i < d->nunsynced; i++)
		if (directory_sync_name(d, d->unsynced[i], O_RDONLY) == -1 ||
		    ((i == 0 || i + 1 == d->nunsynced) && directory_sync_folders(d, d->unsynced[i]) == -1))
			return directory_error(depot, "sync", d->unsynced[i], e);
	for (size_t i = 0; i < d->nunsynced; i++)
		free(d->unsynced[i]);
	free(d->unsynced);
	d->unsynced = NULL;
	d->nunsynced = 0;
	return 0;
}

static int
directory_publish(struct depot *depot, const char *name, const void *data, size_t size, bool replace, struct error *e)
{
	struct directory *d = depot->state;
	char fresh[DEPOT_NAME_MAX + sizeof(DIRECTORY_NEW)];
	int fd, result;

	(void)snprintf(fresh, sizeof(fresh), "%s" DIRECTORY_NEW, name);
	if (directory_make_folders(d, name) == -1 ||
	    (fd = openat(d->fd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) == -1)
		return directory_error(depot, "create", name, e);
	result = directory_write(fd, data, size) == -1 ? -1 : fsync(fd);
	if (close(fd) == -1)
		result = -1;
	if (result == 0)
		result = replace ? renameat(d->fd, fresh, d->fd, name)
				 : renameat2(d->fd, fresh, d->fd, name, RENAME_NOREPLACE);
	/* What is open for reading under that name is not it any more. */
	d->read_name[0] = '\0';
	if (result == -1 || directory_sync_folders(d, name) == -1) {
		(void)directory_error(depot, "write", name, e);
		(void)unlinkat(d->fd, fresh, 0);
		return -1;
	}
	return 0;
}

static int
directory_read(struct depot *depot, const char *name, uint64_t offset, void *data, size_t size, size_t *got,
    struct error *e)
{
	struct directory *d = depot->state;

	if (d->reading == -1 || strcmp(d->read_name, name) != 0) {
		if (d->reading != -1)
			close(d->reading);
		if ((d->reading = openat(d->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1)
			return directory_error(depot, "open", name, e);
		(void)snprintf(d->read_name, sizeof(d->read_name), "%s", name);
	}
	for (*got = 0; *got < size;) {
		ssize_t n = pread(d->reading, (char *)data + *got, size - *got, (off_t)(offset + *got));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return directory_error(depot, "read", name, e);
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return 0;
}

static int
directory_list(struct depot *depot, const char *folder, depot_visit_fn *visit, void *arg, struct error *e)
{
	struct directory *d = depot->state;
	int fd = openat(d->fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	DIR *listed = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (listed == NULL) {
		result = errno == ENOENT ? 0 : directory_error(depot, "list", folder, e);
		if (fd != -1)
			close(fd);
		return result;
	}
	/* What was not published is nobody's. */
	while (result == 0 && (entry = readdir(listed)) != NULL) {
		size_t length = strlen(entry->d_name), new = sizeof(DIRECTORY_NEW) - 1;

		if (entry->d_name[0] != '.' &&
		    (length < new || strcmp(entry->d_name + length - new, DIRECTORY_NEW) != 0))
			result = visit(arg, entry->d_name, e);
	}
	closedir(listed);
	return result;
}

/* What is removed needs no sync, and would not be found by the next one. */
static void
directory_forget(struct directory *d, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->nunsynced; i++)
		if (strcmp(d->unsynced[i], name) == 0)
			free(d->unsynced[i]);
		else
			d->unsynced[kept++] = d->unsynced[i];
	d->nunsynced = kept;
}

static int
directory_remove(struct depot *depot, const char *name, struct error *e)
{
	struct directory *d = depot->state;
	int result;

	directory_forget(d, name);
	result = unlinkat(d->fd, name, 0);

	if (result == -1 && errno == EISDIR)
		result = unlinkat(d->fd, name, AT_REMOVEDIR);
	return result == -1 && errno != ENOENT ? directory_error(depot, "remove", name, e) : 0;
}

static void
directory_close(struct depot *depot)
{
	struct directory *d = depot->state;

	if (d->writing != -1)
		close(d->writing);
	if (d->reading != -1)
		close(d->reading);
	for (size_t i = 0; i < d->nunsynced; i++)
		free(d->unsynced[i]);
	free(d->unsynced);
	close(d->fd);
	free(d);
}

int
depot_open_directory(struct depot *depot, const char *path, struct error *e)
{
	static const struct depot_calls calls = { .create = directory_create,
		.append = directory_append,
		.finish = directory_finish,
		.sync = directory_sync,
		.publish = directory_publish,
		.read = directory_read,
		.list = directory_list,
		.remove = directory_remove,
		.close = directory_close };
	struct directory *d = calloc(1, sizeof(*d));

	*depot = (struct depot) { .where = strdup(path), .state = d };
	if (d == NULL || depot->where == NULL) {
		free(d);
		depot_close(depot);
		return error_set_errno(e, STATUS_OS, "repository.io", "cannot open %s", path);
	}
	d->writing = d->reading = -1;
	if ((d->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		(void)error_set_errno(e, errno == ENOENT ? STATUS_DATA : STATUS_IO,
		    errno == ENOENT ? "repository.missing" : "repository.io", "cannot open the repository %s", path);
		free(d);
		depot_close(depot);
		return -1;
	}
	depot->calls = &calls;
	return 0;
}

void
depot_close(struct depot *depot)
{
	if (depot->calls != NULL)
		depot->calls->close(depot);
	free(depot->where);
	*depot = (struct depot) { .calls = NULL };
}
