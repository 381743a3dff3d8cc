/*
 * Expressions: the table of node kinds, constants and parameters, and the two ways in from outside: as a condition and
 * as a value assigned to a column.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/lateral.h"
#include "workers/sqlite/dialect/level.h"
#include "workers/sqlite/dialect/lex.h"
#include "workers/sqlite/dialect/memory.h"
#include "workers/sqlite/dialect/split.h"

static translate_node_fn translate_a_const, translate_parameter;

static const struct {
	PgQuery__Node__NodeCase node;
	translate_node_fn *translate;
} nodes[] = {
	{ PG_QUERY__NODE__NODE_COLUMN_REF, translate_column },
	{ PG_QUERY__NODE__NODE_A_CONST, translate_a_const },
	{ PG_QUERY__NODE__NODE_A_EXPR, translate_a_expr },
	{ PG_QUERY__NODE__NODE_PARAM_REF, translate_parameter },
	{ PG_QUERY__NODE__NODE_FUNC_CALL, translate_function_call },
	{ PG_QUERY__NODE__NODE_BOOL_EXPR, translate_bool_expr },
	{ PG_QUERY__NODE__NODE_TYPE_CAST, translate_type_cast },
	{ PG_QUERY__NODE__NODE_CASE_EXPR, translate_case },
	{ PG_QUERY__NODE__NODE_COALESCE_EXPR, translate_coalesce },
	{ PG_QUERY__NODE__NODE_MIN_MAX_EXPR, translate_min_max },
	{ PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION, translate_value_function },
	{ PG_QUERY__NODE__NODE_SUB_LINK, translate_sub_link },
	{ PG_QUERY__NODE__NODE_NULL_TEST, translate_null_test },
	{ PG_QUERY__NODE__NODE_BOOLEAN_TEST, translate_boolean_test },
	{ PG_QUERY__NODE__NODE_A_ARRAY_EXPR, translate_array },
	{ PG_QUERY__NODE__NODE_A_INDIRECTION, translate_indirection },
	{ PG_QUERY__NODE__NODE_ROW_EXPR, translate_row },
	{ PG_QUERY__NODE__NODE_COLLATE_CLAUSE, translate_collate },
};

/* What computes not all of its arguments has no set-returning function among them. */
static bool
is_conditional(const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_CASE_EXPR ||
	    node->node_case == PG_QUERY__NODE__NODE_COALESCE_EXPR;
}

int
translate_expression(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	struct sql_text *series = t->scope == NULL ? NULL : t->scope->series;
	struct scope *scope = t->scope;
	unsigned serial = t->nungrouped;
	struct expression unused;
	int status = 0;
	size_t i = 0;

	if (type == NULL)
		type = &unused;
	*type = expression_value(t->out.length, TYPE_UNKNOWN);
	if (++t->depth > TRANSLATE_DEPTH_MAX)
		return translate_fail(t, -1, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
	if (scope != NULL && scope->split != NULL && (status = split_expression(t, node, type)) != 0) {
		t->depth--;
		return status < 0 ? -1 : 0;
	}
	while (i < sizeof(nodes) / sizeof(nodes[0]) && nodes[i].node != node->node_case)
		i++;
	if (series != NULL && is_conditional(node))
		scope->series = NULL;
	if (i < sizeof(nodes) / sizeof(nodes[0]))
		status = nodes[i].translate(t, node, type);
	else
		status = translate_refuse_node(t, node);
	if (series != NULL)
		scope->series = series;
	level_close_expression(t, node, serial);
	t->depth--;
	type->end = t->out.length;
	if (status == 0 && t->out.failed)
		return translate_out_of_memory(t);
	return status;
}

/* A text with more is hardly met again with others in their places: what is beyond stays in the text. */
#define LIFTED_MAX 2000

/* What a number literal is bound as until its context says otherwise: a decimal that a double holds is computed with
 * as one. */
static uint32_t
bound_type(const struct dialect_literal *literal, uint32_t oid)
{
	return oid == TYPE_NUMERIC && literal->kind == DIALECT_LOOSE_DECIMAL ? (uint32_t)TYPE_FLOAT8 : oid;
}

static int
lift_literal(struct translator *t, unsigned literal, bool negative, struct expression *type)
{
	struct dialect_plan *plan = t->plan;
	struct dialect_lifted *lifted =
	    translator_grow(t, plan->lifted, plan->nlifted + 1, &t->lifted_capacity, sizeof(*lifted));
	uint32_t oid =
	    type->form == EXPRESSION_STRING ? (uint32_t)TYPE_TEXT : bound_type(&t->text->literals[literal], type->oid);

	if (lifted == NULL)
		return -1;
	plan->lifted = lifted;
	lifted[plan->nlifted] = (struct dialect_lifted) { .literal = literal, .oid = oid, .negative = negative };
	type->lifted = true;
	type->index = plan->nlifted++;
	type->canonical = oid == TYPE_NUMERIC;
	return translate_emit_format(t, "?%u", plan->nparams + plan->nlifted);
}

/* Whole numbers take the narrowest of integer, bigint and numeric that holds them, their sign included. */
static uint32_t
number_type(const char *digits)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(digits, &end, 10);
	if (*end != '\0' || errno == ERANGE)
		return TYPE_NUMERIC;
	return value >= INT32_MIN && value <= INT32_MAX ? TYPE_INT4 : TYPE_INT8;
}

