/* A statement translated while one allocation after the other fails: it is refused for want of memory, or its plan is
 * the one of plenty. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "tests/unit/run.h"
#include "tests/unit/sqlite_scene.h"
#include "workers/sqlite/memory/memory.h"

#ifdef BIBD_COUNT_MEMORY

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void __libc_free(void *p);

static bool starving;
static unsigned left; /* allocations before the one that fails */

static bool
fails(void)
{
	bool guarded = memory_guard(false);

	(void)memory_guard(guarded);
	if (!starving || !guarded || left-- > 0)
		return false;
	starving = false;
	memory_miss();
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return size > 0 && fails() ? NULL : __libc_realloc(p, size);
}

/* Valgrind takes the place of glibc's free() but not of the functions above, and would be given what it never saw. */
void
free(void *p)
{
	__libc_free(p);
}

/* The plan's texts, or NULL with the report filled; malloc'ed. */
static char *
translate(const char *sql, unsigned after, struct report *r)
{
	struct dialect_text text = { 0 };
	struct dialect_plan *plan = NULL;
	char *shown = NULL;
	int result;

	ck_assert_int_eq(dialect_lex(sql, strlen(sql), 0, &text, r), 0);
	(void)schema_refresh(scene_schema);
	left = after;
	starving = true;
	(void)memory_guard(true);
	result = dialect_translate(scene_schema, &text, &scene_context.types, NULL, 0, &plan, r);
	(void)memory_guard(false);
	if (result == 0)
		shown = strdup(plan->sql);
	dialect_plan_free(plan);
	dialect_text_free(&text);
	return shown;
}

static const char *const statements[] = {
	"SELECT * FROM child c JOIN parent USING (id) WHERE c.mood = 'glad'",
	"SELECT * FROM s.v",
	"INSERT INTO parent (name) VALUES ('a') RETURNING *",
	"UPDATE parent SET name = 'b' WHERE id = 3",
	"DELETE FROM parted WHERE a = 2",
	"DROP TABLE IF EXISTS child",
	"DROP SCHEMA IF EXISTS s CASCADE",
	"DROP TYPE IF EXISTS mood CASCADE",
	"CREATE TABLE IF NOT EXISTS child (id int)",
	"CREATE OR REPLACE VIEW s.v AS SELECT 2 AS one",
	"ALTER TABLE parent ADD COLUMN more int",
	"ALTER TABLE IF EXISTS plain RENAME COLUMN name TO title",
	"ALTER TABLE plain RENAME TO simple",
	"SELECT * FROM filled",
	"REFRESH MATERIALIZED VIEW filled",
	"SELECT nextval('numbers')",
	"TRUNCATE parent",
	"ALTER TYPE mood RENAME TO temper",
	"CREATE TABLE another (LIKE parent INCLUDING ALL, CHECK (id > 0), UNIQUE (name))",
	"CREATE INDEX ON parent (lower(name)) WHERE id > 5",
	"COMMENT ON TABLE parent IS 'above'",
	"ALTER TABLE plain ALTER COLUMN name TYPE varchar(5)",
	"DROP SEQUENCE numbers",
};

/* Each of the failures leaves nothing behind that a later statement would see: the plan of plenty comes out again. */
START_TEST(test_no_plan_lacks_anything)
{
	const char *sql = statements[_i];
	struct report r = { 0 };
	char *plenty, *plan;
	unsigned refused = 0;

	scene_open();
	ck_assert_str_eq(scene_run("CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE SCHEMA s;"
				   "CREATE TABLE parent (id int PRIMARY KEY, name text);"
				   "CREATE TABLE child (mood mood) INHERITS (parent); CREATE TABLE plain (name text);"
				   "CREATE TABLE parted (a int) PARTITION BY LIST (a);"
				   "CREATE TABLE one PARTITION OF parted FOR VALUES IN (1);"
				   "CREATE VIEW s.v AS SELECT 1 AS one;"
				   "CREATE MATERIALIZED VIEW filled AS SELECT 1 AS a; CREATE SEQUENCE numbers"),
	    "");
	plenty = translate(sql, 1U << 30, &r);
	ck_assert_msg(plenty != NULL, "%s: %s", sql, r.message);
	for (unsigned after = 0;; after++) {
		report_reset(&r);
		plan = translate(sql, after, &r);
		if (plan == NULL) {
			ck_assert_msg(r.state == SQLSTATE_OUT_OF_MEMORY, "%s, %u: %s", sql, after, r.message);
			refused++;
			continue;
		}
		ck_assert_msg(strcmp(plan, plenty) == 0, "%s, %u:\n%s\n%s", sql, after, plan, plenty);
		free(plan);
		if (starving)
			break;
	}
	starving = false;
	ck_assert_uint_gt(refused, 0);
	report_reset(&r);
	free(plenty);
	scene_close();
}
END_TEST

#endif

int
main(void)
{
	TCase *tc = tcase_create("starved");

	tcase_set_timeout(tc, 60);
#ifdef BIBD_COUNT_MEMORY
	tcase_add_loop_test(tc, test_no_plan_lacks_anything, 0, sizeof(statements) / sizeof(statements[0]));
#endif
	return unit_run("sqlite starved", tc, NULL);
}
