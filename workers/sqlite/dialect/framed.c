/*
 * RANGE with an offset over what SQLite counts no offsets of: numerics, dates, times and intervals, and floats that may
 * be infinite. The window has all rows of its partition for a frame, and a function of bibd's own
 * (functions/framed.c) finds the frame of each row: bibd_framed(words, key, start, end, argument, ...).
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/frame.h"

/* What is computed over a frame, with SQLite's name of the aggregate behind it; NULL: framed.c's own. */
static const struct {
	const char *name, *word;
} framed[] = { { "sum", "sum" }, { "avg", "avg" }, { "count", "count" }, { "min", "min" }, { "max", "max" },
	{ "first_value", "first" }, { "last_value", "last" }, { "nth_value", "nth" } };

const PgQuery__WindowDef *
frame_definition(struct translator *t, const PgQuery__WindowDef *window)
{
	const PgQuery__SelectStmt *query = t->scope == NULL ? NULL : t->scope->query;

	if (window->name == NULL || *window->name == '\0')
		return window;
	for (size_t i = 0; query != NULL && i < query->n_window_clause; i++)
		if (strcmp(query->window_clause[i]->window_def->name, window->name) == 0)
			return query->window_clause[i]->window_def;
	return window;
}

/* Written and taken off again: what it is. */
static int
look_at(struct translator *t, const PgQuery__Node *node, struct expression *e)
{
	size_t start = t->out.length;
	bool lift = t->lift;
	int status;

	t->lift = false;
	status = translate_expression(t, node, e);
	t->lift = lift;
	sql_text_cut(&t->out, start);
	return status;
}

static bool
is_offset_of_interval(uint32_t oid)
{
	return oid == TYPE_DATE || oid == TYPE_TIMESTAMP || oid == TYPE_TIMESTAMPTZ || oid == TYPE_TIME ||
	    oid == TYPE_TIMETZ || oid == TYPE_INTERVAL;
}

static bool
is_string(const PgQuery__Node *node)
{
	return node != NULL && node->node_case == PG_QUERY__NODE__NODE_A_CONST && !node->a_const->isnull &&
	    node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
}

int
frame_is_framed(struct translator *t, const PgQuery__WindowDef *window, bool *is)
{
	struct expression e;

	*is = false;
	if ((window->frame_options & FRAME_RANGE) == 0 || (window->frame_options & FRAME_OFFSETS) == 0 ||
	    window->n_order_clause != 1)
		return 0;
	if (look_at(t, window->order_clause[0]->sort_by->node, &e) < 0)
		return -1;
	*is = e.form == EXPRESSION_VALUE &&
	    (e.oid == TYPE_NUMERIC || is_offset_of_interval(e.oid) ||
		((e.oid == TYPE_FLOAT8 || e.oid == TYPE_FLOAT4) &&
		    (is_string(window->start_offset) || is_string(window->end_offset))));
	return 0;
}

int
frame_no_offset(struct translator *t, uint32_t key, uint32_t offset, int location)
{
	translate_fail(t, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s",
	    type_display(t, key), type_display(t, offset));
	report_hint(t->report, "Cast the offset value to an appropriate type.");
	return -1;
}

/* A bound's word, and its offset as a value of the type that the key's type is counted by. */
static int
put_offset(struct translator *t, const PgQuery__Node *node, uint32_t key, uint32_t oid)
{
	struct expression e;

	if (translate_emit(t, ", ") < 0)
		return -1;
	if (node == NULL)
		return translate_emit(t, "NULL");
	if (translate_expression(t, node, &e) < 0)
		return -1;
	if (e.form == EXPRESSION_VALUE && e.oid != oid && cast_context(e.oid, oid) != 'i')
		return frame_no_offset(t, key, e.oid, translate_location(node));
	if (expression_cast(t, &e, oid, -1, CAST_IMPLICIT, translate_location(node)) < 0)
		return -1;
	return expression_canonize(t, &e, translate_location(node));
}

