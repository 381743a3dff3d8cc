/*
 * Private to deparse/: the query as PostgreSQL's analyzer would leave it, as far as its text depends on that. All of
 * it lives as long as the translator. A function that returns NULL or false found something whose text is not known.
 */
#ifndef BIBD_SQLITE_DEPARSE_TREE_H
#define BIBD_SQLITE_DEPARSE_TREE_H

#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/schema/kept.h"

enum deparse_kind {
	DEPARSE_COLUMN,	  /* range, name */
	DEPARSE_CONSTANT, /* text; NULL: NULL */
	DEPARSE_CALL,	  /* name(args) */
	DEPARSE_SYNTAX,	  /* a call with a syntax of its own, as EXTRACT; name is the function's */
	DEPARSE_AGGREGATE,
	DEPARSE_WINDOW,
	DEPARSE_OPERATOR, /* name, one argument or two */
	DEPARSE_DISTINCT, /* IS DISTINCT FROM */
	DEPARSE_ROWS,	  /* ROW(...) name ROW(...): the first half of args and the second */
	DEPARSE_AND,
	DEPARSE_OR,
	DEPARSE_NOT,
	DEPARSE_CAST,
	DEPARSE_CASE,	  /* args: WHEN, THEN, ..., ELSE; first: the operand */
	DEPARSE_FUNCTION, /* COALESCE, GREATEST, LEAST, NULLIF, ROW: name(args) */
	DEPARSE_ARRAY,
	DEPARSE_ANY, /* args[0] name ANY or ALL (args[1]) */
	DEPARSE_NULL_TEST,
	DEPARSE_BOOLEAN_TEST, /* name: "IS TRUE", ... */
	DEPARSE_SUBLINK,
	DEPARSE_VALUE, /* CURRENT_DATE, SESSION_USER, ...: name */
	DEPARSE_COLLATE,
	DEPARSE_FIELD,	   /* args[0].name, a field of a row type of the file: its number is `field` */
	DEPARSE_SUBSCRIPT, /* args[0][args[1]]...; `all`: slices, args[1]:args[2], NULL where a bound is left out */
};

struct deparse_order;
struct deparse_printer;

struct deparse_node {
	enum deparse_kind kind;
	uint32_t oid;
	int32_t typmod;
	const char *name, *text;
	const char *values; /* a constant with labels of an enum: the text under which it is stored */
	unsigned field;
	uint32_t own; /* a call: OID of the function of the file that it calls; 0: it is PostgreSQL's */
	struct deparse_node **args;
	size_t n;
	bool implicit; /* a cast that the query does not have in its text */
	bool computed; /* a cast for which a function is called */
	bool all;      /* ALL of an array; DISTINCT of an aggregate; ROW(...) whose type was written */
	bool within;   /* of an aggregate: `order` is WITHIN GROUP's */
	bool star;     /* count(*); a column: the whole row of its entry */
	bool variadic;
	struct deparse_node
	    *first; /* CASE's operand; FILTER's condition; a sublink's left side, if it is no row (args) */
	struct deparse_range *range;
	struct deparse_query *query;
	struct deparse_order *order; /* an aggregate's ORDER BY */
	size_t norder;
	const PgQuery__WindowDef *over;
	struct deparse_window *window;
	PgQuery__SubLinkType sublink;
};

/* An item of ORDER BY, GROUP BY or DISTINCT ON. */
struct deparse_order {
	struct deparse_node *node;
	unsigned position; /* the output column that it is, from 1; 0: it is none */
	bool descending, nulls_first;
};

struct deparse_window {
	const char *name, *refname;
	struct deparse_node **partition;
	size_t npartition;
	struct deparse_order *order;
	size_t norder;
	int frame;
	struct deparse_node *start, *end;
	bool copied_order;
};

struct deparse_column {
	const char *name;
	uint32_t oid;
	int32_t typmod;
};

enum deparse_range_kind { RANGE_TABLE, RANGE_QUERY, RANGE_FUNCTION, RANGE_CTE, RANGE_JOIN };

