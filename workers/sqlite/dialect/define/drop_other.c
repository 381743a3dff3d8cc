/*
 * DROP of what there can't be here: IF EXISTS is a notice, else it is not there. What PostgreSQL has by itself, and a
 * table here does not list, is refused.
 */
#include <string.h>
#include <strings.h>

#include "workers/sqlite/dialect/define/define.h"

/* A name is looked for as one, with a table behind it, or with an access method. */
enum form { FORM_NAME, FORM_OF_TABLE, FORM_USING };

static const struct other {
	PgQuery__ObjectType object;
	enum form form;
	const char *word, *tag;
	/* Names that PostgreSQL has; "*x": all that end so. */
	const char *const built_in[8];
} others[] = {
	{ PG_QUERY__OBJECT_TYPE__OBJECT_ACCESS_METHOD, FORM_NAME, "access method", "DROP ACCESS METHOD",
	    { "heap", "btree", "hash", "gin", "gist", "brin", "spgist" } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_COLLATION, FORM_NAME, "collation", "DROP COLLATION",
	    { "default", "C", "POSIX", "ucs_basic", "unicode" } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_CONVERSION, FORM_NAME, "conversion", "DROP CONVERSION",
	    { "*_utf8", "*_to_*" } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TSPARSER, FORM_NAME, "text search parser", "DROP TEXT SEARCH PARSER",
	    { "default" } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TSDICTIONARY, FORM_NAME, "text search dictionary",
	    "DROP TEXT SEARCH DICTIONARY", { "simple", "*_stem" } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_TSTEMPLATE, FORM_NAME, "text search template", "DROP TEXT SEARCH TEMPLATE",
	    { "simple", "snowball", "ispell", "synonym", "thesaurus" } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE, FORM_NAME, "foreign table", "DROP FOREIGN TABLE", { NULL } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_LANGUAGE, FORM_NAME, "language", "DROP LANGUAGE",
	    { "internal", "c", "sql", "plpgsql" } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_FDW, FORM_NAME, "foreign-data wrapper", "DROP FOREIGN DATA WRAPPER", { NULL } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_SERVER, FORM_NAME, "server", "DROP SERVER", { NULL } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_EVENT_TRIGGER, FORM_NAME, "event trigger", "DROP EVENT TRIGGER", { NULL } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_PUBLICATION, FORM_NAME, "publication", "DROP PUBLICATION", { NULL } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_STATISTIC_EXT, FORM_NAME, "statistics object", "DROP STATISTICS", { NULL } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_RULE, FORM_OF_TABLE, "rule", "DROP RULE", { "_RETURN" } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_POLICY, FORM_OF_TABLE, "policy", "DROP POLICY", { NULL } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_OPCLASS, FORM_USING, "operator class", "DROP OPERATOR CLASS", { "*_ops" } },
	{ PG_QUERY__OBJECT_TYPE__OBJECT_OPFAMILY, FORM_USING, "operator family", "DROP OPERATOR FAMILY", { "*_ops" } },
};

static bool
is_built_in(const struct other *other, const char *name)
{
	for (size_t i = 0; i < sizeof(other->built_in) / sizeof(other->built_in[0]) && other->built_in[i] != NULL;
	     i++) {
		const char *known = other->built_in[i];
		size_t length = strlen(known) - 1;

		if (strcmp(known, "*_to_*") == 0 && strstr(name, "_to_") != NULL && strlen(name) > 12)
			return true;
		if (known[0] == '*' ? strlen(name) > length && strcmp(name + strlen(name) - length, known + 1) == 0
				    : strcmp(name, known) == 0)
			return true;
	}
	return false;
}

/* The names of an object, the last one first. */
static const char *
name_at(const PgQuery__Node *node, size_t back)
{
	if (node->node_case != PG_QUERY__NODE__NODE_LIST)
		return back == 0 ? translate_string(node) : NULL;
	return back < node->list->n_items ? translate_string(node->list->items[node->list->n_items - 1 - back]) : NULL;
}

static int
missing(struct translator *t, const PgQuery__DropStmt *stmt, enum sqlstate state, const char *text)
{
	if (stmt->missing_ok)
		return define_add_notice(t, "%s, skipping", text);
	return translate_fail(t, -1, state, "%s", text);
}

static int
missing_schema(struct translator *t, const PgQuery__DropStmt *stmt, const char *schema)
{
	return missing(t, stmt, SQLSTATE_INVALID_SCHEMA_NAME,
	    translator_format(t, "schema \"%s\" does not exist", schema));
}

