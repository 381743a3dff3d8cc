/*
 * PostgreSQL's types on SQLite: their OIDs and names, how a column of the type is declared in the file (a declaration
 * whose affinity keeps the value as it is), and the codecs between the wire and what is stored.
 *
 * Stored form, the same whichever way a value came: integers, booleans (0/1) and oid as INTEGER; float4/float8 as
 * REAL (NaN, which SQLite takes for null, as the TEXT "NaN"); text, varchar, char (padded with blanks to its length:
 * such columns want COLLATE RTRIM), name, uuid, json, date, time, timestamp(tz) as TEXT in PostgreSQL's own output form
 * (ISO; timestamptz in UTC with "+00"; trailing zeros of a fraction dropped), so that comparing texts compares values;
 * numeric as TEXT in canonical form under the collation pg_numeric; jsonb as TEXT in PostgreSQL's output form under the
 * collation pg_jsonb (older files: as it was written); bytea as BLOB; a row or record as TEXT that says its fields'
 * types (record.h).
 */
#ifndef BIBD_SQLITE_TYPES_H
#define BIBD_SQLITE_TYPES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "workers/pgwire/pgwire.h"

/* pg_type.oid of PostgreSQL 15 (src: pg_type.dat's published OIDs). */
enum type_oid {
	TYPE_UNKNOWN = 0,
	TYPE_BOOL = 16,
	TYPE_BYTEA = 17,
	TYPE_CHAR = 18,
	TYPE_NAME = 19,
	TYPE_INT8 = 20,
	TYPE_INT2 = 21,
	TYPE_INT2VECTOR = 22,
	TYPE_INT4 = 23,
	TYPE_REGPROC = 24,
	TYPE_TEXT = 25,
	TYPE_OID = 26,
	TYPE_TID = 27,
	TYPE_XID = 28,
	TYPE_CID = 29,
	TYPE_OIDVECTOR = 30,
	TYPE_JSON = 114,
	TYPE_PG_NODE_TREE = 194,
	TYPE_CIDR = 650,
	TYPE_FLOAT4 = 700,
	TYPE_FLOAT8 = 701,
	TYPE_UNKNOWN_LITERAL = 705,
	TYPE_MACADDR8 = 774,
	TYPE_MACADDR = 829,
	TYPE_INET = 869,
	TYPE_INT2_ARRAY = 1005,
	TYPE_INT4_ARRAY = 1007,
	TYPE_TEXT_ARRAY = 1009,
	TYPE_INT8_ARRAY = 1016,
	TYPE_FLOAT4_ARRAY = 1021,
	TYPE_OID_ARRAY = 1028,
	TYPE_ACLITEM = 1033,
	TYPE_ACLITEM_ARRAY = 1034,
	TYPE_CHAR_ARRAY = 1002,
	TYPE_NAME_ARRAY = 1003,
	TYPE_BPCHAR = 1042,
	TYPE_VARCHAR = 1043,
	TYPE_DATE = 1082,
	TYPE_TIME = 1083,
	TYPE_TIMESTAMP = 1114,
	TYPE_TIMESTAMPTZ = 1184,
	TYPE_INTERVAL = 1186,
	TYPE_INTERVAL_ARRAY = 1187,
	TYPE_TIMETZ = 1266,
	TYPE_BIT = 1560,
	TYPE_VARBIT = 1562,
	TYPE_NUMERIC = 1700,
	TYPE_REFCURSOR = 1790,
	TYPE_REGPROCEDURE = 2202,
	TYPE_REGCLASS = 2205,
	TYPE_REGTYPE = 2206,
	TYPE_RECORD = 2249,
	TYPE_ANY = 2276,
	TYPE_ANYARRAY = 2277,
	TYPE_VOID = 2278,
	TYPE_TRIGGER = 2279,
	TYPE_ANYELEMENT = 2283,
	TYPE_RECORD_ARRAY = 2287,
	TYPE_ANYNONARRAY = 2776,
	TYPE_UUID = 2950,
	TYPE_ANYENUM = 3500,
	TYPE_TSVECTOR = 3614,
	TYPE_TSQUERY = 3615,
	TYPE_REGCONFIG = 3734,
	TYPE_REGDICTIONARY = 3769,
	TYPE_REGDICTIONARY_ARRAY = 3770,
	TYPE_JSONB = 3802,
	TYPE_JSONPATH = 4072,
	TYPE_REGNAMESPACE = 4089,
	TYPE_REGROLE = 4096,
	TYPE_ANYCOMPATIBLE = 5077,
	TYPE_ANYCOMPATIBLEARRAY = 5078,
	TYPE_CITEXT = 1879048184, /* of an extension, so that no OID is PostgreSQL's: the last before the file's own */
};

