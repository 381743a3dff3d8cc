/*
 * The list of all relations, kept beside the catalog's tables and filled with them, so that one is found by its OID or
 * name without taking every definition of the file apart. It is asked only while it is as new as the file's schema.
 */
#include "workers/sqlite/catalog/directory.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"

#define DIRECTORY "pg_catalog.bibd_directory"

static bool
put_relation(void *arg, const struct catalog_relation *relation)
{
	const char kind[] = { relation->kind, '\0' };

	fill_row(arg, DIRECTORY " (oid, schema, name, stored, beside, kind)", "isssss", (int64_t)relation->oid,
	    relation->schema, relation->name, relation->stored, relation->table, kind);
	return false;
}

void
directory_fill(struct fill *fill)
{
	fill_run(fill,
	    "CREATE TABLE IF NOT EXISTS " DIRECTORY " (oid, schema, name, stored, beside, kind);"
	    "CREATE INDEX IF NOT EXISTS pg_catalog.bibd_directory_oid ON bibd_directory (oid);"
	    "CREATE INDEX IF NOT EXISTS pg_catalog.bibd_directory_name ON bibd_directory (name);"
	    "DELETE FROM " DIRECTORY);
	(void)catalog_each_relation(fill->db, put_relation, fill);
}

static const char *
column(sqlite3_stmt *stmt, int i)
{
	const char *text = (const char *)sqlite3_column_text(stmt, i);

	return text == NULL ? "" : text;
}

/* -1: it can't be asked. */
static int
look(sqlite3 *db, const char *name, uint32_t oid, bool (*each)(void *arg, const struct catalog_relation *relation),
    void *arg)
{
	sqlite3_stmt *stmt = NULL;
	bool done = false;
	int code = sqlite3_prepare_v2(db,
	    name != NULL
		? "SELECT oid, schema, name, stored, beside, kind FROM " DIRECTORY " WHERE name = ?1 ORDER BY rowid"
		: "SELECT oid, schema, name, stored, beside, kind FROM " DIRECTORY " WHERE oid = ?1 ORDER BY rowid",
	    -1, &stmt, NULL);

	if (code == SQLITE_OK)
		code = name != NULL ? sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC)
				    : sqlite3_bind_int64(stmt, 1, oid);
	while (!done && code == SQLITE_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct catalog_relation relation = { .oid = (uint32_t)sqlite3_column_int64(stmt, 0),
			.schema = column(stmt, 1),
			.name = column(stmt, 2),
			.stored = column(stmt, 3),
			.table = column(stmt, 4),
			.kind = column(stmt, 5)[0] };

		done = each(arg, &relation);
		code = SQLITE_OK;
	}
	(void)sqlite3_finalize(stmt);
	return done || code == SQLITE_DONE ? 0 : -1;
}

int
directory_each(sqlite3 *db, bool *internal, const char *name, uint32_t oid,
    bool (*each)(void *arg, const struct catalog_relation *relation), void *arg)
{
	bool before = *internal;
	int result;

	*internal = true;
	result = catalog_is_fresh(db) ? look(db, name, oid, each, arg) : -1;
	*internal = before;
	return result;
}

uint32_t
directory_constrained(sqlite3 *db, bool *internal, uint32_t oid)
{
	static const char sql[] = "SELECT conrelid FROM pg_catalog.pg_constraint WHERE oid = ?1";
	bool before = *internal;
	sqlite3_stmt *stmt = NULL;
	uint32_t relation = 0;

	*internal = true;
	if (catalog_is_fresh(db) && sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(stmt, 1, oid) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		relation = (uint32_t)sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	*internal = before;
	return relation;
}
