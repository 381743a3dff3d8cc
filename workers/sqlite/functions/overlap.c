/*
 * OVERLAPS of two spans of time, of which either end may be unknown. Works on timestamps, dates and times of day.
 */
#include <string.h>

#include "workers/sqlite/functions/span.h"

struct ends {
	sqlite3_value *from, *to; /* to NULL: unknown */
};

static bool
is_unknown(sqlite3_value *value)
{
	return sqlite3_value_type(value) == SQLITE_NULL;
}

/* <0, 0, >0. Times of day are ordered as their texts are; what has a date or is infinite is read. */
static int
compare(sqlite3_context *c, sqlite3_value *a, sqlite3_value *b)
{
	struct report r = { 0 };
	size_t left, right;
	const char *x = function_text(a, &left), *y = function_text(b, &right);
	uint32_t oid = strchr(x, '+') != NULL ? TYPE_TIMESTAMPTZ : TYPE_TIMESTAMP;
	int64_t i = 0, j = 0;

	if (strpbrk(x, "-i") == NULL)
		return strcmp(x, y);
	(void)type_parse_timestamp(x, left, oid == TYPE_TIMESTAMPTZ, &function_session(c)->types, &i, &r);
	(void)type_parse_timestamp(y, right, oid == TYPE_TIMESTAMPTZ, &function_session(c)->types, &j, &r);
	report_reset(&r);
	return (i > j) - (i < j);
}

/* The end that is known first, the later one last. False: both are unknown. */
static bool
take_ends(sqlite3_context *c, sqlite3_value **argv, struct ends *out)
{
	*out = (struct ends) { argv[0], is_unknown(argv[1]) ? NULL : argv[1] };
	if (is_unknown(argv[0])) {
		*out = (struct ends) { argv[1], NULL };
		return !is_unknown(argv[1]);
	}
	if (out->to != NULL && compare(c, out->from, out->to) > 0)
		*out = (struct ends) { argv[1], argv[0] };
	return true;
}

void
time_overlaps(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct ends a, b, first, second;
	int order;

	(void)argc;
	if (!take_ends(c, argv, &a) || !take_ends(c, argv + 2, &b))
		return;
	order = compare(c, a.from, b.from);
	first = order > 0 ? b : a;
	second = order > 0 ? a : b;
	if (order == 0) {
		if (a.to != NULL && b.to != NULL)
			sqlite3_result_int(c, 1);
	} else if (first.to == NULL)
		return;
	else if (compare(c, second.from, first.to) < 0)
		sqlite3_result_int(c, 1);
	else if (second.to != NULL)
		sqlite3_result_int(c, 0);
}