/* X'1F' is a bit string in PostgreSQL, not bytes. */
static int
emit_bits(struct translator *t, const PgQuery__AConst *constant, struct expression *type)
{
	const char *text = constant->bsval->bsval;
	struct type_value bits;
	int status;

	if (type_decode(TYPE_BIT, TYPE_FORMAT_TEXT, text, strlen(text), &bits, t->report) < 0)
		return translate_fail(t, constant->location, t->report->state, "%s", t->report->message);
	type->value = translator_format(t, "%.*s", (int)bits.length, bits.bytes);
	type_value_free(&bits);
	status = type->value == NULL ? -1 : translate_emit_string(t, type->value);
	type->end = t->out.length;
	return status;
}

static int
emit_constant(struct translator *t, const PgQuery__AConst *constant, struct expression *type)
{
	switch (constant->val_case) {
	case PG_QUERY__A__CONST__VAL_IVAL:
		if ((type->value = translator_format(t, "%d", constant->ival->ival)) == NULL)
			return -1;
		return translate_emit(t, type->value);
	case PG_QUERY__A__CONST__VAL_FVAL:
		type->value = constant->fval->fval;
		return translate_emit(t, constant->fval->fval);
	case PG_QUERY__A__CONST__VAL_SVAL:
		type->value = constant->sval->sval;
		return translate_emit_string(t, constant->sval->sval);
	case PG_QUERY__A__CONST__VAL_BSVAL:
		return emit_bits(t, constant, type);
	default:
		return translate_refuse(t, constant->location, "a constant of that kind");
	}
}

/* A decimal that no double holds. */
static bool
is_exact(const PgQuery__AConst *constant)
{
	return constant->val_case == PG_QUERY__A__CONST__VAL_FVAL &&
	    lex_number_kind(constant->fval->fval, strlen(constant->fval->fval)) == DIALECT_EXACT_DECIMAL;
}

int
translate_constant(struct translator *t, const PgQuery__AConst *constant, struct expression *type)
{
	int literal;
	bool negative;

	type->literal = true;
	type->not_null = !constant->isnull;
	if (constant->isnull) {
		type->form = EXPRESSION_NULL;
		return translate_emit(t, "NULL");
	}
	if (constant->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL) {
		type->oid = TYPE_BOOL;
		return translate_emit(t, constant->boolval->boolval ? "1" : "0");
	}
	if (constant->val_case == PG_QUERY__A__CONST__VAL_SVAL)
		type->form = EXPRESSION_STRING;
	else if (constant->val_case == PG_QUERY__A__CONST__VAL_BSVAL)
		type->oid = TYPE_BIT;
	else if (constant->val_case == PG_QUERY__A__CONST__VAL_FVAL)
		type->oid = number_type(constant->fval->fval);
	else
		type->oid = TYPE_INT4;
	literal =
	    t->lift && t->plan->nlifted < LIFTED_MAX ? translate_find_literal(t, constant->location, &negative) : -1;
	if (literal >= 0)
		return lift_literal(t, (unsigned)literal, negative, type);
	translate_pin(t, constant->location);
	if (emit_constant(t, constant, type) < 0)
		return -1;
	type->end = t->out.length;
	return is_exact(constant) ? expression_canonize(t, type, constant->location) : 0;
}

