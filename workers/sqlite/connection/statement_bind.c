/*
 * Binds to a prepared statement the literals of its text.
 */
#include "workers/sqlite/connection/statement.h"

#include "workers/sqlite/connection/connection.h"
#include "workers/sqlite/types/types.h"

int
statement_check_bound(int code, struct report *r)
{
	return code == SQLITE_OK ? 0 : report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "a value is too large");
}

/* Whether the type that it is assigned as takes it. */
static int
check_given(const struct dialect_lifted *lifted, const struct type_value *value, const struct type_settings *settings,
    struct report *r)
{
	struct type_value taken;
	int result;

	if (lifted->given == 0)
		return 0;
	result = type_coerce_in(settings, lifted->given, lifted->given_typmod, false, value, &taken, r);
	if (result == 0)
		type_value_free(&taken);
	return result;
}

/* A literal that was taken out of the text goes in as a parameter, decoded as its type. */
static int
statement_bind_literal(sqlite3_stmt *stmt, const struct dialect_text *text, const struct dialect_lifted *lifted,
    int number, const struct type_settings *settings, struct report *r)
{
	struct type_value value;
	int code = SQLITE_OK;

	if (dialect_literal_decode(text, lifted, settings, &value, r) == -1)
		return -1;
	if (check_given(lifted, &value, settings, r) == -1) {
		type_value_free(&value);
		return -1;
	}
	/* The text outlives the run; what was made for the occasion does not. */
	if (number != 0)
		code =
		    value.owned == NULL ? type_bind(stmt, number, &value, true) : type_bind_given(stmt, number, &value);
	type_value_free(&value);
	return statement_check_bound(code, r);
}

int
statement_bind_literals(struct statement *statement, const struct dialect_text *text,
    const struct type_settings *settings, struct report *r)
{
	const struct dialect_plan *plan = statement->shared->plan;

	for (unsigned i = 0; i < plan->nlifted; i++)
		if (statement_bind_literal(statement->stmt, text, &plan->lifted[i],
			dialect_parameter(plan, plan->nparams + i), settings, r) == -1)
			return -1;
	return 0;
}

int
statement_bind_step_literals(struct statement *statement, unsigned i, const struct dialect_text *text,
    const struct type_settings *settings, struct report *r)
{
	const struct dialect_plan *plan = statement->shared->plan;
	int number;

	for (unsigned j = 0; j < plan->nlifted; j++)
		if ((number = dialect_step_parameter(&plan->steps[i], plan->nparams + j)) != 0 &&
		    statement_bind_literal(statement->steps[i], text, &plan->lifted[j], number, settings, r) == -1)
			return -1;
	return 0;
}

int
statement_bind_other(struct statement *statement, sqlite3_stmt *stmt, const int *numbers,
    const struct dialect_text *text, const struct type_value *values, const struct type_settings *settings,
    struct report *r)
{
	const struct dialect_plan *plan = statement->shared->plan;

	for (unsigned i = 0; numbers != NULL && i < plan->nparams; i++)
		if (numbers[i] != 0 && statement_check_bound(type_bind(stmt, numbers[i], &values[i], true), r) == -1)
			return -1;
	for (unsigned i = 0; numbers != NULL && i < plan->nlifted; i++)
		if (statement_bind_literal(stmt, text, &plan->lifted[i], numbers[plan->nparams + i], settings, r) == -1)
			return -1;
	return 0;
}
