#include "supervisor/server/server.h"

#include <bsd/string.h>
#include <limits.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/server/secrets.h"
#include "supervisor/supervisor.h"

const char *const server_state_names[] = { "absent", "waiting", "starting", "running", "in doubt", "stopping" };
_Static_assert(sizeof(server_state_names) / sizeof(server_state_names[0]) == SERVER_STATES, "one name for each state");

void
server_enter(struct server *server, enum server_state state)
{
	server->state = state;
	server->since_us = clock_realtime_us();
	if (state != SERVER_STARTING)
		server->progress[0] = '\0';
}

struct child *
server_worker(struct supervisor *s)
{
	struct child *child = supervisor_child(s, PROCESS_CONTAINER);

	return child != NULL && child_is_worker_up(child) ? child : NULL;
}

bool
server_is_managed(const struct supervisor *s)
{
	return s->node.conf->database.backend == CONF_BACKEND_POSTGRES && s->node.conf->database.postgres.managed;
}

void
server_end_node(struct supervisor *s, enum status status, const char *code, const char *text)
{
	struct error e;

	(void)error_set(&e, status, code, "%s", text);
	log_failure(&e);
	node_stop(&s->node, status, "the PostgreSQL server cannot be brought up");
}

/* ---- starting ---- */

static void
server_directory(const struct supervisor *s, char buf[PATH_MAX])
{
	if (conf_postgres_path(s->node.conf, "", buf, PATH_MAX) == -1)
		buf[0] = '\0';
	else
		buf[strlen(buf) - 1] = '\0';
}

int
server_open(struct supervisor *supervisor, struct error *e)
{
	char directory[PATH_MAX], owner[2 * USERS_NAME_MAX];

	if (!server_is_managed(supervisor))
		return 0;
	engine_sockets_find(&supervisor->server.sockets, supervisor->node.conf);
	server_directory(supervisor, directory);
	directories_owner(&supervisor->server.user, owner, sizeof(owner));
	if (pgdata_open(supervisor->node.directories.postgres_fd, directory, supervisor->node.directories.node_id,
	        &supervisor->server.pgdata, e) == -1)
		return -1;
	if (!supervisor->server.pgdata.present)
		return 0;
	if (pgdata_check_access(supervisor->node.directories.postgres_fd, directory, supervisor->server.user.uid, owner, e) == -1)
		return -1;
	return pgdata_check_wal(supervisor->node.directories.postgres_fd, directory, supervisor->node.conf->database.postgres.wal_dir,
	    supervisor->node.directories.node_id, e);
}

static void
server_ask_start(struct supervisor *s, struct child *worker)
{
	struct server *server = &s->server;
	char setup[PGDATA_SETUP_SIZE] = "";
	struct message_start_server start = {
		.docker_socket = server->sockets.docker, .podman_sockets = server->sockets.podman,
		.kubernetes = server->sockets.kubernetes, .uid = (uint32_t)server->user.uid,
		.gid = (uint32_t)server->user.gid, .version = server->pgdata.version, .initialise = !server->pgdata.present,
		.verifier = !server->pgdata.present || server->set_verifier ? server->verifier : "", .setup = setup
	};

	if (server->pgdata.present)
		pgdata_read_setup(s->node.directories.postgres_fd, setup);
	server->request_id = channel_next_id(&worker->channel);
	(void)channel_send_start_server(&worker->channel, server->request_id, &start, -1);
}

void
server_begin(struct supervisor *supervisor)
{
	struct server *server = &supervisor->server;
	struct child *worker = server_worker(supervisor);
	char directory[PATH_MAX];
	struct error e;

	if (!server_is_managed(supervisor) || worker == NULL || !server->secrets_open ||
	    lifecycle_is_stopping(&supervisor->node.lifecycle) ||
	    (server->state != SERVER_ABSENT && server->state != SERVER_WAITING))
		return;
	server_directory(supervisor, directory);
	if (!server->pgdata.present && pgdata_make_new(supervisor->node.directories.postgres_fd, directory, server->user.uid,
	                                   server->user.gid, &e) == -1) {
		server_end_node(supervisor, e.status, e.code, e.text);
		return;
	}
	if (pgdata_clear_lock(supervisor->node.directories.postgres_fd))
		log_notice("%s/" PGDATA_NAME "/postmaster.pid was empty, as a full disk or a crash leaves it: removed", directory);
	loop_timer_cancel(&server->timer);
	server->late_progress[0] = '\0';
	server_enter(server, SERVER_STARTING);
	server_ask_start(supervisor, worker);
	lifecycle_take(&supervisor->node.lifecycle, LIFECYCLE_SERVER_RESTARTING);
}

