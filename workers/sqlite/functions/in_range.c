/*
 * Offsets of RANGE: values of each type that has them, plus or minus an offset, compared with another value. What would
 * be NaN (infinity less infinity) is as near as can be to everything.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/in_range.h"
#include "workers/sqlite/functions/span.h"
#include "workers/sqlite/types/codec.h"

static int
fail_size(sqlite3_context *c)
{
	function_fail(c, SQLSTATE_INVALID_PRECEDING_OR_FOLLOWING_SIZE,
	    "invalid preceding or following size in window function");
	return -1;
}

static int
answer(const struct in_range_question *q, int order)
{
	return q->less ? order <= 0 : order >= 0;
}

/* What is known without a sum, where one of them is no finite number; -1: they all are. */
static int
answer_special(const struct in_range_question *q, double value, double base, double offset)
{
	if (isnan(value) || isnan(base))
		return isnan(value) ? isnan(base) || !q->less : q->less;
	if (isinf(offset)) {
		if (isinf(base) && (base > 0) == q->subtract)
			return 1;
		if (q->subtract)
			return q->less ? isinf(value) && value < 0 : 1;
		return q->less ? 1 : isinf(value) && value > 0;
	}
	if (isinf(value) || isinf(base))
		return answer(q, (value > base) - (value < base));
	return -1;
}

static int
of_floats(sqlite3_context *c, const struct in_range_question *q)
{
	double value = type_real_of(q->value), base = type_real_of(q->base), offset = type_real_of(q->offset), sum;
	int known;

	if (isnan(offset) || offset < 0)
		return fail_size(c);
	if ((known = answer_special(q, value, base, offset)) >= 0)
		return known;
	sum = q->subtract ? base - offset : base + offset;
	return answer(q, (value > sum) - (value < sum));
}

/* Infinite, NaN, or 0 for all others: the sum of those is made of their digits. */
static double
kind_of(sqlite3_value *value)
{
	size_t length;
	const char *text = function_text(value, &length);

	if (strcmp(text, "NaN") == 0)
		return (double)NAN;
	if (strcmp(text, "Infinity") == 0)
		return (double)INFINITY;
	return strcmp(text, "-Infinity") == 0 ? -(double)INFINITY : 0;
}

static int
of_numerics(sqlite3_context *c, const struct in_range_question *q)
{
	struct decimal base = { 0 }, offset = { 0 }, sum = { 0 };
	size_t length, value_length, written_length = 0;
	const char *text = function_text(q->offset, &length), *value;
	char *written = NULL;
	int known;

	if (isnan(kind_of(q->offset)) || *text == '-')
		return fail_size(c);
	if ((known = answer_special(q, kind_of(q->value), kind_of(q->base), kind_of(q->offset))) >= 0 &&
	    (kind_of(q->value) != 0 || kind_of(q->base) != 0 || kind_of(q->offset) != 0))
		return known;
	if (decimal_read(text, length, &offset) && (text = function_text(q->base, &length)) != NULL &&
	    decimal_read(text, length, &base) && decimal_operate(q->subtract ? '-' : '+', &base, &offset, &sum))
		written = decimal_write(&sum, &written_length);
	decimal_free(&base);
	decimal_free(&offset);
	decimal_free(&sum);
	if (written == NULL) {
		sqlite3_result_error_nomem(c);
		return -1;
	}
	value = function_text(q->value, &value_length);
	known = answer(q, type_compare_numeric(value, value_length, written, written_length));
	free(written);
	return known;
}

static int64_t
span_size(const struct type_interval *span)
{
	/* As far as its sign goes: 30 days a month. */
	double us = ((double)span->months * 30 + (double)span->days) * (double)TYPE_USECS_PER_DAY + (double)span->us;

	return us < 0 ? -1 : us > 0;
}

static int
of_moments(sqlite3_context *c, const struct in_range_question *q)
{
	uint32_t oid = q->oid == TYPE_DATE ? (uint32_t)TYPE_TIMESTAMP : q->oid;
	struct type_interval offset;
	struct report r = { 0 };
	int64_t value, sum;
	int status;

	if (!span_take(c, q->offset, &offset) || !span_take_timestamp(c, q->value, oid, &value) ||
	    !span_take_timestamp(c, q->base, oid, &sum))
		return -1;
	if (span_size(&offset) < 0)
		return fail_size(c);
	if (!span_is_infinite(sum)) {
		status = oid == TYPE_TIMESTAMPTZ
		    ? moment_add_in_zone(&function_session(c)->types, &sum, &offset, q->subtract ? -1 : 1, &r)
		    : moment_add(&sum, &offset, q->subtract ? -1 : 1, &r);
		if (status != 0) {
			function_fail_report(c, &r);
			return -1;
		}
	}
	return answer(q, (value > sum) - (value < sum));
}

/* The clock does not go round, and days of the offset don't count. */
static int
of_times(sqlite3_context *c, const struct in_range_question *q)
{
	struct type_interval offset;
	int64_t value, sum, value_utc, sum_utc;
	int value_zone = 0, zone = 0;
	bool zoned;

	if (!span_take(c, q->offset, &offset) || !span_take_time(c, q->value, &value, &value_zone, &zoned) ||
	    !span_take_time(c, q->base, &sum, &zone, &zoned))
		return -1;
	if (offset.us < 0)
		return fail_size(c);
	sum = q->subtract ? sum - offset.us : sum + offset.us;
	if (q->oid == TYPE_TIME)
		return answer(q, (value > sum) - (value < sum));
	value_utc = value - value_zone * TYPE_USECS_PER_SECOND;
	sum_utc = sum - zone * TYPE_USECS_PER_SECOND;
	if (value_utc != sum_utc)
		return answer(q, value_utc > sum_utc ? 1 : -1);
	/* At the same instant the one farther west comes later. */
	return answer(q, (value_zone < zone) - (value_zone > zone));
}

/* The whole of an interval in microseconds, a month having 30 days. */
__extension__ typedef __int128 range_wide;

static range_wide
span_whole(const struct type_interval *span)
{
	return ((range_wide)span->months * 30 + span->days) * TYPE_USECS_PER_DAY + span->us;
}

static int
of_spans(sqlite3_context *c, const struct in_range_question *q)
{
	struct type_interval offset, value, base;
	range_wide left, right;

	if (!span_take(c, q->offset, &offset) || !span_take(c, q->value, &value) || !span_take(c, q->base, &base))
		return -1;
	if (span_size(&offset) < 0)
		return fail_size(c);
	left = span_whole(&value);
	right = q->subtract ? span_whole(&base) - span_whole(&offset) : span_whole(&base) + span_whole(&offset);
	return answer(q, (left > right) - (left < right));
}

int
in_range(sqlite3_context *c, const struct in_range_question *q)
{
	if (sqlite3_value_type(q->offset) == SQLITE_NULL) {
		function_fail(c, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "frame offset must not be null");
		return -1;
	}
	switch (q->oid) {
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		return of_floats(c, q);
	case TYPE_NUMERIC:
		return of_numerics(c, q);
	case TYPE_TIME:
	case TYPE_TIMETZ:
		return of_times(c, q);
	case TYPE_INTERVAL:
		return of_spans(c, q);
	default:
		return of_moments(c, q);
	}
}
