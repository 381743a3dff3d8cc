/*
 * TCP ports of this host: an address to listen on, and who listens on a port.
 */
#ifndef BIBD_PORT_H
#define BIBD_PORT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Reads an IP address, to listen on this port of it. Returns the address's length, or 0 when the text is no address. */
socklen_t port_parse_address(const char *text, uint16_t port, struct sockaddr_storage *address);

/* Writes "postgres (pid 12)" for the first process that listens on the port; or its user, where only root may see the
 * process; or that the kernel shows no such socket. */
void port_describe_owner(uint16_t port, char *buf, size_t size);

#endif
