/*
 * What people write for an array, '{ 1 , null}', to the text under which one is kept, '{1,NULL}', whose elements no
 * session's settings show in; and that as a session sees it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"

#define DIMENSIONS_MAX 6
#define NOT_KNOWN (-1)

struct array_scan {
	const char *data, *p, *end;
	size_t length;
	const struct type_settings *settings;
	uint32_t element;
	int64_t sizes[DIMENSIONS_MAX]; /* of each dimension; NOT_KNOWN: none of it was read to its end */
	int depth;		       /* that elements stand in; NOT_KNOWN: there was none */
	char *text;		       /* the element that is being read; as long as the whole */
	struct pgwire_buffer out;
	struct report *report;
};

static int
malformed(const struct array_scan *s)
{
	return report_set(s->report, SQLSTATE_INVALID_TEXT_REPRESENTATION, "malformed array literal: \"%.*s\"",
	    (int)(s->length < 256 ? s->length : 256), s->data);
}

static void
skip_blanks(struct array_scan *s)
{
	while (s->p < s->end && type_is_blank(*s->p))
		s->p++;
}

/* ---- one element ---- */

/* To s->text. *is_null: it is the word. */
static int
take_quoted(struct array_scan *s, size_t *n)
{
	for (s->p++; s->p < s->end && *s->p != '"'; s->p++) {
		if (*s->p == '\\' && ++s->p == s->end)
			break;
		s->text[(*n)++] = *s->p;
	}
	if (s->p == s->end)
		return malformed(s);
	s->p++;
	return 0;
}

static int
take_bare(struct array_scan *s, size_t *n, bool *is_null)
{
	size_t kept = 0; /* an escaped blank at the end is no blank */
	bool escaped = false;

	while (s->p < s->end && *s->p != ',' && *s->p != '}') {
		if (*s->p == '{' || *s->p == '"')
			return malformed(s);
		if (*s->p == '\\') {
			if (++s->p == s->end)
				return malformed(s);
			escaped = true;
			kept = *n + 1;
		} else if (!type_is_blank(*s->p))
			kept = *n + 1;
		s->text[(*n)++] = *s->p++;
	}
	*n = kept;
	if (kept == 0)
		return malformed(s);
	*is_null = !escaped && kept == 4 && strncasecmp(s->text, "null", 4) == 0;
	return 0;
}

static int
put_element(struct array_scan *s, size_t n)
{
	struct pgwire_buffer text = { 0 };
	struct type_value value;
	int result;

	if (type_decode_in(s->settings, s->element, TYPE_FORMAT_TEXT, s->text, n, &value, s->report) != 0)
		return -1;
	result = type_put_value_text(&text, &value, s->element, NULL, s->report);
	type_value_free(&value);
	if (result == 0)
		type_array_put_element(&s->out, text.data == NULL ? "" : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text));
	s->out.failed |= text.failed;
	pgwire_buffer_free(&text);
	return result;
}

static int
take_element(struct array_scan *s)
{
	bool is_null = false;
	size_t n = 0;

	if ((s->p < s->end && *s->p == '"' ? take_quoted(s, &n) : take_bare(s, &n, &is_null)) != 0)
		return -1;
	if (!is_null)
		return put_element(s, n);
	pgwire_put_bytes(&s->out, "NULL", 4);
	return 0;
}

/* ---- braces ---- */

static int take_braces(struct array_scan *s, int depth);

/* Elements all stand equally deep. */
static int
take_item(struct array_scan *s, int depth)
{
	skip_blanks(s);
	if (s->p < s->end && *s->p == '{')
		return s->depth != NOT_KNOWN && s->depth <= depth ? malformed(s) : take_braces(s, depth + 1);
	if (s->depth == NOT_KNOWN)
		s->depth = depth;
	return s->depth != depth ? malformed(s) : take_element(s);
}

