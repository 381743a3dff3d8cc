/*
 * Starts and stops the managed server by messages to the container worker, and takes what that answers.
 */
#include "supervisor/server/server.h"

#include <bsd/string.h>
#include <limits.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/children/children.h"
#include "supervisor/node/node.h"
#include "supervisor/server/secrets.h"

const char *const server_state_names[] = { "absent", "waiting", "starting", "running", "in doubt", "stopping" };
_Static_assert(sizeof(server_state_names) / sizeof(server_state_names[0]) == SERVER_STATES, "one name for each state");

void
server_enter(struct server *server, enum server_state state)
{
	if (state == SERVER_STOPPING && server->state != SERVER_STOPPING)
		server->stops_running = server->state == SERVER_RUNNING || server->state == SERVER_DOUBTFUL;
	server->state = state;
	server->since_us = clock_realtime_us();
	if (state != SERVER_STARTING)
		server->progress[0] = '\0';
}

void
server_init(struct server *server, struct node *node, struct children *children, const struct server_hooks *hooks)
{
	*server = (struct server) { .node = node, .children = children, .hooks = *hooks, .password_fd = -1 };
}

struct child *
server_worker(struct server *server)
{
	return children_find_up(server->children, PROCESS_CONTAINER);
}

size_t
server_find_groups(struct server *server, gid_t groups[ENGINE_SOCKETS_GROUPS_MAX])
{
	struct engine_sockets *sockets = &server->sockets;

	sockets->ngroups = engine_sockets_groups(sockets, sockets->groups);
	memcpy(groups, sockets->groups, sockets->ngroups * sizeof(groups[0]));
	return sockets->ngroups;
}

void
server_end_node(struct server *server, enum status status, const char *code, const char *text)
{
	struct error e;

	(void)error_set(&e, status, code, "%s", text);
	log_failure(&e);
	node_stop(server->node, status, "the PostgreSQL server cannot be brought up");
}

/* ---- starting ---- */

static void
server_directory(const struct server *server, char buf[PATH_MAX])
{
	if (conf_postgres_path(server->node->conf, "", buf, PATH_MAX) == -1)
		buf[0] = '\0';
	else
		buf[strlen(buf) - 1] = '\0';
}

/* The node's home says whether what an earlier move has made is whole: then it is the node's, else it is removed. */
static int
server_end_earlier_move(const struct server *server, const char *directory, struct error *e)
{
	const struct home *home = &server->node->directories.home;
	int fd = server->node->directories.postgres_fd;

	return !server->node->moving && home->kind == HOME_POSTGRES && home->path[0] != '\0'
	    ? pgdata_end_moving(fd, directory, e)
	    : pgdata_discard_moving(fd, directory, !server->node->moving, e);
}

int
server_open(struct server *server, struct error *e)
{
	char directory[PATH_MAX], owner[2 * USERS_NAME_MAX];

	if (!node_has_server(server->node))
		return 0;
	engine_sockets_find(&server->sockets, server->node->conf);
	server_directory(server, directory);
	directories_owner(&server->user, owner, sizeof(owner));
	if (server_end_earlier_move(server, directory, e) == -1)
		return -1;
	if (pgdata_open(server->node->directories.postgres_fd, directory, server->node->directories.node_id,
		&server->pgdata, e) == -1)
		return -1;
	if (!server->pgdata.present)
		return 0;
	if (pgdata_check_access(server->node->directories.postgres_fd, directory, server->user.uid, owner, e) == -1)
		return -1;
	return pgdata_check_wal(server->node->directories.postgres_fd, directory,
	    server->node->conf->database.postgres.wal_dir, server->node->directories.node_id, e);
}

/* A slot of a time when the node was backed up would hold the write-ahead log back for nobody. Only a superuser may
 * drop it: as after a change of what is set up, the server is stopped for that, if it runs. */
static bool
server_must_drop_slot(struct server *server)
{
	if (server->node->conf->backup.repository[0] != '\0' || !pgdata_has_slot(server->node->directories.postgres_fd))
		return false;
	events_add(&server->node->events, "server", "server.slot_dropped",
	    "backup.repository is empty: the replication slot bibd_archive, which kept the write-ahead log for "
	    "backups, is dropped");
	return true;
}

