/*
 * The query inside a DECLARE, PREPARE, EXPLAIN or COPY is kept as its own text and translated when it is run. The
 * parser does not say where it begins: words are found here, outside of quotes and comments.
 */
#include <string.h>
#include <strings.h>

#include "workers/sqlite/dialect/statements.h"

struct word {
	const char *text;
	size_t length;
	const char *next; /* behind it */
};

static const char *
skip_blanks(const char *p)
{
	for (;;) {
		unsigned depth = 1;

		p += strspn(p, " \t\r\n\f");
		if (p[0] == '-' && p[1] == '-') {
			p += strcspn(p, "\r\n");
			continue;
		}
		if (p[0] != '/' || p[1] != '*')
			return p;
		for (p += 2; *p != '\0' && depth > 0; p++)
			if (p[0] == '*' && p[1] == '/') {
				depth--;
				p++;
			} else if (p[0] == '/' && p[1] == '*') {
				depth++;
				p++;
			}
	}
}

/* Behind the closing quote; a doubled quote reads as two strings side by side, which comes to the same. */
static const char *
skip_quoted(const char *p, bool escapes)
{
	char quote = *p++;

	for (; *p != '\0' && *p != quote; p++)
		if (escapes && *p == '\\' && p[1] != '\0')
			p++;
	return *p == '\0' ? p : p + 1;
}

/* Takes a word, a quoted thing or a single character. */
static bool
next_word(const char *p, struct word *word)
{
	p = skip_blanks(p);
	word->text = p;
	word->next = p;
	if (*p == '\0')
		return false;
	if ((*p == 'e' || *p == 'E') && p[1] == '\'')
		word->next = skip_quoted(p + 1, true);
	else if (*p == '\'' || *p == '"')
		word->next = skip_quoted(p, false);
	else
		while (*word->next == '_' || *word->next == '$' || (*word->next >= '0' && *word->next <= '9') ||
		    ((*word->next | 32) >= 'a' && (*word->next | 32) <= 'z') || (unsigned char)*word->next >= 0x80)
			word->next++;
	if (word->next == p)
		word->next = p + 1;
	word->length = (size_t)(word->next - p);
	return true;
}

static bool
word_is(const struct word *word, const char *text)
{
	return strlen(text) == word->length && strncasecmp(word->text, text, word->length) == 0;
}

static char *
lost(struct translator *t)
{
	translate_fail(t, -1, SQLSTATE_INTERNAL_ERROR, "the statement's query was not found in its text");
	return NULL;
}

char *
source_after_word(struct translator *t, const char *wanted)
{
	struct word word;
	unsigned depth = 0;

	for (const char *p = t->source; next_word(p, &word); p = word.next) {
		if (word_is(&word, "("))
			depth++;
		else if (word_is(&word, ")") && depth > 0)
			depth--;
		else if (depth == 0 && word_is(&word, wanted))
			return translator_plan_copy(t, skip_blanks(word.next));
	}
	return lost(t);
}

/* Behind the parenthesis that closes the one at `p`; *end is where that stands. */
static const char *
skip_parentheses(const char *p, const char **end)
{
	struct word word;
	unsigned depth = 0;

	for (; next_word(p, &word); p = word.next) {
		if (word_is(&word, "("))
			depth++;
		else if (word_is(&word, ")") && --depth == 0) {
			*end = word.text;
			return word.next;
		}
	}
	return NULL;
}

char *
source_in_parentheses(struct translator *t)
{
	const char *open = strchr(t->source, '('), *end = NULL;
	struct word word;
	char *copy;

	for (const char *p = t->source; next_word(p, &word); p = word.next)
		if (word_is(&word, "(")) {
			open = word.text;
			break;
		}
	if (open == NULL || skip_parentheses(open, &end) == NULL)
		return lost(t);
	if ((copy = translator_plan_copy(t, open + 1)) != NULL)
		copy[end - open - 1] = '\0';
	return copy;
}

/* Whether what is in these parentheses is a query, and no list of options. */
static bool
opens_query(const char *p)
{
	static const char *const words[] = { "select", "values", "with", "table", "(" };
	struct word word;

	if (!next_word(p + 1, &word))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word_is(&word, words[i]))
			return true;
	return false;
}

char *
source_after_explain(struct translator *t)
{
	struct word word, next;
	const char *p, *end;

	next_word(t->source, &word);
	p = skip_blanks(word.next);
	if (*p == '(' && !opens_query(p)) {
		if ((p = skip_parentheses(p, &end)) == NULL)
			return lost(t);
	} else
		while (next_word(p, &next) &&
		    (word_is(&next, "analyze") || word_is(&next, "analyse") || word_is(&next, "verbose")))
			p = next.next;
	return translator_plan_copy(t, skip_blanks(p));
}
