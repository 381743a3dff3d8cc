/*
 * Types whose equal values have more than one text (1.5 and 1.50, also within a jsonb document), or whose order is not
 * that of their texts, are compared under a collation. SQLite's Bloom filter, which it builds for a join by an index of
 * its own making, hashes a text by its length whatever the collation says, so that such a join loses rows: it is
 * switched off on each connection. The switch is no part of SQLite's promised interface, so that its effect is tried
 * out before anything is served.
 */
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/record.h"

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

static int
collate_citext(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return type_compare_citext(a, (size_t)a_length, b, (size_t)b_length);
}

static int
collate_tsvector(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return type_compare_tsvector(a, (size_t)a_length, b, (size_t)b_length);
}

static int
collate_tsquery(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return type_compare_tsquery(a, (size_t)a_length, b, (size_t)b_length);
}

static int
collate_record(void *context, int a_length, const void *a, int b_length, const void *b)
{
	(void)context;
	return type_compare_record(a, (size_t)a_length, b, (size_t)b_length);
}

/* `context` is the row of array_collations. */
static int
collate_array(void *context, int a_length, const void *a, int b_length, const void *b)
{
	const uint32_t *element = context;

	return type_compare_array(*element, a, (size_t)a_length, b, (size_t)b_length);
}

static const struct {
	uint32_t oid;
	const char *name;
	int (*compare)(void *context, int a_length, const void *a, int b_length, const void *b);
} collations[] = { { TYPE_NUMERIC, "pg_numeric", collate_numeric }, { TYPE_JSONB, "pg_jsonb", collate_jsonb },
	{ TYPE_INTERVAL, "pg_interval", collate_interval }, { TYPE_TIMETZ, "pg_timetz", collate_timetz },
	{ TYPE_CITEXT, "pg_citext", collate_citext }, { TYPE_TSVECTOR, "pg_tsvector", collate_tsvector },
	{ TYPE_TSQUERY, "pg_tsquery", collate_tsquery }, { TYPE_RECORD, "pg_record", collate_record } };
#define NCOLLATIONS (sizeof(collations) / sizeof(collations[0]))

/* Of arrays, each named after one type whose elements are compared so. */
static const struct {
	uint32_t element;
	const char *name;
} array_collations[] = { { TYPE_NUMERIC, "pg_number_array" }, { TYPE_FLOAT8, "pg_float_array" },
	{ TYPE_JSONB, "pg_jsonb_array" }, { TYPE_INTERVAL, "pg_interval_array" }, { TYPE_BPCHAR, "pg_padded_array" },
	{ TYPE_DATE, "pg_date_array" }, { TYPE_TIMESTAMP, "pg_timestamp_array" }, { TYPE_TIMETZ, "pg_timetz_array" },
	{ TYPE_CITEXT, "pg_citext_array" }, { TYPE_INET, "pg_inet_array" }, { TYPE_TSVECTOR, "pg_tsvector_array" },
	{ TYPE_TSQUERY, "pg_tsquery_array" }, { TYPE_RECORD, "pg_record_array" }, { TYPE_TEXT, "pg_text_array" } };
#define NARRAYS (sizeof(array_collations) / sizeof(array_collations[0]))

/* The one among those that stands for it. */
static uint32_t
compared_as(uint32_t element)
{
	if (element == TYPE_FLOAT4 || element == TYPE_FLOAT8)
		return TYPE_FLOAT8;
	if (element == TYPE_TIMESTAMPTZ)
		return TYPE_TIMESTAMP;
	if (element == TYPE_CIDR)
		return TYPE_INET;
	if (type_is_row(element))
		return TYPE_RECORD;
	return type_is_number(element) || element == TYPE_OID || type_is_user(element) ? (uint32_t)TYPE_NUMERIC
										       : element;
}

const char *
type_collation(uint32_t oid)
{
	uint32_t element = type_element(oid);

	if (type_is_row(oid))
		oid = TYPE_RECORD;
	for (size_t i = 0; i < NCOLLATIONS; i++)
		if (collations[i].oid == oid)
			return collations[i].name;
	if (element == 0 || oid == TYPE_INT2VECTOR || oid == TYPE_OIDVECTOR)
		return NULL;
	for (size_t i = 0; i < NARRAYS - 1; i++)
		if (array_collations[i].element == compared_as(element))
			return array_collations[i].name;
	return array_collations[NARRAYS - 1].name;
}

bool
type_compare_collated(uint32_t oid, const struct type_value *a, const struct type_value *b, int *order)
{
	oid = type_kept_as(oid);
	if (type_is_array(oid)) {
		*order = type_compare_array(type_element(oid), a->bytes, a->length, b->bytes, b->length);
		return true;
	}
	if (type_is_row(oid))
		oid = TYPE_RECORD;
	for (size_t i = 0; i < NCOLLATIONS; i++)
		if (collations[i].oid == oid) {
			*order = collations[i].compare(NULL, (int)a->length, a->bytes, (int)b->length, b->bytes);
			return true;
		}
	return false;
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
	for (size_t i = 0; i < NARRAYS; i++) {
		void *context = (void *)(uintptr_t)&array_collations[i].element;
		int code = sqlite3_create_collation_v2(db, array_collations[i].name, SQLITE_UTF8, context,
		    collate_array, NULL);

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
