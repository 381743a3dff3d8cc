/*
 * Paths of files: names with a slash before or among them, or a dot within.
 */
#include "workers/sqlite/textsearch/parser.h"

static bool
begins_name(int c)
{
	return ts_is_letter(c) || ts_is_digit(c) || c == '_';
}

static bool
is_blank_or_end(int c)
{
	return c == -1 || c == ' ' || (c >= '\t' && c <= '\r');
}

/* What may stand behind a slash, up to behind the first character of a name; *whole: it ends there, with two dots.
 * 0: it is nothing. */
static size_t
scan_slash(const struct ts_parser *p, size_t at, bool *whole)
{
	size_t dots = 0;

	for (;;) {
		int c = ts_char(p, at++);

		*whole = false;
		if (begins_name(c))
			return at;
		if ((c == '.' || c == '~') && begins_name(ts_char(p, at)))
			return at + 1;
		*whole = true;
		if (c == '.' && ts_char(p, at) == '.') {
			if (is_blank_or_end(ts_char(p, ++at)))
				return at;
			dots = ts_char(p, at) == '/' ? at : dots;
		} else if (c != '.' && c != '~') {
			return dots;
		}
		if (ts_char(p, at++) != '/')
			return dots;
	}
}

/* Behind its first character. */
static size_t
scan_name(const struct ts_parser *p, size_t at)
{
	bool whole = false;
	size_t next;

	while (!whole) {
		int c = ts_char(p, at);

		if (begins_name(c) || c == '-')
			at++;
		else if (c == '.' && begins_name(ts_char(p, at + 1)))
			at += 2;
		else if (c == '/' && (next = scan_slash(p, at + 1, &whole)) != 0)
			at = next;
		else
			break;
	}
	return at;
}

size_t
ts_scan_file(const struct ts_parser *p, size_t at)
{
	bool whole;
	size_t name = scan_slash(p, at, &whole);

	return name == 0 || whole ? name : scan_name(p, name);
}

size_t
ts_scan_home(const struct ts_parser *p, size_t at)
{
	return ts_char(p, at) == '/' ? ts_scan_file(p, at + 1) : begins_name(ts_char(p, at)) ? scan_name(p, at + 1) : 0;
}

/* Behind the first dot. */
size_t
ts_scan_dots(const struct ts_parser *p, size_t at)
{
	return ts_char(p, at) == '/' ? ts_scan_file(p, at + 1) : ts_char(p, at) == '.' ? ts_scan_file(p, at - 1) : 0;
}

size_t
ts_scan_extension(const struct ts_parser *p, size_t at)
{
	return begins_name(ts_char(p, at)) ? scan_name(p, at + 1) : 0;
}
