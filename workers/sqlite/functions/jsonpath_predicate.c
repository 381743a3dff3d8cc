/*
 * Conditions of a jsonpath: true, false, or unknown where they can't be told.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/jsonpath_run.h"
#include "workers/sqlite/types/regex.h"

typedef enum jsonpath_truth compare_fn(struct jsonpath_run *run, jsonpath_step *predicate, struct json_span left,
    struct json_span right);

/* ---- comparisons ---- */

/* 'n', 'b', '0', '"', 'c': what can be compared with each other. */
static char
comparable_kind(struct json_span item)
{
	char kind = json_span_kind(item);

	if (kind == 't' || kind == 'f')
		return 'b';
	if (kind == '{' || kind == '[')
		return 'c';
	return kind == 'n' || kind == '"' ? kind : '0';
}

/* False: out of memory. */
static bool
compare_strings(struct jsonpath_run *run, struct json_span a, struct json_span b, int *order)
{
	struct type_value left = { 0 }, right = { 0 };
	bool ok = json_span_unquote(a, &left, &run->report) == 0 && json_span_unquote(b, &right, &run->report) == 0;
	size_t n = left.length < right.length ? left.length : right.length;

	if (ok && (*order = memcmp(left.bytes, right.bytes, n)) == 0)
		*order = (left.length > right.length) - (left.length < right.length);
	type_value_free(&left);
	type_value_free(&right);
	run->fatal = run->fatal || !ok;
	return ok;
}

static bool
holds(enum jsonpath_kind kind, int order)
{
	switch (kind) {
	case JSONPATH_EQUAL:
		return order == 0;
	case JSONPATH_NOT_EQUAL:
		return order != 0;
	case JSONPATH_LESS:
		return order < 0;
	case JSONPATH_GREATER:
		return order > 0;
	case JSONPATH_LESS_EQUAL:
		return order <= 0;
	default:
		return order >= 0;
	}
}

static enum jsonpath_truth
compare(struct jsonpath_run *run, jsonpath_step *predicate, struct json_span left, struct json_span right)
{
	char kind = comparable_kind(left), other = comparable_kind(right);
	int order = 0;

	if (kind != other && (kind == 'n' || other == 'n'))
		return predicate->kind == JSONPATH_NOT_EQUAL ? PATH_TRUE : PATH_FALSE;
	if (kind != other || kind == 'c')
		return PATH_UNKNOWN;
	if (kind == 'b')
		order = (*left.at == 't') - (*right.at == 't');
	else if (kind == '0')
		order = type_compare_numeric(left.at, left.length, right.at, right.length);
	else if (kind == '"' && !compare_strings(run, left, right, &order))
		return PATH_UNKNOWN;
	return holds(predicate->kind, order) ? PATH_TRUE : PATH_FALSE;
}

/* ---- texts ---- */

static enum jsonpath_truth
starts_with(struct jsonpath_run *run, jsonpath_step *predicate, struct json_span left, struct json_span right)
{
	struct type_value text = { 0 }, start = { 0 };
	enum jsonpath_truth truth = PATH_UNKNOWN;

	(void)predicate;
	if (json_span_kind(left) != '"' || json_span_kind(right) != '"')
		return truth;
	if (json_span_unquote(left, &text, &run->report) < 0 || json_span_unquote(right, &start, &run->report) < 0)
		run->fatal = true;
	else
		truth = text.length >= start.length && memcmp(text.bytes, start.bytes, start.length) == 0 ? PATH_TRUE
													  : PATH_FALSE;
	type_value_free(&text);
	type_value_free(&start);
	return truth;
}

/* Every sign of a pattern that is to be taken as it stands. */
static char *
quote_pattern(const char *text, size_t length, size_t *n)
{
	char *quoted = malloc(length * 2 + 1);

	*n = 0;
	for (size_t i = 0; quoted != NULL && i < length; i++) {
		if (strchr(".^$*+?()[]{}|\\", text[i]) != NULL)
			quoted[(*n)++] = '\\';
		quoted[(*n)++] = text[i];
	}
	return quoted;
}

