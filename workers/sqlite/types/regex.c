/*
 * Compiles a pattern with libtre, runs it over a text under bounds of time and memory, and finds matches.
 */
#include "workers/sqlite/types/regex.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tre/tre.h>
#include <wchar.h>

#include "workers/sqlite/types/utf8.h"
#include "workers/sqlite/types/regex_rewrite.h"
#include "workers/sqlite/types/regex_tree.h"

/* Characters between two looks whether to stop: a character costs 50 ms in the slowest automaton that is let
 * through. */
#define STOP_STEP 8

/* The library takes the place where a search begins for a boundary of words. One that goes on in a text looks first for
 * a match right there, by an automaton that reads the character before it, too. */
struct regex {
	regex_t compiled;
	regex_t behind;
	bool has_behind;
	struct regex_tree *tree; /* what the library does not have; NULL: it has it all */
};

/* Parentheses that `behind` has around the pattern, and the one before it. */
#define BEHIND_GROUPS 2

/* What is read from while a match runs. */
struct regex_text {
	const char *text;
	size_t length, at;
	bool (*must_stop)(void *);
	void *arg;
	unsigned steps;
	bool stopped;
};

static const struct {
	int code;
	enum sqlstate state;
	const char *text;
} regex_errors[] = {
	/* The library says so, too, of what is beyond its own bounds. */
	{ REG_ESPACE, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "the regular expression is too large, or memory is out" },
	{ REG_EPAREN, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: parentheses () not balanced" },
	{ REG_EBRACK, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: brackets [] not balanced" },
	{ REG_EBRACE, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: braces {} not balanced" },
	{ REG_BADBR, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: invalid repetition count(s)" },
	{ REG_ERANGE, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: invalid character range" },
	{ REG_ECTYPE, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: invalid character class" },
	{ REG_ECOLLATE, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: invalid collating element" },
	{ REG_EESCAPE, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: invalid escape \\ sequence" },
	{ REG_BADRPT, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: quantifier operand invalid" },
};

static int
regex_report(int code, struct report *r)
{
	for (size_t i = 0; i < sizeof(regex_errors) / sizeof(regex_errors[0]); i++)
		if (regex_errors[i].code == code)
			return report_set(r, regex_errors[i].state, "%s", regex_errors[i].text);
	return report_set(r, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression");
}

/* The pattern's characters between two texts: the automaton's are code points. NULL: out of memory. */
static wchar_t *
regex_decode(const wchar_t *before, const char *text, size_t length, const wchar_t *after, size_t *n)
{
	wchar_t *wide = calloc(wcslen(before) + length + wcslen(after) + 1, sizeof(*wide));

	if (wide == NULL)
		return NULL;
	wcscpy(wide, before);
	*n = wcslen(before);
	for (size_t at = 0; at < length;)
		wide[(*n)++] = (wchar_t)utf8_decode(text, length, &at);
	wcscpy(wide + *n, after);
	*n += wcslen(after);
	return wide;
}

static int
regex_compile(regex_t *compiled, const wchar_t *before, const char *text, size_t length, const wchar_t *after,
    unsigned flags)
{
	int cflags = REG_EXTENDED, code;
	size_t n;
	wchar_t *wide = regex_decode(before, text, length, after, &n);

	if (wide == NULL)
		return REG_ESPACE;
	cflags |= (flags & REGEX_SPANS_WANTED) == 0 ? REG_NOSUB : 0;
	cflags |= (flags & REGEX_IGNORE_CASE) != 0 ? REG_ICASE : 0;
	cflags |= (flags & REGEX_NEWLINE) != 0 ? REG_NEWLINE : 0;
	code = tre_regwncomp(compiled, wide, n, cflags);
	free(wide);
	return code;
}

/* What neither has keeps the library's own reason. */
static struct regex_tree *
take_over(const char *pattern, size_t length, unsigned flags, struct report *r)
{
	struct report own = { 0 };
	struct regex_tree *tree = regex_tree_new(pattern, length, flags, &own);

	if (tree != NULL || own.state != SQLSTATE_FEATURE_NOT_SUPPORTED) {
		report_reset(r);
		report_move(r, &own);
	}
	report_reset(&own);
	return tree;
}

/* The library is not asked which part matched what: it prefers others than PostgreSQL. */
static bool
is_for_tree(const char *pattern, size_t length, unsigned flags, struct regex *regex, struct report *r)
{
	if ((flags & REGEX_SPANS_WANTED) == 0)
		return false;
	regex->tree = regex_tree_new(pattern, length, flags, r);
	if (regex->tree == NULL && r->state == SQLSTATE_FEATURE_NOT_SUPPORTED) {
		report_reset(r);
		return false;
	}
	return true;
}

struct regex *
regex_new(const char *pattern, size_t length, unsigned flags, struct report *r)
{
	struct regex *regex = calloc(1, sizeof(*regex));
	struct report ignored = { 0 };
	unsigned given = flags;
	bool boundaries = false;
	char *text = NULL;
	int code = REG_ESPACE;
	size_t size;

	if (regex != NULL && is_for_tree(pattern, length, flags, regex, r)) {
		if (regex->tree != NULL)
			return regex;
		free(regex);
		return NULL;
	}
	if (regex != NULL && (text = regex_rewrite(pattern, length, &flags, &boundaries, &size, r)) == NULL) {
		if (r->state == SQLSTATE_FEATURE_NOT_SUPPORTED &&
		    (regex->tree = take_over(pattern, length, given, r)) != NULL)
			return regex;
		free(regex);
		return NULL;
	}
	/* Nor does it know where words begin and end in an empty text. */
	if (regex != NULL && boundaries && (flags & REGEX_SPANS_WANTED) == 0 &&
	    (regex->tree = regex_tree_new(pattern, length, given, &ignored)) != NULL) {
		free(text);
		return regex;
	}
	report_reset(&ignored);
	if (regex != NULL && (code = regex_compile(&regex->compiled, L"", text, size, L"", flags)) == REG_OK &&
	    boundaries && (flags & REGEX_SPANS_WANTED) != 0) {
		if ((code = regex_compile(&regex->behind, L"^(.|\n)(", text, size, L")", flags)) == REG_OK)
			regex->has_behind = true;
		else
			tre_regfree(&regex->compiled);
	}
	free(text);
	if (code == REG_OK)
		return regex;
	free(regex);
	(void)regex_report(code, r);
	return NULL;
}

void
regex_free(void *arg)
{
	struct regex *regex = arg;

	if (regex == NULL)
		return;
	if (regex->tree != NULL) {
		regex_tree_free(regex->tree);
		free(regex);
		return;
	}
	tre_regfree(&regex->compiled);
	if (regex->has_behind)
		tre_regfree(&regex->behind);
	free(regex);
}

unsigned
regex_groups(const struct regex *regex)
{
	return regex->tree != NULL ? regex_tree_groups(regex->tree) : (unsigned)regex->compiled.re_nsub;
}

/* 0 with the next character, or 1 at the end; the end comes at once when the match is to stop. */
static int
regex_next(tre_char_t *c, unsigned *advance, void *arg)
{
	struct regex_text *text = arg;
	size_t before = text->at;

	if (text->must_stop != NULL && ++text->steps % STOP_STEP == 0 && text->must_stop(text->arg))
		text->stopped = true;
	*advance = 1;
	*c = 0;
	if (text->stopped || text->at >= text->length)
		return 1;
	*c = (tre_char_t)utf8_decode(text->text, text->length, &text->at);
	*advance = (unsigned)(text->at - before);
	return 0;
}

/* As regex_find, by one of the automata; the first `skip` spans are not the pattern's. */
static int
regex_run(const regex_t *compiled, struct regex_text *state, size_t from, int eflags, unsigned skip,
    struct regex_span *spans)
{
	const tre_str_source source = { .get_next_char = regex_next, .context = state };
	regmatch_t found[BEHIND_GROUPS + REGEX_SPANS];
	int code;

	state->at = from;
	code = tre_reguexec(compiled, &source, spans == NULL ? 0 : skip + REGEX_SPANS, found, eflags);
	if (state->stopped)
		return -1;
	if (code == REG_ESPACE)
		return -2;
	if (code != REG_OK)
		return 0;
	for (unsigned i = 0; spans != NULL && i < REGEX_SPANS; i++) {
		const regmatch_t *span = &found[skip + i];

		spans[i] = skip + i <= compiled->re_nsub && span->rm_so >= 0
		    ? (struct regex_span) { from + (size_t)span->rm_so, from + (size_t)span->rm_eo }
		    : (struct regex_span) { 1, 0 };
	}
	return 1;
}

/* Where the character before this place begins. */
static size_t
regex_before(const char *text, size_t at)
{
	for (at--; at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80; at--)
		;
	return at;
}

int
regex_find(const struct regex *regex, const char *text, size_t length, size_t from, struct regex_span *spans,
    bool (*must_stop)(void *), void *arg)
{
	struct regex_text state = { .text = text, .length = length, .must_stop = must_stop, .arg = arg };
	int found;

	if (regex->tree != NULL)
		return regex_tree_find(regex->tree, text, length, from, spans, must_stop, arg);
	for (;;) {
		if (from > 0 && regex->has_behind) {
			found = regex_run(&regex->behind, &state, regex_before(text, from), 0, BEHIND_GROUPS, spans);
			if (found < 0 || (found == 1 && spans[0].from == from))
				return found;
		}
		found = regex_run(&regex->compiled, &state, from, from > 0 ? REG_NOTBOL : 0, 0, spans);
		if (found != 1 || from == 0 || !regex->has_behind || spans[0].from != from || from == length)
			return found;
		(void)utf8_decode(text, length, &from);
	}
}
