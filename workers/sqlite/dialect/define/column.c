/*
 * A column of the tree to a column of a definition.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/dialect/define/sequence.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/schema/kept.h"

int
define_set_type(struct translator *t, struct definition_column *column, uint32_t oid, int32_t typmod)
{
	bool domain = type_is_domain(oid), temporary;
	const struct schema_type *of =
	    domain ? schema_type_by_oid(t->schema, type_is_array(oid) ? type_element(oid) : oid) : NULL;
	char *declaration, *collate;
	int64_t number;

	if (domain && of == NULL)
		return translate_out_of_memory(t);
	if (type_category(oid) == 'P')
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION, "column \"%s\" has pseudo-type %s",
		    column->name, type_display(t, oid));
	if (type_is_of_table(type_is_array(oid) ? type_element(oid) : oid, &temporary, &number))
		return translate_refuse(t, -1, "a column of a table's row type");
	column->domain = domain ? oid : 0;
	if (domain) {
		typmod = of->typmod;
		oid = translate_kept_type(t, oid);
	}
	declaration = type_declare(oid, typmod);
	collate = type_collation(oid) != NULL ? define_copy(t, type_collation(oid)) : NULL;

	if (declaration == NULL) {
		free(collate);
		return translate_refuse(t, -1, "a column of that type");
	}
	free(column->declaration);
	free(column->collate);
	column->declaration = declaration;
	column->collate = collate;
	column->oid = oid;
	column->typmod = typmod;
	column->marked =
	    column->domain != 0 || !((oid == TYPE_TEXT || oid == TYPE_NAME) || (oid == TYPE_VARCHAR && typmod < 0));
	return 0;
}

int
define_set_dimensions(struct translator *t, struct definition_column *column, size_t n)
{
	char *declaration;

	column->dimensions = (unsigned)n;
	if (n == 0)
		return 0;
	if ((declaration = type_declare_array(column->typmod, column->dimensions)) == NULL)
		return translate_out_of_memory(t);
	free(column->declaration);
	column->declaration = declaration;
	return 0;
}

int
define_queue(struct translator *t, struct define_pending **pending, const PgQuery__Constraint *constraint,
    unsigned column)
{
	struct define_pending *entry = translator_alloc(t, sizeof(*entry));

	if (entry == NULL)
		return -1;
	*entry = (struct define_pending) { .constraint = constraint, .column = column, .next = *pending };
	*pending = entry;
	return 0;
}

/* GENERATED ... AS IDENTITY; `when` is 'a' for ALWAYS. */
int
define_add_identity(struct translator *t, struct definition *d, unsigned i, const PgQuery__Constraint *constraint)
{
	struct definition_column *column = &d->columns[i];

	if (column->oid != TYPE_INT2 && column->oid != TYPE_INT4 && column->oid != TYPE_INT8)
		return translate_fail(t, -1, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "identity column type must be smallint, integer, or bigint");
	if (column->identity != DEFINITION_PLAIN)
		return translate_fail(t, constraint->location, SQLSTATE_SYNTAX_ERROR,
		    "multiple identity specifications for column \"%s\" of table \"%s\"", column->name, d->name);
	if (column->default_sql != NULL)
		return translate_fail(t, constraint->location, SQLSTATE_SYNTAX_ERROR,
		    "both default and identity specified for column \"%s\" of table \"%s\"", column->name, d->name);
	column->identity = constraint->generated_when != NULL && constraint->generated_when[0] == 'a'
	    ? DEFINITION_IDENTITY_ALWAYS
	    : DEFINITION_IDENTITY;
	column->not_null = true;
	return define_add_sequence(t, d, i, column->oid, true, constraint->options, constraint->n_options);
}

static int
add_column_constraint(struct translator *t, struct definition *d, unsigned i, const PgQuery__Constraint *constraint,
    struct define_pending **pending)
{
	struct definition_column *column = &d->columns[i];

	switch (constraint->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
		return 0;
	case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
		column->not_null = true;
		return 0;
	case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
		return define_add_identity(t, d, i, constraint);
	default:
		return define_queue(t, pending, constraint, i);
	}
}

