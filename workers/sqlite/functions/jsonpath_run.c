/*
 * Walks a document along a jsonpath. Source: PostgreSQL's manual, 9.16.2, and its answers.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/jsonpath_run.h"

/* ---- steps ---- */

enum jsonpath_result
jsonpath_step_behind(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found)
{
	if (item.at == NULL)
		return PATH_ERROR;
	if (step != NULL && step->next != NULL)
		return jsonpath_step_into(run, step->next, item, found);
	return found == NULL || jsonpath_items_add(run, found, item) ? PATH_OK : PATH_ERROR;
}

static enum jsonpath_result take_step(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap);

/* What is found of the parts of a container, from one level to another. step NULL: the parts themselves. */
struct descent {
	jsonpath_step *step;
	uint32_t first, last;
	bool forgiving, unwrap;
};

static enum jsonpath_result
take_part(struct jsonpath_run *run, const struct descent *d, struct json_span part, struct jsonpath_items *found)
{
	bool forgiving = run->forgiving;
	enum jsonpath_result result;

	if (d->step == NULL)
		return jsonpath_step_behind(run, NULL, part, found);
	run->forgiving = forgiving || d->forgiving;
	result = take_step(run, d->step, part, found, d->unwrap);
	run->forgiving = forgiving;
	return result;
}

static enum jsonpath_result
descend(struct jsonpath_run *run, const struct descent *d, struct json_span container, uint32_t level,
    struct jsonpath_items *found)
{
	enum jsonpath_result result = PATH_NOT_FOUND, part;
	struct json_walk w;

	if (level > d->last)
		return result;
	run->depth++;
	json_walk_open(&w, container);
	while (jsonpath_may_go_on(run) && json_walk_next(&w)) {
		bool scalar = json_span_is_scalar(w.value);
		bool leaves = d->first == JSONPATH_LAST_LEVEL && d->last == JSONPATH_LAST_LEVEL && scalar;

		if (level >= d->first || leaves) {
			part = take_part(run, d, w.value, found);
			result = part == PATH_NOT_FOUND ? result : part;
			if (jsonpath_is_settled(part, found))
				break;
		}
		if (level < d->last && !scalar) {
			part = descend(run, d, w.value, level + 1, found);
			result = part == PATH_NOT_FOUND ? result : part;
			if (jsonpath_is_settled(part, found))
				break;
		}
	}
	run->depth--;
	return run->fatal ? PATH_ERROR : result;
}

/* The same step for each element. */
enum jsonpath_result
jsonpath_unwrap(struct jsonpath_run *run, jsonpath_step *step, struct json_span array, struct jsonpath_items *found)
{
	struct descent d = { .step = step, .first = 1, .last = 1 };

	return descend(run, &d, array, 1, found);
}

static enum jsonpath_result
take_key(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	struct pgwire_buffer quoted = { 0 };
	struct json_span key, value;

	if (json_span_kind(item) == '[' && unwrap)
		return jsonpath_unwrap(run, step, item, found);
	if (json_span_kind(item) != '{')
		return jsonpath_misfit(run, SQLSTATE_SQL_JSON_MEMBER_NOT_FOUND,
		    "jsonpath member accessor can only be applied to an object");
	key = json_span_quote(&quoted, step->text, step->length);
	value = key.at == NULL ? key : json_span_member(item, key);
	pgwire_buffer_free(&quoted);
	if (key.at == NULL)
		return jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (value.at != NULL)
		return jsonpath_step_behind(run, step, value, found);
	return jsonpath_misfit(run, SQLSTATE_SQL_JSON_MEMBER_NOT_FOUND, "JSON object does not contain key \"%s\"",
	    step->text);
}

static enum jsonpath_result
take_any_key(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	struct descent d = { .step = step->next, .first = 1, .last = 1, .unwrap = run->lax };

	if (json_span_kind(item) == '[' && unwrap)
		return jsonpath_unwrap(run, step, item, found);
	if (json_span_kind(item) != '{')
		return jsonpath_misfit(run, SQLSTATE_SQL_JSON_OBJECT_NOT_FOUND,
		    "jsonpath wildcard member accessor can only be applied to an object");
	return descend(run, &d, item, 1, found);
}

