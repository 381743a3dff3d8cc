/*
 * The data of COPY, in and out: text, CSV and binary. Source: PostgreSQL 15 manual, COPY, "File Formats".
 *
 * Reading: feed what CopyData brings, in any pieces, and take rows until none is whole:
 *
 *	copy_reader_feed(&reader, data, length, &report);
 *	while ((found = copy_reader_next(&reader, &report)) == COPY_ROW)
 *		... reader.fields[0..nfields) ...
 *
 * At CopyDone: copy_reader_finish, then the same loop until COPY_END.
 */
#ifndef BIBD_SQLITE_COPY_FORMAT_H
#define BIBD_SQLITE_COPY_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/pgwire/pgwire.h"

/* The options of a COPY, as dialect_plan.u.copy has them; strings are the caller's and outlive the reader. */
struct copy_format {
	bool csv, binary;
	bool header;	      /* IN: the first line is passed over; OUT: the names come first */
	bool force_quote_all; /* CSV OUT: every value that is not null is quoted */
	char delimiter, quote, escape;
	const char *null_text;
	const char *const *columns; /* names, for errors and the header; NULL: fields are not counted */
	unsigned ncolumns;
};

/* ---- reading: format.c, format_fields.c, format_binary.c ---- */

struct copy_field {
	const char *data; /* a text is followed by a NUL of its own unless the format is binary */
	size_t length;
	bool null;
};

/* No row is longer (PostgreSQL's bound); memory grows with what has arrived. */
#define COPY_ROW_MAX 0x3fffffff

enum copy_result { COPY_ERROR = -1, COPY_MORE, COPY_ROW, COPY_END };

struct copy_reader {
	struct copy_format format;
	/* The row that was found; valid until the next call. */
	struct copy_field *fields;
	unsigned nfields;
	uint64_t line; /* of the row, from 1; what an error's context names ("COPY t, line 3") */

	/* Below: the reader's own. */
	unsigned fields_capacity;
	struct pgwire_buffer in;
	size_t scanned;	 /* bytes of `in` that the search for the line's end has been through */
	size_t consumed; /* bytes of the row that was handed out */
	uint64_t next_line, lines_in_row;
	enum { COPY_EOL_UNKNOWN, COPY_EOL_NL, COPY_EOL_CR, COPY_EOL_CRNL } eol;
	bool in_quote, escaped;
	bool header_pending, started, finished, ended;
};

void copy_reader_init(struct copy_reader *reader, const struct copy_format *format);
void copy_reader_free(struct copy_reader *reader);
/* Copies the bytes. Errors: 53200, 54000 (a row over COPY_ROW_MAX). What comes after the end marker is dropped. */
int copy_reader_feed(struct copy_reader *reader, const void *data, size_t length, struct report *r);
/* No more will be fed: a last line without a newline counts, half a row is an error. */
void copy_reader_finish(struct copy_reader *reader);
/* COPY_ROW with the next row, COPY_MORE when none is whole yet, COPY_END after the end marker or, finished, after the
 * last row; COPY_ERROR with 22P04 as PostgreSQL words it. */
enum copy_result copy_reader_next(struct copy_reader *reader, struct report *r);

/* Used by copy_reader_next: the line's bytes to fields, unescaped in place. */
int copy_split_text(struct copy_reader *reader, char *line, size_t length, struct report *r);
int copy_split_csv(struct copy_reader *reader, char *line, size_t length, struct report *r);
int copy_add_field(struct copy_reader *reader, const char *data, size_t length, bool null, struct report *r);
enum copy_result copy_next_binary(struct copy_reader *reader, struct report *r);
/* 22P04 */
int copy_fail(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- writing: format_put.c ---- */

/* What goes before the rows: the header line, or binary's signature; nothing when there is none. */
void copy_put_start(struct pgwire_buffer *out, const struct copy_format *format);
/* A row: begin, then each field in turn (index from 0), then end. In binary, fields are put with type_put_column,
 * which writes the length itself, or copy_put_field for bytes in binary form. */
void copy_put_row_begin(struct pgwire_buffer *out, const struct copy_format *format, unsigned nfields);
void copy_put_field(struct pgwire_buffer *out, const struct copy_format *format, unsigned index, const char *data,
    size_t length, bool null);
void copy_put_row_end(struct pgwire_buffer *out, const struct copy_format *format);
/* What goes after them: binary's trailer. */
void copy_put_finish(struct pgwire_buffer *out, const struct copy_format *format);

/* Eight bytes at once: 0x80 where a byte of the word is that character; what is above the first such may be wrong. */
static inline uint64_t
copy_bytes_that_are(uint64_t word, char c)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), x = word ^ (ones * (unsigned char)c);

	return (x - ones) & ~x & (ones << 7);
}

#endif
