/* A line of text or CSV to its fields. What is unescaped is never longer, so it goes where it was. */
#include <string.h>

#include "workers/sqlite/copy/format.h"

static bool
is_null(const struct copy_reader *reader, const char *field, size_t length)
{
	const char *null_text = reader->format.null_text;

	return strlen(null_text) == length && memcmp(null_text, field, length) == 0;
}

/* ---- text ---- */

static int
octal_value(char c)
{
	return c >= '0' && c <= '7' ? c - '0' : -1;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *
take_octal(char *p, const char *end, char *to)
{
	int v = 0;

	for (int i = 0; i < 3 && p < end && octal_value(*p) >= 0; i++)
		v = v * 8 + octal_value(*p++);
	*to = (char)v;
	return p;
}

/* "\x" without a digit after it is an x. */
static char *
take_hex(char *p, const char *end, char *to)
{
	int v = 0, n = 0;

	for (; n < 2 && p < end && hex_value(*p) >= 0; n++)
		v = v * 16 + hex_value(*p++);
	*to = n > 0 ? (char)v : 'x';
	return p;
}

/* What follows a backslash. */
static char *
take_escape(char *p, const char *end, char *to)
{
	static const char letters[] = "bfnrtv", meanings[] = "\b\f\n\r\t\v";
	const char *letter;

	if (octal_value(*p) >= 0)
		return take_octal(p, end, to);
	if (*p == 'x')
		return take_hex(p + 1, end, to);
	letter = strchr(letters, *p);
	*to = *p != '\0' && letter != NULL ? meanings[letter - letters] : *p;
	return p + 1;
}

/* One field, which ends at a delimiter that no backslash hides. */
static char *
take_text_field(const struct copy_format *f, char *p, const char *end, char **to)
{
	while (p < end && *p != f->delimiter) {
		if (*p != '\\' || p + 1 == end) {
			*(*to)++ = *p++;
			continue;
		}
		p = take_escape(p + 1, end, *to);
		(*to)++;
	}
	return p;
}

/* The null text is compared as it is written: "\N" before a backslash loses its meaning. */
static bool
begins_with_null(const struct copy_reader *reader, const char *p, const char *end)
{
	size_t n = strlen(reader->format.null_text);

	return (size_t)(end - p) >= n && memcmp(p, reader->format.null_text, n) == 0 &&
	    (p + n == end || p[n] == reader->format.delimiter);
}

int
copy_split_text(struct copy_reader *reader, char *line, size_t length, struct report *r)
{
	const char *end = line + length;
	char *p = line, *to;

	for (;;) {
		char *field = to = p;
		bool null = begins_with_null(reader, p, end), last;

		p = take_text_field(&reader->format, p, end, &to);
		last = p == end;
		if (copy_add_field(reader, field, (size_t)(to - field), null, r) != 0)
			return -1;
		*to = '\0';
		if (last)
			return 0;
		p++;
	}
}

/* ---- CSV ---- */

/* One field, which ends at a delimiter outside of quotes. */
static char *
take_csv_field(const struct copy_format *f, char *p, const char *end, char **to, bool *quoted)
{
	bool in_quote = false;

	while (p < end && (in_quote || *p != f->delimiter)) {
		if (in_quote && *p == f->escape && p + 1 < end && (p[1] == f->escape || p[1] == f->quote)) {
			*(*to)++ = p[1];
			p += 2;
		} else if (*p == f->quote) {
			in_quote = !in_quote;
			*quoted = true;
			p++;
		} else
			*(*to)++ = *p++;
	}
	return p;
}

int
copy_split_csv(struct copy_reader *reader, char *line, size_t length, struct report *r)
{
	char *p = line, *to;
	const char *end = line + length;

	for (;;) {
		char *field = to = p;
		bool quoted = false, last;
		size_t n;

		p = take_csv_field(&reader->format, p, end, &to, &quoted);
		n = (size_t)(to - field);
		last = p == end;
		if (copy_add_field(reader, field, n, !quoted && is_null(reader, field, n), r) != 0)
			return -1;
		*to = '\0';
		if (last)
			return 0;
		p++;
	}
}
