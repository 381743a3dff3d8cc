/*
 * A statement with a large literal is parsed without it: the parser, its tree and the translator each keep a copy of
 * what they read. A plan that holds for all texts of one key (dialect_text.key) holds whatever stands in the literals,
 * and so can be made of a text of the same key with nothing in them.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/shorten.h"

/* Literals from this length on are large, and texts that may have one. */
#define LARGE_BYTES ((size_t)64 << 10)

static bool
is_large(const struct dialect_literal *literal)
{
	return (literal->kind == DIALECT_STRING || literal->kind == DIALECT_ESCAPED) && literal->length >= LARGE_BYTES;
}

/* The text with '' and E'' in the place of large ones. */
static char *
write_shorter(const struct dialect_text *text, size_t *length)
{
	char *sql = NULL;
	size_t at = 0;
	FILE *out = open_memstream(&sql, length);

	if (out == NULL)
		return NULL;
	for (unsigned i = 0; i < text->nliterals; i++) {
		const struct dialect_literal *literal = &text->literals[i];

		if (!is_large(literal))
			continue;
		fwrite(text->sql + at, 1, literal->offset - at, out);
		fputs(literal->kind == DIALECT_STRING ? "''" : "E''", out);
		at = (size_t)literal->offset + literal->length;
	}
	fwrite(text->sql + at, 1, text->length - at, out);
	if (fclose(out) == 0)
		return sql;
	free(sql);
	return NULL;
}

static bool
has_large(const struct dialect_text *text)
{
	for (unsigned i = 0; text->length >= LARGE_BYTES && i < text->nliterals; i++)
		if (is_large(&text->literals[i]))
			return true;
	return false;
}

bool
dialect_shorten(const struct dialect_text *text, struct dialect_text *shorter, char **sql)
{
	size_t length;

	*shorter = (struct dialect_text) { 0 };
	*sql = NULL;
	if (!has_large(text) || (*sql = write_shorter(text, &length)) == NULL)
		return false;
	if (dialect_lex(*sql, length, 0, shorter, NULL) == 0 && shorter->key_length == text->key_length &&
	    memcmp(shorter->key, text->key, text->key_length) == 0 && shorter->nliterals == text->nliterals) {
		shorter->variables = text->variables;
		shorter->scope = text->scope;
		shorter->scope_length = text->scope_length;
		return true;
	}
	dialect_text_free(shorter);
	free(*sql);
	return false;
}
