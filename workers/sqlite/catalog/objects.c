/*
 * Reads names as PostgreSQL writes them, and finds the relation, the sequence or the OID that one means.
 */
#include "workers/sqlite/catalog/objects.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/catalog/directory.h"
#include "workers/sqlite/schema/catalog_tables.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/schema/type.h"
#include "workers/sqlite/schema/names.h"

/* FNV-1a over "schema.name". */
uint32_t
catalog_object_oid(const char *schema, const char *name)
{
	return namespace_number(schema, name);
}

#define BLANKS " \t\n\r\f\v"

/* One part of a name; *text is then behind it and the blanks that follow. malloc'ed; NULL: that is no name. */
static char *
take_part(const char **text)
{
	const char *at = *text + strspn(*text, BLANKS);
	bool quoted = *at == '"', open = quoted;
	char *name = malloc(strlen(at) + 1), *put = name;

	for (at += quoted ? 1 : 0; name != NULL && *at != '\0'; at++) {
		if (quoted && *at == '"' && *++at != '"') {
			open = false;
			break;
		}
		if (!quoted && strchr("." BLANKS, *at) != NULL)
			break;
		*put++ = (char)(!quoted && *at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	}
	if (name == NULL || put == name || open) {
		free(name);
		return NULL;
	}
	*put = '\0';
	*text = at + strspn(at, BLANKS);
	return name;
}

char *
catalog_parse_qualified(const char *text, char **schema)
{
	char *name;

	*schema = NULL;
	if (text == NULL)
		return NULL;
	name = take_part(&text);
	while (name != NULL && *text == '.') {
		text++;
		free(*schema);
		*schema = name;
		name = take_part(&text);
	}
	if (name != NULL && *text == '\0')
		return name;
	free(name);
	free(*schema);
	*schema = NULL;
	return NULL;
}

char *
catalog_parse_name(const char *text)
{
	char *schema, *name = catalog_parse_qualified(text, &schema);

	free(schema);
	return name;
}

int
catalog_load_definition(sqlite3 *db, const char *schema, const char *table, struct definition *d)
{
	struct schema_object object;
	int result = -1;

	if (schema_seek_object(db, schema, table, &object) != 1)
		return -1;
	if ((object.type == 't' || object.type == 'm') && object.sql != NULL)
		result = definition_parse(object.sql, d);
	else if (object.type == 'P')
		result = catalog_partition_definition(db, schema, &object, d);
	if (result == 0)
		d->temporary = strcmp(schema, "temp") == 0;
	schema_object_free(&object);
	return result;
}

uint32_t
catalog_row_type_oid(uint32_t type)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%u", (unsigned)type);
	return catalog_object_oid("row type", number);
}

/* schema.name, quoted where it must be. */
static char *
qualify(const char *database, const char *stored)
{
	char schema[NAMESPACE_BYTES];
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	namespace_of(stored, schema);
	describe_put_name(out, strcmp(database, "temp") == 0 ? "pg_temp" : schema);
	fputc('.', out);
	describe_put_name(out, namespace_relation(stored));
	return fclose(out) == 0 ? text : NULL;
}

/* The one that SQLite numbers the column by, in a table that an older bibd made. */
static char *
numbered_sequence(sqlite3 *db, const char *schema, const char *table, const char *column)
{
	char *name = NULL, *stored, *text;
	struct definition d;

	if (catalog_load_definition(db, schema, table, &d) == -1)
		return NULL;
	for (unsigned i = 0; name == NULL && i < d.ncolumns; i++)
		if (d.columns[i].identity != DEFINITION_PLAIN && d.columns[i].default_sql == NULL &&
		    strcmp(column, d.columns[i].name) == 0)
			name = definition_object_name(table, column, "seq");
	definition_free(&d);
	stored = name == NULL ? NULL : namespace_beside(table, name);
	text = stored == NULL ? NULL : qualify(schema, stored);
	free(stored);
	free(name);
	return text;
}

char *
catalog_sequence_of(sqlite3 *db, const char *schema, const char *table, const char *column)
{
	struct schema_objects objects;
	char *text = NULL;

	if (schema_list_objects(db, schema, NULL, &objects) == -1)
		return NULL;
	for (unsigned i = 0; text == NULL && i < objects.count; i++) {
		struct schema_sequence s;

		if (objects.items[i].type != 'S' || schema_sequence_parse(objects.items[i].sql, &s) == -1)
			continue;
		if (s.owner_table != NULL && s.owner_column != NULL && strcmp(s.owner_table, table) == 0 &&
		    strcmp(s.owner_column, column) == 0)
			text = qualify(schema, objects.items[i].name);
		schema_sequence_free(&s);
	}
	schema_objects_free(&objects);
	return text != NULL ? text : numbered_sequence(db, schema, table, column);
}

