/*
 * What depends on a function, when it or what it is made of is dropped: whatever in the file calls it, by the OID in
 * SQLite's text.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/schema/names.h"

/* ---- what depends on it ---- */

bool
routine_calls(const char *sql, uint32_t oid)
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

		if (object->sql == NULL || !routine_calls(object->sql, oid))
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

const char *
routine_identity_of(struct translator *t, const struct schema_routine *routine)
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
	const char *what = routine_identity_of(t, routine);

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

		if (object->sql == NULL || !routine_calls(object->sql, routine->oid))
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
