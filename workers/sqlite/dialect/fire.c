/*
 * INSERT, UPDATE and DELETE of a relation with triggers, or with children: instead of a statement that changes all
 * rows, a query that finds them (as they are, and as they are to be), and a statement for each table that changes one.
 * session/fire.c runs them, and the triggers between.
 *
 * A table with nothing but statement triggers, and no children, is changed by one statement, as if there were none.
 */
#include "workers/sqlite/dialect/fire.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/trigger.h"
#include "workers/sqlite/dialect/view_target.h"

static const int event_bits[] = {
	[MODIFY_INSERT] = TRIGGER_INSERT,
	[MODIFY_UPDATE] = TRIGGER_UPDATE,
	[MODIFY_DELETE] = TRIGGER_DELETE,
};

bool
modify_is_instead(struct translator *t, const struct schema_table *view, enum modify_event event)
{
	return strcmp(view->schema, "public") == 0 && view->kind == 'v' && schema_load_triggers(t->schema) == 0 &&
	    (schema_trigger_types(t->schema, view->name, event_bits[event]) & TRIGGER_INSTEAD) != 0;
}

/* ---- what cannot be had ---- */

/* Whether the table has a key to itself; and whether by one of them a row that goes, or gets another key, changes
 * others, which the events do. */
static bool
refers_to_itself(const struct schema_table *table, int events, bool *acts)
{
	struct definition d;
	bool found = false;

	*acts = false;
	if (table->kind != 'r' || definition_parse(table->sql, &d) == -1)
		return false;
	for (unsigned i = 0; i < d.nconstraints; i++) {
		const struct definition_constraint *c = &d.constraints[i];

		if (c->kind != DEFINITION_FOREIGN_KEY || c->parent == NULL || strcmp(c->parent, table->name) != 0)
			continue;
		found = true;
		*acts |= ((events & TRIGGER_DELETE) != 0 && c->on_delete != NULL) ||
		    ((events & TRIGGER_UPDATE) != 0 && c->on_update != NULL);
	}
	definition_free(&d);
	return found;
}

static int
check_table(struct translator *t, const struct schema_table *table)
{
	if (table->kind == 'v')
		return 0;
	if (modify_rowid(table) == NULL)
		return translate_refuse(t, -1, "a row trigger on a table without a rowid, or children of one");
	for (unsigned i = 0; i < table->ncolumns; i++)
		if (table->columns[i].serial)
			return translate_refuse(t, -1,
			    "a row trigger on a table of an older bibd with a serial column, or its children");
	return 0;
}

/* ---- the plan's part ---- */

static int
describe_columns(struct translator *t, const struct schema_table *table, struct dialect_member *member)
{
	member->key = -1;
	member->columns = calloc(table->ncolumns + 1, sizeof(*member->columns));
	if (member->columns == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < table->ncolumns; i++) {
		const struct schema_column *column = &table->columns[i];

		member->columns[i] = (struct dialect_column) { .oid = column->oid, .typmod = column->typmod };
		if ((member->columns[i].name = translator_plan_copy(t, column->name)) == NULL)
			return -1;
		member->ncolumns++;
		member->generates |= column->generated;
		if (column->rowid)
			member->key = (int)i;
	}
	return 0;
}

/* ---- partitions ---- */

/* Of the triggers of a relation whose rows are elsewhere, those of statements or of rows. */
static int
types_of(struct translator *t, const char *relation, int events, bool row)
{
	unsigned n;
	const struct schema_trigger *all = schema_triggers(t->schema, &n);
	int types = 0;

	for (unsigned i = 0; i < n; i++)
		if ((all[i].type & events) != 0 && ((all[i].type & TRIGGER_ROW) != 0) == row &&
		    schema_trigger_is_on(&all[i]) && strcmp(all[i].relation, relation) == 0)
			types |=
			    all[i].type | (all[i].old_table != NULL || all[i].new_table != NULL ? TRIGGER_TABLES : 0);
	return types;
}

/* Whether it is the partition of that name, or lies below it, or below the table. */
static bool
is_within(const struct partition_tree *tree, const struct partition *p, const char *name)
{
	if (strcmp(tree->root->name, name) == 0)
		return true;
	while (p != NULL && strcmp(p->name, name) != 0)
		p = partition_find(tree, p->parent);
	return p != NULL;
}

