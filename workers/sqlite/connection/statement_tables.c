/*
 * Which tables a statement reads and changes, told by the authorizer while it is prepared.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/connection/statement.h"

static bool
has(const struct statement_tables *tables, enum statement_use use, const char *name)
{
	const char *at = tables->names[use], *end = at + tables->lengths[use];

	for (; at != NULL && at < end; at += strlen(at) + 1)
		if (strcmp(at, name) == 0)
			return true;
	return false;
}

void
statement_tables_note(struct statement_tables *tables, enum statement_use use, const char *database, const char *table)
{
	char name[512], *grown;
	size_t size;

	if (database == NULL || table == NULL || (strcmp(database, "public") != 0 && strcmp(database, "temp") != 0))
		return;
	(void)sqlite3_snprintf((int)sizeof(name), name, "%s.%s", database, table);
	if (has(tables, use, name))
		return;
	size = strlen(name) + 1;
	if ((grown = realloc(tables->names[use], tables->lengths[use] + size)) == NULL) {
		tables->failed = true;
		return;
	}
	memcpy(grown + tables->lengths[use], name, size);
	tables->names[use] = grown;
	tables->lengths[use] += size;
}

bool
statement_tables_meet(const struct statement_tables *a, enum statement_use use_a, const struct statement_tables *b,
    enum statement_use use_b)
{
	const char *at = a->names[use_a], *end = at + a->lengths[use_a];

	for (; at != NULL && at < end; at += strlen(at) + 1)
		if (has(b, use_b, at))
			return true;
	return false;
}

bool
statement_tables_have(const struct statement_tables *tables, enum statement_use use, const char *table)
{
	const char *at = tables->names[use], *end = at + tables->lengths[use];

	for (; at != NULL && at < end; at += strlen(at) + 1)
		if (strcmp(strchr(at, '.') + 1, table) == 0)
			return true;
	return false;
}

void
statement_tables_free(struct statement_tables *tables)
{
	for (int use = 0; use < STATEMENT_USES; use++)
		free(tables->names[use]);
	*tables = (struct statement_tables) { .failed = false };
}
