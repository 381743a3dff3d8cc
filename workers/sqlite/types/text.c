/* Text, bytea and uuid; what all parsers share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/utf8.h"

int
type_out_of_memory(struct report *r)
{
	return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
}

/* A value in an error text is cut: a client's megabytes do not go back to it. */
#define QUOTED_MAX 1024

int
type_bad_syntax(struct report *r, uint32_t oid, const char *data, size_t length)
{
	bool is_time = oid == TYPE_DATE || oid == TYPE_TIME || oid == TYPE_TIMESTAMP || oid == TYPE_TIMESTAMPTZ ||
	    oid == TYPE_TIMETZ || oid == TYPE_INTERVAL;

	return report_set(r, is_time ? SQLSTATE_INVALID_DATETIME_FORMAT : SQLSTATE_INVALID_TEXT_REPRESENTATION,
	    "invalid input syntax for type %s: \"%.*s\"", type_error_name(oid),
	    (int)(length < QUOTED_MAX ? length : QUOTED_MAX), data);
}

bool
type_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void
type_trim(const char **data, size_t *length)
{
	while (*length > 0 && type_is_blank(**data)) {
		(*data)++;
		(*length)--;
	}
	while (*length > 0 && type_is_blank((*data)[*length - 1]))
		(*length)--;
}

int
type_value_char(int byte, struct type_value *out, struct report *r)
{
	char text[8] = { (char)byte };
	int n = byte != 0;

	if (byte > 127)
		n = snprintf(text, sizeof(text), "\\%03o", (unsigned)byte & 255);
	return type_value_copy(out, text, (size_t)n, r);
}

void
type_value_text(struct type_value *out, const char *data, size_t length)
{
	*out = (struct type_value) { .kind = SQLITE_TEXT, .bytes = data, .length = length };
}

int
type_value_copy(struct type_value *out, const char *data, size_t length, struct report *r)
{
	char *copy;

	if ((copy = malloc(length + 1)) == NULL)
		return type_out_of_memory(r);
	if (length > 0)
		memcpy(copy, data, length);
	copy[length] = '\0';
	type_value_text(out, copy, length);
	out->owned = copy;
	return 0;
}

/* ---- UTF-8 ---- */

/* Names the bytes that the first of them announces, as PostgreSQL does. */
static int
utf8_refuse(const uint8_t *p, size_t left, struct report *r)
{
	size_t n = p[0] < 0x80	    ? 1
	    : (p[0] & 0xe0) == 0xc0 ? 2
	    : (p[0] & 0xf0) == 0xe0 ? 3
	    : (p[0] & 0xf8) == 0xf0 ? 4
				    : 1;
	static const char hex[] = "0123456789abcdef";
	char text[4 * 5 + 1];
	size_t used = 0;

	for (size_t i = 0; i < n && i < left; i++) {
		if (i > 0)
			text[used++] = ' ';
		text[used++] = '0';
		text[used++] = 'x';
		text[used++] = hex[p[i] >> 4];
		text[used++] = hex[p[i] & 15];
	}
	text[used] = '\0';
	return report_set(r, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\": %s",
	    text);
}

