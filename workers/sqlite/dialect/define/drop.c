/*
 * DROP TABLE, VIEW, INDEX; TRUNCATE.
 */
#include <string.h>

#include "workers/sqlite/dialect/define/partition.h"
#include "workers/sqlite/dialect/define/sequence.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/dialect/define/type.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/dialect/define/drop_with.h"

static const struct drop_kind kinds[] = {
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, 't', "table", "DROP TABLE", "Use DROP TABLE to remove a table." },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, 'v', "view", "DROP VIEW", "Use DROP VIEW to remove a view." },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW, 'm', "materialized view", "DROP MATERIALIZED VIEW",
	    "Use DROP MATERIALIZED VIEW to remove a materialized view." },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_INDEX, 'i', "index", "DROP INDEX", "Use DROP INDEX to remove an index." },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE, 'S', "sequence", "DROP SEQUENCE",
	    "Use DROP SEQUENCE to remove a sequence." },
};

/* Statements to drop what there can't be. */
static const struct {
	PgQuery__ObjectType object;
	const char *word, *statement;
} absent[] = {
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TYPE, "type", "DROP TYPE" },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN, "type", "DROP DOMAIN" },
};

static const char *
object_name(const PgQuery__Node *node, const char **schema)
{
	*schema = NULL;
	if (node->node_case != PG_QUERY__NODE__NODE_LIST)
		return translate_string(node);
	if (node->list->n_items > 1)
		*schema = translate_string(node->list->items[node->list->n_items - 2]);
	return translate_last_string(node->list->items, node->list->n_items);
}

static int
drop_absent(struct translator *t, const PgQuery__DropStmt *stmt, const char *word)
{
	const char *schema;

	for (size_t i = 0; i < stmt->n_objects; i++) {
		const PgQuery__Node *node = stmt->objects[i];
		const char *name = node->node_case == PG_QUERY__NODE__NODE_TYPE_NAME
		    ? translate_last_string(node->type_name->names, node->type_name->n_names)
		    : object_name(node, &schema);

		if (name == NULL || strcmp(name, "public") == 0)
			return translate_refuse(t, -1, "this DROP");
		if (!stmt->missing_ok)
			return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "%s \"%s\" does not exist", word, name);
		if (define_add_notice(t, "%s \"%s\" does not exist, skipping", word, name) == -1)
			return -1;
	}
	return 0;
}

static int
report_missing(struct translator *t, const PgQuery__DropStmt *stmt, const struct drop_kind *kind, const char *name)
{
	if (stmt->missing_ok)
		return define_add_notice(t, "%s \"%s\" does not exist, skipping", kind->word, name);
	return translate_fail(t, -1, kind->type == 'i' ? SQLSTATE_UNDEFINED_OBJECT : SQLSTATE_UNDEFINED_TABLE,
	    "%s \"%s\" does not exist", kind->word, name);
}

static int
report_wrong_kind(struct translator *t, const struct drop_kind *kind, const struct schema_object *found)
{
	(void)translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not %s %s", found->name,
	    kind->type == 'i' ? "an" : "a", kind->word);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].type == (found->type == 'P' ? 't' : found->type))
			report_hint(t->report, "%s", kinds[i].hint);
	}
	return -1;
}

/* A name in DROP: as it is written, and then where it was found. */
struct target {
	const char *schema, *name;
	const char *database, *stored;
	struct schema_object found;
};

static bool
find_in_place(struct translator *t, struct target *target, const struct schema_place *place)
{
	if (strcmp(place->database, "public") != 0 && strcmp(place->database, "temp") != 0)
		return false;
	target->database = place->database;
	target->stored = translate_stored_name(t, place->schema, target->name);
	return target->stored != NULL && schema_find_object(t->schema, place->database, target->stored, &target->found);
}

/* In the schema named, else by the search path. */
static bool
find_object(struct translator *t, struct target *target)
{
	struct schema_place place = { "public", target->schema };
	bool found = false;

	if (strchr(target->name, NAMESPACE_SEPARATOR) != NULL)
		return false;
	if (target->schema == NULL) {
		for (unsigned i = 0; !found && schema_place_at(t->schema, i, &place); i++)
			found = find_in_place(t, target, &place);
		return found;
	}
	if (strncmp(target->schema, "pg_temp", 7) == 0)
		place = (struct schema_place) { "temp", "pg_temp" };
	return find_in_place(t, target, &place);
}