/* Which triggers the statement may fire, and of which partitions. */
static int
find_parts(struct translator *t, const struct schema_table *target, enum modify_event event, int events,
    struct fire_parts *parts)
{
	const struct schema_table *root = schema_table_root(target), *partition = view_partition(target);
	int moves = events | (event == MODIFY_UPDATE ? TRIGGER_INSERT | TRIGGER_DELETE : 0), types = 0;
	unsigned n = 0;

	*parts = (struct fire_parts) { .relation = partition != NULL ? partition->name : root->name };
	if (root->partition_key == NULL) {
		types = schema_trigger_types(t->schema, root->name, events);
		parts->rows = (types & (TRIGGER_ROW | TRIGGER_TABLES)) != 0;
		return 0;
	}
	if (partition_load(t, root, &parts->tree) == -1)
		return -1;
	parts->rows = (types_of(t, parts->relation, events, false) & TRIGGER_TABLES) != 0;
	for (const struct partition *p = parts->tree.partitions; p != NULL; p = p->next)
		n++;
	if ((parts->leaves = translator_alloc(t, (n + 1) * sizeof(const char *))) == NULL)
		return -1;
	for (const struct partition *p = parts->tree.partitions; p != NULL; p = p->next) {
		if (p->key != NULL || !is_within(&parts->tree, p, parts->relation))
			continue;
		parts->leaves[parts->nleaves++] = p->name;
		parts->rows |= types_of(t, p->name, moves, true) != 0;
	}
	/* A partition that has no partitions has its rows itself. */
	if (!parts->rows || (parts->nleaves == 1 && strcmp(parts->leaves[0], parts->relation) == 0))
		parts->nleaves = 0;
	return 0;
}

