/*
 * Opens, checks, reads, stages and replaces the keeper's files, and finishes or undoes a replacement that was cut
 * short.
 */
#include "workers/keeper/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/log.h"

#define FILES_NEW ".new"
#define FILES_NEXT ".next"
#define FILES_NAME_MAX 64

static const char *const files_names[] = { FILES_IDENTITY, FILES_IDENTITY FILES_NEXT, FILES_CREDENTIALS,
	FILES_CREDENTIALS FILES_NEXT, FILES_JOURNAL, FILES_AUDIT_HEAD, FILES_CA, FILES_SERVER_CERTIFICATE,
	FILES_SERVER_KEY };
/* What files_replace may replace. */
static const char *const files_secrets[] = { FILES_IDENTITY, FILES_CREDENTIALS };

__attribute__((weak)) void
files_step(void)
{
}

static void
files_new_name(const char *name, char buf[FILES_NAME_MAX])
{
	(void)snprintf(buf, FILES_NAME_MAX, "%s" FILES_NEW, name);
}

/* Removes what interrupted writes have left: a file under its temporary name never counts. */
static int
files_remove_leftovers(const struct files *files, struct error *e)
{
	char name[FILES_NAME_MAX];

	for (size_t i = 0; i < sizeof(files_names) / sizeof(files_names[0]); i++) {
		files_new_name(files_names[i], name);
		if (unlinkat(files->fd, name, 0) == 0)
			log_notice("removed %s/%s, which an interrupted write left", files->path, name);
		else if (errno != ENOENT)
			return error_set_errno(e, STATUS_IO, "secrets.io", "cannot remove %s/%s", files->path, name);
	}
	return 0;
}

static int
files_rename_next(const struct files *files, const char *name, struct error *e)
{
	char next[FILES_NAME_MAX];

	(void)snprintf(next, sizeof(next), "%s" FILES_NEXT, name);
	files_step();
	if (renameat(files->fd, next, files->fd, name) == -1 && errno != ENOENT)
		return error_set_errno(e, STATUS_IO, "secrets.io", "cannot write %s/%s", files->path, name);
	return 0;
}

/* The journal is there: the new files count. They take their places, and then the journal goes. */
static int
files_finish(const struct files *files, struct error *e)
{
	for (size_t i = 0; i < sizeof(files_secrets) / sizeof(files_secrets[0]); i++)
		if (files_rename_next(files, files_secrets[i], e) == -1)
			return -1;
	files_step();
	if (fsync(files->fd) == -1 || unlinkat(files->fd, FILES_JOURNAL, 0) == -1 || fsync(files->fd) == -1)
		return error_set_errno(e, STATUS_IO, "secrets.io", "cannot remove %s/" FILES_JOURNAL, files->path);
	return 0;
}

static void
files_undo(const struct files *files)
{
	char next[FILES_NAME_MAX];

	for (size_t i = 0; i < sizeof(files_secrets) / sizeof(files_secrets[0]); i++) {
		(void)snprintf(next, sizeof(next), "%s" FILES_NEXT, files_secrets[i]);
		if (unlinkat(files->fd, next, 0) == 0)
			log_notice("removed %s/%s: its replacement was interrupted before it counted", files->path,
			    next);
	}
}

static int
files_recover(const struct files *files, struct error *e)
{
	int interrupted = files_exists(files, FILES_JOURNAL, e);

	if (interrupted == 1) {
		log_notice("finishing the replacement of secrets in %s, which was interrupted", files->path);
		return files_finish(files, e);
	}
	if (interrupted == 0)
		files_undo(files);
	return interrupted;
}

int
files_replace(const struct files *files, const struct files_new *list, size_t n, struct error *e)
{
	static const char journal[] = "The files .next count: they replace those of their names.\n";
	char next[FILES_NAME_MAX];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(next, sizeof(next), "%s" FILES_NEXT, list[i].name);
		if (files_write(files, next, list[i].data, list[i].size, e) == -1) {
			files_undo(files);
			return -1;
		}
	}
	if (files_write(files, FILES_JOURNAL, (const uint8_t *)journal, sizeof(journal) - 1, e) == -1) {
		files_undo(files);
		return -1;
	}
	return files_finish(files, e);
}

