/*
 * What the files of the translator share: one struct translator per statement, in which the tree is walked and SQLite's
 * text grows. Every function here returns 0, or -1 with t->report filled (out of memory included).
 *
 * Text is written forwards into t->out. What must go around an expression once its type is known (a cast, a check for
 * overflow) is put around it afterwards: struct expression knows where its text is, and operands are wrapped from the
 * last to the first, so that no place that is still needed moves.
 */
#ifndef BIBD_SQLITE_DIALECT_TRANSLATE_H
#define BIBD_SQLITE_DIALECT_TRANSLATE_H

#include <pg_query/pg_query.pb-c.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/dialect/dialect.h"
#include "workers/sqlite/types/types.h"

/* ---- text.c: growing text ---- */

struct sql_text {
	char *data; /* NUL-terminated; NULL before anything was put */
	size_t length;
	size_t capacity;
	bool failed; /* memory ran out: whatever is put later is dropped */
};
/* Appends a text; NULL, from a caller that had no memory to make the text, sets `failed`. */
void sql_text_put(struct sql_text *s, const char *text);
void sql_text_put_bytes(struct sql_text *s, const char *bytes, size_t n);
void sql_text_format(struct sql_text *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Append an identifier in double quotes, and a string literal in single quotes; quotes within are doubled. */
void sql_text_put_identifier(struct sql_text *s, const char *name);
void sql_text_put_string(struct sql_text *s, const char *value, size_t n);
/* Inserts a text at an offset; what follows moves up. */
void sql_text_insert(struct sql_text *s, size_t at, const char *text);
/* Drops all from that offset on. */
void sql_text_cut(struct sql_text *s, size_t from);
void sql_text_free(struct sql_text *s);

/* ---- memory: what lives as long as the translator; freed all at once ---- */

struct translator_block;

/* ---- types of expressions ---- */

enum expression_form {
	EXPRESSION_VALUE,     /* its type is known */
	EXPRESSION_STRING,    /* a string literal: takes the type of its context */
	EXPRESSION_PARAMETER, /* $n without a type: takes the type of its context */
	EXPRESSION_NULL,
};

/* A field of a row type, or of a record as it was made. */
struct row_field {
	const char *name;
	uint32_t oid; /* the type, which is never a domain */
	int32_t typmod;
	uint32_t domain;	       /* as in struct expression */
	const struct row_shape *shape; /* the fields of a record */
};
struct row_shape {
	unsigned n;
	const struct row_field *fields;
};
/* ROW(...) as it was written: see row.c. */
struct row_parts;

struct expression {
	uint32_t oid; /* TYPE_UNKNOWN when the form is not EXPRESSION_VALUE */
	int32_t typmod;
	enum expression_form form;
	unsigned index;	    /* the parameter's number (from 1), or the place in plan->lifted (from 0) */
	bool lifted;	    /* index names a lifted literal */
	bool literal;	    /* a constant of the text: a number, a string, true, null */
	bool not_null;	    /* a column that is NOT NULL */
	bool canonical;	    /* numeric: the value is text in canonical form, not SQLite's REAL or INTEGER */
	bool collated;	    /* SQLite knows the type's collation too: it is a table's column, or COLLATE was written */
	bool column;	    /* a plain column: its own affinity holds */
	bool row;	    /* it is JSON that was made of a row */
	uint32_t table_oid; /* OID of the table of a plain column; else 0 */
	int16_t attribute;
	size_t start, end; /* its text in t->out; right until something before it is wrapped */
	/* OID of the domain whose value it is known to be, or 0; oid and typmod are those of the type below the
	 * domain */
	uint32_t domain;
	const char *value;	       /* a string literal that stayed in the text, NUL-terminated; else NULL */
	const struct row_shape *shape; /* the fields of a record, if they are known; else NULL */
	const struct row_parts *parts; /* the parts of ROW(...), until something is put around it; else NULL */
};

/* ---- scopes ---- */

struct split;
struct lateral;

struct scope_column {
	const char *name;
	const char *emitted; /* the name that SQLite has for it */
	const char *own;     /* the name that its table gives it, where `emitted` is another; else NULL */
	uint32_t oid;
	int32_t typmod;
	uint32_t domain; /* as in struct expression */
	bool not_null;
	bool canonical;
	bool collated;
	uint32_t table_oid;
	int16_t attribute;
	bool merged; /* the right half of a USING column: not part of a star, not found by its bare name */
	/* of the left half of a USING column: its place in *, where the greatest comes first; 0: it is none */
	unsigned rank;
	/* Of the left half of a USING column: the half that the bare name means, NULL: either; and the type that
	 * both have in common, 0: that half's own. */
	const struct scope_column *stands;
	uint32_t joined;
	const struct row_shape *shape; /* as in struct expression */
	bool raw;		       /* `emitted` is an expression, written as it is */
	bool null;		       /* a NULL alone: takes the type of what it is united with */
	/* a $n alone, which became text for want of a type and takes the type of what it is united with: its number;
	 * 0: it is none */
	unsigned parameter;
	/* the same for a string alone: its place in plan->lifted, from 1; 0: it is none */
	unsigned literal;
	bool late; /* it has taken such a type: its text has no collation of the type */
};

#define SCOPE_TABLEOID "bibd:tableoid"

/* One entry of FROM, or a common table expression. */
struct scope_range {
	const char *alias; /* what the written text qualifies columns by */
	const char *named; /* what the statement qualifies them by; NULL: the alias */
	const char *table; /* the table's own name; NULL: it is no table */
	const char *schema;
	uint32_t table_oid; /* OID of a table or view; else 0 */
	bool inherited;	    /* it has the rows of a table and of the tables below it, and a column SCOPE_TABLEOID */
	const struct schema_table *partitioned; /* the table, where its rows are in partitions; else NULL */
	unsigned ncolumns;
	struct scope_column *columns;
	bool bare; /* its columns are written without a qualifier, as in CHECK */
	/* in RETURNING, where the columns are `bare`: the table's own name, which goes before them; else NULL */
	const char *written;
	bool hidden;	 /* its columns are found only by a qualified name, as `excluded` */
	unsigned depth;	 /* how many LATERAL it stands in: see lateral.h */
	unsigned barred; /* more than 0: no item of FROM may name it, as one on the other side of an outer join */
	/* more than 0: items within parentheses, of which SQLite makes a query, cannot name it */
	unsigned beyond;
	bool outer; /* an outer join may have no row of it */
	/* it is in a join with USING on the right of another join: * has the join's columns where it stands */
	bool nested_using;
	bool ends_item; /* the last entry of one item of FROM */
	/* the grouped query whose FROM it is in, while the query's select list and what follows are written; see
	 * split.h */
	struct split *split;
	struct scope_range *next;
};

struct scope_cte {
	const char *name;
	unsigned ncolumns;
	struct scope_column *columns;
	unsigned naliases;
	const char **aliases;
	bool silent;	/* it changes rows and has no RETURNING: there is nothing to read of it */
	unsigned depth; /* how many LATERAL it stands in */
	struct scope_cte *next;
};

/* What a statement in steps (steps/steps.h) wants of the functions that write its parts. */
struct translator_steps {
	/* The tables that it watches, under the numbers of plan->watched. `hidden`: whoever reads one of them sees
	 * none of the rows that were added before; `once`: a row that one part has changed is changed by no other
	 * part. */
	unsigned nwatched;
	struct {
		const struct schema_table *table;
		bool hidden, once;
	} * watched;
	struct scope_range *joined; /* what RETURNING may name beside the changed table */
	/* where the columns of RETURNING go, which another part reads; NULL: the plan */
	struct query_columns *returned;
};

struct set_item;
struct grouping;

struct scope {
	struct scope *outer;
	struct scope_range *ranges; /* in the order of FROM */
	struct sql_text *series;    /* set-returning functions of the select list are moved here, into FROM;
	       NULL: refused */
	struct set_item *sets;	    /* the functions of which `series` is made: set_list.c */
	/* the number in the names that the functions have in FROM; 0: there were none */
	unsigned sets_number;
	unsigned sets_level;		  /* the highest level of those in the expression that is read */
	bool unsteady;			  /* FROM has a volatile function that reads columns of what stands before it */
	bool grouped;			  /* an aggregate or a window function was called in the query itself */
	struct split *split;		  /* the query's groups are a subquery */
	const PgQuery__SelectStmt *query; /* the query whose WINDOW clause names windows; NULL: there is none */

	/* What subqueries do with this query's groups (level.h). */
	/* the clause that is read, if no aggregate may stand in it; NULL: one may */
	const char *reads;
	const struct grouping *grouping;      /* NULL: it has neither GROUP BY nor an aggregate, as it is written */
	bool aggregated;		      /* an aggregate within a subquery is one of this query */
	const struct scope_column *ungrouped; /* the first column that a subquery names though it is not grouped */
	const struct scope_range *ungrouped_range;
	int ungrouped_location;
	unsigned ungrouped_serial;
};

struct deparse_renamed;

struct translator {
	struct schema *schema;
	const struct dialect_text *text;
	const char *source; /* the statement, NUL-terminated */
	struct dialect_plan *plan;
	/* the session's settings, by which dates and times in the text are read */
	const struct type_settings *settings;
	struct report *report;
	struct sql_text out;
	struct sql_text proposed; /* what the INSERT proposes so far; see proposed.c */
	struct scope *scope;
	struct scope_cte *ctes;		    /* the queries of WITH that may be named here */
	struct scope_cte *recursive;	    /* WITH RECURSIVE whose first branch is being read */
	const struct schema_table *changed; /* inside RETURNING and ON CONFLICT: the table that the statement changes */
	const struct schema_table *target;  /* the table that the statement changes, all through it */
	/* the same table, where the rows of its children are changed too; else NULL */
	const struct schema_table *family;
	struct translator_steps *steps; /* set in a statement in steps; else NULL */
	const struct scope_cte *before; /* in a statement in steps: the queries of the WITH before it */
	struct translator_block *blocks;
	struct lateral *lateral; /* the LATERAL that is being written; see lateral.h */
	unsigned outer_joins;	 /* how many outer joins FROM is being written in */

	bool kept_by_outer_join; /* it is the left side of a RIGHT or FULL JOIN that is written */

	bool lift;			 /* literals become parameters (off: they stay in the text) */
	bool definition;		 /* inside DDL: parameters are refused, only deterministic text is written */
	bool stored_view;		 /* inside the query of a view that is kept in the file */
	bool view;			 /* inside the query of a temporary view */
	bool reads_temporary;		 /* a temporary table was named */
	struct deparse_renamed *renamed; /* see deparse.h */
	/* the table whose primary key counts for nothing: define/view_uses.c */
	const struct schema_table *without_key;
	bool partition; /* inside the texts that are kept of a partition */
	bool unread;	/* what is written is kept, and not run now */
	unsigned depth; /* how deep expressions and queries stand in each other */
	unsigned lifted_capacity, pinned_capacity;
	/* the types that the next query's columns take where they have none (INSERT) */
	const struct scope_column *wanted;
	unsigned nwanted;
	/* the next branch of a set operation, if it is known to have no RIGHT JOIN */
	const PgQuery__SelectStmt *without_right_join;
	unsigned serial;    /* a number for names that the translator makes up */
	unsigned nvolatile; /* how many volatile functions were called so far */
	/* how many things were written whose value depends on more than their operands: immutable.c */
	unsigned nmutable;
	unsigned ndraws;   /* how many of the volatile functions were nextval() */
	uint64_t named;	   /* level.h: a bit for each query around whose columns the aggregate that is read names */
	uint64_t called;   /* level.h: a bit for each query around whose aggregates are called in it */
	unsigned noutside; /* how many aggregates so far belong to a query around their own */
	unsigned nungrouped;
	bool out_of_memory;	  /* memory ran out: the statement fails, whatever was made of it since */
	bool fires;		  /* the statement stands alone, so that its triggers can be fired */
	struct modify_fire *fire; /* the rows are changed one by one, for triggers; see fire.c */
	uint32_t sorted;	  /* the type of the last item of the last ORDER BY; TYPE_UNKNOWN: it is not known */
};

/* ---- memory.c ---- */

/* Zeroed memory that lives until the translation ends; NULL sets the report (53200). */
void *translator_alloc(struct translator *t, size_t size);
char *translator_copy(struct translator *t, const char *text);
char *translator_format(struct translator *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A malloc'ed copy, which the plan owns. NULL: the report is filled. */
char *translator_plan_copy(struct translator *t, const char *text);

/* ---- refuse.c ---- */

/* Fails with that state; location is the tree's byte offset in the statement (-1: none), reported in characters. */
int translate_fail(struct translator *t, int location, enum sqlstate state, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* 0A000 "<what> is not supported on SQLite". */
int translate_refuse(struct translator *t, int location, const char *what);
/* Refuses a node with the sentence that the table of refused nodes has for it. Always -1. */
int translate_refuse_node(struct translator *t, const PgQuery__Node *node);
/* The byte offset at which a node begins; -1: the node does not say. */
int translate_location(const PgQuery__Node *node);
int translate_out_of_memory(struct translator *t);

/* ---- names.c: names as they are emitted ---- */

/* The text of a String node; NULL: it is none. */
const char *translate_string(const PgQuery__Node *node);
/* The last String of a list, which is the name itself in a qualified name. */
const char *translate_last_string(PgQuery__Node *const *names, size_t n);
/* Appends an identifier in double quotes. */
int translate_identifier(struct translator *t, const char *name);
int translate_emit(struct translator *t, const char *text);
int translate_emit_format(struct translator *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int translate_emit_string(struct translator *t, const char *value);
/* Where SQLite keeps a relation of that schema and name: bibd.x is public's bibd_x, one of a schema of the file's has a
 * name made of both (schema/names.h). Without a schema the search path decides; what it does not find leaves schema
 * NULL, and name as it is written. Unknown schema: 3F000. */
int translate_relation_name(struct translator *t, const PgQuery__RangeVar *relation, const char **schema,
    const char **name);
/* The stored name of a relation of that schema; it lives as long as the translator. NULL: the report is filled. */
char *translate_stored_name(struct translator *t, const char *schema, const char *relation);
/* own_name.c: the stored name of the file's own function that a name means, else the name itself; one that no schema
 * of the path has is no function's. NULL: reported. */
const char *translate_own_name(struct translator *t, PgQuery__Node *const *names, size_t n);
/* Appends "schema"."name", or "name" when no schema is given. */
int translate_relation(struct translator *t, const PgQuery__RangeVar *relation);
/* Finds the table; NULL: 42P01 at its position. Notes in the plan that a table of the catalog is read. */
const struct schema_table *translate_find_table(struct translator *t, const PgQuery__RangeVar *relation);
/* The same for a table whose rows or definition are changed: 42501 for a table of the catalog or of SQLite. */
const struct schema_table *translate_find_changed(struct translator *t, const PgQuery__RangeVar *relation);

/* ---- type_name.c ---- */

/* The type that a TypeName names, with its typmod (-1: none) as PostgreSQL encodes it. Unknown: 42704; SETOF, %TYPE
 * and interval fields: 0A000. *serial (may be NULL: then serial is 42704) is set for serial, smallserial, bigserial,
 * and the type is the integer type below. Array types come back as the array's own OID in *oid; *type is then the
 * element's, and NULL for a type that the file defines. */
int translate_type_name(struct translator *t, const PgQuery__TypeName *name, const struct type **type, uint32_t *oid,
    int32_t *typmod, bool *serial);

/* ---- expression.c and what it calls ---- */

/* Appends an expression. `type` may be NULL. Columns are looked up in t->scope. In DDL set t->lift = false and
 * t->definition = true first, and open a scope of one range with translate_scope_table(). */
int translate_expression(struct translator *t, const PgQuery__Node *node, struct expression *type);
/* The same with the collation of its type behind it: an index sorts by that. */
int translate_sorted(struct translator *t, const PgQuery__Node *node);
/* The same, brought to a type as an assignment does it: for DEFAULT, SET and VALUES. */
int translate_assignment(struct translator *t, const PgQuery__Node *node, const char *column, uint32_t oid,
    int32_t typmod);
/* Checks the collation of COLLATE: 42704 where there is none of that name, 0A000 for one that does not compare by
 * bytes. */
int translate_check_collation(struct translator *t, PgQuery__Node *const *names, size_t n, int location);
/* 42804 for a type of PostgreSQL's whose values have no collation. */
int translate_check_collatable(struct translator *t, uint32_t oid, int location);
/* Appends an expression of boolean type, as WHERE and CHECK take it. `clause` is named in the error (42804). */
int translate_condition(struct translator *t, const PgQuery__Node *node, const char *clause);
/* Appends a constant as DDL writes it; NULL, TRUE/FALSE (1/0), numbers, strings. */
int translate_constant(struct translator *t, const PgQuery__AConst *constant, struct expression *type);

/* ---- scope.c ---- */

/* Opens a scope (the caller's struct; zeroed here) below the one in force, and closes it. */
void translate_scope_open(struct translator *t, struct scope *scope);
void translate_scope_close(struct translator *t, struct scope *scope);
/* Adds a table to the scope in force: `bare` writes its columns without a qualifier, as CHECK and RETURNING want it. */
struct scope_range *translate_scope_table(struct translator *t, const struct schema_table *table, const char *alias,
    bool bare);
struct scope_range *translate_scope_range(struct translator *t, const char *alias, unsigned ncolumns);

/* ---- select.c ---- */

/* The columns that a query answers. */
struct query_columns {
	unsigned n;
	/* with the names that PostgreSQL gives them; they live as long as the translator */
	struct scope_column *columns;
};

/* Appends a whole query (SELECT, VALUES, TABLE, with WITH), without parentheses. `columns` may be NULL. For views,
 * CREATE TABLE AS and INSERT ... SELECT; t->lift as for expressions. */
int translate_select(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);

/* ---- parameter.c ---- */

/* t->out is complete, each parameter in it a ?N, the lifted literals behind the client's: gives them SQLite's numbers,
 * which plan->numbers keeps. False: out of memory. */
bool translate_number_parameters(struct translator *t);

/* pin.c: the lexed literal that a constant of the tree at that location is, or -1. *negative: a minus sign belongs to
 * it. */
int translate_find_literal(const struct translator *t, int location, bool *negative);
/* Notes that the plan depends on the constant at that location: it may then serve only texts that have the same one
 * there. */
void translate_pin(struct translator *t, int location);
/* The same for all constants within an expression. */
void translate_pin_all(struct translator *t, const PgQuery__Node *node);
/* At the end: the same for each constant that no value takes the place of, since something may have been decided by
 * it. */
int translate_pin_rest(struct translator *t);
/* The same for another text of the plan: *numbers is malloc'ed, and `out`, which the caller frees, gets the text. */
bool translate_number_text(struct translator *t, const char *text, int **numbers, struct sql_text *out);
/* Another text, by the numbers that plan->numbers has. False: out of memory, or it names one that the plan does not. */
bool translate_renumber_text(struct translator *t, const char *text, struct sql_text *out);

/* ---- proposed.c ---- */

/* The statement is numbered, and so is plan->proposed, which is left out for want of memory. */
void translate_finish_proposed(struct translator *t);

/* ---- plan.c ---- */

/* Notes a text that the statement runs within: it is prepared with it. */
int translate_inner(struct translator *t, const char *sql);
/* Notes a statement of PostgreSQL's that is run behind a definition's script. */
int translate_follow(struct translator *t, const char *sql, size_t length);
/* Puts t->out into plan->sql. DDL: call once at the end, the script complete. */
int translate_finish(struct translator *t, enum dialect_kind kind, const char *tag);

#endif
