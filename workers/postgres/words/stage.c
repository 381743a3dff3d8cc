/*
 * The first words of a statement, stage by stage: whether it is a SET, RESET, LISTEN or the like, and of what.
 */
#include <string.h>
#include <bsd/string.h>

#include "workers/postgres/words/keyword.h"

static void
set_name(struct words_lexer *l, const char *name)
{
	(void)strlcpy(l->words.name, name, sizeof(l->words.name));
	l->nsettings++;
}

/* The statement leaves state on the connection that cannot be brought to another. */
static enum words_stage
stage_state(struct words_lexer *l)
{
	words_hide(l);
	return WORDS_STAGE_OTHER;
}

/* LISTEN or UNLISTEN has come: a channel follows, or a syntax error. */
static enum words_stage
stage_listens(struct words_lexer *l)
{
	l->words.flags |= WORDS_STATE;
	return WORDS_STAGE_OTHER;
}

static enum words_stage
stage_set(struct words_lexer *l, enum keyword keyword, bool session)
{
	switch (keyword) {
	case KEYWORD_LOCAL:
	case KEYWORD_TRANSACTION:
	case KEYWORD_CONSTRAINTS:
		return session ? stage_state(l) : WORDS_STAGE_OTHER;
	case KEYWORD_SESSION:
		return session ? stage_state(l) : WORDS_STAGE_SET_SESSION;
	case KEYWORD_CHARACTERISTICS:
	case KEYWORD_AUTHORIZATION:
	case KEYWORD_ROLE:
	case KEYWORD_SCHEMA:
	case KEYWORD_SEED:
	case KEYWORD_XML:
		return stage_state(l);
	case KEYWORD_TIME:
		return WORDS_STAGE_SET_TIME;
	case KEYWORD_NAMES:
		set_name(l, "client_encoding");
		l->words.flags |= WORDS_SETTING;
		return WORDS_STAGE_SET_VALUE;
	default:
		set_name(l, l->word);
		return WORDS_STAGE_SET_NAME;
	}
}

static void
stage_reset_to(struct words_lexer *l, const char *name)
{
	set_name(l, name);
	l->words.flags |= WORDS_RESET;
}

static enum words_stage
stage_reset(struct words_lexer *l, enum keyword keyword)
{
	switch (keyword) {
	case KEYWORD_ALL:
		l->words.flags |= WORDS_RESET_ALL;
		return WORDS_STAGE_OTHER;
	case KEYWORD_ROLE:
		return WORDS_STAGE_OTHER;
	case KEYWORD_SESSION:
		return stage_state(l);
	case KEYWORD_TIME:
		return WORDS_STAGE_RESET_TIME;
	default:
		stage_reset_to(l, l->word);
		return WORDS_STAGE_RESET_NAME;
	}
}

static enum words_stage
stage_first(struct words_lexer *l, enum keyword keyword)
{
	switch (keyword) {
	case KEYWORD_SET:
		return WORDS_STAGE_SET;
	case KEYWORD_RESET:
		return WORDS_STAGE_RESET;
	case KEYWORD_DEALLOCATE:
		return WORDS_STAGE_DEALLOCATE;
	case KEYWORD_DISCARD:
		return WORDS_STAGE_DISCARD;
	case KEYWORD_PREPARE:
		return WORDS_STAGE_PREPARE;
	case KEYWORD_LISTEN:
	case KEYWORD_UNLISTEN:
		l->listen = keyword == KEYWORD_LISTEN;
		return WORDS_STAGE_LISTEN;
	case KEYWORD_LOAD:
	case KEYWORD_DO:
		return stage_state(l);
	default:
		return WORDS_STAGE_OTHER;
	}
}

/* Appends a further part to a name: "name.name". */
static void
name_append(struct words_lexer *l)
{
	(void)strlcat(l->words.name, ".", sizeof(l->words.name));
	if (strlcat(l->words.name, l->word, sizeof(l->words.name)) >= sizeof(l->words.name))
		words_hide(l);
}

static enum words_stage
stage_deallocate(struct words_lexer *l, enum keyword keyword)
{
	if (keyword == KEYWORD_PREPARE)
		return WORDS_STAGE_DEALLOCATE;
	set_name(l, keyword == KEYWORD_ALL ? "" : l->word);
	l->words.flags |= WORDS_DEALLOCATE;
	return WORDS_STAGE_OTHER;
}

static enum words_stage
stage_discard(struct words_lexer *l, enum keyword keyword)
{
	if (keyword == KEYWORD_ALL) {
		l->words.flags |= WORDS_DISCARD_ALL;
		l->nsettings++;
	}
	return WORDS_STAGE_OTHER;
}

