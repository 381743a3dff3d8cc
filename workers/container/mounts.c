/*
 * Writes the files that are mounted into the container: passwd, group, the rules of who may log in, and settings.
 */
#include "workers/container/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/roles.h"
#include "workers/container/engine/engine.h"

#define MOUNTS_SIZE_MAX 4096

const char *const mounts_names[MOUNTS_FILES] = { [MOUNTS_PASSWD] = "passwd",
	[MOUNTS_GROUP] = "group",
	[MOUNTS_HBA] = "pg_hba.conf",
	[MOUNTS_IDENT] = "pg_ident.conf",
	[MOUNTS_CONF] = "postgresql.conf" };

/* The superuser has no password: over TCP, and for users that are not in the map, there is no way to log in as it. */
#define MOUNTS_HBA_LOCAL \
	"# Made by bibd; changes are lost at the next start.\n" \
	"local all         postgres peer map=bibd\n" \
	"local replication " MOUNTS_ARCHIVE " peer map=bibd\n" \
	"local replication all      reject\n" \
	"local all         all      scram-sha-256\n"
/* samenet: the networks of the container itself, whose gateway a published port's clients come from. */
#define MOUNTS_HBA_TCP \
	"host  all         postgres all     reject\n" \
	"host  all         all      samenet scram-sha-256\n"

/* With TLS each client shows a certificate of its name: bibd's logins beside their password, the operator in place of
 * one. bibd's probe asks whether the server takes logins, and makes none. Its name begins with pg_, which no role's
 * name can: so a client that uses the name is asked for a password and gets no further. */
#define MOUNTS_LOGINS(NAME, name) ",bibd_" #name "_a,bibd_" #name "_b"
#define MOUNTS_HBA_TLS \
	"hostnossl all       pg_bibd_probe samenet scram-sha-256\n" \
	"hostssl all         postgres samenet cert\n" \
	"hostssl all         bibd_system" ROLE_TABLE(MOUNTS_LOGINS) " samenet scram-sha-256 clientcert=verify-full\n" \
								    "host    all         all      all reject\n" \
								    "host    replication all      all reject\n"

/* The peer of a socket is a uid, which is named by passwd: root, bibd-archive's, or the one that the server runs as. */
#define MOUNTS_IDENT_BEGIN \
	"# Made by bibd; changes are lost at the next start.\n" \
	"bibd root postgres\n"
#define MOUNTS_IDENT_SEPARATED MOUNTS_IDENT_BEGIN "bibd _bibarc " MOUNTS_ARCHIVE "\n"
#define MOUNTS_IDENT_TOGETHER MOUNTS_IDENT_BEGIN "bibd postgres postgres\nbibd postgres " MOUNTS_ARCHIVE "\n"

/* The command line outranks files; but where a file says otherwise, each reload takes that for a change that needs a
 * restart, and logs that the file has errors. */
#define MOUNTS_CONF_BEGIN \
	"# Made by bibd; changes are lost at the next start.\n" \
	"include_if_exists '" ENGINE_DATA "/postgresql.conf'\n"

/* A text in PostgreSQL's quotes, malloc'ed. */
static char *
mounts_quote(const char *text)
{
	char *quoted = malloc(2 * strlen(text) + 3), *p = quoted;

	if (quoted == NULL)
		return NULL;
	*p++ = '\'';
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			*p++ = *text;
		*p++ = *text;
	}
	*p++ = '\'';
	*p = '\0';
	return quoted;
}

static int
mounts_print_conf(const struct mounts_input *input, char **text)
{
	char mb[32], *buffers;
	int n;

	(void)snprintf(mb, sizeof(mb), "%lldMB", input->shared_buffers_mb);
	buffers = mounts_quote(input->shared_buffers != NULL ? input->shared_buffers : mb);
	n = buffers == NULL ? -1
			    : asprintf(text,
				  MOUNTS_CONF_BEGIN "max_connections = %lld\nshared_buffers = %s\n"
						    "dynamic_shared_memory_type = posix\n",
				  input->max_connections, buffers);
	free(buffers);
	return n;
}

static int
mounts_print_users(const struct mounts_input *input, char **text)
{
	char archive[64] = "";

	if (input->archive != 0 && input->archive != input->uid)
		(void)snprintf(archive, sizeof(archive), "_bibarc:x:%u:%u::/:/bin/sh\n", (unsigned)input->archive,
		    (unsigned)input->gid);
	return asprintf(text, "root:x:0:0:root:/:/bin/sh\npostgres:x:%u:%u:PostgreSQL:/tmp:/bin/sh\n%s",
	    (unsigned)input->uid, (unsigned)input->gid, archive);
}

char *
mounts_text(enum mounts_file file, const struct mounts_input *input)
{
	char *text = NULL;
	int n = -1;

	switch (file) {
	case MOUNTS_PASSWD:
		n = mounts_print_users(input, &text);
		break;
	case MOUNTS_GROUP:
		n = asprintf(&text, "root:x:0:\npostgres:x:%u:\n", (unsigned)input->gid);
		break;
	case MOUNTS_HBA:
		n = asprintf(&text, "%s%s", MOUNTS_HBA_LOCAL,
		    !input->tcp	     ? ""
			: input->tls ? MOUNTS_HBA_TLS
				     : MOUNTS_HBA_TCP);
		break;
	case MOUNTS_IDENT:
		n = asprintf(&text, "%s", input->separated ? MOUNTS_IDENT_SEPARATED : MOUNTS_IDENT_TOGETHER);
		break;
	case MOUNTS_CONF:
		n = mounts_print_conf(input, &text);
		break;
	case MOUNTS_FILES:
		break;
	}
	return n == -1 ? NULL : text;
}

static bool
mounts_is_right(const char *path, const char *text)
{
	char there[MOUNTS_SIZE_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (fd == -1)
		return false;
	n = read(fd, there, sizeof(there));
	close(fd);
	return n >= 0 && (size_t)n == strlen(text) && memcmp(there, text, (size_t)n) == 0;
}

/* The files can be read by everybody, since the server runs as another user. */
static int
mounts_write_one(const char *path, const char *text, struct error *e)
{
	char new_path[PATH_MAX + 8];
	int fd;

	if (mounts_is_right(path, text))
		return 0;
	(void)snprintf(new_path, sizeof(new_path), "%s.new", path);
	if ((fd = file_create(AT_FDCWD, new_path, 0644)) == -1)
		return error_set_errno(e, STATUS_CANT_CREATE, "container.files", "cannot make %s", new_path);
	if (file_install(fd, AT_FDCWD, new_path, path, text, strlen(text)) == -1)
		return error_set_errno(e, STATUS_IO, "container.files", "cannot write %s", path);
	return 0;
}

int
mounts_write(const char *directory, const struct mounts_input *input, struct error *e)
{
	char path[PATH_MAX];

	for (int file = 0; file < MOUNTS_FILES; file++) {
		char *text = mounts_text((enum mounts_file)file, input);
		int n = snprintf(path, sizeof(path), "%s/%s", directory, mounts_names[file]), result;

		if (text == NULL || n < 0 || (size_t)n >= sizeof(path)) {
			free(text);
			return error_set(e, STATUS_OS, "container.files", "cannot make %s in %s", mounts_names[file],
			    directory);
		}
		result = mounts_write_one(path, text, e);
		free(text);
		if (result == -1)
			return -1;
	}
	return 0;
}
