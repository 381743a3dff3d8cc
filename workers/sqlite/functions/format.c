/*
 * Texts as SQL writes them, names and literals, and format(), which puts values into a text.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/array_value.h"
#include "workers/sqlite/types/quote.h"
#include "workers/sqlite/types/utf8.h"

static void
put_identifier(FILE *out, const char *text, size_t length)
{
	if (quote_is_needed(text))
		quote_put(out, text, length, '"');
	else
		fwrite(text, 1, length, out);
}

static void
put_literal(FILE *out, const char *text, size_t length)
{
	bool escaped = memchr(text, '\\', length) != NULL;

	if (escaped)
		fputs("E'", out);
	for (size_t i = 0; escaped && i < length; i++) {
		if (text[i] == '\'' || text[i] == '\\')
			fputc(text[i], out);
		fputc(text[i], out);
	}
	if (escaped)
		fputc('\'', out);
	else
		quote_put(out, text, length, '\'');
}

static void
quote(sqlite3_context *c, sqlite3_value *value, void (*put)(FILE *out, const char *text, size_t length))
{
	size_t length, size;
	const char *text = function_text(value, &length);
	char *result = NULL;
	FILE *out = open_memstream(&result, &size);

	if (out == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	put(out, text, length);
	function_result_stream(c, out, &result, &size);
}

void
text_quote_ident(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	quote(c, argv[0], put_identifier);
}

void
text_quote_literal(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	quote(c, argv[0], put_literal);
}

void
text_quote_nullable(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		function_result_string(c, "NULL");
	else
		text_quote_literal(c, argc, argv);
}

/* ---- format() ---- */

/* The values that are formatted: a call's arguments, or the elements of an array. */
struct format_arguments {
	sqlite3_value **values;		 /* of the call, the format itself the first of them */
	const struct array_value *array; /* NULL: none */
	int64_t n;
};

/* The text of one, counted from 1; NULL: it is null. */
static const char *
argument_text(const struct format_arguments *arguments, int64_t i, size_t *length)
{
	const struct array_item *item = arguments->array == NULL ? NULL : &arguments->array->items[i - 1];

	*length = 0;
	if (item != NULL) {
		*length = item->text == NULL ? 0 : item->length;
		return item->text;
	}
	if (sqlite3_value_type(arguments->values[i]) == SQLITE_NULL)
		return NULL;
	return function_text(arguments->values[i], length);
}

/* What stands between % and the letter. */
struct specifier {
	int64_t position;	/* of the argument; 0: the next */
	int64_t width_position; /* -1: the width is written, 0: it is the next argument */
	int64_t width;
	bool left;
};

struct formatting {
	sqlite3_context *context;
	const char *at, *end; /* of the format */
	FILE *out;
	struct format_arguments arguments;
	int64_t next; /* argument */
	size_t made;  /* bytes of padding */
};

static bool
fail_format(struct formatting *f, enum sqlstate state, const char *message)
{
	function_fail(f->context, state, "%s", message);
	return false;
}

static bool
fail_end(struct formatting *f)
{
	(void)fail_format(f, SQLSTATE_INVALID_PARAMETER_VALUE, "unterminated format() type specifier");
	report_hint(&function_session(f->context)->report, "For a single \"%%\" use \"%%%%\".");
	return false;
}

static bool
step(struct formatting *f)
{
	return ++f->at < f->end || fail_end(f);
}