void
server_take_secrets(struct supervisor *supervisor, bool created, const char *verifier)
{
	struct server *server = &supervisor->server;

	(void)strlcpy(server->verifier, verifier, sizeof(server->verifier));
	server->set_verifier = server->pgdata.present && (created || secrets_reset_is_asked(supervisor));
	server->secrets_open = true;
	server_begin(supervisor);
}

void
server_take_credentials(struct supervisor *supervisor, const struct message_credentials_state *state)
{
	struct server *server = &supervisor->server;

	(void)strlcpy(server->logins, state->side, sizeof(server->logins));
	(void)strlcpy(server->rotation, state->step, sizeof(server->rotation));
	server->rotated_us = state->rotated_us;
}

void
server_take_initialised(struct supervisor *supervisor, uint32_t id)
{
	struct server *server = &supervisor->server;
	struct child *worker = server_worker(supervisor);
	char directory[PATH_MAX];
	struct error e;

	if (id != server->request_id || server->state != SERVER_STARTING || worker == NULL)
		return;
	server_directory(supervisor, directory);
	if (pgdata_adopt_new(supervisor->node.directories.postgres_fd, directory, supervisor->node.directories.node_id,
	        &server->pgdata, &e) == -1) {
		server_end_node(supervisor, e.status, e.code, e.text);
		return;
	}
	log_notice("a new PostgreSQL %u database was made in %s/" PGDATA_NAME, server->pgdata.version, directory);
	events_add(&supervisor->node.events, "server", "server.initialised", "PostgreSQL %u in %s/" PGDATA_NAME,
	    server->pgdata.version, directory);
	server_ask_start(supervisor, worker);
	lifecycle_take(&supervisor->node.lifecycle, LIFECYCLE_PROGRESS);
}

void
server_take_started(struct supervisor *supervisor, uint32_t id, const struct message_server_started *started)
{
	struct server *server = &supervisor->server;

	if (id != server->request_id || server->state != SERVER_STARTING)
		return;
	server->request_id = 0;
	server->ever_started = true;
	server->set_verifier = false;
	secrets_forget_reset(supervisor);
	server_enter(server, SERVER_RUNNING);
	(void)strlcpy(server->engine, started->engine, sizeof(server->engine));
	(void)strlcpy(server->engine_version, started->engine_version, sizeof(server->engine_version));
	(void)strlcpy(server->container, started->name, sizeof(server->container));
	(void)strlcpy(server->container_id, started->container_id, sizeof(server->container_id));
	(void)strlcpy(server->image, started->image, sizeof(server->image));
	(void)strlcpy(server->image_id, started->image_id, sizeof(server->image_id));
	(void)strlcpy(server->warning, started->warning, sizeof(server->warning));
	log_notice("%s: container %s %s", started->engine, started->name,
	    started->adopted ? "runs already and is adopted" : "was started");
	events_add(&supervisor->node.events, "server", started->adopted ? "server.adopted" : "server.started", "%s container %s (%.12s)",
	    started->engine, started->name, started->container_id);
	if (server->warning[0] != '\0') {
		log_warning("%s", server->warning);
		events_add(&supervisor->node.events, "server", "server.unlimited", "%s", server->warning);
	}
	/* What was open was so at the server of before, even if the storage worker has not noticed. */
	if (!started->adopted)
		lifecycle_take(&supervisor->node.lifecycle, LIFECYCLE_SERVER_LOST);
	lifecycle_take(&supervisor->node.lifecycle, LIFECYCLE_PROGRESS);
	if (supervisor->node.lifecycle.state == LIFECYCLE_OPENING)
		lifecycle_wait_for_storage_ready(supervisor);
}

