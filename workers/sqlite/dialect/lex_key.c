/*
 * The key under which a statement's plan is kept: its text with a mark for each literal that could be a parameter.
 * Literals whose value only the parser can check (escapes by code point, bit strings, strings continued on another
 * line) stay in the key as they are.
 */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/lex.h"

int
lex_too_deep(struct lexer *l)
{
	report_set(l->report, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
	report_hint(l->report, "Split the statement: its expressions nest too deep, or chain too many operators.");
	return -1;
}

static int
out_of_memory(struct lexer *l)
{
	return report_set(l->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
}

static int
reserve_key(struct lexer *l, size_t n)
{
	struct dialect_text *out = l->out;
	size_t wanted = out->key_length + n + 2, capacity;
	char *grown;

	if (wanted <= out->key_capacity)
		return 0;
	capacity = wanted * 2 < 256 ? 256 : wanted * 2;
	if ((grown = realloc(out->key, capacity)) == NULL)
		return out_of_memory(l);
	out->key = grown;
	out->key_capacity = capacity;
	return 0;
}

int
lex_put_mark(struct lexer *l, char mark)
{
	struct dialect_text *out = l->out;

	if (reserve_key(l, 2) < 0)
		return -1;
	if (l->blank && out->key_length > 0)
		out->key[out->key_length++] = ' ';
	l->blank = l->like = false;
	out->empty = false;
	out->ntokens++;
	out->key[out->key_length++] = mark;
	return 0;
}

int
lex_keep(struct lexer *l, size_t from, size_t to)
{
	struct dialect_text *out = l->out;
	unsigned char first = from < to ? (unsigned char)l->sql[from] : ' ';

	if (reserve_key(l, to - from + 2) < 0)
		return -1;
	if (l->blank && out->key_length > 0)
		out->key[out->key_length++] = ' ';
	l->blank = l->like = false;
	out->empty = false;
	out->ntokens++;
	if (first < ' ' || first == 127)
		out->key[out->key_length++] = LEX_MARK_RAW;
	memcpy(out->key + out->key_length, l->sql + from, to - from);
	out->key_length += to - from;
	return 0;
}

int
lex_end_key(struct lexer *l)
{
	if (reserve_key(l, 1) < 0)
		return -1;
	l->out->key[l->out->key_length] = '\0';
	return 0;
}

/* Whether the literal is a pattern of LIKE that begins with a character which stands for itself. One with a backslash,
 * or with a quote at its begin, is not looked at closely. */
static bool
begins_with_prefix(const struct lexer *l, enum dialect_literal_kind kind, size_t from)
{
	return l->like && kind == DIALECT_STRING && l->sql[from] == '\'' && l->at - from > 2 &&
	    strchr("%_'", l->sql[from + 1]) == NULL && memchr(l->sql + from, '\\', l->at - from) == NULL;
}

int
lex_literal(struct lexer *l, enum dialect_literal_kind kind, size_t from)
{
	struct dialect_text *out = l->out;
	bool prefix = begins_with_prefix(l, kind, from);

	if (l->at > UINT32_MAX)
		return report_set(l->report, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "statement is too long");
	if (out->nliterals == out->literal_capacity) {
		unsigned capacity = out->literal_capacity == 0 ? 16 : out->literal_capacity * 2;
		struct dialect_literal *grown = reallocarray(out->literals, capacity, sizeof(*grown));

		if (grown == NULL)
			return out_of_memory(l);
		out->literals = grown;
		out->literal_capacity = capacity;
	}
	out->literals[out->nliterals++] = (struct dialect_literal) { .kind = kind,
		.prefix = prefix,
		.offset = (uint32_t)from,
		.length = (uint32_t)(l->at - from) };
	if (prefix && lex_put_mark(l, LEX_MARK_PREFIX) < 0)
		return -1;
	return lex_put_mark(l, (char)(LEX_MARK_LITERAL + kind));
}

static void
skip_zeros(const char **digits, size_t *n)
{
	while (*n > 1 && **digits == '0') {
		++*digits;
		--*n;
	}
}

bool
lex_sign_decides(const char *digits, size_t n)
{
	skip_zeros(&digits, &n);
	return (n == 10 && memcmp(digits, "2147483648", 10) == 0) ||
	    (n == 19 && memcmp(digits, "9223372036854775808", 19) == 0);
}

static enum dialect_literal_kind
integer_kind(const char *digits, size_t n)
{
	skip_zeros(&digits, &n);
	if (n < 10 || (n == 10 && memcmp(digits, "2147483647", 10) <= 0))
		return DIALECT_INTEGER;
	if (n < 19 || (n == 19 && memcmp(digits, "9223372036854775807", 19) <= 0))
		return DIALECT_BIG_INTEGER;
	return DIALECT_EXACT_DECIMAL;
}

/* DBL_DIG, and the point. */
#define LOOSE_LENGTH_MAX (DBL_DIG + 1)

enum dialect_literal_kind
lex_number_kind(const char *number, size_t n)
{
	bool integer = true, exponent = false;

	for (size_t i = 0; i < n; i++) {
		integer &= number[i] >= '0' && number[i] <= '9';
		exponent |= (number[i] | 32) == 'e';
	}
	if (integer)
		return integer_kind(number, n);
	return n > LOOSE_LENGTH_MAX || exponent ? DIALECT_EXACT_DECIMAL : DIALECT_LOOSE_DECIMAL;
}

/* A string goes on when another begins after blanks with a line's end among them (and no comment of the C kind).
 * Returns where, or 0. */
static size_t
string_continues(const struct lexer *l, size_t at)
{
	bool line = false;

	for (; at < l->length; at++) {
		char c = l->sql[at];

		if (c == '\'')
			return line ? at : 0;
		if (c == '-' && at + 1 < l->length && l->sql[at + 1] == '-') {
			while (at < l->length && l->sql[at] != '\n' && l->sql[at] != '\r')
				at++;
			line = true;
		} else if (c == '\n' || c == '\r')
			line = true;
		else if (c != ' ' && c != '\t' && c != '\f')
			return 0;
	}
	return 0;
}

/* Moves l->at behind the closing quote. False: there is none. *simple is cleared by an escape that only the parser can
 * judge: by code point or byte value. */
static bool
skip_quoted(struct lexer *l, bool escapes, bool *simple)
{
	for (l->at++; l->at < l->length; l->at++) {
		char c = l->sql[l->at];

		if (c == '\'') {
			if (l->at + 1 >= l->length || l->sql[l->at + 1] != '\'') {
				l->at++;
				return true;
			}
			l->at++;
		} else if (escapes && c == '\\' && l->at + 1 < l->length) {
			l->at++;
			if (strchr("uUx01234567", l->sql[l->at]) != NULL)
				*simple = false;
		}
	}
	return false;
}

int
lex_string(struct lexer *l, size_t from, enum dialect_literal_kind kind)
{
	bool simple = true, closed;
	size_t next;

	while ((closed = skip_quoted(l, kind == DIALECT_ESCAPED, &simple)) && (next = string_continues(l, l->at)) > 0) {
		simple = false;
		l->at = next;
	}
	return closed && simple ? lex_literal(l, kind, from) : lex_keep(l, from, l->at);
}

int
lex_prefixed(struct lexer *l)
{
	size_t from = l->at;
	bool ignored = true;
	char prefix = (char)(l->sql[from] | 32);

	if (prefix == 'u' && l->sql[from + 1] == '&' && from + 2 < l->length &&
	    (l->sql[from + 2] == '\'' || l->sql[from + 2] == '"')) {
		if (l->sql[from + 2] == '"') {
			l->at = from + 2; /* the identifier itself is lexed as any other */
			return lex_keep(l, from, l->at) < 0 ? -1 : 1;
		}
		l->at = from + 2;
		skip_quoted(l, false, &ignored);
		return lex_keep(l, from, l->at) < 0 ? -1 : 1;
	}
	if (l->sql[from + 1] != '\'' || strchr("ebxn", prefix) == NULL)
		return 0;
	l->at = from + 1;
	if (prefix == 'e')
		return lex_string(l, from, DIALECT_ESCAPED) < 0 ? -1 : 1;
	skip_quoted(l, false, &ignored);
	return lex_keep(l, from, l->at) < 0 ? -1 : 1;
}

void
dialect_text_free(struct dialect_text *t)
{
	free(t->key);
	free(t->literals);
	*t = (struct dialect_text) { 0 };
}
