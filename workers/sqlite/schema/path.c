/*
 * Finds the schemas of a search path, and relations by it.
 */
#include "workers/sqlite/schema/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"

/* The schemas that are always there, and the database of SQLite's in which each is. */
static const struct schema_place fixed[] = {
	{ "public", "public" },
	{ "pg_catalog", "pg_catalog" },
	{ "information_schema", "information_schema" },
	{ "temp", "pg_temp" },
	{ "public", "bibd" },
};

void
schema_path_forget(struct schema_path *path)
{
	path->known = false;
	path->n = 0;
	search_path_free(&path->read);
}

void
schema_path_free(struct schema_path *path)
{
	schema_path_forget(path);
	free(path->text);
	free(path->user);
	*path = (struct schema_path) { 0 };
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

void
schema_set_path(struct schema *schema, const char *text, const char *user)
{
	struct schema_path *path = schema_path_of(schema);

	if (same(path->text, text) && same(path->user, user))
		return;
	schema_path_free(path);
	path->text = text == NULL ? NULL : strdup(text);
	path->user = user == NULL ? NULL : strdup(user);
}

static const struct schema_place *
find_fixed(const char *name)
{
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (strcmp(fixed[i].schema, name) == 0)
			return &fixed[i];
	return NULL;
}

bool
schema_has_own(struct schema *schema, const char *name)
{
	int exists = namespace_exists(schema_database(schema), name);

	schema_note(schema, exists == -1 ? SQLITE_NOMEM : SQLITE_OK);
	return exists == 1;
}

bool
schema_has_namespace(struct schema *schema, const char *name)
{
	return find_fixed(name) != NULL || schema_has_own(schema, name);
}

/* bibd's own relations are found only where their schema is named: they have that schema's place in the path, as
 * public's relations have theirs. */
static void
find_places(struct schema *schema, struct schema_path *path)
{
	if (path->known)
		return;
	path->known = true;
	path->create = (struct schema_place) { NULL, NULL };
	if (search_path_read(&path->read, path->text == NULL ? SEARCH_PATH_DEFAULT : path->text, path->user) == -1 &&
	    search_path_read(&path->read, "", NULL) == -1) {
		schema_note(schema, SQLITE_NOMEM);
		return;
	}
	for (unsigned i = 0; i < path->read.n; i++) {
		const char *name = path->read.names[i];
		const struct schema_place *found = find_fixed(name);
		struct schema_place place = { "public", name };

		if (strcmp(name, "bibd") == 0 || (found == NULL && !schema_has_own(schema, name)))
			continue;
		if (found != NULL)
			place = *found;
		path->places[path->n++] = place;
		if (i >= path->read.implicit && path->create.schema == NULL)
			path->create = place;
	}
}

bool
schema_place_at(struct schema *schema, unsigned i, struct schema_place *place)
{
	struct schema_path *path = schema_path_of(schema);

	find_places(schema, path);
	if (i >= path->n)
		return false;
	*place = path->places[i];
	return true;
}

bool
schema_place_to_create(struct schema *schema, struct schema_place *place)
{
	struct schema_path *path = schema_path_of(schema);

	find_places(schema, path);
	*place = path->create;
	return place->schema != NULL;
}

const struct schema_table *
schema_resolve(struct schema *schema, const char *relation)
{
	const struct schema_table *found = NULL;
	struct schema_place place;

	for (unsigned i = 0; found == NULL && schema_place_at(schema, i, &place); i++) {
		char *stored =
		    strcmp(place.database, "public") == 0 ? namespace_stored(place.schema, relation) : strdup(relation);

		schema_note(schema, stored == NULL ? SQLITE_NOMEM : SQLITE_OK);
		found = stored == NULL ? NULL : schema_find_table(schema, place.database, stored);
		free(stored);
	}
	return found;
}
