/*
 * Sets of text search: the tokens of a document, what becomes of each, the types of tokens, and the words of a
 * tsvector; rows all of them.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/functions/set.h"
#include "workers/sqlite/functions/ts_value.h"
#include "workers/sqlite/textsearch/parser.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"

struct search {
	struct ts_parser parser;
	const struct ts_config *config;
	struct ts_lexizer lexizer;
	struct ts_poll poll;
	struct tsvector vector;
	size_t at;
	struct pgwire_buffer row; /* the value at hand */
	char text[];		  /* the document */
};

static struct search *
open_search(struct set *set, sqlite3_value *document, struct report *r)
{
	size_t length;
	const char *text = function_text(document, &length);
	struct search *s = set->state = calloc(1, sizeof(*s) + length + 1);

	if (s == NULL) {
		(void)type_out_of_memory(r);
		return NULL;
	}
	memcpy(s->text, text, length);
	ts_parser_open(&s->parser, s->text, length);
	s->poll = ts_poll_of(set->session);
	return s;
}

static void
close_search(void *state)
{
	struct search *s = state;

	ts_lexizer_free(&s->lexizer);
	tsvector_free(&s->vector);
	pgwire_buffer_free(&s->row);
}

static void
add_string(struct record_writer *w, uint32_t oid, const char *text)
{
	record_add(w, oid, text, text == NULL ? 0 : strlen(text));
}

static void
add_number(struct record_writer *w, int64_t number)
{
	char text[TYPE_INTEGER_TEXT];

	record_add(w, TYPE_INT4, text, type_write_integer(number, text));
}

/* The row is the set's until the next one. */
static int
give_row(struct set *set, struct record_writer *w, struct report *r)
{
	struct search *s = set->state;

	s->row.start = s->row.end = 0;
	record_end(w, &s->row);
	if (s->row.failed)
		return type_out_of_memory(r);
	set->value = (struct type_value) { .kind = SQLITE_TEXT,
		.bytes = (const char *)s->row.data + s->row.start,
		.length = pgwire_buffer_length(&s->row) };
	return 0;
}

static int
check_parser_name(const char *text, struct report *r)
{
	char *schema = NULL, *name = catalog_parse_qualified(text, &schema);
	bool known =
	    name != NULL && (schema == NULL || strcmp(schema, "pg_catalog") == 0) && strcmp(name, "default") == 0;
	int result = known ? 0
	    : name == NULL || *name == '\0'
	    ? report_set(r, SQLSTATE_INVALID_NAME, "invalid name syntax")
	    : report_set(r, SQLSTATE_UNDEFINED_OBJECT, "text search parser \"%s\" does not exist", text);

	free(schema);
	free(name);
	return result;
}

/* By its OID or its name. */
static int
check_parser(sqlite3_value *value, struct report *r)
{
	size_t length;

	if (sqlite3_value_type(value) != SQLITE_INTEGER)
		return check_parser_name(function_text(value, &length), r);
	return sqlite3_value_int64(value) == TS_PARSER_DEFAULT
	    ? 0
	    : report_set(r, SQLSTATE_INTERNAL_ERROR, "cache lookup failed for text search parser %u",
		  (uint32_t)sqlite3_value_int64(value));
}

/* ---- ts_parse(parser, document) ---- */

static int
parse_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	(void)argc;
	return check_parser(argv[0], r) < 0 || open_search(set, argv[1], r) == NULL ? -1 : 0;
}

static int
parse_next(struct set *set, struct report *r)
{
	struct search *s = set->state;
	struct record_writer w = { .n = 0 };
	struct ts_token token;

	set->done = !ts_parser_next(&s->parser, &token);
	if (set->done)
		return 0;
	if (ts_poll(&s->poll, r) < 0)
		return -1;
	add_number(&w, token.type);
	record_add(&w, TYPE_TEXT, token.text, token.length);
	return give_row(set, &w, r);
}

/* ---- ts_token_type(parser) ---- */

static int
types_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	(void)argc;
	return check_parser(argv[0], r) < 0 || open_search(set, argv[0], r) == NULL ? -1 : 0;
}

static int
types_next(struct set *set, struct report *r)
{
	struct search *s = set->state;
	const struct ts_token_name *name = ts_token_name((unsigned)++s->at);
	struct record_writer w = { .n = 0 };

	set->done = name == NULL;
	if (set->done)
		return 0;
	add_number(&w, (int64_t)s->at);
	add_string(&w, TYPE_TEXT, name->alias);
	add_string(&w, TYPE_TEXT, name->description);
	return give_row(set, &w, r);
}

/* ---- ts_debug([config,] document) ---- */

static int
debug_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct search *s = open_search(set, argv[argc - 1], r);

	if (s == NULL)
		return -1;
	s->config =
	    argc > 1 ? ts_config_by_oid((uint32_t)sqlite3_value_int64(argv[0])) : ts_session_config(set->session, r);
	if (s->config == NULL && argc == 1)
		return -1;
	set->done = s->config == NULL; /* PostgreSQL joins with the catalog, which has no such row */
	return 0;
}

