/*
 * CREATE TABLE ... INHERITS: what a child has of its parents, by PostgreSQL's rules of merging.
 */
#include "workers/sqlite/dialect/define/inherit.h"
#include "workers/sqlite/dialect/define/parameter.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
copy(struct translator *t, char **to, const char *from)
{
	free(*to);
	*to = NULL;
	return from == NULL || (*to = define_copy(t, from)) != NULL ? 0 : -1;
}

/* ---- parents ---- */

static int
check_parent(struct translator *t, const struct definition *d, const struct schema_table *parent)
{
	const char *name = namespace_relation(parent->name);

	if (parent->partition_key != NULL && parent->partition == NULL)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot inherit from partitioned table \"%s\"",
		    name);
	if (parent->partition != NULL)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "cannot inherit from partition \"%s\"", name);
	if (parent->kind != 'r')
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
		    "inherited relation \"%s\" is not a table or foreign table", name);
	if (strcmp(parent->schema, "temp") == 0 && !d->temporary)
		return translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
		    "cannot inherit from temporary relation \"%s\"", name);
	if (strcmp(parent->schema, "temp") != 0 && d->temporary)
		return translate_refuse(t, -1, "a temporary table that inherits from one that is not");
	if (definition_names_has(&d->parents, parent->name))
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_TABLE,
		    "relation \"%s\" would be inherited from more than once", name);
	return 0;
}

/* A view's text has the tables that there were when it was made. */
static int
refuse_views(struct translator *t, const struct schema_table *table)
{
	struct definition_names none = { 0 }, views = { 0 };
	int result = define_find_views(t, table->name, &none, &views);

	if (result == 0)
		result = define_find_temporary_views(t, table->schema, table->name, &none, &views);

	if (result == 0 && views.count > 0)
		result = translate_refuse(t, -1, "another child of a table that a view reads");
	definition_names_free(&views);
	return result;
}

/* The table, and all above it. */
int
inherit_check_views(struct translator *t, const struct schema_table *table)
{
	struct definition d;
	int result = refuse_views(t, table);

	if (result == -1 || define_load(t, table, &d) == -1)
		return -1;
	for (unsigned i = 0; result == 0 && i < d.parents.count; i++) {
		const struct schema_table *parent = schema_find_table(t->schema, table->schema, d.parents.names[i]);

		result = parent == NULL ? 0 : inherit_check_views(t, parent);
	}
	definition_free(&d);
	return result;
}

/* ---- columns ---- */

static int
copy_column(struct translator *t, struct definition *d, const struct definition_column *from)
{
	struct definition_column *column = definition_add_column(d);
	bool identity = from->identity == DEFINITION_IDENTITY || from->identity == DEFINITION_IDENTITY_ALWAYS;

	if (column == NULL || (column->name = define_copy(t, from->name)) == NULL ||
	    (column->declaration = define_copy(t, "")) == NULL)
		return translate_out_of_memory(t);
	if (define_set_type(t, column, from->domain != 0 ? from->domain : from->oid, from->typmod) == -1 ||
	    define_set_dimensions(t, column, from->dimensions) == -1)
		return -1;
	if (from->identity != DEFINITION_PLAIN && from->default_sql == NULL)
		return translate_refuse(t, -1, "inheriting from a table that an older bibd made");
	column->not_null = from->not_null;
	column->stored = from->stored;
	if (copy(t, &column->generated, from->generated) == -1)
		return -1;
	return identity ? 0 : copy(t, &column->default_sql, from->default_sql);
}

/* Whether the statement itself says what the column's default is. */
static bool
has_default(const PgQuery__CreateStmt *stmt, const char *name)
{
	for (size_t i = 0; i < stmt->n_table_elts; i++) {
		const PgQuery__ColumnDef *column = stmt->table_elts[i]->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF
		    ? stmt->table_elts[i]->column_def
		    : NULL;

		for (size_t k = 0; column != NULL && strcmp(column->colname, name) == 0 && k < column->n_constraints;
		     k++)
			if (column->constraints[k]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT &&
			    column->constraints[k]->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT)
				return true;
	}
	return false;
}

/* Whether the parents before the last one, which have the column, store it otherwise than that does. */
static bool
storage_differs(struct translator *t, const struct definition *d, const struct definition_column *from)
{
	unsigned last = d->parents.count - 1;
	const char *storage = parameter_storage(t, d->parents.names[last], from);

	for (unsigned i = 0; i < last; i++) {
		const struct schema_table *parent = schema_find_table(t->schema, "public", d->parents.names[i]);

		if (parent != NULL && schema_find_column(parent, from->name) != NULL)
			return strcmp(storage, parameter_storage(t, parent->name, from)) != 0;
	}
	return false;
}

/* Of two parents. */
static int
merge_inherited(struct translator *t, const struct definition *d, struct definition_column *column,
    const struct definition_column *from, const PgQuery__CreateStmt *stmt)
{
	if (define_add_notice(t, "merging multiple inherited definitions of column \"%s\"", from->name) == -1)
		return -1;
	if (column->oid != from->oid || column->typmod != from->typmod || column->domain != from->domain)
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH, "inherited column \"%s\" has a type conflict",
		    from->name);
	if (storage_differs(t, d, from))
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "inherited column \"%s\" has a storage parameter conflict", from->name);
	column->not_null |= from->not_null;
	if ((column->generated == NULL) != (from->generated == NULL))
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "inherited column \"%s\" has a generation conflict", from->name);
	if (from->default_sql == NULL && from->generated == NULL)
		return 0;
	if (column->default_sql == NULL && column->generated == NULL)
		return copy(t, &column->default_sql, from->default_sql);
	if ((same_text(column->generated, from->generated) && same_text(column->default_sql, from->default_sql)) ||
	    has_default(stmt, from->name))
		return 0;
	return translate_fail(t, -1, SQLSTATE_INVALID_COLUMN_DEFINITION,
	    "column \"%s\" inherits conflicting default values", from->name);
}

