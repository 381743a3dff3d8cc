/*
 * A numeric as an argument and as a result, shared by the functions that calculate with it.
 */
#ifndef BIBD_SQLITE_NUMERIC_VALUE_H
#define BIBD_SQLITE_NUMERIC_VALUE_H

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/big.h"

enum numeric_kind { NUMERIC_DIGITS, NUMERIC_NAN, NUMERIC_INFINITY, NUMERIC_MINUS_INFINITY };

struct numeric {
	struct decimal digits; /* to be freed; has none when the kind is another */
	enum numeric_kind kind;
};

/* Reads n arguments; false: the call failed, and nothing is to be freed. */
bool numeric_take(sqlite3_context *c, sqlite3_value **argv, struct numeric *x, int n);
void numeric_free(struct numeric *x, int n);
/* <0, 0, >0: an infinity has a sign too; NaN has none. */
int numeric_sign(const struct numeric *x);
bool numeric_is_integer(const struct decimal *x);

/* The result; what is given is freed. Fails with 22003 when it has more digits than a numeric may have. */
void numeric_give(sqlite3_context *c, struct decimal *x);
void numeric_give_kind(sqlite3_context *c, enum numeric_kind kind);
/* Rounded to so many places; the pool is freed. */
void numeric_give_big(sqlite3_context *c, struct big_pool *pool, struct big x, long scale);
/* numeric_integer.c: a op b, + - * / %, where either is no number of digits. */
void numeric_operate_special(sqlite3_context *c, char op, const struct numeric *a, const struct numeric *b);
void numeric_fail_overflow(sqlite3_context *c);

/* PostgreSQL counts digits in groups of four from the point: the weight of the first group that is not 0 (of the
 * group before the point it is 0), and a group's value. */
long numeric_weight(const struct decimal *x);
int numeric_group(const struct decimal *x, long weight);
/* A result's scale: so many that 16 digits are significant where the first one has this decimal weight, not less than
 * `least`, and within 0 to 1000. */
long numeric_result_scale(long decimal_weight, size_t least);
#define NUMERIC_SCALE_MAX 1000
#define NUMERIC_SIGNIFICANT 16
#define NUMERIC_WHOLE_MAX 131072 /* digits before the point */

/* The limbs that hold so many digits before and behind the point, with some to spare. */
size_t numeric_limbs(long whole, long scale);

#endif
