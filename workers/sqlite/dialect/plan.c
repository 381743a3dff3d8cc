/*
 * A plan is made whole from what was translated; and its end.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/translate.h"

static void
free_list(char **list, unsigned n)
{
	for (unsigned i = 0; list != NULL && i < n; i++)
		free(list[i]);
	free(list);
}

static void
free_routine(struct dialect_plan *plan)
{
	for (unsigned i = 0; i < plan->u.routine.narguments; i++)
		free(plan->u.routine.arguments[i].name);
	free(plan->u.routine.arguments);
	free(plan->u.routine.body);
	free(plan->u.routine.name);
	free(plan->u.routine.language);
	free(plan->u.routine.types);
	free(plan->u.routine.row);
	free_list(plan->u.routine.sets, plan->u.routine.nsets);
}

static void
free_particulars(struct dialect_plan *plan)
{
	switch (plan->kind) {
	case DIALECT_SET:
	case DIALECT_SHOW:
	case DIALECT_RESET:
		free(plan->u.set.name);
		free(plan->u.set.value);
		break;
	case DIALECT_BEGIN:
	case DIALECT_COMMIT:
	case DIALECT_ROLLBACK:
	case DIALECT_SAVEPOINT:
	case DIALECT_RELEASE:
	case DIALECT_ROLLBACK_TO:
	case DIALECT_SET_CONSTRAINTS:
		free(plan->u.transaction.name);
		free(plan->u.transaction.keys);
		break;
	case DIALECT_DECLARE:
	case DIALECT_FETCH:
	case DIALECT_CLOSE:
		free(plan->u.cursor.name);
		free(plan->u.cursor.query);
		break;
	case DIALECT_PREPARE:
	case DIALECT_EXECUTE:
	case DIALECT_DEALLOCATE:
		free(plan->u.prepare.name);
		free(plan->u.prepare.query);
		free(plan->u.prepare.types);
		free_list(plan->u.prepare.values, plan->u.prepare.nvalues);
		break;
	case DIALECT_COPY:
		free(plan->u.copy.schema);
		free(plan->u.copy.table);
		free(plan->u.copy.query);
		free(plan->u.copy.null_text);
		free_list(plan->u.copy.columns, plan->u.copy.ncolumns);
		break;
	case DIALECT_NOTIFY:
		free(plan->u.notify.channel);
		free(plan->u.notify.payload);
		break;
	case DIALECT_EXPLAIN:
		free(plan->u.explain.query);
		break;
	case DIALECT_DO:
	case DIALECT_CALL:
	case DIALECT_CREATE_ROUTINE:
		free_routine(plan);
		break;
	default:
		break;
	}
}

static void
free_steps(struct dialect_plan *plan)
{
	for (unsigned i = 0; i < plan->nsteps; i++) {
		free(plan->steps[i].sql);
		free(plan->steps[i].numbers);
		free(plan->steps[i].target);
	}
	free(plan->steps);
	for (unsigned i = 0; i < plan->nwatched; i++) {
		free(plan->watched[i].database);
		free(plan->watched[i].table);
	}
	free(plan->watched);
}

static void
free_member(struct dialect_member *member)
{
	for (unsigned i = 0; member->columns != NULL && i < member->ncolumns; i++)
		free(member->columns[i].name);
	free(member->columns);
	free(member->database);
	free(member->relation);
	free(member->table);
	free(member->places);
	free(member->order);
	free(member->step);
	free(member->again);
	free(member->step_numbers);
}

void
dialect_fire_free(struct dialect_fire *fire)
{
	if (fire == NULL)
		return;
	for (unsigned i = 0; i < fire->nmembers; i++)
		free_member(&fire->members[i]);
	free(fire->members);
	free(fire->written);
	free(fire->set);
	free(fire->met);
	free(fire->update);
	free(fire->met_numbers);
	free(fire->update_numbers);
	free(fire->answer);
	free(fire->answer_numbers);
	free(fire->route);
	free(fire->kept);
	free(fire);
}

void
dialect_plan_free(struct dialect_plan *plan)
{
	if (plan == NULL)
		return;
	free_particulars(plan);
	free_steps(plan);
	for (unsigned i = 0; i < plan->ncolumns; i++)
		free(plan->columns[i].name);
	free(plan->columns);
	free(plan->sql);
	free(plan->param_oids);
	free(plan->lifted);
	free(plan->pinned);
	free(plan->numbers);
	free_list(plan->inner, plan->ninner);
	free_list(plan->following, plan->nfollowing);
	free(plan->following_schema);
	dialect_fire_free(plan->fire);
	dialect_proposed_free(plan->proposed);
	free(plan->target);
	free(plan->notice);
	free(plan->warning);
	free(plan);
}

int
translate_inner(struct translator *t, const char *sql)
{
	char **grown = reallocarray(t->plan->inner, t->plan->ninner + 1, sizeof(*grown));

	if (grown == NULL)
		return translate_out_of_memory(t);
	t->plan->inner = grown;
	if ((grown[t->plan->ninner] = strdup(sql)) == NULL)
		return translate_out_of_memory(t);
	t->plan->ninner++;
	return 0;
}

int
translate_follow(struct translator *t, const char *sql, size_t length)
{
	char **grown = reallocarray(t->plan->following, t->plan->nfollowing + 1, sizeof(*grown));

	if (grown == NULL)
		return translate_out_of_memory(t);
	t->plan->following = grown;
	if ((grown[t->plan->nfollowing] = strndup(sql, length)) == NULL)
		return translate_out_of_memory(t);
	t->plan->nfollowing++;
	return 0;
}

int
translate_finish(struct translator *t, enum dialect_kind kind, const char *tag)
{
	if (t->out.failed || (t->lift && !translate_number_parameters(t)))
		return translate_out_of_memory(t);
	translate_finish_proposed(t);
	free(t->plan->sql);
	t->plan->sql = t->out.data != NULL ? t->out.data : strdup("");
	t->out = (struct sql_text) { 0 };
	t->plan->kind = kind;
	t->plan->tag = tag;
	t->plan->late_keys = kind == DIALECT_MODIFY && schema_has_late_keys(t->schema);
	return t->plan->sql == NULL ? translate_out_of_memory(t) : 0;
}
