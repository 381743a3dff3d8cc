/*
 * Functions and procedures of the file's own: rows of bibd_routines and of the tables beside it. They are read whenever
 * a text that may mean one is translated. What is called is kept, parsed, with the connection
 * (session/routine_cache.c). Invariant: who changes them also changes SQLite's schema cookie
 * (SCHEMA_ROUTINE_CHANGED), by which plans, the catalog and that cache know; the cache looks at it before each call.
 */
#ifndef BIBD_SQLITE_SCHEMA_ROUTINE_H
#define BIBD_SQLITE_SCHEMA_ROUTINE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define SCHEMA_ROUTINE_TABLES \
	"CREATE TABLE IF NOT EXISTS public.bibd_routines(oid INTEGER PRIMARY KEY, name TEXT NOT NULL, " \
	"kind TEXT NOT NULL, language TEXT NOT NULL, volatility TEXT NOT NULL, strict INTEGER NOT NULL, " \
	"returns_set INTEGER NOT NULL, result INTEGER NOT NULL, body TEXT NOT NULL);\n" \
	"CREATE TABLE IF NOT EXISTS public.bibd_routine_arguments(routine INTEGER NOT NULL, " \
	"position INTEGER NOT NULL, mode TEXT NOT NULL, name TEXT NOT NULL, type INTEGER NOT NULL, " \
	"PRIMARY KEY(routine, position)) WITHOUT ROWID;\n" \
	"CREATE TABLE IF NOT EXISTS public.bibd_routine_options(routine INTEGER NOT NULL, " \
	"name TEXT NOT NULL, position INTEGER NOT NULL, value TEXT NOT NULL, " \
	"PRIMARY KEY(routine, name, position)) WITHOUT ROWID;\n"
#define SCHEMA_ROUTINE_CHANGED "CREATE VIEW public.bibd_changed AS SELECT 1;\nDROP VIEW public.bibd_changed;\n"

/* Names of the table of options. Those of an argument have its place (from 1) as their position. */
#define SCHEMA_ROUTINE_DEFAULT "default" /* of an argument: SQL */
#define SCHEMA_ROUTINE_SHOWN "shown"	 /* the same as PostgreSQL's text, where that is known */
#define SCHEMA_ROUTINE_ROW "row"	 /* the relation whose rows it returns: "schema.name", as SQLite knows them */
#define SCHEMA_ROUTINE_SET "set"	 /* "name=value", by their order */
#define SCHEMA_ROUTINE_DEFINER "definer" /* it runs with the rights of who made it */
#define SCHEMA_ROUTINE_LEAKPROOF "leakproof"
#define SCHEMA_ROUTINE_COST "cost"
#define SCHEMA_ROUTINE_ROWS "rows"
#define SCHEMA_ROUTINE_PARALLEL "parallel" /* pg_proc.proparallel */

struct schema_argument {
	char *name; /* "": none */
	char mode;  /* as pg_proc.proargmodes: i, o, b, v, t */
	uint32_t oid;
	char *fallback; /* its DEFAULT, as SQL; NULL: none */
};

struct schema_routine_option {
	char *name, *value;
	unsigned position;
};

struct schema_routine {
	uint32_t oid;
	char *name, *language, *body;
	char kind;	 /* 'f' function, 'p' procedure */
	char volatility; /* pg_proc.provolatile */
	bool strict, set;
	uint32_t result;
	unsigned narguments, ninputs;
	struct schema_argument *arguments;
	unsigned noptions;
	struct schema_routine_option *options; /* in the order of their positions; defaults among them */
};

/* A column of what a function answers. */
struct schema_routine_column {
	const char *name; /* NULL: it has none of its own */
	uint32_t oid;
	int32_t typmod;
};

/* Every routine of that name (NULL: all), in the order of their OIDs, malloc'ed; NULL with *n 0: there is none. */
struct schema_routine *schema_routines(sqlite3 *db, const char *name, unsigned *n);
/* The one with that OID; false: there is none. */
bool schema_routine_load(sqlite3 *db, uint32_t oid, struct schema_routine *routine);
void schema_routine_clear(struct schema_routine *routine);
void schema_routines_free(struct schema_routine *routines, unsigned n);

/* The value of an option; NULL: it was not given. */
const char *schema_routine_option(const struct schema_routine *routine, const char *name);
/* The columns of its result, malloc'ed, their names the routine's or the schema's (valid as tables are): the OUT
 * parameters, or those of the relation, or the one value. *n 0: it returns record, and its call says which. NULL: out
 * of memory, or the relation is not there. */
struct schema;
struct schema_routine_column *schema_routine_columns(struct schema *schema, const struct schema_routine *routine,
    unsigned *n);
/* Whether its rows are values of several columns, be there but one. */
bool schema_routine_is_row(const struct schema_routine *routine);

/* routine_words.c: whether it may write, as far as the words of its body tell; one that is not VOLATILE may not. */
bool schema_routine_writes(sqlite3 *db, const struct schema_routine *routine);

/* Whether the argument is given by the caller, and whether it comes back. */
bool schema_argument_is_in(const struct schema_argument *argument);
bool schema_argument_is_out(const struct schema_argument *argument);

#endif
