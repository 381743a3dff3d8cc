/*
 * Routines: PL/pgSQL parsed into a bounded tree of statements, and run.
 *
 * The model. PostgreSQL runs a routine's SQL statement by statement, each as if a client had sent it, with the
 * routine's variables as parameters. So it is here: this room keeps variables and decides what comes next, and every
 * expression and statement is handed to the session (struct routine_host), which has it translated, authorized, cached
 * and run on its own connection like any other. A DO block and a call that is a whole
 * statement hold no statement of SQLite's of their own, so that what their SQL sees, locks and changes is exactly what
 * it would be, one statement after the other, within one transaction. For calls from within a statement that is under
 * way, the session lets run what cannot tell the difference (session/routine_within.c).
 *
 * What is refused (0A000) is refused when the text is parsed, by name, before anything has run: COMMIT and ROLLBACK
 * within a routine, a record as a value. What can only be seen when it runs ends the statement,
 * and with it all that it has done.
 *
 * A query's rows are read to their end before the body of a FOR runs: that is the snapshot which PostgreSQL's cursor
 * has too. An exception block is a savepoint. Both are bounded: ROUTINE_ROWS_BYTES, ROUTINE_DEPTH_MAX.
 *
 * Invariant: a parsed routine is never changed after routine_parse, and has no pointers into what parsed it; one that
 * is kept may be run by several at a time. Its plans are the connection's (connection/statement.h), which drops them
 * when a definition changes.
 */
#ifndef BIBD_SQLITE_ROUTINES_H
#define BIBD_SQLITE_ROUTINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/dialect/dialect.h"
#include "workers/sqlite/settings/settings.h"
#include "workers/sqlite/types/types.h"

/* Blocks, loops and branches within each other. */
#define ROUTINE_DEPTH_MAX 100
/* Rows of a query that a routine holds: of all FOR loops that are under way at a time. */
#define ROUTINE_ROWS_BYTES ((size_t)64 << 20)

/* ---- values and rows ---- */

/* A value in the form in which it is stored; it owns its bytes. */
struct routine_value {
	struct type_value value;
	uint32_t oid;
	int32_t typmod;
};

void routine_value_free(struct routine_value *value);
/* A copy with bytes of its own. */
int routine_value_copy(const struct routine_value *from, struct routine_value *to, struct report *r);

struct routine_column {
	char *name;
	uint32_t oid;
	int32_t typmod;
};

/* What a statement answered. */
struct routine_rows {
	unsigned ncolumns;
	struct routine_column *columns;
	size_t nrows, capacity;
	struct type_value *cells; /* row by row */
	size_t bytes;		  /* of all of it, about */
	uint64_t processed;	  /* rows read or changed: ROW_COUNT */
	bool answers;		  /* it is one that answers rows */
	bool query;		  /* it is a SELECT: FOUND is whether it had a row */
	bool modifies;		  /* INSERT, UPDATE or DELETE */
	bool discards;		  /* set by the caller: rows are counted, not kept */
	bool null_row;		  /* its one row, or none, stands for a null */
};
void routine_rows_free(struct routine_rows *rows);
/* The columns of `from`, for rows that have none yet. */
int routine_rows_describe(struct routine_rows *to, const struct routine_rows *from, struct report *r);
/* Appends a copy of a row, with its columns where there are none yet. 53200 beyond ROUTINE_ROWS_BYTES. */
int routine_rows_add(struct routine_rows *rows, const struct routine_rows *from, size_t row, struct report *r);

/* ---- what the session does ---- */

/* What a statement is run for. */
enum routine_use {
	ROUTINE_USE_STATEMENT,
	ROUTINE_USE_CURSOR, /* 42P11 for what can have none */
	ROUTINE_USE_ROWS,   /* 42601 for what answers no rows */
};

/* A statement with the variables that it may name. */
struct routine_call {
	const char *sql;
	struct dialect_variables *variables;
	const struct routine_value *const *values; /* of each variable; NULL entries are null */
	size_t bytes_left;			   /* rows that take more are 53200 */
	size_t wanted;				   /* a query is over after so many rows; 0: with its last */
	bool describes;				   /* it is not run: `rows` gets its columns */
	enum routine_use use;
};

/* ---- cursors ---- */

/* Whether it can be read backward; where nothing is said of that, as PostgreSQL's plan can. */
enum routine_scroll { ROUTINE_SCROLL_UNSAID, ROUTINE_SCROLL_YES, ROUTINE_SCROLL_NO };
enum routine_direction { ROUTINE_FORWARD, ROUTINE_BACKWARD, ROUTINE_ABSOLUTE, ROUTINE_RELATIVE };