/* An index that a constraint made is not in the list of names: it is dropped with the constraint only. */
static int
report_constraint_index(struct translator *t, const PgQuery__DropStmt *stmt, const struct drop_kind *kind,
    const char *name)
{
	struct schema_objects objects;
	bool found = false;

	if (kind->type == 'i' && schema_list_objects(schema_database(t->schema), "public", NULL, &objects) == 0) {
		for (unsigned i = 0; !found && i < objects.count; i++) {
			struct definition d;

			if (objects.items[i].type != 't' || definition_parse(objects.items[i].sql, &d) == -1)
				continue;
			found = definition_find_constraint(&d, name) != NULL;
			if (found) {
				const char *table = namespace_relation(objects.items[i].name);

				(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
				    "cannot drop index %s because constraint %s on table %s requires it", name, name,
				    table);
				report_hint(t->report, "You can drop constraint %s on table %s instead.", name, table);
			}
			definition_free(&d);
		}
		schema_objects_free(&objects);
	}
	return found ? -1 : report_missing(t, stmt, kind, name);
}

static bool
is_catalog(struct translator *t, const char *schema, const char *name)
{
	const struct schema_table *table = NULL;

	if (schema == NULL || strcmp(schema, "pg_catalog") == 0 || strcmp(schema, "information_schema") == 0)
		table = schema_find_table(t->schema, schema, name);
	return table != NULL && strcmp(table->schema, "public") != 0 && strcmp(table->schema, "temp") != 0;
}

static int
check_target(struct translator *t, const PgQuery__DropStmt *stmt, const struct target *target, bool *skip)
{
	*skip = false;
	if (target->name == NULL)
		return translate_refuse(t, -1, "this DROP");
	if (target->schema != NULL && strcmp(target->schema, "bibd") == 0)
		return translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied for schema bibd");
	if (sqlite3_strnicmp(target->name, "sqlite_", 7) == 0 || is_catalog(t, target->schema, target->name))
		return translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		    "permission denied: \"%s\" is a system catalog", target->name);
	if (target->schema == NULL || strncmp(target->schema, "pg_temp", 7) == 0 ||
	    schema_has_namespace(t->schema, target->schema))
		return 0;
	*skip = true;
	if (!stmt->missing_ok)
		return translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist",
		    target->schema);
	return define_add_notice(t, "schema \"%s\" does not exist, skipping", target->schema);
}

/* A row type is a relation, too. */
static bool
is_row_type(struct translator *t, const struct target *target)
{
	const struct schema_type *type = target->schema == NULL || strcmp(target->schema, "public") == 0
	    ? schema_find_type(t->schema, target->name)
	    : NULL;

	return type != NULL && type_class(type->oid) == TYPE_CLASS_COMPOSITE;
}

static int
collect_target(struct translator *t, const PgQuery__DropStmt *stmt, struct drop *drop, struct target *target)
{
	const struct schema_table *table;
	bool found = find_object(t, target), wrong;

	if (!found && is_row_type(t, target))
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not %s %s", target->name,
		    drop->kind->type == 'i' ? "an" : "a", drop->kind->word);
	if (!found)
		return report_constraint_index(t, stmt, drop->kind, target->name);
	wrong = target->found.type != drop->kind->type && (target->found.type != 'P' || drop->kind->type != 't');
	if (wrong)
		(void)report_wrong_kind(t, drop->kind, &target->found);
	schema_object_free(&target->found);
	if (wrong)
		return -1;
	if (definition_names_has(&drop->names, target->stored))
		return 0;
	if (definition_add_name(&drop->names, target->stored) == -1 ||
	    definition_add_name(&drop->schemas, target->database) == -1)
		return translate_out_of_memory(t);
	table = drop->kind->type == 't' ? schema_find_table(t->schema, target->database, target->stored) : NULL;
	return table != NULL && table->partition_key != NULL
	    ? define_add_partitions(t, table, &drop->names, &drop->schemas)
	    : 0;
}

static int
collect(struct translator *t, const PgQuery__DropStmt *stmt, struct drop *drop)
{
	for (size_t i = 0; i < stmt->n_objects; i++) {
		struct target target = { NULL };
		bool skip;

		target.name = object_name(stmt->objects[i], &target.schema);
		if (check_target(t, stmt, &target, &skip) == -1 ||
		    (!skip && collect_target(t, stmt, drop, &target) == -1))
			return -1;
	}
	return 0;
}

/* With foreign keys on, SQLite deletes the rows of a table before it drops it, and acts on what refers to them. */
static int
has_references(struct translator *t, const struct definition_names *names, bool *found)
{
	struct definition_names none = { 0 }, children = { 0 };
	int result = 0;

	for (unsigned i = 0; result == 0 && i < names->count; i++)
		result = define_find_children(t, names->names[i], &none, &children);
	*found = children.count > 0;
	definition_names_free(&children);
	return result;
}

