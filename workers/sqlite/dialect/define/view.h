/*
 * Changes of views by DDL: their options, and what is kept beside their text.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_VIEW_H
#define BIBD_SQLITE_DIALECT_DEFINE_VIEW_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/kept_view.h"

/* WITH (...) of a view, checked and added to options, which are in the form of kept_view; NULL: none so far. The result
 * lives as long as the translator; NULL: 22023, or memory is out. */
const char *define_view_options(struct translator *t, const char *options, PgQuery__Node *const *list, size_t n);
/* The options without those that the statement names. */
const char *define_view_reset(struct translator *t, const char *options, PgQuery__Node *const *list, size_t n);
/* 0A000 for WITH CHECK OPTION, or an option that says so, of a view that cannot be changed through; `why` it cannot,
 * or NULL. */
int define_check_option(struct translator *t, const char *options, const char *why);

/* ALTER VIEW, and ALTER TABLE of a view: defaults and options. */
int define_alter_view(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *view);

#endif
