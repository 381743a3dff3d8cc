/* What a JSON string says, and a text as one. The text was checked before (json.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/utf8.h"

static const char escapes[256] = { ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t' };

/* Four hex digits at p, or UINT32_MAX. */
static uint32_t
read_unit(const char *p, const char *end)
{
	char digits[5] = "", *stop;
	unsigned long unit;

	if (end - p < 4)
		return UINT32_MAX;
	memcpy(digits, p, 4);
	unit = strtoul(digits, &stop, 16);
	return *stop == '\0' ? (uint32_t)unit : UINT32_MAX;
}

static int
bad_surrogate(struct report *r, const char *detail)
{
	report_set(r, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json");
	report_detail(r, "%s", detail);
	return -1;
}

/* The character of the \u escape whose digits begin at *p, two escapes for one beyond 16 bits; *p moves behind it. */
static int
read_unicode(const char **p, const char *end, uint32_t *character, struct report *r)
{
	uint32_t high = read_unit(*p, end), low = UINT32_MAX;

	*p += 4;
	*character = high;
	if (high == 0) {
		report_set(r, SQLSTATE_UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence");
		report_detail(r, "\\u0000 cannot be converted to text.");
		return -1;
	}
	if (high < 0xd800 || high > 0xdfff)
		return 0;
	if (high < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u')
		low = read_unit(*p + 2, end);
	if (low == UINT32_MAX || low < 0xdc00 || low > 0xdfff)
		return bad_surrogate(r,
		    low >= 0xd800 && low < 0xdc00 ? "Unicode high surrogate must not follow a high surrogate."
						  : "Unicode low surrogate must follow a high surrogate.");
	*p += 6;
	*character = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	return 0;
}

int
type_json_unescape(const char *text, size_t length, char *out, size_t *n, struct report *r)
{
	const char *p = text + 1, *end = text + length - 1;
	uint32_t character;

	*n = 0;
	while (p < end) {
		if (*p != '\\' || p + 1 >= end) {
			out[(*n)++] = *p++;
			continue;
		}
		p += 2;
		if (p[-1] != 'u') {
			out[(*n)++] = escapes[(uint8_t)p[-1]] != 0 ? escapes[(uint8_t)p[-1]] : p[-1];
			continue;
		}
		if (read_unicode(&p, end, &character, r) != 0)
			return -1;
		*n += utf8_encode(out + *n, character);
	}
	return 0;
}

/* How a byte is written, NULL: as it is. */
static const char *
escape_of(uint8_t c, char unicode[8])
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *found = c == '\0' ? NULL : strchr(plain, c);

	if (found != NULL)
		(void)snprintf(unicode, 8, "\\%c", letters[found - plain]);
	else if (c < 0x20)
		(void)snprintf(unicode, 8, "\\u%04x", c);
	else
		return NULL;
	return unicode;
}

void
type_json_put_string(struct pgwire_buffer *out, const char *text, size_t length)
{
	char unicode[8];
	size_t done = 0;

	pgwire_put_byte(out, '"');
	for (size_t i = 0; i < length; i++) {
		const char *escape = escape_of((uint8_t)text[i], unicode);

		if (escape == NULL)
			continue;
		pgwire_put_bytes(out, text + done, i - done);
		pgwire_put_bytes(out, escape, strlen(escape));
		done = i + 1;
	}
	pgwire_put_bytes(out, text + done, length - done);
	pgwire_put_byte(out, '"');
}

bool
type_has_json_form(uint32_t oid)
{
	return oid == TYPE_BOOL || type_is_number(oid) || oid == TYPE_JSON || oid == TYPE_JSONB ||
	    oid == TYPE_TIMESTAMP || oid == TYPE_TIMESTAMPTZ;
}
