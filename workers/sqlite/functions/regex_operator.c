/* ~, ~* and substring(text from pattern). */
#include "workers/sqlite/functions/operators.h"
#include "workers/sqlite/types/regex.h"

/* The second argument, compiled: a constant pattern once per statement. NULL: one of the arguments is, or the error was
 * set. */
static struct regex *
take_pattern(sqlite3_context *c, sqlite3_value **argv, unsigned flags, bool *fresh)
{
	struct regex *regex = sqlite3_get_auxdata(c, 1);
	struct report r = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };
	const char *pattern;

	*fresh = false;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL)
		return NULL;
	if (regex != NULL || (pattern = (const char *)sqlite3_value_text(argv[1])) == NULL)
		return regex;
	*fresh = true;
	if ((regex = regex_new(pattern, (size_t)sqlite3_value_bytes(argv[1]), flags, &r)) == NULL)
		operator_fail_report(c, &r);
	return regex;
}

/* As regex_find on the first argument; a match that was stopped ends the statement. */
static int
find(sqlite3_context *c, const struct regex *regex, const char *text, size_t length, struct regex_span *spans)
{
	const struct sql_context *context = operator_session(c);
	int found = regex_find(regex, text, length, 0, spans, context->must_stop, context->must_stop_arg);

	if (found < 0)
		sqlite3_result_error_code(c, found == -1 ? SQLITE_INTERRUPT : SQLITE_NOMEM);
	return found;
}

static void
match(sqlite3_context *c, sqlite3_value **argv, unsigned flags)
{
	bool fresh;
	struct regex *regex = take_pattern(c, argv, flags, &fresh);
	const char *text;
	int found;

	if (regex == NULL)
		return;
	if ((text = (const char *)sqlite3_value_text(argv[0])) == NULL)
		sqlite3_result_error_nomem(c);
	else if ((found = find(c, regex, text, (size_t)sqlite3_value_bytes(argv[0]), NULL)) >= 0)
		sqlite3_result_int(c, found);
	if (fresh)
		sqlite3_set_auxdata(c, 1, regex, regex_free);
}

void
operator_regex(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	match(c, argv, 0);
}

void
operator_iregex(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	match(c, argv, REGEX_IGNORE_CASE);
}

/* substring(text from pattern): what the first pair of parentheses matched, or all that was matched. */
void
operator_regex_substring(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	bool fresh;
	struct regex *regex = take_pattern(c, argv, REGEX_SPANS_WANTED, &fresh);
	struct regex_span spans[REGEX_SPANS];
	const char *text;

	(void)argc;
	if (regex == NULL)
		return;
	if ((text = (const char *)sqlite3_value_text(argv[0])) == NULL)
		sqlite3_result_error_nomem(c);
	else if (find(c, regex, text, (size_t)sqlite3_value_bytes(argv[0]), spans) == 1) {
		const struct regex_span *found = &spans[regex_groups(regex) > 0 ? 1 : 0];

		if (found->from <= found->to)
			sqlite3_result_text(c, text + found->from, (int)(found->to - found->from), SQLITE_TRANSIENT);
	}
	if (fresh)
		sqlite3_set_auxdata(c, 1, regex, regex_free);
}
