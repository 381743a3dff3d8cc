/*
 * The options of ts_headline(): name=value, with commas between them, values bare or in quotes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/textsearch/headline.h"
#include "workers/sqlite/types/codec.h"

#define TEXT_MAX INT16_MAX

struct option_reader {
	const char *at, *end, *whole;
	size_t length;
	char *name, *value; /* both as long as the whole */
	bool quoted;
	struct report *report;
};

static int
bad_list(struct option_reader *in)
{
	return report_set(in->report, SQLSTATE_SYNTAX_ERROR, "invalid parameter list format: \"%.*s\"", (int)in->length,
	    in->whole);
}

static bool
at_blank(const struct option_reader *in)
{
	return in->at < in->end && ts_is_blank(*in->at);
}

static void
skip_blanks(struct option_reader *in)
{
	while (at_blank(in))
		in->at++;
}

/* In quotes, of which two are one; of backslashes too, in the single ones. */
static int
read_quoted(struct option_reader *in, char *to)
{
	char quote = *in->at++;

	for (; in->at < in->end; in->at++) {
		char c = *in->at;
		bool twice = in->at + 1 < in->end && in->at[1] == c;

		if (c == quote && !twice) {
			in->at++;
			*to = '\0';
			return 0;
		}
		if (twice && (c == quote || (c == '\\' && quote == '\'')))
			in->at++;
		*to++ = c;
	}
	return bad_list(in);
}

static int
read_name(struct option_reader *in)
{
	char *to = in->name;

	if (*in->at == '"') {
		if (read_quoted(in, to) < 0)
			return -1;
	} else {
		while (in->at < in->end && !at_blank(in) && *in->at != '=')
			*to++ = *in->at++;
		*to = '\0';
	}
	skip_blanks(in);
	if (in->at == in->end || *in->at != '=')
		return bad_list(in);
	in->at++;
	skip_blanks(in);
	return in->at == in->end ? bad_list(in) : 0;
}

static int
read_value(struct option_reader *in)
{
	char *to = in->value;

	if ((*in->at == 'E' || *in->at == 'e') && in->at + 1 < in->end && in->at[1] == '\'')
		in->at++;
	in->quoted = *in->at == '\'' || *in->at == '"';
	if (in->quoted)
		return read_quoted(in, to);
	while (in->at < in->end && !at_blank(in) && *in->at != ',')
		*to++ = *in->at++;
	*to = '\0';
	return 0;
}

/* A number that is no text is written anew: 007 is 7. */
static char *
copy_value(const struct option_reader *in)
{
	struct report ignored = { 0 };
	char text[TYPE_INTEGER_TEXT + 1];
	int64_t number;

	if (in->quoted || in->value[0] == '\0' || strspn(in->value, "+-0123456789") != strlen(in->value) ||
	    type_parse_integer(TYPE_INT4, in->value, strlen(in->value), &number, &ignored) < 0) {
		report_reset(&ignored);
		return strdup(in->value);
	}
	text[type_write_integer(number, text)] = '\0';
	return strdup(text);
}

static bool
is_true(const char *value)
{
	static const char *const words[] = { "1", "on", "true", "t", "y", "yes" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(words[i], value) == 0)
			return true;
	return false;
}

static int
take_option(struct option_reader *in, struct ts_headline_options *options, const char *value)
{
	const struct {
		const char *name;
		int32_t *number;
		char **text;
	} rows[] = {
		{ "MaxWords", &options->max_words, NULL },
		{ "MinWords", &options->min_words, NULL },
		{ "ShortWord", &options->short_word, NULL },
		{ "MaxFragments", &options->max_fragments, NULL },
		{ "StartSel", NULL, &options->start },
		{ "StopSel", NULL, &options->stop },
		{ "FragmentDelimiter", NULL, &options->delimiter },
	};
	int64_t number;

	if (strcasecmp(in->name, "HighlightAll") == 0) {
		options->all = is_true(value);
		return 0;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcasecmp(in->name, rows[i].name) != 0)
			continue;
		if (rows[i].text != NULL) {
			free(*rows[i].text);
			*rows[i].text = strdup(value);
			return *rows[i].text == NULL ? type_out_of_memory(in->report) : 0;
		}
		if (type_parse_integer(TYPE_INT4, value, strlen(value), &number, in->report) < 0)
			return -1;
		*rows[i].number = (int32_t)number;
		return 0;
	}
	return report_set(in->report, SQLSTATE_INVALID_PARAMETER_VALUE, "unrecognized headline parameter: \"%s\"",
	    in->name);
}

/* The list is read whole before any of it is judged. */
static int
read_all(struct option_reader *in, struct ts_headline_options *options, bool judge)
{
	int result = 0;

	for (;;) {
		char *value;

		while (in->at < in->end && (at_blank(in) || *in->at == ','))
			in->at++;
		if (in->at == in->end || result < 0)
			return result;
		if (read_name(in) < 0 || read_value(in) < 0)
			return -1;
		if (!judge)
			continue;
		value = copy_value(in);
		result = value == NULL ? type_out_of_memory(in->report) : take_option(in, options, value);
		free(value);
	}
}

static bool
is_too_long(const char *text)
{
	return text != NULL && strlen(text) > TEXT_MAX;
}

static int
check(const struct ts_headline_options *options, struct report *r)
{
	const char *long_one = is_too_long(options->start) ? "StartSel"
	    : is_too_long(options->stop)		   ? "StopSel"
	    : is_too_long(options->delimiter)		   ? "FragmentDelimiter"
							   : NULL;
	const char *wrong = options->all	       ? NULL
	    : options->min_words >= options->max_words ? "MinWords should be less than MaxWords"
	    : options->min_words <= 0		       ? "MinWords should be positive"
	    : options->short_word < 0		       ? "ShortWord should be >= 0"
	    : options->max_fragments < 0	       ? "MaxFragments should be >= 0"
						       : NULL;

	if (wrong == NULL && long_one != NULL)
		return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "value for \"%s\" is too long", long_one);
	return wrong == NULL ? 0 : report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "%s", wrong);
}

int
ts_read_headline_options(const char *text, size_t length, struct ts_headline_options *options, struct report *r)
{
	struct option_reader in = { .whole = text, .length = length, .report = r };
	int result = 0;

	*options = (struct ts_headline_options) { .max_words = 35, .min_words = 15, .short_word = 3 };
	if (text == NULL)
		return 0;
	in.name = malloc(length + 1);
	in.value = malloc(length + 1);
	if (in.name == NULL || in.value == NULL)
		result = type_out_of_memory(r);
	for (int pass = 0; pass < 2 && result == 0; pass++) {
		in.at = text;
		in.end = text + length;
		result = read_all(&in, options, pass == 1);
	}
	free(in.name);
	free(in.value);
	return result < 0 ? -1 : check(options, r);
}

void
ts_headline_options_free(struct ts_headline_options *options)
{
	free(options->start);
	free(options->stop);
	free(options->delimiter);
}
