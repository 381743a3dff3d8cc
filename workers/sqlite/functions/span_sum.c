/*
 * sum and avg of intervals: months, days and microseconds each by themselves.
 */
#include <stdint.h>

#include "workers/sqlite/functions/span.h"

/* Wide enough for any number of rows; SQLite aligns what it gives aggregates to 8 bytes. */
__extension__ typedef __int128 wide __attribute__((aligned(8)));

struct total {
	int64_t count, months, days;
	wide us;
};

static void
change(sqlite3_context *c, sqlite3_value *value, int sign)
{
	struct total *total = sqlite3_aggregate_context(c, sizeof(*total));
	struct type_interval span;

	if (total == NULL || sqlite3_value_type(value) == SQLITE_NULL || !span_take(c, value, &span))
		return;
	total->count += sign;
	total->months += sign * span.months;
	total->days += sign * span.days;
	total->us += (wide)sign * span.us;
}

void
span_sum_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	change(c, argv[0], 1);
}

void
span_sum_inverse(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	change(c, argv[0], -1);
}

/* False: there is none, or it is out of range. */
static bool
take_total(sqlite3_context *c, struct type_interval *span, int64_t *count)
{
	struct total *total = sqlite3_aggregate_context(c, 0);

	if (total == NULL || total->count == 0)
		return false;
	*span = (struct type_interval) { total->months, total->days, (int64_t)total->us };
	*count = total->count;
	if (total->us == (wide)span->us && span->months >= INT32_MIN && span->months <= INT32_MAX &&
	    span->days >= INT32_MIN && span->days <= INT32_MAX)
		return true;
	span_fail_range(c);
	return false;
}

void
span_sum_value(sqlite3_context *c)
{
	struct type_interval span;
	int64_t count;

	if (take_total(c, &span, &count))
		span_give(c, &span);
}

void
span_avg_value(sqlite3_context *c)
{
	struct type_interval span;
	int64_t count;

	if (!take_total(c, &span, &count))
		return;
	if (span_scale(&span, (double)count, true))
		span_give(c, &span);
	else
		span_fail_range(c);
}
