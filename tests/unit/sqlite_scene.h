/*
 * A connection in memory with everything that a worker's has, and the way from a client's text to rows: for the tests
 * of the schema, the DDL and the catalog.
 */
#ifndef BIBD_TESTS_SQLITE_SCENE_H
#define BIBD_TESTS_SQLITE_SCENE_H

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/define/front.h"
#include "workers/sqlite/functions/functions.h"

extern sqlite3 *scene_db;
extern struct schema *scene_schema;
extern struct sql_context scene_context;
extern char scene_notice[512]; /* of the last statement */

void scene_open(void);
void scene_close(void);
/* Runs statements. Returns the rows of the last as "a|b\nc|d" (NULLs empty), "" when there are none, or
 * "ERROR 42P01 message" of the first that fails. Valid until the next call. */
const char *scene_run(const char *text);
/* The statement answers this. */
#define scene_expect(text, answer) ck_assert_str_eq(scene_run(text), answer)
/* The statement fails with this SQLSTATE. */
#define scene_expect_state(text, state) \
	ck_assert_msg(strncmp(scene_run(text), "ERROR " state, 11) == 0, "%s: %s", text, scene_answer())
const char *scene_answer(void);

#endif
