/*
 * Private to the files that translate expressions.
 */
#ifndef BIBD_SQLITE_DIALECT_EXPRESSION_H
#define BIBD_SQLITE_DIALECT_EXPRESSION_H

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/translate.h"

/* Depth of the tree's walk. The lexer's bound holds first (lex.h); this one guards against a tree that it misjudged. */
#define TRANSLATE_DEPTH_MAX 24000

/* ---- infer.c: types that the context gives ---- */

/* What an expression of one OID is at the start of its text: a value of that type. */
struct expression expression_value(size_t start, uint32_t oid);
/* Puts text around an expression, and moves its end. prefix NULL: making it failed, and was reported. */
int expression_wrap(struct translator *t, struct expression *e, const char *prefix, const char *suffix);
/* Makes it whether it is NULL, or is not. */
int expression_null_test(struct translator *t, struct expression *e, bool null);
/* Replaces an expression's whole text. */
int expression_replace(struct translator *t, struct expression *e, const char *text);
/* A numeric that is not canonical yet becomes so. */
int expression_canonize(struct translator *t, struct expression *e, int location);
/* Writes COLLATE behind an expression whose type needs one and which brings none along: wherever SQLite compares,
 * sorts, groups or puts out. */
int expression_collate(struct translator *t, struct expression *e);
/* The same for the left of what stands up to `end`. SQLite takes the collation that stands anywhere within an operand,
 * be it for a comparison in an argument of a function: a type that needs none gets BINARY then. */
int expression_collate_beside(struct translator *t, struct expression *e, size_t end);
/* Gives a type to what has none (a string, $n, NULL); others stay as they are. */
int expression_settle(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod);
/* The same, but a text that is shown by a name (cast_is_shown) is not read yet. */
int expression_settle_text(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod);
/* A constant that stays in the text takes its stored form there. */
int expression_settle_constant(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod);
/* The type that operands of these types meet in: comparison, CASE, UNION. 0: there is none. */
uint32_t type_common(uint32_t a, uint32_t b);
/* The type that COALESCE, VALUES, UNION and, ELSE first, CASE make of these, in this order: the first of several texts,
 * else type_common() (select_common_type in the manual's "UNION, CASE, and Related Constructs"). */
uint32_t type_select_common(uint32_t a, uint32_t b);
/* The common type of n expressions, text when none has one. */
int expression_common(struct translator *t, const struct expression *list, size_t n, const char *what, int location,
    uint32_t *oid);
/* The modifier that all share, if they share their type; else -1. */
int32_t expression_common_typmod(const struct expression *list, size_t n);
/* expression_common(), and each brought to the type, last first. */
int expression_unify(struct translator *t, struct expression *list, size_t n, const char *what, int location,
    uint32_t *oid);
/* "integer", for messages; valid until the thread's next call is made twice. */
const char *type_display(struct translator *t, uint32_t oid);

/* ---- cast.c ---- */

enum cast_kind { CAST_IMPLICIT, CAST_ASSIGNMENT, CAST_EXPLICIT };

/* Brings an expression to a type. Fails with 42846/42804 where PostgreSQL has no such cast. */
int expression_cast(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind,
    int location);
/* char(n) as text: without the blanks at its end. Others stay as they are. */
int expression_trim(struct translator *t, struct expression *e);
int translate_type_cast(struct translator *t, const PgQuery__Node *node, struct expression *type);
/* A value of one of the file's own types as the text, or the array of texts, that it is shown as. */
int expression_plain(struct translator *t, struct expression *e);
/* A text that is shown for such a value, $1 as a client gave it, is read as it. */
int expression_read(struct translator *t, struct expression *e);
/* For what RETURNING gives: the name of a regclass and its like. */
int expression_show(struct translator *t, struct expression *e);
/* The text that its type puts out, where a cast to text gives another one. */
int expression_output(struct translator *t, struct expression *e);
/* Whether a value of this type is shown by a name, and not as it is kept. */
bool cast_is_shown(uint32_t oid);

