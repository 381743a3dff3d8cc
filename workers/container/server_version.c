/*
 * Whether the image is of the database's major version is found out before any of its programs meets the database. An
 * image that has served it is known (images.h); another one is asked.
 */
#include "common/log.h"
#include "workers/container/container.h"

static void
managed_server_say_differs(struct managed_server *server, uint32_t version)
{
	server->state = MANAGED_SERVER_ABSENT;
	(void)channel_send_server_differs(&server->worker->channel, server->start_id,
	    &(struct message_server_differs) { .version = version }, -1);
	managed_server_rest(server);
}

bool
managed_server_needs_version(const struct managed_server *server)
{
	return server->wanted == MANAGED_SERVER_WANT_RUNNING && server->version != 0 && !server->version_known &&
	    (server->incompatible[0] != '\0' || !images_has(server->home, server->version, server->image_id));
}

/* An image that cannot say its version is started as it is: PostgreSQL refuses a database that is not its own. */
static void
managed_server_version_said(struct managed_server *server, const struct job_result *result)
{
	uint32_t version = job_succeeded(result) ? images_version(result->output) : 0;
	struct error e;

	if (server->wanted == MANAGED_SERVER_WANT_STOPPED) {
		managed_server_look(server);
		return;
	}
	server->version_known = true;
	if (version != 0 && version != server->version) {
		managed_server_say_differs(server, version);
		return;
	}
	if (server->incompatible[0] == '\0') {
		managed_server_advance(server);
		return;
	}
	(void)error_set(&e, STATUS_DATA, "container.incompatible", "%s", server->incompatible);
	managed_server_fail(server, &e);
}

void
managed_server_ask_version(struct managed_server *server)
{
	struct spec spec = managed_server_spec(server);
	struct arguments arguments = { 0 };
	struct error e;

	server->state = MANAGED_SERVER_CREATING;
	if (spec_version_arguments(&spec, managed_server_image(server), &arguments, &e) == -1)
		managed_server_fail(server, &e);
	else
		(void)managed_server_run(server, MANAGED_SERVER_TASK_STEP, &arguments, NULL,
		    managed_server_version_said);
}

void
managed_server_note_image(const struct managed_server *server)
{
	struct error e;

	if (images_note(server->home, server->version, server->image_id, server->worker->conf->database.postgres.image,
		&e) == -1)
		log_warning("%s", e.text);
}
