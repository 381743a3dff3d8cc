/*
 * regexp_replace and regexp_match by the C library's extended expressions: the part of PostgreSQL's that people write
 * most, with \d, \w and \s put into the words that POSIX has for them. Back references and lookaround are refused.
 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/functions.h"

#define GROUPS 10

static const struct {
	char letter;
	const char *inside, *outside; /* of brackets */
} classes[] = {
    {'d', "[:digit:]", "[[:digit:]]"}, {'w', "[:alnum:]_", "[[:alnum:]_]"}, {'s', "[:space:]", "[[:space:]]"},
    {'D', NULL, "[^[:digit:]]"}, {'W', NULL, "[^[:alnum:]_]"}, {'S', NULL, "[^[:space:]]"},
    {'n', "\n", "\n"}, {'t', "\t", "\t"}, {'m', NULL, "[[:<:]]"}, {'M', NULL, "[[:>:]]"}, {'y', NULL, "\\b"},
};

static void
put_escape(FILE *out, char letter, bool inside)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		const char *text = inside ? classes[i].inside : classes[i].outside;

		if (classes[i].letter == letter && text != NULL) {
			fputs(text, out);
			return;
		}
	}
	if (!inside)
		fputc('\\', out);
	fputc(letter, out);
}

/* The pattern in POSIX's words; malloc'ed. Non-greedy and non-capturing groups are not to be had: NULL. */
static char *
rewrite(const char *pattern)
{
	char *text = NULL;
	size_t length;
	bool inside = false, refused = false;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	for (const char *p = pattern; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			refused |= !inside && p[1] >= '1' && p[1] <= '9';
			put_escape(out, *++p, inside);
			continue;
		}
		refused |= !inside && ((*p == '(' && p[1] == '?') || (strchr("*+?}", *p) != NULL && p[1] == '?'));
		if (*p == '[' && !inside)
			inside = true;
		else if (*p == ']' && inside)
			inside = false;
		fputc(*p, out);
	}
	if (fclose(out) != 0 || refused) {
		free(text);
		return NULL;
	}
	return text;
}

static bool
compile(sqlite3_context *c, sqlite3_value *pattern, const char *options, regex_t *regex, bool *all)
{
	int flags = REG_EXTENDED, rc;
	char *text, error[128];
	size_t length;

	*all = false;
	for (; *options != '\0'; options++) {
		if (*options == 'g')
			*all = true;
		else if (*options == 'i')
			flags |= REG_ICASE;
		else if (*options == 'n' || *options == 'm')
			flags |= REG_NEWLINE;
		else if (*options != 'c' && *options != 's') {
			function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid regular expression option: \"%c\"",
			    *options);
			return false;
		}
	}
	if ((text = rewrite(function_text(pattern, &length))) == NULL) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "this regular expression is not supported on SQLite");
		return false;
	}
	rc = regcomp(regex, text, flags);
	free(text);
	if (rc == 0)
		return true;
	(void)regerror(rc, regex, error, sizeof(error));
	function_fail(c, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: %s", error);
	return false;
}

static void
put_replacement(FILE *out, const char *with, const char *text, const regmatch_t *groups)
{
	for (; *with != '\0'; with++) {
		int group = -1;

		if (*with == '\\' && with[1] != '\0') {
			with++;
			group = *with == '&' ? 0 : *with >= '1' && *with <= '9' ? *with - '0' : -1;
		}
		if (group < 0)
			fputc(*with, out);
		else if (groups[group].rm_so >= 0)
			fwrite(text + groups[group].rm_so, 1, (size_t)(groups[group].rm_eo - groups[group].rm_so), out);
	}
}

void
regexp_replace(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, size;
	const char *text = function_text(argv[0], &length), *end = text + length;
	const char *with = function_text(argv[2], &size);
	const char *options = argc > 3 ? function_text(argv[3], &size) : "";
	regmatch_t groups[GROUPS];
	char *result = NULL;
	regex_t regex;
	FILE *out;
	bool all;
	int flags = 0;

	if (!compile(c, argv[1], options, &regex, &all))
		return;
	if ((out = open_memstream(&result, &size)) == NULL) {
		sqlite3_result_error_nomem(c);
		regfree(&regex);
		return;
	}
	while (text <= end && regexec(&regex, text, GROUPS, groups, flags) == 0) {
		fwrite(text, 1, (size_t)groups[0].rm_so, out);
		put_replacement(out, with, text, groups);
		flags = REG_NOTBOL;
		text += groups[0].rm_eo;
		if (groups[0].rm_eo == groups[0].rm_so) {
			if (text < end)
				fputc(*text, out);
			text++;
		}
		if (!all)
			break;
	}
	if (text < end)
		fwrite(text, 1, (size_t)(end - text), out);
	regfree(&regex);
	function_result_stream(c, out, &result, &size);
}

static void
put_group(FILE *out, const char *text, const regmatch_t *group)
{
	char *copy;

	if (group->rm_so < 0) {
		fputs("NULL", out);
		return;
	}
	if ((copy = strndup(text + group->rm_so, (size_t)(group->rm_eo - group->rm_so))) != NULL)
		function_put_element(out, copy, strlen(copy));
	free(copy);
}

void
regexp_match(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, size;
	const char *text = function_text(argv[0], &length);
	const char *options = argc > 2 ? function_text(argv[2], &size) : "";
	regmatch_t groups[GROUPS];
	char *result = NULL;
	regex_t regex;
	FILE *out;
	bool all;

	if (!compile(c, argv[1], options, &regex, &all))
		return;
	if (regexec(&regex, text, GROUPS, groups, 0) == 0 && (out = open_memstream(&result, &size)) != NULL) {
		size_t first = regex.re_nsub > 0 ? 1 : 0, last = regex.re_nsub < GROUPS ? regex.re_nsub : GROUPS - 1;

		fputc('{', out);
		for (size_t i = first; i <= last; i++) {
			fputs(i == first ? "" : ",", out);
			put_group(out, text, &groups[i]);
		}
		fputc('}', out);
		function_result_stream(c, out, &result, &size);
	}
	regfree(&regex);
}
