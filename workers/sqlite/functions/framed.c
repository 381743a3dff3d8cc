/*
 * Window functions over frames of RANGE with an offset, of types whose values SQLite does not add: bibd_framed(words,
 * key, start, end, argument, ...). All rows of the partition are kept as they come, sorted by their key; SQLite asks
 * for a value once for each of them, in that order. words: what is computed; how the frame starts (u, p, c, f), how it
 * ends, what it excludes (-, c, g, t), the key's direction (a, d) and where its NULLs come (f, l); the key's type, and
 * the argument's.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/in_range.h"
#include "workers/sqlite/functions/value_order.h"

/* What an aggregate that is called here keeps for itself, at most. */
#define STATE_BYTES 512
#define WORD_BYTES 16
#define STRIDE 256

struct row {
	sqlite3_value *key, *argument;
};

struct frames {
	char word[WORD_BYTES];
	char start, end, excluded;
	bool descending, nulls_first, failed;
	unsigned key_oid, argument_oid;
	sqlite3_value *offsets[2];
	int64_t nth;
	struct row *rows;
	size_t n, capacity, current, head, tail; /* tail: behind the last */
	unsigned asked;
};

union framed_state {
	struct frames *frames;
	char room[STATE_BYTES];
};

static struct frames *
open_frames(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct frames *f = sqlite3_malloc64(sizeof(*f));
	size_t length;
	char letters[6] = "";

	if (f == NULL) {
		sqlite3_result_error_nomem(c);
		return NULL;
	}
	*f = (struct frames) { .nth = 1 };
	if (argc < 4 ||
	    sscanf(function_text(argv[0], &length), "%15s %5s %u %u", f->word, letters, &f->key_oid,
		&f->argument_oid) != 4 ||
	    strlen(letters) != 5) {
		sqlite3_free(f);
		function_fail(c, SQLSTATE_INTERNAL_ERROR, "bibd_framed() was called wrongly");
		return NULL;
	}
	f->start = letters[0];
	f->end = letters[1];
	f->excluded = letters[2];
	f->descending = letters[3] == 'd';
	f->nulls_first = letters[4] == 'f';
	for (int i = 0; i < 2; i++)
		f->offsets[i] = sqlite3_value_dup(argv[2 + i]);
	return f;
}

static void
close_frames(struct frames *f)
{
	for (size_t i = 0; i < f->n; i++) {
		sqlite3_value_free(f->rows[i].key);
		sqlite3_value_free(f->rows[i].argument);
	}
	for (int i = 0; i < 2; i++)
		sqlite3_value_free(f->offsets[i]);
	sqlite3_free(f->rows);
	sqlite3_free(f);
}

void
framed_step(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	union framed_state *state = sqlite3_aggregate_context(c, sizeof(*state));
	struct frames *f;

	if (state == NULL || (state->frames == NULL && (state->frames = open_frames(c, argc, argv)) == NULL))
		return;
	f = state->frames;
	if (f->n == f->capacity) {
		size_t capacity = f->capacity * 2 + 16;
		struct row *grown = sqlite3_realloc64(f->rows, capacity * sizeof(*grown));

		if (grown == NULL) {
			sqlite3_result_error_nomem(c);
			return;
		}
		f->rows = grown;
		f->capacity = capacity;
	}
	if (argc > 5)
		f->nth = sqlite3_value_type(argv[5]) == SQLITE_NULL ? -1 : sqlite3_value_int64(argv[5]);
	f->rows[f->n] = (struct row) { sqlite3_value_dup(argv[1]), argc > 4 ? sqlite3_value_dup(argv[4]) : NULL };
	if (f->rows[f->n].key == NULL || (argc > 4 && f->rows[f->n].argument == NULL))
		sqlite3_result_error_nomem(c);
	f->n++;
}

/* ---- the frame of the current row ---- */

static bool
is_null(const struct frames *f, size_t i)
{
	return sqlite3_value_type(f->rows[i].key) == SQLITE_NULL;
}

static bool
are_peers(const struct frames *f, size_t a, size_t b)
{
	if (is_null(f, a) || is_null(f, b))
		return is_null(f, a) && is_null(f, b);
	return value_order(f->key_oid, f->rows[a].key, f->rows[b].key) == 0;
}

/* Whether the row is on the inner side of a bound: `tail`, not beyond the end; else not before the start. */
static bool
is_inside(sqlite3_context *c, struct frames *f, size_t i, bool tail)
{
	char bound = tail ? f->end : f->start;
	struct in_range_question question = { .oid = f->key_oid,
		.value = f->rows[i].key,
		.base = f->rows[f->current].key,
		.offset = f->offsets[tail],
		.subtract = (bound == 'p') != f->descending,
		.less = tail != f->descending };
	int inside;

	if (is_null(f, i) || is_null(f, f->current)) {
		if (tail)
			return f->nulls_first ? is_null(f, i) || !is_null(f, f->current)
					      : !is_null(f, i) || is_null(f, f->current);
		return f->nulls_first ? !is_null(f, i) || is_null(f, f->current)
				      : is_null(f, i) || !is_null(f, f->current);
	}
	if ((inside = in_range(c, &question)) < 0)
		f->failed = true;
	return inside > 0;
}

/* Both only ever move on. */
static void
find_frame(sqlite3_context *c, struct frames *f)
{
	size_t i = f->current;

	if (f->start == 'c') {
		while (f->head < i && !are_peers(f, f->head, i))
			f->head++;
	} else if (f->start != 'u')
		while (!f->failed && f->head < f->n && !is_inside(c, f, f->head, false))
			f->head++;
	if (f->end == 'c') {
		f->tail = f->tail < i ? i : f->tail;
		while (f->tail < f->n && are_peers(f, f->tail, i))
			f->tail++;
	} else if (f->end == 'u')
		f->tail = f->n;
	else
		while (!f->failed && f->tail < f->n && is_inside(c, f, f->tail, true))
			f->tail++;
}

