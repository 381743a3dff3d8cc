/*
 * Whether a function of the file's own answers the same when it is asked again within a statement, though it is
 * VOLATILE, as a function is that says nothing of it: told by the words of its body, none of which may be one that does
 * something, the name of a function that is not steady itself, or a view, which hides what it calls.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"

#define WORD_MAX 64
/* Functions that call others, which call others. */
#define DEPTH_MAX 8

struct steady {
	struct translator *t;
	const struct schema_routine *all;
	unsigned n;
	bool reads; /* to read a table is not steady either */
};

static bool routine_is_steady(const struct steady *s, const struct schema_routine *routine, unsigned depth);

/* Statements and words that do something, or whose text is not known. */
static bool
does_something(const char *word)
{
	static const char *const words[] = { "insert", "update", "delete", "merge", "truncate", "execute", "call",
		"create", "drop", "alter", "copy", "raise", "notify", "set" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* Whether the word stands before the name of a table that is read. */
static bool
reads_something(const char *word)
{
	return strcmp(word, "from") == 0 || strcmp(word, "table") == 0;
}

static bool
word_is_steady(const struct steady *s, const char *word, unsigned depth)
{
	const struct function_fact *fact = function_fact_by_name(word);
	const struct schema_table *table;

	if (does_something(word) || (s->reads && reads_something(word)))
		return false;
	for (; fact != NULL && fact->name != NULL && strcmp(fact->name, word) == 0; fact++)
		if (fact->volatility == 'v')
			return false;
	for (unsigned i = 0; i < s->n; i++)
		if (strcmp(namespace_relation(s->all[i].name), word) == 0 &&
		    !routine_is_steady(s, &s->all[i], depth + 1))
			return false;
	table = schema_resolve(s->t->schema, word);
	return table == NULL || table->kind != 'v' || table->sql == NULL;
}

static bool
routine_is_steady(const struct steady *s, const struct schema_routine *routine, unsigned depth)
{
	const char *at = routine->body;
	char word[WORD_MAX];

	/* A stable one that a volatile one calls reads what that one reads. */
	if (routine->volatility == 'i' || (routine->volatility == 's' && (depth == 0 || !s->reads)))
		return true;
	if (depth == DEPTH_MAX)
		return false;
	while (*at != '\0') {
		size_t n = 0;

		while (isalnum((unsigned char)*at) || *at == '_') {
			if (n + 1 < sizeof(word))
				word[n++] = (char)tolower((unsigned char)*at);
			at++;
		}
		word[n] = '\0';
		if (n > 0 && strcmp(word, namespace_relation(routine->name)) != 0 && !word_is_steady(s, word, depth))
			return false;
		at += *at != '\0' && n == 0;
	}
	return true;
}

static bool
is_steady(struct translator *t, const struct schema_routine *routine, bool reads)
{
	struct steady s = { .t = t, .reads = reads };
	struct schema_routine *all;
	bool steady;

	if (routine->volatility != 'v')
		return true;
	s.all = all = schema_routines(schema_database(t->schema), NULL, &s.n);
	steady = routine_is_steady(&s, routine, 0);
	schema_routines_free(all, s.n);
	return steady;
}

bool
translate_is_steady(struct translator *t, const struct schema_routine *routine)
{
	return is_steady(t, routine, false);
}

bool
translate_reads_anew(struct translator *t, const struct schema_routine *routine)
{
	return !is_steady(t, routine, true);
}
