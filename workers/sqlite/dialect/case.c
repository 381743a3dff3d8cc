/*
 * CASE, COALESCE, GREATEST, AND and OR, IS tests, COLLATE, and the functions that are written without parentheses.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"

/* Half and half, so that a thousand terms are ten levels deep and not a thousand. */
static int
translate_terms(struct translator *t, PgQuery__Node *const *args, size_t n, bool conjunction)
{
	const char *clause = conjunction ? "AND" : "OR";

	if (n == 1)
		return translate_condition(t, args[0], clause);
	if (translate_emit(t, "(") < 0 || translate_terms(t, args, n / 2, conjunction) < 0 ||
	    translate_emit(t, conjunction ? " AND " : " OR ") < 0 ||
	    translate_terms(t, args + n / 2, n - n / 2, conjunction) < 0)
		return -1;
	return translate_emit(t, ")");
}

int
translate_bool_expr(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__BoolExpr *expr = node->bool_expr;
	size_t start = t->out.length;
	int status;

	if (expr->boolop != PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR)
		status =
		    translate_terms(t, expr->args, expr->n_args, expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR);
	else if ((status = translate_emit(t, "(NOT ")) == 0 &&
	    (status = translate_condition(t, expr->args[0], "NOT")) == 0)
		status = translate_emit(t, ")");
	*type = expression_value(start, TYPE_BOOL);
	return status;
}

/* CASE x WHEN a THEN b: x and each a are compared, each b is an answer. */
struct case_parts {
	bool has_subject;
	struct expression subject;
	struct expression *values;  /* one for each WHEN, of those with a subject */
	struct expression *results; /* one for each WHEN, and ELSE */
	size_t whens, nresults;
	bool padded;		   /* a char(n) is among what is compared */
	uint32_t compared, answer; /* types */
	int32_t typmod;		   /* of the answer */
};

static int
translate_when(struct translator *t, const PgQuery__CaseWhen *when, struct case_parts *parts, size_t i)
{
	translate_emit(t, " WHEN ");
	if (!parts->has_subject ? translate_condition(t, when->expr, "CASE/WHEN") < 0
				: translate_expression(t, when->expr, &parts->values[i]) < 0)
		return -1;
	translate_emit(t, " THEN ");
	return translate_expression(t, when->result, &parts->results[i]);
}

/* The type in which the subject and all values meet. */
static int
find_compared(struct translator *t, struct case_parts *parts, int location)
{
	uint32_t common = parts->subject.oid;

	for (size_t i = 0; i < parts->whens; i++) {
		const struct expression *value = &parts->values[i];
		uint32_t met = value->form == EXPRESSION_VALUE ? type_compared(common, value->oid) : common;

		if (met == 0)
			return translate_no_operator(t, "=", &parts->subject, value, location);
		common = met;
		parts->padded |= value->form == EXPRESSION_VALUE && value->oid == TYPE_BPCHAR;
	}
	parts->padded = type_is_text(common) && (parts->padded || parts->subject.oid == TYPE_BPCHAR);
	parts->compared = common;
	if (parts->padded && parts->subject.oid == TYPE_VARCHAR)
		return translate_refuse(t, location, "CASE of a varchar beside char(n)");
	for (size_t i = 0; i < parts->whens; i++)
		if (parts->values[i].form == EXPRESSION_VALUE &&
		    (parts->values[i].oid == TYPE_CITEXT) != (parts->subject.oid == TYPE_CITEXT))
			return translate_refuse(t, location, "CASE of citext beside other texts");
	return 0;
}

/* Blanks at the end count for nothing beside a char(n), but where a text is compared as one. */
static int
meet_padded_value(struct translator *t, struct case_parts *parts, struct expression *value, int location)
{
	bool subject = parts->subject.oid == TYPE_BPCHAR;

	if (value->form != EXPRESSION_VALUE &&
	    expression_cast(t, value, subject ? TYPE_BPCHAR : TYPE_TEXT, -1, CAST_IMPLICIT, location) < 0)
		return -1;
	if (value->oid == TYPE_VARCHAR && subject)
		return expression_wrap(t, value, "rtrim(", ")");
	return expression_trim(t, value);
}

