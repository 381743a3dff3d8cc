/*
 * CREATE TYPE ... AS ENUM, ALTER TYPE of an enum, DROP TYPE and DROP DOMAIN, and new names of types. What is defined is
 * a view (schema/type.h): a change makes it anew.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/type.h"
#include "workers/sqlite/dialect/expression.h"

#define LABEL_MAX 63

const char *
define_type_name(struct translator *t, PgQuery__Node *const *names, size_t n)
{
	const char *schema = n > 1 ? translate_string(names[n - 2]) : NULL;
	struct schema_place place;

	/* Types lie in public: one that is to lie, or looked for, elsewhere is none of them. */
	if (schema == NULL && (!schema_place_to_create(t->schema, &place) || strcmp(place.schema, "public") != 0)) {
		(void)translate_refuse(t, -1, "a type where public is not first in search_path");
		return NULL;
	}
	if (schema == NULL || strcmp(schema, "public") == 0)
		return translate_last_string(names, n);
	if (schema_has_namespace(t->schema, schema) && strcmp(schema, "pg_catalog") != 0) {
		(void)translate_refuse(t, -1, "a type of one's own in a schema other than public");
		return NULL;
	}
	if (strcmp(schema, "pg_catalog") == 0)
		(void)translate_fail(t, -1, SQLSTATE_INSUFFICIENT_PRIVILEGE, "permission denied for schema %s", schema);
	else if (strncmp(schema, "pg_temp", 7) == 0)
		(void)translate_refuse(t, -1, "a temporary type");
	else
		(void)translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", schema);
	return NULL;
}

int
define_emit_type(struct translator *t, const struct schema_type *type)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	int result;

	if (out == NULL)
		return translate_out_of_memory(t);
	schema_type_print(type, out);
	if (ferror(out) != 0 || fclose(out) != 0) {
		free(text);
		return translate_out_of_memory(t);
	}
	result = translate_emit(t, text);
	free(text);
	return result;
}

int
define_drop_type_view(struct translator *t, uint32_t oid)
{
	return translate_emit_format(t, "DROP VIEW \"public\".\"" SCHEMA_TYPE_PREFIX "%" PRIu32 "\";\n", oid);
}

int
define_check_type_free(struct translator *t, const char *name)
{
	struct schema_object found;
	bool taken = schema_find_type(t->schema, name) != NULL;

	if (!taken && schema_find_object(t->schema, "public", name, &found)) {
		taken = found.type == 't' || found.type == 'v' || found.type == 'm';
		schema_object_free(&found);
	}
	return taken ? translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT, "type \"%s\" already exists", name) : 0;
}

int
define_begin_type(struct translator *t, PgQuery__Node *const *names, size_t n, enum type_class class,
    struct schema_type *type)
{
	const char *name = define_type_name(t, names, n);

	*type = (struct schema_type) { .typmod = -1 };
	if (name == NULL || define_check_type_free(t, name) == -1 || define_set_target(t, name) == -1)
		return -1;
	if ((type->oid = schema_new_type(t->schema, class)) == 0)
		return translate_fail(t, -1, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "too many types have been defined");
	return (type->name = define_copy(t, name)) == NULL ? -1 : 0;
}

/* ---- enums ---- */

static int
check_label(struct translator *t, const char *label)
{
	if (strlen(label) <= LABEL_MAX)
		return 0;
	(void)translate_fail(t, -1, SQLSTATE_INVALID_NAME, "invalid enum label \"%s\"", label);
	report_detail(t->report, "Labels must be %d bytes or less.", LABEL_MAX);
	return -1;
}

/* Between those beside it, in single precision; where that is one of them, all are numbered from 1 first. */
static float
order_at(struct schema_type *type, unsigned at)
{
	const struct schema_label *before = at > 0 ? &type->labels[at - 1] : NULL;
	const struct schema_label *behind = at + 1 < type->nlabels ? &type->labels[at + 1] : NULL;
	float middle;

	if (before == NULL || behind == NULL)
		return before != NULL ? before->order + 1 : behind != NULL ? behind->order - 1 : 1;
	middle = (before->order + behind->order) / 2;
	if (middle != before->order && middle != behind->order)
		return middle;
	for (unsigned i = 0; i < type->nlabels; i++)
		type->labels[i].order = (float)(i < at ? i + 1 : i);
	return (before->order + behind->order) / 2;
}

