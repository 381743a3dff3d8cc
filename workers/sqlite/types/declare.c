/*
 * Declarations: how a column's PostgreSQL type lives in its SQLite declared type. The words are unquoted, since SQLite
 * drops what stands behind a quoted type name, the typmod in parentheses included.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"

#define NAME_MAX_LENGTH 64

/* What stands for every array: a mark says which (schema/definition.h), and in parentheses are the elements' typmod
 * itself and how many dimensions were declared. SQLite must find none of the words by which it tells an affinity but
 * "text". */
#define ARRAY_DECLARATION "array text"

/* What other programs declare on SQLite, beyond the names of PostgreSQL's own. */
static const struct foreign_name {
	const char *name;
	uint32_t oid;
} foreign_names[] = {
	{ "int", TYPE_INT8 }, /* SQLite's INT and INTEGER hold 64 bits; only bibd's "integer" is int4 */
	/* Of before a zero's sign was kept: such a column turns whole numbers into integers on the disk. */
	{ "double precision", TYPE_FLOAT8 },
	{ "real", TYPE_FLOAT4 },
	{ "tinyint", TYPE_INT2 },
	{ "mediumint", TYPE_INT4 },
	{ "unsigned big int", TYPE_INT8 },
	{ "datetime", TYPE_TIMESTAMP },
	{ "double", TYPE_FLOAT8 },
	{ "string", TYPE_TEXT },
	{ "clob", TYPE_TEXT },
	{ "blob", TYPE_BYTEA },
	{ "varying character", TYPE_VARCHAR },
	{ "native character", TYPE_VARCHAR },
	{ "nvarchar", TYPE_VARCHAR },
	{ "native text", TYPE_TEXT },
	{ "enum integer", TYPE_INT8 }, /* a mark says which */
	{ "row text", TYPE_TEXT },
};

/* SQLite's rules of affinity, section 3.1 of "Datatypes In SQLite"; the order matters. */
static const struct affinity_word {
	const char *word;
	uint32_t oid;
} affinity_words[] = {
	{ "int", TYPE_INT8 },
	{ "char", TYPE_TEXT },
	{ "clob", TYPE_TEXT },
	{ "text", TYPE_TEXT },
	{ "blob", TYPE_BYTEA },
	{ "real", TYPE_FLOAT8 },
	{ "floa", TYPE_FLOAT8 },
	{ "doub", TYPE_FLOAT8 },
};

static bool
has_length(uint32_t oid)
{
	return oid == TYPE_VARCHAR || oid == TYPE_BPCHAR;
}

static bool
has_precision(uint32_t oid)
{
	return oid == TYPE_TIME || oid == TYPE_TIMETZ || oid == TYPE_TIMESTAMP || oid == TYPE_TIMESTAMPTZ;
}

static bool
is_bits(uint32_t oid)
{
	return oid == TYPE_BIT || oid == TYPE_VARBIT;
}

/* The numbers in parentheses to a typmod; what makes no sense for the type is -1. */
static int32_t
typmod_make(uint32_t oid, const char *numbers)
{
	int first, second = 0, n = sscanf(numbers, "( %d , %d", &first, &second);

	if (n < 1)
		return -1;
	if (has_length(oid))
		return first >= 1 && first <= 10485760 ? first + TYPE_TYPMOD_HEADER : -1;
	if (is_bits(oid))
		return first >= 1 && first <= TYPE_BITS_MAX ? first : -1;
	if (has_precision(oid))
		return first >= 0 && first <= 6 ? first : -1;
	if (oid == TYPE_INTERVAL && n == 2 && first >= 0 && first <= INTERVAL_ALL_FIELDS && second >= 0 &&
	    second <= INTERVAL_ALL_DIGITS)
		return INTERVAL_TYPMOD(second, first);
	if (oid == TYPE_NUMERIC && first >= 1 && first <= 1000 && second >= -1000 && second <= 1000)
		return ((first << 16) | (second & 0x7ff)) + TYPE_TYPMOD_HEADER;
	return -1;
}

