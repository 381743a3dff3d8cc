/*
 * Splits a jsonpath into its words.
 */
#include "workers/sqlite/types/jsonpath_lex.h"

#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/utf8.h"

static const char signs[] = "?%$.[]{}()|&!=<>@#,*:-+/";
static const char blanks[] = " \t\n\r\f";

void
jsonpath_lex_open(struct jsonpath_lexer *l, const char *path, size_t length, char *text, struct report *r)
{
	*l = (struct jsonpath_lexer) { .at = path, .end = path + length, .start = path, .text = text, .report = r };
}

int
jsonpath_lex_fail(struct jsonpath_lexer *l, const char *what)
{
	if (l->token == TOKEN_END)
		return report_set(l->report, SQLSTATE_SYNTAX_ERROR, "%s at end of jsonpath input", what);
	return report_set(l->report, SQLSTATE_SYNTAX_ERROR, "%s at or near \"%.*s\" of jsonpath input", what,
	    (int)(l->at - l->start < 64 ? l->at - l->start : 64), l->start);
}

static bool
is_of(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* A character of a name. */
static bool
is_other(char c)
{
	return !is_of(signs, c) && !is_of(blanks, c) && c != '"' && c != '\\';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
skip_blanks(struct jsonpath_lexer *l)
{
	while (l->at < l->end) {
		if (is_of(blanks, *l->at)) {
			l->at++;
			continue;
		}
		if (l->end - l->at < 2 || l->at[0] != '/' || l->at[1] != '*')
			return 0;
		l->start = l->at;
		for (l->at += 2; l->end - l->at >= 2 && (l->at[0] != '*' || l->at[1] != '/'); l->at++)
			;
		if (l->end - l->at < 2) {
			l->token = TOKEN_END;
			l->at = l->end;
			return jsonpath_lex_fail(l, "unexpected end of comment");
		}
		l->at += 2;
	}
	return 0;
}

/* ---- escapes ---- */

static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* So many hex digits; -1: they are not there. */
static int32_t
read_hex(struct jsonpath_lexer *l, int min, int max)
{
	int32_t value = 0;
	int n = 0;

	for (; n < max && l->at < l->end && hex_value(*l->at) >= 0; n++)
		value = value * 16 + hex_value(*l->at++);
	return n < min ? -1 : value;
}

/* Behind \u: four digits, or up to six in braces. */
static int32_t
read_code(struct jsonpath_lexer *l)
{
	int32_t code;

	if (l->at == l->end || *l->at != '{')
		return read_hex(l, 4, 4);
	l->at++;
	code = read_hex(l, 1, 6);
	return l->at < l->end && *l->at++ == '}' ? code : -1;
}

static int
bad_escape(struct jsonpath_lexer *l, const char *detail)
{
	(void)report_set(l->report, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type jsonpath");
	report_detail(l->report, "%s", detail);
	return -1;
}

static int
put_code(struct jsonpath_lexer *l, int32_t code)
{
	if (code == 0) {
		(void)report_set(l->report, SQLSTATE_UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence");
		report_detail(l->report, "\\u0000 cannot be converted to text.");
		return -1;
	}
	if (code > 0x10ffff)
		return bad_escape(l, "Unicode escape values cannot be greater than 10FFFF.");
	l->length += utf8_encode(l->text + l->length, (uint32_t)code);
	return 0;
}

/* Behind \u; a pair of surrogates is one character. */
static int
read_unicode(struct jsonpath_lexer *l)
{
	int32_t code = read_code(l), low;

	if (code < 0)
		return jsonpath_lex_fail(l, "invalid unicode sequence");
	if (code < 0xd800 || code > 0xdfff)
		return put_code(l, code);
	if (code >= 0xdc00 || l->end - l->at < 2 || l->at[0] != '\\' || l->at[1] != 'u')
		return bad_escape(l, "Unicode low surrogate must follow a high surrogate.");
	l->at += 2;
	low = read_code(l);
	if (low < 0xdc00 || low > 0xdfff)
		return bad_escape(l,
		    low >= 0xd800 && low < 0xdc00 ? "Unicode high surrogate must not follow a high surrogate."
						  : "Unicode low surrogate must follow a high surrogate.");
	return put_code(l, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
}

/* At a backslash. */
static int
read_escape(struct jsonpath_lexer *l)
{
	static const char letters[] = "bfnrtv", values[] = "\b\f\n\r\t\v";
	const char *letter;
	int32_t code;
	char c;

	l->escaped = true;
	if (++l->at == l->end)
		return jsonpath_lex_fail(l, "unexpected end after backslash");
	c = *l->at++;
	if (c == 'u')
		return read_unicode(l);
	if (c == 'x') {
		code = read_hex(l, 2, 2);
		return code < 0 ? jsonpath_lex_fail(l, "invalid hex character sequence") : put_code(l, code);
	}
	letter = c == '\0' ? NULL : strchr(letters, c);
	l->text[l->length++] = letter != NULL ? values[letter - letters] : c;
	return 0;
}

/* ---- tokens ---- */

static int
read_quoted(struct jsonpath_lexer *l)
{
	for (l->at++; l->at < l->end && *l->at != '"';) {
		if (*l->at != '\\')
			l->text[l->length++] = *l->at++;
		else if (read_escape(l) < 0)
			return -1;
	}
	if (l->at == l->end) {
		l->token = TOKEN_END;
		return jsonpath_lex_fail(l, "unterminated quoted string");
	}
	l->at++;
	return 0;
}

static int
read_name(struct jsonpath_lexer *l)
{
	while (l->at < l->end && (is_other(*l->at) || *l->at == '\\')) {
		if (*l->at != '\\')
			l->text[l->length++] = *l->at++;
		else if (read_escape(l) < 0)
			return -1;
	}
	return 0;
}

static void
take_digits(struct jsonpath_lexer *l)
{
	while (l->at < l->end && is_digit(*l->at))
		l->text[l->length++] = *l->at++;
}

/* 12, 1.5, .5, 1., 1e9; no zeros before others. */
static int
read_number(struct jsonpath_lexer *l)
{
	const char *start = l->at;

	l->whole = true;
	take_digits(l);
	if (l->length > 1 && *start == '0')
		return jsonpath_lex_fail(l, "trailing junk after numeric literal");
	if (l->at < l->end && *l->at == '.') {
		l->whole = false;
		l->text[l->length++] = *l->at++;
		take_digits(l);
	}
	if (l->at < l->end && (*l->at | 32) == 'e') {
		l->whole = false;
		l->text[l->length++] = *l->at++;
		if (l->at < l->end && (*l->at == '+' || *l->at == '-'))
			l->text[l->length++] = *l->at++;
		if (l->at == l->end || !is_digit(*l->at))
			return jsonpath_lex_fail(l, "invalid numeric literal");
		take_digits(l);
	}
	if (l->at < l->end && (is_other(*l->at) || *l->at == '\\'))
		return jsonpath_lex_fail(l, "trailing junk after numeric literal");
	return 0;
}

static void
read_sign(struct jsonpath_lexer *l)
{
	static const char *const pairs[] = { "&&", "||", "**", "==", "<>", "!=", "<=", ">=" };
	size_t n = 1;

	for (size_t i = 0; l->end - l->at >= 2 && i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (memcmp(l->at, pairs[i], 2) == 0)
			n = 2;
	memcpy(l->text, l->at, n);
	l->length = n;
	l->at += n;
}

static int
read_token(struct jsonpath_lexer *l)
{
	bool more = l->end - l->at >= 2;

	if (*l->at == '"') {
		l->token = TOKEN_STRING;
		return read_quoted(l);
	}
	if (*l->at == '$' && more && (l->at[1] == '"' || is_other(l->at[1]) || l->at[1] == '\\')) {
		l->token = TOKEN_VARIABLE;
		return *++l->at == '"' ? read_quoted(l) : read_name(l);
	}
	if (is_digit(*l->at) || (*l->at == '.' && more && is_digit(l->at[1]))) {
		l->token = TOKEN_NUMBER;
		return read_number(l);
	}
	if (is_other(*l->at) || *l->at == '\\') {
		l->token = TOKEN_NAME;
		return read_name(l);
	}
	l->token = TOKEN_SIGN;
	read_sign(l);
	return 0;
}

int
jsonpath_lex_next(struct jsonpath_lexer *l)
{
	int status = skip_blanks(l);

	l->length = 0;
	l->escaped = false;
	l->start = l->at;
	l->token = TOKEN_END;
	if (status == 0 && l->at < l->end)
		status = read_token(l);
	l->text[l->length] = '\0';
	return status;
}
