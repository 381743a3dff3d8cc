/*
 * The arguments of CREATE FUNCTION, and what they leave of the result.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/dialect/define/routine_reading.h"

static char
mode_of(PgQuery__FunctionParameterMode mode)
{
	switch (mode) {
	case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT:
		return 'o';
	case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_INOUT:
		return 'b';
	case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE:
		return 't';
	case PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_VARIADIC:
		return 'v';
	default:
		return 'i';
	}
}

bool
routine_is_input(char mode)
{
	return mode == 'i' || mode == 'b' || mode == 'v';
}

/* Its default becomes SQLite's text, put by until all is written. */
static int
read_default(struct translator *t, const PgQuery__FunctionParameter *parameter, struct reading *reading)
{
	const struct dialect_argument *argument = &reading->arguments[reading->narguments];
	size_t start = t->out.length;
	struct deparse_texts texts;
	struct scope scope;
	bool call;
	int status;

	for (unsigned i = 0; parameter->defexpr == NULL && i < reading->narguments; i++)
		if (routine_is_input(argument->mode) && argument->mode != 'v' && reading->defaults[i] != NULL)
			return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
			    "input parameters after one with a default value must also have defaults");
	if (parameter->defexpr == NULL)
		return 0;
	if (!routine_is_input(argument->mode))
		return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
		    "only input parameters can have default values");
	if (type_is_polymorphic(argument->oid) || argument->mode == 'v')
		return translate_refuse(t, -1, "a default of such a parameter");
	translate_scope_open(t, &scope);
	status = translate_assignment(t, parameter->defexpr, argument->name, argument->oid, -1);
	translate_scope_close(t, &scope);
	if (status < 0 || (reading->defaults[reading->narguments] = translator_copy(t, t->out.data + start)) == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	if (deparse_expression(t, NULL, parameter->defexpr, argument->oid, -1, &texts, &call))
		reading->shown[reading->narguments] = texts.plain;
	return 0;
}

/* What an input's type and place must be. */
static int
check_input(struct translator *t, const struct reading *reading, const struct dialect_argument *argument)
{
	if (!routine_is_input(argument->mode))
		return 0;
	for (unsigned i = 0; i < reading->narguments; i++)
		if (reading->arguments[i].mode == 'v')
			return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
			    "VARIADIC parameter must be the last input parameter");
	if (argument->mode == 'v' && type_element(argument->oid) == 0 && argument->oid != TYPE_ANYARRAY &&
	    argument->oid != TYPE_ANYCOMPATIBLEARRAY)
		return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
		    "VARIADIC parameter must be an array");
	return 0;
}

static int
read_argument(struct translator *t, const PgQuery__FunctionParameter *parameter, struct reading *reading)
{
	struct dialect_argument *argument = &reading->arguments[reading->narguments];
	const char *name = parameter->name == NULL ? "" : parameter->name;

	argument->mode = mode_of(parameter->mode);
	if (parameter->arg_type->setof)
		return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
		    "functions cannot accept set arguments");
	if (routine_read_type(t, parameter->arg_type, &argument->oid) < 0 || check_input(t, reading, argument) < 0)
		return -1;
	if (routine_is_input(argument->mode) && type_is_polymorphic(argument->oid)) {
		reading->polymorphic = true;
		reading->compatible |= routine_is_compatible(argument->oid);
		if (reading->compatible != routine_is_compatible(argument->oid))
			return translate_refuse(t, -1, "a function of both anyelement and anycompatible");
	}
	for (unsigned i = 0; i < reading->narguments; i++)
		if (name[0] != '\0' && strcmp(reading->arguments[i].name, name) == 0)
			return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
			    "parameter name \"%s\" used more than once", name);
	if ((argument->name = translator_plan_copy(t, name)) == NULL)
		return -1;
	if (read_default(t, parameter, reading) < 0) {
		free((char *)(uintptr_t)argument->name);
		argument->name = NULL;
		return -1;
	}
	reading->table |= argument->mode == 't';
	reading->narguments++;
	t->plan->u.routine.narguments = reading->narguments;
	return 0;
}

int
routine_read_arguments(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, struct reading *reading)
{
	if (stmt->n_parameters > ROUTINE_ARGUMENTS_MAX)
		return translate_fail(t, -1, SQLSTATE_TOO_MANY_ARGUMENTS,
		    "functions cannot have more than 100 arguments");
	reading->arguments = t->plan->u.routine.arguments = calloc(stmt->n_parameters + 1, sizeof(*reading->arguments));
	reading->defaults = translator_alloc(t, (stmt->n_parameters + 1) * sizeof(*reading->defaults));
	reading->shown = translator_alloc(t, (stmt->n_parameters + 1) * sizeof(*reading->shown));
	if (reading->arguments == NULL || reading->defaults == NULL || reading->shown == NULL)
		return translate_out_of_memory(t);
	for (size_t i = 0; i < stmt->n_parameters; i++)
		if (read_argument(t, stmt->parameters[i]->function_parameter, reading) < 0)
			return -1;
	return 0;
}

/* What comes back, of the OUT parameters and of RETURNS. */
int
routine_settle_result(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, struct reading *reading)
{
	uint32_t only = TYPE_UNKNOWN, wanted;
	unsigned outs = 0;

	for (unsigned i = 0; i < reading->narguments; i++)
		if (reading->arguments[i].mode != 'i' && reading->arguments[i].mode != 'v') {
			only = reading->arguments[i].oid;
			outs++;
		}
	wanted = outs > 1 || (outs == 1 && reading->procedure) ? (uint32_t)TYPE_RECORD : only;
	if (reading->procedure && outs > 0)
		return translate_refuse(t, -1, "a procedure with OUT parameters");
	if (reading->procedure)
		reading->result = TYPE_VOID;
	if (stmt->return_type == NULL) {
		if (outs > 0)
			reading->result = wanted;
		else if (!reading->procedure)
			return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
			    "function result type must be specified");
		return 0;
	}
	if (reading->table) {
		reading->result = wanted;
		reading->set = true;
		return 0;
	}
	if (routine_read_result(t, stmt->return_type, reading) < 0)
		return -1;
	if (outs > 0 && reading->result != wanted)
		return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
		    "function result type must be %s because of OUT parameters", type_display(t, wanted));
	return 0;
}

/* OUT parameters of the type of each call. */
int
routine_check_outs(struct translator *t, const struct reading *reading)
{
	for (unsigned i = 0; i < reading->narguments; i++)
		if (type_is_polymorphic(reading->arguments[i].oid) &&
		    !routine_is_determined(reading, reading->arguments[i].oid))
			return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
			    "cannot determine result data type");
	return 0;
}