static bool
is_system_column(const char *name)
{
	static const char *const names[] = { "tableoid", "ctid", "xmin", "cmin", "xmax", "cmax" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* 1: NULL, 2: NOT NULL, which an identity column is */
static unsigned
null_or_not(const PgQuery__Node *node)
{
	PgQuery__ConstrType type = node->node_case == PG_QUERY__NODE__NODE_CONSTRAINT
	    ? node->constraint->contype
	    : PG_QUERY__CONSTR_TYPE__CONSTR_TYPE_UNDEFINED;

	return type == PG_QUERY__CONSTR_TYPE__CONSTR_NULL						      ? 1
	    : type == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL || type == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY ? 2
													      : 0;
}

static int
check_column(struct translator *t, const struct definition *d, const PgQuery__ColumnDef *column)
{
	unsigned nulls = 0;

	if (is_system_column(column->colname))
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN,
		    "column name \"%s\" conflicts with a system column name", column->colname);
	if (definition_find_column(d, column->colname) != NULL)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN, "column \"%s\" specified more than once",
		    column->colname);
	/* SQLite's names differ in more than case. */
	for (unsigned i = 0; i < d->ncolumns; i++) {
		if (sqlite3_stricmp(d->columns[i].name, column->colname) == 0)
			return translate_refuse(t, column->location, "a column whose name differs only in case");
	}
	for (size_t i = 0; i < column->n_constraints; i++)
		nulls |= null_or_not(column->constraints[i]);
	if (nulls == 3)
		return translate_fail(t, column->location, SQLSTATE_SYNTAX_ERROR,
		    "conflicting NULL/NOT NULL declarations for column \"%s\" of table \"%s\"", column->colname,
		    d->name == NULL ? "" : d->name);
	if (column->type_name == NULL)
		return translate_refuse(t, column->location, "a column without a type");
	return 0;
}

int
define_check_collation(struct translator *t, const PgQuery__ColumnDef *source, uint32_t oid)
{
	const PgQuery__CollateClause *clause = source->coll_clause;

	for (size_t i = 0; clause == NULL && i < source->n_constraints; i++)
		if (source->constraints[i]->node_case == PG_QUERY__NODE__NODE_COLLATE_CLAUSE)
			clause = source->constraints[i]->collate_clause;
	if (clause == NULL)
		return 0;
	if (translate_check_collatable(t, oid, clause->location) == -1)
		return -1;
	return translate_check_collation(t, clause->collname, clause->n_collname, clause->location);
}

int
define_add_column(struct translator *t, struct definition *d, const PgQuery__ColumnDef *source,
    struct define_pending **pending)
{
	struct definition_column *column;
	const struct type *type;
	uint32_t oid;
	int32_t typmod;
	bool serial = false;
	int result = 0;