void
server_take_progress(struct supervisor *supervisor, const char *text)
{
	struct server *server = &supervisor->server;

	if (lifecycle_is_stopping(&supervisor->node.lifecycle))
		return;
	if (strcmp(server->progress, text) != 0) {
		log_info("%s", text);
		(void)strlcpy(server->progress, text, sizeof(server->progress));
	}
	notify_status(&supervisor->node.notify, text);
	if (!supervisor->node.was_ready)
		notify_extend_timeout(&supervisor->node.notify, supervisor->node.lifecycle.times.startup + SERVER_STOP_MS);
	lifecycle_take(&supervisor->node.lifecycle, LIFECYCLE_PROGRESS);
}

/* ---- the container worker ---- */

void
server_note_worker_gone(struct supervisor *supervisor)
{
	struct server *server = &supervisor->server;

	server->request_id = server->late_log_id = 0;
	if (server->state != SERVER_WAITING) {
		loop_timer_cancel(&server->timer);
		server_enter(server, SERVER_ABSENT);
	}
	if (supervisor->node.lifecycle.state != LIFECYCLE_STOPPING_SERVER)
		return;
	log_warning("the container worker has gone: the container %s may run on, and is adopted at the next start",
	    server->container);
	lifecycle_take(&supervisor->node.lifecycle, LIFECYCLE_SERVER_STOPPED);
}

/* ---- stopping ---- */

static void
server_stop_is_late(struct loop_timer *timer)
{
	struct child *worker = server_worker(timer->arg);

	if (worker != NULL)
		child_kill(worker, "it did not say what became of the server that it was to stop");
}

void
server_stop_to_start(struct supervisor *supervisor, struct child *worker, int64_t timeout_ms)
{
	struct server *server = &supervisor->server;
	struct message_stop_server stop = { .timeout_ms = (uint32_t)timeout_ms };

	server_enter(server, SERVER_STOPPING);
	server->request_id = channel_next_id(&worker->channel);
	(void)channel_send_stop_server(&worker->channel, server->request_id, &stop, -1);
	loop_timer_set(&supervisor->node.loop, &server->timer, timeout_ms + SERVER_STOP_ANSWER_MS, server_stop_is_late, supervisor);
}

/* Says whether PostgreSQL has closed its database in an orderly way. */
static void
server_verify_stop(struct supervisor *s)
{
	char directory[PATH_MAX];
	struct error e;

	server_directory(s, directory);
	if (pgdata_open(s->node.directories.postgres_fd, directory, s->node.directories.node_id, &s->server.pgdata, &e) == -1)
		log_warning("%s", e.text);
	else if (s->server.pgdata.present && !s->server.pgdata.shut_down) {
		log_warning("PostgreSQL did not shut down cleanly: its next start recovers from the log");
		events_add(&s->node.events, "server", "server.unclean", "PostgreSQL did not shut down cleanly");
	} else if (s->server.pgdata.present)
		log_info("PostgreSQL was shut down cleanly");
}

void
server_take_stopped(struct supervisor *supervisor, uint32_t id, const struct message_server_stopped *stopped)
{
	struct server *server = &supervisor->server;

	if (id != server->request_id)
		return;
	server->request_id = 0;
	loop_timer_cancel(&server->timer);
	if (stopped->killed)
		log_warning("the container was killed: %s", stopped->text);
	if (supervisor->node.lifecycle.state == LIFECYCLE_STOPPING_SERVER) {
		if (server->ever_started)
			server_verify_stop(supervisor);
		server_enter(server, SERVER_ABSENT);
		lifecycle_take(&supervisor->node.lifecycle, LIFECYCLE_SERVER_STOPPED);
		return;
	}
	if (server->state != SERVER_STOPPING)
		return;
	server_enter(server, SERVER_ABSENT);
	server_begin(supervisor);
}

void
server_stop(struct supervisor *supervisor, int64_t timeout_ms)
{
	struct server *server = &supervisor->server;
	struct child *worker = server_worker(supervisor);
	struct message_stop_server stop = { .timeout_ms = (uint32_t)timeout_ms };

	loop_timer_cancel(&server->timer);
	if (worker == NULL) {
		lifecycle_take(&supervisor->node.lifecycle, LIFECYCLE_SERVER_STOPPED);
		return;
	}
	server_enter(server, SERVER_STOPPING);
	server->request_id = channel_next_id(&worker->channel);
	(void)channel_send_stop_server(&worker->channel, server->request_id, &stop, -1);
}
