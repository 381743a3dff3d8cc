/*
 * Names: how they are written for SQLite, and in which of its databases a relation is.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/translate.h"
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/names.h"

/* The schemas that are always there, and the SQLite database that each is. */
static const struct {
	const char *name, *database;
} schemas[] = {
	{ "public", "public" },
	{ "pg_catalog", "pg_catalog" },
	{ "information_schema", "information_schema" },
	{ "pg_temp", "temp" },
	{ "temp", "temp" },
	{ "bibd", "public" },
};

const char *
translate_string(const PgQuery__Node *node)
{
	return node != NULL && node->node_case == PG_QUERY__NODE__NODE_STRING ? node->string->sval : NULL;
}

const char *
translate_last_string(PgQuery__Node *const *names, size_t n)
{
	const char *last = n == 0 ? NULL : translate_string(names[n - 1]);

	return last == NULL ? "" : last;
}

static int
check_text(struct translator *t)
{
	return t->out.failed ? translate_out_of_memory(t) : 0;
}

int
translate_identifier(struct translator *t, const char *name)
{
	sql_text_put_identifier(&t->out, name);
	return check_text(t);
}

int
translate_emit(struct translator *t, const char *text)
{
	sql_text_put(&t->out, text);
	return check_text(t);
}

int
translate_emit_format(struct translator *t, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return translate_out_of_memory(t);
	sql_text_put(&t->out, text);
	free(text);
	return check_text(t);
}

int
translate_emit_string(struct translator *t, const char *value)
{
	sql_text_put_string(&t->out, value, strlen(value));
	return check_text(t);
}

static bool
given(const char *s)
{
	return s != NULL && *s != '\0';
}

/* By the search path: a table or view, or else anything that has the name. Nothing has it: schema stays NULL. */
static int
resolve_name(struct translator *t, const char *relation, const char **schema, const char **name)
{
	const struct schema_table *table = schema_resolve(t->schema, relation);
	struct schema_place place;

	if (table != NULL) {
		*schema = table->schema;
		*name = table->name;
		return 0;
	}
	for (unsigned i = 0; schema_place_at(t->schema, i, &place); i++) {
		struct schema_object found;
		char *stored;

		if (strcmp(place.database, "public") != 0 && strcmp(place.database, "temp") != 0)
			continue;
		if ((stored = translate_stored_name(t, place.schema, relation)) == NULL)
			return -1;
		if (!schema_find_object(t->schema, place.database, stored, &found))
			continue;
		schema_object_free(&found);
		*schema = place.database;
		*name = stored;
		return 0;
	}
	return 0;
}

char *
translate_stored_name(struct translator *t, const char *schema, const char *relation)
{
	char *stored = strcmp(schema, "pg_temp") == 0 ? strdup(relation) : namespace_stored(schema, relation);
	char *copy = stored == NULL ? NULL : translator_copy(t, stored);

	if (stored == NULL)
		(void)translate_out_of_memory(t);
	free(stored);
	return copy;
}

int
translate_relation_name(struct translator *t, const PgQuery__RangeVar *relation, const char **schema, const char **name)
{
	*schema = NULL;
	*name = relation->relname;
	if (strchr(relation->relname, NAMESPACE_SEPARATOR) != NULL)
		return translate_fail(t, relation->location, SQLSTATE_UNDEFINED_TABLE, "relation \"%s\" does not exist",
		    relation->relname);
	if (!given(relation->schemaname)) {
		if (!given(relation->relpersistence) || relation->relpersistence[0] != 't')
			return resolve_name(t, relation->relname, schema, name);
		*schema = "temp";
		return 0;
	}
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
		if (strcmp(schemas[i].name, relation->schemaname) == 0)
			*schema = schemas[i].database;
	if (*schema == NULL) {
		if (!schema_has_own(t->schema, relation->schemaname))
			return translate_fail(t, relation->location, SQLSTATE_INVALID_SCHEMA_NAME,
			    "schema \"%s\" does not exist", relation->schemaname);
		*schema = "public";
		*name = translate_stored_name(t, relation->schemaname, relation->relname);
	} else if (strcmp(relation->schemaname, "bibd") == 0)
		*name = translator_format(t, "bibd_%s", relation->relname);
	return *name == NULL ? -1 : 0;
}

