/*
 * ALTER TABLE ... ALTER COLUMN ... ADD, SET and DROP IDENTITY, and what else a column's own sequence takes part in.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/sequence.h"

int
alter_move_to_trailer(struct alter *alter, size_t from)
{
	char *text, *joined = NULL;

	if (alter->t->out.length == from)
		return 0;
	if ((text = define_take(alter->t, from)) == NULL)
		return -1;
	if (asprintf(&joined, "%s%s", alter->trailer == NULL ? "" : alter->trailer, text) < 0)
		joined = NULL;
	free(text);
	free(alter->trailer);
	return (alter->trailer = joined) == NULL ? translate_out_of_memory(alter->t) : 0;
}

static int
fail_state(struct alter *alter, const struct definition_column *column, const char *what)
{
	return translate_fail(alter->t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	    "column \"%s\" of relation \"%s\" %s", column->name, alter->rebuild.table->name, what);
}

static bool
is_identity(const struct definition_column *column)
{
	return column->identity == DEFINITION_IDENTITY || column->identity == DEFINITION_IDENTITY_ALWAYS;
}

int
alter_add_identity(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	struct definition_column *column;
	unsigned i;

	if (alter_find_column(alter, command->name, &i) == -1)
		return -1;
	column = &alter->rebuild.after.columns[i];
	if (column->oid == TYPE_INT2 || column->oid == TYPE_INT4 || column->oid == TYPE_INT8) {
		if (!column->not_null)
			return fail_state(alter, column, "must be declared NOT NULL before identity can be added");
		if (column->identity != DEFINITION_PLAIN)
			return fail_state(alter, column, "is already an identity column");
		if (column->default_sql != NULL)
			return fail_state(alter, column, "already has a default value");
	}
	if (define_add_identity(alter->t, &alter->rebuild.after, i, command->def->constraint) == -1)
		return -1;
	/* The rows there are have no number of a column that this statement adds. */
	if (alter->rebuild.sources[i] == NULL) {
		if ((alter->rebuild.sources[i] = define_copy(alter->t, "NULL")) == NULL)
			return -1;
		alter->rebuild.guarded[i] = true;
	}
	alter->changed = true;
	alter->native = false;
	return 0;
}

/* Options of its sequence, as ALTER SEQUENCE takes them. */
static int
alter_options(struct alter *alter, const struct definition_column *column, PgQuery__Node *const *options, size_t n)
{
	const char *schema = alter->rebuild.table->schema;
	struct define_sequence_extra extra = { 0 };
	struct schema_sequence s = { 0 };
	size_t from = alter->t->out.length;
	char *name;
	int result;

	if (column->made != NULL)
		return define_apply_options(alter->t, column->made, options, n, false, column->made->oid, &extra);
	if (!define_find_identity(alter->t, schema, alter->rebuild.table->name, column->name, &s, &name))
		return translate_refuse(alter->t, -1, "options of a sequence that an older bibd made");
	result = define_read_position(alter->t, &s, schema, name);
	if (result == 0)
		result = define_apply_options(alter->t, &s, options, n, false, s.oid, &extra);
	if (result == 0)
		result = define_replace_sequence(alter->t, &s, schema, name);
	if (result == 0)
		result = alter_move_to_trailer(alter, from);
	schema_sequence_free(&s);
	free(name);
	return result;
}

/* SET GENERATED and options of the sequence, in one list. */
int
alter_set_identity(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	const PgQuery__List *list = command->def->list;
	PgQuery__Node **options = translator_alloc(alter->t, (list->n_items + 1) * sizeof(PgQuery__Node *));
	struct definition_column *column;
	size_t n = 0;
	unsigned i;

	if (options == NULL || alter_find_column(alter, command->name, &i) == -1)
		return -1;
	column = &alter->rebuild.after.columns[i];
	if (!is_identity(column))
		return fail_state(alter, column, "is not an identity column");
	for (size_t k = 0; k < list->n_items; k++) {
		const PgQuery__DefElem *option = list->items[k]->def_elem;

		if (strcmp(option->defname, "generated") != 0) {
			options[n++] = list->items[k];
			continue;
		}
		column->identity = option->arg->integer->ival == 'a' ? DEFINITION_IDENTITY_ALWAYS : DEFINITION_IDENTITY;
		alter->changed = true;
		alter->native = false;
	}
	return n == 0 ? 0 : alter_options(alter, column, options, n);
}

/* The sequences of the column go; those that others draw from keep it. */
int
alter_drop_sequences(struct alter *alter, const char *column, bool cascade)
{
	struct definition_names own = { 0 };
	size_t from = alter->t->out.length;
	int result = definition_add_name(&own, alter->rebuild.table->name) == -1
	    ? translate_out_of_memory(alter->t)
	    : define_drop_owned(alter->t, alter->rebuild.table->schema, alter->rebuild.table->name, column, &own,
		  cascade);

	definition_names_free(&own);
	return result == 0 ? alter_move_to_trailer(alter, from) : -1;
}

int
alter_drop_identity(struct alter *alter, const PgQuery__AlterTableCmd *command)
{
	struct definition_column *column;
	unsigned i;

	if (alter_find_column(alter, command->name, &i) == -1)
		return -1;
	column = &alter->rebuild.after.columns[i];
	if (!is_identity(column)) {
		if (!command->missing_ok)
			return fail_state(alter, column, "is not an identity column");
		return define_add_notice(alter->t,
		    "column \"%s\" of relation \"%s\" is not an identity column, skipping", column->name,
		    alter->rebuild.table->name);
	}
	column->identity = DEFINITION_PLAIN;
	free(column->default_sql);
	column->default_sql = NULL;
	alter->changed = true;
	alter->native = false;
	return alter_drop_sequences(alter, column->name, false);
}

/* The sequence of an identity column has the column's type. */
int
alter_identity_type(struct alter *alter, const struct definition_column *column, PgQuery__TypeName *type)
{
	PgQuery__DefElem option = PG_QUERY__DEF_ELEM__INIT;
	PgQuery__Node arg = PG_QUERY__NODE__INIT, node = PG_QUERY__NODE__INIT, *options[] = { &node };

	if (!is_identity(column) || column->default_sql == NULL)
		return 0;
	arg.node_case = PG_QUERY__NODE__NODE_TYPE_NAME;
	arg.type_name = type;
	option.defname = (char *)(uintptr_t) "as";
	option.arg = &arg;
	option.location = -1;
	node.node_case = PG_QUERY__NODE__NODE_DEF_ELEM;
	node.def_elem = &option;
	return alter_options(alter, column, options, 1);
}
