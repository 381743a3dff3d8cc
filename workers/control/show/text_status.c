/* A status for people. */
#include <inttypes.h>
#include <string.h>

#include "common/roles.h"
#include "workers/control/shared/escape.h"
#include "workers/control/show/text.h"

#define TEXT_CELL_MAX 96
#define TEXT_SHORT_ID 12
#define TEXT_CAUSE_MIN 20 /* columns that a cause has at least */

static void
text_field(const struct render *render, const char *label, const char *value)
{
	if (*value == '\0')
		return;
	text_label(render, label);
	escape_put_text(render->out, value);
	(void)fputc('\n', render->out);
}

static void
text_status_node(const struct render *render, const struct message_status_node *node)
{
	text_label(render, "bibd");
	escape_put_text(render->out, node->version);
	(void)fprintf(render->out, ", pid %" PRIu32 ", node ", node->pid);
	escape_put_text(render->out, node->node_id);
	(void)fputs(node->separated ? "\n" : ", privileges not separated\n", render->out);
	text_label(render, "mode");
	escape_put_text(render->out, node->mode);
	(void)fputs(" on ", render->out);
	escape_put_text(render->out, node->backend);
	(void)fputc('\n', render->out);
	text_field(render, "phase", node->phase);
	text_field(render, "socket", node->socket);
	text_field(render, "TCP", node->tcp);
	text_field(render, "conf", node->conf_path);
}

/* An image's id is "sha256:" and 64 digits, a container's 64: people know them by the first twelve. */
static void
text_short_id(const struct render *render, const char *id)
{
	const char *colon = strchr(id, ':');
	char text[TEXT_SHORT_ID + 1];

	if (*id == '\0')
		return;
	(void)snprintf(text, sizeof(text), "%s", colon == NULL ? id : colon + 1);
	(void)fputs(" (", render->out);
	escape_put_text(render->out, text);
	(void)fputc(')', render->out);
}

static void
text_status_container(const struct render *render, const struct message_status_server *server)
{
	if (*server->container != '\0') {
		text_label(render, "container");
		escape_put_text(render->out, server->container);
		text_short_id(render, server->container_id);
		(void)fputs(" on ", render->out);
		escape_put_text(render->out, server->engine);
		(void)fputc(' ', render->out);
		escape_put_text(render->out, server->engine_version);
		(void)fputc('\n', render->out);
	}
	if (*server->image != '\0') {
		text_label(render, "image");
		escape_put_text(render->out, server->image);
		text_short_id(render, server->image_id);
		(void)fputc('\n', render->out);
	}
}

static void
text_status_logins(const struct render *render, const struct message_status_server *server)
{
	char when[TEXT_TIME_MAX], ago[RENDER_AGO_SIZE];

	if (*server->logins == '\0')
		return;
	text_label(render, "logins");
	escape_put_text(render->out, server->logins);
	(void)fprintf(render->out, ", passwords of %s (%s)", text_time(server->rotated_us, when, sizeof(when)),
	    render_ago(render->now_us - server->rotated_us, ago, sizeof(ago)));
	if (*server->rotation != '\0') {
		(void)fputs("; ", render->out);
		escape_put_text(render->out, server->rotation);
	} else
		(void)fprintf(render->out, "; next ones in %s",
		    render_duration(server->next_rotation_us - render->now_us, ago, sizeof(ago)));
	(void)fputc('\n', render->out);
}

/* A server on TCP has TLS where there are certificates; says when the server's ends. */
static void
text_status_tls(const struct render *render, const struct snapshot *status)
{
	char when[TEXT_TIME_MAX];

	for (size_t i = 0; i < status->ncertificates; i++)
		if (strcmp(status->certificates[i].name, "server") == 0) {
			text_label(render, "tls");
			(void)fprintf(render->out, "on; the server's certificate is valid until %s\n",
			    text_time(status->certificates[i].not_after_us, when, sizeof(when)));
		}
}

static void
text_status_server(const struct render *render, const struct snapshot *status)
{
	const struct message_status_server *server = &status->server;
	const bool running = snapshot_server_is_running(status);
	char age[RENDER_AGO_SIZE], used[RENDER_UNIT_SIZE], max[RENDER_UNIT_SIZE];

	text_label(render, "server");
	text_put(render, running ? TEXT_GOOD : TEXT_PENDING, server->state);
	if (server->since_us != 0)
		(void)fprintf(render->out, " for %s",
		    render_duration(render->now_us - server->since_us, age, sizeof(age)));
	(void)fprintf(render->out, ", %" PRIu32 " restart%s", server->restarts, server->restarts == 1 ? "" : "s");
	if (server->crashes > 0)
		(void)fprintf(render->out, ", %" PRIu32 " recover%s from the death of a process", server->crashes,
		    server->crashes == 1 ? "y" : "ies");
	if (*server->last_cause != '\0') {
		(void)fprintf(render->out,
		    ", last %s: ", render_ago(render->now_us - server->failed_us, age, sizeof(age)));
		escape_put_text(render->out, server->last_cause);
	}
	(void)fputc('\n', render->out);
	if (!running)
		text_field(render, "progress", server->progress);
	text_status_container(render, server);
	text_field(render, "address", server->address);
	text_status_tls(render, status);
	text_status_logins(render, server);
	text_field(render, "warning", server->warning);
	if (server->memory_max_bytes == 0)
		return;
	text_label(render, "memory");
	(void)render_size(server->memory_max_bytes, max, sizeof(max));
	if (server->memory_bytes == 0)
		(void)fprintf(render->out, "unknown (limit %s%s)\n", max,
		    running ? ", not enforced by this engine" : "");
	else
		(void)fprintf(render->out, "%s of %s\n", render_size(server->memory_bytes, used, sizeof(used)), max);
}

