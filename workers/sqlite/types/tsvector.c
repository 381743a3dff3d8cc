/*
 * tsvector: its text and binary forms, its order, and how one is made of words.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/tsvector.h"

/* Up to so many occurrences, those that are too many of a word are kept until the end. */
#define BUILDER_SOME 65536

void
tsvector_free(struct tsvector *v)
{
	free(v->words);
	free(v->text);
	free(v->places);
	*v = (struct tsvector) { .words = NULL };
}

int
ts_compare_words(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t least = a_length < b_length ? a_length : b_length;
	int order = least == 0 ? 0 : memcmp(a, b, least);

	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

/* ---- building ---- */

void
tsvector_builder_free(struct tsvector_builder *b)
{
	free(b->items);
	free(b->text);
	*b = (struct tsvector_builder) { .places_max = b->places_max };
}

/* By word, position, and the weightier first. */
static int
compare_occurrences(const void *left, const void *right, void *text)
{
	const struct ts_occurrence *a = left, *b = right;
	int order =
	    ts_compare_words((const char *)text + a->offset, a->length, (const char *)text + b->offset, b->length);

	if (order != 0)
		return order;
	if (TS_POSITION(a->place) != TS_POSITION(b->place))
		return TS_POSITION(a->place) < TS_POSITION(b->place) ? -1 : 1;
	return (int)TS_WEIGHT(b->place) - (int)TS_WEIGHT(a->place);
}

static bool
same_word(const struct tsvector_builder *b, const struct ts_occurrence *left, const struct ts_occurrence *right)
{
	return left->length == right->length &&
	    (left->offset == right->offset ||
		memcmp(b->text + left->offset, b->text + right->offset, left->length) == 0);
}

/* Sorts, and drops a position said twice, no place where there are others, and those that are too many. */
static void
settle(struct tsvector_builder *b)
{
	size_t kept = 0, first = 0;

	if (b->n > 0)
		qsort_r(b->items, b->n, sizeof(*b->items), compare_occurrences, b->text);
	for (size_t i = 0; i < b->n; i++) {
		struct ts_occurrence *last = kept > 0 ? &b->items[kept - 1] : NULL, item = b->items[i];

		if (last == NULL || !same_word(b, last, &item)) {
			first = kept;
			b->items[kept++] = item;
		} else if (last->place == 0) {
			last->place = item.place;
		} else if (TS_POSITION(last->place) != TS_POSITION(item.place) && kept - first < b->places_max) {
			item.offset = last->offset;
			b->items[kept++] = item;
		}
	}
	b->n = kept;
}

static int
grow_items(struct tsvector_builder *b, struct report *r)
{
	size_t capacity = b->capacity == 0 ? 64 : b->capacity * 2;
	struct ts_occurrence *items;

	if (b->capacity >= BUILDER_SOME) {
		settle(b);
		if (b->n < b->capacity / 2)
			return 0;
	}
	if ((items = realloc(b->items, capacity * sizeof(*items))) == NULL) {
		(void)type_out_of_memory(r);
		return -1;
	}
	b->items = items;
	b->capacity = capacity;
	return 0;
}

int
tsvector_add(struct tsvector_builder *b, const char *text, size_t length, uint16_t place, struct report *r)
{
	size_t size = b->size == 0 ? 256 : b->size;
	char *grown;

	if (b->n == b->capacity && grow_items(b, r) < 0)
		return -1;
	while (size - b->used < length)
		size *= 2;
	if (size != b->size) {
		if (size > UINT32_MAX || (grown = realloc(b->text, size)) == NULL) {
			(void)type_out_of_memory(r);
			return -1;
		}
		b->text = grown;
		b->size = size;
	}
	if (length > 0)
		memcpy(b->text + b->used, text, length);
	b->items[b->n++] = (struct ts_occurrence) { (uint32_t)b->used, (uint32_t)length, place };
	b->used += length;
	return 0;
}

static void
fill(struct tsvector *v, const struct tsvector_builder *b)
{
	size_t nplaces = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct ts_occurrence *item = &b->items[i];
		struct tsvector_word *word;

		if (i == 0 || !same_word(b, item - 1, item))
			v->words[v->n++] =
			    (struct tsvector_word) { b->text + item->offset, item->length, 0, v->places + nplaces };
		word = &v->words[v->n - 1];
		if (item->place != 0) {
			v->places[nplaces++] = item->place;
			word->nplaces++;
		}
	}
}