static int
take_braces(struct array_scan *s, int depth)
{
	int64_t n = 0;

	if (depth == DIMENSIONS_MAX)
		return report_set(s->report, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
		    "number of array dimensions (%d) exceeds the maximum allowed (%d)", depth + 1, DIMENSIONS_MAX);
	s->p++;
	pgwire_put_byte(&s->out, '{');
	skip_blanks(s);
	if (s->p < s->end && *s->p == '}' && depth > 0)
		return malformed(s);
	while (s->p < s->end && *s->p != '}') {
		if (n++ > 0)
			pgwire_put_byte(&s->out, ',');
		if (take_item(s, depth) != 0)
			return -1;
		skip_blanks(s);
		if (s->p == s->end || (*s->p != ',' && *s->p != '}'))
			return malformed(s);
		if (*s->p == ',') {
			s->p++;
			skip_blanks(s);
			if (s->p < s->end && *s->p == '}')
				return malformed(s);
		}
	}
	if (s->p == s->end || (s->sizes[depth] != NOT_KNOWN && s->sizes[depth] != n))
		return malformed(s);
	s->p++;
	s->sizes[depth] = n;
	pgwire_put_byte(&s->out, '}');
	return 0;
}

/* ---- bounds: [0:1][1:3]= ---- */

struct bounds {
	int n;
	int64_t sizes[DIMENSIONS_MAX];
	bool shown; /* one does not begin at 1 */
};

static bool
take_bound(struct array_scan *s, int64_t *bound)
{
	const char *start = s->p;
	int64_t v;

	while (s->p < s->end && strchr("+-0123456789", *s->p) != NULL && *s->p != '\0')
		s->p++;
	if (type_parse_integer(TYPE_INT4, start, (size_t)(s->p - start), &v, s->report) != 0)
		return false;
	*bound = v;
	return true;
}

static int
take_bounds(struct array_scan *s, struct bounds *bounds)
{
	const char *start = s->p;

	while (s->p < s->end && *s->p == '[') {
		int64_t low = 1, high;

		s->p++;
		if (bounds->n == DIMENSIONS_MAX || !take_bound(s, &high))
			return malformed(s);
		if (s->p < s->end && *s->p == ':') {
			low = high;
			s->p++;
			if (!take_bound(s, &high))
				return malformed(s);
		}
		if (s->p == s->end || *s->p++ != ']')
			return malformed(s);
		bounds->shown |= low != 1;
		bounds->sizes[bounds->n++] = high - low + 1;
		skip_blanks(s);
	}
	if (bounds->n == 0)
		return 0;
	if (s->p == s->end || *s->p++ != '=')
		return malformed(s);
	if (bounds->shown)
		pgwire_put_bytes(&s->out, start, (size_t)(s->p - start));
	skip_blanks(s);
	return 0;
}

static int
scan(struct array_scan *s)
{
	struct bounds bounds = { 0 };

	skip_blanks(s);
	if (take_bounds(s, &bounds) != 0)
		return -1;
	if (s->p == s->end || *s->p != '{')
		return malformed(s);
	if (take_braces(s, 0) != 0)
		return -1;
	skip_blanks(s);
	if (s->p < s->end || (bounds.n > 0 && bounds.n != s->depth + 1))
		return malformed(s);
	for (int i = 0; i < bounds.n; i++)
		if (bounds.sizes[i] != s->sizes[i])
			return malformed(s);
	return 0;
}

int
type_parse_array(const struct type_settings *settings, uint32_t element, const char *data, size_t length,
    struct type_value *out, struct report *r)
{
	struct array_scan s = { .data = data,
		.p = data,
		.end = data + length,
		.length = length,
		.settings = settings,
		.element = element,
		.depth = NOT_KNOWN,
		.text = malloc(length + 1),
		.report = r };
	int result;

	for (int i = 0; i < DIMENSIONS_MAX; i++)
		s.sizes[i] = NOT_KNOWN;
	result = s.text == NULL ? type_out_of_memory(r) : scan(&s);
	if (result == 0)
		result = s.out.failed
		    ? type_out_of_memory(r)
		    : type_value_copy(out, (const char *)s.out.data + s.out.start, pgwire_buffer_length(&s.out), r);
	pgwire_buffer_free(&s.out);
	free(s.text);
	return result;
}

