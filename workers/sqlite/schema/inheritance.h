/*
 * Private to schema/: what a schema keeps of inheritance.
 */
#ifndef BIBD_SQLITE_SCHEMA_INHERITANCE_H
#define BIBD_SQLITE_SCHEMA_INHERITANCE_H

#include <stdbool.h>

struct schema;
struct schema_table;

struct inheritance_link {
	const char *database;
	char *child, *parent;
};

/* The tables below one table, as they were found; kept until the schema changes. */
struct inheritance_list {
	struct inheritance_list *next;
	const struct schema_table *table;
	unsigned n;
	const struct schema_table *tables[];
};

struct inheritance {
	bool read, failed;
	unsigned n;
	struct inheritance_link *links;
	struct inheritance_list *lists;
};

struct inheritance *schema_inheritance_of(struct schema *schema);
void inheritance_free(struct inheritance *all);

#endif
