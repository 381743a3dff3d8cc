/*
 * PostgreSQL's SQL on SQLite. A text is lexed (for the cache's key), parsed by PostgreSQL's own grammar (libpg_query,
 * so that what is an error there is one here, at the same position), and its tree is written out again as SQLite's SQL
 * with the types of parameters and result columns worked out on the way. A node that no table of the translator knows
 * is refused with 0A000: nothing passes unread.
 */
#ifndef BIBD_SQLITE_DIALECT_H
#define BIBD_SQLITE_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/pgwire/pgwire.h"
#include "workers/sqlite/schema/schema.h"
#include "workers/sqlite/settings/sql_context.h"

/* ---- lex.c: a text split into statements, and its literals taken out ---- */

enum dialect_literal_kind { DIALECT_INTEGER, DIALECT_BIG_INTEGER, DIALECT_DECIMAL, DIALECT_STRING, DIALECT_ESCAPED };

struct dialect_literal {
	enum dialect_literal_kind kind;
	uint32_t offset; /* of its first byte, in the statement's text */
	uint32_t length; /* as written, quotes and all */
};

/* What a name in a routine's SQL may mean beside a column: the parameter of the same place in the list, the first of
 * which is $1 to SQLite. */
struct dialect_variable {
	const char *qualifier; /* of its block, or the record that it is a field of; NULL: none */
	const char *name;      /* "$1" is one too; NULL: the record itself */
	bool field;	       /* named by its qualifier alone */
	bool unassigned;       /* a record that has no fields yet */
	uint32_t oid;
	int32_t typmod;
};
struct dialect_variables {
	unsigned n;
	const struct dialect_variable *list; /* the first that fits is meant */
	/* Of a name that can be a column and a variable: which it is. Neither: it is an error. */
	bool columns_first;   /* a function in SQL, #variable_conflict use_column */
	bool variables_first; /* #variable_conflict use_variable */
	uint32_t assigned;    /* the type that the one column of a query is brought to; 0: as it is */
	int32_t assigned_typmod;
	unsigned nreturned; /* the types that a query's columns are brought to, as by an assignment; 0: as they are */
	const uint32_t *returned;
	const int32_t *returned_typmods; /* of each, -1: none */
	bool returns_record;		 /* a row alone is then returned as it is: its fields must be of the types */
	bool returns_set;		 /* it answers rows, of which none can be told to be a null */
	bool mismatched;		 /* set: that failed */
};

/* One statement of a text. Reused from call to call: the arrays grow and stay. */
struct dialect_text {
	const char *sql; /* not NUL-terminated, the text's own bytes */
	size_t length;
	size_t next; /* where the next statement begins in the whole text; its length when this is the last */
	bool empty;  /* nothing but blanks and comments */
	char *key;   /* the text with each literal replaced by a mark for its kind, blanks folded; NUL-terminated */
	size_t key_length;
	uint64_t hash;	  /* of the key */
	unsigned nparams; /* the highest $n */
	unsigned ntokens; /* what a tree of it can take grows with them */
	struct dialect_literal *literals;
	unsigned nliterals;
	struct dialect_variables *variables; /* of a routine whose text it is; NULL: of none */
	const char *scope;		     /* whatever else its meaning depends on (the variables); part of the key */
	size_t scope_length;
	size_t key_capacity;
	unsigned literal_capacity;
};

/* Lexes the statement that begins at text[offset]. Constant space beyond the arrays. Fails with 54001 when the text
 * could make a tree deeper than a thread's stack takes (see lex.c), with 42601 for a NUL byte; other lexical errors are
 * left to the parser. dialect_text_free frees the arrays. */
int dialect_lex(const char *text, size_t length, size_t offset, struct dialect_text *out, struct report *r);
void dialect_text_free(struct dialect_text *t);

/* The literal's value with quotes and escapes undone, for binding: points into the text, or to *owned (malloc'ed, the
 * caller frees it). Numbers come back as written. */
const char *dialect_literal_value(const struct dialect_text *t, unsigned i, size_t *length, char **owned);

/* The value that a lifted literal is bound as: decoded as its type, with the sign that belongs to it. It may point into
 * the text, or own its bytes. Errors are type_decode_in's. */
