/*
 * Reads and keeps the definitions of the file's own types, and holds a domain's constraints against a value.
 */
#include "workers/sqlite/functions/own_type.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/schema.h"

struct own_types {
	struct own_type *first;
};

static void
unload(struct own_type *own)
{
	for (unsigned i = 0; own->checks != NULL && i < own->type.nchecks; i++)
		sqlite3_finalize(own->checks[i]);
	free(own->checks);
	schema_type_free(&own->type);
	free(own);
}

static void
forget(void *arg)
{
	struct own_types *types = arg;

	while (types->first != NULL) {
		struct own_type *own = types->first;

		types->first = own->next;
		unload(own);
	}
	free(types);
}

struct own_types *
own_types_at(sqlite3_context *c, int i)
{
	struct own_types *types = sqlite3_get_auxdata(c, i);

	if (types != NULL)
		return types;
	if ((types = calloc(1, sizeof(*types))) != NULL) {
		sqlite3_set_auxdata(c, i, types, forget);
		types = sqlite3_get_auxdata(c, i); /* it may have been freed at once */
	}
	if (types == NULL)
		sqlite3_result_error_nomem(c);
	return types;
}

/* A row type of a table is known to the schema alone; a copy, since it is forgotten when the schema changes. */
static bool
copy_row_type(struct schema *schema, uint32_t oid, struct schema_type *out)
{
	const struct schema_type *from = schema == NULL ? NULL : schema_type_by_oid(schema, oid);

	*out = (struct schema_type) { .oid = oid, .typmod = -1 };
	if (from == NULL || (out->name = strdup(from->name)) == NULL)
		return false;
	for (unsigned i = 0; i < from->nfields; i++) {
		struct schema_field *field = schema_type_add_field(out);

		if (field == NULL || (field->name = strdup(from->fields[i].name)) == NULL)
			return false;
		field->oid = from->fields[i].oid;
		field->typmod = from->fields[i].typmod;
	}
	return true;
}

static bool
load(sqlite3_context *c, uint32_t oid, struct schema_type *type)
{
	struct sql_context *session = function_session(c);
	bool internal = session->internal, temporary, found;
	int64_t number;

	session->internal = true;
	found = type_is_of_table(oid, &temporary, &number) ? copy_row_type(session->schema, oid, type)
							   : schema_type_read(sqlite3_context_db_handle(c), oid, type);
	session->internal = internal;
	return found;
}

struct own_type *
own_type_of(sqlite3_context *c, struct own_types *types, uint32_t oid)
{
	struct own_type *own;

	for (own = types->first; own != NULL; own = own->next)
		if (own->type.oid == oid)
			return own;
	if ((own = calloc(1, sizeof(*own))) == NULL) {
		sqlite3_result_error_nomem(c);
		return NULL;
	}
	if (!load(c, oid, &own->type)) {
		unload(own);
		function_fail(c, SQLSTATE_UNDEFINED_OBJECT, "type with OID %" PRIu32 " does not exist", oid);
		return NULL;
	}
	own->next = types->first;
	types->first = own;
	return own;
}

struct own_type *
own_type_at(sqlite3_context *c, sqlite3_value **argv, int i)
{
	struct own_types *types = own_types_at(c, i);

	return types == NULL ? NULL : own_type_of(c, types, (uint32_t)sqlite3_value_int64(argv[i]));
}

/* ---- labels ---- */

bool
own_label_usable(sqlite3_context *c, const struct schema_type *type, const struct schema_label *label)
{
	struct sql_context *session = function_session(c);
	bool internal = session->internal, is_new;

	if (label->made == NULL)
		return true;
	session->internal = true;
	is_new = schema_label_is_new(sqlite3_context_db_handle(c), label);
	session->internal = internal;
	if (is_new)
		function_fail(c, SQLSTATE_UNSAFE_NEW_ENUM_VALUE_USAGE, "unsafe use of new value \"%s\" of enum type %s",
		    label->text, type->name);
	return !is_new;
}

const struct schema_label *
own_label(sqlite3_context *c, const struct schema_type *type, const char *text, size_t length)
{
	const struct schema_label *label = schema_type_label_of(type, text, length);

	if (label == NULL)
		function_fail(c, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input value for enum %s: \"%.*s\"",
		    type->name, (int)(length < 256 ? length : 256), text);
	return label == NULL || !own_label_usable(c, type, label) ? NULL : label;
}

const struct schema_label *
own_label_of(sqlite3_context *c, const struct schema_type *type, int64_t value)
{
	const struct schema_label *label = schema_type_label(type, value);

	if (label == NULL)
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "enum %s has no label for %" PRId64, type->name, value);
	return label;
}

/* ---- domains ---- */

/* Whether the constraint holds; NULL holds. False with the call failed, too. */
static bool
check_holds(sqlite3_context *c, struct own_type *own, unsigned i, const struct type_value *value)
{
	const struct schema_check *check = &own->type.checks[i];
	struct sql_context *session = function_session(c);
	sqlite3_stmt *stmt;
	bool holds = true;
	int code;

	if (own->checks == NULL && (own->checks = calloc(own->type.nchecks, sizeof(sqlite3_stmt *))) == NULL) {
		sqlite3_result_error_nomem(c);
		return false;
	}
	if (own->checks[i] == NULL && (own->checks[i] = function_query(c, check->sql, NULL)) == NULL)
		return false;
	stmt = own->checks[i];
	(void)type_bind(stmt, 1, value, false);
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		holds = sqlite3_column_type(stmt, 0) == SQLITE_NULL || sqlite3_column_int(stmt, 0) != 0;
	else if (session->report.message == NULL)
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "%s", sqlite3_errmsg(sqlite3_context_db_handle(c)));
	else
		sqlite3_result_error(c, session->report.message, -1);
	(void)sqlite3_reset(stmt);
	if (code == SQLITE_ROW && !holds)
		function_fail(c, SQLSTATE_CHECK_VIOLATION, "value for domain %s violates check constraint \"%s\"",
		    own->type.name, check->name);
	return code == SQLITE_ROW && holds;
}

static bool
takes(sqlite3_context *c, struct own_type *domain, const struct type_value *value, bool stored)
{
	if (domain->type.not_null && value->kind == SQLITE_NULL) {
		function_fail(c, SQLSTATE_NOT_NULL_VIOLATION, "domain %s does not allow null values",
		    domain->type.name);
		return false;
	}
	for (unsigned i = 0; i < domain->type.nchecks; i++)
		if (!(stored && domain->type.checks[i].not_valid) && !check_holds(c, domain, i, value))
			return false;
	return true;
}

bool
own_domain_takes(sqlite3_context *c, struct own_type *domain, const struct type_value *value)
{
	return takes(c, domain, value, false);
}

bool
own_domain_holds(sqlite3_context *c, struct own_type *domain, const struct type_value *value)
{
	return takes(c, domain, value, true);
}