/* ---- one function per kind of node: operator.c, array.c, case.c, function_call.c, sublink.c, scope.c ---- */

typedef int translate_node_fn(struct translator *t, const PgQuery__Node *node, struct expression *type);
translate_node_fn translate_a_expr, translate_array, translate_indirection, translate_bool_expr, translate_case,
    translate_coalesce, translate_min_max, translate_function_call, translate_value_function, translate_sub_link,
    translate_null_test, translate_boolean_test, translate_column, translate_row, translate_collate;

/* ---- operator.c ---- */

/* The operator's bare name; a schema other than pg_catalog is 42883. NULL: the report is filled. */
const char *translate_operator_name(struct translator *t, PgQuery__Node *const *names, size_t n, int location);
/* Two operands that stand side by side in the text: brings them together for a comparison. */
int expression_meet(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location);
/* Fills a text up with blanks as char(n) keeps it. */
int expression_fill(struct translator *t, struct expression *e, int32_t typmod);
/* Makes one expression of two that stand side by side. */
int expression_join(struct translator *t, struct expression *left, struct expression *right, const char *prefix,
    const char *separator, const char *suffix, uint32_t oid, struct expression *result);

/* ---- operands.c ---- */

/* 42883 with the types of both sides; left NULL: unary. */
int translate_no_operator(struct translator *t, const char *op, const struct expression *left,
    const struct expression *right, int location);
/* What an operator is between two types. */
struct operator_meaning {
	uint32_t result;
	const char *function; /* that computes it; NULL: it is written by its name */
};
/* Finds the operator for two operands that stand side by side, or for one (left NULL): 42883, 42725. Those without a
 * type are brought to what it takes, and all of them where a function computes it. */
int translate_operands(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct operator_meaning *meaning);
/* Writes the call of that function. */
int translate_computed(struct translator *t, const struct operator_meaning *meaning, struct expression *left,
    struct expression *right, struct expression *result);
/* After the operator was written with that status: 0A000 when nothing could be written, or something of another
 * type. */
int translate_operator_done(struct translator *t, const char *op, int status, const struct operator_meaning *meaning,
    const struct expression *type, int location);
/* A whole number becomes an oid. */
int expression_to_oid(struct translator *t, struct expression *e);

/* ---- arithmetic.c: operands stand side by side, types not yet settled ---- */
int translate_arithmetic(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct expression *result);
int translate_negation(struct translator *t, struct expression *operand, int location);

/* ---- pattern.c: LIKE and regular expressions ---- */
int translate_similar(struct translator *t, const PgQuery__Node *node, struct expression *type);
int translate_pattern(struct translator *t, const PgQuery__AExpr *expr, const char *op, struct expression *type);
bool operator_is_pattern(const char *op);

/* ---- list.c: IN, BETWEEN, rows ---- */
translate_node_fn translate_in_list, translate_between, translate_row_comparison;
/* record_compare.c: two records of a routine as a whole. 1: written, 0: it is not that, -1. */
int translate_records_compared(struct translator *t, const PgQuery__AExpr *expr, struct expression *type);
/* ROW(...) IS DISTINCT FROM ROW(...) */
translate_node_fn translate_row_distinct;

/* ---- row.c: rows as values ---- */

