/*
 * Functions and operators of tsquery.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/ts_value.h"
#include "workers/sqlite/types/codec.h"

static void
give_or_fail(sqlite3_context *c, struct tsquery *q, int result, struct report *r)
{
	if (result == 0) {
		ts_give_query(c, q);
		return;
	}
	tsquery_free(q);
	function_fail_report(c, r);
}

/* Under one operator; with an empty one, it is the other. */
static void
combine(sqlite3_context *c, sqlite3_value **argv, enum tsquery_kind kind, unsigned distance)
{
	struct tsquery left, right;
	struct report r = { 0 };
	int result = 0;

	if (!ts_take_query(c, argv[0], &left))
		return;
	if (!ts_take_query(c, argv[1], &right)) {
		tsquery_free(&left);
		return;
	}
	if (right.n > 0) {
		bool both = left.n > 0;

		result = tsquery_add_part(&left, &right, right.n - 1, &r);
		if (result == 0 && both)
			result = tsquery_add_operator(&left, kind, distance, &r);
	}
	tsquery_free(&right);
	give_or_fail(c, &left, result, &r);
}

void
tsquery_and(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	combine(c, argv, TSQUERY_AND, 0);
}

void
tsquery_or(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	combine(c, argv, TSQUERY_OR, 0);
}

/* tsquery_phrase(left, right [, distance]) */
void
tsquery_phrase(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t distance = argc > 2 ? sqlite3_value_int64(argv[2]) : 1;

	if (distance < 0 || distance > TSQUERY_DISTANCE_MAX)
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "distance in phrase operator must be an integer value between zero and %d inclusive",
		    TSQUERY_DISTANCE_MAX);
	else
		combine(c, argv, TSQUERY_PHRASE, (unsigned)distance);
}

void
tsquery_not(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct report r = { 0 };
	struct tsquery q;

	(void)argc;
	if (!ts_take_query(c, argv[0], &q))
		return;
	give_or_fail(c, &q, q.n == 0 ? 0 : tsquery_add_operator(&q, TSQUERY_NOT, 0, &r), &r);
}

void
tsquery_numnode(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct tsquery q;

	(void)argc;
	if (!ts_take_query(c, argv[0], &q))
		return;
	sqlite3_result_int64(c, (sqlite3_int64)q.n);
	tsquery_free(&q);
}

void
tsquery_tree(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct pgwire_buffer out = { 0 };
	struct report r = { 0 };
	bool something = true;
	struct tsquery q;

	(void)argc;
	if (!ts_take_query(c, argv[0], &q))
		return;
	if (q.n > 0 && ts_query_tree(&q, &something, &r) < 0) {
		tsquery_free(&q);
		function_fail_report(c, &r);
		return;
	}
	if (something)
		tsquery_put(&out, &q);
	else
		pgwire_put_byte(&out, 'T');
	tsquery_free(&q);
	function_result_buffer(c, &out);
}

void
tsquery_order(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t a_length, b_length;
	const char *a = function_text(argv[0], &a_length), *b = function_text(argv[1], &b_length);

	(void)argc;
	sqlite3_result_int(c, type_compare_tsquery(a, a_length, b, b_length));
}

static bool
has_word(const struct tsquery *q, const char *text, size_t length)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->nodes[i].kind == TSQUERY_WORD && q->nodes[i].length == length &&
		    memcmp(tsquery_text(q, &q->nodes[i]), text, length) == 0)
			return true;
	return false;
}

/* Whether all words of the second stand in the first, whatever the operators. */
static void
contains(sqlite3_context *c, sqlite3_value *of, sqlite3_value *what)
{
	struct ts_poll poll = ts_poll_of(function_session(c));
	struct tsquery whole, part;
	struct report r = { 0 };
	bool all = true;
	int result = 0;

	if (!ts_take_query(c, of, &whole))
		return;
	if (!ts_take_query(c, what, &part)) {
		tsquery_free(&whole);
		return;
	}
	for (size_t i = 0; i < part.n && all && result == 0; i++) {
		const struct tsquery_node *node = &part.nodes[i];

		all = node->kind != TSQUERY_WORD || has_word(&whole, tsquery_text(&part, node), node->length);
		result = ts_poll(&poll, &r);
	}
	tsquery_free(&whole);
	tsquery_free(&part);
	if (result < 0)
		function_fail_report(c, &r);
	else
		sqlite3_result_int(c, all);
}

void
tsquery_contains(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	contains(c, argv[0], argv[1]);
}

void
tsquery_contained(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	contains(c, argv[1], argv[0]);
}
