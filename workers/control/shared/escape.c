/*
 * Decodes UTF-8 and writes what is unsafe in it as an escape: for terminals, for JSON and for labels of metrics.
 */
#include "workers/control/shared/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/character.h"

#define ESCAPE_REPLACEMENT 0xfffdU

/* Characters that a terminal acts upon or does not show: controls, joiners and marks of direction, separators, the
 * byte order mark. In ascending order. */
static const struct {
	uint32_t first, last;
} escape_unsafe[] = {
	{ 0x00, 0x1f },
	{ 0x7f, 0x9f },
	{ 0xad, 0xad },
	{ 0x61c, 0x61c },
	{ 0x180e, 0x180e },
	{ 0x200b, 0x200f },
	{ 0x2028, 0x202e },
	{ 0x2060, 0x206f },
	{ 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb },
	{ 0xe0000, 0xe007f },
};

static bool
escape_is_unsafe(uint32_t c)
{
	for (size_t i = 0; i < sizeof(escape_unsafe) / sizeof(escape_unsafe[0]); i++)
		if (c <= escape_unsafe[i].last)
			return c >= escape_unsafe[i].first;
	return false;
}

/* One character of text as people see it, into out (at least 11 bytes, terminated). Returns the bytes consumed. */
static size_t
escape_next(const char *text, char *out, size_t size)
{
	uint32_t c = 0;
	size_t length = character_read(text, strnlen(text, 4), &c);
	int n;

	if (length > 0 && !escape_is_unsafe(c)) {
		memcpy(out, text, length);
		out[length] = '\0';
		return length;
	}
	if (length <= 1)
		n = snprintf(out, size, "\\x%02x", (unsigned char)*text);
	else
		n = snprintf(out, size, "\\u%04x", (unsigned)c);
	if (n < 0)
		out[0] = '\0';
	return length == 0 ? 1 : length;
}

/* Columns of what escape_next made: an escape is as wide as it is long, a character is one. */
static size_t
escape_columns(const char *piece)
{
	return (unsigned char)piece[0] < 0x80 ? strlen(piece) : 1;
}

size_t
escape_text(const char *text, char *buf, size_t size)
{
	size_t used = 0, columns = 0;

	while (*text != '\0') {
		char piece[16];
		size_t consumed = escape_next(text, piece, sizeof(piece)), length = strlen(piece);

		if (used + length >= size)
			break;
		memcpy(buf + used, piece, length);
		used += length;
		columns += escape_columns(piece);
		text += consumed;
	}
	buf[used] = '\0';
	return columns;
}

void
escape_put_text(FILE *file, const char *text)
{
	while (*text != '\0') {
		char piece[16];

		text += escape_next(text, piece, sizeof(piece));
		(void)fputs(piece, file);
	}
}

/* \uNNNN, as a pair of surrogates above the first plane. */
static void
escape_put_unicode(FILE *file, uint32_t c)
{
	if (c >= 0x10000) {
		c -= 0x10000;
		(void)fprintf(file, "\\u%04x\\u%04x", (unsigned)(0xd800 + (c >> 10)), (unsigned)(0xdc00 + (c & 0x3ff)));
		return;
	}
	(void)fprintf(file, "\\u%04x", (unsigned)c);
}

void
escape_put_json(FILE *file, const char *text)
{
	(void)fputc('"', file);
	while (*text != '\0') {
		uint32_t c = 0;
		size_t length = character_read(text, strnlen(text, 4), &c);

		if (length == 0) {
			escape_put_unicode(file, ESCAPE_REPLACEMENT);
			length = 1;
		} else if (c == '"' || c == '\\')
			(void)fprintf(file, "\\%c", (int)c);
		else if (c == '\n')
			(void)fputs("\\n", file);
		else if (c == '\t')
			(void)fputs("\\t", file);
		else if (escape_is_unsafe(c))
			escape_put_unicode(file, c);
		else
			(void)fwrite(text, 1, length, file);
		text += length;
	}
	(void)fputc('"', file);
}

void
escape_put_label(FILE *file, const char *text)
{
	while (*text != '\0') {
		uint32_t c = 0;
		size_t length = character_read(text, strnlen(text, 4), &c);

		if (length == 0) {
			(void)fputs("\xef\xbf\xbd", file);
			length = 1;
		} else if (c == '"' || c == '\\')
			(void)fprintf(file, "\\%c", (int)c);
		else if (c == '\n')
			(void)fputs("\\n", file);
		else if (escape_is_unsafe(c))
			(void)fputc(' ', file);
		else
			(void)fwrite(text, 1, length, file);
		text += length;
	}
}
