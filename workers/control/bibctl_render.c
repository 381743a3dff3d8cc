/*
 * What bibctl says to people. Every text that comes from the daemon passes bibctl_escape.
 */
#include "workers/control/bibctl_render.h"

#include <inttypes.h>
#include <time.h>

#include "workers/control/bibctl_escape.h"

#define TEXT_CELL_MAX 96
#define TEXT_TIME_MAX 32

enum text_color { TEXT_PLAIN, TEXT_BOLD, TEXT_GOOD, TEXT_PENDING, TEXT_BAD, TEXT_COLORS };

/* ECMA-48: select graphic rendition. */
static const char *const text_colors[] = {
	[TEXT_PLAIN] = "", [TEXT_BOLD] = "\033[1m", [TEXT_GOOD] = "\033[32m", [TEXT_PENDING] = "\033[33m",
	[TEXT_BAD] = "\033[31m"
};
_Static_assert(sizeof(text_colors) / sizeof(text_colors[0]) == TEXT_COLORS, "one rendition for each colour");

/* Writes a text, safely, in a colour where that is wanted. */
static void
text_put(const struct render *render, enum text_color color, const char *text)
{
	bool colored = render->color && color != TEXT_PLAIN;

	(void)fputs(colored ? text_colors[color] : "", render->out);
	escape_put_text(render->out, text);
	(void)fputs(colored ? "\033[0m" : "", render->out);
}

char *
render_size(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	if (snprintf(buf, size, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]) < 0)
		buf[0] = '\0';
	return buf;
}

/* The largest unit that is reached, and the next smaller one: nobody wants the seconds of a week. */
char *
render_duration(int64_t us, char *buf, size_t size)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	const size_t last = sizeof(units) / sizeof(units[0]) - 1;
	int64_t seconds = us < 0 ? 0 : us / 1000000;
	size_t unit = 0;
	int n;

	while (unit < last && seconds < units[unit].seconds)
		unit++;
	if (unit == last)
		n = snprintf(buf, size, "%" PRId64 " s", seconds);
	else
		n = snprintf(buf, size, "%" PRId64 " %s %" PRId64 " %s", seconds / units[unit].seconds, units[unit].name,
		    seconds % units[unit].seconds / units[unit + 1].seconds, units[unit + 1].name);
	if (n < 0)
		buf[0] = '\0';
	return buf;
}

/* Local time, to the second; "never" for none. */
static const char *
text_time(int64_t us, char *buf, size_t size)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm;

	if (us <= 0 || localtime_r(&seconds, &tm) == NULL || strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return "never";
	return buf;
}

static void
text_label(const struct render *render, const char *label)
{
	(void)fprintf(render->out, "%-12s", label);
}

