/*
 * Whether a text is an aclitem: "name=rights/grantor". Source: PostgreSQL 15's manual, section 5.7, and its answers.
 * That the roles are there is not looked at.
 */
#include <string.h>

#include "workers/sqlite/types/codec.h"

struct scan {
	const char *at, *end;
};

static void
skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && strchr(" \t\n\r\f\v", *scan->at) != NULL)
		scan->at++;
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	    (unsigned char)c >= 0x80;
}

/* A name, and how many characters it has; a quote in quotes is written twice. */
static size_t
take_name(struct scan *scan)
{
	size_t length = 0;
	bool quoted = false;

	skip_blanks(scan);
	for (; scan->at < scan->end && (quoted || is_plain(*scan->at) || *scan->at == '"'); scan->at++) {
		if (*scan->at != '"') {
			length++;
		} else if (quoted && scan->at + 1 < scan->end && scan->at[1] == '"') {
			length++;
			scan->at++;
		} else {
			quoted = !quoted;
		}
	}
	skip_blanks(scan);
	return length;
}

static bool
take(struct scan *scan, char c)
{
	if (scan->at == scan->end || *scan->at != c)
		return false;
	scan->at++;
	return true;
}

/* "group" and "user" may stand before the name. */
static const char *
find_mistake(struct scan *scan)
{
	(void)take_name(scan);
	if (scan->at < scan->end && *scan->at != '=' && take_name(scan) == 0)
		return "missing name";
	if (!take(scan, '='))
		return "missing \"=\" sign";
	while (scan->at < scan->end && *scan->at != '\0' && strchr("arwdDxtXUCTcsA*", *scan->at) != NULL)
		scan->at++;
	if (scan->at < scan->end && is_plain(*scan->at))
		return "invalid mode character: must be one of \"arwdDxtXUCTcsA\"";
	if (take(scan, '/') && take_name(scan) == 0)
		return "a name must follow the \"/\" sign";
	skip_blanks(scan);
	return scan->at < scan->end ? "extra garbage at the end of the ACL specification" : NULL;
}

int
type_check_aclitem(const char *data, size_t length, struct report *r)
{
	struct scan scan = { data, data + length };
	const char *mistake = find_mistake(&scan);

	return mistake == NULL ? 0 : report_set(r, SQLSTATE_INVALID_TEXT_REPRESENTATION, "%s", mistake);
}
