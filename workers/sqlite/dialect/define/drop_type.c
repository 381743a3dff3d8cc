/*
 * DROP TYPE and DROP DOMAIN ... CASCADE: what uses a type goes with it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/define/type.h"
#include "workers/sqlite/dialect/expression.h"

/* The types that go, and those that lose fields. */
struct going {
	struct translator *t;
	uint32_t *oids;
	size_t n, capacity;
	struct definition_names views; /* of "public" */
};

static bool
goes(const struct going *g, uint32_t oid)
{
	uint32_t of = type_element(oid) != 0 ? type_element(oid) : oid;

	for (size_t i = 0; i < g->n; i++)
		if (g->oids[i] == of)
			return true;
	return false;
}

static bool
mentions(const struct going *g, const char *sql)
{
	for (size_t i = 0; i < g->n; i++)
		if (define_mentions_type(sql, g->oids[i]))
			return true;
	return false;
}

static int
add(struct going *g, uint32_t oid)
{
	if (goes(g, oid))
		return 0;
	if (g->n == g->capacity) {
		size_t capacity = g->capacity * 2 + 8;
		uint32_t *grown = translator_alloc(g->t, capacity * sizeof(*grown));

		if (grown == NULL)
			return -1;
		if (g->n > 0)
			memcpy(grown, g->oids, g->n * sizeof(*grown));
		g->oids = grown;
		g->capacity = capacity;
	}
	g->oids[g->n++] = oid;
	return 0;
}

/* Domains made of a type that goes, until there are no more. */
static int
add_domains(struct going *g, const struct schema_type *types, unsigned n)
{
	for (size_t before = 0; before != g->n;) {
		before = g->n;
		for (unsigned i = 0; i < n; i++)
			if (type_class(types[i].oid) == TYPE_CLASS_DOMAIN && !goes(g, types[i].oid) &&
			    (goes(g, types[i].over) || goes(g, types[i].base)) && add(g, types[i].oid) == -1)
				return -1;
	}
	return 0;
}

/* ---- what mentions them ---- */

static int
drop_columns_of(struct going *g, const char *schema, const struct schema_object *object)
{
	const struct schema_table *table = schema_find_table(g->t->schema, schema, object->name);
	struct definition_names columns = { 0 };
	struct definition d;
	int result = 0;

	if (table == NULL || definition_parse(object->sql, &d) == -1)
		return translate_refuse(g->t, -1, "DROP ... CASCADE of a type that such a table uses");
	if (table->partition_key != NULL || table->partition != NULL) {
		definition_free(&d);
		return translate_refuse(g->t, -1, "DROP ... CASCADE of a type that a partitioned table uses");
	}
	for (unsigned i = 0; result == 0 && i < d.ncolumns; i++)
		if ((goes(g, d.columns[i].oid) || goes(g, d.columns[i].domain)) &&
		    definition_add_name(&columns, d.columns[i].name) == -1)
			result = translate_out_of_memory(g->t);
	if (result == 0 && columns.count == 0)
		result = translate_refuse(g->t, -1, "DROP ... CASCADE of a type that a constraint or default uses");
	if (result == 0 && columns.count == d.ncolumns)
		result = translate_refuse(g->t, -1, "a table without columns");
	if (result == 0)
		result = define_drop_columns(g->t, table, &columns);
	definition_names_free(&columns);
	definition_free(&d);
	return result;
}

/* A row type without the fields that go; one that something uses stays as it is. */
static int
drop_fields(struct going *g, uint32_t oid)
{
	struct schema_type type;
	int result = 0;

	if (type_class(oid) != TYPE_CLASS_COMPOSITE || !schema_type_read(schema_database(g->t->schema), oid, &type))
		return translate_refuse(g->t, -1, "DROP ... CASCADE of a type that such a type uses");
	for (unsigned i = type.nfields; i-- > 0;)
		if (goes(g, type.fields[i].oid)) {
			free(type.fields[i].name);
			memmove(&type.fields[i], &type.fields[i + 1], (--type.nfields - i) * sizeof(type.fields[0]));
		}
	result = define_check_row_unused(g->t, &type);
	if (result == 0)
		result = define_drop_type_view(g->t, oid) == -1 ? -1 : define_emit_type(g->t, &type);
	schema_type_free(&type);
	return result;
}

