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

/* A decimal is loose where a double holds what is written, to its last digit; else it is exact. */
enum dialect_literal_kind {
	DIALECT_INTEGER,
	DIALECT_BIG_INTEGER,
	DIALECT_LOOSE_DECIMAL,
	DIALECT_STRING,
	DIALECT_ESCAPED,
	DIALECT_EXACT_DECIMAL
};

struct dialect_literal {
	enum dialect_literal_kind kind;
	bool prefix;	 /* a pattern of LIKE that begins with what it matches; the key says so too */
	uint32_t offset; /* offset of its first byte in the statement's text */
	uint32_t length; /* as it is written, with its quotes */
};

/* What a name in a routine's SQL may mean beside a column: the parameter of the same place in the list, the first of
 * which is $1 to SQLite. */
struct dialect_variable {
	const char *qualifier; /* the label of its block, or the record that it is a field of; NULL: none */
	const char *name;      /* its name, which may be "$1"; NULL: the record itself */
	bool field;	       /* a field: found only with its qualifier */
	bool unassigned;       /* a record that has no fields yet */
	bool of_table;	       /* a field of a record whose fields are a table's */
	uint32_t oid;
	int32_t typmod;
};
/* A transition table in a trigger's function: the rows that the statement has changed, as a table of that name. */
struct dialect_transition {
	const char *name;
	unsigned ncolumns;
	struct dialect_column *columns;
};
struct dialect_variables {
	unsigned n;
	const struct dialect_variable *list; /* of several that fit a name, it means the first */
	/* What a name means that can be a column and a variable; neither: it is an error. */
	bool columns_first;   /* a function in SQL, #variable_conflict use_column */
	bool variables_first; /* #variable_conflict use_variable */
	uint32_t assigned;    /* the type that a query's one column is brought to; 0: it stays as it is */
	int32_t assigned_typmod;
	unsigned part;	    /* an assignment to a part of the variable at part - 1: dialect/variable_part.c; 0: none */
	unsigned nreturned; /* the types that a query's columns are brought to, as by an assignment; 0: as they are */
	const uint32_t *returned;
	const int32_t *returned_typmods; /* the types' modifiers; -1: none */
	bool returns_record;		 /* a row alone is returned as it is, and its fields must be of these types */
	bool returns_set;		 /* the function answers rows, none of which can be told from a null */
	bool mismatched;		 /* set by the translator: the types did not match */
	unsigned ntransitions;
	const struct dialect_transition *transitions;
};

/* One statement of a text. Reused from call to call: the arrays grow and stay. */
struct dialect_text {
	const char *sql; /* bytes of the text, not NUL-terminated */
	size_t length;
	size_t next; /* where the next statement begins in the whole text; its length when this is the last */
	bool empty;  /* the statement is nothing but blanks and comments */
	char *key;   /* the text with each literal replaced by a mark for its kind, blanks folded; NUL-terminated */
	size_t key_length;
	uint64_t hash;	  /* of the key */
	unsigned nparams; /* the highest n of $n in it */
	unsigned ntokens; /* a bound on the size of its tree */
	struct dialect_literal *literals;
	unsigned nliterals;
	/* the variables of the routine whose text it is; NULL: it is no routine's */
	struct dialect_variables *variables;
	/* what else its meaning depends on, as the variables; a part of the key */
	const char *scope;
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
	DIALECT_CALL,		/* a call of a routine that is the whole statement: sql gives its arguments */
	DIALECT_NOTIFY,		/* NOTIFY, LISTEN, UNLISTEN */
	DIALECT_ACCEPT,		/* accepted and nothing to do: LOCK TABLE, COMMENT, ...; see bibd-sql(7) */
};

struct dialect_column {
	char *name;
	uint32_t oid; /* 0: the translator cannot tell: take the declared type of SQLite's column, or else text */
	int32_t typmod;
	uint32_t table_oid; /* OID of the table of a plain column; else 0 */
	int16_t attribute;
};

/* A literal of the text that became a parameter: bound from the text at hand, decoded as its type. */
struct dialect_lifted {
	unsigned literal; /* its place in dialect_text.literals */
	uint32_t oid;	  /* the type that its text is decoded as */
	bool negative;	  /* the minus sign before it belongs to it */
	uint32_t given;	  /* the type that it is assigned as, which must take it before anything runs; 0: none */
	int32_t given_typmod;
};

