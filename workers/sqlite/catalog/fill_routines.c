/*
 * pg_proc's rows of the file's own functions and procedures, and those of information_schema.routines, which has no
 * others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/extension.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"

enum { OID_LANGUAGE_C = 13, OID_LANGUAGE_SQL = 14, OID_LANGUAGE_PLPGSQL = 13567 };

/* What pg_proc has of the arguments: texts of an oidvector and of three arrays. */
struct routine_texts {
	char *inputs, *types, *modes, *names;
};

/* An element of an array: in quotes where it needs them. */
static void
put_element(FILE *out, const char *name)
{
	if (name[0] != '\0' && strpbrk(name, "{}\",\\ \t\n\r\v\f") == NULL && strcasecmp(name, "null") != 0) {
		(void)fputs(name, out);
		return;
	}
	(void)fputc('"', out);
	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			(void)fputc('\\', out);
		(void)fputc(*name, out);
	}
	(void)fputc('"', out);
}

static char *
join(const struct schema_routine *routine, char what)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	bool first = true;

	if (out == NULL)
		return NULL;
	for (unsigned i = 0; i < routine->narguments; i++) {
		const struct schema_argument *argument = &routine->arguments[i];

		if (what == 'v' && !schema_argument_is_in(argument))
			continue;
		(void)fputs(first ? (what == 'v' ? "" : "{") : (what == 'v' ? " " : ","), out);
		first = false;
		if (what == 'n')
			put_element(out, argument->name);
		else if (what == 'm')
			(void)fputc(argument->mode, out);
		else
			(void)fprintf(out, "%u", argument->oid);
	}
	if (what != 'v')
		(void)fputs(first ? "{}" : "}", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static bool
has_names(const struct schema_routine *routine)
{
	for (unsigned i = 0; i < routine->narguments; i++)
		if (routine->arguments[i].name[0] != '\0')
			return true;
	return false;
}

/* Its settings as an array's text; NULL: it has none. */
static char *
join_settings(const struct schema_routine *routine)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = NULL;

	for (unsigned i = 0; i < routine->noptions; i++) {
		if (strcmp(routine->options[i].name, SCHEMA_ROUTINE_SET) != 0)
			continue;
		if (out == NULL && (out = open_memstream(&text, &length)) == NULL)
			return NULL;
		(void)fputc(length == 0 && ftell(out) == 0 ? '{' : ',', out);
		put_element(out, routine->options[i].value);
	}
	if (out == NULL)
		return NULL;
	(void)fputc('}', out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static int64_t
estimate(const struct schema_routine *routine, const char *name, int64_t fallback)
{
	const char *text = schema_routine_option(routine, name);

	return text == NULL ? fallback : (int64_t)strtod(text, NULL);
}

static int64_t
count_defaults(const struct schema_routine *routine)
{
	int64_t n = 0;

	for (unsigned i = 0; i < routine->narguments; i++)
		n += routine->arguments[i].fallback != NULL;
	return n;
}

/* The element's type of a VARIADIC parameter. */
static int64_t
variadic_of(const struct schema_routine *routine)
{
	for (unsigned i = 0; i < routine->narguments; i++)
		if (routine->arguments[i].mode == 'v') {
			uint32_t oid = routine->arguments[i].oid;

			return oid == TYPE_ANYARRAY	     ? TYPE_ANYELEMENT
			    : oid == TYPE_ANYCOMPATIBLEARRAY ? TYPE_ANYCOMPATIBLE
							     : (int64_t)type_element(oid);
		}
	return 0;
}

static int64_t
language_of(const struct schema_routine *routine)
{
	return strcmp(routine->language, "sql") == 0		    ? OID_LANGUAGE_SQL
	    : strcmp(routine->language, SCHEMA_ROUTINE_NATIVE) == 0 ? OID_LANGUAGE_C
								    : OID_LANGUAGE_PLPGSQL;
}

/* Who dumps a database leaves out what comes with an extension. */
static void
put_member(struct fill *fill, const struct schema_routine *routine)
{
	const char *extension = schema_routine_option(routine, SCHEMA_ROUTINE_EXTENSION);

	if (extension != NULL)
		fill_row(fill, "pg_catalog.pg_depend (classid, objid, refclassid, refobjid, deptype)", "iiiis",
		    INT64_C(1255), (int64_t)routine->oid, INT64_C(3079),
		    (int64_t)catalog_object_oid("extension", extension), "e");
}

static void
put_extension(void *fill, const char *name, const char *version)
{
	fill_row(fill, "pg_catalog.pg_extension (oid, extname, extnamespace, extrelocatable, extversion)", "isibs",
	    (int64_t)catalog_object_oid("extension", name), name, INT64_C(2200), 1, version);
}

static int64_t
namespace_oid(struct fill *fill, const struct schema_routine *routine)
{
	char schema[NAMESPACE_BYTES];

	namespace_of(routine->name, schema);
	return catalog_namespace_oid(fill->db, schema);
}

static void
put_routine(struct fill *fill, const struct schema_routine *routine)
{
	bool outs = routine->ninputs < routine->narguments;
	struct routine_texts texts = { .inputs = join(routine, 'v') };
	const char *parallel = schema_routine_option(routine, SCHEMA_ROUTINE_PARALLEL);
	char *settings = join_settings(routine);

	for (unsigned i = 0; i < routine->narguments; i++)
		outs |= routine->arguments[i].mode != 'i';
	texts.types = outs ? join(routine, 't') : NULL;
	texts.modes = outs ? join(routine, 'm') : NULL;
	texts.names = has_names(routine) ? join(routine, 'n') : NULL;
	fill_row(fill,
	    "pg_catalog.pg_proc (oid, proname, pronamespace, prolang, prokind, provolatile, proisstrict, proretset, "
	    "proparallel, pronargs, prorettype, proargtypes, proallargtypes, proargmodes, proargnames, prosrc, "
	    "procost, prorows, prosecdef, proleakproof, pronargdefaults, provariadic, proconfig)",
	    "isiissbbsiisssssiibbiis", (int64_t)routine->oid, namespace_relation(routine->name),
	    namespace_oid(fill, routine), language_of(routine), (char[]) { routine->kind, '\0' },
	    (char[]) { routine->volatility, '\0' }, (int)routine->strict, (int)routine->set,
	    parallel == NULL ? "u" : parallel, (int64_t)routine->ninputs, (int64_t)routine->result, texts.inputs,
	    texts.types, texts.modes, texts.names, routine->body, estimate(routine, SCHEMA_ROUTINE_COST, 100),
	    estimate(routine, SCHEMA_ROUTINE_ROWS, routine->set ? 1000 : 0),
	    (int)(schema_routine_option(routine, SCHEMA_ROUTINE_DEFINER) != NULL),
	    (int)(schema_routine_option(routine, SCHEMA_ROUTINE_LEAKPROOF) != NULL), count_defaults(routine),
	    variadic_of(routine), settings);
	free(settings);
	free(texts.inputs);
	free(texts.types);
	free(texts.modes);
	free(texts.names);
}

/* A type as information_schema has it, malloc'ed; NULL: memory is out. */
static char *
described_type(uint32_t oid)
{
	if (type_is_array(oid))
		return strdup("ARRAY");
	return type_is_user(oid) ? strdup("USER-DEFINED") : type_format(oid, TYPE_WITHOUT_TYPMOD);
}

/* Of information_schema.parameters; what they have for a type's name is its OID until all are there. */
static void
put_parameters(struct fill *fill, const struct schema_routine *routine, const char *schema, const char *specific)
{
	for (unsigned i = 0; i < routine->narguments; i++) {
		const struct schema_argument *argument = &routine->arguments[i];
		char *type = described_type(argument->oid);

		fill_row(fill,
		    "information_schema.parameters (specific_catalog, specific_schema, specific_name, "
		    "ordinal_position, parameter_mode, parameter_name, data_type, udt_catalog, udt_name, "
		    "dtd_identifier, parameter_default)",
		    "sssissssiis", "bibd", schema, specific, (int64_t)i + 1,
		    argument->mode == 'b'		  ? "INOUT"
			: schema_argument_is_in(argument) ? "IN"
							  : "OUT",
		    argument->name[0] == '\0' ? NULL : argument->name, type, "bibd", (int64_t)argument->oid,
		    (int64_t)i + 1, schema_routine_shown(routine, i + 1));
		free(type);
	}
}

/* Of information_schema.routines; the other columns are the same for all. */
static void
put_described(struct fill *fill, const struct schema_routine *routine)
{
	const char *name = namespace_relation(routine->name);
	char schema[NAMESPACE_BYTES], *specific = NULL;
	char *type = routine->kind == 'p' ? NULL : described_type(routine->result);
	bool sql = strcmp(routine->language, "sql") == 0;

	namespace_of(routine->name, schema);
	if (asprintf(&specific, "%s_%u", name, routine->oid) >= 0) {
		put_parameters(fill, routine, schema, specific);
		fill_row(fill,
		    "information_schema.routines (specific_catalog, specific_schema, specific_name, routine_catalog, "
		    "routine_schema, routine_name, routine_type, data_type, routine_body, routine_definition, "
		    "external_language, is_deterministic, is_null_call, security_type)",
		    "ssssssssssssss", "bibd", schema, specific, "bibd", schema, name,
		    routine->kind == 'p' ? "PROCEDURE" : "FUNCTION", type, sql ? "SQL" : "EXTERNAL", routine->body,
		    language_of(routine) == OID_LANGUAGE_C ? "C"
			: sql				   ? "SQL"
							   : "PLPGSQL",
		    routine->volatility == 'i' ? "YES" : "NO",
		    routine->kind == 'p'  ? NULL
			: routine->strict ? "YES"
					  : "NO",
		    schema_routine_option(routine, SCHEMA_ROUTINE_DEFINER) != NULL ? "DEFINER" : "INVOKER");
	}
	free(specific);
	free(type);
}

void
fill_routines(struct fill *fill)
{
	unsigned n;
	struct schema_routine *all = schema_routines(fill->db, NULL, &n);

	for (unsigned i = 0; i < n; i++) {
		put_routine(fill, &all[i]);
		put_member(fill, &all[i]);
		put_described(fill, &all[i]);
	}
	schema_routines_free(all, n);
	fill_run(fill,
	    "UPDATE information_schema.parameters SET (udt_schema, udt_name) = (SELECT n.nspname, t.typname FROM "
	    "pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = "
	    "CAST(udt_name AS INTEGER)), parameter_default = bibd_get_expr(parameter_default)");
	schema_extensions_each(fill->db, put_extension, fill);
	fill_run(fill,
	    "UPDATE pg_catalog.pg_available_extensions SET installed_version = (SELECT extversion FROM "
	    "pg_catalog.pg_extension WHERE extname = name);");
}
