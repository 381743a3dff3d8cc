/*
 * What a partition is as a table: its root's definition, with columns in its own order and keys under its own names.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/partition.h"

#define LEVELS_MAX 16

/* The table that has its rows; malloc'ed. NULL: it was not found. */
static char *
find_root(sqlite3 *db, const char *schema, const struct schema_object *object)
{
	struct schema_partition mark;
	char *name = NULL;

	if (!schema_partition_read(object->sql, &mark))
		return NULL;
	for (unsigned level = 0; level < LEVELS_MAX; level++) {
		struct schema_object parent;
		bool table;

		free(name);
		name = mark.parent;
		mark.parent = NULL;
		schema_partition_free(&mark);
		if (schema_seek_object(db, schema, name, &parent) != 1)
			break;
		table = parent.type == 't';
		if (!table && !schema_partition_read(parent.sql, &mark))
			level = LEVELS_MAX;
		schema_object_free(&parent);
		if (table)
			return name;
	}
	schema_partition_free(&mark);
	free(name);
	return NULL;
}

/* The columns of the view's text, into the order of which those of d are brought. */
static int
order_columns(struct definition *d, const char *sql)
{
	struct definition_lexer lexer;
	unsigned n = 0;

	definition_lex_begin(&lexer, sql);
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, "("))
		definition_lex_next(&lexer);
	while (definition_lex_take(&lexer, n == 0 ? "(" : ",")) {
		char *name = definition_lex_name(&lexer);
		struct definition_column *found = name == NULL ? NULL : definition_find_column(d, name), other;

		free(name);
		if (found == NULL || found < &d->columns[n])
			return -1;
		other = *found;
		memmove(&d->columns[n + 1], &d->columns[n], (size_t)((char *)found - (char *)&d->columns[n]));
		d->columns[n++] = other;
	}
	return n == d->ncolumns ? 0 : -1;
}

static void
name_key(struct definition *d, struct definition_constraint *c, const char *table)
{
	char *joined = NULL;
	size_t length;
	FILE *out = open_memstream(&joined, &length);

	free(c->name);
	c->name = NULL;
	if (out == NULL)
		return;
	for (unsigned i = 0; i < c->columns.count; i++)
		fprintf(out, "%s%s", i == 0 ? "" : "_", c->columns.names[i]);
	if (fclose(out) == 0)
		c->name = c->kind == DEFINITION_PRIMARY_KEY ? definition_object_name(table, NULL, "pkey")
							    : definition_object_name(table, joined, "key");
	free(joined);
	(void)d;
}

static void
add_check(struct definition *d, const struct schema_partition_own *own)
{
	struct definition_constraint *c = definition_add_constraint(d, DEFINITION_CHECK);

	if (c == NULL)
		return;
	c->name = strdup(own->name);
	c->expression = strdup(own->text);
}

static void
apply_own(struct definition *d, const char *text)
{
	struct schema_partition_own own;

	while (schema_partition_own_next(&text, &own)) {
		struct definition_column *column = definition_find_column(d, own.name);

		if (own.what == 'C')
			add_check(d, &own);
		else if (own.what == 'N' && column != NULL)
			column->not_null = true;
		else if (own.what == 'D' && column != NULL) {
			free(column->default_sql);
			column->default_sql = strcmp(own.text, "NULL") == 0 ? NULL : strdup(own.text);
		}
		free(own.copy);
	}
}

/* The partition of a table with an identity column has the column alone. */
static void
drop_identity(struct definition *d)
{
	for (unsigned i = 0; i < d->ncolumns; i++) {
		struct definition_column *column = &d->columns[i];

		if (column->identity != DEFINITION_IDENTITY && column->identity != DEFINITION_IDENTITY_ALWAYS)
			continue;
		column->identity = DEFINITION_PLAIN;
		free(column->default_sql);
		column->default_sql = NULL;
	}
}

int
catalog_partition_definition(sqlite3 *db, const char *schema, const struct schema_object *object, struct definition *d)
{
	char *root = find_root(db, schema, object);
	struct schema_partition mark = { 0 };
	int result = root == NULL ? -1 : catalog_load_definition(db, schema, root, d);

	free(root);
	if (result == -1)
		return -1;
	free(d->name);
	free(d->partition);
	d->name = strdup(object->name);
	d->partition = NULL;
	drop_identity(d);
	if (schema_partition_read(object->sql, &mark)) {
		d->partition = mark.key == NULL ? NULL : strdup(mark.key);
		apply_own(d, mark.own);
	}
	schema_partition_free(&mark);
	for (unsigned i = 0; i < d->nconstraints; i++)
		if (d->constraints[i].kind == DEFINITION_PRIMARY_KEY || d->constraints[i].kind == DEFINITION_UNIQUE)
			name_key(d, &d->constraints[i], object->name);
	if (d->name != NULL && order_columns(d, object->sql) == 0)
		return 0;
	definition_free(d);
	return -1;
}

char *
catalog_partition_ancestors(sqlite3 *db, uint32_t oid)
{
	struct catalog_found found = { .oid = oid };
	char *list = NULL, *name = NULL;
	const char *schema;
	size_t length;
	FILE *out = open_memstream(&list, &length);

	if (out != NULL && catalog_find_relation(db, &found)) {
		schema = strcmp(found.found_schema, "temp") == 0 ? "temp" : "public";
		name = strdup(found.found_stored);
		for (unsigned level = 0; name != NULL && level <= LEVELS_MAX; level++) {
			struct schema_partition mark = { 0 };
			struct schema_object object;
			char *next = NULL;

			if (schema_seek_object(db, schema, name, &object) != 1)
				break;
			if (object.type == 'P' && schema_partition_read(object.sql, &mark))
				next = strdup(mark.parent);
			if (level > 0 || next != NULL || found.kind == 'p')
				fprintf(out, "%s%u", level == 0 ? "" : ",", catalog_object_oid(schema, name));
			schema_partition_free(&mark);
			schema_object_free(&object);
			free(name);
			name = next;
		}
		free(name);
	}
	catalog_found_free(&found);
	return out != NULL && fclose(out) == 0 ? list : NULL;
}