static enum jsonpath_result
take_any_element(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	struct descent d = { .step = step->next, .first = 1, .last = 1, .unwrap = run->lax };

	(void)unwrap;
	if (json_span_kind(item) == '[')
		return descend(run, &d, item, 1, found);
	if (run->lax)
		return jsonpath_step_behind(run, step, item, found);
	return jsonpath_misfit(run, SQLSTATE_SQL_JSON_ARRAY_NOT_FOUND,
	    "jsonpath wildcard array accessor can only be applied to an array");
}

static enum jsonpath_result
take_range(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, int64_t from, int64_t to,
    struct jsonpath_items *found)
{
	enum jsonpath_result result = PATH_NOT_FOUND, part;
	struct json_walk w;

	if (json_span_kind(item) != '[')
		return from <= to ? jsonpath_step_behind(run, step, item, found) : result;
	json_walk_open(&w, item);
	for (int64_t i = 0; i <= to && jsonpath_may_go_on(run) && json_walk_next(&w); i++) {
		if (i < from)
			continue;
		part = jsonpath_step_behind(run, step, w.value, found);
		result = part == PATH_NOT_FOUND ? result : part;
		if (jsonpath_is_settled(part, found))
			break;
	}
	return run->fatal ? PATH_ERROR : result;
}

static enum jsonpath_result
take_subscript(struct jsonpath_run *run, jsonpath_step *step, jsonpath_step *subscript, struct json_span item,
    struct jsonpath_items *found)
{
	int64_t from, to, size = run->array_size;

	if (jsonpath_subscript(run, subscript->left, item, &from) == PATH_ERROR)
		return PATH_ERROR;
	to = from;
	if (subscript->right != NULL && jsonpath_subscript(run, subscript->right, item, &to) == PATH_ERROR)
		return PATH_ERROR;
	if (!run->forgiving && (from < 0 || from > to || to >= size))
		return jsonpath_fail(run, SQLSTATE_INVALID_SQL_JSON_SUBSCRIPT,
		    "jsonpath array subscript is out of bounds");
	return take_range(run, step, item, from < 0 ? 0 : from, to >= size ? size - 1 : to, found);
}

static enum jsonpath_result
take_elements(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	enum jsonpath_result result = PATH_NOT_FOUND, part;
	int64_t outer = run->array_size;
	bool is_array = json_span_kind(item) == '[';

	(void)unwrap;
	if (!is_array && !run->lax)
		return jsonpath_misfit(run, SQLSTATE_SQL_JSON_ARRAY_NOT_FOUND,
		    "jsonpath array accessor can only be applied to an array");
	run->array_size = is_array ? (int64_t)json_span_count(item) : 1;
	for (jsonpath_step *subscript = step->left; subscript != NULL; subscript = subscript->next) {
		int64_t size = run->array_size;

		part = take_subscript(run, step, subscript, item, found);
		run->array_size = size;
		result = part == PATH_NOT_FOUND ? result : part;
		if (jsonpath_is_settled(part, found))
			break;
	}
	run->array_size = outer;
	return result;
}

static enum jsonpath_result
take_any_level(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	struct descent d = { .step = step->next,
		.first = step->first,
		.last = step->last,
		.forgiving = true,
		.unwrap = run->lax };
	enum jsonpath_result result = PATH_NOT_FOUND, part;
	bool forgiving = run->forgiving;

	(void)unwrap;
	if (step->first == 0) {
		run->forgiving = true;
		result = jsonpath_step_behind(run, step, item, found);
		run->forgiving = forgiving;
		if (jsonpath_is_settled(result, found))
			return result;
	}
	if (json_span_is_scalar(item))
		return result;
	part = descend(run, &d, item, 1, found);
	return part == PATH_NOT_FOUND ? result : part;
}

static enum jsonpath_result
take_filter(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	struct json_span outer = run->current;
	enum jsonpath_truth truth;

	if (json_span_kind(item) == '[' && unwrap)
		return jsonpath_unwrap(run, step, item, found);
	run->current = item;
	truth = jsonpath_is_true(run, step->left, item);
	run->current = outer;
	if (run->fatal)
		return PATH_ERROR;
	return truth == PATH_TRUE ? jsonpath_step_behind(run, step, item, found) : PATH_NOT_FOUND;
}

/* ---- all of it ---- */

