/*
 * What DDL statements share, and those that have nothing to do on SQLite.
 */
#include "workers/sqlite/dialect/define/sequence.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/names.h"

int
define_as_admin(struct translator *t, const char *statement)
{
	t->plan->admin = true;
	if (schema_definer(t->schema) == SCHEMA_DEFINES_ALL)
		return 0;
	return translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied: %s is for the role admin",
	    statement);
}

/* SQLite keeps one beginning for itself, and bibd another. */
static int
check_name(struct translator *t, int location, const char *name)
{
	if (sqlite3_strnicmp(name, "sqlite_", 7) == 0)
		return translate_fail(t, location, SQLSTATE_RESERVED_NAME,
		    "unacceptable name \"%s\": \"sqlite_\" is reserved", name);
	if (sqlite3_strnicmp(name, "bibd_", 5) == 0 && !schema_is_own(t->schema))
		return translate_fail(t, location, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		    "permission denied to create \"%s\": names that begin with \"bibd_\" are bibd's own", name);
	return 0;
}

static int
refuse_separator(struct translator *t)
{
	return translate_refuse(t, -1, "a name with the character U+001F in it");
}

/* The schema that is written, or else the first of the search path that is there. */
static int
creation_place(struct translator *t, const PgQuery__RangeVar *relation, const char **schema, const char **name)
{
	struct schema_place place;

	if (relation->schemaname != NULL && *relation->schemaname != '\0')
		return translate_relation_name(t, relation, schema, name);
	if (!schema_place_to_create(t->schema, &place))
		return translate_fail(t, relation->location, SQLSTATE_INVALID_SCHEMA_NAME,
		    "no schema has been selected to create in");
	*schema = place.database;
	return (*name = translate_stored_name(t, place.schema, relation->relname)) == NULL ? -1 : 0;
}

int
define_new_relation(struct translator *t, const PgQuery__RangeVar *relation, const char **schema, const char **name)
{
	if (strchr(relation->relname, NAMESPACE_SEPARATOR) != NULL)
		return refuse_separator(t);
	if (relation->relpersistence != NULL && relation->relpersistence[0] == 't') {
		*schema = "temp";
		*name = relation->relname;
		if (relation->schemaname != NULL && *relation->schemaname != '\0' &&
		    strncmp(relation->schemaname, "pg_temp", 7) != 0 && strcmp(relation->schemaname, "temp") != 0)
			return translate_fail(t, relation->location, SQLSTATE_INVALID_TABLE_DEFINITION,
			    "cannot create temporary relation in non-temporary schema");
		return check_name(t, relation->location, *name);
	}
	if (creation_place(t, relation, schema, name) == -1 || check_name(t, relation->location, *name) == -1)
		return -1;
	if (strcmp(*schema, "temp") == 0 && relation->relpersistence != NULL && relation->relpersistence[0] == 'u')
		return translate_fail(t, relation->location, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "only temporary relations may be created in temporary schemas");
	if (strcmp(*schema, "public") != 0 && strcmp(*schema, "temp") != 0)
		return translate_fail(t, relation->location, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		    "permission denied to create \"%s.%s\"", *schema, *name);
	return 0;
}

int
define_check_free(struct translator *t, const char *schema, const char *name, bool if_not_exists, bool *skip)
{
	const struct schema_type *type = strcmp(schema, "public") == 0 ? schema_find_type(t->schema, name) : NULL;
	struct schema_object found;

	*skip = false;
	if (check_name(t, -1, name) == -1)
		return -1;
	*skip = type != NULL && type_class(type->oid) == TYPE_CLASS_COMPOSITE;
	if (*skip)
		return if_not_exists
		    ? define_add_notice(t, "relation \"%s\" already exists, skipping", name)
		    : translate_fail(t, -1, SQLSTATE_DUPLICATE_TABLE, "relation \"%s\" already exists", name);
	if (type != NULL) {
		(void)translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT, "type \"%s\" already exists", name);
		report_hint(t->report,
		    "A relation has an associated type of the same name, so you must use a name "
		    "that doesn't conflict with any existing type.");
		return -1;
	}
	if (!schema_find_object(t->schema, schema, name, &found))
		return 0;
	schema_object_free(&found);
	if (!if_not_exists)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_TABLE, "relation \"%s\" already exists", name);
	*skip = true;
	return define_add_notice(t, "relation \"%s\" already exists, skipping", name);
}

int
define_load(struct translator *t, const struct schema_table *table, struct definition *d)
{
	return table->kind == 'm'
	    ? translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a table", table->name)
	    : define_load_rows(t, table, d);
}

int
define_load_rows(struct translator *t, const struct schema_table *table, struct definition *d)
{
	if (strcmp(table->schema, "public") != 0 && strcmp(table->schema, "temp") != 0)
		return translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		    "permission denied: \"%s\" is a system catalog", table->name);
	if (table->partition != NULL)
		return translate_refuse(t, -1, "this change of a partition");
	if (table->kind != 'r' && table->kind != 'm')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a table", table->name);
	if (definition_parse(table->sql, d) == -1)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "the definition of table \"%s\" cannot be changed", table->name);
	d->temporary = strcmp(table->schema, "temp") == 0;
	return 0;
}

