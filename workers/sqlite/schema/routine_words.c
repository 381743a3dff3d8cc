/*
 * Tells by the words of its body whether a function may write: it does not when no word is one that writes, or the name
 * of another function that may. A function wrongly told to write takes the right to write without need, and does no
 * other harm.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"

/* How deep calls of functions within functions are followed. */
#define DEPTH_MAX 8

static bool
is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Compares two words without regard to case. */
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
		if (all[i].oid != routine->oid && has_word(routine->body, namespace_relation(all[i].name)) &&
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
