/* What the fields of an interval add up to, with PostgreSQL's bounds and rounding. */
#include "workers/sqlite/types/interval_sum.h"

#include <math.h>

#define DAYS_OF_MONTH 30
#define MONTHS_OF_YEAR 12

static bool
fits(int64_t value)
{
	return value >= INT32_MIN && value <= INT32_MAX;
}

static bool
add_fraction_us(struct interval_sum *sum, double fraction, int64_t scale)
{
	double us = fraction * (double)scale, rest;
	int64_t whole = (int64_t)us;

	rest = us - (double)whole;
	whole += rest > 0.5 ? 1 : rest < -0.5 ? -1 : 0;
	return !__builtin_add_overflow(sum->us, whole, &sum->us);
}

static bool
add_fraction_days(struct interval_sum *sum, double fraction, int scale)
{
	double days = fraction * scale;
	int64_t whole = (int64_t)days;

	sum->days += whole;
	return fits(sum->days) && add_fraction_us(sum, days - (double)whole, TYPE_USECS_PER_DAY);
}

bool
interval_sum_us(struct interval_sum *sum, int64_t whole, double fraction, int64_t scale)
{
	int64_t us;

	return !__builtin_mul_overflow(whole, scale, &us) && !__builtin_add_overflow(sum->us, us, &sum->us) &&
	    add_fraction_us(sum, fraction, scale);
}

bool
interval_sum_days(struct interval_sum *sum, int64_t whole, double fraction, int scale)
{
	if (!fits(whole) || !fits(whole * scale))
		return false;
	sum->days += whole * scale;
	if (!fits(sum->days))
		return false;
	return scale == 1 ? add_fraction_us(sum, fraction, TYPE_USECS_PER_DAY)
			  : add_fraction_days(sum, fraction, scale);
}

bool
interval_sum_months(struct interval_sum *sum, int64_t whole, double fraction)
{
	if (!fits(whole))
		return false;
	sum->months += whole;
	return fits(sum->months) && add_fraction_days(sum, fraction, DAYS_OF_MONTH);
}

bool
interval_sum_years(struct interval_sum *sum, int64_t whole, double fraction, int scale)
{
	if (!fits(whole) || !fits(whole * scale))
		return false;
	sum->years += whole * scale;
	sum->months += (int64_t)rint(fraction * scale * MONTHS_OF_YEAR);
	return fits(sum->years) && fits(sum->months);
}

bool
interval_sum_negate(struct interval_sum *sum)
{
	if (sum->years == INT32_MIN || sum->months == INT32_MIN || sum->days == INT32_MIN || sum->us == INT64_MIN)
		return false;
	*sum = (struct interval_sum) { -sum->years, -sum->months, -sum->days, -sum->us };
	return true;
}
