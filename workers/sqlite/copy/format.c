/* Finding rows in what arrives, for text and CSV: each byte is looked at once, whatever the pieces. */
#include "workers/sqlite/copy/format.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
copy_reader_init(struct copy_reader *reader, const struct copy_format *format)
{
	*reader = (struct copy_reader) { .format = *format, .next_line = 1, .header_pending = format->header };
}

void
copy_reader_free(struct copy_reader *reader)
{
	free(reader->fields);
	pgwire_buffer_free(&reader->in);
	reader->fields = NULL;
}

int
copy_fail(struct report *r, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	return report_set(r, SQLSTATE_BAD_COPY_FILE_FORMAT, "%s", text);
}

/* Frees the room of the row that was handed out. */
static void
drop_consumed(struct copy_reader *reader)
{
	pgwire_buffer_consume(&reader->in, reader->consumed);
	reader->consumed = 0;
}

int
copy_reader_feed(struct copy_reader *reader, const void *data, size_t length, struct report *r)
{
	drop_consumed(reader);
	if (reader->ended)
		return 0;
	if (length > COPY_ROW_MAX - pgwire_buffer_length(&reader->in))
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "a row of COPY data is longer than %d bytes",
		    COPY_ROW_MAX);
	pgwire_put_bytes(&reader->in, data, length);
	return reader->in.failed ? report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory") : 0;
}

void
copy_reader_finish(struct copy_reader *reader)
{
	reader->finished = true;
}

int
copy_add_field(struct copy_reader *reader, const char *data, size_t length, bool null, struct report *r)
{
	struct copy_field *fields;
	unsigned capacity;

	if (reader->format.columns != NULL && reader->nfields == reader->format.ncolumns)
		return copy_fail(r, "extra data after last expected column");
	if (reader->nfields == reader->fields_capacity) {
		capacity = reader->fields_capacity > 0 ? 2 * reader->fields_capacity : 16;
		if ((fields = reallocarray(reader->fields, capacity, sizeof(*fields))) == NULL)
			return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		reader->fields = fields;
		reader->fields_capacity = capacity;
	}
	reader->fields[reader->nfields++] = (struct copy_field) { .data = data, .length = length, .null = null };
	return 0;
}

/* ---- the end of a line ---- */

/* What line_end_at finds when it is not the length of a line's end. */
enum { LINE_GOES_ON = 0, LINE_NEEDS_MORE = -1, LINE_STRAY_END = -2 };

static int
stray_newline(const struct copy_reader *reader, bool cr, struct report *r)
{
	const char *what = cr ? "carriage return" : "newline";

	copy_fail(r, "%s %s found in data", reader->format.csv ? "unquoted" : "literal", what);
	if (reader->format.csv)
		report_hint(r, "Use quoted CSV field to represent %s.", what);
	else
		report_hint(r, "Use \"%s\" to represent %s.", cr ? "\\r" : "\\n", what);
	return LINE_STRAY_END;
}

/* What the character at i ends, once all it needs has arrived. */
static int
line_end_at(struct copy_reader *reader, const char *line, size_t have, size_t i, struct report *r)
{
	if (line[i] == '\n') {
		if (reader->eol == COPY_EOL_UNKNOWN)
			reader->eol = COPY_EOL_NL;
		return reader->eol == COPY_EOL_NL ? 1 : stray_newline(reader, false, r);
	}
	if (line[i] != '\r')
		return LINE_GOES_ON;
	if (reader->eol == COPY_EOL_CR)
		return 1;
	if (reader->eol == COPY_EOL_NL)
		return stray_newline(reader, true, r);
	if (i + 1 == have && !reader->finished)
		return LINE_NEEDS_MORE;
	if (i + 1 < have && line[i + 1] == '\n') {
		reader->eol = COPY_EOL_CRNL;
		return 2;
	}
	if (reader->eol == COPY_EOL_CRNL)
		return stray_newline(reader, true, r);
	reader->eol = COPY_EOL_CR;
	return 1;
}

/* Quotes hide line ends in CSV; a backslash hides the next byte in text. */
static bool
is_hidden(struct copy_reader *reader, char c)
{
	const struct copy_format *f = &reader->format;

	if (!f->csv) {
		reader->escaped = !reader->escaped && c == '\\';
		return reader->escaped;
	}
	/* A quote that is its own escape needs no care: two of them end and begin the quoting. */
	if (reader->in_quote && c == f->escape && f->escape != f->quote)
		reader->escaped = !reader->escaped;
	else if (c == f->quote && !reader->escaped)
		reader->in_quote = !reader->in_quote;
	if (c != f->escape)
		reader->escaped = false;
	if (reader->in_quote && c == '\n')
		reader->lines_in_row++;
	return reader->in_quote;
}

/* Where the search goes on: what is passed over is data. */
static size_t
skip_data(const char *line, size_t i, size_t have, const char special[2])
{
	uint64_t word;

	for (; have - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, line + i, sizeof(word));
		if ((copy_bytes_that_are(word, '\n') | copy_bytes_that_are(word, '\r') |
			copy_bytes_that_are(word, special[0]) | copy_bytes_that_are(word, special[1])) != 0)
			break;
	}
	return i;
}

