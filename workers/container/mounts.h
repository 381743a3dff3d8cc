/*
 * The files that are mounted into the container read-only: who its users are, and who may log in how. There is no
 * secret in them, and no line that trusts anybody.
 */
#ifndef BIBD_CONTAINER_FILES_H
#define BIBD_CONTAINER_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* The role by which bibd-archive takes backups. */
#define MOUNTS_ARCHIVE "bibd_archive"

enum mounts_file { MOUNTS_PASSWD, MOUNTS_GROUP, MOUNTS_HBA, MOUNTS_IDENT, MOUNTS_CONF, MOUNTS_FILES };

/* "passwd", "group", "pg_hba.conf", "pg_ident.conf", "postgresql.conf". */
extern const char *const mounts_names[MOUNTS_FILES];

/* The user that the server runs as, and who may log in. */
struct mounts_input {
	uint32_t uid, gid; /* the server's own: "postgres" inside */
	uint32_t archive;  /* the uid of bibd-archive, where that has a user of its own; 0: it has none */
	bool separated; /* else the user that bibd runs as is the server's, and may log in as the superuser like root */
	bool tcp;	/* logins come over TCP too, from the networks that the container is attached to */
	bool tls;	/* and there with certificates alone */
	/* The settings of the command line that initdb also writes into postgresql.conf. */
	long long max_connections, shared_buffers_mb;
	const char *shared_buffers; /* NULL, or in place of that, as the operator wrote it */
};

/* The text of one file, malloc'ed; the same input gives the same text. NULL: out of memory. */
char *mounts_text(enum mounts_file file, const struct mounts_input *input);

/* Writes all of them into the directory, each whole or not at all; a file that is right already is left alone. Errors:
 * container.files. */
int mounts_write(const char *directory, const struct mounts_input *input, struct error *e);

#endif
