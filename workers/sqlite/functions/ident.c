/*
 * Texts with escapes of characters (unistr), and names taken apart (parse_ident).
 */
#include <ctype.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/utf8.h"

/* So many hexadecimal digits; how many characters were read, 0: they are not there. */
static size_t
read_hex(const char *p, size_t digits, uint32_t *value)
{
	*value = 0;
	for (size_t i = 0; i < digits; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return 0;
		*value = *value * 16 + (uint32_t)(isdigit((unsigned char)p[i]) ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
	}
	return digits;
}

/* \XXXX, \uXXXX, \+XXXXXX, \UXXXXXXXX; 0: none of these. */
static size_t
read_escape(const char *p, uint32_t *value)
{
	size_t n;

	if ((n = read_hex(p + 1, 4, value)) > 0)
		return n + 1;
	n = p[1] == 'u' ? 4 : p[1] == '+' ? 6 : p[1] == 'U' ? 8 : 0;
	return n > 0 && read_hex(p + 2, n, value) > 0 ? n + 2 : 0;
}

struct unescape {
	struct pgwire_buffer out;
	uint32_t high; /* the first half of a pair, or 0 */
	enum sqlstate state;
	const char *why; /* it failed: what is to be said */
};

static void
put_character(struct unescape *u, uint32_t value)
{
	char bytes[UTF8_MAX];
	bool first = value >= 0xd800 && value < 0xdc00, second = value >= 0xdc00 && value < 0xe000;

	if ((u->high != 0) != second) {
		u->why = "invalid Unicode surrogate pair";
		return;
	}
	if (first) {
		u->high = value;
		return;
	}
	if (second)
		value = ((u->high - 0xd800) << 10) + (value - 0xdc00) + 0x10000;
	u->high = 0;
	pgwire_put_bytes(&u->out, bytes, utf8_encode(bytes, value));
}

void
text_unistr(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, n;
	const char *p = function_text(argv[0], &length);
	struct unescape u = { .high = 0 };
	uint32_t value = 0;

	(void)argc;
	for (; *p != '\0' && u.why == NULL; p += n) {
		n = 1;
		if (*p == '\\' && p[1] != '\\') {
			if ((n = read_escape(p, &value)) == 0)
				u.why = "invalid Unicode escape";
			else if (value == 0 || value > 0x10ffff) {
				function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid Unicode code point: %04X",
				    value);
				pgwire_buffer_free(&u.out);
				return;
			} else
				put_character(&u, value);
			continue;
		}
		if (u.high != 0)
			u.why = "invalid Unicode surrogate pair";
		pgwire_put_byte(&u.out, (uint8_t)*p);
		n += *p == '\\';
	}
	if (u.why == NULL && u.high != 0)
		u.why = "invalid Unicode surrogate pair";
	if (u.why != NULL) {
		function_fail(c, SQLSTATE_SYNTAX_ERROR, "%s", u.why);
		pgwire_buffer_free(&u.out);
		return;
	}
	function_result_buffer(c, &u.out);
}

/* ---- parse_ident ---- */

static bool
begins_name(char ch)
{
	return isalpha((unsigned char)ch) || ch == '_' || ((unsigned char)ch & 0x80) != 0;
}

/* One name, quoted or not; NULL: there is none. */
static const char *
take_name(const char *p, struct pgwire_buffer *out, bool first)
{
	struct pgwire_buffer name = { 0 };

	if (*p == '"') {
		for (p++; *p != '\0' && (*p != '"' || p[1] == '"'); p++) {
			p += *p == '"';
			pgwire_put_byte(&name, (uint8_t)*p);
		}
		p = *p == '\0' || pgwire_buffer_length(&name) == 0 ? NULL : p + 1;
	} else if (begins_name(*p)) {
		for (; begins_name(*p) || isdigit((unsigned char)*p) || *p == '$'; p++)
			pgwire_put_byte(&name, (uint8_t)tolower((unsigned char)*p));
	} else
		p = NULL;
	if (p != NULL)
		array_put_text(out, (const char *)name.data + name.start, pgwire_buffer_length(&name), false, first);
	pgwire_buffer_free(&name);
	return p;
}

/* parse_ident(text, strict): what follows the name is an error if strict. */
void
text_parse_ident(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	bool strict = argc < 2 || sqlite3_value_int(argv[1]) != 0, first = true;
	struct pgwire_buffer out = { 0 };
	size_t length;
	const char *text = function_text(argv[0], &length), *p = text + strspn(text, " \t\n\r\f\v");

	pgwire_put_byte(&out, '{');
	for (;; first = false) {
		if ((p = take_name(p, &out, first)) == NULL)
			break;
		p += strspn(p, " \t\n\r\f\v");
		if (*p != '.')
			break;
		p++;
		p += strspn(p, " \t\n\r\f\v");
	}
	pgwire_put_byte(&out, '}');
	if (p != NULL && (*p == '\0' || !strict)) {
		function_result_buffer(c, &out);
		return;
	}
	function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "string is not a valid identifier: \"%s\"", text);
	pgwire_buffer_free(&out);
}
