/*
 * Walks a document along a jsonpath. Source: PostgreSQL's manual, 9.16.2, and its answers.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/jsonpath_run.h"

#define STRIDE 256 /* steps between two looks whether the statement was cancelled */

struct jsonpath_text {
	struct jsonpath_text *next;
	char text[];
};

/* ---- what a run keeps ---- */

static enum jsonpath_result
fail_list(struct jsonpath_run *run, enum sqlstate state, const char *fmt, va_list ap)
{
	char *message = NULL;

	if (run->report.state == SQLSTATE_SUCCESSFUL_COMPLETION && vasprintf(&message, fmt, ap) >= 0)
		(void)report_set(&run->report, state, "%s", message);
	free(message);
	return PATH_ERROR;
}

enum jsonpath_result
jsonpath_fail(struct jsonpath_run *run, enum sqlstate state, const char *fmt, ...)
{
	va_list ap;

	if (run->silent)
		return PATH_ERROR;
	va_start(ap, fmt);
	(void)fail_list(run, state, fmt, ap);
	va_end(ap);
	return PATH_ERROR;
}

enum jsonpath_result
jsonpath_end(struct jsonpath_run *run, enum sqlstate state, const char *fmt, ...)
{
	va_list ap;

	run->fatal = true;
	va_start(ap, fmt);
	(void)fail_list(run, state, fmt, ap);
	va_end(ap);
	return PATH_ERROR;
}

bool
jsonpath_may_go_on(struct jsonpath_run *run)
{
	const struct sql_context *session = run->session;

	if (!run->fatal && ++run->asked % STRIDE == 0 && session->must_stop != NULL &&
	    session->must_stop(session->must_stop_arg))
		(void)jsonpath_end(run, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
	if (!run->fatal && run->depth > JSONPATH_RUN_DEPTH_MAX)
		(void)jsonpath_end(run, SQLSTATE_STATEMENT_TOO_COMPLEX,
		    "a jsonpath over a document of so many levels is not supported");
	return !run->fatal;
}

static bool
take_bytes(struct jsonpath_run *run, size_t n)
{
	run->bytes += n;
	if (run->bytes <= JSONPATH_BYTES_MAX)
		return true;
	(void)jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	return false;
}

bool
jsonpath_items_add(struct jsonpath_run *run, struct jsonpath_items *items, struct json_span item)
{
	size_t capacity = items->capacity * 2 + 8;
	struct json_span *list;

	if (item.at == NULL)
		return false;
	if (items->n == items->capacity) {
		if (!take_bytes(run, (capacity - items->capacity) * sizeof(*list)))
			return false;
		if ((list = realloc(items->list, capacity * sizeof(*list))) == NULL) {
			(void)jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
			return false;
		}
		items->list = list;
		items->capacity = capacity;
	}
	items->list[items->n++] = item;
	return true;
}

void
jsonpath_items_free(struct jsonpath_items *items)
{
	free(items->list);
	*items = (struct jsonpath_items) { .list = NULL };
}

struct json_span
jsonpath_keep(struct jsonpath_run *run, const char *text, size_t length)
{
	struct jsonpath_text *kept =
	    take_bytes(run, sizeof(*kept) + length) ? malloc(sizeof(*kept) + length + 1) : NULL;

	if (kept == NULL) {
		(void)jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return (struct json_span) { NULL, 0 };
	}
	memcpy(kept->text, text, length);
	kept->text[length] = '\0';
	kept->next = run->texts;
	run->texts = kept;
	return (struct json_span) { kept->text, length };
}

struct json_span
jsonpath_keep_string(struct jsonpath_run *run, const char *text, size_t length)
{
	struct pgwire_buffer quoted = { 0 };
	struct json_span span = json_span_quote(&quoted, text, length);

	if (span.at != NULL)
		span = jsonpath_keep(run, span.at, span.length);
	else
		(void)jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	pgwire_buffer_free(&quoted);
	return span;
}

struct json_span
jsonpath_keep_integer(struct jsonpath_run *run, int64_t value)
{
	char text[TYPE_INTEGER_TEXT] = "";
	size_t length = type_write_integer(value, text);

	return jsonpath_keep(run, text, length);
}

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

/* A step that doesn't fit. */
static enum jsonpath_result misfit(struct jsonpath_run *run, enum sqlstate state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static enum jsonpath_result
misfit(struct jsonpath_run *run, enum sqlstate state, const char *fmt, ...)
{
	va_list ap;

	if (run->forgiving)
		return PATH_NOT_FOUND;
	va_start(ap, fmt);
	if (!run->silent)
		(void)fail_list(run, state, fmt, ap);
	va_end(ap);
	return PATH_ERROR;
}

static enum jsonpath_result take_step(struct jsonpath_run *run, jsonpath_step *step, struct json_span item,
    struct jsonpath_items *found, bool unwrap);

/* What is found of the parts of a container, from one level to another. step NULL: the parts themselves. */
struct descent {
	jsonpath_step *step;
	uint32_t first, last;
	bool forgiving, unwrap;
};

/* Whether the answer is known, and nothing more is looked for. */
static bool
is_settled(enum jsonpath_result result, const struct jsonpath_items *found)
{
	return result == PATH_ERROR || (result == PATH_OK && found == NULL);
}

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
			if (is_settled(part, found))
				break;
		}
		if (level < d->last && !scalar) {
			part = descend(run, d, w.value, level + 1, found);
			result = part == PATH_NOT_FOUND ? result : part;
			if (is_settled(part, found))
				break;
		}
	}
	run->depth--;
	return run->fatal ? PATH_ERROR : result;
}