struct dialect_lifted;
int dialect_literal_decode(const struct dialect_text *t, const struct dialect_lifted *lifted,
    const struct type_settings *settings, struct type_value *value, struct report *r);

/* ---- what a statement becomes (define/front.h makes it) ---- */

enum dialect_kind {
	DIALECT_EMPTY,
	DIALECT_QUERY,	/* SELECT, VALUES, TABLE: run by SQLite, answers rows */
	DIALECT_MODIFY, /* INSERT, UPDATE, DELETE: run by SQLite; rows when RETURNING */
	DIALECT_DEFINE, /* DDL: sql is a script, run in one transaction */
	DIALECT_BEGIN,
	DIALECT_COMMIT,
	DIALECT_ROLLBACK,
	DIALECT_SAVEPOINT,
	DIALECT_RELEASE,
	DIALECT_ROLLBACK_TO,
	DIALECT_SET,
	DIALECT_SHOW,
	DIALECT_RESET,
	DIALECT_DISCARD,
	DIALECT_SET_TRANSACTION, /* SET TRANSACTION, SET SESSION CHARACTERISTICS */
	DIALECT_SET_CONSTRAINTS,
	DIALECT_DECLARE,
	DIALECT_FETCH,
	DIALECT_CLOSE,
	DIALECT_PREPARE,
	DIALECT_EXECUTE,
	DIALECT_DEALLOCATE,
	DIALECT_COPY,
	DIALECT_EXPLAIN,
	DIALECT_MAINTAIN, /* VACUUM, ANALYZE, CHECKPOINT, REINDEX: sql is what SQLite runs, outside a transaction */
	DIALECT_DO,	  /* a block of PL/pgSQL */
	DIALECT_CREATE_ROUTINE, /* CREATE FUNCTION: DDL, after its body was looked at */
	DIALECT_CALL,		/* of a routine, the whole statement: sql gives its arguments */
	DIALECT_NOTIFY,		/* NOTIFY, LISTEN, UNLISTEN */
	DIALECT_ACCEPT,		/* accepted and nothing to do: LOCK TABLE, COMMENT, ...; see bibd-sql(7) */
};

struct dialect_column {
	char *name;
	uint32_t oid; /* 0: the translator cannot tell; take the declared type of SQLite's column, else text */
	int32_t typmod;
	uint32_t table_oid; /* 0 when it is no plain column */
	int16_t attribute;
};

/* A literal of the text that became a parameter: bound from the text at hand, decoded as its type. */
struct dialect_lifted {
	unsigned literal; /* index in dialect_text.literals */
	uint32_t oid;	  /* what type_decode is asked for */
	bool negative;	  /* a minus sign before it belongs to it */
};

/* One of the statements that are run before a plan's own sql: see session/steps_run.h. */
struct dialect_step {
	char *sql;
	int *numbers; /* as the plan's, of the first nnumbers of its parameters and literals */
	unsigned nnumbers;
	unsigned set;	   /* where its rows are kept, from 1; 0: nobody reads them */
	unsigned each;	   /* it is run for each row of that set that begins with `action`; 0: once */
	int action;	   /* of steps that follow each other for the same set, that with it is run for a row */
	bool once;	   /* each: the second column is the rowid of what it changes, met a second time it is 21000 */
	bool first;	   /* once: it is left alone then, and no error */
	bool counted;	   /* what it changes are rows of the statement's tag */
	bool updates_once; /* as the plan's, as the next two */
	char *target;
	const char *tag;
};
/* A table of which a statement in steps must know what rows it has changed; names are SQLite's. */
struct dialect_watched {
	char *database, *table;
};

/* A parameter of a routine; mode is pg_proc.proargmodes' letter. */
struct dialect_argument {
	char *name; /* "": none */
	char mode;
	uint32_t oid;
};

/* INSERT, UPDATE and DELETE of a relation with triggers, which bibd fires (session/fire.c). A value of the row at hand
 * is bibd_row(i) in the texts: its columns in order, and behind them its rowid. */
