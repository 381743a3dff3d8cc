/*
 * The values of literals, quotes and escapes undone.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/dialect.h"
#include "workers/sqlite/types/types.h"

/* Index: the letter after a backslash; 0 means the letter itself. Escapes by number are never lifted (lex_key.c). */
static const char escapes[256] = { ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t', ['v'] = '\v' };

static const char *
undo_quotes(const char *from, size_t n, bool backslashes, size_t *length, char **owned)
{
	char *to;

	if ((*owned = malloc(n + 1)) == NULL)
		return NULL;
	to = *owned;
	for (size_t i = 0; i < n; i++) {
		if (from[i] == '\'' && i + 1 < n)
			i++;
		else if (backslashes && from[i] == '\\' && i + 1 < n) {
			char escaped = escapes[(unsigned char)from[++i]];

			*to++ = escaped != 0 ? escaped : from[i];
			continue;
		}
		*to++ = from[i];
	}
	*length = (size_t)(to - *owned);
	*to = '\0';
	return *owned;
}

const char *
dialect_literal_value(const struct dialect_text *t, unsigned i, size_t *length, char **owned)
{
	const struct dialect_literal *literal = &t->literals[i];
	const char *text = t->sql + literal->offset;
	size_t n = literal->length;

	*owned = NULL;
	*length = n;
	if (literal->kind != DIALECT_STRING && literal->kind != DIALECT_ESCAPED)
		return text;
	if (text[0] == '$') {
		size_t tag = (size_t)((const char *)memchr(text + 1, '$', n - 1) - text) + 1;

		*length = n - 2 * tag;
		return text + tag;
	}
	if (literal->kind == DIALECT_ESCAPED) {
		if (memchr(text + 2, '\\', n - 3) == NULL && memchr(text + 2, '\'', n - 3) == NULL) {
			*length = n - 3;
			return text + 2;
		}
		return undo_quotes(text + 2, n - 3, true, length, owned);
	}
	if (memchr(text + 1, '\'', n - 2) == NULL) {
		*length = n - 2;
		return text + 1;
	}
	return undo_quotes(text + 1, n - 2, false, length, owned);
}

/* What was made for the value, and must live as long: `bytes` is freed, or becomes the value's own. */
static int
decode_owned(const struct dialect_lifted *lifted, const struct type_settings *settings, char *bytes, size_t length,
    struct type_value *value, struct report *r)
{
	int status = type_decode_in(settings, lifted->oid, TYPE_FORMAT_TEXT, bytes, length, value, r);

	if (status == 0 && value->owned == NULL && (value->kind == SQLITE_TEXT || value->kind == SQLITE_BLOB))
		value->owned = bytes;
	else
		free(bytes);
	return status;
}

/* Zero has no sign where it is written: -0 is the integer 0, whatever it becomes. */
static bool
is_zero(const char *digits, size_t n)
{
	size_t i = 0;

	while (i < n && (digits[i] == '0' || digits[i] == '.'))
		i++;
	return i == n || digits[i] == 'e' || digits[i] == 'E';
}

/* The least bigint has no positive twin, and a numeric is text: a sign goes before the digits, never onto the value. */
static int
decode_negative(const struct dialect_lifted *lifted, const struct type_settings *settings, const char *digits, size_t n,
    struct type_value *value, struct report *r)
{
	char *text = malloc(n + 2);

	if (text == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	text[0] = '-';
	memcpy(text + 1, digits, n);
	text[n + 1] = '\0';
	return decode_owned(lifted, settings, text, n + 1, value, r);
}

int
dialect_literal_decode(const struct dialect_text *t, const struct dialect_lifted *lifted,
    const struct type_settings *settings, struct type_value *value, struct report *r)
{
	char *owned;
	size_t length;
	const char *text = dialect_literal_value(t, lifted->literal, &length, &owned);

	*value = (struct type_value) { .kind = SQLITE_NULL };
	if (text == NULL)
		return report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
	if (owned != NULL)
		return decode_owned(lifted, settings, owned, length, value, r);
	if (lifted->negative && !is_zero(text, length))
		return decode_negative(lifted, settings, text, length, value, r);
	return type_decode_in(settings, lifted->oid, TYPE_FORMAT_TEXT, text, length, value, r);
}
