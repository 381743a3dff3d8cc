/*
 * ts_rewrite(): every part of a query that is another one becomes a third. Operands of AND and OR may come in any order
 * and need not be all that there are.
 */
#include <stdlib.h>

#include "workers/sqlite/textsearch/rewrite_tree.h"

struct rewriting {
	struct ts_tree tree;
	const struct ts_branch *wanted, *instead; /* NULL: the part goes */
	struct ts_poll *poll;
	bool failed;
};

/* A copy of the query that takes the place of the part that was found; NULL: nothing takes it. */
static struct ts_branch *
replacement(struct rewriting *w)
{
	struct ts_branch *branch;

	if (w->instead == NULL)
		return NULL;
	if ((branch = ts_tree_copy(&w->tree, w->instead)) == NULL)
		w->failed = true;
	else
		branch->settled = true;
	return branch;
}

/* Some of its operands are those that are wanted: both are sorted. */
static void
replace_some(struct rewriting *w, struct ts_branch *branch)
{
	bool *found = calloc(branch->n, sizeof(*found));
	size_t i = 0, k = 0, kept = 0;
	struct ts_branch *instead;

	if (found == NULL) {
		w->failed = true;
		(void)report_set(w->tree.report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return;
	}
	while (i < branch->n && k < w->wanted->n) {
		int order = ts_branch_compare(branch->operands[i], w->wanted->operands[k]);

		if (order > 0)
			break;
		if (order == 0) {
			found[i] = true;
			k++;
		}
		i++;
	}
	if (k == w->wanted->n) {
		instead = replacement(w);
		for (i = 0; i < branch->n; i++)
			if (!found[i])
				branch->operands[kept++] = branch->operands[i];
		if (instead != NULL)
			branch->operands[kept++] = instead;
		branch->n = kept;
		ts_branch_sort(branch);
	}
	free(found);
}

static struct ts_branch *
look_at(struct rewriting *w, struct ts_branch *branch)
{
	if (branch->settled || branch->node->kind != w->wanted->node->kind)
		return branch;
	if (branch->n == w->wanted->n)
		return ts_branch_compare(branch, w->wanted) == 0 ? replacement(w) : branch;
	if (branch->n > w->wanted->n && w->wanted->n > 0)
		replace_some(w, branch);
	return branch;
}

/* An operator that is left with one operand is that one, but for NOT. */
static struct ts_branch *
rewrite(struct rewriting *w, struct ts_branch *branch)
{
	size_t kept = 0;

	if (!w->failed && ts_poll(w->poll, w->tree.report) < 0)
		w->failed = true;
	if (w->failed)
		return branch;
	branch = look_at(w, branch);
	if (w->failed || branch == NULL || branch->settled || branch->node->kind == TSQUERY_WORD)
		return branch;
	for (size_t i = 0; i < branch->n; i++) {
		struct ts_branch *operand = rewrite(w, branch->operands[i]);

		if (operand != NULL)
			branch->operands[kept++] = operand;
	}
	branch->n = kept;
	if (kept == 0)
		return NULL;
	return kept == 1 && branch->node->kind != TSQUERY_NOT ? branch->operands[0] : branch;
}

int
ts_rewrite(struct tsquery *q, const struct tsquery *wanted, const struct tsquery *instead, struct ts_poll *poll,
    struct report *r)
{
	struct rewriting w = { .tree = { .report = r }, .poll = poll };
	struct tsquery out = { .nodes = NULL };
	struct ts_branch *root;
	int result = -1;

	if (q->n == 0 || wanted->n == 0)
		return 0;
	root = ts_tree_build(&w.tree, q, true);
	w.wanted = root == NULL ? NULL : ts_tree_build(&w.tree, wanted, true);
	w.failed = w.wanted == NULL;
	if (!w.failed && instead->n > 0)
		w.failed = (w.instead = ts_tree_build(&w.tree, instead, false)) == NULL;
	if (!w.failed)
		root = rewrite(&w, root);
	if (!w.failed)
		result = root == NULL ? 0 : ts_branch_write(root, &out, r);
	ts_tree_free(&w.tree);
	if (result == 0) {
		tsquery_free(q);
		*q = out;
	} else {
		tsquery_free(&out);
	}
	return result;
}
