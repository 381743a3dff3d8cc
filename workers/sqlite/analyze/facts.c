/*
 * Expands functions.def, operators.def and casts.def, and finds their rows.
 */
#include "workers/sqlite/analyze/facts.h"

#include <string.h>

#include "workers/sqlite/types/types.h"

/* A 0 alone stands for no argument. */
#define FIRST(first, ...) (first)
#define COUNT(...) (sizeof((uint32_t[]) { __VA_ARGS__ }) / sizeof(uint32_t) - (FIRST(__VA_ARGS__, 0) == 0 ? 1 : 0))
#define FUNCTION(o, n, s, k, v, f, r, ...) \
	{ .oid = (o), \
		.name = (n), \
		.sqlite_name = (s), \
		.kind = (k), \
		.volatility = (v), \
		.flags = (f), \
		.result = (r), \
		.narguments = COUNT(__VA_ARGS__), \
		.arguments = { __VA_ARGS__ } },
static const struct function_fact functions[] = {
#include "workers/sqlite/analyze/functions.def"
	{ .name = "" },
};
#undef FUNCTION
#define NFUNCTIONS (sizeof(functions) / sizeof(functions[0]) - 1)

#define OPERATOR(o, n, f, r, ...) \
	{ .oid = (o), \
		.name = (n), \
		.kind = 'o', \
		.result = (r), \
		.code = (f), \
		.narguments = COUNT(__VA_ARGS__), \
		.arguments = { __VA_ARGS__ } },
static const struct function_fact operators[] = {
#include "workers/sqlite/analyze/operators.def"
	{ .name = "" },
};
#undef OPERATOR

static const struct cast_fact casts[] = {
#define CAST(oid, from, to, function, context, method) { oid, from, to, function, context, method },
#include "workers/sqlite/analyze/casts.def"
#undef CAST
};
#define NCASTS (sizeof(casts) / sizeof(casts[0]))

const struct function_fact *
function_fact_by_index(size_t i)
{
	return i < NFUNCTIONS ? &functions[i] : NULL;
}

const struct function_fact *
function_fact_by_oid(uint32_t oid)
{
	for (size_t i = 0; i < NFUNCTIONS; i++)
		if (functions[i].oid == oid)
			return &functions[i];
	return NULL;
}

const struct function_fact *
function_fact_by_name(const char *name)
{
	for (size_t i = 0; i < NFUNCTIONS; i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}

const struct function_fact *
operator_fact_by_name(const char *name)
{
	for (const struct function_fact *fact = operators; fact->name[0] != '\0'; fact++)
		if (strcmp(fact->name, name) == 0)
			return fact;
	return NULL;
}

static bool
is_writer(const struct function_fact *fact)
{
	return (fact->flags & FACT_WRITES) != 0 && fact->sqlite_name != NULL;
}

/* Stands around the OID of a function of the file's own that may write. */
#define OWN_WRITER "bibd_own_writer"

bool
function_writes(const char *sqlite_name)
{
	if (strcmp(sqlite_name, OWN_WRITER) == 0)
		return true;
	for (size_t i = 0; i < NFUNCTIONS; i++)
		if (is_writer(&functions[i]) && strcmp(functions[i].sqlite_name, sqlite_name) == 0)
			return true;
	return false;
}

bool
function_writes_in(const char *definition)
{
	if (strstr(definition, OWN_WRITER) != NULL)
		return true;
	for (size_t i = 0; i < NFUNCTIONS; i++)
		if (is_writer(&functions[i]) && strstr(definition, functions[i].sqlite_name) != NULL)
			return true;
	return false;
}

const struct cast_fact *
cast_fact_by_index(size_t i)
{
	return i < NCASTS ? &casts[i] : NULL;
}

static char
listed_cast(uint32_t from, uint32_t to)
{
	size_t low = 0, high = NCASTS;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (casts[middle].from < from || (casts[middle].from == from && casts[middle].to < to))
			low = middle + 1;
		else
			high = middle;
	}
	return low < NCASTS && casts[low].from == from && casts[low].to == to ? casts[low].context : '\0';
}

static bool
is_string(uint32_t oid)
{
	return type_category(oid) == 'S';
}

char
cast_context(uint32_t from, uint32_t to)
{
	uint32_t from_element, to_element;
	char context = listed_cast(from, to);

	if (from == to || (from == TYPE_CITEXT && (to == TYPE_TEXT || to == TYPE_VARCHAR)))
		return 'i';
	if (context != '\0')
		return context;
	if (to == TYPE_RECORD && type_class(from) == TYPE_CLASS_COMPOSITE)
		return 'i';
	/* Arrays by their elements; but a vector is itself no array that another becomes. */
	if ((from_element = type_element(from)) != 0 && (to_element = type_element(to)) != 0 && to != TYPE_INT2VECTOR &&
	    to != TYPE_OIDVECTOR && (context = cast_context(from_element, to_element)) != '\0')
		return context;
	if (is_string(to))
		return 'a';
	return is_string(from) ? 'e' : '\0';
}