/* Digits, where there are any; *found says so. */
static bool
read_digits(struct formatting *f, int64_t *value, bool *found)
{
	*found = false;
	for (*value = 0; *f->at >= '0' && *f->at <= '9'; *found = true) {
		*value = *value * 10 + (*f->at - '0');
		if (*value > INT32_MAX)
			return fail_format(f, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range");
		if (!step(f))
			return false;
	}
	return true;
}

static bool
check_position(struct formatting *f, int64_t position)
{
	return position > 0 ||
	    fail_format(f, SQLSTATE_INVALID_PARAMETER_VALUE,
		"format specifies argument 0, but arguments are numbered from 1");
}

/* "*" or "*2$": the width is an argument. */
static bool
read_indirect_width(struct formatting *f, struct specifier *s)
{
	int64_t number;
	bool found;

	s->width_position = 0;
	if (!step(f) || !read_digits(f, &number, &found))
		return false;
	if (!found)
		return true;
	if (*f->at != '$')
		return fail_format(f, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "width argument position must be ended by \"$\"");
	s->width_position = number;
	return check_position(f, number) && step(f);
}

static bool
read_specifier(struct formatting *f, struct specifier *s)
{
	int64_t number;
	bool found;

	*s = (struct specifier) { .width_position = -1 };
	if (!read_digits(f, &number, &found))
		return false;
	if (found && *f->at != '$') {
		s->width = number;
		return true;
	}
	if (found) {
		s->position = number;
		if (!check_position(f, number) || !step(f))
			return false;
	}
	for (; *f->at == '-'; s->left = true)
		if (!step(f))
			return false;
	if (*f->at == '*')
		return read_indirect_width(f, s);
	return read_digits(f, &s->width, &found);
}

/* Moves to that argument, or to the next; false: there is none. */
static bool
choose_argument(struct formatting *f, int64_t position, int64_t *chosen)
{
	if (position > 0)
		f->next = position;
	if (f->next > f->arguments.n)
		return fail_format(f, SQLSTATE_INVALID_PARAMETER_VALUE, "too few arguments for format()");
	*chosen = f->next++;
	return true;
}

/* A null is no width. */
static bool
take_width(struct formatting *f, struct specifier *s)
{
	struct type_value value;
	struct report r = { 0 };
	const char *text;
	int64_t chosen;
	size_t length;

	if (!choose_argument(f, s->width_position, &chosen))
		return false;
	if ((text = argument_text(&f->arguments, chosen, &length)) == NULL)
		return true;
	if (type_decode(TYPE_INT4, TYPE_FORMAT_TEXT, text, length, &value, &r) != 0) {
		function_fail_report(f->context, &r);
		return false;
	}
	s->width = value.integer < 0 ? -value.integer : value.integer;
	s->left |= value.integer < 0;
	return s->width <= INT32_MAX || fail_format(f, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range");
}

/* Blanks up to the width. */
static bool
pad(struct formatting *f, const struct specifier *s, size_t characters)
{
	size_t n = (size_t)s->width > characters ? (size_t)s->width - characters : 0;

	if ((f->made += n) > FUNCTION_RESULT_MAX)
		return fail_format(f, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
	for (; n > 0; n--)
		fputc(' ', f->out);
	return true;
}

/* One value as the letter says. */
static bool
put_argument(struct formatting *f, const struct specifier *s, char letter, const char *text, size_t length)
{
	char *made = NULL;
	size_t size = 0, characters;
	FILE *out;
	bool done;

	if (text == NULL && letter == 'I')
		return fail_format(f, SQLSTATE_NULL_VALUE_NOT_ALLOWED,
		    "null values cannot be formatted as an SQL identifier");
	if ((out = open_memstream(&made, &size)) == NULL) {
		sqlite3_result_error_nomem(f->context);
		return false;
	}
	if (text == NULL)
		fputs(letter == 'L' ? "NULL" : "", out);
	else if (letter == 's')
		fwrite(text, 1, length, out);
	else
		(letter == 'L' ? put_literal : put_identifier)(out, text, length);
	if (fclose(out) != 0) {
		free(made);
		sqlite3_result_error_nomem(f->context);
		return false;
	}
	characters = utf8_count(made, size);
	done = s->left || pad(f, s, characters);
	fwrite(made, 1, size, f->out);
	done = done && (!s->left || pad(f, s, characters));
	free(made);
	return done;
}

/* Behind a %. */
static bool
put_conversion(struct formatting *f)
{
	struct specifier s;
	const char *text, *letter;
	int64_t chosen;
	size_t length;

	if (!read_specifier(f, &s))
		return false;
	letter = f->at;
	if (strchr("sIL", *letter) == NULL) {
		function_fail(f->context, SQLSTATE_INVALID_PARAMETER_VALUE,
		    "unrecognized format() type specifier \"%.*s\"",
		    (int)utf8_offset(letter, (size_t)(f->end - letter), 1), letter);
		report_hint(&function_session(f->context)->report, "For a single \"%%\" use \"%%%%\".");
		return false;
	}
	if (s.width_position >= 0 && !take_width(f, &s))
		return false;
	if (!choose_argument(f, s.position, &chosen))
		return false;
	text = argument_text(&f->arguments, chosen, &length);
	f->at++;
	return put_argument(f, &s, *letter, text, length);
}

static bool
put_format(struct formatting *f)
{
	while (f->at < f->end) {
		if (*f->at != '%') {
			fputc(*f->at++, f->out);
			continue;
		}
		if (!step(f))
			return false;
		if (*f->at == '%')
			fputc(*f->at++, f->out);
		else if (!put_conversion(f))
			return false;
	}
	return true;
}

static void
format(sqlite3_context *c, sqlite3_value *text, const struct format_arguments *arguments)
{
	struct formatting f = { .context = c, .arguments = *arguments, .next = 1 };
	char *result = NULL;
	size_t length, size;

	f.at = function_text(text, &length);
	f.end = f.at + length;
	if ((f.out = open_memstream(&result, &size)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	if (put_format(&f)) {
		function_result_stream(c, f.out, &result, &size);
		return;
	}
	(void)fclose(f.out);
	free(result);
}

void
text_format(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const struct format_arguments arguments = { .values = argv, .n = argc - 1 };

	if (sqlite3_value_type(argv[0]) != SQLITE_NULL)
		format(c, argv[0], &arguments);
}

/* format(text, VARIADIC array) */
void
text_format_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct array_value array;
	struct format_arguments arguments = { .array = &array };

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || !array_value_read(c, argv[1], &array))
		return;
	arguments.n = (int64_t)array.n;
	format(c, argv[0], &arguments);
	array_value_free(&array);
}

/* concat_ws(text, VARIADIC array) */
void
text_concat_ws_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	sqlite3_value *turned[] = { argv[1], argv[0] };

	(void)argc;
	array_to_string(c, 2, turned);
}