/* Where in the order of the path a schema comes; UINT_MAX: it is not in it. */
static unsigned
rank_of(const struct search_path *path, const char *schema)
{
	static const char *const usual[] = { "pg_temp", "pg_catalog", "public" };
	const char *const *names = path == NULL ? usual : path->names;
	unsigned n = path == NULL ? sizeof(usual) / sizeof(usual[0]) : path->n;

	if (strcmp(schema, "temp") == 0)
		schema = "pg_temp";
	for (unsigned i = 0; i < n; i++)
		if (strcmp(names[i], schema) == 0)
			return i;
	return UINT_MAX;
}

/* What is looked for, and how good the best is that was found. */
struct matching {
	struct catalog_found *found;
	unsigned rank;
};

static void
keep(struct catalog_found *found, const struct catalog_relation *relation)
{
	catalog_found_free(found);
	found->oid = relation->oid;
	found->kind = relation->kind;
	found->found_name = strdup(relation->name);
	found->found_schema = strdup(relation->schema);
	found->found_table = strdup(relation->table);
	found->found_stored = strdup(relation->stored);
}

/* The first that fits ends the search, but for a name that a schema earlier in the path may have too. */
static bool
match(void *arg, const struct catalog_relation *relation)
{
	struct matching *m = arg;
	const struct catalog_found *found = m->found;
	unsigned rank = 0;

	if (found->name == NULL ? relation->oid != found->oid : strcmp(relation->name, found->name) != 0)
		return false;
	if (found->name != NULL && found->schema == NULL)
		rank = rank_of(found->path, relation->schema);
	else if (found->name != NULL &&
	    strcmp(relation->schema, strcmp(found->schema, "pg_temp") == 0 ? "temp" : found->schema) != 0)
		return false;
	if (rank >= m->rank)
		return false;
	m->rank = rank;
	keep(m->found, relation);
	return rank == 0;
}

void
catalog_found_free(struct catalog_found *found)
{
	free(found->found_name);
	free(found->found_schema);
	free(found->found_table);
	free(found->found_stored);
	found->found_name = found->found_schema = found->found_table = found->found_stored = NULL;
}

static bool
is_found(struct catalog_found *found)
{
	if (found->found_name != NULL && found->found_schema != NULL && found->found_table != NULL &&
	    found->found_stored != NULL)
		return true;
	catalog_found_free(found);
	return false;
}

bool
catalog_find_relation(sqlite3 *db, struct catalog_found *found)
{
	struct matching m = { found, UINT_MAX };

	(void)catalog_each_relation(db, match, &m);
	return is_found(found);
}

bool
catalog_find_listed(sqlite3 *db, bool *internal, struct catalog_found *found)
{
	struct matching m = { found, UINT_MAX };

	if (directory_each(db, internal, found->name, found->oid, match, &m) == 0)
		return is_found(found);
	return catalog_find_relation(db, found);
}

bool
catalog_is_visible_by(sqlite3 *db, const struct search_path *path, const struct catalog_found *found)
{
	struct catalog_found first = { .name = found->found_name, .path = path };
	bool same = rank_of(path, found->found_schema) != UINT_MAX && catalog_find_relation(db, &first) &&
	    first.oid == found->oid;

	catalog_found_free(&first);
	return same;
}

/* ---- schemas ---- */

static const struct {
	uint32_t oid;
	const char *name;
} namespaces[] = {
	{ OID_PG_CATALOG, "pg_catalog" },
	{ OID_PUBLIC, "public" },
	{ OID_INFORMATION_SCHEMA, "information_schema" },
	{ OID_BIBD, "bibd" },
	{ OID_TEMP_SCHEMA, "pg_temp" },
};

bool
catalog_each_namespace(sqlite3 *db, bool (*each)(void *arg, uint32_t oid, const char *schema), void *arg)
{
	static const char sql[] = "SELECT substr(name, 1, length(name) - 1) FROM public.sqlite_schema WHERE "
				  "substr(name, -1) = '" NAMESPACE_SEPARATOR_TEXT "' ORDER BY rowid";
	sqlite3_stmt *stmt = NULL;
	bool done = false;

	for (size_t i = 0; !done && i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
		done = each(arg, namespaces[i].oid, namespaces[i].name);
	if (!done && sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK)
		while (!done && sqlite3_step(stmt) == SQLITE_ROW) {
			const char *name = (const char *)sqlite3_column_text(stmt, 0);

			done = name != NULL && each(arg, catalog_object_oid("namespace", name), name);
		}
	sqlite3_finalize(stmt);
	return done;
}

struct namespace_search {
	const char *name;
	uint32_t oid;
};

static bool
match_namespace(void *arg, uint32_t oid, const char *schema)
{
	struct namespace_search *search = arg;

	if (strcmp(schema, search->name) != 0)
		return false;
	search->oid = oid;
	return true;
}

uint32_t
catalog_namespace_oid(sqlite3 *db, const char *schema)
{
	struct namespace_search search = { .name = schema };

	(void)catalog_each_namespace(db, match_namespace, &search);
	return search.oid;
}

const char *
catalog_role_name(int64_t oid)
{
	for (int role = 0; role < ROLES; role++)
		if (OID_OF_ROLE(role) == oid)
			return role_names[role];
	return oid == OID_DATABASE_OWNER ? "pg_database_owner" : NULL;
}
