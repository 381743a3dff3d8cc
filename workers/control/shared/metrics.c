/*
 * The table of the metrics about the node, its processes, its server, certificates and disks, and how each is printed.
 */
#include "workers/control/shared/metrics_private.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "workers/control/shared/escape.h"

/* ---- samples ---- */

void
metrics_begin(const struct metrics *m, ...)
{
	const char *label;
	bool first = true;
	va_list ap;

	(void)fputs(m->row->name, m->file);
	va_start(ap, m);
	while ((label = va_arg(ap, const char *)) != NULL) {
		(void)fprintf(m->file, "%s%s=\"", first ? "{" : ",", label);
		escape_put_label(m->file, va_arg(ap, const char *));
		(void)fputc('"', m->file);
		first = false;
	}
	va_end(ap);
	(void)fputs(first ? " " : "} ", m->file);
}

void
metrics_end(const struct metrics *m, uint64_t value)
{
	(void)fprintf(m->file, "%" PRIu64 "\n", value);
}

void
metrics_end_us(const struct metrics *m, int64_t us)
{
	if (us < 0)
		us = 0;
	(void)fprintf(m->file, "%" PRId64 ".%06" PRId64 "\n", us / 1000000, us % 1000000);
}

/* ---- the node ---- */

static void
metrics_put_info(const struct metrics *m)
{
	const struct message_status_node *node = &m->snapshot->node;

	metrics_begin(m, "version", node->version, "node_id", node->node_id, "mode", node->mode, "backend",
	    node->backend, NULL);
	metrics_end(m, 1);
}

static void
metrics_put_ready(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end(m, m->snapshot->node.ready);
}

static void
metrics_put_phase(const struct metrics *m)
{
	metrics_begin(m, "phase", m->snapshot->node.phase, NULL);
	metrics_end(m, 1);
}

static void
metrics_put_start(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end_us(m, m->snapshot->node.started_us);
}

static void
metrics_put_uptime(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end_us(m, m->now_us - m->snapshot->node.started_us);
}

/* ---- processes ---- */

static bool
metrics_has_processes(const struct snapshot *snapshot)
{
	return snapshot->nprocesses > 0;
}

static void
metrics_put_processes(const struct metrics *m, uint64_t (*value)(const struct message_status_process *))
{
	for (size_t i = 0; i < m->snapshot->nprocesses; i++) {
		metrics_begin(m, "process", m->snapshot->processes[i].name, NULL);
		metrics_end(m, value(&m->snapshot->processes[i]));
	}
}

static uint64_t
metrics_process_up(const struct message_status_process *process)
{
	return strcmp(process->state, "up") == 0;
}

static uint64_t
metrics_process_healthy(const struct message_status_process *process)
{
	return process->healthy;
}

static uint64_t
metrics_process_restarts(const struct message_status_process *process)
{
	return process->restarts;
}

static void
metrics_put_process_up(const struct metrics *m)
{
	metrics_put_processes(m, metrics_process_up);
}

static void
metrics_put_process_healthy(const struct metrics *m)
{
	metrics_put_processes(m, metrics_process_healthy);
}

static void
metrics_put_process_restarts(const struct metrics *m)
{
	metrics_put_processes(m, metrics_process_restarts);
}

static void
metrics_put_process_state(const struct metrics *m)
{
	for (size_t i = 0; i < m->snapshot->nprocesses; i++) {
		const struct message_status_process *process = &m->snapshot->processes[i];

		metrics_begin(m, "process", process->name, "state", process->state, NULL);
		metrics_end(m, 1);
	}
}

static bool
metrics_has_failures(const struct snapshot *snapshot)
{
	return snapshot->nfailures > 0;
}

static void
metrics_put_failures(const struct metrics *m)
{
	for (size_t i = 0; i < m->snapshot->nfailures; i++) {
		const struct message_status_failure *failure = &m->snapshot->failures[i];

		metrics_begin(m, "source", failure->source, "cause", failure->cause, NULL);
		metrics_end(m, failure->count);
	}
}

/* ---- the managed server ---- */

static bool
metrics_has_server(const struct snapshot *snapshot)
{
	return snapshot->has_server;
}

static bool
metrics_has_server_memory(const struct snapshot *snapshot)
{
	return snapshot->has_server && snapshot->server.memory_bytes != 0;
}

static void
metrics_put_server_info(const struct metrics *m)
{
	const struct message_status_server *server = &m->snapshot->server;

	metrics_begin(m, "engine", server->engine, "engine_version", server->engine_version, "container",
	    server->container, "image", server->image, "image_id", server->image_id, NULL);
	metrics_end(m, 1);
}

static void
metrics_put_server_up(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end(m, snapshot_server_is_running(m->snapshot));
}

static void
metrics_put_server_state(const struct metrics *m)
{
	metrics_begin(m, "state", m->snapshot->server.state, NULL);
	metrics_end(m, 1);
}

static void
metrics_put_server_restarts(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end(m, m->snapshot->server.restarts);
}

static void
metrics_put_server_crashes(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end(m, m->snapshot->server.crashes);
}