/* The fields of a value of a row type, or of a record. NULL: they are not known, or memory is out. */
const struct row_shape *translate_shape(struct translator *t, const struct expression *e);
/* ROW(...) with each name.* in it as the columns that it stands for. NULL: reported. */
const PgQuery__RowExpr *translate_expanded_row(struct translator *t, const PgQuery__RowExpr *row);
/* The row of an entry of FROM; and name.* where it is one. */
int translate_whole_row(struct translator *t, const struct scope_range *range, int location, struct expression *type);
int translate_star_as_row(struct translator *t, const PgQuery__ColumnRef *ref, struct expression *type);
/* Brings ROW(...), field by field, or a record to a row type. */
int expression_cast_row(struct translator *t, struct expression *e, uint32_t oid, enum cast_kind kind, int location);
/* The value at the end of the text becomes its field of that name (42703), or that place. */
int translate_row_field(struct translator *t, struct expression *e, const char *name, int location);
int translate_row_field_at(struct translator *t, struct expression *e, const struct row_shape *shape, unsigned i);
/* Whether two rows' fields are known to be of the same types, so that their values are compared as they are. */
bool translate_rows_alike(struct translator *t, const struct expression *left, const struct expression *right);
/* The type as which values of a field, or elements, of that type are kept: a domain's base. */
uint32_t translate_kept_type(struct translator *t, uint32_t oid);
/* 42883 for a type that has no order and no equality: what ORDER BY, DISTINCT and their like want. */
int translate_check_sortable(struct translator *t, const struct expression *e, const char *op, int location);

/* ---- array.c, array_compare.c ---- */
translate_node_fn translate_array_comparison;
/* ARRAY[...] under a cast, which each of its elements is brought to by itself. */
int translate_array_as(struct translator *t, const PgQuery__AArrayExpr *array, uint32_t oid, int32_t typmod,
    struct expression *type);
/* Whether one of the subscripts is a slice, so that all are; and their bounds as arguments, each with a comma before
 * it, two for each slice. */
bool subscripts_are_slice(PgQuery__Node *const *steps, size_t n);
int translate_subscripts(struct translator *t, PgQuery__Node *const *steps, size_t n);

struct function_fact;

/* ---- function_call.c, set_function.c, set_list.c ---- */

/* Writes the arguments with commas between, each with the type that it has by itself. NULL: the report is filled. */
struct expression *translate_arguments(struct translator *t, const PgQuery__FuncCall *call);
/* The bare lower-case name; a schema that has no functions is 42883. NULL: the report is filled. */
const char *translate_function_name(struct translator *t, const PgQuery__FuncCall *call);
/* Whether PostgreSQL's function of that name answers rows. */
bool function_is_set(const char *name);
/* Such a call in a select list: moved into FROM. */
int translate_set_function_as_value(struct translator *t, const PgQuery__FuncCall *call, struct expression *type);
/* Whether ORDER BY or DISTINCT ON names one that stands in the select list, or has one itself. */
bool translate_sorts_sets(struct translator *t, const PgQuery__SelectStmt *select);
/* (f(x)).field there; NULL: the whole. */
int translate_set_function_field(struct translator *t, const PgQuery__FuncCall *call, const char *field,
    struct expression *type);
/* Writes a call's arguments, chooses the function of that name by them, and brings them to what it takes. The list is
 * the caller's to read; *result is the result's type. NULL: the report is filled. */
const struct function_fact *translate_called(struct translator *t, const PgQuery__FuncCall *call, const char *name,
    struct expression **list, uint32_t *result);

/* FILTER and OVER behind a call. */
int translate_call_tail(struct translator *t, const PgQuery__FuncCall *call);

/* ---- named_arguments.c, variadic.c ---- */

/* The call with its arguments in their places; NULL: the report is filled. */
const PgQuery__FuncCall *translate_named_arguments(struct translator *t, const PgQuery__FuncCall *call,
    const char *name);
/* f(VARIADIC array) */
int translate_variadic(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression *type);

/* ---- jsonb_part.c ---- */

/* The jsonb at the end of the text becomes what is at these subscripts of it. */
int translate_jsonb_subscripts(struct translator *t, PgQuery__Node *const *steps, size_t n, struct expression *type);
/* Appends the subscripts as an array of texts; *whole: the first is a number. */
int translate_jsonb_steps(struct translator *t, PgQuery__Node *const *steps, size_t n, bool *whole);

/* ---- json_arguments.c ---- */