int
tsvector_build(struct tsvector_builder *b, struct tsvector *out, struct report *r)
{
	*out = (struct tsvector) { .words = NULL };
	settle(b);
	out->words = calloc(b->n + 1, sizeof(*out->words));
	out->places = malloc((b->n + 1) * sizeof(*out->places));
	if (out->words == NULL || out->places == NULL) {
		tsvector_free(out);
		tsvector_builder_free(b);
		return type_out_of_memory(r);
	}
	fill(out, b);
	out->text = b->text;
	b->text = NULL;
	tsvector_builder_free(b);
	if (tsvector_check_size(out, r) == 0)
		return 0;
	tsvector_free(out);
	return -1;
}

/* ---- size and order ---- */

/* How many bytes its words and places take in PostgreSQL's own form, which its limit and its order know of. */
static size_t
size_of(const struct tsvector *v)
{
	size_t size = 0;

	for (size_t i = 0; i < v->n; i++) {
		size += v->words[i].length;
		if (v->words[i].nplaces > 0)
			size += size % 2 + 2 + 2 * (size_t)v->words[i].nplaces;
	}
	return size;
}

int
tsvector_check_size(const struct tsvector *v, struct report *r)
{
	size_t size = size_of(v);

	if (size <= TSVECTOR_BYTES_MAX)
		return 0;
	return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
	    "string is too long for tsvector (%zu bytes, max %d bytes)", size, TSVECTOR_BYTES_MAX);
}

static int
compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* A word with places stands before one without, one with more of them before, a later place before. */
static int
compare_places(const struct tsvector_word *a, const struct tsvector_word *b)
{
	int order = compare_numbers(b->nplaces, a->nplaces);

	for (uint32_t i = 0; order == 0 && i < a->nplaces; i++) {
		order = compare_numbers(TS_POSITION(b->places[i]), TS_POSITION(a->places[i]));
		if (order == 0)
			order = compare_numbers(TS_WEIGHT(b->places[i]), TS_WEIGHT(a->places[i]));
	}
	return order;
}

int
tsvector_compare(const struct tsvector *a, const struct tsvector *b)
{
	int order = compare_numbers(size_of(a) + 4 * a->n, size_of(b) + 4 * b->n);

	if (order == 0)
		order = compare_numbers(a->n, b->n);
	for (size_t i = 0; order == 0 && i < a->n; i++) {
		const struct tsvector_word *left = &a->words[i], *right = &b->words[i];

		order = (left->nplaces == 0) - (right->nplaces == 0);
		if (order == 0)
			order = ts_compare_words(left->text, left->length, right->text, right->length);
		if (order == 0)
			order = compare_places(left, right);
	}
	return order;
}

/* ---- text ---- */

static int
add_word(struct tsvector_builder *b, const struct ts_word_reader *reader, struct report *r)
{
	if (reader->n > TSVECTOR_WORD_MAX)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "word is too long (%zu bytes, max %d bytes)",
		    reader->n, TSVECTOR_WORD_MAX);
	if (b->used > TSVECTOR_BYTES_MAX)
		return report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
		    "string is too long for tsvector (%zu bytes, max %d bytes)", b->used, TSVECTOR_BYTES_MAX);
	if (reader->nplaces == 0)
		return tsvector_add(b, reader->text, reader->n, 0, r);
	for (size_t i = 0; i < reader->nplaces; i++)
		if (tsvector_add(b, reader->text, i == 0 ? reader->n : 0, reader->places[i], r) < 0)
			return -1;
		else if (i > 0) /* the same text */
			b->items[b->n - 1] = (struct ts_occurrence) { (uint32_t)(b->used - reader->n),
				(uint32_t)reader->n, reader->places[i] };
	return 0;
}

