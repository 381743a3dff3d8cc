/*
 * CREATE FUNCTION and PROCEDURE: rows of bibd's own tables. The body is looked at by who runs the
 * statement (session/routine_call.c), before anything is written.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/settings/settings.h"

#define ROUTINE_OPTIONS_MAX 64
/* OIDs from here on are those of the file's own objects. */
#define FIRST_OWN_OID 16384

/* What is read of the statement. */
struct reading {
	const char *name;
	bool procedure;
	const char *language, *body;
	char volatility;
	bool strict;
	bool set;
	bool table;	  /* RETURNS TABLE */
	bool polymorphic; /* an input's type is that of each call: anyelement and its like, */
	bool compatible;  /* or anycompatible and its like */
	uint32_t result;
	const char *row; /* the relation whose rows it returns, as SCHEMA_ROUTINE_ROW; NULL: of none */
	unsigned narguments;
	struct dialect_argument *arguments; /* the plan's */
	const char **defaults;		    /* of the arguments, as SQLite's text; NULL entries: none */
	const char **shown;		    /* the same as PostgreSQL's, where it is known */
	unsigned noptions;
	struct {
		const char *name, *value;
	} options[ROUTINE_OPTIONS_MAX];
};

/* ---- the name ---- */

const char *
routine_name(struct translator *t, PgQuery__Node *const *names, size_t n)
{
	const char *schema = n > 1 ? translate_string(names[n - 2]) : NULL;

	if (n > 2 || (schema != NULL && strcmp(schema, "public") != 0)) {
		if (schema != NULL && strcmp(schema, "pg_catalog") == 0)
			(void)translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied for schema %s",
			    schema);
		else
			(void)translate_refuse(t, -1, "a function in another schema than public");
		return NULL;
	}
	return translate_last_string(names, n);
}

/* ---- types ---- */

static bool
is_pseudo(uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	return !type_is_polymorphic(oid) && !type_is_array(oid) && (type == NULL || type->category == 'P');
}

/* Those that the calls' rules know. */
uint32_t
routine_polymorphic(const PgQuery__TypeName *name)
{
	static const struct {
		const char *name;
		uint32_t oid;
	} types[] = { { "anyelement", TYPE_ANYELEMENT }, { "anyarray", TYPE_ANYARRAY },
		{ "anynonarray", TYPE_ANYNONARRAY }, { "anycompatible", TYPE_ANYCOMPATIBLE },
		{ "anycompatiblearray", TYPE_ANYCOMPATIBLEARRAY } };
	const char *last = translate_last_string(name->names, name->n_names);

	for (size_t i = 0; name->n_array_bounds == 0 && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, last) == 0)
			return types[i].oid;
	return 0;
}

static bool
is_of_table(uint32_t oid)
{
	bool temporary;
	int64_t number;

	return type_is_of_table(oid, &temporary, &number);
}

static int
read_type(struct translator *t, const PgQuery__TypeName *name, uint32_t *oid)
{
	const struct type *type;
	PgQuery__TypeName plain = *name;
	int32_t typmod;

	plain.setof = false;
	if ((*oid = routine_polymorphic(name)) != 0)
		return 0;
	/* A length is not part of a routine's types. */
	if (translate_type_name(t, &plain, &type, oid, &typmod, NULL) < 0)
		return -1;
	/* The OID of a table's row type is not kept. */
	if (is_of_table(*oid) || is_of_table(type_element(*oid)))
		return translate_refuse(t, name->location, "a function with a parameter of a table's row type");
	return !type_is_user(*oid) && is_pseudo(*oid)
	    ? translate_refuse(t, name->location, "a polymorphic function or one of pseudo-types")
	    : 0;
}

