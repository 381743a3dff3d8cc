/*
 * Statements that change a relation with triggers: the rows are found, changed one by one, and the triggers run before,
 * between and after, within the statement's transaction. An error undoes all of it, as any statement's does.
 */
#ifndef BIBD_SQLITE_SESSION_FIRE_H
#define BIBD_SQLITE_SESSION_FIRE_H

#include "workers/sqlite/routines/routines.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/session/fire_rows.h"
#include "workers/sqlite/session/session.h"

/* A trigger that may be fired. Its texts are copies, since what it runs may drop the trigger. */
struct fire_trigger {
	char *name;
	int type;
	char *condition; /* WHEN as "SELECT (...)"; NULL: none */
	char *arguments; /* the function's arguments as an array of text; NULL: none */
	unsigned narguments;
	char *old_table, *new_table; /* REFERENCING; NULL: none */
	bool clone;		     /* a partition has it from its parent */
	bool named;		     /* UPDATE OF names a column that is set, or there is no UPDATE OF */
	uint32_t function;
	struct routine *parsed; /* its function as it was parsed, once it was needed */
};

/* The rows that a statement has changed, for REFERENCING: those inserted, those updated as they were and as they
 * are, and those deleted. */
enum { FIRE_INSERTED, FIRE_UPDATED_OLD, FIRE_UPDATED_NEW, FIRE_DELETED, FIRE_TABLES };
struct fire_tables {
	bool wanted[FIRE_TABLES];
	struct fire_rows rows[FIRE_TABLES];
	unsigned ncolumns;
	struct dialect_column *columns; /* their names are the plan's */
};

/* fire_trigger.c: the triggers that one statement may fire, in the order of their names. */
struct fire_triggers {
	struct session *session;
	const struct fire_tables *tables; /* the rows of the statement's relation; NULL: no trigger has REFERENCING */
	unsigned n;
	struct fire_trigger *list;
	char *relation;		      /* its stored name */
	char schema[NAMESPACE_BYTES]; /* PostgreSQL's */
	uint32_t relid;
	struct fire_triggers *outer; /* those of the statement around this one */
};

/* Reads the triggers on that member that are on, for these events. -1: the report is filled; fire_triggers_free() is
 * needed either way. */
int fire_triggers_load(struct session *session, const struct dialect_fire *fire, unsigned member,
    struct fire_triggers *triggers, struct report *r);
void fire_triggers_free(struct fire_triggers *triggers);
/* Whether a statement with triggers is under way on the relation. */
bool fire_is_firing(const struct session *session, const char *relation);
/* Whether a trigger has all these bits of enum schema_trigger_type. */
bool fire_triggers_have(const struct fire_triggers *triggers, int types);
/* Notes which transition tables the triggers want. */
void fire_triggers_want(const struct fire_triggers *triggers, struct fire_tables *tables);
/* Whether the trigger is one for rows (or statements), for that time, and for that event. */
bool fire_trigger_is(const struct fire_trigger *trigger, bool row, int when, int event);
/* Whether the trigger's WHEN holds: 1, 0; -1: the report is filled. */
int fire_trigger_asks(struct fire_triggers *triggers, struct fire_trigger *trigger, int event,
    const struct routine_rows *old, const struct routine_rows *new, bool *holds, struct report *r);
/* Runs the trigger's function; `result` is what routine_fire() fills in. */
int fire_trigger_run(struct fire_triggers *triggers, struct fire_trigger *trigger, int event,
    const struct routine_rows *old, const struct routine_rows *new, struct routine_rows *result, struct report *r);
/* Fires the triggers for the statement at that time: their WHEN is asked, and what they return means nothing. */
int fire_triggers_statement(struct fire_triggers *triggers, int when, int event, struct report *r);

/* fire_truncate.c: runs the plan of a TRUNCATE as connection_define() does, and the triggers before and after it. */
int fire_truncate(struct session *session, const struct dialect_plan *plan, struct report *r);

/* ---- fire.c ---- */

/* For COPY: takes rows one by one, each when the statement, an INSERT, has the row as its parameters. *changed
 * counts those that were stored. fire_copy_end() fires what comes after; fire_copy_free() takes NULL. */
struct fire;
struct fire *fire_copy_begin(struct session *session, struct statement *insert, const struct dialect_text *text,
    struct report *r);
int fire_copy_row(struct fire *fire, uint64_t *changed, struct report *r);
int fire_copy_end(struct fire *fire, struct report *r);
void fire_copy_free(struct fire *fire);

/* Runs a portal whose plan fires triggers, and whose statement has its parameters. What RETURNING answers is put by. */
enum portal_result fire_portal(struct session *session, struct portal *portal, struct report *r);

#endif