/* One of the statements that are run before a plan's own sql: see session/steps_run.h. */
struct dialect_step {
	char *sql;
	int *numbers; /* what dialect_plan.numbers is, for the first `nnumbers` of its parameters and literals */
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

/* A parameter of a routine; mode is its letter in pg_proc.proargmodes. */
struct dialect_argument {
	char *name; /* "": none */
	char mode;
	uint32_t oid;
};

/* What rows are in that a statement changes one by one: a table, a view, or a partition of the first member. A value of
 * the row at hand is bibd_row(i) in the texts: its columns in order, and behind them its rowid. */
struct dialect_member {
	char *database, *relation; /* SQLite's database, and the stored name of the relation that has the triggers */
	/* the table that is changed: the rows of a partition are in the partitioned table */
	char *table;
	unsigned ncolumns;
	struct dialect_column *columns;
	int key;	  /* the column that is SQLite's rowid; -1: none */
	bool generates;	  /* it has GENERATED columns: the row is read again for what comes after */
	unsigned *places; /* which columns those of the statement's relation are; NULL: it is that one */
	unsigned *order;  /* which of them each of a partition's is, as triggers see it; NULL: the same */
	/* changes a row, and answers RETURNING unless `answer` does; for a view it only answers RETURNING */
	char *step;
	char *again;	   /* reads the row by its rowid; NULL: it is not needed */
	int *step_numbers; /* as the plan's numbers */
};

/* INSERT, UPDATE and DELETE of a relation with triggers, which bibd fires, or with children (session/fire.c). TRUNCATE:
 * the relations with triggers for it, by database and name (session/fire_truncate.c). */
struct dialect_fire {
	unsigned nmembers; /* the relation itself comes first */
	struct dialect_member *members;
	int events;   /* bits of enum schema_trigger_type: INSERT and UPDATE for ON CONFLICT DO UPDATE */
	bool rows;    /* rows are changed one by one, and the plan's sql is a query for them; else it changes them */
	bool instead; /* the relation is a view: bibd changes nothing */
	bool alone;   /* the table refers to itself: rows are changed one at a time */
	unsigned nwritten; /* INSERT: how many columns the query has, and which column of the relation each is */
	unsigned *written;
	bool *set; /* UPDATE: for each column of the relation, whether SET has it */
	char *met; /* ON CONFLICT DO UPDATE: the row in the way, if WHERE lets it through, as UPDATE's query has it */
	char *update;			   /* and the statement that changes it */
	int *met_numbers, *update_numbers; /* as the plan's numbers */
	/* What RETURNING answers of a row, where that takes more than the row's own table: bibd_row(i) has the
	 * relation's columns, tableoid, and what is kept of other tables, columns of the query behind the row's. */
	char *answer;
	int *answer_numbers;
	/* Members behind the first are partitions; this says in which the row bibd_row(i) is: its number, or NULL.
	 * NULL: they are not. */
	char *route;
	unsigned nkept;
	uint32_t *kept; /* the types of the kept columns */
};

/* INSERT of few rows of VALUES: what it proposes for columns, where constants and parameters alone say so. */
struct dialect_proposed {
	char *database, *table; /* SQLite's */
	char *rows;		/* "(?1, 'x'), (?3, NULL)", by the numbers of the plan's sql; NULL: not known */
	size_t nrows;
	unsigned ncolumns;
	struct {
		char *name; /* SQLite's */
		uint32_t oid;
		bool told; /* false: the rows have NULL for it, and what is proposed is not known */
	} columns[];
};

struct dialect_plan {
	enum dialect_kind kind;
	const char *tag; /* "SELECT", "INSERT 0", "CREATE TABLE"; rows are appended where PostgreSQL does */
	char *sql;	 /* SQLite's text; DEFINE: a script of several statements */
	bool exact;	 /* a part of the text stayed in sql: the plan serves this very text alone */
	/* a date or time stands in sql as the session's settings read it: the plan is not kept */
	bool of_session;
	bool needs_catalog;  /* reads pg_catalog or information_schema: attach it first */
	bool needs_cursors;  /* it reads pg_cursors, which is the session's own */
	bool needs_activity; /* it reads a table that differs at each look, as pg_stat_activity */
	bool counts_rows;    /* the tag has a number of rows in it */
	unsigned uncounted;  /* rows that a definition's script changes for itself, which the tag does not count */
	bool admin;	     /* only ROLE_ADMIN may run it, and the audit trail has an entry */
	bool skips;	     /* with `admin`: others are warned, and nothing is done (VACUUM, ANALYZE) */
	bool checkpoints;    /* CHECKPOINT */
	bool alone;	     /* it may not stand in a transaction block: VACUUM, CONCURRENTLY */
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
	unsigned
	    npinned; /* literals that stayed in sql, as indexes in dialect_text.literals: other texts have them too */
	unsigned *pinned;
	/* SQLite's numbers of the client's parameters, and then of the lifted literals: see dialect_parameter() */
	int *numbers;
	bool has_rows; /* answers rows: columns is filled as far as it can be told */
	bool star;     /* columns has fewer or more entries than SQLite's statement: match by decltype */
	unsigned ncolumns;
	struct dialect_column *columns;
	/* MODIFY: how many columns SQLite answers behind those, which clients do not see */
	unsigned nhidden;
	char **inner;		    /* QUERY, MODIFY: texts that SQLite prepares while sql runs (LATERAL); [ninner] */
	struct dialect_step *steps; /* QUERY, MODIFY: run before sql, in this order; [nsteps] */
	unsigned nsteps, nsets;	    /* nsets: how many sets their rows go into */
	bool steps_count;	    /* the tag counts what steps have changed, not sql */
	struct dialect_watched *watched;
	unsigned nwatched;
	unsigned ninner;
	struct dialect_fire *fire;	   /* MODIFY, DEFINE: NULL: no trigger is to be fired */
	struct dialect_proposed *proposed; /* INSERT: NULL: not known */
	char *target;	 /* INSERT, UPDATE, DELETE, COPY, and DDL: the table's name, for errors and the audit */
	char *notice;	 /* a NOTICE to send with it ("table \"x\" does not exist, skipping"), or NULL */
	char *warning;	 /* ACCEPT: a WARNING to send with it, or NULL */
	bool locks;	 /* ACCEPT: LOCK TABLE, in a transaction block; it takes the right to write unless read_only */
	bool late_keys;	 /* MODIFY: the file has keys that are DEFERRABLE, which are looked at before a commit */
	bool local;	 /* MODIFY, DEFINE: changes nothing but temporary tables, the session's own */
	bool draws;	 /* calls, or may call, what changes the database (nextval): by a DEFAULT, or a view */
	bool reads_anew; /* calls, or may call, a function that sees what is changed while the statement runs */
	bool rescans;	 /* QUERY that a cursor may read backward though it does not say SCROLL */
	bool read_only;	 /* QUERY without side effects (nextval, set_config... make it false) */

