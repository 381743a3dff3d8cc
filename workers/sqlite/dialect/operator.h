/*
 * Private to the files of operators: the functions that write one. Each takes two operands that stand side by side
 * in the text, and makes one expression of them; -1: the report is filled, with 42883 where the types have no such
 * operator.
 */
#ifndef BIBD_SQLITE_DIALECT_OPERATOR_H
#define BIBD_SQLITE_DIALECT_OPERATOR_H

#include "workers/sqlite/dialect/expression.h"

typedef int operator_fn(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result);

/* comparison.c: = and its like; of two rows a function compares them, also for *= and *<>. */
operator_fn operator_compare, operator_compare_rows;
/* IS DISTINCT FROM and NULLIF */
translate_node_fn translate_distinct, translate_nullif;
/* concatenate.c: || of texts or arrays; and @>, <@, && of arrays of one type. */
operator_fn operator_concatenate, operator_contain;

#endif
