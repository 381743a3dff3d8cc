/*
 * Rows that no partition takes: called by the trigger of a partitioned table, and by what is written into a partition
 * itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/schema/names.h"

static const char *
text_of(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return text == NULL ? "null" : text;
}

static void
fail(sqlite3_context *c, struct report *r, const char *table)
{
	namespace_show(r->message);
	r->table = strdup(namespace_relation(table));
	function_fail_report(c, r);
}

/* bibd_no_partition(table, columns of the key, values...) */
void
partition_missing(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct report r = { 0 };
	char *values = NULL;
	size_t length;
	FILE *out = argc < 2 ? NULL : open_memstream(&values, &length);

	if (out == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	for (int i = 2; i < argc; i++)
		fprintf(out, "%s%s", i == 2 ? "" : ", ", text_of(argv[i]));
	if (fclose(out) != 0) {
		sqlite3_result_error_nomem(c);
		return;
	}
	(void)report_set(&r, SQLSTATE_CHECK_VIOLATION, "no partition of relation \"%s\" found for row",
	    text_of(argv[0]));
	report_detail(&r, "Partition key of the failing row contains (%s) = (%s).", text_of(argv[1]), values);
	free(values);
	fail(c, &r, text_of(argv[0]));
}

/* bibd_in_partition(condition, partition) */
void
partition_violated(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct report r = { 0 };

	(void)argc;
	if (sqlite3_value_int(argv[0]) != 0)
		return;
	(void)report_set(&r, SQLSTATE_CHECK_VIOLATION, "new row for relation \"%s\" violates partition constraint",
	    text_of(argv[1]));
	fail(c, &r, text_of(argv[1]));
}

/* bibd_partition_check(partition, constraint): of its own. */
void
partition_check(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct report r = { 0 };

	(void)argc;
	(void)report_set(&r, SQLSTATE_CHECK_VIOLATION, "new row for relation \"%s\" violates check constraint \"%s\"",
	    text_of(argv[0]), text_of(argv[1]));
	r.constraint = strdup(text_of(argv[1]));
	fail(c, &r, text_of(argv[0]));
}

/* bibd_default_overlaps(partition): a row of the default partition belongs to one that is made. */
void
partition_overlapped(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct report r = { 0 };

	(void)argc;
	(void)report_set(&r, SQLSTATE_CHECK_VIOLATION,
	    "updated partition constraint for default partition \"%s\" would be violated by some row",
	    text_of(argv[0]));
	fail(c, &r, text_of(argv[0]));
}

/* bibd_unattachable(table): a row of what is attached does not fit. */
void
partition_unattachable(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct report r = { 0 };

	(void)argc;
	(void)report_set(&r, SQLSTATE_CHECK_VIOLATION,
	    "partition constraint of relation \"%s\" is violated by some row", text_of(argv[0]));
	fail(c, &r, text_of(argv[0]));
}
