/*
 * pg_get_function_arguments(), pg_get_function_result() and pg_get_functiondef(): of PostgreSQL's own functions, and of
 * those of the file.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/settings/settings.h"

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

/* The default that an argument has. False: it is not known. */
static bool
put_default(sqlite3_context *c, FILE *out, const struct schema_routine *routine, unsigned position)
{
	struct sql_context *session = function_session(c);
	struct describe_how how = { .db = sqlite3_context_db_handle(c),
		.internal = &session->internal,
		.path = session->internal || session->settings == NULL
		    ? NULL
		    : settings_values(session->settings)->search_path };
	const char *text = schema_routine_shown(routine, position);
	char *shown;

	if (routine->arguments[position - 1].fallback == NULL)
		return true;
	if (text == NULL || (shown = describe_resolve(&how, text)) == NULL)
		return false;
	fprintf(out, " DEFAULT %s", shown);
	free(shown);
	return true;
}

/* The columns of RETURNS TABLE, or the arguments. False: a default is not known. */
static bool
put_arguments(sqlite3_context *c, FILE *out, const struct schema_routine *routine, bool table, bool defaults)
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
		if (defaults && !put_default(c, out, routine, i + 1))
			return false;
	}
	return true;
}

/* "database.name", as SQLite keeps it. */
static void
put_relation(FILE *out, const char *relation)
{
	const char *dot = strchr(relation, '.'), *stored = dot == NULL ? relation : dot + 1;
	const char *separator = strchr(stored, NAMESPACE_SEPARATOR);
	char *schema = separator == NULL ? NULL : strndup(stored, (size_t)(separator - stored));

	if (schema != NULL) {
		describe_put_name(out, schema);
		fputc('.', out);
	}
	describe_put_name(out, namespace_relation(stored));
	free(schema);
}

static void
put_result(sqlite3_context *c, FILE *out, const struct schema_routine *routine)
{
	const char *relation = schema_routine_option(routine, SCHEMA_ROUTINE_ROW);
	bool table = false;

	for (unsigned i = 0; i < routine->narguments; i++)
		table |= routine->arguments[i].mode == 't';
	if (table) {
		fputs("TABLE(", out);
		(void)put_arguments(c, out, routine, true, false);
		fputc(')', out);
		return;
	}
	fputs(routine->set ? "SETOF " : "", out);
	if (relation == NULL)
		put_type(c, out, routine->result);
	else
		put_relation(out, relation);
}

/* ---- the whole definition ---- */

static bool
is_default_estimate(const struct schema_routine *routine, const char *name, const char *text)
{
	return strtod(text, NULL) == (strcmp(name, SCHEMA_ROUTINE_COST) == 0 ? 100.0 : routine->set ? 1000.0 : 0.0);
}

/* The settings as SET has them: lists without quotes around the whole are not told apart here. */
static void
put_settings(FILE *out, const struct schema_routine *routine)
{
	for (unsigned i = 0; i < routine->noptions; i++) {
		const char *value = routine->options[i].value, *equals = strchr(value, '=');

		if (strcmp(routine->options[i].name, SCHEMA_ROUTINE_SET) != 0 || equals == NULL)
			continue;
		fprintf(out, " SET %.*s TO '", (int)(equals - value), value);
		for (value = equals + 1; *value != '\0'; value++)
			fprintf(out, *value == '\'' ? "''" : "%c", *value);
		fputs("'\n", out);
	}
}

static void
put_attributes(FILE *out, const struct schema_routine *routine)
{
	const char *parallel = schema_routine_option(routine, SCHEMA_ROUTINE_PARALLEL);
	const char *cost = schema_routine_option(routine, SCHEMA_ROUTINE_COST);
	const char *rows = schema_routine_option(routine, SCHEMA_ROUTINE_ROWS);
	off_t before = ftello(out);

	fputs(routine->volatility == 'i' ? " IMMUTABLE" : routine->volatility == 's' ? " STABLE" : "", out);
	if (parallel != NULL && parallel[0] != 'u')
		fprintf(out, " PARALLEL %s", parallel[0] == 's' ? "SAFE" : "RESTRICTED");
	fputs(routine->strict ? " STRICT" : "", out);
	fputs(schema_routine_option(routine, SCHEMA_ROUTINE_DEFINER) != NULL ? " SECURITY DEFINER" : "", out);
	fputs(schema_routine_option(routine, SCHEMA_ROUTINE_LEAKPROOF) != NULL ? " LEAKPROOF" : "", out);
	if (cost != NULL && !is_default_estimate(routine, SCHEMA_ROUTINE_COST, cost))
		fprintf(out, " COST %s", cost);
	if (rows != NULL && !is_default_estimate(routine, SCHEMA_ROUTINE_ROWS, rows))
		fprintf(out, " ROWS %s", rows);
	if (ftello(out) != before)
		fputc('\n', out);
}

