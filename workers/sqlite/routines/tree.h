/*
 * Private to this room: a routine as a tree. All of it lives in the routine's arena, and goes with it.
 */
#ifndef BIBD_SQLITE_ROUTINES_TREE_H
#define BIBD_SQLITE_ROUTINES_TREE_H

#include "workers/sqlite/routines/routines.h"

/* A name in force: the innermost first, so that the first one found is the one that is meant. */
struct routine_name {
	const char *name;
	const char *label; /* of its block; NULL: none */
	unsigned slot;
	unsigned block; /* of which block: names in one differ */
	bool constant;
	bool refcursor;			     /* it is the name of a cursor */
	const struct routine_cursor *cursor; /* that was declared with its query; NULL: it was not */
	const struct routine_name *outer;
};

/* A piece of SQL and what its names may mean. */
struct routine_sql {
	const char *text;
	const struct routine_name *names;
};

/* Where a value goes: a variable, or a field of a record. */
struct routine_target {
	unsigned slot;
	const char *field; /* NULL: the variable itself */
};

/* A cursor that was declared with its query. */
struct routine_cursor {
	const char *name;
	enum routine_scroll scroll;
	struct routine_sql *query;
	unsigned narguments;
	struct routine_variable *arguments; /* in order */
};

struct routine_variable {
	unsigned slot;
	const char *name;
	const char *type; /* as written; NULL: a record */
	const char *row;  /* table%ROWTYPE: the table, as written */
	bool constant, not_null;
	const struct routine_cursor *cursor; /* NULL: it is none; else its value is its name */
	struct routine_sql *initial;	     /* NULL: null */
	const struct routine_name *names;    /* that its type may refer to */
	struct routine_variable *next;
};

struct routine_condition {
	char code[6]; /* "" stands for OTHERS */
	struct routine_condition *next;
};

/* Of IF, CASE and EXCEPTION: what holds, and what is done then. */
struct routine_branch {
	struct routine_sql *when;
	struct routine_condition *conditions;
	struct routine_statement *body;
	struct routine_branch *next;
};

struct routine_option {
	const char *name; /* "message", "errcode", ... */
	struct routine_sql *value;
	struct routine_option *next;
};

enum routine_kind {
	ROUTINE_BLOCK,
	ROUTINE_ASSIGN,
	ROUTINE_IF,
	ROUTINE_CASE,
	ROUTINE_LOOP,
	ROUTINE_WHILE,
	ROUTINE_FOR_INTEGER,
	ROUTINE_FOR_QUERY,
	ROUTINE_FOREACH,
	ROUTINE_EXIT,
	ROUTINE_CONTINUE,
	ROUTINE_RETURN,
	ROUTINE_RETURN_NEXT,
	ROUTINE_RETURN_QUERY,
	ROUTINE_RAISE,
	ROUTINE_ASSERT,
	ROUTINE_SQL,
	ROUTINE_PERFORM,
	ROUTINE_EXECUTE,
	ROUTINE_DIAGNOSTICS,
	ROUTINE_NULL,
	ROUTINE_OPEN,
	ROUTINE_FETCH,
	ROUTINE_CLOSE,
	ROUTINE_FOR_CURSOR,
	ROUTINE_KINDS
};

/* The members that a kind has no use for are empty. */
struct routine_statement {
	enum routine_kind kind;
	const char *label;	     /* BLOCK, loops: its own; EXIT, CONTINUE: that of the loop meant */
	struct routine_sql *sql;     /* condition, value, query; RAISE: none */
	struct routine_sql *to, *by; /* FOR_INTEGER; ASSERT: to is the message */
	struct routine_sql **list;   /* USING, or RAISE's parameters */
	unsigned nlist;
	struct routine_target *targets; /* ASSIGN, INTO, FOR, DIAGNOSTICS; RETURN: the one whose value it is */
	unsigned ntargets;
	const char **items; /* DIAGNOSTICS: what each target gets */
	unsigned slice;	    /* FOREACH */
	unsigned slot;	    /* CASE, FOR_INTEGER: a variable of its own; of cursors: what has the name */
	bool constant;	    /* OPEN: of that one */
	bool move;	    /* FETCH: MOVE */
	const struct routine_cursor *cursor; /* OPEN, FOR_CURSOR: of the query; NULL: it is OPEN's own */
	enum routine_scroll scroll;	     /* OPEN */
	struct routine_fetch fetch;	     /* FETCH; sql, if there is one, says how many rows */
	bool into, strict, reverse, dynamic, stacked;
	bool part;			     /* ASSIGN: to a part of the target, and sql is of its whole */
	bool row;			     /* RETURN: the query has a column for each of a row's fields */
	struct routine_variable *variables;  /* BLOCK */
	struct routine_statement *body;	     /* BLOCK, loops */
	struct routine_branch *branches;     /* IF, CASE: in order; BLOCK: handlers */
	struct routine_statement *otherwise; /* ELSE */
	bool has_otherwise;
	enum report_severity severity; /* RAISE */
	bool again;		       /* RAISE alone */
	const char *format;
	char code[6];
	struct routine_option *options;
	unsigned state_slot, message_slot; /* BLOCK with handlers: SQLSTATE and SQLERRM */
	struct routine_statement *next;
};

/* A declared name that hides another; the last one first. */
struct routine_shadow {
	const char *name;
	const struct routine_shadow *before;
};

struct routine_block;
struct routine {
	struct routine_block *memory;
	size_t bytes;
	unsigned nslots;
	unsigned nparameters;
	const struct routine_parameter *parameters;
	const struct routine_name *names; /* of the parameters */
	enum routine_returns returns;
	uint32_t result;
	const struct routine_shadow *shadows;
	bool says_conflict;		     /* else the settings do */
	bool columns_first, variables_first; /* as dialect_variables has them */
	struct routine_statement *body;
};

/* FOUND is the first slot; the parameters follow, or of a trigger's function what it is told. */
#define ROUTINE_SLOT_FOUND 0U
enum routine_trigger_slot {
	ROUTINE_SLOT_NEW = 1,
	ROUTINE_SLOT_OLD,
	ROUTINE_SLOT_NAME,
	ROUTINE_SLOT_WHEN,
	ROUTINE_SLOT_LEVEL,
	ROUTINE_SLOT_OP,
	ROUTINE_SLOT_RELID,
	ROUTINE_SLOT_RELNAME,
	ROUTINE_SLOT_TABLE,
	ROUTINE_SLOT_SCHEMA,
	ROUTINE_SLOT_NARGS,
	ROUTINE_SLOT_ARGV,
	ROUTINE_SLOTS_OF_TRIGGERS
};

/* memory.c: zeroed memory of the routine's; NULL: 53200, or 54000 when it is too large. */
void *routine_alloc(struct routine *routine, size_t size, struct report *r);
char *routine_copy(struct routine *routine, const char *text, size_t length, struct report *r);

/* run_return.c */
bool routine_has_out_parameters(const struct routine *routine);

/* conditions.c: the SQLSTATEs of a condition's name, from the first (0) on; NULL: there is no other. */
const char *routine_condition_code(const char *name, unsigned number);
/* Keeps a code of five characters. */
void routine_set_code(char code[6], const char *text);
/* Whether an error of that state is meant. */
bool routine_condition_matches(const struct routine_condition *condition, const char *code);

#endif
