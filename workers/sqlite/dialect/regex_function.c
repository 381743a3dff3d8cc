/*
 * ~ and ~*: POSIX extended expressions of the C library, with PostgreSQL's escapes put into its words. Patterns come
 * from clients: what would make the library take unbounded time or memory (back references, large or nested repeats,
 * deep nesting) is refused.
 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/operators.h"

#define PATTERN_MAX 4096
#define NESTING_MAX 100
#define REPEATS_MAX 1000 /* product of all bounds in braces */

/* Escapes of PostgreSQL's regular expressions; inside brackets, without the outer pair. */
static const struct {
	char letter;
	const char *outside, *inside; /* inside NULL: not allowed there */
} escapes[] = {
	{'d', "[[:digit:]]", "[:digit:]"}, {'D', "[^[:digit:]]", NULL}, {'s', "[[:space:]]", "[:space:]"},
	{'S', "[^[:space:]]", NULL}, {'w', "[[:alnum:]_]", "[:alnum:]_"}, {'W', "[^[:alnum:]_]", NULL},
	{'m', "\\<", NULL}, {'M', "\\>", NULL}, {'y', "\\b", NULL}, {'Y', "\\B", NULL}, {'A', "^", NULL},
	{'Z', "$", NULL}, {'n', "\n", "\n"}, {'t', "\t", "\t"}, {'r', "\r", "\r"}, {'f', "\f", "\f"}, {'v', "\v", "\v"},
};

struct rewriter {
	const char *at, *end;
	char *out;
	size_t length;
	unsigned depth;
	unsigned long repeats;
	const char *refused; /* what the library is not asked to do */
};

static void
put(struct rewriter *w, const char *text, size_t n)
{
	memcpy(w->out + w->length, text, n);
	w->length += n;
}

static void
rewrite_escape(struct rewriter *w, bool inside)
{
	char letter = w->at + 1 < w->end ? w->at[1] : '\0';

	w->at += letter == '\0' ? 1 : 2;
	if (letter == '\0' || (letter >= '1' && letter <= '9')) {
		w->refused = letter == '\0' ? "a pattern that ends with a backslash" : "a back reference";
		return;
	}
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		const char *text = inside ? escapes[i].inside : escapes[i].outside;

		if (escapes[i].letter != letter)
			continue;
		if (text == NULL)
			w->refused = "this escape inside brackets";
		else
			put(w, text, strlen(text));
		return;
	}
	if (!inside)
		put(w, "\\", 1);
	put(w, &letter, 1);
}

/* [...]: a backslash escapes there too, which POSIX does not have. */
static void
rewrite_bracket(struct rewriter *w)
{
	put(w, w->at++, 1);
	if (w->at < w->end && *w->at == '^')
		put(w, w->at++, 1);
	if (w->at < w->end && *w->at == ']')
		put(w, w->at++, 1);
	while (w->at < w->end && *w->at != ']' && w->refused == NULL) {
		if (*w->at == '\\') {
			rewrite_escape(w, true);
			continue;
		}
		if (*w->at == '[' && w->at + 1 < w->end && strchr(":.=", w->at[1]) != NULL) {
			char close[3] = {w->at[1], ']', '\0'};
			const char *found = memmem(w->at + 2, (size_t)(w->end - w->at - 2), close, 2);

			if (found != NULL) {
				put(w, w->at, (size_t)(found + 2 - w->at));
				w->at = found + 2;
				continue;
			}
		}
		put(w, w->at++, 1);
	}
	if (w->at < w->end)
		put(w, w->at++, 1);
}

/* {n}, {n,}, {n,m}: counted towards the bound. */
static void
rewrite_braces(struct rewriter *w)
{
	unsigned long largest = 0, number = 0;

	for (; w->at < w->end && *w->at != '}'; w->at++) {
		number = *w->at >= '0' && *w->at <= '9' ? number * 10 + (unsigned long)(*w->at - '0') : 0;
		if (number > largest)
			largest = number;
		if (largest > 255) {
			w->refused = "a repeat of more than 255";
			return;
		}
		put(w, w->at, 1);
	}
	w->repeats *= largest > 1 ? largest : 1;
	if (w->repeats > REPEATS_MAX)
		w->refused = "so many repeats";
}

static void
rewrite_group(struct rewriter *w)
{
	put(w, w->at++, 1);
	if (++w->depth > NESTING_MAX)
		w->refused = "so deep a nesting of parentheses";
	if (w->end - w->at >= 2 && w->at[0] == '?') {
		if (w->at[1] == ':')
			w->at += 2;
		else
			w->refused = "look-ahead and look-behind";
	}
}

