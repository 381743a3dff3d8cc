/*
 * The row types of tables and views, made from their columns when one is asked for.
 */
#ifndef BIBD_SQLITE_SCHEMA_ROW_TYPE_H
#define BIBD_SQLITE_SCHEMA_ROW_TYPE_H

#include "workers/sqlite/schema/schema.h"

/* The row types that a schema has made so far. */
struct schema_rows {
	struct schema_type **types;
	unsigned n;
};
void schema_rows_forget(struct schema_rows *rows);
struct schema_rows *schema_rows_of(struct schema *schema);

/* The row type of that OID (type_of_table()). NULL: there is none, or memory is out. */
const struct schema_type *schema_row_type_by_oid(struct schema *schema, uint32_t oid);

#endif
