/*
 * acldefault(): the rights that an object has in PostgreSQL while nobody granted or revoked any. Source: PostgreSQL 15
 * manual, section 5.7.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/functions/functions.h"

/* By the letter of a kind of object: what everybody has, and what the owner has. */
static const struct {
	char kind;
	const char *everybody, *owner;
} defaults[] = {
	{ 'c', "", "" },
	{ 'r', "", "arwdDxt" },
	{ 's', "", "rwU" },
	{ 'd', "Tc", "CTc" },
	{ 'f', "X", "X" },
	{ 'l', "U", "U" },
	{ 'L', "", "rw" },
	{ 'n', "", "UC" },
	{ 'p', "", "sA" },
	{ 't', "", "C" },
	{ 'F', "", "U" },
	{ 'S', "", "U" },
	{ 'T', "U", "U" },
};

static void
write_name(char *name, size_t size, uint32_t oid)
{
	const char *known = catalog_role_name(oid);

	if (known != NULL)
		(void)snprintf(name, size, "%s", known);
	else
		(void)snprintf(name, size, "%u", (unsigned)oid);
}

void
catalog_acldefault(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *kind = (const char *)sqlite3_value_text(argv[0]);
	char name[64], text[256] = "{}", everybody[96] = "";
	size_t i = 0;

	(void)argc;
	while (kind != NULL && i < sizeof(defaults) / sizeof(defaults[0]) && defaults[i].kind != *kind)
		i++;
	if (kind == NULL || i == sizeof(defaults) / sizeof(defaults[0])) {
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "unrecognized objtype abbreviation: %.1s",
		    kind == NULL ? "" : kind);
		return;
	}
	write_name(name, sizeof(name), (uint32_t)sqlite3_value_int64(argv[1]));
	if (*defaults[i].everybody != '\0')
		(void)snprintf(everybody, sizeof(everybody), "=%s/%s,", defaults[i].everybody, name);
	if (*defaults[i].owner != '\0')
		(void)snprintf(text, sizeof(text), "{%s%s=%s/%s}", everybody, name, defaults[i].owner, name);
	function_result_string(c, text);
}
