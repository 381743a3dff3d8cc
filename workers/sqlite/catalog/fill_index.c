/*
 * Rows of pg_class, pg_index and pg_attribute for an index, made by CREATE INDEX or by a key.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/kept_view.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/catalog/fill_relation.h"

/* What pg_index.indoption says of the parts of an index, or of the key of a table. malloc'ed. */
static char *
index_options(const char *sql, int64_t natts)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	for (unsigned n = 1; out != NULL && n <= (unsigned)natts; n++)
		fprintf(out, "%s%d", n == 1 ? "" : " ", sql == NULL ? 0 : describe_index_order(sql, n));
	return out != NULL && fclose(out) == 0 ? text : NULL;
}

/* `sql`: SQLite's text; NULL for a key. */
void
fill_index_row(struct relation *relation, int64_t oid, int64_t natts, const char *sql, bool primary, const char *key,
    const char *expressions, const char *predicate, bool immediate)
{
	bool unique = sql == NULL || strncmp(sql, "CREATE UNIQUE", 13) == 0;
	char *options = index_options(sql, natts);

	fill_row(relation->fill,
	    "pg_catalog.pg_index (indexrelid, indrelid, indnatts, indnkeyatts, indisunique, "
	    "indisprimary, indimmediate, "
	    "indkey, indexprs, indpred, indoption, indclass, indcollation)",
	    "iiiibbbssssss", oid, relation->oid, natts, natts, unique, primary, immediate, key, expressions, predicate,
	    options == NULL ? "0" : options, "0", "0");
	free(options);
}

/* That of a partitioned table is one of indexes, as such a table is one of tables. */
const char *
fill_index_kind(const struct relation *relation)
{
	return relation->d.partition != NULL ? "I" : "i";
}

/* The column that a part of an index is, from 1; 0: it is an expression. */
static int64_t
part_column(const struct relation *relation, const char *source)
{
	struct definition_lexer lexer;
	int64_t number = 0;
	char *name;

	definition_lex_begin(&lexer, source);
	if ((name = definition_lex_name(&lexer)) != NULL &&
	    (lexer.kind == DEFINITION_END || definition_lex_is(&lexer, "DESC") || definition_lex_is(&lexer, "ASC")))
		number = fill_attribute_of(&relation->d, name);
	free(name);
	return number;
}

/* Expressions of an index are kept with commas between: those that are exact, in both forms. */
static void
add_expression(char **all, const char *source)
{
	struct kept_texts old = { 0 }, new = { 0 };
	struct definition_lexer lexer;
	char *expression, *plain = NULL, *pretty = NULL;

	definition_lex_begin(&lexer, source);
	expression = definition_lex_is(&lexer, "(") ? definition_lex_parenthesised(&lexer) : strdup(source);
	if (*all == NULL) {
		*all = expression == NULL ? NULL : describe_stored(expression);
	} else if (expression != NULL && kept_read(*all, &old) == KEPT_TEXT &&
	    kept_read(expression, &new) == KEPT_TEXT && asprintf(&plain, "%s, %s", old.plain, new.plain) >= 0 &&
	    asprintf(&pretty, "%s, %s", old.pretty, new.pretty) >= 0) {
		free(*all);
		*all = kept_comment(plain, pretty, false, NULL, "");
	}
	kept_free(&old);
	kept_free(&new);
	free(plain);
	free(pretty);
	free(expression);
}

/* SQLite's text behind the parts of an index; NULL: it has no condition. */
static const char *
predicate_of(const char *sql)
{
	struct definition_lexer lexer;

	definition_lex_begin(&lexer, sql);
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, "("))
		definition_lex_next(&lexer);
	free(definition_lex_parenthesised(&lexer));
	return definition_lex_is(&lexer, "WHERE") ? sql + lexer.end : NULL;
}

/* pg_class has btree for an index, until this says another. */
static void
put_method(struct relation *relation, int64_t oid, const char *sql)
{
	char method[DESCRIBE_METHOD_SIZE], text[160];

	if (strcmp(describe_index_method(sql, method), "btree") == 0)
		return;
	(void)snprintf(text, sizeof(text),
	    "UPDATE pg_catalog.pg_class SET relam = (SELECT oid FROM pg_catalog.pg_am WHERE amname = '%s') "
	    "WHERE oid = %lld",
	    method, (long long)oid);
	fill_run(relation->fill, text);
}

#define PART_NAME_SIZE 64
/* An expression is called after the function that it is a call of. */
static const char *
expression_name(const char *source, char name[PART_NAME_SIZE])
{
	struct definition_lexer lexer;
	struct kept_texts texts = { 0 };
	char *expression;
	size_t length = 0;

	definition_lex_begin(&lexer, source);
	expression = definition_lex_is(&lexer, "(") ? definition_lex_parenthesised(&lexer) : NULL;
	if (expression != NULL && kept_read(expression, &texts) == KEPT_TEXT && texts.call)
		length = strspn(texts.plain, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (length > 0 && length < PART_NAME_SIZE && texts.plain[length] == '(')
		(void)snprintf(name, PART_NAME_SIZE, "%.*s", (int)length, texts.plain);
	else
		(void)snprintf(name, PART_NAME_SIZE, "expr");
	kept_free(&texts);
	free(expression);
	return name;
}

/* An index of its own: parts that are columns have their number, others 0. */
void
fill_index(struct relation *relation, const struct schema_object *index)
{
	const char *where = predicate_of(index->sql);
	int64_t oid = fill_oid_of(relation, index->name), natts = 0;
	char *source, *key = NULL, *expressions = NULL, *predicate = where == NULL ? NULL : describe_stored(where);
	size_t length;
	FILE *out = open_memstream(&key, &length);
	char name[PART_NAME_SIZE];

	for (unsigned n = 1; out != NULL && (source = describe_index_source(index->sql, n)) != NULL; n++) {
		int64_t number = part_column(relation, source);
		const struct definition_column *found = number == 0 ? NULL : &relation->d.columns[number - 1];

		fprintf(out, "%s%lld", n == 1 ? "" : " ", (long long)number);
		fill_attribute(relation, oid, (int64_t)n, found == NULL ? expression_name(source, name) : found->name,
		    found == NULL ? TYPE_TEXT : found->oid, found == NULL ? -1 : found->typmod, NULL);
		if (number == 0)
			add_expression(&expressions, source);
		natts++;
		free(source);
	}
	if (out != NULL && fclose(out) != 0)
		key = NULL;
	fill_class(relation, index->name, oid, fill_index_kind(relation), natts, 0, false);
	put_method(relation, oid, index->sql);
	fill_index_row(relation, oid, natts, index->sql, false, key, expressions, predicate, true);
	free(predicate);
	free(expressions);
	free(key);
}