static int
translate_a_const(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	return translate_constant(t, node->a_const, type);
}

static int
translate_parameter(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	int number = node->param_ref->number;

	if (t->text->variables != NULL)
		return translate_variable_number(t, number, node->param_ref->location, type);
	if (number < 1 || (unsigned)number > t->plan->nparams || t->definition)
		return translate_fail(t, node->param_ref->location, SQLSTATE_UNDEFINED_PARAMETER,
		    "there is no parameter $%d", number);
	type->index = (unsigned)number;
	type->oid = t->plan->param_oids[number - 1];
	type->form = type->oid == TYPE_UNKNOWN ? EXPRESSION_PARAMETER : EXPRESSION_VALUE;
	type->canonical = type->oid == TYPE_NUMERIC;
	if (lateral_parameter(t, number) < 0)
		return -1;
	type->end = t->out.length;
	return type_is_user(type->oid) ? expression_read(t, type) : 0;
}

int
translate_sorted(struct translator *t, const PgQuery__Node *node)
{
	struct expression e;

	if (translate_expression(t, node, &e) < 0 || expression_canonize(t, &e, -1) < 0)
		return -1;
	return expression_collate(t, &e);
}

int
translate_condition(struct translator *t, const PgQuery__Node *node, const char *clause)
{
	struct expression type;

	if (translate_expression(t, node, &type) < 0)
		return -1;
	if (expression_settle(t, &type, TYPE_BOOL, -1) < 0)
		return -1;
	if (type.form == EXPRESSION_VALUE && type.oid != TYPE_BOOL && type.oid != TYPE_UNKNOWN)
		return translate_fail(t, translate_location(node), SQLSTATE_DATATYPE_MISMATCH,
		    "argument of %s must be type boolean, not type %s", clause, type_display(t, type.oid));
	return 0;
}

int
translate_assignment(struct translator *t, const PgQuery__Node *node, const char *column, uint32_t oid, int32_t typmod)
{
	struct expression type;

	if (translate_expression(t, node, &type) < 0)
		return -1;
	if (expression_cast(t, &type, oid, typmod, CAST_ASSIGNMENT, translate_location(node)) == 0)
		return 0;
	if (t->report->state != SQLSTATE_CANNOT_COERCE || (type.oid == TYPE_RECORD && type_is_row(oid)))
		return -1;
	translate_fail(t, translate_location(node), SQLSTATE_DATATYPE_MISMATCH,
	    "column \"%s\" is of type %s but expression is of type %s", column, type_display(t, oid),
	    type_display(t, type.oid));
	report_hint(t->report, "You will need to rewrite or cast the expression.");
	return -1;
}

/* What a function that sees but SQLite's value must see of a value of the file's own types: its text. */
int
expression_plain(struct translator *t, struct expression *e)
{
	bool array = type_is_array(e->oid);

	if (e->form != EXPRESSION_VALUE || (!type_is_user(e->oid) && e->oid != TYPE_RECORD))
		return 0;
	if (type_is_row(e->oid) || type_is_row(type_element(e->oid))) {
		if (expression_wrap(t, e, "bibd_own_text(", translator_format(t, ", %u)", e->oid)) < 0)
			return -1;
	} else if (expression_show(t, e) < 0)
		return -1;
	e->oid = array ? TYPE_TEXT_ARRAY : TYPE_TEXT;
	return 0;
}
