/*
 * Who listens on a TCP port of this host.
 */
#ifndef BIBD_CONTROL_PORT_OWNER_H
#define BIBD_CONTROL_PORT_OWNER_H

#include <stddef.h>
#include <stdint.h>

/* Writes "postgres (pid 12)" for the first process that listens on the port, or what is known short of it: the user, or
 * nothing when the kernel shows no such socket. */
void port_owner_describe(uint16_t port, char *buf, size_t size);

#endif
