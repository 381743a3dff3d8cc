/*
 * Variance and deviation of integers and numerics, exact until the one division; and the bits of integers together.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/numeric_value.h"
#include "workers/sqlite/types/decimal_sum.h"

struct variance {
	uint64_t n, specials;			       /* specials: NaN and infinities, which are counted in n too */
	struct decimal_sum plus, minus, squares, gone; /* gone: of the squares, what has left the frame */
	bool fractions;				       /* a value had digits behind the point */
	bool failed;
};

static void
change_variance(sqlite3_context *c, sqlite3_value **argv, bool add)
{
	struct variance *v = sqlite3_aggregate_context(c, sizeof(*v));
	struct decimal square = { .digits = NULL };
	struct numeric x;
	size_t length, text_length;
	const char *text;
	char *digits;

	if (v == NULL || sqlite3_value_type(argv[0]) == SQLITE_NULL || !numeric_take(c, argv, &x, 1))
		return;
	if (x.kind == NUMERIC_DIGITS && function_must_end(c, x.digits.n * x.digits.n)) {
		numeric_free(&x, 1);
		return;
	}
	v->n += add ? 1 : (uint64_t)-1;
	if (x.kind != NUMERIC_DIGITS) {
		v->specials += add ? 1 : (uint64_t)-1;
		return;
	}
	text = function_text(argv[0], &text_length);
	v->fractions |= memchr(text, '.', text_length) != NULL;
	decimal_sum_add((*text == '-') == add ? &v->minus : &v->plus, text + (*text == '-'),
	    text_length - (*text == '-'));
	if (decimal_operate('*', &x.digits, &x.digits, &square) && (digits = decimal_write(&square, &length)) != NULL) {
		decimal_sum_add(add ? &v->squares : &v->gone, digits, length);
		free(digits);
	} else
		v->failed = true;
	decimal_free(&square);
	numeric_free(&x, 1);
}

void
variance_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	change_variance(c, argv, true);
}

/* A value that leaves is subtracted. With digits behind the point the result would have as many as what is left has. */
void
variance_inverse(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct variance *v = sqlite3_aggregate_context(c, sizeof(*v));

	if (v != NULL && v->fractions)
		joined_inverse(c, argc, argv);
	else
		change_variance(c, argv, false);
}

static bool
read_integer(uint64_t value, struct decimal *out)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%" PRIu64, value);

	return decimal_read(text, (size_t)n, out);
}

/* The sum of the values, or of their squares. */
static bool
read_sum(struct decimal_sum *plus, struct decimal_sum *minus, struct decimal *out)
{
	bool negative, ok;
	char *text = decimal_sum_difference(plus, minus, &negative);

	ok = text != NULL && decimal_read(text, strlen(text), out);
	free(text);
	return ok;
}

/* n * sum(x^2) - sum(x)^2. */
static bool
spread(struct variance *v, struct decimal *out)
{
	struct decimal sum = { .digits = NULL }, squares = sum, n = sum, square = sum, share = sum;
	bool ok;

	ok = read_sum(&v->plus, &v->minus, &sum) && read_sum(&v->squares, &v->gone, &squares) &&
	    read_integer(v->n, &n) && decimal_operate('*', &n, &squares, &share) &&
	    decimal_operate('*', &sum, &sum, &square) && decimal_operate('-', &share, &square, out);
	decimal_free(&sum);
	decimal_free(&squares);
	decimal_free(&n);
	decimal_free(&square);
	decimal_free(&share);
	return ok;
}

static bool
divide(const struct variance *v, bool sample, struct decimal *spread_of, struct decimal *out)
{
	struct decimal n = { .digits = NULL }, less = n, divisor = n;
	bool ok;

	ok = read_integer(v->n, &n) && read_integer(v->n - (sample ? 1 : 0), &less) &&
	    decimal_operate('*', &n, &less, &divisor) && decimal_operate('/', spread_of, &divisor, out);
	decimal_free(&n);
	decimal_free(&less);
	decimal_free(&divisor);
	return ok;
}

static void
give_root(sqlite3_context *c, struct decimal *x)
{
	struct big_pool pool = { 0 };
	long scale = (long)x->scale;
	struct big root = big_root(&pool, big_of_decimal(&pool, x), numeric_limbs(numeric_weight(x) * 2 + 4, scale));

	decimal_free(x);
	numeric_give_big(c, &pool, root, scale);
}

static void
give(sqlite3_context *c, bool sample, bool root)
{
	struct variance *v = sqlite3_aggregate_context(c, 0);
	struct decimal whole = { .digits = NULL }, result = { .digits = NULL };

	if (v == NULL || v->n == 0 || (sample && v->n == 1))
		return;
	if (v->specials > 0) {
		numeric_give_kind(c, NUMERIC_NAN);
		return;
	}
	if (v->failed || !spread(v, &whole))
		sqlite3_result_error_nomem(c);
	else if (whole.negative || decimal_is_zero(&whole))
		function_result_string(c, "0");
	else if (!divide(v, sample, &whole, &result)) {
		decimal_free(&result);
		sqlite3_result_error_nomem(c);
	} else if (root)
		give_root(c, &result);
	else
		numeric_give(c, &result);
	decimal_free(&whole);
}

static void
release(sqlite3_context *c)
{
	struct variance *v = sqlite3_aggregate_context(c, 0);

	if (v == NULL)
		return;
	decimal_sum_free(&v->plus);
	decimal_sum_free(&v->minus);
	decimal_sum_free(&v->squares);
	decimal_sum_free(&v->gone);
}

#define FINAL(name, sample, root) \
	void name##_value(sqlite3_context *c) \
	{ \
		give(c, sample, root); \
	} \
	void name##_final(sqlite3_context *c) \
	{ \
		give(c, sample, root); \
		release(c); \
	}
FINAL(variance_pop, false, false)
FINAL(variance_samp, true, false)
FINAL(variance_stddev_pop, false, true)
FINAL(variance_stddev_samp, true, true)
#undef FINAL

/* ---- bits ---- */

struct bits {
	int64_t value;
	bool any;
};

static void
add_bits(sqlite3_context *c, sqlite3_value *value, char op)
{
	struct bits *bits = sqlite3_aggregate_context(c, sizeof(*bits));
	int64_t v = sqlite3_value_int64(value);

	if (bits == NULL || sqlite3_value_type(value) == SQLITE_NULL)
		return;
	if (!bits->any)
		bits->value = v;
	else
		bits->value = op == '&' ? bits->value & v : op == '|' ? bits->value | v : bits->value ^ v;
	bits->any = true;
}

#define STEP(name, op) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		(void)argc; \
		add_bits(c, argv[0], op); \
	}
STEP(bits_and_step, '&')
STEP(bits_or_step, '|')
STEP(bits_xor_step, '^')
#undef STEP

void
bits_final(sqlite3_context *c)
{
	const struct bits *bits = sqlite3_aggregate_context(c, 0);

	if (bits != NULL && bits->any)
		sqlite3_result_int64(c, bits->value);
}
