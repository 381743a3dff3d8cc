/*
 * VACUUM, ANALYZE, CHECKPOINT, and statements that are accepted although nothing follows from them.
 */
#include <string.h>

#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/dialect/statements.h"

static bool
has_option(const PgQuery__VacuumStmt *stmt, const char *name)
{
	for (size_t i = 0; i < stmt->n_options; i++)
		if (strcmp(stmt->options[i]->def_elem->defname, name) == 0)
			return statement_option(stmt->options[i]->def_elem);
	return false;
}

static int
put_table(struct translator *t, const char *command, const PgQuery__RangeVar *relation)
{
	const struct schema_table *table = translate_find_table(t, relation);

	if (table == NULL)
		return -1;
	translate_emit(t, command);
	translate_identifier(t, table->schema);
	translate_emit(t, ".");
	translate_identifier(t, table->name);
	return translate_emit(t, ";\n");
}

static int
check_columns(struct translator *t, const PgQuery__VacuumRelation *relation)
{
	const struct schema_table *table = translate_find_table(t, relation->relation);

	for (size_t i = 0; table != NULL && i < relation->n_va_cols; i++) {
		const char *name = translate_string(relation->va_cols[i]);

		if (name != NULL && schema_find_column(table, name) == NULL)
			return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
			    "column \"%s\" of relation \"%s\" does not exist", name, relation->relation->relname);
	}
	return table == NULL ? -1 : 0;
}

/* SQLite's VACUUM writes the whole file again: only VACUUM FULL without a table asks for that. Rows that are gone are
 * reused at once, so that the plain one has nothing to do. */
int
statement_vacuum(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__VacuumStmt *stmt = node->vacuum_stmt;
	bool analyze = !stmt->is_vacuumcmd || has_option(stmt, "analyze");

	t->plan->admin = t->plan->skips = true;
	if (stmt->is_vacuumcmd && stmt->n_rels == 0 && has_option(stmt, "full"))
		translate_emit(t, "VACUUM;\n");
	if (analyze && stmt->n_rels == 0)
		translate_emit(t, "ANALYZE;\n");
	for (size_t i = 0; !analyze && i < stmt->n_rels; i++)
		if (stmt->rels[i]->vacuum_relation->n_va_cols > 0)
			return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "ANALYZE option must be specified when a column list is provided");
	for (size_t i = 0; i < stmt->n_rels; i++) {
		size_t start = t->out.length;

		if (put_table(t, "ANALYZE ", stmt->rels[i]->vacuum_relation->relation) < 0 ||
		    check_columns(t, stmt->rels[i]->vacuum_relation) < 0)
			return -1;
		if (!analyze) /* the table was looked up, and is there */
			sql_text_cut(&t->out, start);
	}
	t->plan->alone = stmt->is_vacuumcmd;
	return translate_finish(t, DIALECT_MAINTAIN, stmt->is_vacuumcmd ? "VACUUM" : "ANALYZE");
}

int
statement_checkpoint(struct translator *t, const PgQuery__Node *node)
{
	(void)node;
	t->plan->admin = t->plan->checkpoints = true;
	return translate_finish(t, DIALECT_MAINTAIN, "CHECKPOINT");
}

/* From this mode on a lock keeps out those who write, or its own like: SHARE UPDATE EXCLUSIVE. */
#define KEEPS_OUT_WRITERS 4

/* There is one writer at a time, so that who has the right to write has all such locks. Readers are never kept out. */
int
statement_lock(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__LockStmt *stmt = node->lock_stmt;

	t->plan->locks = t->plan->read_only = true;
	for (size_t i = 0; i < stmt->n_relations; i++) {
		const struct schema_table *table = translate_find_table(t, stmt->relations[i]->range_var);

		if (table == NULL)
			return -1;
		t->plan->read_only &= stmt->mode < KEEPS_OUT_WRITERS || strcmp(table->schema, "temp") == 0;
	}
	if (stmt->nowait && !t->plan->read_only)
		return translate_refuse(t, -1, "LOCK TABLE ... NOWAIT of this mode");
	return statement_is(t, DIALECT_ACCEPT, "LOCK TABLE");
}

/* ---- LISTEN, NOTIFY ---- */

static int
notify(struct translator *t, int what, const char *channel, const char *payload)
{
	struct dialect_plan *plan = t->plan;

	plan->u.notify.what = what;
	plan->u.notify.channel = translator_plan_copy(t, channel == NULL ? "" : channel);
	plan->u.notify.payload = translator_plan_copy(t, payload == NULL ? "" : payload);
	return plan->u.notify.channel == NULL || plan->u.notify.payload == NULL ? -1 : 0;
}

int
statement_notify(struct translator *t, const PgQuery__Node *node)
{
	statement_is(t, DIALECT_NOTIFY, "NOTIFY");
	return notify(t, DIALECT_SEND, node->notify_stmt->conditionname, node->notify_stmt->payload);
}

int
statement_listen(struct translator *t, const PgQuery__Node *node)
{
	statement_is(t, DIALECT_NOTIFY, "LISTEN");
	return notify(t, DIALECT_LISTEN, node->listen_stmt->conditionname, NULL);
}

int
statement_unlisten(struct translator *t, const PgQuery__Node *node)
{
	const char *channel = node->unlisten_stmt->conditionname;
	bool all = channel == NULL || *channel == '\0';

	statement_is(t, DIALECT_NOTIFY, "UNLISTEN");
	return notify(t, all ? DIALECT_UNLISTEN_ALL : DIALECT_UNLISTEN, channel, NULL);
}
