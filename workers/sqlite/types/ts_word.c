/*
 * The words of a tsvector's or a tsquery's text: bare or in quotes, a backslash before what stands for itself, and
 * behind a word of a tsvector its places.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/tsvector.h"

bool
ts_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

int
ts_word_open(struct ts_word_reader *reader, const char *data, size_t length, struct report *r)
{
	*reader = (struct ts_word_reader) { .at = data, .end = data + length, .whole = data, .length = length };
	reader->text = malloc(length + 1);
	return reader->text == NULL ? type_out_of_memory(r) : 0;
}

void
ts_word_close(struct ts_word_reader *reader)
{
	free(reader->text);
	free(reader->places);
}

static enum ts_word
fail(const struct ts_word_reader *reader, const char *what, struct report *r)
{
	(void)report_set(r, SQLSTATE_SYNTAX_ERROR, "%s: \"%.*s\"", what, (int)reader->length, reader->whole);
	return TS_WORD_FAILED;
}

static enum ts_word
bad_syntax(const struct ts_word_reader *reader, struct report *r)
{
	return fail(reader, reader->query ? "syntax error in tsquery" : "syntax error in tsvector", r);
}

static bool
is_operator(char c)
{
	return c != '\0' && strchr("!&|()<", c) != NULL;
}

/* The character behind a backslash. */
static int
take_escaped(struct ts_word_reader *reader, struct report *r)
{
	if (++reader->at == reader->end) {
		(void)fail(reader, "there is no escaped character", r);
		return -1;
	}
	reader->text[reader->n++] = *reader->at++;
	return 0;
}

/* In quotes, of which two stand for one. */
static enum ts_word
take_quoted(struct ts_word_reader *reader, struct report *r)
{
	reader->at++;
	for (;;) {
		if (reader->at == reader->end)
			return bad_syntax(reader, r);
		if (*reader->at == '\\') {
			if (take_escaped(reader, r) < 0)
				return TS_WORD_FAILED;
			continue;
		}
		if (*reader->at == '\'' && (++reader->at == reader->end || *reader->at != '\''))
			break;
		reader->text[reader->n++] = *reader->at++;
	}
	return reader->n == 0 ? bad_syntax(reader, r) : TS_WORD_READ;
}

/* A colon within it ends it. */
static bool
ends_bare(const struct ts_word_reader *reader)
{
	char c = *reader->at;

	return ts_is_blank(c) || c == ':' || (reader->query && is_operator(c)) || (reader->web && c == '"');
}

static enum ts_word
take_bare(struct ts_word_reader *reader, struct report *r)
{
	if (reader->query && is_operator(*reader->at))
		return bad_syntax(reader, r);
	do {
		if (*reader->at == '\\' && !reader->web) {
			if (take_escaped(reader, r) < 0)
				return TS_WORD_FAILED;
		} else {
			reader->text[reader->n++] = *reader->at++;
		}
	} while (reader->at < reader->end && !ends_bare(reader));
	return TS_WORD_READ;
}

static int
add_place(struct ts_word_reader *reader, uint16_t place, struct report *r)
{
	size_t capacity = reader->capacity == 0 ? 16 : reader->capacity * 2;
	uint16_t *places;

	if (reader->nplaces == reader->capacity) {
		if ((places = realloc(reader->places, capacity * sizeof(*places))) == NULL)
			return type_out_of_memory(r);
		reader->places = places;
		reader->capacity = capacity;
	}
	reader->places[reader->nplaces++] = place;
	return 0;
}

/* A number as C's atoi() takes it, which PostgreSQL cuts down to a position. */
static unsigned
take_position(struct ts_word_reader *reader)
{
	int64_t number = 0;
	int32_t cut;

	for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++)
		number = number > (INT64_MAX - 9) / 10 ? INT64_MAX : number * 10 + (*reader->at - '0');
	cut = (int32_t)(uint32_t)(uint64_t)number;
	return cut > TSVECTOR_POSITION_MAX ? TSVECTOR_POSITION_MAX : (uint32_t)cut & TSVECTOR_POSITION_MAX;
}

/* Behind a position, up to a comma, a blank or the end: one letter that says more than D, and digits that say nothing
 * are let pass. */
static int
take_weight(struct ts_word_reader *reader, unsigned *weight)
{
	static const char weights[] = "dDcCbBaA*";

	*weight = 0;
	for (; reader->at < reader->end && *reader->at != ',' && !ts_is_blank(*reader->at); reader->at++) {
		const char *letter = memchr(weights, *reader->at, sizeof(weights) - 1);

		if (*reader->at >= '0' && *reader->at <= '9')
			continue;
		if (letter == NULL || *weight != 0)
			return -1;
		*weight = *letter == '*' ? 3 : (unsigned)(letter - weights) / 2;
	}
	return 0;
}

/* ":1A,3": the colon is at hand. */
static enum ts_word
take_places(struct ts_word_reader *reader, struct report *r)
{
	do {
		unsigned position, weight;

		if (++reader->at == reader->end || *reader->at < '0' || *reader->at > '9')
			return bad_syntax(reader, r);
		if ((position = take_position(reader)) == 0)
			return fail(reader, "wrong position info in tsvector", r);
		if (take_weight(reader, &weight) < 0)
			return bad_syntax(reader, r);
		if (add_place(reader, TS_PLACE(position, weight), r) < 0)
			return TS_WORD_FAILED;
	} while (reader->at < reader->end && *reader->at == ',');
	return TS_WORD_READ;
}

enum ts_word
ts_word_next(struct ts_word_reader *reader, struct report *r)
{
	enum ts_word got;

	while (reader->at < reader->end && ts_is_blank(*reader->at))
		reader->at++;
	reader->n = reader->nplaces = 0;
	if (reader->at == reader->end)
		return TS_WORD_NONE;
	got = *reader->at == '\'' && !reader->web ? take_quoted(reader, r) : take_bare(reader, r);
	if (got == TS_WORD_READ && !reader->query && reader->at < reader->end && *reader->at == ':')
		got = take_places(reader, r);
	return got;
}

void
ts_put_quoted(struct pgwire_buffer *out, const char *text, size_t length)
{
	const char *from = text, *end = text + length;

	pgwire_put_byte(out, '\'');
	for (const char *p = text; p < end; p++) {
		if (*p != '\'' && *p != '\\')
			continue;
		pgwire_put_bytes(out, from, (size_t)(p - from));
		pgwire_put_byte(out, (uint8_t)*p);
		from = p;
	}
	pgwire_put_bytes(out, from, (size_t)(end - from));
	pgwire_put_byte(out, '\'');
}
