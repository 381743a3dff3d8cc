/* Which of PostgreSQL's functions and operators a call means, and what its arguments are brought to. */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/types/types.h"

#define U TYPE_UNKNOWN

struct call {
	const char *name;
	size_t n;
	uint32_t types[4];
	enum resolution resolution;
	uint32_t oid, result; /* of what is chosen: pg_proc.oid or pg_operator.oid; 0: not looked at */
	uint32_t declared[4];
};

/* Chosen by PostgreSQL 15 in the same way. */
static const struct call functions[] = {
	{ "lower", 1, { TYPE_TEXT }, RESOLVED, 870, TYPE_TEXT, { TYPE_TEXT } },
	{ "lower", 1, { TYPE_VARCHAR }, RESOLVED, 870, TYPE_TEXT, { TYPE_TEXT } },
	{ "lower", 1, { U }, RESOLVED, 870, TYPE_TEXT, { TYPE_TEXT } },
	{ "lower", 1, { TYPE_INT4 }, RESOLVED_NONE, 0, 0, { 0 } },
	{ "lower", 2, { U, U }, RESOLVED_NONE, 0, 0, { 0 } },
	{ "nothing", 0, { 0 }, RESOLVED_NONE, 0, 0, { 0 } },
	/* an integer is rounded as a float, which is what numbers prefer */
	{ "round", 1, { TYPE_INT4 }, RESOLVED, 1342, TYPE_FLOAT8, { TYPE_FLOAT8 } },
	{ "round", 2, { TYPE_INT4, TYPE_INT4 }, RESOLVED, 1707, TYPE_NUMERIC, { TYPE_NUMERIC, TYPE_INT4 } },
	{ "abs", 1, { TYPE_INT2 }, RESOLVED, 1398, TYPE_INT2, { TYPE_INT2 } },
	{ "abs", 1, { U }, RESOLVED, 1395, TYPE_FLOAT8, { TYPE_FLOAT8 } },
	{ "mod", 2, { TYPE_INT4, TYPE_INT8 }, RESOLVED, 947, TYPE_INT8, { TYPE_INT8, TYPE_INT8 } },
	{ "trunc", 1, { U }, RESOLVED_AMBIGUOUS, 0, 0, { 0 } },
	{ "length", 1, { TYPE_BYTEA }, RESOLVED, 2010, TYPE_INT4, { TYPE_BYTEA } },
	{ "date_trunc", 2, { U, TYPE_DATE }, RESOLVED, 1217, TYPE_TIMESTAMPTZ, { TYPE_TEXT, TYPE_TIMESTAMPTZ } },
	{ "sum", 1, { TYPE_INT2 }, RESOLVED, 2109, TYPE_INT8, { TYPE_INT2 } },
	{ "count", 0, { 0 }, RESOLVED, 2803, TYPE_INT8, { 0 } },
	/* any number of anything */
	{ "concat", 3, { TYPE_INT4, U, TYPE_DATE }, RESOLVED, 3058, TYPE_TEXT, { U, U, U } },
	{ "concat_ws", 1, { U }, RESOLVED_NONE, 0, 0, { 0 } },
	/* what stands for any type */
	{ "array_agg", 1, { TYPE_INT4 }, RESOLVED, 2335, TYPE_INT4_ARRAY, { TYPE_INT4 } },
	{ "lag", 3, { TYPE_INT4, TYPE_INT4, TYPE_NUMERIC }, RESOLVED, 3108, TYPE_NUMERIC,
	    { TYPE_NUMERIC, TYPE_INT4, TYPE_NUMERIC } },
	{ "to_json", 1, { U }, RESOLVED_POLYMORPHIC, 0, 0, { 0 } },
	{ "array_length", 2, { TYPE_TEXT_ARRAY, TYPE_INT4 }, RESOLVED, 2176, TYPE_INT4,
	    { TYPE_TEXT_ARRAY, TYPE_INT4 } },
	{ "array_length", 2, { TYPE_TEXT, TYPE_INT4 }, RESOLVED_NONE, 0, 0, { 0 } },
};

