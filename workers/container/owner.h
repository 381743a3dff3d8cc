/*
 * Which node a container with one of our names belongs to. Its labels name a node, but a copy of a data_dir bears the
 * same node.id: only the directory that is mounted as PostgreSQL's data tells whose it is.
 */
#ifndef BIBD_CONTAINER_OWNER_H
#define BIBD_CONTAINER_OWNER_H

#include "workers/container/server.h"

enum owner {
	OWNER_NOBODY, /* there is no such container */
	OWNER_US,
	OWNER_COPY,    /* its labels are this node's, its directory is another */
	OWNER_STRANGER /* its labels are not ours */
};

/* Of the server's container: it has postgres/data. */
enum owner owner_of_server(const struct managed_server *server, const struct inspection *container);
/* Of a one-shot one: it has postgres/data, postgres/data.new or postgres/move/data. */
enum owner owner_of_setup(const struct managed_server *server, const struct inspection *container);

#endif