struct deparse_range {
	enum deparse_range_kind kind;
	const char *alias; /* the name that the text gives it */
	const char *given; /* the name that the query gives it */
	const char *schema, *name;
	bool aliased; /* the query has AS */
	bool renamed; /* the query renames its columns */
	bool only, ordinality;
	bool lateral; /* it is LATERAL: it names entries before it */
	bool value;   /* it is what a domain's constraint calls VALUE, and no table */
	bool hidden;  /* within a join that has a name */
	bool defined; /* a list of columns was written, with their types */
	bool meant;   /* it is the table of deparse_renamed, under its own columns' names */
	unsigned n;
	struct deparse_column *columns;
	struct deparse_query *query;
	struct deparse_node **functions; /* the functions side by side, each of one column */
	unsigned nfunctions;
	struct deparse_range *next;
};

/* An item of FROM: an entry, or a join. */
struct deparse_from {
	struct deparse_range *range;
	PgQuery__JoinType type;
	struct deparse_from *left, *right;
	struct deparse_range *named; /* of a join with a name */
	struct deparse_node *on;
	const char **merged; /* the columns of USING */
	unsigned nmerged;
	/* Its columns in the order in which * shows them. */
	struct deparse_node **visible;
	unsigned nvisible;
};

struct deparse_target {
	const char *name;
	struct deparse_node *node;
};

struct deparse_cte {
	const char *name;
	const char **aliases;
	unsigned naliases;
	struct deparse_query *query;
	PgQuery__CTEMaterialize materialized;
	struct deparse_column *columns;
	unsigned n;
	struct deparse_cte *next;
};

/* What stands in GROUP BY beside plain items: GROUPING SETS and its like, with what is in it; or items. */
struct deparse_grouping {
	const char *word; /* NULL: items alone */
	bool enclosed;	  /* items that stand in parentheses, also one alone */
	struct deparse_order *items;
	size_t nitems;
	struct deparse_grouping *sets;
	size_t nsets;
};

/* FOR UPDATE and its like, of an entry. */
struct deparse_lock {
	const struct deparse_range *range;
	const char *word, *wait;
};

struct deparse_query {
	struct deparse_query *outer;
	bool blind;		  /* it does not see the entries of the query around it */
	struct deparse_cte *ctes; /* the queries of its own WITH, in their order */
	bool recursive;
	bool distinct;
	struct deparse_order *on;
	size_t non;
	struct deparse_target *targets;
	size_t ntargets;
	struct deparse_from **from;
	size_t nfrom;
	struct deparse_range *ranges;
	struct deparse_node *where, *having;
	struct deparse_order *group, *order;
	size_t ngroup, norder;
	struct deparse_grouping *grouping; /* in place of `group` */
	size_t ngrouping;
	struct deparse_lock *locks;
	size_t nlocks;
	struct deparse_window *windows;
	size_t nwindows;
	struct deparse_node *limit, *offset;
	bool limit_all;
	struct deparse_node ***values; /* VALUES: rows of ntargets */
	size_t nvalues;
	struct deparse_query *left, *right; /* the sides of a set operation */
	const char *word;
	bool all;
	struct deparse_column *columns;
	unsigned n;
};

/* How deep a query may be before its text is not given. */
#define DEPARSE_DEPTH_MAX 200

struct deparser {
	struct translator *t;
	struct deparse_query *query; /* the query that is read; NULL: an expression over `table` */
	struct deparse_range *table;
	struct deparse_cte *ctes;    /* the queries of WITH that may be named */
	struct deparse_cte *pending; /* the recursive query of WITH that is read next */
	unsigned depth;
};

/* ---- coerce.c ---- */
/* The text that a type of PostgreSQL's own shows for a value that is written as this string. NULL: it is not known. */
const char *deparse_canonical(struct deparser *d, uint32_t oid, const char *text);
struct deparse_node *deparse_new(struct deparser *d, enum deparse_kind kind, uint32_t oid, size_t nargs);
struct deparse_node *deparse_constant(struct deparser *d, uint32_t oid, const char *text);
bool deparse_is_unknown(const struct deparse_node *node);
/* Brings a node to a type as PostgreSQL's analyzer does; the typmod counts unless the cast is `implicit`. */
struct deparse_node *deparse_coerce(struct deparser *d, struct deparse_node *node, uint32_t oid, int32_t typmod,
    bool implicit);
/* Brings the nodes to the one type in which they meet, and returns its OID: text when none has a type; 0: there is
 * no such type. */
