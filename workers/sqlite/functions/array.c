/*
 * Arrays, which are kept in PostgreSQL's text form: {1,2,"a b",NULL}. Those of one dimension; also the vectors of the
 * catalog ("1 2").
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/functions/functions.h"

/* One element at a time; quotes and backslashes undone. */
struct element {
	const char *at;
	char *text; /* of the element; grows */
	size_t length;
	bool null;
};

static bool
array_next(struct element *e)
{
	bool quoted = false;
	size_t n = 0;

	if (*e->at == '{' || *e->at == ',')
		e->at++;
	else if (*e->at == '\0' || *e->at == '}')
		return false;
	if (*e->at == '}')
		return false;
	if (*e->at == '"') {
		quoted = true;
		for (e->at++; *e->at != '\0' && *e->at != '"'; e->at++) {
			if (*e->at == '\\' && e->at[1] != '\0')
				e->at++;
			e->text[n++] = *e->at;
		}
		e->at += *e->at == '"';
	} else {
		for (; *e->at != '\0' && *e->at != ',' && *e->at != '}'; e->at++)
			e->text[n++] = *e->at;
	}
	e->text[n] = '\0';
	e->length = n;
	e->null = !quoted && strcasecmp(e->text, "NULL") == 0;
	return true;
}

/* Vectors of the catalog have blanks between elements: the same walk once they are commas. */
static bool
array_begin(sqlite3_context *c, sqlite3_value *value, struct element *e, char **copy)
{
	size_t length;
	const char *text = function_text(value, &length);

	*e = (struct element){.text = malloc(length + 1)};
	*copy = strdup(text);
	if (e->text == NULL || *copy == NULL) {
		free(e->text);
		free(*copy);
		sqlite3_result_error_nomem(c);
		return false;
	}
	if (**copy != '{') {
		for (char *p = *copy; (p = strchr(p, ' ')) != NULL;)
			*p = ',';
	}
	e->at = *copy;
	if (**copy != '{' && **copy != '\0') {
		/* The walk expects a brace or comma before each element. */
		char *shifted = NULL;

		if (asprintf(&shifted, ",%s", *copy) >= 0) {
			free(*copy);
			e->at = *copy = shifted;
		}
	}
	return true;
}

static int64_t
count_elements(sqlite3_context *c, sqlite3_value *value)
{
	struct element e;
	int64_t n = 0;
	char *copy;

	if (!array_begin(c, value, &e, &copy))
		return 0;
	while (array_next(&e))
		n++;
	free(copy);
	free(e.text);
	return n;
}

static void
put_quoted(FILE *out, const char *text, size_t length)
{
	fputc('"', out);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			fputc('\\', out);
		fputc(text[i], out);
	}
	fputc('"', out);
}

void
function_put_element(FILE *out, const char *text, size_t length)
{
	if (length == 0 || strcasecmp(text, "NULL") == 0 || strcspn(text, "{},\"\\ \t\n\r\v\f") != length)
		put_quoted(out, text, length);
	else
		fwrite(text, 1, length, out);
}

void
function_put_value(FILE *out, sqlite3_value *value)
{
	size_t length;
	const char *text;

	if (sqlite3_value_type(value) == SQLITE_NULL) {
		fputs("NULL", out);
		return;
	}
	text = function_text(value, &length);
	function_put_element(out, text, length);
}

void
array_length(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t n = sqlite3_value_int64(argv[1]) == 1 ? count_elements(c, argv[0]) : 0;

	(void)argc;
	if (n > 0)
		sqlite3_result_int64(c, n);
}

void
array_lower(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	if (sqlite3_value_int64(argv[1]) == 1 && count_elements(c, argv[0]) > 0)
		sqlite3_result_int(c, 1);
}

void
array_cardinality(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_int64(c, count_elements(c, argv[0]));
}

void
array_position(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length;
	const char *wanted = function_text(argv[1], &length);
	bool wants_null = sqlite3_value_type(argv[1]) == SQLITE_NULL, found = false;
	struct element e;
	int64_t n = 0;
	char *copy;

	(void)argc;
	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || !array_begin(c, argv[0], &e, &copy))
		return;
	while (!found && array_next(&e)) {
		n++;
		found = wants_null ? e.null : !e.null && e.length == length && memcmp(e.text, wanted, length) == 0;
	}
	if (found)
		sqlite3_result_int64(c, n);
	free(copy);
	free(e.text);
}

void
array_to_string(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, size;
	const char *delimiter = function_text(argv[1], &length);
	bool shows_null = argc > 2 && sqlite3_value_type(argv[2]) != SQLITE_NULL, first = true;
	struct element e;
	char *copy, *text = NULL;
	FILE *out;

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL ||
	    !array_begin(c, argv[0], &e, &copy))
		return;
	if ((out = open_memstream(&text, &size)) == NULL) {
		sqlite3_result_error_nomem(c);
	} else {
		while (array_next(&e)) {
			size_t n = e.length;
			const char *shown = e.null ? NULL : e.text;

			if (e.null && shows_null)
				shown = function_text(argv[2], &n);
			if (shown == NULL)
				continue;
			if (!first)
				fwrite(delimiter, 1, length, out);
			fwrite(shown, 1, n, out);
			first = false;
		}
		function_result_stream(c, out, &text, &size);
	}
	free(copy);
	free(e.text);
}

static void
put_piece(FILE *out, const char *piece, size_t length, const char *null, size_t null_length)
{
	char *copy;

	if (piece == NULL)
		return;
	if (null != NULL && length == null_length && memcmp(piece, null, length) == 0) {
		fputs("NULL", out);
	} else if ((copy = strndup(piece, length)) != NULL) {
		function_put_element(out, copy, strlen(copy));
		free(copy);
	}
}

void
string_to_array(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	size_t length, mark, null_length = 0, size;
	const char *text = function_text(argv[0], &length), *delimiter = function_text(argv[1], &mark);
	bool has_null = argc > 2 && sqlite3_value_type(argv[2]) != SQLITE_NULL;
	const char *null = has_null ? function_text(argv[2], &null_length) : NULL;
	bool characters = sqlite3_value_type(argv[1]) == SQLITE_NULL;
	const char *end = text + length, *found;
	char *result = NULL;
	FILE *out;

	if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
		return;
	if ((out = open_memstream(&result, &size)) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	fputc('{', out);
	for (const char *piece = text; length > 0; piece = found + (characters ? 0 : mark)) {
		if (characters) {
			for (found = piece + 1; found < end && ((unsigned char)*found & 0xc0) == 0x80; found++)
				continue;
		} else {
			found = mark == 0 ? NULL : memmem(piece, (size_t)(end - piece), delimiter, mark);
		}
		put_piece(out, piece, (size_t)((found == NULL ? end : found) - piece), null, null_length);
		if (found == NULL || (characters && found >= end))
			break;
		fputc(',', out);
	}
	fputc('}', out);
	function_result_stream(c, out, &result, &size);
}
