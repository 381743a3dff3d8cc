/*
 * DDL: the tree of one statement to a script of SQLite's, and what the files of this part share.
 *
 * A table is always written from a struct definition, and a change that SQLite's ALTER TABLE has no words for is a
 * rebuild: the definition is read back, changed and written again, the old table set aside under another name, the
 * rows copied, the old one dropped, indexes and triggers made again.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_H
#define BIBD_SQLITE_DIALECT_DEFINE_H

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/dialect/translate.h"
#include "workers/sqlite/schema/list.h"

/*
 * Each writes its script to t->out (t->lift is false and t->definition true on entry) and sets plan->target, notice,
 * rebuilds as needed. The table of statements (front.c) calls translate_finish with DIALECT_DEFINE and the tag unless
 * the function has set plan->tag and plan->kind itself (plan->kind is DIALECT_EMPTY on entry); plan->admin is set
 * before.
 */
int define_create_table(struct translator *t, const PgQuery__CreateStmt *stmt);
int define_create_table_as(struct translator *t, const PgQuery__CreateTableAsStmt *stmt);
/* Columns as the query of CREATE TABLE AS has them, under the names given. */
struct query_columns;
int define_columns_of_query(struct translator *t, struct definition *d, const PgQuery__IntoClause *into,
    const struct query_columns *columns);
/* ---- matview.c ---- */
int define_create_matview(struct translator *t, const PgQuery__CreateTableAsStmt *stmt);
int define_refresh_matview(struct translator *t, const PgQuery__RefreshMatViewStmt *stmt);
/* Drops one, which is of that stored name. */
int define_emit_drop_matview(struct translator *t, const char *name);
/* Its table has got another name: what belongs to it follows. */
int define_rename_matview(struct translator *t, const char *old, const char *name);
int define_alter_matview(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table);
/* SELECT ... INTO: a statement of its own kind to the parser, CREATE TABLE AS in what it does. It finishes the plan. */
int define_select_into(struct translator *t, const PgQuery__SelectStmt *stmt);
int define_alter_table(struct translator *t, const PgQuery__AlterTableStmt *stmt);
int define_rename(struct translator *t, const PgQuery__RenameStmt *stmt);
/* rename_sequence.c: its own part of that. */
int define_rename_sequence(struct translator *t, const struct schema_table *table, const char *name);
int define_drop(struct translator *t, const PgQuery__DropStmt *stmt);
int define_truncate(struct translator *t, const PgQuery__TruncateStmt *stmt);
int define_create_index(struct translator *t, const PgQuery__IndexStmt *stmt);
/* Whether the table has an index of that name: else 42704. */
int define_check_index_of(struct translator *t, const struct schema_table *table, const char *name);
/* Whether the index, told by its CREATE INDEX, has a condition. */
bool define_index_is_partial(const char *sql);
/* Writes that index of the table under the name, over the columns of d. */
int define_emit_index(struct translator *t, const PgQuery__IndexStmt *stmt, const struct schema_table *table,
    const struct definition *d, const char *name);
