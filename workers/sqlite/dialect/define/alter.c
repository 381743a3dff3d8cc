/*
 * ALTER TABLE: every command changes the definition; at the end stands a rebuild, unless SQLite's own ALTER TABLE had
 * words for all of them.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/parameter.h"
#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/trigger.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/schema/kept.h"

unsigned
alter_column_index(const struct definition *d, const char *name)
{
	for (unsigned i = 0; i < d->ncolumns; i++) {
		if (strcmp(d->columns[i].name, name) == 0)
			return i;
	}
	return UINT_MAX;
}

int
alter_find_column(struct alter *alter, const char *name, unsigned *i)
{
	*i = alter_column_index(&alter->rebuild.after, name);
	if (*i != UINT_MAX)
		return 0;
	return translate_fail(alter->t, -1, SQLSTATE_UNDEFINED_COLUMN,
	    "column \"%s\" of relation \"%s\" does not exist", name, alter->rebuild.table->name);
}

static bool
is_constant(const char *sql)
{
	size_t length;

	sql = kept_body(sql);
	length = strlen(sql);
	if (sql[0] == '\'')
		return sql[length - 1] == '\'' && strchr(sql + 1, '\'') == sql + length - 1;
	if (strspn(sql, "-0.") == length) /* SQLite takes -0 for 0 here */
		return *sql != '-';
	if (*sql == '-')
		sql++;
	return strspn(sql, "0123456789.") == strlen(sql) && *sql != '\0';
}

/* SQLite adds a column at the end of rows that stay as they are: its value must be one for all. */
static bool
adds_natively(const struct definition_column *column, const struct define_pending *pending)
{
	for (; pending != NULL; pending = pending->next) {
		if (pending->constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT)
			return false;
	}
	if (column->generated != NULL || column->identity != DEFINITION_PLAIN)
		return false;
	return column->default_sql == NULL ? !column->not_null : is_constant(column->default_sql);
}

/* The text of a CHECK that is NOT VALID names every column. */
static bool
has_not_valid(const struct definition *d)
{
	bool found = false;

	for (unsigned i = 0; !found && i < d->nconstraints; i++)
		found = d->constraints[i].kind == DEFINITION_CHECK && d->constraints[i].not_valid;
	return found;
}

/* What SQLite answers for rows that were there before is an integer where the default is a whole number, unless it is
 * cast. */
static int
cast_added_float(struct translator *t, struct definition_column *column)
{
	const char *cast = column->default_sql == NULL
	    ? NULL
	    : translator_format(t, "CAST(%s AS REAL)", kept_body(column->default_sql));
	struct kept_texts texts;
	char *comment = NULL, *sql = NULL;

	if (cast == NULL || *kept_body(column->default_sql) == '\'' ||
	    (column->oid != TYPE_FLOAT4 && column->oid != TYPE_FLOAT8))
		return 0;
	if (kept_read(column->default_sql, &texts) == KEPT_TEXT)
		comment = kept_comment(texts.plain, texts.pretty, texts.call, texts.options, cast);
	kept_free(&texts);
	if (asprintf(&sql, "%s%s%s", comment == NULL ? "" : comment, comment == NULL ? "" : " ", cast) < 0)
		sql = NULL;
	free(comment);
	if (sql == NULL)
		return translate_out_of_memory(t);
	free(column->default_sql);
	column->default_sql = sql;
	return 0;
}

static int
emit_add_column(struct alter *alter, const struct definition_column *column)
{
	const struct schema_table *table = alter->rebuild.table;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	int result;

	if (out == NULL)
		return translate_out_of_memory(alter->t);
	definition_print_column(&alter->rebuild.after, column, out);
	if (fclose(out) != 0)
		return translate_out_of_memory(alter->t);
	result = translate_emit(alter->t, "ALTER TABLE ") == -1 ||
		define_emit_relation(alter->t, table->schema, table->name) == -1 ||
		translate_emit(alter->t, " ADD COLUMN ") == -1 || translate_emit(alter->t, text) == -1
	    ? -1
	    : translate_emit(alter->t, ";\n");
	free(text);
	return result;
}

/* The rows there are would take the domain's default, or be refused. */
static int
check_added_domain(struct alter *alter, uint32_t domain)
{
	const struct schema_type *type;

	for (; (type = schema_type_by_oid(alter->t->schema, domain)) != NULL; domain = type->over)
		if (type->not_null || type->default_sql != NULL)
			return translate_refuse(alter->t, -1,
			    "adding a column of a domain that has a default or takes no NULL");
	return 0;
}