static void
text_status_clients(const struct render *render, const struct message_statistics *s)
{
	text_label(render, "clients");
#define ROLE_COUNT(NAME, name) (void)fprintf(render->out, #name " %" PRIu32 ", ", s->sessions_##name);
	ROLE_TABLE(ROLE_COUNT)
#undef ROLE_COUNT
	(void)fprintf(render->out, "starting %" PRIu32 "\n", s->sessions_starting);
}

/* For a store behind a server: connections are pooled, so it says how many clients wait for one. */
static void
text_status_pool(const struct render *render, const struct message_statistics *s)
{
	char store[RENDER_UNIT_SIZE];

	text_label(render, "store");
	escape_put_text(render->out, s->store_state);
	(void)fprintf(render->out, ", %s, probed in %" PRIu32 ".%03" PRIu32 " ms\n",
	    render_size(s->store_bytes, store, sizeof(store)), s->probe_us / 1000, s->probe_us % 1000);
	text_label(render, "pool");
	(void)fprintf(render->out, "%" PRIu32 " of %" PRIu32 " open, %" PRIu32 " pinned, %" PRIu32 " clients waiting\n",
	    s->connections_open, s->connections_max, s->connections_pinned, s->clients_waiting);
	text_status_clients(render, s);
}

static void
text_status_storage(const struct render *render, const struct message_statistics *s)
{
	char store[RENDER_UNIT_SIZE], wal[RENDER_UNIT_SIZE];

	text_label(render, "store");
	escape_put_text(render->out, s->store_state);
	(void)fprintf(render->out, ", %s, WAL %s\n", render_size(s->store_bytes, store, sizeof(store)),
	    render_size(s->wal_bytes, wal, sizeof(wal)));
	text_label(render, "connections");
	(void)fprintf(render->out, "%" PRIu32 " of %" PRIu32 " open, %" PRIu32 " pinned, %" PRIu32 " writers waiting\n",
	    s->connections_open, s->connections_max, s->connections_pinned, s->writers_waiting);
	text_status_clients(render, s);
}

/* ---- the table of processes ---- */

enum text_column {
	COLUMN_NAME,
	COLUMN_PID,
	COLUMN_USER,
	COLUMN_STATE,
	COLUMN_HEALTH,
	COLUMN_RESTARTS,
	COLUMN_SINCE,
	COLUMN_CAUSE,
	COLUMNS
};
static const char *const text_titles[] = { "PROCESS", "PID", "USER", "STATE", "HEALTH", "RESTARTS", "FOR",
	"LAST CAUSE" };
_Static_assert(sizeof(text_titles) / sizeof(text_titles[0]) == COLUMNS, "one title for each column");

struct text_cell {
	char text[TEXT_CELL_MAX];
	size_t columns;
};

static void
text_cell_set(struct text_cell *cell, const char *text)
{
	cell->columns = escape_text(text, cell->text, sizeof(cell->text));
}

static void
text_cell_number(struct text_cell *cell, uint32_t number)
{
	char text[16];

	text_cell_set(cell, snprintf(text, sizeof(text), "%" PRIu32, number) < 0 ? "" : text);
}

/* The last column is not in a cell: it may be as long as it is. */
static void
text_row(const struct render *render, const struct message_status_process *p, struct text_cell *row)
{
	char age[RENDER_UNIT_SIZE];

	text_cell_set(&row[COLUMN_NAME], p->name);
	text_cell_number(&row[COLUMN_PID], p->pid);
	if (p->pid == 0)
		text_cell_set(&row[COLUMN_PID], "-");
	text_cell_set(&row[COLUMN_USER], p->user);
	text_cell_set(&row[COLUMN_STATE], p->state);
	text_cell_set(&row[COLUMN_HEALTH], p->healthy ? "healthy" : "not healthy");
	text_cell_number(&row[COLUMN_RESTARTS], p->restarts);
	text_cell_set(&row[COLUMN_SINCE],
	    p->since_us == 0 ? "-" : render_duration(render->now_us - p->since_us, age, sizeof(age)));
}

