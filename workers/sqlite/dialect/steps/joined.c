/*
 * UPDATE with FROM and DELETE with USING whose RETURNING names more than the changed table, of which SQLite's RETURNING
 * knows nothing. The first step joins, and keeps the rowid and the columns of the other tables; then each row is
 * changed by itself, once, and returns with what was kept beside it.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/modify.h"
#include "workers/sqlite/dialect/steps/steps.h"

struct change {
	const PgQuery__RangeVar *relation;
	PgQuery__Node *const *from, *const *targets, *const *returning;
	size_t nfrom, ntargets, nreturning;
	const PgQuery__Node *where;
	enum modify_event event;
};

/* False: it is neither UPDATE nor DELETE. */
static bool
read_change(const PgQuery__Node *node, struct change *change)
{
	if (node->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT) {
		const PgQuery__UpdateStmt *update = node->update_stmt;

		*change = (struct change) { .relation = update->relation,
			.from = update->from_clause,
			.nfrom = update->n_from_clause,
			.targets = update->target_list,
			.ntargets = update->n_target_list,
			.returning = update->returning_list,
			.nreturning = update->n_returning_list,
			.where = update->where_clause,
			.event = MODIFY_UPDATE };
		return true;
	}
	if (node->node_case == PG_QUERY__NODE__NODE_DELETE_STMT) {
		const PgQuery__DeleteStmt *statement = node->delete_stmt;

		*change = (struct change) { .relation = statement->relation,
			.from = statement->using_clause,
			.nfrom = statement->n_using_clause,
			.returning = statement->returning_list,
			.nreturning = statement->n_returning_list,
			.where = statement->where_clause,
			.event = MODIFY_DELETE };
		return true;
	}
	return false;
}

static const char *
alias_of(const struct change *change)
{
	return change->relation->alias != NULL ? change->relation->alias->aliasname : change->relation->relname;
}

bool
steps_is_joined(const PgQuery__Node *node)
{
	struct change change;

	if (!read_change(node, &change) || change.nfrom == 0)
		return false;
	return modify_names_others(change.returning, change.nreturning, alias_of(&change));
}

/* Values are computed row by row, and see what the rows before have become. */
static int
check_values(struct translator *t, const struct schema_table *table, const struct change *change)
{
	const struct schema_table *const tables[] = { schema_table_root(table) };
	struct steps_reads found = { .tables = tables, .n = 1 };
	bool cte = false;

	for (size_t i = 0; i < change->ntargets; i++)
		if (change->targets[i]->res_target->val != NULL)
			steps_find_reads(t, change->targets[i]->res_target->val, &found);
	for (const struct scope_cte *named = t->ctes; named != NULL && !cte; named = named->next) {
		const char *const names[] = { named->name };
		struct steps_reads inner = { .tables = tables, .names = names, .n = 1 };

		for (size_t i = 0; i < change->ntargets; i++)
			if (change->targets[i]->res_target->val != NULL)
				steps_find_reads(t, change->targets[i]->res_target->val, &inner);
		for (size_t i = 0; i < change->nreturning; i++)
			steps_find_reads(t, change->returning[i]->res_target->val, &inner);
		cte = inner.refers != 0;
	}
	if (cte || found.reads != 0 || found.unknown ||
	    (found.anything && steps_reaches_others(t, schema_table_root(table))))
		return translate_refuse(t, -1,
		    "a value that is a subquery on the changed table or on a query of WITH, beside RETURNING of other "
		    "tables");
	return 0;
}

int
steps_begin_joined(struct translator *t, const PgQuery__Node *node)
{
	const struct schema_table *table;
	struct scope_range *target, **end = &t->steps->joined;
	unsigned n = STEPS_COLUMN_KEPT;
	struct change change;
	struct scope scope;
	const char *from;
	size_t start;

	if (!read_change(node, &change))
		return translate_refuse_node(t, node);
	if ((table = modify_find_target(t, change.relation, change.event)) == NULL ||
	    steps_refuse_triggers(t, table, change.event) < 0)
		return -1;
	if (modify_rowid(schema_table_root(table)) == NULL)
		return translate_refuse(t, -1, "RETURNING of other tables of a table without a rowid");
	if (check_values(t, table, &change) < 0)
		return -1;
	translate_scope_open(t, &scope);
	start = t->out.length;
	if ((target = translate_scope_table(t, table, alias_of(&change), false)) == NULL)
		return -1;
	target->barred = 1;
	if (translate_from(t, change.from, change.nfrom) < 0 ||
	    (from = translator_copy(t, t->out.data + start)) == NULL)
		return -1;
	target->barred = 0;
	sql_text_cut(&t->out, start);
	translate_emit(t, "SELECT 1, ");
	translate_identifier(t, alias_of(&change));
	translate_emit_format(t, ".%s", modify_rowid(schema_table_root(table)));
	for (const struct scope_range *range = target->next; range != NULL; range = range->next) {
		if ((*end = steps_keep_range(t, range, &n)) == NULL)
			return -1;
		end = &(*end)->next;
	}
	/* The table comes last: a RIGHT or FULL JOIN before it knows nothing of it. */
	translate_emit_format(t, " FROM %s, ", from);
	if (modify_emit_target(t, table, alias_of(&change)) < 0 ||
	    modify_emit_where(t, table, alias_of(&change), change.where) < 0)
		return -1;
	translate_scope_close(t, &scope);
	return 0;
}

int
steps_end_joined(struct translator *t, const PgQuery__Node *node, unsigned *each)
{
	const struct schema_table *table;
	struct scope_range *target;
	struct dialect_step *step;
	struct change change;
	struct scope scope;

	if (!read_change(node, &change))
		return translate_refuse_node(t, node);
	if ((step = steps_add(t)) == NULL)
		return -1;
	step->set = *each = steps_new_set(t);
	if ((table = modify_find_target(t, change.relation, change.event)) == NULL)
		return -1;
	translate_scope_open(t, &scope);
	if (translate_emit(t, change.event == MODIFY_UPDATE ? "UPDATE " : "DELETE FROM ") < 0 ||
	    modify_emit_target(t, table, alias_of(&change)) < 0 ||
	    (target = translate_scope_table(t, table, alias_of(&change), false)) == NULL)
		return -1;
	target->next = t->steps->joined;
	if (change.event == MODIFY_UPDATE &&
	    modify_emit_set(t, table, change.targets, change.ntargets, MODIFY_UPDATE) < 0)
		return -1;
	if (steps_emit_this_row(t, table, alias_of(&change)) < 0)
		return -1;
	translate_scope_close(t, &scope);
	return modify_emit_returning(t, table, alias_of(&change), change.returning, change.nreturning, change.event);
}