int
alter_add_column(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	struct definition *d = &alter->rebuild.after;
	const PgQuery__ColumnDef *source = command->def->column_def;
	struct define_pending *pending = NULL;
	bool native;
	size_t from;
	unsigned i;

	if (definition_find_column(d, source->colname) != NULL) {
		if (!command->missing_ok)
			return translate_fail(alter->t, -1, SQLSTATE_DUPLICATE_COLUMN,
			    "column \"%s\" of relation \"%s\" already exists", source->colname,
			    alter->rebuild.table->name);
		return define_add_notice(alter->t, "column \"%s\" of relation \"%s\" already exists, skipping",
		    source->colname, alter->rebuild.table->name);
	}
	if (define_add_column(alter->t, d, source, &pending) == -1)
		return -1;
	i = d->ncolumns - 1;
	from = alter->t->out.length;
	if (!d->temporary &&
	    (parameter_collate(alter->t, alter->rebuild.table->name, source) == -1 ||
		alter_move_to_trailer(alter, from) == -1))
		return -1;
	if (d->columns[i].domain != 0 && check_added_domain(alter, d->columns[i].domain) == -1)
		return -1;
	if (define_rebuild_add_source(alter->t, &alter->rebuild, NULL) == -1 ||
	    define_resolve(alter->t, d, alter->rebuild.table->schema, pending) == -1)
		return -1;
	/* Resolving turned the list around, so it is walked from its head no more. */
	native = adds_natively(&d->columns[i], NULL) && alter->rebuild.after.nconstraints == alter->nconstraints &&
	    !has_not_valid(d);
	alter->native &= native;
	alter->changed = true;
	if (native && cast_added_float(alter->t, &d->columns[i]) == -1)
		return -1;
	return native ? emit_add_column(alter, &d->columns[i]) : 0;
}

