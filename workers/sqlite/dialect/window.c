/*
 * OVER and WINDOW. SQLite has PostgreSQL's frames word for word.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/frame.h"
#include "workers/sqlite/dialect/tree.h"

struct frame_word {
	int bit;
	const char *text;
	bool offset; /* an expression stands before the text */
};

static const struct frame_word units[] = { { FRAME_ROWS, " ROWS ", false }, { FRAME_GROUPS, " GROUPS ", false },
	{ FRAME_RANGE, " RANGE ", false } };
static const struct frame_word starts[] = { { FRAME_START_UNBOUNDED_PRECEDING, "UNBOUNDED PRECEDING", false },
	{ FRAME_START_CURRENT, "CURRENT ROW", false }, { FRAME_START_PRECEDING, " PRECEDING", true },
	{ FRAME_START_FOLLOWING, " FOLLOWING", true } };
static const struct frame_word ends[] = { { FRAME_END_UNBOUNDED_FOLLOWING, "UNBOUNDED FOLLOWING", false },
	{ FRAME_END_CURRENT, "CURRENT ROW", false }, { FRAME_END_PRECEDING, " PRECEDING", true },
	{ FRAME_END_FOLLOWING, " FOLLOWING", true } };
static const struct frame_word exclusions[] = { { FRAME_EXCLUDE_CURRENT, " EXCLUDE CURRENT ROW", false },
	{ FRAME_EXCLUDE_GROUP, " EXCLUDE GROUP", false }, { FRAME_EXCLUDE_TIES, " EXCLUDE TIES", false } };

static int
find_column(void *arg, const PgQuery__Node *node)
{
	if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF)
		return 1;
	return node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT ? 0 : tree_each_child(node, find_column, arg);
}

/* A whole number within casts to whole numbers that hold it: SQLite takes nothing but constants. */
static const PgQuery__Node *
plain_number(const PgQuery__Node *node)
{
	const PgQuery__Node *inner = node;

	while (inner->node_case == PG_QUERY__NODE__NODE_TYPE_CAST && inner->type_cast->arg != NULL &&
	    inner->type_cast->type_name->n_array_bounds == 0) {
		const PgQuery__TypeName *name = inner->type_cast->type_name;
		const struct type *type = type_by_name(translate_last_string(name->names, name->n_names));

		if (type == NULL || !type_is_integer(type->oid))
			return node;
		inner = inner->type_cast->arg;
	}
	return inner->node_case == PG_QUERY__NODE__NODE_A_CONST && !inner->a_const->isnull &&
		inner->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL && inner->a_const->ival->ival >= 0 &&
		inner->a_const->ival->ival <= INT16_MAX
	    ? inner
	    : node;
}

/* Its words as SQLite takes them: no call and no subquery is constant to it. */
static int
check_constant(struct translator *t, size_t start, const PgQuery__Node *offset)
{
	static const char *const calls[] = { "bibd_", "SELECT", "iif(" };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!t->out.failed &&
		    memmem(t->out.data + start, t->out.length - start, calls[i], strlen(calls[i])) != NULL)
			return translate_refuse(t, translate_location(offset), "a frame's offset that is computed");
	return 0;
}

static const char *
unit_of(int options)
{
	return (options & FRAME_ROWS) != 0 ? "ROWS" : (options & FRAME_RANGE) != 0 ? "RANGE" : "GROUPS";
}

/* Whether a RANGE ordered by the one takes offsets of the other, as PostgreSQL's in_range functions do. */
static bool
takes_offset(uint32_t key, uint32_t offset)
{
	return type_is_integer(offset) || ((key == TYPE_FLOAT4 || key == TYPE_FLOAT8) && type_is_number(offset));
}

static int
check_offset(struct translator *t, int options, const PgQuery__Node *offset, const struct expression *e)
{
	int location = translate_location(offset);

	if (e->form == EXPRESSION_STRING)
		return strspn(e->value == NULL ? "x" : e->value, "0123456789") != 0
		    ? 0
		    : translate_refuse(t, location, "a frame's offset that is no number");
	if (e->form != EXPRESSION_VALUE || type_is_integer(e->oid))
		return 0;
	if ((options & FRAME_RANGE) != 0 && (t->sorted == TYPE_UNKNOWN || takes_offset(t->sorted, e->oid)))
		return 0;
	if ((options & FRAME_RANGE) != 0)
		return frame_no_offset(t, t->sorted, e->oid, location);
	return type_is_number(e->oid)
	    ? translate_refuse(t, location, "a frame's offset that is no whole number")
	    : translate_fail(t, location, SQLSTATE_DATATYPE_MISMATCH, "argument of %s must be type bigint, not type %s",
		  unit_of(options), type_display(t, e->oid));
}

