/*
 * Tries whether the server's port is free, and names the process that listens on it when it is not.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/port.h"
#include "workers/container/network.h"

#define PORT_HOLDER_MAX 128

int
port_is_free(const char *address, unsigned port, struct error *e)
{
	struct sockaddr_storage where;
	socklen_t size = port_parse_address(address, (uint16_t)port, &where);
	char holder[PORT_HOLDER_MAX];
	int fd, one = 1, result = 0;

	if (size == 0)
		return error_set(e, STATUS_CONFIG, "container.port",
		    "database.postgres.network.bind_address: %s is no address", address);
	if ((fd = socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return error_set_errno(e, STATUS_OS, "container.port", "cannot look whether port %u is free", port);
	/* As the engine does it: connections of the last server in TIME_WAIT do not count. */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&where, size) == -1 || listen(fd, 1) == -1) {
		if (errno == EADDRINUSE) {
			port_describe_owner((uint16_t)port, holder, sizeof(holder));
			result = error_set(e, STATUS_UNAVAILABLE, "container.port_in_use",
			    "port %u on %s is in use by %s: stop that, or choose another database.postgres.port", port,
			    address, holder);
		} else
			result = error_set_errno(e, STATUS_UNAVAILABLE, "container.port",
			    "port %u on %s cannot be used", port, address);
	}
	close(fd);
	return result;
}
