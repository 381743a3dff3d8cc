/*
 * Whether documents match queries, and how well.
 */
#include <stdlib.h>

#include "workers/sqlite/functions/array_value.h"
#include "workers/sqlite/functions/ts_value.h"

static void
match(sqlite3_context *c, const struct tsvector *v, const struct tsquery *q)
{
	struct ts_poll poll = ts_poll_of(function_session(c));
	struct report r = { 0 };
	bool matches;

	if (ts_match_vector(v, q, &poll, &matches, &r) < 0)
		function_fail_report(c, &r);
	else
		sqlite3_result_int(c, matches);
}

void
ts_match_vq(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct tsvector v;
	struct tsquery q;

	(void)argc;
	if (!ts_take_vector(c, argv[0], &v))
		return;
	if (ts_take_query(c, argv[1], &q)) {
		match(c, &v, &q);
		tsquery_free(&q);
	}
	tsvector_free(&v);
}

void
ts_match_qv(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	sqlite3_value *turned[] = { argv[1], argv[0] };

	ts_match_vq(c, argc, turned);
}

/* A text is a document, by the session's configuration. */
static bool
make_vector(sqlite3_context *c, const struct ts_config *config, sqlite3_value *value, struct tsvector *v)
{
	struct tsvector_builder builder = { .places_max = TS_DOCUMENT_PLACES_MAX };
	struct ts_poll poll = ts_poll_of(function_session(c));
	struct report r = { 0 };
	uint32_t position = 0;
	size_t length;
	const char *text = function_text(value, &length);
	int result = ts_add_document(&builder, config, &poll, &position, text, length, &r);

	if (result == 0)
		result = tsvector_build(&builder, v, &r);
	tsvector_builder_free(&builder);
	if (result < 0)
		function_fail_report(c, &r);
	return result == 0;
}

/* text @@ tsquery */
void
ts_match_tq(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct ts_config *config = ts_take_config(c, NULL);
	struct tsvector v;
	struct tsquery q;

	(void)argc;
	if (config == NULL || !make_vector(c, config, argv[0], &v))
		return;
	if (ts_take_query(c, argv[1], &q)) {
		match(c, &v, &q);
		tsquery_free(&q);
	}
	tsvector_free(&v);
}

/* text @@ text: the second as plainto_tsquery() has it. */
void
ts_match_tt(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct ts_poll poll = ts_poll_of(function_session(c));
	const struct ts_config *config = ts_take_config(c, NULL);
	struct report r = { 0 };
	struct tsvector v;
	struct tsquery q;
	const char *text;
	size_t length;

	(void)argc;
	if (config == NULL || !make_vector(c, config, argv[0], &v))
		return;
	text = function_text(argv[1], &length);
	if (ts_make_query(TS_PLAIN, config, &poll, text, length, &q, &r) < 0) {
		function_fail_report(c, &r);
	} else {
		match(c, &v, &q);
		tsquery_free(&q);
	}
	tsvector_free(&v);
}

/* ---- ranks ---- */

static const float usual_weights[TS_WEIGHTS] = { 0.1F, 0.2F, 0.4F, 1.0F };

static bool
take_weights(sqlite3_context *c, sqlite3_value *value, float weights[TS_WEIGHTS])
{
	struct array_value array;
	enum sqlstate state = SQLSTATE_SUCCESSFUL_COMPLETION;
	const char *wrong = NULL;

	if (!array_value_read(c, value, &array))
		return false;
	if (array.shape.dimensions != 1) {
		state = SQLSTATE_ARRAY_SUBSCRIPT_ERROR;
		wrong = "array of weight must be one-dimensional";
	} else if (array.n < TS_WEIGHTS) {
		state = SQLSTATE_ARRAY_SUBSCRIPT_ERROR;
		wrong = "array of weight is too short";
	}
	for (size_t i = 0; wrong == NULL && i < array.n; i++)
		if (array.items[i].text == NULL) {
			state = SQLSTATE_NULL_VALUE_NOT_ALLOWED;
			wrong = "array of weight must not contain nulls";
		}
	for (size_t i = 0; wrong == NULL && i < TS_WEIGHTS; i++) {
		float weight = strtof(array.items[i].text, NULL);

		weights[i] = weight >= 0 ? weight : usual_weights[i];
		if (weights[i] > 1) {
			state = SQLSTATE_INVALID_PARAMETER_VALUE;
			wrong = "weight out of range";
		}
	}
	array_value_free(&array);
	if (wrong != NULL)
		function_fail(c, state, "%s", wrong);
	return wrong == NULL;
}

typedef int rank_fn(const float weights[TS_WEIGHTS], const struct tsvector *v, const struct tsquery *q,
    int normalization, struct ts_poll *poll, float *rank, struct report *r);

/* ([weights,] vector, query [, normalization]); told apart by what is kept: a number is the last. */
static void
rank(sqlite3_context *c, rank_fn *fn, bool weighted, int argc, sqlite3_value **argv)
{
	struct ts_poll poll = ts_poll_of(function_session(c));
	float weights[TS_WEIGHTS] = { usual_weights[0], usual_weights[1], usual_weights[2], usual_weights[3] }, result;
	struct report r = { 0 };
	struct tsvector v;
	struct tsquery q;
	int how;

	if (weighted) {
		if (!take_weights(c, argv[0], weights))
			return;
		argv++;
		argc--;
	}
	how = argc > 2 ? sqlite3_value_int(argv[2]) : 0;
	if (!ts_take_vector(c, argv[0], &v))
		return;
	if (ts_take_query(c, argv[1], &q)) {
		if (fn(weights, &v, &q, how, &poll, &result, &r) < 0)
			function_fail_report(c, &r);
		else
			type_result_real(c, (double)result);
		tsquery_free(&q);
	}
	tsvector_free(&v);
}

void
ts_rank_plain(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	rank(c, ts_rank, false, argc, argv);
}

void
ts_rank_weighted(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	rank(c, ts_rank, true, argc, argv);
}

void
ts_rank_cd_plain(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	rank(c, ts_rank_cover, false, argc, argv);
}

void
ts_rank_cd_weighted(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	rank(c, ts_rank_cover, true, argc, argv);
}
