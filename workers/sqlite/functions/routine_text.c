/*
 * pg_get_function_arguments() and pg_get_function_result(): of PostgreSQL's own functions, and of those of the file.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/schema/routine.h"

static bool
load(sqlite3_context *c, sqlite3_value *oid, struct schema_routine *routine)
{
	struct sql_context *session = function_session(c);
	bool internal = session->internal, found;

	session->internal = true;
	found = schema_routine_load(sqlite3_context_db_handle(c), (uint32_t)sqlite3_value_int64(oid), routine);
	session->internal = internal;
	return found;
}

static void
put_type(sqlite3_context *c, FILE *out, uint32_t oid)
{
	char *type = user_type_format(c, oid, TYPE_WITHOUT_TYPMOD);

	fputs(type == NULL ? "" : type, out);
	free(type);
}

/* A procedure's say of each what it is, so that one can be told from another. */
static const char *
word_of(const struct schema_routine *routine, char mode)
{
	switch (mode) {
	case 'o':
		return "OUT ";
	case 'b':
		return "INOUT ";
	case 'v':
		return "VARIADIC ";
	default:
		return routine->kind == 'p' ? "IN " : "";
	}
}

/* The columns of RETURNS TABLE, or the arguments. */
static void
put_arguments(sqlite3_context *c, FILE *out, const struct schema_routine *routine, bool table)
{
	unsigned written = 0;

	for (unsigned i = 0; i < routine->narguments; i++) {
		const struct schema_argument *argument = &routine->arguments[i];

		if ((argument->mode == 't') != table)
			continue;
		fputs(written++ > 0 ? ", " : "", out);
		fputs(table ? "" : word_of(routine, argument->mode), out);
		if (argument->name[0] != '\0') {
			describe_put_name(out, argument->name);
			fputc(' ', out);
		}
		put_type(c, out, argument->oid);
	}
}

static void
put_result(sqlite3_context *c, FILE *out, const struct schema_routine *routine)
{
	bool table = false;

	for (unsigned i = 0; i < routine->narguments; i++)
		table |= routine->arguments[i].mode == 't';
	if (table) {
		fputs("TABLE(", out);
		put_arguments(c, out, routine, true);
		fputc(')', out);
		return;
	}
	fputs(routine->set ? "SETOF " : "", out);
	put_type(c, out, routine->result);
}

/* Of a routine of the file's; procedures have no result. False: there is none with that OID. */
static bool
describe_own(sqlite3_context *c, sqlite3_value *oid, bool result)
{
	struct schema_routine routine;
	char *text = NULL;
	size_t length;
	FILE *out;

	if (!load(c, oid, &routine))
		return false;
	if (result && routine.kind == 'p') {
		schema_routine_clear(&routine);
		return true;
	}
	if ((out = open_memstream(&text, &length)) == NULL) {
		sqlite3_result_error_nomem(c);
	} else {
		if (result)
			put_result(c, out, &routine);
		else
			put_arguments(c, out, &routine, false);
		function_result_stream(c, out, &text, &length);
	}
	schema_routine_clear(&routine);
	return true;
}

void
catalog_function_result(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct function_fact *f = catalog_function_of(argv[0]);
	char *text;

	(void)argc;
	if (f == NULL) {
		(void)describe_own(c, argv[0], true);
		return;
	}
	if ((text = type_format(f->result, TYPE_WITHOUT_TYPMOD)) == NULL)
		return;
	function_result_string(c, text);
	free(text);
}

void
catalog_function_arguments(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct function_fact *f = catalog_function_of(argv[0]);
	char *text = NULL;
	size_t length;
	FILE *out;

	(void)argc;
	if (f == NULL) {
		(void)describe_own(c, argv[0], false);
		return;
	}
	if ((out = open_memstream(&text, &length)) == NULL)
		return;
	for (unsigned i = 0; i < f->narguments; i++) {
		bool many = (f->flags & FACT_VARIADIC) != 0 && i + 1 == f->narguments;
		char *type = type_format(f->arguments[i], TYPE_WITHOUT_TYPMOD);

		fprintf(out, "%s%s%s", i > 0 ? ", " : "", many ? "VARIADIC " : "", type == NULL ? "" : type);
		free(type);
	}
	function_result_stream(c, out, &text, &length);
}
