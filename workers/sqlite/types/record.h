/*
 * Composite values in the text under which they are kept: the OIDs of the fields, then what PostgreSQL's own text of
 * the value has, 23,25(1,"a b",): so a value says by itself how it is compared, shown and sent, whichever type it is
 * of. A field's own text is the one under which an element of an array is kept. The types are what values are kept as:
 * never a domain.
 */
#ifndef BIBD_SQLITE_TYPES_RECORD_H
#define BIBD_SQLITE_TYPES_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/pgwire/pgwire.h"

struct report;
struct type_settings;
struct type_value;

/* Reads one field after the other. The text must outlive the reader. */
struct record_reader {
	const char *types, *at, *end;
	uint32_t oid; /* of the field at hand */
	bool null;
	char *text; /* quotes undone, NUL-terminated; owned by the reader */
	size_t length;
	bool failed; /* out of memory */
};
/* False: the text has not that form. Close it all the same. */
bool record_reader_open(struct record_reader *r, const char *text, size_t length);
bool record_reader_next(struct record_reader *r);
void record_reader_close(struct record_reader *r);

/* Appends one field as PostgreSQL writes it in a row's text, after a comma unless it is the first; text NULL: a null.
 */
void record_put_field(struct pgwire_buffer *out, const char *text, size_t length, bool first);

/* Puts a value together. */
struct record_writer {
	struct pgwire_buffer types, fields;
	unsigned n;
};
void record_add(struct record_writer *w, uint32_t oid, const char *text, size_t length);
/* Appends what was written, and frees the writer. */
void record_end(struct record_writer *w, struct pgwire_buffer *out);
void record_writer_free(struct record_writer *w);

/* Splits what people write for a row, '(a, "b")', into its fields: calls each, with text NULL for a null. 22P02 with
 * PostgreSQL's details, or what `each` says. */
typedef int record_each_fn(void *arg, const char *text, size_t length, struct report *r);
int record_split(const char *data, size_t length, record_each_fn *each, void *arg, struct report *r);
/* 22P02 "malformed record literal". */
int record_malformed(struct report *r, const char *data, size_t length, const char *detail);

/* <0, 0, >0: PostgreSQL's order of rows; a NULL field is behind all others. */
int type_compare_record(const char *a, size_t a_length, const char *b, size_t b_length);
/* As a session sees it; what has not the form of a kept row is put as it is. */
int type_record_show(struct pgwire_buffer *out, const char *data, size_t length, const struct type_settings *settings,
    struct report *r);
int type_record_to_binary(struct pgwire_buffer *out, const char *data, size_t length,
    const struct type_settings *settings, struct report *r);
/* The row's text, as people write it. */
int type_record_from_binary(struct pgwire_reader *in, struct type_value *out, struct report *r);

#endif