static int
copy_check(struct translator *t, struct definition *d, const struct definition_constraint *from)
{
	const struct definition_constraint *other = definition_find_constraint(d, from->name);
	struct definition_constraint *c;

	if (other != NULL)
		return kept_same(other->expression, from->expression)
		    ? 0
		    : translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
			  "check constraint name \"%s\" appears multiple times but with different expressions",
			  from->name);
	if ((c = definition_add_constraint(d, DEFINITION_CHECK)) == NULL)
		return translate_out_of_memory(t);
	return copy(t, &c->name, from->name) == -1 ? -1 : copy(t, &c->expression, from->expression);
}

static int
take_parent(struct translator *t, struct definition *d, const struct schema_table *parent,
    const PgQuery__CreateStmt *stmt)
{
	struct definition from;
	int result = define_load(t, parent, &from);

	if (result == -1)
		return -1;
	for (unsigned i = 0; result == 0 && i < from.ncolumns; i++) {
		struct definition_column *column = definition_find_column(d, from.columns[i].name);

		result = column == NULL ? copy_column(t, d, &from.columns[i])
					: merge_inherited(t, d, column, &from.columns[i], stmt);
	}
	for (unsigned i = 0; result == 0 && i < from.nconstraints; i++)
		if (from.constraints[i].kind == DEFINITION_CHECK && !from.constraints[i].no_inherit &&
		    from.constraints[i].name != NULL)
			result = copy_check(t, d, &from.constraints[i]);
	definition_free(&from);
	return result;
}

int
inherit_begin(struct translator *t, struct definition *d, const char *schema, const PgQuery__CreateStmt *stmt)
{
	(void)schema;
	for (size_t i = 0; i < stmt->n_inh_relations; i++) {
		const struct schema_table *parent = translate_find_changed(t, stmt->inh_relations[i]->range_var);

		if (parent == NULL || check_parent(t, d, parent) == -1 || inherit_check_views(t, parent) == -1)
			return -1;
		if (definition_add_name(&d->parents, parent->name) == -1)
			return translate_out_of_memory(t);
		if (take_parent(t, d, parent, stmt) == -1)
			return -1;
	}
	d->ninherited = d->ncolumns;
	return 0;
}

/* ---- what the statement itself says ---- */

static int
check_constraint(struct translator *t, struct definition_column *column, const PgQuery__Constraint *constraint)
{
	bool generated = constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED;
	bool identity = constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY;
	bool preset = constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT;

	if (column->generated == NULL || !(generated || identity || preset))
		return 0;
	return translate_fail(t, -1, SQLSTATE_INVALID_COLUMN_DEFINITION,
	    generated	   ? "child column \"%s\" specifies generation expression"
		: identity ? "column \"%s\" inherits from generated column but specifies identity"
			   : "column \"%s\" inherits from generated column but specifies default",
	    column->name);
}

static int
merge_constraint(struct translator *t, struct definition *d, unsigned i, const PgQuery__Constraint *constraint,
    struct define_pending **pending)
{
	struct definition_column *column = &d->columns[i];

	if (check_constraint(t, column, constraint) == -1)
		return -1;
	switch (constraint->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
		return 0;
	case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
		column->not_null = true;
		return 0;
	case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
		return translate_refuse(t, constraint->location, "an identity column that is inherited");
	case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
		free(column->default_sql);
		column->default_sql = NULL;
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
		if (column->default_sql != NULL)
			return translate_refuse(t, constraint->location,
			    "a generated column with an inherited default");
		break;
	default:
		break;
	}
	return define_queue(t, pending, constraint, i);
}

int
inherit_merge_column(struct translator *t, struct definition *d, const PgQuery__ColumnDef *source,
    struct define_pending **pending)
{
	struct definition_column *column = definition_find_column(d, source->colname);
	const struct type *type;
	uint32_t oid;
	int32_t typmod;
	bool serial = false;

	if (column == NULL || (unsigned)(column - d->columns) >= d->ninherited)
		return 0;
	if (definition_names_has(&d->own_columns, source->colname))
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN, "column \"%s\" specified more than once",
		    source->colname);
	if (source->type_name == NULL || translate_type_name(t, source->type_name, &type, &oid, &typmod, &serial) == -1)
		return -1;
	if (serial)
		return translate_refuse(t, source->location, "a serial column that is inherited");
	if (define_add_notice(t, "merging column \"%s\" with inherited definition", source->colname) == -1)
		return -1;
	if (column->domain != 0 ? oid != column->domain : oid != column->oid || typmod != column->typmod)
		return translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH, "column \"%s\" has a type conflict",
		    source->colname);
	if (source->coll_clause != NULL &&
	    strcmp(translate_last_string(source->coll_clause->collname, source->coll_clause->n_collname), "default") !=
		0)
		return translate_refuse(t, source->location, "COLLATE of an inherited column");
	if (definition_add_name(&d->own_columns, source->colname) == -1)
		return translate_out_of_memory(t);
	for (size_t i = 0; i < source->n_constraints; i++)
		if (source->constraints[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT &&
		    merge_constraint(t, d, (unsigned)(column - d->columns), source->constraints[i]->constraint,
			pending) == -1)
			return -1;
	return 1;
}
