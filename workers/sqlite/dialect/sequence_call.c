/*
 * nextval('name'): the sequence is found when the statement is planned, as PostgreSQL finds it, and not at each row.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/dialect/call.h"
#include "workers/sqlite/schema/sequence.h"

/* The text of 'name', 'name'::regclass, 'name'::text::regclass; NULL: it is none. In a definition a text is looked up
 * at each call, and the sequence may go meanwhile. */
static const char *
name_given(const struct translator *t, const PgQuery__Node *node)
{
	while (node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) {
		const PgQuery__TypeName *type = node->type_cast->type_name;
		const char *name = translate_last_string(type->names, type->n_names);

		if (name == NULL || (strcmp(name, "regclass") != 0 && (t->definition || strcmp(name, "text") != 0)) ||
		    type->n_array_bounds > 0)
			return NULL;
		node = node->type_cast->arg;
	}
	return node->node_case == PG_QUERY__NODE__NODE_A_CONST && !node->a_const->isnull &&
		node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL
	    ? node->a_const->sval->sval
	    : NULL;
}

static const struct schema_table *
find(struct translator *t, const char *text)
{
	PgQuery__RangeVar relation = PG_QUERY__RANGE_VAR__INIT;
	const struct schema_table *table = NULL;
	const char *schema, *name;
	char *given_schema = NULL;

	relation.location = -1;
	if ((relation.relname = catalog_parse_qualified(text, &given_schema)) == NULL)
		return NULL;
	if (given_schema != NULL)
		relation.schemaname = given_schema;
	if (translate_relation_name(t, &relation, &schema, &name) == 0)
		table = schema == NULL ? NULL : schema_find_table(t->schema, schema, name);
	else
		report_reset(t->report);
	free(relation.relname);
	free(given_schema);
	return table;
}

bool
translate_named_nextval(struct translator *t, const PgQuery__FuncCall *call, const char *name, struct expression *type,
    int *status)
{
	const char *text = strcmp(name, "nextval") == 0 && call->n_args == 1 && call->over == NULL &&
		!call->agg_distinct && call->agg_filter == NULL && !call->func_variadic
	    ? name_given(t, call->args[0])
	    : NULL;
	const struct schema_table *table = text == NULL ? NULL : find(t, text);
	size_t start = t->out.length;
	char *draw;

	if (table == NULL || table->kind != 'S')
		return false;
	if ((draw = schema_sequence_draw(table->schema, table->name)) == NULL) {
		*status = translate_out_of_memory(t);
		return true;
	}
	translate_pin_all(t, call->args[0]); /* the name stands in the text */
	t->nvolatile++;
	t->ndraws++;
	*status = translate_emit(t, draw);
	free(draw);
	*type = expression_value(start, TYPE_INT8);
	type->end = t->out.length;
	return true;
}
