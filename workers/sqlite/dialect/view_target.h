/*
 * Views whose rows are those of one table, as tables that INSERT, UPDATE and DELETE can change: PostgreSQL's
 * "automatically updatable" views (its manual, CREATE VIEW, "Updatable Views"). Such a view is read from its kept text
 * and becomes a struct schema_table of its own: columns have the view's names and the base table's properties, and
 * know by which name the table has them (schema_column_stored). A column that is an expression is fixed: it can be read
 * by RETURNING and WHERE, and not written.
 */
#ifndef BIBD_SQLITE_DIALECT_VIEW_TARGET_H
#define BIBD_SQLITE_DIALECT_VIEW_TARGET_H

#include "workers/sqlite/dialect/modify.h"
#include "workers/sqlite/schema/kept_view.h"

/* A statement, or a query, as a tree that lives as long as the translator. NULL: it is none, or memory is out. */
const PgQuery__Node *view_parse_statement(struct translator *t, const char *text);
const PgQuery__SelectStmt *view_parse(struct translator *t, const char *text);
/* The view as such a table, which lives as long as the translator. NULL: it is not updatable (55000), or its text is
 * not known (0A000). */
const struct schema_table *view_target(struct translator *t, const struct schema_table *view, enum modify_event event);
/* A view with an INSTEAD OF trigger: its columns with the defaults of its own, which lives as long. NULL: reported. */
const struct schema_table *view_with_defaults(struct translator *t, const struct schema_table *view);
/* The table, or the next view, that such a view reads. */
const struct schema_table *view_base(const struct schema_table *table);
/* Fails where the column of a view is not one of the table (0A000). */
int view_check_column(struct translator *t, const struct schema_table *table, const struct schema_column *column,
    enum modify_event event);
/* Whether the lowest view reads its table with the children. */
bool view_inherits(const struct schema_table *table);
/* The partition that the view is, or selects from; NULL: it is none, and neither is a table. */
const struct schema_table *view_partition(const struct schema_table *table);
/* Appends the conditions of the view and of those below it, each with AND behind it: none where there are none. */
int view_emit_conditions(struct translator *t, const struct schema_table *table, const char *alias);
/* Writes a column that is an expression, over the entry of that alias. */
int view_emit_column(struct translator *t, const struct schema_table *table, unsigned i, const char *alias, bool bare,
    struct expression *type);
bool view_column_has_subquery(const struct schema_table *table, unsigned i);
/* Whether a check option of the view, or of one below it, looks at what is written, or a partition does. */
bool view_has_checks(const struct schema_table *table);
/* Writes ", bibd_check_option(condition, view)" behind a RETURNING list for each condition that a row must fulfil:
 * those of views with a check option, below one that cascades those of all views, and that of a partition; the lowest
 * first. cascaded: false. */
int view_emit_checks(struct translator *t, const struct schema_table *table, const char *alias, bool cascaded);
/* What of a view with that text says whether it can be changed: fills schema, name, n and columns of *view, and its
 * defaults where there are none, in the translator's memory. *why: what is in the way in PostgreSQL's words, NULL:
 * nothing. */
int view_describe(struct translator *t, const char *text, unsigned n, struct kept_view *view, const char **why);

#endif