static void
metrics_put_server_memory(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end(m, m->snapshot->server.memory_bytes);
}

static void
metrics_put_server_memory_max(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end(m, m->snapshot->server.memory_max_bytes);
}

static bool
metrics_has_credentials(const struct snapshot *snapshot)
{
	return metrics_has_server(snapshot) && *snapshot->server.logins != '\0';
}

static void
metrics_put_rotated(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end_us(m, m->snapshot->server.rotated_us);
}

/* ---- certificates ---- */

static bool
metrics_has_certificates(const struct snapshot *snapshot)
{
	return snapshot->ncertificates > 0;
}

static void
metrics_put_certificates(const struct metrics *m)
{
	for (size_t i = 0; i < m->snapshot->ncertificates; i++) {
		metrics_begin(m, "certificate", m->snapshot->certificates[i].name, NULL);
		metrics_end_us(m, m->snapshot->certificates[i].not_after_us - m->now_us);
	}
}

/* ---- file systems ---- */

static bool
metrics_has_disks(const struct snapshot *snapshot)
{
	return snapshot->ndisks > 0;
}

static void
metrics_put_disk_free(const struct metrics *m)
{
	for (size_t i = 0; i < m->snapshot->ndisks; i++) {
		metrics_begin(m, "path", m->snapshot->disks[i].path, NULL);
		metrics_end(m, m->snapshot->disks[i].free_bytes);
	}
}

static void
metrics_put_disk_size(const struct metrics *m)
{
	for (size_t i = 0; i < m->snapshot->ndisks; i++) {
		metrics_begin(m, "path", m->snapshot->disks[i].path, NULL);
		metrics_end(m, m->snapshot->disks[i].size_bytes);
	}
}

/* ---- backups ---- */

static bool
metrics_has_backup(const struct snapshot *snapshot)
{
	return snapshot->has_backup;
}

static void
metrics_put_moment(const struct metrics *m)
{
	metrics_begin(m, NULL);
	metrics_end_us(m, *(const int64_t *)((const char *)&m->snapshot->backup + m->row->offset));
}

/* ---- the table ---- */

#define AT(member) offsetof(struct message_statistics, member)
#define MOMENT(member) offsetof(struct message_status_backup, member)
#define GAUGE "gauge"
#define COUNTER "counter"
#define HISTOGRAM "histogram"

