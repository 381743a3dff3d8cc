/*
 * LIKE in CREATE TABLE: columns of a table or view, and what INCLUDING says of the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/dialect/define/comment.h"
#include "workers/sqlite/dialect/define/like.h"
#include "workers/sqlite/dialect/define/parameter.h"
#include "workers/sqlite/dialect/define/sequence.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"

/* Bits of TableLikeClause.options; ALL is all of them. */
enum {
	LIKE_COMMENTS = 1 << 0,
	LIKE_CONSTRAINTS = 1 << 2,
	LIKE_DEFAULTS = 1 << 3,
	LIKE_GENERATED = 1 << 4,
	LIKE_IDENTITY = 1 << 5,
	LIKE_INDEXES = 1 << 6
};

static bool
includes(const PgQuery__TableLikeClause *clause, uint32_t what)
{
	return (clause->options & what) != 0;
}

/* The definition of what is copied: a view has columns alone. */
static int
load(struct translator *t, const PgQuery__TableLikeClause *clause, const struct schema_table **table,
    struct definition *d)
{
	*d = (struct definition) { 0 };
	if ((*table = translate_find_table(t, clause->relation)) == NULL)
		return -1;
	if ((*table)->kind == 'r')
		return define_load(t, *table, d);
	if ((*table)->partition != NULL)
		return catalog_load_definition(schema_database(t->schema), (*table)->schema, (*table)->name, d) == 0
		    ? 0
		    : translate_out_of_memory(t);
	if ((*table)->kind == 'S') {
		(void)translate_fail(t, clause->relation->location, SQLSTATE_WRONG_OBJECT_TYPE,
		    "relation \"%s\" is invalid in LIKE clause", (*table)->name);
		report_detail(t->report, "This operation is not supported for sequences.");
		return -1;
	}
	for (unsigned i = 0; i < (*table)->ncolumns; i++) {
		const struct schema_column *from = &(*table)->columns[i];
		struct definition_column *column = definition_add_column(d);

		if (column == NULL || (column->name = define_copy(t, from->name)) == NULL)
			return translate_out_of_memory(t);
		column->oid = from->oid;
		column->typmod = from->typmod;
	}
	return 0;
}

static int
copy_text(struct translator *t, char **to, const char *from)
{
	return from == NULL || (*to = define_copy(t, from)) != NULL ? 0 : -1;
}

static int
copy_identity(struct translator *t, struct definition *d, unsigned i, const struct schema_table *table,
    const struct definition_column *from)
{
	struct schema_sequence s = { 0 };
	char *name;
	int result;

	if (!define_find_identity(t, table->schema, table->name, from->name, &s, &name))
		return translate_refuse(t, -1, "INCLUDING IDENTITY of a table that an older bibd made");
	result = define_copy_sequence(t, d, i, &s);
	d->columns[i].identity = from->identity;
	schema_sequence_free(&s);
	free(name);
	return result;
}

static int
copy_column(struct translator *t, struct definition *d, const PgQuery__TableLikeClause *clause,
    const struct schema_table *table, const struct definition_column *from)
{
	struct definition_column *column;
	bool identity = from->identity == DEFINITION_IDENTITY || from->identity == DEFINITION_IDENTITY_ALWAYS;

	if (definition_find_column(d, from->name) != NULL)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN, "column \"%s\" specified more than once",
		    from->name);
	if ((column = definition_add_column(d)) == NULL || (column->name = define_copy(t, from->name)) == NULL)
		return translate_out_of_memory(t);
	if (define_set_type(t, column, from->oid, from->typmod) == -1)
		return -1;
	column->not_null = from->not_null;
	column->stored = from->stored;
	if (from->generated != NULL)
		return includes(clause, LIKE_GENERATED) ? copy_text(t, &column->generated, from->generated) : 0;
	if (identity)
		return includes(clause, LIKE_IDENTITY) ? copy_identity(t, d, d->ncolumns - 1, table, from) : 0;
	if (from->identity != DEFINITION_PLAIN && includes(clause, LIKE_DEFAULTS))
		return translate_refuse(t, -1, "INCLUDING DEFAULTS of a table that an older bibd made");
	return includes(clause, LIKE_DEFAULTS) ? copy_text(t, &column->default_sql, from->default_sql) : 0;
}

int
define_copy_columns(struct translator *t, struct definition *d, const PgQuery__TableLikeClause *clause)
{
	const struct schema_table *table;
	struct definition from;
	int result = load(t, clause, &table, &from);

	for (unsigned i = 0; result == 0 && i < from.ncolumns; i++)
		result = copy_column(t, d, clause, table, &from.columns[i]);
	definition_free(&from);
	return result;
}