/* Types within which SQLite compares for itself: integers, floats, and texts. */
static bool
compares_alike(const struct case_parts *parts)
{
	bool integer = type_is_integer(parts->compared), alike = type_is_integer(parts->subject.oid) == integer;

	if (!type_is_number(parts->compared))
		return type_is_text(parts->compared);
	for (size_t i = 0; i < parts->whens; i++)
		alike &= type_is_integer(parts->values[i].oid) == integer && parts->values[i].oid != TYPE_NUMERIC;
	return alike && parts->compared != TYPE_NUMERIC && parts->subject.oid != TYPE_NUMERIC;
}

static int
meet_value(struct translator *t, struct case_parts *parts, struct expression *value, int location)
{
	if (parts->padded)
		return meet_padded_value(t, parts, value, location);
	if (value->form == EXPRESSION_VALUE && compares_alike(parts))
		return 0;
	return expression_cast(t, value, parts->compared, -1, CAST_IMPLICIT, location);
}

/* ELSE comes first where a type is chosen. */
static int
find_answer(struct translator *t, struct case_parts *parts, int location)
{
	size_t n = parts->nresults, results = parts->whens;
	struct expression *list = translator_alloc(t, (n + 1) * sizeof(*list));

	if (list == NULL)
		return -1;
	if (n > results)
		list[0] = parts->results[results];
	memcpy(&list[n - results], parts->results, results * sizeof(*list));
	return expression_common(t, list, n, "CASE", location, &parts->answer);
}

/* From the last part to the first, as text grows. */
static int
meet_parts(struct translator *t, struct case_parts *parts, int location)
{
	if (parts->has_subject && find_compared(t, parts, location) < 0)
		return -1;
	if (find_answer(t, parts, location) < 0)
		return -1;
	parts->typmod = expression_common_typmod(parts->results, parts->nresults);
	for (size_t i = parts->nresults; i-- > 0;)
		if (expression_cast(t, &parts->results[i], parts->answer, -1, CAST_IMPLICIT, location) < 0 ||
		    (parts->has_subject && i < parts->whens && meet_value(t, parts, &parts->values[i], location) < 0))
			return -1;
	if (!parts->has_subject)
		return 0;
	return meet_value(t, parts, &parts->subject, location) < 0 ? -1 : expression_collate(t, &parts->subject);
}

/* The domain that all are values of; 0: there is none. */
static uint32_t
common_domain(const struct expression *list, size_t n)
{
	uint32_t domain = n > 0 ? list[0].domain : 0;

	for (size_t i = 1; i < n; i++)
		domain = list[i].domain == domain ? domain : 0;
	return domain;
}

int
translate_case(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__CaseExpr *expr = node->case_expr;
	size_t n = expr->n_args, start = t->out.length;
	uint32_t domain;
	struct case_parts parts = { .has_subject = expr->arg != NULL, .whens = n, .nresults = n };

	parts.values = translator_alloc(t, (n + 1) * sizeof(*parts.values));
	parts.results = translator_alloc(t, (n + 1) * sizeof(*parts.results));
	if (parts.values == NULL || parts.results == NULL || translate_emit(t, "CASE ") < 0)
		return -1;
	if (parts.has_subject &&
	    (translate_expression(t, expr->arg, &parts.subject) < 0 ||
		(parts.subject.form != EXPRESSION_VALUE && expression_settle(t, &parts.subject, TYPE_TEXT, -1) < 0)))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (translate_when(t, expr->args[i]->case_when, &parts, i) < 0)
			return -1;
	if (expr->defresult != NULL) {
		translate_emit(t, " ELSE ");
		if (translate_expression(t, expr->defresult, &parts.results[parts.nresults++]) < 0)
			return -1;
	}
	domain = expr->defresult == NULL ? 0 : common_domain(parts.results, parts.nresults);
	if (meet_parts(t, &parts, expr->location) < 0)
		return -1;
	*type = expression_value(start, parts.answer);
	type->domain = domain;
	type->typmod = expr->defresult == NULL ? -1 : parts.typmod;
	return translate_emit(t, " END");
}

