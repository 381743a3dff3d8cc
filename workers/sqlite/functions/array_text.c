/*
 * Arrays as texts. Only the elements are of interest: a nested array reads as one run of them.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/functions/operators.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void
array_reader_open(struct array_reader *r, const char *text, size_t length)
{
	*r = (struct array_reader){.at = text, .end = text + length};
	while (r->at < r->end && is_blank(*r->at))
		r->at++;
	r->vector = r->at == r->end || (*r->at != '{' && *r->at != '[');
	if (r->at < r->end && *r->at == '[') { /* bounds: [2:4]={...} */
		const char *equals = memchr(r->at, '=', (size_t)(r->end - r->at));

		r->at = equals == NULL ? r->end : equals + 1;
	}
	r->element = malloc(length + 1);
	r->failed = r->element == NULL;
}

static void
put(struct array_reader *r, char c)
{
	r->element[r->length++] = c;
}

static void
read_quoted(struct array_reader *r)
{
	for (r->at++; r->at < r->end && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		put(r, *r->at);
	}
	if (r->at < r->end)
		r->at++;
}

static void
read_bare(struct array_reader *r)
{
	while (r->at < r->end && strchr(",{}", *r->at) == NULL && !(r->vector && is_blank(*r->at))) {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		put(r, *r->at++);
	}
	while (r->length > 0 && is_blank(r->element[r->length - 1]))
		r->length--;
	r->null = r->length == 4 && strncasecmp(r->element, "NULL", 4) == 0;
}

bool
array_reader_next(struct array_reader *r)
{
	if (r->failed)
		return false;
	while (r->at < r->end && (is_blank(*r->at) || strchr(",{}", *r->at) != NULL))
		r->at++;
	if (r->at >= r->end)
		return false;
	r->length = 0;
	r->null = false;
	if (*r->at == '"')
		read_quoted(r);
	else
		read_bare(r);
	r->element[r->length] = '\0';
	return true;
}

void
array_reader_close(struct array_reader *r)
{
	free(r->element);
	r->element = NULL;
}

static bool
needs_quotes(const char *text, size_t length)
{
	if (length == 0 || (length == 4 && strncasecmp(text, "NULL", 4) == 0))
		return true;
	for (size_t i = 0; i < length; i++)
		if (text[i] != '\0' && strchr("{}\",\\ \t\r\n\v\f", text[i]) != NULL)
			return true;
	return false;
}

void
array_put_text(struct pgwire_buffer *out, const char *text, size_t length, bool null, bool first)
{
	if (!first)
		pgwire_put_byte(out, ',');
	if (null) {
		pgwire_put_bytes(out, "NULL", 4);
		return;
	}
	if (!needs_quotes(text, length)) {
		pgwire_put_bytes(out, text, length);
		return;
	}
	pgwire_put_byte(out, '"');
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			pgwire_put_byte(out, '\\');
		pgwire_put_byte(out, (uint8_t)text[i]);
	}
	pgwire_put_byte(out, '"');
}

int
array_put_sqlite_value(struct pgwire_buffer *out, sqlite3_value *value, uint32_t oid, bool first,
    const struct type_settings *settings, struct report *r)
{
	struct pgwire_buffer text = {0};
	bool null = sqlite3_value_type(value) == SQLITE_NULL;
	int status = null ? 0 : type_put_text(&text, value, oid, settings, r);

	if (status == 0)
		array_put_text(out, text.data == NULL ? "" : (const char *)text.data + text.start,
		    pgwire_buffer_length(&text), null, first);
	out->failed |= text.failed;
	pgwire_buffer_free(&text);
	return status;
}
