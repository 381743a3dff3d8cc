/* What a drill's script finds wrong is read from rows as PostgreSQL's single-user mode prints them */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/run.h"
#include "workers/container/drill_script.h"

#define TYPE "\t(typeid = 16, len = 1, typmod = -1, byval = t)"
#define NAMES "\t 1: c" TYPE "\n\t----\n"
#define ROW(value) "\t 1: c = \"" value "\"" TYPE "\n\t----\n"

static void
take(struct drill_output *output, const char *text)
{
	char *copy = strdup(text), *save = NULL;

	for (char *line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		drill_output_take(output, line);
	free(copy);
}

static const struct {
	const char *text, *wrong;
} rows[] = {
	{ NAMES ROW("t"), "" },
	{ NAMES ROW("f"), "f" },
	{ NAMES ROW("0"), "0" },
	{ NAMES ROW("t") ROW("false"), "false" },
	{ NAMES ROW("f") ROW("t"), "f" },
	{ "backend> " NAMES ROW("t") "backend> " NAMES ROW("f"), "f" },
	{ "backend> backend> " NAMES ROW("10"), "" },
	{ NAMES ROW(""), "" },
	/* NULL: a row without its first column, or without any. */
	{ NAMES "\t----\n", "NULL" },
	{ "\t 1: c" TYPE "\n\t 2: d" TYPE "\n\t----\n\t 2: d = \"t\"" TYPE "\n\t----\n", "NULL" },
	/* No row is no answer. */
	{ NAMES, "" },
	{ "PostgreSQL stand-alone backend 15.20\nbackend> ", "" },
	/* What is within a value counts for nothing. */
	{ NAMES "\t 1: c = \"f\"" TYPE "\n\t 2: d = \"x\n\t 1: c = \"t\"" TYPE "\n\t----\n", "f" },
};

START_TEST(rows_are_judged)
{
	struct drill_output output = { .step = "" };

	take(&output, DRILL_STEP DRILL_WORDS);
	take(&output, rows[_i].text);
	ck_assert_str_eq(output.wrong, rows[_i].wrong);
}
END_TEST

/* Only the script's rows are judged; what the tables have is kept, and what has proven it. */
START_TEST(steps_are_told)
{
	struct drill_output output = { .step = "" };

	take(&output, DRILL_STEP DRILL_TABLES "\nbackend> \t 1: said" TYPE "\n\t----\n" ROW("2 tables") ROW("f"));
	ck_assert_str_eq(output.step, DRILL_TABLES);
	ck_assert_str_eq(output.wrong, "");
	ck_assert_str_eq(output.by, "");
	take(&output, DRILL_DONE "a full read");
	ck_assert_str_eq(output.by, "a full read");
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("output");

	tcase_add_loop_test(tcase, rows_are_judged, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, steps_are_told);
	return unit_run("container drill", tcase, NULL);
}
