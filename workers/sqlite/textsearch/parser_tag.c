/*
 * Tags of XML and HTML, comments and declarations among them, and entities.
 */
#include <string.h>
#include <strings.h>

#include "workers/sqlite/textsearch/parser.h"

static bool
is_blank(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
begins_name(int c)
{
	return ts_is_letter(c) || c == ':' || c == '_';
}

/* Behind the quote that ends what one begins; a backslash is before what doesn't end it. 0: there is none. A text that
 * ends behind such a character is one that PostgreSQL reads nothing more of. */
static size_t
skip_quoted(const struct ts_parser *p, size_t at)
{
	int quote = ts_char(p, at++);

	while (ts_char(p, at) != quote) {
		bool escaped = ts_char(p, at) == '\\' && at + 1 < p->length;

		if (escaped)
			at++;
		if (at >= p->length)
			return 0;
		for (at++; (ts_char(p, at) & ~0x3f) == 0x80;)
			at++;
		if (escaped && at == p->length)
			return TS_NOTHING_MORE;
	}
	return at + 1;
}

/* Up to behind the next >; what stands in quotes does not end it. */
static size_t
scan_attributes(const struct ts_parser *p, size_t at)
{
	for (;;) {
		int c = ts_char(p, at);

		if (c == '>')
			return at + 1;
		if (c == '\'' || c == '"') {
			at = skip_quoted(p, at);
			if (at == 0 || at == TS_NOTHING_MORE)
				return at;
		} else if (!ts_is_letter(c) && !ts_is_digit(c) && !is_blank(c) &&
		    (c < 0 || c >= 0x80 || strchr("=-_#/:.&?%~", c) == NULL)) {
			return 0;
		} else {
			at++;
		}
	}
}

static size_t
scan_comment(const struct ts_parser *p, size_t at)
{
	const char *end;

	if (ts_char(p, at) == 'D' || ts_char(p, at) == 'd')
		return scan_attributes(p, at + 1);
	if (ts_char(p, at) != '-' || ts_char(p, at + 1) != '-')
		return 0;
	at += 2;
	end = memmem(p->text + at, p->length - at, "-->", 3);
	return end == NULL ? 0 : (size_t)(end - p->text) + 3;
}

static bool
is_name(const struct ts_parser *p, size_t from, size_t to, const char *name)
{
	return to - from == strlen(name) && strncasecmp(p->text + from, name, to - from) == 0;
}

static size_t
scan_name(const struct ts_parser *p, size_t at)
{
	int c;

	while (c = ts_char(p, at), ts_is_alnum(c) || c == ':' || c == '_' || c == '-' || c == '.')
		at++;
	return at;
}

size_t
ts_scan_tag(const struct ts_parser *p, size_t at, bool *hides, bool *shows)
{
	bool closes = ts_char(p, at) == '/';
	size_t name, end;
	int c;

	if (ts_char(p, at) == '!')
		return scan_comment(p, at + 1);
	if (ts_char(p, at) == '?')
		return (ts_char(p, at + 1) | 0x20) == 'x' ? scan_attributes(p, at + 2) : 0;
	name = at + (closes ? 1 : 0);
	if (!begins_name(ts_char(p, name)))
		return 0;
	end = scan_name(p, name);
	c = ts_char(p, end);
	if (is_name(p, name, end, "script") || is_name(p, name, end, "style"))
		*(closes ? shows : hides) = true;
	if (c == '/')
		return ts_char(p, end + 1) == '>' ? end + 2 : 0;
	return c == '>' ? end + 1 : is_blank(c) ? scan_attributes(p, end) : 0;
}

static size_t
scan_numbered(const struct ts_parser *p, size_t at)
{
	bool hexadecimal = ts_char(p, at) == 'x' || ts_char(p, at) == 'X';
	size_t start = at + (hexadecimal ? 1 : 0), end = start;

	while (ts_is_digit(ts_char(p, end)) ||
	    (hexadecimal && ((ts_char(p, end) | 0x20) >= 'a' && (ts_char(p, end) | 0x20) <= 'f')))
		end++;
	return end > start && ts_char(p, end) == ';' ? end + 1 : 0;
}

size_t
ts_scan_entity(const struct ts_parser *p, size_t at)
{
	int c = ts_char(p, at);

	if (c == '#')
		return scan_numbered(p, at + 1);
	if (!begins_name(c))
		return 0;
	do
		c = ts_char(p, ++at);
	while (ts_is_alnum(c) || c == ':' || c == '_' || c == '.' || c == '-');
	return c == ';' ? at + 1 : 0;
}
