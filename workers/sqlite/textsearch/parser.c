/*
 * Tokens: which there are, and words. Letters beyond ASCII are letters all, as they are to a PostgreSQL of the locale
 * C.
 */
#include "workers/sqlite/textsearch/parser.h"

#include <string.h>

int
ts_char(const struct ts_parser *p, size_t at)
{
	return at < p->length ? (unsigned char)p->text[at] : -1;
}

bool
ts_is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
ts_is_alpha(int c)
{
	return ts_is_letter(c) || c >= 0x80;
}

bool
ts_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

bool
ts_is_alnum(int c)
{
	return ts_is_alpha(c) || ts_is_digit(c);
}

void
ts_parser_open(struct ts_parser *p, const char *text, size_t length)
{
	*p = (struct ts_parser) { .text = text, .length = length };
}

/* ---- words with hyphens in them ---- */

struct found {
	size_t end; /* 0: nothing */
	enum ts_token_type type;
};

static size_t
skip_digits(const struct ts_parser *p, size_t at)
{
	while (ts_is_digit(ts_char(p, at)))
		at++;
	return at;
}

/* Where a part that begins at `at` ends, 0: it is none. Digits alone are no part. *letters: all of it is letters;
 * *ascii: of ASCII. */
static size_t
scan_part(const struct ts_parser *p, size_t at, bool *letters, bool *ascii)
{
	size_t start = at;

	if (ts_is_digit(ts_char(p, at))) {
		at = skip_digits(p, at);
		if (!ts_is_alpha(ts_char(p, at)))
			return 0;
		*letters = false;
	}
	for (; ts_is_alnum(ts_char(p, at)); at++) {
		*letters &= ts_is_alpha(ts_char(p, at));
		*ascii &= ts_char(p, at) < 0x80;
	}
	return at == start ? 0 : at;
}

/* Behind a word's hyphen, further parts. */
static struct found
scan_parts(const struct ts_parser *p, size_t at, bool letters, bool ascii)
{
	size_t end = 0, next;

	while ((next = scan_part(p, at, &letters, &ascii)) != 0) {
		end = next;
		if (ts_char(p, end) != '-')
			break;
		at = end + 1;
	}
	return (struct found) { end, !letters ? TS_NUMHWORD : ascii ? TS_ASCIIHWORD : TS_HWORD };
}

static struct found
host_or_else(const struct ts_parser *p, size_t at, enum ts_host_entry entry)
{
	struct found found = { 0, TS_HOST };

	found.end = ts_scan_host(p, at, entry, &found.type);
	return found;
}

static struct found
file_or_else(size_t end)
{
	return (struct found) { end, TS_FILE };
}

static struct found
email_or_else(const struct ts_parser *p, size_t at)
{
	return (struct found) { ts_scan_domain(p, at), TS_EMAIL };
}

/* What a word with digits in it may go on with, at the first that is neither. */
static struct found
numword_goes_on(const struct ts_parser *p, size_t at)
{
	switch (ts_char(p, at)) {
	case '@':
		return email_or_else(p, at + 1);
	case '/':
		return file_or_else(ts_scan_file(p, at + 1));
	case '.':
		return file_or_else(ts_scan_extension(p, at + 1));
	case '-':
		return scan_parts(p, at + 1, false, false);
	default:
		return (struct found) { 0, TS_NUMWORD };
	}
}

static struct found
scan_numword(const struct ts_parser *p, size_t at)
{
	struct found found;

	while (ts_is_alnum(ts_char(p, at)))
		at++;
	found = numword_goes_on(p, at);
	return found.end != 0 ? found : (struct found) { at, TS_NUMWORD };
}

/* Has letters beyond ASCII, or begins with them. */
static struct found
scan_word(const struct ts_parser *p, size_t at)
{
	struct found found = { 0, TS_WORD };

	while (ts_is_alpha(ts_char(p, at)))
		at++;
	if (ts_is_digit(ts_char(p, at)))
		return scan_numword(p, at);
	if (ts_char(p, at) == '-')
		found = scan_parts(p, at + 1, true, false);
	return found.end != 0 ? found : (struct found) { at, TS_WORD };
}

static struct found
asciiword_goes_on(const struct ts_parser *p, size_t at)
{
	struct found found = { 0, TS_ASCIIWORD };
	int c = ts_char(p, at);

	switch (c) {
	case '.':
		found = host_or_else(p, at + 1, TS_HOST_LABEL);
		return found.end != 0 ? found : file_or_else(ts_scan_extension(p, at + 1));
	case '-':
		found = host_or_else(p, at + 1, TS_HOST_PIECE);
		return found.end != 0 ? found : scan_parts(p, at + 1, true, true);
	case '_':
		return host_or_else(p, at + 1, TS_HOST_PIECE);
	case '@':
		return email_or_else(p, at + 1);
	case ':':
		if (ts_char(p, at + 1) == '/' && ts_char(p, at + 2) == '/')
			return (struct found) { at + 3, TS_PROTOCOL };
		return found;
	case '/':
		return file_or_else(ts_scan_file(p, at + 1));
	default:
		if (ts_is_digit(c))
			found = host_or_else(p, at, TS_HOST_REST);
		return found.end != 0 || !ts_is_digit(c) ? found : scan_numword(p, at);
	}
}

static struct found
scan_asciiword(const struct ts_parser *p, size_t at)
{
	struct found found;

	while (ts_is_letter(ts_char(p, at)))
		at++;
	if (ts_char(p, at) >= 0x80)
		return scan_word(p, at);
	found = asciiword_goes_on(p, at);
	return found.end != 0 ? found : (struct found) { at, TS_ASCIIWORD };
}