/* Searches on from where it stopped. COPY_ROW with the line's length and its end's. A line end that a backslash hides
 * is data; the counts of both kinds of hidden line ends go to the line number. */
static enum copy_result
find_line(struct copy_reader *reader, size_t *length, size_t *end_length, struct report *r)
{
	const char *line = (const char *)reader->in.data + reader->in.start;
	const struct copy_format *f = &reader->format;
	const char special[2] = { f->csv ? f->quote : '\\', f->csv ? f->escape : '\\' };
	size_t have = pgwire_buffer_length(&reader->in);
	int end;

	for (size_t i = reader->scanned; i < have; i++) {
		bool was_escaped;

		if (!reader->escaped && (i = skip_data(line, i, have, special)) == have)
			break;
		was_escaped = !f->csv && reader->escaped;
		if (!reader->escaped && line[i] != '\n' && line[i] != '\r' && line[i] != special[0] &&
		    line[i] != special[1])
			continue;
		if (is_hidden(reader, line[i]) || was_escaped) {
			reader->lines_in_row += was_escaped && line[i] == '\n';
			continue;
		}
		if ((end = line_end_at(reader, line, have, i, r)) == LINE_GOES_ON)
			continue;
		if (end < 0) {
			reader->scanned = i;
			return end == LINE_NEEDS_MORE ? COPY_MORE : COPY_ERROR;
		}
		*length = i;
		*end_length = (size_t)end;
		return COPY_ROW;
	}
	reader->scanned = have;
	*length = have;
	*end_length = 0;
	if (!reader->finished)
		return COPY_MORE;
	if (reader->in_quote) {
		(void)copy_fail(r, "unterminated CSV quoted field");
		return COPY_ERROR;
	}
	return have > 0 ? COPY_ROW : COPY_END;
}

/* Text: "\." ends the data where it stands, with what is before it on the line as a last row. CSV: only as a line of
 * its own. Returns 1 when it is there, and cuts the line. */
static int
find_end_marker(const struct copy_reader *reader, const char *line, size_t *length, struct report *r)
{
	if (*length == 2 && line[0] == '\\' && line[1] == '.') {
		*length = 0;
		return 1;
	}
	if (reader->format.csv)
		return 0;
	for (size_t i = 0; i + 1 < *length; i++) {
		if (line[i] != '\\')
			continue;
		if (line[++i] != '.')
			continue;
		if (i + 1 != *length)
			return copy_fail(r, "end-of-copy marker corrupt");
		*length = i - 1;
		return 1;
	}
	return 0;
}

/* The end marker that arrived without its newline yet counts only when the data is over, so this is asked of whole
 * lines. */
static enum copy_result
take_line(struct copy_reader *reader, size_t length, size_t end_length, struct report *r)
{
	char *line = (char *)reader->in.data + reader->in.start;
	int marker = find_end_marker(reader, line, &length, r), result;

	reader->line = reader->next_line;
	reader->next_line += 1 + reader->lines_in_row;
	reader->lines_in_row = 0;
	reader->consumed = reader->scanned + end_length;
	reader->scanned = 0;
	reader->escaped = reader->in_quote = false;
	if (marker < 0)
		return COPY_ERROR;
	if (marker == 1) {
		reader->ended = true;
		if (length == 0)
			return COPY_END;
	}
	if (reader->header_pending) {
		reader->header_pending = false;
		return COPY_MORE;
	}
	reader->nfields = 0;
	if (length == 0 && reader->format.columns != NULL && reader->format.ncolumns == 0)
		return COPY_ROW;
	result =
	    reader->format.csv ? copy_split_csv(reader, line, length, r) : copy_split_text(reader, line, length, r);
	if (result != 0)
		return COPY_ERROR;
	if (reader->format.columns != NULL && reader->nfields < reader->format.ncolumns) {
		(void)copy_fail(r, "missing data for column \"%s\"", reader->format.columns[reader->nfields]);
		return COPY_ERROR;
	}
	return COPY_ROW;
}

/* A field that ends with the line needs a byte for its NUL: the line end's own, or one more at the end of all. */
static int
make_room_for_nul(struct copy_reader *reader, size_t end_length, struct report *r)
{
	if (end_length > 0)
		return 0;
	if (pgwire_buffer_reserve(&reader->in, 1) == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return 0;
}

enum copy_result
copy_reader_next(struct copy_reader *reader, struct report *r)
{
	enum copy_result found;
	size_t length, end_length;
	bool header;

	drop_consumed(reader);
	if (reader->format.binary)
		return copy_next_binary(reader, r);
	do {
		if (reader->ended)
			return COPY_END;
		if ((found = find_line(reader, &length, &end_length, r)) != COPY_ROW)
			return found;
		if (make_room_for_nul(reader, end_length, r) != 0)
			return COPY_ERROR;
		reader->scanned = length;
		header = reader->header_pending;
		found = take_line(reader, length, end_length, r);
		if (header && found == COPY_MORE)
			drop_consumed(reader);
	} while (header && found == COPY_MORE);
	return found;
}
