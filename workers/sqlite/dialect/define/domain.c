/*
 * CREATE DOMAIN and ALTER DOMAIN.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/define/type.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/expression.h"

/* A constraint as a query over ?1, which VALUE is. malloc'ed; NULL: failed. */
static char *
write_check(struct translator *t, const struct schema_type *type, const PgQuery__Node *node)
{
	size_t from = t->out.length;
	struct scope_range *range;
	struct scope scope;
	int result = -1;

	translate_scope_open(t, &scope);
	if (translate_emit(t, "SELECT ") == 0 && (range = translate_scope_range(t, "", 1)) != NULL) {
		range->bare = true;
		range->columns[0] = (struct scope_column) { .name = "value",
			.emitted = "?1",
			.raw = true,
			.oid = type->base,
			.typmod = type->typmod,
			.canonical = type->base == TYPE_NUMERIC };
		result = translate_condition(t, node, "CHECK");
	}
	translate_scope_close(t, &scope);
	return result == -1 ? NULL : define_take(t, from);
}

/* PostgreSQL's own text of a constraint over VALUE, or of a default, kept before SQLite's. malloc'ed; NULL: failed. */
static char *
keep_source(struct translator *t, const struct schema_type *type, const PgQuery__Node *node, bool check,
    const char *sql)
{
	char name[] = "value";
	struct definition_column value = { .name = name,
		.oid = type->base,
		.typmod = type->typmod,
		.domain = type->over != type->base ? type->over : 0 };
	const struct definition d = { .ncolumns = 1, .columns = &value };

	if (check)
		return define_keep(t, &d, node, TYPE_BOOL, -1, define_copy(t, sql));
	return define_keep(t, NULL, node, type->base, type->typmod, define_copy(t, sql));
}

/* "dom_check", "dom_check1", ... */
static char *
free_check_name(struct translator *t, const struct schema_type *type)
{
	char *base = definition_object_name(type->name, NULL, "check"), *name = NULL;
	bool taken = true;

	for (unsigned i = 0; base != NULL && taken && i <= type->nchecks; i++) {
		char number[12] = "";

		free(name);
		if (i > 0)
			(void)snprintf(number, sizeof(number), "%u", i);
		if (asprintf(&name, "%s%s", base, number) < 0)
			name = NULL;
		taken = false;
		for (unsigned j = 0; name != NULL && j < type->nchecks; j++)
			taken |= type->checks[j].name != NULL && strcmp(type->checks[j].name, name) == 0;
	}
	free(base);
	if (name == NULL)
		(void)translate_out_of_memory(t);
	return name;
}

static int
add_check(struct translator *t, struct schema_type *type, const PgQuery__Constraint *constraint)
{
	bool named = constraint->conname != NULL && *constraint->conname != '\0';
	char *sql, *name = named ? define_copy(t, constraint->conname) : free_check_name(t, type);
	struct schema_check *check;

	for (unsigned i = 0; name != NULL && i < type->nchecks; i++)
		if (strcmp(type->checks[i].name, name) == 0) {
			(void)translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
			    "constraint \"%s\" for domain \"%s\" already exists", name, type->name);
			free(name);
			return -1;
		}
	if (name == NULL || (sql = write_check(t, type, constraint->raw_expr)) == NULL) {
		free(name);
		return -1;
	}
	if ((check = schema_type_add_check(type)) == NULL) {
		free(name);
		free(sql);
		return translate_out_of_memory(t);
	}
	*check = (struct schema_check) { .name = name, .sql = sql };
	check->source = keep_source(t, type, constraint->raw_expr, true, sql);
	return check->source == NULL ? -1 : 0;
}

/* Takes the place of the one before; node NULL, or the constant NULL: there is none. */
static int
set_default(struct translator *t, struct schema_type *type, const PgQuery__Node *node)
{
	size_t from = t->out.length;
	bool null = node == NULL || (node->node_case == PG_QUERY__NODE__NODE_A_CONST && node->a_const->isnull);

	free(type->default_sql);
	free(type->default_source);
	type->default_sql = type->default_source = NULL;
	if (null)
		return 0;
	if (translate_assignment(t, node, type->name, type->base, type->typmod) == -1 ||
	    (type->default_sql = define_take(t, from)) == NULL)
		return -1;
	return (type->default_source = keep_source(t, type, node, false, type->default_sql)) == NULL ? -1 : 0;
}

static int
add_constraint(struct translator *t, struct schema_type *type, const PgQuery__Constraint *constraint, unsigned *nulls)
{
	switch (constraint->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
	case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
		*nulls |= constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_NULL ? 1 : 2;
		if (*nulls == 3)
			return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "conflicting NULL/NOT NULL constraints");
		type->not_null = *nulls == 2;
		return 0;
	case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
		if (type->default_sql != NULL)
			return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "multiple default expressions");
		return set_default(t, type, constraint->raw_expr);
	case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
		if (constraint->is_no_inherit)
			return translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
			    "check constraints for domains cannot be marked NO INHERIT");
		return add_check(t, type, constraint);
	case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "unique constraints not possible for domains");
	case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "primary key constraints not possible for domains");
	case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR, "foreign key constraints not possible for domains");
	default:
		return translate_refuse(t, -1, "this constraint of a domain");
	}
}

