/*
 * MERGE. Its first step reads the source joined with the target, finds for each row which clause is its, and keeps the
 * number of that, the target's rowid and the columns of the source. Then, row by row and in that order, the clause's
 * own INSERT, UPDATE or DELETE is run, in which a column of the source is bibd_step_value(). That a row of the target
 * is met twice (21000) is seen by its rowid when it is run.
 *
 * Conditions are all looked at before anything is changed, values row by row: a subquery in a value must not read the
 * target.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/grouping.h"
#include "workers/sqlite/dialect/modify.h"
#include "workers/sqlite/dialect/steps/steps.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/schema/inherit.h"

struct merge {
	const PgQuery__MergeStmt *statement;
	const struct schema_table *table;
	const char *alias;
	const char *rowid;
	struct scope_range *source; /* what it is called within the clauses */
	unsigned set;
	bool inserts; /* a row without a partner matters */
};

static const PgQuery__MergeWhenClause *
clause_at(const struct merge *m, size_t i)
{
	return m->statement->merge_when_clauses[i]->merge_when_clause;
}

static bool
does_nothing(const PgQuery__MergeWhenClause *clause)
{
	return clause->command_type == PG_QUERY__CMD_TYPE__CMD_NOTHING;
}

static enum modify_event
event_of(const PgQuery__MergeWhenClause *clause)
{
	return clause->command_type == PG_QUERY__CMD_TYPE__CMD_UPDATE ? MODIFY_UPDATE
	    : clause->command_type == PG_QUERY__CMD_TYPE__CMD_DELETE  ? MODIFY_DELETE
								      : MODIFY_INSERT;
}

/* ---- what PostgreSQL looks at first ---- */

static int
check_clauses(struct translator *t, struct merge *m)
{
	bool terminal[2] = { false, false };

	for (size_t i = 0; i < m->statement->n_merge_when_clauses; i++) {
		const PgQuery__MergeWhenClause *clause = clause_at(m, i);

		if (terminal[clause->matched != 0])
			return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
			    "unreachable WHEN clause specified after unconditional WHEN clause");
		terminal[clause->matched != 0] = clause->condition == NULL;
		m->inserts |= !clause->matched && !does_nothing(clause);
	}
	return 0;
}

static int
find_target(struct translator *t, struct merge *m)
{
	const PgQuery__RangeVar *relation = m->statement->relation;

	if ((m->table = translate_find_changed(t, relation)) != NULL && relation->inh &&
	    schema_has_children(t->schema, m->table))
		return translate_refuse(t, relation->location, "MERGE into a table with children without ONLY");
	if (m->table == NULL)
		return -1;
	m->alias = relation->alias != NULL ? relation->alias->aliasname : relation->relname;
	if (m->table->kind != 'r') {
		translate_fail(t, relation->location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "cannot execute MERGE on relation \"%s\"", m->table->name);
		report_detail(t->report, "This operation is not supported for %s.",
		    m->table->kind == 'v' ? "views" : "sequences");
		return -1;
	}
	for (size_t i = 0; i < m->statement->n_merge_when_clauses; i++)
		if (!does_nothing(clause_at(m, i)) && steps_refuse_triggers(t, m->table, event_of(clause_at(m, i))) < 0)
			return -1;
	if (relation->alias != NULL && relation->alias->n_colnames > 0)
		return translate_refuse(t, -1, "an alias for the columns of MERGE's target");
	m->rowid = modify_rowid(m->table);
	return m->rowid == NULL ? translate_refuse(t, -1, "MERGE into a table without a rowid") : 0;
}

/* ---- the rows ---- */

static int
check_aliases(struct translator *t, const struct merge *m, const struct scope *scope)
{
	for (const struct scope_range *range = scope->ranges; range != NULL; range = range->next)
		if (m->alias != NULL && strcmp(range->named != NULL ? range->named : range->alias, m->alias) == 0) {
			translate_fail(t, m->statement->relation->location, SQLSTATE_DUPLICATE_ALIAS,
			    "name \"%s\" specified more than once", m->alias);
			report_detail(t->report, "The name is used both as MERGE target table and data source.");
			return -1;
		}
	return 0;
}

static int
emit_condition(struct translator *t, const PgQuery__Node *condition)
{
	if (grouping_aggregate_in(condition) != NULL)
		return translate_fail(t, translate_location(condition), SQLSTATE_GROUPING_ERROR,
		    "aggregate functions are not allowed in MERGE WHEN conditions");
	translate_emit(t, " WHEN ");
	if (translate_condition(t, condition, "WHEN") < 0)
		return -1;
	return translate_emit(t, " THEN ");
}

/* The number of the clause that a row with or without a partner takes, from 1, or 0 for none or for DO NOTHING. */
static int
emit_choice(struct translator *t, const struct merge *m, bool matched)
{
	const char *end = "";

	translate_emit(t, "CASE");
	for (size_t i = 0; i < m->statement->n_merge_when_clauses; i++) {
		const PgQuery__MergeWhenClause *clause = clause_at(m, i);

		if ((clause->matched != 0) != matched)
			continue;
		if (clause->condition != NULL ? emit_condition(t, clause->condition) < 0
					      : translate_emit(t, " WHEN 1 THEN ") < 0)
			return -1;
		translate_emit_format(t, "%u", does_nothing(clause) ? 0 : (unsigned)i + 1);
		end = " ";
	}
	return translate_emit(t, *end == '\0' ? " WHEN 1 THEN 0 END" : " ELSE 0 END");
}