/* name(args), all brought to one type. */
static int
translate_unified_call(struct translator *t, const char *call, PgQuery__Node *const *args, size_t n, const char *what,
    int location, struct expression *type)
{
	struct expression *list = translator_alloc(t, (n + 1) * sizeof(*list));
	size_t start = t->out.length;
	int32_t typmod;
	uint32_t oid, domain;

	if (list == NULL || translate_emit(t, call) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && translate_emit(t, ", ") < 0) || translate_expression(t, args[i], &list[i]) < 0)
			return -1;
	typmod = expression_common_typmod(list, n);
	domain = common_domain(list, n);
	if (expression_unify(t, list, n, what, location, &oid) < 0)
		return -1;
	*type = expression_value(start, oid);
	type->typmod = typmod;
	type->domain = domain;
	return translate_emit(t, ")");
}

int
translate_coalesce(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__CoalesceExpr *expr = node->coalesce_expr;

	return translate_unified_call(t, expr->n_args > 1 ? "coalesce(" : "(", expr->args, expr->n_args, "COALESCE",
	    expr->location, type);
}

int
translate_min_max(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__MinMaxExpr *expr = node->min_max_expr;
	bool greatest = expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST;
	const char *name = greatest ? "bibd_greatest(" : "bibd_least(";
	size_t start = t->out.length;

	if (translate_unified_call(t, name, expr->args, expr->n_args, greatest ? "GREATEST" : "LEAST", expr->location,
		type) < 0)
		return -1;
	sql_text_insert(&t->out, start + strlen(name), translator_format(t, "%u, ", type->oid));
	return 0;
}

/* SQLite 3.40 takes a column of RETURNING for NOT NULL when the table's first one is, and answers by that alone. */
int
expression_null_test(struct translator *t, struct expression *e, bool null)
{
	if (t->changed != NULL)
		return expression_wrap(t, e, "(typeof(", null ? ") = 'null')" : ") <> 'null')");
	return expression_wrap(t, e, "(", null ? " IS NULL)" : " IS NOT NULL)");
}

int
translate_null_test(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__NullTest *test = node->null_test;
	struct expression arg;

	if (translate_expression(t, test->arg, &arg) < 0 || expression_settle(t, &arg, TYPE_TEXT, -1) < 0)
		return -1;
	if (type_is_row(arg.oid)) {
		if (expression_wrap(t, &arg, "bibd_row_nulls(",
			test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL ? ", 0)" : ", 1)") < 0)
			return -1;
	} else if (expression_null_test(t, &arg, test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL) < 0)
		return -1;
	*type = expression_value(arg.start, TYPE_BOOL);
	type->not_null = true;
	return 0;
}

int
translate_boolean_test(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	static const char *const tests[] = {
		[PG_QUERY__BOOL_TEST_TYPE__IS_TRUE] = " IS TRUE)",
		[PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE] = " IS NOT TRUE)",
		[PG_QUERY__BOOL_TEST_TYPE__IS_FALSE] = " IS FALSE)",
		[PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE] = " IS NOT FALSE)",
		[PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN] = "",
		[PG_QUERY__BOOL_TEST_TYPE__IS_NOT_UNKNOWN] = "",
	};
	const PgQuery__BooleanTest *test = node->boolean_test;
	size_t kind = (size_t)test->booltesttype, start = t->out.length;

	if (kind >= sizeof(tests) / sizeof(tests[0]) || tests[kind] == NULL)
		return translate_refuse_node(t, node);
	if (translate_emit(t, "(") < 0 || translate_condition(t, test->arg, "IS TRUE") < 0)
		return -1;
	if (test->booltesttype >= PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN) {
		if (translate_emit(t, ")") < 0)
			return -1;
		*type = expression_value(start, TYPE_BOOL);
		type->end = t->out.length;
		type->not_null = true;
		return expression_null_test(t, type, test->booltesttype == PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN);
	}
	*type = expression_value(start, TYPE_BOOL);
	type->not_null = true;
	return translate_emit(t, tests[kind]);
}

