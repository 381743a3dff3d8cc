/*
 * ALTER TABLE ... ENABLE and DISABLE TRIGGER.
 */

#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/trigger.h"

static const struct {
	PgQuery__AlterTableType type;
	char enabled; /* pg_trigger.tgenabled */
	bool all;
} switches[] = {
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig, 'O', false },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig, 'A', false },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaTrig, 'R', false },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig, 'D', false },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll, 'O', true },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll, 'D', true },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser, 'O', true },
	{ PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser, 'D', true },
};

bool
alter_is_switch(const PgQuery__AlterTableCmd *command, size_t *i)
{
	for (*i = 0; *i < sizeof(switches) / sizeof(switches[0]); ++*i)
		if (switches[*i].type == command->subtype)
			return true;
	return false;
}

/* PostgreSQL's foreign keys are triggers too, and ALL means them. */
static int
check_keys(struct translator *t, const struct schema_table *table)
{
	struct definition_names children = { 0 }, none = { 0 };
	struct definition d;
	bool found = false;

	if (define_load(t, table, &d) == -1)
		return -1;
	for (unsigned i = 0; i < d.nconstraints; i++)
		found |= d.constraints[i].kind == DEFINITION_FOREIGN_KEY;
	definition_free(&d);
	if (define_find_children(t, table->name, &none, &children) == -1)
		return -1;
	found |= children.count > 0;
	definition_names_free(&children);
	return found ? translate_refuse(t, -1, "DISABLE TRIGGER ALL of a table with foreign keys") : 0;
}

int
alter_switch_triggers(struct translator *t, const PgQuery__AlterTableStmt *stmt, const struct schema_table *table)
{
	size_t n;

	for (size_t i = 0; i < stmt->n_cmds; i++) {
		const PgQuery__AlterTableCmd *command = stmt->cmds[i]->alter_table_cmd;

		if (!alter_is_switch(command, &n))
			return translate_refuse(t, -1, "ENABLE or DISABLE TRIGGER among other changes");
		if ((command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll && check_keys(t, table) == -1) ||
		    define_enable_trigger(t, table, switches[n].all ? NULL : command->name, switches[n].enabled,
			!stmt->relation->inh) == -1)
			return -1;
	}
	t->plan->own = true;
	return 0;
}
