/*
 * When a server is not started, and what is said of it: a container of its name is somebody else's, the engine has
 * users of its own, or another engine may still run the server.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "workers/container/container.h"
#include "workers/container/owner.h"

/* ---- a container of our name that is somebody else's ---- */

bool
managed_server_needs_refusal(const struct managed_server *server)
{
	return owner_of_server(server, &server->container) > OWNER_US ||
	    owner_of_setup(server, &server->setup) > OWNER_US || owner_of_setup(server, &server->source) > OWNER_US;
}

/* A copy of data_dir has the same node.id, and so the same names. */
static void
managed_server_refuse_copy(struct managed_server *server, const struct inspection *container)
{
	char path[PATH_MAX] = "", command[ENGINE_COMMAND_MAX];
	struct error e;

	engine_command(&server->engine, command);
	(void)conf_postgres_path(server->worker->conf, "data", path, sizeof(path));
	(void)error_set(&e, STATUS_DATA, "container.not_ours",
	    "the container %s %s on %s, and not on %s: this data_dir is a copy of that node's, or was moved. Of the "
	    "two, one can be on this host: remove this data_dir, or, to keep it, stop the other bibd, run `%s stop "
	    "%.12s && %s rm %.12s`, and "
	    "start this one",
	    container->name, container->running ? "runs" : "is there",
	    container->data[0] != '\0' ? container->data : "no directory of this host", path, command, container->id,
	    command, container->id);
	managed_server_fail(server, &e);
}

void
managed_server_refuse(struct managed_server *server)
{
	const struct inspection *one_shot =
	    owner_of_setup(server, &server->source) > OWNER_US ? &server->source : &server->setup;
	bool setup = owner_of_setup(server, one_shot) > OWNER_US;
	const struct inspection *container = setup ? one_shot : &server->container;
	char command[ENGINE_COMMAND_MAX];
	struct error e;

	engine_command(&server->engine, command);
	if (server->wanted == MANAGED_SERVER_WANT_STOPPED) {
		managed_server_say_stopped(server, "");
		return;
	}
	if ((setup ? owner_of_setup(server, container) : owner_of_server(server, container)) == OWNER_COPY) {
		managed_server_refuse_copy(server, container);
		return;
	}
	(void)error_set(&e, STATUS_DATA, "container.not_ours",
	    "a container named %s is there that this node did not make: it is left alone; rename it with: %s rename %s "
	    "%s-other",
	    container->name, command, container->name, container->name);
	managed_server_fail(server, &e);
}

/* ---- an engine whose users are not this host's ---- */

bool
managed_server_is_mapped(const struct managed_server *server)
{
	struct stat st;

	if (!managed_server_wants_server(server) || !server->engine.rootless)
		return false;
	return server->engine.kind == &engine_docker ||
	    (stat(server->engine.socket, &st) == 0 && st.st_uid != 0 && st.st_uid != server->uid);
}

void
managed_server_refuse_mapping(struct managed_server *server)
{
	struct stat st = { 0 };
	struct error e;

	(void)stat(server->engine.socket, &st);
	if (server->engine.kind == &engine_docker)
		(void)error_set(&e, STATUS_CONFIG, "container.users",
		    "docker on %s is rootless: no container of its can run as uid %u, whose files PostgreSQL's are; "
		    "let bibd use a docker that runs as root, or podman",
		    server->engine.socket, (unsigned)server->uid);
	else
		(void)error_set(&e, STATUS_CONFIG, "container.users",
		    "podman on %s is rootless and uid %u's: its containers run as that user, and PostgreSQL is to run "
		    "as uid %u; start bibd as uid %u, or let it use root's podman",
		    server->engine.socket, (unsigned)st.st_uid, (unsigned)server->uid, (unsigned)st.st_uid);
	managed_server_fail(server, &e);
}

/* ---- a server that another engine runs ---- */

bool
managed_server_is_elsewhere(const struct managed_server *server)
{
	struct record record;

	if (!managed_server_wants_server(server) || server->container.running)
		return false;
	record_read(server->home, &record);
	return record_is_elsewhere(&record, &server->engine);
}

void
managed_server_refuse_second(struct managed_server *server)
{
	struct record record;
	struct error e;

	record_read(server->home, &record);
	(void)error_set(&e, STATUS_DATA, "container.elsewhere",
	    "the server was started by %s on %s and may still run there, where %s cannot see it; two servers would "
	    "destroy the database: let bibd use %s again, or, where it is gone for good, run: %s %s unix://%s rm -f "
	    "%.12s; rm %s/server",
	    record.engine, record.socket, server->engine.kind->name, record.engine, record.engine,
	    strcmp(record.engine, engine_docker.name) == 0 ? engine_docker.socket_option : engine_podman.socket_option,
	    record.socket, record.container_id, server->home);
	managed_server_fail(server, &e);
}