static void
rewrite(struct rewriter *w)
{
	while (w->at < w->end && w->refused == NULL) {
		switch (*w->at) {
		case '\\':
			rewrite_escape(w, false);
			break;
		case '[':
			rewrite_bracket(w);
			break;
		case '(':
			rewrite_group(w);
			break;
		case '{':
			rewrite_braces(w);
			break;
		case '*':
		case '+':
		case '?':
			put(w, w->at++, 1);
			if (w->at < w->end && *w->at == '?') /* not greedy: whether it matches is the same */
				w->at++;
			break;
		default:
			put(w, w->at++, 1);
			break;
		}
	}
	w->out[w->length] = '\0';
}

static void
free_regex(void *regex)
{
	regfree(regex);
	free(regex);
}

static void
invalid(sqlite3_context *c, const char *format, const char *what)
{
	char message[160];

	sqlite3_snprintf((int)sizeof(message), message, format, what);
	operator_fail(c, SQLSTATE_INVALID_REGULAR_EXPRESSION, message);
}

static regex_t *
compile(sqlite3_context *c, const char *pattern, size_t length, int flags)
{
	struct rewriter w = {.at = pattern, .end = pattern + length, .repeats = 1};
	regex_t *regex = malloc(sizeof(*regex));
	char why[100];
	int status;

	/* The longest rewriting of two bytes takes twelve. */
	if (length > PATTERN_MAX)
		w.refused = "so long a pattern";
	if (regex == NULL || (w.out = malloc((length > PATTERN_MAX ? 0 : length) * 8 + 16)) == NULL) {
		sqlite3_result_error_nomem(c);
		free(regex);
		return NULL;
	}
	if (w.end - w.at >= 4 && memcmp(w.at, "(?i)", 4) == 0) {
		flags |= REG_ICASE;
		w.at += 4;
	} else if (w.end - w.at >= 4 && memcmp(w.at, "***:", 4) == 0)
		w.at += 4;
	if (w.refused == NULL)
		rewrite(&w);
	if (w.refused != NULL) {
		invalid(c, "invalid regular expression: %s is not supported on SQLite", w.refused);
		free(regex);
		regex = NULL;
	} else if ((status = regcomp(regex, w.out, REG_EXTENDED | flags)) != 0) {
		regerror(status, regex, why, sizeof(why));
		invalid(c, "invalid regular expression: %s", why);
		free(regex);
		regex = NULL;
	}
	free(w.out);
	return regex;
}

/* A constant pattern is compiled once per statement. NULL: one of the arguments is, or the error was set. */
static regex_t *
take_pattern(sqlite3_context *c, sqlite3_value **argv, int flags, bool *fresh)
{
	regex_t *compiled = sqlite3_get_auxdata(c, 1);
	const char *pattern;

	*fresh = false;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return NULL;
	if (compiled != NULL || (pattern = (const char *)sqlite3_value_text(argv[1])) == NULL)
		return compiled;
	*fresh = true;
	return compile(c, pattern, (size_t)sqlite3_value_bytes(argv[1]), flags);
}

static void
match(sqlite3_context *c, sqlite3_value **argv, int flags)
{
	bool fresh;
	regex_t *regex = take_pattern(c, argv, flags | REG_NOSUB, &fresh);
	const char *text;

	if (regex == NULL)
		return;
	text = (const char *)sqlite3_value_text(argv[0]);
	sqlite3_result_int(c, regexec(regex, text == NULL ? "" : text, 0, NULL, 0) == 0);
	if (fresh)
		sqlite3_set_auxdata(c, 1, regex, free_regex);
}

void
operator_regex(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	match(c, argv, 0);
}

void
operator_iregex(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	match(c, argv, REG_ICASE);
}

/* substring(text from pattern): what the first pair of parentheses matched, or all that was matched. */
void
operator_regex_substring(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	bool fresh;
	regex_t *regex = take_pattern(c, argv, 0, &fresh);
	const char *text;
	regmatch_t at[2];

	(void)argc;
	if (regex == NULL)
		return;
	text = (const char *)sqlite3_value_text(argv[0]);
	if (text != NULL && regexec(regex, text, 2, at, 0) == 0) {
		const regmatch_t *found = regex->re_nsub > 0 ? &at[1] : &at[0];

		if (found->rm_so >= 0)
			sqlite3_result_text(c, text + found->rm_so, (int)(found->rm_eo - found->rm_so),
			    SQLITE_TRANSIENT);
	}
	if (fresh)
		sqlite3_set_auxdata(c, 1, regex, free_regex);
}
