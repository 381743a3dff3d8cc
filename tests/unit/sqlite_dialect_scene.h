/*
 * A database in memory on which texts are translated and run, for the tests of the dialect.
 */
#ifndef BIBD_TESTS_SQLITE_DIALECT_SCENE_H
#define BIBD_TESTS_SQLITE_DIALECT_SCENE_H

#include "workers/sqlite/sequences/memory.h"
#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/define/front.h"
#include "workers/sqlite/functions/functions.h"

struct dialect_scene {
	sqlite3 *db;
	struct schema *schema;
	struct sql_context context;
	struct sequence_memory drawn;
	struct dialect_text text;
	struct report report; /* of the last failure */
};

/* Fails the test when it cannot be opened. `tables` is SQLite's own SQL. */
void dialect_scene_open(struct dialect_scene *s, const char *tables);
void dialect_scene_close(struct dialect_scene *s);

/* Translates the first statement of a text. NULL: it failed, and s->report says how. The plan is the caller's. */
struct dialect_plan *dialect_scene_translate(struct dialect_scene *s, const char *sql);

/* Runs a text's statements one after the other and gives the rows of the last as "a|b" lines, NULL as "NULL"; an
 * error as its SQLSTATE. malloc'ed. */
char *dialect_scene_run(struct dialect_scene *s, const char *sql);

#endif