static struct found
number_goes_on(const struct ts_parser *p, size_t at)
{
	struct found found = { 0, TS_UINT };
	int c = ts_char(p, at);

	switch (c) {
	case '.':
		found = host_or_else(p, at + 1, TS_HOST_LABEL);
		if (found.end == 0)
			found.end = ts_scan_fraction(p, at + 1, &found.type);
		return found;
	case '-':
	case '_':
		return host_or_else(p, at + 1, TS_HOST_PIECE);
	case '@':
		return email_or_else(p, at + 1);
	case '/':
		return file_or_else(ts_scan_file(p, at + 1));
	case 'e':
	case 'E':
		found = (struct found) { ts_scan_exponent(p, at + 1), TS_SFLOAT };
		break;
	default:
		break;
	}
	if (found.end == 0 && ts_is_letter(c))
		found = host_or_else(p, at, TS_HOST_REST);
	return found.end == 0 && ts_is_alpha(c) ? scan_numword(p, at) : found;
}

static struct found
scan_number(const struct ts_parser *p, size_t at)
{
	struct found found;

	at = skip_digits(p, at);
	found = number_goes_on(p, at);
	return found.end != 0 ? found : (struct found) { at, TS_UINT };
}

/* ---- all tokens ---- */

static struct found
scan_sign(struct ts_parser *p)
{
	struct found found = { 0, TS_BLANK };
	bool hides = false, shows = false;

	switch (ts_char(p, p->at)) {
	case '<':
		found = (struct found) { ts_scan_tag(p, p->at + 1, &hides, &shows), TS_TAG };
		if (found.end != 0)
			p->hidden = hides || (p->hidden && !shows);
		return found;
	case '-':
	case '+':
		found.end = ts_scan_signed(p, p->at + 1, &found.type);
		return found;
	case '&':
		return (struct found) { ts_scan_entity(p, p->at + 1), TS_ENTITY };
	case '~':
		return file_or_else(ts_scan_home(p, p->at + 1));
	case '/':
		return file_or_else(ts_scan_file(p, p->at + 1));
	case '.':
		return file_or_else(ts_scan_dots(p, p->at + 1));
	default:
		return found;
	}
}

/* Finds the blanks and signs that belong to no token of another kind. */
static struct found
scan_blank(const struct ts_parser *p)
{
	size_t at = p->at + 1;
	int c;

	for (; (c = ts_char(p, at)) != -1 && c != '<'; at++)
		if (!p->hidden && (ts_is_alnum(c) || strchr("-+&/", c) != NULL))
			break;
	return (struct found) { at, TS_BLANK };
}

static struct found
scan_text(struct ts_parser *p)
{
	int c = ts_char(p, p->at);
	struct found found;

	if (!p->hidden || c == '<') {
		if (ts_is_letter(c))
			return scan_asciiword(p, p->at);
		if (ts_is_alpha(c))
			return scan_word(p, p->at);
		if (ts_is_digit(c))
			return scan_number(p, p->at);
		found = scan_sign(p);
		if (found.end != 0)
			return found;
	}
	return scan_blank(p);
}

/* Parts of a word that was told whole, and hyphens between them, for as long as there are any. */
static struct found
scan_next_part(struct ts_parser *p)
{
	bool letters = true, ascii = true;
	struct found found = { 0, TS_HWORD_PART };

	if (ts_char(p, p->at) == '-' && ts_is_alnum(ts_char(p, p->at + 1)))
		return (struct found) { p->at + 1, TS_BLANK };
	if (!ts_is_alnum(ts_char(p, p->at)))
		return found;
	found.end = scan_part(p, p->at, &letters, &ascii);
	if (found.end == 0)
		return found;
	found.type = !letters ? TS_HWORD_NUMPART : ascii ? TS_HWORD_ASCIIPART : TS_HWORD_PART;
	return found;
}

size_t
ts_scan_domain(const struct ts_parser *p, size_t at)
{
	struct ts_parser behind = *p;
	struct found found;

	if (p->mode == TS_MODE_HOST || (!ts_is_letter(ts_char(p, at)) && !ts_is_digit(ts_char(p, at))))
		return 0;
	behind.mode = TS_MODE_HOST;
	found = ts_is_digit(ts_char(p, at)) ? scan_number(&behind, at) : scan_asciiword(&behind, at);
	return found.type == TS_HOST ? found.end : 0;
}

static struct found
scan_next(struct ts_parser *p)
{
	struct found found = { 0, TS_BLANK };

	if (p->mode == TS_MODE_PARTS)
		found = scan_next_part(p);
	else if (p->mode == TS_MODE_PATH)
		found = (struct found) { ts_scan_url_path(p, p->at), TS_URL_PATH };
	else if (p->mode == TS_MODE_HOST)
		found = scan_text(p); /* of a url that was told whole: there is no more than the host now */
	if (found.end == 0) {
		p->mode = TS_MODE_TEXT;
		found = scan_text(p);
	}
	return found;
}

bool
ts_parser_next(struct ts_parser *p, struct ts_token *token)
{
	struct found found;

	if (p->at >= p->length)
		return false;
	found = scan_next(p);
	if (found.end == TS_NOTHING_MORE)
		return false;
	*token = (struct ts_token) { found.type, p->text + p->at, found.end - p->at };
	if (found.type == TS_NUMHWORD || found.type == TS_ASCIIHWORD || found.type == TS_HWORD) {
		p->mode = TS_MODE_PARTS;
	} else if (found.type == TS_URL) {
		p->mode = TS_MODE_HOST;
	} else {
		p->at = found.end;
		if (p->mode == TS_MODE_HOST)
			p->mode = TS_MODE_PATH;
		else if (p->mode == TS_MODE_PATH)
			p->mode = TS_MODE_TEXT;
	}
	return true;
}
