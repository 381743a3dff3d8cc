/*
 * Translates a pattern piece by piece, counts its states, and refuses what POSIX cannot say.
 */
#include "workers/sqlite/types/regex_rewrite.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/regex.h"

/* Bounds of what is built. Braces multiply what they repeat; the automaton's transitions grow with the square of the
 * parts that may match nothing and follow each other. */
#define PATTERN_MAX 4096
#define NESTING_MAX 100
#define REPEAT_MAX 255 /* PostgreSQL's own */
#define STATES_MAX 16384
#define OPTIONAL_MAX 256

/* Two bytes of a pattern come to twelve at most. */
#define GROWTH 8

/* Escapes of PostgreSQL's regular expressions; inside brackets, without the outer pair. */
static const struct {
	char letter;
	const char *outside, *inside; /* inside NULL: not allowed there */
} escapes[] = {
	{ 'd', "[[:digit:]]", "[:digit:]" },
	{ 'D', "[^[:digit:]]", NULL },
	{ 's', "[[:space:]]", "[:space:]" },
	{ 'S', "[^[:space:]]", NULL },
	{ 'w', "[[:alnum:]_]", "[:alnum:]_" },
	{ 'W', "[^[:alnum:]_]", NULL },
	{ 'm', "\\<", NULL },
	{ 'M', "\\>", NULL },
	{ 'y', "\\b", NULL },
	{ 'Y', "\\B", NULL },
	{ 'A', "^", NULL },
	{ 'Z', "$", NULL },
	{ 'n', "\n", "\n" },
	{ 't', "\t", "\t" },
	{ 'r', "\r", "\r" },
	{ 'f', "\f", "\f" },
	{ 'v', "\v", "\v" },
};

/* What a part of the pattern comes to when it is built. */
struct cost {
	unsigned long states, optional;
};

struct rewriter {
	const char *at, *end;
	char *out;
	size_t length;
	bool spans;	 /* what matched is asked for */
	bool boundaries; /* it asks where words begin or end */
	bool operand;	 /* a quantifier may follow */
	unsigned depth;
	bool
	    anchored[NESTING_MAX + 1]; /* it asks where it stands: ^, $, \m; in each pair of parentheses that is open */
	bool repeats_anchor;	       /* the last part is such a pair */
	struct cost before[NESTING_MAX + 1]; /* what stands before `last`, in each pair of parentheses that is open */
	struct cost last;		     /* what a quantifier would repeat */
	struct report *report;
};

static int
unsupported(struct rewriter *w, const char *what)
{
	return report_set(w->report, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "%s in a regular expression is not supported on SQLite", what);
}

static int
invalid(struct rewriter *w, const char *what)
{
	return report_set(w->report, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: %s", what);
}

static int
too_large(struct rewriter *w, const char *what)
{
	return report_set(w->report, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "the regular expression is too large: %s", what);
}

static void
put(struct rewriter *w, const char *text, size_t n)
{
	memcpy(w->out + w->length, text, n);
	w->length += n;
}

/* A new part begins: one character, or an anchor. */
static void
begin_part(struct rewriter *w, unsigned long states)
{
	w->repeats_anchor = false;
	w->before[w->depth].states += w->last.states;
	w->before[w->depth].optional += w->last.optional;
	w->last = (struct cost) { .states = states };
}

/* The last part is repeated so often; bounded at once, so that no product overflows. */
static int
repeat_part(struct rewriter *w, unsigned long times)
{
	w->last.states *= times;
	w->last.optional = w->last.optional * times + times;
	if (w->last.states > STATES_MAX)
		return too_large(w, "so many repeats of so long a pattern");
	return w->last.optional > OPTIONAL_MAX ? too_large(w, "so many parts that may match nothing") : 0;
}

static bool
is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The escape at hand: 1 when it stands for a class or such, which is put; 0 for a character by itself, in *letter. */
static int
rewrite_escape(struct rewriter *w, bool inside, char *letter)
{
	if (w->at + 1 >= w->end)
		return invalid(w, "invalid escape \\ sequence");
	*letter = w->at[1];
	w->at += 2;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		const char *text = inside ? escapes[i].inside : escapes[i].outside;

		if (escapes[i].letter != *letter)
			continue;
		if (text == NULL)
			return unsupported(w, "this escape inside brackets");
		put(w, text, strlen(text));
		w->boundaries |= strchr("mMyY", *letter) != NULL;
		return 1;
	}
	if (*letter >= '1' && *letter <= '9')
		return unsupported(w, "a back reference");
	return is_alphanumeric(*letter) ? unsupported(w, "this escape") : 0;
}