uint32_t deparse_common(struct deparser *d, struct deparse_node *const *nodes, size_t n);
bool deparse_unify(struct deparser *d, struct deparse_node **nodes, size_t n, uint32_t *oid);

/* ---- own.c: what the file defines ---- */
/* The type under a domain; any other type is its own. */
uint32_t deparse_base(struct deparser *d, uint32_t oid);
/* A literal as a value of a type of the file that is no domain. */
struct deparse_node *deparse_own_constant(struct deparser *d, uint32_t oid, const char *text);
/* Brings a node to a domain, and ROW(...) to a row type. */
struct deparse_node *deparse_to_domain(struct deparser *d, struct deparse_node *node, uint32_t oid, bool implicit);
struct deparse_node *deparse_row_as(struct deparser *d, struct deparse_node *row, uint32_t oid, bool implicit);
/* A field of a node that has a row type of the file. */
struct deparse_node *deparse_field(struct deparser *d, struct deparse_node *arg, const char *name);
/* Fills in the node of a call of a function of the file. False: it is no such call, or its text is not known. */
bool deparse_own_call(struct deparser *d, const PgQuery__FuncCall *call, struct deparse_node *node);
/* The columns of the rows that such a call answers, with room for one more. NULL: they are not known. */
struct deparse_column *deparse_own_columns(struct deparser *d, const struct deparse_node *call, unsigned *n);

/* ---- node.c, column.c, subscript.c, operator.c, rows.c, call.c ---- */
struct deparse_node *deparse_node(struct deparser *d, const PgQuery__Node *node);
struct deparse_node *deparse_operator(struct deparser *d, const PgQuery__AExpr *expr);
struct deparse_node *deparse_apply(struct deparser *d, const char *name, struct deparse_node *left,
    struct deparse_node *right);
/* AND or OR of two. */
struct deparse_node *deparse_combine(struct deparser *d, enum deparse_kind kind, struct deparse_node *left,
    struct deparse_node *right);
struct deparse_node *deparse_any(struct deparser *d, const char *name, struct deparse_node *left,
    struct deparse_node *array, bool all);
/* ROW op ROW, side by side; (a, b) op (SELECT ...), whose left sides go to node->args. */
struct deparse_node *deparse_rows(struct deparser *d, const char *name, const PgQuery__RowExpr *left,
    const PgQuery__RowExpr *right);
bool deparse_row_side(struct deparser *d, const char *name, const PgQuery__RowExpr *left, struct deparse_node *node);
struct deparse_node *deparse_in(struct deparser *d, const PgQuery__AExpr *expr, const char *name);
struct deparse_node *deparse_distinct(struct deparser *d, const PgQuery__AExpr *expr);
struct deparse_node *deparse_call(struct deparser *d, const PgQuery__FuncCall *call);
struct deparse_node *deparse_sublink(struct deparser *d, const PgQuery__SubLink *link);
struct deparse_node *deparse_column_of(struct deparser *d, struct deparse_range *range, unsigned i);
struct deparse_node *deparse_column_ref(struct deparser *d, const PgQuery__ColumnRef *ref);
/* The row of an entry of FROM as an argument, where no column has that name. */
struct deparse_node *deparse_whole_row(struct deparser *d, const PgQuery__Node *node);
/* Fields and runs of subscripts, one behind the other. */
struct deparse_node *deparse_indirection(struct deparser *d, const PgQuery__AIndirection *source);
/* A condition, brought to boolean. */
struct deparse_node *deparse_condition(struct deparser *d, const PgQuery__Node *node);

/* ---- query.c, from.c ---- */
/* DEPARSE_BRANCH: a branch of a set operation, whose literals take the types of the other branch. DEPARSE_BLIND: a
 * query that does not see the one around it. */