static int
add_label(struct translator *t, struct schema_type *type, unsigned at, int64_t value, const char *text)
{
	struct schema_label *label;

	if (check_label(t, text) == -1)
		return -1;
	if ((label = schema_type_add_label(type, at)) == NULL)
		return translate_out_of_memory(t);
	label->value = value;
	label->order = order_at(type, at);
	return (label->text = define_copy(t, text)) == NULL ? -1 : 0;
}

int
define_create_enum(struct translator *t, const PgQuery__CreateEnumStmt *stmt)
{
	struct schema_type type;
	int result = define_begin_type(t, stmt->type_name, stmt->n_type_name, TYPE_CLASS_ENUM, &type);

	for (size_t i = 0; result == 0 && i < stmt->n_vals; i++) {
		const char *label = translate_string(stmt->vals[i]);

		if (schema_type_label_of(&type, label, strlen(label)) != NULL) {
			result = translate_fail(t, -1, SQLSTATE_UNIQUE_VIOLATION,
			    "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"");
			report_detail(t->report, "Key (enumtypid, enumlabel)=(%" PRIu32 ", %s) already exists.",
			    type.oid, label);
		} else
			result = add_label(t, &type, type.nlabels, (int64_t)(i + 1) * SCHEMA_LABEL_GAP, label);
	}
	if (result == 0)
		result = define_emit_type(t, &type);
	schema_type_free(&type);
	return result;
}

/* A definition that can be changed, which the caller frees. */
int
define_load_type(struct translator *t, PgQuery__Node *const *names, size_t n, struct schema_type *type)
{
	const char *name = define_type_name(t, names, n);
	const struct schema_type *found = name == NULL ? NULL : schema_find_type(t->schema, name);

	*type = (struct schema_type) { 0 };
	if (name == NULL || define_set_target(t, name) == -1)
		return -1;
	if (found == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "type \"%s\" does not exist", name);
	return schema_type_read(schema_database(t->schema), found->oid, type) ? 0 : translate_out_of_memory(t);
}

/* Where the new label goes, and its value: between those beside it. */
static int
place_label(struct translator *t, const struct schema_type *type, const PgQuery__AlterEnumStmt *stmt, unsigned *at,
    int64_t *value)
{
	const char *beside = stmt->new_val_neighbor;
	bool given = beside != NULL && *beside != '\0';
	const struct schema_label *found = given ? schema_type_label_of(type, beside, strlen(beside)) : NULL;
	int64_t low, high;

	if (given && found == NULL)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "\"%s\" is not an existing enum label",
		    beside);
	*at = 0;
	*value = SCHEMA_LABEL_GAP;
	if (type->labels == NULL)
		return 0;
	*at = found == NULL ? type->nlabels : (unsigned)(found - type->labels) + (stmt->new_val_is_after ? 1 : 0);
	low = *at > 0		  ? type->labels[*at - 1].value
	    : *at < type->nlabels ? type->labels[*at].value - 2 * SCHEMA_LABEL_GAP
				  : 0;
	high = *at < type->nlabels ? type->labels[*at].value : low + 2 * SCHEMA_LABEL_GAP;
	*value = low + (high - low) / 2;
	if (*value == low)
		return translate_refuse(t, -1, "one more label between these two");
	return 0;
}

static int
rename_label(struct translator *t, struct schema_type *type, const char *from, const char *to)
{
	const struct schema_label *found = schema_type_label_of(type, from, strlen(from));
	char **text;

	if (found == NULL)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE, "\"%s\" is not an existing enum label",
		    from);
	if (schema_type_label_of(type, to, strlen(to)) != NULL)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT, "enum label \"%s\" already exists", to);
	if (check_label(t, to) == -1)
		return -1;
	text = &type->labels[found - type->labels].text;
	free(*text);
	return (*text = define_copy(t, to)) == NULL ? -1 : 0;
}

