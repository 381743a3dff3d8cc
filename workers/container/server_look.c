/*
 * Looks what is there: the engine, the containers of the node's two names, the image.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "workers/container/container.h"

/* Whether a container may be made: it must be certain which engine is used, and whether it is rootless. */
static bool
managed_server_may_go_ahead(const struct managed_server *server)
{
	return !engine_is_searched(&server->finder) ||
	    (!server->engine.rootless && !engine_may_be_another(&server->finder));
}

/* All answers have come: takes the next step. */
static void
managed_server_looked_at_all(struct managed_server *server)
{
	bool failed = server->look_error.text[0] != '\0';

	if (failed)
		engine_find_hurry(&server->finder);
	if (engine_is_searched(&server->finder) && (failed || !managed_server_may_go_ahead(server)))
		return;
	if (failed)
		managed_server_fail(server, &server->look_error);
	else
		managed_server_advance(server);
}

/* One of the looks has been answered; with the last one the next step is taken. */
static void
managed_server_looked(struct managed_server *server)
{
	if (--server->looks == 0)
		managed_server_looked_at_all(server);
}

/* Whether the engine has only complained that a container does not exist; it then prints the others. */
static bool
managed_server_only_missed(const struct job_result *result)
{
	return result->end == JOB_EXITED && strcasestr(result->error_text, "no such") != NULL;
}

static void
managed_server_take_containers(struct managed_server *server, const struct job_result *result)
{
	char name[ENGINE_NAME_MAX];

	if (!job_succeeded(result) && !managed_server_only_missed(result))
		(void)managed_server_complain(server, "looking for the server's container", result,
		    &server->look_error);
	spec_server_name(server->worker->node_id, name, sizeof(name));
	inspection_find(result->output, name, &server->container);
	spec_setup_name(server->worker->node_id, name, sizeof(name));
	inspection_find(result->output, name, &server->setup);
	spec_source_name(server->worker->node_id, name, sizeof(name));
	inspection_find(result->output, name, &server->source);
	managed_server_looked(server);
}

static void
managed_server_take_image(struct managed_server *server, const struct job_result *result)
{
	size_t size = strcspn(result->output, "\r\n");

	/* An image that cannot be inspected is fetched, whatever the reason; the fetch says what is wrong. */
	if (size > 0 && size < sizeof(server->image_id)) {
		(void)snprintf(server->image_id, sizeof(server->image_id), "%.*s", (int)size, result->output);
		server->image_known = true;
	}
	if (server->late_start)
		managed_server_say_started(server, server->late_adopted);
	else if (server->state == MANAGED_SERVER_LOOKING)
		managed_server_looked(server);
}

int
managed_server_inspect(struct managed_server *server, managed_server_task_fn *done)
{
	struct arguments arguments = { 0 };
	char name[ENGINE_NAME_MAX], setup_name[ENGINE_NAME_MAX], source_name[ENGINE_NAME_MAX];

	spec_server_name(server->worker->node_id, name, sizeof(name));
	spec_setup_name(server->worker->node_id, setup_name, sizeof(setup_name));
	spec_source_name(server->worker->node_id, source_name, sizeof(source_name));
	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "container", "inspect", "--format", server->engine.kind->inspect_format, name,
	    setup_name, source_name, NULL);
	return managed_server_run(server, MANAGED_SERVER_TASK_INSPECT, &arguments,
	    &(struct job_request) { .deadline_ms = ENGINE_ANSWER_MS }, done);
}

/* Asks for the image that ran last by its id, as long as the engine has it: its name may mean another image by now. */
static int
managed_server_inspect_image(struct managed_server *server)
{
	struct arguments arguments = { 0 };

	engine_begin(&server->engine, &arguments);
	arguments_add(&arguments, "image", "inspect", "--format", "{{.Id}}", NULL);
	if (server->image_id[0] != '\0')
		arguments_add(&arguments, server->image_id, NULL);
	arguments_add(&arguments, server->worker->conf->database.postgres.image, NULL);
	return managed_server_run(server, MANAGED_SERVER_TASK_IMAGE, &arguments,
	    &(struct job_request) { .deadline_ms = ENGINE_ANSWER_MS }, managed_server_take_image);
}

/* Writes the files that the server will need, while the engine is being asked. */
static int
managed_server_prepare(struct managed_server *server, struct error *e)
{
	struct spec spec = managed_server_spec(server);
	struct mounts_input files;
	char directory[PATH_MAX];

	if (conf_postgres_path(spec.conf, "etc", directory, sizeof(directory)) == -1)
		return error_set(e, STATUS_CONFIG, "container.files",
		    "the path of database.postgres.data_dir is too long");
	spec_files(&spec, &files);
	if (mounts_write(directory, &files, e) == -1)
		return -1;
	return spec_hash(&spec, server->hash, e);
}

static void
managed_server_cancel_look(struct managed_server *server)
{
	managed_server_cancel(server, MANAGED_SERVER_TASK_INSPECT);
	managed_server_cancel(server, MANAGED_SERVER_TASK_IMAGE);
}

