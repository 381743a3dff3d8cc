/*
 * What PostgreSQL 15 knows of its functions and casts, as lists of facts, and its rules for choosing among them. The
 * translator asks here, and pg_proc and pg_cast are made of the same lists: what they don't name can't be called.
 */
#ifndef BIBD_SQLITE_ANALYZE_FACTS_H
#define BIBD_SQLITE_ANALYZE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of any function in the list, and of those of a file that are chosen among by the same rules. */
#define FACT_ARGUMENTS_MAX 16

enum fact_flag {
	FACT_STRICT = 1 << 0,	/* a NULL argument makes the result NULL */
	FACT_VARIADIC = 1 << 1, /* its last argument stands for any number of them */
	FACT_WRITES = 1 << 2,	/* to the file */
	FACT_ELEMENT = 1 << 3,	/* what computes it is told the type of an array's elements, as its last argument */
	FACT_SET = 1 << 4,	/* it answers rows: its name on SQLite is the set's (functions/set.h) */
	FACT_DEFAULTS = 1 << 8, /* times how many of its last arguments may be left out: pg_proc.pronargdefaults */
};

/* A row of functions.def, or of operators.def: an operator is a function of what stands on its sides. */
struct function_fact {
	uint32_t oid;		 /* of pg_proc, or of pg_operator */
	const char *name;	 /* PostgreSQL's, lower case */
	const char *sqlite_name; /* as it is registered, or SQLite's own; NULL: not computed here, or an operator */
	char kind;		 /* pg_proc.prokind: 'f' function, 'a' aggregate, 'w' window function; 'o' operator */
	char volatility;	 /* pg_proc.provolatile */
	unsigned flags;
	uint32_t result;
	uint32_t code; /* of an operator: the function that it is, of pg_proc */
	unsigned narguments;
	uint32_t arguments[FACT_ARGUMENTS_MAX];
};

/* For pg_proc; NULL after the last. */
const struct function_fact *function_fact_by_index(size_t i);
const struct function_fact *function_fact_by_oid(uint32_t oid);
/* The first of that name; those of the same name follow it, and behind the last row one without a name. NULL: none. */
const struct function_fact *function_fact_by_name(const char *name);
/* The same among the operators. */
const struct function_fact *operator_fact_by_name(const char *name);
/* Whether SQLite's function of that name changes the file; and whether a definition mentions one that does. */
bool function_writes(const char *sqlite_name);
bool function_writes_in(const char *definition);

/* When a cast happens, as pg_cast.castcontext: 'i' by itself, 'a' also in an assignment, 'e' only where it is written;
 * 0: there is none. What goes to a string by its text form is 'a', what comes from one 'e'. */
char cast_context(uint32_t from, uint32_t to);
/* A row of casts.def. */
struct cast_fact {
	uint32_t oid, from, to, function; /* of pg_cast, and of pg_proc */
	char context, method;		  /* as pg_cast has them */
};
/* For pg_cast; NULL after the last. */
const struct cast_fact *cast_fact_by_index(size_t i);

/* ---- resolve.c ---- */

enum resolution {
	RESOLVED,
	RESOLVED_NONE,	      /* 42883 */
	RESOLVED_AMBIGUOUS,   /* 42725 */
	RESOLVED_POLYMORPHIC, /* 42804: what is unknown decides of what type it is */
};
/* Chooses the function of that name for arguments of these types (TYPE_UNKNOWN: a string or parameter without one), as
 * PostgreSQL's manual says under "Function Type Resolution". Sets *fact; each argument's type as it must be brought to
 * (TYPE_UNKNOWN: it stays as it is, "any"); and the result's type. */
enum resolution function_resolve(const char *name, const uint32_t *types, size_t n, const struct function_fact **fact,
    uint32_t *declared, uint32_t *result);
/* The same among these, the last of which has another name than the first. */
enum resolution function_resolve_among(const struct function_fact *first, const uint32_t *types, size_t n,
    const struct function_fact **fact, uint32_t *declared, uint32_t *result);
/* Whether a type stands for others: anyelement, anyarray, ...; and what it stands for by the type of an element. */
bool type_is_polymorphic(uint32_t oid);
uint32_t type_actual(uint32_t declared, uint32_t element);
/* Chooses the operator for one operand or two, under "Operator Type Resolution"; else as function_resolve. */
enum resolution operator_resolve(const char *name, const uint32_t *types, size_t n, const struct function_fact **fact,
    uint32_t *declared, uint32_t *result);

#endif