enum deparse_query_flag { DEPARSE_BRANCH = 1, DEPARSE_BLIND = 2 };
struct deparse_query *deparse_query(struct deparser *d, const PgQuery__SelectStmt *select, unsigned flags);
bool deparse_from(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select);
struct deparse_range *deparse_new_range(struct deparser *d, enum deparse_range_kind kind, unsigned n);
/* Adds an entry; its alias may rename its columns. */
bool deparse_add_range(struct deparser *d, struct deparse_range *range, const PgQuery__Alias *alias, const char *name);
/* from_function.c: such an entry, added. */
struct deparse_range *deparse_function_range(struct deparser *d, const PgQuery__RangeFunction *source);
/* grouping.c: GROUP BY with sets of them. */
bool deparse_has_grouping_sets(const PgQuery__SelectStmt *select);
bool deparse_grouping_sets(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select);
void deparse_put_grouping_sets(struct deparse_printer *p, const struct deparse_query *query);
/* ---- clauses.c ---- */
/* Each reads one clause of the query into `query`, which may lack it. */
bool deparse_sort_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select);
bool deparse_group_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select);
bool deparse_distinct_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select);
bool deparse_limit_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select);
bool deparse_locking_clauses(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select);
bool deparse_window_clause(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select);
/* An item of GROUP BY or ORDER BY: a number or a name may mean an output column; `input`: one of FROM comes first. */
bool deparse_clause_item(struct deparser *d, struct deparse_query *query, const PgQuery__Node *node, bool input,
    struct deparse_order *item);
/* Whether it is sorted downwards, and where its nulls are. False: USING. */
bool deparse_direction(const PgQuery__SortBy *sort, struct deparse_order *item);
/* The items of ORDER BY of an aggregate or a window, where names and numbers of output columns mean nothing. */
bool deparse_order_items(struct deparser *d, PgQuery__Node *const *sorts, size_t n, struct deparse_order **items);
bool deparse_window_of(struct deparser *d, const PgQuery__WindowDef *def, struct deparse_window *window);

/* ---- print.c, print_query.c ---- */
struct deparse_printer {
	struct translator *t;
	struct sql_text *out;
	bool pretty, indents, qualified;
	bool marks; /* names of columns get marks, see schema/kept.h */
	int indent;
	unsigned depth;
	struct deparse_query *query; /* the query in whose WINDOW clause names are looked up */
};
void deparse_put_name(struct deparse_printer *p, const char *name);
void deparse_put_query(struct deparse_printer *p, struct deparse_query *query, const char *const *names, bool shown);
/* Writes a node; `implicit`: also a cast that the query does not have in its text. */
void deparse_put_node(struct deparse_printer *p, const struct deparse_node *node, bool implicit);
void deparse_put_in(struct deparse_printer *p, const struct deparse_node *node, bool implicit,
    const struct deparse_node *parent);
/* Writes a constant with its type behind ::; label -1: never, 0: where it is needed, 1: always. */
void deparse_put_constant(struct deparse_printer *p, const struct deparse_node *node, int label);
void deparse_put_sorted(struct deparse_printer *p, const struct deparse_order *item, bool numbers);
void deparse_put_orders(struct deparse_printer *p, const struct deparse_order *items, size_t n, bool numbers);
void deparse_put_over(struct deparse_printer *p, const struct deparse_window *window);
/* Writes a keyword, on a line of its own in a pretty text. The indentation is changed before and after; `plus` is
 * for this line alone. */
void deparse_put_keyword(struct deparse_printer *p, const char *word, int before, int after, int plus);
void deparse_trim_blanks(struct deparse_printer *p);
#define DEPARSE_INDENT 8
#define DEPARSE_INDENT_JOIN 4
#define DEPARSE_INDENT_ITEM 4

void deparse_put(struct deparse_printer *p, const char *text);

/* ---- print_from.c ---- */
/* Chooses the name of each entry: its own, with a number behind where an earlier entry of this query or of one
 * around it has the same. */
void deparse_name_ranges(struct deparse_printer *p, struct deparse_query *query);
/* Writes names as "a, b". */
void deparse_put_names(struct deparse_printer *p, const char *const *names, unsigned n);
void deparse_put_from(struct deparse_printer *p, const struct deparse_query *query);
/* How many bytes the last line of the text has. */
size_t deparse_line_length(const struct sql_text *text);
/* Puts what was written apart behind the rest; `breaks`: on a line of its own. */
void deparse_put_apart(struct deparse_printer *p, struct sql_text *apart, bool breaks);

/* ---- print_constant.c ---- */
/* Writes a type with its modifier, as it stands behind "::". */
void deparse_put_type(struct deparse_printer *p, uint32_t oid, int32_t typmod);

#endif
