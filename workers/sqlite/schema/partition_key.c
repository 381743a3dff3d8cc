/*
 * What PARTITION BY said, in the mark of a table: a string, and behind it the columns that it names, so that they are
 * renamed with the table's. A partition's key has the text alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/partition.h"

/* One part of a key: [from, to) of the text; column: its name, malloc'ed, or NULL for an expression. */
struct part {
	size_t from, to;
	char *column;
};

/* Reads the part whose first token the lexer stands on; false behind the last part. */
static bool
next_part(struct definition_lexer *lexer, struct part *part)
{
	bool plain = lexer->kind == DEFINITION_WORD || lexer->kind == DEFINITION_QUOTED;

	*part = (struct part) { .from = lexer->start, .to = lexer->end };
	if (lexer->kind == DEFINITION_END || definition_lex_is(lexer, ")"))
		return false;
	if (plain)
		part->column = definition_lex_name(lexer);
	while (lexer->kind != DEFINITION_END && !definition_lex_is(lexer, ",") && !definition_lex_is(lexer, ")")) {
		free(part->column);
		part->column = NULL;
		if (definition_lex_is(lexer, "("))
			free(definition_lex_parenthesised(lexer));
		else
			definition_lex_next(lexer);
	}
	(void)definition_lex_take(lexer, ",");
	return true;
}

static void
begin(struct definition_lexer *lexer, const char *key)
{
	definition_lex_begin(lexer, key);
	definition_lex_next(lexer);
	definition_lex_next(lexer);
}

void
schema_partition_print_key(const char *key, FILE *out)
{
	struct definition_lexer lexer;
	struct part part;

	definition_put_text(out, key);
	fputs(" NOTNULL", out);
	for (begin(&lexer, key); next_part(&lexer, &part); free(part.column))
		if (part.column != NULL) {
			fputs(" OR ", out);
			definition_put_name(out, part.column);
			fputs(" NOTNULL", out);
		}
}

/* Reads the string at the beginning of a text, malloc'ed; *rest is set behind it. */
static char *
take_string(const char *text, const char **rest)
{
	char *string = malloc(strlen(text) + 1), *put = string;

	for (text += *text == '\''; string != NULL && *text != '\0'; text++) {
		if (*text == '\'' && *++text != '\'')
			break;
		*put++ = *text;
	}
	if (string != NULL)
		*put = '\0';
	*rest = text;
	return string;
}

/* The next name in quotes, malloc'ed. */
static char *
next_name(struct definition_lexer *lexer)
{
	while (lexer->kind != DEFINITION_END && lexer->kind != DEFINITION_QUOTED)
		definition_lex_next(lexer);
	return lexer->kind == DEFINITION_QUOTED ? definition_lex_name(lexer) : NULL;
}

char *
schema_partition_rename_key(const char *key, const char *old, const char *shown)
{
	struct definition_lexer lexer;
	struct part part;
	char *text = NULL;
	size_t length, done = 0;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	for (begin(&lexer, key); next_part(&lexer, &part); free(part.column)) {
		if (part.column == NULL || strcmp(part.column, old) != 0)
			continue;
		fprintf(out, "%.*s%s", (int)(part.from - done), key + done, shown);
		done = part.to;
	}
	fputs(key + done, out);
	return fclose(out) == 0 ? text : NULL;
}

char *
schema_partition_parse_key(const char *expression)
{
	const char *rest;
	char *key = take_string(expression, &rest), *shown = key == NULL ? NULL : strdup(key);
	struct definition_lexer parts, names;
	struct part part;

	definition_lex_begin(&names, rest);
	for (begin(&parts, key == NULL ? "" : key); key != NULL && next_part(&parts, &part); free(part.column)) {
		char *now = part.column == NULL ? NULL : next_name(&names), *renamed;

		if (now != NULL && strcmp(now, part.column) != 0 && shown != NULL) {
			renamed = schema_partition_rename_key(shown, part.column, now);
			free(shown);
			shown = renamed;
		}
		free(now);
	}
	free(key);
	return shown;
}
