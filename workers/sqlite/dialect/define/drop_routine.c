/*
 * DROP FUNCTION, PROCEDURE and ROUTINE; and what depends on a function: whatever in the file calls it, by the OID in
 * SQLite's text.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/schema/names.h"

/* ---- what depends on it ---- */

/* As own_call.c and own_set.c write a call. */
static bool
calls(const char *sql, uint32_t oid)
{
	static const char *const starts[] = { "bibd_own(", "bibd_own_pure(", "bibd_own_writer(" };
	char *end;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		for (const char *at = sql; (at = strstr(at, starts[i])) != NULL;) {
			at += strlen(starts[i]);
			if (strtoul(at, &end, 10) == oid && end != at)
				return true;
		}
	for (const char *at = sql; (at = strstr(at, "'own', ")) != NULL;) {
		at += strlen("'own', ");
		(void)strtoul(at, &end, 10);
		if (end != at && strncmp(end, ", ", 2) == 0 && strtoul(end + 2, NULL, 10) == oid)
			return true;
	}
	return false;
}

static int
fail_dependents(struct translator *t, const struct schema_object *object, const char *what)
{
	translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop function %s because other objects depend on it", what);
	report_detail(t->report, "%s %s depends on function %s",
	    object->type == 'v'	      ? "view"
		: object->type == 'i' ? "index"
				      : "table",
	    namespace_relation(object->name), what);
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}

/* In one of SQLite's databases. */
static int
release_in(struct translator *t, const char *database, uint32_t oid, const char *what, bool cascade)
{
	struct definition_names views = { 0 };
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), database, NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];

		if (object->sql == NULL || !calls(object->sql, oid))
			continue;
		if (!cascade)
			result = fail_dependents(t, object, what);
		else if (object->type != 'v' || strcmp(database, "public") != 0 ||
		    strncmp(object->name, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) == 0)
			result = translate_refuse(t, -1, "DROP FUNCTION ... CASCADE with more than views that go");
		else if (definition_add_name(&views, object->name) == -1)
			result = translate_out_of_memory(t);
	}
	schema_objects_free(&objects);
	if (result == 0)
		result = define_drop_views(t, &views);
	definition_names_free(&views);
	return result;
}

int
routine_release(struct translator *t, uint32_t oid, const char *what, bool cascade)
{
	if (define_release_function(t, oid, what, cascade) < 0 || release_in(t, "public", oid, what, cascade) < 0)
		return -1;
	return release_in(t, "temp", oid, what, cascade);
}

/* "name(type)" */
static const char *
identity_of(struct translator *t, const struct schema_routine *routine)
{
	uint32_t types[ROUTINE_ARGUMENTS_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i < routine->narguments && n < ROUTINE_ARGUMENTS_MAX; i++)
		if (schema_argument_is_in(&routine->arguments[i]))
			types[n++] = routine->arguments[i].oid;
	return routine_identity(t, routine->name, types, n);
}

static int
release_from(struct translator *t, const struct schema_routine *routine, const char *kind, const char *name,
    bool cascade)
{
	const char *what = identity_of(t, routine);

	if (what == NULL)
		return -1;
	t->plan->own |= cascade;
	if (cascade)
		return routine_release(t, routine->oid, what, true) < 0 ? -1 : routine_emit_delete(t, routine->oid);
	translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop %s %s because other objects depend on it", kind, namespace_relation(name));
	report_detail(t->report, "function %s depends on type %s", what, namespace_relation(name));
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}

static bool
has_type(const struct schema_routine *routine, uint32_t oid)
{
	bool has = routine->result == oid || type_element(routine->result) == oid;

	for (unsigned i = 0; i < routine->narguments; i++)
		has |= routine->arguments[i].oid == oid || type_element(routine->arguments[i].oid) == oid;
	return has;
}

int
routine_release_type(struct translator *t, uint32_t oid, const char *name, bool cascade)
{
	struct schema_routine *all;
	int result = 0;
	unsigned n;

	all = schema_routines(schema_database(t->schema), NULL, &n);
	for (unsigned i = 0; result == 0 && i < n; i++)
		if (has_type(&all[i], oid))
			result = release_from(t, &all[i], "type", name, cascade);
	schema_routines_free(all, n);
	return result;
}

/* Calls `each` for the functions that return rows of the relation, until one fails. */
static int
each_of_rows(struct translator *t, const char *database, const char *name,
    int (*each)(struct translator *t, const struct schema_routine *routine, void *arg), void *arg)
{
	const char *relation = translator_format(t, "%s.%s", database, name);
	struct schema_routine *all;
	int result = 0;
	unsigned n;

	if (relation == NULL)
		return -1;
	all = schema_routines(schema_database(t->schema), NULL, &n);
	for (unsigned i = 0; result == 0 && i < n; i++) {
		const char *row = schema_routine_option(&all[i], SCHEMA_ROUTINE_ROW);

		if (row != NULL && strcmp(row, relation) == 0)
			result = each(t, &all[i], arg);
	}
	schema_routines_free(all, n);
	return result;
}

/* The relation that goes. */
struct released {
	const char *name;
	bool cascade;
};

static int
release_for_relation(struct translator *t, const struct schema_routine *routine, void *arg)
{
	const struct released *released = arg;

	return release_from(t, routine, "table", released->name, released->cascade);
}

int
routine_release_relation(struct translator *t, const char *database, const char *name, bool cascade)
{
	struct released released = { name, cascade };

	return each_of_rows(t, database, name, release_for_relation, &released);
}

/* ---- columns of rows that functions return ---- */

struct gone_column {
	const char *table, *column;
	bool cascade;
};

/* Whatever calls it and names the column depends on that; to what does not name it the function would now answer other
 * columns than it was made for. */
static int
check_callers(struct translator *t, const char *database, const struct schema_routine *routine,
    const struct gone_column *gone)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), database, NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];

		if (object->sql == NULL || !calls(object->sql, routine->oid))
			continue;
		if (gone->cascade || object->type != 'v' || !schema_text_names(object->sql, gone->column)) {
			result = translate_refuse(t, -1,
			    "DROP COLUMN of a table whose rows a function answers that others call");
			continue;
		}
		result = translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
		    "cannot drop column %s of table %s because other objects depend on it", gone->column, gone->table);
		report_detail(t->report, "view %s depends on column %s of table %s", namespace_relation(object->name),
		    gone->column, gone->table);
		report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	}
	schema_objects_free(&objects);
	return result;
}

static int
check_all_callers(struct translator *t, const struct schema_routine *routine, void *arg)
{
	return check_callers(t, "public", routine, arg) == -1 ? -1 : check_callers(t, "temp", routine, arg);
}

int
routine_check_row_column(struct translator *t, const char *database, const char *table, const char *column,
    bool cascade)
{
	struct gone_column gone = { table, column, cascade };

	return each_of_rows(t, database, table, check_all_callers, &gone);
}

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
	if ((*what = identity_of(t, found)) == NULL)
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
			status = (what = identity_of(t, &all[i])) == NULL ? -1 : each(arg, &all[i], what);
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

		if (object->sql == NULL || !calls(object->sql, oid) || has_name(tables, object->name) ||
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