/* The values that such a function makes JSON of, each as the JSON that it is; other functions' arguments stay. */
int translate_json_arguments(struct translator *t, const char *name, struct expression *list, size_t n, int location);
/* Whether a function of that name makes JSON of that argument; and such an argument, which may be a row. */
bool translate_makes_json(const char *name, size_t argument);
int translate_json_value(struct translator *t, const PgQuery__Node *node, struct expression *type);

/* ---- window.c ---- */
int translate_over(struct translator *t, const PgQuery__WindowDef *window);
int translate_window(struct translator *t, const PgQuery__WindowDef *window);

/* ---- order.c ---- */

/* Appends " ORDER BY ..." when there is one. `output` is the select list, NULL where names and positions mean nothing
 * (OVER). */
/* The output column, from 1, that an item of ORDER BY, GROUP BY or DISTINCT ON names by its number or, unless
 * `input_first` and a column of FROM has it, its name. 0: it is an expression. -1: reported. */
int translate_position(struct translator *t, const PgQuery__Node *node, const struct query_columns *output,
    const char *clause, bool input_first);
/* Behind an item of ORDER BY: its collation, direction, and where NULL comes. */
int translate_sort_end(struct translator *t, const PgQuery__SortBy *sort, struct expression *type);
int translate_order_by(struct translator *t, PgQuery__Node *const *sorts, size_t n, const struct query_columns *output);
int translate_group_by(struct translator *t, PgQuery__Node *const *groups, size_t n,
    const struct query_columns *output);
int translate_partition_by(struct translator *t, PgQuery__Node *const *parts, size_t n);
/* Appends " LIMIT ... OFFSET ..." */
/* Appends what stands behind OFFSET. */
int translate_offset(struct translator *t, const PgQuery__Node *offset);
int translate_limit(struct translator *t, const PgQuery__SelectStmt *select);

/* ---- variable.c: names of a routine's variables ---- */

/* The variable that a name means, qualified or not (NULL); fields of records too. NULL: none. */
const struct dialect_variable *translate_find_variable(const struct translator *t, const char *qualifier,
    const char *name);
/* Writes it; 0A000 where SQLite takes no parameters, 42703 and 55000 for a field that the record does not have. */
int translate_variable(struct translator *t, const struct dialect_variable *variable, const char *name, int location,
    struct expression *type);
/* $n of a routine: its parameter. */
int translate_variable_number(struct translator *t, int number, int location, struct expression *type);
/* 42702: the name may be a column's or a variable's. */
int translate_variable_is_ambiguous(struct translator *t, const char *name, int location);
/* A query that is an expression alone, brought to the type that a routine assigns it to. 0: it is none, nothing was
 * written; 1: done; -1: reported. */
int translate_assigned(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);

/* Whether the query is SELECT and one value, without anything else. */
bool select_is_value_alone(const PgQuery__SelectStmt *select);

/* ---- routine_call.c ---- */

/* SELECT f(...) and SELECT * FROM f(...) of a function of the file's own, as a plan of its own kind. 0: it is none; 1:
 * done; -1: reported. */
int translate_routine_call(struct translator *t, const PgQuery__SelectStmt *select);
/* 42883: there is no function of that name with so many arguments. */
int translate_check_routine(struct translator *t, const PgQuery__ObjectWithArgs *object);

/* ---- ordered_call.c ---- */

/* Whether ORDER BY or DISTINCT within a call of that SQLite function wants functions/ordered.c. */
bool call_is_ordered(const PgQuery__FuncCall *call, const char *sqlite_name);
/* Makes a whole call of the arguments that stand at `start`: appends the keys, and puts the function before them. */
/* 42P10 where DISTINCT would leave its order open. */
int translate_check_distinct_order(struct translator *t, const PgQuery__FuncCall *call);
int translate_ordered_call(struct translator *t, const PgQuery__FuncCall *call, const char *sqlite_name, size_t start);

