/*
 * Calls of functions, PostgreSQL's and the file's own, for the files that translate expressions. Functions that return
 * a pointer return NULL, and the others -1, with the report filled; what a pointer leads to lives as long as the
 * translator.
 */
#ifndef BIBD_SQLITE_DIALECT_CALL_H
#define BIBD_SQLITE_DIALECT_CALL_H

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/expression.h"

struct lateral;
struct schema_routine;

/* ---- function_call.c ---- */

/* The function's name in lower case, without its schema; a schema that has no functions is 3F000. */
const char *translate_function_name(struct translator *t, const PgQuery__FuncCall *call);
/* Writes a call's arguments, chooses the function of that name by them, and brings them to what it takes. *list has a
 * member for each argument; *result is the OID of the result's type. */
const struct function_fact *translate_called(struct translator *t, const PgQuery__FuncCall *call, const char *name,
    struct expression **list, uint32_t *result);
/* Writes FILTER and OVER, which stand behind a call. */
int translate_call_tail(struct translator *t, const PgQuery__FuncCall *call);

/* ---- call_check.c: calls that PostgreSQL refuses ---- */

/* 42883, 42725 or 42804: no function of that name could be chosen by the types of these arguments. Always -1. */
int call_fail_resolution(struct translator *t, const PgQuery__FuncCall *call, const char *name,
    const struct expression *list, enum resolution resolution);
/* Refuses the chosen function where what it takes or gives has no type here, or SQLite has nothing that computes it.
 * `types` are those of the arguments. */
int call_check_fact(struct translator *t, const PgQuery__FuncCall *call, const struct function_fact *fact,
    const char *name, const struct expression *list, const uint32_t *types);
/* 42809 and 0A000: DISTINCT, FILTER, ORDER BY, OVER or WITHIN GROUP stands where this function cannot have it. */
int call_check_kind(struct translator *t, const PgQuery__FuncCall *call, const struct function_fact *fact);
/* 42803 for an aggregate in FROM that belongs to the query around it. `before` is t->lateral of before the call's
 * arguments were written. */
int call_check_level(struct translator *t, const PgQuery__Node *node, const struct function_fact *fact,
    const struct lateral *before);

/* ---- call_arguments.c: what the arguments are brought to ---- */

/* Writes the arguments with commas between, each with the type that it has by itself. */
struct expression *translate_arguments(struct translator *t, const PgQuery__FuncCall *call);
/* Brings argument i of a call, at list[i], to the type that the function is declared with. Of several arguments the
 * last is brought first, since each change moves the text behind it. */
int call_bring_argument(struct translator *t, const struct function_fact *fact, struct expression *list, size_t i,
    uint32_t declared, int location);

/* ---- set_function.c, set_list.c: functions that answer rows ---- */

/* Whether PostgreSQL's function of that name answers rows. */
bool function_is_set(const char *name);
/* Such a call in a select list: moved into FROM. */
int translate_set_function_as_value(struct translator *t, const PgQuery__FuncCall *call, struct expression *type);
/* Whether ORDER BY or DISTINCT ON names one that stands in the select list, or has one itself. */
bool translate_sorts_sets(struct translator *t, const PgQuery__SelectStmt *select);
/* (f(x)).field in a select list, where f answers rows; field NULL: the whole row. */
int translate_set_function_field(struct translator *t, const PgQuery__FuncCall *call, const char *field,
    struct expression *type);

/* ---- named_arguments.c, variadic.c ---- */

/* The call with its arguments in the places of the parameters that they name. */
const PgQuery__FuncCall *translate_named_arguments(struct translator *t, const PgQuery__FuncCall *call,
    const char *name);
/* f(VARIADIC array) */
int translate_variadic(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression *type);

/* ---- json_arguments.c ---- */

/* The values that such a function makes JSON of, each as the JSON that it is; other functions' arguments stay. */
int translate_json_arguments(struct translator *t, const char *name, struct expression *list, size_t n, int location);
/* Whether a function of that name makes JSON of the argument at that place, from 0. */
bool translate_makes_json(const char *name, size_t argument);
/* Writes an argument that JSON is made of, which may be a row. */
int translate_json_value(struct translator *t, const PgQuery__Node *node, struct expression *type);

/* ---- routine_call.c ---- */

/* SELECT f(...) and SELECT * FROM f(...) of a function of the file's own, as a plan of its own kind. 0: the query is
 * neither; 1: the plan is made. */
