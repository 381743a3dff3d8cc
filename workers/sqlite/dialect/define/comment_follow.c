/*
 * Writes what becomes of comments when their objects are renamed or dropped.
 */
#include "workers/sqlite/dialect/define/comment.h"

#include <stdlib.h>
#include <string.h>

static bool
exists(struct translator *t, const char *table)
{
	struct schema_object found;

	if (!schema_find_object(schema_database(t->schema), "public", table, &found))
		return false;
	schema_object_free(&found);
	return true;
}

static bool
has_comments(struct translator *t)
{
	return exists(t, SCHEMA_COMMENTS);
}

static int
emit_where(struct translator *t, enum schema_comment_kind kind, const char *object, const char *part)
{
	translate_emit_format(t, " WHERE kind = '%c' AND object = ", (char)kind);
	translate_emit_string(t, object);
	translate_emit(t, " AND part = ");
	translate_emit_string(t, part);
	return translate_emit(t, ";\n");
}

int
comment_rename(struct translator *t, const char *old, const char *name)
{
	if (!has_comments(t))
		return 0;
	translate_emit(t, "UPDATE OR REPLACE public." SCHEMA_COMMENTS " SET object = ");
	translate_emit_string(t, name);
	translate_emit(t, " WHERE kind IN (" COMMENT_KINDS_OF_NAMES ") AND object = ");
	translate_emit_string(t, old);
	return translate_emit(t, ";\n");
}

int
comment_rename_part(struct translator *t, enum schema_comment_kind kind, const char *object, const char *old,
    const char *name)
{
	if (!has_comments(t))
		return 0;
	translate_emit(t, "UPDATE OR REPLACE public." SCHEMA_COMMENTS " SET part = ");
	translate_emit_string(t, name);
	return emit_where(t, kind, object, old);
}

int
comment_drop(struct translator *t, enum schema_comment_kind kind, const char *object, const char *part)
{
	if (!has_comments(t))
		return 0;
	translate_emit(t, "DELETE FROM public." SCHEMA_COMMENTS);
	return emit_where(t, kind, object, part);
}

/* A column that is filled from nothing is a new one, whatever it is called. */
static bool
keeps_column(const struct define_rebuild *rebuild, const char *name)
{
	for (unsigned i = 0; i < rebuild->after.ncolumns; i++)
		if (strcmp(rebuild->after.columns[i].name, name) == 0)
			return i >= rebuild->nsources || rebuild->sources[i] != NULL;
	return false;
}

int
comment_drop_rebuilt(struct translator *t, const struct define_rebuild *rebuild)
{
	const char *table = rebuild->table->name;
	int result = 0;

	if (strcmp(rebuild->table->schema, "public") != 0 || !has_comments(t))
		return 0;
	for (unsigned i = 0; result == 0 && i < rebuild->before.ncolumns; i++)
		if (!keeps_column(rebuild, rebuild->before.columns[i].name))
			result = comment_drop(t, COMMENT_COLUMN, table, rebuild->before.columns[i].name);
	for (unsigned i = 0; result == 0 && i < rebuild->before.nconstraints; i++) {
		const char *name = rebuild->before.constraints[i].name;

		if (name != NULL && definition_find_constraint(&rebuild->after, name) == NULL)
			result = comment_drop(t, COMMENT_CONSTRAINT, table, name) == -1
			    ? -1
			    : comment_drop(t, COMMENT_KEY, table, name);
	}
	for (unsigned i = 0; result == 0 && i < rebuild->dropped_indexes.count; i++)
		result = comment_drop(t, COMMENT_RELATION, rebuild->dropped_indexes.names[i], "");
	return result;
}

int
comment_sweep(struct translator *t)
{
	if (!has_comments(t))
		return 0;
	/* Routines and triggers are rows of tables that only what drops one may read. */
	if (t->plan->own && exists(t, "bibd_routines"))
		translate_emit(t,
		    "DELETE FROM public." SCHEMA_COMMENTS " WHERE kind = 'f' AND object NOT IN "
		    "(SELECT CAST(oid AS TEXT) FROM public.bibd_routines);\n");
	if ((t->plan->own || t->plan->triggers) && exists(t, "bibd_triggers"))
		translate_emit(t,
		    "DELETE FROM public." SCHEMA_COMMENTS " WHERE kind = 'g' AND NOT EXISTS (SELECT 1 FROM "
		    "public.bibd_triggers AS x WHERE x.relation = object AND x.name = part);\n");
	return translate_emit(t,
	    "DELETE FROM public." SCHEMA_COMMENTS " WHERE kind NOT IN (" COMMENT_KINDS_UNLISTED
	    ") AND object NOT IN (SELECT name FROM public.sqlite_schema);\n");
}

/* ---- LIKE ---- */

/* Whether the statement, of the table's stored name, finds a row. */
static bool
finds(struct translator *t, const char *sql, const char *table)
{
	sqlite3_stmt *stmt = NULL;
	bool any = true;

	if (sqlite3_prepare_v2(schema_database(t->schema), sql, -1, &stmt, NULL) == SQLITE_OK) {
		(void)sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
		any = sqlite3_step(stmt) == SQLITE_ROW;
	}
	(void)sqlite3_finalize(stmt);
	return any;
}

/* part NULL: all of that kind. */
static int
emit_copied(struct translator *t, enum schema_comment_kind kind, const char *from, const char *name, const char *part)
{
	translate_emit_format(t, "INSERT OR REPLACE INTO public." SCHEMA_COMMENTS " SELECT '%c', ", (char)kind);
	translate_emit_string(t, name);
	translate_emit_format(t,
	    ", part, comment FROM public." SCHEMA_COMMENTS " WHERE kind = '%c' AND object = ", (char)kind);
	translate_emit_string(t, from);
	if (part != NULL) {
		translate_emit(t, " AND part = ");
		translate_emit_string(t, part);
	}
	return translate_emit(t, ";\n");
}

static int
copy_checks(struct translator *t, const struct schema_table *from, const char *name)
{
	struct definition d;
	int result = 0;

	if (from->kind != 'r' || definition_parse(from->sql, &d) == -1)
		return 0;
	for (unsigned i = 0; result == 0 && i < d.nconstraints; i++)
		if (d.constraints[i].kind == DEFINITION_CHECK && d.constraints[i].name != NULL)
			result = emit_copied(t, COMMENT_CONSTRAINT, from->name, name, d.constraints[i].name);
	definition_free(&d);
	return result;
}

int
comment_copy(struct translator *t, const struct schema_table *from, const char *schema, const char *name, bool checks,
    bool indexes)
{
	static const char any[] = "SELECT 1 FROM public." SCHEMA_COMMENTS " WHERE object = ?1 AND kind IN ('a', 'c')";
	static const char of_index[] =
	    "SELECT 1 FROM public." SCHEMA_COMMENTS " WHERE (kind = 'k' AND object = ?1) OR (kind = 'r' AND object IN "
	    "(SELECT name FROM public.sqlite_schema WHERE type = 'index' AND tbl_name = ?1))";

	if (strcmp(from->schema, "public") != 0 || !has_comments(t))
		return 0;
	if (indexes && finds(t, of_index, from->name))
		return translate_refuse(t, -1, "INCLUDING COMMENTS of an index");
	if (!finds(t, any, from->name))
		return 0;
	if (strcmp(schema, "public") != 0)
		return translate_refuse(t, -1, "INCLUDING COMMENTS in a temporary table");
	if (emit_copied(t, COMMENT_COLUMN, from->name, name, NULL) == -1)
		return -1;
	return checks ? copy_checks(t, from, name) : 0;
}
