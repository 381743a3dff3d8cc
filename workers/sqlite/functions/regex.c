/*
 * Regular expressions: ~, ~*, substring(text from pattern), regexp_match and regexp_replace. One way to take a pattern
 * and one to match it; what a pattern may be, and what it may cost, is said in types/regex.h.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/regex_call.h"
#include "workers/sqlite/types/array_reader.h"
#include "workers/sqlite/types/utf8.h"

#define FIND_WORK 256 /* what a search costs at least, as function_must_end() counts */

static void
pattern_free(void *arg)
{
	struct pattern *pattern = arg;

	if (pattern == NULL)
		return;
	regex_free(pattern->regex);
	free(pattern);
}

struct pattern *
pattern_take(sqlite3_context *c, sqlite3_value **argv, unsigned flags, bool *is_fresh)
{
	struct pattern *pattern = sqlite3_get_auxdata(c, 1);
	struct report r = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };
	const char *text;
	size_t length;

	*is_fresh = pattern == NULL || pattern->flags != flags;
	if (!*is_fresh)
		return pattern;
	text = function_text(argv[1], &length);
	if ((pattern = calloc(1, sizeof(*pattern))) == NULL) {
		sqlite3_result_error_nomem(c);
		return NULL;
	}
	pattern->flags = flags;
	if ((pattern->regex = regex_new(text, length, flags, &r)) != NULL)
		return pattern;
	pattern_free(pattern);
	function_fail_report(c, &r);
	return NULL;
}

void
pattern_keep(sqlite3_context *c, struct pattern *pattern, bool is_fresh)
{
	if (is_fresh)
		sqlite3_set_auxdata(c, 1, pattern, pattern_free);
}

int
pattern_find(sqlite3_context *c, const struct regex *regex, const char *text, size_t length, size_t from,
    struct regex_span *spans)
{
	const struct sql_context *context = function_session(c);
	int found;

	/* Each may be short, and there may be very many. */
	if (function_must_end(c, FIND_WORK))
		return -1;
	found = regex_find(regex, text, length, from, spans, context->must_stop, context->must_stop_arg);
	if (found < 0)
		sqlite3_result_error_code(c, found == -1 ? SQLITE_INTERRUPT : SQLITE_NOMEM);
	return found;
}

/* ---- operators ---- */

static void
match(sqlite3_context *c, sqlite3_value **argv, unsigned flags)
{
	size_t length;
	const char *text = function_text(argv[0], &length);
	bool is_fresh;
	struct pattern *pattern = pattern_take(c, argv, flags, &is_fresh);
	int found;

	if (pattern == NULL)
		return;
	found = pattern_find(c, pattern->regex, text, length, 0, NULL);
	if (found >= 0)
		sqlite3_result_int(c, found);
	pattern_keep(c, pattern, is_fresh);
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
	size_t length;
	const char *text = function_text(argv[0], &length);
	bool is_fresh;
	struct pattern *pattern = pattern_take(c, argv, REGEX_SPANS_WANTED, &is_fresh);
	struct regex_span spans[REGEX_SPANS];

	(void)argc;
	if (pattern == NULL)
		return;
	if (pattern_find(c, pattern->regex, text, length, 0, spans) == 1) {
		const struct regex_span *found = &spans[regex_groups(pattern->regex) > 0 ? 1 : 0];

		if (found->from <= found->to)
			function_result_text(c, text + found->from, found->to - found->from);
	}
	pattern_keep(c, pattern, is_fresh);
}

/* ---- functions with options ---- */

int
pattern_read_options(const char *options, unsigned *flags, bool *all, struct report *r)
{
	*all = false;
	for (; *options != '\0'; options++) {
		if (*options == 'g')
			*all = true;
		else if (*options == 'i')
			*flags |= REGEX_IGNORE_CASE;
		else if (*options == 'n' || *options == 'm')
			*flags |= REGEX_NEWLINE;
		else if (*options != 'c' && *options != 's')
			return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE,
			    "invalid regular expression option: \"%c\"", *options);
	}
	return 0;
}

int
pattern_options(sqlite3_context *c, const char *options, unsigned *flags, bool *all)
{
	struct report r = { 0 };

	if (pattern_read_options(options, flags, all, &r) == 0)
		return 0;
	function_fail_report(c, &r);
	return -1;
}