static int
rewrite_plain_escape(struct rewriter *w)
{
	char letter;
	int result;

	begin_part(w, 1);
	w->anchored[w->depth] |= w->at + 1 < w->end && strchr("mMyYAZ", w->at[1]) != NULL;
	result = rewrite_escape(w, false, &letter);
	if (result == 0) {
		put(w, "\\", 1);
		put(w, &letter, 1);
	}
	w->operand = true;
	return result == -1 ? -1 : 0;
}

/* Characters that POSIX takes by their place inside brackets only: escaped ones are put there. */
struct bracket {
	size_t body; /* where the list begins in `out` */
	bool closes, dash, caret;
};

static int
rewrite_bracket_escape(struct rewriter *w, struct bracket *b)
{
	char letter;
	int result = rewrite_escape(w, true, &letter);

	if (result != 0)
		return result == -1 ? -1 : 0;
	if (letter == ']')
		b->closes = true;
	else if (letter == '-')
		b->dash = true;
	else if (letter == '^')
		b->caret = true;
	else
		put(w, &letter, 1);
	return 0;
}

static int
rewrite_bracket_end(struct rewriter *w, const struct bracket *b)
{
	if (b->closes) {
		memmove(w->out + b->body + 1, w->out + b->body, w->length - b->body);
		w->out[b->body] = ']';
		w->length++;
	}
	if (b->caret && w->length == b->body && w->out[b->body - 1] == '[')
		return unsupported(w, "a list of nothing but ^");
	if (b->caret)
		put(w, "^", 1);
	if (b->dash)
		put(w, "-", 1);
	put(w, "]", 1);
	w->operand = true;
	return 0;
}

/* [...]: a backslash escapes there too, which POSIX does not have. */
static int
rewrite_bracket(struct rewriter *w)
{
	struct bracket b = { .body = 0 };

	begin_part(w, 1);
	put(w, w->at++, 1);
	if (w->at < w->end && *w->at == '^')
		put(w, w->at++, 1);
	b.body = w->length;
	if (w->at < w->end && *w->at == ']')
		put(w, w->at++, 1);
	while (w->at < w->end && *w->at != ']') {
		if (*w->at == '\\') {
			if (rewrite_bracket_escape(w, &b) == -1)
				return -1;
		} else if (*w->at == '[' && w->at + 1 < w->end && strchr(":.=", w->at[1]) != NULL) {
			char close[3] = { w->at[1], ']', '\0' };
			const char *found = memmem(w->at + 2, (size_t)(w->end - w->at - 2), close, 2);

			if (found == NULL)
				return invalid(w, "brackets [] not balanced");
			put(w, w->at, (size_t)(found + 2 - w->at));
			w->at = found + 2;
		} else
			put(w, w->at++, 1);
	}
	if (w->at == w->end)
		return invalid(w, "brackets [] not balanced");
	w->at++;
	return rewrite_bracket_end(w, &b);
}

/* What repeats must follow what can be repeated; one that is not greedy matches the same texts. */
static int
rewrite_quantifier_end(struct rewriter *w)
{
	if (!w->operand)
		return invalid(w, "quantifier operand invalid");
	/* The library takes what may be repeated no times for something that must be there. */
	if (w->repeats_anchor)
		return unsupported(w, "a repeated group with an anchor");
	w->operand = false;
	if (w->at == w->end || *w->at != '?')
		return 0;
	w->at++;
	return w->spans ? unsupported(w, "what is not greedy") : 0;
}