static enum jsonpath_result
take_step(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	static enum jsonpath_result (*const steps[])(struct jsonpath_run *, jsonpath_step *, struct json_span,
	    struct jsonpath_items *, bool) = {
		[JSONPATH_KEY] = take_key,
		[JSONPATH_ANY_KEY] = take_any_key,
		[JSONPATH_ANY_ELEMENT] = take_any_element,
		[JSONPATH_ELEMENTS] = take_elements,
		[JSONPATH_ANY_LEVEL] = take_any_level,
		[JSONPATH_FILTER] = take_filter,
		[JSONPATH_TYPE] = jsonpath_type,
		[JSONPATH_SIZE] = jsonpath_size,
		[JSONPATH_ABS] = jsonpath_take_number,
		[JSONPATH_FLOOR] = jsonpath_take_number,
		[JSONPATH_CEILING] = jsonpath_take_number,
		[JSONPATH_DOUBLE] = jsonpath_take_number,
		[JSONPATH_DATETIME] = jsonpath_datetime,
		[JSONPATH_KEYVALUE] = jsonpath_keyvalue,
	};
	enum jsonpath_result result;

	if (!jsonpath_may_go_on(run))
		return PATH_ERROR;
	run->depth++;
	if (step->kind >= JSONPATH_KEY)
		result = steps[step->kind](run, step, item, found, unwrap);
	else
		result = (step->kind >= JSONPATH_ADD ? jsonpath_take_arithmetic
			: step->kind >= JSONPATH_OR  ? jsonpath_take_predicate
						     : jsonpath_take_value)(run, step, item, found, unwrap);
	run->depth--;
	return result;
}

enum jsonpath_result
jsonpath_step_into(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found)
{
	return take_step(run, step, item, found, run->lax);
}

enum jsonpath_result
jsonpath_operand(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, bool unwrap,
    struct jsonpath_items *found)
{
	struct jsonpath_items whole = { .list = NULL };
	enum jsonpath_result result;

	if (!unwrap || !run->lax)
		return jsonpath_step_into(run, step, item, found);
	result = jsonpath_step_into(run, step, item, &whole);
	for (size_t i = 0; result != PATH_ERROR && i < whole.n; i++)
		if (json_span_kind(whole.list[i]) == '[') {
			if (jsonpath_unwrap(run, NULL, whole.list[i], found) == PATH_ERROR)
				result = PATH_ERROR;
		} else if (!jsonpath_items_add(run, found, whole.list[i]))
			result = PATH_ERROR;
	jsonpath_items_free(&whole);
	return result == PATH_ERROR ? result : PATH_OK;
}

void
jsonpath_run_open(struct jsonpath_run *run, const struct jsonpath *path, const struct sql_context *session,
    struct json_span document, const struct json_span *vars, bool silent)
{
	*run = (struct jsonpath_run) { .path = path,
		.session = session,
		.root = document,
		.current = document,
		.lax = !path->strict,
		.forgiving = !path->strict,
		.silent = silent,
		.array_size = -1 };
	if (vars != NULL)
		run->vars = *vars;
}

enum jsonpath_result
jsonpath_run(struct jsonpath_run *run, struct jsonpath_items *found)
{
	struct jsonpath_items all = { .list = NULL };
	enum jsonpath_result result;

	if (run->vars.at != NULL && json_span_kind(run->vars) != '{') {
		(void)jsonpath_end(run, SQLSTATE_INVALID_PARAMETER_VALUE, "\"vars\" argument is not an object");
		report_detail(&run->report,
		    "Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.");
		return PATH_ERROR;
	}
	if (found != NULL || !run->path->strict)
		return jsonpath_step_into(run, run->path->root, run->root, found);
	/* In strict mode an error anywhere counts. */
	result = jsonpath_step_into(run, run->path->root, run->root, &all);
	if (result != PATH_ERROR)
		result = all.n > 0 ? PATH_OK : PATH_NOT_FOUND;
	jsonpath_items_free(&all);
	return result;
}

void
jsonpath_run_close(struct jsonpath_run *run)
{
	for (struct jsonpath_text *text = run->texts, *next; text != NULL; text = next) {
		next = text->next;
		free(text);
	}
	run->texts = NULL;
	report_reset(&run->report);
}
