/*
 * Queries as trees that are compared, sorted, and written as queries again.
 */
#include "workers/sqlite/textsearch/rewrite_tree.h"

#include <stdlib.h>
#include <string.h>

static struct ts_branch *
make(struct ts_tree *tree, const struct tsquery *of, const struct tsquery_node *node, size_t room)
{
	struct ts_branch *branch = calloc(1, sizeof(*branch));

	if (branch != NULL && room > 0 && (branch->operands = malloc(room * sizeof(struct ts_branch *))) == NULL) {
		free(branch);
		branch = NULL;
	}
	if (branch == NULL) {
		(void)report_set(tree->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	branch->of = of;
	branch->node = node;
	branch->next = tree->all;
	tree->all = branch;
	return branch;
}

void
ts_tree_free(struct ts_tree *tree)
{
	while (tree->all != NULL) {
		struct ts_branch *branch = tree->all;

		tree->all = branch->next;
		free(branch->operands);
		free(branch);
	}
}

struct ts_branch *
ts_tree_copy(struct ts_tree *tree, const struct ts_branch *of)
{
	struct ts_branch *copy = make(tree, of->of, of->node, of->n);

	for (size_t i = 0; copy != NULL && i < of->n; i++) {
		struct ts_branch *operand = ts_tree_copy(tree, of->operands[i]);

		if (operand == NULL)
			return NULL;
		copy->operands[copy->n++] = operand;
	}
	return copy;
}

/* The operands of an operand that is the same operator, in its place. */
static int
flatten(struct ts_tree *tree, struct ts_branch *branch)
{
	struct ts_branch **flat;
	size_t room = 0, n = 0;

	if (branch->node->kind != TSQUERY_AND && branch->node->kind != TSQUERY_OR)
		return 0;
	for (size_t i = 0; i < branch->n; i++)
		room += branch->operands[i]->n + 1;
	if ((flat = malloc((room + 1) * sizeof(struct ts_branch *))) == NULL)
		return report_set(tree->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (size_t i = 0; i < branch->n; i++) {
		struct ts_branch *operand = branch->operands[i];

		if (operand->node->kind != branch->node->kind) {
			flat[n++] = operand;
			continue;
		}
		memcpy(flat + n, operand->operands, operand->n * sizeof(struct ts_branch *));
		n += operand->n;
	}
	free(branch->operands);
	branch->operands = flat;
	branch->n = n;
	return 0;
}

struct ts_branch *
ts_tree_build(struct ts_tree *tree, const struct tsquery *q, bool flat)
{
	struct ts_branch **at = calloc(q->n, sizeof(struct ts_branch *)), *root = NULL;
	uint16_t *depths = calloc(q->n, sizeof(*depths));
	bool failed = at == NULL || depths == NULL;

	if (failed)
		(void)report_set(tree->report, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	for (size_t i = 0; i < q->n && !failed; i++) {
		const struct tsquery_node *node = &q->nodes[i];
		size_t n = node->kind == TSQUERY_WORD ? 0 : node->kind == TSQUERY_NOT ? 1 : 2;

		failed = (at[i] = make(tree, q, node, n)) == NULL;
		for (size_t k = 0; k < n && !failed; k++) {
			size_t operand = k == 0 ? TSQUERY_RIGHT(i) : TSQUERY_LEFT(q, i);

			if ((at[i]->operands[at[i]->n] = at[operand]) != NULL)
				at[i]->n++;
			if (depths[i] <= depths[operand])
				depths[i] = (uint16_t)(depths[operand] + 1);
		}
		if (!failed && depths[i] > TS_TREE_DEPTH_MAX)
			failed =
			    report_set(tree->report, SQLSTATE_STATEMENT_TOO_COMPLEX,
				"a tsquery of more than %d levels can't be rewritten on SQLite", TS_TREE_DEPTH_MAX) < 0;
		if (!failed && flat)
			failed = flatten(tree, at[i]) < 0;
	}
	if (!failed)
		root = at[q->n - 1];
	if (root != NULL && flat)
		ts_branch_sort(root);
	free(at);
	free(depths);
	return root;
}

/* As PostgreSQL compares queries (types/tsquery.c), but for any number of operands: that of more is before. */
int
ts_branch_compare(const struct ts_branch *a, const struct ts_branch *b)
{
	bool words = a->node->kind == TSQUERY_WORD && b->node->kind == TSQUERY_WORD;
	int order = 0;

	if (words)
		return tsquery_compare_nodes(a->of, (size_t)(a->node - a->of->nodes), b->of,
		    (size_t)(b->node - b->of->nodes));
	if ((a->node->kind == TSQUERY_WORD) != (b->node->kind == TSQUERY_WORD))
		return a->node->kind == TSQUERY_WORD ? 1 : -1;
	if (a->node->kind != b->node->kind)
		return a->node->kind > b->node->kind ? -1 : 1;
	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	for (size_t i = 0; i < a->n && order == 0; i++)
		order = ts_branch_compare(a->operands[i], b->operands[i]);
	if (order == 0 && a->node->distance != b->node->distance)
		order = a->node->distance > b->node->distance ? -1 : 1;
	return order;
}

static int
compare(const void *a, const void *b)
{
	return ts_branch_compare(*(struct ts_branch *const *)a, *(struct ts_branch *const *)b);
}

void
ts_branch_sort(struct ts_branch *branch)
{
	for (size_t i = 0; i < branch->n; i++)
		ts_branch_sort(branch->operands[i]);
	if (branch->n > 1 && branch->node->kind != TSQUERY_PHRASE)
		qsort(branch->operands, branch->n, sizeof(struct ts_branch *), compare);
}

/* The first two are grouped, then each with the last of the others: the third is the leftmost at the end. */
int
ts_branch_write(const struct ts_branch *branch, struct tsquery *out, struct report *r)
{
	const struct tsquery_node *node = branch->node;
	int result = 0;

	if (node->kind == TSQUERY_WORD)
		return tsquery_add_word(out, tsquery_text(branch->of, node), node->length, node->weights, node->prefix,
		    r);
	for (size_t i = 2; i < branch->n && result == 0; i++)
		result = ts_branch_write(branch->operands[i], out, r);
	if (result == 0 && branch->n > 1)
		result = ts_branch_write(branch->operands[1], out, r);
	if (result == 0)
		result = ts_branch_write(branch->operands[0], out, r);
	for (size_t i = node->kind == TSQUERY_NOT ? 0 : 1; i < branch->n && result == 0; i++)
		result = tsquery_add_operator(out, node->kind, node->distance, r);
	return result;
}
