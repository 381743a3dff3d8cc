/*
 * pg_description, from the file's comments, and what else is kept beside them: each row is joined with the catalog's
 * own, so that there is none of what is not there.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/schema/comment.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/type.h"

#define ATTRIBUTE "UPDATE pg_catalog.pg_attribute SET "
#define OF_ATTRIBUTE " WHERE attrelid = ?1 AND attname = ?3"
#define DESCRIPTION "INSERT INTO pg_catalog.pg_description (objoid, classoid, objsubid, description) SELECT "

/* ?1: the number that the object has or is, ?2: its text, ?3: the part, ?4: the comment. */
static const struct {
	enum schema_comment_kind kind;
	const char *sql;
} descriptions[] = {
	{ COMMENT_RELATION, DESCRIPTION "oid, 1259, 0, ?4 FROM pg_catalog.pg_class WHERE oid = ?1" },
	{ COMMENT_KEY, DESCRIPTION "oid, 1259, 0, ?4 FROM pg_catalog.pg_class WHERE oid = ?1" },
	{ COMMENT_COLUMN,
	    DESCRIPTION
	    "attrelid, 1259, attnum, ?4 FROM pg_catalog.pg_attribute WHERE attrelid = ?1 AND attname = ?3" },
	{ COMMENT_CONSTRAINT,
	    DESCRIPTION "oid, 2606, 0, ?4 FROM pg_catalog.pg_constraint WHERE conrelid = ?1 AND conname = ?3" },
	{ COMMENT_DOMAIN_CONSTRAINT,
	    DESCRIPTION "oid, 2606, 0, ?4 FROM pg_catalog.pg_constraint WHERE contypid = ?1 AND conname = ?3" },
	{ COMMENT_TRIGGER,
	    DESCRIPTION "oid, 2620, 0, ?4 FROM pg_catalog.pg_trigger WHERE tgrelid = ?1 AND tgname = ?3" },
	{ COMMENT_TYPE, DESCRIPTION "oid, 1247, 0, ?4 FROM pg_catalog.pg_type WHERE oid = ?1" },
	{ COMMENT_ROUTINE, DESCRIPTION "oid, 1255, 0, ?4 FROM pg_catalog.pg_proc WHERE oid = ?1" },
	{ COMMENT_SCHEMA, DESCRIPTION "oid, 2615, 0, ?4 FROM pg_catalog.pg_namespace WHERE nspname || char(31) = ?2" },
	{ COMMENT_PUBLIC, DESCRIPTION "oid, 2615, 0, ?4 FROM pg_catalog.pg_namespace WHERE nspname = ?2" },
	{ COMMENT_EXTENSION, DESCRIPTION "oid, 3079, 0, ?4 FROM pg_catalog.pg_extension WHERE extname = ?2" },
	{ COMMENT_OPTIONS, "UPDATE pg_catalog.pg_class SET reloptions = ?4 WHERE oid = ?1" },
	{ COMMENT_STATISTICS, ATTRIBUTE "attstattarget = CAST(?4 AS INTEGER)" OF_ATTRIBUTE },
	{ COMMENT_STORAGE, ATTRIBUTE "attstorage = ?4" OF_ATTRIBUTE },
	{ COMMENT_COLUMN_OPTIONS, ATTRIBUTE "attoptions = ?4" OF_ATTRIBUTE },
	{ COMMENT_COLLATION, ATTRIBUTE "attcollation = CAST(?4 AS INTEGER)" OF_ATTRIBUTE },
	{ COMMENT_INDEX_STATISTICS,
	    ATTRIBUTE "attstattarget = CAST(?4 AS INTEGER) WHERE attrelid = ?1 AND attnum = CAST(?3 AS INTEGER)" },
	{ COMMENT_CLUSTERED, "UPDATE pg_catalog.pg_index SET indisclustered = 1 WHERE indexrelid = ?1" },
	{ COMMENT_REPLICA_INDEX, "UPDATE pg_catalog.pg_index SET indisreplident = 1 WHERE indexrelid = ?1" },
	{ COMMENT_REPLICA, "UPDATE pg_catalog.pg_class SET relreplident = ?4 WHERE oid = ?1" },
};