static int
alter_labels(struct translator *t, struct schema_type *type, const PgQuery__AlterEnumStmt *stmt, bool *skip)
{
	const char *label = stmt->new_val;
	int64_t value = 0;
	unsigned at = 0;

	if (type_class(type->oid) != TYPE_CLASS_ENUM)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "%s is not an enum", type->name);
	if (stmt->old_val != NULL && *stmt->old_val != '\0')
		return rename_label(t, type, stmt->old_val, label);
	if (check_label(t, label) == -1)
		return -1;
	if (schema_type_label_of(type, label, strlen(label)) != NULL) {
		*skip = stmt->skip_if_new_val_exists;
		return *skip
		    ? define_add_notice(t, "enum label \"%s\" already exists, skipping", label)
		    : translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT, "enum label \"%s\" already exists", label);
	}
	if (place_label(t, type, stmt, &at, &value) == -1 || add_label(t, type, at, value, label) == -1)
		return -1;
	t->plan->of_session = true; /* it has the transaction's name in it */
	type->labels[at].made = schema_transaction(schema_database(t->schema));
	return 0;
}

int
define_alter_enum(struct translator *t, const PgQuery__AlterEnumStmt *stmt)
{
	struct schema_type type;
	bool skip = false;
	int result = define_load_type(t, stmt->type_name, stmt->n_type_name, &type);

	if (result == 0)
		result = alter_labels(t, &type, stmt, &skip);
	if (result == 0 && !skip)
		result = define_drop_type_view(t, type.oid) == -1 ? -1 : define_emit_type(t, &type);
	schema_type_free(&type);
	return result;
}

int
define_rename_type(struct translator *t, const PgQuery__RenameStmt *stmt)
{
	const PgQuery__List *names = stmt->object->list;
	struct schema_type type;
	int result = define_load_type(t, names->items, names->n_items, &type);

	t->plan->tag = stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN ? "ALTER DOMAIN" : "ALTER TYPE";
	if (result == 0 && stmt->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN &&
	    type_class(type.oid) != TYPE_CLASS_DOMAIN)
		result = translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a domain", type.name);
	if (result == 0)
		result = define_check_type_free(t, stmt->newname);
	if (result == 0) {
		free(type.name);
		result = (type.name = define_copy(t, stmt->newname)) == NULL ? -1 : 0;
	}
	if (result == 0)
		result = define_drop_type_view(t, type.oid) == -1 ? -1 : define_emit_type(t, &type);
	schema_type_free(&type);
	return result;
}

/* ---- DROP ---- */

/* All that refers to a type has its OID, or that of arrays of it, somewhere in its text. */
bool
define_mentions_type(const char *sql, uint32_t oid)
{
	char number[2][16];

	(void)snprintf(number[0], sizeof(number[0]), "%" PRIu32, oid);
	(void)snprintf(number[1], sizeof(number[1]), "%" PRIu32, type_array_of(oid));
	return sql != NULL && (strstr(sql, number[0]) != NULL || strstr(sql, number[1]) != NULL);
}

static int
report_dependent(struct translator *t, const struct schema_type *type, const struct schema_object *object,
    const struct schema_type *other)
{
	struct definition d;

	(void)translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
	    "cannot drop type %s because other objects depend on it", type->name);
	if (other != NULL)
		report_detail(t->report, "type %s depends on type %s", other->name, type->name);
	else if (object->type == 't' && definition_parse(object->sql, &d) == 0) {
		for (unsigned i = 0; i < d.ncolumns; i++)
			if (d.columns[i].oid == type->oid || d.columns[i].domain == type->oid ||
			    type_element(d.columns[i].oid) == type->oid)
				report_detail(t->report, "column %s of table %s depends on type %s", d.columns[i].name,
				    object->name, type->name);
		definition_free(&d);
	} else
		report_detail(t->report, "view %s depends on type %s", object->name, type->name);
	report_hint(t->report, "Use DROP ... CASCADE to drop the dependent objects too.");
	return -1;
}