static const struct call operators[] = {
	{ "=", 2, { TYPE_VARCHAR, U }, RESOLVED, 98, TYPE_BOOL, { TYPE_TEXT, TYPE_TEXT } },
	{ "=", 2, { TYPE_INT2, TYPE_INT8 }, RESOLVED, 1862, TYPE_BOOL, { TYPE_INT2, TYPE_INT8 } },
	{ "=", 2, { TYPE_BOOL, TYPE_TEXT }, RESOLVED_NONE, 0, 0, { 0 } },
	{ "-", 2, { TYPE_DATE, U }, RESOLVED, 1099, TYPE_INT4, { TYPE_DATE, TYPE_DATE } },
	{ "+", 2, { TYPE_DATE, U }, RESOLVED_AMBIGUOUS, 0, 0, { 0 } },
	{ "<<", 2, { TYPE_INT2, TYPE_INT8 }, RESOLVED_NONE, 0, 0, { 0 } },
	{ "||", 2, { TYPE_INT4_ARRAY, TYPE_INT8 }, RESOLVED, 349, TYPE_INT8_ARRAY, { TYPE_INT8_ARRAY, TYPE_INT8 } },
	{ "||", 2, { TYPE_BOOL, TYPE_TEXT_ARRAY }, RESOLVED_NONE, 0, 0, { 0 } },
	{ "||", 2, { TYPE_TEXT, TYPE_INT4 }, RESOLVED, 2779, TYPE_TEXT, { TYPE_TEXT, TYPE_INT4 } },
	{ "^", 2, { U, U }, RESOLVED, 965, TYPE_FLOAT8, { TYPE_FLOAT8, TYPE_FLOAT8 } },
	{ "->", 2, { TYPE_JSON, U }, RESOLVED, 3962, TYPE_JSON, { TYPE_JSON, TYPE_TEXT } },
	{ "-", 1, { TYPE_INT4 }, RESOLVED, 558, TYPE_INT4, { TYPE_INT4 } },
	{ "-", 1, { TYPE_TEXT }, RESOLVED_NONE, 0, 0, { 0 } },
};

static void
check_call(const struct call *call, enum resolution resolution, const struct function_fact *fact,
    const uint32_t *declared, uint32_t result)
{
	ck_assert_msg(resolution == call->resolution, "%s/%zu: %d", call->name, call->n, (int)resolution);
	if (resolution != RESOLVED)
		return;
	ck_assert_msg(fact->oid == call->oid, "%s/%zu: oid %u", call->name, call->n, (unsigned)fact->oid);
	ck_assert_msg(result == call->result, "%s/%zu: result %u", call->name, call->n, (unsigned)result);
	for (size_t i = 0; i < call->n; i++)
		ck_assert_msg(declared[i] == call->declared[i], "%s/%zu: argument %zu is %u", call->name, call->n, i,
		    (unsigned)declared[i]);
}

START_TEST(test_functions)
{
	const struct call *call = &functions[_i];
	const struct function_fact *fact;
	uint32_t declared[4], result = 0;
	enum resolution resolution;

	resolution = function_resolve(call->name, call->types, call->n, &fact, declared, &result);
	check_call(call, resolution, fact, declared, result);
}
END_TEST

START_TEST(test_operators)
{
	const struct call *call = &operators[_i];
	const struct function_fact *fact;
	uint32_t declared[4], result = 0;
	enum resolution resolution;

	resolution = operator_resolve(call->name, call->types, call->n, &fact, declared, &result);
	check_call(call, resolution, fact, declared, result);
}
END_TEST

START_TEST(test_casts)
{
	ck_assert_int_eq(cast_context(TYPE_INT4, TYPE_INT8), 'i');
	ck_assert_int_eq(cast_context(TYPE_INT8, TYPE_INT4), 'a');
	ck_assert_int_eq(cast_context(TYPE_BOOL, TYPE_INT4), 'e');
	ck_assert_int_eq(cast_context(TYPE_DATE, TYPE_TIME), '\0');
	ck_assert_int_eq(cast_context(TYPE_UUID, TYPE_TEXT), 'a');
	ck_assert_int_eq(cast_context(TYPE_TEXT, TYPE_UUID), 'e');
	ck_assert_int_eq(cast_context(TYPE_INT4_ARRAY, TYPE_INT8_ARRAY), 'i');
	ck_assert_int_eq(cast_context(TYPE_INT4_ARRAY, TYPE_INT4), '\0');
}
END_TEST

/* Rows of one name stand together, casts are sorted: what looks for them relies on it. */
START_TEST(test_order)
{
	const struct cast_fact *cast, *before = NULL;
	const struct function_fact *fact;

	for (size_t i = 0; (fact = function_fact_by_index(i)) != NULL; i++)
		for (size_t j = 0; j + 1 < i; j++)
			if (strcmp(function_fact_by_index(j)->name, fact->name) == 0)
				ck_assert_str_eq(function_fact_by_index(i - 1)->name, fact->name);
	for (size_t i = 0; (cast = cast_fact_by_index(i)) != NULL; before = cast, i++)
		ck_assert(before == NULL || before->from < cast->from ||
		    (before->from == cast->from && before->to < cast->to));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("resolve");

	tcase_add_loop_test(tcase, test_functions, 0, (int)(sizeof(functions) / sizeof(functions[0])));
	tcase_add_loop_test(tcase, test_operators, 0, (int)(sizeof(operators) / sizeof(operators[0])));
	tcase_add_test(tcase, test_casts);
	tcase_add_test(tcase, test_order);
	return unit_run("sqlite resolve", tcase, NULL);
}
