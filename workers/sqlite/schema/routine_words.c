/*
 * Whether a function may write, told by the words of its body: when none of them is one that writes, and none is the
 * name of another function that may, it doesn't. What is told wrongly to write takes the right to for nothing.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/routine.h"

/* Functions that call others, which call others. */
#define DEPTH_MAX 8

static bool
is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Without regard to case. */
static bool
has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = text; n > 0 && (at = strcasestr(at, word)) != NULL; at++)
		if ((at == text || !is_of_word(at[-1])) && !is_of_word(at[n]))
			return true;
	return false;
}

static bool
names_writer(const char *body)
{
	static const char *const words[] = { "insert", "update", "delete", "merge", "truncate", "nextval", "setval",
		"execute", "call", "create", "drop", "alter", "copy", "grant", "revoke", "notify", "pg_notify" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (has_word(body, words[i]))
			return true;
	return false;
}

static bool
writes(const struct schema_routine *all, unsigned n, const struct schema_routine *routine, unsigned depth)
{
	if (routine->volatility != 'v')
		return false;
	if (depth == DEPTH_MAX || names_writer(routine->body))
		return true;
	for (unsigned i = 0; i < n; i++)
		if (all[i].oid != routine->oid && has_word(routine->body, all[i].name) &&
		    writes(all, n, &all[i], depth + 1))
			return true;
	return false;
}

bool
schema_routine_writes(sqlite3 *db, const struct schema_routine *routine)
{
	unsigned n;
	struct schema_routine *all = schema_routines(db, NULL, &n);
	bool found = writes(all, n, routine, 0);

	schema_routines_free(all, n);
	return found;
}
