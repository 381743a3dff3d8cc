/*
 * Writes what becomes of comments when their objects are renamed or dropped.
 */
#include "workers/sqlite/dialect/define/comment.h"

#include <string.h>

static bool
exists(struct translator *t, const char *table)
{
	struct schema_object found;

	if (!schema_find_object(t->schema, "public", table, &found))
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
	if (kind == COMMENT_COLUMN)
		translate_emit(t, " WHERE kind IN (" COMMENT_KINDS_OF_COLUMNS ") AND object = ");
	else if (kind == COMMENT_KEY)
		translate_emit(t, " WHERE kind IN (" COMMENT_KINDS_OF_KEYS ") AND object = ");
	else
		translate_emit_format(t, " WHERE kind = '%c' AND object = ", (char)kind);
	translate_emit_string(t, object);
	translate_emit(t, " AND part = ");
	translate_emit_string(t, part);
	return translate_emit(t, ";\n");
}

/* Of an index it is the index's own. */
static int
rename_included(struct translator *t, const char *table, const char *old, const char *name)
{
	translate_emit(t, "UPDATE OR REPLACE public." SCHEMA_COMMENTS " SET part = ");
	translate_emit_string(t, name);
	translate_emit(t, " WHERE kind = 'i' AND part = ");
	translate_emit_string(t, old);
	translate_emit(t, " AND object IN (SELECT name FROM public.sqlite_schema WHERE type = 'index' AND tbl_name = ");
	translate_emit_string(t, table);
	return translate_emit(t, ");\n");
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
	if (emit_where(t, kind, object, old) == -1)
		return -1;
	return kind == COMMENT_COLUMN ? rename_included(t, object, old, name) : 0;
}

int
comment_drop(struct translator *t, enum schema_comment_kind kind, const char *object, const char *part)
{
	if (!has_comments(t))
		return 0;
	translate_emit(t, "DELETE FROM public." SCHEMA_COMMENTS);
	return emit_where(t, kind, object, part);
}

/* All that is kept of an index. */
static int
drop_all(struct translator *t, const char *index)
{
	translate_emit(t,
	    "DELETE FROM public." SCHEMA_COMMENTS " WHERE kind IN (" COMMENT_KINDS_OF_NAMES ") AND object = ");
	translate_emit_string(t, index);
	return translate_emit(t, ";\n");
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
		result = drop_all(t, rebuild->dropped_indexes.names[i]);
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

bool
comment_any(struct translator *t, const struct schema_table *table)
{
	static const char sql[] =
	    "SELECT 1 FROM public." SCHEMA_COMMENTS
	    " WHERE (object = ?1 AND kind IN ('a', 'c', 'k')) OR (kind = 'r' AND "
	    "object IN (SELECT name FROM public.sqlite_schema WHERE type = 'index' AND tbl_name = ?1))";
	sqlite3_stmt *stmt = NULL;
	bool any = true;

	if (strcmp(table->schema, "public") != 0 || !has_comments(t))
		return false;
	if (sqlite3_prepare_v2(schema_database(t->schema), sql, -1, &stmt, NULL) == SQLITE_OK) {
		(void)sqlite3_bind_text(stmt, 1, table->name, -1, SQLITE_STATIC);
		any = sqlite3_step(stmt) == SQLITE_ROW;
	}
	(void)sqlite3_finalize(stmt);
	return any;
}

int
comment_copy(struct translator *t, const struct comment_copied *copied)
{
	translate_emit_format(t, "INSERT OR REPLACE INTO public." SCHEMA_COMMENTS " SELECT '%c', ", (char)copied->kind);
	translate_emit_string(t, copied->name);
	translate_emit(t, ", ");
	if (copied->from_part == NULL)
		translate_emit(t, "part");
	else
		translate_emit_string(t, copied->part);
	translate_emit_format(t,
	    ", comment FROM public." SCHEMA_COMMENTS " WHERE kind = '%c' AND object = ", (char)copied->kind);
	translate_emit_string(t, copied->from);
	if (copied->from_part != NULL) {
		translate_emit(t, " AND part = ");
		translate_emit_string(t, copied->from_part);
	}
	return translate_emit(t, ";\n");
}
