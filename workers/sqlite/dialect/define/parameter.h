/*
 * Parameters of storage and planning: checked, and kept for those who ask. -1: the report was set. Nothing is kept of
 * what is temporary.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_PARAMETER_H
#define BIBD_SQLITE_DIALECT_DEFINE_PARAMETER_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/comment.h"

/* Writes what keeps one; text NULL: what keeps none. */
int parameter_keep(struct translator *t, enum schema_comment_kind kind, const char *object, const char *part,
    const char *text);
/* What is kept, which lives as long as the translator; NULL: nothing, or memory is out, and that is reported. */
const char *parameter_read(struct translator *t, enum schema_comment_kind kind, const char *object, const char *part);
/* Options of WITH (...), SET (...) and RESET (...). kind: 't' of a table, 'c' of a column, of an index what
 * parameter_kind() gives for its method (NULL: btree). */
char parameter_kind(const char *method);
int parameter_check(struct translator *t, char kind, PgQuery__Node *const *options, size_t n, bool reset);
/* Writes what keeps them beside those there are. *now: those, where an earlier part of the statement has changed them,
 * and after it; now NULL: there is no other part. */
int parameter_set(struct translator *t, enum schema_comment_kind kind, const char *object, const char *part,
    PgQuery__Node *const *options, size_t n, bool reset, const char **now);
/* What the columns that an index includes add to the name of one like it: "_a_b". NULL: reported. */
const char *parameter_included(struct translator *t, const char *index);
/* COLLATE "C" of a column, or of all columns of a new table. */
int parameter_collate(struct translator *t, const char *table, const PgQuery__ColumnDef *column);
/* The same for one whose type is changed: without COLLATE it has the default one. */
int parameter_recollate(struct translator *t, const char *table, const PgQuery__ColumnDef *source, const char *column);
int parameter_collates(struct translator *t, const char *table, PgQuery__Node *const *elements, size_t n);
/* The same for a table LIKE the one of that stored name, which `source` defines. */
int parameter_collate_like(struct translator *t, const struct definition *d, const char *from,
    const struct definition *source);

/* ---- parameter_alter.c; parameter_inherit() is in parameter.c ---- */

/* ALTER TABLE ... SET (...), ALTER COLUMN ... SET STATISTICS and its like. */
int parameter_alter(struct translator *t, const char *table, const struct definition *d,
    const PgQuery__AlterTableCmd *command, const char **now);
/* The letter of a column's storage, of a type's own where none was set; and what a new child's columns have of it from
 * its parents. */
const char *parameter_storage(struct translator *t, const char *table, const struct definition_column *column);
int parameter_inherit(struct translator *t, const struct definition *d);
/* SET STATISTICS. */
int parameter_statistics(struct translator *t, enum schema_comment_kind kind, const char *table, const char *part,
    const PgQuery__AlterTableCmd *command);
bool parameter_is(const PgQuery__AlterTableCmd *command);
/* All such commands of an ALTER MATERIALIZED VIEW; others are passed over. */
int parameter_alter_all(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table);

#endif