/* A child has its parent's columns by their names. */
static int
find_places(struct translator *t, const struct schema_table *child, const struct schema_table *parent,
    struct dialect_member *member)
{
	if ((member->places = calloc(parent->ncolumns + 1, sizeof(*member->places))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < parent->ncolumns; i++) {
		const struct schema_column *column = schema_find_column(child, parent->columns[i].name);

		if (column == NULL)
			return translate_fail(t, -1, SQLSTATE_INTERNAL_ERROR, "a child lacks column \"%s\"",
			    parent->columns[i].name);
		member->places[i] = (unsigned)(column - child->columns);
	}
	return 0;
}

/* Triggers are told of a row as its partition has it: in the order of its columns. */
static int
find_order(struct translator *t, const struct schema_table *table, const char *relation, struct dialect_member *member)
{
	const struct schema_table *view =
	    table->partition_key == NULL ? NULL : schema_find_table(t->schema, table->schema, relation);
	bool same = true;

	if (view == NULL || view == table || view->ncolumns != table->ncolumns)
		return 0;
	if ((member->order = calloc(table->ncolumns + 1, sizeof(*member->order))) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < view->ncolumns; i++) {
		const struct schema_column *column = schema_find_column(table, view->columns[i].name);

		if (column == NULL)
			return translate_fail(t, -1, SQLSTATE_INTERNAL_ERROR,
			    "column \"%s\" of a partition was not found", view->columns[i].name);
		member->order[i] = (unsigned)(column - table->columns);
		same &= member->order[i] == i;
	}
	if (same) {
		free(member->order);
		member->order = NULL;
	}
	return 0;
}

static int
add_member(struct translator *t, const struct schema_table *table, const char *relation, int events, bool child)
{
	struct dialect_fire *plan = t->plan->fire;
	struct dialect_member *member = &plan->members[plan->nmembers++];
	bool acts;

	if (find_order(t, table, relation, member) < 0)
		return -1;
	if ((member->database = translator_plan_copy(t, table->schema)) == NULL ||
	    (member->relation = translator_plan_copy(t, relation)) == NULL ||
	    (member->table = translator_plan_copy(t, table->name)) == NULL || describe_columns(t, table, member) < 0 ||
	    (child && find_places(t, table, t->family, member) < 0))
		return -1;
	/* Of several rows that are changed one after the other, one could break the key to another on the way. */
	plan->alone |= refers_to_itself(table, events, &acts);
	return acts ? translate_refuse(t, -1, "a trigger, or children, of a table with a key to itself that cascades")
		    : 0;
}

/* The relation, and its children where they are changed with it, or its partitions. */
static int
make_plan(struct translator *t, const struct schema_table *table, const struct fire_parts *parts, int events,
    const struct schema_table *const *below, unsigned n)
{
	struct dialect_fire *plan = t->plan->fire = calloc(1, sizeof(*plan));

	if (plan == NULL || (plan->members = calloc(n + parts->nleaves + 1, sizeof(*plan->members))) == NULL ||
	    (plan->set = calloc(table->ncolumns + 1, sizeof(*plan->set))) == NULL)
		return translate_out_of_memory(t);
	if (add_member(t, table, parts->relation, events, false) < 0)
		return -1;
	for (unsigned i = 0; i < n; i++)
		if (add_member(t, below[i], below[i]->name, events, true) < 0)
			return -1;
	for (unsigned i = 0; i < parts->nleaves; i++)
		if (add_member(t, table, parts->leaves[i], events, false) < 0)
			return -1;
	plan->events = events;
	plan->instead = table->kind == 'v';
	return 0;
}

int
modify_fire_begin(struct translator *t, const struct schema_table *target, enum modify_event event, bool updates)
{
	const struct schema_table *table = schema_table_root(target), *const *below = NULL;
	int events = event_bits[event] | (updates ? TRIGGER_UPDATE : 0), types = 0;
	bool fires = t->fires;
	struct modify_fire *fire;
	struct fire_parts parts;
	unsigned n = 0;

	/* Those in its WITH come after it. */
	t->fires = false;
	if (t->family != NULL)
		below = schema_descendants(t->schema, table, &n);
	if (strcmp(table->schema, "public") == 0) {
		if (schema_load_triggers(t->schema) == -1)
			return translate_out_of_memory(t);
		types = schema_table_trigger_types(t->schema, table->name,
		    events | (event == MODIFY_UPDATE ? TRIGGER_INSERT | TRIGGER_DELETE : 0));
	}
	if (types == 0 && below == NULL)
		return 0;
	if (find_parts(t, target, event, events, &parts) < 0)
		return -1;
	if (!fires)
		return translate_refuse(t, -1,
		    below != NULL ? "changing rows of a table with children within another statement"
				  : "changing a table with triggers within another statement");
	if (make_plan(t, table, &parts, events, below, n) < 0)
		return -1;
	t->plan->fire->rows = parts.rows || below != NULL;
	if (!t->plan->fire->rows)
		return 0;
	if ((fire = translator_alloc(t, sizeof(*fire))) == NULL)
		return -1;
	*fire = (struct modify_fire) { .table = table,
		.plan = t->plan->fire,
		.answers = below != NULL || t->plan->fire->instead,
		.below = below,
		.parts = parts.nleaves > 0 ? translator_alloc(t, sizeof(parts)) : NULL };
	if (parts.nleaves > 0 && fire->parts == NULL)
		return -1;
	if (parts.nleaves > 0)
		*fire->parts = parts;
	fire->assigned = translator_alloc(t, (table->ncolumns + 1) * sizeof(*fire->assigned));
	t->fire = fire;
	for (unsigned i = 0; below != NULL && i < n; i++)
		if (check_table(t, below[i]) < 0)
			return -1;
	if (fire->assigned == NULL || check_table(t, table) < 0)
		return -1;
	return parts.nleaves > 0 ? modify_fire_route(t, &parts) : 0;
}

bool
modify_fires_rows(struct translator *t, const PgQuery__RangeVar *relation, enum modify_event event)
{
	struct report *report = t->report, unsaid = { 0 };
	const struct schema_table *table;
	bool rows = false;

	t->report = &unsaid;
	t->fires = true;
	table = modify_find_target(t, relation, event);
	if (table != NULL)
		rows = t->family != NULL || schema_table_root(table)->kind == 'v' ||
		    (schema_load_triggers(t->schema) == 0 &&
			schema_table_trigger_types(t->schema, schema_table_root(table)->name, TRIGGER_EVENTS) != 0);
	t->report = report;
	report_reset(&unsaid);
	free(t->plan->target);
	t->plan->target = NULL;
	t->target = t->family = NULL;
	t->fires = false;
	return rows;
}
