/*
 * Writes a constraint, an index, a default and a view back as PostgreSQL's SQL.
 */
#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/analyze/facts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/definition_lex.h"

void
describe_put_name(FILE *out, const char *name)
{
	bool plain = *name == '_' || (*name >= 'a' && *name <= 'z');

	plain = plain && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_$") == strlen(name);
	/* SQLite knows words that PostgreSQL lets pass unquoted: key, action, ... Those of both stay quoted. */
	if (plain && sqlite3_keyword_check(name, (int)strlen(name))) {
		static const char *const reserved[] = { "all", "and", "as", "case", "check", "collate", "column",
			"constraint", "create", "default", "desc", "distinct", "else", "end", "except", "for",
			"foreign", "from", "group", "having", "in", "into", "limit", "not", "null", "on", "or", "order",
			"primary", "references", "select", "table", "then", "to", "union", "unique", "using", "when",
			"where", "window", "with" };

		for (size_t i = 0; plain && i < sizeof(reserved) / sizeof(reserved[0]); i++)
			plain = strcmp(reserved[i], name) != 0;
	}
	if (plain)
		fputs(name, out);
	else
		definition_put_name(out, name);
}

static void
put_names(FILE *out, const struct definition_names *names)
{
	fputc('(', out);
	for (unsigned i = 0; i < names->count; i++) {
		fputs(i == 0 ? "" : ", ", out);
		describe_put_name(out, names->names[i]);
	}
	fputc(')', out);
}

/* bibd_lower(x) is lower(x) to whoever asks. */
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