/* "(20)", "(10,2)" or "" */
static void
typmod_write(uint32_t oid, int32_t typmod, char *text, size_t size)
{
	text[0] = '\0';
	if (typmod < 0)
		return;
	if (has_length(oid) && typmod >= TYPE_TYPMOD_HEADER)
		(void)snprintf(text, size, "(%d)", typmod - TYPE_TYPMOD_HEADER);
	else if (has_precision(oid) || is_bits(oid))
		(void)snprintf(text, size, "(%d)", typmod);
	else if (oid == TYPE_INTERVAL)
		(void)snprintf(text, size, "(%d,%d)", INTERVAL_FIELDS(typmod), INTERVAL_DIGITS(typmod));
	else if (oid == TYPE_NUMERIC && typmod >= TYPE_TYPMOD_HEADER) {
		int32_t packed = typmod - TYPE_TYPMOD_HEADER;

		(void)snprintf(text, size, "(%d,%d)", (packed >> 16) & 0xffff, ((packed & 0x7ff) ^ 1024) - 1024);
	}
}

/* The declared name in lower case, one blank between words, without what is in parentheses. */
static void
name_fold(const char *declaration, char name[NAME_MAX_LENGTH])
{
	size_t n = 0;

	for (const char *p = declaration; *p != '\0' && *p != '(' && n < NAME_MAX_LENGTH - 1; p++) {
		if (!type_is_blank(*p))
			name[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
		else if (n > 0 && name[n - 1] != ' ')
			name[n++] = ' ';
	}
	while (n > 0 && name[n - 1] == ' ')
		n--;
	name[n] = '\0';
}

static const struct type *
type_by_foreign_name(const char *name)
{
	for (size_t i = 0; i < sizeof(foreign_names) / sizeof(foreign_names[0]); i++) {
		if (strcmp(foreign_names[i].name, name) == 0)
			return type_by_oid(foreign_names[i].oid);
	}
	return NULL;
}

static const struct type *
type_by_affinity(const char *name)
{
	for (size_t i = 0; i < sizeof(affinity_words) / sizeof(affinity_words[0]); i++) {
		if (strstr(name, affinity_words[i].word) != NULL)
			return type_by_oid(affinity_words[i].oid);
	}
	return type_by_oid(TYPE_TEXT);
}

static const struct type *
type_by_own_declaration(const char *name)
{
	const struct type *type;

	for (size_t i = 0; (type = type_by_index(i)) != NULL; i++) {
		if (type->declaration != NULL && strcmp(type->declaration, name) == 0)
			return type;
	}
	return NULL;
}

const struct type *
type_by_declaration(const char *declaration, int32_t *typmod)
{
	char name[NAME_MAX_LENGTH];
	const struct type *type;
	const char *numbers;

	*typmod = -1;
	if (declaration == NULL)
		return type_by_oid(TYPE_TEXT);
	name_fold(declaration, name);
	numbers = strchr(declaration, '(');
	if (strcmp(name, ARRAY_DECLARATION) == 0) {
		*typmod = numbers == NULL ? -1 : (int32_t)strtol(numbers + 1, NULL, 10);
		return type_by_oid(TYPE_TEXT_ARRAY);
	}
	if ((type = type_by_own_declaration(name)) == NULL && (type = type_by_foreign_name(name)) == NULL &&
	    ((type = type_by_name(name)) == NULL || type->declaration == NULL || type->oid == TYPE_INTERVAL))
		type = type_by_affinity(name);
	if (numbers != NULL)
		*typmod = typmod_make(type->oid, numbers);
	return type;
}

unsigned
type_declared_dimensions(const char *declaration)
{
	const char *second = strchr(declaration, ',');

	if (strncmp(declaration, ARRAY_DECLARATION, strlen(ARRAY_DECLARATION)) != 0 || second == NULL)
		return 0;
	return (unsigned)strtoul(second + 1, NULL, 10);
}

char *
type_declare_array(int32_t typmod, unsigned dimensions)
{
	char *text;

	if (typmod < 0 && dimensions == 0)
		return strdup(ARRAY_DECLARATION);
	return asprintf(&text, ARRAY_DECLARATION "(%d,%u)", (int)typmod, dimensions) < 0 ? NULL : text;
}

char *
type_declaration(const struct type *type, int32_t typmod)
{
	const struct type *element = type_by_oid(type_element(type->oid));
	char numbers[32], *text;

	if (element != NULL && element->declaration != NULL && type->oid != TYPE_INT2VECTOR &&
	    type->oid != TYPE_OIDVECTOR)
		return type_declare_array(typmod, 0);
	if (type->declaration == NULL)
		return NULL;
	typmod_write(type->oid, typmod, numbers, sizeof(numbers));
	return asprintf(&text, "%s%s", type->declaration, numbers) < 0 ? NULL : text;
}

char *
type_declare(uint32_t oid, int32_t typmod)
{
	const struct type *type = type_by_oid(oid);

	if (type_class(oid) == TYPE_CLASS_ENUM)
		return strdup("enum integer");
	if (type_class(oid) == TYPE_CLASS_COMPOSITE)
		return strdup("row text");
	if (type_is_user(oid) && type_is_array(oid))
		return type_declare_array(typmod, 0);
	return type == NULL ? NULL : type_declaration(type, typmod);
}

/* " day to second(3)" */
static void
fields_write(int32_t typmod, char *text, size_t size)
{
	static const struct {
		int field;
		const char *name;
	} fields[] = { { INTERVAL_YEAR, "year" }, { INTERVAL_MONTH, "month" }, { INTERVAL_DAY, "day" },
		{ INTERVAL_HOUR, "hour" }, { INTERVAL_MINUTE, "minute" }, { INTERVAL_SECOND, "second" } };
	int named = typmod < 0 ? INTERVAL_ALL_FIELDS : INTERVAL_FIELDS(typmod), digits = INTERVAL_DIGITS(typmod);
	const char *first = NULL, *last = NULL;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && named != INTERVAL_ALL_FIELDS; i++)
		if ((named & fields[i].field) != 0) {
			first = first == NULL ? fields[i].name : first;
			last = fields[i].name;
		}
	text[0] = '\0';
	if (first != NULL)
		(void)snprintf(text, size, first == last ? " %s" : " %s to %s", first, last);
	if (digits != INTERVAL_ALL_DIGITS)
		(void)snprintf(text + strlen(text), size - strlen(text), "(%d)", digits);
}

