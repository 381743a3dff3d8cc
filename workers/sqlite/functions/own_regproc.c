/*
 * regproc and regprocedure of the file's own functions: found by a text, and shown as one.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/own_regproc.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"
#include "workers/sqlite/types/quote.h"

static bool
is_visible(sqlite3_context *c, const char *schema)
{
	struct search_path path;
	bool found = false;

	function_search_path(c, &path);
	for (unsigned i = 0; i < path.n; i++)
		found |= strcmp(path.names[i], schema) == 0;
	search_path_free(&path);
	return found;
}

static struct schema_routine *
all_routines(sqlite3_context *c, unsigned *n)
{
	struct sql_context *session = function_session(c);
	bool internal = session->internal;
	struct schema_routine *all;

	session->internal = true;
	all = schema_routines(sqlite3_context_db_handle(c), NULL, n);
	session->internal = internal;
	return all;
}

/* ---- by a text ---- */

/* The i-th type of a list; malloc'ed, NULL: there is none. */
static char *
type_at(const char *list, unsigned i)
{
	unsigned depth = 0;
	const char *from = list, *p = list;

	if (list[strspn(list, " ")] == '\0')
		return NULL;
	for (;; p++) {
		if (*p == '\0' || (*p == ',' && depth == 0)) {
			if (i-- == 0) {
				from += strspn(from, " ");
				while (p > from && p[-1] == ' ')
					p--;
				return strndup(from, (size_t)(p - from));
			}
			if (*p == '\0')
				return NULL;
			from = p + 1;
		}
		depth += *p == '(' ? 1 : 0;
		depth -= *p == ')' && depth > 0 ? 1 : 0;
	}
}

static uint32_t
type_of(sqlite3_context *c, char *text)
{
	size_t length = strlen(text);
	bool array = length > 2 && strcmp(text + length - 2, "[]") == 0;
	uint32_t oid;

	if (array)
		text[length - 2] = '\0';
	oid = catalog_type_of_text(c, text);
	return array && oid != 0 ? type_array_of(oid) : oid;
}

/* Whether the types of the list are those of the function's inputs. */
static bool
takes_types(sqlite3_context *c, const struct schema_routine *routine, const char *list)
{
	unsigned given = 0;
	bool same = true;
	char *text;

	for (unsigned i = 0; same && i < routine->narguments; i++) {
		if (!schema_argument_is_in(&routine->arguments[i]))
			continue;
		if ((text = type_at(list, given++)) == NULL)
			return false;
		same = type_of(c, text) == routine->arguments[i].oid;
		free(text);
	}
	text = type_at(list, given);
	free(text);
	return same && text == NULL;
}

unsigned
own_regproc_find(sqlite3_context *c, const char *text, const char *types, int64_t *oid)
{
	char *schema, *name = catalog_parse_qualified(text, &schema), own[NAMESPACE_BYTES];
	struct schema_routine *all;
	unsigned n = 0, found = 0;

	if (name == NULL)
		return 0;
	if (schema != NULL && strcmp(schema, "pg_catalog") != 0 && strcmp(schema, "public") != 0 &&
	    namespace_exists(sqlite3_context_db_handle(c), schema) == 0)
		function_fail(c, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", schema);
	all = all_routines(c, &n);
	for (unsigned i = 0; i < n; i++) {
		namespace_of(all[i].name, own);
		if (strcmp(namespace_relation(all[i].name), name) != 0 ||
		    (schema == NULL ? !is_visible(c, own) : strcmp(own, schema) != 0) ||
		    (types != NULL && !takes_types(c, &all[i], types)))
			continue;
		*oid = all[i].oid;
		found++;
	}
	schema_routines_free(all, n);
	free(schema);
	free(name);
	return found;
}

/* ---- as a text ---- */

static void
put_types(sqlite3_context *c, FILE *out, const struct schema_routine *routine)
{
	unsigned n = 0;

	fputc('(', out);
	for (unsigned i = 0; i < routine->narguments; i++) {
		char *type;

		if (!schema_argument_is_in(&routine->arguments[i]))
			continue;
		type = user_type_format(c, routine->arguments[i].oid, TYPE_WITHOUT_TYPMOD);
		fprintf(out, "%s%s", n++ > 0 ? "," : "", type == NULL ? "-" : type);
		free(type);
	}
	fputc(')', out);
}

/* regproc shows a name alone where that means no other function. */
static bool
is_alone(const struct schema_routine *all, unsigned n, const char *name)
{
	unsigned found = function_fact_by_name(namespace_relation(name)) != NULL;

	for (unsigned i = 0; i < n; i++)
		found += strcmp(namespace_relation(all[i].name), namespace_relation(name)) == 0;
	return found == 1;
}

char *
own_regproc_show(sqlite3_context *c, int64_t oid, bool types)
{
	struct schema_routine *all;
	char *text = NULL, schema[NAMESPACE_BYTES];
	size_t length;
	unsigned n = 0;
	FILE *out;

	all = all_routines(c, &n);
	for (unsigned i = 0; text == NULL && i < n; i++) {
		if (all[i].oid != oid || (out = open_memstream(&text, &length)) == NULL)
			continue;
		namespace_of(all[i].name, schema);
		if (!is_visible(c, schema) || (!types && !is_alone(all, n, all[i].name))) {
			quote_put_identifier(out, schema);
			fputc('.', out);
		}
		quote_put_identifier(out, namespace_relation(all[i].name));
		if (types)
			put_types(c, out, &all[i]);
		if (fclose(out) != 0)
			text = NULL;
	}
	schema_routines_free(all, n);
	return text;
}
