/*
 * Inheritance. A child is a table of its own, with a mark in its text (definition.h) that names its parents, and those
 * of its columns that it declares itself although a parent has them too. Whoever reads a parent reads all tables below
 * it.
 */
#ifndef BIBD_SQLITE_SCHEMA_INHERIT_H
#define BIBD_SQLITE_SCHEMA_INHERIT_H

#include <stdbool.h>
#include <stdio.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/schema.h"

/* inherit_print() writes the mark's text, which is the condition of the CHECK that bears it; inherit_parse() reads
 * it. -1: memory is out, and names are missing. */
void inherit_print(const struct definition *d, FILE *out);
int inherit_parse(const char *expression, struct definition *d);

/* All tables below that one: its children and theirs, each once, parents before children. The table's own entry in
 * the schema is not among them. *n: how many there are. Valid until the next schema_refresh. NULL: there is none.
 * Where memory is out some may be missing, which schema_take_failure() tells. */
const struct schema_table *const *schema_descendants(struct schema *schema, const struct schema_table *table,
    unsigned *n);
bool schema_has_children(struct schema *schema, const struct schema_table *table);
bool schema_has_parent(struct schema *schema, const struct schema_table *table);

#endif