static bool
is_dropped(const struct schema_object *object, const uint32_t *oids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), SCHEMA_TYPE_PREFIX "%" PRIu32, oids[i]);
		if (strcmp(object->name, name) == 0)
			return true;
	}
	return false;
}

/* Fails for the first object of that database which mentions the type, unless it is dropped with it. */
static int
check_unused(struct translator *t, const char *schema, const struct schema_type *type, const uint32_t *oids, size_t n)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), schema, NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];
		bool own = strncmp(object->name, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) == 0;

		if (!define_mentions_type(object->sql, type->oid) || is_dropped(object, oids, n))
			continue;
		result = report_dependent(t, type, object,
		    own ? schema_type_by_oid(t->schema,
			      (uint32_t)strtoul(object->name + strlen(SCHEMA_TYPE_PREFIX), NULL, 10))
			: NULL);
	}
	schema_objects_free(&objects);
	return result;
}

/* One of the names of DROP TYPE or DROP DOMAIN; *oid 0: it is not there, and may be missing. */
static int
find_dropped(struct translator *t, const PgQuery__DropStmt *stmt, const PgQuery__TypeName *name, uint32_t *oid)
{
	bool domain = stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN;
	const char *last = translate_last_string(name->names, name->n_names);
	const struct schema_type *type;

	*oid = 0;
	if (name->n_names > 1 && strcmp(translate_string(name->names[name->n_names - 2]), "public") != 0) {
		const char *schema = translate_string(name->names[name->n_names - 2]);

		if (schema_has_namespace(t->schema, schema))
			return stmt->missing_ok
			    ? define_add_notice(t, "type \"%s.%s\" does not exist, skipping", schema, last)
			    : translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "type \"%s.%s\" does not exist", schema,
				  last);
		if (stmt->missing_ok)
			return define_add_notice(t, "schema \"%s\" does not exist, skipping", schema);
		return translate_fail(t, -1, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", schema);
	}
	if ((type = schema_find_type(t->schema, last)) == NULL) {
		if (type_by_name(last) != NULL)
			return translate_fail(t, -1, SQLSTATE_DEPENDENT_OBJECTS_STILL_EXIST,
			    "cannot drop type %s because it is required by the database system", last);
		return stmt->missing_ok
		    ? define_add_notice(t, "type \"%s\" does not exist, skipping", last)
		    : translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "type \"%s\" does not exist", last);
	}
	if (domain && type_class(type->oid) != TYPE_CLASS_DOMAIN)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "\"%s\" is not a domain", last);
	*oid = type->oid;
	return define_set_target(t, last);
}

int
define_drop_types(struct translator *t, const PgQuery__DropStmt *stmt)
{
	bool cascade = stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
	uint32_t *oids = translator_alloc(t, (stmt->n_objects + 1) * sizeof(*oids)), oid;
	size_t n = 0;

	t->plan->tag = stmt->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN ? "DROP DOMAIN" : "DROP TYPE";
	if (oids == NULL)
		return -1;
	for (size_t i = 0; i < stmt->n_objects; i++) {
		if (find_dropped(t, stmt, stmt->objects[i]->type_name, &oid) == -1)
			return -1;
		if (oid != 0)
			oids[n++] = oid;
	}
	if (cascade)
		return define_drop_types_cascade(t, oids, n);
	for (size_t i = 0; i < n; i++) {
		const struct schema_type *type = schema_type_by_oid(t->schema, oids[i]);

		if (routine_release_type(t, oids[i], type->name, false) == -1 ||
		    check_unused(t, "public", type, oids, n) == -1 || check_unused(t, "temp", type, oids, n) == -1 ||
		    define_drop_type_view(t, oids[i]) == -1)
			return -1;
	}
	return 0;
}
