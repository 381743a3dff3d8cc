/*
 * What stands behind a value: fields of rows, elements and slices of arrays, parts of documents.
 */
#include "workers/sqlite/dialect/deparse/tree.h"

/* A bound of a subscript, which may be left out in a slice. */
static bool
bound(struct deparser *d, struct deparse_node **arg, const PgQuery__Node *source)
{
	*arg = NULL;
	if (source == NULL)
		return true;
	*arg = deparse_coerce(d, deparse_node(d, source), TYPE_INT4, -1, true);
	return *arg != NULL && (*arg)->oid == TYPE_INT4;
}

/* Parts of a document, by numbers and texts. */
static struct deparse_node *
member(struct deparser *d, struct deparse_node *arg, PgQuery__Node *const *steps, size_t n)
{
	struct deparse_node *node = deparse_new(d, DEPARSE_SUBSCRIPT, TYPE_JSONB, 1 + 2 * n), *step;

	if (node == NULL)
		return NULL;
	node->args[0] = arg;
	for (size_t i = 0; i < n; i++) {
		if (steps[i]->a_indices->is_slice || (step = deparse_node(d, steps[i]->a_indices->uidx)) == NULL)
			return NULL;
		if (deparse_is_unknown(step))
			step = deparse_coerce(d, step, TYPE_TEXT, -1, true);
		if (step == NULL || (step->oid != TYPE_INT4 && step->oid != TYPE_TEXT))
			return NULL;
		node->args[2 + 2 * i] = step;
	}
	return node;
}

/* Elements and slices of arrays, by the first n steps, all of them subscripts; with one slice among them all are. */
static struct deparse_node *
subscript(struct deparser *d, struct deparse_node *arg, PgQuery__Node *const *steps, size_t n)
{
	struct deparse_node *node;
	bool slice = false;

	if (arg->oid == TYPE_JSONB)
		return member(d, arg, steps, n);
	if (!type_is_array(arg->oid) || (node = deparse_new(d, DEPARSE_SUBSCRIPT, arg->oid, 1 + 2 * n)) == NULL)
		return NULL;
	node->args[0] = arg;
	node->typmod = arg->typmod;
	for (size_t i = 0; i < n; i++) {
		if (!bound(d, &node->args[1 + 2 * i], steps[i]->a_indices->lidx) ||
		    !bound(d, &node->args[2 + 2 * i], steps[i]->a_indices->uidx))
			return NULL;
		slice |= steps[i]->a_indices->is_slice;
	}
	for (size_t i = 0; slice && i < n; i++)
		if (!steps[i]->a_indices->is_slice &&
		    (node->args[1 + 2 * i] = deparse_constant(d, TYPE_INT4, "1")) == NULL)
			return NULL;
	node->all = slice;
	if (!slice)
		node->oid = type_element(arg->oid);
	return node->oid == 0 ? NULL : node;
}

struct deparse_node *
deparse_indirection(struct deparser *d, const PgQuery__AIndirection *source)
{
	struct deparse_node *node = deparse_node(d, source->arg);
	size_t from = 0, to;

	for (; node != NULL && from < source->n_indirection; from = to) {
		to = from;
		while (
		    to < source->n_indirection && source->indirection[to]->node_case == PG_QUERY__NODE__NODE_A_INDICES)
			to++;
		if (to > from)
			node = subscript(d, node, &source->indirection[from], to - from);
		else
			node = deparse_field(d, node, translate_string(source->indirection[to++]));
	}
	return node;
}
