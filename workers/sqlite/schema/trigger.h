/*
 * Triggers of the file's tables and views: rows of bibd_triggers, which bibd fires itself; SQLite knows nothing of
 * them. They are read all at once, before a text is translated, so that whoever asks needs no statement for it: the
 * authorizer may run none. Who changes them also changes SQLite's schema cookie (SCHEMA_ROUTINE_CHANGED).
 */
#ifndef BIBD_SQLITE_SCHEMA_TRIGGER_H
#define BIBD_SQLITE_SCHEMA_TRIGGER_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEMA_TRIGGER_TABLE \
	"CREATE TABLE IF NOT EXISTS public.bibd_triggers(oid INTEGER PRIMARY KEY, name TEXT NOT NULL, " \
	"relation TEXT NOT NULL, type INTEGER NOT NULL, enabled TEXT NOT NULL, is_constraint INTEGER NOT NULL, " \
	"function INTEGER NOT NULL, columns TEXT NOT NULL, arguments TEXT NOT NULL, condition TEXT, plain TEXT, " \
	"pretty TEXT, UNIQUE(relation, name));\n"

/* pg_trigger.tgtype (src: PostgreSQL's manual, "pg_trigger", and its header pg_trigger.h). */
enum schema_trigger_type {
	TRIGGER_ROW = 1 << 0,
	TRIGGER_BEFORE = 1 << 1,
	TRIGGER_INSERT = 1 << 2,
	TRIGGER_DELETE = 1 << 3,
	TRIGGER_UPDATE = 1 << 4,
	TRIGGER_TRUNCATE = 1 << 5,
	TRIGGER_INSTEAD = 1 << 6,
	TRIGGER_TABLES = 1 << 7, /* only in what schema_trigger_types() answers: a trigger has transition tables */
};
#define TRIGGER_EVENTS (TRIGGER_INSERT | TRIGGER_DELETE | TRIGGER_UPDATE | TRIGGER_TRUNCATE)

/* Stands between the parts of a list; no column and no argument has this byte in it. */
#define TRIGGER_SEPARATOR '\x1f'
#define TRIGGER_SEPARATOR_TEXT "\x1f"
/* Stand before the names of transition tables in the list of columns: a trigger with transition tables has no
 * columns. */
#define TRIGGER_OLD_TABLE "\x1eo"
#define TRIGGER_NEW_TABLE "\x1en"

struct schema_trigger {
	uint32_t oid, function;
	char *name, *relation; /* the stored name of its table or view */
	int type;
	char enabled; /* pg_trigger.tgenabled */
	bool is_constraint;
	char *columns;		     /* of UPDATE OF, each with the separator behind; "": any column */
	char *arguments;	     /* for the function, each with the separator behind */
	char *old_table, *new_table; /* REFERENCING; NULL: none */
	char *condition;	     /* WHEN, as it was written; NULL: none */
	char *plain, *pretty;	     /* WHEN as PostgreSQL shows it; NULL: there is no exact text */
	uint32_t parent; /* of a row trigger that a partition has from its parent: the parent's trigger; else 0 */
	char *root;	 /* of a trigger of a partition: the table that holds the rows; else NULL */
};

/* Reads all triggers of the file, sorted by relation and name; *triggers is malloc'ed. Each partition has row
 * triggers of its partitioned table too. -1: they could not be read. */
int schema_triggers_read(sqlite3 *db, struct schema_trigger **triggers, unsigned *n);
void schema_triggers_free(struct schema_trigger *triggers, unsigned n);

struct schema;

/* Reads the triggers, if the schema has changed since they were last read. -1: they could not be read, and nothing
 * may be changed, since a trigger might be missed. */
int schema_load_triggers(struct schema *schema);
/* The triggers that are read: [*n], valid until the next schema_refresh. */
const struct schema_trigger *schema_triggers(const struct schema *schema, unsigned *n);
/* Whether the trigger is fired. ORIGIN and ALWAYS are, since nothing is replicated here. */
bool schema_trigger_is_on(const struct schema_trigger *trigger);
/* The bits of schema_trigger_type of all triggers on the relation that are fired for one of the events; 0: there is
 * none. */
int schema_trigger_types(const struct schema *schema, const char *relation, int events);
/* The same for a table of SQLite's and all partitions whose rows it holds. */
int schema_table_trigger_types(const struct schema *schema, const char *table, int events);
/* The trigger of that name; NULL: there is none. */
const struct schema_trigger *schema_find_trigger(const struct schema *schema, const char *relation, const char *name);
/* Whether UPDATE OF of the trigger names the column. */
bool schema_trigger_names(const struct schema_trigger *trigger, const char *column);
/* The i-th part of a list, from 0, with its length in *length; NULL: there are fewer. */
const char *schema_trigger_part(const char *list, unsigned i, size_t *length);

#endif
