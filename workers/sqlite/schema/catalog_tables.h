/*
 * The tables of pg_catalog and information_schema, of which catalog_tables.def has a row each. A session can ask for
 * such a table before it is made in the connection's memory.
 */
#ifndef BIBD_SQLITE_SCHEMA_CATALOG_TABLES_H
#define BIBD_SQLITE_SCHEMA_CATALOG_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalog_table {
	const char *schema, *name;
	uint32_t oid;	     /* the table's OID in pg_class */
	char kind;	     /* pg_class.relkind: 'r' table, 'v' view */
	const char *columns; /* name and type of each column: "oid oid, relname name" */
};

const struct catalog_table *catalog_table_find(const char *schema, const char *name);
const struct catalog_table *catalog_table_by_index(size_t i); /* NULL after the last one */
/* The i-th column (from 0); false after the last. */
bool catalog_table_column(const struct catalog_table *table, unsigned i, char *name, size_t size, uint32_t *oid);

#endif
