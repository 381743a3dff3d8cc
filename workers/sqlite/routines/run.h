/*
 * Private to what runs a routine: run.c, run_loop.c, run_foreach.c and run_return.c have the statements that steer,
 * run_sql.c runs SQL for them, run_statement.c has those that are nothing but SQL, run_cursor.c cursors, run_raise.c
 * errors, variables.c values and where they are kept.
 */
#ifndef BIBD_SQLITE_ROUTINES_RUN_H
#define BIBD_SQLITE_ROUTINES_RUN_H

#include "workers/sqlite/routines/tree.h"

/* A variable. One that is a record has columns and at most one row; without columns it was not assigned yet. */
struct datum {
	bool record;
	bool fixed; /* its columns are a table's, and stay */
	bool not_null;
	uint32_t composite; /* of a record: the row type whose value it is; 0: of none */
	const char *name;
	struct routine_value scalar;
	struct routine_rows row;
};

/* One call that is under way. */
struct run {
	const struct routine *routine;
	const struct routine_host *host;
	struct report *report;
	struct datum *slots;
	struct routine_rows *result; /* NULL: nothing is returned */
	bool returned;		     /* RETURN gave the value */
	uint64_t row_count;
	size_t held; /* bytes of rows of loops under way, and of the result */
	unsigned steps;
	const char *label;     /* FLOW_EXIT, FLOW_CONTINUE: whose; NULL: the innermost loop's */
	struct report *caught; /* within a handler: what it handles */
};

enum flow { FLOW_ON, FLOW_EXIT, FLOW_CONTINUE, FLOW_RETURN, FLOW_FAILED };

/* ---- run.c ---- */
/* Now and then: whether to go on. */
int run_check(struct run *run);
enum flow run_statements(struct run *run, const struct routine_statement *list);

/* ---- run_loop.c ---- */
enum flow run_loop(struct run *run, const struct routine_statement *statement);
enum flow run_for_integer(struct run *run, const struct routine_statement *statement);
enum flow run_for_query(struct run *run, const struct routine_statement *statement);
/* The body for each row. */
enum flow run_over_rows(struct run *run, const struct routine_statement *statement, const struct routine_rows *rows);
enum flow run_exit(struct run *run, const struct routine_statement *statement);

/* After a loop's body: whether the loop goes on. *flow becomes what the loop comes to. */
bool run_goes_on(struct run *run, const struct routine_statement *loop, enum flow *flow);

/* ---- run_cursor.c ---- */
enum flow run_open_statement(struct run *run, const struct routine_statement *statement);
enum flow run_fetch(struct run *run, const struct routine_statement *statement);
enum flow run_close(struct run *run, const struct routine_statement *statement);
enum flow run_for_cursor(struct run *run, const struct routine_statement *statement);

/* ---- run_foreach.c ---- */
enum flow run_foreach(struct run *run, const struct routine_statement *statement);

/* ---- run_record.c ---- */

/* Whether the expression is nothing but the name of a record, or COALESCE of such names: *record is that one, or the
 * first that is not null, else the last. */
bool run_is_null_literal(const struct routine_sql *sql);
bool run_names_record(struct run *run, const struct routine_sql *sql, const struct datum **record);
/* A copy of its row, by itself: what is assigned may be the record itself. */
int run_copy_row(struct run *run, const struct datum *record, struct routine_rows *rows);
/* The text of a record as it is shown, malloc'ed; NULL: the report is filled. */
char *run_show_record(struct run *run, const struct datum *record);
/* What runs with slots of its own, those of the routine's parameters not set; and their end. */
int run_begin(struct run *run);
void run_end(struct run *run);
/* Runs the body. */
int run_whole(struct run *run);

/* ---- run_return.c ---- */
enum flow run_return(struct run *run, const struct routine_statement *statement);
/* The OUT parameters as a row of the result. */
int run_return_parameters(struct run *run);

