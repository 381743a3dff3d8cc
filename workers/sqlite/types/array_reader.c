/*
 * Reads an array's text element by element with its bounds and quotes, and writes an element.
 */
#include "workers/sqlite/types/array_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void
array_reader_open(struct array_reader *r, const char *text, size_t length)
{
	*r = (struct array_reader) { .at = text, .end = text + length };
	while (r->at < r->end && is_blank(*r->at))
		r->at++;
	r->vector = r->at == r->end || (*r->at != '{' && *r->at != '[');
	if (r->at < r->end && *r->at == '[') { /* bounds: [2:4]={...} */
		const char *equals = memchr(r->at, '=', (size_t)(r->end - r->at));

		r->at = equals == NULL ? r->end : equals + 1;
	}
	r->element = malloc(length + 1);
	r->failed = r->element == NULL;
}

static void
put(struct array_reader *r, char c)
{
	r->element[r->length++] = c;
}

static void
read_quoted(struct array_reader *r)
{
	for (r->at++; r->at < r->end && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		put(r, *r->at);
	}
	if (r->at < r->end)
		r->at++;
}

static void
read_bare(struct array_reader *r)
{
	while (r->at < r->end && strchr(",{}", *r->at) == NULL && !(r->vector && is_blank(*r->at))) {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		put(r, *r->at++);
	}
	while (r->length > 0 && is_blank(r->element[r->length - 1]))
		r->length--;
	r->null = r->length == 4 && strncasecmp(r->element, "NULL", 4) == 0;
}

bool
array_reader_next(struct array_reader *r)
{
	if (r->failed)
		return false;
	while (r->at < r->end && (is_blank(*r->at) || strchr(",{}", *r->at) != NULL))
		r->at++;
	if (r->at >= r->end)
		return false;
	r->length = 0;
	r->null = false;
	if (*r->at == '"')
		read_quoted(r);
	else
		read_bare(r);
	r->element[r->length] = '\0';
	return true;
}

void
array_reader_close(struct array_reader *r)
{
	free(r->element);
	r->element = NULL;
}

void
array_put_text(struct pgwire_buffer *out, const char *text, size_t length, bool null, bool first)
{
	if (!first)
		pgwire_put_byte(out, ',');
	if (null)
		pgwire_put_bytes(out, "NULL", 4);
	else
		type_array_put_element(out, text, length);
}

/* ---- shapes ---- */

static const char *
skip_quoted(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		at += *at == '\\' && at + 1 < end;
	return at < end ? at + 1 : end;
}

/* [2:4][1:2]= before the braces. */
static const char *
read_bounds(const char *at, const char *end, struct array_shape *shape)
{
	for (int i = 0; at < end && *at == '[' && i < ARRAY_DIMENSIONS_MAX; i++) {
		shape->lower[i] = strtoll(at + 1, NULL, 10);
		at = memchr(at, ']', (size_t)(end - at));
		at = at == NULL ? end : at + 1;
	}
	return at < end && *at == '=' ? at + 1 : at;
}

/* All arrays of one depth have as many elements as the last of them. */
static void
read_sizes(const char *at, const char *end, struct array_shape *shape)
{
	int64_t commas[ARRAY_DIMENSIONS_MAX + 1] = { 0 };
	int depth = 0;
	bool is_empty = true;

	while (at < end) {
		if (*at == '"') {
			at = skip_quoted(at, end);
			is_empty = false;
			continue;
		}
		if (*at == '{' && depth < ARRAY_DIMENSIONS_MAX) {
			commas[depth++] = 0;
			shape->dimensions = depth > shape->dimensions ? depth : shape->dimensions;
		} else if (*at == '}' && depth > 0) {
			depth--;
			shape->sizes[depth] = commas[depth] + 1;
		} else if (*at == ',' && depth > 0)
			commas[depth - 1]++;
		else if (!is_blank(*at))
			is_empty = false;
		at += *at == '\\' && at + 1 < end ? 2 : 1;
	}
	if (is_empty)
		shape->dimensions = 0;
}

void
array_read_shape(const char *text, size_t length, struct array_shape *shape)
{
	struct array_reader reader;

	*shape = (struct array_shape) { .dimensions = 0 };
	for (int i = 0; i < ARRAY_DIMENSIONS_MAX; i++)
		shape->lower[i] = 1;
	array_reader_open(&reader, text, length);
	if (reader.vector) {
		shape->lower[0] = 0;
		while (array_reader_next(&reader))
			shape->sizes[0]++;
		shape->dimensions = shape->sizes[0] > 0;
	} else {
		const char *end = text + length;

		while (text < end && is_blank(*text))
			text++;
		read_sizes(read_bounds(text, end, shape), end, shape);
	}
	array_reader_close(&reader);
}

/* ---- written ---- */

void
array_put_bounds(struct pgwire_buffer *out, const struct array_shape *shape)
{
	bool plain = true;
	char text[64];

	for (int i = 0; i < shape->dimensions; i++)
		plain &= shape->lower[i] == 1;
	for (int i = 0; !plain && i < shape->dimensions; i++) {
		int n = snprintf(text, sizeof(text), "[%lld:%lld]", (long long)shape->lower[i],
		    (long long)(shape->lower[i] + shape->sizes[i] - 1));

		pgwire_put_bytes(out, text, (size_t)n);
	}
	if (!plain)
		pgwire_put_byte(out, '=');
}

void
array_put_braces(struct pgwire_buffer *out, const struct array_shape *shape, size_t i, char brace)
{
	size_t run = 1;

	for (int d = shape->dimensions - 1; d >= 0; d--) {
		run *= (size_t)shape->sizes[d];
		if (run > 0 && i % run == 0)
			pgwire_put_byte(out, (uint8_t)brace);
	}
}
