/*
 * ts_headline(): a document with the words of a query marked, or pieces of it.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/textsearch/headline.h"
#include "workers/sqlite/textsearch/parser.h"

static struct ts_shown *
add_entry(struct ts_showing *s)
{
	size_t room = s->room == 0 ? 128 : s->room * 2;
	struct ts_shown *words;

	if (s->n == s->room) {
		if ((words = realloc(s->words, room * sizeof(*words))) == NULL) {
			(void)report_set(s->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
			return NULL;
		}
		s->words = words;
		s->room = room;
	}
	return &s->words[s->n++];
}

/* Marks the last token, once for each word of the query that its lexeme is. */
static int
find_in_query(struct ts_showing *s, const char *lexeme, size_t length, uint32_t position)
{
	const struct tsquery *q = s->query;
	size_t at = s->n - 1;

	s->words[at].position = (uint16_t)(position > TSVECTOR_POSITION_MAX ? TSVECTOR_POSITION_MAX : position);
	for (size_t i = q->n; i-- > 0;) {
		const struct tsquery_node *node = &q->nodes[i];
		struct ts_shown *again;

		if (node->kind != TSQUERY_WORD || node->length > length || (node->length != length && !node->prefix) ||
		    memcmp(tsquery_text(q, node), lexeme, node->length) != 0)
			continue;
		if (s->words[at].node == TS_NO_NODE) {
			s->words[at].node = i;
			continue;
		}
		if ((again = add_entry(s)) == NULL)
			return -1;
		*again = s->words[at];
		again->node = i;
		again->repeats = true;
	}
	return 0;
}

/* Longer ones than a lexeme may be are not shown at all. */
static int
add_token(struct ts_showing *s, const struct ts_config *config, struct ts_lexizer *lexizer,
    const struct ts_token *token, uint32_t *position)
{
	uint32_t oid = ts_config_dictionary(config, token->type);
	struct ts_shown *shown;
	int got;

	if (token->length > TSVECTOR_WORD_MAX)
		return 0;
	if ((shown = add_entry(s)) == NULL)
		return -1;
	*shown = (struct ts_shown) { .text = token->text,
		.length = token->length,
		.node = TS_NO_NODE,
		.type = (uint8_t)token->type };
	if (oid == 0)
		return 0;
	++*position;
	got = ts_lexize(lexizer, ts_dictionary_by_oid(oid), token->text, token->length, s->report);
	return got <= 0 ? got : find_in_query(s, lexizer->text, lexizer->length, *position);
}

static int
read_words(struct ts_showing *s, const struct ts_config *config, const char *text, size_t length)
{
	struct ts_lexizer lexizer = { .stemmer = NULL };
	struct ts_parser parser;
	struct ts_token token;
	uint32_t position = 0;
	int result = 0;

	ts_parser_open(&parser, text, length);
	while (result == 0 && ts_parser_next(&parser, &token)) {
		result = ts_poll(s->poll, s->report);
		if (result == 0)
			result = add_token(s, config, &lexizer, &token, &position);
	}
	ts_lexizer_free(&lexizer);
	return result;
}

static void
put_string(struct pgwire_buffer *out, const char *own, const char *usual)
{
	const char *text = own != NULL ? own : usual;

	pgwire_put_bytes(out, text, strlen(text));
}

static void
show(const struct ts_showing *s, struct pgwire_buffer *out)
{
	bool within = false, any = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct ts_shown *word = &s->words[i];

		if (word->repeats)
			continue;
		if (word->in && !within && any)
			put_string(out, s->options.delimiter, " ... ");
		within = word->in;
		any |= within;
		if (!word->in || (word->skipped && !word->replaced))
			continue;
		if (word->replaced) {
			pgwire_put_byte(out, ' ');
			continue;
		}
		if (word->selected)
			put_string(out, s->options.start, "<b>");
		pgwire_put_bytes(out, word->text, word->length);
		if (word->selected)
			put_string(out, s->options.stop, "</b>");
	}
}

int
ts_make_headline(const struct ts_headline *headline, const char *text, size_t length, struct pgwire_buffer *out,
    struct report *r)
{
	struct ts_showing s = { .query = headline->query, .poll = headline->poll, .report = r };
	int result = ts_read_headline_options(headline->options, headline->options_length, &s.options, r);

	if (result == 0)
		result = read_words(&s, headline->config, text, length);
	if (result == 0)
		result = s.options.max_fragments == 0 ? ts_choose_words(&s) : ts_choose_fragments(&s);
	if (result == 0)
		show(&s, out);
	free(s.words);
	ts_headline_options_free(&s.options);
	return result;
}
