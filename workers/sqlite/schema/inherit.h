/*
 * Inheritance. A child is a table of its own, with a mark in its text (definition.h) that says whose child it is and
 * which of its columns it has besides by its own word. What reads a parent reads all tables below it.
 */
#ifndef BIBD_SQLITE_SCHEMA_INHERIT_H
#define BIBD_SQLITE_SCHEMA_INHERIT_H

#include <stdbool.h>
#include <stdio.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/schema.h"

/* Writes the mark's text, as the condition of the CHECK that bears it; and reads it: -1: memory is out, and names are
 * missing. */
void inherit_print(const struct definition *d, FILE *out);
int inherit_parse(const char *expression, struct definition *d);

/* All tables that have that one for a parent, and those below them, each once, parents before children: its own entry
 * in the schema is not among them. Kept until the next schema_refresh. *n: how many. NULL: there is none. Where
 * memory is out some may be missing: schema_inheritance_complete() tells. */
const struct schema_table *const *schema_descendants(struct schema *schema, const struct schema_table *table,
    unsigned *n);
bool schema_has_children(struct schema *schema, const struct schema_table *table);
/* False: something that was told since it was last asked may lack a child for want of memory, and no plan may be made
 * of it. What was read is forgotten then. */
bool schema_inheritance_complete(struct schema *schema);

#endif