/* The relation of that name, where no type has it. */
static const struct schema_table *
relation_of(struct translator *t, const PgQuery__TypeName *name)
{
	const char *last = translate_last_string(name->names, name->n_names);
	const char *schema = name->n_names > 1 ? translate_string(name->names[name->n_names - 2]) : NULL, *stored;
	const struct schema_table *table;

	if (name->pct_type || name->n_array_bounds > 0 || type_by_name(last) != NULL ||
	    (schema == NULL && schema_find_type(t->schema, last) != NULL))
		return NULL;
	if (schema == NULL)
		table = schema_resolve(t->schema, last);
	else
		table = (stored = translate_stored_name(t, schema, last)) == NULL
		    ? NULL
		    : schema_find_table(t->schema, strcmp(schema, "pg_temp") == 0 ? "temp" : "public", stored);
	return table != NULL && (strcmp(table->schema, "public") == 0 || strcmp(table->schema, "temp") == 0) ? table
													     : NULL;
}

static bool
is_compatible(uint32_t oid)
{
	return oid == TYPE_ANYCOMPATIBLE || oid == TYPE_ANYCOMPATIBLEARRAY;
}

/* Whether an input says of what type such a result is. */
static bool
is_determined(const struct reading *reading, uint32_t oid)
{
	return reading->polymorphic && reading->compatible == is_compatible(oid);
}

static int
read_result(struct translator *t, const PgQuery__TypeName *name, struct reading *reading)
{
	const char *last = translate_last_string(name->names, name->n_names);
	const struct schema_table *table;

	reading->set = name->setof;
	if (strcmp(last, "void") == 0) {
		reading->result = TYPE_VOID;
		return name->setof ? translate_refuse(t, name->location, "SETOF void") : 0;
	}
	if (strcmp(last, "record") == 0) {
		reading->result = TYPE_RECORD;
		return 0;
	}
	if (strcmp(last, "event_trigger") == 0)
		return translate_refuse(t, name->location, "a function that returns event_trigger");
	if (strcmp(last, "trigger") == 0) {
		reading->result = TYPE_TRIGGER;
		return name->setof ? translate_refuse(t, name->location, "SETOF trigger") : 0;
	}
	if ((table = relation_of(t, name)) != NULL) {
		reading->result = TYPE_RECORD;
		reading->row = translator_format(t, "%s.%s", table->schema, table->name);
		return reading->row == NULL ? -1 : 0;
	}
	if (read_type(t, name, &reading->result) < 0)
		return -1;
	if (type_is_polymorphic(reading->result) && !is_determined(reading, reading->result)) {
		translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION, "cannot determine result data type");
		report_detail(t->report, "A result of type %s requires at least one input of a polymorphic type.",
		    last);
		return -1;
	}
	return 0;
}

/* ---- arguments ---- */

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

static bool
is_input(char mode)
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
		if (is_input(argument->mode) && argument->mode != 'v' && reading->defaults[i] != NULL)
			return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
			    "input parameters after one with a default value must also have defaults");
	if (parameter->defexpr == NULL)
		return 0;
	if (!is_input(argument->mode))
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
	if (!is_input(argument->mode))
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
	if (read_type(t, parameter->arg_type, &argument->oid) < 0 || check_input(t, reading, argument) < 0)
		return -1;
	if (is_input(argument->mode) && type_is_polymorphic(argument->oid)) {
		reading->polymorphic = true;
		reading->compatible |= is_compatible(argument->oid);
		if (reading->compatible != is_compatible(argument->oid))
			return translate_refuse(t, -1, "a function of both anyelement and anycompatible");
	}
	for (unsigned i = 0; i < reading->narguments; i++)
		if (name[0] != '\0' && strcmp(reading->arguments[i].name, name) == 0)
			return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
			    "parameter name \"%s\" used more than once", name);
	if ((argument->name = translator_plan_copy(t, name)) == NULL || read_default(t, parameter, reading) < 0)
		return -1;
	reading->table |= argument->mode == 't';
	reading->narguments++;
	t->plan->u.routine.narguments = reading->narguments;
	return 0;
}

static int
read_arguments(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, struct reading *reading)
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
static int
settle_result(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, struct reading *reading)
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
	if (read_result(t, stmt->return_type, reading) < 0)
		return -1;
	if (outs > 0 && reading->result != wanted)
		return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
		    "function result type must be %s because of OUT parameters", type_display(t, wanted));
	return 0;
}