static int
drop_named(struct translator *t, const PgQuery__DropStmt *stmt, const struct other *other, const PgQuery__Node *node)
{
	const char *name = name_at(node, 0), *schema = name_at(node, 1);

	if (name == NULL || is_built_in(other, name))
		return translate_refuse(t, -1, "this DROP");
	if (schema != NULL && !schema_has_namespace(t->schema, schema))
		return missing_schema(t, stmt, schema);
	return missing(t, stmt, SQLSTATE_UNDEFINED_OBJECT,
	    translator_format(t,
		other->object == PG_QUERY__OBJECT_TYPE__OBJECT_COLLATION && !stmt->missing_ok
		    ? "%s \"%s\" for encoding \"UTF8\" does not exist"
		    : "%s \"%s\" does not exist",
		other->word, name));
}

static int
drop_of_table(struct translator *t, const PgQuery__DropStmt *stmt, const struct other *other, const PgQuery__Node *node)
{
	PgQuery__RangeVar relation = PG_QUERY__RANGE_VAR__INIT;
	const char *name = name_at(node, 0), *table = name_at(node, 1), *schema = name_at(node, 2), *database, *stored;

	if (name == NULL || table == NULL || is_built_in(other, name))
		return translate_refuse(t, -1, "this DROP");
	if (schema != NULL && !schema_has_namespace(t->schema, schema))
		return missing_schema(t, stmt, schema);
	relation.relname = (char *)(uintptr_t)table;
	relation.schemaname = (char *)(uintptr_t)(schema == NULL ? "" : schema);
	relation.location = -1;
	if (translate_relation_name(t, &relation, &database, &stored) == -1)
		return -1;
	if (database == NULL || schema_find_table(t->schema, database, stored) == NULL)
		return missing(t, stmt, SQLSTATE_UNDEFINED_TABLE,
		    translator_format(t,
			schema == NULL ? "relation \"%s\" does not exist" : "relation \"%s.%s\" does not exist",
			schema == NULL ? table : schema, table));
	return missing(t, stmt, SQLSTATE_UNDEFINED_OBJECT,
	    translator_format(t, "%s \"%s\" for relation \"%s\" does not exist", other->word, name, table));
}

/* The list begins with the access method. */
static int
drop_using(struct translator *t, const PgQuery__DropStmt *stmt, const struct other *other, const PgQuery__Node *node)
{
	size_t n = node->node_case == PG_QUERY__NODE__NODE_LIST ? node->list->n_items : 0;
	const char *method = n < 2 ? NULL : translate_string(node->list->items[0]);
	const char *name = name_at(node, 0), *schema = n > 2 ? name_at(node, 1) : NULL;

	if (method == NULL || name == NULL || is_built_in(other, name))
		return translate_refuse(t, -1, "this DROP");
	if (strcmp(method, "heap") == 0 || !is_built_in(&others[0], method))
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "access method \"%s\" does not exist", method);
	if (schema != NULL && !schema_has_namespace(t->schema, schema))
		return missing_schema(t, stmt, schema);
	return missing(t, stmt, SQLSTATE_UNDEFINED_OBJECT,
	    translator_format(t, "%s \"%s\" does not exist for access method \"%s\"", other->word, name, method));
}

int
define_drop_other(struct translator *t, const PgQuery__DropStmt *stmt)
{
	static int (*const drops[])(struct translator *, const PgQuery__DropStmt *, const struct other *,
	    const PgQuery__Node
		*) = { [FORM_NAME] = drop_named, [FORM_OF_TABLE] = drop_of_table, [FORM_USING] = drop_using };
	const struct other *other = NULL;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].object == stmt->remove_type)
			other = &others[i];
	if (other == NULL)
		return translate_refuse(t, -1, "this DROP");
	t->plan->tag = other->tag;
	for (size_t i = 0; i < stmt->n_objects; i++)
		if (drops[other->form](t, stmt, other, stmt->objects[i]) == -1)
			return -1;
	return 0;
}

int
define_drop_database(struct translator *t, const PgQuery__DropdbStmt *stmt)
{
	if (strcmp(stmt->dbname, "bibd") == 0 || strcmp(stmt->dbname, "postgres") == 0 ||
	    strncmp(stmt->dbname, "template", 8) == 0)
		return translate_refuse(t, -1, "DROP DATABASE");
	t->plan->kind = DIALECT_ACCEPT;
	t->plan->tag = "DROP DATABASE";
	if (!stmt->missing_ok)
		return translate_fail(t, -1, SQLSTATE_INVALID_CATALOG_NAME, "database \"%s\" does not exist",
		    stmt->dbname);
	return define_add_notice(t, "database \"%s\" does not exist, skipping", stmt->dbname);
}
