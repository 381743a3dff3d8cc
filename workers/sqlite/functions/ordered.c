/*
 * Aggregates over rows in an order of their own, or over distinct ones:
 *
 *	bibd_ordered(name, keys, argument, ..., key, ...)
 *
 * The rows are kept until the last has come, sorted by their keys, and given to the aggregate's own functions one after
 * the other. `keys` has the OID of each key's type with '<' or '>' before it (the direction) and 'f' or 'l' behind it
 * (where NULL comes), as in "<25l>1700f"; after "d" rows whose keys are all alike count once.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/functions/value_order.h"

/* What an aggregate that is called here keeps for itself, at most. */
#define ORDERED_STATE 128
/* Comparisons and rows between two looks whether the statement was cancelled. */
#define ORDERED_STRIDE 1024

/* In bodies.def's words. */
static const struct aggregate {
	const char *name;
	int arguments;
	void (*step)(sqlite3_context *, int, sqlite3_value **);
	void (*final)(sqlite3_context *);
} aggregates[] = {
	{ "bibd_string_agg", 2, string_step, string_final },
	{ "bibd_json_agg", 1, json_step, json_final },
	{ "bibd_jsonb_agg", 1, json_step, json_final },
	{ "bibd_array_agg", 1, array_step, array_final },
};

/* The rows: of each its arguments, then its keys. */
struct ordered {
	const struct aggregate *aggregate;
	struct value_key keys[VALUE_KEYS_MAX];
	size_t nkeys, width;
	bool distinct;
	sqlite3_value **values;
	size_t n, capacity; /* in rows */
	const struct sql_context *context;
	unsigned asked; /* how often has_to_stop() was */
	bool stopped;
};

/* SQLite keeps this much for the call; the aggregate's own state takes its place at the end. */
union state {
	struct ordered *ordered;
	char room[ORDERED_STATE];
};

static void
release(struct ordered *all)
{
	for (size_t i = 0; i < all->n * all->width; i++)
		sqlite3_value_free(all->values[i]);
	sqlite3_free(all->values);
	sqlite3_free(all);
}

/* False: these are not words of the translator's. */
static bool
read_keys(struct ordered *all, const char *text)
{
	if (*text == 'd') {
		all->distinct = true;
		text++;
	}
	return value_keys_read(text, all->keys, &all->nkeys);
}

static struct ordered *
open_rows(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct ordered *all = sqlite3_malloc64(sizeof(*all));
	size_t length, i = 0;
	const char *name = function_text(argv[0], &length);

	if (all == NULL) {
		sqlite3_result_error_nomem(c);
		return NULL;
	}
	*all = (struct ordered) { .context = function_session(c) };
	while (i < sizeof(aggregates) / sizeof(aggregates[0]) && strcmp(aggregates[i].name, name) != 0)
		i++;
	if (i < sizeof(aggregates) / sizeof(aggregates[0]) && read_keys(all, function_text(argv[1], &length)) &&
	    (size_t)argc == 2 + (size_t)aggregates[i].arguments + all->nkeys) {
		all->aggregate = &aggregates[i];
		all->width = (size_t)argc - 2;
		return all;
	}
	release(all);
	function_fail(c, SQLSTATE_INTERNAL_ERROR, "bibd_ordered() was called wrongly");
	return NULL;
}

static bool
make_room(struct ordered *all)
{
	size_t capacity = all->capacity * 2 + 16;
	sqlite3_value **grown;

	if (all->n < all->capacity)
		return true;
	grown = sqlite3_realloc64(all->values, capacity * all->width * sizeof(sqlite3_value *));
	if (grown == NULL)
		return false;
	all->values = grown;
	all->capacity = capacity;
	return true;
}

void
ordered_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	union state *state = sqlite3_aggregate_context(c, sizeof(*state));
	struct ordered *all;
	size_t kept = 0;

	if (state == NULL || (state->ordered == NULL && (state->ordered = open_rows(c, argc, argv)) == NULL))
		return;
	all = state->ordered;
	if (make_room(all))
		for (; kept < all->width; kept++)
			if ((all->values[all->n * all->width + kept] = sqlite3_value_dup(argv[2 + kept])) == NULL)
				break;
	if (kept == all->width) {
		all->n++;
		return;
	}
	while (kept-- > 0)
		sqlite3_value_free(all->values[all->n * all->width + kept]);
	sqlite3_result_error_nomem(c);
}

/* ---- the order ---- */

static bool
has_to_stop(struct ordered *all)
{
	if (!all->stopped && ++all->asked % ORDERED_STRIDE == 0 && all->context->must_stop != NULL)
		all->stopped = all->context->must_stop(all->context->must_stop_arg);
	return all->stopped;
}

static int
compare_keys(const struct ordered *all, sqlite3_value *const *left, sqlite3_value *const *right)
{
	size_t first = all->width - all->nkeys;

	return value_keys_order(all->keys, all->nkeys, left + first, right + first);
}

/* Rows that are alike stay as they came: they stand in one block. Once the statement has to stop, any order will do. */
static int
compare_rows(const void *a, const void *b, void *arg)
{
	sqlite3_value *const *left = *(sqlite3_value *const *const *)a,
			     *const *right = *(sqlite3_value *const *const *)b;
	int order = has_to_stop(arg) ? 0 : compare_keys(arg, left, right);

	return order != 0 ? order : (left > right) - (left < right);
}

static void
give_rows(sqlite3_context *c, struct ordered *all)
{
	sqlite3_value ***rows = sqlite3_malloc64((all->n + 1) * sizeof(*rows));

	if (rows == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	for (size_t i = 0; i < all->n; i++)
		rows[i] = all->values + i * all->width;
	qsort_r(rows, all->n, sizeof(rows[0]), compare_rows, all);
	for (size_t i = 0; i < all->n && !has_to_stop(all); i++)
		if (!all->distinct || i == 0 || compare_keys(all, rows[i - 1], rows[i]) != 0)
			all->aggregate->step(c, all->aggregate->arguments, rows[i]);
	sqlite3_free(rows);
}

void
ordered_final(sqlite3_context *c)
{
	union state *state = sqlite3_aggregate_context(c, 0);
	struct ordered *all = state == NULL ? NULL : state->ordered;

	if (all == NULL)
		return; /* no rows, or it failed */
	memset(state, 0, sizeof(*state));
	give_rows(c, all);
	all->aggregate->final(c);
	if (all->stopped)
		sqlite3_result_error_code(c, SQLITE_INTERRUPT);
	release(all);
}