static int
copy_constraint(struct translator *t, struct definition *d, const struct definition_constraint *from)
{
	bool check = from->kind == DEFINITION_CHECK;
	struct definition_constraint *c;

	if (from->kind == DEFINITION_PRIMARY_KEY && definition_primary_key(d) != NULL)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "multiple primary keys for table \"%s\" are not allowed", d->name);
	if (check && from->name != NULL && definition_find_constraint(d, from->name) != NULL)
		return translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT, "check constraint \"%s\" already exists",
		    from->name);
	if ((c = definition_add_constraint(d, from->kind)) == NULL)
		return translate_out_of_memory(t);
	for (unsigned i = 0; i < from->columns.count; i++)
		if (definition_add_name(&c->columns, from->columns.names[i]) == -1)
			return translate_out_of_memory(t);
	c->no_inherit = from->no_inherit;
	if (definition_is_late(from))
		define_set_late(c, from->deferred);
	if (check)
		return copy_text(t, &c->expression, from->expression) == -1 ? -1 : copy_text(t, &c->name, from->name);
	return define_name_key(t, d, c);
}

int
define_copy_constraints(struct translator *t, struct definition *d, const PgQuery__TableLikeClause *clause)
{
	const struct schema_table *table;
	struct definition from;
	int result = load(t, clause, &table, &from);

	for (unsigned i = 0; result == 0 && i < from.nconstraints; i++) {
		const struct definition_constraint *c = &from.constraints[i];
		uint32_t what = c->kind == DEFINITION_CHECK ? LIKE_CONSTRAINTS : LIKE_INDEXES;

		if (c->kind != DEFINITION_FOREIGN_KEY && includes(clause, what))
			result = copy_constraint(t, d, c);
	}
	definition_free(&from);
	return result;
}

/* ---- indexes ---- */

/* What a part of an index adds to its name: the column, the function that is called, or "expr". malloc'ed. */
static char *
part_name(struct definition_lexer *lexer)
{
	struct kept_texts texts = { 0 };
	char *text, *name = NULL;

	if (lexer->kind == DEFINITION_QUOTED)
		return definition_lex_name(lexer);
	text = definition_lex_is(lexer, "(") ? definition_lex_parenthesised(lexer) : NULL;
	if (text != NULL && kept_read(text, &texts) == KEPT_TEXT && texts.call)
		name = strndup(texts.plain, strcspn(texts.plain, "("));
	kept_free(&texts);
	free(text);
	return name != NULL ? name : strdup("expr");
}

/* "a_b" of the parts in an index's parentheses. malloc'ed. */
static char *
join_parts(const char *parts)
{
	struct definition_lexer lexer;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool first = true;

	if (out == NULL)
		return NULL;
	definition_lex_begin(&lexer, parts);
	while (lexer.kind != DEFINITION_END) {
		char *name = part_name(&lexer);

		fprintf(out, "%s%s", first ? "" : "_", name == NULL ? "expr" : name);
		free(name);
		first = false;
		while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, ",")) {
			if (definition_lex_is(&lexer, "("))
				free(definition_lex_parenthesised(&lexer));
			else
				definition_lex_next(&lexer);
		}
		(void)definition_lex_take(&lexer, ",");
	}
	return fclose(out) == 0 ? text : NULL;
}

/* Names of indexes that this statement makes are taken too. */
static char *
choose_name(struct translator *t, const char *schema, const char *table, const char *parts,
    const struct definition_names *made)
{
	char label[32] = "idx";

	for (unsigned n = 1;; n++) {
		char *own = definition_object_name(table, parts, label);
		char *name = own == NULL ? NULL : namespace_beside(table, own);
		struct schema_object found;

		free(own);
		if (name == NULL)
			return NULL;
		if (schema_find_object(t->schema, schema, name, &found))
			schema_object_free(&found);
		else if (!definition_names_has(made, name))
			return name;
		free(name);
		(void)snprintf(label, sizeof(label), "idx%u", n);
	}
}

int
define_copy_index(struct translator *t, const char *schema, const char *table, const struct schema_object *index,
    struct definition_names *made)
{
	const char *sql = index->sql, *included = parameter_included(t, index->name), *whole = NULL;
	bool unique = strncmp(sql, "CREATE UNIQUE", strlen("CREATE UNIQUE")) == 0;
	struct definition_lexer lexer;
	char *parts, *joined, *name = NULL;
	size_t from;
	int result = -1;

	definition_lex_begin(&lexer, sql);
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, "("))
		definition_lex_next(&lexer);
	from = lexer.start;
	parts = definition_lex_parenthesised(&lexer);
	joined = parts == NULL ? NULL : join_parts(parts);
	if (joined != NULL && included != NULL)
		whole = translator_format(t, "%s%s", joined, included);
	if (whole != NULL && (name = choose_name(t, schema, table, whole, made)) != NULL &&
	    definition_add_name(made, name) == 0)
		result = translate_emit(t, unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") == -1 ||
			define_emit_relation(t, schema, name) == -1 || translate_emit(t, " ON ") == -1 ||
			translate_identifier(t, table) == -1 || translate_emit(t, " ") == -1 ||
			translate_emit(t, sql + from) == -1
		    ? -1
		    : translate_emit(t, ";\n");
	else
		(void)translate_out_of_memory(t);
	free(name);
	free(joined);
	free(parts);
	return result;
}

