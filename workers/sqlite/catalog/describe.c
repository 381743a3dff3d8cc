/*
 * Writes a constraint, an index, a default and a view back as PostgreSQL's SQL.
 */
#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/analyze/facts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "workers/sqlite/catalog/catalog.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/type.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/schema/names.h"

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

/* A relation by its stored name: with its schema, unless that is public. */
static void
put_relation(FILE *out, const char *stored)
{
	char schema[NAMESPACE_BYTES];

	namespace_of(stored, schema);
	if (strcmp(schema, "public") != 0) {
		describe_put_name(out, schema);
		fputc('.', out);
	}
	describe_put_name(out, namespace_relation(stored));
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

/* The schema of a stored name, between the marks that kept_resolve() looks for. */
static void
put_marked_schema(FILE *out, const char *stored)
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
			put_marked_schema(text, name);
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
			put_relation(out, text);
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

char *
describe_stored(const char *sql)
{
	return kept_body(sql) != sql ? strdup(sql) : strip_parentheses(describe_expression(sql));
}

/* An exact text, or that of a definition which an older bibd made. */
char *
describe_shown(const char *stored, struct describe_how *how)
{
	struct kept_texts texts;
	char *shown = NULL;

	switch (kept_read(stored, &texts)) {
	case KEPT_NEVER:
		return kept_resolve(stored, how->path);
	case KEPT_NOT:
		how->lost = true;
		return NULL;
	case KEPT_TEXT:
		shown = kept_resolve(how->pretty ? texts.pretty : texts.plain, how->path);
		break;
	}
	kept_free(&texts);
	return shown;
}

static char *
sequence_default(const struct definition *d, const struct definition_column *column)
{
	char *name = definition_object_name(d->name, column->name, "seq"), *text = NULL;
	size_t length;
	FILE *out = name == NULL ? NULL : open_memstream(&text, &length);

	if (out != NULL) {
		fputs("nextval('", out);
		put_marked_schema(out, d->name);
		describe_put_name(out, name);
		fputs("'::regclass)", out);
		if (fclose(out) != 0)
			text = NULL;
	}
	free(name);
	return text;
}

/* The values of an enum, or of an array '{1,2}' of them, as a text of their labels. */
static void
put_labels(FILE *out, const struct schema_type *type, const char *values, bool array)
{
	fputs(array ? "'{" : "'", out);
	for (const char *at = values + strspn(values, "'{"); *at != '\0'; at += strspn(at, ",}'")) {
		char *end;
		const struct schema_label *label = schema_type_label(type, strtoll(at, &end, 10));

		for (const char *p = label == NULL ? "NULL" : label->text; *p != '\0'; p++)
			fprintf(out, *p == '\'' ? "''" : "%c", *p);
		at = label == NULL && end == at ? at + strcspn(at, ",}'") : end;
		if (*at == ',')
			fputs(",", out);
	}
	fputs(array ? "}'" : "'", out);
}

/* An enum's values as the labels that they are, with their type. NULL: it is something else. malloc'ed. */
static char *
label_default(sqlite3 *db, uint32_t oid, const char *sql)
{
	bool array = type_class(type_element(oid)) == TYPE_CLASS_ENUM;
	struct schema_type type;
	char *text = NULL, *name;
	size_t length;
	FILE *out;

	if ((type_class(oid) != TYPE_CLASS_ENUM && !array) ||
	    strspn(sql, array ? "'{}0123456789,NUL-" : "0123456789-") != strlen(sql) ||
	    !schema_type_read(db, array ? type_element(oid) : oid, &type))
		return NULL;
	name = schema_type_show(&type, array);
	if (name != NULL && (out = open_memstream(&text, &length)) != NULL) {
		put_labels(out, &type, sql, array);
		fprintf(out, "::%cpublic%c%s", KEPT_SCHEMA_BEGIN, KEPT_SCHEMA_END, name);
		if (fclose(out) != 0)
			text = NULL;
	}
	free(name);
	schema_type_free(&type);
	return text;
}

char *
describe_default(sqlite3 *db, const struct definition *d, const struct definition_column *column)
{
	char *text, *type, *whole = NULL;
	const char *sql = column->generated != NULL ? column->generated : column->default_sql;

	if (column->identity == DEFINITION_SERIAL && column->default_sql == NULL)
		return sequence_default(d, column);
	if (sql == NULL || column->identity != DEFINITION_PLAIN)
		return NULL;
	if ((text = label_default(db, column->oid, kept_body(sql))) != NULL)
		return text; /* a label may have been renamed since */
	if (kept_body(sql) != sql)
		return strdup(sql);
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
put_reference(sqlite3 *db, FILE *out, const struct definition *d, const struct definition_constraint *c,
    const struct describe_how *how)
{
	char schema[NAMESPACE_BYTES];
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
	namespace_of(c->parent, schema);
	if (!d->temporary && !search_path_names(how->path, schema)) {
		describe_put_name(out, schema);
		fputc('.', out);
	}
	describe_put_name(out, namespace_relation(c->parent));
	put_names(out, columns);
	fputs(c->match_full ? " MATCH FULL" : "", out);
	if (c->on_update != NULL)
		fprintf(out, " ON UPDATE %s", c->on_update);
	if (c->on_delete != NULL)
		fprintf(out, " ON DELETE %s", c->on_delete);
	if (c->deferrable)
		fputs(c->deferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE", out);
	definition_free(&parent);
}

static void
put_check(FILE *out, const struct definition_constraint *c, struct describe_how *how)
{
	char *stored = describe_stored(c->expression), *shown = stored == NULL ? NULL : describe_shown(stored, how);

	fprintf(out, "CHECK (%s)%s", shown == NULL ? "" : shown, c->no_inherit ? " NO INHERIT" : "");
	free(shown);
	free(stored);
}

/* A text that was begun; NULL where it turned out not to be known. */
static char *
finish(FILE *out, char **text, const struct describe_how *how)
{
	if (fclose(out) == 0 && !how->lost)
		return *text;
	free(*text);
	return NULL;
}

char *
describe_constraint(sqlite3 *db, const struct definition *d, const struct definition_constraint *c,
    struct describe_how *how)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	switch (c->kind) {
	case DEFINITION_CHECK:
		put_check(out, c, how);
		break;
	case DEFINITION_FOREIGN_KEY:
		put_reference(db, out, d, c, how);
		break;
	case DEFINITION_UNIQUE:
	case DEFINITION_PRIMARY_KEY:
		fputs(c->kind == DEFINITION_UNIQUE ? "UNIQUE " : "PRIMARY KEY ", out);
		put_names(out, &c->columns);
		break;
	}
	return finish(out, &text, how);
}

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
	char *part = strip_parentheses(describe_expression(source)), *text = NULL;
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
		shown = kept_resolve(how->pretty ? texts.pretty : texts.plain, how->path);
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
		after = lexer.end;
		if (definition_lex_is(&lexer, "WHERE"))
			put_predicate(out, sql + after, how);
		text = finish(out, &text, how);
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
	put_names(out, &c->columns);
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

char *
describe_view(const char *sql, struct describe_how *how)
{
	/* What an older bibd kept of a view is SQLite's text alone. */
	how->lost = kept_body(sql) == sql;
	return how->lost ? NULL : describe_shown(sql, how);
}