/* OUT parameters of the type of each call. */
static int
check_outs(struct translator *t, const struct reading *reading)
{
	for (unsigned i = 0; i < reading->narguments; i++)
		if (type_is_polymorphic(reading->arguments[i].oid) &&
		    !is_determined(reading, reading->arguments[i].oid))
			return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
			    "cannot determine result data type");
	return 0;
}

/* ---- options ---- */

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

static int
read_options(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, struct reading *reading)
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

static int
check_trigger(struct translator *t, const struct reading *reading)
{
	if (reading->result != TYPE_TRIGGER)
		return 0;
	if (reading->language != NULL && strcmp(reading->language, "sql") == 0)
		return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
		    "SQL functions cannot return type trigger");
	if (reading->narguments == 0)
		return 0;
	(void)translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
	    "trigger functions cannot have declared arguments");
	report_hint(t->report, "The arguments of the trigger can be accessed through TG_NARGS and TG_ARGV instead.");
	return -1;
}

/* ---- what is written ---- */

/* "name(type, type)": what a routine is told by. */
const char *
routine_identity(struct translator *t, const char *name, const uint32_t *types, unsigned n)
{
	const char *text = translator_format(t, "%s(", name);

	for (unsigned i = 0; i < n && text != NULL; i++)
		text = translator_format(t, "%s%s%s", text, i > 0 ? ", " : "", type_display(t, types[i]));
	return text == NULL ? NULL : translator_format(t, "%s)", text);
}

static bool
has_inputs(const struct schema_routine *routine, const uint32_t *types, unsigned n)
{
	unsigned at = 0;

	if (routine->ninputs != n)
		return false;
	for (unsigned i = 0; i < routine->narguments; i++)
		if (schema_argument_is_in(&routine->arguments[i]) && routine->arguments[i].oid != types[at++])
			return false;
	return true;
}

/* The OID of the routine of that name with those inputs, 0: there is none. */
uint32_t
routine_find_same(struct translator *t, const char *name, const uint32_t *types, unsigned n,
    struct schema_routine *found)
{
	unsigned count;
	struct schema_routine *all = schema_routines(schema_database(t->schema), name, &count);
	uint32_t oid = 0;

	for (unsigned i = 0; i < count && oid == 0; i++)
		if (has_inputs(&all[i], types, n)) {
			oid = all[i].oid;
			if (found != NULL) {
				*found = all[i];
				all[i] = (struct schema_routine) { 0 };
			}
		}
	schema_routines_free(all, count);
	return oid;
}

int
routine_emit_delete(struct translator *t, uint32_t oid)
{
	return translate_emit_format(t,
	    "DELETE FROM public.bibd_routine_options WHERE routine = %u;\n"
	    "DELETE FROM public.bibd_routine_arguments WHERE routine = %u;\n"
	    "DELETE FROM public.bibd_routines WHERE oid = %u;\n",
	    oid, oid, oid);
}

static int
emit_option(struct translator *t, uint32_t oid, const char *name, unsigned position, const char *value)
{
	translate_emit_format(t, "INSERT INTO public.bibd_routine_options VALUES (%u, '%s', %u, ", oid, name, position);
	translate_emit_string(t, value);
	return translate_emit(t, ");\n");
}

