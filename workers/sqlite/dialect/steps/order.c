/*
 * In which order the parts of a statement are run. PostgreSQL runs the statement itself, of the others what that reads
 * from, as it does so, and then the rest, the last first. That is kept to, where what reads a table need not be run
 * before what changes it.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/modify.h"
#include "workers/sqlite/dialect/steps/parts.h"

/* ---- what each part is ---- */

static const PgQuery__RangeVar *
target_of(const PgQuery__Node *query)
{
	switch (query->node_case) {
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		return query->insert_stmt->relation;
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		return query->update_stmt->relation;
	case PG_QUERY__NODE__NODE_DELETE_STMT:
		return query->delete_stmt->relation;
	default:
		return NULL;
	}
}

/* The table behind a view that can be changed is looked for as the change itself does. */
static const struct schema_table *
find_target(struct translator *t, const PgQuery__Node *query)
{
	struct report *report = t->report, unsaid = { 0 };
	char *target = t->plan->target;
	const struct schema_table *table;

	t->report = &unsaid;
	t->plan->target = NULL;
	table = modify_find_target(t, target_of(query),
	    query->node_case == PG_QUERY__NODE__NODE_INSERT_STMT       ? MODIFY_INSERT
		: query->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT ? MODIFY_UPDATE
								       : MODIFY_DELETE);
	t->report = report;
	free(t->plan->target);
	t->plan->target = target;
	t->target = t->family = NULL;
	report_reset(&unsaid);
	return table == NULL ? NULL : schema_table_root(table);
}

static void
read_target(struct translator *t, struct part *part)
{
	const PgQuery__OnConflictClause *conflict = part->query->node_case == PG_QUERY__NODE__NODE_INSERT_STMT
	    ? part->query->insert_stmt->on_conflict_clause
	    : NULL;

	part->changes = target_of(part->query) != NULL;
	if (!part->changes || (part->target = find_target(t, part->query)) == NULL)
		return;
	part->upserts = conflict != NULL && conflict->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
	part->adds = part->query->node_case == PG_QUERY__NODE__NODE_INSERT_STMT && !part->upserts;
	part->reaches = steps_reaches_others(t, part->target);
}

static void
read_part(struct translator *t, struct parts *parts, unsigned i)
{
	const struct schema_table *tables[STEPS_PARTS_MAX];
	const char *names[STEPS_PARTS_MAX];
	struct steps_reads found = { .tables = tables, .names = names, .n = parts->n };
	struct part *part = &parts->list[i];

	for (unsigned j = 0; j < parts->n; j++) {
		tables[j] = parts->list[j].target;
		names[j] = parts->list[j].cte == NULL ? NULL : parts->list[j].cte->ctename;
	}
	steps_find_reads(t, part->query, &found);
	part->refers =
	    found.refers & ((UINT64_C(1) << i) - 1); /* they stand in the order in which they may name others */
	part->reads = found.reads;
	part->unknown = found.unknown;
	part->anything = found.anything || (part->changes && !part->adds);
}

/* What a query reads that is no step by itself, is read where it is named. */
static void
inherit(struct parts *parts, unsigned i)
{
	struct part *part = &parts->list[i];

	for (unsigned j = i; j-- > 0;) {
		const struct part *named = &parts->list[j];

		if (!part_bit(part->refers, j) || named->changes || named->early)
			continue;
		part->refers |= named->refers;
		part->reads |= named->reads;
		part->anything |= named->anything;
	}
}

static uint64_t
changed_by(const struct parts *parts)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < parts->n; i++)
		if (parts->list[i].changes && !parts->list[i].adds)
			bits |= UINT64_C(1) << i;
	return bits;
}

static bool
is_referred_to(const struct parts *parts, unsigned i)
{
	for (unsigned j = i + 1; j < parts->n; j++)
		if (part_bit(parts->list[j].refers, i))
			return true;
	return false;
}

