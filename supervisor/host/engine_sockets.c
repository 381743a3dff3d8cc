/*
 * Lists the places where Docker's and Podman's sockets may be, and the groups that own those that exist.
 */
#include "supervisor/host/engine_sockets.h"

#include <bsd/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCKER_SOCKET "/var/run/docker.sock"
#define PODMAN_SOCKET "/run/podman/podman.sock"
#define UNIX_SCHEME "unix://"

static void
engine_sockets_find_docker(struct engine_sockets *sockets, const char *configured)
{
	const char *variable = getenv("DOCKER_HOST"), *path = DOCKER_SOCKET;

	if (configured[0] != '\0')
		path = configured;
	else if (variable != NULL && strncmp(variable, UNIX_SCHEME, strlen(UNIX_SCHEME)) == 0)
		path = variable + strlen(UNIX_SCHEME);
	(void)strlcpy(sockets->docker, path, sizeof(sockets->docker));
}

/* A rootless service listens in its user's runtime directory. */
static void
engine_sockets_find_podman(struct engine_sockets *sockets, const char *configured)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char text[ENGINE_SOCKETS_TEXT_MAX / 2];

	if (configured[0] != '\0') {
		(void)strlcpy(sockets->podman, configured, sizeof(sockets->podman));
		return;
	}
	if (geteuid() != 0 && runtime != NULL && runtime[0] == '/')
		(void)snprintf(text, sizeof(text), "%s/podman/podman.sock\n", runtime);
	else
		(void)snprintf(text, sizeof(text), "/run/user/%lu/podman/podman.sock\n", (unsigned long)geteuid());
	if (geteuid() != 0)
		(void)strlcpy(sockets->podman, text, sizeof(sockets->podman));
	(void)strlcat(sockets->podman, PODMAN_SOCKET, sizeof(sockets->podman));
}

void
engine_sockets_find(struct engine_sockets *sockets, const struct conf *conf)
{
	enum conf_runtime runtime = conf->database.postgres.container_runtime;
	const char *configured = conf->database.postgres.socket_path;

	*sockets = (struct engine_sockets) { .kubernetes = getenv("KUBERNETES_SERVICE_HOST") != NULL };
	if (runtime == CONF_RUNTIME_DETECT || runtime == CONF_RUNTIME_DOCKER)
		engine_sockets_find_docker(sockets, configured);
	if (runtime == CONF_RUNTIME_DETECT || runtime == CONF_RUNTIME_PODMAN)
		engine_sockets_find_podman(sockets, configured);
}

static size_t
engine_sockets_add_group(const char *path, gid_t groups[ENGINE_SOCKETS_GROUPS_MAX], size_t n)
{
	struct stat st;

	/* Group 0 opens more than a socket. */
	if (n == ENGINE_SOCKETS_GROUPS_MAX || stat(path, &st) == -1 || !S_ISSOCK(st.st_mode) || st.st_gid == 0)
		return n;
	for (size_t i = 0; i < n; i++)
		if (groups[i] == st.st_gid)
			return n;
	groups[n] = st.st_gid;
	return n + 1;
}

size_t
engine_sockets_groups(const struct engine_sockets *sockets, gid_t groups[ENGINE_SOCKETS_GROUPS_MAX])
{
	char podman[ENGINE_SOCKETS_TEXT_MAX], *save = NULL;
	size_t n = 0;

	if (sockets->docker[0] != '\0')
		n = engine_sockets_add_group(sockets->docker, groups, n);
	(void)strlcpy(podman, sockets->podman, sizeof(podman));
	for (char *path = strtok_r(podman, "\n", &save); path != NULL; path = strtok_r(NULL, "\n", &save))
		n = engine_sockets_add_group(path, groups, n);
	return n;
}

bool
engine_sockets_changed(const struct engine_sockets *sockets)
{
	gid_t groups[ENGINE_SOCKETS_GROUPS_MAX];
	size_t n = engine_sockets_groups(sockets, groups);

	return n != sockets->ngroups || memcmp(groups, sockets->groups, n * sizeof(groups[0])) != 0;
}
