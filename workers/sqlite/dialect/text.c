/*
 * Growing text with the two ways of quoting that SQL has.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/translate.h"

static bool
reserve(struct sql_text *s, size_t n)
{
	size_t wanted = s->length + n + 1, capacity;
	char *grown;

	if (s->failed)
		return false;
	if (wanted <= s->capacity)
		return true;
	capacity = wanted < 256 ? 512 : wanted * 2;
	if ((grown = realloc(s->data, capacity)) == NULL) {
		s->failed = true;
		return false;
	}
	s->data = grown;
	s->capacity = capacity;
	return true;
}

void
sql_text_put_bytes(struct sql_text *s, const char *bytes, size_t n)
{
	if (!reserve(s, n))
		return;
	memcpy(s->data + s->length, bytes, n);
	s->length += n;
	s->data[s->length] = '\0';
}

void
sql_text_put(struct sql_text *s, const char *text)
{
	/* A stream of memory is closed without an error also when it has not had the memory for any byte. */
	if (text == NULL)
		s->failed = true;
	else
		sql_text_put_bytes(s, text, strlen(text));
}

void
sql_text_format(struct sql_text *s, const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		s->failed = true;
	}
	va_end(ap);
	if (text != NULL)
		sql_text_put(s, text);
	free(text);
}

static void
sql_text_put_quoted(struct sql_text *s, char quote, const char *value, size_t n)
{
	sql_text_put_bytes(s, &quote, 1);
	while (n > 0) {
		const char *found = memchr(value, quote, n);
		size_t piece = found == NULL ? n : (size_t)(found - value) + 1;

		sql_text_put_bytes(s, value, piece);
		if (found != NULL)
			sql_text_put_bytes(s, &quote, 1);
		value += piece;
		n -= piece;
	}
	sql_text_put_bytes(s, &quote, 1);
}

void
sql_text_put_identifier(struct sql_text *s, const char *name)
{
	sql_text_put_quoted(s, '"', name, strlen(name));
}

void
sql_text_put_string(struct sql_text *s, const char *value, size_t n)
{
	sql_text_put_quoted(s, '\'', value, n);
}

void
sql_text_insert(struct sql_text *s, size_t at, const char *text)
{
	size_t n = text == NULL ? 0 : strlen(text);

	s->failed |= text == NULL; /* made by translator_format, which has reported it */
	if (at > s->length || !reserve(s, n))
		return;
	memmove(s->data + at + n, s->data + at, s->length - at + 1);
	memcpy(s->data + at, text, n);
	s->length += n;
}

void
sql_text_cut(struct sql_text *s, size_t from)
{
	if (s->failed || from >= s->length)
		return;
	s->length = from;
	s->data[from] = '\0';
}

void
sql_text_free(struct sql_text *s)
{
	free(s->data);
	*s = (struct sql_text) { 0 };
}