/* As much of the cause as fits beside the other columns on this terminal. */
static const char *
text_cut(const struct render *render, const size_t *widths, const char *cause, char cut[ERROR_TEXT_MAX])
{
	size_t used = 0, room;

	for (unsigned i = 0; i < COLUMN_CAUSE; i++)
		used += widths[i] + 2;
	room = render->columns > used + TEXT_CAUSE_MIN ? render->columns - used : TEXT_CAUSE_MIN;
	if (render->columns == 0 || room + 1 > ERROR_TEXT_MAX || strlen(cause) <= room)
		return cause;
	(void)snprintf(cut, ERROR_TEXT_MAX, "%.*s...", (int)room - 3, cause);
	return cut;
}

static void
text_put_row(const struct render *render, const struct text_cell *row, const size_t *widths, const char *cause,
    enum text_color color, enum text_color health)
{
	char cut[ERROR_TEXT_MAX];

	for (unsigned i = 0; i < COLUMN_CAUSE; i++) {
		text_put(render, i == COLUMN_HEALTH ? health : color, row[i].text);
		(void)fprintf(render->out, "%*s", (int)(widths[i] - row[i].columns) + 2, "");
	}
	text_put(render, color, *cause == '\0' ? "-" : text_cut(render, widths, cause, cut));
	(void)fputc('\n', render->out);
}

/* A row for the supervisor, of which no message tells: that it answers is its health. */
static struct message_status_process
text_supervisor(const struct snapshot *status)
{
	return (struct message_status_process) { .name = "bibd",
		.pid = status->node.pid,
		.user = status->node.separated ? "root" : status->processes[0].user,
		.state = "up",
		.healthy = true,
		.since_us = status->node.started_us,
		.last_cause = "" };
}

/* Why a process ended last, and when. */
static const char *
text_cause(const struct render *render, const struct message_status_process *process, char buf[ERROR_TEXT_MAX])
{
	char ago[RENDER_AGO_SIZE];

	if (process->failed_us == 0 || *process->last_cause == '\0')
		return process->last_cause;
	(void)snprintf(buf, ERROR_TEXT_MAX, "%s: %s", render_ago(render->now_us - process->failed_us, ago, sizeof(ago)),
	    process->last_cause);
	return buf;
}

static void
text_status_processes(const struct render *render, const struct snapshot *status)
{
	struct text_cell rows[SNAPSHOT_PROCESSES_MAX + 2][COLUMN_CAUSE];
	size_t widths[COLUMN_CAUSE] = { 0 };
	const struct message_status_process supervisor = text_supervisor(status);
	char cause[ERROR_TEXT_MAX];

	for (unsigned i = 0; i < COLUMN_CAUSE; i++)
		text_cell_set(&rows[0][i], text_titles[i]);
	text_row(render, &supervisor, rows[1]);
	for (size_t i = 0; i < status->nprocesses; i++)
		text_row(render, &status->processes[i], rows[i + 2]);
	for (size_t i = 0; i < status->nprocesses + 2; i++)
		for (unsigned c = 0; c < COLUMN_CAUSE; c++)
			if (rows[i][c].columns > widths[c])
				widths[c] = rows[i][c].columns;
	text_put_row(render, rows[0], widths, text_titles[COLUMN_CAUSE], TEXT_BOLD, TEXT_BOLD);
	text_put_row(render, rows[1], widths, "", TEXT_PLAIN, TEXT_GOOD);
	for (size_t i = 0; i < status->nprocesses; i++)
		text_put_row(render, rows[i + 2], widths, text_cause(render, &status->processes[i], cause), TEXT_PLAIN,
		    status->processes[i].healthy ? TEXT_GOOD : TEXT_BAD);
}

/* Shows the room on a disk only when it runs out, or for --verbose. */
static void
text_status_disks(const struct render *render, const struct snapshot *status)
{
	char room[RENDER_UNIT_SIZE], size[RENDER_UNIT_SIZE];

	for (size_t i = 0; i < status->ndisks; i++) {
		const struct message_status_disk *disk = &status->disks[i];

		if (!disk->low && !render->verbose)
			continue;
		text_label(render, "disk");
		(void)fprintf(render->out, "%s of %s free at ", render_size(disk->free_bytes, room, sizeof(room)),
		    render_size(disk->size_bytes, size, sizeof(size)));
		escape_put_text(render->out, disk->path);
		if (disk->low) {
			(void)fputs(", ", render->out);
			text_put(render, TEXT_BAD, "little is left");
		}
		(void)fputc('\n', render->out);
	}
}

void
text_status(const struct render *render, const struct snapshot *status)
{
	text_verdict(render, status, true);
	text_status_node(render, &status->node);
	if (status->has_server)
		text_status_server(render, status);
	if (status->has_statistics && snapshot_is_postgres(status))
		text_status_pool(render, &status->statistics);
	else if (status->has_statistics)
		text_status_storage(render, &status->statistics);
	else
		(void)fputs("store       no answer from the storage worker\n", render->out);
	text_status_backup(render, status);
	text_status_disks(render, status);
	if (status->nprocesses > 0)
		text_status_processes(render, status);
	for (size_t i = 0; i < status->nprocesses && render->verbose; i++)
		if (status->processes[i].pid != 0)
			text_sandbox(render, &status->processes[i]);
}