/* The one dictionary that a token has, and what it makes of it. */
static int
add_lexemes(struct search *s, struct record_writer *w, const struct ts_token *token, struct report *r)
{
	const struct ts_dictionary *dictionary = ts_dictionary_by_oid(ts_config_dictionary(s->config, token->type));
	struct pgwire_buffer text = { 0 };
	int got;

	if (dictionary == NULL) {
		add_string(w, TYPE_REGDICTIONARY_ARRAY, "{}");
		add_string(w, TYPE_REGDICTIONARY, NULL);
		add_string(w, TYPE_TEXT_ARRAY, NULL);
		return 0;
	}
	pgwire_put_byte(&text, '{');
	pgwire_put_bytes(&text, dictionary->name, strlen(dictionary->name));
	pgwire_put_byte(&text, '}');
	record_add(w, TYPE_REGDICTIONARY_ARRAY, (const char *)text.data + text.start, pgwire_buffer_length(&text));
	add_string(w, TYPE_REGDICTIONARY, dictionary->name);
	text.end = text.start;
	if ((got = ts_lexize(&s->lexizer, dictionary, token->text, token->length, r)) >= 0) {
		pgwire_put_byte(&text, '{');
		if (got > 0)
			array_put_text(&text, s->lexizer.text, s->lexizer.length, false, true);
		pgwire_put_byte(&text, '}');
		record_add(w, TYPE_TEXT_ARRAY, (const char *)text.data + text.start, pgwire_buffer_length(&text));
	}
	w->fields.failed |= text.failed;
	pgwire_buffer_free(&text);
	return got < 0 ? -1 : 0;
}

static int
debug_next(struct set *set, struct report *r)
{
	struct search *s = set->state;
	struct record_writer w = { .n = 0 };
	const struct ts_token_name *name;
	struct ts_token token;

	set->done = s->config == NULL || !ts_parser_next(&s->parser, &token);
	if (set->done)
		return 0;
	if (ts_poll(&s->poll, r) < 0)
		return -1;
	name = ts_token_name(token.type);
	add_string(&w, TYPE_TEXT, name->alias);
	add_string(&w, TYPE_TEXT, name->description);
	record_add(&w, TYPE_TEXT, token.text, token.length);
	if (add_lexemes(s, &w, &token, r) < 0) {
		record_writer_free(&w);
		return -1;
	}
	return give_row(set, &w, r);
}

/* ---- unnest(tsvector) ---- */

static int
words_open(struct set *set, int argc, sqlite3_value **argv, struct report *r)
{
	struct search *s = open_search(set, argv[0], r);

	(void)argc;
	return s == NULL ? -1 : tsvector_parse(s->text, s->parser.length, &s->vector, r);
}

static int
words_next(struct set *set, struct report *r)
{
	struct search *s = set->state;
	struct pgwire_buffer positions = { 0 }, weights = { 0 };
	struct record_writer w = { .n = 0 };
	const struct tsvector_word *word;
	bool failed;

	set->done = s->at == s->vector.n;
	if (set->done)
		return 0;
	word = &s->vector.words[s->at++];
	for (uint32_t i = 0; i < word->nplaces; i++) {
		char number[TYPE_INTEGER_TEXT], sign = i == 0 ? '{' : ',';

		pgwire_put_byte(&positions, (uint8_t)sign);
		pgwire_put_bytes(&positions, number, type_write_integer(TS_POSITION(word->places[i]), number));
		pgwire_put_byte(&weights, (uint8_t)sign);
		pgwire_put_byte(&weights, (uint8_t)("DCBA"[TS_WEIGHT(word->places[i])]));
	}
	pgwire_put_byte(&positions, '}');
	pgwire_put_byte(&weights, '}');
	failed = positions.failed || weights.failed;
	record_add(&w, TYPE_TEXT, word->text, word->length);
	record_add(&w, TYPE_INT2_ARRAY, word->nplaces == 0 || failed ? NULL : (const char *)positions.data,
	    pgwire_buffer_length(&positions));
	record_add(&w, TYPE_TEXT_ARRAY, word->nplaces == 0 || failed ? NULL : (const char *)weights.data,
	    pgwire_buffer_length(&weights));
	pgwire_buffer_free(&positions);
	pgwire_buffer_free(&weights);
	w.fields.failed |= failed;
	return give_row(set, &w, r);
}

const struct set_kind set_text_search_kinds[] = {
	{ .name = "ts_parse", .open = parse_open, .next = parse_next, .close = close_search },
	{ .name = "ts_token_type", .open = types_open, .next = types_next, .close = close_search },
	{ .name = "ts_debug", .open = debug_open, .next = debug_next, .close = close_search },
	{ .name = "ts_unnest", .open = words_open, .next = words_next, .close = close_search },
	{ .name = NULL },
};
