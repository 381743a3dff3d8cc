/*
 * DROP TABLE, VIEW, INDEX; TRUNCATE.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/sequence.h"
#include "workers/sqlite/dialect/define/type.h"

static const struct kind {
	PgQuery__ObjectType object;
	char type; /* of struct schema_object */
	const char *word, *statement, *hint;
} kinds[] = {
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, 't', "table", "DROP TABLE", "Use DROP TABLE to remove a table." },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, 'v', "view", "DROP VIEW", "Use DROP VIEW to remove a view." },
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
	{ PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW, "materialized view", "DROP MATERIALIZED VIEW" },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN, "type", "DROP DOMAIN" },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA, "schema", "DROP SCHEMA" },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_EXTENSION, "extension", "DROP EXTENSION" },
};

/* What one DROP takes with it. */
struct drop {
	const struct kind *kind;
	bool cascade;
	struct definition_names names;	 /* of what is dropped */
	struct definition_names schemas; /* theirs */
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
			return translate_fail(t, -1,
			    strcmp(word, "schema") == 0			 ? SQLSTATE_INVALID_SCHEMA_NAME
				: strcmp(word, "materialized view") == 0 ? SQLSTATE_UNDEFINED_TABLE
									 : SQLSTATE_UNDEFINED_OBJECT,
			    "%s \"%s\" does not exist", word, name);
		if (define_add_notice(t, "%s \"%s\" does not exist, skipping", word, name) == -1)
			return -1;
	}
	return 0;
}

static int
report_missing(struct translator *t, const PgQuery__DropStmt *stmt, const struct kind *kind, const char *name)
{
	if (stmt->missing_ok)
		return define_add_notice(t, "%s \"%s\" does not exist, skipping", kind->word, name);
	return translate_fail(t, -1, kind->type == 'i' ? SQLSTATE_UNDEFINED_OBJECT : SQLSTATE_UNDEFINED_TABLE,
	    "%s \"%s\" does not exist", kind->word, name);
}

static int
report_wrong_kind(struct translator *t, const struct kind *kind, const struct schema_object *found)
{
	(void)translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not %s %s", found->name,
	    kind->type == 'i' ? "an" : "a", kind->word);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].type == found->type)
			report_hint(t->report, "%s", kinds[i].hint);
	}
	return -1;
}

/* In the schema named, else temp before public. */
static bool
find_object(struct translator *t, const char **schema, const char *name, struct schema_object *found)
{
	static const char *const path[] = { "temp", "public" };
	const char *given = *schema;

	if (given != NULL && strncmp(given, "pg_temp", 7) == 0)
		given = "temp";
	for (size_t i = 0; i < 2; i++) {
		if (given != NULL && strcmp(given, path[i]) != 0)
			continue;
		*schema = path[i];
		if (schema_find_object(schema_database(t->schema), path[i], name, found))
			return true;
	}
	return false;
}

/* An index that a constraint made is not in the list of names: it is dropped with the constraint only. */
static int
report_constraint_index(struct translator *t, const PgQuery__DropStmt *stmt, const struct kind *kind, const char *name)
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
				(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
				    "cannot drop index %s because constraint %s on table %s requires it", name, name,
				    objects.items[i].name);
				report_hint(t->report, "You can drop constraint %s on table %s instead.", name,
				    objects.items[i].name);
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
collect(struct translator *t, const PgQuery__DropStmt *stmt, struct drop *drop)
{
	for (size_t i = 0; i < stmt->n_objects; i++) {
		const char *schema, *name = object_name(stmt->objects[i], &schema);
		struct schema_object found;
		bool wrong;

		if (name == NULL)
			return translate_refuse(t, -1, "this DROP");
		if (schema != NULL && strcmp(schema, "bibd") == 0)
			return translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE,
			    "permission denied for schema bibd");
		if (sqlite3_strnicmp(name, "sqlite_", 7) == 0 || is_catalog(t, schema, name))
			return translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE,
			    "permission denied: \"%s\" is a system catalog", name);
		if (!find_object(t, &schema, name, &found)) {
			if (report_constraint_index(t, stmt, drop->kind, name) == -1)
				return -1;
			continue;
		}
		wrong = found.type != drop->kind->type;
		if (wrong)
			(void)report_wrong_kind(t, drop->kind, &found);
		schema_object_free(&found);
		if (wrong)
			return -1;
		if (definition_names_has(&drop->names, name))
			continue;
		if (definition_add_name(&drop->names, name) == -1 || definition_add_name(&drop->schemas, schema) == -1)
			return translate_out_of_memory(t);
	}
	return 0;
}

