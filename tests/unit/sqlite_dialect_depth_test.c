/*
 * The deepest texts that the lexer lets pass survive being parsed, translated and freed on a thread with the stack that
 * the worker gives its threads. A stack that is too small ends this program with a signal.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "tests/unit/sqlite_dialect_scene.h"
#include "workers/sqlite/dialect/lex.h"

#define STACK_SIZE ((size_t)256 << 20)

/* head, then n times open, middle, n times close; as many as the bounds allow. */
static const struct {
	const char *head, *open, *middle, *close;
	size_t tokens; /* of open, as the lexer counts; 0: bounded by parentheses */
	bool translates;
} rows[] = {
	{ "select 1", "+1", "", "", 1, true },
	{ "select 1", "||'a'", "", "", 2, true },
	{ "select 1", "::int", "", "", 3, true },
	{ "select a", " is null", " from t", "", 2, true },
	{ "select 'x'", " collate \"C\"", " from t", "", 2, true },
	{ "select a", "[1]", " from t", "", 2, false },
	{ "select 1", " union select 1", "", "", 3, true },
	{ "select 1, 2", " union select 1, 2", "", "", 3, true },
	{ "select 1 from t", " join t on true", "", "", 4, false },
	{ "select 1 from t", " natural join t", "", "", 3, false },
	{ "select 1 where a", " or a", "", "", 2, false },
	{ "select ", "(", "1", ")", 0, true },
	{ "select ", "(select ", "1", ")", 0, true },
	{ "select ", "lower(", "'x'", ")", 0, true },
	{ "select * from ", "(select * from ", "t", ") as x", 0, false },
	{ "select ", "case when true then ", "1", " end", 5, false },
	{ "select ", "not ", "true", "", 1, false },
	{ "select ", "- ", "a from t", "", 1, false },
};

static char *
write_text(size_t row, size_t n)
{
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(out);
	fputs(rows[row].head, out);
	for (size_t i = 0; i < n; i++)
		fputs(rows[row].open, out);
	fputs(rows[row].middle, out);
	for (size_t i = 0; i < n; i++)
		fputs(rows[row].close, out);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

struct job {
	size_t row;
	bool lexed, translated;
};

static void *
translate_deepest(void *arg)
{
	struct job *job = arg;
	struct dialect_scene scene;
	struct dialect_plan *plan;
	size_t tokens = rows[job->row].tokens;
	char *text = write_text(job->row, tokens == 0 ? LEX_PARENTHESES_MAX - 10 : (LEX_DEPTH_MAX - 20) / tokens);

	dialect_scene_open(&scene, "CREATE TABLE \"t\" (\"a\" integer)");
	plan = dialect_scene_translate(&scene, text);
	job->translated = plan != NULL;
	job->lexed = plan != NULL || strcmp(scene.report.message, "stack depth limit exceeded") != 0;
	dialect_plan_free(plan);
	dialect_scene_close(&scene);
	free(text);
	return NULL;
}

START_TEST(deepest_text_survives)
{
	struct job job = { .row = (size_t)_i };
	pthread_attr_t attributes;
	pthread_t thread;

	ck_assert_int_eq(pthread_attr_init(&attributes), 0);
	ck_assert_int_eq(pthread_attr_setstacksize(&attributes, STACK_SIZE), 0);
	ck_assert_int_eq(pthread_create(&thread, &attributes, translate_deepest, &job), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(pthread_attr_destroy(&attributes), 0);
	ck_assert(job.lexed || rows[_i].close[0] != '\0');
	ck_assert_int_eq(job.translated, rows[_i].translates);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("depth");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, deepest_text_survives, 0, sizeof(rows) / sizeof(rows[0]));
	return unit_run("sqlite_dialect_depth", tc, NULL);
}