/* What it is made of, whose default is its own until it says another. */
static int
set_base(struct translator *t, struct schema_type *type, const PgQuery__TypeName *name)
{
	const struct schema_type *over;
	const struct type *unused;

	if (translate_type_name(t, name, &unused, &type->over, &type->typmod, NULL) == -1)
		return -1;
	type->base = type->over;
	if (type_class(type->over) != TYPE_CLASS_DOMAIN)
		return 0;
	if ((over = schema_type_by_oid(t->schema, type->over)) == NULL)
		return translate_out_of_memory(t);
	type->base = over->base;
	type->typmod = over->typmod;
	if (over->default_sql == NULL)
		return 0;
	type->default_sql = define_copy(t, over->default_sql);
	type->default_source = define_copy(t, over->default_source);
	return type->default_sql == NULL || type->default_source == NULL ? -1 : 0;
}

int
define_create_domain(struct translator *t, const PgQuery__CreateDomainStmt *stmt)
{
	struct schema_type type;
	char *inherited;
	unsigned nulls = 0;
	int result = define_begin_type(t, stmt->domainname, stmt->n_domainname, TYPE_CLASS_DOMAIN, &type);

	if (result == 0 && stmt->coll_clause != NULL)
		result = translate_refuse(t, -1, "COLLATE of a domain");
	if (result == 0)
		result = set_base(t, &type, stmt->type_name);
	inherited = type.default_sql;
	type.default_sql = NULL; /* while constraints are read, whether they say one */
	for (size_t i = 0; result == 0 && i < stmt->n_constraints; i++)
		result = add_constraint(t, &type, stmt->constraints[i]->constraint, &nulls);
	if (type.default_sql == NULL)
		type.default_sql = inherited;
	else
		free(inherited);
	if (result == 0)
		result = define_emit_type(t, &type);
	schema_type_free(&type);
	return result;
}

/* ---- ALTER DOMAIN ---- */

/* Writes, for each column that has the domain, or one made of it, a query that fails when a row does not hold. */
static int
check_rows(struct translator *t, const struct schema_type *type, const char *schema, const char *table,
    const char *column)
{
	char *name = translator_format(t, "%s", column);

	if (name == NULL || translate_emit(t, "SELECT count(bibd_domain_row(") == -1 ||
	    translate_identifier(t, name) == -1 || translate_emit_format(t, ", %" PRIu32 ", ", type->oid) == -1 ||
	    translate_emit_string(t, column) == -1 || translate_emit(t, ", ") == -1 ||
	    translate_emit_string(t, table) == -1 || translate_emit(t, ")) FROM ") == -1 ||
	    define_emit_relation(t, schema, table) == -1)
		return -1;
	return translate_emit(t, ";\n");
}

static bool
is_made_of(struct translator *t, uint32_t domain, uint32_t oid)
{
	const struct schema_type *type;

	while (domain != oid && type_class(domain) == TYPE_CLASS_DOMAIN &&
	    (type = schema_type_by_oid(t->schema, domain)) != NULL)
		domain = type->over;
	return domain == oid;
}

/* Whether values of the type have values of the domain within them. */
static bool
has_within(struct translator *t, uint32_t oid, uint32_t domain)
{
	const struct schema_type *type = schema_type_by_oid(t->schema, type_is_array(oid) ? type_element(oid) : oid);

	if (type == NULL)
		return false;
	if (is_made_of(t, type->oid, domain) || (type->base != 0 && has_within(t, type->base, domain)))
		return true;
	for (unsigned i = 0; i < type->nfields; i++)
		if (has_within(t, type->fields[i].oid, domain))
			return true;
	return false;
}

static int
check_column(struct translator *t, const struct schema_type *type, const char *schema, const char *table,
    const struct definition_column *column)
{
	uint32_t oid = column->domain != 0 ? column->domain : column->oid;

	if (column->domain != 0 && is_made_of(t, column->domain, type->oid))
		return check_rows(t, type, schema, table, column->name);
	return has_within(t, oid, type->oid)
	    ? translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "cannot alter type \"%s\" because column \"%s.%s\" uses it", type->name, table, column->name)
	    : 0;
}

