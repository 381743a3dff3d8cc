/*
 * A query as a tree in which AND and OR have any number of operands, in sorted order: the form in which parts are
 * looked for. Private to rewrite.c and rewrite_tree.c.
 */
#ifndef BIBD_SQLITE_TS_REWRITE_TREE_H
#define BIBD_SQLITE_TS_REWRITE_TREE_H

#include "workers/sqlite/textsearch/textsearch.h"

/* The depth up to which trees are taken, since the functions that walk one call themselves. */
#define TS_TREE_DEPTH_MAX 1000

struct ts_branch {
	const struct tsquery_node *node;
	const struct tsquery *of;
	struct ts_branch **operands; /* the right one first, until they are sorted */
	size_t n;
	bool settled;		/* it was put in as a replacement, in which nothing is looked for */
	struct ts_branch *next; /* the list of all branches that were made */
};
/* Owns all branches; the queries must outlive it. */
struct ts_tree {
	struct ts_branch *all;
	struct report *report;
};

/* Builds the tree of a query: operands of an AND below an AND, or of an OR below an OR, are the upper one's own, and
 * all operands are sorted. NULL: the report is filled. */
struct ts_branch *ts_tree_build(struct ts_tree *tree, const struct tsquery *q, bool flat);
struct ts_branch *ts_tree_copy(struct ts_tree *tree, const struct ts_branch *of);
void ts_tree_free(struct ts_tree *tree);
int ts_branch_compare(const struct ts_branch *a, const struct ts_branch *b);
void ts_branch_sort(struct ts_branch *branch);
/* Appends a branch to a query. -1: the report is filled. */
int ts_branch_write(const struct ts_branch *branch, struct tsquery *out, struct report *r);

#endif
