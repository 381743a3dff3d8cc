/*
 * The order of two texts under which elements of an array are kept, and of two arrays.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"
#include "workers/sqlite/types/utf8.h"

static int
compare_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

int
type_compare_citext(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t i = 0, j = 0;

	while (i < a_length && j < b_length) {
		uint32_t left = utf8_map_case(utf8_decode(a, a_length, &i), false),
			 right = utf8_map_case(utf8_decode(b, b_length, &j), false);

		if (left != right)
			return left < right ? -1 : 1;
	}
	return (int)(i < a_length) - (int)(j < b_length);
}

/* Blanks at the end count for nothing. */
static int
compare_padded(const char *a, size_t a_length, const char *b, size_t b_length)
{
	while (a_length > 0 && a[a_length - 1] == ' ')
		a_length--;
	while (b_length > 0 && b[b_length - 1] == ' ')
		b_length--;
	return compare_bytes(a, a_length, b, b_length);
}

/* NaN behind all others. */
static int
compare_floats(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct report r = { 0 };
	double left = NAN, right = NAN;

	(void)type_parse_float(TYPE_FLOAT8, a, a_length, &left, &r);
	(void)type_parse_float(TYPE_FLOAT8, b, b_length, &right, &r);
	report_reset(&r);
	if (isnan(left) || isnan(right))
		return (int)(isnan(left) != 0) - (int)(isnan(right) != 0);
	return (left > right) - (left < right);
}

static int
compare_moments(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct report r = { 0 };
	int64_t left = 0, right = 0;

	(void)type_parse_timestamp(a, a_length, true, NULL, &left, &r);
	(void)type_parse_timestamp(b, b_length, true, NULL, &right, &r);
	report_reset(&r);
	return (left > right) - (left < right);
}

static int
compare_dates(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct report r = { 0 };
	int32_t left = 0, right = 0;

	(void)type_parse_date(a, a_length, NULL, &left, &r);
	(void)type_parse_date(b, b_length, NULL, &right, &r);
	report_reset(&r);
	return (left > right) - (left < right);
}

/* What is not here is compared by its bytes. */
static const struct {
	uint32_t oid;
	int (*compare)(const char *a, size_t a_length, const char *b, size_t b_length);
} orders[] = { { TYPE_NUMERIC, type_compare_numeric }, { TYPE_INT4, type_compare_numeric },
	{ TYPE_INT8, type_compare_numeric }, { TYPE_INT2, type_compare_numeric }, { TYPE_OID, type_compare_numeric },
	{ TYPE_FLOAT8, compare_floats }, { TYPE_FLOAT4, compare_floats }, { TYPE_JSONB, type_compare_jsonb },
	{ TYPE_INTERVAL, type_compare_interval }, { TYPE_BPCHAR, compare_padded }, { TYPE_DATE, compare_dates },
	{ TYPE_TIMESTAMP, compare_moments }, { TYPE_TIMESTAMPTZ, compare_moments },
	{ TYPE_TIMETZ, type_compare_timetz }, { TYPE_CITEXT, type_compare_citext }, { TYPE_INET, type_compare_network },
	{ TYPE_CIDR, type_compare_network }, { TYPE_TSVECTOR, type_compare_tsvector },
	{ TYPE_TSQUERY, type_compare_tsquery } };

int
type_compare_element(uint32_t element, const char *a, size_t a_length, const char *b, size_t b_length)
{
	if (type_is_row(element))
		return type_compare_record(a, a_length, b, b_length);
	if (type_is_array(element) && element != TYPE_INT2VECTOR && element != TYPE_OIDVECTOR)
		return type_compare_array(type_element(element), a, a_length, b, b_length);
	if (type_is_user(element))
		return type_compare_numeric(a, a_length, b, b_length);
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (orders[i].oid == element)
			return orders[i].compare(a, a_length, b, b_length);
	return compare_bytes(a, a_length, b, b_length);
}

/* Which has more dimensions, is the longer in one, or begins later. */
static int
compare_shapes(const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct array_shape shape[2];
	int order;

	array_read_shape(a, a_length, &shape[0]);
	array_read_shape(b, b_length, &shape[1]);
	order = shape[0].dimensions - shape[1].dimensions;
	for (int i = 0; order == 0 && i < shape[0].dimensions; i++)
		order = (shape[0].sizes[i] > shape[1].sizes[i]) - (shape[0].sizes[i] < shape[1].sizes[i]);
	for (int i = 0; order == 0 && i < shape[0].dimensions; i++)
		order = (shape[0].lower[i] > shape[1].lower[i]) - (shape[0].lower[i] < shape[1].lower[i]);
	return order;
}

/* Elements one by one, a NULL behind all others; then the one with fewer; then their shapes. */
int
type_compare_array(uint32_t element, const char *a, size_t a_length, const char *b, size_t b_length)
{
	struct array_reader left, right;
	bool more_left, more_right;
	int order = 0;

	array_reader_open(&left, a, a_length);
	array_reader_open(&right, b, b_length);
	do {
		more_left = array_reader_next(&left);
		more_right = array_reader_next(&right);
		if (!more_left || !more_right)
			order = (int)more_left - (int)more_right;
		else if (left.null || right.null)
			order = (int)left.null - (int)right.null;
		else
			order = type_compare_element(element, left.element, left.length, right.element, right.length);
	} while (order == 0 && more_left);
	array_reader_close(&left);
	array_reader_close(&right);
	return order != 0 ? order : compare_shapes(a, a_length, b, b_length);
}
