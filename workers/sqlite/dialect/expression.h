/*
 * Expressions while they are translated, for the files that do it. A function that returns an int returns 0, or -1 with
 * the report filled. A pointer that is returned leads to what lives as long as the translator.
 */
#ifndef BIBD_SQLITE_DIALECT_EXPRESSION_H
#define BIBD_SQLITE_DIALECT_EXPRESSION_H

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/translate.h"

/* Depth of the tree's walk. The lexer's bound holds first (lex.h); this one guards against a tree that it misjudged. */
#define TRANSLATE_DEPTH_MAX 24000

/* ---- infer.c: types that the context gives ---- */

/* A value of that type whose text begins at `start`. */
struct expression expression_value(size_t start, uint32_t oid);
/* The array type over a domain, for the domain of an array of its values; 0 for 0. */
uint32_t expression_array_domain(uint32_t domain);
/* Puts text around an expression, and moves its end. prefix NULL: making it failed, and was reported. */
int expression_wrap(struct translator *t, struct expression *e, const char *prefix, const char *suffix);
/* Makes the test of an expression for NULL, or for NOT NULL. */
int expression_null_test(struct translator *t, struct expression *e, bool null);
/* Replaces an expression's whole text. */
int expression_replace(struct translator *t, struct expression *e, const char *text);
/* Brings a numeric to its canonical text, where it does not have it yet. */
int expression_canonize(struct translator *t, struct expression *e, int location);
/* Writes COLLATE behind an expression whose type needs one and which brings none along: wherever SQLite compares,
 * sorts, groups or puts out. */
int expression_collate(struct translator *t, struct expression *e);
/* The same for the left of two operands, of which the right one ends at `end`. SQLite takes a collation that stands
 * anywhere within an operand, even in an argument of a function, so that a type that needs none gets BINARY then. */
int expression_collate_beside(struct translator *t, struct expression *e, size_t end);
/* Gives a type to what has none (a string, $n, NULL); others stay as they are. */
int expression_settle(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod);
/* The same, but a text that is shown by a name (cast_is_shown) is not read yet. */
int expression_settle_text(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod);
/* A constant that stays in the text takes its stored form there. */
int expression_settle_constant(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod);
/* The type in which operands of these types meet in a comparison, CASE or UNION; 0: there is none. */
uint32_t type_common(uint32_t a, uint32_t b);
/* The type in which an operator compares them: a real and a number of another type are both double precision. */
uint32_t type_compared(uint32_t a, uint32_t b);
/* The type that COALESCE, VALUES, UNION and, ELSE first, CASE make of these, in this order: the first of several texts,
 * else type_common() (select_common_type in the manual's "UNION, CASE, and Related Constructs"). */
uint32_t type_select_common(uint32_t a, uint32_t b);
/* Finds the common type of n expressions; text when none has a type. */
int expression_common(struct translator *t, const struct expression *list, size_t n, const char *what, int location,
    uint32_t *oid);
/* The type modifier that all n expressions share, if they share their type; else -1. */
int32_t expression_common_typmod(const struct expression *list, size_t n);
/* Finds the common type, and brings each expression to it, the last one first. */
int expression_unify(struct translator *t, struct expression *list, size_t n, const char *what, int location,
    uint32_t *oid);
/* What messages call the type: "integer". Valid for this call and the thread's next one. */
const char *type_display(struct translator *t, uint32_t oid);

/* ---- cast.c ---- */

enum cast_kind { CAST_IMPLICIT, CAST_ASSIGNMENT, CAST_EXPLICIT };

/* Brings an expression to a type. Fails with 42846/42804 where PostgreSQL has no such cast. */
int expression_cast(struct translator *t, struct expression *e, uint32_t oid, int32_t typmod, enum cast_kind kind,
    int location);
/* Makes char(n) a text, without the blanks at its end. Other types stay as they are. */
int expression_trim(struct translator *t, struct expression *e);
int translate_type_cast(struct translator *t, const PgQuery__Node *node, struct expression *type);
/* Makes a value of one of the file's own types the text, or the array of texts, that a client sees. */
int expression_plain(struct translator *t, struct expression *e);
/* The reverse: reads the text that a client gave for such a value, as $1. */
int expression_read(struct translator *t, struct expression *e);
/* Makes a regclass or another type that is kept as a number the name that clients see, as RETURNING gives it. */
int expression_show(struct translator *t, struct expression *e);
/* Makes a value the text that its type puts out, where a cast to text would give another one. */
int expression_output(struct translator *t, struct expression *e);
/* Whether a value of this type is shown by a name, and not as it is kept. */
bool cast_is_shown(uint32_t oid);

/* ---- one function per kind of node: operator.c, array.c, case.c, function_call.c, sublink.c, find_column.c ---- */

