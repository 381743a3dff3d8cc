/*
 * Private to modify.c, insert.c, conflict.c, assignment.c and update.c: the statements that change rows.
 */
#ifndef BIBD_SQLITE_DIALECT_MODIFY_H
#define BIBD_SQLITE_DIALECT_MODIFY_H

#include "workers/sqlite/dialect/expression.h"

enum modify_event { MODIFY_INSERT, MODIFY_UPDATE, MODIFY_DELETE };

/* The table that a statement changes, or the view that stands for it: found, noted as the plan's target. NULL: the
 * report is filled. */
const struct schema_table *modify_find_target(struct translator *t, const PgQuery__RangeVar *relation,
    enum modify_event event);
/* Writes "schema"."name" AS "alias". */
int modify_emit_target(struct translator *t, const struct schema_table *table, const char *alias);
/* By which name SQLite knows the rowid of a table's rows; NULL: by none. */
const char *modify_rowid(const struct schema_table *table);
/* " WHERE ...", the conditions of a view before the statement's own (NULL: none). */
int modify_emit_where(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__Node *condition);
/* The column's index, or -1 with 42703. */
int modify_find_column(struct translator *t, const struct schema_table *table, const char *name, int location);
/* What a value for the column is brought to: its domain, or its type. */
uint32_t modify_type_of(const struct schema_column *column);
/* Writes what DEFAULT means for a column. */
int modify_emit_default(struct translator *t, const struct schema_column *column);
/* Writes a value for a column; DEFAULT included. An explicit value for GENERATED ALWAYS is 428C9 unless `overriding`.
 * */
int modify_emit_value(struct translator *t, const struct schema_column *column, const PgQuery__Node *value,
    bool overriding);
/* Guards the value that was written from start on, where the column is a key that SQLite would make up. */
int modify_emit_key(struct translator *t, const struct schema_column *column, size_t start);
/* The same in what stores a row that triggers have seen: there it stands whether or not there are any. */
int modify_emit_stored_key(struct translator *t, const struct schema_column *column, size_t start);
bool modify_is_default(const PgQuery__Node *value);
/* Whether foreign keys pass new values of the column on that could be equal to the old ones and look different. */
bool modify_is_passed_on(struct translator *t, const struct schema_table *table, const struct schema_column *column);
/* Guards the new value that was written from start on, where that is so: a change between such values is 0A000. */
int modify_emit_passed_on(struct translator *t, const struct schema_table *table, const char *alias,
    const struct schema_column *column, size_t start);
/* 428C9 for a generated column that is given more than DEFAULT. */
int modify_refuse_generated(struct translator *t, const struct schema_column *column, bool update);
/* " SET a = ..., (b, c) = (...)". */
int modify_emit_set(struct translator *t, const struct schema_table *table, PgQuery__Node *const *targets, size_t n,
    enum modify_event event);
/* Fails for a column of a view that is none of the table (0A000), and for two that are the same (42601). */
int modify_check_columns(struct translator *t, const struct schema_table *table,
    const struct schema_column *const *columns, size_t n, enum modify_event event);
/* " RETURNING ..." in a scope of its own, and the plan's columns; behind them what check options of a view ask. */
int modify_emit_returning(struct translator *t, const struct schema_table *table, const char *alias,
    PgQuery__Node *const *targets, size_t n, enum modify_event event);
/* Whether RETURNING names columns of more than the changed table of that alias: what is not qualified may. */
bool modify_names_others(PgQuery__Node *const *returning, size_t n, const char *alias);
/* " ON CONFLICT ...". */
int modify_emit_conflict(struct translator *t, const struct schema_table *table, const char *alias,
    const PgQuery__OnConflictClause *clause);

int translate_insert(struct translator *t, const PgQuery__InsertStmt *insert);
int translate_update(struct translator *t, const PgQuery__UpdateStmt *update);
int translate_delete(struct translator *t, const PgQuery__DeleteStmt *statement);

/* ---- proposed.c: what an INSERT proposes, which plan->proposed keeps ---- */

/* Rows of so many columns of a table follow. */
int modify_propose(struct translator *t, const struct schema_table *table, const struct schema_column *const *columns,
    unsigned n, size_t nrows);
/* The value for column i of the row, which was written from start on. NULL: it is not told. */
int modify_propose_value(struct translator *t, unsigned i, const PgQuery__Node *value, size_t start);

/* ---- part.c: assignments to parts of a column ---- */

/* Whether a target before this one assigns to a part of the same column: it writes both. */
bool modify_is_later_part(PgQuery__Node *const *targets, size_t i);
/* Writes "column = ..." for all targets that assign to a part of it. */
int modify_emit_parts(struct translator *t, const struct schema_column *column, PgQuery__Node *const *targets,
    size_t n);
/* The column with a part of it assigned to, as a text of its own: `before` is the column's, with what was assigned to
 * other parts. NULL: reported. */
const char *modify_part(struct translator *t, const struct schema_column *column, const PgQuery__ResTarget *target,
    const PgQuery__Node *value, const char *before);
/* The same where the value is written already, as `text`. */
const char *modify_part_of_query(struct translator *t, const struct schema_column *column,
    const PgQuery__ResTarget *target, const struct expression *value, const char *text, const char *before);
/* ---- variable_part.c: PL/pgSQL's assignment to a part of a variable ---- */

/* Whether the statement is one (dialect_variables.part). */
bool variable_is_part(const struct translator *t);
/* After an assignment was found to have no cast: PL/pgSQL knows a way from each type to each other, by their texts.
 * -1: reported. */
int translate_by_text(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, int location);
/* Writes the query of the one column that the variable becomes. -1: reported. */
int translate_variable_part(struct translator *t, const PgQuery__UpdateStmt *update, struct query_columns *columns);

/* ---- jsonb_part.c ---- */

/* The end for a jsonb. */
int modify_end_jsonb_part(struct translator *t, const struct schema_column *column, const PgQuery__ResTarget *target,
    const PgQuery__Node *value);

#endif