static void
put_token(FILE *out, struct definition_lexer *lexer)
{
	const char *token = lexer->text + lexer->start;
	size_t length = lexer->end - lexer->start;
	char *text;

	if (lexer->kind == DEFINITION_QUOTED) {
		if ((text = definition_lex_name(lexer)) != NULL)
			describe_put_name(out, text);
		free(text);
		return;
	}
	definition_lex_next(lexer);
	if (is_wrapper(token, length) && (text = definition_lex_parenthesised(lexer)) != NULL) {
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
static char *
strip_parentheses(char *text)
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

static char *
sequence_default(const struct definition *d, const struct definition_column *column)
{
	char *name = definition_object_name(d->name, column->name, "seq"), *text = NULL;

	if (name != NULL && asprintf(&text, "nextval('%s'::regclass)", name) < 0)
		text = NULL;
	free(name);
	return text;
}

char *
describe_default(const struct definition *d, const struct definition_column *column)
{
	char *text, *type, *whole = NULL;
	const char *sql = column->generated != NULL ? column->generated : column->default_sql;

	if (column->identity == DEFINITION_SERIAL)
		return sequence_default(d, column);
	if (sql == NULL || column->identity != DEFINITION_PLAIN)
		return NULL;
	if (column->oid == TYPE_BOOL && (strcmp(sql, "1") == 0 || strcmp(sql, "0") == 0))
		return strdup(*sql == '1' ? "true" : "false");
	text = strip_parentheses(describe_expression(sql));
	if (text == NULL || *text != '\'')
		return text;
	type = type_format(column->oid, -1);
	if (type == NULL || text[strlen(text) - 1] != '\'' || asprintf(&whole, "%s::%s", text, type) < 0)
		whole = strdup(text);
	free(type);
	free(text);
	return whole;
}

static void
put_reference(sqlite3 *db, FILE *out, const struct definition *d, const struct definition_constraint *c)
{
	struct definition parent = { 0 };
	const struct definition_constraint *key = NULL;
	const struct definition_names *columns = &c->parent_columns;

	if (columns->count == 0 &&
	    catalog_load_definition(db, d->temporary ? "temp" : "public", c->parent, &parent) == 0)
		key = definition_primary_key(&parent);
	if (key != NULL)
		columns = &key->columns;
	fputs("FOREIGN KEY ", out);
	put_names(out, &c->columns);
	fputs(" REFERENCES ", out);
	describe_put_name(out, c->parent);
	put_names(out, columns);
	if (c->on_update != NULL)
		fprintf(out, " ON UPDATE %s", c->on_update);
	if (c->on_delete != NULL)
		fprintf(out, " ON DELETE %s", c->on_delete);
	if (c->deferrable)
		fputs(c->deferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE", out);
	definition_free(&parent);
}

char *
describe_constraint(sqlite3 *db, const struct definition *d, const struct definition_constraint *c)
{
	char *text = NULL, *expression;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	switch (c->kind) {
	case DEFINITION_CHECK:
		expression = strip_parentheses(describe_expression(c->expression));
		fprintf(out, "CHECK (%s)", expression == NULL ? "" : expression);
		free(expression);
		break;
	case DEFINITION_FOREIGN_KEY:
		put_reference(db, out, d, c);
		break;
	case DEFINITION_UNIQUE:
	case DEFINITION_PRIMARY_KEY:
		fputs(c->kind == DEFINITION_UNIQUE ? "UNIQUE " : "PRIMARY KEY ", out);
		put_names(out, &c->columns);
		break;
	}
	return fclose(out) == 0 ? text : NULL;
}

static void
put_index_head(FILE *out, bool unique, const char *name, const char *schema, const char *table)
{
	fprintf(out, "CREATE %sINDEX ", unique ? "UNIQUE " : "");
	describe_put_name(out, name);
	fprintf(out, " ON %s.", schema);
	describe_put_name(out, table);
	fputs(" USING btree ", out);
}

/* Past "CREATE [UNIQUE] INDEX name ON table", to the "(". */
static char *
index_head(struct definition_lexer *lexer, const char *sql, bool *unique)
{
	char *name;

	definition_lex_begin(lexer, sql);
	(void)definition_lex_take(lexer, "CREATE");
	*unique = definition_lex_take(lexer, "UNIQUE");
	(void)definition_lex_take(lexer, "INDEX");
	if (definition_lex_take(lexer, "IF")) {
		definition_lex_next(lexer);
		definition_lex_next(lexer);
	}
	name = definition_lex_name(lexer);
	(void)definition_lex_take(lexer, "ON");
	free(definition_lex_name(lexer));
	return name;
}

/* An expression keeps its parentheses unless it is a call. */
static void
put_parts(FILE *out, const char *sql)
{
	char *part;

	for (unsigned n = 1; (part = describe_index_part(sql, n)) != NULL; n++) {
		size_t word = strspn(part, "abcdefghijklmnopqrstuvwxyz0123456789_");
		const char *rest = part + word, *order = strcmp(rest, " DESC") == 0 ? "" : rest;
		bool bare = *order == '\0' || *part == '"' || (word > 0 && *rest == '(');

		fprintf(out, bare ? "%s%s" : "%s(%s)", n == 1 ? "" : ", ", part);
		free(part);
	}
}

char *
describe_index(const char *schema, const char *table, const char *sql)
{
	struct definition_lexer lexer;
	bool unique;
	char *name = index_head(&lexer, sql, &unique), *where = NULL, *text = NULL;
	size_t length;
	FILE *out = name == NULL ? NULL : open_memstream(&text, &length);

	free(definition_lex_parenthesised(&lexer));
	if (definition_lex_take(&lexer, "WHERE"))
		where = strip_parentheses(describe_expression(sql + lexer.start));
	if (out != NULL) {
		put_index_head(out, unique, name, schema, table);
		fputc('(', out);
		put_parts(out, sql);
		fputc(')', out);
		if (where != NULL)
			fprintf(out, " WHERE (%s)", where);
		if (fclose(out) != 0)
			text = NULL;
	}
	free(where);
	free(name);
	return text;
}

char *
describe_key_index(const char *schema, const char *table, const struct definition_constraint *c)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	put_index_head(out, true, c->name, schema, table);
	put_names(out, &c->columns);
	return fclose(out) == 0 ? text : NULL;
}

char *
describe_index_part(const char *sql, unsigned n)
{
	struct definition_lexer lexer;
	bool unique;
	char *text = NULL, *shown;
	size_t from;

	free(index_head(&lexer, sql, &unique));
	if (!definition_lex_take(&lexer, "("))
		return NULL;
	from = lexer.start;
	for (; lexer.kind != DEFINITION_END;) {
		if (definition_lex_is(&lexer, "(")) {
			free(definition_lex_parenthesised(&lexer));
			continue;
		}
		if (definition_lex_is(&lexer, ",") || definition_lex_is(&lexer, ")")) {
			if (--n == 0) {
				text = strndup(sql + from, lexer.start - from);
				break;
			}
			from = lexer.end + 1;
			if (definition_lex_is(&lexer, ")"))
				break;
		}
		definition_lex_next(&lexer);
	}
	if (text == NULL)
		return NULL;
	for (size_t length = strlen(text); length > 0 && isspace((unsigned char)text[length - 1]); length--)
		text[length - 1] = '\0';
	shown = strip_parentheses(describe_expression(text));
	free(text);
	return shown;
}

char *
describe_view(const char *sql)
{
	struct definition_lexer lexer;
	char *text, *whole = NULL;

	definition_lex_begin(&lexer, sql);
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, "AS"))
		definition_lex_next(&lexer);
	definition_lex_next(&lexer);
	if ((text = describe_expression(sql + lexer.start)) == NULL)
		return NULL;
	if (asprintf(&whole, " %s;", text) < 0)
		whole = NULL;
	free(text);
	return whole;
}