int define_create_view(struct translator *t, const PgQuery__ViewStmt *stmt);
int define_create_sequence(struct translator *t, const PgQuery__CreateSeqStmt *stmt);
int define_alter_sequence(struct translator *t, const PgQuery__AlterSeqStmt *stmt);
int define_create_schema(struct translator *t, const PgQuery__CreateSchemaStmt *stmt);
int define_rename_schema(struct translator *t, const PgQuery__RenameStmt *stmt);
int define_drop_database(struct translator *t, const PgQuery__DropdbStmt *stmt);
/* ---- grant.c ---- */
/* Whom a RoleSpec means: a role's number, or that of PUBLIC, and the name. -1: nobody, and it was reported. */
int define_find_role(struct translator *t, const PgQuery__RoleSpec *spec, const char **name);
int define_grant(struct translator *t, const PgQuery__GrantStmt *stmt);
int define_grant_role(struct translator *t, const PgQuery__GrantRoleStmt *stmt);
int define_default_privileges(struct translator *t, const PgQuery__AlterDefaultPrivilegesStmt *stmt);
int define_create_role(struct translator *t, const PgQuery__CreateRoleStmt *stmt);
int define_alter_role(struct translator *t, const PgQuery__AlterRoleStmt *stmt);
int define_drop_role(struct translator *t, const PgQuery__DropRoleStmt *stmt);
int define_set_schema(struct translator *t, const PgQuery__AlterObjectSchemaStmt *stmt);
int define_alter_owner(struct translator *t, const PgQuery__AlterOwnerStmt *stmt);
/* OWNER TO is accepted; a notice says where it changes nothing. */
int define_accept_owner(struct translator *t, const PgQuery__RoleSpec *owner);
int define_create_enum(struct translator *t, const PgQuery__CreateEnumStmt *stmt);
int define_create_row(struct translator *t, const PgQuery__CompositeTypeStmt *stmt);
int define_create_extension(struct translator *t, const PgQuery__CreateExtensionStmt *stmt);
int define_drop_extension(struct translator *t, const PgQuery__DropStmt *stmt);
int define_alter_extension(struct translator *t, const PgQuery__AlterExtensionStmt *stmt);
int define_alter_enum(struct translator *t, const PgQuery__AlterEnumStmt *stmt);
int define_create_domain(struct translator *t, const PgQuery__CreateDomainStmt *stmt);
int define_alter_domain(struct translator *t, const PgQuery__AlterDomainStmt *stmt);
int define_create_function(struct translator *t, const PgQuery__CreateFunctionStmt *stmt);
int define_drop_function(struct translator *t, const PgQuery__DropStmt *stmt);
int define_alter_function(struct translator *t, const PgQuery__AlterFunctionStmt *stmt);
int define_rename_function(struct translator *t, const PgQuery__RenameStmt *stmt);
int define_move_function(struct translator *t, const PgQuery__AlterObjectSchemaStmt *stmt);
int define_create_trigger(struct translator *t, const PgQuery__CreateTrigStmt *stmt);
int define_comment(struct translator *t, const PgQuery__CommentStmt *stmt);

/* ---- schema_elements.c ---- */
/* What CREATE SCHEMA makes in the new schema: statements that follow it. */
int define_schema_elements(struct translator *t, const PgQuery__CreateSchemaStmt *stmt, const char *schema);

/* ---- drop.c, schema.c ---- */

int define_drop_schema(struct translator *t, const PgQuery__DropStmt *stmt);
/* Writes the statement ("CREATE VIEW ", "DROP VIEW ") for the view that marks a schema in the file. */
int define_emit_schema_mark(struct translator *t, const char *statement, const char *schema);
/* drop_other.c: a kind of which nothing can be made here. */
int define_drop_other(struct translator *t, const PgQuery__DropStmt *stmt);
/* Drops views and tables of the file, and what depends on them, as CASCADE does. Takes the names of views over. */
int define_drop_relations(struct translator *t, const struct definition_names *tables, struct definition_names *views);

/* Drops the views of these names, and before them those that name them, whose names are added. */
int define_drop_views(struct translator *t, struct definition_names *views);

/* ---- rename.c ---- */

/* Renames a table, with all that refers to it, and makes a view or index again under another stored name; 42P07 where
 * that is taken. */
int define_rename_table(struct translator *t, const struct schema_table *table, const char *name);
int define_remake(struct translator *t, const char *schema, const struct schema_object *object, const char *name);

/* ---- carry_views.c ---- */

/* Views that read a relation of public's, or its column, which is about to have another name (and PostgreSQL's schema):
 * drops them, and notes the statements that make them again. Call before what renames it is written. 1: the text of one
 * is not known, and nothing was done. */
int define_carry_views(struct translator *t, const struct schema_table *table, const char *column, const char *schema,
    const char *name);
/* Whether a temporary view names it: 1, 0, -1. */
int define_is_read(struct translator *t, const char *name);
int define_rename_view_column(struct translator *t, const struct schema_table *view, const char *old, const char *name);

/* ---- view_uses.c ---- */

/* Whether a view reads that column of the table; where its text is not known, whether it names one called so. */
bool define_view_uses_column(struct translator *t, const struct schema_table *view, const struct schema_table *table,
    const char *column);
/* Whether its query is one only because the table's primary key determines the other columns. */
bool define_view_needs_key(struct translator *t, const struct schema_table *view, const struct schema_table *table);

/* ---- temporary.c ---- */

/* Whether it makes, changes or drops nothing but temporary objects, which are the session's own. */
bool define_is_temporary(struct translator *t, const PgQuery__Node *node);

/* ---- reindex.c ---- */

struct catalog_found;
/* The relation of any kind that a name means; catalog_found_free() takes it back. */
bool define_look_for_index(struct translator *t, const PgQuery__RangeVar *relation, struct catalog_found *index);
/* The index of that name, 42P01, or 42809 for what is none; likewise. */
int define_find_index(struct translator *t, const PgQuery__RangeVar *relation, struct catalog_found *index);
/* ALTER INDEX: it must be there, and what is said of its columns is PostgreSQL's error where it is one there. */
int define_check_index_columns(struct translator *t, const PgQuery__AlterTableStmt *stmt);

