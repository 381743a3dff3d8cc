/*
 * Private to DDL: tables that inherit. What there is of it in the file: schema/inherit.h.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_INHERIT_H
#define BIBD_SQLITE_DIALECT_DEFINE_INHERIT_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/inherit.h"

/* CREATE TABLE ... INHERITS: the parents' columns and CHECKs, before anything of the table's own. */
int inherit_begin(struct translator *t, struct definition *d, const char *schema, const PgQuery__CreateStmt *stmt);
/* A column that a parent has too: 1, it was merged; 0, there is none. */
int inherit_merge_column(struct translator *t, struct definition *d, const PgQuery__ColumnDef *column,
    struct define_pending **pending);
/* 0A000 for a change of a table with children that would have to be one of theirs too; 42P16 for one of what a child
 * has of its parents. */
int inherit_check_alter(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table);
/* Whether what is said of the table is said of those below it too: all of it, and it can be done for each. */
bool inherit_reaches_children(struct translator *t, const PgQuery__AlterTableStmt *stmt,
    const struct schema_table *table);
/* 0A000 for a table that a view reads, or one above it: its children are in the view's text. */
int inherit_check_views(struct translator *t, const struct schema_table *table);
int inherit_check_rename(struct translator *t, const PgQuery__RenameStmt *stmt, const struct schema_table *table);

#endif