struct type {
	uint32_t oid;
	uint32_t array_oid;
	int16_t size;		 /* pg_type.typlen */
	char category;		 /* pg_type.typcategory */
	const char *name;	 /* pg_type.typname: "int4" */
	const char *sql_name;	 /* as format_type() has it: "integer" */
	const char *declaration; /* in CREATE TABLE on SQLite: "integer", "timestamp text"; NULL: not for columns */
};

/* Rows of the type table; NULL when there is none. type_by_name takes PostgreSQL's internal and SQL names and aliases
 * ("int", "int4", "timestamp with time zone", "character varying"), lower case. */
const struct type *type_by_oid(uint32_t oid);
const struct type *type_by_name(const char *name);
const struct type *type_by_index(size_t i); /* for filling pg_type; NULL after the last */

/* The type of a column from SQLite's declared type (sqlite3_column_decltype), and its typmod (-1: none). Declarations
 * that bibd did not write are understood by affinity: never fails, at the worst text. NULL in: text. */
const struct type *type_by_declaration(const char *declaration, int32_t *typmod);
/* Writes the declaration for CREATE TABLE, with the typmod in it, to a malloc'ed string; NULL when the type cannot be
 * a column's. */
char *type_declaration(const struct type *type, int32_t typmod);
/* The same of any type but a domain, the file's own too. */
char *type_declare(uint32_t oid, int32_t typmod);
/* For type_format(): no modifier is meant, as in the name of a function's argument; -1 is a column's that has none.
 * That tells character from bpchar. */
#define TYPE_WITHOUT_TYPMOD (-2)
/* How many dimensions an array's declaration says, 0 when it is none or says nothing; and a declaration that says so,
 * malloc'ed. */
unsigned type_declared_dimensions(const char *declaration);
char *type_declare_array(int32_t typmod, unsigned dimensions);
/* "character varying(20)", "numeric(10,2)": as format_type(oid, typmod). malloc'ed. */
char *type_format(uint32_t oid, int32_t typmod);

enum type_format_code { TYPE_FORMAT_TEXT = 0, TYPE_FORMAT_BINARY = 1 };

/* A typmod of interval, as PostgreSQL encodes it: which fields, and how many digits of a second. */
#define INTERVAL_MONTH (1 << 1)
#define INTERVAL_YEAR (1 << 2)
#define INTERVAL_DAY (1 << 3)
#define INTERVAL_HOUR (1 << 10)
#define INTERVAL_MINUTE (1 << 11)
#define INTERVAL_SECOND (1 << 12)
#define INTERVAL_ALL_FIELDS 0x7fff
#define INTERVAL_ALL_DIGITS 0xffff
#define INTERVAL_TYPMOD(digits, fields) (((fields) << 16) | (digits))
#define INTERVAL_FIELDS(typmod) ((typmod) < 0 ? INTERVAL_ALL_FIELDS : ((typmod) >> 16) & INTERVAL_ALL_FIELDS)
#define INTERVAL_DIGITS(typmod) ((typmod) < 0 ? INTERVAL_ALL_DIGITS : (typmod)&INTERVAL_ALL_DIGITS)

/* IntervalStyle; under sql_standard signs are read another way, too. */
enum type_interval_style {
	TYPE_INTERVAL_POSTGRES,
	TYPE_INTERVAL_VERBOSE,
	TYPE_INTERVAL_ISO_8601,
	TYPE_INTERVAL_SQL_STANDARD,
};

/* DateStyle: how dates and timestamps are shown. */
enum type_date_style { TYPE_DATE_ISO, TYPE_DATE_SQL, TYPE_DATE_POSTGRES, TYPE_DATE_GERMAN };

/* What codecs depend on beyond type and format: the session's settings. */
struct type_settings {
	int extra_float_digits; /* default 1: shortest exact */
	bool bytea_escape;	/* bytea_output = escape */
	int timezone_offset_s;	/* fixed offset of TimeZone, when it has one; see timezone */
	const char *timezone;	/* IANA name; "UTC" and "Etc/UTC" are offset 0. NULL: timezone_offset_s */
	char date_order;	/* of DateStyle, for 1/2/2024: 'M' (0 is that too), 'D' or 'Y' comes first */
	enum type_date_style date_style;
	enum type_interval_style interval_style;
	int64_t now_us; /* of the transaction, since 1970: 'now', 'today'; 0: the clock's */
};

/* A value on its way in or out: what sqlite3_bind takes. */
struct type_value {
	int kind; /* SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL */
	int64_t integer;
	double real;
	const char *bytes; /* TEXT, BLOB */
	size_t length;
	char *owned; /* what to free afterwards, or NULL */
};
void type_value_free(struct type_value *v);
/* What SQLite hands to a function; the bytes are SQLite's. */
struct type_value type_value_of(sqlite3_value *value);

/* A float, also a NaN or an infinity that is kept as text; and one on its way back: SQLite would take NaN for null. */
double type_real_of(sqlite3_value *value);
void type_result_real(sqlite3_context *c, double v);

