/*
 * Finds out what the tokens of a text mean for the session, by the words of words.def and by the first words of a
 * statement (stage.c).
 */
#include <string.h>
#include <strings.h>

#include "workers/postgres/words/keyword.h"

/* Settings that cannot simply be set again on another connection. */
static const char *const pg_settings_kept_by_connection[] = { "idle_session_timeout", "is_superuser", "role", "seed",
	"session_authorization", "transaction_deferrable", "transaction_isolation", "transaction_read_only",
	"xmloption" };

void
words_hide(struct words_lexer *l)
{
	l->words.flags |= WORDS_STATE;
	l->words.hidden = true;
}

/* ---- set_config(name, value, is_local): state unless the third argument is the word TRUE ---- */

static void
set_config_end(struct words_lexer *l)
{
	if (!(l->set_config_commas == 2 && l->set_config_tokens == 1 && l->set_config_local))
		words_hide(l);
	l->set_config = 0;
}

static void
set_config_take(struct words_lexer *l, enum keyword keyword, char symbol)
{
	if (l->set_config == 1) {
		if (symbol != '(') {
			set_config_end(l);
			return;
		}
		l->set_config = 2;
		l->set_config_depth = l->set_config_commas = l->set_config_tokens = 0;
		l->set_config_local = false;
		return;
	}
	if (symbol == ')' && l->set_config_depth == 0) {
		set_config_end(l);
		return;
	}
	if (symbol == ',' && l->set_config_depth == 0) {
		l->set_config_commas++;
		l->set_config_tokens = 0;
		return;
	}
	l->set_config_depth += symbol == '(' ? 1 : 0;
	l->set_config_depth -= symbol == ')' ? 1 : 0;
	l->set_config_tokens++;
	l->set_config_local = keyword == KEYWORD_TRUE;
}

static void
end_listen(struct words_lexer *l)
{
	l->nlistens += l->listen ? 1 : 0;
	l->nunlistens += l->listen ? 0 : 1;
	if (l->take_channel != NULL)
		l->take_channel(l->take_arg, l->listen, l->channel);
}

/* ---- words in their places ---- */

static void
take_keyword(struct words_lexer *l, enum keyword keyword)
{
	enum keyword previous = l->previous;

	/* GRANT EXECUTE ON, EXECUTE FUNCTION of a trigger; any other runs a prepared statement. */
	if (l->after_execute && keyword != KEYWORD_ON && keyword != KEYWORD_FUNCTION && keyword != KEYWORD_PROCEDURE) {
		words_hide(l);
		l->words.flags |= WORDS_STATEMENTS;
	}
	l->after_execute = keyword == KEYWORD_EXECUTE;
	switch (keyword) {
	case KEYWORD_CREATE:
		l->has_create = true;
		break;
	case KEYWORD_UPDATE:
		l->has_update = true;
		break;
	case KEYWORD_TEMP:
	case KEYWORD_TEMPORARY:
		if (l->has_create || previous == KEYWORD_INTO || previous == KEYWORD_LOCAL ||
		    previous == KEYWORD_GLOBAL) {
			l->words.flags |= WORDS_STATE;
			l->words.temporary = true;
		}
		break;
	case KEYWORD_HOLD:
		if (previous == KEYWORD_WITH)
			l->words.flags |= WORDS_STATE;
		break;
	default:
		break;
	}
}

/* Whether the setting makes the same text another statement, since it decides how literals and quotes are read at
 * Parse. */
static bool
reads_otherwise(const char *word)
{
	static const char *const names[] = { "time", "timezone", "datestyle", "intervalstyle",
		"standard_conforming_strings", "backslash_quote", "array_nulls", "transform_null_equals", "xmloption",
		"xml", "lc_monetary", "timezone_abbreviations" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(word, names[i]) == 0)
			return true;
	return false;
}