static char *
format_scalar(const struct type *type, int32_t typmod, const char *suffix)
{
	char numbers[32], *text;
	size_t word;

	/* A char column of no stated length is not char(1), which "character" means for a column. */
	if (type->oid == TYPE_BPCHAR && typmod == -1)
		return asprintf(&text, "bpchar%s", suffix) < 0 ? NULL : text;
	if (type->oid == TYPE_BIT && typmod == -1) /* likewise */
		return asprintf(&text, "\"bit\"%s", suffix) < 0 ? NULL : text;
	if (type->oid == TYPE_INTERVAL)
		fields_write(typmod, numbers, sizeof(numbers));
	else
		typmod_write(type->oid, typmod, numbers, sizeof(numbers));
	/* timestamp(3) without time zone: the numbers follow the first word */
	word = has_precision(type->oid) ? strcspn(type->sql_name, " ") : strlen(type->sql_name);
	return asprintf(&text, "%.*s%s%s%s", (int)word, type->sql_name, numbers, type->sql_name + word, suffix) < 0
	    ? NULL
	    : text;
}

char *
type_format(uint32_t oid, int32_t typmod)
{
	const struct type *type = type_by_oid(oid);
	const struct type *element;

	if (oid == 0)
		return strdup("-");
	if (type == NULL)
		return strdup("???");
	if (type->category == 'A' && type->name[0] == '_' && (element = type_by_name(type->name + 1)) != NULL &&
	    element->array_oid == oid)
		return format_scalar(element, typmod, "[]");
	return format_scalar(type, typmod, "");
}
