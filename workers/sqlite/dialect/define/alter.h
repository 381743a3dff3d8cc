/*
 * Private to ALTER TABLE: one statement's state, and its commands.
 */
#ifndef BIBD_SQLITE_DIALECT_DEFINE_ALTER_H
#define BIBD_SQLITE_DIALECT_DEFINE_ALTER_H

#include "workers/sqlite/dialect/define/partition.h"

struct alter {
	struct translator *t;
	struct define_rebuild rebuild;
	bool native;			       /* so far SQLite has words for all of it, and they were written */
	bool changed;			       /* there is something to do */
	unsigned nconstraints;		       /* of the definition before a command */
	struct definition_names dropped_views; /* with what they read */
	struct definition_names retyped;       /* columns with a new type */
	struct define_partitions partitions;   /* of a table that is partitioned */
	const char *parameters;		       /* as a part of the statement has left them; NULL: none has */
	char *trailer;			       /* what follows a rebuild, or the native commands; NULL: nothing */
};

/* Each changes alter->rebuild.after and, while it can be said natively, writes that. */
int alter_add_column(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_drop_column(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_column_default(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_not_null(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_column_type(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_add_identity(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_set_identity(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_drop_identity(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_logged(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_add_constraint(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_drop_constraint(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_add_parent(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_drop_parent(struct alter *alter, const PgQuery__AlterTableCmd *command);

/* Views that read the table, of its own database. */
int alter_find_views(struct alter *alter, struct definition_names *views);
/* CASCADE takes a view along, and those that read it. "view", or what else it is. */
int alter_drop_view(struct alter *alter, const struct schema_table *view);
const char *alter_view_word(const struct schema_table *view);
/* The index of the column; UINT_MAX: there is none of that name. */
unsigned alter_column_index(const struct definition *d, const char *name);
/* The column a command names, or 42703. */
int alter_find_column(struct alter *alter, const char *name, unsigned *i);
/* Sequences that the column owns are dropped at the end; that of an identity column takes the column's new type. */
int alter_drop_sequences(struct alter *alter, const char *column, bool cascade);
int alter_identity_type(struct alter *alter, const struct definition_column *column, PgQuery__TypeName *type);
/* What was written since `from` is for the end of the script: a rebuild would write over it. */
int alter_move_to_trailer(struct alter *alter, size_t from);
/* Column i has a new type: its default and what it is generated of follow at once; checks, foreign keys and indexes
 * when the commands are done. */
int alter_retype(struct alter *alter, unsigned i);
int alter_retype_all(struct alter *alter);

/* alter_using.c: adds the key of ADD CONSTRAINT ... USING INDEX. */
int alter_add_using(struct alter *alter, const PgQuery__Constraint *wanted);

/* A key that other tables' foreign keys rely on stays: 2BP01, unless `cascade`, which is refused. */
int alter_check_key_use(struct alter *alter, const struct definition_constraint *key, bool cascade);

/* ---- alter_partition.c ---- */

/* What a table that is partitioned can't be made to do. */
int alter_check_partitioned(struct alter *alter, const PgQuery__AlterTableStmt *stmt);
/* Makes its partitions again, once the commands are done. */
int alter_make_partitions(struct alter *alter);
/* ALTER TABLE of a partition itself. */
int alter_partition(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table);
/* ATTACH PARTITION, DETACH PARTITION. */
int alter_attach(struct translator *t, const struct schema_table *table, const PgQuery__AlterTableCmd *command);
int alter_detach(struct translator *t, const struct schema_table *table, const PgQuery__PartitionCmd *command);

/* ---- alter_trigger.c ---- */

/* Whether the command enables or disables a trigger; *i: which of them. */
bool alter_is_switch(const PgQuery__AlterTableCmd *command, size_t *i);
int alter_switch_triggers(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table);

/* ---- alter_constraint.c ---- */

/* What is there always holds, but where it was not to be looked at: the rows are written anew then. */
int alter_validate(struct alter *alter, const PgQuery__AlterTableCmd *command);
int alter_deferral(struct alter *alter, const PgQuery__AlterTableCmd *command);

#endif
