/*
 * ALTER FUNCTION, PROCEDURE and ROUTINE: what is said of one in its tables is changed; its OID, by which views call it,
 * stays.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/schema/names.h"

/* ---- one action ---- */

static int
set_option(struct translator *t, uint32_t oid, const char *name, const char *value)
{
	translate_emit_format(t, "DELETE FROM public.bibd_routine_options WHERE routine = %u AND name = '%s';\n", oid,
	    name);
	if (value == NULL)
		return translate_emit(t, "");
	translate_emit_format(t, "INSERT INTO public.bibd_routine_options VALUES (%u, '%s', 0, ", oid, name);
	translate_emit_string(t, value);
	return translate_emit(t, ");\n");
}

/* A setting by its name; NULL: all of them. */
static int
drop_setting(struct translator *t, uint32_t oid, const char *name)
{
	translate_emit_format(t, "DELETE FROM public.bibd_routine_options WHERE routine = %u AND name = '%s'", oid,
	    SCHEMA_ROUTINE_SET);
	if (name != NULL) {
		translate_emit(t, " AND substr(value, 1, instr(value, '=') - 1) = ");
		translate_emit_string(t, routine_setting_name(name));
	}
	return translate_emit(t, ";\n");
}

static int
alter_setting(struct translator *t, uint32_t oid, const PgQuery__DefElem *action)
{
	const PgQuery__VariableSetStmt *stmt =
	    action->arg->node_case == PG_QUERY__NODE__NODE_VARIABLE_SET_STMT ? action->arg->variable_set_stmt : NULL;
	const char *text;

	if (stmt == NULL)
		return translate_refuse(t, action->location, "this SET of a function");
	if (stmt->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL)
		return drop_setting(t, oid, NULL);
	if (stmt->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET ||
	    stmt->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT)
		return drop_setting(t, oid, stmt->name);
	if ((text = routine_setting(t, action)) == NULL || drop_setting(t, oid, stmt->name) < 0)
		return -1;
	translate_emit_format(t,
	    "INSERT INTO public.bibd_routine_options SELECT %u, '%s', coalesce(max(position), 0) + 1, ", oid,
	    SCHEMA_ROUTINE_SET);
	translate_emit_string(t, text);
	return translate_emit_format(t, " FROM public.bibd_routine_options WHERE routine = %u AND name = '%s';\n", oid,
	    SCHEMA_ROUTINE_SET);
}

static int
alter_volatility(struct translator *t, uint32_t oid, const PgQuery__DefElem *action)
{
	const char *word = translate_string(action->arg);

	return translate_emit_format(t, "UPDATE public.bibd_routines SET volatility = '%c' WHERE oid = %u;\n",
	    word == NULL ? 'v' : word[0], oid);
}

static bool
is_true(const PgQuery__DefElem *action)
{
	return action->arg == NULL || action->arg->node_case != PG_QUERY__NODE__NODE_BOOLEAN ||
	    action->arg->boolean->boolval;
}

static int
alter_strict(struct translator *t, uint32_t oid, const PgQuery__DefElem *action)
{
	return translate_emit_format(t, "UPDATE public.bibd_routines SET strict = %d WHERE oid = %u;\n",
	    is_true(action), oid);
}

static int
alter_security(struct translator *t, uint32_t oid, const PgQuery__DefElem *action)
{
	return set_option(t, oid, SCHEMA_ROUTINE_DEFINER, is_true(action) ? "" : NULL);
}

static int
alter_leakproof(struct translator *t, uint32_t oid, const PgQuery__DefElem *action)
{
	return set_option(t, oid, SCHEMA_ROUTINE_LEAKPROOF, is_true(action) ? "" : NULL);
}

static int
alter_parallel(struct translator *t, uint32_t oid, const PgQuery__DefElem *action)
{
	const char *word = translate_string(action->arg);

	return set_option(t, oid, SCHEMA_ROUTINE_PARALLEL, translator_format(t, "%c", word == NULL ? 'u' : word[0]));
}

static int
alter_estimate(struct translator *t, uint32_t oid, const PgQuery__DefElem *action)
{
	const char *text = action->arg->node_case == PG_QUERY__NODE__NODE_INTEGER
	    ? translator_format(t, "%d", action->arg->integer->ival)
	    : action->arg->node_case == PG_QUERY__NODE__NODE_FLOAT ? action->arg->float_->fval
								   : "0";

	if (text == NULL)
		return -1;
	if (!(strtod(text, NULL) > 0))
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "%s must be positive",
		    strcmp(action->defname, "cost") == 0 ? "COST" : "ROWS");
	return set_option(t, oid, strcmp(action->defname, "cost") == 0 ? SCHEMA_ROUTINE_COST : SCHEMA_ROUTINE_ROWS,
	    text);
}

