/*
 * macaddr and macaddr8: kept as PostgreSQL shows them, pairs of lower-case hexadecimal digits with colons, whose order
 * as texts is that of the bytes.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"

/* Longer ones are none; blanks may stand around. */
#define TEXT_MAX 256
#define EUI48 6

/* scanf()'s own idea of a hexadecimal number counts: blanks before it, 0x. What follows the last would be caught. */
static const char *const layouts[] = { "%x:%x:%x:%x:%x:%x%1s", "%x-%x-%x-%x-%x-%x%1s", "%2x%2x%2x:%2x%2x%2x%1s",
	"%2x%2x%2x-%2x%2x%2x%1s", "%2x%2x.%2x%2x.%2x%2x%1s", "%2x%2x-%2x%2x-%2x%2x%1s", "%2x%2x%2x%2x%2x%2x%1s" };

int
type_parse_macaddr(const char *data, size_t length, uint8_t address[TYPE_MACADDR_MAX], struct report *r)
{
	unsigned part[EUI48];
	char text[TEXT_MAX], rest[2];
	int found = 0;

	if (length >= sizeof(text))
		return type_bad_syntax(r, TYPE_MACADDR, data, length);
	memcpy(text, data, length);
	text[length] = '\0';
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]) && found != EUI48; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		found = sscanf(text, layouts[i], &part[0], &part[1], &part[2], &part[3], &part[4], &part[5], rest);
#pragma GCC diagnostic pop
	}
	if (found != EUI48)
		return type_bad_syntax(r, TYPE_MACADDR, data, length);
	for (size_t i = 0; i < EUI48; i++) {
		if (part[i] > UINT8_MAX)
			return report_set(r, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE,
			    "invalid octet value in \"macaddr\" value: \"%s\"", text);
		address[i] = (uint8_t)part[i];
	}
	return 0;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Pairs of digits, a mark between any two that is the same throughout; blanks behind six or eight of them. */
static bool
read_pairs(const char *p, uint8_t address[TYPE_MACADDR_MAX], size_t *n)
{
	char mark = '\0';

	for (*n = 0; *p != '\0' && p[1] != '\0';) {
		int high = hex_value(p[0]), low = hex_value(p[1]);

		if (high < 0 || low < 0 || *n == TYPE_MACADDR_MAX)
			return false;
		address[(*n)++] = (uint8_t)(high << 4 | low);
		p += 2;
		if (*p == ':' || *p == '-' || *p == '.') {
			if (mark != '\0' && mark != *p)
				return false;
			mark = *p++;
		}
		if ((*n == EUI48 || *n == TYPE_MACADDR_MAX) && type_is_blank(*p)) {
			while (type_is_blank(*p))
				p++;
			if (*p != '\0')
				return false;
		}
	}
	return *n == EUI48 || *n == TYPE_MACADDR_MAX;
}

void
type_macaddr_widen(uint8_t address[TYPE_MACADDR_MAX])
{
	memmove(address + 5, address + 3, 3);
	address[3] = 0xff;
	address[4] = 0xfe;
}

int
type_parse_macaddr8(const char *data, size_t length, uint8_t address[TYPE_MACADDR_MAX], struct report *r)
{
	char text[TEXT_MAX];
	const char *p = text;
	size_t n;

	if (length >= sizeof(text))
		return type_bad_syntax(r, TYPE_MACADDR8, data, length);
	memcpy(text, data, length);
	text[length] = '\0';
	while (type_is_blank(*p))
		p++;
	if (!read_pairs(p, address, &n))
		return type_bad_syntax(r, TYPE_MACADDR8, data, length);
	if (n == EUI48)
		type_macaddr_widen(address);
	return 0;
}

size_t
type_write_macaddr(const uint8_t *address, size_t n, char text[TYPE_MACADDR_TEXT])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		text[3 * i] = digits[address[i] >> 4];
		text[3 * i + 1] = digits[address[i] & 15];
		text[3 * i + 2] = ':';
	}
	return 3 * n - 1;
}
