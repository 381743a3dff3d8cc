/*
 * Puts the steps of a statement into its plan.
 */
#include "workers/sqlite/dialect/steps/steps.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/fire.h"
#include "workers/sqlite/dialect/modify.h"
#include "workers/sqlite/steps/steps.h"

int
steps_begin(struct translator *t)
{
	t->steps = translator_alloc(t, sizeof(*t->steps));
	return t->steps == NULL ? -1 : 0;
}

/* The numbers of its parameters go along with the text. */
static bool
take_text(struct translator *t, struct dialect_step *step)
{
	struct dialect_plan *plan = t->plan;

	if (t->out.failed || !translate_number_parameters(t) || t->out.failed)
		return false;
	step->sql = t->out.data != NULL ? t->out.data : strdup("");
	t->out = (struct sql_text) { 0 };
	step->numbers = plan->numbers;
	step->nnumbers = plan->numbers == NULL ? 0 : plan->nparams + plan->nlifted;
	plan->numbers = NULL;
	return step->sql != NULL;
}

struct dialect_step *
steps_add(struct translator *t)
{
	struct dialect_plan *plan = t->plan;
	struct dialect_step *grown = reallocarray(plan->steps, plan->nsteps + 1, sizeof(*grown)), *step;

	if (grown == NULL) {
		translate_out_of_memory(t);
		return NULL;
	}
	plan->steps = grown;
	step = &grown[plan->nsteps++];
	*step = (struct dialect_step) { .target = plan->target, .updates_once = plan->updates_once };
	plan->target = NULL;
	plan->updates_once = false;
	plan->nhidden = 0;
	t->scope = NULL;
	t->target = t->family = NULL;
	t->before = NULL;
	if (!take_text(t, step)) {
		translate_out_of_memory(t);
		return NULL;
	}
	return step;
}

int
steps_watch_table(struct translator *t, const struct schema_table *table)
{
	struct dialect_plan *plan = t->plan;
	struct dialect_watched *grown;

	if (modify_rowid(table) == NULL)
		return translate_refuse(t, -1, "changing a table without a rowid in WITH");
	if ((grown = reallocarray(plan->watched, plan->nwatched + 1, sizeof(*grown))) == NULL)
		return translate_out_of_memory(t);
	plan->watched = grown;
	grown[plan->nwatched] =
	    (struct dialect_watched) { .database = strdup(table->schema), .table = strdup(table->name) };
	plan->nwatched++;
	if (grown[plan->nwatched - 1].database == NULL || grown[plan->nwatched - 1].table == NULL)
		return translate_out_of_memory(t);
	return (int)plan->nwatched - 1;
}

unsigned
steps_new_set(struct translator *t)
{
	return ++t->plan->nsets;
}

int
steps_emit_set(struct translator *t, unsigned set, unsigned ncolumns)
{
	if (ncolumns > STEPS_COLUMNS_MAX)
		return translate_refuse(t, -1, "so many columns of INSERT, UPDATE or DELETE in WITH");
	for (unsigned i = 0; i < ncolumns; i++)
		translate_emit_format(t, "%sc%u", i == 0 ? "SELECT " : ", ", i);
	return translate_emit_format(t, "%s FROM bibd_step(%u)", ncolumns == 0 ? "SELECT 1" : "", set);
}

int
steps_emit_nothing(struct translator *t)
{
	return translate_emit(t, "SELECT 1 WHERE 0");
}

struct scope_range *
steps_keep_range(struct translator *t, const struct scope_range *range, unsigned *n)
{
	struct scope_range *to = translator_alloc(t, sizeof(*to));

	if (to == NULL)
		return NULL;
	*to = *range;
	to->next = NULL;
	to->columns = translator_alloc(t, (range->ncolumns + 1) * sizeof(*to->columns));
	for (unsigned i = 0; to->columns != NULL && i < range->ncolumns; i++) {
		const struct scope_column *column = &range->columns[i];
		struct found_column found = { .range = range, .column = column };
		struct expression e;

		if (column->merged || column->rank > 0) {
			translate_refuse(t, -1, "a join with USING that changes are made from");
			return NULL;
		}
		translate_emit(t, ", ");
		if (translate_found_column(t, &found, &e) < 0 || expression_canonize(t, &e, -1) < 0)
			return NULL;
		to->columns[i] = *column;
		to->columns[i].emitted = translator_format(t, "bibd_step_value(%u)", (*n)++);
		to->columns[i].raw = true;
		to->columns[i].collated = false;
		to->columns[i].canonical = e.canonical;
		if (to->columns[i].emitted == NULL)
			return NULL;
	}
	return to->columns == NULL ? NULL : to;
}

int
steps_emit_this_row(struct translator *t, const struct schema_table *table, const char *alias)
{
	translate_emit(t, " WHERE ");
	translate_identifier(t, alias);
	return translate_emit_format(t, ".%s = bibd_step_value(%d)", modify_rowid(schema_table_root(table)),
	    STEPS_COLUMN_ROWID);
}

int
steps_refuse_triggers(struct translator *t, const struct schema_table *table, enum modify_event event)
{
	t->fires = false;
	return modify_fire_begin(t, table, event, false);
}
