/*
 * Hosts, and what is made with them: e-mails and urls. A host is labels with dots between them; a label may have pieces
 * with - or _ between them; the last one is of two letters at the least.
 */
#include <string.h>

#include "workers/sqlite/textsearch/parser.h"

/* What stands before the character that is read next. */
enum state { AT_LABEL, AT_PIECE, IN_PIECE, ONE_LETTER, LETTERS, STOP };

static bool
is_url_char(int c)
{
	return c > ' ' && c < 0x7f && strchr("\"<>\\^`{|}", c) == NULL;
}

size_t
ts_scan_url_path(const struct ts_parser *p, size_t at)
{
	size_t start = at;

	if (ts_char(p, at) != '/')
		return 0;
	while (is_url_char(ts_char(p, at)))
		at++;
	return at == start + 1 ? 0 : at;
}

static enum state
step(enum state state, int c)
{
	if (state == AT_LABEL)
		return ts_is_letter(c) ? ONE_LETTER : ts_is_digit(c) ? IN_PIECE : STOP;
	if (state == AT_PIECE)
		return ts_is_letter(c) || ts_is_digit(c) ? IN_PIECE : STOP;
	if (ts_is_letter(c))
		return state == IN_PIECE ? IN_PIECE : LETTERS;
	if (ts_is_digit(c))
		return IN_PIECE;
	return c == '.' ? AT_LABEL : c == '-' || c == '_' ? AT_PIECE : STOP;
}

static size_t
scan_port(const struct ts_parser *p, size_t at)
{
	size_t end = at + 1;

	if (ts_char(p, at) != ':' || !ts_is_digit(ts_char(p, end)))
		return at;
	while (ts_is_digit(ts_char(p, end)))
		end++;
	return end;
}

/* Where the longest host ends, 0: there is none; *stop is where what can't stand in one does, *last what came
 * before. */
static size_t
scan_labels(const struct ts_parser *p, size_t at, enum state state, size_t *stop, enum state *last)
{
	size_t end = 0;

	for (;; at++) {
		enum state next = step(state, ts_char(p, at));

		if (state == LETTERS && next != LETTERS && next != IN_PIECE)
			end = at;
		if (next == STOP)
			break;
		state = next;
	}
	*stop = at;
	*last = state;
	return end;
}

size_t
ts_scan_host(const struct ts_parser *p, size_t at, enum ts_host_entry entry, enum ts_token_type *type)
{
	static const enum state
	    entries[] = { [TS_HOST_LABEL] = AT_LABEL, [TS_HOST_PIECE] = AT_PIECE, [TS_HOST_REST] = IN_PIECE };
	enum state last;
	size_t stop, end = scan_labels(p, at, entries[entry], &stop, &last), further;

	*type = TS_HOST;
	if (ts_char(p, stop) == '@' && (last == IN_PIECE || last == ONE_LETTER || last == LETTERS) &&
	    (further = ts_scan_domain(p, stop + 1)) != 0) {
		*type = TS_EMAIL;
		return further;
	}
	if (end == 0 || end != stop)
		return end;
	end = scan_port(p, end);
	if (p->mode != TS_MODE_HOST && (further = ts_scan_url_path(p, end)) != 0) {
		*type = TS_URL;
		return further;
	}
	return end;
}
