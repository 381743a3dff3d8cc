/*
 * Arrays in the text form under which they are kept, {1,2,"a b",NULL}, and the catalog's vectors, "1 2": read and
 * written an element at a time. Such a text is well formed: type_parse_array made it.
 */
#ifndef BIBD_SQLITE_ARRAY_READER_H
#define BIBD_SQLITE_ARRAY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/pgwire/pgwire.h"

/* PostgreSQL's own bound. */
#define ARRAY_DIMENSIONS_MAX 6

/* Only the elements are of interest: a nested array reads as one run of them. */
struct array_reader {
	const char *at, *end;
	bool vector;   /* blanks between, counted from 0 */
	char *element; /* the current one, quotes undone, NUL-terminated; owned by the reader */
	size_t length;
	bool null;
	bool failed; /* out of memory */
};
/* The text must outlive the reader. */
void array_reader_open(struct array_reader *r, const char *text, size_t length);
bool array_reader_next(struct array_reader *r);
void array_reader_close(struct array_reader *r);

/* How many dimensions an array has (0: it is empty), where each begins, and how many it has in each. */
struct array_shape {
	int dimensions;
	int64_t lower[ARRAY_DIMENSIONS_MAX], sizes[ARRAY_DIMENSIONS_MAX];
};
void array_read_shape(const char *text, size_t length, struct array_shape *shape);

/* Appends one element, quoted where it must be. `first` leaves the comma out. */
void array_put_text(struct pgwire_buffer *out, const char *text, size_t length, bool null, bool first);
/* Appends "[0:2][1:2]=", where a bound is not 1. */
void array_put_bounds(struct pgwire_buffer *out, const struct array_shape *shape);
/* Appends the braces that open before the element i (from 0), or those that close when i elements are written. */
void array_put_braces(struct pgwire_buffer *out, const struct array_shape *shape, size_t i, char brace);

#endif