typedef int translate_node_fn(struct translator *t, const PgQuery__Node *node, struct expression *type);
translate_node_fn translate_a_expr, translate_array, translate_indirection, translate_bool_expr, translate_case,
    translate_coalesce, translate_min_max, translate_function_call, translate_value_function, translate_sub_link,
    translate_null_test, translate_boolean_test, translate_column, translate_row, translate_collate;
/* (a, b) op (SELECT ...). */
int translate_row_beside_query(struct translator *t, const PgQuery__AExpr *expr, const char *op,
    struct expression *type);

/* ---- operator.c ---- */

/* The operator's name without its schema; a schema other than pg_catalog is 42883. NULL: the report is filled. */
const char *translate_operator_name(struct translator *t, PgQuery__Node *const *names, size_t n, int location);
/* Brings two operands that stand side by side in the text to the form in which they are compared. */
int expression_meet(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location);
/* Whether numbers of these types are compared as double precision though SQLite, which compares a bigint with a REAL
 * exactly, would answer differently. */
bool expression_meets_as_float(uint32_t oid, uint32_t other);
/* Fills a text up with blanks as char(n) keeps it. */
int expression_fill(struct translator *t, struct expression *e, int32_t typmod);
/* Makes one expression of two that stand side by side. */
int expression_join(struct translator *t, struct expression *left, struct expression *right, const char *prefix,
    const char *separator, const char *suffix, uint32_t oid, struct expression *result);

/* ---- operands.c ---- */

/* Fails with 42883, and the types of both sides; left NULL: the operator has one operand. */
int translate_no_operator(struct translator *t, const char *op, const struct expression *left,
    const struct expression *right, int location);
/* An operator between two types. */
struct operator_meaning {
	uint32_t result;
	/* the function of SQLite's that computes it; NULL: SQLite has the operator under its own name */
	const char *function;
	const char *head; /* how the function's call begins, where that is not its name alone; else NULL */
};
/* Finds the operator for two operands that stand side by side, or for one (left NULL): 42883, 42725. Those without a
 * type are brought to what it takes, and all of them where a function computes it. */
int translate_operands(struct translator *t, const char *op, struct expression *left, struct expression *right,
    int location, struct operator_meaning *meaning);
/* Writes the call of the function that computes an operator. */
int translate_computed(struct translator *t, const struct operator_meaning *meaning, struct expression *left,
    struct expression *right, struct expression *result);
/* After the operator was written with that status: 0A000 when nothing could be written, or something of another
 * type. */
int translate_operator_done(struct translator *t, const char *op, int status, const struct operator_meaning *meaning,
    const struct expression *type, int location);
/* Makes a whole number an oid. */
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
/* x IN (...) for an x that is a whole row: list_rows.c. */
int translate_value_in_rows(struct translator *t, const PgQuery__AExpr *expr, bool negated, struct expression *type);
/* Whether a char(n) is among what is compared, and blanks at the ends may differ. The items stand `stride` apart. */
bool translate_is_padded(const struct expression *left, const struct expression *items, size_t n, size_t stride);
/* Takes blanks off the ends where they count for nothing: everywhere but of a text that is compared as one. */
int translate_trim_items(struct translator *t, struct expression *left, struct expression *items, size_t n,
    int location);
/* Whether PostgreSQL makes an array of the n items of IN: several, and none of them a column. -1, reported: that is not
 * told here, and would make another answer, of a real. */
int translate_items_together(struct translator *t, const struct expression *left, const struct expression *items,
    size_t n, int location);
/* record_compare.c: compares two records of a routine as a whole. 1: it was written; 0: the operands are none; -1:
 * the report is filled. */
int translate_records_compared(struct translator *t, const PgQuery__AExpr *expr, struct expression *type);
/* ROW(...) IS DISTINCT FROM ROW(...) */
translate_node_fn translate_row_distinct;

/* ---- row.c: rows as values ---- */

