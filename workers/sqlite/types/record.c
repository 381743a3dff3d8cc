/*
 * Reads and writes composite values as they are kept, a field at a time, and what people write for one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"

bool
type_is_row(uint32_t oid)
{
	return oid == TYPE_RECORD || type_class(oid) == TYPE_CLASS_COMPOSITE;
}

/* ---- read ---- */

bool
record_reader_open(struct record_reader *r, const char *text, size_t length)
{
	const char *body = memchr(text, '(', length);

	*r = (struct record_reader) { .types = text, .at = body, .end = text + length };
	if (body == NULL || length == 0 || r->end[-1] != ')')
		return false;
	r->at = body + 1;
	r->end--;
	return strspn(text, "0123456789,") == (size_t)(body - text) && (body > text || r->at == r->end);
}

static bool
grow(struct record_reader *r)
{
	free(r->text);
	r->text = malloc((size_t)(r->end - r->at) + 1);
	r->failed = r->text == NULL;
	return !r->failed;
}

/* Up to the comma or the end; a quote or backslash of a kept row is always doubled or behind a backslash. */
static void
take_text(struct record_reader *r)
{
	bool quoted = false;

	for (r->length = 0; r->at < r->end && (quoted || *r->at != ','); r->at++) {
		if (*r->at == '"' && (!quoted || r->at + 1 == r->end || r->at[1] != '"')) {
			quoted = !quoted;
			continue;
		}
		if ((*r->at == '"' || *r->at == '\\') && r->at + 1 < r->end)
			r->at++;
		r->text[r->length++] = *r->at;
	}
	r->text[r->length] = '\0';
}

bool
record_reader_next(struct record_reader *r)
{
	char *end;

	if (r->at == NULL || r->failed || *r->types < '0' || *r->types > '9')
		return false;
	r->oid = (uint32_t)strtoul(r->types, &end, 10);
	r->types = *end == ',' ? end + 1 : end;
	if (r->text == NULL && !grow(r))
		return false;
	r->null = r->at == r->end || *r->at == ',';
	take_text(r);
	if (r->at < r->end)
		r->at++;
	return true;
}

void
record_reader_close(struct record_reader *r)
{
	free(r->text);
	r->text = NULL;
}

/* ---- written ---- */

static bool
wants_quotes(const char *text, size_t length)
{
	if (length == 0)
		return true;
	for (size_t i = 0; i < length; i++)
		if ((text[i] != '\0' && strchr("\"\\(),", text[i]) != NULL) || type_is_blank(text[i]))
			return true;
	return false;
}

void
record_put_field(struct pgwire_buffer *out, const char *text, size_t length, bool first)
{
	bool quotes = text != NULL && wants_quotes(text, length);

	if (!first)
		pgwire_put_byte(out, ',');
	if (text == NULL)
		return;
	if (!quotes) {
		pgwire_put_bytes(out, text, length);
		return;
	}
	pgwire_put_byte(out, '"');
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			pgwire_put_byte(out, (uint8_t)text[i]);
		pgwire_put_byte(out, (uint8_t)text[i]);
	}
	pgwire_put_byte(out, '"');
}

void
record_add(struct record_writer *w, uint32_t oid, const char *text, size_t length)
{
	char number[16];
	int n = snprintf(number, sizeof(number), "%s%" PRIu32, w->n > 0 ? "," : "", oid);

	pgwire_put_bytes(&w->types, number, (size_t)n);
	record_put_field(&w->fields, text, length, w->n == 0);
	w->n++;
}

void
record_writer_free(struct record_writer *w)
{
	pgwire_buffer_free(&w->types);
	pgwire_buffer_free(&w->fields);
	*w = (struct record_writer) { .n = 0 };
}

static void
append(struct pgwire_buffer *out, const struct pgwire_buffer *from)
{
	if (from->failed)
		out->failed = true;
	else if (from->data != NULL)
		pgwire_put_bytes(out, from->data + from->start, pgwire_buffer_length(from));
}

void
record_end(struct record_writer *w, struct pgwire_buffer *out)
{
	append(out, &w->types);
	pgwire_put_byte(out, '(');
	append(out, &w->fields);
	pgwire_put_byte(out, ')');
	record_writer_free(w);
}

/* ---- what people write ---- */

int
record_malformed(struct report *r, const char *data, size_t length, const char *detail)
{
	(void)report_set(r, SQLSTATE_INVALID_TEXT_REPRESENTATION, "malformed record literal: \"%.*s\"",
	    (int)(length < 256 ? length : 256), data);
	report_detail(r, "%s", detail);
	return -1;
}

/* One field, to text, up to the comma or parenthesis that ends it. False: the text ends before. */
static bool
scan_field(const char **at, const char *end, char *text, size_t *n)
{
	const char *p = *at;
	bool quoted = false;

	for (*n = 0; p < end && (quoted || (*p != ',' && *p != ')')); p++) {
		if (*p == '"' && (!quoted || p + 1 == end || p[1] != '"')) {
			quoted = !quoted;
			continue;
		}
		if ((*p == '\\' || *p == '"') && ++p == end)
			return false;
		text[(*n)++] = *p;
	}
	*at = p;
	return p < end;
}

static int
split_fields(const char *data, size_t length, char *text, record_each_fn *each, void *arg, struct report *r)
{
	const char *p = data, *end = data + length;

	while (p < end && type_is_blank(*p))
		p++;
	if (p == end || *p++ != '(')
		return record_malformed(r, data, length, "Missing left parenthesis.");
	for (;;) {
		bool null = p < end && (*p == ',' || *p == ')');
		size_t n = 0;

		if (!null && !scan_field(&p, end, text, &n))
			return record_malformed(r, data, length, "Unexpected end of input.");
		text[n] = '\0';
		if (each(arg, null ? NULL : text, n, r) != 0)
			return -1;
		if (*p++ == ')')
			break;
	}
	while (p < end && type_is_blank(*p))
		p++;
	return p < end ? record_malformed(r, data, length, "Junk after right parenthesis.") : 0;
}

int
record_split(const char *data, size_t length, record_each_fn *each, void *arg, struct report *r)
{
	char *text = malloc(length + 1);
	int result = text == NULL ? type_out_of_memory(r) : split_fields(data, length, text, each, arg, r);

	free(text);
	return result;
}

/* ---- compared ---- */

static int
compare_fields(const struct record_reader *a, const struct record_reader *b)
{
	if (a->oid != b->oid)
		return a->oid < b->oid ? -1 : 1;
	if (a->null || b->null)
		return (int)a->null - (int)b->null;
	return type_compare_element(a->oid, a->text, a->length, b->text, b->length);
}

int
type_compare_record(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct record_reader left, right;
	bool more_left, more_right;
	int order = 0;

	if (!record_reader_open(&left, a, a_length) || !record_reader_open(&right, b, b_length)) {
		order = memcmp(a, b, a_length < b_length ? a_length : b_length);
		return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
	}
	do {
		more_left = record_reader_next(&left);
		more_right = record_reader_next(&right);
		order = more_left && more_right ? compare_fields(&left, &right) : (int)more_left - (int)more_right;
	} while (order == 0 && more_left);
	record_reader_close(&left);
	record_reader_close(&right);
	return order;
}
