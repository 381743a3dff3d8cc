/*
 * PARTITION BY.
 */
#include "workers/sqlite/dialect/define/partition.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/dialect/deparse/deparse.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/schema/kept.h"

static const char *
strategy_of(struct translator *t, const PgQuery__PartitionSpec *spec)
{
	static const char *const names[] = { "LIST", "RANGE", "HASH" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i], spec->strategy) == 0)
			return names[i];
	(void)translate_fail(t, spec->location, SQLSTATE_INVALID_PARAMETER_VALUE,
	    "unrecognized partitioning strategy \"%s\"", spec->strategy);
	return NULL;
}

/* ---- what an expression may not have ---- */

struct looking {
	struct translator *t;
	const struct definition *d;
	bool columns, calls;
};

static int
look_at_call(struct translator *t, const PgQuery__FuncCall *call)
{
	const char *name = translate_last_string(call->funcname, call->n_funcname);
	const struct function_fact *fact = function_fact_by_name(name);

	if (call->over != NULL)
		return translate_fail(t, call->location, SQLSTATE_WINDOWING_ERROR,
		    "window functions are not allowed in partition key expressions");
	if (fact != NULL && fact->kind == 'a')
		return translate_fail(t, call->location, SQLSTATE_GROUPING_ERROR,
		    "aggregate functions are not allowed in partition key expressions");
	if (function_is_set(name))
		return translate_fail(t, call->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "set-returning functions are not allowed in partition key expressions");
	if (fact != NULL && fact->volatility != 'i')
		return translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "functions in partition key expression must be marked IMMUTABLE");
	return 0;
}

static int
look_at_column(struct looking *looking, const PgQuery__ColumnRef *ref)
{
	const char *name = translate_string(ref->fields[ref->n_fields - 1]);
	const struct definition_column *column = name == NULL ? NULL : definition_find_column(looking->d, name);

	looking->columns = true;
	if (column != NULL && column->generated != NULL) {
		translate_fail(looking->t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "cannot use generated column in partition key");
		report_detail(looking->t->report, "Column \"%s\" is a generated column.", name);
		return -1;
	}
	return 0;
}

static int
look(void *arg, const PgQuery__Node *node)
{
	struct looking *looking = arg;

	if (node->node_case == PG_QUERY__NODE__NODE_SUB_LINK)
		return translate_fail(looking->t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot use subquery in partition key expression");
	if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL && look_at_call(looking->t, node->func_call) == -1)
		return -1;
	if (node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && look_at_column(looking, node->column_ref) == -1)
		return -1;
	return tree_each_child(node, look, arg);
}

static int
check_expression(struct translator *t, const struct definition *d, const PgQuery__Node *node, size_t i)
{
	struct looking looking = { .t = t, .d = d };

	if (node->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "partition key column %zu has pseudo-type record", i + 1);
	if (node->node_case == PG_QUERY__NODE__NODE_A_CONST && node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "partition key column %zu has pseudo-type unknown", i + 1);
	if (look(&looking, node) != 0)
		return -1;
	return looking.columns ? 0
			       : translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
				     "cannot use constant expression as partition key");
}

/* ---- its parts ---- */

static int
check_column(struct translator *t, const struct definition *d, const char *name, int location, bool hash)
{
	static const char *const system[] = { "tableoid", "ctid", "xmin", "cmin", "xmax", "cmax" };
	const struct definition_column *column = definition_find_column(d, name);

	for (size_t i = 0; i < sizeof(system) / sizeof(system[0]); i++)
		if (strcmp(system[i], name) == 0)
			return translate_fail(t, location, SQLSTATE_INVALID_OBJECT_DEFINITION,
			    "cannot use system column \"%s\" in partition key", name);
	if (column == NULL)
		return translate_fail(t, location, SQLSTATE_UNDEFINED_COLUMN,
		    "column \"%s\" named in partition key does not exist", name);
	if (column->generated != NULL) {
		translate_fail(t, location, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "cannot use generated column in partition key");
		report_detail(t->report, "Column \"%s\" is a generated column.", name);
		return -1;
	}
	if (column->oid == TYPE_JSON)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT,
		    "data type %s has no default operator class for access method \"%s\"", type_display(t, column->oid),
		    hash ? "hash" : "btree");
	return 0;
}

/* Operators of another class than the type's own would compare otherwise; and texts have one collation here. */
static int
check_options(struct translator *t, const struct definition *d, const PgQuery__PartitionElem *element)
{
	const char *class = translate_last_string(element->opclass, element->n_opclass);
	const struct definition_column *column =
	    element->name == NULL ? NULL : definition_find_column(d, element->name);
	const struct type *type = column == NULL ? NULL : type_by_oid(column->oid);
	const char *collation = translate_last_string(element->collation, element->n_collation);

	if (element->n_collation > 0 && strcmp(collation, "default") != 0)
		return translate_refuse(t, element->location, "COLLATE in PARTITION BY");
	if (element->n_opclass > 0 &&
	    (type == NULL || strncmp(class, type->name, strlen(type->name)) != 0 ||
		strcmp(class + strlen(type->name), "_ops") != 0))
		return translate_refuse(t, element->location, "an operator class in PARTITION BY");
	return 0;
}

/* A column in parentheses is no expression. */
static const char *
column_of(const PgQuery__PartitionElem *element)
{
	const PgQuery__Node *node = element->expr;

	if (element->name != NULL && *element->name != '\0')
		return element->name;
	if (node != NULL && node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node->column_ref->n_fields == 1)
		return translate_string(node->column_ref->fields[0]);
	return NULL;
}

