/*
 * Aggregates over values in order: percentile_disc, percentile_cont and mode. Values are collected, and put in the
 * order of their type at the end: bibd_percentile_disc(fraction, value, oid, descending), bibd_percentile_cont
 * likewise, bibd_mode(value, oid, descending). A fraction may be an array of them: so is the result then.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/value_order.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

struct collected {
	sqlite3_value **values;
	size_t n, capacity;
	sqlite3_value *fraction;
	uint32_t oid;
	bool descending, failed;
};

static void
collect(sqlite3_context *c, sqlite3_value *value, sqlite3_value *fraction, uint32_t oid, sqlite3_value *descending)
{
	struct collected *all = sqlite3_aggregate_context(c, sizeof(*all));
	sqlite3_value **grown;

	if (all == NULL || all->failed)
		return;
	if (all->fraction == NULL && fraction != NULL)
		all->fraction = sqlite3_value_dup(fraction);
	all->oid = oid;
	all->descending = sqlite3_value_int(descending) != 0;
	if (sqlite3_value_type(value) == SQLITE_NULL)
		return;
	if (all->n == all->capacity) {
		grown = sqlite3_realloc64(all->values, (all->capacity * 2 + 64) * sizeof(*grown));
		if (grown == NULL) {
			all->failed = true;
			return;
		}
		all->values = grown;
		all->capacity = all->capacity * 2 + 64;
	}
	all->values[all->n] = sqlite3_value_dup(value);
	all->failed = all->values[all->n] == NULL;
	all->n += !all->failed;
}

static void
release(struct collected *all)
{
	for (size_t i = 0; i < all->n; i++)
		sqlite3_value_free(all->values[i]);
	sqlite3_value_free(all->fraction);
	sqlite3_free(all->values);
	*all = (struct collected) { .values = NULL };
}

/* ---- order ---- */

static int
compare(const void *a, const void *b, void *arg)
{
	const struct collected *all = arg;
	sqlite3_value *left = *(sqlite3_value *const *)a, *right = *(sqlite3_value *const *)b;

	return all->descending ? value_order(all->oid, right, left) : value_order(all->oid, left, right);
}

/* False: there is nothing, or it failed. */
static bool
order_values(sqlite3_context *c, struct collected *all)
{
	if (all == NULL || (all->n == 0 && !all->failed))
		return false;
	if (all->failed) {
		sqlite3_result_error_nomem(c);
		return false;
	}
	qsort_r(all->values, all->n, sizeof(all->values[0]), compare, all);
	return true;
}

/* ---- fractions ---- */

static bool
check_fraction(sqlite3_context *c, double fraction)
{
	if (fraction >= 0 && fraction <= 1)
		return true;
	function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "percentile value %g is not between 0 and 1", fraction);
	return false;
}

static sqlite3_value *
discrete(const struct collected *all, double fraction)
{
	double row = ceil(fraction * (double)all->n);

	return all->values[row < 1 ? 0 : (size_t)row - 1];
}

static double
continuous(const struct collected *all, double fraction)
{
	double place = fraction * (double)(all->n - 1), low, high;
	size_t first = (size_t)floor(place), second = (size_t)ceil(place);

	low = type_real_of(all->values[first]);
	if (first == second)
		return low;
	high = type_real_of(all->values[second]);
	return low + (place - (double)first) * (high - low);
}

/* One element of an array result: of the value that is there, or that is calculated. */
static bool
put_element(sqlite3_context *c, struct pgwire_buffer *out, const struct collected *all, double fraction, bool cont,
    bool first)
{
	struct type_value value = { .kind = SQLITE_FLOAT };
	struct pgwire_buffer text = { 0 };
	struct report r = { 0 };
	int status;

	if (cont) {
		value.real = continuous(all, fraction);
		status = type_put_value_text(&text, &value, TYPE_FLOAT8, NULL, &r);
		if (status == 0)
			array_put_text(out, (const char *)text.data + text.start, pgwire_buffer_length(&text), false,
			    first);
		pgwire_buffer_free(&text);
	} else
		status = array_put_sqlite_value(out, discrete(all, fraction), all->oid, first, &r);
	if (status < 0)
		function_fail_report(c, &r);
	report_reset(&r);
	return status == 0;
}

static void
give_array(sqlite3_context *c, const struct collected *all, bool cont)
{
	struct pgwire_buffer out = { 0 };
	struct array_reader reader;
	bool first = true, ok = true;
	size_t length;
	const char *text = function_text(all->fraction, &length);

	if (length > 1 && (text[0] == '[' || text[1] == '{')) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "fractions in several dimensions are not supported on SQLite");
		return;
	}
	pgwire_put_byte(&out, '{');
	array_reader_open(&reader, text, length);
	for (; ok && array_reader_next(&reader); first = false) {
		double fraction = reader.null ? 0 : strtod(reader.element, NULL);

		if (reader.null)
			array_put_text(&out, "", 0, true, first);
		else
			ok = check_fraction(c, fraction) && put_element(c, &out, all, fraction, cont, first);
	}
	array_reader_close(&reader);
	pgwire_put_byte(&out, '}');
	if (ok)
		function_result_buffer(c, &out);
	else
		pgwire_buffer_free(&out);
}

static bool
is_array(sqlite3_value *fraction)
{
	size_t length;

	return sqlite3_value_type(fraction) == SQLITE_TEXT && *function_text(fraction, &length) == '{';
}

static void
give_percentile(sqlite3_context *c, bool cont)
{
	struct collected *all = sqlite3_aggregate_context(c, 0);
	double fraction;

	if (all == NULL)
		return;
	if (all->fraction != NULL && sqlite3_value_type(all->fraction) != SQLITE_NULL) {
		fraction = type_real_of(all->fraction);
		if (is_array(all->fraction)) {
			if (order_values(c, all))
				give_array(c, all, cont);
		} else if (check_fraction(c, fraction) && order_values(c, all)) {
			if (cont)
				type_result_real(c, continuous(all, fraction));
			else
				sqlite3_result_value(c, discrete(all, fraction));
		}
	}
	release(all);
}

/* ---- what SQLite calls ---- */

void
percentile_disc_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	collect(c, argv[1], argv[0], (uint32_t)sqlite3_value_int64(argv[2]), argv[3]);
}

void
percentile_disc_final(sqlite3_context *c)
{
	give_percentile(c, false);
}

void
percentile_cont_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	collect(c, argv[1], argv[0], (uint32_t)sqlite3_value_int64(argv[2]), argv[3]);
}

void
percentile_cont_final(sqlite3_context *c)
{
	give_percentile(c, true);
}

void
mode_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	collect(c, argv[0], NULL, (uint32_t)sqlite3_value_int64(argv[1]), argv[2]);
}

/* The first of those values that are there most often. */
void
mode_final(sqlite3_context *c)
{
	struct collected *all = sqlite3_aggregate_context(c, 0);
	size_t best = 0, most = 0, begin = 0;

	if (all == NULL)
		return;
	if (order_values(c, all)) {
		for (size_t i = 1; i <= all->n; i++) {
			if (i < all->n && value_order(all->oid, all->values[begin], all->values[i]) == 0)
				continue;
			if (i - begin > most) {
				most = i - begin;
				best = begin;
			}
			begin = i;
		}
		sqlite3_result_value(c, all->values[best]);
	}
	release(all);
}