/* A clause for rows without a partner knows nothing of the target, which is the last of the ranges. */
static int
emit_number(struct translator *t, const struct merge *m, struct scope_range *target)
{
	struct scope_range **last = &t->scope->ranges;
	int status;

	translate_emit(t, m->inserts ? "CASE WHEN " : "");
	if (m->inserts) {
		translate_identifier(t, m->alias);
		translate_emit_format(t, ".%s IS NOT NULL THEN ", m->rowid);
	}
	if (emit_choice(t, m, true) < 0)
		return -1;
	while (*last != target)
		last = &(*last)->next;
	*last = NULL;
	translate_emit(t, m->inserts ? " ELSE " : "");
	if (m->inserts)
		status = emit_choice(t, m, false);
	else {
		/* What is never chosen is looked at all the same. */
		size_t start = t->out.length;

		status = emit_choice(t, m, false);
		sql_text_cut(&t->out, start);
	}
	*last = target;
	return status < 0 ? -1 : translate_emit(t, m->inserts ? " END" : "");
}

/* PostgreSQL takes a condition of any type, and reads its value as if it were a boolean. */
static int
emit_join_condition(struct translator *t, const PgQuery__Node *condition)
{
	struct expression type;

	if (translate_expression(t, condition, &type) < 0 || expression_settle(t, &type, TYPE_BOOL, -1) < 0)
		return -1;
	return type.form == EXPRESSION_VALUE && type.oid != TYPE_BOOL
	    ? translate_refuse(t, -1, "a condition of MERGE's join that is no boolean")
	    : 0;
}

