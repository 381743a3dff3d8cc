/*
 * PostgreSQL as bibd-archive sees it: a connection for replication over the server's socket, by which it sends a base
 * backup of itself while it serves. No program of the image is run, and no password is needed: bibd-archive is let in
 * by its user. All of it blocks, and is for a job's thread.
 *
 * Errors: postgres.away (69: the server does not answer, or ends the connection), postgres.refused (69, with its own
 * words), postgres.stream (65: what it sent is not what it says that it is), archive.stopping (69), and those of the
 * repository.
 */
#ifndef BIBD_ARCHIVE_POSTGRES_H
#define BIBD_ARCHIVE_POSTGRES_H

#include <stdatomic.h>

#include "workers/archive/repository/repository.h"

struct postgres_server {
	const char *directory; /* of its socket */
	unsigned port;
	const atomic_bool *stopping; /* give up */
};

/* What names the role in pg_hba.conf and in the server (workers/container/mounts.h), and bibd-archive in
 * synchronous_standby_names (workers/postgres/standby.c). */
#define POSTGRES_ROLE "bibd_archive"

/* Takes a base backup, and puts all files into the writer, the server's manifest last; each was compared with the
 * checksum that the server has of it. fast: the checkpoint at the beginning is not spread over minutes. with_log: the
 * write-ahead log that makes it consistent is in it, as far as a replication slot may keep that; else it must come from
 * elsewhere. The note says at which point the backup stands. */
int postgres_base(const struct postgres_server *server, bool fast, bool with_log, struct backup_writer *writer,
    char note[REPOSITORY_NOTE_SIZE], struct error *e);

#endif
