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
	DEPARSE_SYNTAX,	  /* a call that has a syntax of its own: name is the SQL function's */
	DEPARSE_AGGREGATE,
	DEPARSE_WINDOW,
	DEPARSE_OPERATOR, /* name, one argument or two */
	DEPARSE_DISTINCT, /* IS DISTINCT FROM */
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
	DEPARSE_VALUE, /* CURRENT_DATE and its like: name */
	DEPARSE_COLLATE,
	DEPARSE_SUBSCRIPT, /* args[0][args[1]]...; `all`: slices, args[1]:args[2], NULL where a bound is left out */
};

struct deparse_order;

struct deparse_node {
	enum deparse_kind kind;
	uint32_t oid;
	int32_t typmod;
	const char *name, *text;
	struct deparse_node **args;
	size_t n;
	bool implicit; /* a cast that nobody wrote */
	bool computed; /* a cast that a function does */
	bool all;      /* ALL of an array; DISTINCT of an aggregate */
	bool star;     /* count(*) */
	bool variadic;
	struct deparse_node *first; /* CASE's operand; FILTER's condition; a sublink's left side */
	struct deparse_range *range;
	struct deparse_query *query;
	struct deparse_order *order; /* of an aggregate */
	size_t norder;
	const PgQuery__WindowDef *over;
	struct deparse_window *window;
	PgQuery__SubLinkType sublink;
};

/* An item of ORDER BY, GROUP BY or DISTINCT ON. */
struct deparse_order {
	struct deparse_node *node;
	unsigned position; /* of the output column that it is, from 1; 0: none */
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

enum deparse_range_kind { RANGE_TABLE, RANGE_QUERY, RANGE_FUNCTION, RANGE_CTE };

struct deparse_range {
	enum deparse_range_kind kind;
	const char *alias; /* by which the text names it */
	const char *given; /* by which the query names it */
	const char *schema, *name;
	bool aliased; /* AS was written */
	bool renamed; /* its columns were */
	bool only, ordinality;
	bool value; /* what a domain's constraint calls VALUE, not a table */
	bool meant; /* it is the table of deparse_renamed, under its own columns' names */
	unsigned n;
	struct deparse_column *columns;
	struct deparse_query *query;
	struct deparse_node **functions; /* side by side, each of one column */
	unsigned nfunctions;
	struct deparse_range *next;
};

/* What stands in FROM: an entry, or a join. */
struct deparse_from {
	struct deparse_range *range;
	PgQuery__JoinType type;
	struct deparse_from *left, *right;
	struct deparse_node *on;
	const char **merged; /* USING */
	unsigned nmerged;
	/* Its columns in the order of a star. */
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

struct deparse_query {
	struct deparse_query *outer;
	bool blind;		  /* does not see the entries of the query around it */
	struct deparse_cte *ctes; /* of its own, in order */
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
	struct deparse_window *windows;
	size_t nwindows;
	struct deparse_node *limit, *offset;
	bool limit_all;
	struct deparse_node ***values; /* VALUES: rows of ntargets */
	size_t nvalues;
	struct deparse_query *left, *right; /* a set operation */
	const char *word;
	bool all;
	struct deparse_column *columns;
	unsigned n;
};

/* How deep a query may be before its text is not given. */
#define DEPARSE_DEPTH_MAX 200

struct deparser {
	struct translator *t;
	struct deparse_query *query; /* at hand; NULL: an expression over `table` */
	struct deparse_range *table;
	struct deparse_cte *ctes;    /* in force */
	struct deparse_cte *pending; /* the recursive one whose query comes next */
	unsigned depth;
};

/* ---- coerce.c ---- */
struct deparse_node *deparse_new(struct deparser *d, enum deparse_kind kind, uint32_t oid, size_t nargs);
struct deparse_node *deparse_constant(struct deparser *d, uint32_t oid, const char *text);
bool deparse_is_unknown(const struct deparse_node *node);
/* Brings a node to a type as PostgreSQL's analyzer does. Explicit: a typmod counts. */
struct deparse_node *deparse_coerce(struct deparser *d, struct deparse_node *node, uint32_t oid, int32_t typmod,
    bool implicit);
/* The type in which they meet, text when none has one; 0: none. Brings each to it. */
uint32_t deparse_common(struct deparse_node *const *nodes, size_t n);
bool deparse_unify(struct deparser *d, struct deparse_node **nodes, size_t n, uint32_t *oid);

/* ---- expression.c, operator.c, call.c, sublink.c ---- */
struct deparse_node *deparse_node(struct deparser *d, const PgQuery__Node *node);
struct deparse_node *deparse_operator(struct deparser *d, const PgQuery__AExpr *expr);
struct deparse_node *deparse_apply(struct deparser *d, const char *name, struct deparse_node *left,
    struct deparse_node *right);
struct deparse_node *deparse_call(struct deparser *d, const PgQuery__FuncCall *call);
struct deparse_node *deparse_sublink(struct deparser *d, const PgQuery__SubLink *link);
struct deparse_node *deparse_column_of(struct deparser *d, struct deparse_range *range, unsigned i);
struct deparse_node *deparse_column_ref(struct deparser *d, const PgQuery__ColumnRef *ref);
/* A condition, brought to boolean. */
struct deparse_node *deparse_condition(struct deparser *d, const PgQuery__Node *node);

/* ---- query.c, from.c ---- */
/* A branch of a set operation, whose literals take the other's types; a query that does not see the one around it. */
enum deparse_query_flag { DEPARSE_BRANCH = 1, DEPARSE_BLIND = 2 };
struct deparse_query *deparse_query(struct deparser *d, const PgQuery__SelectStmt *select, unsigned flags);
bool deparse_from(struct deparser *d, struct deparse_query *query, const PgQuery__SelectStmt *select);
/* Items of ORDER BY of an aggregate or a window, which know no output columns. */
bool deparse_order_items(struct deparser *d, PgQuery__Node *const *sorts, size_t n, struct deparse_order **items);
bool deparse_window_of(struct deparser *d, const PgQuery__WindowDef *def, struct deparse_window *window);

/* ---- print.c, print_query.c ---- */
struct deparse_printer {
	struct translator *t;
	struct sql_text *out;
	bool pretty, indents, qualified;
	int indent;
	unsigned depth;
	struct deparse_query *query; /* whose window clause names are looked up */
};
void deparse_put_name(struct deparse_printer *p, const char *name);
void deparse_put_query(struct deparse_printer *p, struct deparse_query *query, const char *const *names, bool shown);
/* implicit: a cast that nobody wrote is shown. */
void deparse_put_node(struct deparse_printer *p, const struct deparse_node *node, bool implicit);
void deparse_put_in(struct deparse_printer *p, const struct deparse_node *node, bool implicit,
    const struct deparse_node *parent);
/* Label: -1 never, 0 where it is needed, 1 always. */
void deparse_put_constant(struct deparse_printer *p, const struct deparse_node *node, int label);
void deparse_put_orders(struct deparse_printer *p, const struct deparse_order *items, size_t n, bool numbers);
void deparse_put_over(struct deparse_printer *p, const struct deparse_window *window);
/* A keyword on a line of its own: the indentation is changed before and after, `plus` holds for this line alone. */
void deparse_put_keyword(struct deparse_printer *p, const char *word, int before, int after, int plus);
void deparse_trim_blanks(struct deparse_printer *p);
#define DEPARSE_INDENT 8
#define DEPARSE_INDENT_JOIN 4
#define DEPARSE_INDENT_ITEM 4

#endif
