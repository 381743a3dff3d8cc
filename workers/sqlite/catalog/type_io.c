/*
 * The functions by which PostgreSQL reads and writes values: a table of them, and their rows of pg_proc.
 */
#include "workers/sqlite/catalog/type_io.h"

#include <string.h>

#include "workers/sqlite/analyze/facts.h"

#define TYPE_IO(type, input, output, receive, send) { type, input, output, receive, send },
#define IO_FUNCTION(oid, name, volatility, strict, result, arguments)
static const struct type_io types[] = {
#include "workers/sqlite/catalog/type_io.def"
};
#undef TYPE_IO
#undef IO_FUNCTION

#define TYPE_IO(type, input, output, receive, send)
#define IO_FUNCTION(oid, name, volatility, strict, result, arguments) \
	{ oid, name, volatility, strict, result, arguments },
static const struct io_function {
	uint32_t oid;
	const char *name;
	char volatility;
	int strict;
	uint32_t result;
	const char *arguments;
} functions[] = {
#include "workers/sqlite/catalog/type_io.def"
};
#undef TYPE_IO
#undef IO_FUNCTION

#define NFUNCTIONS (sizeof(functions) / sizeof(functions[0]))

const struct type_io type_io_array = { 0, 750, 751, 2400, 2401 }, type_io_enum = { 0, 3506, 3507, 3532, 3533 },
		     type_io_domain = { 0, 2597, 0, 2598, 0 }, type_io_record = { 0, 2290, 2291, 2402, 2403 };

const struct type_io *
type_io_of(uint32_t type)
{
	static const struct type_io none = { 0 };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return &types[i];
	return &none;
}

const char *
type_io_name(uint32_t oid)
{
	for (size_t i = 0; i < NFUNCTIONS; i++)
		if (functions[i].oid == oid)
			return functions[i].name;
	return NULL;
}

uint32_t
type_io_find(const char *name)
{
	for (size_t i = 0; i < NFUNCTIONS; i++)
		if (strcmp(functions[i].name, name) == 0)
			return functions[i].oid;
	return 0;
}

static int64_t
count_arguments(const char *arguments)
{
	int64_t n = *arguments != '\0';

	for (; *arguments != '\0'; arguments++)
		n += *arguments == ' ';
	return n;
}

void
fill_type_io(struct fill *fill)
{
	static const char columns[] = "pg_catalog.pg_proc (oid, proname, prokind, provolatile, proisstrict, pronargs, "
				      "prorettype, proargtypes, prosrc)";

	for (size_t i = 0; i < NFUNCTIONS; i++) {
		const struct io_function *f = &functions[i];

		if (function_fact_by_oid(f->oid) == NULL)
			fill_row(fill, columns, "isssiiiss", (int64_t)f->oid, f->name, "f",
			    (char[]) { f->volatility, '\0' }, (int64_t)f->strict, count_arguments(f->arguments),
			    (int64_t)f->result, f->arguments, f->name);
	}
}
