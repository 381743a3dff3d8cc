/*
 * The four operations on long floating numbers, and their way from and to decimals.
 */
#include "workers/sqlite/types/big.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)64 * 1024)
#define POOL_BYTES_MAX ((size_t)64 * 1024 * 1024)

struct big_chunk {
	struct big_chunk *next;
	size_t used, size;
	uint32_t limbs[];
};

void
big_pool_free(struct big_pool *pool)
{
	while (pool->chunks != NULL) {
		struct big_chunk *next = pool->chunks->next;

		free(pool->chunks);
		pool->chunks = next;
	}
}

/* Zeroed. */
static uint32_t *
take(struct big_pool *pool, size_t n)
{
	struct big_chunk *chunk = pool->chunks;
	size_t size = n > CHUNK_BYTES / sizeof(uint32_t) ? n : CHUNK_BYTES / sizeof(uint32_t);

	if (pool->failed)
		return NULL;
	if (chunk == NULL || chunk->size - chunk->used < n) {
		pool->bytes += size * sizeof(uint32_t);
		chunk = pool->bytes > POOL_BYTES_MAX ? NULL : calloc(1, sizeof(*chunk) + size * sizeof(uint32_t));
		if (chunk == NULL) {
			pool->failed = true;
			return NULL;
		}
		*chunk = (struct big_chunk) { .next = pool->chunks, .size = size };
		pool->chunks = chunk;
	}
	chunk->used += n;
	return chunk->limbs + chunk->used - n;
}

/* Without zeros at the ends, and without what is more than `limbs`. */
static struct big
trim(const uint32_t *limbs, size_t n, long exponent, bool negative, size_t most)
{
	size_t cut;

	while (n > 0 && limbs[n - 1] == 0)
		n--;
	cut = most > 0 && n > most ? n - most : 0;
	while (cut < n && limbs[cut] == 0)
		cut++;
	if (cut == n)
		return (struct big) { .n = 0 };
	return (struct big) { limbs + cut, n - cut, exponent + (long)cut, negative };
}

struct big
big_of_integer(struct big_pool *pool, int64_t value)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	uint32_t *limbs = take(pool, 3);

	if (limbs == NULL)
		return (struct big) { .n = 0 };
	for (size_t i = 0; i < 3; i++, left /= BIG_BASE)
		limbs[i] = (uint32_t)(left % BIG_BASE);
	return trim(limbs, 3, 0, value < 0, 0);
}

struct big
big_of_decimal(struct big_pool *pool, const struct decimal *x)
{
	size_t below = (x->scale + BIG_DIGITS - 1) / BIG_DIGITS, fill = below * BIG_DIGITS - x->scale;
	size_t n = (x->n + fill + BIG_DIGITS - 1) / BIG_DIGITS;
	uint32_t *limbs = take(pool, n), power = 1;

	if (limbs == NULL)
		return (struct big) { .n = 0 };
	for (size_t i = 0; i < fill; i++)
		power *= 10;
	for (size_t i = 0; i < x->n; i++) {
		size_t place = i + fill;

		power = place % BIG_DIGITS == 0 ? 1 : power;
		limbs[place / BIG_DIGITS] += x->digits[x->n - 1 - i] * power;
		power *= 10;
	}
	return trim(limbs, n, -(long)below, x->negative, 0);
}

struct big
big_of_double(struct big_pool *pool, double value)
{
	uint32_t *limbs = take(pool, 3);
	double left = fabs(value);
	long exponent = 0;

	if (limbs == NULL || !(left > 0))
		return (struct big) { .n = 0 };
	for (; left >= BIG_BASE; exponent++)
		left /= BIG_BASE;
	for (; left < 1; exponent--)
		left *= BIG_BASE;
	for (size_t i = 3; i-- > 0;) {
		limbs[i] = (uint32_t)left;
		left = (left - limbs[i]) * BIG_BASE;
	}
	return trim(limbs, 3, exponent - 2, value < 0, 0);
}

