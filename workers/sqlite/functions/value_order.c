/*
 * The order of values: of numbers, of the types that have a comparison of their own, and of bytes for the others.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/value_order.h"
#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/types.h"

static int
compare_numbers(const struct type_value *a, const struct type_value *b)
{
	/* A float without a fraction may be kept as an integer. */
	double x = a->kind == SQLITE_INTEGER ? (double)a->integer : a->real;
	double y = b->kind == SQLITE_INTEGER ? (double)b->integer : b->real;

	if (a->kind == SQLITE_INTEGER && b->kind == SQLITE_INTEGER)
		return (a->integer > b->integer) - (a->integer < b->integer);
	/* A float that is no REAL is NaN, which is beyond all others. */
	if (a->kind == SQLITE_TEXT || b->kind == SQLITE_TEXT)
		return (a->kind == SQLITE_TEXT) - (b->kind == SQLITE_TEXT);
	return (x > y) - (x < y);
}

int
value_order(uint32_t oid, sqlite3_value *left, sqlite3_value *right)
{
	struct type_value a = type_value_of(left), b = type_value_of(right);
	size_t least = a.length < b.length ? a.length : b.length;
	int order;

	if (type_compare_collated(oid, &a, &b, &order))
		return order;
	if (type_is_number(oid) || a.kind == SQLITE_INTEGER || a.kind == SQLITE_FLOAT)
		return compare_numbers(&a, &b);
	order = least == 0 ? 0 : memcmp(a.bytes, b.bytes, least);
	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

bool
value_keys_read(const char *text, struct value_key keys[VALUE_KEYS_MAX], size_t *n)
{
	char *end;

	for (*n = 0; *text != '\0'; text = end + 1) {
		struct value_key *key = &keys[*n];

		if (*n == VALUE_KEYS_MAX || (*text != '<' && *text != '>'))
			return false;
		(*n)++;
		key->descending = *text == '>';
		key->oid = (uint32_t)strtoul(text + 1, &end, 10);
		if (*end != 'f' && *end != 'l')
			return false;
		key->nulls_first = *end == 'f';
	}
	return true;
}

int
value_keys_order(const struct value_key *keys, size_t n, sqlite3_value *const *left, sqlite3_value *const *right)
{
	for (size_t i = 0; i < n; i++) {
		bool left_null = sqlite3_value_type(left[i]) == SQLITE_NULL;
		bool right_null = sqlite3_value_type(right[i]) == SQLITE_NULL;
		int order;

		if (left_null && right_null)
			continue;
		if (left_null || right_null)
			return left_null == keys[i].nulls_first ? -1 : 1;
		if ((order = value_order(keys[i].oid, left[i], right[i])) != 0)
			return keys[i].descending ? -order : order;
	}
	return 0;
}
