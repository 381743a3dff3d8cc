/*
 * ->> at run time: the text in a JSON value.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/utf8.h"
#include "workers/sqlite/dialect/operators.h"

static const char escapes[256] = {['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};

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

/* A \u escape, two of them for what is beyond 16 bits. Returns behind it. */
static const char *
put_unicode(FILE *out, const char *p, const char *end)
{
	uint32_t high = read_unit(p, end), low;

	if (high == UINT32_MAX)
		return p;
	p += 4;
	if (high >= 0xd800 && high < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
		low = read_unit(p + 2, end);
		if (low >= 0xdc00 && low < 0xe000) {
			utf8_put(out, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
			return p + 6;
		}
	}
	utf8_put(out, high);
	return p;
}

static void
unquote(sqlite3_context *c, const char *text, size_t length)
{
	const char *p = text + 1, *end = text + length - 1;
	char *value = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&value, &n);

	if (out == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	while (p < end) {
		if (*p != '\\' || p + 1 >= end) {
			putc(*p++, out);
			continue;
		}
		p += 2;
		if (p[-1] == 'u')
			p = put_unicode(out, p, end);
		else
			putc(escapes[(unsigned char)p[-1]] != 0 ? escapes[(unsigned char)p[-1]] : p[-1], out);
	}
	if (fclose(out) != 0)
		sqlite3_result_error_nomem(c);
	else
		sqlite3_result_text64(c, value, n, SQLITE_TRANSIENT, SQLITE_UTF8);
	free(value);
}

void
operator_json_text(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	size_t length = (size_t)sqlite3_value_bytes(argv[0]);

	(void)argc;
	if (text == NULL || (length == 4 && memcmp(text, "null", 4) == 0))
		return;
	if (length >= 2 && text[0] == '"')
		unquote(c, text, length);
	else
		sqlite3_result_value(c, argv[0]);
}
