/*
 * The functions and procedures of the file: rows of bibd_routines and of the tables beside it. They are read each time
 * a text that may mean one is translated. A routine that is called is kept, parsed, with the connection
 * (session/routine_cache.c). Whoever changes a routine also changes SQLite's schema cookie (SCHEMA_ROUTINE_CHANGED), by
 * which plans, the catalog and that cache notice; the cache looks at the cookie before each call.
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

/* Names in the table of options. An option of an argument has the argument's place (from 1) as its position. */
#define SCHEMA_ROUTINE_DEFAULT "default" /* an argument's default, as SQL */
#define SCHEMA_ROUTINE_SHOWN "shown"	 /* an argument's default as PostgreSQL shows it, where that is known */
#define SCHEMA_ROUTINE_ROW "row"	 /* the relation whose rows it returns: "schema.name", as SQLite knows them */
#define SCHEMA_ROUTINE_SET "set"	 /* "name=value", by their order */
#define SCHEMA_ROUTINE_EXTENSION "extension" /* the extension that it is a member of */
/* The language of an extension's functions: the body is the name of what computes it (functions/natives.def); "":
 * nothing does. */
#define SCHEMA_ROUTINE_NATIVE "c"
#define SCHEMA_ROUTINE_DEFINER "definer" /* SECURITY DEFINER: it runs with the rights of the role that made it */
#define SCHEMA_ROUTINE_LEAKPROOF "leakproof"
#define SCHEMA_ROUTINE_COST "cost"
#define SCHEMA_ROUTINE_ROWS "rows"
#define SCHEMA_ROUTINE_PARALLEL "parallel" /* pg_proc.proparallel */

struct schema_argument {
	char *name; /* "": none */
	char mode;  /* as pg_proc.proargmodes: i, o, b, v, t */
	uint32_t oid;
	char *fallback; /* its default, as SQL; NULL: none */
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
	struct schema_routine_option *options; /* by their positions; the arguments' defaults are among them */
};

/* A column of the rows that a function answers. */
struct schema_routine_column {
	const char *name; /* NULL: the column has no name of its own */
	uint32_t oid;
	int32_t typmod;
};

/* All routines of that name (NULL: of any name), in the order of their OIDs. malloc'ed, and given back with
 * schema_routines_free(). NULL with *n 0: there is none. */
struct schema_routine *schema_routines(sqlite3 *db, const char *name, unsigned *n);
/* Reads the routine with that OID; false: there is none. */
bool schema_routine_load(sqlite3 *db, uint32_t oid, struct schema_routine *routine);
void schema_routine_clear(struct schema_routine *routine);
void schema_routines_free(struct schema_routine *routines, unsigned n);

/* The value of an option of the routine; NULL: it has none. */
const char *schema_routine_option(const struct schema_routine *routine, const char *name);
/* The default of the argument at that position (from 1) as PostgreSQL's text, with marks (kept.h); NULL: not known. */
const char *schema_routine_shown(const struct schema_routine *routine, unsigned position);
/* The columns of the routine's result, malloc'ed: the OUT parameters, or the columns of the relation whose rows it
 * returns, or the one value. Their names are the routine's or the schema's, and valid as long as those. *n 0: it
 * returns record, and each call says which. NULL: out of memory, or the relation is not there. */
struct schema;
struct schema_routine_column *schema_routine_columns(struct schema *schema, const struct schema_routine *routine,
    unsigned *n);
/* Whether it answers rows made of columns, even where there is but one, and not a single value. */
bool schema_routine_is_row(const struct schema_routine *routine);

/* routine_words.c: whether it may write to the file, as far as the words of its body tell. A routine that is not
 * VOLATILE may not. */
bool schema_routine_writes(sqlite3 *db, const struct schema_routine *routine);

/* Whether the caller gives the argument (IN, INOUT, VARIADIC), and whether it comes back (OUT, INOUT, TABLE). */
bool schema_argument_is_in(const struct schema_argument *argument);
bool schema_argument_is_out(const struct schema_argument *argument);

#endif