static bool
some_reaches(const struct parts *parts)
{
	for (unsigned i = 0; i < parts->n; i++)
		if (parts->list[i].reaches)
			return true;
	return false;
}

/* Watches the table of part i, where others read it or change it too; once for each table. */
static int
watch(struct translator *t, struct parts *parts, unsigned i)
{
	const struct schema_table *table = parts->list[i].target;
	bool hidden = false, once = false, changed = !parts->list[i].adds, upserts = parts->list[i].upserts;
	unsigned changing = 1;

	for (unsigned j = 0; table != NULL && j < parts->n; j++) {
		const struct part *other = &parts->list[j];

		if (other->target == table && j < i)
			return 0;
		hidden |= j != i && part_bit(other->reads, i);
		if (other->target != table || j == i)
			continue;
		changing++;
		changed |= !other->adds;
		upserts |= other->upserts;
	}
	once = changing > 1 && changed;
	if (changing > 1 && upserts)
		return translate_refuse(t, -1, "ON CONFLICT DO UPDATE of a table that WITH changes besides");
	if (table == NULL || (!hidden && !once))
		return 0;
	t->steps->watched[t->steps->nwatched].table = table;
	t->steps->watched[t->steps->nwatched].hidden = hidden;
	t->steps->watched[t->steps->nwatched].once = once;
	t->steps->nwatched++;
	return steps_watch_table(t, table) < 0 ? -1 : 0;
}

int
parts_read(struct translator *t, struct parts *parts)
{
	bool reaches;

	t->steps->watched = translator_alloc(t, STEPS_PARTS_MAX * sizeof(*t->steps->watched));
	if (t->steps->watched == NULL)
		return -1;
	for (unsigned i = 0; i < parts->n; i++)
		read_target(t, &parts->list[i]);
	reaches = some_reaches(parts);
	for (unsigned i = 0; i < parts->n; i++) {
		struct part *part = &parts->list[i];

		read_part(t, parts, i);
		inherit(parts, i);
		part->early = !part->changes && part->cte != NULL &&
		    ((part->reads & changed_by(parts)) != 0 || part->unknown || (reaches && part->anything));
	}
	for (unsigned i = 0; i < parts->n; i++) {
		parts->list[i].early &= is_referred_to(parts, i);
		if (watch(t, parts, i) < 0)
			return -1;
	}
	return 0;
}

/* ---- the order ---- */

static bool
is_run(const struct part *part)
{
	return part->changes || part->early || part->cte == NULL;
}

static bool
must_precede(const struct parts *parts, unsigned i, unsigned later)
{
	const struct part *a = &parts->list[i], *b = &parts->list[later];

	if (i == later || !is_run(a))
		return false;
	if (part_bit(b->refers, i))
		return true;
	if (!b->changes)
		return false;
	return (part_bit(a->reads, later) && !b->adds) || a->unknown || (b->reaches && a->anything);
}

static int
place(struct translator *t, struct parts *parts, unsigned i)
{
	struct part *part = &parts->list[i];

	if (part->placed)
		return 0;
	if (part->visiting)
		return translate_refuse(t, -1,
		    "reading in one part of WITH what another changes that it must come after");
	part->visiting = true;
	for (unsigned j = 0; j < parts->n; j++)
		if (must_precede(parts, j, i) && place(t, parts, j) < 0)
			return -1;
	part->visiting = false;
	part->placed = true;
	parts->order[parts->norder++] = i;
	return 0;
}

int
parts_order(struct translator *t, struct parts *parts)
{
	unsigned own = parts->n - 1;

	if (parts->list[own].changes && place(t, parts, own) < 0)
		return -1;
	for (unsigned i = 0; i < own; i++)
		if (part_bit(parts->list[own].refers, i) && is_run(&parts->list[i]) && place(t, parts, i) < 0)
			return -1;
	for (unsigned i = own; i-- > 0;)
		if (parts->list[i].changes && place(t, parts, i) < 0)
			return -1;
	return place(t, parts, own);
}
