/*
 * Opens what the node needs, ties the rooms together, runs the loop, and closes everything.
 */
#include "supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "supervisor/children/heartbeat.h"
#include "supervisor/host/migrations.h"
#include "supervisor/server/secrets.h"

#define SUPERVISOR_GRACE_MS 3000
#define SUPERVISOR_HURRY_MS 1000
#define SUPERVISOR_SERVER_USER "_bibpg"
#define SUPERVISOR_ARCHIVE_USER "_bibarc"

/* ---- the start ---- */

/* Finds the users whose directories are made. The server is no process of ours, so its user is looked up here. */
static int
supervisor_find_users(struct supervisor *s, struct directories_users *users, struct error *e)
{
	const struct child *storage = children_find(&s->children, PROCESS_STORAGE);
	const struct child *keeper = children_find(&s->children, PROCESS_KEEPER);
	const struct child *archive = children_find(&s->children, PROCESS_ARCHIVE);
	const struct child *container = children_find(&s->children, PROCESS_CONTAINER);
	struct user backups;
	struct error missing;

	if (storage == NULL)
		return error_set(e, STATUS_BUG, "supervisor.plan", "no storage worker is planned");
	users->storage = storage->user;
	users->keeper = keeper == NULL ? users->storage : keeper->user;
	users->archive = archive == NULL ? users->storage : archive->user;
	users->container = container == NULL ? users->storage : container->user;
	users->server = users->storage;
	if (container != NULL && s->node.separated && users_find(SUPERVISOR_SERVER_USER, &users->server, e) == -1)
		return -1;
	users->server.gid = users->storage.gid;
	s->server.user = users->server;
	/* Known to the server whether or not there are backups yet, so that these do not change its container. */
	if (s->node.separated && users_find(SUPERVISOR_ARCHIVE_USER, &backups, &missing) == 0)
		s->server.archive_uid = backups.uid;
	return 0;
}

/* The kernel's name for this run of the machine: by it a worker tells a crash of the machine from one of its own. */
static void
supervisor_read_boot_id(struct supervisor *s)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, s->boot_id, sizeof(s->boot_id) - 1);

	s->boot_id[n < 0 ? 0 : n] = '\0';
	s->boot_id[strcspn(s->boot_id, "\n")] = '\0';
	if (fd != -1)
		close(fd);
}

static int
supervisor_place_migrations(struct supervisor *s, const struct user *storage, struct error *e)
{
	const struct node *node = &s->node;

	return !node->separated ? 0
				: migrations_make_reachable(s->places.migrations, node->directories.data_fd,
				      node->conf->node.data_dir, storage, e);
}

/* 1: a signal asks to stop. */
static int
supervisor_open(struct supervisor *s, struct error *e)
{
	struct directories_users users;
	int opened;

	/* First what can fail without a trace on disk: who runs what. */
	if (process_find_places(&s->places, e) == -1 || children_add_all(&s->children, &s->places, e) == -1 ||
	    supervisor_find_users(s, &users, e) == -1)
		return -1;
	if ((opened = directories_wait_outside(&s->node, &users, signals_stop_comes, e)) != 0)
		return opened;
	if (move_prepare(&s->move, &s->places, e) == -1 || server_open(&s->server, e) == -1 ||
	    supervisor_place_migrations(s, &users.storage, e) == -1 ||
	    listen_open(&s->node.listening, s->node.conf, e) == -1 || loop_open(&s->node.loop, e) == -1 ||
	    signals_open(s, e) == -1)
		return -1;
	supervisor_read_boot_id(s);
	return 0;
}

static void
supervisor_watchdog(struct loop_timer *timer)
{
	struct supervisor *s = timer->arg;

	notify_watchdog(&s->node.notify);
	loop_timer_set_lazy(&s->node.loop, &s->watchdog, s->node.notify.watchdog_ms, s->node.notify.watchdog_ms / 2,
	    supervisor_watchdog, s);
}

/* Keeps the capabilities that the systemd unit would leave us, for nodes that are started otherwise: to give
 * directories away, to read files that the operator keeps from others, to become the users of the processes and to
 * signal them. Called before the first process is started, since all of them inherit this. */
