/*
 * Variance, covariance and regression of float8. Sums of squares are kept as Youngs and Cramer do (src: "Some Results
 * Relevant to Choice of Sum and Sum-of-Product Algorithms", 1971), in the order of rows, as PostgreSQL keeps them: the
 * digits are the same.
 */
#include <math.h>

#include "workers/sqlite/functions/functions.h"

/* Of one argument only x is there. Of two, y is the first. */
struct moments {
	double n, x, xx, y, yy, xy;
	bool failed;
};

static bool
is_special(double value)
{
	return isnan(value) || isinf(value);
}

/* An infinite sum of finite values is an error; that of infinite ones has no square. */
static bool
overflows(double sum, double square, double before, double value)
{
	return (isinf(sum) || isinf(square)) && !isinf(before) && !isinf(value);
}

static void
fail_overflow(sqlite3_context *c, struct moments *m)
{
	m->failed = true;
	function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow");
}

void
statistics_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct moments *m = sqlite3_aggregate_context(c, sizeof(*m));
	double x = type_real_of(argv[0]), before, beyond;

	(void)argc;
	if (m == NULL || m->failed || sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	before = m->x;
	m->n += 1.0;
	m->x += x;
	if (m->n > 1.0) {
		beyond = x * m->n - m->x;
		m->xx += beyond * beyond / (m->n * (m->n - 1.0));
		if (isinf(m->x) || isinf(m->xx)) {
			if (overflows(m->x, m->xx, before, x))
				fail_overflow(c, m);
			m->xx = (double)NAN;
		}
	} else if (is_special(x))
		m->xx = (double)NAN;
}

/* The sums of what came before are still in `before`. */
static bool
pair_overflows(const struct moments *m, const struct moments *before, double x, double y)
{
	return overflows(m->x, m->xx, before->x, x) || overflows(m->y, m->yy, before->y, y) ||
	    (isinf(m->xy) && !isinf(before->x) && !isinf(x) && !isinf(before->y) && !isinf(y));
}

void
statistics_pair_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct moments *m = sqlite3_aggregate_context(c, sizeof(*m)), before;
	double y = type_real_of(argv[0]), x = type_real_of(argv[1]), beyond_x, beyond_y, scale;

	(void)argc;
	if (m == NULL || m->failed || sqlite3_value_type(argv[0]) == SQLITE_NULL ||
	    sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return;
	before = *m;
	m->n += 1.0;
	m->x += x;
	m->y += y;
	if (m->n > 1.0) {
		beyond_x = x * m->n - m->x;
		beyond_y = y * m->n - m->y;
		scale = 1.0 / (m->n * before.n);
		m->xx += beyond_x * beyond_x * scale;
		m->yy += beyond_y * beyond_y * scale;
		m->xy += beyond_x * beyond_y * scale;
		if (pair_overflows(m, &before, x, y))
			fail_overflow(c, m);
		m->xx = isinf(m->xx) ? (double)NAN : m->xx;
		m->yy = isinf(m->yy) ? (double)NAN : m->yy;
		m->xy = isinf(m->xy) ? (double)NAN : m->xy;
		return;
	}
	if (is_special(x))
		m->xx = m->xy = (double)NAN;
	if (is_special(y))
		m->yy = m->xy = (double)NAN;
}

/* A result that there is from so many rows on; `zero`: of these sums none may be 0. */
static const struct moments *
enough(sqlite3_context *c, double rows, bool xx, bool yy)
{
	const struct moments *m = sqlite3_aggregate_context(c, 0);

	if (m == NULL || m->failed || m->n < rows)
		return NULL;
	if ((xx && fpclassify(m->xx) == FP_ZERO) || (yy && fpclassify(m->yy) == FP_ZERO))
		return NULL;
	return m;
}

#define FINAL(name, rows, xx, yy, result) \
	void name(sqlite3_context *c) \
	{ \
		const struct moments *m = enough(c, rows, xx, yy); \
\
		if (m != NULL) \
			type_result_real(c, result); \
	}
FINAL(statistics_var_pop, 1, false, false, m->xx / m->n)
FINAL(statistics_var_samp, 2, false, false, m->xx / (m->n - 1.0))
FINAL(statistics_stddev_pop, 1, false, false, sqrt(m->xx / m->n))
FINAL(statistics_stddev_samp, 2, false, false, sqrt(m->xx / (m->n - 1.0)))
FINAL(statistics_covar_pop, 1, false, false, m->xy / m->n)
FINAL(statistics_covar_samp, 2, false, false, m->xy / (m->n - 1.0))
FINAL(statistics_corr, 1, true, true, m->xy / sqrt(m->xx * m->yy))
FINAL(statistics_regr_sxx, 1, false, false, m->xx)
FINAL(statistics_regr_syy, 1, false, false, m->yy)
FINAL(statistics_regr_sxy, 1, false, false, m->xy)
FINAL(statistics_regr_avgx, 1, false, false, m->x / m->n)
FINAL(statistics_regr_avgy, 1, false, false, m->y / m->n)
FINAL(statistics_regr_r2, 1, true, false, fpclassify(m->yy) == FP_ZERO ? 1.0 : (m->xy * m->xy) / (m->xx * m->yy))
FINAL(statistics_regr_slope, 1, true, false, m->xy / m->xx)
FINAL(statistics_regr_intercept, 1, true, false, (m->y - m->x * m->xy / m->xx) / m->n)
#undef FINAL

void
statistics_count_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct moments *m = sqlite3_aggregate_context(c, sizeof(*m));

	(void)argc;
	if (m != NULL && sqlite3_value_type(argv[0]) != SQLITE_NULL && sqlite3_value_type(argv[1]) != SQLITE_NULL)
		m->n += 1.0;
}

void
statistics_regr_count(sqlite3_context *c)
{
	const struct moments *m = sqlite3_aggregate_context(c, 0);

	sqlite3_result_int64(c, m == NULL ? 0 : (sqlite3_int64)m->n);
}
