/*
 * The container's specification: a pure function from the configuration and a few ids to the argument vector that makes
 * the container, and to a hash of it. A container whose label has the hash of the present specification need not be
 * made anew.
 */
#ifndef BIBD_CONTAINER_SPEC_H
#define BIBD_CONTAINER_SPEC_H

#include "workers/container/engine/engine.h"
#include "workers/container/mounts.h"

#define SPEC_HASH_SIZE 65 /* SHA-256 in lower-case hexadecimal, and a NUL */

/* Where things are inside the container. */
#define SPEC_DATA ENGINE_DATA
#define SPEC_RUN "/bibd/run"
#define SPEC_WAL "/bibd/wal"
#define SPEC_MOVE "/bibd/move" /* the old server's socket while its database is moved */
#define SPEC_CERTIFICATES "/bibd/certs"
#define SPEC_HBA "/bibd/etc/pg_hba.conf"
#define SPEC_IDENT "/bibd/etc/pg_ident.conf"
#define SPEC_CONF "/bibd/etc/postgresql.conf"

/* The values of the label bibd.role. */
#define SPEC_ROLE_SERVER "postgres"
#define SPEC_ROLE_SETUP "setup"
#define SPEC_ROLE_DRILL "drill"

struct spec {
	const struct conf *conf;
	const char *node_id;
	const struct engine *engine;
	uint32_t uid, gid; /* the user and group that the server runs as */
	uint32_t archive;  /* the user of bibd-archive, 0: none of its own */
	bool separated;
	uint32_t version; /* the major one of the database, 0: not known */
};

/* bibd-postgres-<node-id>, and the one-shot containers' names, which have "-setup" or, for the server that a database
 * is moved from, "-source" after that. */
void spec_server_name(const char *node_id, char *buf, size_t size);
void spec_setup_name(const char *node_id, char *buf, size_t size);
void spec_source_name(const char *node_id, char *buf, size_t size);

/* Whether logins come over TCP, and whether a network of bibd's own is wanted. */
bool spec_is_tcp(const struct conf *conf);
bool spec_wants_network(const struct conf *conf);

void spec_files(const struct spec *spec, struct mounts_input *input);

/* A hash of all that the server's container is made from, the mounted files included; of the image its name. Errors:
 * container.spec. */
int spec_hash(const struct spec *spec, char hash[SPEC_HASH_SIZE], struct error *e);

/* The whole command that makes and starts the server's container from that image; it prints the container's id. Errors:
 * container.spec. */
int spec_server_arguments(const struct spec *spec, const char *image, const char *hash, struct arguments *arguments,
    struct error *e);

/* The command of a one-shot container that runs a shell's script, with parameters, on the directory
 * postgres/<data_name>, reads standard input, keeps no log and is removed at its end. Errors: container.spec. */
int spec_setup_arguments(const struct spec *spec, const char *image, const char *data_name, const char *script,
    const struct arguments *parameters, struct arguments *arguments, struct error *e);

/* The commands of the two one-shot containers of a move to another major version: one serves postgres/data as the
 * source, the other fills postgres/move/data, with all settings of the server (spec->version: the new one) as further
 * parameters. Both read standard input, keep no log and are removed at their end. Errors: container.spec. */
int spec_source_arguments(const struct spec *spec, const char *image, const char *script,
    const struct arguments *parameters, struct arguments *arguments, struct error *e);
int spec_target_arguments(const struct spec *spec, const char *image, const char *script,
    const struct arguments *parameters, struct arguments *arguments, struct error *e);

/* Asks the image for its version. Errors: container.spec. */
int spec_version_arguments(const struct spec *spec, const char *image, struct arguments *arguments, struct error *e);

/* The same of a drill, as bibd-archive's user, on the directory where that has restored a database; number: one that no
 * other drill's container has in its name. Nothing of the server's is in it. */
int spec_drill_arguments(const struct spec *spec, const char *image, int64_t number, const char *script,
    const struct arguments *parameters, struct arguments *arguments, struct error *e);

#endif
