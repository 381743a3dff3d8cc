/*
 * CREATE, ALTER and DROP EXTENSION. One that is there is a row of bibd's own, and its functions are rows like those of
 * the file's own functions, in a language that nobody can write: so they come and go with it, and what calls them keeps
 * them.
 */
#include <string.h>

#include "workers/sqlite/analyze/extensions.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/type.h"
#include "workers/sqlite/schema/extension.h"

/* ---- CREATE ---- */

static int
fail_unavailable(struct translator *t, const char *name)
{
	const char *all = "plpgsql";

	for (size_t i = 0; all != NULL && extension_by_index(i) != NULL; i++)
		all = translator_format(t, "%s, %s", all, extension_by_index(i)->name);
	(void)translate_refuse(t, -1, translator_format(t, "extension \"%s\"", name));
	report_hint(t->report, "There are %s.", all == NULL ? "" : all);
	return -1;
}

static int
check_option(struct translator *t, const struct extension_fact *extension, const PgQuery__DefElem *option)
{
	const char *value = option->arg == NULL ? "" : translate_string(option->arg);

	if (strcmp(option->defname, "cascade") == 0 || value == NULL)
		return 0;
	if (strcmp(option->defname, "schema") == 0 && strcmp(value, "public") != 0)
		return translate_refuse(t, -1, "an extension in another schema than public");
	if (strcmp(option->defname, "new_version") == 0 && strcmp(value, extension->version) != 0)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "extension \"%s\" has no installation script nor update path for version \"%s\"", extension->name,
		    value);
	return 0;
}

static int
emit_member(struct translator *t, const struct extension_member *member)
{
	const char *what = routine_identity(t, member->name, member->arguments, member->narguments);
	const char *names = member->names == NULL ? "" : member->names;
	uint32_t oid;

	if (what == NULL)
		return -1;
	if (routine_find_same(t, member->name, member->arguments, member->narguments, NULL) != 0)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_FUNCTION,
		    "function \"%s\" already exists with same argument types", member->name);
	oid = routine_new_oid(t, what);
	translate_emit_format(t,
	    "INSERT INTO public.bibd_routine_options(routine, name, position, value) VALUES (%u, '%s', 1, '%s');\n"
	    "INSERT INTO public.bibd_routines(oid, name, kind, language, volatility, strict, returns_set, result, "
	    "body) VALUES (%u, '%s', 'f', '%s', '%c', 1, 0, %u, '%s');\n",
	    oid, SCHEMA_ROUTINE_EXTENSION, member->extension, oid, member->name, SCHEMA_ROUTINE_NATIVE,
	    member->volatility, member->result, member->computed ? member->name : "");
	for (unsigned i = 0; i < member->narguments; i++) {
		translate_emit_format(t,
		    "INSERT INTO public.bibd_routine_arguments(routine, position, mode, name, type) VALUES (%u, %u, "
		    "'i', '%.*s', %u);\n",
		    oid, i + 1, (int)strcspn(names, ","), names, member->arguments[i]);
		names += strcspn(names, ",");
		names += *names == ',';
	}
	return translate_emit(t, "");
}

static int
emit_extension(struct translator *t, const struct extension_fact *extension)
{
	const struct extension_member *member;

	if (translate_emit(t, SCHEMA_ROUTINE_TABLES SCHEMA_EXTENSION_TABLE) < 0)
		return -1;
	translate_emit_format(t, "INSERT INTO public.bibd_extensions(name, version) VALUES ('%s', '%s');\n",
	    extension->name, extension->version);
	for (size_t i = 0; (member = extension_member_by_index(i)) != NULL; i++)
		if (strcmp(member->extension, extension->name) == 0 && emit_member(t, member) < 0)
			return -1;
	return translate_emit(t, SCHEMA_ROUTINE_CHANGED);
}

int
define_create_extension(struct translator *t, const PgQuery__CreateExtensionStmt *stmt)
{
	const struct extension_fact *extension = extension_by_name(stmt->extname);

	if (strcmp(stmt->extname, "plpgsql") == 0 || schema_extension_has(schema_database(t->schema), stmt->extname))
		return stmt->if_not_exists
		    ? define_add_notice(t, "extension \"%s\" already exists, skipping", stmt->extname)
		    : translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT, "extension \"%s\" already exists",
			  stmt->extname);
	if (extension == NULL)
		return fail_unavailable(t, stmt->extname);
	for (size_t i = 0; i < stmt->n_options; i++)
		if (check_option(t, extension, stmt->options[i]->def_elem) < 0)
			return -1;
	t->plan->own = true;
	return emit_extension(t, extension);
}

/* ---- DROP ---- */

