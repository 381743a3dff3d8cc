/*
 * Private to schema/: one table in the cache, and how it is read.
 */
#ifndef BIBD_SQLITE_SCHEMA_ENTRY_H
#define BIBD_SQLITE_SCHEMA_ENTRY_H

#include "workers/sqlite/schema/schema.h"

struct entry {
	struct entry *next;
	struct schema_table table;
};

/* Frees an entry, or NULL. */
void schema_entry_free(struct entry *entry);
/* Reads a table, view or sequence of the file, under its stored name; the caller frees the entry. NULL: there is
 * none of that name, or it could not be read, which the schema has noted. */
struct entry *schema_entry_load(struct schema *schema, const char *schema_name, const char *name);
/* The same for a table of pg_catalog or information_schema, which need not have been made yet. */
struct entry *schema_entry_load_catalog(const char *schema_name, const char *name);

#endif