/* Eight bytes of plain ASCII without a NUL: the way most texts go. */
static bool
is_plain_word(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return ((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) == 0;
}

int
type_check_utf8(const char *data, size_t length, struct report *r)
{
	const uint8_t *p = (const uint8_t *)data, *end = p + length;
	size_t n;

	while (p < end) {
		if (end - p >= 8 && is_plain_word(p)) {
			p += 8;
			continue;
		}
		if ((n = utf8_length(p, (size_t)(end - p))) == 0)
			return utf8_refuse(p, (size_t)(end - p), r);
		p += n;
	}
	return 0;
}

/* ---- bytea ---- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
parse_hex(const char *p, const char *end, char *bytes, size_t *used, struct report *r)
{
	int high, low;

	while (p < end) {
		if (type_is_blank(*p) && *p != '\v' && *p != '\f') {
			p++;
			continue;
		}
		if ((high = hex_digit(*p)) < 0)
			return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid hexadecimal digit: \"%.*s\"",
			    (int)utf8_offset(p, (size_t)(end - p), 1), p);
		if (++p == end)
			return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "invalid hexadecimal data: odd number of digits");
		if ((low = hex_digit(*p)) < 0)
			return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid hexadecimal digit: \"%.*s\"",
			    (int)utf8_offset(p, (size_t)(end - p), 1), p);
		p++;
		bytes[(*used)++] = (char)(high << 4 | low);
	}
	return 0;
}

static bool
is_octal(char c)
{
	return c >= '0' && c <= '7';
}

static int
parse_escape(const char *p, const char *end, char *bytes, size_t *used, struct report *r)
{
	while (p < end) {
		if (*p != '\\') {
			bytes[(*used)++] = *p++;
		} else if (end - p >= 2 && p[1] == '\\') {
			bytes[(*used)++] = '\\';
			p += 2;
		} else if (end - p >= 4 && p[1] >= '0' && p[1] <= '3' && is_octal(p[2]) && is_octal(p[3])) {
			bytes[(*used)++] = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			p += 4;
		} else
			return report_set(r, SQLSTATE_INVALID_TEXT_REPRESENTATION,
			    "invalid input syntax for type bytea");
	}
	return 0;
}

int
type_parse_bytea(const char *data, size_t length, struct type_value *out, struct report *r)
{
	bool hex = length >= 2 && data[0] == '\\' && data[1] == 'x';
	size_t used = 0;
	char *bytes;
	int result;

	if ((bytes = malloc((hex ? length / 2 : length) + 1)) == NULL)
		return type_out_of_memory(r);
	result = hex ? parse_hex(data + 2, data + length, bytes, &used, r)
		     : parse_escape(data, data + length, bytes, &used, r);
	if (result != 0) {
		free(bytes);
		return -1;
	}
	*out = (struct type_value) { .kind = SQLITE_BLOB, .bytes = bytes, .length = used, .owned = bytes };
	return 0;
}

static void
put_hex(struct pgwire_buffer *out, const uint8_t *data, size_t length)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t *p;

	if ((p = pgwire_buffer_reserve(out, 2 + 2 * length)) == NULL)
		return;
	*p++ = '\\';
	*p++ = 'x';
	for (size_t i = 0; i < length; i++) {
		*p++ = (uint8_t)hex[data[i] >> 4];
		*p++ = (uint8_t)hex[data[i] & 15];
	}
	out->end += 2 + 2 * length;
}

static void
put_escape(struct pgwire_buffer *out, const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const uint8_t octal[] = { '\\', (uint8_t)('0' + (data[i] >> 6)), (uint8_t)('0' + (data[i] >> 3 & 7)),
			(uint8_t)('0' + (data[i] & 7)) };

		if (data[i] == '\\')
			pgwire_put_bytes(out, "\\\\", 2);
		else if (data[i] < 0x20 || data[i] > 0x7e)
			pgwire_put_bytes(out, octal, sizeof(octal));
		else
			pgwire_put_byte(out, data[i]);
	}
}

void
type_put_bytea(struct pgwire_buffer *out, const uint8_t *data, size_t length, bool escape)
{
	if (escape)
		put_escape(out, data, length);
	else
		put_hex(out, data, length);
}

/* ---- uuid: 32 digits, a hyphen allowed after each four, braces around the whole ---- */

int
type_parse_uuid(const char *data, size_t length, uint8_t uuid[16], struct report *r)
{
	const char *p = data, *end = data + length;
	bool braces = length > 0 && *p == '{';
	int high, low;

	p += braces;
	for (int i = 0; i < 16; i++) {
		if (end - p < 2 || (high = hex_digit(p[0])) < 0 || (low = hex_digit(p[1])) < 0)
			return type_bad_syntax(r, TYPE_UUID, data, length);
		uuid[i] = (uint8_t)(high << 4 | low);
		p += 2;
		if (p < end && *p == '-' && i % 2 == 1 && i < 15)
			p++;
	}
	if (braces && (p == end || *p++ != '}'))
		return type_bad_syntax(r, TYPE_UUID, data, length);
	return p == end ? 0 : type_bad_syntax(r, TYPE_UUID, data, length);
}

void
type_write_uuid(const uint8_t uuid[16], char text[TYPE_UUID_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	char *p = text;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[uuid[i] >> 4];
		*p++ = hex[uuid[i] & 15];
	}
}