/* The same step for each element. */
static enum jsonpath_result
unwrap_array(struct jsonpath_run *run, jsonpath_step *step, struct json_span array, struct jsonpath_items *found)
{
	struct descent d = { .step = step, .first = 1, .last = 1 };

	return descend(run, &d, array, 1, found);
}

static enum jsonpath_result
take_key(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	struct pgwire_buffer quoted = { 0 };
	struct json_span value;

	if (json_span_kind(item) == '[' && unwrap)
		return unwrap_array(run, step, item, found);
	if (json_span_kind(item) != '{')
		return misfit(run, SQLSTATE_SQL_JSON_MEMBER_NOT_FOUND,
		    "jsonpath member accessor can only be applied to an object");
	value = json_span_member(item, json_span_quote(&quoted, step->text, step->length));
	pgwire_buffer_free(&quoted);
	if (value.at != NULL)
		return jsonpath_step_behind(run, step, value, found);
	return misfit(run, SQLSTATE_SQL_JSON_MEMBER_NOT_FOUND, "JSON object does not contain key \"%s\"", step->text);
}

static enum jsonpath_result
take_any_key(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	struct descent d = { .step = step->next, .first = 1, .last = 1, .unwrap = run->lax };

	if (json_span_kind(item) == '[' && unwrap)
		return unwrap_array(run, step, item, found);
	if (json_span_kind(item) != '{')
		return misfit(run, SQLSTATE_SQL_JSON_OBJECT_NOT_FOUND,
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
	return misfit(run, SQLSTATE_SQL_JSON_ARRAY_NOT_FOUND,
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
		if (is_settled(part, found))
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
		return misfit(run, SQLSTATE_SQL_JSON_ARRAY_NOT_FOUND,
		    "jsonpath array accessor can only be applied to an array");
	run->array_size = is_array ? (int64_t)json_span_count(item) : 1;
	for (jsonpath_step *subscript = step->left; subscript != NULL; subscript = subscript->next) {
		int64_t size = run->array_size;

		part = take_subscript(run, step, subscript, item, found);
		run->array_size = size;
		result = part == PATH_NOT_FOUND ? result : part;
		if (is_settled(part, found))
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
		if (is_settled(result, found))
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
		return unwrap_array(run, step, item, found);
	run->current = item;
	truth = jsonpath_is_true(run, step->left, item);
	run->current = outer;
	if (run->fatal)
		return PATH_ERROR;
	return truth == PATH_TRUE ? jsonpath_step_behind(run, step, item, found) : PATH_NOT_FOUND;
}

/* ---- methods ---- */

static enum jsonpath_result
take_type(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	static const char kinds[] = "{[\"tfn";
	static const char *const names[] = { "\"object\"", "\"array\"", "\"string\"", "\"boolean\"", "\"boolean\"",
		"\"null\"" };
	const char *kind = strchr(kinds, json_span_kind(item));
	const char *name = kind == NULL ? "\"number\"" : names[kind - kinds];

	(void)unwrap;
	return jsonpath_step_behind(run, step, (struct json_span) { name, strlen(name) }, found);
}

static enum jsonpath_result
take_size(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	bool is_array = json_span_kind(item) == '[';

	(void)unwrap;
	if (!is_array && !run->lax)
		return misfit(run, SQLSTATE_SQL_JSON_ARRAY_NOT_FOUND,
		    "jsonpath item method .size() can only be applied to an array");
	return jsonpath_step_behind(run, step,
	    jsonpath_keep_integer(run, is_array ? (int64_t)json_span_count(item) : 1), found);
}

static enum jsonpath_result
take_number_method(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	if (json_span_kind(item) == '[' && unwrap)
		return unwrap_array(run, step, item, found);
	return jsonpath_number_method(run, step, item, found);
}

/* {"id": 0, "key": ..., "value": ...}: the id is where PostgreSQL keeps the object within the document, which is told
 * here of the document itself alone. */
static enum jsonpath_result
give_pair(struct jsonpath_run *run, jsonpath_step *step, const struct json_walk *w, struct jsonpath_items *found)
{
	struct pgwire_buffer out = { 0 };
	enum jsonpath_result result = PATH_ERROR;

	pgwire_put_bytes(&out, "{\"id\": 0, \"key\": ", 17);
	pgwire_put_bytes(&out, w->key.at, w->key.length);
	pgwire_put_bytes(&out, ", \"value\": ", 11);
	pgwire_put_bytes(&out, w->value.at, w->value.length);
	pgwire_put_byte(&out, '}');
	if (out.failed)
		(void)jsonpath_end(run, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	else
		result = jsonpath_step_behind(run, step,
		    jsonpath_keep(run, (const char *)out.data + out.start, pgwire_buffer_length(&out)), found);
	pgwire_buffer_free(&out);
	return result;
}

static enum jsonpath_result
take_keyvalue(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	enum jsonpath_result result = PATH_NOT_FOUND, part;
	struct json_walk w;

	if (json_span_kind(item) == '[' && unwrap)
		return unwrap_array(run, step, item, found);
	if (json_span_kind(item) != '{')
		return jsonpath_fail(run, SQLSTATE_SQL_JSON_OBJECT_NOT_FOUND,
		    "jsonpath item method .keyvalue() can only be applied to an object");
	json_walk_open(&w, item);
	while (jsonpath_may_go_on(run) && json_walk_next(&w)) {
		if (item.at != run->root.at)
			return jsonpath_end(run, SQLSTATE_FEATURE_NOT_SUPPORTED,
			    "the method keyvalue() of a part of a document is not supported on SQLite");
		part = give_pair(run, step, &w, found);
		result = part == PATH_NOT_FOUND ? result : part;
		if (is_settled(part, found))
			break;
	}
	return run->fatal ? PATH_ERROR : result;
}

static enum jsonpath_result
take_datetime(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	(void)step;
	(void)item;
	(void)found;
	(void)unwrap;
	return jsonpath_end(run, SQLSTATE_FEATURE_NOT_SUPPORTED,
	    "the method datetime() of jsonpath is not supported on SQLite");
}

/* ---- values ---- */

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

static enum jsonpath_result
take_value(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	(void)item;
	(void)unwrap;
	/* Whether there is one is known without it. */
	if (found == NULL && step->next == NULL)
		return PATH_OK;
	return jsonpath_step_behind(run, step, value_of(run, step), found);
}

static enum jsonpath_result
take_predicate(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	static const char *const words[] = { [PATH_FALSE] = "false", [PATH_TRUE] = "true", [PATH_UNKNOWN] = "null" };
	enum jsonpath_truth truth = jsonpath_is_true(run, step, item);

	(void)unwrap;
	if (run->fatal)
		return PATH_ERROR;
	return jsonpath_step_behind(run, step, (struct json_span) { words[truth], strlen(words[truth]) }, found);
}

static enum jsonpath_result
take_arithmetic(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, struct jsonpath_items *found,
    bool unwrap)
{
	(void)unwrap;
	return jsonpath_arithmetic(run, step, item, found);
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
		[JSONPATH_TYPE] = take_type,
		[JSONPATH_SIZE] = take_size,
		[JSONPATH_ABS] = take_number_method,
		[JSONPATH_FLOOR] = take_number_method,
		[JSONPATH_CEILING] = take_number_method,
		[JSONPATH_DOUBLE] = take_number_method,
		[JSONPATH_DATETIME] = take_datetime,
		[JSONPATH_KEYVALUE] = take_keyvalue,
	};
	enum jsonpath_result result;

	if (!jsonpath_may_go_on(run))
		return PATH_ERROR;
	run->depth++;
	if (step->kind >= JSONPATH_KEY)
		result = steps[step->kind](run, step, item, found, unwrap);
	else
		result = (step->kind >= JSONPATH_ADD ? take_arithmetic
			: step->kind >= JSONPATH_OR  ? take_predicate
						     : take_value)(run, step, item, found, unwrap);
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
			if (unwrap_array(run, NULL, whole.list[i], found) == PATH_ERROR)
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
