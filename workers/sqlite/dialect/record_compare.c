/*
 * Records of a routine compared as a whole, as triggers compare OLD with NEW: field by field. A record by itself is
 * compared as a value of its type is, in which two nulls are the same; one within ROW() as a row of its fields.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* A side of the comparison. */
struct side {
	const char *record;
	bool row; /* ROW(record.*) */
	unsigned n;
	const struct dialect_variable **fields;
};

static bool
is_star(const PgQuery__ColumnRef *ref)
{
	return ref->n_fields == 2 && ref->fields[1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

/* Which record of the routine's the node is; a table of that name comes first. */
static const char *
record_of(struct translator *t, const PgQuery__Node *node, bool *row)
{
	const PgQuery__ColumnRef *ref;
	const char *name;

	*row = node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR;
	if (*row && node->row_expr->n_args != 1)
		return NULL;
	if (*row)
		node = node->row_expr->args[0];
	if (node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF)
		return NULL;
	ref = node->column_ref;
	if (!is_star(ref) && (ref->n_fields != 1 || *row))
		return NULL;
	name = translate_string(ref->fields[0]);
	for (const struct scope *scope = t->scope; name != NULL && scope != NULL; scope = scope->outer)
		if (scope->ranges != NULL)
			return NULL;
	return name;
}

static bool
read_side(struct translator *t, const PgQuery__Node *node, struct side *side)
{
	const struct dialect_variables *variables = t->text->variables;

	*side = (struct side) { .record = record_of(t, node, &side->row) };
	if (side->record == NULL ||
	    (side->fields = translator_alloc(t, (variables->n + 1) * sizeof(*side->fields))) == NULL)
		return false;
	side->row = node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR;
	for (unsigned i = 0; i < variables->n; i++) {
		const struct dialect_variable *v = &variables->list[i];

		if (v->qualifier == NULL || strcmp(v->qualifier, side->record) != 0)
			continue;
		if (v->name == NULL)
			return side->n > 0; /* the record itself, behind its fields */
		if (!v->field)
			return false;
		side->fields[side->n++] = v;
	}
	return false;
}

static PgQuery__Node *
field_node(struct translator *t, const struct dialect_variable *field)
{
	const char *const texts[] = { field->qualifier, field->name };
	PgQuery__Node *nodes = translator_alloc(t, 3 * sizeof(*nodes));
	PgQuery__Node **parts = translator_alloc(t, 2 * sizeof(*parts));
	PgQuery__String *strings = translator_alloc(t, 2 * sizeof(*strings));
	PgQuery__ColumnRef *ref = translator_alloc(t, sizeof(*ref));

	if (nodes == NULL || parts == NULL || strings == NULL || ref == NULL)
		return NULL;
	for (size_t i = 0; i < 2; i++) {
		pg_query__string__init(&strings[i]);
		strings[i].sval = (char *)(uintptr_t)texts[i];
		pg_query__node__init(&nodes[i]);
		nodes[i].node_case = PG_QUERY__NODE__NODE_STRING;
		nodes[i].string = &strings[i];
		parts[i] = &nodes[i];
	}
	pg_query__column_ref__init(ref);
	ref->fields = parts;
	ref->n_fields = 2;
	ref->location = -1;
	pg_query__node__init(&nodes[2]);
	nodes[2].node_case = PG_QUERY__NODE__NODE_COLUMN_REF;
	nodes[2].column_ref = ref;
	return &nodes[2];
}

static int
emit_pairs(struct translator *t, const PgQuery__AExpr *expr, const struct side *sides, PgQuery__AExprKind kind,
    const char *between, struct expression *type)
{
	PgQuery__AExpr pair = *expr;
	PgQuery__Node node = PG_QUERY__NODE__INIT;

	node.node_case = PG_QUERY__NODE__NODE_A_EXPR;
	node.a_expr = &pair;
	pair.kind = kind;
	*type = expression_value(t->out.length, TYPE_BOOL);
	for (unsigned i = 0; i < sides[0].n; i++) {
		struct expression one;

		if ((pair.lexpr = field_node(t, sides[0].fields[i])) == NULL ||
		    (pair.rexpr = field_node(t, sides[1].fields[i])) == NULL ||
		    translate_emit(t, i == 0 ? "(" : between) < 0 || translate_expression(t, &node, &one) < 0)
			return -1;
	}
	return translate_emit(t, ")");
}

int
translate_records_compared(struct translator *t, const PgQuery__AExpr *expr, struct expression *type)
{
	bool equal = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT, row;
	const char *op = expr->n_name == 0 ? NULL : translate_last_string(expr->name, expr->n_name);
	struct side sides[2];

	if (t->text->variables == NULL || expr->lexpr == NULL || expr->rexpr == NULL || op == NULL ||
	    (expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP && expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT &&
		!equal))
		return 0;
	if (expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP && strcmp(op, "=") != 0 && strcmp(op, "<>") != 0)
		return 0;
	if (!read_side(t, expr->lexpr, &sides[0]) || !read_side(t, expr->rexpr, &sides[1]))
		return 0;
	row = expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP && sides[0].row;
	equal |= expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP && strcmp(op, "=") == 0;
	if (sides[0].n != sides[1].n || sides[0].row != sides[1].row)
		return 0;
	for (unsigned i = 0; i < sides[0].n; i++)
		if (sides[0].fields[i]->oid != sides[1].fields[i]->oid)
			return 0;
	return emit_pairs(t, expr, sides,
		   row	       ? PG_QUERY__A__EXPR__KIND__AEXPR_OP
		       : equal ? PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT
			       : PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT,
		   equal ? " AND " : " OR ", type) < 0
	    ? -1
	    : 1;
}
