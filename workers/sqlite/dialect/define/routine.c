/*
 * CREATE FUNCTION and PROCEDURE, and their DROP: rows of bibd's own tables. The body is looked at by who runs the
 * statement (session/routine_call.c), before anything is written.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/schema/routine.h"

#define ROUTINE_ARGUMENTS_MAX 100
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
	bool table; /* RETURNS TABLE */
	uint32_t result;
	unsigned narguments;
	struct dialect_argument *arguments; /* the plan's */
};

/* ---- the name ---- */

static const char *
read_name(struct translator *t, PgQuery__Node *const *names, size_t n)
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

	return type == NULL || type->category == 'P';
}

static int
read_type(struct translator *t, const PgQuery__TypeName *name, uint32_t *oid)
{
	const struct type *type;
	PgQuery__TypeName plain = *name;
	int32_t typmod;

	plain.setof = false;
	/* A length is not part of a routine's types. */
	if (translate_type_name(t, &plain, &type, oid, &typmod, NULL) < 0)
		return -1;
	/* What drops a type knows of no routine that has it. */
	if (*oid >= FIRST_OWN_OID)
		return translate_refuse(t, name->location, "a function of types of one's own");
	return is_pseudo(*oid) ? translate_refuse(t, name->location, "a polymorphic function or one of pseudo-types")
			       : 0;
}

static int
read_result(struct translator *t, const PgQuery__TypeName *name, struct reading *reading)
{
	const char *last = translate_last_string(name->names, name->n_names);

	reading->set = name->setof;
	if (strcmp(last, "void") == 0) {
		reading->result = TYPE_VOID;
		return name->setof ? translate_refuse(t, name->location, "SETOF void") : 0;
	}
	if (strcmp(last, "record") == 0) {
		reading->result = TYPE_RECORD;
		return 0;
	}
	if (strcmp(last, "trigger") == 0 || strcmp(last, "event_trigger") == 0)
		return translate_refuse(t, name->location, "a function that returns trigger");
	return read_type(t, name, &reading->result);
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

static int
read_argument(struct translator *t, const PgQuery__FunctionParameter *parameter, struct reading *reading)
{
	struct dialect_argument *argument = &reading->arguments[reading->narguments];
	const char *name = parameter->name == NULL ? "" : parameter->name;

	argument->mode = mode_of(parameter->mode);
	if (argument->mode == 'v')
		return translate_refuse(t, -1, "VARIADIC");
	if (parameter->defexpr != NULL)
		return translate_refuse(t, -1, "a default of a function's parameter");
	if (parameter->arg_type->setof)
		return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
		    "functions cannot accept set arguments");
	if (read_type(t, parameter->arg_type, &argument->oid) < 0)
		return -1;
	for (unsigned i = 0; i < reading->narguments; i++)
		if (name[0] != '\0' && strcmp(reading->arguments[i].name, name) == 0)
			return translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION,
			    "parameter name \"%s\" used more than once", name);
	reading->table |= argument->mode == 't';
	reading->narguments++;
	t->plan->u.routine.narguments = reading->narguments;
	return (argument->name = translator_plan_copy(t, name)) == NULL ? -1 : 0;
}