int
define_set_target(struct translator *t, const char *name)
{
	if (t->plan->target != NULL)
		return 0;
	return (t->plan->target = translator_plan_copy(t, name)) == NULL ? -1 : 0;
}

/* Another line of a text; both are freed. */
static int
add_line(struct translator *t, char **text, const char *fmt, va_list ap)
{
	char *line = NULL, *joined = NULL;

	if (vasprintf(&line, fmt, ap) < 0)
		return translate_out_of_memory(t);
	namespace_show(line);
	if (*text == NULL) {
		*text = line;
		return 0;
	}
	if (asprintf(&joined, "%s\n%s", *text, line) < 0)
		joined = NULL;
	free(line);
	if (joined == NULL)
		return translate_out_of_memory(t);
	free(*text);
	*text = joined;
	return 0;
}

int
define_add_notice(struct translator *t, const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = add_line(t, &t->plan->notice, fmt, ap);
	va_end(ap);
	return result;
}

int
define_add_warning(struct translator *t, const char *fmt, ...)
{
	va_list ap;
	int result;

	va_start(ap, fmt);
	result = add_line(t, &t->plan->warning, fmt, ap);
	va_end(ap);
	return result;
}

char *
define_take(struct translator *t, size_t from)
{
	char *text = t->out.failed || t->out.data == NULL ? NULL : strdup(t->out.data + from);

	sql_text_cut(&t->out, from);
	if (text == NULL)
		(void)translate_out_of_memory(t);
	return text;
}

int
define_emit_relation(struct translator *t, const char *schema, const char *name)
{
	if (translate_identifier(t, schema) == -1 || translate_emit(t, ".") == -1)
		return -1;
	return translate_identifier(t, name);
}

/* The sequences of its columns come first. */
static int
emit_made(struct translator *t, const struct definition *d, const char *schema)
{
	for (unsigned i = 0; i < d->ncolumns; i++)
		if (d->columns[i].made != NULL &&
		    define_emit_sequence(t, d->columns[i].made, schema, d->columns[i].made_name) == -1)
			return -1;
	return 0;
}

int
define_emit_table(struct translator *t, const struct definition *d, const char *schema, const char *name)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	int result;

	if (out == NULL || emit_made(t, d, schema) == -1) {
		if (out != NULL)
			(void)fclose(out);
		free(text);
		return out == NULL ? translate_out_of_memory(t) : -1;
	}
	definition_print(d, out, schema, name);
	fputs(";\n", out);
	result = fclose(out) == 0 ? translate_emit(t, text) : translate_out_of_memory(t);
	free(text);
	return result;
}

static int
emit_late_index(struct translator *t, const struct definition_constraint *c, const char *schema, const char *name,
    const char *words)
{
	char index[DEFINITION_LATE_BYTES];

	if (translate_emit(t, words) == -1 ||
	    define_emit_relation(t, schema, definition_late_index(c->number, index)) == -1 ||
	    translate_emit(t, " ON ") == -1 || translate_identifier(t, name) == -1)
		return -1;
	for (unsigned i = 0; i < c->columns.count; i++)
		if (translate_emit(t, i == 0 ? " (" : ", ") == -1 || translate_identifier(t, c->columns.names[i]) == -1)
			return -1;
	return translate_emit(t, ");\n");
}

/* A unique index that is made of the rows, and gone again, says whether two have the same key. */
int
define_emit_late(struct translator *t, const struct definition *d, const char *schema, const char *name, bool anew)
{
	char index[DEFINITION_LATE_BYTES];

	for (unsigned i = 0; i < d->nconstraints; i++) {
		const struct definition_constraint *c = &d->constraints[i];

		if (!definition_is_late(c))
			continue;
		if (anew &&
		    (emit_late_index(t, c, schema, name, "CREATE UNIQUE INDEX ") == -1 ||
			translate_emit(t, "DROP INDEX ") == -1 ||
			define_emit_relation(t, schema, definition_late_index(c->number, index)) == -1 ||
			translate_emit(t, ";\n") == -1))
			return -1;
		if (emit_late_index(t, c, schema, name, "CREATE INDEX ") == -1)
			return -1;
	}
	return 0;
}

char *
define_copy(struct translator *t, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		(void)translate_out_of_memory(t);
	return copy;
}

char *
define_copy_beside(struct translator *t, const char *stored, const char *relation)
{
	char *copy;

	if (strchr(relation, NAMESPACE_SEPARATOR) != NULL) {
		(void)refuse_separator(t);
		return NULL;
	}
	if ((copy = namespace_beside(stored, relation)) == NULL)
		(void)translate_out_of_memory(t);
	return copy;
}