struct dialect_fire {
	char *relation; /* the stored name of the table or view */
	int events;	/* of enum schema_trigger_type: INSERT and UPDATE for ON CONFLICT DO UPDATE */
	bool rows;	/* rows are changed one by one: the plan's sql is a query for them. Otherwise it changes them */
	bool instead;	/* of a view: nothing is changed */
	bool alone;	/* the table has a key to itself: one row at a time */
	unsigned ncolumns;
	struct dialect_column *columns;
	int key;	   /* the column that SQLite takes for the rowid, -1: none */
	bool generates;	   /* columns are GENERATED: the row is read again for who comes after */
	unsigned nwritten; /* INSERT: which column each of the query's is */
	unsigned *written;
	bool *set;   /* UPDATE, [ncolumns]: those of SET */
	char *step;  /* changes a row, and answers RETURNING; of a view, answers it alone */
	char *again; /* reads the row by its rowid */
	char *met;   /* ON CONFLICT DO UPDATE: the row in the way, if WHERE lets it through, as UPDATE's query has it */
	char *update;					  /* and what changes it */
	int *step_numbers, *met_numbers, *update_numbers; /* as the plan's numbers */
};

struct dialect_plan {
	enum dialect_kind kind;
	const char *tag;     /* "SELECT", "INSERT 0", "CREATE TABLE"; rows are appended where PostgreSQL does */
	char *sql;	     /* for SQLite; DEFINE: a script */
	bool exact;	     /* a literal stayed in sql: the plan is for this very text only */
	bool of_session;     /* a date or time stayed in sql as the session's settings read it: not to be kept */
	bool needs_catalog;  /* reads pg_catalog or information_schema: attach it first */
	bool needs_cursors;  /* and of them pg_cursors, the session's own */
	bool needs_activity; /* and of them one that is another at each look: pg_stat_activity and its like */
	bool counts_rows;    /* the tag bears a row count */
	bool admin;	     /* only ROLE_ADMIN may (and the audit table is told) */
	bool skips;	     /* admin: others are warned, and nothing is done (VACUUM, ANALYZE) */
	bool checkpoints;    /* CHECKPOINT */
	bool alone;	     /* not within a transaction block: VACUUM, CONCURRENTLY */
	bool inserts_one;    /* INSERT of one row of VALUES, which looks at nothing afterwards */
	bool updates_once;   /* INSERT: ON CONFLICT DO UPDATE may meet a row of target that it changed itself */
	bool fills_serial;   /* INSERT: a serial or identity column gets its next value: lastval() */
	/* DEFINE: statements that are run behind sql one by one, as texts of their own; following_schema (NULL: none)
	 * comes first in search_path meanwhile. [nfollowing] */
	char **following;
	unsigned nfollowing;
	char *following_schema;
	bool on_commit;	   /* DEFINE: a temporary table that does not live on, or is emptied, with each COMMIT */
	bool own;	   /* DEFINE: changes bibd's own tables: it is run as bibd's */
	bool triggers;	   /* DEFINE: changes rows of the table of triggers too, and nothing else that is bibd's own */
	bool rebuilds;	   /* DEFINE: drops and makes a table again; foreign keys must be off while it runs */
	bool selects_into; /* DEFINE: it is written SELECT ... INTO */
	bool leaves_views; /* DEFINE: SQLite is not to look at the views while it runs: that was done */
	unsigned nparams;
	uint32_t *param_oids;
	unsigned nlifted;
	struct dialect_lifted *lifted;
	int *numbers;  /* SQLite's, of the client's parameters and then the lifted ones: see dialect_parameter */
	bool has_rows; /* answers rows: columns is filled as far as it can be told */
	bool star;     /* columns has fewer or more entries than SQLite's statement: match by decltype */
	unsigned ncolumns;
	struct dialect_column *columns;
	unsigned nhidden;	    /* MODIFY: columns of SQLite's behind those, which nobody is to see */
	char **inner;		    /* QUERY, MODIFY: texts that SQLite prepares while sql runs (LATERAL); [ninner] */
	struct dialect_step *steps; /* QUERY, MODIFY: run before sql, in this order; [nsteps] */
	unsigned nsteps, nsets;	    /* nsets: how many sets their rows go into */
	bool steps_count;	    /* the tag counts what steps have changed, not sql */
	struct dialect_watched *watched;
	unsigned nwatched;
	unsigned ninner;
	struct dialect_fire *fire; /* MODIFY: NULL: no trigger is to be fired */
	char *target;	 /* INSERT, UPDATE, DELETE, COPY, and DDL: the table's name, for errors and the audit */
	char *notice;	 /* a NOTICE to send with it ("table \"x\" does not exist, skipping"), or NULL */
	char *warning;	 /* ACCEPT: a WARNING likewise, or NULL */
	bool local;	 /* MODIFY, DEFINE: changes nothing but temporary tables, the session's own */
	bool draws;	 /* calls, or may call, what changes the database (nextval): by a DEFAULT, or a view */
	bool reads_anew; /* calls, or may call, a function that sees what is changed while the statement runs */
	bool rescans;	 /* QUERY that a cursor may read backward though it does not say SCROLL */
	bool read_only;	 /* QUERY without side effects (nextval, set_config... make it false) */

