/* Whether a text is JSON (RFC 8259), without recursion: depth is a bit in an array. */
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/utf8.h"

/* SQLite's own JSON functions go no deeper. */
#define DEPTH_MAX 2000

struct json_scan {
	const char *p, *end;
	unsigned depth;
	uint64_t in_object[DEPTH_MAX / 64 + 1];
};

static void
skip_blanks(struct json_scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static int
json_error(const struct json_scan *s, struct report *r)
{
	size_t left = (size_t)(s->end - s->p);

	report_set(r, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json");
	if (left == 0)
		report_detail(r, "The input string ended unexpectedly.");
	else
		report_detail(r, "Token \"%.*s\" is invalid.", (int)utf8_offset(s->p, left, left < 16 ? left : 16),
		    s->p);
	return -1;
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
take_escape(struct json_scan *s)
{
	if (++s->p == s->end)
		return false;
	if (*s->p != 'u')
		return strchr("\"\\/bfnrt", *s->p) != NULL && s->p++ != NULL;
	s->p++;
	for (int i = 0; i < 4; i++, s->p++) {
		if (s->p == s->end || !is_hex(*s->p))
			return false;
	}
	return true;
}

static bool
take_string(struct json_scan *s)
{
	if (s->p == s->end || *s->p != '"')
		return false;
	s->p++;
	while (s->p < s->end && *s->p != '"') {
		if ((uint8_t)*s->p < 0x20)
			return false;
		if (*s->p != '\\')
			s->p++;
		else if (!take_escape(s))
			return false;
	}
	if (s->p == s->end)
		return false;
	s->p++;
	return true;
}

static bool
take_digits(struct json_scan *s)
{
	const char *start = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > start;
}

static bool
take_number(struct json_scan *s)
{
	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (!take_digits(s))
		return false;
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (!take_digits(s))
			return false;
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		return take_digits(s);
	}
	return true;
}

static bool
take_word(struct json_scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(s->end - s->p) >= n && memcmp(s->p, words[i], n) == 0) {
			s->p += n;
			return true;
		}
	}
	return false;
}

static bool
take_scalar(struct json_scan *s)
{
	if (s->p == s->end)
		return false;
	if (*s->p == '"')
		return take_string(s);
	return *s->p == '-' || (*s->p >= '0' && *s->p <= '9') ? take_number(s) : take_word(s);
}

static bool
in_object(const struct json_scan *s)
{
	return (s->in_object[s->depth / 64] >> (s->depth % 64) & 1) != 0;
}

static bool
take_key(struct json_scan *s)
{
	skip_blanks(s);
	if (!take_string(s))
		return false;
	skip_blanks(s);
	if (s->p == s->end || *s->p != ':')
		return false;
	s->p++;
	skip_blanks(s);
	return true;
}

/* Goes into what opens here. Returns 1 when a value must follow, 0 when it was empty and is closed again. */
static int
enter(struct json_scan *s, struct report *r)
{
	bool object = *s->p == '{';
	uint64_t bit;

	if (s->depth == DEPTH_MAX)
		return report_set(r, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
	s->p++;
	skip_blanks(s);
	if (s->p < s->end && *s->p == (object ? '}' : ']')) {
		s->p++;
		return 0;
	}
	s->depth++;
	bit = UINT64_C(1) << (s->depth % 64);
	s->in_object[s->depth / 64] = object ? s->in_object[s->depth / 64] | bit : s->in_object[s->depth / 64] & ~bit;
	return object && !take_key(s) ? json_error(s, r) : 1;
}

/* After a value: closes what ends, up to a comma. Returns 1 when another value must follow, 0 at the end of all. */
static int
leave(struct json_scan *s, struct report *r)
{
	for (;;) {
		skip_blanks(s);
		if (s->depth == 0)
			return s->p == s->end ? 0 : json_error(s, r);
		if (s->p == s->end)
			return json_error(s, r);
		if (*s->p == ',') {
			s->p++;
			return in_object(s) && !take_key(s) ? json_error(s, r) : 1;
		}
		if (*s->p != (in_object(s) ? '}' : ']'))
			return json_error(s, r);
		s->p++;
		s->depth--;
	}
}

int
type_check_json(const char *data, size_t length, struct report *r)
{
	struct json_scan s = { .p = data, .end = data + length };
	int more = 1;

	while (more == 1) {
		skip_blanks(&s);
		if (s.p < s.end && (*s.p == '{' || *s.p == '[')) {
			if ((more = enter(&s, r)) != 0)
				continue;
		} else if (!take_scalar(&s))
			return json_error(&s, r);
		more = leave(&s, r);
	}
	return more;
}
