/*
 * CREATE FUNCTION and PROCEDURE: rows of bibd's own tables. The body is looked at by who runs the
 * statement (session/routine_call.c), before anything is written.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/dialect/define/routine_reading.h"

/* OIDs from here on are those of the file's own objects. */
#define FIRST_OWN_OID 16384

/* ---- the name ---- */

/* Where a function may not be. */
static int
check_schema(struct translator *t, const char *schema)
{
	if (strcmp(schema, "public") == 0 || schema_has_own(t->schema, schema))
		return 0;
	if (strncmp(schema, "pg_temp", strlen("pg_temp")) == 0)
		return translate_refuse(t, -1, "a temporary function");
	if (!schema_has_namespace(t->schema, schema))
		return translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", schema);
	return translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied for schema %s", schema);
}

const char *
routine_name(struct translator *t, PgQuery__Node *const *names, size_t n)
{
	const char *schema = n > 1 ? translate_string(names[n - 2]) : NULL;

	if (schema != NULL && check_schema(t, schema) == -1)
		return NULL;
	return translate_own_name(t, names, n);
}

/* Of one that is made. */
static const char *
new_name(struct translator *t, PgQuery__Node *const *names, size_t n)
{
	const char *schema = n > 1 ? translate_string(names[n - 2]) : NULL, *name = translate_last_string(names, n);
	struct schema_place place;

	if (schema == NULL && !schema_place_to_create(t->schema, &place)) {
		(void)translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "no schema has been selected to create in");
		return NULL;
	}
	if (routine_is_built_in(name)) {
		(void)translate_refuse(t, -1, "a function with the name of one that is built in");
		return NULL;
	}
	schema = schema == NULL ? place.schema : schema;
	return check_schema(t, schema) == -1 ? NULL : translate_stored_name(t, schema, name);
}

/* ---- options ---- */

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
		while (at < reading->narguments && !routine_is_input(reading->arguments[at].mode))
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
uint32_t
routine_new_oid(struct translator *t, const char *what)
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
		if (routine_is_input(reading->arguments[i].mode))
			types[n++] = reading->arguments[i].oid;
	if ((what = routine_identity(t, reading->name, types, n)) == NULL ||
	    translate_emit(t, SCHEMA_ROUTINE_TABLES) < 0)
		return -1;
	if ((oid = routine_find_same(t, reading->name, types, n, &old)) == 0)
		return emit_routine(t, reading, routine_new_oid(t, what));
	status = check_replaced(t, stmt, reading, &old, what);
	schema_routine_clear(&old);
	return status < 0 || routine_emit_delete(t, oid) < 0 ? -1 : emit_routine(t, reading, oid);
}

/* Puts the settings of the SET clauses into the plan. */
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
	if ((reading.name = new_name(t, stmt->funcname, stmt->n_funcname)) == NULL ||
	    routine_read_arguments(t, stmt, &reading) < 0 || routine_settle_result(t, stmt, &reading) < 0 ||
	    routine_check_outs(t, &reading) < 0 || routine_read_options(t, stmt, &reading) < 0 ||
	    check_trigger(t, &reading) < 0)
		return -1;
	if (keep_for_check(t, &reading) < 0 || emit_create(t, stmt, &reading) < 0)
		return -1;
	return translate_finish(t, DIALECT_CREATE_ROUTINE, t->plan->tag);
}