/* Quotes that the body does not have. */
static void
put_body(FILE *out, const struct schema_routine *routine)
{
	static const char padding[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	const char *word = routine->kind == 'p' ? "procedure" : "function";
	char quote[64];
	int n = 0;

	do
		(void)snprintf(quote, sizeof(quote), "$%s%.*s", word, n, padding);
	while (strstr(routine->body, quote) != NULL && ++n < (int)sizeof(padding));
	(void)snprintf(quote, sizeof(quote), "$%s%.*s$", word, n, padding);
	fprintf(out, "AS %s%s%s\n", quote, routine->body, quote);
}

static bool
put_definition(sqlite3_context *c, FILE *out, const struct schema_routine *routine)
{
	char schema[NAMESPACE_BYTES];

	namespace_of(routine->name, schema);
	fprintf(out, "CREATE OR REPLACE %s ", routine->kind == 'p' ? "PROCEDURE" : "FUNCTION");
	describe_put_name(out, schema);
	fputc('.', out);
	describe_put_name(out, namespace_relation(routine->name));
	fputc('(', out);
	if (!put_arguments(c, out, routine, false, true))
		return false;
	fputs(")\n", out);
	if (routine->kind != 'p') {
		fputs(" RETURNS ", out);
		put_result(c, out, routine);
		fputc('\n', out);
	}
	fprintf(out, " LANGUAGE %s\n", routine->language);
	put_attributes(out, routine);
	put_settings(out, routine);
	put_body(out, routine);
	return true;
}

/* ---- of a routine of the file's ---- */

enum part { PART_RESULT, PART_ARGUMENTS, PART_IDENTITY, PART_ALL };

static bool
put_part(sqlite3_context *c, FILE *out, const struct schema_routine *routine, enum part part)
{
	if (part == PART_ALL)
		return put_definition(c, out, routine);
	if (part != PART_RESULT)
		return put_arguments(c, out, routine, false, part == PART_ARGUMENTS);
	put_result(c, out, routine);
	return true;
}

/* Procedures have no result. */
static void
describe_own(sqlite3_context *c, sqlite3_value *oid, enum part part)
{
	struct schema_routine routine;
	char *text = NULL;
	size_t length;
	FILE *out;

	if (!load(c, oid, &routine))
		return;
	if (part == PART_RESULT && routine.kind == 'p')
		;
	else if ((out = open_memstream(&text, &length)) == NULL)
		sqlite3_result_error_nomem(c);
	else if (put_part(c, out, &routine, part))
		function_result_stream(c, out, &text, &length);
	else {
		(void)fclose(out);
		free(text);
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "the text of this default of a parameter of %s is not known on SQLite", routine.name);
	}
	schema_routine_clear(&routine);
}

void
catalog_function_definition(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (catalog_function_of(argv[0]) != NULL)
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "the definition of a function of the system's is not supported on SQLite");
	else
		describe_own(c, argv[0], PART_ALL);
}

void
catalog_function_identity(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	if (catalog_function_of(argv[0]) != NULL)
		catalog_function_arguments(c, argc, argv);
	else
		describe_own(c, argv[0], PART_IDENTITY);
}

void
catalog_function_result(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct function_fact *f = catalog_function_of(argv[0]);
	char *text;

	(void)argc;
	if (f == NULL) {
		describe_own(c, argv[0], PART_RESULT);
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
		describe_own(c, argv[0], PART_ARGUMENTS);
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