/* The pattern with the options that are this argument. */
static struct pattern *
take_pattern_with(sqlite3_context *c, int argc, sqlite3_value **argv, int argument, bool *all, bool *is_fresh)
{
	size_t length;
	const char *options = argument < argc ? function_text(argv[argument], &length) : "";
	unsigned flags = REGEX_SPANS_WANTED;

	return pattern_options(c, options, &flags, all) == -1 ? NULL : pattern_take(c, argv, flags, is_fresh);
}

void
pattern_put_replacement(FILE *out, const char *with, const char *text, const struct regex_span *groups)
{
	for (; *with != '\0'; with++) {
		int group = -1;

		if (*with == '\\' && with[1] != '\0') {
			group = with[1] == '&' ? 0 : with[1] >= '1' && with[1] <= '9' ? with[1] - '0' : -1;
			/* What means nothing stays as it is, with its backslash. */
			with += group >= 0 || with[1] == '\\';
		}
		if (group < 0)
			fputc(*with, out);
		else if (groups[group].from <= groups[group].to)
			fwrite(text + groups[group].from, 1, groups[group].to - groups[group].from, out);
	}
}

/* Copies the character at *at, which moves behind it. */
static void
put_character(FILE *out, const char *text, size_t length, size_t *at)
{
	size_t from = *at;

	(void)utf8_decode(text, length, at);
	fwrite(text + from, 1, *at - from, out);
}

/* Writes the text with one match, or all, replaced. -1: the error was set. */
static int
replace(sqlite3_context *c, FILE *out, const struct regex *regex, const char *text, size_t length, const char *with,
    bool all)
{
	struct regex_span groups[REGEX_SPANS];
	size_t at = 0;
	int found;

	while ((found = pattern_find(c, regex, text, length, at, groups)) == 1) {
		fwrite(text + at, 1, groups[0].from - at, out);
		pattern_put_replacement(out, with, text, groups);
		at = groups[0].to;
		if (groups[0].from == groups[0].to && at < length && all)
			put_character(out, text, length, &at);
		else if (groups[0].from == groups[0].to)
			break;
		if (!all || at > length)
			break;
	}
	if (found >= 0 && at < length)
		fwrite(text + at, 1, length - at, out);
	return found < 0 ? -1 : 0;
}

void
regexp_replace(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, size;
	const char *text = function_text(argv[0], &length), *with = function_text(argv[2], &size);
	char *result = NULL;
	bool all, is_fresh;
	struct pattern *pattern = take_pattern_with(c, argc, argv, 3, &all, &is_fresh);
	FILE *out;

	if (pattern == NULL)
		return;
	if ((out = open_memstream(&result, &size)) == NULL)
		sqlite3_result_error_nomem(c);
	else if (replace(c, out, pattern->regex, text, length, with, all) == 0)
		function_result_stream(c, out, &result, &size);
	else {
		(void)fclose(out);
		free(result);
	}
	pattern_keep(c, pattern, is_fresh);
}

/* The parts of a match as an array of texts. */
static void
give_groups(sqlite3_context *c, const struct regex *regex, const char *text, const struct regex_span *groups)
{
	unsigned n = regex_groups(regex), first = n > 0 ? 1 : 0, last = n < REGEX_SPANS ? n : REGEX_SPANS - 1;
	struct pgwire_buffer out = { 0 };

	pgwire_put_byte(&out, '{');
	for (unsigned i = first; i <= last; i++) {
		bool matched = groups[i].from <= groups[i].to;
		size_t length = matched ? groups[i].to - groups[i].from : 0;

		array_put_text(&out, matched ? text + groups[i].from : "", length, !matched, i == first);
	}
	pgwire_put_byte(&out, '}');
	function_result_buffer(c, &out);
}

void
regexp_match(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *text = function_text(argv[0], &length);
	struct regex_span groups[REGEX_SPANS];
	bool all, is_fresh;
	struct pattern *pattern = take_pattern_with(c, argc, argv, 2, &all, &is_fresh);

	if (pattern == NULL)
		return;
	if (all)
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "regexp_match() does not support the \"global\" option");
	else if (pattern_find(c, pattern->regex, text, length, 0, groups) == 1)
		give_groups(c, pattern->regex, text, groups);
	pattern_keep(c, pattern, is_fresh);
}
