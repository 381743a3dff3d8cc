/* Private to DDL: LIKE in CREATE TABLE, in three steps. */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_LIKE_H
#define BIBD_SQLITE_DIALECT_DEFINE_LIKE_H

#include "workers/sqlite/dialect/define/define.h"

/* Adds the columns, where the clause stands. */
int define_copy_columns(struct translator *t, struct definition *d, const PgQuery__TableLikeClause *clause);
/* When all columns are known: CHECKs and keys, as far as it includes them. */
int define_copy_constraints(struct translator *t, struct definition *d, const PgQuery__TableLikeClause *clause);
/* An index of schema.table like that one, under the name that PostgreSQL chooses, which is added to `made`; that has
 * the names that others of the statement have taken. */
int define_copy_index(struct translator *t, const char *schema, const char *table, const struct schema_object *index,
    struct definition_names *made);
/* Behind the table, which is schema.name: its indexes. `made` has the names of those of the clauses before. */
int define_copy_indexes(struct translator *t, const char *schema, const char *name,
    const PgQuery__TableLikeClause *clause, struct definition_names *made);
/* After all of these: comments of columns, constraints and their indexes, for the table of that definition. */
int define_copy_comments(struct translator *t, const struct definition *d, const PgQuery__TableLikeClause *clause);

#endif
