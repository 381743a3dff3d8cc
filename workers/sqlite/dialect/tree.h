/*
 * The parse tree as nodes alike: what is below one, and whether two mean the same, by protobuf's own descriptions.
 */
#ifndef BIBD_SQLITE_DIALECT_TREE_H
#define BIBD_SQLITE_DIALECT_TREE_H

#include <pg_query/pg_query.pb-c.h>
#include <stdbool.h>

/* Calls visit for each Node directly below, those within other messages included; stops at the first result that is not
 * 0, and returns it. */
int tree_each_child(const PgQuery__Node *node, int (*visit)(void *arg, const PgQuery__Node *child), void *arg);
/* The same text, wherever it stands. */
bool tree_equal(const PgQuery__Node *a, const PgQuery__Node *b);

#endif
