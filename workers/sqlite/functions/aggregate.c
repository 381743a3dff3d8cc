/*
 * Aggregates whose state is no sum: counts of truths, and what grows from row to row, as strings, arrays and JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"

struct truth {
	uint64_t trues, falses;
};

static void
change_truth(sqlite3_context *c, sqlite3_value *value, uint64_t change)
{
	struct truth *truth = sqlite3_aggregate_context(c, sizeof(*truth));

	if (truth != NULL && sqlite3_value_type(value) != SQLITE_NULL)
		*(sqlite3_value_int(value) != 0 ? &truth->trues : &truth->falses) += change;
}

void
bool_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	change_truth(c, argv[0], 1);
}

void
bool_inverse(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	change_truth(c, argv[0], (uint64_t)-1);
}

void
bool_and_final(sqlite3_context *c)
{
	const struct truth *truth = sqlite3_aggregate_context(c, 0);

	if (truth != NULL && truth->trues + truth->falses > 0)
		sqlite3_result_int(c, truth->falses == 0);
}

void
bool_or_final(sqlite3_context *c)
{
	const struct truth *truth = sqlite3_aggregate_context(c, 0);

	if (truth != NULL && truth->trues + truth->falses > 0)
		sqlite3_result_int(c, truth->trues > 0);
}

/* A text that grows from row to row. SQLite frees the context without a word: final always runs before. */
struct joined {
	FILE *out;
	char *text;
	size_t length;
	bool bytes; /* it is a bytea's */
};

static struct joined *
joined_open(sqlite3_context *c)
{
	struct joined *joined = sqlite3_aggregate_context(c, sizeof(*joined));

	if (joined != NULL && joined->out == NULL &&
	    (joined->out = open_memstream(&joined->text, &joined->length)) == NULL)
		sqlite3_result_error_nomem(c);
	return joined == NULL || joined->out == NULL ? NULL : joined;
}

static void
joined_end(sqlite3_context *c, const char *tail)
{
	struct joined *joined = sqlite3_aggregate_context(c, 0);

	if (joined == NULL || joined->out == NULL)
		return;
	fputs(tail, joined->out);
	function_result_stream(c, joined->out, &joined->text, &joined->length);
	joined->out = NULL;
}

static void
joined_free(sqlite3_context *c)
{
	struct joined *joined = sqlite3_aggregate_context(c, 0);

	if (joined == NULL || joined->out == NULL)
		return;
	(void)fclose(joined->out);
	free(joined->text);
	joined->out = NULL;
}

/* What it is so far: the value of a frame that begins with the partition. */
static void
joined_value(sqlite3_context *c, const char *tail)
{
	struct joined *joined = sqlite3_aggregate_context(c, 0);
	char *text = NULL;
	size_t length;
	FILE *out;

	if (joined == NULL || joined->out == NULL)
		return;
	if (joined->bytes && fflush(joined->out) == 0)
		sqlite3_result_blob64(c, joined->text, joined->length, SQLITE_TRANSIENT);
	else if (!joined->bytes && fflush(joined->out) == 0 && (out = open_memstream(&text, &length)) != NULL) {
		fwrite(joined->text, 1, joined->length, out);
		fputs(tail, out);
		function_result_stream(c, out, &text, &length);
	} else
		sqlite3_result_error_nomem(c);
}

/* Rows that leave the frame would have to be cut off at its beginning. */
void
joined_inverse(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "this aggregate over a frame that does not begin with its partition is not supported on SQLite");
}

static void
put_value(FILE *out, sqlite3_value *value)
{
	size_t length;
	const char *text = function_text(value, &length);

	fwrite(text, 1, length, out);
}

void
string_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct joined *joined;
	bool first;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	joined = sqlite3_aggregate_context(c, sizeof(*joined));
	first = joined != NULL && joined->out == NULL;
	if ((joined = joined_open(c)) == NULL)
		return;
	joined->bytes = sqlite3_value_type(argv[0]) == SQLITE_BLOB;
	if (!first)
		put_value(joined->out, argv[1]);
	put_value(joined->out, argv[0]);
}

void
string_value(sqlite3_context *c)
{
	joined_value(c, "");
}

void
string_final(sqlite3_context *c)
{
	joined_value(c, "");
	joined_free(c);
}

void
array_value(sqlite3_context *c)
{
	joined_value(c, "}");
}

void
json_value(sqlite3_context *c)
{
	joined_value(c, "]");
}

void
array_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct joined *joined = sqlite3_aggregate_context(c, sizeof(*joined));
	bool first = joined != NULL && joined->out == NULL;

	(void)argc;
	if ((joined = joined_open(c)) == NULL)
		return;
	fputs(first ? "{" : ",", joined->out);
	function_put_value(joined->out, argv[0]);
}

void
array_final(sqlite3_context *c)
{
	joined_end(c, "}");
}

void
json_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct joined *joined = sqlite3_aggregate_context(c, sizeof(*joined));
	bool first = joined != NULL && joined->out == NULL;

	(void)argc;
	if ((joined = joined_open(c)) == NULL)
		return;
	fputs(first ? "[" : ", ", joined->out);
	json_put_line(joined->out, argv[0], first);
}

void
json_final(sqlite3_context *c)
{
	joined_end(c, "]");
}