/* ---- define.c ---- */

/* Marks the plan as one for the role admin. Returns -1 with 42501 for a session that may not define. */
int define_as_admin(struct translator *t, const char *statement);
/* Where a new relation goes, "temp" or "public", and its stored name; the catalogs are 42501. */
int define_new_relation(struct translator *t, const PgQuery__RangeVar *relation, const char **schema,
    const char **name);
/* Whether the name is taken. *skip: it is, and the statement said IF NOT EXISTS: the notice was set. Otherwise taken is
 * 42P07. */
int define_check_free(struct translator *t, const char *schema, const char *name, bool if_not_exists, bool *skip);
/* The definition of a table that can be changed; the caller frees it. */
int define_load(struct translator *t, const struct schema_table *table, struct definition *d);
/* The same of what may have indexes: a materialized view too. */
int define_load_rows(struct translator *t, const struct schema_table *table, struct definition *d);
int define_set_target(struct translator *t, const char *name);
/* Adds a line to the plan's notice. */
int define_add_notice(struct translator *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same as a WARNING, which is sent in the extended protocol too; of plans of the kind DIALECT_ACCEPT. */
int define_add_warning(struct translator *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Takes away what was written to t->out since `from`, as a malloc'ed text. NULL: the report was set. */
char *define_take(struct translator *t, size_t from);
/* index.c: ALTER INDEX ... SET (...) and RESET (...). */
int define_alter_index_parameters(struct translator *t, const PgQuery__AlterTableStmt *stmt);
/* Writes "schema"."name". */
int define_emit_relation(struct translator *t, const char *schema, const char *name);
/* Writes CREATE TABLE and ";\n". */
int define_emit_table(struct translator *t, const struct definition *d, const char *schema, const char *name);
/* strdup that reports. */
char *define_copy(struct translator *t, const char *text);
/* The stored name of a relation that is to lie in the schema of another; malloc'ed. NULL: the report was set. */
char *define_copy_beside(struct translator *t, const char *stored, const char *relation);

/* ---- column.c, constraint.c: from the tree to a definition ---- */

/* What stands in a column's or table's definition but needs all columns to be known first. */
struct define_pending {
	const PgQuery__Constraint *constraint;
	unsigned column; /* that it was written on, or UINT_MAX */
	struct define_pending *next;
};
/* COLLATE of a column of that type: 42804 where it has none, else translate_check_collation(). */
int define_check_collation(struct translator *t, const PgQuery__ColumnDef *source, uint32_t oid);
/* Adds the column; what must wait is put in front of *pending. */
int define_add_column(struct translator *t, struct definition *d, const PgQuery__ColumnDef *column,
    struct define_pending **pending);
/* Whether DEFAULT with this expression leaves the column without one. */
bool define_is_no_default(const PgQuery__Node *node, const struct definition_column *column);
/* Whether PostgreSQL takes the index with its access method, which is not btree; and what it shows of an operator
 * class: "" for one that is there by default. */
int define_check_method(struct translator *t, const PgQuery__IndexStmt *stmt, const struct definition *d);
const char *define_method_class(const char *method, const char *class);
/* Whether the columns of a foreign key of d compare with those of the parent: else 42804. */
int define_check_key_types(struct translator *t, const struct definition *d, const struct definition *parent,
    const struct definition_constraint *c);
/* Changes when a foreign key is checked. */
int define_set_deferral(struct translator *t, struct definition_constraint *c, bool deferrable, bool deferred);
/* Makes a key DEFERRABLE. */
void define_set_late(struct definition_constraint *c, bool deferred);
/* The indexes of such keys, of a table that is there; anew: it has rows, of which two with one key are 23505. */
int define_emit_late(struct translator *t, const struct definition *d, const char *schema, const char *name, bool anew);
/* Adds one constraint; `column` as in define_pending. */
int define_add_constraint(struct translator *t, struct definition *d, const char *schema,
    const PgQuery__Constraint *constraint, unsigned column);
/* Gives a key PostgreSQL's own choice of a name. */
int define_name_key(struct translator *t, struct definition *d, struct definition_constraint *c);
/* All that is pending, in the order of the text. */
int define_resolve(struct translator *t, struct definition *d, const char *schema, struct define_pending *pending);
int define_queue(struct translator *t, struct define_pending **pending, const PgQuery__Constraint *constraint,
    unsigned column);
/* Types, declarations and marks that follow from the whole: rowid columns, sequences. Call last. */
int define_settle(struct translator *t, struct definition *d);
/* The definition as a table that expressions can name columns of; it lives as long as the translator. */
struct schema_table *define_scope_table(struct translator *t, const struct definition *d);
/* An expression over the columns of d, as SQLite's text: a condition, as it is, or brought to a column's type. It is
 * malloc'ed; NULL: failed. */
char *define_condition(struct translator *t, const struct definition *d, const PgQuery__Node *node, const char *clause);
char *define_expression(struct translator *t, const struct definition *d, const PgQuery__Node *node);
char *define_value(struct translator *t, const struct definition *d, const PgQuery__Node *node,
    const struct definition_column *column, bool sees_columns);
/* Puts PostgreSQL's own text of the node before SQLite's, which is malloc'ed and taken over; NULL stays NULL. d NULL:
 * it sees no columns; oid as deparse_expression() takes it. */
char *define_keep(struct translator *t, const struct definition *d, const PgQuery__Node *node, uint32_t oid,
    int32_t typmod, char *sql);
/* The same with texts that are known already; their plain one NULL: there are none. */
struct deparse_texts;
char *define_keep_texts(struct translator *t, const struct deparse_texts *texts, bool call, const char *options,
    char *sql);
/* Makes the column an identity column. */
int define_add_identity(struct translator *t, struct definition *d, unsigned i, const PgQuery__Constraint *constraint);
/* Sets a column's type and declaration. */
int define_set_type(struct translator *t, struct definition_column *column, uint32_t oid, int32_t typmod);
/* After that, of an array: how many dimensions the text says. */
int define_set_dimensions(struct translator *t, struct definition_column *column, size_t n);

/* ---- rebuild.c ---- */

/* One change of a table that is rebuilt. */
struct define_rebuild {
	const struct schema_table *table;
	struct definition before;
	struct definition after;
	char **sources; /* per column of `after`: what is copied into it; NULL: its default */
	bool *guarded;	/* per column: NULLs are refused while copying */
	unsigned nsources;
	struct definition_names dropped_indexes;
};
int define_rebuild_begin(struct translator *t, const struct schema_table *table, struct define_rebuild *rebuild);
/* Adds a column's source at the end; both may be NULL. Takes the text over. */
int define_rebuild_add_source(struct translator *t, struct define_rebuild *rebuild, char *source);
void define_rebuild_remove_source(struct define_rebuild *rebuild, unsigned i);
/* Writes the script, and sets plan->rebuilds. */
int define_rebuild_emit(struct translator *t, struct define_rebuild *rebuild);
void define_rebuild_free(struct define_rebuild *rebuild);

/* ---- in_use.c: tables that can't be changed yet ---- */

/* Fails with 55006 where a row of the transaction breaks a foreign key and one of the table's is deferred, and with
 * 0A000 where one that refers to it is. The command is what the message says. */
int define_check_in_use(struct translator *t, const struct schema_table *table, const char *command);

/* ---- depend.c: what refers to a table ---- */

/* Tables whose foreign keys refer to the table, views that name it: those not in `besides`. malloc'ed names. */
int define_find_children(struct translator *t, const char *table, const struct definition_names *besides,
    struct definition_names *children);
int define_find_views(struct translator *t, const char *name, const struct definition_names *besides,
    struct definition_names *views);
/* Likewise temporary views that read a relation of public or temp. */
int define_find_temporary_views(struct translator *t, const char *schema, const char *name,
    const struct definition_names *besides, struct definition_names *views);

/* ---- between constraint.c and foreign_key.c ---- */

/* "a_b" of a list of columns. malloc'ed. */
char *define_join_names(const struct definition_names *names);
/* The name given, or PostgreSQL's own choice; a number is added while it is taken. */
int define_choose_name(struct translator *t, struct definition *d, struct definition_constraint *c, const char *given,
    const char *columns, const char *label);
/* Adds those that a list names, or the one at `column` where there is no list; 42703 where d does not have one. */
int define_add_columns(struct translator *t, struct definition *d, struct definition_names *names,
    PgQuery__Node *const *keys, size_t nkeys, unsigned column);
int define_add_foreign_key(struct translator *t, struct definition *d, const char *schema,
    const PgQuery__Constraint *source, unsigned column);
/* The CHECK that holds MATCH FULL of several columns can't wait. */
int define_check_deferral(struct translator *t, const struct definition_constraint *c);

#endif
