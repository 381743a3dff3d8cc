/*
 * JSON documents in text search: their strings, and what else is asked for, as one document; and headlines of their
 * strings.
 */
#include <string.h>
#include <strings.h>

#include "workers/sqlite/functions/json_span.h"
#include "workers/sqlite/functions/ts_value.h"

enum part { PART_STRING = 1, PART_NUMBER = 2, PART_BOOLEAN = 4, PART_KEY = 8, PART_ALL = 15 };

/* The next of a valid document's tokens: a sign, a string with its quotes, or a bare word. length 0: the end. */
static struct json_span
next_token(const char **at, const char *end)
{
	struct json_span token;
	const char *p;

	while (*at < end && strchr(" \t\r\n", **at) != NULL)
		++*at;
	token = (struct json_span) { *at, 0 };
	if (*at == end)
		return token;
	p = *at + 1;
	if (**at == '"') {
		while (p < end && *p != '"')
			p += *p == '\\' ? 2 : 1;
		p++;
	} else if (strchr("{}[],:", **at) == NULL) {
		while (p < end && strchr("{}[],: \t\r\n", *p) == NULL)
			p++;
	}
	token.length = (size_t)(p - *at);
	*at = p;
	return token;
}

static bool
is_key(const char *at, const char *end)
{
	struct json_span token = next_token(&at, end);

	return token.length > 0 && *token.at == ':';
}

static enum part
part_of(struct json_span token, const char *behind, const char *end)
{
	switch (*token.at) {
	case '"':
		return is_key(behind, end) ? PART_KEY : PART_STRING;
	case 't':
	case 'f':
		return PART_BOOLEAN;
	case 'n':
	case '{':
	case '}':
	case '[':
	case ']':
	case ',':
	case ':':
		return 0;
	default:
		return PART_NUMBER;
	}
}

/* The configuration is looked up for the first text, as PostgreSQL does: a document without one needs none. */
struct adding {
	struct tsvector_builder builder;
	sqlite3_context *c;
	sqlite3_value *named; /* NULL: the session's */
	const struct ts_config *config;
	struct ts_poll poll;
	uint32_t position;
};

/* A place is left free behind what has words, so that no phrase goes across. 1: the error is told already. */
static int
add_text(struct adding *adding, const char *text, size_t length, struct report *r)
{
	size_t used = adding->builder.used;
	int result;

	if (adding->config == NULL && (adding->config = ts_take_config(adding->c, adding->named)) == NULL)
		return 1;
	result = ts_add_document(&adding->builder, adding->config, &adding->poll, &adding->position, text, length, r);
	if (adding->builder.used != used)
		adding->position++;
	return result;
}

static int
add_token(struct adding *adding, struct json_span token, struct report *r)
{
	struct type_value value;
	int result;

	if (*token.at != '"')
		return add_text(adding, token.at, token.length, r);
	if (json_span_unquote(token, &value, r) < 0)
		return -1;
	result = add_text(adding, value.bytes, value.length, r);
	type_value_free(&value);
	return result;
}

static void
make_vector(sqlite3_context *c, sqlite3_value *config, sqlite3_value *document, unsigned parts)
{
	struct adding adding = { .builder = { .places_max = TS_DOCUMENT_PLACES_MAX },
		.c = c,
		.named = config,
		.poll = ts_poll_of(function_session(c)) };
	struct json_span whole = json_span_of(document), token;
	const char *at = whole.at, *end = whole.at + whole.length;
	struct report r = { 0 };
	int result = 0;

	while (result == 0 && (token = next_token(&at, end)).length > 0)
		if ((part_of(token, at, end) & parts) != 0)
			result = add_token(&adding, token, &r);
	ts_give_built(c, result, &adding.builder, &r);
}

/* The argument before the others, where there is one. */
static sqlite3_value *
first_config(sqlite3_value ***argv)
{
	return sqlite3_value_type((*argv)[0]) == SQLITE_INTEGER ? *(*argv)++ : NULL;
}

/* to_tsvector([config,] json) */
void
ts_json_strings(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	sqlite3_value *config = first_config(&argv);

	(void)argc;
	make_vector(c, config, argv[0], PART_STRING);
}

