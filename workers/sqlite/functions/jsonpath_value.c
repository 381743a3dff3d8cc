/*
 * Steps of a jsonpath that are values of their own: literals, variables, predicates and sums.
 */
#include <string.h>

#include "workers/sqlite/functions/jsonpath_run.h"

static struct json_span
find_variable(struct jsonpath_run *run, jsonpath_step *step)
{
	struct pgwire_buffer quoted = { 0 };
	struct json_span value = { NULL, 0 };

	if (run->vars.at != NULL)
		value = json_span_member(run->vars, json_span_quote(&quoted, step->text, step->length));
	pgwire_buffer_free(&quoted);
	if (value.at == NULL)
		(void)jsonpath_end(run, SQLSTATE_UNDEFINED_OBJECT, "could not find jsonpath variable \"%s\"",
		    step->text);
	return value;
}

static struct json_span
value_of(struct jsonpath_run *run, jsonpath_step *step)
{
	const char *word = jsonpath_word(step->kind);

	switch (step->kind) {
	case JSONPATH_ROOT:
		return run->root;
	case JSONPATH_CURRENT:
		return run->current;
	case JSONPATH_LAST:
		return jsonpath_keep_integer(run, run->array_size - 1);
	case JSONPATH_STRING:
		return jsonpath_keep_string(run, step->text, step->length);
	case JSONPATH_NUMBER:
		return (struct json_span) { step->text, step->length };
	case JSONPATH_VARIABLE:
		return find_variable(run, step);
	default:
		return (struct json_span) { word, strlen(word) };
	}
}

enum jsonpath_result
jsonpath_take_value(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	(void)item;
	(void)unwrap;
	/* Whether there is one is known without it. */
	if (found == NULL && step->next == NULL)
		return PATH_OK;
	return jsonpath_step_behind(run, step, value_of(run, step), found);
}

enum jsonpath_result
jsonpath_take_predicate(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap)
{
	static const char *const words[] = { [PATH_FALSE] = "false", [PATH_TRUE] = "true", [PATH_UNKNOWN] = "null" };
	enum jsonpath_truth truth = jsonpath_is_true(run, step, item);

	(void)unwrap;
	if (run->fatal)
		return PATH_ERROR;
	return jsonpath_step_behind(run, step, (struct json_span) { words[truth], strlen(words[truth]) }, found);
}

enum jsonpath_result
jsonpath_take_arithmetic(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap)
{
	(void)unwrap;
	return jsonpath_arithmetic(run, step, item, found);
}
