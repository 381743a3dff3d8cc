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

/* What a comment is about, and what object and part are then. */
enum schema_comment_kind {
	COMMENT_RELATION = 'r',		 /* its stored name */
	COMMENT_COLUMN = 'a',		 /* the relation's, and the column */
	COMMENT_KEY = 'k',		 /* the table's, and the constraint whose index it is */
	COMMENT_CONSTRAINT = 'c',	 /* the table's, and the constraint */
	COMMENT_TRIGGER = 'g',		 /* the relation's, and the trigger */
	COMMENT_TYPE = 't',		 /* that of the type's view (type.h) */
	COMMENT_DOMAIN_CONSTRAINT = 'd', /* that of the domain's view, and the constraint */
	COMMENT_ROUTINE = 'f',		 /* its OID */
	COMMENT_SCHEMA = 'n',		 /* its mark (names.h) */
	COMMENT_PUBLIC = 'p',		 /* "public"; without a comment, the standard one is gone */
	COMMENT_EXTENSION = 'e',	 /* its name */
};
/* Those whose object is a relation, or the mark of a schema. */
#define COMMENT_KINDS_OF_NAMES "'r', 'a', 'k', 'c', 'g', 'n'"
/* Those whose object is not listed in SQLite's schema. */
#define COMMENT_KINDS_UNLISTED "'f', 'p', 'e'"

#endif
