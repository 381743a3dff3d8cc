/*
 * Writes an index back as PostgreSQL's CREATE INDEX, and its parts alone.
 */
#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/analyze/facts.h"

#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/comment.h"
#include "workers/sqlite/schema/type.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/types/quote.h"
#include "workers/sqlite/catalog/describe_put.h"

static void
put_index_head(FILE *out, bool unique, const char *name, const char *schema, const char *table, const char *method,
    const struct describe_how *how)
{
	fprintf(out, "CREATE %sINDEX ", unique ? "UNIQUE " : "");
	describe_put_name(out, namespace_relation(name));
	fputs(" ON ", out);
	if (!how->pretty || !search_path_names(how->path, schema)) {
		describe_put_name(out, schema);
		fputc('.', out);
	}
	describe_put_name(out, namespace_relation(table));
	fprintf(out, " USING %s ", method);
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

/* Of an index that an older bibd made: an expression keeps its parentheses unless it is a call. */
static char *
old_part(const char *source, bool *descending)
{
	char *part = describe_strip(describe_expression(source)), *text = NULL;
	size_t length = part == NULL ? 0 : strlen(part), word;

	*descending = length > 5 && strcmp(part + length - 5, " DESC") == 0;
	if (*descending)
		part[length - 5] = '\0';
	if (part == NULL)
		return NULL;
	word = strspn(part, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (part[word] == '\0' || *part == '"' || (word > 0 && part[word] == '('))
		return part;
	if (asprintf(&text, "(%s)", part) < 0)
		text = NULL;
	free(part);
	return text;
}

/* The text between the parentheses of an expression, or all of it. */
static char *
inside(const char *source)
{
	struct definition_lexer lexer;

	definition_lex_begin(&lexer, source);
	return definition_lex_is(&lexer, "(") ? definition_lex_parenthesised(&lexer) : strdup(source);
}

/* What options of a part say beside the access method. */
static const char *
behind_method(const char *options)
{
	const char *end = *options == KEPT_PART ? strchr(options + 1, KEPT_PART) : NULL;

	return end == NULL ? options : end + 1;
}

/* One part, and what stands behind it in the text of the whole (malloc'ed). */
static char *
show_part(const char *source, struct describe_how *how, char **options)
{
	char *expression = inside(source), *shown = NULL, *text = NULL;
	struct kept_texts texts = { 0 };
	bool descending;

	switch (expression == NULL ? KEPT_NOT : kept_read(expression, &texts)) {
	case KEPT_NEVER:
		shown = old_part(source, &descending);
		*options = strdup(descending ? " DESC" : "");
		free(expression);
		return shown;
	case KEPT_NOT:
		how->lost = true;
		break;
	case KEPT_TEXT:
		shown = describe_resolve(how, how->pretty ? texts.pretty : texts.plain);
		*options = strdup(behind_method(texts.options));
		break;
	}
	if (shown != NULL && asprintf(&text, texts.call ? "%s" : "(%s)", shown) < 0)
		text = NULL;
	free(shown);
	free(expression);
	kept_free(&texts);
	return text;
}

static void
put_parts(FILE *out, const char *sql, struct describe_how *how)
{
	char *source;

	for (unsigned n = 1; (source = describe_index_source(sql, n)) != NULL; n++) {
		char *options = NULL, *part = show_part(source, how, &options);

		fprintf(out, "%s%s%s", n == 1 ? "" : ", ", part == NULL ? "" : part, options == NULL ? "" : options);
		free(part);
		free(options);
		free(source);
	}
}

static void
put_predicate(FILE *out, const char *sql, struct describe_how *how)
{
	char *stored = describe_stored(sql), *shown = stored == NULL ? NULL : describe_shown(stored, how);

	fprintf(out, kept_body(sql) != sql ? " WHERE %s" : " WHERE (%s)", shown == NULL ? "" : shown);
	free(shown);
	free(stored);
}

const char *
describe_index_method(const char *sql, char method[DESCRIBE_METHOD_SIZE])
{
	char *source = describe_index_source(sql, 1), *expression = source == NULL ? NULL : inside(source);
	struct kept_texts texts = { 0 };
	const char *options = "", *end;

	(void)strlcpy(method, "btree", DESCRIBE_METHOD_SIZE);
	if (expression != NULL && kept_read(expression, &texts) == KEPT_TEXT)
		options = texts.options;
	if (*options == KEPT_PART && (end = strchr(options + 1, KEPT_PART)) != NULL &&
	    end - options < DESCRIBE_METHOD_SIZE)
		(void)strlcpy(method, options + 1, (size_t)(end - options));
	kept_free(&texts);
	free(expression);
	free(source);
	return method;
}

/* What is kept of an index beside its text (schema/comment.h). NULL: nothing. */
static sqlite3_stmt *
find_kept(const char *name, enum schema_comment_kind kind, const struct describe_how *how)
{
	static const char sql[] = "SELECT part, comment FROM public." SCHEMA_COMMENTS
				  " WHERE kind = char(?1) AND object = ?2 ORDER BY CAST(comment AS INTEGER)";
	bool internal = how->internal != NULL && *how->internal;
	sqlite3_stmt *stmt = NULL;
	int code;

	if (how->internal != NULL)
		*how->internal = true;
	code = sqlite3_prepare_v2(how->db, sql, -1, &stmt, NULL);
	if (how->internal != NULL)
		*how->internal = internal;
	if (code != SQLITE_OK)
		return NULL;
	(void)sqlite3_bind_int(stmt, 1, (int)kind);
	(void)sqlite3_bind_text(stmt, 2, name, -1, SQLITE_TRANSIENT);
	return stmt;
}

static void
put_included(FILE *out, const char *name, const struct describe_how *how)
{
	sqlite3_stmt *stmt = find_kept(name, COMMENT_INCLUDED, how);
	unsigned n = 0;

	while (stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW) {
		fputs(n++ == 0 ? " INCLUDE (" : ", ", out);
		describe_put_name(out, (const char *)sqlite3_column_text(stmt, 0));
	}
	fputs(n > 0 ? ")" : "", out);
	(void)sqlite3_finalize(stmt);
}

/* "{fillfactor=70}" is WITH (fillfactor='70'). */
static void
put_parameters(FILE *out, const char *name, const struct describe_how *how)
{
	sqlite3_stmt *stmt = find_kept(name, COMMENT_OPTIONS, how);
	const char *kept =
	    stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 1) : NULL;
	const char *at = kept == NULL ? "" : kept;
	char value[64]; /* numbers and words alone */

	for (size_t n = 0; at[strspn(at, "{,")] != '\0' && at[strspn(at, "{,")] != '}'; n++) {
		size_t length = strcspn(at += strspn(at, "{,"), ",}"), equals = strcspn(at, "=");

		fputs(n == 0 ? " WITH (" : ", ", out);
		(void)snprintf(value, sizeof(value), "%.*s", (int)(length - equals - 1), at + equals + 1);
		fprintf(out, quote_is_needed(value) ? "%.*s='%s'" : "%.*s=%s", (int)equals, at, value);
		at += length;
		if (*at == '}')
			fputc(')', out);
	}
	(void)sqlite3_finalize(stmt);
}

char *
describe_index(const char *schema, const char *table, const char *sql, struct describe_how *how)
{
	struct definition_lexer lexer;
	bool unique;
	char *name = index_head(&lexer, sql, &unique), *text = NULL, method[DESCRIBE_METHOD_SIZE];
	size_t length, after;
	FILE *out = name == NULL ? NULL : open_memstream(&text, &length);

	if (out != NULL) {
		free(definition_lex_parenthesised(&lexer));
		put_index_head(out, unique, name, schema, table, describe_index_method(sql, method), how);
		fputc('(', out);
		put_parts(out, sql, how);
		fputc(')', out);
		put_included(out, name, how);
		put_parameters(out, name, how);
		after = lexer.end;
		if (definition_lex_is(&lexer, "WHERE"))
			put_predicate(out, sql + after, how);
		text = describe_finish(out, &text, how);
	}
	free(name);
	return text;
}

char *
describe_key_index(const char *schema, const char *table, const struct definition_constraint *c,
    const struct describe_how *how)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	put_index_head(out, true, c->name, schema, table, "btree", how);
	describe_put_names(out, &c->columns);
	return fclose(out) == 0 ? text : NULL;
}

