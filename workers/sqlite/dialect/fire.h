/*
 * Private to the statements that change rows: those of a relation with triggers, or with children, which are changed
 * one by one (fire.c, fire_text.c).
 */
#ifndef BIBD_SQLITE_DIALECT_FIRE_H
#define BIBD_SQLITE_DIALECT_FIRE_H

#include "workers/sqlite/dialect/modify.h"
#include "workers/sqlite/dialect/partition.h"

/* The relation whose statement's triggers are fired, and the partitions below it that have rows: none where it has them
 * itself, or where no trigger is for rows. */
struct fire_parts {
	const char *relation;
	struct partition_tree tree;
	const char **leaves; /* [nleaves] */
	unsigned nleaves;
	bool rows; /* some trigger wants them one by one */
};

/* Rows are changed one by one. Texts live as long as the translator. */
struct modify_fire {
	const struct schema_table *table;	 /* the root, or a view with INSTEAD OF triggers */
	const struct schema_table *const *below; /* its children, whose rows are changed too; NULL: none */
	struct fire_parts *parts;		 /* in which partitions they are; NULL: in none */
	struct dialect_fire *plan;
	bool updates;		    /* ON CONFLICT DO UPDATE */
	bool answers;		    /* RETURNING is a text of its own */
	struct scope_range *joined; /* what it may name besides the changed table */
	const char **assigned;	    /* UPDATE: what SET has for each column; NULL: nothing */
	const char *returning;	    /* " RETURNING ...", NULL: none */
	const char *conflict;	    /* " ON CONFLICT ... DO NOTHING", NULL: none */
};

/* Whether an INSTEAD OF trigger does what the statement asks of the view. */
bool modify_is_instead(struct translator *t, const struct schema_table *view, enum modify_event event);
/* Looks for triggers of the target: t->plan->fire is set where there are some, and t->fire where some are for rows. */
int modify_fire_begin(struct translator *t, const struct schema_table *target, enum modify_event event, bool updates);
/* Whether the change is one of rows one by one, for triggers or children; nothing is reported. */
bool modify_fires_rows(struct translator *t, const PgQuery__RangeVar *relation, enum modify_event event);
/* Writes what the rows are found in, as modify_emit_target() does. */
int modify_fire_target(struct translator *t, const struct schema_table *table, const char *alias);
/* Writes ", column" for each column of what stands beside the target in FROM: RETURNING may name them. */
int modify_fire_keep(struct translator *t, const struct scope_range *range);
/* Makes what says in which partition a row is. */
int modify_fire_route(struct translator *t, const struct fire_parts *parts);
/* INSERT: the i-th column of the query is that one. */
void modify_fire_written(struct translator *t, unsigned i, const struct schema_column *column);
/* Takes the value that was written from start on for the column. */
int modify_fire_assign(struct translator *t, const struct schema_column *column, size_t start);
/* "SELECT rowid, ..." of UPDATE and DELETE, without its FROM. */
int modify_fire_select(struct translator *t, const char *alias, bool updates);
/* Takes RETURNING, which was written from start on. */
int modify_fire_returning(struct translator *t, size_t start);
/* ON CONFLICT DO UPDATE, all of SET taken: when another row is in the way, and whether it is to be changed. */
int modify_fire_met(struct translator *t, const char *alias, const char *match, const char *condition);
/* The statement's query is in t->out: makes the other texts. */
int modify_fire_finish(struct translator *t, const char *alias);

#endif
