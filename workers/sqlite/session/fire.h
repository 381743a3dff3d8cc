/*
 * Statements that change a relation with triggers: the rows are found, changed one by one, and the triggers run before,
 * between and after, within the statement's transaction. An error undoes all of it, as any statement's does.
 */
#ifndef BIBD_SQLITE_SESSION_FIRE_H
#define BIBD_SQLITE_SESSION_FIRE_H

#include "workers/sqlite/routines/routines.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/session/session.h"

/* A trigger that may be fired: its own copies, for what it runs may drop it. */
struct fire_trigger {
	char *name;
	int type;
	char *condition; /* "SELECT (...)", NULL: none */
	char *arguments; /* as an array of text; NULL: none */
	unsigned narguments;
	bool named; /* UPDATE OF names a column that is set, or none */
	uint32_t function;
	struct routine *parsed; /* once it was needed */
};

/* fire_trigger.c: the triggers of one statement, by name. */
struct fire_triggers {
	struct session *session;
	unsigned n;
	struct fire_trigger *list;
	char *relation;		      /* its stored name */
	char schema[NAMESPACE_BYTES]; /* PostgreSQL's */
	uint32_t relid;
};

/* Those of the relation that are on, for the events. -1: the report is filled; fire_triggers_free is needed either
 * way. */
int fire_triggers_load(struct session *session, const struct dialect_fire *fire, struct fire_triggers *triggers,
    struct report *r);
void fire_triggers_free(struct fire_triggers *triggers);
/* Whether there is one of all these types. */
bool fire_triggers_have(const struct fire_triggers *triggers, int types);
/* Whether the trigger is one for that: row or statement, its time, the event. */
bool fire_trigger_is(const struct fire_trigger *trigger, bool row, int when, int event);
/* Whether its WHEN holds. */
int fire_trigger_asks(struct fire_triggers *triggers, struct fire_trigger *trigger, int event,
    const struct routine_rows *old, const struct routine_rows *new, bool *holds, struct report *r);
/* Runs its function; `result` as routine_fire() has it. */
int fire_trigger_run(struct fire_triggers *triggers, struct fire_trigger *trigger, int event,
    const struct routine_rows *old, const struct routine_rows *new, struct routine_rows *result, struct report *r);
/* Those of the statement: WHEN is asked, NULL or a row means nothing. */
int fire_triggers_statement(struct fire_triggers *triggers, int when, int event, struct report *r);

/* ---- fire.c ---- */

/* COPY: rows come one by one, each when the statement, an INSERT, has the row for its parameters. *changed counts those
 * that were stored. The end fires what comes after; fire_copy_free takes NULL. */
struct fire;
struct fire *fire_copy_begin(struct session *session, struct statement *insert, const struct dialect_text *text,
    struct report *r);
int fire_copy_row(struct fire *fire, uint64_t *changed, struct report *r);
int fire_copy_end(struct fire *fire, struct report *r);
void fire_copy_free(struct fire *fire);

/* Runs a portal whose plan fires triggers, and whose statement has its parameters. What RETURNING answers is put by. */
enum portal_result fire_portal(struct session *session, struct portal *portal, struct report *r);

#endif