static int
supervisor_give_up_privileges(const struct supervisor *s, struct error *e)
{
	static const int keep[] = { CAP_CHOWN, CAP_FOWNER, CAP_DAC_OVERRIDE, CAP_SETUID, CAP_SETGID, CAP_KILL };

	if (s->node.separated && sandbox_keep_capabilities(keep, sizeof(keep) / sizeof(keep[0]), e) == -1)
		return -1;
	return sandbox_no_new_privileges(e) == -1 || sandbox_seccomp(SANDBOX_SUPERVISOR, e) == -1 ? -1 : 0;
}

/* ---- the end ---- */

static void
supervisor_close(struct supervisor *s)
{
	listen_close(&s->node.listening);
	directories_close(&s->node.directories);
	children_close(&s->children);
	if (s->server.password_fd >= 0)
		close(s->server.password_fd);
	events_free(&s->node.events);
	audit_relay_close(&s->audit);
	signals_close(s);
	loop_close(&s->node.loop);
	notify_close(&s->node.notify);
	conf_free(s->node.conf);
}

static void
supervisor_tell_room(void *context, const char *code, const char *text)
{
	struct supervisor *s = context;

	events_add(&s->node.events, "disk", code, "%s", text);
}

static void
supervisor_loop(struct supervisor *s)
{
	const struct lifecycle_times times = { .startup = conf_health(s->node.conf)->startup_timeout,
		.shutdown = s->node.conf->server.shutdown_timeout,
		.server = SERVER_STOP_MS,
		.grace = SUPERVISOR_GRACE_MS,
		.hurry = SUPERVISOR_HURRY_MS };
	struct error e;

	lifecycle_init(&s->node.lifecycle, &times, phases_actions, phases_changed, s);
	lifecycle_take(&s->node.lifecycle, LIFECYCLE_START);
	heartbeat_start(&s->children);
	room_begin(&s->room, &s->node.loop, s->node.conf, supervisor_tell_room, s);
	if (s->node.notify.watchdog_ms > 0)
		supervisor_watchdog(&(struct loop_timer) { .arg = s });
	/* The node's life may be over before the loop runs, when nothing can be started. */
	if (s->node.lifecycle.state != LIFECYCLE_ENDED && loop_run(&s->node.loop, &e) == -1) {
		log_failure(&e);
		s->node.exit_status = e.status;
	}
}

static void
supervisor_init(struct supervisor *s, struct conf *conf, const char *conf_path, bool verbose)
{
	*s = (struct supervisor) { .node = { .conf = conf,
				       .conf_path = conf_path,
				       .verbose = verbose,
				       .separated = geteuid() == 0,
				       .started_us = clock_realtime_us(),
				       .loop = { .epoll_fd = -1 },
				       .listening = { .lock_fd = -1 },
				       .directories = { .data_fd = -1, .lock_fd = -1, .postgres_fd = -1 },
				       .notify = { .fd = -1 } } };
	watchers_init(s);
	for (int i = 0; i < LISTEN_PURPOSES; i++)
		s->node.listening.sockets[i].fd = -1;
}

enum status
supervisor_run(struct conf *conf, const char *conf_path, bool verbose)
{
	struct supervisor *s = malloc(sizeof(*s));
	enum status status;
	struct error e;
	int opened = -1;

	if (s == NULL) {
		conf_free(conf);
		return STATUS_OS;
	}
	supervisor_init(s, conf, conf_path, verbose);
	node_take_verbosity(&s->node, conf);
	node_configure_log(&s->node);
	if ((s->server.password_fd = secrets_take_password(conf, &e)) >= 0)
		secrets_check_file(conf_path);
	/* There may be a password in our memory. */
	if (sandbox_no_core(&e) == -1)
		log_warning("%s", e.text);
	if (notify_open(&s->node.notify, &e) == -1)
		log_warning("%s", e.text);
	if (s->server.password_fd == SECRETS_FAILED || (opened = supervisor_open(s, &e)) == -1 ||
	    supervisor_give_up_privileges(s, &e) == -1) {
		log_failure(&e);
		s->node.exit_status = e.status;
	} else if (opened == 0 && !signals_stop_comes(0)) {
		if (!s->node.separated)
			log_notice("not started as root: privileges are not separated, everything runs as %s",
			    s->children.list[0].user.name);
		supervisor_loop(s);
		log_notice("stopped");
	}
	status = s->node.exit_status;
	supervisor_close(s);
	free(s);
	return status;
}