static int
emit_offset(struct translator *t, int options, const PgQuery__Node *offset)
{
	size_t start = t->out.length;
	struct expression e;

	if (find_column(NULL, offset) != 0)
		return translate_fail(t, translate_location(offset), SQLSTATE_INVALID_COLUMN_REFERENCE,
		    "argument of %s must not contain variables", unit_of(options));
	if (translate_expression(t, plain_number(offset), &e) < 0 || check_offset(t, options, offset, &e) < 0 ||
	    expression_settle(t, &e, TYPE_INT8, -1) < 0)
		return -1;
	return check_constant(t, start, offset);
}

static int
emit_word(struct translator *t, const struct frame_word *words, size_t n, int options, const PgQuery__Node *offset)
{
	for (size_t i = 0; i < n; i++) {
		if ((options & words[i].bit) == 0)
			continue;
		if (words[i].offset && offset != NULL && emit_offset(t, options, offset) < 0)
			return -1;
		return translate_emit(t, words[i].text);
	}
	return 0;
}

/* SQLite adds an offset to numbers alone: over texts each row would be a frame of its own. */
static bool
has_offset_of_text(const struct translator *t, const PgQuery__WindowDef *window)
{
	return (window->frame_options & FRAME_RANGE) != 0 &&
	    (window->start_offset != NULL || window->end_offset != NULL) && t->sorted != TYPE_UNKNOWN &&
	    (t->sorted == TYPE_NUMERIC || !type_is_number(t->sorted));
}

static int
translate_frame(struct translator *t, const PgQuery__WindowDef *window)
{
	int options = window->frame_options;
	bool between = (options & FRAME_BETWEEN) != 0;

	if ((options & FRAME_NONDEFAULT) == 0)
		return 0;
	if (has_offset_of_text(t, window))
		return translate_refuse(t, window->location, "RANGE with an offset over this type");
	if (emit_word(t, units, 3, options, NULL) < 0 || translate_emit(t, between ? "BETWEEN " : "") < 0 ||
	    emit_word(t, starts, 4, options, window->start_offset) < 0)
		return -1;
	if (between && (translate_emit(t, " AND ") < 0 || emit_word(t, ends, 4, options, window->end_offset) < 0))
		return -1;
	return emit_word(t, exclusions, 3, options, NULL);
}

/* SQLite counts a RANGE's offset over numbers only, and gives each row of anything else (a date and a numeric are texts
 * there) itself alone. */
static int
check_range(struct translator *t, const PgQuery__WindowDef *window)
{
	size_t start = t->out.length;
	bool lift = t->lift;
	struct expression e;

	if ((window->frame_options & FRAME_RANGE) == 0 || (window->frame_options & FRAME_OFFSETS) == 0)
		return 0;
	if (window->n_order_clause != 1)
		return translate_fail(t, window->location, SQLSTATE_WINDOWING_ERROR,
		    "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column");
	t->lift = false;
	if (translate_expression(t, window->order_clause[0]->sort_by->node, &e) < 0)
		return -1;
	t->lift = lift;
	sql_text_cut(&t->out, start);
	if (type_is_integer(e.oid) || e.oid == TYPE_FLOAT4 || e.oid == TYPE_FLOAT8)
		return 0;
	return translate_refuse(t, window->location, "RANGE with an offset over anything but integers and floats");
}

int
translate_window(struct translator *t, const PgQuery__WindowDef *window)
{
	bool framed;

	if (frame_is_framed(t, window, &framed) < 0 || (!framed && check_range(t, window) < 0))
		return -1;
	if (framed && window->refname != NULL && *window->refname != '\0')
		return translate_refuse(t, window->location, "such a RANGE of another window");
	translate_emit(t, "(");
	if (window->refname != NULL && *window->refname != '\0') {
		translate_identifier(t, window->refname);
		translate_emit(t, " ");
	}
	if (translate_partition_by(t, window->partition_clause, window->n_partition_clause) < 0)
		return -1;
	t->sorted = TYPE_UNKNOWN;
	if (translate_order_by(t, window->order_clause, window->n_order_clause, NULL) < 0 ||
	    (framed ? translate_emit(t, " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")
		    : translate_frame(t, window)) < 0)
		return -1;
	return translate_emit(t, ")");
}

int
translate_over(struct translator *t, const PgQuery__WindowDef *window)
{
	translate_emit(t, " OVER ");
	if (window->name != NULL && *window->name != '\0')
		return translate_identifier(t, window->name);
	return translate_window(t, window);
}
