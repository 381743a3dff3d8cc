/*
 * Types whose equal values have more than one text (1.5 and 1.50, also within a jsonb document), or whose order is not
 * that of their texts, are compared under a collation. SQLite's Bloom filter, which it builds for a join by an index of
 * its own making, hashes a text by its length whatever the collation says, so that such a join loses rows: it is
 * switched off on each connection. The switch is no part of SQLite's promised interface, so that its effect is tried
 * out before anything is served.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/codec.h"

/* SQLite's own number (SQLITE_BloomFilter, sqliteInt.h). */
#define OPTIMIZATION_BLOOM_FILTER 0x00080000

static int
collate_numeric(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return type_compare_numeric(a, (size_t)a_length, b, (size_t)b_length);
}

static int
collate_jsonb(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return type_compare_jsonb(a, (size_t)a_length, b, (size_t)b_length);
}

static int
collate_interval(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return type_compare_interval(a, (size_t)a_length, b, (size_t)b_length);
}

static int
collate_timetz(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return type_compare_timetz(a, (size_t)a_length, b, (size_t)b_length);
}

/* Elements one by one, a NULL behind all others; then the one with fewer; then by dimensions and bounds. */
static int
compare_arrays(const char *a, size_t a_length, const char *b, size_t b_length,
    int (*compare)(const char *a, size_t a_length, const char *b, size_t b_length))
{
	struct array_shape shape[2];
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
			order = compare(left.element, left.length, right.element, right.length);
	} while (order == 0 && more_left);
	array_reader_close(&left);
	array_reader_close(&right);
	if (order != 0)
		return order;
	array_read_shape(a, a_length, &shape[0]);
	array_read_shape(b, b_length, &shape[1]);
	order = shape[0].dimensions - shape[1].dimensions;
	for (int i = 0; order == 0 && i < shape[0].dimensions; i++)
		order = (shape[0].sizes[i] > shape[1].sizes[i]) - (shape[0].sizes[i] < shape[1].sizes[i]);
	for (int i = 0; order == 0 && i < shape[0].dimensions; i++)
		order = (shape[0].lower[i] > shape[1].lower[i]) - (shape[0].lower[i] < shape[1].lower[i]);
	return order;
}

static int
compare_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

/* NaN behind all others. */
static int
compare_floats(const char *a, size_t a_length, const char *b, size_t b_length)
{
	double left = strtod(a, NULL), right = strtod(b, NULL);

	(void)a_length;
	(void)b_length;
	if (isnan(left) || isnan(right))
		return (int)(isnan(left) != 0) - (int)(isnan(right) != 0);
	return (left > right) - (left < right);
}

static int
collate_float_array(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return compare_arrays(a, (size_t)a_length, b, (size_t)b_length, compare_floats);
}

static int
collate_jsonb_array(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return compare_arrays(a, (size_t)a_length, b, (size_t)b_length, type_compare_jsonb);
}

static int
collate_interval_array(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return compare_arrays(a, (size_t)a_length, b, (size_t)b_length, type_compare_interval);
}

/* Elements of arrays are kept as they are shown: years of other than four digits, BC and infinities are read. */
static int
compare_moments(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int64_t left = 0, right = 0;
	struct report r = { 0 };
	bool plain = a_length > 4 && b_length > 4 && a[4] == '-' && b[4] == '-' && a[a_length - 1] != 'C' &&
	    b[b_length - 1] != 'C';

	if (plain)
		return compare_bytes(a, a_length, b, b_length);
	(void)type_parse_timestamp(a, a_length, false, NULL, &left, &r);
	(void)type_parse_timestamp(b, b_length, false, NULL, &right, &r);
	report_reset(&r);
	return (left > right) - (left < right);
}

static int
collate_moment_array(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return compare_arrays(a, (size_t)a_length, b, (size_t)b_length, compare_moments);
}

static int
collate_number_array(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return compare_arrays(a, (size_t)a_length, b, (size_t)b_length, type_compare_numeric);
}

static int
collate_text_array(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return compare_arrays(a, (size_t)a_length, b, (size_t)b_length, compare_bytes);
}

static const struct {
	uint32_t oid;
	const char *name;
	int (*compare)(void *context, int a_length, const void *a, int b_length, const void *b);
} collations[] = { { TYPE_NUMERIC, "pg_numeric", collate_numeric }, { TYPE_JSONB, "pg_jsonb", collate_jsonb },
	{ TYPE_INTERVAL, "pg_interval", collate_interval }, { TYPE_TIMETZ, "pg_timetz", collate_timetz },
	{ 0, "pg_moment_array", collate_moment_array }, { 0, "pg_number_array", collate_number_array },
	{ 0, "pg_float_array", collate_float_array }, { 0, "pg_jsonb_array", collate_jsonb_array },
	{ 0, "pg_interval_array", collate_interval_array }, { 0, "pg_text_array", collate_text_array } };
#define NCOLLATIONS (sizeof(collations) / sizeof(collations[0]))

static const char *
array_collation(uint32_t element)
{
	switch (element) {
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		return "pg_float_array";
	case TYPE_JSONB:
		return "pg_jsonb_array";
	case TYPE_INTERVAL:
		return "pg_interval_array";
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		return "pg_moment_array";
	default:
		return type_is_number(element) || element == TYPE_OID ? "pg_number_array" : "pg_text_array";
	}
}

const char *
type_collation(uint32_t oid)
{
	uint32_t element = type_element(oid);

	for (size_t i = 0; i < NCOLLATIONS; i++)
		if (collations[i].oid == oid)
			return collations[i].name;
	if (element == 0 || oid == TYPE_INT2VECTOR || oid == TYPE_OIDVECTOR)
		return NULL;
	return array_collation(element);
}

int
type_register_collations(sqlite3 *db)
{
	(void)sqlite3_test_control(SQLITE_TESTCTRL_OPTIMIZATIONS, db, OPTIMIZATION_BLOOM_FILTER);
	for (size_t i = 0; i < NCOLLATIONS; i++) {
		int code =
		    sqlite3_create_collation_v2(db, collations[i].name, SQLITE_UTF8, NULL, collations[i].compare, NULL);

		if (code != SQLITE_OK)
			return code;
	}
	return SQLITE_OK;
}

/* Two tables without an index, of which each has the other's number in another scale. */
static const char check_tables[] =
    "CREATE TABLE a(x text COLLATE \"pg_numeric\"); CREATE TABLE b(y text COLLATE \"pg_numeric\");"
    "INSERT INTO a VALUES ('1.5'), ('20'); INSERT INTO b VALUES ('1.500'), ('20.0');";
static const char check_join[] = "SELECT count(*) FROM a, b WHERE x = y";

int
type_check_collations(struct error *e)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db = NULL;
	int joined = -1;

	if (sqlite3_open(":memory:", &db) == SQLITE_OK && type_register_collations(db) == SQLITE_OK &&
	    sqlite3_exec(db, check_tables, NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, check_join, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		joined = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	if (joined == 2)
		return 0;
	return error_set(e, STATUS_UNAVAILABLE, "store.library",
	    "this SQLite (%s) loses rows of a join of numeric columns; bibd is tested with SQLite 3.40.1",
	    sqlite3_libversion());
}
