/*
 * Reads rows as PostgreSQL's single-user mode prints them: a line for each column that is not NULL, its number and name
 * before its value and its type, and a line of hyphens. Before the rows of a statement the same lines stand without
 * values.
 */
#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/container/drill_script.h"

#define OUTPUT_PROMPT "backend> "
#define OUTPUT_COLUMN "\t 1: "
#define OUTPUT_ROW "\t----"
#define OUTPUT_VALUE " = \""
#define OUTPUT_TYPE "\"\t(typeid = "

static bool
output_begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* The value of a column's line; false: it has none, and names the column. A long line has been cut. */
static bool
output_read_value(const char *line, char *value, size_t size)
{
	const char *from = strstr(line, OUTPUT_VALUE), *to;

	if (from == NULL)
		return false;
	from += strlen(OUTPUT_VALUE);
	to = strstr(from, OUTPUT_TYPE);
	(void)snprintf(value, size, "%.*s", (int)(to == NULL ? strlen(from) : (size_t)(to - from)), from);
	return true;
}

static void
output_end_row(struct drill_output *output)
{
	static const char *const wrong[] = { "", "f", "false", "0" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (!output->names && output->wrong[0] == '\0' && strcmp(output->step, DRILL_WORDS) == 0 &&
		    strcmp(output->first, wrong[i]) == 0)
			(void)snprintf(output->wrong, sizeof(output->wrong), "%s", i == 0 ? "NULL" : wrong[i]);
	output->names = false;
	output->first[0] = '\0';
}

/* Once in a row: what looks so later is within a value. */
static void
output_take_column(struct drill_output *output, const char *line)
{
	char value[128];

	if (output->names || output->first[0] != '\0')
		return;
	output->names = !output_read_value(line, value, sizeof(value));
	if (output->names)
		return;
	if (strcmp(output->step, DRILL_TABLES) == 0)
		(void)strlcpy(output->said, value, sizeof(output->said));
	/* What is empty is no NULL. */
	(void)strlcpy(output->first, value[0] == '\0' ? "''" : value, sizeof(output->first));
}

void
drill_output_take(struct drill_output *output, const char *line)
{
	while (output_begins(line, OUTPUT_PROMPT))
		line += strlen(OUTPUT_PROMPT);
	if (output_begins(line, DRILL_STEP)) {
		(void)snprintf(output->step, sizeof(output->step), "%s", line + strlen(DRILL_STEP));
		output->names = false;
		output->first[0] = '\0';
	} else if (output_begins(line, DRILL_DONE)) {
		(void)snprintf(output->by, sizeof(output->by), "%s", line + strlen(DRILL_DONE));
	} else if (output_begins(line, OUTPUT_ROW)) {
		output_end_row(output);
	} else if (output_begins(line, OUTPUT_COLUMN)) {
		output_take_column(output, line);
	}
}
