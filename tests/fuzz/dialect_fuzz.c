/*
 * Any bytes as a text: lexed, checked, translated, and what was translated prepared by SQLite. Build with a fuzzing
 * engine, for instance clang -fsanitize=fuzzer,address.
 */
#include <stdlib.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/dialect/define/front.h"
#include "workers/sqlite/functions/functions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One database for all inputs: nothing is run on it, so that it does not change. */
static struct {
	sqlite3 *db;
	struct schema *schema;
	struct sql_context context;
} scene;

static const char tables[] =
    "CREATE TABLE \"t\" (\"id\" INTEGER PRIMARY KEY, \"a\" text, \"b\" bigint, \"o\" boolean, "
    "\"n\" \"numeric text(10,2)\" COLLATE \"pg_numeric\", \"s\" \"timestamp text\", \"c\" \"char(3)\")";

static void
open_scene(void)
{
	scene.context = (struct sql_context) { .user = "admin", .database = "bibd", .settings = settings_new() };
	if (sqlite3_open(":memory:", &scene.db) != SQLITE_OK ||
	    sqlite3_db_config(scene.db, SQLITE_DBCONFIG_MAINDBNAME, "public") != SQLITE_OK ||
	    type_register_collations(scene.db) != SQLITE_OK ||
	    functions_register(scene.db, &scene.context) != SQLITE_OK || catalog_attach(scene.db) != SQLITE_OK ||
	    sqlite3_exec(scene.db, tables, NULL, NULL, NULL) != SQLITE_OK ||
	    (scene.schema = schema_open(scene.db)) == NULL)
		abort();
	schema_refresh(scene.schema);
}

static void
prepare(const struct dialect_plan *plan)
{
	sqlite3_stmt *stmt = NULL;

	if (plan->sql != NULL && (plan->kind == DIALECT_QUERY || plan->kind == DIALECT_MODIFY))
		sqlite3_prepare_v2(scene.db, plan->sql, -1, &stmt, NULL);
	sqlite3_finalize(stmt);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dialect_text text = { 0 };
	struct dialect_plan *plan = NULL;
	struct report report = { 0 };
	size_t at = 0;

	if (scene.db == NULL)
		open_scene();
	(void)dialect_check_syntax((const char *)data, size, &report);
	while (at < size && dialect_lex((const char *)data, size, at, &text, &report) == 0) {
		for (unsigned i = 0; i < text.nliterals; i++) {
			char *owned;
			size_t length;

			if (dialect_literal_value(&text, i, &length, &owned) != NULL && length > text.length)
				abort();
			free(owned);
		}
		report_reset(&report);
		if (dialect_translate(scene.schema, &text, NULL, NULL, 0, &plan, &report) == 0)
			prepare(plan);
		else if (report.state == SQLSTATE_SUCCESSFUL_COMPLETION)
			abort(); /* a failure that says nothing */
		dialect_plan_free(plan);
		plan = NULL;
		at = text.next;
	}
	report_reset(&report);
	report_reset(&scene.context.report);
	dialect_text_free(&text);
	return 0;
}
