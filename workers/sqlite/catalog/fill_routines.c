/*
 * pg_proc's rows of the file's own functions and procedures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/schema/routine.h"

enum { OID_LANGUAGE_SQL = 14, OID_LANGUAGE_PLPGSQL = 13567 };

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
	    "isiissbbsiisssssiibbiis", (int64_t)routine->oid, routine->name, INT64_C(2200),
	    strcmp(routine->language, "sql") == 0 ? (int64_t)OID_LANGUAGE_SQL : (int64_t)OID_LANGUAGE_PLPGSQL,
	    (char[]) { routine->kind, '\0' }, (char[]) { routine->volatility, '\0' }, (int)routine->strict,
	    (int)routine->set, parallel == NULL ? "u" : parallel, (int64_t)routine->ninputs, (int64_t)routine->result,
	    texts.inputs, texts.types, texts.modes, texts.names, routine->body,
	    estimate(routine, SCHEMA_ROUTINE_COST, 100),
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

void
fill_routines(struct fill *fill)
{
	unsigned n;
	struct schema_routine *all = schema_routines(fill->db, NULL, &n);

	for (unsigned i = 0; i < n; i++)
		put_routine(fill, &all[i]);
	schema_routines_free(all, n);
}