static int
check_tables(struct translator *t, const struct schema_type *type, const char *schema)
{
	struct schema_objects objects;
	int result = 0;

	if (schema_list_objects(schema_database(t->schema), schema, NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		const struct schema_object *object = &objects.items[i];
		struct definition d;

		if ((object->type != 't' && object->type != 'm') || object->sql == NULL ||
		    definition_parse(object->sql, &d) == -1)
			continue;
		for (unsigned j = 0; result == 0 && j < d.ncolumns; j++)
			result = check_column(t, type, schema, object->name, &d.columns[j]);
		definition_free(&d);
	}
	schema_objects_free(&objects);
	return result;
}

static int
drop_check(struct translator *t, struct schema_type *type, const char *name, bool missing_ok)
{
	for (unsigned i = 0; i < type->nchecks; i++)
		if (strcmp(type->checks[i].name, name) == 0) {
			free(type->checks[i].name);
			free(type->checks[i].sql);
			free(type->checks[i].source);
			memmove(&type->checks[i], &type->checks[i + 1],
			    (--type->nchecks - i) * sizeof(type->checks[0]));
			return comment_drop(t, COMMENT_DOMAIN_CONSTRAINT,
			    translator_format(t, SCHEMA_TYPE_PREFIX "%u", (unsigned)type->oid), name);
		}
	if (missing_ok)
		return define_add_notice(t, "constraint \"%s\" of domain \"%s\" does not exist, skipping", name,
		    type->name);
	return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "constraint \"%s\" of domain \"%s\" does not exist",
	    name, type->name);
}

/* VALIDATE CONSTRAINT of one that is there. */
static int
validate_check(struct translator *t, struct schema_type *type, const char *name)
{
	for (unsigned i = 0; i < type->nchecks; i++)
		if (strcmp(type->checks[i].name, name) == 0) {
			type->checks[i].not_valid = false;
			return 0;
		}
	return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "constraint \"%s\" of domain \"%s\" does not exist",
	    name, type->name);
}

/* *checks: what is stored must hold from now on. */
static int
change(struct translator *t, struct schema_type *type, const PgQuery__AlterDomainStmt *stmt, bool *checks)
{
	const PgQuery__Constraint *constraint;
	unsigned nulls = 0;

	switch (stmt->subtype[0]) {
	case 'T':
		return set_default(t, type, stmt->def);
	case 'N':
		type->not_null = false;
		return 0;
	case 'O':
		*checks = !type->not_null;
		type->not_null = true;
		return 0;
	case 'C':
		constraint = stmt->def->constraint;
		if (constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_CHECK)
			return add_constraint(t, type, constraint, &nulls) == -1
			    ? -1
			    : translate_refuse(t, -1, "adding this constraint to a domain");
		*checks = !constraint->skip_validation;
		if (add_check(t, type, constraint) == -1)
			return -1;
		type->checks[type->nchecks - 1].not_valid = constraint->skip_validation;
		return 0;
	case 'V':
		*checks = true;
		return validate_check(t, type, stmt->name);
	case 'X':
		return drop_check(t, type, stmt->name, stmt->missing_ok);
	default:
		return translate_refuse(t, -1, "this ALTER DOMAIN");
	}
}

int
define_alter_domain(struct translator *t, const PgQuery__AlterDomainStmt *stmt)
{
	struct schema_type type;
	bool checks = false;
	int result = define_load_type(t, stmt->type_name, stmt->n_type_name, &type);

	if (result == 0 && type_class(type.oid) != TYPE_CLASS_DOMAIN)
		result = translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "%s is not a domain", type.name);
	if (result == 0)
		result = change(t, &type, stmt, &checks);
	if (result == 0)
		result = define_drop_type_view(t, type.oid) == -1 ? -1 : define_emit_type(t, &type);
	if (result == 0 && checks)
		result = check_tables(t, &type, "public") == -1 ? -1 : check_tables(t, &type, "temp");
	schema_type_free(&type);
	return result;
}

int
define_rename_check(struct translator *t, const PgQuery__RenameStmt *stmt)
{
	const PgQuery__List *names = stmt->object->list;
	struct schema_type type;
	bool found = false;
	int result = define_load_type(t, names->items, names->n_items, &type);

	t->plan->tag = "ALTER DOMAIN";
	for (unsigned i = 0; result == 0 && i < type.nchecks; i++)
		if (strcmp(type.checks[i].name, stmt->subname) == 0) {
			free(type.checks[i].name);
			found = (type.checks[i].name = define_copy(t, stmt->newname)) != NULL;
			result = found ? 0 : -1;
			break;
		}
	if (result == 0 && !found)
		result = translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT,
		    "constraint \"%s\" for domain %s does not exist", stmt->subname, type.name);
	if (result == 0)
		result = define_drop_type_view(t, type.oid) == -1 ||
			comment_rename_part(t, COMMENT_DOMAIN_CONSTRAINT,
			    translator_format(t, SCHEMA_TYPE_PREFIX "%u", (unsigned)type.oid), stmt->subname,
			    stmt->newname) == -1
		    ? -1
		    : define_emit_type(t, &type);
	schema_type_free(&type);
	return result;
}