/* A name that PostgreSQL may cut, or fold in its own way, is not known here. */
static enum words_stage
stage_listen(struct words_lexer *l, bool quoted)
{
	bool plain = l->length > 0 && l->length < WORDS_NAME_SIZE - 1;

	for (size_t i = 0; i < l->length && !quoted && plain; i++)
		plain = (unsigned char)l->word[i] < 0x80;
	if (!plain)
		return stage_listens(l);
	(void)strlcpy(l->channel, l->word, sizeof(l->channel));
	return WORDS_STAGE_LISTEN_NAME;
}

enum words_stage
words_stage_word(struct words_lexer *l, enum keyword keyword, bool quoted)
{
	switch (l->stage) {
	case WORDS_STAGE_START:
		return stage_first(l, keyword);
	case WORDS_STAGE_SET:
		return stage_set(l, keyword, false);
	case WORDS_STAGE_SET_SESSION:
		return stage_set(l, keyword, true);
	case WORDS_STAGE_SET_TIME:
		set_name(l, "timezone");
		l->words.flags |= WORDS_SETTING;
		return WORDS_STAGE_SET_VALUE;
	case WORDS_STAGE_SET_NAME:
		if (keyword != KEYWORD_TO)
			return stage_state(l);
		l->words.flags |= WORDS_SETTING;
		return WORDS_STAGE_SET_VALUE;
	case WORDS_STAGE_SET_DOT:
		name_append(l);
		return WORDS_STAGE_SET_NAME;
	case WORDS_STAGE_SET_VALUE:
		return keyword == KEYWORD_DEFAULT ? WORDS_STAGE_SET_DEFAULT : WORDS_STAGE_SET_END;
	case WORDS_STAGE_SET_DEFAULT:
		return stage_state(l);
	case WORDS_STAGE_RESET:
		return stage_reset(l, keyword);
	case WORDS_STAGE_RESET_TIME:
		stage_reset_to(l, "timezone");
		return WORDS_STAGE_OTHER;
	case WORDS_STAGE_RESET_DOT:
		name_append(l);
		return WORDS_STAGE_RESET_NAME;
	case WORDS_STAGE_DEALLOCATE:
		return stage_deallocate(l, keyword);
	case WORDS_STAGE_DISCARD:
		return stage_discard(l, keyword);
	case WORDS_STAGE_PREPARE:
		if (keyword != KEYWORD_TRANSACTION)
			l->words.flags |= WORDS_STATE | WORDS_STATEMENTS;
		return WORDS_STAGE_OTHER;
	case WORDS_STAGE_LISTEN:
		return stage_listen(l, quoted);
	case WORDS_STAGE_LISTEN_NAME:
		return stage_listens(l);
	default:
		return l->stage;
	}
}

enum words_stage
words_stage_symbol(struct words_lexer *l, enum words_token token, char symbol)
{
	switch (l->stage) {
	case WORDS_STAGE_START:
		return symbol == '(' ? WORDS_STAGE_START : WORDS_STAGE_OTHER;
	case WORDS_STAGE_SET_NAME:
		if (symbol == '.')
			return WORDS_STAGE_SET_DOT;
		if (symbol != '=')
			return stage_state(l);
		l->words.flags |= WORDS_SETTING;
		return WORDS_STAGE_SET_VALUE;
	case WORDS_STAGE_LISTEN:
		l->channel[0] = '\0';
		return symbol == '*' && !l->listen ? WORDS_STAGE_LISTEN_NAME : stage_listens(l);
	case WORDS_STAGE_LISTEN_NAME:
		return stage_listens(l);
	case WORDS_STAGE_RESET_NAME:
		return symbol == '.' ? WORDS_STAGE_RESET_DOT : stage_state(l);
	case WORDS_STAGE_SET_VALUE:
	case WORDS_STAGE_SET_DEFAULT:
		return WORDS_STAGE_SET_END;
	case WORDS_STAGE_SET:
	case WORDS_STAGE_SET_SESSION:
	case WORDS_STAGE_SET_TIME:
	case WORDS_STAGE_SET_DOT:
	case WORDS_STAGE_RESET:
	case WORDS_STAGE_RESET_TIME:
	case WORDS_STAGE_RESET_DOT:
	case WORDS_STAGE_DEALLOCATE:
	case WORDS_STAGE_DISCARD:
	case WORDS_STAGE_PREPARE:
		/* No SQL that is known here. */
		(void)token;
		return stage_state(l);
	default:
		return l->stage;
	}
}