/* By default . and [^...] match no newline, while ^ and $ match at the ends alone; regex.h has both or none. Where the
 * text has several lines and the pattern uses both kinds, there is no answer here. */
static bool
newline_flag(const struct jsonpath_node *like, bool several_lines, unsigned *flags)
{
	bool dots = strchr(like->text, '.') != NULL || strstr(like->text, "[^") != NULL;
	bool anchors = strpbrk(like->text, "^$") != NULL;
	bool stops = (like->flags & JSONPATH_DOT_ALL) == 0, lines = (like->flags & JSONPATH_MULTILINE) != 0;

	if ((like->flags & JSONPATH_QUOTE) != 0)
		return true;
	if ((stops && dots) || (lines && anchors))
		*flags |= REGEX_NEWLINE;
	return !several_lines || !dots || !anchors || stops == lines;
}

static enum jsonpath_truth
match(struct jsonpath_run *run, const struct jsonpath_node *like, const struct type_value *text)
{
	unsigned flags = (like->flags & JSONPATH_IGNORE_CASE) != 0 ? REGEX_IGNORE_CASE : 0;
	bool several_lines = memchr(text->bytes, '\n', text->length) != NULL;
	size_t length = like->length;
	char *quoted = NULL;
	struct regex *regex;
	int found = -2;

	if (!newline_flag(like, several_lines, &flags)) {
		(void)jsonpath_end(run, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "this pattern of like_regex on a text of several lines is not supported on SQLite");
		return PATH_UNKNOWN;
	}
	if ((like->flags & JSONPATH_QUOTE) != 0)
		quoted = quote_pattern(like->text, like->length, &length);
	if ((regex = regex_new(quoted != NULL ? quoted : like->text, length, flags, &run->report)) != NULL)
		found = regex_find(regex, text->bytes, text->length, 0, NULL, run->session->must_stop,
		    run->session->must_stop_arg);
	regex_free(regex);
	free(quoted);
	if (regex == NULL)
		run->fatal = true;
	else if (found < 0)
		(void)jsonpath_end(run, found == -1 ? SQLSTATE_QUERY_CANCELED : SQLSTATE_OUT_OF_MEMORY,
		    found == -1 ? "canceling statement due to user request" : "out of memory");
	return found == 1 ? PATH_TRUE : found == 0 ? PATH_FALSE : PATH_UNKNOWN;
}

static enum jsonpath_truth
like_regex(struct jsonpath_run *run, jsonpath_step *predicate, struct json_span left, struct json_span right)
{
	struct type_value text = { 0 };
	enum jsonpath_truth truth = PATH_UNKNOWN;

	(void)right;
	if (json_span_kind(left) != '"')
		return truth;
	if (json_span_unquote(left, &text, &run->report) < 0)
		run->fatal = true;
	else
		truth = match(run, predicate, &text);
	type_value_free(&text);
	return truth;
}

/* ---- each of the left with each of the right ---- */

static enum jsonpath_result
quiet_operand(struct jsonpath_run *run, jsonpath_step *step, struct json_span item, bool unwrap,
    struct jsonpath_items *found)
{
	bool silent = run->silent;
	enum jsonpath_result result;

	run->silent = true;
	result = jsonpath_operand(run, step, item, unwrap, found);
	run->silent = silent;
	return result;
}