/* Whether the image may be of another major version than the database. */
static bool
managed_server_doubts_version(const struct managed_server *server)
{
	return server->wanted == MANAGED_SERVER_WANT_RUNNING && server->version != 0 && !server->version_known &&
	    (server->incompatible[0] != '\0' ||
		!images_served_last(server->home, server->version, server->worker->conf->database.postgres.image));
}

/* Whether a container can be made without a look: the last one was removed in an orderly way, and its note with it. */
static bool
managed_server_may_hope(const struct managed_server *server)
{
	struct record record;

	if (server->wanted == MANAGED_SERVER_WANT_STOPPED || server->wanted == MANAGED_SERVER_WANT_MOVED ||
	    server->hope_spent || spec_is_tcp(server->worker->conf) || managed_server_doubts_version(server) ||
	    (server->wanted == MANAGED_SERVER_WANT_RUNNING && managed_server_is_to_be_set_up(server)) ||
	    !managed_server_may_go_ahead(server))
		return false;
	record_read(server->home, &record);
	return record.engine[0] == '\0';
}

/* Makes the container without a look. If something is in the way, the engine refuses, and then all is looked at. */
static void
managed_server_hope(struct managed_server *server)
{
	struct error e;

	server->hopeful = server->hope_spent = true;
	server->container = server->setup = server->source = (struct inspection) { 0 };
	if (managed_server_prepare(server, &e) == -1)
		managed_server_fail(server, &e);
	else if (server->wanted == MANAGED_SERVER_WANT_INITIALISED)
		managed_server_begin_setup(server);
	else if (server->image_id[0] != '\0' || managed_server_inspect_image(server) == 0)
		managed_server_create(server);
}

static void
managed_server_look_at_containers(struct managed_server *server)
{
	bool wants_image = server->wanted != MANAGED_SERVER_WANT_STOPPED;
	struct error e;

	if (managed_server_may_hope(server)) {
		managed_server_hope(server);
		return;
	}
	server->state = MANAGED_SERVER_LOOKING;
	server->hopeful = false;
	server->look_error.text[0] = '\0';
	server->looks = wants_image ? 2 : 1;
	if (managed_server_inspect(server, managed_server_take_containers) == -1 ||
	    (wants_image && managed_server_inspect_image(server) == -1))
		return;
	if (wants_image && managed_server_prepare(server, &e) == -1) {
		managed_server_cancel_look(server);
		engine_find_cancel(&server->finder);
		managed_server_fail(server, &e);
	}
}

static bool
managed_server_engine_asked(void *context, const struct engine *engine)
{
	struct managed_server *server = context;
	char program[PATH_MAX];

	managed_server_cancel_look(server);
	server->engine = *engine;
	if (job_find_program(server->jobs->path, engine->kind->program, program, sizeof(program)))
		record_read_version(server->home, engine, program, server->engine.version,
		    sizeof(server->engine.version));
	managed_server_look_at_containers(server);
	return server->engine.version[0] != '\0' && managed_server_may_go_ahead(server);
}

static void
managed_server_engine_found(void *context, const struct engine *engine, const struct error *e)
{
	struct managed_server *server = context;
	char program[PATH_MAX];

	if (engine == NULL && server->wanted == MANAGED_SERVER_WANT_NOTHING) {
		/* The container runs and is watched, so that this is only a warning. */
		log_warning("%s", e->text);
		return;
	}
	if (engine == NULL) {
		managed_server_cancel_look(server);
		managed_server_cancel(server, MANAGED_SERVER_TASK_STEP);
		if (!server->engine_was_used)
			server->engine.kind = NULL;
		managed_server_fail(server, e);
		return;
	}
	server->engine = *engine;
	server->engine_was_used = true;
	log_info("the engine is %s %s on %s%s", engine->kind->name, engine->version, engine->socket,
	    engine->rootless ? ", rootless" : "");
	if (job_find_program(server->jobs->path, engine->kind->program, program, sizeof(program)))
		record_write_version(server->home, engine, program);
	if (server->late_start)
		managed_server_say_started(server, server->late_adopted);
	else if (server->state == MANAGED_SERVER_LOOKING && server->looks == 0)
		managed_server_looked_at_all(server);
}

void
managed_server_look(struct managed_server *server)
{
	struct engine_search search = { .runtime = server->worker->conf->database.postgres.container_runtime,
		.docker_socket = server->docker_socket,
		.podman_sockets = server->podman_sockets,
		.kubernetes = server->kubernetes };
	enum engine_failure failure;

	/* The engine that was used stays in use, even when it is down: the server may have a container there. */
	if (server->engine_was_used) {
		search.runtime = server->engine.kind->runtime;
		if (engine_reach(server->engine.kind, server->engine.socket, &failure, NULL)) {
			managed_server_look_at_containers(server);
			return;
		}
	}
	server->state = MANAGED_SERVER_DETECTING;
	engine_find_cancel(&server->finder);
	engine_find(&server->finder, server->jobs, &search, managed_server_engine_asked, managed_server_engine_found,
	    server);
}