static bool
is_excluded(const struct frames *f, size_t i)
{
	switch (f->excluded) {
	case 'c':
		return i == f->current;
	case 'g':
		return are_peers(f, i, f->current);
	case 't':
		return i != f->current && are_peers(f, i, f->current);
	default:
		return false;
	}
}

/* ---- what is computed ---- */

static bool
are_same(sqlite3_value *a, sqlite3_value *b)
{
	struct type_value left = type_value_of(a), right = type_value_of(b);

	if (left.kind != right.kind || left.integer != right.integer || left.length != right.length)
		return false;
	return left.kind == SQLITE_FLOAT ? left.real == right.real
					 : left.length == 0 || memcmp(left.bytes, right.bytes, left.length) == 0;
}

/* Whether rows that are sorted alike have other values: which of them comes first is nobody's to say. */
static bool
is_left_open(const struct frames *f, size_t at)
{
	size_t first = at, last = at;

	while (first > 0 && are_peers(f, first - 1, at))
		first--;
	while (last + 1 < f->n && are_peers(f, last + 1, at))
		last++;
	for (size_t i = first; i <= last; i++)
		if (!are_same(f->rows[i].argument, f->rows[at].argument))
			return true;
	return false;
}

static void
give_place(sqlite3_context *c, const struct frames *f)
{
	bool last = strcmp(f->word, "last") == 0;
	int64_t wanted = f->word[0] == 'n' ? f->nth : 1;

	for (size_t i = f->head; i < f->tail && i < f->n; i++) {
		size_t at = last ? f->tail - 1 - (i - f->head) : i;

		if (is_excluded(f, at) || --wanted > 0)
			continue;
		if (is_left_open(f, at))
			function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "%s_value() of rows that are sorted alike is not supported on SQLite", f->word);
		else
			sqlite3_result_value(c, f->rows[at].argument);
		return;
	}
}

static void
give_extreme(sqlite3_context *c, const struct frames *f)
{
	bool least = strcmp(f->word, "min") == 0;
	sqlite3_value *found = NULL;

	for (size_t i = f->head; i < f->tail; i++) {
		sqlite3_value *value = f->rows[i].argument;
		int order;

		if (is_excluded(f, i) || sqlite3_value_type(value) == SQLITE_NULL)
			continue;
		order = found == NULL ? 0 : value_order(f->argument_oid, value, found);
		if (found == NULL || (least ? order < 0 : order > 0))
			found = value;
	}
	if (found != NULL)
		sqlite3_result_value(c, found);
}

static void
give_count(sqlite3_context *c, const struct frames *f)
{
	int64_t n = 0;

	for (size_t i = f->head; i < f->tail; i++)
		n += !is_excluded(f, i) &&
		    (f->rows[i].argument == NULL || sqlite3_value_type(f->rows[i].argument) != SQLITE_NULL);
	sqlite3_result_int64(c, n);
}

/* By the aggregate's own functions, whose state takes the place of this one for so long. */
static void
give_sum(sqlite3_context *c, struct frames *f)
{
	union framed_state *state = sqlite3_aggregate_context(c, sizeof(*state));

	memset(state, 0, sizeof(*state));
	for (size_t i = f->head; i < f->tail; i++)
		if (!is_excluded(f, i))
			sum_step(c, 1, &f->rows[i].argument);
	if (strcmp(f->word, "sum") == 0)
		sum_final(c);
	else
		avg_final(c);
	memset(state, 0, sizeof(*state));
	state->frames = f;
}

static bool
has_to_stop(sqlite3_context *c, struct frames *f)
{
	const struct sql_context *session = function_session(c);

	return ++f->asked % STRIDE == 0 && session->must_stop != NULL && session->must_stop(session->must_stop_arg);
}

void
framed_value(sqlite3_context *c)
{
	static const struct {
		const char *word;
		void (*give)(sqlite3_context *c, const struct frames *f);
	} kinds[] = { { "first", give_place }, { "last", give_place }, { "nth", give_place }, { "min", give_extreme },
		{ "max", give_extreme }, { "count", give_count } };
	union framed_state *state = sqlite3_aggregate_context(c, 0);
	struct frames *f = state == NULL ? NULL : state->frames;
	size_t i = 0;

	if (f == NULL || f->failed || f->current >= f->n)
		return;
	if (has_to_stop(c, f)) {
		sqlite3_result_error_code(c, SQLITE_INTERRUPT);
		return;
	}
	if (f->word[0] == 'n' && f->nth <= 0) {
		if (f->nth < 0)
			return;
		function_fail(c, SQLSTATE_INVALID_ARGUMENT_FOR_NTH_VALUE,
		    "argument of nth_value must be greater than zero");
		return;
	}
	find_frame(c, f);
	while (i < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[i].word, f->word) != 0)
		i++;
	if (!f->failed && i < sizeof(kinds) / sizeof(kinds[0]))
		kinds[i].give(c, f);
	else if (!f->failed)
		give_sum(c, f);
	f->current++;
}

void
framed_final(sqlite3_context *c)
{
	union framed_state *state = sqlite3_aggregate_context(c, 0);

	if (state == NULL || state->frames == NULL)
		return;
	close_frames(state->frames);
	state->frames = NULL;
}

/* No row leaves a partition that is a frame as a whole. */
void
framed_inverse(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	(void)argv;
	function_fail(c, SQLSTATE_INTERNAL_ERROR, "bibd_framed() was called wrongly");
}