static int
read_arguments(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, struct reading *reading)
{
	if (stmt->n_parameters > ROUTINE_ARGUMENTS_MAX)
		return translate_fail(t, -1, SQLSTATE_TOO_MANY_ARGUMENTS,
		    "functions cannot have more than 100 arguments");
	reading->arguments = t->plan->u.routine.arguments = calloc(stmt->n_parameters + 1, sizeof(*reading->arguments));
	if (reading->arguments == NULL)
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
		if (reading->arguments[i].mode != 'i') {
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
	return outs == 0 && reading->result == TYPE_RECORD ? translate_refuse(t, -1, "a function that returns record")
							   : 0;
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

/* What the planner alone would act on is taken and means nothing. */
static int
read_option(struct translator *t, const PgQuery__DefElem *option, struct reading *reading)
{
	static const char *const ignored[] = { "cost", "rows", "parallel" };
	const char *name = option->defname;

	if (strcmp(name, "as") == 0)
		return read_body(t, option, reading);
	if (strcmp(name, "language") == 0 || strcmp(name, "volatility") == 0)
		return read_string_option(t, option, reading);
	if (strcmp(name, "strict") == 0) {
		reading->strict = option_is_true(option);
		return 0;
	}
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (strcmp(ignored[i], name) == 0)
			return 0;
	if ((strcmp(name, "security") == 0 || strcmp(name, "leakproof") == 0) && !option_is_true(option))
		return 0;
	return translate_refuse(t, option->location,
	    strcmp(name, "security") == 0 ? "SECURITY DEFINER" : "this option of a function");
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

/* ---- what is written ---- */

/* "name(type, type)": what a routine is told by. */
static const char *
identity(struct translator *t, const char *name, const uint32_t *types, unsigned n)
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
static uint32_t
find_same(struct translator *t, const char *name, const uint32_t *types, unsigned n, struct schema_routine *found)
{
	unsigned count;
	struct schema_routine *all = schema_routines(schema_database(t->schema), name, &count);
	uint32_t oid = 0;

	for (unsigned i = 0; i < count && oid == 0; i++)
		if (has_inputs(&all[i], types, n)) {
			oid = all[i].oid;
			if (found != NULL) {
				*found = (struct schema_routine) { .oid = oid,
					.kind = all[i].kind,
					.result = all[i].result,
					.set = all[i].set };
			}
		}
	schema_routines_free(all, count);
	return oid;
}

static int
emit_delete(struct translator *t, uint32_t oid)
{
	return translate_emit_format(t,
	    "DELETE FROM public.bibd_routine_arguments WHERE routine = %u;\n"
	    "DELETE FROM public.bibd_routines WHERE oid = %u;\n",
	    oid, oid);
}

static int
emit_routine(struct translator *t, const struct reading *reading, uint32_t oid)
{
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

static int
check_replaced(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, const struct reading *reading,
    const struct schema_routine *old, const char *what)
{
	if (!stmt->replace)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_FUNCTION,
		    "function \"%s\" already exists with same argument types", reading->name);
	if ((old->kind == 'p') != reading->procedure)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot change routine kind");
	if (old->result == reading->result && old->set == reading->set)
		return 0;
	translate_fail(t, -1, SQLSTATE_INVALID_FUNCTION_DEFINITION, "cannot change return type of existing function");
	report_hint(t->report, "Use DROP FUNCTION %s first.", what);
	return -1;
}

static int
emit_create(struct translator *t, const PgQuery__CreateFunctionStmt *stmt, const struct reading *reading)
{
	uint32_t types[ROUTINE_ARGUMENTS_MAX] = { 0 }, oid;
	struct schema_routine old = { 0 };
	const char *what;
	unsigned n = 0;

	for (unsigned i = 0; i < reading->narguments; i++)
		if (reading->arguments[i].mode == 'i' || reading->arguments[i].mode == 'b')
			types[n++] = reading->arguments[i].oid;
	if ((what = identity(t, reading->name, types, n)) == NULL || translate_emit(t, SCHEMA_ROUTINE_TABLES) < 0)
		return -1;
	if ((oid = find_same(t, reading->name, types, n, &old)) != 0) {
		if (check_replaced(t, stmt, reading, &old, what) < 0 || emit_delete(t, oid) < 0)
			return -1;
	} else
		oid = catalog_object_oid("public", what);
	return emit_routine(t, reading, oid);
}

static int
keep_for_check(struct translator *t, const struct reading *reading)
{
	struct dialect_plan *plan = t->plan;

	plan->own = true;
	plan->kind = DIALECT_CREATE_ROUTINE;
	plan->u.routine.set = reading->set;
	plan->u.routine.result = reading->result;
	plan->u.routine.body = translator_plan_copy(t, reading->body);
	plan->u.routine.name = translator_plan_copy(t, reading->name);
	plan->u.routine.language = translator_plan_copy(t, reading->language);
	return plan->u.routine.body == NULL || plan->u.routine.name == NULL || plan->u.routine.language == NULL ? -1
														: 0;
}

int
define_create_function(struct translator *t, const PgQuery__CreateFunctionStmt *stmt)
{
	struct reading reading = { .procedure = stmt->is_procedure, .volatility = 'v' };

	t->plan->tag = stmt->is_procedure ? "CREATE PROCEDURE" : "CREATE FUNCTION";
	/* Until it is whole it is none: what was read is the plan's to free. */
	t->plan->kind = DIALECT_CREATE_ROUTINE;
	if ((reading.name = read_name(t, stmt->funcname, stmt->n_funcname)) == NULL ||
	    read_arguments(t, stmt, &reading) < 0 || settle_result(t, stmt, &reading) < 0 ||
	    read_options(t, stmt, &reading) < 0)
		return -1;
	if (function_fact_by_name(reading.name) != NULL || function_is_set(reading.name))
		return translate_refuse(t, -1, "a function with the name of one that is built in");
	if (keep_for_check(t, &reading) < 0 || emit_create(t, stmt, &reading) < 0)
		return -1;
	return translate_finish(t, DIALECT_CREATE_ROUTINE, t->plan->tag);
}

/* ---- DROP FUNCTION, PROCEDURE, ROUTINE ---- */

static int
missing(struct translator *t, const PgQuery__DropStmt *stmt, const char *what, const char *word)
{
	if (stmt->missing_ok)
		return define_add_notice(t, "%s %s does not exist, skipping", word, what);
	return translate_fail(t, -1, SQLSTATE_UNDEFINED_FUNCTION, "%s %s does not exist", word, what);
}

/* Without a list of arguments the name must be that of one alone. */
static int
find_by_name(struct translator *t, const PgQuery__DropStmt *stmt, const char *name, const char *word, uint32_t *oid,
    char *kind)
{
	unsigned n;
	struct schema_routine *all = schema_routines(schema_database(t->schema), name, &n);
	bool any = strcmp(word, "routine") == 0;
	unsigned fit = 0;
	int status = 0;

	*oid = 0;
	for (unsigned i = 0; i < n; i++)
		if (any || (all[i].kind == 'p') == (strcmp(word, "procedure") == 0)) {
			*oid = all[i].oid;
			*kind = all[i].kind;
			fit++;
		}
	schema_routines_free(all, n);
	if (fit > 1)
		status = translate_fail(t, -1, SQLSTATE_AMBIGUOUS_FUNCTION, "%s name \"%s\" is not unique", word, name);
	else if (fit == 0)
		status = stmt->missing_ok ? define_add_notice(t, "%s %s() does not exist, skipping", word, name)
					  : translate_fail(t, -1, SQLSTATE_UNDEFINED_FUNCTION,
						"could not find a %s named \"%s\"", word, name);
	return status;
}

static int
drop_one(struct translator *t, const PgQuery__DropStmt *stmt, const PgQuery__ObjectWithArgs *object, const char *word)
{
	const char *name = read_name(t, object->objname, object->n_objname), *what;
	uint32_t types[ROUTINE_ARGUMENTS_MAX] = { 0 }, oid = 0;
	struct schema_routine found = { .kind = 'f' };
	unsigned n = 0;

	if (name == NULL)
		return -1;
	if (object->n_objargs > ROUTINE_ARGUMENTS_MAX)
		return translate_fail(t, -1, SQLSTATE_TOO_MANY_ARGUMENTS,
		    "functions cannot have more than 100 arguments");
	for (size_t i = 0; i < object->n_objargs && !object->args_unspecified; i++) {
		const struct type *type;
		int32_t typmod;

		if (translate_type_name(t, object->objargs[i]->type_name, &type, &types[n++], &typmod, NULL) < 0)
			return -1;
	}
	if (object->args_unspecified) {
		if (find_by_name(t, stmt, name, word, &oid, &found.kind) < 0)
			return -1;
	} else {
		if ((what = identity(t, name, types, n)) == NULL)
			return -1;
		if ((oid = find_same(t, name, types, n, &found)) == 0)
			return missing(t, stmt, what, word);
	}
	if (oid == 0)
		return 0;
	if (strcmp(word, "routine") != 0 && (found.kind == 'p') != (strcmp(word, "procedure") == 0))
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "%s is not a %s", name, word);
	return emit_delete(t, oid);
}

int
define_drop_function(struct translator *t, const PgQuery__DropStmt *stmt)
{
	static const struct {
		PgQuery__ObjectType object;
		const char *word, *tag;
	} kinds[] = {
		{ PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION, "function", "DROP FUNCTION" },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE, "procedure", "DROP PROCEDURE" },
		{ PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE, "routine", "DROP ROUTINE" },
	};
	size_t kind = 0;

	while (kind < 2 && kinds[kind].object != stmt->remove_type)
		kind++;
	t->plan->tag = kinds[kind].tag;
	t->plan->own = true;
	for (size_t i = 0; i < stmt->n_objects; i++)
		if (drop_one(t, stmt, stmt->objects[i]->object_with_args, kinds[kind].word) < 0)
			return -1;
	return t->out.length == 0 ? 0 : translate_emit(t, SCHEMA_ROUTINE_CHANGED);
}