/* Takes a word that has its meaning as a name, also in quotes. */
static void
take_name(struct words_lexer *l, enum keyword keyword, unsigned flags)
{
	l->words.flags |= flags;
	/* Other functions of this kind run a string as SQL. */
	if ((flags & WORDS_STATE) != 0 && strncmp(l->word, "pg_", 3) != 0 && strcmp(l->word, "setseed") != 0)
		words_hide(l);
	if (l->names != NULL && words_names_has(l->names, l->word, l->length))
		words_hide(l);
	if (keyword == KEYWORD_SET_CONFIG) {
		if (l->set_config != 0)
			words_hide(l);
		l->set_config = 1;
	}
	/* The view can be written to: that is SET. */
	if (keyword == KEYWORD_PG_SETTINGS && l->has_update)
		words_hide(l);
	if (l->word[0] == 'p' && strncmp(l->word, "pg_temp", 7) == 0)
		l->words.flags |= WORDS_STATE;
	if (l->previous == KEYWORD_LOCAL && reads_otherwise(l->word))
		l->words.local = true;
}

void
words_take(struct words_lexer *l, enum words_token token, char symbol)
{
	enum keyword keyword = KEYWORD_NONE;
	unsigned flags = 0;

	if (symbol == ';') {
		words_end_statement(l);
		return;
	}
	l->begun = true;
	/* Most tokens: a value or a symbol where neither means anything. */
	if (token >= WORDS_TOKEN_VALUE && l->stage == WORDS_STAGE_OTHER && l->set_config == 0 && !l->after_execute) {
		l->previous = KEYWORD_NONE;
		return;
	}
	if (token == WORDS_TOKEN_WORD || token == WORDS_TOKEN_QUOTED)
		keyword = words_lookup(l, &flags);
	if (l->set_config != 0)
		set_config_take(l, token == WORDS_TOKEN_WORD ? keyword : KEYWORD_NONE, symbol);
	if (token == WORDS_TOKEN_WORD || token == WORDS_TOKEN_QUOTED)
		take_name(l, keyword, flags);
	if (token == WORDS_TOKEN_QUOTED)
		keyword = KEYWORD_NONE;
	if (token == WORDS_TOKEN_WORD || l->after_execute)
		take_keyword(l, keyword);
	if (l->stage != WORDS_STAGE_OTHER)
		l->stage = token == WORDS_TOKEN_WORD || token == WORDS_TOKEN_QUOTED
		    ? words_stage_word(l, keyword, token == WORDS_TOKEN_QUOTED)
		    : words_stage_symbol(l, token, symbol);
	l->previous = (uint8_t)keyword;
}

static bool
is_kept_by_connection(const char *name)
{
	for (size_t i = 0; i < sizeof(pg_settings_kept_by_connection) / sizeof(pg_settings_kept_by_connection[0]); i++)
		if (strcasecmp(name, pg_settings_kept_by_connection[i]) == 0)
			return true;
	return false;
}

void
words_end_statement(struct words_lexer *l)
{
	/* set_config was named, but not called in the usual way. */
	if (l->set_config != 0)
		words_hide(l);
	l->set_config = 0;
	if (l->begun)
		l->words.nstatements++;
	switch (l->stage) {
	case WORDS_STAGE_SET_DEFAULT:
		l->words.flags = (l->words.flags & ~(unsigned)WORDS_SETTING) | WORDS_RESET;
		break;
	case WORDS_STAGE_SET:
	case WORDS_STAGE_SET_SESSION:
	case WORDS_STAGE_SET_TIME:
	case WORDS_STAGE_SET_NAME:
	case WORDS_STAGE_SET_DOT:
	case WORDS_STAGE_SET_VALUE:
		words_hide(l);
		break;
	case WORDS_STAGE_LISTEN:
		l->words.flags |= WORDS_STATE;
		break;
	case WORDS_STAGE_LISTEN_NAME:
		end_listen(l);
		break;
	default:
		break;
	}
	if ((l->words.flags & (WORDS_SETTING | WORDS_RESET)) != 0 && is_kept_by_connection(l->words.name))
		words_hide(l);
	l->stage = WORDS_STAGE_START;
	l->begun = l->has_create = l->has_update = l->after_execute = false;
	l->previous = KEYWORD_NONE;
}
