/*
 * Functions and procedures of the file's own: rows of bibd_routines and bibd_routine_arguments. They are read whenever
 * a text that may mean one is translated, or one is called; nothing is kept, so that there is nothing to go stale. Who
 * changes them also changes SQLite's schema cookie, by which plans and the catalog know (SCHEMA_ROUTINE_CHANGED).
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
	"PRIMARY KEY(routine, position)) WITHOUT ROWID;\n"
#define SCHEMA_ROUTINE_CHANGED "CREATE VIEW public.bibd_changed AS SELECT 1;\nDROP VIEW public.bibd_changed;\n"

struct schema_argument {
	char *name; /* "": none */
	char mode;  /* as pg_proc.proargmodes: i, o, b, t */
	uint32_t oid;
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
};

/* Every routine of that name (NULL: all), in the order of their OIDs, malloc'ed; NULL with *n 0: there is none. */
struct schema_routine *schema_routines(sqlite3 *db, const char *name, unsigned *n);
/* The one with that OID; false: there is none. */
bool schema_routine_load(sqlite3 *db, uint32_t oid, struct schema_routine *routine);
void schema_routine_clear(struct schema_routine *routine);
void schema_routines_free(struct schema_routine *routines, unsigned n);

/* Whether the argument is given by the caller, and whether it comes back. */
bool schema_argument_is_in(const struct schema_argument *argument);
bool schema_argument_is_out(const struct schema_argument *argument);

#endif
