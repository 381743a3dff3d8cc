/* Certificates and keys as files that exist in memory alone, since libpq takes them by name and in no other way. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memfd.h"
#include "workers/postgres/store/credentials.h"

/* The file of that name, or a new one without a descriptor, or NULL when there are too many. */
static struct pg_credentials_file *
files_find(struct pg_credentials *credentials, const char *name)
{
	struct pg_credentials_file *file;

	for (unsigned i = 0; i < credentials->nfiles; i++)
		if (strcmp(credentials->files[i].name, name) == 0)
			return &credentials->files[i];
	if (credentials->nfiles == CREDENTIALS_FILES_MAX)
		return NULL;
	file = &credentials->files[credentials->nfiles++];
	(void)snprintf(file->name, sizeof(file->name), "%s", name);
	file->fd = -1;
	return file;
}

/* A connection that is being made may use the file's name: it stays, and leads to the new content at once. */
static int
files_put(struct pg_credentials_file *file, int fd)
{
	if (file->fd == -1) {
		file->fd = fd;
		(void)snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", fd);
		return 0;
	}
	if (dup3(fd, file->fd, O_CLOEXEC) == -1) {
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

/* libpq refuses a key that others may read. */
static int
files_write(struct pg_credentials *credentials, const char *name, const char *first, const char *second,
    struct error *e)
{
	struct pg_credentials_file *file = files_find(credentials, name);
	size_t size = strlen(first) + strlen(second);
	char *text = malloc(size + 1);
	int fd;

	if (text == NULL || file == NULL) {
		free(text);
		errno = ENOMEM;
		return error_set_errno(e, STATUS_OS, "credentials.memory", "cannot keep a certificate in memory");
	}
	(void)snprintf(text, size + 1, "%s%s", first, second);
	fd = memfd_create_sealed("bibd-certificate", text, size, e);
	explicit_bzero(text, size);
	free(text);
	if (fd == -1)
		return -1;
	if (fchmod(fd, 0600) == -1 || files_put(file, fd) == -1)
		return error_set_errno(e, STATUS_OS, "credentials.memory", "cannot keep a certificate in memory");
	return 0;
}

int
pg_credentials_write_files(struct pg_credentials *credentials, struct error *e)
{
	if (credentials->authority[0] != '\0' &&
	    files_write(credentials, CREDENTIALS_AUTHORITY, credentials->authority, "", e) == -1)
		return -1;
	for (unsigned i = 0; i < credentials->count; i++) {
		const struct pg_credential *row = &credentials->rows[i];

		if (row->certificate[0] != '\0' &&
		    files_write(credentials, row->login, row->certificate, row->key, e) == -1)
			return -1;
	}
	return 0;
}

const char *
pg_credentials_file(const struct pg_credentials *credentials, const char *name)
{
	for (unsigned i = 0; i < credentials->nfiles; i++)
		if (strcmp(credentials->files[i].name, name) == 0 && credentials->files[i].fd != -1)
			return credentials->files[i].path;
	return NULL;
}

void
pg_credentials_close_files(struct pg_credentials *credentials)
{
	for (unsigned i = 0; i < credentials->nfiles; i++)
		if (credentials->files[i].fd != -1)
			close(credentials->files[i].fd);
	credentials->nfiles = 0;
}
