/*
 * DROP FUNCTION, PROCEDURE and ROUTINE, and functions that go with their schema.
 */
#include <string.h>

#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/schema/names.h"

/* ---- DROP FUNCTION, PROCEDURE, ROUTINE ---- */

/* Without a list of arguments the name must be that of one alone. */
static int
find_by_name(struct translator *t, const char *name, const char *word, bool missing_ok, struct schema_routine *found)
{
	unsigned n;
	struct schema_routine *all = schema_routines(schema_database(t->schema), name, &n);
	bool any = strcmp(word, "routine") == 0;
	unsigned fit = 0, last = 0;

	for (unsigned i = 0; i < n; i++)
		if (any || (all[i].kind == 'p') == (strcmp(word, "procedure") == 0)) {
			last = i;
			fit++;
		}
	if (fit == 1) {
		*found = all[last];
		all[last] = (struct schema_routine) { 0 };
	}
	schema_routines_free(all, n);
	if (fit > 1)
		return translate_fail(t, -1, SQLSTATE_AMBIGUOUS_FUNCTION, "%s name \"%s\" is not unique", word, name);
	if (fit == 1)
		return 1;
	return missing_ok
	    ? define_add_notice(t, "%s %s() does not exist, skipping", word, name)
	    : translate_fail(t, -1, SQLSTATE_UNDEFINED_FUNCTION, "could not find a %s named \"%s\"", word, name);
}

static int
find_by_types(struct translator *t, const PgQuery__ObjectWithArgs *object, const char *name, const char *word,
    bool missing_ok, struct schema_routine *found)
{
	uint32_t types[ROUTINE_ARGUMENTS_MAX] = { 0 };
	const char *what;
	unsigned n = 0;

	if (object->n_objargs > ROUTINE_ARGUMENTS_MAX)
		return translate_fail(t, -1, SQLSTATE_TOO_MANY_ARGUMENTS,
		    "functions cannot have more than 100 arguments");
	for (size_t i = 0; i < object->n_objargs; i++) {
		const struct type *type;
		int32_t typmod;

		if ((types[n] = routine_polymorphic(object->objargs[i]->type_name)) == 0 &&
		    translate_type_name(t, object->objargs[i]->type_name, &type, &types[n], &typmod, NULL) < 0)
			return -1;
		n++;
	}
	if (routine_find_same(t, name, types, n, found) != 0)
		return 1;
	if ((what = routine_identity(t, name, types, n)) == NULL)
		return -1;
	return missing_ok ? define_add_notice(t, "%s %s does not exist, skipping", word, what)
			  : translate_fail(t, -1, SQLSTATE_UNDEFINED_FUNCTION, "%s %s does not exist", word, what);
}

int
routine_find(struct translator *t, const PgQuery__ObjectWithArgs *object, const char *word, bool missing_ok,
    struct schema_routine *found, const char **what)
{
	const char *schema = object->n_objname > 1 ? translate_string(object->objname[object->n_objname - 2]) : NULL,
		   *name;
	int status;

	*found = (struct schema_routine) { 0 };
	if (missing_ok && schema != NULL && !schema_has_namespace(t->schema, schema))
		return define_add_notice(t, "schema \"%s\" does not exist, skipping", schema) == -1 ? -1 : 0;
	if ((name = routine_name(t, object->objname, object->n_objname)) == NULL)
		return -1;
	status = object->args_unspecified ? find_by_name(t, name, word, missing_ok, found)
					  : find_by_types(t, object, name, word, missing_ok, found);
	if (status != 1)
		return status;
	if ((*what = routine_identity_of(t, found)) == NULL)
		status = -1;
	else if (strcmp(word, "routine") != 0 && (found->kind == 'p') != (strcmp(word, "procedure") == 0))
		status = translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "%s is not a %s", *what, word);
	if (status == -1)
		schema_routine_clear(found);
	return status;
}

static int
drop_one(struct translator *t, const PgQuery__DropStmt *stmt, const PgQuery__ObjectWithArgs *object, const char *word)
{
	struct schema_routine found;
	const char *what, *extension;
	uint32_t oid;
	int status = routine_find(t, object, word, stmt->missing_ok, &found, &what);

	if (status != 1)
		return status;
	oid = found.oid;
	extension = schema_routine_option(&found, SCHEMA_ROUTINE_EXTENSION);
	if (extension != NULL)
		(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
		    "cannot drop function %s because extension %s requires it", what, extension);
	schema_routine_clear(&found);
	if (extension != NULL ||
	    routine_release(t, oid, what, stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE) < 0)
		return -1;
	return routine_emit_delete(t, oid);
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

/* ---- with their schema ---- */

int
routine_each_of_schema(struct translator *t, const char *schema,
    int (*each)(void *arg, const struct schema_routine *routine, const char *what), void *arg)
{
	unsigned n;
	struct schema_routine *all = schema_routines(schema_database(t->schema), NULL, &n);
	int status = 0;

	for (unsigned i = 0; i < n && status == 0; i++) {
		char own[NAMESPACE_BYTES];
		const char *what;

		namespace_of(all[i].name, own);
		if (strcmp(own, schema) == 0)
			status = (what = routine_identity_of(t, &all[i])) == NULL ? -1 : each(arg, &all[i], what);
	}
	schema_routines_free(all, n);
	return status;
}

static bool
has_name(const struct definition_names *names, const char *name)
{
	for (unsigned i = 0; i < names->count; i++)
		if (strcmp(names->names[i], name) == 0)
			return true;
	return false;
}

/* Views that call it go with the schema, and so do tables of it. */
static int
add_callers(struct translator *t, const char *database, uint32_t oid, const struct definition_names *tables,
    struct definition_names *views)
{
	struct schema_objects objects;
	int status = 0;

	if (schema_list_objects(schema_database(t->schema), database, NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < objects.count && status == 0; i++) {
		const struct schema_object *object = &objects.items[i];

		if (object->sql == NULL || !routine_calls(object->sql, oid) || has_name(tables, object->name) ||
		    has_name(views, object->name))
			continue;
		if (object->type != 'v' || strcmp(database, "public") != 0 ||
		    strncmp(object->name, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) == 0)
			status = translate_refuse(t, -1,
			    "DROP SCHEMA ... CASCADE of a function with more than views that go");
		else if (definition_add_name(views, object->name) == -1)
			status = translate_out_of_memory(t);
	}
	schema_objects_free(&objects);
	return status;
}

int
routine_add_callers(struct translator *t, const struct schema_routine *routine, const struct definition_names *tables,
    struct definition_names *views)
{
	return add_callers(t, "public", routine->oid, tables, views) < 0 ||
		add_callers(t, "temp", routine->oid, tables, views) < 0
	    ? -1
	    : 0;
}

int
routine_drop_with_schema(struct translator *t, const struct schema_routine *routine, const char *what)
{
	t->plan->own = true;
	return define_release_function(t, routine->oid, what, true) < 0 ? -1 : routine_emit_delete(t, routine->oid);
}
