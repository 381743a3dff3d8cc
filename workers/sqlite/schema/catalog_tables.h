/*
 * The tables of pg_catalog and information_schema: catalog_tables.def has one row each. They are known before they are
 * made.
 */
#ifndef BIBD_SQLITE_SCHEMA_CATALOG_TABLES_H
#define BIBD_SQLITE_SCHEMA_CATALOG_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalog_table {
	const char *schema, *name;
	uint32_t oid;	     /* of pg_class */
	char kind;	     /* 'r', 'v' */
	const char *columns; /* "oid oid, relname name" */
};

const struct catalog_table *catalog_table_find(const char *schema, const char *name);
const struct catalog_table *catalog_table_by_index(size_t i); /* NULL after the last */
/* The i-th column (from 0); false after the last. */
bool catalog_table_column(const struct catalog_table *table, unsigned i, char *name, size_t size, uint32_t *oid);

#endif
