/*
 * Compares a container's labels and mounts with this node's id and directory.
 */
#include "workers/container/owner.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "workers/container/container.h"

/* Compares what the paths lead to, since an engine may spell a path otherwise than the configuration does. */
static bool
owner_is_same_directory(const char *a, const char *b)
{
	struct stat one, other;

	if (strcmp(a, b) == 0)
		return true;
	return a[0] == '/' && stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
	    one.st_ino == other.st_ino;
}

static bool
owner_mounts(const struct managed_server *server, const struct inspection *container, const char *name)
{
	char path[PATH_MAX];

	return conf_postgres_path(server->worker->conf, name, path, sizeof(path)) == 0 &&
	    owner_is_same_directory(container->data, path);
}

static bool
owner_is_labelled(const struct managed_server *server, const struct inspection *container, const char *role)
{
	return strcmp(container->node, server->worker->node_id) == 0 && strcmp(container->role, role) == 0;
}

enum owner
owner_of_server(const struct managed_server *server, const struct inspection *container)
{
	if (!container->present)
		return OWNER_NOBODY;
	if (!owner_is_labelled(server, container, SPEC_ROLE_SERVER))
		return OWNER_STRANGER;
	return owner_mounts(server, container, "data") ? OWNER_US : OWNER_COPY;
}

enum owner
owner_of_setup(const struct managed_server *server, const struct inspection *container)
{
	if (!container->present)
		return OWNER_NOBODY;
	if (!owner_is_labelled(server, container, SPEC_ROLE_SETUP))
		return OWNER_STRANGER;
	return owner_mounts(server, container, "data.new") || owner_mounts(server, container, "data") ||
		owner_mounts(server, container, "move/data")
	    ? OWNER_US
	    : OWNER_COPY;
}