/* ---- hypothetical.c ---- */
/* rank and its relatives, which are aggregates with WITHIN GROUP and window functions with OVER. */
bool function_is_hypothetical(const char *name);
int translate_hypothetical(struct translator *t, const PgQuery__FuncCall *call, const char *name,
    struct expression *type);

/* ---- within_group.c ---- */

bool function_is_ordered_set(const char *name);
/* Whether WITHIN GROUP stands where it must, and only there. -1: reported. */
int translate_check_within_group(struct translator *t, const PgQuery__FuncCall *call, const char *name);
/* The call with what stands in WITHIN GROUP (ORDER BY ...) as arguments behind its own. NULL: reported. */
const PgQuery__FuncCall *translate_within_group(struct translator *t, const PgQuery__FuncCall *call, const char *name);
/* Appends what the aggregate is told of the value, its last argument: its type, and whether the order is descending. */
int translate_within_group_end(struct translator *t, const PgQuery__FuncCall *call, struct expression *value);

/* ---- grouping.c ---- */

/* After FROM: 42702 for a name in ORDER BY that means two columns; 42803 for what is neither grouped nor within an
 * aggregate, and for an aggregate where none may be. */
int translate_check_grouping(struct translator *t, const PgQuery__SelectStmt *select);
/* The same for a query that is one group since a subquery has an aggregate of it. */
int translate_check_aggregated(struct translator *t, const PgQuery__SelectStmt *select);
/* ---- clauses.c ---- */

/* After FROM: 42704 and 42P20 for windows. */
int translate_check_windows(struct translator *t, const PgQuery__SelectStmt *select);
/* With all of it written, its scope still open: 42P10 for an ORDER BY that DISTINCT leaves open and for a LIMIT that
 * names a column, 0A000 and 42P01 for FOR UPDATE of what has no rows. */
int translate_check_clauses(struct translator *t, const PgQuery__SelectStmt *select,
    const struct query_columns *output);

/* Whether two expressions are the same. What follows holds for their literals alone: the plan becomes exact. */
bool translate_alike(struct translator *t, const PgQuery__Node *a, const PgQuery__Node *b);

/* ---- targets.c: select lists and RETURNING ---- */

/* Appends `expr AS "name", ...` with stars expanded. `shown`: regclass and its like by name. */
int translate_targets(struct translator *t, PgQuery__Node *const *targets, size_t n, bool shown,
    struct query_columns *columns);
/* x.* and (x).* */
bool translate_is_star(const PgQuery__Node *node);
/* Copies the columns into the plan. */
int translate_plan_columns(struct translator *t, const struct query_columns *columns);

/* ---- target_name.c ---- */

/* The name that PostgreSQL gives an output column that has none. */
const char *translate_target_name(const PgQuery__Node *value);

/* ---- from.c, join.c, range_function.c, with.c ---- */
int translate_range_function(struct translator *t, const PgQuery__Node *node);
/* The table or view that an entry of FROM names, NULL: a query of WITH, or none. */
const struct schema_table *translate_named_table(struct translator *t, const PgQuery__RangeVar *relation);
/* Puts AS "alias" behind an item of FROM, and its columns into the scope, renamed as `names` (or NULL) says. */
int translate_range_end(struct translator *t, const char *alias, const struct scope_column *columns, unsigned n,
    const PgQuery__Alias *names);
int translate_from_item(struct translator *t, const PgQuery__Node *item);
int translate_join(struct translator *t, const PgQuery__Node *node);
int translate_from(struct translator *t, PgQuery__Node *const *items, size_t n);
/* Appends "WITH ... " and puts the names in force; the caller restores t->ctes. */
int translate_with(struct translator *t, const PgQuery__WithClause *with);
/* A query in a scope of its own, without an outer FROM's view unless `lateral`. */
int translate_subquery(struct translator *t, const PgQuery__Node *node, struct query_columns *columns);
/* The query that a statement is: its columns are shown, regclass and its like by name. */
int translate_select_shown(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);