int
translate_relation(struct translator *t, const PgQuery__RangeVar *relation)
{
	const char *schema, *name;

	if (translate_relation_name(t, relation, &schema, &name) < 0)
		return -1;
	if (schema != NULL) {
		translate_identifier(t, schema);
		translate_emit(t, ".");
	}
	return translate_identifier(t, name);
}

static bool
is_row_type(struct translator *t, const char *name)
{
	const struct schema_type *type = schema_find_type(t->schema, name);

	return type != NULL && type_class(type->oid) == TYPE_CLASS_COMPOSITE;
}

const struct schema_table *
translate_find_table(struct translator *t, const PgQuery__RangeVar *relation)
{
	const struct schema_table *table;
	const char *schema, *name;
	bool qualified = given(relation->schemaname);

	if (translate_relation_name(t, relation, &schema, &name) < 0) {
		/* A query that names a schema which is not there asks for a relation that is not there. */
		if (t->report->state == SQLSTATE_INVALID_SCHEMA_NAME)
			translate_fail(t, relation->location, SQLSTATE_UNDEFINED_TABLE,
			    "relation \"%s.%s\" does not exist", relation->schemaname, relation->relname);
		return NULL;
	}
	table = schema == NULL ? NULL : schema_find_table(t->schema, schema, name);
	if (table == NULL && schema == NULL && is_row_type(t, relation->relname)) {
		translate_fail(t, relation->location, SQLSTATE_WRONG_OBJECT_TYPE, "cannot open relation \"%s\"",
		    relation->relname);
		report_detail(t->report, "This operation is not supported for composite types.");
		return NULL;
	}
	if (table == NULL) {
		translate_fail(t, relation->location, SQLSTATE_UNDEFINED_TABLE, "relation \"%s%s%s\" does not exist",
		    qualified ? relation->schemaname : "", qualified ? "." : "", relation->relname);
		return NULL;
	}
	t->plan->draws |= t->definition && table->kind == 'v';
	if (table->kind == 'v' && table->sql != NULL)
		t->plan->reads_anew |= strstr(table->sql, "bibd_own(") != NULL || strstr(table->sql, "'own', ") != NULL;
	t->reads_temporary |= strcmp(table->schema, "temp") == 0;
	if (strcmp(table->schema, "pg_catalog") == 0 || strcmp(table->schema, "information_schema") == 0)
		t->plan->needs_catalog = true;
	if (strcmp(table->schema, "pg_catalog") == 0 &&
	    (strcmp(table->name, "pg_stat_activity") == 0 || strcmp(table->name, "pg_sequences") == 0 ||
		strcmp(table->name, "pg_prepared_statements") == 0))
		t->plan->needs_activity = true;
	if (strcmp(table->schema, "pg_catalog") == 0 && strcmp(table->name, "pg_cursors") == 0)
		t->plan->needs_cursors = true;
	return table;
}

const struct schema_table *
translate_find_changed(struct translator *t, const PgQuery__RangeVar *relation)
{
	const struct schema_table *table = translate_find_table(t, relation);

	/* SQLite's authorizer is not asked for what a DEFAULT calls. */
	if (table != NULL && strcmp(table->schema, "temp") == 0)
		t->plan->draws |= table->sql == NULL || function_writes_in(table->sql);
	if (table == NULL ||
	    ((strcmp(table->schema, "public") == 0 || strcmp(table->schema, "temp") == 0) &&
		sqlite3_strnicmp(table->name, "sqlite_", 7) != 0))
		return table;
	translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied for %s %s",
	    table->kind == 'v' ? "view" : "table", table->name);
	return NULL;
}
