/*
 * PostgreSQL's schemas in a file of SQLite, which has one name space. A relation of public bears its own name; one of
 * another schema is stored as the schema's name, NAMESPACE_SEPARATOR and its own name. No name that a client gives may
 * have that byte in it, so that no two relations share a stored name, and a stored name says all by itself. A schema
 * is there when the file has its mark: a view, named by the schema and the separator with nothing behind.
 */
#ifndef BIBD_SQLITE_SCHEMA_NAMESPACE_H
#define BIBD_SQLITE_SCHEMA_NAMESPACE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAMESPACE_SEPARATOR '\x1f'
#define NAMESPACE_SEPARATOR_TEXT "\x1f"
#define NAMESPACE_BYTES 64 /* bytes of a schema's name with its NUL */

/* The relation's own name: what stands behind the separator, or the whole name where there is none. Points into
 * `stored`. */
const char *namespace_relation(const char *stored);
/* The schema of a stored name; "public" where there is no separator. */
void namespace_of(const char *stored, char name[NAMESPACE_BYTES]);
/* The stored name of a relation of that schema (public, or one of the file's), and of a relation in the schema of
 * another stored name. malloc'ed; NULL: out of memory. */
char *namespace_stored(const char *schema, const char *relation);
char *namespace_beside(const char *stored, const char *relation);
/* Whether a stored name is the mark of a schema. */
bool namespace_is_mark(const char *stored);
/* Whether the file has that schema (public and the catalogs are no schemas of the file): 1, 0, or -1 where that could
 * not be read. */
int namespace_exists(sqlite3 *db, const char *schema);
/* Takes the schemas and separators out of a message that was made with stored names, in place. */
void namespace_show(char *message);

/* The OID that an object has by its kind, or schema, and its name. */
uint32_t namespace_number(const char *schema, const char *name);

#endif
