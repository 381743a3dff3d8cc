/* The daemon: whether it runs, what it says of itself, whether its sockets are served. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/control/host/dial.h"
#include "workers/control/doctor/doctor.h"

#define DAEMON_SOCKET_MS 5000

/* The pid in the lock file of data_dir, if a bibd of that pid runs; else 0. The lock itself is not tried: that would
 * keep a bibd that starts at this moment from taking it. */
static long
daemon_lock_owner(const struct doctor *doctor)
{
	char path[PATH_MAX], text[32] = "";
	long pid = 0;
	int fd;

	if (doctor->conf == NULL ||
	    snprintf(path, sizeof(path), "%s/lock", doctor->conf->node.data_dir) >= (int)sizeof(path) ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	if (read(fd, text, sizeof(text) - 1) > 0)
		pid = strtol(text, NULL, 10);
	close(fd);
	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	if (pid <= 0 || (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	memset(text, 0, sizeof(text));
	if (read(fd, text, sizeof(text) - 1) <= 0 || strcmp(text, "bibd\n") != 0)
		pid = 0;
	close(fd);
	return pid;
}

static void
daemon_say_unreachable(struct doctor *doctor, const struct error *e)
{
	long pid = daemon_lock_owner(doctor);

	if (strcmp(e->code, "control.permission") == 0) {
		doctor_say(doctor, RENDER_WARNING, "cannot ask bibd: %s", e->text);
		return;
	}
	if (strcmp(e->code, "control.unreachable") == 0 && pid == 0) {
		doctor_advise(doctor, "when nothing else is in its way, start it: systemctl start bibd, or bibd -f %s",
		    doctor->bibctl->conf_path);
		doctor_say(doctor, RENDER_WARNING, "bibd does not run (%s)", doctor->bibctl->path);
		return;
	}
	doctor_advise(doctor, "its log says what it is doing");
	if (pid != 0)
		doctor_say(doctor, RENDER_FAILED, "bibd (pid %ld) runs and does not answer: %s", pid, e->text);
	else
		doctor_say(doctor, RENDER_FAILED, "%s", e->text);
}

void
doctor_check_daemon(struct doctor *doctor)
{
	struct bibctl *bibctl = doctor->bibctl;
	const struct message_status_node *node = &doctor->snapshot.node;
	struct error e;

	if (!bibctl->path_given && doctor->conf != NULL &&
	    snprintf(bibctl->path, sizeof(bibctl->path), "%s/" BIBCTL_SOCKET_NAME, doctor->conf->listen.path) >=
		(int)sizeof(bibctl->path)) {
		doctor_say(doctor, RENDER_FAILED, "listen.path is too long for a socket");
		return;
	}
	bibctl_ask_status(bibctl, &doctor->snapshot, &e, BIBCTL_ANSWER_MS);
	if (e.status != STATUS_OK) {
		snapshot_clear(&doctor->snapshot);
		daemon_say_unreachable(doctor, &e);
		return;
	}
	doctor->is_running = true;
	doctor->separated = node->separated;
	if (node->ready) {
		doctor_say(doctor, RENDER_OK, "bibd %s (pid %" PRIu32 ") serves clients", node->version, node->pid);
		return;
	}
	doctor_advise(doctor, "the lines below, and its log, say what it waits for");
	doctor_say(doctor, RENDER_WARNING, "bibd %s (pid %" PRIu32 ") runs and serves no clients: phase %s",
	    node->version, node->pid, node->phase);
}

void
doctor_check_processes(struct doctor *doctor)
{
	const struct snapshot *snapshot = &doctor->snapshot;
	size_t good = 0;

	for (size_t i = 0; i < snapshot->nprocesses; i++) {
		const struct message_status_process *process = &snapshot->processes[i];
		const char *cause = process->last_cause[0] == '\0' ? "its log says why" : process->last_cause;

		if (!process->healthy && strcmp(process->name, "bibd-archive") == 0)
			doctor_advise(doctor,
			    "clients are served all the same; when the cause is gone, backups catch up by themselves: "
			    "`bibctl backup` tries at once, `bibctl backup list` shows what there is, "
			    "`bibctl drill` proves it");
		if (!process->healthy)
			doctor_say(doctor, RENDER_FAILED, "%s is %s and not healthy: %s", process->name, process->state,
			    cause);
		else if (process->restarts > 0)
			doctor_say(doctor, RENDER_WARNING, "%s is up after %" PRIu32 " restart%s: %s", process->name,
			    process->restarts, process->restarts == 1 ? "" : "s", cause);
		else
			good++;
	}
	if (good == snapshot->nprocesses)
		doctor_say(doctor, RENDER_OK, "all %zu are up and healthy", good);
}

void
doctor_check_server(struct doctor *doctor)
{
	const struct message_status_server *server = &doctor->snapshot.server;
	const char *cause = server->last_cause;

	if (!snapshot_server_is_running(&doctor->snapshot)) {
		doctor_advise(doctor, "`bibctl logs` shows what PostgreSQL says");
		doctor_say(doctor, strcmp(server->state, "starting") == 0 ? RENDER_WARNING : RENDER_FAILED,
		    "PostgreSQL is %s%s%s%s%s", server->state, server->progress[0] == '\0' ? "" : ", ",
		    server->progress, cause[0] == '\0' ? "" : "; it ended last: ", cause);
	} else if (server->restarts > 0) {
		doctor_advise(doctor, "`bibctl logs` and `bibctl events` say more");
		doctor_say(doctor, RENDER_WARNING, "PostgreSQL runs after %" PRIu32 " restart%s%s%s", server->restarts,
		    server->restarts == 1 ? "" : "s", cause[0] == '\0' ? "" : ": ", cause);
	} else if (server->crashes > 0) {
		doctor_advise(doctor, "`bibctl logs` and `bibctl events` say more");
		doctor_say(doctor, RENDER_WARNING,
		    "PostgreSQL has recovered from the death of a process %" PRIu32 " time%s: %s", server->crashes,
		    server->crashes == 1 ? "" : "s", cause);
	} else
		doctor_say(doctor, RENDER_OK, "PostgreSQL runs at %s", server->address);
	if (server->warning[0] != '\0') {
		doctor_advise(doctor, DOCTOR_LIMITS_ADVICE);
		doctor_say(doctor, RENDER_WARNING, "%s", server->warning);
	}
}

/* ---- sockets ---- */

/* A request for TLS (PostgreSQL's protocol, 55.2.11) is answered with one byte by whoever speaks it; one for the
 * metrics with a line of HTTP. */
static const unsigned char daemon_ssl_request[] = { 0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f };
static const char daemon_http_request[] = "HEAD /metrics HTTP/1.0\r\n\r\n";

static void
daemon_check_socket(struct doctor *doctor, const char *path, const void *request, size_t size)
{
	int fd = dial_unix(path, DAEMON_SOCKET_MS);
	char answer[16];

	if (fd == -1 && errno == EACCES) {
		doctor_advise(doctor, "run doctor as root, or as one of listen.group");
		doctor_say(doctor, RENDER_WARNING, "%s may not be used by us", path);
		return;
	}
	if (fd == -1) {
		doctor_advise(doctor, "restart bibd: what removed or replaced it was not bibd");
		doctor_say(doctor, RENDER_FAILED, "%s cannot be connected to: %s", path, strerror(errno));
		return;
	}
	if (dial_ask(fd, request, size, answer, sizeof(answer), DAEMON_SOCKET_MS) > 0)
		doctor_say(doctor, RENDER_OK, "%s answers", path);
	else {
		doctor_advise(doctor, "`bibctl status` says how the worker behind it is");
		doctor_say(doctor, RENDER_FAILED, "%s takes connections and does not answer", path);
	}
	close(fd);
}

void
doctor_check_sockets(struct doctor *doctor)
{
	const char *directory = doctor->conf->listen.path;
	char clients[PATH_MAX], metrics[PATH_MAX];
	int n = snprintf(clients, sizeof(clients), "%s/.s.PGSQL.%" PRId64, directory, doctor->conf->listen.port),
	    m = snprintf(metrics, sizeof(metrics), "%s/metrics.sock", directory);

	if (n < 0 || (size_t)n >= sizeof(clients) || m < 0 || (size_t)m >= sizeof(metrics))
		return;
	if (doctor->is_running) {
		daemon_check_socket(doctor, clients, daemon_ssl_request, sizeof(daemon_ssl_request));
		daemon_check_socket(doctor, metrics, daemon_http_request, strlen(daemon_http_request));
	} else if (access(clients, F_OK) == 0)
		doctor_say(doctor, RENDER_OK, "%s is there; a start replaces one that a bibd left behind", clients);
	else
		doctor_say(doctor, RENDER_OK, "%s is free for them", directory);
}