/* ---- select.c, compound.c ---- */

/* A query with its WITH and LIMIT. */
int translate_query(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);
/* Whether ORDER BY, LIMIT or OFFSET stands behind it. */
bool select_has_clauses(const PgQuery__SelectStmt *select);
/* A set operation alone. */
int translate_compound(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);

/* ---- recast.c ---- */

/* Puts the query that stands at [start, end) into one that brings its columns to these types, if any must change. */
int translate_recast(struct translator *t, size_t start, size_t end, const struct query_columns *columns,
    const uint32_t *oids);

/* The same for the whole query that begins at `start`, the last of a function in SQL: brought to what the function
 * returns, if the text is one that says so. */
int translate_returned(struct translator *t, size_t start, struct query_columns *columns);

/* ---- own_choice.c: functions of the file's own, chosen by PostgreSQL's rules ---- */

/* A call of one; its texts live as long as the translator. */
struct own_call {
	uint32_t oid;
	char volatility; /* pg_proc.provolatile */
	bool set;
	bool writes;	   /* it may */
	bool reads_anew;   /* it sees what is changed while the statement runs */
	bool steady;	   /* asked again within a statement it answers the same: own_steady.c */
	bool row;	   /* its rows are values of several columns */
	uint32_t result;   /* of a value */
	unsigned ncolumns; /* of its result */
	struct schema_routine_column *columns;
	unsigned narguments; /* as they were written */
	const char *types;   /* of its columns and, where those depend on the call, of its parameters: sql_call.types */
};
/* Whether the file has functions of that name, and PostgreSQL has none; and whether either answers rows. */
bool translate_is_own(struct translator *t, const char *name);
bool translate_is_set(struct translator *t, const char *name);
/* own_steady.c */
struct schema_routine;
bool translate_is_steady(struct translator *t, const struct schema_routine *routine);
/* Whether it answers otherwise once the database has changed, though the statement that calls it began before. */
bool translate_reads_anew(struct translator *t, const struct schema_routine *routine);
/* The fields of its rows; NULL: out of memory, and reported. */
const struct row_shape *translate_own_shape(struct translator *t, const struct own_call *own);
/* Chooses the function of that kind ('f', 'p'), and writes its arguments, each as its parameter's type. `definitions`
 * say the columns of one that returns record. */
int translate_own_arguments(struct translator *t, const PgQuery__FuncCall *call, char kind,
    PgQuery__Node *const *definitions, size_t ndefinitions, struct own_call *own);
/* Puts what stands before them in a text that runs within another: "oid, 'types', ", and notes what the call does. */
int translate_own_head(struct translator *t, size_t start, const struct own_call *own);

/* ---- own_call.c: such a call as a value ---- */
int translate_own_call(struct translator *t, const PgQuery__FuncCall *call, struct expression *type);

/* ---- scope.c ---- */
struct scope_range *translate_scope_add(struct translator *t, struct scope_range *range);
/* The entry of FROM that a qualifier means, from the innermost query outwards; schema may be NULL. NULL: none. */
const struct scope_range *translate_scope_find(struct translator *t, const char *schema, const char *name);
/* Whether the query's own FROM has a column of that name. */
bool translate_scope_has(struct translator *t, const char *name);
/* 42P01 "missing FROM-clause entry". */
int translate_missing_range(struct translator *t, const char *name, int location);
struct found_column {
	const struct scope_range *range;
	const struct scope_column *column;
	bool merged; /* one of a USING pair: written bare, SQLite finds it as PostgreSQL does */
	int location;
};
int translate_found_column(struct translator *t, const struct found_column *found, struct expression *type);

/* ---- sequence_call.c ---- */

/* nextval() of a sequence that is named by a literal. False: it is no such call, and nothing was written; else *status
 * says whether it failed. */
bool translate_named_nextval(struct translator *t, const PgQuery__FuncCall *call, const char *name,
    struct expression *type, int *status);

#endif
