/* The clients for people: a table, its last column cut to the terminal. */
#include <inttypes.h>
#include <string.h>

#include "workers/control/shared/escape.h"
#include "workers/control/show/text.h"

#define TEXT_CELL_MAX 96
#define TEXT_STATEMENT_MIN 20 /* columns that a statement has at least */
/* Every character of a statement may come out as four of the escape. */
#define TEXT_STATEMENT_MAX (4 * CLIENT_LIST_STATEMENT + 1)

enum text_column {
	COLUMN_ID,
	COLUMN_ROLE,
	COLUMN_RATE, /* of top alone, which has no buffers */
	COLUMN_USER,
	COLUMN_PID,
	COLUMN_APPLICATION,
	COLUMN_STATE,
	COLUMN_SINCE,
	COLUMN_BUFFERS,
	COLUMN_HOLDS,
	COLUMNS
};
static const char *const text_titles[] = { "ID", "ROLE", "STMTS/S", "USER", "PID", "APPLICATION", "STATE", "FOR",
	"BUFFERS", "HOLDS" };
_Static_assert(sizeof(text_titles) / sizeof(text_titles[0]) == COLUMNS, "one title for each column");

#define TEXT_LAST_TITLE "LAST STATEMENT"

/* The cells as they are shown: what comes from the daemon is escaped in them. */
struct text_row {
	char cells[COLUMNS][TEXT_CELL_MAX];
	size_t columns[COLUMNS];
};

static void
text_row_set(struct text_row *row, enum text_column column, const char *text)
{
	row->columns[column] = escape_text(*text == '\0' ? "-" : text, row->cells[column], sizeof(row->cells[column]));
}

static void
text_row_number(struct text_row *row, enum text_column column, int64_t number)
{
	char text[24] = "";

	if (number != 0)
		(void)snprintf(text, sizeof(text), "%" PRId64, number);
	text_row_set(row, column, text);
}

static void
text_row_fill(const struct render *render, const struct client_row *client, const double *rate, struct text_row *row)
{
	char number[32];

	char user[RENDER_USER_SIZE], unit[RENDER_UNIT_SIZE];

	text_row_number(row, COLUMN_ID, client->id);
	text_row_set(row, COLUMN_ROLE, client->role);
	if (*render_user(client->uid, user, sizeof(user)) == '\0')
		(void)snprintf(user, sizeof(user), "%" PRId64, client->uid);
	text_row_set(row, COLUMN_USER, user);
	text_row_number(row, COLUMN_PID, client->pid);
	text_row_set(row, COLUMN_APPLICATION, client->application);
	text_row_set(row, COLUMN_STATE, client->state);
	text_row_set(row, COLUMN_SINCE, render_duration(render->now_us - client->since_us, unit, sizeof(unit)));
	text_row_set(row, COLUMN_BUFFERS, client->bytes == 0 ? "" : render_size(client->bytes, unit, sizeof(unit)));
	text_row_set(row, COLUMN_HOLDS, client->holds);
	if (rate != NULL)
		(void)snprintf(number, sizeof(number), "%.1f", *rate);
	text_row_set(row, COLUMN_RATE, rate == NULL ? "" : number);
}

/* Writes as much of the statement as fits beside the other columns on this terminal. */
static void
text_put_last(const struct render *render, const size_t *widths, enum text_color color, const char *text)
{
	char cut[TEXT_STATEMENT_MAX];
	size_t used = 0, room;

	for (unsigned i = 0; i < COLUMNS; i++)
		used += widths[i] > 0 ? widths[i] + 2 : 0;
	room = render->columns > used + TEXT_STATEMENT_MIN ? render->columns - used : TEXT_STATEMENT_MIN;
	if (render->columns == 0 || escape_text(text, cut, sizeof(cut)) <= room) {
		text_put(render, color, text);
		return;
	}
	/* One that has been escaped is plain ASCII but for whole characters, of which none is cut. */
	(void)escape_text(text, cut, room - 2 < sizeof(cut) ? room - 2 : sizeof(cut));
	text_put(render, color, cut);
	text_put(render, color, "...");
}

static void
text_row_put(const struct render *render, const struct text_row *row, const size_t *widths, enum text_color color,
    const char *last)
{
	for (unsigned i = 0; i < COLUMNS; i++) {
		if (widths[i] == 0)
			continue;
		text_put(render, color, row->cells[i]);
		(void)fprintf(render->out, "%*s", (int)(widths[i] - row->columns[i]) + 2, "");
	}
	text_put_last(render, widths, color, last);
	(void)fputc('\n', render->out);
}

void
text_client_table(const struct render *render, const struct client_row *rows, const double *rates, size_t n)
{
	const enum text_column left_out = rates == NULL ? COLUMN_RATE : COLUMN_BUFFERS;
	size_t widths[COLUMNS] = { 0 };
	struct text_row row = { .cells = { "" } };

	/* The rows are made twice, the first time for the widths. */
	for (unsigned c = 0; c < COLUMNS; c++)
		widths[c] = c == left_out ? 0 : strlen(text_titles[c]);
	for (size_t i = 0; i < n; i++) {
		text_row_fill(render, &rows[i], rates == NULL ? NULL : &rates[i], &row);
		for (unsigned c = 0; c < COLUMNS; c++)
			if (c != left_out && row.columns[c] > widths[c])
				widths[c] = row.columns[c];
	}
	for (unsigned c = 0; c < COLUMNS; c++)
		text_row_set(&row, c, text_titles[c]);
	text_row_put(render, &row, widths, TEXT_BOLD, TEXT_LAST_TITLE);
	for (size_t i = 0; i < n; i++) {
		text_row_fill(render, &rows[i], rates == NULL ? NULL : &rates[i], &row);
		text_row_put(render, &row, widths, TEXT_PLAIN,
		    !rows[i].shown		     ? "(only root may see it)"
			: *rows[i].statement == '\0' ? "-"
						     : rows[i].statement);
	}
}

void
text_clients(const struct render *render, const struct client_row *rows, size_t n)
{
	text_client_table(render, rows, NULL, n);
}