static enum jsonpath_truth
any_pair(struct jsonpath_run *run, jsonpath_step *predicate, const struct jsonpath_items *left,
    const struct jsonpath_items *right, compare_fn *of)
{
	static const struct json_span none = { NULL, 0 };
	size_t n = predicate->right == NULL ? 1 : right->n;
	bool found = false, unknown = false;

	for (size_t i = 0; i < left->n; i++)
		for (size_t j = 0; j < n && jsonpath_may_go_on(run); j++) {
			enum jsonpath_truth truth =
			    of(run, predicate, left->list[i], predicate->right == NULL ? none : right->list[j]);

			if (truth == PATH_UNKNOWN && !run->lax)
				return PATH_UNKNOWN;
			if (truth == PATH_TRUE && run->lax)
				return PATH_TRUE;
			unknown = unknown || truth == PATH_UNKNOWN;
			found = found || truth == PATH_TRUE;
		}
	return found ? PATH_TRUE : unknown ? PATH_UNKNOWN : PATH_FALSE;
}

static enum jsonpath_truth
compare_all(struct jsonpath_run *run, jsonpath_step *predicate, struct json_span item)
{
	compare_fn *of = predicate->kind == JSONPATH_STARTS_WITH ? starts_with
	    : predicate->kind == JSONPATH_LIKE_REGEX		 ? like_regex
								 : compare;
	struct jsonpath_items left = { .list = NULL }, right = { .list = NULL };
	enum jsonpath_truth truth = PATH_UNKNOWN;

	if (quiet_operand(run, predicate->left, item, true, &left) != PATH_ERROR &&
	    (predicate->right == NULL ||
		quiet_operand(run, predicate->right, item, of == compare, &right) != PATH_ERROR))
		truth = any_pair(run, predicate, &left, &right, of);
	jsonpath_items_free(&left);
	jsonpath_items_free(&right);
	return truth;
}

static enum jsonpath_truth
exists(struct jsonpath_run *run, jsonpath_step *step, struct json_span item)
{
	struct jsonpath_items found = { .list = NULL };
	enum jsonpath_result result = quiet_operand(run, step, item, false, run->lax ? NULL : &found);

	if (!run->lax && result != PATH_ERROR)
		result = found.n > 0 ? PATH_OK : PATH_NOT_FOUND;
	jsonpath_items_free(&found);
	return result == PATH_ERROR ? PATH_UNKNOWN : result == PATH_OK ? PATH_TRUE : PATH_FALSE;
}

static enum jsonpath_truth
negate(enum jsonpath_truth truth)
{
	return truth == PATH_UNKNOWN ? truth : truth == PATH_TRUE ? PATH_FALSE : PATH_TRUE;
}

/* AND where `decided` is false, OR where it is true. */
static enum jsonpath_truth
both(struct jsonpath_run *run, jsonpath_step *predicate, struct json_span item, enum jsonpath_truth decided)
{
	enum jsonpath_truth left = jsonpath_is_true(run, predicate->left, item), right;

	if (left == decided)
		return left;
	right = jsonpath_is_true(run, predicate->right, item);
	return right == negate(decided) ? left : right;
}

static enum jsonpath_truth
tell(struct jsonpath_run *run, jsonpath_step *predicate, struct json_span item)
{
	switch (predicate->kind) {
	case JSONPATH_AND:
		return both(run, predicate, item, PATH_FALSE);
	case JSONPATH_OR:
		return both(run, predicate, item, PATH_TRUE);
	case JSONPATH_NOT:
		return negate(jsonpath_is_true(run, predicate->left, item));
	case JSONPATH_IS_UNKNOWN:
		return jsonpath_is_true(run, predicate->left, item) == PATH_UNKNOWN ? PATH_TRUE : PATH_FALSE;
	case JSONPATH_EXISTS:
		return exists(run, predicate->left, item);
	default:
		return compare_all(run, predicate, item);
	}
}

enum jsonpath_truth
jsonpath_is_true(struct jsonpath_run *run, jsonpath_step *predicate, struct json_span item)
{
	enum jsonpath_truth truth = PATH_UNKNOWN;

	run->depth++;
	if (jsonpath_may_go_on(run))
		truth = tell(run, predicate, item);
	run->depth--;
	return truth;
}
