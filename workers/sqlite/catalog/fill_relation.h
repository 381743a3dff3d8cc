/*
 * Private to catalog/: one relation of the file while the rows that describe it are written.
 */
#ifndef BIBD_SQLITE_CATALOG_FILL_RELATION_H
#define BIBD_SQLITE_CATALOG_FILL_RELATION_H

#include <stdbool.h>
#include <stdint.h>

#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/partition.h"

/* One table or view while its rows are written. */
struct relation {
	struct fill *fill;
	const char *schema; /* SQLite's */
	const struct schema_object *object;
	int64_t oid, namespace;
	struct definition d; /* of a table */
	char *options;	     /* pg_class.reloptions of a view, or NULL */
	/* Of a partition; else NULL. Whether one has partitions below it is not known before all are there. */
	const struct schema_partition *partition;
};

/* ---- fill_relations.c ---- */

/* The OID of an object of that name in the relation's schema, of one in the schema of a table, and of a constraint,
 * which has a name of its own in each table. */
int64_t fill_oid_of(const struct relation *relation, const char *name);
int64_t fill_oid_beside(const struct relation *relation, const char *table, const char *name);
int64_t fill_constraint_oid(const struct relation *relation, const char *name);
/* The number of a column, 0: it has none; and those of several, "1 3" or "{1,3}", malloc'ed, NULL for no names. */
int64_t fill_attribute_of(const struct definition *d, const char *name);
char *fill_attributes_of(const struct definition *d, const struct definition_names *names, bool array);
/* A row of pg_class, of pg_attribute, of pg_attrdef where the column has a default. */
void fill_class(struct relation *relation, const char *name, int64_t oid, const char *kind, int64_t natts,
    int64_t nchecks, bool indexed);
void fill_attribute(struct relation *relation, int64_t oid, int64_t number, const char *name, uint32_t type_oid,
    int32_t typmod, const struct definition_column *column);
void fill_default(struct relation *relation, int64_t number, const struct definition_column *column);

/* ---- fill_index.c ---- */

/* A row of pg_index. `sql`: SQLite's text; NULL for a key. */
void fill_index_row(struct relation *relation, int64_t oid, int64_t natts, const char *sql, bool primary,
    const char *key, const char *expressions, const char *predicate, bool immediate);
/* pg_class.relkind: that of a partitioned table is one of indexes, as such a table is one of tables. */
const char *fill_index_kind(const struct relation *relation);
/* All rows of an index of its own: parts that are columns have their number, others 0. */
void fill_index(struct relation *relation, const struct schema_object *index);

/* ---- fill_constraint.c ---- */

void fill_constraints(struct relation *relation);

/* ---- fill_view.c ---- */

/* What a materialized view's query depends on. */
void fill_matview_rule(struct relation *relation);
/* A view's columns: their names from SQLite, their types from its text. */
void fill_view(struct relation *relation, struct schema *schema);

#endif