static void
server_ask_start(struct server *server, struct child *worker)
{
	char setup[PGDATA_SETUP_SIZE] = "";
	struct message_start_server start = { .docker_socket = server->sockets.docker,
		.podman_sockets = server->sockets.podman,
		.kubernetes = server->sockets.kubernetes,
		.uid = (uint32_t)server->user.uid,
		.gid = (uint32_t)server->user.gid,
		.archive = (uint32_t)server->archive_uid,
		.version = server->pgdata.version,
		.target = server->target,
		.initialise = !server->pgdata.present,
		.restored = server->pgdata.restored,
		.verifier = !server->pgdata.present || server->set_verifier ? server->verifier : "",
		.setup = setup };

	if (server->pgdata.present && !server_must_drop_slot(server))
		pgdata_read_setup(server->node->directories.postgres_fd, setup);
	server->request_id = channel_next_id(&worker->channel);
	(void)channel_send_start_server(&worker->channel, server->request_id, &start, -1);
}

void
server_begin(struct server *server)
{
	struct child *worker = server_worker(server);
	char directory[PATH_MAX];
	struct error e;

	if (!node_has_server(server->node) || worker == NULL || !server->secrets_open_stored ||
	    lifecycle_is_stopping(&server->node->lifecycle) ||
	    (server->state != SERVER_ABSENT && server->state != SERVER_WAITING))
		return;
	server_directory(server, directory);
	if (!server->pgdata.present &&
	    pgdata_make_new(server->node->directories.postgres_fd, directory, server->user.uid, server->user.gid, &e) ==
		-1) {
		server_end_node(server, e.status, e.code, e.text);
		return;
	}
	if (pgdata_clear_lock(server->node->directories.postgres_fd))
		log_notice("%s/" PGDATA_NAME "/postmaster.pid was empty, as a full disk or a crash leaves it: removed",
		    directory);
	loop_timer_cancel(&server->timer);
	server->late_progress[0] = '\0';
	server->target = 0;
	server_enter(server, SERVER_STARTING);
	server_ask_start(server, worker);
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_RESTARTING);
}

void
server_take_secrets(struct server *server, bool created, const char *verifier)
{
	(void)strlcpy(server->verifier, verifier, sizeof(server->verifier));
	server->set_verifier =
	    server->pgdata.present && (created || server->pgdata.restored || secrets_reset_is_asked(server));
	server->secrets_open_stored = true;
	server_begin(server);
}

void
server_take_credentials(struct server *server, const struct message_credentials_state *state)
{
	(void)strlcpy(server->logins, state->side, sizeof(server->logins));
	(void)strlcpy(server->rotation, state->step, sizeof(server->rotation));
	server->rotated_us = state->rotated_us;
}

void
server_take_initialised(struct server *server, uint32_t id)
{
	struct child *worker = server_worker(server);
	char directory[PATH_MAX];
	struct error e;

	if (id != server->request_id || server->state != SERVER_STARTING || worker == NULL)
		return;
	server_directory(server, directory);
	if (pgdata_adopt_new(server->node->directories.postgres_fd, directory, server->node->directories.node_id,
		server->node->moving, &server->pgdata, &e) == -1) {
		server_end_node(server, e.status, e.code, e.text);
		return;
	}
	log_notice("a new PostgreSQL %u database was made in %s/" PGDATA_NAME, server->pgdata.version, directory);
	events_add(&server->node->events, "server", "server.initialised", "PostgreSQL %u in %s/" PGDATA_NAME,
	    server->pgdata.version, directory);
	server_ask_start(server, worker);
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_PROGRESS);
}

/* ---- a move to another major version ---- */

bool
server_awaits(const struct server *server, uint32_t id)
{
	return id == server->request_id && server->state == SERVER_STARTING;
}

void
server_start_move(struct server *server, uint32_t version)
{
	server->target = version;
	server_ask_start(server, server_worker(server));
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_PROGRESS);
}

int
server_reopen(struct server *server, struct error *e)
{
	char directory[PATH_MAX];

	server_directory(server, directory);
	return pgdata_open(server->node->directories.postgres_fd, directory, server->node->directories.node_id,
	    &server->pgdata, e);
}

void
server_start_moved(struct server *server)
{
	server->target = 0;
	server_ask_start(server, server_worker(server));
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_PROGRESS);
}

