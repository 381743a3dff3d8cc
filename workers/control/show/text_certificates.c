/* What bibctl says to people of identity and certificates. */
#include <string.h>

#include "workers/control/shared/escape.h"
#include "workers/control/show/text.h"

#define TEXT_DAY_US (86400 * INT64_C(1000000))
#define TEXT_CELL_MAX 96
#define TEXT_WARN_US (14 * TEXT_DAY_US)

void
text_identity(const struct render *render, const char *fingerprint, const char *public_pem)
{
	text_label(render, "identity");
	text_put(render, TEXT_BOLD, fingerprint);
	(void)fputc('\n', render->out);
	/* A PEM text has lines, which stay lines. */
	for (const char *line = public_pem; *line != '\0';) {
		char piece[128];
		size_t length = strcspn(line, "\n");

		(void)snprintf(piece, sizeof(piece), "%.*s", (int)length, line);
		escape_put_text(render->out, piece);
		(void)fputc('\n', render->out);
		line += length + (line[length] == '\n');
	}
}

/* A certificate of a long life is coloured when two weeks are left, one of a shorter life when its renewal is
 * overdue. */
static enum text_color
text_certificate_color(const struct message_certificate *certificate, int64_t left_us)
{
	int64_t third = (certificate->not_after_us - certificate->not_before_us) / 3;

	if (left_us <= 0)
		return TEXT_BAD;
	return left_us < TEXT_WARN_US && left_us < third * 9 / 10 ? TEXT_PENDING : TEXT_GOOD;
}

/* ---- the table ---- */

enum text_column { COLUMN_NAME, COLUMN_LEFT, COLUMN_UNTIL, COLUMN_SUBJECT, COLUMN_ISSUER, COLUMNS };
static const char *const text_titles[] = { "CERTIFICATE", "VALID FOR", "UNTIL", "FOR", "BY" };
_Static_assert(sizeof(text_titles) / sizeof(text_titles[0]) == COLUMNS, "one title for each column");

#define TEXT_LAST_TITLE "FILE"

/* The cells as they are shown: what comes from the daemon is escaped in them. */
struct text_row {
	char cells[COLUMNS][TEXT_CELL_MAX];
	size_t columns[COLUMNS];
};

static void
text_row_set(struct text_row *row, enum text_column column, const char *text)
{
	row->columns[column] = escape_text(text, row->cells[column], sizeof(row->cells[column]));
}

static void
text_row_fill(const struct render *render, const struct message_certificate *certificate, struct text_row *row)
{
	char when[TEXT_TIME_MAX], left[RENDER_UNIT_SIZE];
	int64_t left_us = certificate->not_after_us - render->now_us;

	text_row_set(row, COLUMN_NAME, certificate->name);
	text_row_set(row, COLUMN_LEFT, left_us > 0 ? render_duration(left_us, left, sizeof(left)) : "expired");
	text_row_set(row, COLUMN_UNTIL, text_time(certificate->not_after_us, when, sizeof(when)));
	text_row_set(row, COLUMN_SUBJECT, certificate->subject);
	text_row_set(row, COLUMN_ISSUER, certificate->issuer);
}

static void
text_row_put(const struct render *render, const struct text_row *row, const size_t *widths, enum text_color color,
    enum text_color left, const char *path)
{
	for (unsigned i = 0; i < COLUMNS; i++) {
		text_put(render, i == COLUMN_LEFT ? left : color, row->cells[i]);
		(void)fprintf(render->out, "%*s", (int)(widths[i] - row->columns[i]) + 2, "");
	}
	text_put(render, color, path);
	(void)fputc('\n', render->out);
}

void
text_certificates(const struct render *render, const struct snapshot *status)
{
	size_t widths[COLUMNS] = { 0 };
	struct text_row row = { .cells = { "" } };

	/* The rows are made twice, the first time for the widths, since they are few and their number has no bound
	 * here. */
	for (size_t i = 0; i < COLUMNS; i++)
		widths[i] = strlen(text_titles[i]);
	for (size_t i = 0; i < status->ncertificates; i++) {
		text_row_fill(render, &status->certificates[i], &row);
		for (size_t c = 0; c < COLUMNS; c++)
			if (row.columns[c] > widths[c])
				widths[c] = row.columns[c];
	}
	for (unsigned c = 0; c < COLUMNS; c++)
		text_row_set(&row, c, text_titles[c]);
	text_row_put(render, &row, widths, TEXT_BOLD, TEXT_BOLD, TEXT_LAST_TITLE);
	for (size_t i = 0; i < status->ncertificates; i++) {
		const struct message_certificate *certificate = &status->certificates[i];

		text_row_fill(render, certificate, &row);
		text_row_put(render, &row, widths, TEXT_PLAIN,
		    text_certificate_color(certificate, certificate->not_after_us - render->now_us),
		    certificate->path[0] == '\0' ? "-" : certificate->path);
	}
}
