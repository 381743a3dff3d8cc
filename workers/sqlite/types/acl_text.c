/*
 * Whether a text is an aclitem: "name=rights/grantor". Source: PostgreSQL 15's manual, section 5.7, and its answers.
 */
#include <stdio.h>
#include <string.h>

#include "common/conf.h"
#include "workers/sqlite/types/codec.h"

#define NAME_BYTES 64 /* a longer name is no role's */

struct scan {
	const char *at, *end;
	char name[NAME_BYTES]; /* the last that was read, as far as it fits */
	bool other;	       /* PostgreSQL shows it in another form */
};

static void
skip_blanks(struct scan *scan)
{
	for (; scan->at < scan->end && strchr(" \t\n\r\f\v", *scan->at) != NULL; scan->at++)
		scan->other = true;
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
	bool quoted = false, any = false, special = false;

	skip_blanks(scan);
	for (; scan->at < scan->end && (quoted || is_plain(*scan->at) || *scan->at == '"'); scan->at++) {
		if (*scan->at == '"' && quoted && scan->at + 1 < scan->end && scan->at[1] == '"') {
			scan->at++;
		} else if (*scan->at == '"') {
			quoted = !quoted;
			any = true;
			continue;
		}
		special |= !is_plain(*scan->at);
		if (length < NAME_BYTES - 1)
			scan->name[length] = *scan->at;
		length++;
	}
	scan->other |= any && !special;
	scan->name[length < NAME_BYTES ? length : NAME_BYTES - 1] = '\0';
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

/* The roles of bibd, and those that PostgreSQL has made for itself. */
static bool
is_role(const char *name)
{
	for (int role = 0; role < ROLES; role++)
		if (strcmp(role_names[role], name) == 0)
			return true;
	return strncmp(name, "pg_", 3) == 0;
}

/* "group" and "user" may stand before the name. *missing: the role that is not there, then the answer is "". */
static const char *
find_mistake(struct scan *scan, char missing[NAME_BYTES])
{
	static const char letters[] = "arwdDxtXUCTcsA*";
	size_t length = take_name(scan), last = 0, place;

	if (scan->at < scan->end && *scan->at != '=') {
		scan->other = true;
		if ((length = take_name(scan)) == 0)
			return "missing name";
	}
	(void)snprintf(missing, NAME_BYTES, "%s", length == 0 || is_role(scan->name) ? "" : scan->name);
	if (!take(scan, '='))
		return "missing \"=\" sign";
	for (; scan->at < scan->end && *scan->at != '\0' && strchr(letters, *scan->at) != NULL; scan->at++) {
		place = (size_t)(strchr(letters, *scan->at) - letters) + 1;
		scan->other |= *scan->at != '*' && place <= last;
		last = *scan->at == '*' ? last : place;
	}
	if (scan->at < scan->end && is_plain(*scan->at))
		return "invalid mode character: must be one of \"arwdDxtXUCTcsA\"";
	if (*missing != '\0')
		return "";
	if (take(scan, '/')) {
		if (take_name(scan) == 0)
			return "a name must follow the \"/\" sign";
		if (!is_role(scan->name)) {
			(void)snprintf(missing, NAME_BYTES, "%s", scan->name);
			return "";
		}
	} else {
		scan->other = true;
	}
	skip_blanks(scan);
	return scan->at < scan->end ? "extra garbage at the end of the ACL specification" : NULL;
}

int
type_check_aclitem(const char *data, size_t length, struct report *r)
{
	struct scan scan = { .at = data, .end = data + length };
	char missing[NAME_BYTES];
	const char *mistake = find_mistake(&scan, missing);

	if (mistake != NULL && *mistake == '\0')
		return report_set(r, SQLSTATE_UNDEFINED_OBJECT, "role \"%s\" does not exist", missing);
	if (mistake == NULL && scan.other)
		return report_set(r, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "an aclitem in another form than PostgreSQL shows it in is not supported on SQLite");
	return mistake == NULL ? 0 : report_set(r, SQLSTATE_INVALID_TEXT_REPRESENTATION, "%s", mistake);
}
