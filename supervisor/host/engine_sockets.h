/*
 * The API sockets of container engines on this host: where they are, and which groups the container worker needs to
 * reach them. The supervisor looks at their owners and no more; whether an engine answers is the worker's to find out.
 */
#ifndef BIBD_SUPERVISOR_ENGINE_SOCKETS_H
#define BIBD_SUPERVISOR_ENGINE_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/conf.h"

#define ENGINE_SOCKETS_GROUPS_MAX 4
#define ENGINE_SOCKETS_TEXT_MAX 1024

struct engine_sockets {
	char docker[ENGINE_SOCKETS_TEXT_MAX];	 /* the one to try, or "" where Docker is not to be used */
	char podman[ENGINE_SOCKETS_TEXT_MAX];	 /* those to try, one a line; likewise */
	bool kubernetes;			 /* this host is a node of a cluster */
	gid_t groups[ENGINE_SOCKETS_GROUPS_MAX]; /* what the container worker that runs was given */
	size_t ngroups;
};

/* Docker's is database.postgres.socket_path, else DOCKER_HOST where it names a Unix socket, else /var/run/docker.sock.
 * Podman's are socket_path, else the usual ones, rootful and rootless. A runtime that is named leaves the other out. */
void engine_sockets_find(struct engine_sockets *sockets, const struct conf *conf);

/* The groups that own those of the sockets that are there, but never root's. Returns how many. */
size_t engine_sockets_groups(const struct engine_sockets *sockets, gid_t groups[ENGINE_SOCKETS_GROUPS_MAX]);
/* Whether these groups differ from those that the worker was given, since an engine was installed or started later. */
bool engine_sockets_changed(const struct engine_sockets *sockets);

#endif
