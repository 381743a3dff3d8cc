/*
 * Functions of tsvector: weights, parts of one, and arrays.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"
#include "workers/sqlite/functions/ts_value.h"

void
tsvector_length(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct tsvector v;

	(void)argc;
	if (!ts_take_vector(c, argv[0], &v))
		return;
	sqlite3_result_int64(c, (sqlite3_int64)v.n);
	tsvector_free(&v);
}

void
tsvector_strip(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct tsvector v;

	(void)argc;
	if (!ts_take_vector(c, argv[0], &v))
		return;
	for (size_t i = 0; i < v.n; i++)
		v.words[i].nplaces = 0;
	ts_give_vector(c, &v);
}

/* The word that an element is, NULL: there is none, as of a null. */
static struct tsvector_word *
find_word(struct tsvector *v, const struct array_item *item)
{
	size_t i = item->text == NULL ? v->n : ts_find_word(v, item->text, item->length);

	return i < v->n && v->words[i].length == item->length && ts_begins_with(&v->words[i], item->text, item->length)
	    ? &v->words[i]
	    : NULL;
}

static bool
has_null(sqlite3_context *c, const struct array_value *array, const char *what)
{
	for (size_t i = 0; i < array->n; i++)
		if (array->items[i].text == NULL) {
			function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "%s array may not contain nulls", what);
			return true;
		}
	return false;
}

void
tsvector_order(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t a_length, b_length;
	const char *a = function_text(argv[0], &a_length), *b = function_text(argv[1], &b_length);

	(void)argc;
	sqlite3_result_int(c, type_compare_tsvector(a, a_length, b, b_length));
}

static void
weigh(struct tsvector *v, const struct tsvector_word *word, unsigned weight)
{
	uint16_t *places = v->places + (word->places - v->places);

	for (uint32_t i = 0; i < word->nplaces; i++)
		places[i] = TS_PLACE(TS_POSITION(places[i]), weight);
}

/* setweight(vector, "char" [, lexemes]) */
void
tsvector_setweight(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_value words = { .items = NULL };
	const struct tsvector_word *word;
	struct tsvector v;
	unsigned weight;

	if (!ts_take_weight(c, argv[1], &weight) || (argc > 2 && !array_value_read(c, argv[2], &words)))
		return;
	if (!ts_take_vector(c, argv[0], &v)) {
		array_value_free(&words);
		return;
	}
	for (size_t i = 0; argc == 2 && i < v.n; i++)
		weigh(&v, &v.words[i], weight);
	for (size_t i = 0; i < words.n; i++)
		if ((word = find_word(&v, &words.items[i])) != NULL)
			weigh(&v, word, weight);
	array_value_free(&words);
	ts_give_vector(c, &v);
}

static void
drop_marked(struct tsvector *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		if (v->words[i].text != NULL)
			v->words[n++] = v->words[i];
	v->n = n;
}

/* ts_delete(vector, lexeme or lexemes) */
void
tsvector_delete(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_item item = { .text = NULL };
	struct tsvector_word *word;
	struct tsvector v;

	(void)argc;
	if (!ts_take_vector(c, argv[0], &v))
		return;
	item.text = (char *)(uintptr_t)function_text(argv[1], &item.length);
	if ((word = find_word(&v, &item)) != NULL) {
		word->text = NULL;
		drop_marked(&v);
	}
	ts_give_vector(c, &v);
}

void
tsvector_delete_all(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct tsvector_word **found;
	struct array_value words;
	struct tsvector v;

	(void)argc;
	if (!array_value_read(c, argv[1], &words))
		return;
	if (!ts_take_vector(c, argv[0], &v)) {
		array_value_free(&words);
		return;
	}
	if ((found = malloc((words.n + 1) * sizeof(*found))) == NULL) {
		sqlite3_result_error_nomem(c);
	} else {
		for (size_t i = 0; i < words.n; i++)
			found[i] = find_word(&v, &words.items[i]);
		for (size_t i = 0; i < words.n; i++)
			if (found[i] != NULL)
				found[i]->text = NULL;
		drop_marked(&v);
		ts_give_vector(c, &v);
	}
	if (found == NULL)
		tsvector_free(&v);
	free(found);
	array_value_free(&words);
}