static char
start_word(int options)
{
	return (options & FRAME_START_UNBOUNDED_PRECEDING) != 0 ? 'u'
	    : (options & FRAME_START_PRECEDING) != 0		? 'p'
	    : (options & FRAME_START_FOLLOWING) != 0		? 'f'
								: 'c';
}

static char
end_word(int options)
{
	return (options & FRAME_END_UNBOUNDED_FOLLOWING) != 0 ? 'u'
	    : (options & FRAME_END_PRECEDING) != 0	      ? 'p'
	    : (options & FRAME_END_FOLLOWING) != 0	      ? 'f'
							      : 'c';
}

static char
exclusion_word(int options)
{
	return (options & FRAME_EXCLUDE_CURRENT) != 0 ? 'c'
	    : (options & FRAME_EXCLUDE_GROUP) != 0    ? 'g'
	    : (options & FRAME_EXCLUDE_TIES) != 0     ? 't'
						      : '-';
}

/* The text of the call up to its own arguments. NULL: reported. */
static const char *
call_head(struct translator *t, const PgQuery__WindowDef *window, const char *word, uint32_t argument)
{
	const PgQuery__SortBy *sort = window->order_clause[0]->sort_by;
	bool descending = sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
	bool first = sort->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
	    (sort->sortby_nulls != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST && descending);
	size_t start = t->out.length;
	const char *head, *arguments;
	struct expression key;
	uint32_t offset;

	if (sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING) {
		(void)translate_refuse(t, sort->location, "RANGE with an offset in this order");
		return NULL;
	}
	if (translate_emit(t, ", ") < 0 || translate_expression(t, sort->node, &key) < 0 ||
	    expression_canonize(t, &key, translate_location(sort->node)) < 0)
		return NULL;
	offset = is_offset_of_interval(key.oid)		       ? TYPE_INTERVAL
	    : key.oid == TYPE_FLOAT4 || key.oid == TYPE_FLOAT8 ? TYPE_FLOAT8
							       : TYPE_NUMERIC;
	if (put_offset(t, window->start_offset, key.oid, offset) < 0 ||
	    put_offset(t, window->end_offset, key.oid, offset) < 0 ||
	    (arguments = translator_copy(t, t->out.data + start)) == NULL)
		return NULL;
	sql_text_cut(&t->out, start);
	head = translator_format(t, "bibd_framed('%s %c%c%c%c%c %u %u'%s", word, start_word(window->frame_options),
	    end_word(window->frame_options), exclusion_word(window->frame_options), descending ? 'd' : 'a',
	    first ? 'f' : 'l', key.oid, argument, arguments);
	return head;
}

int
translate_framed_call(struct translator *t, const PgQuery__FuncCall *call, const char *name,
    const struct expression *list, size_t start)
{
	const PgQuery__WindowDef *window = frame_definition(t, call->over);
	const char *head;
	size_t row = 0;

	while (row < sizeof(framed) / sizeof(framed[0]) && strcmp(framed[row].name, name) != 0)
		row++;
	if (row == sizeof(framed) / sizeof(framed[0]) || call->agg_filter != NULL ||
	    (strcmp(name, "sum") == 0 && call->n_args > 0 && list[0].oid == TYPE_FLOAT4))
		return translate_refuse(t, call->location, "this aggregate over a RANGE with an offset of that type");
	if (call->agg_star)
		sql_text_cut(&t->out, start);
	if ((head = call_head(t, window, framed[row].word, call->n_args > 0 ? list[0].oid : TYPE_UNKNOWN)) == NULL)
		return -1;
	sql_text_insert(&t->out, start, call->n_args > 0 ? ", " : "");
	sql_text_insert(&t->out, start, head);
	return translate_emit(t, ")");
}

bool
function_is_framed(const char *name, char kind)
{
	/* Window functions that look at the whole partition have no use for the frame. */
	return kind == 'a' || strcmp(name, "first_value") == 0 || strcmp(name, "last_value") == 0 ||
	    strcmp(name, "nth_value") == 0;
}
