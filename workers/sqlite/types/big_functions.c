/*
 * Roots, powers, exponentials and logarithms of long floating numbers.
 */
#include <math.h>

#include "workers/sqlite/types/big.h"

/* Newton's iterations double the digits; more than these are not asked for. */
#define STEPS_MAX 24
#define TERMS_MAX 100000

/* Heron's: the mean of a root that is too small and one that is too large. */
struct big
big_root(struct big_pool *pool, struct big x, size_t limbs)
{
	struct big two = big_of_integer(pool, 2), root;
	double first;
	long exponent;

	if (x.n == 0)
		return x;
	first = big_to_double(&x, &exponent);
	if (exponent % 2 != 0) {
		first *= BIG_BASE;
		exponent--;
	}
	root = big_of_double(pool, sqrt(first));
	root.exponent += exponent / 2;
	/* Each step doubles the digits that are right, and needs no more than those. */
	for (size_t right = 1; right < 2 * limbs; right *= 2) {
		size_t work = 2 * right + 3 < limbs ? 2 * right + 3 : limbs;

		root = big_divide(pool, big_add(pool, root, big_divide(pool, x, root, work), work), two, work);
	}
	return root;
}

/* A small integer's power of 2 as it divides. */
static struct big
power_of_two(struct big_pool *pool, unsigned n)
{
	struct big x = big_of_integer(pool, 1), factor = big_of_integer(pool, INT64_C(1) << 32);

	for (; n >= 32; n -= 32)
		x = big_multiply(pool, x, factor, 0);
	return big_multiply(pool, x, big_of_integer(pool, INT64_C(1) << n), 0);
}

/* 1 + x + x^2/2! + ..., of x that was halved so often that few terms are needed, then squared as often. */
struct big
big_exp(struct big_pool *pool, struct big x, size_t limbs)
{
	size_t work = limbs + 4 + limbs / 64;
	struct big sum = big_of_integer(pool, 1), term = sum, part;
	unsigned halvings = 0;
	double first;
	long exponent;

	if (x.n == 0)
		return sum;
	first = big_to_double(&x, &exponent);
	if (exponent >= -1) {
		double bits = log2(fabs(first)) + (double)exponent * log2(BIG_BASE) + 8 + (double)limbs / 4;

		halvings = bits > 0 ? (unsigned)bits : 0;
	}
	part = big_divide(pool, x, power_of_two(pool, halvings), work);
	for (int64_t i = 1; i < TERMS_MAX && term.n > 0 && !pool->failed; i++) {
		term = big_divide(pool, big_multiply(pool, term, part, work), big_of_integer(pool, i), work);
		if (term.n == 0 || big_top(&term) < -(long)work)
			break;
		sum = big_add(pool, sum, term, work);
	}
	for (; halvings > 0; halvings--)
		sum = big_multiply(pool, sum, sum, work);
	return sum;
}

/* Halley's iteration for e^y = x, of x near 1 or at least not far from it: it triples the digits. */
static struct big
ln_near(struct big_pool *pool, struct big x, size_t limbs)
{
	long exponent;
	double first = big_to_double(&x, &exponent);
	struct big y = big_of_double(pool, log(first) + (double)exponent * log(BIG_BASE)),
		   two = big_of_integer(pool, 2);

	for (int i = 0; i < STEPS_MAX && !pool->failed; i++) {
		struct big e = big_exp(pool, y, limbs), step = big_subtract(pool, x, e, limbs);

		if (step.n == 0)
			break;
		step = big_divide(pool, big_multiply(pool, step, two, limbs), big_add(pool, x, e, limbs), limbs);
		y = big_add(pool, y, step, limbs);
		if (big_top(&step) < -(long)(limbs / 3 + 2))
			break;
	}
	return y;
}

/* What is far from 1 is x = m * 10^(9k). */
struct big
big_ln(struct big_pool *pool, struct big x, size_t limbs)
{
	long exponent = 0;
	double first = big_to_double(&x, &exponent);
	size_t work = limbs + 2;
	struct big base;

	if (exponent == 0 || (exponent == -1 && first > BIG_BASE / 4))
		return ln_near(pool, x, work);
	base = ln_near(pool, big_of_integer(pool, BIG_BASE), work);
	x.exponent -= exponent;
	return big_add(pool, ln_near(pool, x, work), big_multiply(pool, base, big_of_integer(pool, exponent), work),
	    work);
}

struct big
big_power(struct big_pool *pool, struct big x, uint64_t exponent, size_t limbs)
{
	struct big result = big_of_integer(pool, 1);

	for (; exponent > 0; exponent >>= 1) {
		if ((exponent & 1) != 0)
			result = big_multiply(pool, result, x, limbs);
		if (exponent > 1)
			x = big_multiply(pool, x, x, limbs);
	}
	return result;
}
