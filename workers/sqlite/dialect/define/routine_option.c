/*
 * The options of CREATE FUNCTION.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/settings/settings.h"
#include "workers/sqlite/dialect/define/routine_reading.h"

/* Those with a value that says which. */
static int
read_string_option(struct translator *t, const PgQuery__DefElem *option, struct reading *reading)
{
	const char *value = translate_string(option->arg);

	if (strcmp(option->defname, "language") == 0)
		reading->language = value;
	else if (value != NULL && strcmp(value, "immutable") == 0)
		reading->volatility = 'i';
	else if (value != NULL && strcmp(value, "stable") == 0)
		reading->volatility = 's';
	return value == NULL ? translate_refuse(t, option->location, "this option of a function") : 0;
}

static int
read_body(struct translator *t, const PgQuery__DefElem *option, struct reading *reading)
{
	const PgQuery__List *list = option->arg->node_case == PG_QUERY__NODE__NODE_LIST ? option->arg->list : NULL;

	if (list == NULL || list->n_items != 1)
		return translate_refuse(t, option->location, "a function of an object file");
	reading->body = translate_string(list->items[0]);
	return 0;
}

static bool
option_is_true(const PgQuery__DefElem *option)
{
	return option->arg == NULL || option->arg->node_case != PG_QUERY__NODE__NODE_BOOLEAN ||
	    option->arg->boolean->boolval;
}

static int
add_option(struct translator *t, struct reading *reading, const char *name, const char *value)
{
	if (value == NULL)
		return -1;
	if (reading->noptions == ROUTINE_OPTIONS_MAX)
		return translate_refuse(t, -1, "a function with so many options");
	reading->options[reading->noptions].name = name;
	reading->options[reading->noptions++].value = value;
	return 0;
}

/* COST and ROWS, which only a planner acts on. */
static int
read_estimate(struct translator *t, const PgQuery__DefElem *option, struct reading *reading)
{
	bool whole = option->arg->node_case == PG_QUERY__NODE__NODE_INTEGER;
	const char *text = whole ? translator_format(t, "%d", option->arg->integer->ival)
	    : option->arg->node_case == PG_QUERY__NODE__NODE_FLOAT ? option->arg->float_->fval
								   : "0";

	if (text == NULL)
		return -1;
	if (!(strtod(text, NULL) > 0))
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "%s must be positive",
		    strcmp(option->defname, "cost") == 0 ? "COST" : "ROWS");
	return add_option(t, reading, strcmp(option->defname, "cost") == 0 ? SCHEMA_ROUTINE_COST : SCHEMA_ROUTINE_ROWS,
	    text);
}

static int
read_parallel(struct translator *t, const PgQuery__DefElem *option, struct reading *reading)
{
	static const char *const words[] = { "safe", "restricted", "unsafe" };
	const char *value = translate_string(option->arg);

	for (size_t i = 0; value != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], value) == 0)
			return add_option(t, reading, SCHEMA_ROUTINE_PARALLEL, translator_format(t, "%c", value[0]));
	return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
	    "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE");
}

const char *
routine_setting_name(const char *name)
{
	const char *known = settings_name(name);

	return known != NULL ? known : name;
}

const char *
routine_setting(struct translator *t, const PgQuery__DefElem *option)
{
	const PgQuery__VariableSetStmt *stmt =
	    option->arg->node_case == PG_QUERY__NODE__NODE_VARIABLE_SET_STMT ? option->arg->variable_set_stmt : NULL;
	const char *text;
	char *value;

	if (stmt == NULL || stmt->kind != PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE) {
		translate_refuse(t, option->location, "this SET of a function");
		return NULL;
	}
	if (strcmp(stmt->name, "role") == 0 || strcmp(stmt->name, "session_authorization") == 0) {
		translate_refuse(t, option->location, "changing the role of a session");
		return NULL;
	}
	if ((value = statement_setting_value(t, stmt)) == NULL)
		return NULL;
	text = translator_format(t, "%s=%s", routine_setting_name(stmt->name), value);
	free(value);
	return text;
}

static int
read_option(struct translator *t, const PgQuery__DefElem *option, struct reading *reading)
{
	const char *name = option->defname;

	if (strcmp(name, "as") == 0)
		return read_body(t, option, reading);
	if (strcmp(name, "language") == 0 || strcmp(name, "volatility") == 0)
		return read_string_option(t, option, reading);
	if (strcmp(name, "strict") == 0) {
		reading->strict = option_is_true(option);
		return 0;
	}
	if (strcmp(name, "cost") == 0 || strcmp(name, "rows") == 0)
		return read_estimate(t, option, reading);
	if (strcmp(name, "parallel") == 0)
		return read_parallel(t, option, reading);
	if (strcmp(name, "set") == 0)
		return add_option(t, reading, SCHEMA_ROUTINE_SET, routine_setting(t, option));
	if (strcmp(name, "security") == 0)
		return option_is_true(option) ? add_option(t, reading, SCHEMA_ROUTINE_DEFINER, "") : 0;
	if (strcmp(name, "leakproof") == 0)
		return option_is_true(option) ? add_option(t, reading, SCHEMA_ROUTINE_LEAKPROOF, "") : 0;
	return translate_refuse(t, option->location, "this option of a function");
}

int
routine_read_options(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, struct reading *reading)
{
	if (stmt->sql_body != NULL)
		return translate_refuse(t, -1, "a function with a body of SQL that is no string");
	for (size_t i = 0; i < stmt->n_options; i++)
		if (read_option(t, stmt->options[i]->def_elem, reading) < 0)
			return -1;
	if (reading->language == NULL)
		return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION, "no language specified");
	if (strcmp(reading->language, "c") == 0 || strcmp(reading->language, "internal") == 0)
		return translate_refuse(t, -1, "a function in a language other than sql and plpgsql");
	if (strcmp(reading->language, "sql") != 0 && strcmp(reading->language, "plpgsql") != 0)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "language \"%s\" does not exist",
		    reading->language);
	if (reading->body == NULL)
		return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION, "no function body specified");
	return 0;
}