int
tsvector_parse(const char *data, size_t length, struct tsvector *out, struct report *r)
{
	struct tsvector_builder builder = { .places_max = TSVECTOR_PLACES_MAX };
	struct ts_word_reader reader;
	enum ts_word got = TS_WORD_FAILED;

	*out = (struct tsvector) { .words = NULL };
	if (ts_word_open(&reader, data, length, r) < 0)
		return -1;
	while ((got = ts_word_next(&reader, r)) == TS_WORD_READ)
		if (add_word(&builder, &reader, r) < 0) {
			got = TS_WORD_FAILED;
			break;
		}
	ts_word_close(&reader);
	if (got == TS_WORD_NONE)
		return tsvector_build(&builder, out, r);
	tsvector_builder_free(&builder);
	return -1;
}

void
tsvector_put(struct pgwire_buffer *out, const struct tsvector *v)
{
	char text[TYPE_INTEGER_TEXT];

	for (size_t i = 0; i < v->n; i++) {
		const struct tsvector_word *word = &v->words[i];

		if (i > 0)
			pgwire_put_byte(out, ' ');
		ts_put_quoted(out, word->text, word->length);
		for (uint32_t place = 0; place < word->nplaces; place++) {
			unsigned weight = TS_WEIGHT(word->places[place]);

			pgwire_put_byte(out, place == 0 ? ':' : ',');
			pgwire_put_bytes(out, text, type_write_integer(TS_POSITION(word->places[place]), text));
			if (weight > 0)
				pgwire_put_byte(out, (uint8_t)(" CBA"[weight]));
		}
	}
}

/* ---- binary ---- */

void
tsvector_to_binary(struct pgwire_buffer *out, const struct tsvector *v)
{
	pgwire_put_int32(out, (uint32_t)v->n);
	for (size_t i = 0; i < v->n; i++) {
		pgwire_put_bytes(out, v->words[i].text, v->words[i].length);
		pgwire_put_byte(out, 0);
		pgwire_put_int16(out, (uint16_t)v->words[i].nplaces);
		for (uint32_t place = 0; place < v->words[i].nplaces; place++)
			pgwire_put_int16(out, v->words[i].places[place]);
	}
}

static int
bad_binary(struct tsvector_builder *b, struct report *r, const char *what)
{
	tsvector_builder_free(b);
	return report_set(r, SQLSTATE_INTERNAL_ERROR, "%s", what);
}

int
tsvector_from_binary(struct pgwire_reader *in, struct tsvector *out, struct report *r)
{
	struct tsvector_builder builder = { .places_max = TSVECTOR_PLACES_MAX };
	uint32_t n = pgwire_get_int32(in);

	*out = (struct tsvector) { .words = NULL };
	for (uint32_t i = 0; i < n && !in->failed; i++) {
		const char *word = pgwire_get_string(in);
		unsigned nplaces = pgwire_get_int16(in), last = 0;
		size_t length = word == NULL || in->failed ? 0 : strlen(word);

		if (in->failed)
			break;
		if (type_check_utf8(word, length, r) < 0) {
			tsvector_builder_free(&builder);
			return -1;
		}
		if (length == 0 || length > TSVECTOR_WORD_MAX)
			return bad_binary(&builder, r, "invalid tsvector: lexeme too long");
		if (builder.used > TSVECTOR_BYTES_MAX)
			return bad_binary(&builder, r, "invalid tsvector: maximum total lexeme length exceeded");
		if (nplaces > TSVECTOR_PLACES_MAX)
			return bad_binary(&builder, r, "unexpected number of tsvector positions");
		for (unsigned place = 0; place < nplaces || place == 0; place++) {
			uint16_t value = nplaces == 0 ? 0 : pgwire_get_int16(in);

			if (nplaces > 0 && !in->failed && TS_POSITION(value) <= last)
				return bad_binary(&builder, r, "position information is misordered");
			last = TS_POSITION(value);
			if (tsvector_add(&builder, word, length, value, r) < 0) {
				tsvector_builder_free(&builder);
				return -1;
			}
		}
	}
	if (in->failed || !pgwire_reader_done(in)) {
		tsvector_builder_free(&builder);
		return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "invalid message format");
	}
	return tsvector_build(&builder, out, r);
}
