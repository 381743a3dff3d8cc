/*
 * Functions and operators of bit and bit varying, which are texts of the digits 0 and 1 here.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"

/* A copy of the digits, to be changed and given with give_bits(). NULL: memory is out, and told. */
static char *
copy_bits(sqlite3_context *c, const char *bits, size_t length)
{
	char *copy = sqlite3_malloc64(length + 1);

	if (copy == NULL)
		sqlite3_result_error_nomem(c);
	else
		memcpy(copy, bits, length);
	return copy;
}

static void
give_bits(sqlite3_context *c, char *bits, size_t length)
{
	sqlite3_result_text64(c, bits, length, sqlite3_free, SQLITE_UTF8);
}

static char
combine(char op, char a, char b)
{
	bool left = a == '1', right = b == '1';

	return (op == '&' ? left && right : op == '|' ? left || right : left != right) ? '1' : '0';
}

static const char *
operation_name(char op)
{
	return op == '&' ? "AND" : op == '|' ? "OR" : "XOR";
}

static void
fail_sizes(sqlite3_context *c, char op)
{
	function_fail(c, SQLSTATE_STRING_DATA_LENGTH_MISMATCH, "cannot %s bit strings of different sizes",
	    operation_name(op));
}

static void
combine_all(sqlite3_context *c, sqlite3_value **argv, char op)
{
	size_t length, other_length;
	const char *bits = function_text(argv[0], &length), *other = function_text(argv[1], &other_length);
	char *result;

	if (length != other_length)
		fail_sizes(c, op);
	else if ((result = copy_bits(c, bits, length)) != NULL) {
		for (size_t i = 0; i < length; i++)
			result[i] = combine(op, bits[i], other[i]);
		give_bits(c, result, length);
	}
}

#define OPERATION(name, op) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		(void)argc; \
		combine_all(c, argv, op); \
	}
OPERATION(bits_and, '&')
OPERATION(bits_or, '|')
OPERATION(bits_xor, '#')
#undef OPERATION

void
bits_not(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *bits = function_text(argv[0], &length);
	char *result = copy_bits(c, bits, length);

	(void)argc;
	if (result == NULL)
		return;
	for (size_t i = 0; i < length; i++)
		result[i] = bits[i] == '1' ? '0' : '1';
	give_bits(c, result, length);
}

/* To the left by n places, to the right where it is negative; zeros come in. */
static void
shift(sqlite3_context *c, sqlite3_value *value, int64_t n)
{
	size_t length, places;
	const char *bits = function_text(value, &length);
	char *result = copy_bits(c, bits, length);

	if (result == NULL)
		return;
	places = (size_t)(n < 0 ? -n : n);
	if (places > length)
		places = length;
	if (n >= 0) {
		memcpy(result, bits + places, length - places);
		memset(result + length - places, '0', places);
	} else {
		memset(result, '0', places);
		memcpy(result + places, bits, length - places);
	}
	give_bits(c, result, length);
}

void
bits_shift_left(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	shift(c, argv[0], sqlite3_value_int64(argv[1]));
}

void
bits_shift_right(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	shift(c, argv[0], -sqlite3_value_int64(argv[1]));
}