static int
take_flag(struct json_span token, unsigned *parts, struct report *r)
{
	static const struct {
		const char *name;
		enum part part;
	} flags[] = { { "all", PART_ALL }, { "key", PART_KEY }, { "string", PART_STRING }, { "numeric", PART_NUMBER },
		{ "boolean", PART_BOOLEAN } };
	struct type_value value = { .kind = SQLITE_NULL };
	bool known = false;

	if (*token.at != '"') {
		(void)report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "flag array element is not a string");
	} else {
		if (json_span_unquote(token, &value, r) < 0)
			return -1;
		for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
			if (value.length == strlen(flags[i].name) &&
			    strncasecmp(value.bytes, flags[i].name, value.length) == 0) {
				*parts |= flags[i].part;
				known = true;
			}
		if (!known)
			(void)report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE, "wrong flag in flag array: \"%.*s\"",
			    (int)value.length, value.bytes);
		type_value_free(&value);
	}
	if (known)
		return 0;
	report_hint(r, "Possible values are: \"string\", \"numeric\", \"boolean\", \"key\", and \"all\".");
	return -1;
}

static int
take_flags(sqlite3_value *filter, unsigned *parts, struct report *r)
{
	struct json_span whole = json_span_of(filter);
	struct json_walk walk;
	int result = 0;

	*parts = 0;
	if (json_span_kind(whole) == '{')
		return report_set(r, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "wrong flag type, only arrays and scalars are allowed");
	if (json_span_kind(whole) != '[')
		return take_flag(whole, parts, r);
	json_walk_open(&walk, whole);
	while (result == 0 && json_walk_next(&walk))
		result = take_flag(walk.value, parts, r);
	return result;
}

/* json_to_tsvector([config,] json, filter) */
void
ts_json_parts(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	sqlite3_value *config = first_config(&argv);
	struct report r = { 0 };
	unsigned parts;

	(void)argc;
	if (take_flags(argv[1], &parts, &r) < 0)
		function_fail_report(c, &r);
	else
		make_vector(c, config, argv[0], parts);
}

/* ---- headlines ---- */

static int
put_headline(const struct ts_headline *headline, struct json_span token, struct pgwire_buffer *out, struct report *r)
{
	struct pgwire_buffer text = { 0 };
	struct type_value value;
	int result;

	if (json_span_unquote(token, &value, r) < 0)
		return -1;
	result = ts_make_headline(headline, value.bytes, value.length, &text, r);
	type_value_free(&value);
	if (result == 0 && text.failed)
		result = report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (result == 0)
		type_json_put_string(out, text.data == NULL ? "" : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text));
	pgwire_buffer_free(&text);
	return result;
}

/* A key as it is written anew: \u0041 is A. */
static int
put_key(struct json_span token, struct pgwire_buffer *out, struct report *r)
{
	struct type_value value;

	if (json_span_unquote(token, &value, r) < 0)
		return -1;
	type_json_put_string(out, value.bytes, value.length);
	type_value_free(&value);
	return 0;
}

static int
put_all(const struct ts_headline *headline, struct json_span whole, bool blanks, struct pgwire_buffer *out,
    struct report *r)
{
	const char *at = whole.at, *end = whole.at + whole.length;
	struct json_span token;
	int result = 0;

	while (result == 0 && (token = next_token(&at, end)).length > 0) {
		enum part part = part_of(token, at, end);

		if (part == PART_STRING)
			result = put_headline(headline, token, out, r);
		else if (part == PART_KEY)
			result = put_key(token, out, r);
		else
			pgwire_put_bytes(out, token.at, token.length);
		if (blanks && (*token.at == ',' || *token.at == ':'))
			pgwire_put_byte(out, ' ');
	}
	return result;
}

static void
make_headline(sqlite3_context *c, int argc, sqlite3_value **argv, bool blanks)
{
	struct ts_poll poll = ts_poll_of(function_session(c));
	struct ts_headline headline = { .config = ts_take_first_config(c, &argc, &argv), .poll = &poll };
	struct pgwire_buffer out = { 0 };
	struct report r = { 0 };
	struct tsquery q;
	int result;

	if (headline.config == NULL || !ts_take_query(c, argv[1], &q))
		return;
	headline.query = &q;
	if (argc > 2)
		headline.options = function_text(argv[2], &headline.options_length);
	result = put_all(&headline, json_span_of(argv[0]), blanks, &out, &r);
	tsquery_free(&q);
	ts_give_text(c, result, &out, &r);
}

/* ts_headline([config,] json, query [, options]), and of jsonb */
void
ts_headline_json(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	make_headline(c, argc, argv, false);
}

void
ts_headline_jsonb(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	make_headline(c, argc, argv, true);
}