static int
drop_user(struct going *g, const char *schema, const struct schema_object *object)
{
	bool type = strncmp(object->name, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) == 0;
	uint32_t oid = type ? (uint32_t)strtoul(object->name + strlen(SCHEMA_TYPE_PREFIX), NULL, 10) : 0;

	if (!mentions(g, object->sql) || (type && goes(g, oid)))
		return 0;
	if (type)
		return drop_fields(g, oid);
	if (object->type == 't')
		return drop_columns_of(g, schema, object);
	if (object->type != 'v' || strcmp(schema, "public") != 0)
		return translate_refuse(g->t, -1, "DROP ... CASCADE of a type that such an object uses");
	return definition_add_name(&g->views, object->name) == 0 ? 0 : translate_out_of_memory(g->t);
}

/* Views first, which may name the columns that go. */
static int
drop_users(struct going *g, const char *schema, bool views)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(g->t->schema), schema, NULL, &objects) == -1)
		return translate_out_of_memory(g->t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];
		bool view =
		    object->type == 'v' && strncmp(object->name, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) != 0;

		if (view == views)
			result = drop_user(g, schema, object);
	}
	schema_objects_free(&objects);
	return result;
}

static int
drop_all(struct going *g)
{
	struct definition_names none = { 0 };

	for (size_t i = 0; i < g->n; i++)
		if (define_check_type_routines(g->t, g->oids[i]) == -1)
			return g->t->report->state != SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST
			    ? -1
			    : translate_refuse(g->t, -1, "DROP ... CASCADE of a type that a function uses");
	if (drop_users(g, "public", true) == -1 || drop_users(g, "temp", true) == -1)
		return -1;
	if (g->views.count > 0 && define_drop_relations(g->t, &none, &g->views) == -1)
		return -1;
	if (drop_users(g, "public", false) == -1 || drop_users(g, "temp", false) == -1)
		return -1;
	for (size_t i = 0; i < g->n; i++)
		if (define_drop_type_view(g->t, g->oids[i]) == -1)
			return -1;
	return 0;
}

int
define_drop_types_cascade(struct translator *t, const uint32_t *oids, size_t n)
{
	struct going g = { .t = t };
	struct schema_type *types;
	unsigned ntypes;
	int result = 0;

	schema_note(t->schema, schema_types_read(schema_database(t->schema), &types, &ntypes));
	for (size_t i = 0; result == 0 && i < n; i++)
		result = add(&g, oids[i]);
	if (result == 0)
		result = add_domains(&g, types, ntypes);
	schema_types_free(types, ntypes);
	if (result == 0)
		result = drop_all(&g);
	definition_names_free(&g.views);
	return result;
}

int
define_check_type_routines(struct translator *t, uint32_t oid)
{
	sqlite3_stmt *stmt = NULL;
	char sql[320];
	int found;

	(void)snprintf(sql, sizeof(sql),
	    "SELECT 1 FROM public.bibd_routines WHERE result IN (%" PRIu32 ", %" PRIu32 ") UNION ALL "
	    "SELECT 1 FROM public.bibd_routine_arguments WHERE type IN (%" PRIu32 ", %" PRIu32 ") LIMIT 1",
	    oid, type_array_of(oid), oid, type_array_of(oid));
	if (sqlite3_prepare_v2(schema_database(t->schema), sql, -1, &stmt, NULL) != SQLITE_OK)
		return 0; /* there are no routines */
	found = sqlite3_step(stmt) == SQLITE_ROW;
	sqlite3_finalize(stmt);
	if (!found)
		return 0;
	(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop type %s because other objects depend on it", type_display(t, oid));
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}
