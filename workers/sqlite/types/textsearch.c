/*
 * tsvector and tsquery between the wire, their kept texts and their order. A tsvector is kept as it is shown; a tsquery
 * also with the parentheses that say how operands of one operator are grouped, which PostgreSQL compares but does not
 * show.
 */
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/tsquery.h"

/* The text in a buffer as a value; the buffer is freed. */
static int
value_of(struct pgwire_buffer *text, struct type_value *out, struct report *r)
{
	int result = text->failed
	    ? type_out_of_memory(r)
	    : type_value_copy(out, (const char *)text->data + text->start, pgwire_buffer_length(text), r);

	pgwire_buffer_free(text);
	return result;
}

int
type_value_tsvector(struct tsvector *v, struct type_value *out, struct report *r)
{
	struct pgwire_buffer text = { 0 };

	tsvector_put(&text, v);
	tsvector_free(v);
	return value_of(&text, out, r);
}

int
type_value_tsquery(struct tsquery *q, struct type_value *out, struct report *r)
{
	struct pgwire_buffer text = { 0 };

	tsquery_put_kept(&text, q);
	tsquery_free(q);
	return value_of(&text, out, r);
}

int
type_parse_text_search(uint32_t oid, const char *data, size_t length, struct type_value *out, struct report *r)
{
	struct tsvector vector;
	struct tsquery query;

	if (oid == TYPE_TSVECTOR)
		return tsvector_parse(data, length, &vector, r) < 0 ? -1 : type_value_tsvector(&vector, out, r);
	return tsquery_parse(data, length, &query, r) < 0 ? -1 : type_value_tsquery(&query, out, r);
}

int
type_text_search_from_binary(uint32_t oid, struct pgwire_reader *in, struct type_value *out, struct report *r)
{
	struct tsvector vector;
	struct tsquery query;

	if (oid == TYPE_TSVECTOR)
		return tsvector_from_binary(in, &vector, r) < 0 ? -1 : type_value_tsvector(&vector, out, r);
	return tsquery_from_binary(in, &query, r) < 0 ? -1 : type_value_tsquery(&query, out, r);
}

int
type_put_text_search(struct pgwire_buffer *out, uint32_t oid, const char *data, size_t length, bool binary,
    struct report *r)
{
	struct tsvector vector;
	struct tsquery query;

	if (oid == TYPE_TSVECTOR && !binary) {
		pgwire_put_bytes(out, data, length);
		return 0;
	}
	if (oid == TYPE_TSVECTOR) {
		if (tsvector_parse(data, length, &vector, r) < 0)
			return -1;
		tsvector_to_binary(out, &vector);
		tsvector_free(&vector);
		return 0;
	}
	if (tsquery_parse(data, length, &query, r) < 0)
		return -1;
	if (binary)
		tsquery_to_binary(out, &query);
	else
		tsquery_put(out, &query);
	tsquery_free(&query);
	return 0;
}

/* Behind a quoted word, whose bytes are counted. NULL: it is none. */
static const char *
measure_word(const char *p, const char *end, size_t *bytes)
{
	if (p == end || *p++ != '\'')
		return NULL;
	for (; p < end; p++, ++*bytes)
		if (*p == '\\' || *p == '\'') {
			bool twice = p + 1 < end && p[1] == *p;

			if (!twice)
				return *p == '\'' ? p + 1 : NULL;
			p++;
		}
	return NULL;
}

/* As large as PostgreSQL's own form, which its order goes by first: from a text that tsvector_put() made. 0: from
 * another one, or of none. */
static size_t
measure(const char *p, size_t length)
{
	const char *end = p + length;
	size_t size = 0, n = 0;

	while (p < end) {
		size_t places = 0;

		if ((p = measure_word(p, end, &size)) == NULL)
			return 0;
		for (; p < end && *p != ' '; p++)
			places += *p == ':' || *p == ',';
		if (places > 0)
			size += size % 2 + 2 + 2 * places;
		n++;
		p += p < end;
	}
	return size + 4 * n;
}

int
type_compare_tsvector(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct tsvector left = { .words = NULL }, right = { .words = NULL };
	struct report r = { 0 };
	size_t a_size = measure(a, a_length), b_size = measure(b, b_length);
	int order = 0;

	if (a_length == b_length && memcmp(a, b, a_length) == 0)
		return 0;
	if (a_size > 0 && b_size > 0 && a_size != b_size)
		return a_size < b_size ? -1 : 1;
	if (tsvector_parse(a, a_length, &left, &r) == 0 && tsvector_parse(b, b_length, &right, &r) == 0)
		order = tsvector_compare(&left, &right);
	tsvector_free(&left);
	tsvector_free(&right);
	report_reset(&r);
	return order;
}

int
type_compare_tsquery(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct tsquery left, right = { .nodes = NULL };
	struct report r = { 0 };
	int order = 0;

	if (tsquery_parse(a, a_length, &left, &r) == 0 && tsquery_parse(b, b_length, &right, &r) == 0)
		order = tsquery_compare(&left, &right);
	tsquery_free(&left);
	tsquery_free(&right);
	report_reset(&r);
	return order;
}
