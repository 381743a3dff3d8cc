/*
 * Reads triggers from their table.
 */
#include "workers/sqlite/schema/trigger.h"

#include "workers/sqlite/schema/trigger_clone.h"

#include <stdlib.h>
#include <string.h>

static char *
text_of(sqlite3_stmt *stmt, int column, bool *complete)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);
	char *copy = text == NULL ? NULL : strdup(text);

	*complete &= text == NULL || copy != NULL;
	return copy;
}

/* The name behind the mark, if the list has it. */
static char *
table_of(const char *columns, const char *mark, bool *complete)
{
	const char *part;
	size_t length;

	for (unsigned i = 0; (part = schema_trigger_part(columns, i, &length)) != NULL; i++)
		if (length > strlen(mark) && strncmp(part, mark, strlen(mark)) == 0) {
			char *copy = strndup(part + strlen(mark), length - strlen(mark));

			*complete &= copy != NULL;
			return copy;
		}
	return NULL;
}

static bool
take_tables(struct schema_trigger *trigger)
{
	bool complete = true;

	if (trigger->columns == NULL || trigger->columns[0] != TRIGGER_OLD_TABLE[0])
		return true;
	trigger->old_table = table_of(trigger->columns, TRIGGER_OLD_TABLE, &complete);
	trigger->new_table = table_of(trigger->columns, TRIGGER_NEW_TABLE, &complete);
	trigger->columns[0] = '\0';
	return complete;
}

static bool
load_row(sqlite3_stmt *stmt, struct schema_trigger *trigger)
{
	const char *enabled = (const char *)sqlite3_column_text(stmt, 4);
	bool complete = true;

	*trigger = (struct schema_trigger) {
		.oid = (uint32_t)sqlite3_column_int64(stmt, 0),
		.name = text_of(stmt, 1, &complete),
		.relation = text_of(stmt, 2, &complete),
		.type = sqlite3_column_int(stmt, 3),
		.enabled = enabled == NULL ? 'O' : enabled[0],
		.is_constraint = sqlite3_column_int(stmt, 5) != 0,
		.function = (uint32_t)sqlite3_column_int64(stmt, 6),
		.columns = text_of(stmt, 7, &complete),
		.arguments = text_of(stmt, 8, &complete),
		.condition = text_of(stmt, 9, &complete),
		.plain = text_of(stmt, 10, &complete),
		.pretty = text_of(stmt, 11, &complete),
	};
	return complete && take_tables(trigger) && trigger->name != NULL && trigger->relation != NULL &&
	    trigger->columns != NULL && trigger->arguments != NULL;
}

static int
read_rows(sqlite3_stmt *stmt, struct schema_trigger **triggers, unsigned *n)
{
	struct schema_trigger *grown;
	int code;

	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (*n == TRIGGERS_MAX || (grown = reallocarray(*triggers, *n + 1, sizeof(*grown))) == NULL)
			return -1;
		*triggers = grown;
		if (!load_row(stmt, &grown[(*n)++]))
			return -1;
	}
	return code == SQLITE_DONE ? 0 : -1;
}

int
schema_triggers_read(sqlite3 *db, struct schema_trigger **triggers, unsigned *n)
{
	static const char sql[] = "SELECT oid, name, relation, type, enabled, is_constraint, function, columns, "
				  "arguments, condition, plain, pretty FROM public.bibd_triggers "
				  "ORDER BY relation, name";
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), status;

	*triggers = NULL;
	*n = 0;
	/* A file that never had one has no such table. */
	if (code == SQLITE_ERROR && strncmp(sqlite3_errmsg(db), "no such table", 13) == 0)
		return 0;
	status = code == SQLITE_OK ? read_rows(stmt, triggers, n) : -1;
	(void)sqlite3_finalize(stmt);
	return status == 0 && *n > 0 ? schema_triggers_of_partitions(db, triggers, n) : status;
}

void
schema_triggers_free(struct schema_trigger *triggers, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		free(triggers[i].name);
		free(triggers[i].relation);
		free(triggers[i].columns);
		free(triggers[i].root);
		free(triggers[i].arguments);
		free(triggers[i].old_table);
		free(triggers[i].new_table);
		free(triggers[i].condition);
		free(triggers[i].plain);
		free(triggers[i].pretty);
	}
	free(triggers);
}

bool
schema_trigger_is_on(const struct schema_trigger *trigger)
{
	return trigger->enabled == 'O' || trigger->enabled == 'A';
}

int
schema_trigger_types(const struct schema *schema, const char *relation, int events)
{
	unsigned n;
	const struct schema_trigger *all = schema_triggers(schema, &n);
	int types = 0;

	for (unsigned i = 0; i < n; i++)
		if ((all[i].type & events) != 0 && schema_trigger_is_on(&all[i]) &&
		    strcmp(all[i].relation, relation) == 0)
			types |=
			    all[i].type | (all[i].old_table != NULL || all[i].new_table != NULL ? TRIGGER_TABLES : 0);
	return types;
}

int
schema_table_trigger_types(const struct schema *schema, const char *table, int events)
{
	unsigned n;
	const struct schema_trigger *all = schema_triggers(schema, &n);
	int types = 0;

	for (unsigned i = 0; i < n; i++)
		if ((all[i].type & events) != 0 && schema_trigger_is_on(&all[i]) &&
		    (strcmp(all[i].relation, table) == 0 || (all[i].root != NULL && strcmp(all[i].root, table) == 0)))
			types |= all[i].type;
	return types;
}

const struct schema_trigger *
schema_find_trigger(const struct schema *schema, const char *relation, const char *name)
{
	unsigned n;
	const struct schema_trigger *all = schema_triggers(schema, &n);

	for (unsigned i = 0; i < n; i++)
		if (strcmp(all[i].relation, relation) == 0 && strcmp(all[i].name, name) == 0)
			return &all[i];
	return NULL;
}

const char *
schema_trigger_part(const char *list, unsigned i, size_t *length)
{
	for (;; list++) {
		const char *end = strchr(list, TRIGGER_SEPARATOR);

		if (end == NULL)
			return NULL;
		if (i-- == 0) {
			*length = (size_t)(end - list);
			return list;
		}
		list = end;
	}
}

bool
schema_trigger_names(const struct schema_trigger *trigger, const char *column)
{
	const char *part;
	size_t length;

	for (unsigned i = 0; (part = schema_trigger_part(trigger->columns, i, &length)) != NULL; i++)
		if (length == strlen(column) && memcmp(part, column, length) == 0)
			return true;
	return false;
}