static void
text_status_node(const struct render *render, const struct message_status_node *node)
{
	char when[TEXT_TIME_MAX], ago[RENDER_UNIT_SIZE];
	int64_t since = node->ready ? node->ready_since_us : node->started_us;

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
	text_label(render, "phase");
	text_put(render, node->ready ? TEXT_GOOD : TEXT_PENDING, node->phase);
	(void)fprintf(render->out, ", %s since %s (%s)\n", node->ready ? "ready" : "not ready; running",
	    text_time(since, when, sizeof(when)), render_duration(render->now_us - since, ago, sizeof(ago)));
	text_label(render, "socket");
	escape_put_text(render->out, node->socket);
	(void)fputc('\n', render->out);
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
	text_label(render, "clients");
	(void)fprintf(render->out,
	    "admin %" PRIu32 ", write %" PRIu32 ", query %" PRIu32 ", audit %" PRIu32 ", starting %" PRIu32 "\n",
	    s->sessions_admin, s->sessions_write, s->sessions_query, s->sessions_audit, s->sessions_starting);
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
static const char *const text_titles[] = {
	"PROCESS", "PID", "USER", "STATE", "HEALTH", "RESTARTS", "FOR", "LAST CAUSE"
};
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

static void
text_put_row(const struct render *render, const struct text_cell *row, const size_t *widths, const char *cause,
    enum text_color color, enum text_color health)
{
	for (unsigned i = 0; i < COLUMN_CAUSE; i++) {
		text_put(render, i == COLUMN_HEALTH ? health : color, row[i].text);
		(void)fprintf(render->out, "%*s", (int)(widths[i] - row[i].columns) + 2, "");
	}
	text_put(render, color, *cause == '\0' ? "-" : cause);
	(void)fputc('\n', render->out);
}

static void
text_status_processes(const struct render *render, const struct render_status *status)
{
	struct text_cell rows[RENDER_PROCESSES_MAX + 1][COLUMN_CAUSE];
	size_t widths[COLUMN_CAUSE] = { 0 };

	for (unsigned i = 0; i < COLUMN_CAUSE; i++)
		text_cell_set(&rows[0][i], text_titles[i]);
	for (size_t i = 0; i < status->nprocesses; i++)
		text_row(render, &status->processes[i], rows[i + 1]);
	for (size_t i = 0; i <= status->nprocesses; i++)
		for (unsigned c = 0; c < COLUMN_CAUSE; c++)
			if (rows[i][c].columns > widths[c])
				widths[c] = rows[i][c].columns;
	text_put_row(render, rows[0], widths, text_titles[COLUMN_CAUSE], TEXT_BOLD, TEXT_BOLD);
	for (size_t i = 0; i < status->nprocesses; i++)
		text_put_row(render, rows[i + 1], widths, status->processes[i].last_cause, TEXT_PLAIN,
		    status->processes[i].healthy ? TEXT_GOOD : TEXT_BAD);
}

static void
text_status(const struct render *render, const struct render_status *status)
{
	text_status_node(render, &status->node);
	if (status->has_statistics)
		text_status_storage(render, &status->statistics);
	else
		(void)fputs("store       no answer from the storage worker\n", render->out);
	if (status->nprocesses > 0)
		text_status_processes(render, status);
}

/* ---- everything else ---- */

static void
text_ready(const struct render *render, const char *socket, enum render_ready answer, const char *phase,
    const char *why)
{
	static const struct {
		enum text_color color;
		const char *words;
	} answers[] = {
		[RENDER_READY] = { TEXT_GOOD, "ready" },
		[RENDER_REJECTING] = { TEXT_PENDING, "not ready" },
		[RENDER_NO_RESPONSE] = { TEXT_BAD, "no response" },
		[RENDER_NO_ATTEMPT] = { TEXT_BAD, "no attempt" },
	};
	_Static_assert(sizeof(answers) / sizeof(answers[0]) == RENDER_READY_ANSWERS, "one row for each answer");

	/* What went wrong names the socket itself. */
	if (why == NULL) {
		escape_put_text(render->out, socket);
		(void)fputs(": ", render->out);
	}
	text_put(render, answers[answer].color, answers[answer].words);
	if (answer == RENDER_REJECTING && phase != NULL) {
		(void)fputs(", phase ", render->out);
		escape_put_text(render->out, phase);
	}
	if (why != NULL) {
		(void)fputs(": ", render->out);
		escape_put_text(render->out, why);
	}
	(void)fputc('\n', render->out);
}

static void
text_event(const struct render *render, const struct message_event *event)
{
	char when[TEXT_TIME_MAX];

	(void)fprintf(render->out, "%s.%03d  ", text_time(event->time_us, when, sizeof(when)),
	    (int)(event->time_us < 0 ? 0 : event->time_us % 1000000 / 1000));
	text_put(render, TEXT_BOLD, event->source);
	(void)fputs("  ", render->out);
	escape_put_text(render->out, event->code);
	(void)fputs("  ", render->out);
	escape_put_text(render->out, event->text);
	(void)fputc('\n', render->out);
	(void)fflush(render->out);
}

static void
text_result(const struct render *render, const struct message_result *result)
{
	FILE *file = result->status == STATUS_OK ? render->out : render->err;

	if (result->status != STATUS_OK)
		(void)fputs("bibctl: ", file);
	escape_put_text(file, *result->text != '\0' ? result->text : result->code);
	(void)fputc('\n', file);
}

const struct render_output render_text = { text_status, text_ready, text_event, text_result };