char *
describe_index_source(const char *sql, unsigned n)
{
	struct definition_lexer lexer;
	bool unique;
	size_t from;

	free(index_head(&lexer, sql, &unique));
	if (!definition_lex_is(&lexer, "("))
		return NULL;
	from = lexer.end;
	for (definition_lex_next(&lexer); lexer.kind != DEFINITION_END;) {
		if (definition_lex_is(&lexer, "(")) {
			free(definition_lex_parenthesised(&lexer));
			continue;
		}
		if (definition_lex_is(&lexer, ",") || definition_lex_is(&lexer, ")")) {
			if (--n == 0)
				return strndup(sql + from, lexer.start - from);
			from = lexer.end;
			if (definition_lex_is(&lexer, ")"))
				break;
		}
		definition_lex_next(&lexer);
	}
	return NULL;
}

char *
describe_index_part(const char *sql, unsigned n, struct describe_how *how)
{
	char *source = describe_index_source(sql, n), *options = NULL, *part;

	if (source == NULL)
		return NULL;
	part = show_part(source, how, &options);
	free(options);
	free(source);
	return part;
}

int
describe_index_order(const char *sql, unsigned n)
{
	struct describe_how how = { 0 };
	char *source = describe_index_source(sql, n), *options = NULL;
	const char *text;
	int order;

	free(source == NULL ? NULL : show_part(source, &how, &options));
	text = options != NULL ? options : source == NULL ? "" : source;
	order = strstr(text, " DESC") != NULL ? INDEX_DESCENDING | INDEX_NULLS_FIRST : 0;
	if (options != NULL && strstr(options, " NULLS FIRST") != NULL)
		order |= INDEX_NULLS_FIRST;
	if (options != NULL && strstr(options, " NULLS LAST") != NULL)
		order &= ~INDEX_NULLS_FIRST;
	free(options);
	free(source);
	return order;
}
