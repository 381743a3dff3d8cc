/*
 * Private to session/: a statement that fires triggers while it runs, and the row that it is at.
 */
#ifndef BIBD_SQLITE_SESSION_FIRE_RUN_H
#define BIBD_SQLITE_SESSION_FIRE_RUN_H

#include "workers/sqlite/session/fire.h"
#include "workers/sqlite/session/fire_rows.h"
#include "workers/sqlite/session/routine.h"

/* A table in which rows are changed: the relation itself, or one of its children. */
struct member {
	const struct dialect_member *what;
	struct fire_triggers triggers;
	struct fire_rows kept;		  /* rows that are kept for triggers after rows */
	struct sql_watch watch, *watched; /* what is watched: for a partition that of the first member */
	struct routine_column *columns;
	sqlite3_stmt *step, *again; /* the statements of SQLite that change a row, and read it again */
	const int *numbers;	    /* the numbers of the step's parameters */
	/* two rows in a partition's order of columns, which own nothing; NULL: the order is the same */
	struct type_value *told[2];
};

/* A trigger that fires after a row, and the rows that it is given. */
struct later {
	struct member *member;
	unsigned trigger;
	int event;
	size_t old, new; /* their numbers among those that the member keeps, from 1; 0: there is none */
};

struct fire {
	struct session *session;
	struct portal *portal;
	struct statement *statement;
	const struct dialect_fire *what;
	unsigned nmembers;
	struct member *members;
	struct fire_rows found; /* old and new row side by side, and what RETURNING wants of other tables */
	struct later *laters;
	size_t nlaters, capacity;
	struct fire_tables tables;
	struct pgwire_buffer held; /* what RETURNING has put out */
	struct report *report;
};

/* The row that is changed at this moment. */
struct row {
	struct member *member;
	int event;
	int64_t rowid;
	const struct type_value *old; /* NULL: none */
	struct type_value *new;	      /* owned; NULL: none */
	const struct type_value *kept;
};

/* ---- fire_find.c ---- */

/* Reads a row of the query: the member, where there are several; the rowid; the row as it is and as it is to be, for
 * an INSERT in the statement's own order; and what is kept of other tables. */
int fire_take_row(struct fire *fire, struct fire_rows *rows, sqlite3_stmt *stmt, bool ordered, bool has_rowid, bool old,
    bool new);
/* Steps a statement; what functions of the file run meanwhile runs within the portal's statement. */
int fire_step_within(struct fire *fire, sqlite3_stmt *stmt);
/* Finds all rows, before anything is changed. */
int fire_find_rows(struct fire *fire);

/* ---- fire_step.c; of all, -1: the report is filled ---- */

/* Steps a statement of the plan: what it changes counts as bibd's own doing. */
int fire_step(struct fire *fire, struct member *member, sqlite3_stmt *stmt, const struct sql_row *row, bool writes);
/* Keeps a row of RETURNING until the client asks for it. */
int fire_put_row(struct fire *fire, sqlite3_stmt *stmt);
/* Binds the row's values in the order of `numbers`. */
int fire_bind(struct fire *fire, sqlite3_stmt *stmt, const int *numbers);
/* Reports what went wrong, with the name of the table whose row it is. */
int fire_step_failed(struct fire *fire, const struct member *member, int code);
/* Runs a statement for the row to its end; the number of rows that it changed, or -1. */
int fire_run_step(struct fire *fire, struct member *member, sqlite3_stmt *stmt, const int *numbers,
    const struct sql_row *row);
/* Fails: a trigger before the row has changed that row. */
int fire_already_changed(struct fire *fire, int event);
/* Reads the row as it is stored now. */
int fire_read_again(struct fire *fire, struct member *member, int64_t rowid, struct type_value *cells);
/* Puts out RETURNING for a row: from the relation's columns, tableoid, and what was kept of other tables. */
int fire_answer_row(struct fire *fire, const struct row *row);

/* ---- fire_later.c ---- */

/* The row in the order of columns in which triggers of the member see it. `which`, 0 or 1: where it is kept, since
 * two may be needed at a time. */
const struct type_value *fire_tell(const struct member *member, const struct type_value *cells, unsigned which);
/* One row, as routines take rows. */
struct routine_rows fire_rows_of(const struct member *member, const struct type_value *cells);
/* Asks each trigger after rows whether it fires for the row, and notes those that run when all rows are done. */
int fire_note_later(struct fire *fire, const struct row *row);
/* Keeps the row for REFERENCING, as it was and as it is. */
int fire_keep_transitions(struct fire *fire, const struct row *row);
/* Fires the triggers that were noted, in the order in which the rows were changed. */
int fire_run_laters(struct fire *fire);
/* Changes all rows by one statement, where no trigger comes between. */
int fire_run_at_once(struct fire *fire);

/* ---- fire_change.c ---- */

/* Changes one of the rows that were found. */
int fire_run_row(struct fire *fire, struct fire_row *found);

/* ---- fire.c ---- */

int fire_run_statement_triggers(struct fire *fire, int when);
int fire_run_rows(struct fire *fire);
/* Begins or ends the watch over rows that others change while this statement finds and changes its own. */
void fire_watch(struct fire *fire, bool on);
/* Checks keys where they are checked at once, then fires the triggers after rows and after the statement. */
int fire_run_after(struct fire *fire);
int fire_check_alone(struct fire *fire, bool several);
/* Fills the members; fire_finish is needed either way. */
int fire_begin(struct fire *fire);
void fire_finish(struct fire *fire);
struct fire fire_of(struct session *session, struct portal *portal, struct report *r);

#endif
