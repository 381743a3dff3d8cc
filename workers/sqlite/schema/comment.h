/*
 * What COMMENT ON said: rows of bibd_comments, which come, change and go with the DDL of what they are about. An object
 * is named as the file has it, and not by its OID, which is made from its name: what renames it renames it here. Who
 * changes them also changes SQLite's schema cookie (SCHEMA_ROUTINE_CHANGED), by which the catalog knows.
 */
#ifndef BIBD_SQLITE_SCHEMA_COMMENT_H
#define BIBD_SQLITE_SCHEMA_COMMENT_H

#define SCHEMA_COMMENTS "bibd_comments"
#define SCHEMA_COMMENT_TABLE \
	"CREATE TABLE IF NOT EXISTS public." SCHEMA_COMMENTS "(kind TEXT NOT NULL, object TEXT NOT NULL, " \
	"part TEXT NOT NULL, comment TEXT, PRIMARY KEY(kind, object, part)) WITHOUT ROWID;\n"

/* What a comment is about, and what the texts `object` and `part` hold then. */
enum schema_comment_kind {
	COMMENT_RELATION = 'r',		 /* object: the relation's stored name */
	COMMENT_COLUMN = 'a',		 /* the relation's stored name, and the column */
	COMMENT_KEY = 'k',		 /* the table's stored name, and the constraint that made the index */
	COMMENT_CONSTRAINT = 'c',	 /* the table's stored name, and the constraint */
	COMMENT_TRIGGER = 'g',		 /* the relation's stored name, and the trigger */
	COMMENT_TYPE = 't',		 /* the name of the type's view (type.h) */
	COMMENT_DOMAIN_CONSTRAINT = 'd', /* the name of the domain's view, and the constraint */
	COMMENT_ROUTINE = 'f',		 /* the routine's OID */
	COMMENT_SCHEMA = 'n',		 /* the schema's mark (names.h) */
	/* "public"; a row without a comment says that the standard comment was taken away */
	COMMENT_PUBLIC = 'p',
	COMMENT_EXTENSION = 'e', /* the extension's name */
	/* What follows is no comment, but is kept in the same table, for the catalog to show
	 * (dialect/define/parameter.h). */
	COMMENT_OPTIONS = 'o', /* the stored name of a table or index; pg_class.reloptions */
	/* the index's stored name, and a column that it includes; the comment is the column's place */
	COMMENT_INCLUDED = 'i',
	COMMENT_STATISTICS = 's',	/* the table's stored name, and the column; pg_attribute.attstattarget */
	COMMENT_STORAGE = 'w',		/* the same; pg_attribute.attstorage */
	COMMENT_COLUMN_OPTIONS = 'q',	/* the same; pg_attribute.attoptions */
	COMMENT_COLLATION = 'l',	/* the same; pg_attribute.attcollation */
	COMMENT_INDEX_STATISTICS = 'x', /* the index's stored name, and the number of its column; attstattarget */
	/* The index's stored name and "", or what COMMENT_KEY has; pg_index.indisclustered, indisreplident
	 * (dialect/define/mark.h). */
	COMMENT_CLUSTERED = 'u',
	COMMENT_REPLICA_INDEX = 'v',
	COMMENT_REPLICA = 'y', /* the table's stored name; pg_class.relreplident */
};
/* The kinds whose object is a relation, or the mark of a schema. */
#define COMMENT_KINDS_OF_NAMES "'r', 'a', 'k', 'c', 'g', 'n', 'o', 'i', 's', 'w', 'q', 'l', 'x', 'u', 'v', 'y'"
/* The kinds that are dropped and renamed with a column. */
#define COMMENT_KINDS_OF_COLUMNS "'a', 's', 'w', 'q', 'l'"
/* The kinds that are dropped and renamed with a key. */
#define COMMENT_KINDS_OF_KEYS "'k', 'u', 'v'"
/* The kinds whose object is not listed in sqlite_schema. */
#define COMMENT_KINDS_UNLISTED "'f', 'p', 'e'"

#endif