/* The fields of a value of a row type, or of a record. NULL: they are not known, or memory is out. */
const struct row_shape *translate_shape(struct translator *t, const struct expression *e);
/* ROW(...) with each name.* in it as the columns that it stands for. NULL: reported. */
const PgQuery__RowExpr *translate_expanded_row(struct translator *t, const PgQuery__RowExpr *row);
/* Writes the row of an entry of FROM as a value, and name.* where it stands for a row. */
int translate_whole_row(struct translator *t, const struct scope_range *range, int location, struct expression *type);
int translate_star_as_row(struct translator *t, const PgQuery__ColumnRef *ref, struct expression *type);
/* Brings ROW(...), field by field, or a record to a row type. */
int expression_cast_row(struct translator *t, struct expression *e, uint32_t oid, enum cast_kind kind, int location);
/* Replaces the value at the end of the text by its field of that name (42703), and by its i-th field. */
int translate_row_field(struct translator *t, struct expression *e, const char *name, int location);
int translate_row_field_at(struct translator *t, struct expression *e, const struct row_shape *shape, unsigned i);
/* Whether two rows' fields are known to be of the same types, so that their values are compared as they are. */
bool translate_rows_alike(struct translator *t, const struct expression *left, const struct expression *right);
/* The type as which a field or an element of that type is kept: the type below a domain, or the type itself. */
uint32_t translate_kept_type(struct translator *t, uint32_t oid);
/* 42883 for a type without an order and an equality, which ORDER BY, DISTINCT and others need. */
int translate_check_sortable(struct translator *t, const struct expression *e, const char *op, int location);

/* ---- array.c, array_compare.c ---- */
translate_node_fn translate_array_comparison;
/* ARRAY[...] under a cast: each element is brought to the type by itself. */
int translate_array_as(struct translator *t, const PgQuery__AArrayExpr *array, uint32_t oid, int32_t typmod,
    struct expression *type);
/* Whether one of the subscripts is a slice, so that all of them are; and writes their bounds as arguments, each with
 * a comma before it, two for each slice. */
bool subscripts_are_slice(PgQuery__Node *const *steps, size_t n);
int translate_subscripts(struct translator *t, PgQuery__Node *const *steps, size_t n);

/* ---- jsonb_part.c ---- */

/* Replaces the jsonb at the end of the text by what is at these subscripts of it. */
int translate_jsonb_subscripts(struct translator *t, PgQuery__Node *const *steps, size_t n, struct expression *type);
/* Appends the subscripts as an array of texts; *whole: the first is a number. */
int translate_jsonb_steps(struct translator *t, PgQuery__Node *const *steps, size_t n, bool *whole);

/* ---- window.c ---- */
int translate_over(struct translator *t, const PgQuery__WindowDef *window);
int translate_window(struct translator *t, const PgQuery__WindowDef *window);

/* ---- order.c ---- */

/* The output column, from 1, that an item of ORDER BY, GROUP BY or DISTINCT ON names by its number or, unless
 * `input_first` and a column of FROM has it, its name. 0: it is an expression. -1: reported. */
int translate_position(struct translator *t, const PgQuery__Node *node, const struct query_columns *output,
    const char *clause, bool input_first);
/* Writes what stands behind an item of ORDER BY: its collation, its direction, and where NULL comes. */
int translate_sort_end(struct translator *t, const PgQuery__SortBy *sort, struct expression *type);
/* Appends " ORDER BY ..." when there is one. `output` is the select list, NULL where names and positions mean nothing
 * (OVER). */
int translate_order_by(struct translator *t, PgQuery__Node *const *sorts, size_t n, const struct query_columns *output);
int translate_group_by(struct translator *t, PgQuery__Node *const *groups, size_t n,
    const struct query_columns *output);
int translate_partition_by(struct translator *t, PgQuery__Node *const *parts, size_t n);
/* Appends what stands behind OFFSET. */
int translate_offset(struct translator *t, const PgQuery__Node *offset);
/* Appends " LIMIT ... OFFSET ..." */
int translate_limit(struct translator *t, const PgQuery__SelectStmt *select);

/* ---- variable.c: names of a routine's variables ---- */

/* Makes the node of qualifier.column. NULL: the report is filled. */
PgQuery__Node *translate_column_node(struct translator *t, const char *qualifier, const char *column);
/* The fields, [*n], of the variable that name.* means where no entry of FROM has the name. NULL: it means none. */
const struct dialect_variable *translate_variable_fields(struct translator *t, const PgQuery__Node *node, unsigned *n);
/* The row of VALUES with each such name.* in it as its fields. NULL: reported. */
const PgQuery__List *translate_expanded_values(struct translator *t, const PgQuery__List *row);
/* The variable that a name means, or the field of a record; the qualifier may be NULL. NULL: none. */
const struct dialect_variable *translate_find_variable(const struct translator *t, const char *qualifier,
    const char *name);
/* Writes a variable; 0A000 where SQLite takes no parameters, 42703 and 55000 for a field that the record does not
 * have. */
int translate_variable(struct translator *t, const struct dialect_variable *variable, const char *name, int location,
    struct expression *type);
/* Writes $n of a routine, which is its parameter. */
int translate_variable_number(struct translator *t, int number, int location, struct expression *type);
/* 42702: the name may be a column's or a variable's. */
int translate_variable_is_ambiguous(struct translator *t, const char *name, int location);
/* Writes a query that is an expression alone, brought to the type that a routine assigns it to. 0: the query is more
 * than that, and nothing was written; 1: it was written; -1: the report is filled. */