	if (check_column(t, d, source) == -1 ||
	    translate_type_name(t, source->type_name, &type, &oid, &typmod, &serial) == -1 ||
	    define_check_collation(t, source, oid) == -1)
		return -1;
	if ((column = definition_add_column(d)) == NULL || (column->name = define_copy(t, source->colname)) == NULL ||
	    (column->declaration = define_copy(t, "")) == NULL)
		return translate_out_of_memory(t);
	if (define_set_type(t, column, oid, typmod) == -1 ||
	    define_set_dimensions(t, column, source->type_name->n_array_bounds) == -1)
		return -1;
	if (serial) {
		column->not_null = true;
		result = define_add_sequence(t, d, d->ncolumns - 1, oid, false, NULL, 0);
	}
	/* COLLATE "C" and "default" are what texts have on SQLite anyway. */
	for (size_t i = 0; result == 0 && i < source->n_constraints; i++) {
		if (source->constraints[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
			result =
			    add_column_constraint(t, d, d->ncolumns - 1, source->constraints[i]->constraint, pending);
	}
	return result;
}

struct schema_table *
define_scope_table(struct translator *t, const struct definition *d)
{
	struct schema_table *table = translator_alloc(t, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->name = d->name == NULL ? translator_copy(t, "") : translator_copy(t, d->name);
	table->schema = translator_copy(t, d->temporary ? "temp" : "public");
	table->kind = 'r';
	table->canonical = true;
	table->partition_key = d->partition == NULL ? NULL : translator_copy(t, d->partition);
	table->sql = translator_copy(t, "");
	table->columns = translator_alloc(t, (d->ncolumns + 1) * sizeof(table->columns[0]));
	if (table->name == NULL || table->schema == NULL || table->sql == NULL || table->columns == NULL)
		return NULL;
	for (unsigned i = 0; i < d->ncolumns; i++) {
		const struct definition_column *column = &d->columns[i];

		table->columns[i] = (struct schema_column) {
			.name = translator_copy(t, column->name),
			.oid = column->oid,
			.typmod = column->typmod,
			.domain = column->domain,
			.not_null = column->not_null,
		};
		if (table->columns[i].name == NULL)
			return NULL;
	}
	table->ncolumns = d->ncolumns;
	return table;
}

/* `clause`: NULL for an expression of any type. */
static char *
write_expression(struct translator *t, const struct definition *d, const PgQuery__Node *node, const char *clause)
{
	struct schema_table *table = define_scope_table(t, d);
	size_t from = t->out.length;
	struct scope scope;
	int result;

	if (table == NULL)
		return NULL;
	translate_scope_open(t, &scope);
	result = translate_scope_table(t, table, table->name, true) == NULL ? -1 : 0;
	if (result == 0)
		result = clause == NULL ? translate_sorted(t, node) : translate_condition(t, node, clause);
	translate_scope_close(t, &scope);
	return result == -1 ? NULL : define_take(t, from);
}

char *
define_condition(struct translator *t, const struct definition *d, const PgQuery__Node *node, const char *clause)
{
	return write_expression(t, d, node, clause);
}

char *
define_expression(struct translator *t, const struct definition *d, const PgQuery__Node *node)
{
	return write_expression(t, d, node, NULL);
}

/* What a DEFAULT may not have, the first of it. */
static int
find_not_constant(void *arg, const PgQuery__Node *node)
{
	if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF || node->node_case == PG_QUERY__NODE__NODE_SUB_LINK) {
		*(const PgQuery__Node **)arg = node;
		return 1;
	}
	return tree_each_child(node, find_not_constant, arg);
}

static int
check_default(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__Node *found = NULL;

	if (find_not_constant(&found, node) == 0)
		return 0;
	return translate_fail(t, translate_location(found), SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "cannot use %s in DEFAULT expression",
	    found->node_case == PG_QUERY__NODE__NODE_SUB_LINK ? "subquery" : "column reference");
}

char *
define_value(struct translator *t, const struct definition *d, const PgQuery__Node *node,
    const struct definition_column *column, bool sees_columns)
{
	struct schema_table *table = sees_columns ? define_scope_table(t, d) : NULL;
	size_t from = t->out.length;
	struct scope scope;
	int result = 0;

	if ((sees_columns && table == NULL) || (!sees_columns && check_default(t, node) < 0))
		return NULL;
	translate_scope_open(t, &scope);
	if (sees_columns && translate_scope_table(t, table, table->name, true) == NULL)
		result = -1;
	if (result == 0)
		result = translate_assignment(t, node, column->name, column->domain != 0 ? column->domain : column->oid,
		    column->typmod);
	if (result == 0 && scope.grouped)
		result = translate_fail(t, -1, SQLSTATE_GROUPING_ERROR, "aggregate functions are not allowed in %s",
		    sees_columns ? "column generation expressions" : "DEFAULT expressions");
	translate_scope_close(t, &scope);
	return result == -1 ? NULL : define_take(t, from);
}

char *
define_keep_texts(struct translator *t, const struct deparse_texts *texts, bool call, const char *options, char *sql)
{
	char *comment, *kept = NULL;

	if (sql == NULL)
		return NULL;
	comment = kept_comment(texts->plain, texts->pretty, call, options, sql);
	if (comment == NULL || asprintf(&kept, "%s%s", comment, sql) < 0) {
		kept = NULL;
		(void)translate_out_of_memory(t);
	}
	free(comment);
	free(sql);
	return kept;
}

char *
define_keep(struct translator *t, const struct definition *d, const PgQuery__Node *node, uint32_t oid, int32_t typmod,
    char *sql)
{
	struct deparse_texts texts;
	bool call = false;

	if (sql == NULL)
		return NULL;
	(void)deparse_expression(t, d, node, oid, typmod, &texts, &call);
	return define_keep_texts(t, &texts, call, NULL, sql);
}

static bool
is_integer(uint32_t oid)
{
	return oid == TYPE_INT2 || oid == TYPE_INT4 || oid == TYPE_INT8;
}

/* A key of one integer column is SQLite's own rowid: the declaration must read INTEGER, the mark says the width. */
static int
settle_key(struct translator *t, struct definition *d, struct definition_constraint *key)
{
	struct definition_column *column;

	for (unsigned i = 0; i < key->columns.count; i++) {
		if ((column = definition_find_column(d, key->columns.names[i])) != NULL)
			column->not_null = true;
	}
	column = definition_find_column(d, key->columns.names[0]);
	if (key->columns.count != 1 || definition_is_late(key) || column == NULL || !is_integer(column->oid) ||
	    d->without_rowid)
		return 0;
	free(column->declaration);
	if ((column->declaration = define_copy(t, "INTEGER")) == NULL)
		return -1;
	column->marked = true;
	key->autoincrement = column->identity != DEFINITION_PLAIN && column->default_sql == NULL;
	return 0;
}

int
define_settle(struct translator *t, struct definition *d)
{
	struct definition_constraint *key = definition_primary_key(d);

	for (unsigned i = 0; i < d->ncolumns; i++) {
		struct definition_column *column = &d->columns[i];

		if (is_integer(column->oid) && column->marked &&
		    define_set_type(t, column, column->domain != 0 ? column->domain : column->oid, column->typmod) ==
			-1)
			return -1;
	}
	if (key != NULL && key->columns.count > 0 && settle_key(t, d, key) == -1)
		return -1;
	return 0;
}
