/*
 * CLUSTER ON and REPLICA IDENTITY: written to t->out, and read back by the catalog alone. -1: the report was set.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_MARK_H
#define BIBD_SQLITE_DIALECT_DEFINE_MARK_H

#include "workers/sqlite/dialect/define/define.h"

/* The index that the table is clustered on from now; NULL: none. */
int mark_clustered(struct translator *t, const struct schema_table *table, const char *index);
/* Whether there is one. */
bool mark_is_clustered(struct translator *t, const struct schema_table *table);
int mark_identity(struct translator *t, const struct schema_table *table, const PgQuery__ReplicaIdentityStmt *stmt);

#endif
