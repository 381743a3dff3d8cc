/*
 * Private to DDL: triggers, which are rows of bibd's own (schema/trigger.h), and go and change with what they are on.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_TRIGGER_H
#define BIBD_SQLITE_DIALECT_DEFINE_TRIGGER_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/trigger.h"

/* trigger_when.c: checks WHEN and takes its text out of the statement. `condition` and `shown` are left empty where
 * there is none. */
struct deparse_texts;
int define_trigger_when(struct translator *t, const PgQuery__CreateTrigStmt *stmt, const struct schema_table *table,
    const char **condition, struct deparse_texts *shown);

int define_drop_trigger(struct translator *t, const PgQuery__DropStmt *stmt);
int define_rename_trigger(struct translator *t, const PgQuery__RenameStmt *stmt);
/* ALTER TABLE ... ENABLE, DISABLE TRIGGER. name NULL: all, or those of users; only: not those of partitions. */
int define_enable_trigger(struct translator *t, const struct schema_table *table, const char *name, char enabled,
    bool only);

/* Drops the triggers of a relation that is dropped, and gives them the new name of one that is renamed. Nothing is
 * written where there are no triggers. */
int define_drop_triggers(struct translator *t, const char *relation);
int define_move_triggers(struct translator *t, const char *relation, const char *name);
/* Changes UPDATE OF where a column is renamed or dropped; 0A000 where WHEN may name the column. */
int define_rename_trigger_column(struct translator *t, const char *relation, const char *old, const char *name);
int define_check_trigger_column(struct translator *t, const char *relation, const char *column, bool cascade);
/* Where a routine is dropped: 2BP01 for the triggers that call it, or, with CASCADE, drops them. */
int define_release_function(struct translator *t, uint32_t oid, const char *what, bool cascade);

#endif