/* Puts SELECT ... FROM source [LEFT] JOIN target ON ... together: what it answers is known when FROM is. */
static int
emit_rows(struct translator *t, struct merge *m)
{
	struct scope_range *target, **end = &m->source;
	unsigned n = STEPS_COLUMN_KEPT;
	size_t start = t->out.length;
	struct scope scope;
	char *from, *on;

	translate_scope_open(t, &scope);
	if (translate_from_item(t, m->statement->source_relation) < 0 || check_aliases(t, m, &scope) < 0 ||
	    (from = translator_copy(t, t->out.data + start)) == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	if ((target = translate_scope_table(t, m->table, m->alias, false)) == NULL ||
	    emit_join_condition(t, m->statement->join_condition) < 0 ||
	    (on = translator_copy(t, t->out.data + start)) == NULL)
		return -1;
	sql_text_cut(&t->out, start);
	translate_emit(t, "SELECT ");
	if (emit_number(t, m, target) < 0)
		return -1;
	translate_emit(t, ", ");
	translate_identifier(t, m->alias);
	translate_emit_format(t, ".%s", m->rowid);
	for (const struct scope_range *range = scope.ranges; range != target; range = range->next) {
		if ((*end = steps_keep_range(t, range, &n)) == NULL)
			return -1;
		end = &(*end)->next;
	}
	translate_emit_format(t, " FROM %s%s", from, m->inserts ? " LEFT JOIN " : " JOIN ");
	if (modify_emit_target(t, m->table, m->alias) < 0 || translate_emit_format(t, " ON %s", on) < 0)
		return -1;
	translate_scope_close(t, &scope);
	return 0;
}

/* ---- the clauses ---- */

/* What a value reads must be as it was before the statement; and it is written outside of the statement's WITH. */
static int
check_values(struct translator *t, const struct merge *m, const PgQuery__MergeWhenClause *clause)
{
	const PgQuery__WithClause *with = m->statement->with_clause;
	size_t nctes = with == NULL ? 0 : with->n_ctes;
	const struct schema_table **tables = translator_alloc(t, (nctes + 1) * sizeof(const struct schema_table *));
	const char **names = translator_alloc(t, (nctes + 1) * sizeof(const char *));
	struct steps_reads found = { .tables = tables, .names = names, .n = (unsigned)nctes + 1 };

	if (tables == NULL || names == NULL)
		return -1;
	if (nctes >= STEPS_PARTS_MAX)
		return translate_refuse(t, -1, "WITH of so many queries");
	tables[0] = m->table;
	for (size_t i = 0; i < nctes; i++)
		names[i + 1] = with->ctes[i]->common_table_expr->ctename;
	for (size_t i = 0; i < clause->n_target_list; i++)
		if (clause->target_list[i]->res_target->val != NULL)
			steps_find_reads(t, clause->target_list[i]->res_target->val, &found);
	for (size_t i = 0; i < clause->n_values; i++)
		steps_find_reads(t, clause->values[i], &found);
	if (found.refers != 0)
		return translate_refuse(t, -1, "a subquery on a query of WITH in a value of MERGE");
	if (found.reads != 0 || found.unknown || (found.anything && steps_reaches_others(t, m->table)))
		return translate_refuse(t, -1, "a subquery on the target in a value of MERGE");
	return 0;
}

static int
emit_update(struct translator *t, const struct merge *m, const PgQuery__MergeWhenClause *clause)
{
	struct scope_range *target;

	if (translate_emit(t, "UPDATE ") < 0 || modify_emit_target(t, m->table, m->alias) < 0 ||
	    (target = translate_scope_table(t, m->table, m->alias, false)) == NULL)
		return -1;
	target->next = m->source;
	t->scope->ranges = target;
	if (modify_emit_set(t, m->table, clause->target_list, clause->n_target_list, MODIFY_UPDATE) < 0)
		return -1;
	return steps_emit_this_row(t, m->table, m->alias);
}

static int
emit_delete(struct translator *t, const struct merge *m)
{
	if (translate_emit(t, "DELETE FROM ") < 0 || modify_emit_target(t, m->table, m->alias) < 0)
		return -1;
	return steps_emit_this_row(t, m->table, m->alias);
}

/* An INSERT as the parser would have made it. */
static int
emit_insert(struct translator *t, const struct merge *m, const PgQuery__MergeWhenClause *clause)
{
	PgQuery__List row = PG_QUERY__LIST__INIT;
	PgQuery__SelectStmt values = PG_QUERY__SELECT_STMT__INIT;
	PgQuery__Node row_node = PG_QUERY__NODE__INIT, source = PG_QUERY__NODE__INIT, *rows[] = { &row_node };
	PgQuery__InsertStmt insert = PG_QUERY__INSERT_STMT__INIT;

	row.n_items = clause->n_values;
	row.items = clause->values;
	row_node.node_case = PG_QUERY__NODE__NODE_LIST;
	row_node.list = &row;
	values.n_values_lists = 1;
	values.values_lists = rows;
	source.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
	source.select_stmt = &values;
	insert.relation = m->statement->relation;
	insert.n_cols = clause->n_target_list;
	insert.cols = clause->target_list;
	insert.override = clause->override;
	insert.select_stmt = clause->n_values > 0 ? &source : NULL;
	t->scope->ranges = m->source;
	return translate_insert(t, &insert);
}

static int
emit_clause(struct translator *t, const struct merge *m, const PgQuery__MergeWhenClause *clause)
{
	struct scope scope;
	int status;

	if (check_values(t, m, clause) < 0 || (t->plan->target = translator_plan_copy(t, m->table->name)) == NULL)
		return -1;
	translate_scope_open(t, &scope);
	t->target = m->table;
	switch (clause->command_type) {
	case PG_QUERY__CMD_TYPE__CMD_UPDATE:
		status = emit_update(t, m, clause);
		break;
	case PG_QUERY__CMD_TYPE__CMD_DELETE:
		status = emit_delete(t, m);
		break;
	default:
		free(t->plan->target);
		t->plan->target = NULL;
		status = emit_insert(t, m, clause);
		break;
	}
	t->scope = NULL;
	return status;
}

static int
add_clause(struct translator *t, const struct merge *m, size_t i)
{
	const PgQuery__MergeWhenClause *clause = clause_at(m, i);
	struct dialect_step *step;

	if (does_nothing(clause))
		return 0;
	if (emit_clause(t, m, clause) < 0 || (step = steps_add(t)) == NULL)
		return -1;
	step->each = m->set;
	step->action = (int)i + 1;
	step->counted = true;
	step->once = clause->matched != 0;
	step->tag = clause->command_type == PG_QUERY__CMD_TYPE__CMD_UPDATE ? "UPDATE"
	    : clause->command_type == PG_QUERY__CMD_TYPE__CMD_DELETE	   ? "DELETE"
									   : "INSERT 0";
	return 0;
}

int
statement_merge(struct translator *t, const PgQuery__Node *node)
{
	struct merge m = { .statement = node->merge_stmt };
	const PgQuery__WithClause *with = m.statement->with_clause;
	struct dialect_step *step;

	t->lift = t->plan->counts_rows = true;
	if (with != NULL && with->recursive)
		return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
		    "WITH RECURSIVE is not supported for MERGE statement");
	if (steps_begin(t) < 0 || (with != NULL && translate_with(t, with) < 0) || check_clauses(t, &m) < 0 ||
	    find_target(t, &m) < 0 || emit_rows(t, &m) < 0 || (step = steps_add(t)) == NULL)
		return -1;
	step->set = m.set = steps_new_set(t);
	t->ctes = NULL; /* no clause is written within WITH: what its values name there is not found */
	for (size_t i = 0; i < m.statement->n_merge_when_clauses; i++)
		if (add_clause(t, &m, i) < 0)
			return -1;
	t->plan->steps_count = true;
	if ((t->plan->target = translator_plan_copy(t, m.table->name)) == NULL || steps_emit_nothing(t) < 0)
		return -1;
	return translate_finish(t, DIALECT_MODIFY, "MERGE");
}
