/*
 * Private to DDL: partitioned tables and their partitions. schema/partition.h and dialect/partition.h say what they
 * are.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_PARTITION_H
#define BIBD_SQLITE_DIALECT_DEFINE_PARTITION_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/partition.h"

/* ---- partition_key.c ---- */

/* The text of what PARTITION BY says for a table with these columns; it lives as long as the translator. NULL: it is
 * wrong, and the report is filled. */
const char *define_partition_key(struct translator *t, const struct definition *d, const PgQuery__PartitionSpec *spec);
/* 0A000 where a key of the table does not have all columns by which the table, or a partition of it, is partitioned. */
int define_check_keys(struct translator *t, const struct definition *d, const char *key);
/* Drops the triggers of the partition of that name and of the partitions below it; name NULL: of the whole table. */
int define_drop_partition_own_triggers(struct translator *t, const struct schema_table *root, const char *name);
/* 0A000 for a part of a hash key whose type has no hash here. */
int define_check_hashed(struct translator *t, const struct partition_key *key);
/* Writes SQLite's own check that expressions of the key answer the same each time: an index that is dropped at once. */
int define_emit_key_check(struct translator *t, const struct schema_table *root, const char *key);

/* ---- partition_bound.c ---- */

/* The bound of a partition of that table of the tree, as text; it lives as long as the translator. NULL: it is wrong,
 * or another partition (besides the one that `own` names, which may be NULL) has part of it. */
const char *define_partition_bound(struct translator *t, const struct partition_tree *tree, const char *parent,
    const char *name, const PgQuery__PartitionBoundSpec *spec);

/* ---- partition_own.c ---- */

/* Writes what the statement says of a partition beyond its parent, for its mark; *text NULL: nothing. */
int define_partition_own(struct translator *t, const struct schema_table *root, const char *name,
    const PgQuery__CreateStmt *stmt, const char **text);

/* ---- partition_trigger.c ---- */

/* Writes the triggers of a partitioned table, behind its CREATE TABLE. */
int define_emit_partitioned(struct translator *t, const struct schema_table *root);
/* Makes them again, after its partitions have changed; and drops them. */
int define_emit_partition_triggers(struct translator *t, const struct partition_tree *tree);
int define_drop_partition_triggers(struct translator *t, const struct schema_table *root);

/* ---- partition.c ---- */

/* CREATE TABLE ... PARTITION OF. */
int define_create_partition(struct translator *t, const PgQuery__CreateStmt *stmt);
/* Writes a partition's view, with `columns` in the partition's own order. */
int define_emit_partition(struct translator *t, const struct partition_tree *tree, const struct partition *partition,
    const struct definition_names *columns);
/* Drops the views of that partition and those below it (name NULL: of all). */
int define_drop_partition_views(struct translator *t, const struct partition_tree *tree, const char *name);
/* Writes what fails where the default partition has rows that the new one would take. */
int define_emit_default_check(struct translator *t, const struct partition_tree *tree, const struct partition *made);
/* Makes the default partition of that table, and all below it, again after the table's other partitions have
 * changed. */
int define_remake_default(struct translator *t, const struct partition_tree *tree, const char *parent);

/* The columns of an existing partition, in its own order. */
int define_partition_columns(struct translator *t, const struct partition_tree *tree, const struct partition *p,
    struct definition_names *columns);

/* ---- partition_set.c ---- */

struct define_partitions {
	struct partition_tree tree;
	unsigned n;
	struct definition_names *columns; /* the columns of each partition, in its own order */
};
/* Reads all partitions of a root and drops them; and makes them again for the root as it is by then. */
int define_partitions_take(struct translator *t, const struct schema_table *root, struct define_partitions *set);
int define_partitions_make(struct translator *t, struct define_partitions *set, const struct schema_table *root);
void define_partitions_free(struct define_partitions *set);
/* Takes over the columns that the root has now. */
int define_partitions_follow(struct translator *t, struct define_partitions *set, const struct definition *after);
/* Whether a key has the column; with `expression`: whether an expression in a key has it. */
bool define_partitions_use(const struct define_partitions *set, const char *column, bool expression);
/* Take over the new name of a column, and of a table, which is the root or a partition. Return the root as it is
 * then. NULL: the report is filled. */
const struct schema_table *define_partitions_rename_column(struct translator *t, struct define_partitions *set,
    const char *old, const char *name);
const struct schema_table *define_partitions_rename(struct translator *t, struct define_partitions *set,
    const char *old, const char *name);

/* ---- partition_drop.c ---- */

/* Drops the triggers that clients made, and makes them again later, so that rows which DDL moves fire none. */
int define_set_triggers_aside(struct translator *t, const struct schema_table *root, bool aside);
/* Writes "schema"."root" WHERE and the condition of the partition. */
int define_emit_partition_rows(struct translator *t, const struct partition_tree *tree,
    const struct partition *partition);
/* 0A000 where a foreign key refers to the table. */
int define_refuse_references(struct translator *t, const struct schema_table *root, const char *what);
int define_truncate_partition(struct translator *t, const struct schema_table *table);
/* Adds all partitions below those that are named already. */
int define_add_partitions(struct translator *t, const struct schema_table *table, struct definition_names *names,
    struct definition_names *schemas);
/* Drops a partition with all those of the same table that are named; done: the tables that were seen to. */
int define_drop_partition(struct translator *t, const struct schema_table *table, const struct definition_names *names,
    struct definition_names *done);

#endif