static const struct {
	const char *name;
	int (*alter)(struct translator *t, uint32_t oid, const PgQuery__DefElem *action);
} actions[] = {
	{ "volatility", alter_volatility },
	{ "strict", alter_strict },
	{ "security", alter_security },
	{ "leakproof", alter_leakproof },
	{ "parallel", alter_parallel },
	{ "cost", alter_estimate },
	{ "rows", alter_estimate },
	{ "set", alter_setting },
};

/* ---- the statements ---- */

static const char *
word_of(PgQuery__ObjectType type)
{
	return type == PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE ? "procedure"
	    : type == PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE    ? "routine"
							       : "function";
}

static const char *
tag_of(PgQuery__ObjectType type)
{
	return type == PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE ? "ALTER PROCEDURE"
	    : type == PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE    ? "ALTER ROUTINE"
							       : "ALTER FUNCTION";
}

int
define_alter_function(struct translator *t, const PgQuery__AlterFunctionStmt *stmt)
{
	struct schema_routine found;
	const char *what;
	uint32_t oid;
	int status;

	t->plan->tag = tag_of(stmt->objtype);
	t->plan->own = true;
	if ((status = routine_find(t, stmt->func, word_of(stmt->objtype), false, &found, &what)) != 1)
		return status;
	oid = found.oid;
	schema_routine_clear(&found);
	/* One that was made by an older bibd has no table of options yet. */
	status = translate_emit(t, SCHEMA_ROUTINE_TABLES);
	for (size_t i = 0; status == 0 && i < stmt->n_actions; i++) {
		const PgQuery__DefElem *action = stmt->actions[i]->def_elem;
		size_t kind = 0;

		while (kind < sizeof(actions) / sizeof(actions[0]) && strcmp(actions[kind].name, action->defname) != 0)
			kind++;
		status = kind == sizeof(actions) / sizeof(actions[0])
		    ? translate_refuse(t, action->location, "this option of a function")
		    : actions[kind].alter(t, oid, action);
	}
	return status < 0 ? -1 : translate_emit(t, SCHEMA_ROUTINE_CHANGED);
}

/* Gives it another stored name, if no other one has it with the same inputs. */
static int
rename_to(struct translator *t, struct schema_routine *found, const char *stored)
{
	uint32_t types[ROUTINE_ARGUMENTS_MAX] = { 0 }, oid = found->oid, other;
	char schema[NAMESPACE_BYTES];
	unsigned n = 0;

	for (unsigned i = 0; i < found->narguments && n < ROUTINE_ARGUMENTS_MAX; i++)
		if (schema_argument_is_in(&found->arguments[i]))
			types[n++] = found->arguments[i].oid;
	schema_routine_clear(found);
	if (stored == NULL)
		return -1;
	other = routine_find_same(t, stored, types, n, found);
	schema_routine_clear(found);
	namespace_of(stored, schema);
	if (other != 0)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_FUNCTION, "function %s already exists in schema \"%s\"",
		    routine_identity(t, stored, types, n), schema);
	translate_emit(t, "UPDATE public.bibd_routines SET name = ");
	translate_emit_string(t, stored);
	translate_emit_format(t, " WHERE oid = %u;\n", oid);
	return translate_emit(t, SCHEMA_ROUTINE_CHANGED);
}

int
define_rename_function(struct translator *t, const PgQuery__RenameStmt *stmt)
{
	struct schema_routine found;
	const char *what;
	char schema[NAMESPACE_BYTES];
	int status;

	t->plan->tag = tag_of(stmt->rename_type);
	t->plan->own = true;
	if ((status = routine_find(t, stmt->object->object_with_args, word_of(stmt->rename_type), false, &found,
		 &what)) != 1)
		return status;
	if (routine_is_built_in(stmt->newname)) {
		schema_routine_clear(&found);
		return translate_refuse(t, -1, "a function with the name of one that is built in");
	}
	namespace_of(found.name, schema);
	return rename_to(t, &found, translate_stored_name(t, schema, stmt->newname));
}

int
define_move_function(struct translator *t, const PgQuery__AlterObjectSchemaStmt *stmt)
{
	struct schema_routine found;
	const char *what;
	char schema[NAMESPACE_BYTES];
	int status;

	t->plan->tag = tag_of(stmt->object_type);
	t->plan->own = true;
	if ((status = routine_find(t, stmt->object->object_with_args, word_of(stmt->object_type), false, &found,
		 &what)) != 1)
		return status;
	namespace_of(found.name, schema);
	if (strcmp(stmt->newschema, "public") == 0 || schema_has_own(t->schema, stmt->newschema)) {
		if (strcmp(schema, stmt->newschema) != 0)
			return rename_to(t, &found,
			    translate_stored_name(t, stmt->newschema, namespace_relation(found.name)));
		schema_routine_clear(&found);
		return translate_emit(t, "");
	}
	schema_routine_clear(&found);
	return schema_has_namespace(t->schema, stmt->newschema)
	    ? translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot move objects into this schema")
	    : translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", stmt->newschema);
}