static int64_t
number_of(char kind, const char *object, const char *part)
{
	char *stored;
	int64_t oid;

	switch (kind) {
	case COMMENT_CLUSTERED:
	case COMMENT_REPLICA_INDEX:
		if (*part == '\0')
			return (int64_t)catalog_object_oid("public", object);
		/* fall through */
	case COMMENT_KEY:
		stored = namespace_beside(object, part);
		oid = stored == NULL ? 0 : (int64_t)catalog_object_oid("public", stored);
		free(stored);
		return oid;
	case COMMENT_TYPE:
	case COMMENT_DOMAIN_CONSTRAINT:
		return strncmp(object, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) != 0
		    ? 0
		    : (int64_t)strtoul(object + strlen(SCHEMA_TYPE_PREFIX), NULL, 10);
	case COMMENT_ROUTINE:
		return (int64_t)strtoul(object, NULL, 10);
	default:
		return (int64_t)catalog_object_oid("public", object);
	}
}

static void
put(struct fill *fill, const char *sql, int64_t number, const char *object, const char *part, const char *comment)
{
	sqlite3_stmt *stmt = NULL;

	fill->rc = sqlite3_prepare_v2(fill->db, sql, -1, &stmt, NULL);
	if (fill->rc != SQLITE_OK)
		return;
	(void)sqlite3_bind_int64(stmt, 1, number);
	(void)sqlite3_bind_text(stmt, 2, object, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_text(stmt, 3, part, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_text(stmt, 4, comment, -1, SQLITE_TRANSIENT);
	(void)sqlite3_step(stmt);
	fill->rc = sqlite3_finalize(stmt);
}

/* In place of what stands there by itself. */
static void
take_away(struct fill *fill, char kind)
{
	if (kind == COMMENT_PUBLIC)
		fill_run(fill, "DELETE FROM pg_catalog.pg_description WHERE classoid = 2615 AND objoid = 2200");
	else if (kind == COMMENT_EXTENSION)
		fill_run(fill, "DELETE FROM pg_catalog.pg_description WHERE classoid = 3079");
}

static void
put_row(struct fill *fill, sqlite3_stmt *row)
{
	const char *kind = (const char *)sqlite3_column_text(row, 0),
		   *object = (const char *)sqlite3_column_text(row, 1);
	const char *part = (const char *)sqlite3_column_text(row, 2),
		   *comment = (const char *)sqlite3_column_text(row, 3);

	if (kind == NULL || object == NULL || part == NULL)
		return;
	take_away(fill, *kind);
	for (size_t i = 0;
	     comment != NULL && fill->rc == SQLITE_OK && i < sizeof(descriptions) / sizeof(descriptions[0]); i++)
		if ((char)descriptions[i].kind == *kind)
			put(fill, descriptions[i].sql, number_of(*kind, object, part), object, part, comment);
}

void
fill_comments(struct fill *fill)
{
	struct schema_object found;
	sqlite3_stmt *rows = NULL;
	int code, any;

	fill_run(fill,
	    "DELETE FROM pg_catalog.pg_description WHERE classoid NOT IN (3600, 3601, 3602, 3764);"
	    "INSERT INTO pg_catalog.pg_description (objoid, classoid, objsubid, "
	    "description) VALUES (2200, 2615, 0, 'standard public schema'), "
	    "(13566, 3079, 0, 'PL/pgSQL procedural language'), (13567, 2612, 0, 'PL/pgSQL procedural language'), "
	    "(2, 2601, 0, 'heap table access method'), (403, 2601, 0, 'b-tree index access method'), "
	    "(405, 2601, 0, 'hash index access method'), (783, 2601, 0, 'GiST index access method'), "
	    "(2742, 2601, 0, 'GIN index access method'), (4000, 2601, 0, 'SP-GiST index access method'), "
	    "(3580, 2601, 0, 'block range index (BRIN) access method')");
	if (fill->rc != SQLITE_OK || (any = schema_seek_object(fill->db, "public", SCHEMA_COMMENTS, &found)) == 0)
		return;
	if (any == -1) {
		fill->rc = SQLITE_NOMEM;
		return;
	}
	schema_object_free(&found);
	fill->rc = sqlite3_prepare_v2(fill->db,
	    "SELECT kind, object, part, comment FROM public." SCHEMA_COMMENTS " ORDER BY kind, object, part", -1, &rows,
	    NULL);
	while (fill->rc == SQLITE_OK && (code = sqlite3_step(rows)) != SQLITE_DONE)
		if (code == SQLITE_ROW)
			put_row(fill, rows);
		else
			fill->rc = code;
	(void)sqlite3_finalize(rows);
}