/* A view knows its columns' types. */
static int
check_type_views(struct alter *alter, const char *column)
{
	struct definition_names views = { 0 };
	const struct schema_table *table = alter->rebuild.table;
	int result = alter_find_views(alter, &views);

	for (unsigned i = 0; result == 0 && i < views.count; i++) {
		const struct schema_table *view = schema_find_table(alter->t->schema, table->schema, views.names[i]);

		if (view == NULL || !define_view_uses_column(alter->t, view, table, column))
			continue;
		result = translate_fail(alter->t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot alter type of a column used by a view or rule");
		report_detail(alter->t->report, "rule _RETURN on %s %s depends on column \"%s\"", alter_view_word(view),
		    view->name, column);
	}
	definition_names_free(&views);
	return result;
}

static int
fail_generated(struct alter *alter, const struct definition_column *column, bool drop)
{
	(void)translate_fail(alter->t, -1, SQLSTATE_SYNTAX_ERROR,
	    "column \"%s\" of relation \"%s\" is a generated column", column->name, alter->rebuild.table->name);
	if (drop)
		report_hint(alter->t->report, "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.");
	return -1;
}

int
alter_column_default(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	struct definition_column *column;
	char *text = NULL;
	unsigned i;

	if (alter_find_column(alter, command->name, &i) == -1)
		return -1;
	column = &alter->rebuild.after.columns[i];
	if (column->identity == DEFINITION_IDENTITY || column->identity == DEFINITION_IDENTITY_ALWAYS)
		return translate_fail(alter->t, -1, SQLSTATE_SYNTAX_ERROR,
		    "column \"%s\" of relation \"%s\" is an identity column", column->name, alter->rebuild.table->name);
	if (column->generated != NULL)
		return fail_generated(alter, column, command->def == NULL);
	if (command->def != NULL && !define_is_no_default(command->def, column) &&
	    (text = define_keep(alter->t, NULL, command->def, column->oid, column->typmod,
		 define_value(alter->t, &alter->rebuild.after, command->def, column, false))) == NULL)
		return -1;
	if (command->def == NULL)
		column->identity = DEFINITION_PLAIN;
	free(column->default_sql);
	column->default_sql = text;
	alter->changed = true;
	alter->native = false;
	return 0;
}

int
alter_not_null(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	bool set = command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull;
	const struct definition_constraint *key = definition_primary_key(&alter->rebuild.after);
	unsigned i;

	if (alter_find_column(alter, command->name, &i) == -1)
		return -1;
	if (!set && key != NULL && definition_names_has(&key->columns, command->name))
		return translate_fail(alter->t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "column \"%s\" is in a primary key", command->name);
	if (!set &&
	    (alter->rebuild.after.columns[i].identity == DEFINITION_IDENTITY ||
		alter->rebuild.after.columns[i].identity == DEFINITION_IDENTITY_ALWAYS))
		return translate_fail(alter->t, -1, SQLSTATE_SYNTAX_ERROR,
		    "column \"%s\" of relation \"%s\" is an identity column", command->name,
		    alter->rebuild.table->name);
	if (alter->rebuild.after.columns[i].not_null == set)
		return 0;
	alter->rebuild.after.columns[i].not_null = set;
	alter->rebuild.guarded[i] = set && alter->rebuild.sources[i] != NULL;
	alter->changed = true;
	alter->native = false;
	return 0;
}

/* The column itself as an expression of the tree, for a conversion without USING. */
static char *
convert_column(struct alter *alter, const struct definition_column *old, const struct definition_column *new)
{
	PgQuery__String string = PG_QUERY__STRING__INIT;
	PgQuery__Node field = PG_QUERY__NODE__INIT, node = PG_QUERY__NODE__INIT, *fields[] = { &field };
	PgQuery__ColumnRef reference = PG_QUERY__COLUMN_REF__INIT;
	char *text, *name;

	string.sval = old->name;
	field.node_case = PG_QUERY__NODE__NODE_STRING;
	field.string = &string;
	reference.n_fields = 1;
	reference.fields = fields;
	node.node_case = PG_QUERY__NODE__NODE_COLUMN_REF;
	node.column_ref = &reference;
	text = define_value(alter->t, &alter->rebuild.before, &node, new, true);
	if (text == NULL && alter->t->report->state == SQLSTATE_DATATYPE_MISMATCH) {
		name = type_format(new->oid, new->typmod);
		(void)translate_fail(alter->t, -1, SQLSTATE_DATATYPE_MISMATCH,
		    "column \"%s\" cannot be cast automatically to type %s", old->name, name == NULL ? "" : name);
		report_hint(alter->t->report, "You might need to specify \"USING %s::%s\".", old->name,
		    name == NULL ? "" : name);
		free(name);
	}
	return text;
}

static int
find_subquery(void *arg, const PgQuery__Node *node)
{
	(void)arg;
	return node->node_case == PG_QUERY__NODE__NODE_SUB_LINK ? 1 : tree_each_child(node, find_subquery, NULL);
}

int
alter_column_type(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	const PgQuery__ColumnDef *source = command->def->column_def;
	const struct definition_column *old;
	struct definition_column *column;
	const struct type *type;
	uint32_t oid;
	int32_t typmod;
	size_t from;
	unsigned i;
	char *text;

	if (alter_find_column(alter, command->name, &i) == -1 ||
	    translate_type_name(alter->t, source->type_name, &type, &oid, &typmod, NULL) == -1 ||
	    define_check_collation(alter->t, source, oid) == -1)
		return -1;
	column = &alter->rebuild.after.columns[i];
	old = definition_find_column(&alter->rebuild.before, command->name);
	if (old == NULL || alter->rebuild.sources[i] == NULL)
		return translate_refuse(alter->t, -1, "changing the type of a column that was just added");
	if (define_set_type(alter->t, column, oid, typmod) == -1 ||
	    define_set_dimensions(alter->t, column, source->type_name->n_array_bounds) == -1)
		return -1;
	if (source->raw_default != NULL && find_subquery(NULL, source->raw_default) != 0)
		return translate_fail(alter->t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot use subquery in transform expression");
	text = source->raw_default != NULL
	    ? define_value(alter->t, &alter->rebuild.before, source->raw_default, column, true)
	    : convert_column(alter, old, column);
	if (text == NULL || check_type_views(alter, old->name) == -1) {
		free(text);
		return -1;
	}
	free(alter->rebuild.sources[i]);
	alter->rebuild.sources[i] = text;
	alter->changed = true;
	alter->native = false;
	from = alter->t->out.length;
	if (!alter->rebuild.after.temporary &&
	    (parameter_recollate(alter->t, alter->rebuild.table->name, source, command->name) == -1 ||
		alter_move_to_trailer(alter, from) == -1))
		return -1;
	return alter_retype(alter, i) == -1 ? -1 : alter_identity_type(alter, column, source->type_name);
}
