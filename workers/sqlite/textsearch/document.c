/*
 * A document: the words of its text as its configuration's dictionaries have them, and their positions.
 */
#include "workers/sqlite/textsearch/parser.h"
#include "workers/sqlite/textsearch/textsearch.h"

#define POLL_EVERY 32

int
ts_poll(struct ts_poll *poll, struct report *r)
{
	if (poll == NULL || ++poll->asked % POLL_EVERY != 0 || poll->must_stop == NULL || !poll->must_stop(poll->arg))
		return 0;
	return report_set(r, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
}

/* Words that are too long for a lexeme are left out, as if they were not there. */
static int
take_token(struct ts_document *document, struct ts_lexizer *lexizer, const struct ts_token *token, struct report *r)
{
	uint32_t oid = ts_config_dictionary(document->config, token->type);
	int got;

	if (oid == 0 || token->length > TSVECTOR_WORD_MAX)
		return 0;
	document->position++;
	got = ts_lexize(lexizer, ts_dictionary_by_oid(oid), token->text, token->length, r);
	if (got <= 0)
		return got;
	return document->word(document->arg, lexizer->text, lexizer->length, document->position, r);
}

int
ts_read_document(struct ts_document *document, const char *text, size_t length, struct report *r)
{
	struct ts_lexizer lexizer = { .stemmer = NULL };
	struct ts_parser parser;
	struct ts_token token;
	int result = 0;

	ts_parser_open(&parser, text, length);
	while (result == 0 && ts_parser_next(&parser, &token)) {
		result = ts_poll(document->poll, r);
		if (result == 0)
			result = take_token(document, &lexizer, &token, r);
	}
	ts_lexizer_free(&lexizer);
	return result;
}

static int
add_word(void *arg, const char *lexeme, size_t length, uint32_t position, struct report *r)
{
	uint32_t cut = position > TSVECTOR_POSITION_MAX ? TSVECTOR_POSITION_MAX : position;

	return tsvector_add(arg, lexeme, length, TS_PLACE(cut, 0), r);
}

int
ts_add_document(struct tsvector_builder *builder, const struct ts_config *config, struct ts_poll *poll,
    uint32_t *position, const char *text, size_t length, struct report *r)
{
	struct ts_document document = { .config = config,
		.poll = poll,
		.position = *position,
		.word = add_word,
		.arg = builder };
	int result = ts_read_document(&document, text, length, r);

	*position = document.position;
	return result;
}
