/*
 * What a part of a statement reads: the tables that other parts change, and the queries of WITH.
 */
#include <string.h>

#include "workers/sqlite/dialect/steps/steps.h"
#include "workers/sqlite/dialect/tree.h"
#include "workers/sqlite/schema/routine.h"

struct finding {
	struct translator *t;
	struct steps_reads *found;
};

const struct schema_table *
steps_peek_table(struct translator *t, const PgQuery__RangeVar *relation)
{
	struct report *report = t->report, unsaid = { 0 };
	const struct schema_table *table;

	t->report = &unsaid;
	table = translate_find_table(t, relation);
	t->report = report;
	report_reset(&unsaid);
	return table;
}

static void
note_relation(struct finding *f, const PgQuery__RangeVar *relation)
{
	bool plain = relation->schemaname == NULL || *relation->schemaname == '\0', named = false;
	const struct schema_table *table;

	for (unsigned i = 0; plain && f->found->names != NULL && i < f->found->n; i++)
		if (f->found->names[i] != NULL && strcmp(f->found->names[i], relation->relname) == 0) {
			f->found->refers |= UINT64_C(1) << i;
			named = true;
		}
	/* A table of the same name may be meant all the same. */
	if ((table = steps_peek_table(f->t, relation)) == NULL)
		return;
	f->found->anything |= !named;
	f->found->unknown |= table->kind == 'v' && !named && strcmp(table->schema, "pg_catalog") != 0 &&
	    strcmp(table->schema, "information_schema") != 0;
	for (unsigned i = 0; i < f->found->n; i++)
		if (f->found->tables[i] == table)
			f->found->reads |= UINT64_C(1) << i;
}

/* A function of the file's own may read whatever it likes. */
static void
note_call(struct finding *f, const PgQuery__FuncCall *call)
{
	const char *name = translate_own_name(f->t, call->funcname, call->n_funcname);
	struct schema_routine *routines;
	unsigned n = 0;

	f->found->unknown |= name == NULL;
	if (f->found->unknown)
		return;
	routines = schema_routines(schema_database(f->t->schema), name, &n);
	f->found->unknown |= n > 0;
	schema_routines_free(routines, n);
}

static int
find_read(void *arg, const PgQuery__Node *node)
{
	struct finding *f = arg;

	if (node->node_case == PG_QUERY__NODE__NODE_RANGE_VAR)
		note_relation(f, node->range_var);
	if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL)
		note_call(f, node->func_call);
	return tree_each_child(node, find_read, arg);
}

void
steps_find_reads(struct translator *t, const PgQuery__Node *node, struct steps_reads *found)
{
	struct finding f = { .t = t, .found = found };

	if (node != NULL)
		(void)find_read(&f, node);
}

bool
steps_reaches_others(struct translator *t, const struct schema_table *table)
{
	static const char sql[] = "SELECT 1 FROM (SELECT * FROM public.sqlite_master UNION ALL SELECT * FROM "
				  "temp.sqlite_master) s WHERE (s.type = 'trigger' AND s.tbl_name = ?1) OR "
				  "(s.type = 'table' AND EXISTS (SELECT 1 FROM pragma_foreign_key_list(s.name) f "
				  "WHERE f.\"table\" = ?1 COLLATE NOCASE AND (f.on_delete NOT IN ('NO ACTION', "
				  "'RESTRICT') OR f.on_update NOT IN ('NO ACTION', 'RESTRICT')))) LIMIT 1";
	sqlite3_stmt *stmt = NULL;
	bool reaches = true;

	if (sqlite3_prepare_v2(schema_database(t->schema), sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, table->name, -1, SQLITE_STATIC) == SQLITE_OK)
		reaches = sqlite3_step(stmt) != SQLITE_DONE;
	sqlite3_finalize(stmt);
	return reaches;
}