void
server_take_started(struct server *server, uint32_t id, const struct message_server_started *started)
{
	if (id != server->request_id || server->state != SERVER_STARTING)
		return;
	server->request_id = 0;
	server->ever_started = true;
	server->set_verifier = server->pgdata.restored = false;
	secrets_forget_reset(server);
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
	events_add(&server->node->events, "server", started->adopted ? "server.adopted" : "server.started",
	    "%s container %s (%.12s)", started->engine, started->name, started->container_id);
	if (server->warning[0] != '\0') {
		log_warning("%s", server->warning);
		events_add(&server->node->events, "server", "server.unlimited", "%s", server->warning);
	}
	/* The store was open at the previous server: it is lost, even if the storage worker has not noticed yet. */
	if (!started->adopted)
		lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_LOST);
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_STARTED);
}

void
server_take_progress(struct server *server, const char *text)
{
	if (lifecycle_is_stopping(&server->node->lifecycle))
		return;
	if (strcmp(server->progress, text) != 0) {
		log_info("%s", text);
		(void)strlcpy(server->progress, text, sizeof(server->progress));
	}
	notify_status(&server->node->notify, text);
	if (!server->node->was_ready)
		notify_extend_timeout(&server->node->notify, server->node->lifecycle.times.startup + SERVER_STOP_MS);
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_PROGRESS);
}

/* ---- the container worker ---- */

void
server_note_worker_gone(struct server *server)
{
	server->request_id = server->late_log_id = 0;
	if (server->state != SERVER_WAITING) {
		loop_timer_cancel(&server->timer);
		server_enter(server, SERVER_ABSENT);
	}
	if (server->node->lifecycle.state != LIFECYCLE_STOPPING_SERVER)
		return;
	log_warning("bibd-container has ended: the container %s may still run; the next start takes it over",
	    server->container);
	lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_STOPPED);
}

/* ---- stopping ---- */

static void
server_stop_is_late(struct loop_timer *timer)
{
	struct child *worker = server_worker(timer->arg);

	if (worker != NULL)
		child_kill(worker, "it did not say whether the server stopped");
}

void
server_stop_to_start(struct server *server, struct child *worker, int64_t timeout_ms)
{
	struct message_stop_server stop = { .timeout_ms = (uint32_t)timeout_ms };

	server_enter(server, SERVER_STOPPING);
	server->request_id = channel_next_id(&worker->channel);
	(void)channel_send_stop_server(&worker->channel, server->request_id, &stop, -1);
	loop_timer_set(&server->node->loop, &server->timer, timeout_ms + SERVER_STOP_ANSWER_MS, server_stop_is_late,
	    server);
}

/* Says whether PostgreSQL has closed its database in an orderly way. */
static void
server_verify_stop(struct server *server)
{
	char directory[PATH_MAX];
	struct error e;

	server_directory(server, directory);
	if (pgdata_open(server->node->directories.postgres_fd, directory, server->node->directories.node_id,
		&server->pgdata, &e) == -1)
		log_warning("%s", e.text);
	else if (server->pgdata.present && !server->pgdata.shut_down) {
		log_warning("PostgreSQL did not shut down cleanly: its next start recovers from the log");
		events_add(&server->node->events, "server", "server.unclean", "PostgreSQL did not shut down cleanly");
	} else if (server->pgdata.present && server->stops_running)
		log_info("PostgreSQL was shut down cleanly");
}

void
server_take_stopped(struct server *server, uint32_t id, const struct message_server_stopped *stopped)
{
	if (id != server->request_id)
		return;
	server->request_id = 0;
	loop_timer_cancel(&server->timer);
	if (stopped->killed)
		log_warning("the container was killed: %s", stopped->text);
	if (server->node->lifecycle.state == LIFECYCLE_STOPPING_SERVER) {
		if (server->ever_started)
			server_verify_stop(server);
		server_enter(server, SERVER_ABSENT);
		lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_STOPPED);
		return;
	}
	if (server->state != SERVER_STOPPING)
		return;
	server_enter(server, SERVER_ABSENT);
	server_begin(server);
}

void
server_stop(struct server *server, int64_t timeout_ms)
{
	struct child *worker = server_worker(server);
	struct message_stop_server stop = { .timeout_ms = (uint32_t)timeout_ms };

	loop_timer_cancel(&server->timer);
	if (worker == NULL) {
		lifecycle_take(&server->node->lifecycle, LIFECYCLE_SERVER_STOPPED);
		return;
	}
	server_enter(server, SERVER_STOPPING);
	server->request_id = channel_next_id(&worker->channel);
	(void)channel_send_stop_server(&worker->channel, server->request_id, &stop, -1);
}
