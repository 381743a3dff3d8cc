/*
 * Documents and queries made of texts, headlines, and dictionaries asked alone.
 */
#include <string.h>

#include "workers/sqlite/functions/ts_value.h"
#include "workers/sqlite/types/array_reader.h"

/* to_tsvector([config,] text) */
void
ts_to_tsvector(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct tsvector_builder builder = { .places_max = TS_DOCUMENT_PLACES_MAX };
	struct ts_poll poll = ts_poll_of(function_session(c));
	const struct ts_config *config = ts_take_first_config(c, &argc, &argv);
	struct report r = { 0 };
	uint32_t position = 0;
	const char *text;
	size_t length;
	int result;

	if (config == NULL)
		return;
	text = function_text(argv[0], &length);
	result = ts_add_document(&builder, config, &poll, &position, text, length, &r);
	ts_give_built(c, result, &builder, &r);
}

static void
make_query(sqlite3_context *c, enum ts_query_form form, int argc, sqlite3_value **argv)
{
	struct ts_poll poll = ts_poll_of(function_session(c));
	const struct ts_config *config = ts_take_first_config(c, &argc, &argv);
	struct report r = { 0 };
	struct tsquery q;
	const char *text;
	size_t length;

	if (config == NULL)
		return;
	text = function_text(argv[0], &length);
	if (ts_make_query(form, config, &poll, text, length, &q, &r) < 0)
		function_fail_report(c, &r);
	else
		ts_give_query(c, &q);
}

void
ts_to_tsquery(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	make_query(c, TS_TO_TSQUERY, argc, argv);
}

void
ts_plainto_tsquery(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	make_query(c, TS_PLAIN, argc, argv);
}

void
ts_phraseto_tsquery(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	make_query(c, TS_PHRASE, argc, argv);
}

void
ts_websearch_to_tsquery(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	make_query(c, TS_WEBSEARCH, argc, argv);
}

/* ts_headline([config,] text, query [, options]) */
void
ts_headline_text(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct ts_poll poll = ts_poll_of(function_session(c));
	struct ts_headline headline = { .config = ts_take_first_config(c, &argc, &argv), .poll = &poll };
	struct pgwire_buffer out = { 0 };
	struct report r = { 0 };
	struct tsquery q;
	const char *text;
	size_t length;
	int result;

	if (headline.config == NULL || !ts_take_query(c, argv[1], &q))
		return;
	headline.query = &q;
	if (argc > 2)
		headline.options = function_text(argv[2], &headline.options_length);
	text = function_text(argv[0], &length);
	result = ts_make_headline(&headline, text, length, &out, &r);
	tsquery_free(&q);
	ts_give_text(c, result, &out, &r);
}

/* ts_lexize(dictionary, word) */
void
ts_lexize_word(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct ts_dictionary *dictionary = ts_dictionary_by_oid((uint32_t)sqlite3_value_int64(argv[0]));
	struct ts_lexizer lexizer = { .stemmer = NULL };
	struct pgwire_buffer out = { 0 };
	struct report r = { 0 };
	const char *word;
	size_t length;
	int got;

	(void)argc;
	if (dictionary == NULL) {
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "cache lookup failed for text search dictionary %u",
		    (uint32_t)sqlite3_value_int64(argv[0]));
		return;
	}
	word = function_text(argv[1], &length);
	if ((got = ts_lexize(&lexizer, dictionary, word, length, &r)) < 0) {
		function_fail_report(c, &r);
	} else {
		pgwire_put_byte(&out, '{');
		if (got > 0)
			array_put_text(&out, lexizer.text, lexizer.length, false, true);
		pgwire_put_byte(&out, '}');
		function_result_buffer(c, &out);
	}
	ts_lexizer_free(&lexizer);
}

void
ts_current_config(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct ts_config *config = ts_take_config(c, NULL);

	(void)argc;
	(void)argv;
	if (config != NULL)
		sqlite3_result_int64(c, config->oid);
}