/* Decodes what a client sent (text or binary format) to the stored form. The value may point into `data`. Unknown and
 * unlisted oids in text format are taken as text. Errors, as PostgreSQL words them: 22P02, 22003, 22007, 22008, 22P03
 * (wrong binary length), 22021 (not UTF-8, NUL byte). */
int type_decode(uint32_t oid, int format, const char *data, size_t length, struct type_value *out, struct report *r);
/* The same, with the session's time zone and time for a timestamptz that names no zone and for 'now'; settings NULL:
 * UTC. */
int type_decode_in(const struct type_settings *settings, uint32_t oid, int format, const char *data, size_t length,
    struct type_value *out, struct report *r);

/* Brings a stored value to a type: what a cast and a column assignment do. `explicit_cast` truncates where PostgreSQL's
 * explicit casts do (varchar(n)). typmod -1: none. The value may share bytes with `in`, which must live as long. What
 * PostgreSQL has no cast for is 42846. */
int type_coerce(uint32_t oid, int32_t typmod, bool explicit_cast, const struct type_value *in, struct type_value *out,
    struct report *r);
int type_coerce_in(const struct type_settings *settings, uint32_t oid, int32_t typmod, bool explicit_cast,
    const struct type_value *in, struct type_value *out, struct report *r);

/* Puts one DataRow field, its int32 length first, from the current row of a statement: the value is brought from
 * whatever SQLite holds to the type's text or binary form. Values that do not fit the type fail with 22003 or 22P02. */
int type_put_column(struct pgwire_buffer *out, sqlite3_stmt *stmt, int column, uint32_t oid, int format,
    const struct type_settings *settings, struct report *r);
/* The text form alone, without a length: for COPY TO and casts to text. */
int type_put_text(struct pgwire_buffer *out, sqlite3_value *value, uint32_t oid, const struct type_settings *settings,
    struct report *r);

/* Binds v as parameter n (from 1). SQLite copies nothing when `lasting` says that the bytes outlive the statement's
 * run. Returns SQLite's code. */
int type_bind(sqlite3_stmt *stmt, int n, const struct type_value *v, bool lasting);
/* The same of bytes that the value owns: they become SQLite's, which copies nothing. */
int type_bind_given(sqlite3_stmt *stmt, int n, struct type_value *v);

/* The collations that columns of numeric and jsonb carry, and what SQLite must not do beside them; on each
 * connection. */
int type_register_collations(sqlite3 *db);
/* The collation under which values of a type are compared, NULL: by their bytes or as SQLite's own numbers. */
const char *type_collation(uint32_t oid);
/* Compares two texts under it: *order is <0, 0, >0. false: the type has none. */
bool type_compare_collated(uint32_t oid, const struct type_value *a, const struct type_value *b, int *order);
/* Whether this SQLite joins by such a collation: fails with STATUS_UNAVAILABLE where it would lose rows. Once a
 * start. */
struct error;
int type_check_collations(struct error *e);

/* Of what kind a type is: kind.c. */
bool type_is_integer(uint32_t oid);
bool type_is_number(uint32_t oid);
bool type_is_text(uint32_t oid);
bool type_is_array(uint32_t oid);
/* The element type of an array type or of a vector of the catalog's, 0 when it is none; and the type of arrays of a
 * type, 0 when there is none. */
uint32_t type_element(uint32_t oid);
uint32_t type_array_of(uint32_t oid);
/* pg_type.typcategory; '\0' for what is not known. */
char type_category(uint32_t oid);

/* Types that a file defines have no row in the table, and are known by their OIDs: what type_by_oid() answers for them
 * is NULL. A value of an enum is kept as INTEGER (schema/type.h), so that it is compared as one. */
enum type_class { TYPE_CLASS_BASE, TYPE_CLASS_ENUM, TYPE_CLASS_DOMAIN, TYPE_CLASS_COMPOSITE };
bool type_is_user(uint32_t oid); /* of a type or of arrays of one */
enum type_class type_class(uint32_t oid);
/* Of a domain, or of arrays of one: what values are checked by, and not kept as. */
bool type_is_domain(uint32_t oid);
/* record, and the row types of the file: kept as types/record.h says. */
bool type_is_row(uint32_t oid);
/* The OID of a definition with that number, from 1; 0: there are no more. */
uint32_t type_user_oid(enum type_class class, int64_t number);
/* The type of a table's or view's rows, by the number of its row in sqlite_schema: it holds as long as the schema stays
 * as it is, and is kept nowhere. 0: the number is too large. */
uint32_t type_of_table(bool temporary, int64_t number);
bool type_is_of_table(uint32_t oid, bool *temporary, int64_t *number);
/* The type of the table as whose values those of this one are kept and compared: bigint for an enum. */
uint32_t type_kept_as(uint32_t oid);

#endif