	union {
		struct {
			int isolation;	/* -1 not given, 0 read committed, 1 repeatable read, 2 serializable */
			int read_only;	/* -1 not given, 0, 1 */
			int deferrable; /* likewise; nothing follows from it. SET CONSTRAINTS: 1 is DEFERRED */
			bool chain;	/* AND CHAIN */
			bool session;	/* SET SESSION CHARACTERISTICS; SET CONSTRAINTS ALL */
			char *name;	/* of a savepoint */
		} transaction;
		struct {
			char *name;  /* NULL: ALL */
			char *value; /* NULL: DEFAULT */
			bool local;
		} set; /* SET, SHOW, RESET */
		struct {
			enum {
				DIALECT_DISCARD_ALL,
				DIALECT_DISCARD_PLANS,
				DIALECT_DISCARD_SEQUENCES,
				DIALECT_DISCARD_TEMP
			} what;
		} discard;
		struct {
			char *name; /* CLOSE: NULL is ALL */
			bool hold, binary, scroll, no_scroll;
			char *query; /* DECLARE: the query's own text */
			enum { DIALECT_FORWARD, DIALECT_BACKWARD, DIALECT_ABSOLUTE, DIALECT_RELATIVE } direction;
			int64_t count; /* INT64_MAX: ALL */
			bool move;     /* MOVE */
		} cursor;
		struct {
			char *name;  /* DEALLOCATE: NULL is ALL */
			char *query; /* PREPARE */
			unsigned ntypes;
			uint32_t *types; /* PREPARE */
			unsigned nvalues;
			char **values; /* EXECUTE: literals in text form, NULL entries for null */
		} prepare;
		struct {
			char *table;	/* its stored name; NULL: query */
			char *schema;	/* the table's, as PostgreSQL names it */
			char *query;	/* COPY (query) TO: its own text */
			bool from;	/* FROM STDIN, else TO STDOUT; files and programs are refused */
			char **columns; /* NULL: all */
			unsigned ncolumns;
			bool csv, header, binary;
			char delimiter, quote, escape;
			char *null_text;
			bool force_quote_all;
		} copy;
		struct {
			enum { DIALECT_SEND, DIALECT_LISTEN, DIALECT_UNLISTEN, DIALECT_UNLISTEN_ALL } what;
			char *channel, *payload; /* "" where there is none */
		} notify;
		struct {
			char *query; /* EXPLAIN: what is explained */
			bool analyze;
		} explain;
		struct {
			char *body;	       /* DO, CREATE FUNCTION */
			char *name, *language; /* CREATE FUNCTION, as what follows */
			bool set, polymorphic;
			char *row;   /* SCHEMA_ROUTINE_ROW; NULL: none */
			char **sets; /* what is SET: "name=value" */
			unsigned nsets;
			uint32_t result;
			unsigned narguments;
			struct dialect_argument *arguments;
			uint32_t oid; /* CALL: which one */
			char *types;  /* and sql_call.types */
		} routine;
	} u;
};

/* Takes NULL. */
void dialect_plan_free(struct dialect_plan *plan);

void dialect_fire_free(struct dialect_fire *fire);

/* SQLite's number of the client's parameter i (from 0), or of the lifted literal i - nparams; 0: sql does not have
 * it. */
int dialect_parameter(const struct dialect_plan *plan, unsigned i);
/* The same of a step. */
int dialect_step_parameter(const struct dialect_step *step, unsigned i);

#endif
