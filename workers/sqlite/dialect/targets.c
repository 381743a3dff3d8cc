/*
 * Select lists and RETURNING: stars expanded, each column named as PostgreSQL names it and with its type noted.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* PostgreSQL's own bound is 1664; SQLite's is 2000. */
#define TARGETS_MAX 1664

static bool
is_star(const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *ref;

	if (node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF)
		return false;
	ref = node->column_ref;
	return ref->n_fields > 0 && ref->fields[ref->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

/* (x).* */
static bool
is_fields(const PgQuery__Node *node)
{
	const PgQuery__AIndirection *i =
	    node->node_case == PG_QUERY__NODE__NODE_A_INDIRECTION ? node->a_indirection : NULL;

	return i != NULL && i->indirection[i->n_indirection - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

bool
translate_is_star(const PgQuery__Node *node)
{
	return is_star(node) || is_fields(node);
}

struct targets {
	struct translator *t;
	struct query_columns *columns;
	bool shown;
};

static struct scope_column *
add_column(struct targets *to, const char *name)
{
	struct scope_column *column = &to->columns->columns[to->columns->n];

	if (to->columns->n == TARGETS_MAX) {
		translate_fail(to->t, -1, SQLSTATE_TOO_MANY_COLUMNS, "target lists can have at most %d entries",
		    TARGETS_MAX);
		return NULL;
	}
	to->columns->n++;
	column->name = column->emitted = translator_copy(to->t, name);
	return column->name == NULL ? NULL : column;
}

/* An output column brings its collation along, through subqueries, views and set operations. It stays the column of a
 * table that it was. */
static int
put_out(struct targets *to, struct expression *e)
{
	uint32_t table_oid = e->table_oid, domain = e->domain;

	/* A routine keeps what is of the file's own types as it is. */
	bool shown = to->shown && (to->t->text->variables == NULL || !type_is_user(e->oid));

	if (expression_canonize(to->t, e, -1) < 0 || (shown && expression_show(to->t, e) < 0) ||
	    expression_collate(to->t, e) < 0)
		return -1;
	e->table_oid = table_oid;
	e->domain = domain;
	return 0;
}

/* Takes the type that the expression has, and puts AS "name" behind it. */
static int
end_column(struct targets *to, struct expression *e, const char *name)
{
	struct translator *t = to->t;
	struct scope_column *column;
	unsigned i = to->columns->n;
	enum expression_form form = e->form;
	bool wanted = i < t->nwanted && t->wanted[i].oid != TYPE_UNKNOWN;

	if (form != EXPRESSION_VALUE) {
		if (expression_settle(t, e, wanted ? t->wanted[i].oid : (uint32_t)TYPE_TEXT, -1) < 0)
			return -1;
	}
	if (put_out(to, e) < 0 || (column = add_column(to, name)) == NULL)
		return -1;
	column->oid = e->oid == TYPE_UNKNOWN || e->oid == TYPE_UNKNOWN_LITERAL ? (uint32_t)TYPE_TEXT : e->oid;
	column->typmod = e->typmod;
	column->domain = e->domain;
	column->not_null = e->not_null;
	column->canonical = e->canonical;
	column->table_oid = e->table_oid;
	column->attribute = e->attribute;
	column->shape = e->shape;
	column->null = form == EXPRESSION_NULL;
	column->parameter = form == EXPRESSION_PARAMETER && !wanted ? e->index : 0;
	column->literal = form == EXPRESSION_STRING && e->lifted && !wanted ? e->index + 1 : 0;
	translate_emit(t, " AS ");
	return translate_identifier(t, name);
}

/* Whether SQLite would not know which column the bare name means: that of a pair of USING, or another table's. */
static bool
is_elsewhere(const struct scope *scope, const struct scope_column *column)
{
	for (const struct scope_range *range = scope->ranges; range != NULL; range = range->next)
		for (unsigned i = 0; i < range->ncolumns; i++)
			if (&range->columns[i] != column && !range->columns[i].merged &&
			    sqlite3_stricmp(range->columns[i].name, column->name) == 0)
				return true;
	return false;
}

static int
star_column(struct targets *to, const struct scope_range *range, const struct scope_column *column, bool qualified)
{
	struct found_column found = { .range = range,
		.column = column,
		.merged = column->rank > 0 && !qualified,
		.location = -1 };
	struct expression e;

	if (found.merged && to->t->scope != NULL && is_elsewhere(to->t->scope, column)) {
		if (column->stands != column || column->joined != 0)
			return translate_refuse(to->t, -1,
			    "* over a column of this USING whose name another table has");
		found.merged = false;
	}
	if (to->columns->n > 0)
		translate_emit(to->t, ", ");
	return translate_found_column(to->t, &found, &e) < 0 ? -1 : end_column(to, &e, column->name);
}

/* Columns of USING come first, those of the outermost join before others. */
static int
star_of_joined(struct targets *to, const struct scope_range *from, const struct scope_range *end, unsigned *below)
{
	const struct scope_range *best_range = NULL;
	const struct scope_column *best = NULL;

	for (const struct scope_range *range = from; range != end; range = range->next)
		for (unsigned i = 0; i < range->ncolumns; i++) {
			const struct scope_column *column = &range->columns[i];

			if (column->rank > 0 && column->rank < *below && !column->merged &&
			    (best == NULL || column->rank > best->rank)) {
				best = column;
				best_range = range;
			}
		}
	*below = best == NULL ? 0 : best->rank;
	if (best != NULL && best_range->nested_using)
		return translate_refuse(to->t, -1, "* over a join with USING on the right side of another");
	return best == NULL ? 0 : star_column(to, best_range, best, false);
}

/* One item of FROM's list. */
static int
star_of_item(struct targets *to, const struct scope_range *from, const struct scope_range *end)
{
	for (unsigned below = UINT32_MAX; below > 0;)
		if (star_of_joined(to, from, end, &below) < 0)
			return -1;
	for (; from != end; from = from->next)
		for (unsigned i = 0; !from->hidden && i < from->ncolumns; i++)
			if (!from->columns[i].merged && from->columns[i].rank == 0 &&
			    star_column(to, from, &from->columns[i], false) < 0)
				return -1;
	return 0;
}

static int
star_of_all(struct targets *to, int location)
{
	const struct scope_range *ranges = to->t->scope == NULL ? NULL : to->t->scope->ranges;

	if (ranges == NULL)
		return translate_fail(to->t, location, SQLSTATE_SYNTAX_ERROR,
		    "SELECT * with no tables specified is not valid");
	while (ranges != NULL) {
		const struct scope_range *from = ranges;

		while (!ranges->ends_item && ranges->next != NULL)
			ranges = ranges->next;
		ranges = ranges->next;
		if (star_of_item(to, from, ranges) < 0)
			return -1;
	}
	return 0;
}

/* name.* of a routine's record. */
static int
star_of_record(struct targets *to, const struct dialect_variable *fields, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const PgQuery__Node *field = translate_column_node(to->t, fields[i].qualifier, fields[i].name);
		struct expression e;

		if (to->columns->n > 0)
			translate_emit(to->t, ", ");
		if (field == NULL || translate_expression(to->t, field, &e) < 0 ||
		    end_column(to, &e, fields[i].name) < 0)
			return -1;
	}
	return 0;
}

static int
translate_star(struct targets *to, const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *ref = node->column_ref;
	const struct dialect_variable *fields;
	unsigned nfields;
	const char *schema = ref->n_fields > 2 ? translate_string(ref->fields[ref->n_fields - 3]) : NULL;
	const struct scope_range *range;
	const char *name;

	if (ref->n_fields == 1)
		return star_of_all(to, ref->location);
	if ((fields = translate_variable_fields(to->t, node, &nfields)) != NULL)
		return star_of_record(to, fields, nfields);
	name = translate_string(ref->fields[ref->n_fields - 2]);
	if (name == NULL || (range = translate_scope_find(to->t, schema, name)) == NULL)
		return translate_missing_range(to->t, name == NULL ? "" : name, ref->location);
	for (unsigned i = 0; i < range->ncolumns; i++)
		if (star_column(to, range, &range->columns[i], true) < 0)
			return -1;
	return 0;
}

/* The row, without the star behind it. */
static int
translate_starred(struct targets *to, const PgQuery__AIndirection *indirection, struct expression *e)
{
	PgQuery__AIndirection less = *indirection;
	PgQuery__Node node = PG_QUERY__NODE__INIT;

	if (--less.n_indirection == 0)
		return translate_expression(to->t, indirection->arg, e);
	node.node_case = PG_QUERY__NODE__NODE_A_INDIRECTION;
	node.a_indirection = &less;
	return translate_expression(to->t, &node, e);
}

/* (x).*: a column for each field, each of which computes x, as it does in PostgreSQL. */
static int
translate_fields(struct targets *to, const PgQuery__AIndirection *indirection)
{
	int location = translate_location(indirection->arg);
	const struct row_shape *shape = NULL;
	unsigned n = 1;

	if (to->t->view)
		return translate_refuse(to->t, location, "all fields of a row in a view");
	for (unsigned i = 0; i < n; i++) {
		struct expression e;

		if (to->columns->n > 0)
			translate_emit(to->t, ", ");
		if (translate_starred(to, indirection, &e) < 0)
			return -1;
		if (e.form == EXPRESSION_VALUE && !type_is_row(e.oid))
			return translate_fail(to->t, location, SQLSTATE_WRONG_OBJECT_TYPE, "type %s is not composite",
			    type_display(to->t, e.oid));
		if (shape == NULL && (shape = translate_shape(to->t, &e)) == NULL)
			return translate_refuse(to->t, location, "all fields of this row");
		if ((n = shape->n) == 0)
			return translate_refuse(to->t, location, "all fields of a row that has none");
		if (translate_row_field_at(to->t, &e, shape, i) < 0 || end_column(to, &e, shape->fields[i].name) < 0)
			return -1;
	}
	return 0;
}

static int
translate_target(struct targets *to, const PgQuery__ResTarget *target)
{
	bool named = target->name != NULL && *target->name != '\0';
	struct expression e;

	if (is_star(target->val))
		return translate_star(to, target->val);
	if (is_fields(target->val))
		return translate_fields(to, target->val->a_indirection);
	if (to->columns->n > 0)
		translate_emit(to->t, ", ");
	if (translate_expression(to->t, target->val, &e) < 0)
		return -1;
	return end_column(to, &e, named ? target->name : translate_target_name(target->val));
}

static unsigned
count_columns(const struct translator *t, PgQuery__Node *const *targets, size_t n)
{
	size_t each = 0, total = n;

	for (const struct scope *scope = t->scope; scope != NULL; scope = scope->outer)
		for (const struct scope_range *range = scope->ranges; range != NULL; range = range->next)
			each += range->ncolumns;
	each += t->text->variables == NULL ? 0 : t->text->variables->n;
	for (size_t i = 0; i < n && total < TARGETS_MAX; i++) {
		if (is_star(targets[i]->res_target->val))
			total += each;
		if (is_fields(targets[i]->res_target->val))
			total = TARGETS_MAX;
	}
	return (unsigned)(total < TARGETS_MAX ? total : TARGETS_MAX);
}

int
translate_targets(struct translator *t, PgQuery__Node *const *targets, size_t n, bool shown,
    struct query_columns *columns)
{
	struct targets to = { .t = t, .columns = columns, .shown = shown };

	columns->n = 0;
	columns->columns = translator_alloc(t, (count_columns(t, targets, n) + 1) * sizeof(*columns->columns));
	if (columns->columns == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (translate_target(&to, targets[i]->res_target) < 0)
			return -1;
	return 0;
}

int
translate_plan_columns(struct translator *t, const struct query_columns *columns)
{
	struct dialect_plan *plan = t->plan;

	plan->has_rows = true;
	plan->columns = calloc(columns->n + 1, sizeof(*plan->columns));
	if (plan->columns == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < columns->n; i++) {
		const struct scope_column *from = &columns->columns[i];

		plan->columns[i] = (struct dialect_column) { .name = strdup(from->name),
			.oid = from->oid,
			.typmod = from->typmod,
			.table_oid = from->table_oid,
			.attribute = from->attribute };
		plan->ncolumns = i + 1;
		if (plan->columns[i].name == NULL)
			return translate_out_of_memory(t);
	}
	return 0;
}