static void
detail_foreign_key(struct translator *t, const char *table, const char *child)
{
	const struct schema_table *found = schema_find_table(t->schema, "public", child);
	struct definition d;

	if (found == NULL || definition_parse(found->sql, &d) == -1)
		return;
	for (unsigned i = 0; i < d.nconstraints; i++) {
		if (d.constraints[i].kind == DEFINITION_FOREIGN_KEY && strcmp(d.constraints[i].parent, table) == 0) {
			report_detail(t->report, "constraint %s on table %s depends on table %s", d.constraints[i].name,
			    child, table);
			break;
		}
	}
	definition_free(&d);
}

static int
report_dependents(struct translator *t, const struct drop *drop, const char *name,
    const struct definition_names *children, const struct definition_names *views)
{
	(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop %s %s because other objects depend on it", drop->kind->word, name);
	if (views->count > 0)
		report_detail(t->report, "view %s depends on %s %s", views->names[0], drop->kind->word, name);
	else
		detail_foreign_key(t, name, children->names[0]);
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}

/* CASCADE: foreign keys that refer to the table go, the tables that have them stay. */
static int
drop_foreign_keys(struct translator *t, const char *child, const struct definition_names *parents)
{
	const struct schema_table *table = schema_find_table(t->schema, "public", child);
	struct define_rebuild rebuild;
	int result;

	if (table == NULL)
		return 0;
	if (define_rebuild_begin(t, table, &rebuild) == -1)
		return -1;
	for (unsigned i = rebuild.after.nconstraints; i-- > 0;) {
		const struct definition_constraint *c = &rebuild.after.constraints[i];

		if (c->kind == DEFINITION_FOREIGN_KEY && definition_names_has(parents, c->parent))
			definition_remove_constraint(&rebuild.after, i);
	}
	result = define_rebuild_emit(t, &rebuild);
	define_rebuild_free(&rebuild);
	return result;
}

/* Views that name what is dropped are dropped before it, those that name them before them. */
static int
cascade_views(struct translator *t, struct definition_names *views)
{
	for (unsigned i = 0; i < views->count; i++) {
		struct definition_names none = { 0 };

		if (define_find_views(t, views->names[i], &none, views) == -1)
			return -1;
	}
	for (unsigned i = views->count; i-- > 0;) {
		if (translate_emit(t, "DROP VIEW ") == -1 || define_emit_relation(t, "public", views->names[i]) == -1 ||
		    translate_emit(t, ";\n") == -1)
			return -1;
	}
	return 0;
}

static int
drop_dependents(struct translator *t, struct drop *drop)
{
	struct definition_names children = { 0 }, views = { 0 };
	int result = 0;

	for (unsigned i = 0; result == 0 && i < drop->names.count; i++) {
		if (strcmp(drop->schemas.names[i], "public") != 0)
			continue;
		result = define_find_views(t, drop->names.names[i], &drop->names, &views);
		if (result == 0 && drop->kind->type == 't')
			result = define_find_children(t, drop->names.names[i], &drop->names, &children);
		if (result == 0 && !drop->cascade && children.count + views.count > 0)
			result = report_dependents(t, drop, drop->names.names[i], &children, &views);
	}
	if (result == 0)
		result = cascade_views(t, &views);
	for (unsigned i = 0; result == 0 && i < children.count; i++)
		result = drop_foreign_keys(t, children.names[i], &drop->names);
	definition_names_free(&children);
	definition_names_free(&views);
	return result;
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
emit_drops(struct translator *t, struct drop *drop)
{
	bool references = false;

	if (drop->kind->type == 't' && has_references(t, &drop->names, &references) == -1)
		return -1;
	t->plan->rebuilds |= references;
	for (unsigned i = 0; i < drop->names.count; i++) {
		if (drop_sequences(t, drop, i) == -1 || define_set_target(t, drop->names.names[i]) == -1 ||
		    translate_emit(t, drop->kind->type == 'S' ? "DROP VIEW" : drop->kind->statement) == -1 ||
		    translate_emit(t, " ") == -1 ||
		    define_emit_relation(t, drop->schemas.names[i], drop->names.names[i]) == -1 ||
		    translate_emit(t, ";\n") == -1)
			return -1;
	}
	return 0;
}

int
define_drop(struct translator *t, const PgQuery__DropStmt *stmt)
{
	struct drop drop = { .cascade = stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE };
	int result;

	if (stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE ||
	    stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN)
		return define_drop_types(t, stmt);
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
	if (drop.kind == NULL)
		return translate_refuse(t, -1, "this DROP");
	t->plan->tag = drop.kind->statement;
	result = collect(t, stmt, &drop);
	if (result == 0 && drop.kind->type != 'i' && drop.kind->type != 'S')
		result = drop_dependents(t, &drop);
	if (result == 0)
		result = emit_drops(t, &drop);
	definition_names_free(&drop.names);
	definition_names_free(&drop.schemas);
	return result;
}
