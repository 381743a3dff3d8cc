/*
 * Reads names as PostgreSQL writes them, and finds the relation, the sequence or the OID that one means.
 */
#include "workers/sqlite/catalog/objects.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/schema/catalog_tables.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/schema/type.h"

#define OWN_PREFIX "bibd_"
#define FIRST_OID 16384

/* FNV-1a over "schema.name". */
uint32_t
catalog_object_oid(const char *schema, const char *name)
{
	const char *parts[] = { schema, ".", name };
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < 3; i++) {
		for (const char *p = parts[i]; *p != '\0'; p++)
			hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
	}
	return FIRST_OID + (uint32_t)(hash % (INT32_MAX - FIRST_OID));
}

static char *
fold(char *name, bool quoted)
{
	for (char *p = name; p != NULL && !quoted && *p != '\0'; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	return name;
}

char *
catalog_parse_qualified(const char *text, char **schema)
{
	struct definition_lexer lexer;
	char *name = NULL;

	*schema = NULL;
	if (text == NULL)
		return NULL;
	definition_lex_begin(&lexer, text);
	do {
		bool quoted = lexer.kind == DEFINITION_QUOTED;

		free(*schema);
		*schema = name;
		name = fold(definition_lex_name(&lexer), quoted);
	} while (name != NULL && definition_lex_take(&lexer, "."));
	return name;
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

	if (!schema_find_object(db, schema, table, &object))
		return -1;
	if (object.type == 't' && object.sql != NULL)
		result = definition_parse(object.sql, d);
	if (result == 0)
		d->temporary = strcmp(schema, "temp") == 0;
	schema_object_free(&object);
	return result;
}

/* What each_relation is doing. */
struct walk {
	bool (*each)(void *arg, const struct catalog_relation *relation);
	void *arg;
	const char *schema; /* SQLite's */
};

static bool
visit(const struct walk *walk, const char *name, const char *table, char kind)
{
	if (strncmp(name, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) == 0)
		return false; /* a type */
	bool own = strncmp(table, OWN_PREFIX, strlen(OWN_PREFIX)) == 0;
	struct catalog_relation relation = {
		.schema = own ? "bibd" : walk->schema,
		.name = own && strcmp(name, table) == 0 ? name + strlen(OWN_PREFIX) : name,
		.table = table,
		.kind = kind,
		.oid = catalog_object_oid(walk->schema, name),
	};

	return walk->each(walk->arg, &relation);
}

/* A table, and what its definition makes: a key's index, a column's sequence. */
static bool
visit_table(const struct walk *walk, const struct schema_object *object)
{
	struct definition d;
	bool done = visit(walk, object->name, object->name, 'r');

	if (done || object->sql == NULL || definition_parse(object->sql, &d) == -1)
		return done;
	for (unsigned i = 0; !done && i < d.nconstraints; i++) {
		const struct definition_constraint *c = &d.constraints[i];

		if ((c->kind == DEFINITION_PRIMARY_KEY || c->kind == DEFINITION_UNIQUE) && c->name != NULL)
			done = visit(walk, c->name, object->name, 'i');
	}
	for (unsigned i = 0; !done && i < d.ncolumns; i++) {
		/* One that is no object: SQLite numbers the rows. */
		char *name = d.columns[i].identity == DEFINITION_PLAIN || d.columns[i].default_sql != NULL
		    ? NULL
		    : definition_object_name(object->name, d.columns[i].name, "seq");

		done = name != NULL && visit(walk, name, object->name, 'S');
		free(name);
	}
	definition_free(&d);
	return done;
}

static bool
visit_schema(sqlite3 *db, const struct walk *walk)
{
	struct schema_objects objects;
	bool done = false;

	if (schema_list_objects(db, walk->schema, NULL, &objects) == -1)
		return false;
	for (unsigned i = 0; !done && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];

		if (object->type == 't')
			done = visit_table(walk, object);
		else if (object->type != 'r')
			done = visit(walk, object->name, object->table, object->type);
	}
	schema_objects_free(&objects);
	return done;
}

static bool
visit_catalog(const struct walk *walk)
{
	const struct catalog_table *table;

	for (size_t i = 0; (table = catalog_table_by_index(i)) != NULL; i++) {
		struct catalog_relation relation = { .schema = table->schema,
			.name = table->name,
			.table = table->name,
			.kind = table->kind,
			.oid = table->oid };

		if (walk->each(walk->arg, &relation))
			return true;
	}
	return false;
}

bool
catalog_each_relation(sqlite3 *db, bool (*each)(void *arg, const struct catalog_relation *relation), void *arg)
{
	struct walk public = { each, arg, "public" }, temporary = { each, arg, "temp" };

	return visit_schema(db, &temporary) || visit_schema(db, &public) || visit_catalog(&public);
}

/* schema.name, quoted where it must be. */
static char *
qualify(const char *schema, const char *name)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	describe_put_name(out, strcmp(schema, "temp") == 0 ? "pg_temp" : schema);
	fputc('.', out);
	describe_put_name(out, name);
	return fclose(out) == 0 ? text : NULL;
}

/* The one that SQLite numbers the column by, in a table that an older bibd made. */
static char *
numbered_sequence(sqlite3 *db, const char *schema, const char *table, const char *column)
{
	char *name = NULL, *text = NULL;
	struct definition d;

	if (catalog_load_definition(db, schema, table, &d) == -1)
		return NULL;
	for (unsigned i = 0; name == NULL && i < d.ncolumns; i++)
		if (d.columns[i].identity != DEFINITION_PLAIN && d.columns[i].default_sql == NULL &&
		    strcmp(column, d.columns[i].name) == 0)
			name = definition_object_name(table, column, "seq");
	definition_free(&d);
	text = name == NULL ? NULL : qualify(schema, name);
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

static bool
match(void *arg, const struct catalog_relation *relation)
{
	struct catalog_found *found = arg;
	bool hidden = strcmp(relation->schema, "information_schema") == 0 || strcmp(relation->schema, "bibd") == 0;

	if (found->name == NULL) {
		if (relation->oid != found->oid)
			return false;
	} else if (strcmp(relation->name, found->name) != 0 ||
	    (found->schema == NULL
		    ? hidden
		    : strcmp(relation->schema, strcmp(found->schema, "pg_temp") == 0 ? "temp" : found->schema) != 0)) {
		return false;
	}
	found->oid = relation->oid;
	found->kind = relation->kind;
	found->found_name = strdup(relation->name);
	found->found_schema = strdup(relation->schema);
	found->found_table = strdup(relation->table);
	return true;
}

void
catalog_found_free(struct catalog_found *found)
{
	free(found->found_name);
	free(found->found_schema);
	free(found->found_table);
}

bool
catalog_find_relation(sqlite3 *db, struct catalog_found *found)
{
	bool any = catalog_each_relation(db, match, found);

	if (any && found->found_name != NULL && found->found_schema != NULL && found->found_table != NULL)
		return true;
	catalog_found_free(found);
	return false;
}