/* INCLUDE and WITH. */
static int
copy_index_rest(struct translator *t, const char *schema, const struct schema_table *table, const char *from,
    const char *name)
{
	struct schema_object found;

	if (strcmp(table->schema, "public") != 0 || strcmp(schema, "public") != 0 ||
	    !schema_find_object(t->schema, "public", SCHEMA_COMMENTS, &found))
		return 0;
	schema_object_free(&found);
	return comment_copy(t, &(struct comment_copied) { COMMENT_OPTIONS, from, NULL, name, NULL }) == -1
	    ? -1
	    : comment_copy(t, &(struct comment_copied) { COMMENT_INCLUDED, from, NULL, name, NULL });
}

int
define_copy_indexes(struct translator *t, const char *schema, const char *name, const PgQuery__TableLikeClause *clause,
    struct definition_names *made)
{
	const struct schema_table *table = translate_find_table(t, clause->relation);
	struct schema_objects objects;
	int result = 0;

	if (table == NULL || !includes(clause, LIKE_INDEXES) || table->kind != 'r')
		return table == NULL ? -1 : 0;
	if (schema_list_objects(schema_database(t->schema), table->schema, table->name, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++)
		if (objects.items[i].type == 'i' && objects.items[i].sql != NULL)
			result = define_copy_index(t, schema, name, &objects.items[i], made) == -1 ||
				copy_index_rest(t, schema, table, objects.items[i].name,
				    made->names[made->count - 1]) == -1
			    ? -1
			    : includes(clause, LIKE_COMMENTS) && comment_any(t, table)
			    ? comment_copy(t,
				  &(struct comment_copied) { COMMENT_RELATION, objects.items[i].name, "",
				      made->names[made->count - 1], "" })
			    : 0;
	schema_objects_free(&objects);
	return result;
}

/* ---- comments ---- */

/* The key that was made as that one is; NULL: two might have been. */
static const struct definition_constraint *
find_copy(const struct definition *d, const struct definition_constraint *from)
{
	const struct definition_constraint *found = NULL;

	for (unsigned i = 0; i < d->nconstraints; i++) {
		const struct definition_constraint *c = &d->constraints[i];
		bool same = c->kind == from->kind && c->columns.count == from->columns.count;

		for (unsigned n = 0; same && n < c->columns.count; n++)
			same = strcmp(c->columns.names[n], from->columns.names[n]) == 0;
		if (same && found != NULL)
			return NULL;
		if (same)
			found = c;
	}
	return found;
}

/* Of a key, that of its index is copied, and of a CHECK its own, as PostgreSQL does. */
static int
copy_constraint_comment(struct translator *t, const struct definition *d, const PgQuery__TableLikeClause *clause,
    const char *table, const struct definition_constraint *c)
{
	const struct definition_constraint *key;

	if (c->name == NULL || c->kind == DEFINITION_FOREIGN_KEY ||
	    !includes(clause, c->kind == DEFINITION_CHECK ? LIKE_CONSTRAINTS : LIKE_INDEXES))
		return 0;
	if (c->kind == DEFINITION_CHECK)
		return comment_copy(t,
		    &(struct comment_copied) { COMMENT_CONSTRAINT, table, c->name, d->name, c->name });
	if ((key = find_copy(d, c)) == NULL || key->name == NULL)
		return translate_refuse(t, -1, "INCLUDING COMMENTS of an index like another");
	return comment_copy(t, &(struct comment_copied) { COMMENT_KEY, table, c->name, d->name, key->name });
}

int
define_copy_comments(struct translator *t, const struct definition *d, const PgQuery__TableLikeClause *clause)
{
	const struct schema_table *table;
	struct definition from;
	int result = load(t, clause, &table, &from);

	if (result == 0 && strcmp(table->schema, "public") == 0)
		result = parameter_collate_like(t, d, table->name, &from);
	if (result == 0 && includes(clause, LIKE_COMMENTS) && comment_any(t, table)) {
		result = d->temporary
		    ? translate_refuse(t, -1, "INCLUDING COMMENTS in a temporary table")
		    : comment_copy(t, &(struct comment_copied) { COMMENT_COLUMN, table->name, NULL, d->name, NULL });
		for (unsigned i = 0; result == 0 && i < from.nconstraints; i++)
			result = copy_constraint_comment(t, d, clause, table->name, &from.constraints[i]);
	}
	definition_free(&from);
	return result;
}