int translate_routine_call(struct translator *t, const PgQuery__SelectStmt *select);
/* 42883: there is no function of that name with so many arguments. */
int translate_check_routine(struct translator *t, const PgQuery__ObjectWithArgs *object);

/* ---- ordered_call.c: ORDER BY and DISTINCT within a call ---- */

/* Whether ORDER BY or DISTINCT within a call of that SQLite function wants functions/ordered.c. */
bool call_is_ordered(const PgQuery__FuncCall *call, const char *sqlite_name);
/* 42P10: DISTINCT would leave the order of what the call is given open. */
int translate_check_distinct_order(struct translator *t, const PgQuery__FuncCall *call);
/* Makes a whole call of the arguments that stand at `start`: appends the keys, and puts the function before them. */
int translate_ordered_call(struct translator *t, const PgQuery__FuncCall *call, const char *sqlite_name, size_t start);

/* ---- hypothetical.c: rank() and its relatives, aggregates with WITHIN GROUP and window functions with OVER ---- */

bool function_is_hypothetical(const char *name);
int translate_hypothetical(struct translator *t, const PgQuery__FuncCall *call, const char *name,
    struct expression *type);

/* ---- within_group.c ---- */

bool function_is_ordered_set(const char *name);
/* Whether WITHIN GROUP stands where it must, and only there. */
int translate_check_within_group(struct translator *t, const PgQuery__FuncCall *call, const char *name);
/* The call with what stands in WITHIN GROUP (ORDER BY ...) as arguments behind its own. */
const PgQuery__FuncCall *translate_within_group(struct translator *t, const PgQuery__FuncCall *call, const char *name);
/* Appends what the aggregate is told of the value, its last argument: its type, and whether the order is descending. */
int translate_within_group_end(struct translator *t, const PgQuery__FuncCall *call, struct expression *value);

/* ---- own_choice.c: functions of the file's own, chosen by PostgreSQL's rules ---- */

/* A call of a function of the file's own. */
struct own_call {
	uint32_t oid;	 /* the function's */
	char volatility; /* pg_proc.provolatile */
	bool set;	 /* it answers rows */
	bool writes;	 /* it may change the file */
	bool reads_anew; /* it sees what is changed while the statement runs */
	bool steady;	 /* asked again within a statement it answers the same: own_steady.c */
	bool row;	 /* its rows are values of several columns */
	uint32_t result; /* the type of a value that it returns */
	unsigned ncolumns;
	struct schema_routine_column *columns; /* its result's: [ncolumns] */
	unsigned narguments;		       /* as they were written */
	const char *native;		       /* it is an extension's: what computes it, "" for nothing; else NULL */
	const char *types; /* of its columns and, where those depend on the call, of its parameters: sql_call.types */
};
/* Whether the file has functions of that name (which translate_own_name gives), and PostgreSQL has none. */
bool translate_is_own(struct translator *t, const char *name);
/* Whether a function of that name, PostgreSQL's or the file's own, answers rows. */
bool translate_is_set(struct translator *t, const char *name);
/* The fields of its rows. */
const struct row_shape *translate_own_shape(struct translator *t, const struct own_call *own);
/* Chooses the function of that kind ('f', 'p'), and writes its arguments, each as its parameter's type. `definitions`
 * say the columns of one that returns record. */
int translate_own_arguments(struct translator *t, const PgQuery__FuncCall *call, char kind,
    PgQuery__Node *const *definitions, size_t ndefinitions, struct own_call *own);
/* Puts what stands before them in a text that runs within another: "oid, 'types', ", and notes what the call does. */
int translate_own_head(struct translator *t, size_t start, const struct own_call *own);

/* ---- own_steady.c ---- */

/* Whether the function, asked again within a statement, answers the same. */
bool translate_is_steady(struct translator *t, const struct schema_routine *routine);
/* Whether it answers otherwise once the database has changed, though the statement that calls it began before. */
bool translate_reads_anew(struct translator *t, const struct schema_routine *routine);

/* ---- own_call.c ---- */

/* A call of a function of the file's own, as a value. */
int translate_own_call(struct translator *t, const PgQuery__FuncCall *call, struct expression *type);

/* ---- sequence_call.c ---- */

/* nextval() of a sequence that is named by a literal. False: it is no such call, and nothing was written; else *status
 * says whether it failed. */
bool translate_named_nextval(struct translator *t, const PgQuery__FuncCall *call, const char *name,
    struct expression *type, int *status);

#endif