static int
put_part(struct translator *t, const struct definition *d, const PgQuery__PartitionElem *element, size_t i, bool hash,
    struct sql_text *out)
{
	const char *name = column_of(element);
	struct deparse_texts texts;
	char *named;
	bool call = false;

	if (name != NULL) {
		if (check_column(t, d, name, element->location, hash) == -1 || check_options(t, d, element) == -1)
			return -1;
		sql_text_put(out, deparse_name(t, name));
		return 0;
	}
	if (check_expression(t, d, element->expr, i) == -1 || check_options(t, d, element) == -1)
		return -1;
	if (!deparse_expression(t, d, element->expr, TYPE_UNKNOWN, -1, &texts, &call))
		return translate_refuse(t, element->location, "this expression in PARTITION BY");
	if ((named = kept_named(texts.plain)) == NULL)
		return translate_out_of_memory(t);
	if (strchr(named, KEPT_OWN_BEGIN) == NULL)
		sql_text_format(out, call ? "%s" : "(%s)", named);
	else
		(void)translate_refuse(t, element->location, "this expression in PARTITION BY");
	free(named);
	return t->report->state == SQLSTATE_SUCCESSFUL_COMPLETION ? 0 : -1;
}

const char *
define_partition_key(struct translator *t, const struct definition *d, const PgQuery__PartitionSpec *spec)
{
	const char *strategy = strategy_of(t, spec), *text = NULL;
	struct sql_text out = { 0 };
	int result = 0;

	if (strategy == NULL)
		return NULL;
	if (spec->n_part_params > PARTITION_KEYS_MAX) {
		(void)translate_fail(t, -1, SQLSTATE_TOO_MANY_COLUMNS, "cannot partition using more than %d columns",
		    PARTITION_KEYS_MAX);
		return NULL;
	}
	if (*strategy == 'L' && spec->n_part_params > 1) {
		(void)translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "cannot use \"list\" partition strategy with more than one column");
		return NULL;
	}
	sql_text_format(&out, "%s (", strategy);
	for (size_t i = 0; result == 0 && i < spec->n_part_params; i++) {
		sql_text_put(&out, i == 0 ? "" : ", ");
		result = put_part(t, d, spec->part_params[i]->partition_elem, i, *strategy == 'H', &out);
	}
	sql_text_put(&out, ")");
	if (result == 0)
		text = out.failed ? NULL : translator_copy(t, out.data);
	sql_text_free(&out);
	return text;
}

int
define_check_hashed(struct translator *t, const struct partition_key *key)
{
	for (unsigned i = 0; key->strategy == 'h' && i < key->n; i++) {
		if (!partition_is_hashed(key->parts[i].oid))
			return translate_refuse(t, -1, "PARTITION BY HASH of this type");
	}
	return 0;
}

/* ---- keys of the table ---- */

static int
check_key(struct translator *t, const struct definition_constraint *c, const char *const *items, unsigned n)
{
	const char *kind = c->kind == DEFINITION_PRIMARY_KEY ? "PRIMARY KEY" : "UNIQUE";

	for (unsigned i = 0; i < n; i++) {
		bool found = false;

		if (items[i][0] == '(' || (items[i][0] != '"' && strchr(items[i], '(') != NULL)) {
			translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "unsupported %s constraint with partition key definition", kind);
			report_detail(t->report,
			    "%s constraints cannot be used when partition keys include expressions.", kind);
			return -1;
		}
		for (unsigned k = 0; !found && k < c->columns.count; k++) {
			const char *name = deparse_name(t, c->columns.names[k]);

			found = name != NULL && strcmp(name, items[i]) == 0;
		}
		if (found)
			continue;
		translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "unique constraint on partitioned table must include all partitioning columns");
		report_detail(t->report, "%s constraint on table lacks column %s which is part of the partition key.",
		    kind, items[i]);
		return -1;
	}
	return 0;
}

int
define_check_keys(struct translator *t, const struct definition *d, const char *key)
{
	const char *items[PARTITION_KEYS_MAX], *end, *open = strchr(key, '(');
	unsigned n = 0;

	if (open == NULL || partition_split(t, open + 1, items, PARTITION_KEYS_MAX, &n, &end) == -1)
		return -1;
	for (unsigned i = 0; i < d->nconstraints; i++)
		if ((d->constraints[i].kind == DEFINITION_PRIMARY_KEY || d->constraints[i].kind == DEFINITION_UNIQUE) &&
		    check_key(t, &d->constraints[i], items, n) == -1)
			return -1;
	return 0;
}

int
define_emit_key_check(struct translator *t, const struct schema_table *root, const char *key)
{
	const char *items[PARTITION_KEYS_MAX], *end, *open = strchr(key, '(');
	const char *name = translator_format(t, "~%s", root->name);
	unsigned n = 0;

	if (open == NULL || name == NULL || partition_split(t, open + 1, items, PARTITION_KEYS_MAX, &n, &end) == -1)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		struct expression e;

		if (items[i][0] == '"' || strchr(items[i], '(') == NULL)
			continue;
		if (translate_emit(t, "CREATE INDEX ") == -1 || define_emit_relation(t, root->schema, name) == -1 ||
		    translate_emit(t, " ON ") == -1 || translate_identifier(t, root->name) == -1 ||
		    translate_emit(t, " (") == -1 ||
		    partition_emit_text(t, root, root->name, true, items[i], &e) == -1 ||
		    translate_emit(t, ");\nDROP INDEX ") == -1 || define_emit_relation(t, root->schema, name) == -1 ||
		    translate_emit(t, ";\n") == -1)
			return -1;
	}
	return 0;
}
