/*
 * Writes a grouped query as one around a subquery of its groups. Each set of GROUP BY is a query of a UNION ALL there:
 * keys that it doesn't have are NULL.
 */
#include "workers/sqlite/dialect/split.h"

#include <string.h>

#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/tree.h"

/* ---- which queries ---- */

struct features {
	struct translator *t;
	bool aggregate, set_function, grouping;
};

static int
find_features(void *arg, const PgQuery__Node *node)
{
	struct features *f = arg;

	if (node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
		return 0;
	f->aggregate |= grouping_is_aggregate(node);
	f->grouping |= node->node_case == PG_QUERY__NODE__NODE_GROUPING_FUNC;
	f->set_function |= node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL &&
	    translate_is_set(f->t, translate_last_string(node->func_call->funcname, node->func_call->n_funcname));
	return tree_each_child(node, find_features, f);
}

bool
select_is_split(struct translator *t, const PgQuery__SelectStmt *select)
{
	struct features f = { .t = t };
	bool sets = false;

	for (size_t i = 0; i < select->n_group_clause; i++)
		sets |= select->group_clause[i]->node_case == PG_QUERY__NODE__NODE_GROUPING_SET;
	for (size_t i = 0; i < select->n_target_list; i++)
		(void)find_features(&f, select->target_list[i]);
	for (size_t i = 0; i < select->n_sort_clause; i++)
		(void)find_features(&f, select->sort_clause[i]);
	if (select->having_clause != NULL)
		(void)find_features(&f, select->having_clause);
	if (sets || f.grouping)
		return true;
	if (select->having_clause != NULL && select->n_group_clause == 0)
		return true;
	return f.set_function && (f.aggregate || select->n_group_clause > 0);
}

/* ---- what the subquery answers ---- */

/* Takes what was written from start on out of the text. */
static int
take_text(struct translator *t, size_t start, struct split_item *item)
{
	if ((item->text = translator_copy(t, t->out.data + start)) == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	return 0;
}

static int
read_key(struct translator *t, const PgQuery__Node *node, struct split_item *item)
{
	size_t start = t->out.length;
	const struct scope_column *column;

	if (translate_expression(t, node, &item->type) < 0 || expression_settle(t, &item->type, TYPE_TEXT, -1) < 0 ||
	    expression_canonize(t, &item->type, translate_location(node)) < 0)
		return -1;
	if (translate_check_sortable(t, &item->type, "equality", translate_location(node)) < 0)
		return -1;
	/* SQLite would take a number for a position. */
	if (node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
	    expression_wrap(t, &item->type, "(CASE WHEN 1 THEN ", " END)") < 0)
		return -1;
	if (expression_collate(t, &item->type) < 0)
		return -1;
	if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
	    grouping_find_own(t, node->column_ref, &item->range, &column))
		item->column = column;
	return take_text(t, start, item);
}

/* A constant of GROUP BY that is no position of the select list. */
static int
fail_position(struct translator *t, const struct grouping *g)
{
	for (size_t i = 0; i < g->ngroups; i++) {
		const PgQuery__AConst *constant =
		    g->groups[i]->node_case == PG_QUERY__NODE__NODE_A_CONST ? g->groups[i]->a_const : NULL;

		if (constant != NULL && constant->val_case == PG_QUERY__A__CONST__VAL_IVAL)
			return translate_fail(t, constant->location, SQLSTATE_INVALID_COLUMN_REFERENCE,
			    "GROUP BY position %d is not in select list", constant->ival->ival);
	}
	return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "non-integer constant in GROUP BY");
}

int
split_check(struct translator *t, const struct split *s, bool steady)
{
	return s->grouping.nsets > 1 && !steady
	    ? translate_refuse(t, -1, "grouping sets over what calls a volatile function")
	    : 0;
}

int
split_open(struct translator *t, const PgQuery__SelectStmt *select, struct split *s)
{
	bool position;

	*s = (struct split) { .number = ++t->serial };
	if (grouping_open(t, select, &s->grouping, &position) < 0)
		return -1;
	if (position)
		return fail_position(t, &s->grouping);
	if ((s->keys = translator_alloc(t, (s->grouping.ngroups + 1) * sizeof(*s->keys))) == NULL)
		return -1;
	for (size_t i = 0; i < s->grouping.ngroups; i++)
		if (s->grouping.keys[i] == i && read_key(t, s->grouping.groups[i], &s->keys[i]) < 0)
			return -1;
	t->scope->split = s;
	for (struct scope_range *range = t->scope->ranges; range != NULL; range = range->next)
		range->split = s;
	return 0;
}