static const struct metrics_row metrics_rows[] = {
	{ "bibd_info", GAUGE, "The node; always 1.", NULL, metrics_put_info, 0 },
	{ "bibd_ready", GAUGE, "Whether clients are served.", NULL, metrics_put_ready, 0 },
	{ "bibd_phase", GAUGE, "The phase that the node is in; always 1.", NULL, metrics_put_phase, 0 },
	{ "bibd_start_time_seconds", GAUGE, "When the daemon was started, in seconds since 1970.", NULL,
	    metrics_put_start, 0 },
	{ "bibd_uptime_seconds", GAUGE, "For how long the daemon has been running.", NULL, metrics_put_uptime, 0 },
	{ "bibd_process_up", GAUGE, "Whether the process runs and has said that it is ready.", metrics_has_processes,
	    metrics_put_process_up, 0 },
	{ "bibd_process_healthy", GAUGE, "Whether the process answers heartbeats and can do its work.",
	    metrics_has_processes, metrics_put_process_healthy, 0 },
	{ "bibd_process_state", GAUGE, "The state that the process is in; always 1.", metrics_has_processes,
	    metrics_put_process_state, 0 },
	{ "bibd_process_restarts_total", COUNTER, "Restarts of the process that nobody asked for.",
	    metrics_has_processes, metrics_put_process_restarts, 0 },
	{ "bibd_failures_total", COUNTER, "Ends that nobody asked for, and starts that failed, by cause.",
	    metrics_has_failures, metrics_put_failures, 0 },
	{ "bibd_disk_free_bytes", GAUGE, "Room on the file system with the node's data, or with its database.",
	    metrics_has_disks, metrics_put_disk_free, 0 },
	{ "bibd_disk_size_bytes", GAUGE, "Size of that file system.", metrics_has_disks, metrics_put_disk_size, 0 },
	{ "bibd_backup_made_timestamp_seconds", GAUGE, "When the last backup ended, since 1970; 0: there is none.",
	    metrics_has_backup, metrics_put_moment, MOMENT(backup_us) },
	{ "bibd_backup_stored_timestamp_seconds", GAUGE,
	    "Everything up to then is in the repository, since 1970; 0: not known.", metrics_has_backup,
	    metrics_put_moment, MOMENT(stored_us) },
	{ "bibd_backup_proven_timestamp_seconds", GAUGE,
	    "The newest moment that a drill has restored, since 1970; 0: none.", metrics_has_backup, metrics_put_moment,
	    MOMENT(proven_us) },
	{ "bibd_server_info", GAUGE, "The managed PostgreSQL server and its container; always 1.", metrics_has_server,
	    metrics_put_server_info, 0 },
	{ "bibd_server_up", GAUGE, "Whether the server's container runs.", metrics_has_server, metrics_put_server_up,
	    0 },
	{ "bibd_server_state", GAUGE, "The state that the server is in; always 1.", metrics_has_server,
	    metrics_put_server_state, 0 },
	{ "bibd_server_restarts_total", COUNTER, "Restarts of the server that nobody asked for.", metrics_has_server,
	    metrics_put_server_restarts, 0 },
	{ "bibd_server_crashes_total", COUNTER, "Deaths of processes of the server, each of which ended all sessions.",
	    metrics_has_server, metrics_put_server_crashes, 0 },
	{ "bibd_server_memory_bytes", GAUGE, "Memory in use by the container.", metrics_has_server_memory,
	    metrics_put_server_memory, 0 },
	{ "bibd_server_memory_max_bytes", GAUGE, "What the container may use of memory.", metrics_has_server,
	    metrics_put_server_memory_max, 0 },
	{ "bibd_credentials_rotated_seconds", GAUGE, "When the passwords at the server last changed, since 1970.",
	    metrics_has_credentials, metrics_put_rotated, 0 },
	{ "bibd_certificate_expiry_seconds", GAUGE, "For how long the certificate is still valid.",
	    metrics_has_certificates, metrics_put_certificates, 0 },
	{ "bibd_storage_up", GAUGE, "Whether the storage worker answered.", NULL, metrics_put_storage_up, 0 },
	{ "bibd_store_state", GAUGE, "The state that the store is in; always 1.", metrics_has_statistics,
	    metrics_put_store_state, 0 },
	{ "bibd_sessions", GAUGE, "Clients that are let in, by role.", metrics_has_statistics, metrics_put_sessions,
	    0 },
	{ "bibd_sessions_starting", GAUGE, "Clients that are connected and not let in yet.", metrics_has_statistics,
	    metrics_put_u32, AT(sessions_starting) },
	{ "bibd_pool_connections_open", GAUGE, "Connections to the store that are open.", metrics_has_statistics,
	    metrics_put_u32, AT(connections_open) },
	{ "bibd_pool_connections_max", GAUGE, "Connections to the store that may be open.", metrics_has_statistics,
	    metrics_put_u32, AT(connections_max) },
	{ "bibd_pool_connections_pinned", GAUGE, "Connections that one client holds.", metrics_has_statistics,
	    metrics_put_u32, AT(connections_pinned) },
	{ "bibd_pool_connections_busy", GAUGE, "Connections to the store that clients use now.", metrics_has_statistics,
	    metrics_put_u32, AT(connections_busy) },
	{ "bibd_statements_total", COUNTER, "Statements that clients have run.", metrics_has_statistics,
	    metrics_put_u64, AT(statements) },
	{ "bibd_transactions_total", COUNTER, "Transactions of clients that have ended.", metrics_has_statistics,
	    metrics_put_u64, AT(transactions) },
	{ "bibd_plans_found_total", COUNTER, "Statements whose plan was in the cache.", metrics_has_sqlite,
	    metrics_put_u64, AT(plans_found) },
	{ "bibd_plans_made_total", COUNTER, "Statements whose plan had to be made.", metrics_has_sqlite,
	    metrics_put_u64, AT(plans_made) },
	{ "bibd_answer_seconds", HISTOGRAM, "How long clients waited from a statement until they could send the next.",
	    metrics_has_statistics, metrics_put_took, 0 },
	{ "bibd_writers_waiting", GAUGE, "Transactions that wait for their turn to write.", metrics_has_sqlite,
	    metrics_put_u32, AT(writers_waiting) },
	{ "bibd_clients_waiting", GAUGE, "Clients that wait for a connection of the pool.", metrics_has_pool,
	    metrics_put_u32, AT(clients_waiting) },
	{ "bibd_wait_seconds", HISTOGRAM, "How long clients waited that found no connection of the pool free.",
	    metrics_has_pool, metrics_put_waited, 0 },
	{ "bibd_probe_seconds", GAUGE, "How long the server took to answer the last probe.", metrics_has_pool,
	    metrics_put_probe, 0 },
	{ "bibd_store_bytes", GAUGE, "Size of the store.", metrics_has_statistics, metrics_put_u64, AT(store_bytes) },
	{ "bibd_wal_bytes", GAUGE, "Size of the write-ahead log.", metrics_has_wal, metrics_put_u64, AT(wal_bytes) },
};

void
metrics_write(FILE *file, const struct snapshot *snapshot, int64_t now_us)
{
	struct metrics m = { .file = file, .snapshot = snapshot, .now_us = now_us };

	if (!snapshot->has_node)
		return;
	for (size_t i = 0; i < sizeof(metrics_rows) / sizeof(metrics_rows[0]); i++) {
		m.row = &metrics_rows[i];
		if (m.row->applies != NULL && !m.row->applies(snapshot))
			continue;
		(void)fprintf(file, "# HELP %s %s\n# TYPE %s %s\n", m.row->name, m.row->help, m.row->name, m.row->type);
		m.row->put(&m);
	}
}
