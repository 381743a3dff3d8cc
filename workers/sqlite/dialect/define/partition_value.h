/*
 * Private to partition_bound.c and partition_value.c: the bound of a partition that is made, and its values.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_PARTITION_VALUE_H
#define BIBD_SQLITE_DIALECT_DEFINE_PARTITION_VALUE_H

#include "workers/sqlite/dialect/define/partition.h"

/* What a bound is made of. */
struct partition_making {
	struct translator *t;
	const struct partition_tree *tree;
	const char *parent, *name;
	const PgQuery__PartitionBoundSpec *spec;
	struct partition_key key;
	struct sql_text out;
};

/* The value of the bound for a part of the key; *null: it is NULL. It lives as long as the translator. NULL: the report
 * is filled. */
const char *partition_value_text(struct partition_making *m, unsigned i, const PgQuery__Node *node, bool *null);
/* Compares two constants for a part of the key: -1, 0 or 1; -2: the report is filled. */
int partition_compare_values(struct partition_making *m, unsigned i, const char *a, const char *b);
/* The same for two ends of ranges. After an infinity all that follows is one too. */
int partition_compare_ends(struct partition_making *m, const char *const *a, const char *const *b);
/* -1 for MINVALUE, 1 for MAXVALUE, 0 for a value. */
int partition_rank_of(const char *value);

#endif