/* Writes a column of the subquery. */
static int
emit_item(struct translator *t, const struct split *s, char kind, unsigned i, const struct split_item *item,
    struct expression *type)
{
	*type = expression_value(t->out.length, item->type.oid);
	type->typmod = item->type.typmod;
	type->canonical = item->type.canonical;
	type->column = item->column != NULL;
	type->table_oid = item->type.table_oid;
	type->attribute = item->type.attribute;
	if (translate_emit_format(t, "\"bibd_groups_%u\".%c%u", s->number, kind, i) < 0)
		return -1;
	type->end = t->out.length;
	return 1;
}

/* What was written from start on is the subquery's: the same text is answered once. */
static int
add_other(struct translator *t, struct split *s, size_t start, const struct expression *e,
    const struct scope_column *column, struct expression *type)
{
	struct split_item **end = &s->others, *item = translator_alloc(t, sizeof(*item));
	unsigned i = 0;

	if (item == NULL || take_text(t, start, item) < 0)
		return -1;
	item->type = *e;
	item->column = column;
	for (; *end != NULL && strcmp((*end)->text, item->text) != 0; end = &(*end)->next)
		i++;
	if (*end == NULL) {
		*end = item;
		s->nothers++;
	}
	return emit_item(t, s, 'a', i, *end, type);
}

int
split_column(struct translator *t, const struct found_column *found, struct expression *type)
{
	struct split *s = found->range->split;
	size_t start = t->out.length;
	struct expression e;
	int status;

	for (unsigned i = 0; i < s->grouping.ngroups; i++)
		if (s->keys[i].column != NULL &&
		    grouping_is_same_column(found->range, found->column, s->keys[i].range, s->keys[i].column))
			return emit_item(t, s, 'k', i, &s->keys[i], type);
	if (!grouping_determines(&s->grouping, found->range))
		return translate_refuse(t, -1, "an ungrouped column of a query around this one, or an aggregate of it");
	s->inside++;
	status = translate_found_column(t, found, &e);
	s->inside--;
	return status < 0 ? -1 : add_other(t, s, start, &e, found->column, type);
}

static int
find_column(void *arg, const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? 1 : tree_each_child(node, find_column, arg);
}

/* What stands before WITHIN GROUP is NULL in the sets that do not have it, and here would be a row's value. */
static int
check_direct(struct translator *t, const PgQuery__FuncCall *call)
{
	for (size_t i = 0; call->agg_within_group && i < call->n_args; i++)
		if (find_column(NULL, call->args[i]) != 0)
			return translate_refuse(t, call->location,
			    "a column as a direct argument of WITHIN GROUP, with GROUPING SETS");
	return 0;
}

static int
split_aggregate(struct translator *t, struct split *s, const PgQuery__Node *node, struct expression *type)
{
	size_t start = t->out.length;
	struct sql_text *series = t->scope->series;
	bool grouped = t->scope->grouped;
	struct expression e;
	int status;

	if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && check_direct(t, node->func_call) < 0)
		return -1;
	t->scope->series = NULL;
	s->inside++;
	status = translate_expression(t, node, &e);
	s->inside--;
	t->scope->series = series;
	t->scope->grouped = grouped;
	if (status < 0 || expression_canonize(t, &e, translate_location(node)) < 0)
		return -1;
	return add_other(t, s, start, &e, NULL, type);
}

/* ---- GROUPING ---- */

#define GROUPING_MAX 31

/* The key that an argument of GROUPING is; -1: none. */
static int
grouping_key(struct translator *t, const struct split *s, const PgQuery__Node *node)
{
	const struct scope_range *range;
	const struct scope_column *column;
	bool own = node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
	    grouping_find_own(t, node->column_ref, &range, &column);

	for (size_t i = 0; i < s->grouping.ngroups; i++)
		if (s->grouping.keys[i] == i &&
		    ((own && s->keys[i].column != NULL &&
			 grouping_is_same_column(range, column, s->keys[i].range, s->keys[i].column)) ||
			translate_alike(t, s->grouping.groups[i], node)))
			return (int)i;
	return -1;
}