static int
emit_routine(struct translator *t, const struct reading *reading, uint32_t oid)
{
	if (reading->row != NULL && emit_option(t, oid, SCHEMA_ROUTINE_ROW, 0, reading->row) < 0)
		return -1;
	for (unsigned i = 0; i < reading->noptions; i++)
		if (emit_option(t, oid, reading->options[i].name, i + 1, reading->options[i].value) < 0)
			return -1;
	for (unsigned i = 0; i < reading->narguments; i++)
		if (reading->defaults[i] != NULL &&
		    emit_option(t, oid, SCHEMA_ROUTINE_DEFAULT, i + 1, reading->defaults[i]) < 0)
			return -1;
	for (unsigned i = 0; i < reading->narguments; i++)
		if (reading->shown[i] != NULL &&
		    emit_option(t, oid, SCHEMA_ROUTINE_SHOWN, i + 1, reading->shown[i]) < 0)
			return -1;
	translate_emit_format(t, "INSERT INTO public.bibd_routines VALUES (%u, ", oid);
	translate_emit_string(t, reading->name);
	translate_emit_format(t, ", '%c', '%s', '%c', %d, %d, %u, ", reading->procedure ? 'p' : 'f', reading->language,
	    reading->volatility, reading->strict, reading->set, reading->result);
	translate_emit_string(t, reading->body);
	translate_emit(t, ");\n");
	for (unsigned i = 0; i < reading->narguments; i++) {
		const struct dialect_argument *argument = &reading->arguments[i];

		translate_emit_format(t, "INSERT INTO public.bibd_routine_arguments VALUES (%u, %u, '%c', ", oid, i + 1,
		    argument->mode);
		translate_emit_string(t, argument->name);
		translate_emit_format(t, ", %u);\n", argument->oid);
	}
	return translate_emit(t, SCHEMA_ROUTINE_CHANGED);
}

/* Those who call it by the names of its parameters, or leave some out, must still be able to. */
static int
check_parameters(struct translator *t, const struct reading *reading, const struct schema_routine *old,
    const char *what)
{
	unsigned at = 0;
	const char *failed = NULL;

	for (unsigned i = 0; i < old->narguments && failed == NULL; i++) {
		const struct schema_argument *before = &old->arguments[i];

		if (!schema_argument_is_in(before))
			continue;
		while (at < reading->narguments && !is_input(reading->arguments[at].mode))
			at++;
		if (at == reading->narguments)
			break;
		if (before->name[0] != '\0' && strcmp(before->name, reading->arguments[at].name) != 0)
			failed = translator_format(t, "cannot change name of input parameter \"%s\"", before->name);
		else if (before->fallback != NULL && reading->defaults[at] == NULL)
			failed = "cannot remove parameter defaults from existing function";
		at++;
	}
	if (failed == NULL)
		return 0;
	translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION, "%s", failed);
	report_hint(t->report, "Use DROP FUNCTION %s first.", what);
	return -1;
}

static bool
same_row(const struct reading *reading, const struct schema_routine *old)
{
	const char *row = schema_routine_option(old, SCHEMA_ROUTINE_ROW);
	unsigned before = 0, now = 0;

	if ((row == NULL) != (reading->row == NULL) || (row != NULL && strcmp(row, reading->row) != 0))
		return false;
	for (;; before++, now++) {
		while (before < old->narguments && !schema_argument_is_out(&old->arguments[before]))
			before++;
		while (now < reading->narguments &&
		    (reading->arguments[now].mode == 'i' || reading->arguments[now].mode == 'v'))
			now++;
		if (before == old->narguments || now == reading->narguments)
			return before == old->narguments && now == reading->narguments;
		if (old->arguments[before].oid != reading->arguments[now].oid ||
		    strcmp(old->arguments[before].name, reading->arguments[now].name) != 0)
			return false;
	}
}

static int
check_replaced(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, const struct reading *reading,
    const struct schema_routine *old, const char *what)
{
	if (!stmt->replace)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_FUNCTION,
		    "function \"%s\" already exists with same argument types", reading->name);
	if ((old->kind == 'p') != reading->procedure)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot change routine kind");
	if (old->result == reading->result && old->set == reading->set &&
	    (reading->result != TYPE_RECORD || same_row(reading, old)))
		return check_parameters(t, reading, old, what);
	translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION, "cannot change return type of existing function");
	report_hint(t->report, "Use DROP FUNCTION %s first.", what);
	return -1;
}