/* Where FETCH and MOVE go. */
struct routine_fetch {
	enum routine_direction direction;
	int64_t count; /* INT64_MAX: all */
};

struct routine_host {
	void *arg;
	/* Runs one statement to its end. -1: the report is filled. */
	int (*run)(void *arg, const struct routine_call *call, struct routine_rows *rows, struct report *r);
	/* RAISE: the report is a notice. */
	int (*notice)(void *arg, enum report_severity severity, struct report *notice, struct report *r);
	/* Whether the statement was cancelled, or its time is over: -1 with the report. */
	int (*check)(void *arg, struct report *r);
	/* A savepoint is made; the last one is given up, or gone back to and given up. */
	int (*savepoint)(void *arg, struct report *r);
	int (*release)(void *arg, struct report *r);
	int (*rollback)(void *arg, struct report *r);
	/* Opens a cursor of the session's; *name is its name, or NULL for one that is made up then, malloc'ed. */
	int (*open)(void *arg, const struct routine_call *call, enum routine_scroll scroll, char **name,
	    struct report *r);
	/* Reads from the one of that name; rows->processed: how many. `move`: they are not wanted. */
	int (*fetch)(void *arg, const char *name, const struct routine_fetch *fetch, bool move,
	    struct routine_rows *rows, struct report *r);
	int (*close)(void *arg, const char *name, struct report *r);
	/* Holds the one of that name open, or lets it go. */
	void (*pin)(void *arg, const char *name, bool pins);
	/* A query's rows are read one by one: PostgreSQL makes up a cursor's name for it. */
	void (*count_unnamed)(void *arg);
	/* By which values are read and written; and what PL/pgSQL asks of the settings. */
	const struct type_settings *(*settings)(void *arg);
	const struct settings_values *(*values)(void *arg);
	/* What else the SQL of a trigger's function may read. */
	unsigned ntransitions;
	const struct dialect_transition *transitions;
};

/* ---- routines ---- */

struct routine;

enum routine_returns {
	ROUTINE_RETURNS_NOTHING,
	ROUTINE_RETURNS_VALUE,
	ROUTINE_RETURNS_SET,
	ROUTINE_RETURNS_TRIGGER, /* it is called by a trigger alone: routine_fire */
};

/* What is known of a routine beside its body. */
struct routine_signature {
	const char *name; /* NULL: a DO block; its parameters are known by name.parameter too */
	unsigned nparameters;
	const struct routine_parameter {
		const char *name; /* NULL: $n alone */
		uint32_t oid;
		bool in, out;
	} * parameters;
	enum routine_returns returns;
	uint32_t result; /* TYPE_VOID, TYPE_RECORD: the OUT parameters, or columns */
	enum {
		ROUTINE_MAY_SHADOW,
		ROUTINE_NOTES_SHADOWS, /* see routine_shadow */
		ROUTINE_SHADOWS_FAIL,  /* 42712 */
	} shadows;		       /* a declared name that another one outside of its block has */
};

/* Parses a body. NULL: 42601, 42P13, 0A000, ... routine_free takes NULL. */
struct routine *routine_parse(const char *body, const struct routine_signature *signature, struct report *r);
void routine_free(struct routine *routine);
/* The name that the i-th declaration which hides another one has; NULL: there are no more. */
const char *routine_shadow(const struct routine *routine, unsigned i);

/* Runs it with its IN parameters. `result` (may be NULL for a DO block) gets the rows that it returns: one of one
 * column for a value. -1: the report is filled, and what was done is the caller's to undo. */
int routine_run(const struct routine *routine, const struct routine_host *host, const struct routine_value *arguments,
    struct routine_rows *result, struct report *r);

/* ---- functions of triggers ---- */

/* What fires one, as TG_NAME and the like have it; texts are the caller's. */
struct routine_trigger {
	const char *name, *when, *level, *op, *table, *schema;
	uint32_t relid;
	unsigned narguments;
	const char *arguments;		      /* as an array of text that begins at 0; NULL: none */
	const struct routine_rows *old, *new; /* one row each; NULL: there is none */
	const struct routine_rows *shape; /* of a row trigger: the columns, which read as null where there is none */
};

/* Whether a condition over OLD and NEW holds. */
int routine_fires(const struct routine *routine, const struct routine_host *host, const struct routine_trigger *trigger,
    const char *condition, bool *holds, struct report *r);
/* Runs the function. `result`, whose columns are the relation's, gets the row that it returns, or none for NULL; of a
 * statement trigger (result NULL) it does not matter. */
int routine_fire(const struct routine *routine, const struct routine_host *host, const struct routine_trigger *trigger,
    struct routine_rows *result, struct report *r);

#endif
