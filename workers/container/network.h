/*
 * What a server on TCP needs: the network that bibd makes for its container, and a free port.
 */
#ifndef BIBD_CONTAINER_NETWORK_H
#define BIBD_CONTAINER_NETWORK_H

#include "workers/container/server.h"

/* A network that bibd made bears this label. */
#define NETWORK_LABEL "bibd.network"

/* A step: makes the network when it is not there, and refuses one of that name which bibd did not make; advances. */
void network_make(struct managed_server *server);

/* A step of a stop: removes the network when it is ours and nobody uses it any more; advances in any case. */
void network_remove(struct managed_server *server);

/* Whether that address and port can be listened on now. Errors: container.port_in_use (names who has it, as far as that
 * can be seen), container.port. */
int port_is_free(const char *address, unsigned port, struct error *e);

#endif
