/*
 * Values of tsvector: sorted words, each with the places where it stands. Also the reader of words that texts of
 * tsvector and of tsquery have in common.
 */
#ifndef BIBD_SQLITE_TSVECTOR_H
#define BIBD_SQLITE_TSVECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/pgwire/pgwire.h"

/* Limits of PostgreSQL's, in bytes, places and positions. */
#define TSVECTOR_WORD_MAX 2047
#define TSVECTOR_BYTES_MAX 1048575
#define TSVECTOR_POSITION_MAX 16383
#define TSVECTOR_PLACES_MAX 256

/* A place: the position from 1 in the low 14 bits, the weight above them (0 is D, 3 is A). */
#define TS_PLACE(position, weight) ((uint16_t)((uint32_t)(weight) << 14 | (uint32_t)(position)))
#define TS_POSITION(place) ((place)&TSVECTOR_POSITION_MAX)
#define TS_WEIGHT(place) ((unsigned)(place) >> 14)

struct tsvector_word {
	const char *text;
	uint32_t length, nplaces;
	const uint16_t *places; /* ascending */
};

/* Words ascend by their bytes, a prefix before the longer. All of it is the vector's own. */
struct tsvector {
	struct tsvector_word *words;
	size_t n;
	char *text;
	uint16_t *places;
};

void tsvector_free(struct tsvector *v);
/* Reads its text form: 42601, 54000, 53200. */
int tsvector_parse(const char *data, size_t length, struct tsvector *out, struct report *r);
void tsvector_put(struct pgwire_buffer *out, const struct tsvector *v);
int tsvector_from_binary(struct pgwire_reader *in, struct tsvector *out, struct report *r);
void tsvector_to_binary(struct pgwire_buffer *out, const struct tsvector *v);
/* As PostgreSQL sorts them: <0, 0, >0. */
int tsvector_compare(const struct tsvector *a, const struct tsvector *b);
/* The order of two words. */
int ts_compare_words(const char *a, size_t a_length, const char *b, size_t b_length);
/* 54000 where it has more bytes than a tsvector may. */
int tsvector_check_size(const struct tsvector *v, struct report *r);

/* Makes one of words that come in any order, each with one place, or 0 for none. */
struct ts_occurrence {
	uint32_t offset, length;
	uint16_t place;
};
struct tsvector_builder {
	struct ts_occurrence *items;
	size_t n, capacity;
	char *text;
	size_t used, size;
	unsigned places_max; /* of a word */
};
void tsvector_builder_free(struct tsvector_builder *b);
int tsvector_add(struct tsvector_builder *b, const char *text, size_t length, uint16_t place, struct report *r);
/* The builder is empty afterwards, also when it fails. */
int tsvector_build(struct tsvector_builder *b, struct tsvector *out, struct report *r);

/* Reads words: those of a tsvector with their places, those of a query up to an operator. */
struct ts_word_reader {
	const char *at, *end, *whole;
	size_t length;	 /* of the whole, which errors cite */
	bool query, web; /* web: quotes and backslashes are nothing special */
	char *text;	 /* the word */
	size_t n;
	uint16_t *places;
	size_t nplaces, capacity;
};
enum ts_word { TS_WORD_FAILED = -1, TS_WORD_NONE, TS_WORD_READ };
int ts_word_open(struct ts_word_reader *reader, const char *data, size_t length, struct report *r);
void ts_word_close(struct ts_word_reader *reader);
enum ts_word ts_word_next(struct ts_word_reader *reader, struct report *r);
bool ts_is_blank(char c);
/* Puts a word in quotes. */
void ts_put_quoted(struct pgwire_buffer *out, const char *text, size_t length);

#endif