	union {
		struct {
			int isolation;	/* -1 not given, 0 read committed, 1 repeatable read, 2 serializable */
			int read_only;	/* -1 not given, 0, 1 */
			int deferrable; /* -1 not given, 0, 1; it changes nothing. SET CONSTRAINTS: 1 is DEFERRED */
			bool chain;	/* AND CHAIN */
			bool session;	/* SET SESSION CHARACTERISTICS; SET CONSTRAINTS ALL */
			char *name;	/* the savepoint's name */
			int64_t *keys;	/* SET CONSTRAINTS: numbers of unique keys that are named; [nkeys] */
			unsigned nkeys;
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
			enum {
				DIALECT_EXPLAIN_TEXT,
				DIALECT_EXPLAIN_JSON,
				DIALECT_EXPLAIN_XML,
				DIALECT_EXPLAIN_YAML
			} format;
		} explain;
		struct {
			char *body;	       /* DO, CREATE FUNCTION */
			char *name, *language; /* CREATE FUNCTION, as all that follows */
			bool set, polymorphic;
			char *row;   /* SCHEMA_ROUTINE_ROW; NULL: none */
			char **sets; /* its SET clauses: "name=value" */
			unsigned nsets;
			uint32_t result;
			unsigned narguments;
			struct dialect_argument *arguments;
			uint32_t oid; /* CALL: the routine's OID */
			char *types;  /* and sql_call.types */
		} routine;
	} u;
};

/* Frees a plan, or NULL. */
void dialect_plan_free(struct dialect_plan *plan);

void dialect_fire_free(struct dialect_fire *fire);
void dialect_proposed_free(struct dialect_proposed *proposed); /* frees them, or NULL */

/* SQLite's number of the client's parameter i (from 0), or of the lifted literal i - nparams; 0: sql does not have
 * it. */
int dialect_parameter(const struct dialect_plan *plan, unsigned i);
/* The same for a step. */
int dialect_step_parameter(const struct dialect_step *step, unsigned i);

#endif