/* {n}, {n,}, {n,m}: counted towards the bounds. A brace before anything else is a brace. */
static int
rewrite_braces(struct rewriter *w)
{
	unsigned long largest = 0, number = 0;

	if (w->at + 1 == w->end || w->at[1] < '0' || w->at[1] > '9') {
		begin_part(w, 1);
		put(w, "\\{", 2);
		w->at++;
		w->operand = true;
		return 0;
	}
	for (; w->at < w->end && *w->at != '}'; put(w, w->at++, 1)) {
		if (*w->at != '{' && *w->at != ',' && (*w->at < '0' || *w->at > '9'))
			return invalid(w, "invalid repetition count(s)");
		number = *w->at >= '0' && *w->at <= '9' ? number * 10 + (unsigned long)(*w->at - '0') : 0;
		largest = number > largest ? number : largest;
		if (largest > REPEAT_MAX)
			return invalid(w, "invalid repetition count(s)");
	}
	if (w->at == w->end)
		return invalid(w, "braces {} not balanced");
	put(w, w->at++, 1);
	return repeat_part(w, largest > 1 ? largest : 1) == -1 ? -1 : rewrite_quantifier_end(w);
}

static int
rewrite_group(struct rewriter *w)
{
	begin_part(w, 0);
	put(w, w->at++, 1);
	w->operand = false;
	if (w->depth == NESTING_MAX)
		return too_large(w, "so deep a nesting of parentheses");
	w->before[++w->depth] = (struct cost) { .states = 1 };
	w->anchored[w->depth] = false;
	if (w->end - w->at < 2 || w->at[0] != '?')
		return 0;
	if (w->at[1] != ':')
		return unsupported(w, "look-ahead or look-behind");
	w->at += 2;
	return w->spans ? unsupported(w, "a group that captures nothing") : 0;
}

/* An alternative, or what a pair of parentheses holds, ends here; before it there may have been nothing. */
static void
rewrite_end_of_branch(struct rewriter *w)
{
	if (w->length == 0 || w->out[w->length - 1] == '|' || w->out[w->length - 1] == '(')
		w->last.optional++;
	begin_part(w, 0);
	if (*w->at == ')' && w->depth > 0) {
		w->repeats_anchor = w->anchored[w->depth];
		w->last = w->before[w->depth--];
		w->anchored[w->depth] |= w->repeats_anchor;
	}
	w->operand = *w->at == ')';
	put(w, w->at++, 1);
}

static int
rewrite_next(struct rewriter *w)
{
	switch (*w->at) {
	case '\\':
		return rewrite_plain_escape(w);
	case '[':
		return rewrite_bracket(w);
	case '(':
		return rewrite_group(w);
	case '{':
		return rewrite_braces(w);
	case ')':
	case '|':
		rewrite_end_of_branch(w);
		return 0;
	case '*':
	case '?':
	case '+':
		put(w, w->at++, 1);
		return repeat_part(w, 1) == -1 ? -1 : rewrite_quantifier_end(w);
	default:
		begin_part(w, 1);
		w->operand = *w->at != '^';
		w->anchored[w->depth] |= *w->at == '^' || *w->at == '$';
		put(w, w->at++, 1);
		return 0;
	}
}

static int
rewrite(struct rewriter *w)
{
	while (w->at < w->end)
		if (rewrite_next(w) == -1)
			return -1;
	while (w->depth > 0) { /* parentheses that are not closed: the library says so */
		begin_part(w, 0);
		w->last = w->before[w->depth--];
	}
	begin_part(w, 0);
	w->last = w->before[0];
	w->last.optional = w->last.optional > 0 ? w->last.optional - 1 : 0;
	return repeat_part(w, 1);
}

char *
regex_rewrite(const char *pattern, size_t length, unsigned *flags, bool *boundaries, size_t *size, struct report *r)
{
	struct rewriter w = { .at = pattern, .end = pattern + length, .report = r };

	w.spans = (*flags & REGEX_SPANS_WANTED) != 0;
	if (length > PATTERN_MAX) {
		(void)too_large(&w, "it has more than 4096 bytes");
		return NULL;
	}
	if (length >= 4 && memcmp(w.at, "(?i)", 4) == 0) {
		*flags |= REGEX_IGNORE_CASE;
		w.at += 4;
	} else if (length >= 4 && memcmp(w.at, "***:", 4) == 0)
		w.at += 4;
	if ((w.out = malloc(length * GROWTH + 16)) == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	if (rewrite(&w) == -1) {
		free(w.out);
		return NULL;
	}
	w.out[w.length] = '\0';
	*size = w.length;
	*boundaries = w.boundaries;
	return w.out;
}
