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
	char *data; /* NUL-terminated once anything was put; NULL before */
	size_t length;
	size_t capacity;
	bool failed; /* out of memory: later puts do nothing */
};
void sql_text_put(struct sql_text *s, const char *text);
void sql_text_put_bytes(struct sql_text *s, const char *bytes, size_t n);
void sql_text_format(struct sql_text *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* An identifier in double quotes, and a string literal in single ones; what is in them doubled. */
void sql_text_put_identifier(struct sql_text *s, const char *name);
void sql_text_put_string(struct sql_text *s, const char *value, size_t n);
/* Inserts at an offset; what follows moves up. */
void sql_text_insert(struct sql_text *s, size_t at, const char *text);
/* Replaces data[from..length). */
void sql_text_cut(struct sql_text *s, size_t from);
void sql_text_free(struct sql_text *s);

/* ---- memory: what lives as long as the translator; freed all at once ---- */

struct translator_block;

/* ---- types of expressions ---- */

enum expression_form {
	EXPRESSION_VALUE,     /* its type is known */
	EXPRESSION_STRING,    /* a string literal: takes the type of its context */
	EXPRESSION_PARAMETER, /* $n without a type: likewise */
	EXPRESSION_NULL,
};

/* The fields of a row type, or of a record: what it was made of. */
struct row_field {
	const char *name;
	uint32_t oid; /* never a domain */
	int32_t typmod;
	uint32_t domain;	       /* as in struct expression */
	const struct row_shape *shape; /* of a record */
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
	unsigned index; /* of the parameter (from 1), or of plan->lifted (from 0) */
	bool lifted;	/* index names a lifted literal */
	bool literal;	/* a constant of the text: a number, a string, true, null */
	bool not_null;	/* a column that is NOT NULL */
	bool canonical; /* numeric: the value is text in canonical form, not SQLite's REAL or INTEGER */
	bool collated;	/* its type's collation holds in SQLite's eyes too: a table's column, or COLLATE was written */
	bool column;	/* a plain column: its own affinity holds */
	bool row;	/* JSON that was made of a row */
	uint32_t table_oid; /* of a plain column of a table, else 0 */
	int16_t attribute;
	size_t start, end; /* its text in t->out; right until something before it is wrapped */
	uint32_t domain;   /* whose value it is known to be; oid and typmod are what that is made of. 0: none */
	const char *value; /* a string literal that stayed in the text, NUL-terminated; else NULL */
	const struct row_shape *shape; /* of a record whose fields are known; else NULL */
	const struct row_parts *parts; /* of ROW(...), until something is put around it; else NULL */
};

/* ---- scopes ---- */

struct split;
struct lateral;

struct scope_column {
	const char *name;
	const char *emitted; /* what SQLite calls it */
	const char *own;     /* what its table calls it, where emitted is not that; NULL: it is */
	uint32_t oid;
	int32_t typmod;
	uint32_t domain; /* as in struct expression */
	bool not_null;
	bool canonical;
	bool collated;
	uint32_t table_oid;
	int16_t attribute;
	bool merged;   /* the right half of a USING column: not part of a star, not found by its bare name */
	unsigned rank; /* the left half: first in a star, the greatest first; 0: none */
	const struct row_shape *shape; /* as in struct expression */
	bool raw;		       /* emitted is an expression, written as it is */
	bool null;		       /* a bare NULL: takes the type of whatever it is united with */
	unsigned parameter;	       /* a bare $n that became text for want of a type: likewise; 0: none */
	unsigned literal;	       /* a bare string likewise: index in plan->lifted from 1; 0: none */
};

#define SCOPE_TABLEOID "bibd:tableoid"

/* One entry of FROM, or a common table expression. */
struct scope_range {
	const char *alias; /* how columns are qualified */
	const char *named; /* how the tree qualifies them; NULL: by the alias */
	const char *table; /* the table's own name, NULL for others */
	const char *schema;
	uint32_t table_oid; /* of a table or view, else 0 */
	bool inherited;	    /* it has the rows of a table and of those below it, and a column SCOPE_TABLEOID */
	const struct schema_table *partitioned; /* the table, where its rows are in partitions; else NULL */
	unsigned ncolumns;
	struct scope_column *columns;
	bool bare;	     /* its columns are written without a qualifier (CHECK) */
	const char *written; /* of a bare one in RETURNING: the table's own name, which goes before them; else NULL */
	bool hidden;	     /* found only when qualified (excluded) */
	unsigned depth;	     /* of LATERAL, where it stands: see lateral.h */
	unsigned barred;     /* more than 0: no item of FROM may name it, such as one across an outer join */
	unsigned beyond;     /* likewise: one within parentheses, of which SQLite makes a query, can't */
	bool outer;	     /* a join may have no row of it */
	struct split *split; /* the grouped query whose FROM it is in, from its select list on; see split.h */
	struct scope_range *next;
};

struct scope_cte {
	const char *name;
	unsigned ncolumns;
	struct scope_column *columns;
	unsigned naliases;
	const char **aliases;
	bool silent;	/* it changes rows, and has no RETURNING: nothing to read */
	unsigned depth; /* of LATERAL, where it stands */
	struct scope_cte *next;
};

/* What a statement in steps (steps/steps.h) asks of those that write its parts. */
struct translator_steps {
	/* Tables that it watches, under plan->watched's numbers. `hidden`: whoever reads one sees none of the rows that
	 * were added before; `once`: a row that was changed is changed by no other part. */
	unsigned nwatched;
	struct {
		const struct schema_table *table;
		bool hidden, once;
	} * watched;
	struct scope_range *joined;	/* what RETURNING may name besides the changed table */
	struct query_columns *returned; /* RETURNING is what another part reads: its columns go here. NULL: the plan */
};

struct set_item;
struct grouping;

struct scope {
	struct scope *outer;
	struct scope_range *ranges;	  /* in the order of FROM */
	struct sql_text *series;	  /* set-returning functions of the select list are moved here, into FROM;
	       NULL: refused */
	struct set_item *sets;		  /* of which series is made: set_list.c */
	unsigned sets_number;		  /* in the names that they have there; 0: there were none */
	unsigned sets_level;		  /* the highest of those in the expression at hand */
	bool unsteady;			  /* FROM has a volatile function that reads columns of what stands before it */
	bool grouped;			  /* an aggregate or a window function was called in the query itself */
	struct split *split;		  /* the query's groups are a subquery */
	const PgQuery__SelectStmt *query; /* whose windows have names; NULL: none has */

	/* level.h: what subqueries do with this query's groups */
	const char *reads;		      /* the clause that is read, where no aggregate may stand; NULL: one may */
	const struct grouping *grouping;      /* NULL: it has neither GROUP BY nor an aggregate, as it is written */
	bool aggregated;		      /* an aggregate within a subquery is one of this query */
	const struct scope_column *ungrouped; /* the first that a subquery names though it is not grouped */
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
	const struct type_settings *settings; /* the session's, by which dates and times in the text are read */
	struct report *report;
	struct sql_text out;
	struct scope *scope;
	struct scope_cte *ctes;		    /* in force */
	struct scope_cte *recursive;	    /* WITH RECURSIVE whose first branch is being read */
	const struct schema_table *changed; /* inside RETURNING and ON CONFLICT: the table that the statement changes */
	const struct schema_table *target;  /* the table that the statement changes, all through it */
	struct translator_steps *steps;	    /* the statement is one in steps; else NULL */
	const struct scope_cte *before;	    /* likewise: what WITH before the statement named */
	struct translator_block *blocks;
	struct lateral *lateral; /* in which what is written stands; see lateral.h */
	unsigned outer_joins;	 /* within which FROM is written */

	bool kept_by_outer_join; /* inside the left side of a RIGHT or FULL JOIN */

	bool lift;			 /* literals become parameters (off: they stay in the text) */
	bool definition;		 /* inside DDL: parameters are refused, only deterministic text is written */
	bool stored_view;		 /* inside the query of a view that is kept in the file */
	bool view;			 /* or in that of a temporary one */
	bool reads_temporary;		 /* a temporary table was named */
	struct deparse_renamed *renamed; /* see deparse.h */
	const struct schema_table *without_key; /* whose primary key determines nothing: define/view_uses.c */
	bool unread;				/* what is written is kept, and not run now */
	unsigned depth;				/* of expressions and queries */
	unsigned lifted_capacity;
	const struct scope_column *wanted; /* types that the next query's columns take when they have none (INSERT) */
	unsigned nwanted;
	unsigned serial;    /* for names made up */
	unsigned nvolatile; /* calls so far of functions that answer differently each time */
	unsigned ndraws;    /* and of them, of nextval() */
	uint64_t named;	    /* level.h: a bit for each query around, whose columns the aggregate at hand names */
	uint64_t called;    /* likewise, whose aggregates are called in it */
	unsigned noutside;  /* aggregates so far that are those of a query outside of their own */
	unsigned nungrouped;
	bool fires;		  /* the statement is all there is: its triggers can be fired */
	struct modify_fire *fire; /* the rows are changed one by one, for triggers; see fire.c */
	uint32_t sorted;	  /* the type of the last ORDER BY's last item; TYPE_UNKNOWN: not known */
};

/* ---- memory.c ---- */

/* Zeroed memory that lives until the translation ends; NULL sets the report (53200). */
void *translator_alloc(struct translator *t, size_t size);
char *translator_copy(struct translator *t, const char *text);
char *translator_format(struct translator *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* malloc'ed, for the plan. */
char *translator_plan_copy(struct translator *t, const char *text);

/* ---- refuse.c ---- */

/* Fails with that state; location is the tree's byte offset in the statement (-1: none), reported in characters. */
int translate_fail(struct translator *t, int location, enum sqlstate state, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* 0A000 "<what> is not supported on SQLite". */
int translate_refuse(struct translator *t, int location, const char *what);
/* The sentence of the table of refused nodes. */
int translate_refuse_node(struct translator *t, const PgQuery__Node *node);
/* Where a node begins, -1 when it does not say. */
int translate_location(const PgQuery__Node *node);
int translate_out_of_memory(struct translator *t);

/* ---- names.c: names as they are emitted ---- */

/* A String node's text, or NULL. */
const char *translate_string(const PgQuery__Node *node);
/* The last String of a list: a qualified name's own part. */
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
/* The stored name of a relation of that schema; it lives as long as the translator. */
char *translate_stored_name(struct translator *t, const char *schema, const char *relation);
/* Appends "schema"."name", or "name" when no schema is given. */
int translate_relation(struct translator *t, const PgQuery__RangeVar *relation);
/* The table, or 42P01 at its position. Marks the plan when it is one of the catalog's. */
const struct schema_table *translate_find_table(struct translator *t, const PgQuery__RangeVar *relation);
/* The same for one whose rows or definition are to be changed: 42501 for a catalog's and for SQLite's own. */
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
/* The same, under its type's collation: what an index sorts by. */
int translate_sorted(struct translator *t, const PgQuery__Node *node);
/* The same, and brought to a type as an assignment does: DEFAULT, SET, VALUES. */
int translate_assignment(struct translator *t, const PgQuery__Node *node, const char *column, uint32_t oid,
    int32_t typmod);
/* An expression of boolean type: WHERE, CHECK. `clause` is named in the error (42804). */
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

/* What a query answers. */
struct query_columns {
	unsigned n;
	struct scope_column *columns; /* names as PostgreSQL gives them; live as long as the translator */
};

/* Appends a whole query (SELECT, VALUES, TABLE, with WITH), without parentheses. `columns` may be NULL. For views,
 * CREATE TABLE AS and INSERT ... SELECT; t->lift as for expressions. */
int translate_select(struct translator *t, const PgQuery__SelectStmt *select, struct query_columns *columns);

/* ---- parameter.c ---- */

/* t->out is complete, each parameter in it a ?N, the lifted literals behind the client's: gives them SQLite's numbers,
 * which plan->numbers keeps. False: out of memory. */
bool translate_number_parameters(struct translator *t);
/* The same for another text of the plan: *numbers is malloc'ed, and out (the caller's to free) gets the text. */
bool translate_number_text(struct translator *t, const char *text, int **numbers, struct sql_text *out);

/* ---- plan.c ---- */

/* Notes a text that the statement runs within: it is prepared with it. */
int translate_inner(struct translator *t, const char *sql);
/* Notes a statement of PostgreSQL's that is run behind a definition's script. */
int translate_follow(struct translator *t, const char *sql, size_t length);
/* Puts t->out into plan->sql. DDL: call once at the end, the script complete. */
int translate_finish(struct translator *t, enum dialect_kind kind, const char *tag);

#endif
