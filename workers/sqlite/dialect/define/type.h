/*
 * Private to the files that define types: enums, domains and rows.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_TYPE_H
#define BIBD_SQLITE_DIALECT_DEFINE_TYPE_H

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/type.h"

/* The name, without its schema, of a type that is made or changed. NULL: it is in a schema where that can't be, and
 * was reported. */
const char *define_type_name(struct translator *t, PgQuery__Node *const *names, size_t n);
/* 42710 for a name that a type or a relation has. */
int define_check_type_free(struct translator *t, const char *name);
/* define_begin_type() begins a new definition, define_load_type() reads the one that there is (42704). The caller
 * frees it with schema_type_free(), also after a failure. */
int define_begin_type(struct translator *t, PgQuery__Node *const *names, size_t n, enum type_class class,
    struct schema_type *type);
int define_load_type(struct translator *t, PgQuery__Node *const *names, size_t n, struct schema_type *type);
/* Write the CREATE VIEW that holds the type, and the DROP VIEW. */
int define_emit_type(struct translator *t, const struct schema_type *type);
int define_drop_type_view(struct translator *t, uint32_t oid);
int define_rename_type(struct translator *t, const PgQuery__RenameStmt *stmt);
int define_rename_check(struct translator *t, const PgQuery__RenameStmt *stmt);
int define_drop_types(struct translator *t, const PgQuery__DropStmt *stmt);
bool define_mentions_type(const char *sql, uint32_t oid);
/* 2BP01 where a routine has an argument or a result of that type, or of arrays of it. */
int define_check_type_routines(struct translator *t, uint32_t oid);
/* drop_type.c: the types with all that uses them: domains over them, columns of tables, fields of row types, views. */
int define_drop_types_cascade(struct translator *t, const uint32_t *oids, size_t n);
/* alter_table.c: drops columns of a table, with what hangs on them. */
int define_drop_columns(struct translator *t, const struct schema_table *table, const struct definition_names *columns);
/* row_type.c: 0A000 for a row type of which values are kept somewhere. */
int define_check_row_unused(struct translator *t, const struct schema_type *type);
/* row_type.c: ALTER TYPE of a row type's attributes. */
int define_alter_row(struct translator *t, const PgQuery__AlterTableStmt *stmt);
int define_rename_field(struct translator *t, const PgQuery__RenameStmt *stmt);

#endif