/* ---- variables.c ---- */

/* Brings a value to a type as an assignment does, by its text where there is no cast; frees what was. */
int run_convert(struct run *run, struct routine_value *value, uint32_t oid, int32_t typmod);
/* Puts a value into a variable or a field of one. The value is taken over. */
int run_assign(struct run *run, const struct routine_target *target, struct routine_value *value);
/* 42703, 55000, 42601: a target that is no variable with such a field. 42804 for a record as a whole. -1 always. */
int run_check_target(struct run *run, const struct routine_target *target);
/* The first row of `rows` (none: nulls) into the targets. */
int run_assign_row(struct run *run, const struct routine_target *targets, unsigned ntargets,
    const struct routine_rows *rows, size_t row);
void run_set_found(struct run *run, bool found);
/* Makes the one row of a record, of nulls, where it has columns and none to copy. */
int run_add_nulls(struct run *run, struct routine_rows *rows);
void run_free_datum(struct datum *datum);

/* ---- declare.c ---- */
/* Declares a block's variables, in order, with their values. */
int run_declare(struct run *run, const struct routine_variable *variables);

/* ---- run_sql.c ---- */

/* One statement. `wanted` rows are enough of a query's (0: all). `assigned`: see dialect_variables. */
int run_sql(struct run *run, const struct routine_sql *sql, uint32_t assigned, int32_t typmod, size_t wanted,
    struct routine_rows *rows);
/* What a variable or a field becomes when a part of it is assigned to: sql is as parse_statement.c makes it. */
int run_part(struct run *run, const struct routine_sql *sql, const struct routine_target *target,
    struct routine_value *value);
/* The same for a text that is made as it runs, with $1, $2, ... */
int run_text(struct run *run, const char *text, struct routine_sql *const *list, unsigned nlist, size_t wanted,
    struct routine_rows *rows);
/* Opens a cursor for a query, or for a text with the values of the statement's list: see routine_host.open. */
int run_open(struct run *run, const struct routine_sql *sql, enum routine_scroll scroll, char **name);
int run_open_text(struct run *run, const char *text, const struct routine_statement *statement, char **name);
/* An expression's value; oid 0: of whatever type it has. */
int run_value(struct run *run, const struct routine_sql *sql, uint32_t oid, int32_t typmod,
    struct routine_value *value);
/* The fields of a composite value, or the columns of a query, as a row; none where it is null. */
int run_fields(struct run *run, const struct routine_sql *sql, struct routine_rows *rows);
/* The same of a value that is kept. */
int run_explode(struct run *run, const struct routine_value *value, struct routine_rows *rows);
/* A condition; null is false. */
int run_condition(struct run *run, const struct routine_sql *sql, bool *holds);
/* The text of a value as it is shown, malloc'ed; NULL for null and (with the report) for an error. */
char *run_show(struct run *run, const struct routine_value *value);
/* The text to be run, of EXECUTE. malloc'ed. */
char *run_dynamic_text(struct run *run, const struct routine_sql *sql);
/* The rows of FOR ... IN, and of RETURN QUERY. */
int run_query(struct run *run, const struct routine_statement *statement, struct routine_rows *rows);

/* ---- run_statement.c ---- */
enum flow run_sql_statement(struct run *run, const struct routine_statement *statement);
enum flow run_perform(struct run *run, const struct routine_statement *statement);
enum flow run_execute(struct run *run, const struct routine_statement *statement);

/* ---- run_raise.c ---- */
enum flow run_raise(struct run *run, const struct routine_statement *statement);
enum flow run_assert(struct run *run, const struct routine_statement *statement);
enum flow run_diagnostics(struct run *run, const struct routine_statement *statement);
/* SQLSTATE and SQLERRM of a handler. */
int run_set_caught(struct run *run, const struct routine_statement *block);
int run_set_text(struct run *run, unsigned slot, const char *text);

#endif
