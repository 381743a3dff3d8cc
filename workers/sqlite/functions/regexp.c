/*
 * regexp_replace and regexp_match.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/utf8.h"
#include "workers/sqlite/types/regex.h"

static struct regex *
compile(sqlite3_context *c, sqlite3_value *pattern, const char *options, bool *all)
{
	struct report r = { .state = SQLSTATE_SUCCESSFUL_COMPLETION };
	unsigned flags = REGEX_SPANS_WANTED;
	struct regex *regex;
	const char *text;
	size_t length;

	*all = false;
	for (; *options != '\0'; options++) {
		if (*options == 'g')
			*all = true;
		else if (*options == 'i')
			flags |= REGEX_IGNORE_CASE;
		else if (*options == 'n' || *options == 'm')
			flags |= REGEX_NEWLINE;
		else if (*options != 'c' && *options != 's') {
			function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid regular expression option: \"%c\"",
			    *options);
			return NULL;
		}
	}
	text = function_text(pattern, &length);
	if ((regex = regex_new(text, length, flags, &r)) == NULL)
		function_fail_report(c, &r);
	return regex;
}

/* As regex_find; a match that was stopped ends the statement. */
static int
find(sqlite3_context *c, const struct regex *regex, const char *text, size_t length, size_t from, struct regex_span *spans)
{
	const struct sql_context *context = function_session(c);

	int found = regex_find(regex, text, length, from, spans, context->must_stop, context->must_stop_arg);

	if (found < 0)
		sqlite3_result_error_code(c, found == -1 ? SQLITE_INTERRUPT : SQLITE_NOMEM);
	return found;
}

static void
put_replacement(FILE *out, const char *with, const char *text, const struct regex_span *groups)
{
	for (; *with != '\0'; with++) {
		int group = -1;

		if (*with == '\\' && with[1] != '\0') {
			with++;
			group = *with == '&' ? 0 : *with >= '1' && *with <= '9' ? *with - '0' : -1;
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

	while ((found = find(c, regex, text, length, at, groups)) == 1) {
		fwrite(text + at, 1, groups[0].from - at, out);
		put_replacement(out, with, text, groups);
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
	const char *options = argc > 3 ? function_text(argv[3], &size) : "";
	char *result = NULL;
	struct regex *regex;
	FILE *out;
	bool all;

	if ((regex = compile(c, argv[1], options, &all)) == NULL)
		return;
	if ((out = open_memstream(&result, &size)) == NULL)
		sqlite3_result_error_nomem(c);
	else if (replace(c, out, regex, text, length, with, all) == 0)
		function_result_stream(c, out, &result, &size);
	else {
		(void)fclose(out);
		free(result);
	}
	regex_free(regex);
}

static void
put_group(FILE *out, const char *text, const struct regex_span *group)
{
	char *copy;

	if (group->from > group->to) {
		fputs("NULL", out);
		return;
	}
	if ((copy = strndup(text + group->from, group->to - group->from)) != NULL)
		function_put_element(out, copy, strlen(copy));
	free(copy);
}

static void
put_groups(sqlite3_context *c, const struct regex *regex, const char *text, const struct regex_span *groups)
{
	unsigned n = regex_groups(regex), first = n > 0 ? 1 : 0, last = n < REGEX_SPANS ? n : REGEX_SPANS - 1;
	char *result = NULL;
	size_t size;
	FILE *out = open_memstream(&result, &size);

	if (out == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	fputc('{', out);
	for (unsigned i = first; i <= last; i++) {
		fputs(i == first ? "" : ",", out);
		put_group(out, text, &groups[i]);
	}
	fputc('}', out);
	function_result_stream(c, out, &result, &size);
}

void
regexp_match(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, size;
	const char *text = function_text(argv[0], &length);
	const char *options = argc > 2 ? function_text(argv[2], &size) : "";
	struct regex_span groups[REGEX_SPANS];
	struct regex *regex;
	bool all;

	if ((regex = compile(c, argv[1], options, &all)) == NULL)
		return;
	if (find(c, regex, text, length, 0, groups) == 1)
		put_groups(c, regex, text, groups);
	regex_free(regex);
}