int
files_open(struct files *files, const char *path, struct error *e)
{
	struct stat st;

	files->path = path;
	files->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (files->fd == -1 && errno == ENOENT)
		return error_set(e, STATUS_DATA, "secrets.missing",
		    "%s is missing: bibd makes it when it starts; start it again", path);
	if (files->fd == -1 || fstat(files->fd, &st) == -1) {
		(void)error_set_errno(e, errno == EIO ? STATUS_IO : STATUS_DATA, "secrets.modes",
		    "cannot open the directory %s", path);
		files_close(files);
		return -1;
	}
	if (st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
		(void)error_set(e, STATUS_DATA, "secrets.modes",
		    "%s must belong to uid %ld with mode 0700, and has uid %ld and mode %04o; make it so with: chown "
		    "%ld %s && chmod 0700 %s; if others may have read the secrets in it, " FILES_WAY_BACK_IDENTITY,
		    path, (long)geteuid(), (long)st.st_uid, (unsigned)(st.st_mode & 07777), (long)geteuid(), path,
		    path);
		files_close(files);
		return -1;
	}
	if (files_remove_leftovers(files, e) == -1 || files_recover(files, e) == -1) {
		files_close(files);
		return -1;
	}
	return 0;
}

int
files_open_certificates(struct files *files, const char *path, struct error *e)
{
	struct stat st;

	files->path = path;
	files->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (files->fd == -1 || fstat(files->fd, &st) == -1) {
		(void)error_set_errno(e, STATUS_DATA, "certificates.directory", "cannot open the directory %s", path);
	} else if (st.st_uid != geteuid() || (st.st_mode & 022) != 0) {
		(void)error_set(e, STATUS_DATA, "certificates.directory",
		    "%s must belong to uid %ld and be writable for nobody else, and has uid %ld and mode %04o; make "
		    "it so with: chown -R %ld %s && chmod 0755 %s",
		    path, (long)geteuid(), (long)st.st_uid, (unsigned)(st.st_mode & 07777), (long)geteuid(), path,
		    path);
	} else if (files_remove_leftovers(files, e) == 0) {
		return 0;
	}
	files_close(files);
	return -1;
}

void
files_close(struct files *files)
{
	if (files->fd != -1)
		close(files->fd);
	files->fd = -1;
}

static int
files_not_seen(const struct files *files, const char *name, struct error *e)
{
	return error_set_errno(e, STATUS_IO, "secrets.io", "cannot look at %s/%s", files->path, name);
}