/* A bit for each argument, the last one's the lowest: whether the group's set leaves it out. */
static int
emit_grouping(struct translator *t, const struct split *s, const int *keys, size_t n)
{
	if (s->grouping.nsets == 0)
		return translate_emit(t, "0");
	translate_emit_format(t, "(CASE \"bibd_groups_%u\".s", s->number);
	for (size_t set = 0; set < s->grouping.nsets; set++) {
		unsigned bits = 0;

		for (size_t i = 0; i < n; i++)
			bits = bits << 1 | (unsigned)((s->grouping.sets[set] >> keys[i] & 1) == 0);
		translate_emit_format(t, " WHEN %zu THEN %u", set, bits);
	}
	return translate_emit(t, " END)");
}

static int
split_grouping(struct translator *t, const struct split *s, const PgQuery__GroupingFunc *call, struct expression *type)
{
	int keys[GROUPING_MAX];

	if (call->n_args > GROUPING_MAX)
		return translate_fail(t, call->location, SQLSTATE_TOO_MANY_ARGUMENTS,
		    "GROUPING must have fewer than 32 arguments");
	for (size_t i = 0; i < call->n_args; i++)
		if ((keys[i] = grouping_key(t, s, call->args[i])) < 0)
			return translate_fail(t, translate_location(call->args[i]), SQLSTATE_GROUPING_ERROR,
			    "arguments to GROUPING must be grouping expressions of the associated query level");
	*type = expression_value(t->out.length, TYPE_INT4);
	type->not_null = true;
	if (emit_grouping(t, s, keys, call->n_args) < 0)
		return -1;
	type->end = t->out.length;
	return 1;
}

int
split_expression(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	struct split *s = t->scope->split;

	if (s->inside > 0)
		return 0;
	for (unsigned i = 0; i < s->grouping.ngroups; i++)
		if (s->grouping.keys[i] == i && s->keys[i].column == NULL &&
		    translate_alike(t, s->grouping.groups[i], node))
			return emit_item(t, s, 'k', i, &s->keys[i], type);
	if (node->node_case == PG_QUERY__NODE__NODE_GROUPING_FUNC)
		return split_grouping(t, s, node->grouping_func, type);
	return grouping_is_aggregate(node) ? split_aggregate(t, s, node, type) : 0;
}

/* ---- the subquery ---- */

static bool
has_key(const struct split *s, size_t set, size_t key)
{
	return s->grouping.sets == NULL || (s->grouping.sets[set] >> key & 1) != 0;
}

/* count(*) makes one group of all rows, or of none, where nothing else does. */
static void
put_set(struct sql_text *out, const struct split *s, size_t set, const char *from, const char *where)
{
	const char *by = " GROUP BY ";
	unsigned a = 0;

	sql_text_format(out, "SELECT %zu AS s, count(*) AS n", set);
	for (size_t i = 0; i < s->grouping.ngroups; i++)
		if (s->grouping.keys[i] == i) {
			sql_text_put(out, ", ");
			sql_text_put(out, has_key(s, set, i) ? s->keys[i].text : "NULL");
			sql_text_format(out, " AS k%zu", i);
		}
	for (const struct split_item *other = s->others; other != NULL; other = other->next) {
		sql_text_put(out, ", ");
		sql_text_put(out, other->text);
		sql_text_format(out, " AS a%u", a++);
	}
	sql_text_put(out, from == NULL ? "" : " FROM ");
	sql_text_put(out, from == NULL ? "" : from);
	sql_text_put(out, where == NULL ? "" : where);
	for (size_t i = 0; i < s->grouping.ngroups; i++)
		if (s->grouping.keys[i] == i && has_key(s, set, i)) {
			sql_text_put(out, by);
			sql_text_put(out, s->keys[i].text);
			by = ", ";
		}
}

int
split_end(struct translator *t, struct split *s, size_t middle, const char *from, const char *where)
{
	size_t n = s->grouping.sets == NULL ? 1 : s->grouping.nsets;
	struct sql_text out = { 0 };

	sql_text_put(&out, " FROM (");
	for (size_t set = 0; set < n; set++) {
		sql_text_put(&out, set == 0 ? "" : " UNION ALL ");
		put_set(&out, s, set, from, where);
	}
	sql_text_format(&out, ") AS \"bibd_groups_%u\"", s->number);
	if (!out.failed)
		sql_text_insert(&t->out, middle, out.data);
	t->out.failed |= out.failed;
	sql_text_free(&out);
	return t->out.failed ? translate_out_of_memory(t) : 0;
}
