/*
 * Opens the file with the credentials of S3 for bibd-archive.
 */
#include "supervisor/children/archive.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "supervisor/children/children.h"
#include "supervisor/host/operator_file.h"
#include "supervisor/node/node.h"

/* As LoadCredential= of the service manager names it. */
#define ARCHIVE_CREDENTIAL "bibd.s3"

static int
archive_find_file(const struct conf *conf, char *path, size_t size, struct error *e)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	int n = 0;

	if (conf->backup.s3.credentials_file[0] != '\0')
		n = snprintf(path, size, "%s", conf->backup.s3.credentials_file);
	else if (directory != NULL)
		n = snprintf(path, size, "%s/" ARCHIVE_CREDENTIAL, directory);
	else
		return error_set(e, STATUS_PERMISSION, "repository.credentials",
		    "there are no credentials for S3: let backup.s3.credentials_file name a file, or the service "
		    "manager load one as " ARCHIVE_CREDENTIAL);
	return n < 0 || (size_t)n >= size
	    ? error_set(e, STATUS_PERMISSION, "repository.credentials", "the path of the credentials is too long")
	    : 0;
}

static int
archive_open_file(const char *path, struct error *e)
{
	struct operator_file file;
	int fd = operator_file_open(path, true, &file);

	if (fd != -1)
		return fd;
	if (file.fault == OPERATOR_FILE_UNREADABLE)
		return error_set_errno(e, STATUS_PERMISSION, "repository.credentials",
		    "cannot open the credentials of S3, %s", path);
	return error_set(e, STATUS_PERMISSION, "repository.credentials",
	    "the credentials of S3, %s, must be a plain file that nobody but its owner can read, and have mode %04o: "
	    "chmod 0600 %s",
	    path, file.mode, path);
}

void
archive_send_credentials(struct child *archive)
{
	char path[PATH_MAX];
	struct error e;
	struct message_s3_refused refused = { .text = e.text };
	int fd = -1;

	if (archive_find_file(archive->node->conf, path, sizeof(path), &e) == 0)
		fd = archive_open_file(path, &e);
	if (fd != -1)
		(void)channel_send_s3_credentials(&archive->channel, 0, NULL, fd);
	else
		(void)channel_send_s3_refused(&archive->channel, 0, &refused, -1);
}