int
files_exists(const struct files *files, const char *name, struct error *e)
{
	struct stat st;

	if (fstatat(files->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : files_not_seen(files, name, e);
}

static const char *
files_way_back(const char *name)
{
	if (strcmp(name, FILES_IDENTITY) == 0)
		return FILES_WAY_BACK_IDENTITY;
	if (strcmp(name, FILES_CREDENTIALS) == 0)
		return FILES_WAY_BACK;
	return "move it away and start bibd again";
}

static int
files_check(const struct files *files, const char *name, const struct stat *st, struct error *e)
{
	if (!S_ISREG(st->st_mode))
		return error_set(e, STATUS_DATA, "secrets.modes", "%s/%s is not a plain file; %s", files->path, name,
		    files_way_back(name));
	if (st->st_uid != geteuid() || (st->st_mode & 077) != 0)
		return error_set(e, STATUS_DATA, "secrets.modes",
		    "%s/%s must belong to uid %ld with mode 0600, and has uid %ld and mode %04o; make it so with: "
		    "chown %ld %s/%s && chmod 0600 %s/%s; if others may have read it, %s",
		    files->path, name, (long)geteuid(), (long)st->st_uid, (unsigned)(st->st_mode & 07777),
		    (long)geteuid(), files->path, name, files->path, name, files_way_back(name));
	if (st->st_size <= 0 || st->st_size > FILES_SIZE_MAX)
		return error_set(e, STATUS_DATA, "secrets.damaged", "%s/%s is damaged: it has %jd bytes; %s",
		    files->path, name, (intmax_t)st->st_size, files_way_back(name));
	return 0;
}

/* The open file, 0 when there is none, -1. The file is examined before it is opened, so that the message can say what
 * is wrong with it. */
static int
files_open_file(const struct files *files, const char *name, struct stat *st, int *fd, struct error *e)
{
	if (fstatat(files->fd, name, st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : files_not_seen(files, name, e);
	if (files_check(files, name, st, e) == -1)
		return -1;
	if ((*fd = openat(files->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) == -1)
		return error_set_errno(e, STATUS_IO, "secrets.io", "cannot open %s/%s", files->path, name);
	if (fstat(*fd, st) == -1) {
		(void)files_not_seen(files, name, e);
		close(*fd);
		return -1;
	}
	if (files_check(files, name, st, e) == -1) {
		close(*fd);
		return -1;
	}
	return 1;
}

int
files_read(const struct files *files, const char *name, uint8_t **data, size_t *size, struct error *e)
{
	struct stat st;
	int fd = -1, found = files_open_file(files, name, &st, &fd, e);

	if (found != 1)
		return found;
	*size = (size_t)st.st_size;
	if ((*data = malloc(*size)) == NULL || file_read_all(fd, *data, *size) == -1) {
		(void)error_set_errno(e, STATUS_IO, "secrets.io", "cannot read %s/%s", files->path, name);
		files_free(*data, *size);
		*data = NULL;
		close(fd);
		return -1;
	}
	close(fd);
	return 1;
}

void
files_free(uint8_t *data, size_t size)
{
	if (data != NULL)
		explicit_bzero(data, size);
	free(data);
}

int
files_read_public(const struct files *files, const char *name, char **text, struct error *e)
{
	struct stat st;
	int fd = openat(files->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), result = 1;

	if (fd == -1)
		return errno == ENOENT || errno == ELOOP
		    ? 0
		    : error_set_errno(e, STATUS_IO, "secrets.io", "cannot open %s/%s", files->path, name);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_size <= 0 ||
	    st.st_size > FILES_SIZE_MAX) {
		close(fd);
		return 0;
	}
	if ((*text = calloc(1, (size_t)st.st_size + 1)) == NULL ||
	    file_read_all(fd, (uint8_t *)*text, (size_t)st.st_size) == -1) {
		result = error_set_errno(e, STATUS_IO, "secrets.io", "cannot read %s/%s", files->path, name);
		free(*text);
		*text = NULL;
	}
	close(fd);
	return result;
}

int
files_stage(const struct files *files, const char *name, const void *data, size_t size, mode_t mode, int *fd,
    struct error *e)
{
	char new_name[FILES_NAME_MAX];
	int new_fd;

	files_new_name(name, new_name);
	files_step();
	new_fd = openat(files->fd, new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (new_fd == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "secrets.io", "cannot create %s/%s", files->path,
		    new_name);
	if (file_write_all(new_fd, data, size) == -1 || fchmod(new_fd, mode) == -1 || fsync(new_fd) == -1) {
		(void)error_set_errno(e, STATUS_IO, "secrets.io", "cannot write %s/%s", files->path, new_name);
		(void)unlinkat(files->fd, new_name, 0);
		close(new_fd);
		return -1;
	}
	if (fd == NULL)
		close(new_fd);
	else
		*fd = new_fd;
	return 0;
}

int
files_set_aside(const struct files *files, const char *name, const char *when, struct error *e)
{
	char aside[FILES_NAME_MAX];

	if (snprintf(aside, sizeof(aside), "%s-%s", name, when) >= (int)sizeof(aside))
		return error_set(e, STATUS_BUG, "secrets.io", "a name is too long: %s-%s", name, when);
	files_step();
	if (renameat2(files->fd, name, files->fd, aside, RENAME_NOREPLACE) == 0 && fsync(files->fd) == 0)
		return 1;
	return errno == ENOENT
	    ? 0
	    : error_set_errno(e, STATUS_IO, "secrets.io", "cannot set %s/%s aside", files->path, name);
}

int
files_commit(const struct files *files, const char *name, struct error *e)
{
	char new_name[FILES_NAME_MAX];

	files_new_name(name, new_name);
	files_step();
	if (renameat(files->fd, new_name, files->fd, name) == 0 && fsync(files->fd) == 0)
		return 0;
	(void)error_set_errno(e, STATUS_IO, "secrets.io", "cannot write %s/%s", files->path, name);
	(void)unlinkat(files->fd, new_name, 0);
	return -1;
}

int
files_write(const struct files *files, const char *name, const uint8_t *data, size_t size, struct error *e)
{
	return files_stage(files, name, data, size, 0600, NULL, e) == -1 ? -1 : files_commit(files, name, e);
}
