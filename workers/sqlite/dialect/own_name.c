/*
 * Which of the file's own functions a name means, by the schema that it is written with or by the search path. They
 * bear stored names, as relations do (schema/names.h): one of public its own, and one of another schema both.
 */
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/routine.h"

static bool
has_routine(struct translator *t, const char *stored)
{
	unsigned n;
	struct schema_routine *all = schema_routines(schema_database(t->schema), stored, &n);

	schema_routines_free(all, n);
	return n > 0;
}

/* The first of the path that has one; others of the name would have to be looked at with it. */
static const char *
find_on_path(struct translator *t, const char *name)
{
	const char *found = NULL, *stored;
	struct schema_place place;

	for (unsigned i = 0; schema_place_at(t->schema, i, &place); i++) {
		if (strcmp(place.database, "public") != 0)
			continue;
		if ((stored = translate_stored_name(t, place.schema, name)) == NULL)
			return NULL;
		if ((found != NULL && strcmp(found, stored) == 0) || !has_routine(t, stored))
			continue;
		if (found != NULL) {
			(void)translate_refuse(t, -1, "functions of one name in several schemas of search_path");
			return NULL;
		}
		found = stored;
	}
	/* What is in no schema of the path is not seen. */
	return found != NULL || !has_routine(t, name) ? found == NULL ? name : found
						      : translator_format(t, NAMESPACE_SEPARATOR_TEXT "%s", name);
}

const char *
translate_own_name(struct translator *t, PgQuery__Node *const *names, size_t n)
{
	const char *schema = n > 1 ? translate_string(names[n - 2]) : NULL, *name = translate_last_string(names, n);

	if (name == NULL || (schema == NULL && (function_fact_by_name(name) != NULL || function_is_set(name))))
		return name;
	if (schema == NULL)
		return find_on_path(t, name);
	return strcmp(schema, "public") != 0 && schema_has_own(t->schema, schema)
	    ? translate_stored_name(t, schema, name)
	    : name;
}