/* One of that name may have had the OID, and bear another name now. */
static uint32_t
new_oid(struct translator *t, const char *what)
{
	uint32_t oid = catalog_object_oid("public", what);
	struct schema_routine other;

	while (schema_routine_load(schema_database(t->schema), oid, &other)) {
		schema_routine_clear(&other);
		oid = oid == UINT32_MAX ? FIRST_OWN_OID : oid + 1;
	}
	return oid;
}

static int
emit_create(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, const struct reading *reading)
{
	uint32_t types[ROUTINE_ARGUMENTS_MAX] = { 0 }, oid;
	struct schema_routine old = { 0 };
	const char *what;
	unsigned n = 0;
	int status;

	for (unsigned i = 0; i < reading->narguments; i++)
		if (is_input(reading->arguments[i].mode))
			types[n++] = reading->arguments[i].oid;
	if ((what = routine_identity(t, reading->name, types, n)) == NULL ||
	    translate_emit(t, SCHEMA_ROUTINE_TABLES) < 0)
		return -1;
	if ((oid = routine_find_same(t, reading->name, types, n, &old)) == 0)
		return emit_routine(t, reading, new_oid(t, what));
	status = check_replaced(t, stmt, reading, &old, what);
	schema_routine_clear(&old);
	return status < 0 || routine_emit_delete(t, oid) < 0 ? -1 : emit_routine(t, reading, oid);
}

/* What is SET. */
static int
keep_sets(struct translator *t, const struct reading *reading)
{
	struct dialect_plan *plan = t->plan;

	if ((plan->u.routine.sets = calloc(reading->noptions + 1, sizeof(*plan->u.routine.sets))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < reading->noptions; i++) {
		if (strcmp(reading->options[i].name, SCHEMA_ROUTINE_SET) != 0)
			continue;
		if ((plan->u.routine.sets[plan->u.routine.nsets] =
			    translator_plan_copy(t, reading->options[i].value)) == NULL)
			return -1;
		plan->u.routine.nsets++;
	}
	return 0;
}

static int
keep_for_check(struct translator *t, const struct reading *reading)
{
	struct dialect_plan *plan = t->plan;

	plan->own = true;
	plan->kind = DIALECT_CREATE_ROUTINE;
	plan->u.routine.set = reading->set;
	plan->u.routine.polymorphic = reading->polymorphic;
	if ((reading->row != NULL && (plan->u.routine.row = translator_plan_copy(t, reading->row)) == NULL) ||
	    keep_sets(t, reading) < 0)
		return -1;
	plan->u.routine.result = reading->result;
	plan->u.routine.body = translator_plan_copy(t, reading->body);
	plan->u.routine.name = translator_plan_copy(t, reading->name);
	plan->u.routine.language = translator_plan_copy(t, reading->language);
	return plan->u.routine.body == NULL || plan->u.routine.name == NULL || plan->u.routine.language == NULL ? -1
														: 0;
}

bool
routine_is_built_in(const char *name)
{
	return function_fact_by_name(name) != NULL || function_is_set(name);
}

int
define_create_function(struct translator *t, const PgQuery__CreateFunctionStmt *stmt)
{
	struct reading reading = { .procedure = stmt->is_procedure, .volatility = 'v' };

	t->plan->tag = stmt->is_procedure ? "CREATE PROCEDURE" : "CREATE FUNCTION";
	/* Until it is whole it is none: what was read is the plan's to free. */
	t->plan->kind = DIALECT_CREATE_ROUTINE;
	if ((reading.name = routine_name(t, stmt->funcname, stmt->n_funcname)) == NULL ||
	    read_arguments(t, stmt, &reading) < 0 || settle_result(t, stmt, &reading) < 0 ||
	    check_outs(t, &reading) < 0 || read_options(t, stmt, &reading) < 0 || check_trigger(t, &reading) < 0)
		return -1;
	if (routine_is_built_in(reading.name))
		return translate_refuse(t, -1, "a function with the name of one that is built in");
	if (keep_for_check(t, &reading) < 0 || emit_create(t, stmt, &reading) < 0)
		return -1;
	return translate_finish(t, DIALECT_CREATE_ROUTINE, t->plan->tag);
}