/* Those that the table owns go before it; what draws from a sequence must let it go. */
static int
drop_sequences(struct translator *t, const struct drop *drop, unsigned i)
{
	if (drop->kind->type == 't')
		return define_drop_owned(t, drop->schemas.names[i], drop->names.names[i], NULL, &drop->names,
		    drop->cascade);
	if (drop->kind->type == 'S')
		return define_release_sequence(t, drop->schemas.names[i], drop->names.names[i], NULL, drop->cascade);
	return 0;
}

static int
emit_drop(struct translator *t, const struct drop *drop, unsigned i, struct definition_names *done)
{
	const struct schema_table *table =
	    drop->kind->type != 't' ? NULL : schema_find_table(t->schema, drop->schemas.names[i], drop->names.names[i]);

	if (define_set_target(t, drop->names.names[i]) == -1 ||
	    (table != NULL && define_check_in_use(t, table, "DROP TABLE") == -1))
		return -1;
	if (drop->kind->type == 'm')
		return define_emit_drop_matview(t, drop->names.names[i]);
	if (table != NULL && table->partition != NULL)
		return define_drop_partition(t, table, &drop->names, done);
	if (table != NULL && table->partition_key != NULL &&
	    define_drop_partition_own_triggers(t, table, table->name) == -1)
		return -1;
	if ((strcmp(drop->schemas.names[i], "public") == 0 && drop->kind->type != 'i' &&
		define_drop_triggers(t, drop->names.names[i]) == -1) ||
	    drop_sequences(t, drop, i) == -1 ||
	    translate_emit(t, drop->kind->type == 'S' ? "DROP VIEW" : drop->kind->statement) == -1 ||
	    translate_emit(t, " ") == -1 || define_emit_relation(t, drop->schemas.names[i], drop->names.names[i]) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

static int
emit_drops(struct translator *t, struct drop *drop)
{
	struct definition_names done = { 0 };
	bool references = false;
	int result = 0;

	if (drop->kind->type == 't' && has_references(t, &drop->names, &references) == -1)
		return -1;
	t->plan->rebuilds |= references;
	for (unsigned i = 0; result == 0 && i < drop->names.count; i++)
		result = emit_drop(t, drop, i, &done);
	definition_names_free(&done);
	return result;
}

int
define_drop(struct translator *t, const PgQuery__DropStmt *stmt)
{
	struct drop drop = { .cascade = stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE };
	struct dependents dependents = { .children = { 0 } };
	int result;

	if (stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE ||
	    stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN)
		return define_drop_types(t, stmt);
	if (stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA)
		return define_drop_schema(t, stmt);
	if (stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER)
		return define_drop_trigger(t, stmt);
	t->plan->alone = stmt->concurrent;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].object == stmt->remove_type)
			drop.kind = &kinds[i];
	}
	for (size_t i = 0; drop.kind == NULL && i < sizeof(absent) / sizeof(absent[0]); i++) {
		if (absent[i].object != stmt->remove_type)
			continue;
		t->plan->tag = absent[i].statement;
		return drop_absent(t, stmt, absent[i].word);
	}
	if (stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION ||
	    stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE ||
	    stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE)
		return define_drop_function(t, stmt);
	if (stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION)
		return define_drop_extension(t, stmt);
	if (drop.kind == NULL)
		return define_drop_other(t, stmt);
	t->plan->tag = drop.kind->statement;
	result = collect(t, stmt, &drop);
	if (result == 0 && drop.kind->type != 'i')
		result = define_drop_dependents(t, &drop, &dependents);
	if (result == 0)
		result = emit_drops(t, &drop);
	definition_names_free(&drop.names);
	definition_names_free(&drop.schemas);
	return result;
}

/* With its partitions, which may lie in other schemas. */
static int
add_relation(struct translator *t, struct drop *drop, const char *name)
{
	const struct schema_table *table = schema_find_table(t->schema, "public", name);

	if (definition_names_has(&drop->names, name))
		return 0;
	if (definition_add_name(&drop->names, name) == -1 || definition_add_name(&drop->schemas, "public") == -1)
		return translate_out_of_memory(t);
	return table == NULL || table->partition_key == NULL
	    ? 0
	    : define_add_partitions(t, table, &drop->names, &drop->schemas);
}

int
define_drop_relations(struct translator *t, const struct definition_names *tables, struct definition_names *views)
{
	struct drop drop = { .kind = &kinds[0], .cascade = true };
	struct dependents dependents = { .views = *views };
	int result = 0;

	*views = (struct definition_names) { 0 };
	for (unsigned i = 0; result == 0 && i < tables->count; i++)
		result = add_relation(t, &drop, tables->names[i]);
	if (result == 0)
		result = define_drop_dependents(t, &drop, &dependents);
	if (result == 0)
		result = emit_drops(t, &drop);
	definition_names_free(&drop.names);
	definition_names_free(&drop.schemas);
	return result;
}
