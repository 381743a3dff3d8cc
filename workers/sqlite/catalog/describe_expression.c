/*
 * Writes SQLite's text of an expression as PostgreSQL shows it.
 */
#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/analyze/facts.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/catalog/describe_put.h"

/* A client that asks for the text of bibd_lower(x) is shown lower(x), as it wrote it. */
static void
put_word(FILE *out, const char *word, size_t length)
{
	static const char *const grammar[] = { "greatest", "least", "current_date", "current_time", "localtime",
		"localtimestamp", "current_user" };
	const struct function_fact *fact;

	for (size_t i = 0; i < sizeof(grammar) / sizeof(grammar[0]); i++)
		if (length == 5 + strlen(grammar[i]) && strncmp(word, "bibd_", 5) == 0 &&
		    strncmp(word + 5, grammar[i], length - 5) == 0) {
			fputs(grammar[i], out);
			return;
		}
	for (size_t i = 0; (fact = function_fact_by_index(i)) != NULL; i++)
		if (fact->sqlite_name != NULL && strlen(fact->sqlite_name) == length &&
		    strncmp(fact->sqlite_name, word, length) == 0) {
			fputs(fact->name, out);
			return;
		}
	fwrite(word, 1, length, out);
}

/* Calls that the translator puts around what people wrote: casts of an assignment, checks of a range. */
static bool
is_wrapper(const char *word, size_t length)
{
	static const char *const ranges[] = { "bibd_int2_range", "bibd_int4_range", "bibd_int8_range" };
	char name[64];

	if (length >= sizeof(name) || length < 9)
		return false;
	memcpy(name, word, length);
	name[length] = '\0';
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (strcmp(ranges[i], name) == 0)
			return true;
	}
	return strncmp(name, "bibd_to_", 8) == 0 && type_by_name(name + 8) != NULL;
}

/* The first argument of a wrapper's call, shown without it. */
static void
put_wrapped(FILE *out, const char *arguments)
{
	struct definition_lexer lexer;
	char *first, *shown;

	definition_lex_begin(&lexer, arguments);
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, ",")) {
		if (definition_lex_is(&lexer, "("))
			free(definition_lex_parenthesised(&lexer));
		else
			definition_lex_next(&lexer);
	}
	first = strndup(arguments, lexer.start);
	shown = first == NULL ? NULL : describe_expression(first);
	if (shown != NULL)
		fputs(shown, out);
	free(shown);
	free(first);
}

/* The schema of a stored name, between the marks that kept_resolve() looks for. */
void
describe_put_schema(FILE *out, const char *stored)
{
	char schema[NAMESPACE_BYTES];

	namespace_of(stored, schema);
	fputc(KEPT_SCHEMA_BEGIN, out);
	describe_put_name(out, schema);
	fputc(KEPT_SCHEMA_END, out);
}

/* bibd_draw('public', 's') is nextval('s'::regclass). */
static void
put_draw(FILE *out, struct definition_lexer *lexer)
{
	char *arguments = definition_lex_parenthesised(lexer), *call = NULL, *schema = NULL, *name = NULL,
	     *shown = NULL;
	size_t length;
	FILE *text = NULL;

	if (arguments != NULL && asprintf(&call, "bibd_draw(%s)", arguments) >= 0 &&
	    schema_sequence_drawn(call, &schema, &name) && (text = open_memstream(&shown, &length)) != NULL) {
		if (strcmp(schema, "temp") == 0)
			fputs("pg_temp.", text);
		else
			describe_put_schema(text, name);
		describe_put_name(text, namespace_relation(name));
		if (fclose(text) == 0) {
			fputs("nextval(", out);
			definition_put_text(out, shown);
			fputs("::regclass)", out);
		}
	}
	free(shown);
	free(schema);
	free(name);
	free(call);
	free(arguments);
}

static void
put_token(FILE *out, struct definition_lexer *lexer)
{
	const char *token = lexer->text + lexer->start;
	size_t length = lexer->end - lexer->start;
	char *text;

	if (lexer->kind == DEFINITION_QUOTED) {
		if ((text = definition_lex_name(lexer)) != NULL)
			describe_put_relation(out, text);
		free(text);
		return;
	}
	definition_lex_next(lexer);
	if (length == strlen("bibd_draw") && strncmp(token, "bibd_draw", length) == 0) {
		put_draw(out, lexer);
	} else if (is_wrapper(token, length) && (text = definition_lex_parenthesised(lexer)) != NULL) {
		put_wrapped(out, text);
		free(text);
	} else if (token[0] != '\'') {
		put_word(out, token, length);
	} else {
		fwrite(token, 1, length, out);
	}
}

char *
describe_expression(const char *sql)
{
	struct definition_lexer lexer;
	char *text = NULL;
	size_t length, copied = 0;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	definition_lex_begin(&lexer, sql);
	while (lexer.kind != DEFINITION_END) {
		/* Blanks between tokens stay; comments do not. */
		if (lexer.start > copied && sql[copied] == ' ')
			fputc(' ', out);
		put_token(out, &lexer);
		copied = lexer.kind == DEFINITION_END ? strlen(sql) : lexer.start;
		while (copied > 0 && sql[copied - 1] == ' ')
			copied--;
	}
	return fclose(out) == 0 ? text : NULL;
}

/* Without parentheses around the whole. */
char *
describe_strip(char *text)
{
	size_t length = text == NULL ? 0 : strlen(text);
	int depth = 0;

	if (length < 2 || text[0] != '(' || text[length - 1] != ')')
		return text;
	for (size_t i = 0; i + 1 < length; i++) {
		depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
		if (depth == 0)
			return text;
	}
	text[length - 1] = '\0';
	memmove(text, text + 1, length - 1);
	return text;
}

char *
describe_stored(const char *sql)
{
	return kept_body(sql) != sql ? strdup(sql) : describe_strip(describe_expression(sql));
}

char *
describe_resolve(struct describe_how *how, const char *text)
{
	bool internal = how->internal != NULL && *how->internal;
	char *shown;

	if (how->internal != NULL)
		*how->internal = true;
	shown = kept_resolve(how->db, text, how->path);
	if (how->internal != NULL)
		*how->internal = internal;
	how->lost |= shown == NULL;
	return shown;
}

/* An exact text, or that of a definition which an older bibd made. */
char *
describe_shown(const char *stored, struct describe_how *how)
{
	struct kept_texts texts;
	char *shown = NULL;

	switch (kept_read(stored, &texts)) {
	case KEPT_NEVER:
		return describe_resolve(how, stored);
	case KEPT_NOT:
		how->lost = true;
		return NULL;
	case KEPT_TEXT:
		shown = describe_resolve(how, how->pretty ? texts.pretty : texts.plain);
		break;
	}
	kept_free(&texts);
	return shown;
}