/* Whether a server may have it: ICU's end in -x-icu, and the system's begin with a language and a country. */
static bool
may_be_collation(const char *name)
{
	size_t length = strlen(name), language = strspn(name, "abcdefghijklmnopqrstuvwxyz");

	return (length > 6 && strcmp(name + length - 6, "-x-icu") == 0) || strcmp(name, "unicode") == 0 ||
	    (language >= 2 && language <= 3 && name[language] == '_');
}

/* Texts are compared by their bytes, which is the collation "C"; the database's default is the same. */
int
translate_check_collation(struct translator *t, PgQuery__Node *const *names, size_t n, int location)
{
	static const char *const known[] = { "C", "POSIX", "default", "ucs_basic", "C.UTF-8", "C.utf8" };
	const char *name = translate_last_string(names, n);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], name) == 0)
			return 0;
	if (may_be_collation(name))
		return translate_refuse(t, location, "a collation other than \"C\"");
	return translate_fail(t, location, SQLSTATE_UNDEFINED_OBJECT,
	    "collation \"%s\" for encoding \"UTF8\" does not exist", name);
}

/* What is of a type of the file's own is left alone: it may be a domain over a text. */
int
translate_check_collatable(struct translator *t, uint32_t oid, int location)
{
	uint32_t element = type_is_array(oid) ? type_element(oid) : oid;

	return oid == TYPE_UNKNOWN || element == TYPE_CITEXT || type_is_text(element) || type_by_oid(oid) == NULL
	    ? 0
	    : translate_fail(t, location, SQLSTATE_DATATYPE_MISMATCH, "collations are not supported by type %s",
		  type_display(t, oid));
}

int
translate_collate(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	const PgQuery__CollateClause *clause = node->collate_clause;

	return translate_check_collation(t, clause->collname, clause->n_collname, clause->location) < 0 ||
		translate_expression(t, clause->arg, type) < 0
	    ? -1
	    : translate_check_collatable(t, type->oid, clause->location);
}

int
translate_value_function(struct translator *t, const PgQuery__Node *node, struct expression *type)
{
	static const struct {
		const char *call; /* functions/bodies.def */
		uint32_t oid;
	} functions[] = {
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE] = { "bibd_current_date()", TYPE_DATE },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME] = { "bibd_current_time()", TYPE_TIMETZ },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N] = { "bibd_current_time()", TYPE_TIMETZ },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP] = { "bibd_now()", TYPE_TIMESTAMPTZ },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N] = { "bibd_now()", TYPE_TIMESTAMPTZ },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME] = { "bibd_localtime()", TYPE_TIME },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N] = { "bibd_localtime()", TYPE_TIME },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP] = { "bibd_localtimestamp()", TYPE_TIMESTAMP },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N] = { "bibd_localtimestamp()", TYPE_TIMESTAMP },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE] = { "bibd_current_user()", TYPE_NAME },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER] = { "bibd_current_user()", TYPE_NAME },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER] = { "bibd_current_user()", TYPE_NAME },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER] = { "bibd_current_user()", TYPE_NAME },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG] = { "bibd_current_database()", TYPE_NAME },
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA] = { "bibd_current_schema()", TYPE_NAME },
	};
	size_t op = (size_t)node->sqlvalue_function->op;
	int32_t precision = node->sqlvalue_function->typmod;

	if (op >= sizeof(functions) / sizeof(functions[0]) || functions[op].call == NULL)
		return translate_refuse_node(t, node);
	*type = expression_value(t->out.length, functions[op].oid);
	type->not_null = true;
	if (translate_emit(t, functions[op].call) < 0)
		return -1;
	type->end = t->out.length;
	if (precision >= 0 && precision < 6)
		return expression_cast(t, type, type->oid, precision, CAST_EXPLICIT, node->sqlvalue_function->location);
	return 0;
}