void
bits_concatenate(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, more;
	const char *bits = function_text(argv[0], &length), *other = function_text(argv[1], &more);
	char *result;

	(void)argc;
	if (length + more > FUNCTION_RESULT_MAX) {
		function_fail(c, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "bit string length exceeds the maximum allowed (%d)",
		    FUNCTION_RESULT_MAX);
		return;
	}
	if ((result = sqlite3_malloc64(length + more + 1)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	memcpy(result, bits, length);
	memcpy(result + length, other, more);
	give_bits(c, result, length + more);
}

void
bits_bytes(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_int64(c, (sqlite3_value_bytes(argv[0]) + 7) / 8);
}

/* position(bits, part): nothing is found in no bits, not even nothing. */
void
bits_position(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, n;
	const char *bits = function_text(argv[0], &length), *part = function_text(argv[1], &n), *found;

	(void)argc;
	found = n == 0 ? bits : memmem(bits, length, part, n);
	sqlite3_result_int64(c, length == 0 || found == NULL ? 0 : found - bits + 1);
}

static bool
check_index(sqlite3_context *c, int64_t index, size_t length)
{
	if (index >= 0 && index < (int64_t)length)
		return true;
	function_fail(c, SQLSTATE_ARRAY_SUBSCRIPT_ERROR, "bit index %lld out of valid range (0..%lld)",
	    (long long)index, (long long)length - 1);
	return false;
}

void
bits_get(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *bits = function_text(argv[0], &length);
	int64_t index = sqlite3_value_int64(argv[1]);

	(void)argc;
	if (check_index(c, index, length))
		sqlite3_result_int(c, bits[index] == '1');
}

void
bits_set(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *bits = function_text(argv[0], &length);
	int64_t index = sqlite3_value_int64(argv[1]), bit = sqlite3_value_int64(argv[2]);
	char *result;

	(void)argc;
	if (!check_index(c, index, length))
		return;
	if (bit != 0 && bit != 1)
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "new bit must be 0 or 1");
	else if ((result = copy_bits(c, bits, length)) != NULL) {
		result[index] = bit == 1 ? '1' : '0';
		give_bits(c, result, length);
	}
}

void
bits_count(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *bits = function_text(argv[0], &length);
	int64_t n = 0;

	(void)argc;
	for (size_t i = 0; i < length; i++)
		n += bits[i] == '1';
	sqlite3_result_int64(c, n);
}

/* (bits, 32 or 64): the number whose last bits they are, the sign among them. */
void
bits_integer(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, wide = (size_t)sqlite3_value_int(argv[1]);
	const char *bits = function_text(argv[0], &length);
	uint64_t value = 0;

	(void)argc;
	if (length > wide) {
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s out of range",
		    wide == 32 ? "integer" : "bigint");
		return;
	}
	for (size_t i = 0; i < length; i++)
		value = value << 1 | (bits[i] == '1');
	sqlite3_result_int64(c, wide == 32 ? (int64_t)(int32_t)(uint32_t)value : (int64_t)value);
}

/* ---- aggregates: all rows have as many bits as the first ---- */

struct gathered {
	char *bits; /* NULL: no row yet */
	size_t length;
};

static void
gather(sqlite3_context *c, sqlite3_value *value, char op)
{
	struct gathered *gathered = sqlite3_aggregate_context(c, sizeof(*gathered));
	size_t length;
	const char *bits = function_text(value, &length);

	if (gathered == NULL || sqlite3_value_type(value) == SQLITE_NULL)
		return;
	if (gathered->bits == NULL) {
		gathered->bits = copy_bits(c, bits, length);
		gathered->length = length;
		return;
	}
	if (gathered->length != length) {
		fail_sizes(c, op);
		return;
	}
	for (size_t i = 0; i < length; i++)
		gathered->bits[i] = combine(op, gathered->bits[i], bits[i]);
}

#define STEP(name, op) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		(void)argc; \
		gather(c, argv[0], op); \
	}
STEP(bits_gather_and, '&')
STEP(bits_gather_or, '|')
STEP(bits_gather_xor, '#')
#undef STEP

void
bits_gathered_value(sqlite3_context *c)
{
	const struct gathered *gathered = sqlite3_aggregate_context(c, 0);

	if (gathered != NULL && gathered->bits != NULL)
		function_result_text(c, gathered->bits, gathered->length);
}

void
bits_gathered(sqlite3_context *c)
{
	struct gathered *gathered = sqlite3_aggregate_context(c, 0);

	bits_gathered_value(c);
	if (gathered != NULL)
		sqlite3_free(gathered->bits);
	if (gathered != NULL)
		gathered->bits = NULL;
}
