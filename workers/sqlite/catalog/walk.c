/*
 * Each relation that the catalog shows, one after the other: tables, views, indexes, sequences, and the catalog's own.
 */
#include "workers/sqlite/catalog/objects.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/schema/catalog_tables.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/type.h"
#include "workers/sqlite/schema/names.h"

#define OWN_PREFIX "bibd_"

/* What each_relation is doing. */
struct walk {
	bool (*each)(void *arg, const struct catalog_relation *relation);
	void *arg;
	const char *schema; /* SQLite's */
	sqlite3 *db;
};

/* A row type is a relation without rows; other types are none. */
static bool
visit_type(const struct walk *walk, const char *stored)
{
	uint32_t oid = (uint32_t)strtoul(stored + strlen(SCHEMA_TYPE_PREFIX), NULL, 10);
	struct schema_type type;
	bool done;

	if (type_class(oid) != TYPE_CLASS_COMPOSITE || !schema_type_read(walk->db, oid, &type))
		return false;
	done = walk->each(walk->arg,
	    &(struct catalog_relation) { .schema = "public",
		.name = type.name,
		.stored = stored,
		.table = stored,
		.kind = 'c',
		.oid = catalog_row_type_oid(oid) });
	schema_type_free(&type);
	return done;
}

static bool
visit(const struct walk *walk, const char *stored, const char *table, char kind)
{
	bool own = strncmp(table, OWN_PREFIX, strlen(OWN_PREFIX)) == 0;
	char schema[NAMESPACE_BYTES];
	struct catalog_relation relation = {
		.schema = own ? "bibd" : walk->schema,
		.name = own && strcmp(stored, table) == 0 ? stored + strlen(OWN_PREFIX) : stored,
		.stored = stored,
		.table = table,
		.kind = kind,
		.oid = catalog_object_oid(walk->schema, stored),
	};

	if (strncmp(stored, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) == 0)
		return visit_type(walk, stored);
	if (!own && strcmp(walk->schema, "public") == 0) {
		namespace_of(stored, schema);
		relation.schema = schema;
		relation.name = namespace_relation(stored);
	}
	return walk->each(walk->arg, &relation);
}

/* What lies beside a table; takes the name, which may be NULL. */
static bool
visit_beside(const struct walk *walk, const char *table, char *name, char kind)
{
	char *stored = name == NULL ? NULL : namespace_beside(table, name);
	bool done = stored != NULL && visit(walk, stored, table, kind);

	free(stored);
	free(name);
	return done;
}

/* A table, and what its definition makes: a key's index, a column's sequence. */
static bool
visit_table(sqlite3 *db, const struct walk *walk, const struct schema_object *object)
{
	struct definition d = { 0 };
	int result = object->type == 'P' ? catalog_partition_definition(db, walk->schema, object, &d)
	    : object->sql == NULL	 ? -1
					 : definition_parse(object->sql, &d);
	bool done = visit(walk, object->name, object->name,
	    object->type == 'm'			     ? 'm'
		: result == 0 && d.partition != NULL ? 'p'
						     : 'r');

	if (done || result == -1) {
		definition_free(&d);
		return done;
	}
	for (unsigned i = 0; !done && i < d.nconstraints; i++) {
		const struct definition_constraint *c = &d.constraints[i];

		if ((c->kind == DEFINITION_PRIMARY_KEY || c->kind == DEFINITION_UNIQUE) && c->name != NULL)
			done = visit_beside(walk, object->name, strdup(c->name), 'i');
	}
	for (unsigned i = 0; !done && i < d.ncolumns; i++) {
		/* One that is no object: SQLite numbers the rows. */
		char *name =
		    d.columns[i].identity == DEFINITION_PLAIN || d.columns[i].default_sql != NULL || object->type == 'P'
		    ? NULL
		    : definition_object_name(object->name, d.columns[i].name, "seq");

		done = visit_beside(walk, object->name, name, 'S');
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

		if (object->type == 't' || object->type == 'm' || object->type == 'P')
			done = visit_table(db, walk, object);
		else if (object->type != 'r' && object->type != 'q' && object->type != 'x')
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
			.stored = table->name,
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
	struct walk public = { each, arg, "public", db }, temporary = { each, arg, "temp", db };

	return visit_schema(db, &temporary) || visit_schema(db, &public) || visit_catalog(&public);
}
