/*
 * The level of an aggregate, worked out while its arguments are translated: each column that is found leaves a bit for
 * the query that it is of.
 */
#include "workers/sqlite/dialect/level.h"

#include <string.h>

#include "workers/sqlite/dialect/distinct.h"
#include "workers/sqlite/dialect/grouping.h"

#define LEVEL_MAX 63

static bool
has_range(const struct scope *scope, const struct scope_range *range)
{
	const struct scope_range *own = scope->ranges;

	while (own != NULL && own != range)
		own = own->next;
	return own != NULL;
}

static unsigned
scope_depth(const struct scope *scope)
{
	unsigned depth = 0;

	while (scope != NULL && (scope = scope->outer) != NULL)
		depth++;
	return depth < LEVEL_MAX ? depth : LEVEL_MAX;
}

void
level_note_column(struct translator *t, const struct found_column *found)
{
	struct scope *scope = t->scope;

	while (scope != NULL && !has_range(scope, found->range))
		scope = scope->outer;
	if (scope == NULL)
		return;
	t->named |= UINT64_C(1) << scope_depth(scope);
	if (scope == t->scope || scope->reads != NULL || scope->ungrouped != NULL || found->range->split != NULL)
		return;
	if (scope->grouping != NULL && grouping_has(scope->grouping, scope, found->range, found->column))
		return;
	scope->ungrouped = found->column;
	scope->ungrouped_range = found->range;
	scope->ungrouped_location = found->location;
	scope->ungrouped_serial = ++t->nungrouped;
}

void
level_open(struct translator *t, struct level *level)
{
	*level = (struct level) { .named = t->named, .called = t->called, .serial = t->nungrouped };
	t->named = 0;
	t->called = 0;
}

static int
fail_here(struct translator *t, const struct scope *scope, const PgQuery__FuncCall *call)
{
	return translate_fail(t, call->location, SQLSTATE_GROUPING_ERROR, "aggregate functions are not allowed in %s",
	    scope->reads);
}

/* An aggregate of an outer query, found within a subquery of its. */
static int
move_out(struct translator *t, struct scope *scope, const PgQuery__FuncCall *call)
{
	if (scope->reads != NULL)
		return fail_here(t, scope, call);
	if (scope->split != NULL)
		return translate_refuse(t, call->location,
		    "an aggregate within a subquery, of the query around it that has GROUPING SETS");
	scope->grouped = true;
	scope->aggregated = true;
	t->noutside++;
	return 0;
}

int
level_close(struct translator *t, const struct level *level, const PgQuery__FuncCall *call, bool aggregate)
{
	unsigned own = scope_depth(t->scope), depth = own;
	struct scope *scope = t->scope;
	uint64_t named = t->named, called = t->called;

	t->named |= level->named;
	t->called |= level->called;
	if (!aggregate || scope == NULL)
		return 0;
	named &= own == LEVEL_MAX ? UINT64_MAX : (UINT64_C(2) << own) - 1;
	for (; named != 0 && depth > 0 && (named >> depth & 1) == 0; depth--)
		;
	for (unsigned up = own; up > depth; up--)
		scope = scope->outer;
	if ((called >> depth & 1) != 0)
		return translate_fail(t, call->location, SQLSTATE_GROUPING_ERROR,
		    "aggregate function calls cannot be nested");
	t->called |= UINT64_C(1) << depth;
	if (scope->ungrouped_serial > level->serial) {
		scope->ungrouped = NULL;
		scope->ungrouped_serial = 0;
	}
	if (scope != t->scope)
		return move_out(t, scope, call);
	return scope->reads != NULL && strcmp(scope->reads, "WHERE") == 0 ? fail_here(t, scope, call) : 0;
}

void
level_close_expression(struct translator *t, const PgQuery__Node *node, unsigned serial)
{
	struct scope *scope = t->scope;

	if (scope == NULL || scope->grouping == NULL || scope->ungrouped_serial <= serial ||
	    !grouping_has_expression(scope->grouping, node))
		return;
	scope->ungrouped = NULL;
	scope->ungrouped_serial = 0;
}

int
level_check_query(struct translator *t, const PgQuery__SelectStmt *select)
{
	const struct scope *scope = t->scope;

	if (scope->aggregated && (select_is_distinct_on(select) || select_has_ties(select)))
		return translate_refuse(t, -1,
		    "an aggregate within a subquery, of the query around it that has DISTINCT ON or WITH TIES");
	if (scope->grouping == NULL && !scope->aggregated)
		return 0;
	if (scope->ungrouped != NULL)
		return translate_fail(t, scope->ungrouped_location, SQLSTATE_GROUPING_ERROR,
		    "subquery uses ungrouped column \"%s.%s\" from outer query", scope->ungrouped_range->alias,
		    scope->ungrouped->name);
	return scope->grouping != NULL ? 0 : translate_check_aggregated(t, select);
}