long
big_top(const struct big *x)
{
	return x->exponent + (long)x->n - 1;
}

static uint32_t
limb_at(const struct big *x, long place)
{
	long i = place - x->exponent;

	return i >= 0 && i < (long)x->n ? x->limbs[i] : 0;
}

double
big_to_double(const struct big *x, long *exponent)
{
	double value = 0;
	long top = big_top(x);

	*exponent = top;
	for (long i = 3; i >= 0; i--)
		value = value / BIG_BASE + (double)limb_at(x, top - i);
	return x->negative ? -value : value;
}

static int
digit_at(const struct big *x, long place)
{
	long limb = place >= 0 ? place / BIG_DIGITS : -((BIG_DIGITS - 1 - place) / BIG_DIGITS);
	uint32_t value = limb_at(x, limb);

	for (long i = limb * BIG_DIGITS; i < place; i++)
		value /= 10;
	return (int)(value % 10);
}

bool
big_to_decimal(const struct big *x, size_t scale, struct decimal *out)
{
	long whole = x->n > 0 && big_top(x) >= 0 ? (big_top(x) + 1) * BIG_DIGITS : 1;
	size_t n = (size_t)whole + scale + 1;

	*out = (struct decimal) { .digits = calloc(n + 1, 1), .n = n, .scale = scale + 1, .negative = x->negative };
	if (out->digits == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		out->digits[i] = (uint8_t)digit_at(x, whole - 1 - (long)i);
	return decimal_round(out, (int64_t)scale, DECIMAL_HALF);
}

/* |a| + sign * |b|, where |a| >= |b| if sign is -1. */
static struct big
combine(struct big_pool *pool, const struct big *a, const struct big *b, int sign, size_t most)
{
	long top = big_top(a) > big_top(b) ? big_top(a) + 1 : big_top(b) + 1;
	long bottom = a->exponent < b->exponent ? a->exponent : b->exponent;
	uint32_t *limbs;
	int64_t carry = 0;

	if (most > 0 && top - bottom > (long)most + 2)
		bottom = top - (long)most - 2;
	if ((limbs = take(pool, (size_t)(top - bottom + 1))) == NULL)
		return (struct big) { .n = 0 };
	for (long place = bottom; place <= top; place++) {
		int64_t sum = (int64_t)limb_at(a, place) + sign * (int64_t)limb_at(b, place) + carry;

		carry = sum < 0 ? -1 : sum >= BIG_BASE ? 1 : 0;
		limbs[place - bottom] = (uint32_t)(sum - carry * (int64_t)BIG_BASE);
	}
	return trim(limbs, (size_t)(top - bottom + 1), bottom, a->negative, most);
}

static int
compare_magnitudes(const struct big *a, const struct big *b)
{
	long bottom = a->exponent < b->exponent ? a->exponent : b->exponent;

	for (long place = big_top(a) > big_top(b) ? big_top(a) : big_top(b); place >= bottom; place--)
		if (limb_at(a, place) != limb_at(b, place))
			return limb_at(a, place) < limb_at(b, place) ? -1 : 1;
	return 0;
}

struct big
big_add(struct big_pool *pool, struct big a, struct big b, size_t limbs)
{
	if (a.n == 0 || b.n == 0)
		return a.n == 0 ? b : a;
	if (a.negative == b.negative)
		return combine(pool, &a, &b, 1, limbs);
	return compare_magnitudes(&a, &b) < 0 ? combine(pool, &b, &a, -1, limbs) : combine(pool, &a, &b, -1, limbs);
}

struct big
big_subtract(struct big_pool *pool, struct big a, struct big b, size_t limbs)
{
	b.negative = !b.negative;
	return big_add(pool, a, b, limbs);
}

struct big
big_multiply(struct big_pool *pool, struct big a, struct big b, size_t most)
{
	uint32_t *limbs;

	a = trim(a.limbs, a.n, a.exponent, a.negative, most == 0 ? 0 : most + 1);
	b = trim(b.limbs, b.n, b.exponent, b.negative, most == 0 ? 0 : most + 1);
	if (a.n == 0 || b.n == 0 || (limbs = take(pool, a.n + b.n)) == NULL)
		return (struct big) { .n = 0 };
	for (size_t i = 0; i < a.n; i++) {
		uint64_t carry = 0;

		for (size_t j = 0; j < b.n; j++) {
			carry += limbs[i + j] + (uint64_t)a.limbs[i] * b.limbs[j];
			limbs[i + j] = (uint32_t)(carry % BIG_BASE);
			carry /= BIG_BASE;
		}
		limbs[i + b.n] = (uint32_t)carry;
	}
	return trim(limbs, a.n + b.n, a.exponent + b.exponent, a.negative != b.negative, most);
}

/* Takes q * b off the n + 1 limbs of the remainder; true: that was once too often, and the remainder is below 0. */
static bool
take_off(uint32_t *remainder, const uint32_t *b, size_t n, uint64_t q)
{
	int64_t borrow = 0;
	uint64_t carry = 0;

	for (size_t i = 0; i <= n; i++) {
		int64_t left;

		carry += i < n ? q * b[i] : 0;
		left = (int64_t)remainder[i] - (int64_t)(carry % BIG_BASE) + borrow;
		carry /= BIG_BASE;
		borrow = left < 0 ? -1 : 0;
		remainder[i] = (uint32_t)(left - borrow * (int64_t)BIG_BASE);
	}
	return borrow < 0;
}

static void
put_back(uint32_t *remainder, const uint32_t *b, size_t n)
{
	uint32_t carry = 0;

	for (size_t i = 0; i <= n; i++) {
		carry += remainder[i] + (i < n ? b[i] : 0);
		remainder[i] = carry % BIG_BASE;
		carry /= BIG_BASE;
	}
}

static void
scale_limbs(uint32_t *out, const uint32_t *in, size_t n, uint32_t factor)
{
	uint64_t carry = 0;

	for (size_t i = 0; i < n; i++) {
		carry += (uint64_t)in[i] * factor;
		out[i] = (uint32_t)(carry % BIG_BASE);
		carry /= BIG_BASE;
	}
	out[n] = (uint32_t)carry;
}

/* Long division (src: Knuth, The Art of Computer Programming 4.3.1, algorithm D): both are first multiplied by a factor
 * that makes the divisor's first limb large. */
struct big
big_divide(struct big_pool *pool, struct big a, struct big b, size_t most)
{
	size_t shift = most + 1 + b.n > a.n ? most + 1 + b.n - a.n : 0, n = a.n + shift, steps;
	uint32_t *remainder = take(pool, n + 2), *divisor = take(pool, b.n + 1), *quotient, factor;

	if (a.n == 0 || b.n == 0 || remainder == NULL || divisor == NULL)
		return (struct big) { .n = 0 };
	steps = n - b.n + 1;
	if ((quotient = take(pool, steps)) == NULL)
		return (struct big) { .n = 0 };
	factor = BIG_BASE / (b.limbs[b.n - 1] + 1);
	scale_limbs(remainder + shift, a.limbs, a.n, factor);
	scale_limbs(divisor, b.limbs, b.n, factor);
	for (size_t i = steps; i-- > 0;) {
		uint64_t top = (uint64_t)remainder[i + b.n] * BIG_BASE + remainder[i + b.n - 1];
		uint64_t q = top / divisor[b.n - 1];

		q = q >= BIG_BASE ? BIG_BASE - 1 : q;
		if (take_off(remainder + i, divisor, b.n, q)) {
			do {
				q--;
				put_back(remainder + i, divisor, b.n);
			} while (remainder[i + b.n] != 0);
		}
		quotient[i] = (uint32_t)q;
	}
	return trim(quotient, steps, a.exponent - (long)shift - b.exponent, a.negative != b.negative, most);
}