int translate_assigned(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);

/* Whether the query is SELECT and one value, without anything else. */
bool select_is_value_alone(const PgQuery__SelectStmt *select);

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
/* Whether the node is x.* or (x).* */
bool translate_is_star(const PgQuery__Node *node);
/* Copies the columns into the plan. */
int translate_plan_columns(struct translator *t, const struct query_columns *columns);

/* ---- target_name.c ---- */

/* The name that PostgreSQL gives an output column that has none. */
const char *translate_target_name(const PgQuery__Node *value);

/* ---- from.c, join.c, range_function.c, with.c ---- */
int translate_range_function(struct translator *t, const PgQuery__Node *node);
/* The table or view that an entry of FROM names; NULL: it names a query of WITH, or nothing. */
const struct schema_table *translate_named_table(struct translator *t, const PgQuery__RangeVar *relation);
/* The transition table that an entry of FROM names; NULL: none, or a query of WITH, which comes first. */
const struct dialect_transition *translate_find_transition(const struct translator *t,
    const PgQuery__RangeVar *relation);
/* Puts AS "alias" behind an item of FROM, and its columns into the scope, renamed as `names` (or NULL) says. */
int translate_range_end(struct translator *t, const char *alias, const struct scope_column *columns, unsigned n,
    const PgQuery__Alias *names);
int translate_from_item(struct translator *t, const PgQuery__Node *item);
/* Whether the item of FROM is a join with USING or NATURAL, or has such a join in it. */
bool translate_has_using(const PgQuery__Node *item);
int translate_join(struct translator *t, const PgQuery__Node *node);
/* join_using.c: writes the condition of USING or NATURAL, and makes one column of each pair. */
int translate_using(struct translator *t, const PgQuery__JoinExpr *join, struct scope_range *left,
    struct scope_range *right);
int translate_from(struct translator *t, PgQuery__Node *const *items, size_t n);
/* Appends "WITH ... " and puts the names in force; the caller restores t->ctes. */
int translate_with(struct translator *t, const PgQuery__WithClause *with);
/* Writes a query in a scope of its own, which does not see the FROM around it unless it is LATERAL. */
int translate_subquery(struct translator *t, const PgQuery__Node *node, struct query_columns *columns);
/* Writes the query that is a whole statement: its columns are as clients see them, a regclass by its name. */
int translate_select_shown(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);

/* ---- select.c, compound.c ---- */

/* Writes a query with its WITH and LIMIT. */
int translate_query(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);
/* select_values.c: VALUES. */
int translate_values(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);
/* Whether the query itself gives a type to its column i (0: the first): what has none is a text then, also for a column
 * of another type. */
bool select_settles_column(const PgQuery__SelectStmt *select, unsigned i);
/* Whether ORDER BY, LIMIT or OFFSET stands behind the query. */
bool select_has_clauses(const PgQuery__SelectStmt *select);
/* Writes a set operation, without what stands behind it. */
int translate_compound(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);

/* ---- immutable.c: what is written into translator.nmutable ---- */

/* Notes a call of the function of pg_proc with that OID. */
void translate_note_function(struct translator *t, uint32_t oid);
/* Notes that a value of that type was made a text. */
void translate_note_text_of(struct translator *t, uint32_t oid);
void translate_note_cast(struct translator *t, uint32_t from, uint32_t to);

/* ---- recast.c ---- */

/* Puts the query that stands at [start, end) into one that brings its columns to these types, if any must change. */
int translate_recast(struct translator *t, size_t start, size_t end, const struct query_columns *columns,
    const uint32_t *oids);

/* The same for the last query of a function in SQL, which begins at `start`: brings it to what the function returns,
 * if the text that is translated says so. */
int translate_returned(struct translator *t, size_t start, struct query_columns *columns);

/* ---- scope.c, find_column.c ---- */
struct scope_range *translate_scope_add(struct translator *t, struct scope_range *range);
/* The entry of FROM that a qualifier means, from the innermost query outwards; schema may be NULL. NULL: none. */
const struct scope_range *translate_scope_find(struct translator *t, const char *schema, const char *name);
/* Whether the query's own FROM has a column of that name. */
bool translate_scope_has(struct translator *t, const char *name);
/* Fails with 42P01, "missing FROM-clause entry". */
int translate_missing_range(struct translator *t, const char *name, int location);
struct found_column {
	const struct scope_range *range;
	const struct scope_column *column;
	/* it is one of a USING pair, and written without a qualifier: SQLite finds it as PostgreSQL does */
	bool merged;
	int location;
};
int translate_found_column(struct translator *t, const struct found_column *found, struct expression *type);

#endif