/* ---- shown ---- */

/* Whether a session may see a value otherwise than it is kept. */
static bool
is_shown_otherwise(uint32_t element, const struct type_settings *settings)
{
	if (type_is_row(element) || element == TYPE_TSQUERY)
		return true;
	switch (element) {
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
		return settings->date_style != TYPE_DATE_ISO;
	case TYPE_TIMESTAMPTZ:
		return settings->date_style != TYPE_DATE_ISO || settings->timezone != NULL ||
		    settings->timezone_offset_s != 0;
	case TYPE_INTERVAL:
		return settings->interval_style != TYPE_INTERVAL_POSTGRES;
	case TYPE_BYTEA:
		return settings->bytea_escape;
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		return settings->extra_float_digits != 1;
	default:
		return false;
	}
}

/* What is made of each element. */
struct array_change {
	uint32_t element;
	const struct type_settings *settings; /* that it is shown under */
	int32_t typmod;			      /* that it is brought to, -1: none */
	bool explicit_cast;
};

static int
put_changed(struct pgwire_buffer *out, const struct array_change *change, const struct array_reader *reader,
    struct report *r)
{
	struct type_value read, value = { .kind = SQLITE_NULL };
	struct pgwire_buffer text = { 0 };
	int result;

	if (type_decode(change->element, TYPE_FORMAT_TEXT, reader->element, reader->length, &read, r) != 0)
		return -1;
	result = type_coerce(change->element, change->typmod, change->explicit_cast, &read, &value, r);
	if (result == 0)
		result = type_put_value_text(&text, &value, change->element, change->settings, r);
	if (result == 0)
		array_put_text(out, text.data == NULL ? "" : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text), false, true);
	out->failed |= text.failed;
	pgwire_buffer_free(&text);
	type_value_free(&value);
	type_value_free(&read);
	return result;
}

static int
change_elements(struct pgwire_buffer *out, const struct array_change *change, const char *data, size_t length,
    struct report *r)
{
	struct array_reader reader;
	struct array_shape shape;
	int result = 0;
	size_t n = 0;

	array_read_shape(data, length, &shape);
	array_put_bounds(out, &shape);
	array_reader_open(&reader, data, length);
	while (result == 0 && array_reader_next(&reader)) {
		if (n > 0)
			pgwire_put_byte(out, ',');
		array_put_braces(out, &shape, n++, '{');
		if (reader.null)
			pgwire_put_bytes(out, "NULL", 4);
		else
			result = put_changed(out, change, &reader, r);
		array_put_braces(out, &shape, n, '}');
	}
	if (n == 0)
		pgwire_put_bytes(out, "{}", 2);
	if (reader.failed)
		result = type_out_of_memory(r);
	array_reader_close(&reader);
	return result;
}

int
type_array_show(struct pgwire_buffer *out, uint32_t element, const char *data, size_t length,
    const struct type_settings *settings, struct report *r)
{
	struct array_change change = { .element = element, .settings = settings, .typmod = -1 };

	if (settings != NULL && is_shown_otherwise(element, settings))
		return change_elements(out, &change, data, length, r);
	pgwire_put_bytes(out, data, length);
	return 0;
}

int
type_array_coerce(uint32_t element, int32_t typmod, bool explicit_cast, const struct type_value *in,
    struct type_value *out, struct report *r)
{
	struct array_change change = { .element = element, .typmod = typmod, .explicit_cast = explicit_cast };
	struct pgwire_buffer text = { 0 };
	int result = change_elements(&text, &change, in->bytes, in->length, r);

	if (result == 0)
		result = text.failed
		    ? type_out_of_memory(r)
		    : type_value_copy(out, (const char *)text.data + text.start, pgwire_buffer_length(&text), r);
	pgwire_buffer_free(&text);
	return result;
}