static int
drop_members(struct translator *t, const char *name, bool cascade)
{
	unsigned n;
	struct schema_routine *all = schema_routines(schema_database(t->schema), NULL, &n);
	int status = 0;

	for (unsigned i = 0; status == 0 && i < n; i++) {
		const char *of = schema_routine_option(&all[i], SCHEMA_ROUTINE_EXTENSION);
		const char *what;

		if (of == NULL || strcmp(of, name) != 0)
			continue;
		if ((what = translator_format(t, "%s of extension %s", all[i].name, name)) == NULL ||
		    routine_release(t, all[i].oid, what, cascade) < 0)
			status = -1;
		else
			status = routine_emit_delete(t, all[i].oid);
	}
	schema_routines_free(all, n);
	return status;
}

/* What stands in SQLite's text of whatever uses an extension's types and operator classes. */
static const struct {
	const char *extension, *text;
} marks[] = {
	{ "citext", "pg_citext" }, /* its collation, and that of its arrays */
	{ "citext", "1879048184" },
	{ "citext", "1879048185" },
	{ "pg_trgm", "gin_trgm_ops" },
	{ "pg_trgm", "gist_trgm_ops" },
};
_Static_assert(TYPE_CITEXT == 1879048184, "marks have its OID");

static bool
uses(const char *sql, const char *extension)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strcmp(marks[i].extension, extension) == 0 && strstr(sql, marks[i].text) != NULL)
			return true;
	return false;
}

static int
fail_used(struct translator *t, const char *name, bool cascade)
{
	if (cascade)
		return translate_refuse(t, -1,
		    "DROP EXTENSION ... CASCADE with what uses its types or operator classes");
	(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop extension %s because other objects depend on it", name);
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}

/* In one of SQLite's databases. */
static int
check_users(struct translator *t, const char *database, const char *name, bool cascade)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), database, NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++)
		if (objects.items[i].sql != NULL && uses(objects.items[i].sql, name))
			result = fail_used(t, name, cascade);
	schema_objects_free(&objects);
	return result;
}

static int
check_used(struct translator *t, const char *name, bool cascade)
{
	if (check_users(t, "public", name, cascade) < 0 || check_users(t, "temp", name, cascade) < 0)
		return -1;
	if (strcmp(name, "citext") != 0 || define_check_type_routines(t, TYPE_CITEXT) == 0)
		return 0;
	return t->report->state == SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST ? fail_used(t, name, cascade) : -1;
}

static int
drop_one(struct translator *t, const PgQuery__DropStmt *stmt, const char *name)
{
	bool cascade = stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;

	if (strcmp(name, "plpgsql") == 0)
		return translate_refuse(t, -1, "DROP EXTENSION plpgsql");
	if (!schema_extension_has(schema_database(t->schema), name))
		return stmt->missing_ok
		    ? define_add_notice(t, "extension \"%s\" does not exist, skipping", name)
		    : translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "extension \"%s\" does not exist", name);
	t->plan->own = true;
	if (check_used(t, name, cascade) < 0 || drop_members(t, name, cascade) < 0)
		return -1;
	translate_emit(t, "DELETE FROM public.bibd_extensions WHERE name = ");
	translate_emit_string(t, name);
	return translate_emit(t, ";\n");
}

int
define_drop_extension(struct translator *t, const PgQuery__DropStmt *stmt)
{
	t->plan->tag = "DROP EXTENSION";
	for (size_t i = 0; i < stmt->n_objects; i++)
		if (drop_one(t, stmt, translate_string(stmt->objects[i])) < 0)
			return -1;
	return t->out.length == 0 ? 0 : translate_emit(t, SCHEMA_ROUTINE_CHANGED);
}

/* ---- ALTER ... UPDATE ---- */

int
define_alter_extension(struct translator *t, const PgQuery__AlterExtensionStmt *stmt)
{
	const struct extension_fact *extension = extension_by_name(stmt->extname);
	const char *version = extension == NULL ? "1.0" : extension->version;

	if (strcmp(stmt->extname, "plpgsql") != 0 && !schema_extension_has(schema_database(t->schema), stmt->extname))
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "extension \"%s\" does not exist",
		    stmt->extname);
	for (size_t i = 0; i < stmt->n_options; i++) {
		const PgQuery__DefElem *option = stmt->options[i]->def_elem;
		const char *wanted = option->arg == NULL ? NULL : translate_string(option->arg);

		if (wanted != NULL && strcmp(wanted, version) != 0)
			return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "extension \"%s\" has no update path from version \"%s\" to version \"%s\"", stmt->extname,
			    version, wanted);
	}
	return define_add_notice(t, "version \"%s\" of extension \"%s\" is already installed", version, stmt->extname);
}
