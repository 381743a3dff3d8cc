/*
 * Makes a relation's stored name of its schema and its own, and takes one apart.
 */
#include "workers/sqlite/schema/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/sqlite/schema/list.h"

const char *
namespace_relation(const char *stored)
{
	const char *separator = strchr(stored, NAMESPACE_SEPARATOR);

	return separator == NULL ? stored : separator + 1;
}

void
namespace_of(const char *stored, char name[NAMESPACE_BYTES])
{
	size_t length = (size_t)(namespace_relation(stored) - stored);

	if (length == 0)
		(void)strlcpy(name, "public", NAMESPACE_BYTES);
	else
		(void)strlcpy(name, stored, length < NAMESPACE_BYTES ? length : NAMESPACE_BYTES);
}

char *
namespace_stored(const char *schema, const char *relation)
{
	char *stored;

	if (strcmp(schema, "public") == 0)
		return strdup(relation);
	return asprintf(&stored, "%s" NAMESPACE_SEPARATOR_TEXT "%s", schema, relation) < 0 ? NULL : stored;
}

char *
namespace_beside(const char *stored, const char *relation)
{
	int length = (int)(namespace_relation(stored) - stored);
	char *beside;

	return asprintf(&beside, "%.*s%s", length, stored, relation) < 0 ? NULL : beside;
}

bool
namespace_is_mark(const char *stored)
{
	size_t length = strlen(stored);

	return length > 0 && stored[length - 1] == NAMESPACE_SEPARATOR;
}

int
namespace_exists(sqlite3 *db, const char *schema)
{
	struct schema_object found;
	char *mark;
	int any;

	if (schema[0] == '\0' || strcmp(schema, "public") == 0)
		return 0;
	if ((mark = namespace_stored(schema, "")) == NULL)
		return -1;
	if ((any = schema_seek_object(db, "public", mark, &found)) == 1)
		schema_object_free(&found);
	free(mark);
	return any;
}

/* A name begins behind a quote, or else behind the last blank, dot or parenthesis. */
static char *
name_begins(char *message, char *separator)
{
	char *quote = memrchr(message, '"', (size_t)(separator - message)), *p = separator;

	if (quote != NULL && memchr(quote, ' ', (size_t)(separator - quote)) == NULL)
		return quote + 1;
	while (p > message && strchr(" .('\"", p[-1]) == NULL)
		p--;
	return p;
}

void
namespace_show(char *message)
{
	char *separator;

	while (message != NULL && (separator = strchr(message, NAMESPACE_SEPARATOR)) != NULL) {
		char *begin = name_begins(message, separator);

		memmove(begin, separator + 1, strlen(separator + 1) + 1);
	}
}

/* What PostgreSQL gives to users' objects begins there. */
#define FIRST_OID 16384

uint32_t
namespace_number(const char *schema, const char *name)
{
	const char *parts[] = { schema, ".", name };
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < 3; i++) {
		for (const char *p = parts[i]; *p != '\0'; p++)
			hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
	}
	return FIRST_OID + (uint32_t)(hash % (INT32_MAX - FIRST_OID));
}