/* ts_filter(vector, "char"[]): the places of these weights; words without any go. */
void
tsvector_filter(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	static const char letters[] = "dDcCbBaA";
	struct array_value weights;
	struct tsvector v;
	unsigned mask = 0;

	(void)argc;
	if (!array_value_read(c, argv[1], &weights))
		return;
	for (size_t i = 0; i < weights.n; i++) {
		const char *text = weights.items[i].text, *letter = NULL;

		if (text != NULL && weights.items[i].length == 1)
			letter = memchr(letters, *text, sizeof(letters) - 1);
		if (letter == NULL) {
			if (text == NULL)
				(void)has_null(c, &weights, "weight");
			else
				function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "unrecognized weight: \"%c\"",
				    *text);
			array_value_free(&weights);
			return;
		}
		mask |= 1U << (letter - letters) / 2;
	}
	array_value_free(&weights);
	if (!ts_take_vector(c, argv[0], &v))
		return;
	for (size_t i = 0; i < v.n; i++) {
		uint16_t *places = v.places + (v.words[i].places - v.places);
		uint32_t n = 0;

		for (uint32_t k = 0; k < v.words[i].nplaces; k++)
			if ((mask & 1U << TS_WEIGHT(places[k])) != 0)
				places[n++] = places[k];
		v.words[i].nplaces = n;
		if (n == 0)
			v.words[i].text = NULL;
	}
	drop_marked(&v);
	ts_give_vector(c, &v);
}

/* ---- one behind the other ---- */

static int
add_all(struct tsvector_builder *b, const struct tsvector *v, unsigned from, struct report *r)
{
	int result = 0;

	for (size_t i = 0; i < v->n && result == 0; i++) {
		const struct tsvector_word *word = &v->words[i];

		if (word->nplaces == 0)
			result = tsvector_add(b, word->text, word->length, 0, r);
		for (uint32_t k = 0; k < word->nplaces && result == 0; k++) {
			unsigned position = TS_POSITION(word->places[k]) + from;

			position = position > TSVECTOR_POSITION_MAX ? TSVECTOR_POSITION_MAX : position;
			result = tsvector_add(b, word->text, word->length,
			    TS_PLACE(position, TS_WEIGHT(word->places[k])), r);
		}
	}
	return result;
}

/* Places of the right one begin behind those of the left one. */
void
tsvector_concat(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct tsvector_builder builder = { .places_max = TSVECTOR_PLACES_MAX };
	struct tsvector left, right;
	struct report r = { 0 };
	unsigned last = 0;
	int result;

	(void)argc;
	if (!ts_take_vector(c, argv[0], &left))
		return;
	if (!ts_take_vector(c, argv[1], &right)) {
		tsvector_free(&left);
		return;
	}
	for (size_t i = 0; i < left.n; i++)
		for (uint32_t k = 0; k < left.words[i].nplaces; k++)
			if (TS_POSITION(left.words[i].places[k]) > last)
				last = TS_POSITION(left.words[i].places[k]);
	result = add_all(&builder, &left, 0, &r);
	if (result == 0)
		result = add_all(&builder, &right, last, &r);
	tsvector_free(&left);
	tsvector_free(&right);
	ts_give_built(c, result, &builder, &r);
}

/* ---- arrays ---- */

void
tsvector_to_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer out = { 0 };
	struct tsvector v;

	(void)argc;
	if (!ts_take_vector(c, argv[0], &v))
		return;
	pgwire_put_byte(&out, '{');
	for (size_t i = 0; i < v.n; i++)
		array_put_text(&out, v.words[i].text, v.words[i].length, false, i == 0);
	pgwire_put_byte(&out, '}');
	tsvector_free(&v);
	function_result_buffer(c, &out);
}

void
tsvector_of_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct tsvector_builder builder = { .places_max = TSVECTOR_PLACES_MAX };
	struct report r = { 0 };
	struct array_value words;
	int result = 0;

	(void)argc;
	if (!array_value_read(c, argv[0], &words))
		return;
	if (has_null(c, &words, "lexeme")) {
		array_value_free(&words);
		return;
	}
	for (size_t i = 0; i < words.n && result == 0; i++)
		if (words.items[i].length == 0)
			result = report_set(&r, SQLSTATE_ZERO_LENGTH_CHARACTER_STRING,
			    "lexeme array may not contain empty strings");
		else if (words.items[i].length > TSVECTOR_WORD_MAX)
			result = report_set(&r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
			    "word is too long (%zu bytes, max %d bytes)", words.items[i].length, TSVECTOR_WORD_MAX);
		else
			result = tsvector_add(&builder, words.items[i].text, words.items[i].length, 0, &r);
	array_value_free(&words);
	ts_give_built(c, result, &builder, &r);
}
