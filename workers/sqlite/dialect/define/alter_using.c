/*
 * ALTER TABLE ... ADD CONSTRAINT ... USING INDEX: the key over the columns of a unique index, which goes.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/dialect/define/alter.h"
#include "workers/sqlite/dialect/define/parameter.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"

#define USING_COLUMNS_MAX 32

/* The columns as nodes of a tree, as CREATE TABLE has them in a key. */
struct using_keys {
	PgQuery__Node nodes[USING_COLUMNS_MAX], *keys[USING_COLUMNS_MAX];
	PgQuery__String names[USING_COLUMNS_MAX];
	size_t n;
};

static int
fail_index(struct translator *t, const char *before, const char *index, const char *what)
{
	(void)translate_fail(t, -1, SQLSTATE_WRONG_OBJECT_TYPE, "%s\"%s\" %s", before, index, what);
	report_detail(t->report, "Cannot create a primary key or unique constraint using such an index.");
	return -1;
}

bool
define_index_is_partial(const char *sql)
{
	struct definition_lexer lexer;

	definition_lex_begin(&lexer, sql);
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, "("))
		definition_lex_next(&lexer);
	free(definition_lex_parenthesised(&lexer));
	return definition_lex_is(&lexer, "WHERE");
}

/* A part must be a column as an index has it by default. */
static int
take_part(struct translator *t, const char *index, const char *source, struct using_keys *keys)
{
	struct definition_lexer lexer;
	struct kept_texts texts;
	enum kept_state state = kept_read(source, &texts);
	bool sorted = state != KEPT_TEXT || *texts.options == '\0', column;
	char *name;

	kept_free(&texts);
	definition_lex_begin(&lexer, source);
	column = lexer.kind == DEFINITION_QUOTED;
	/* It may have a collation, or a class, that is not kept. */
	if (column && state == KEPT_NOT)
		return translate_refuse(t, -1, "a constraint USING INDEX of one with a collation");
	name = column ? definition_lex_name(&lexer) : NULL;
	sorted &= lexer.kind == DEFINITION_END;
	if (!column)
		return fail_index(t, "index ", index, "contains expressions");
	if (name == NULL || !sorted || keys->n == USING_COLUMNS_MAX) {
		free(name);
		return fail_index(t, "index ", index, "does not have default sorting behavior");
	}
	pg_query__string__init(&keys->names[keys->n]);
	pg_query__node__init(&keys->nodes[keys->n]);
	keys->names[keys->n].sval = translator_copy(t, name);
	keys->nodes[keys->n].node_case = PG_QUERY__NODE__NODE_STRING;
	keys->nodes[keys->n].string = &keys->names[keys->n];
	keys->keys[keys->n] = &keys->nodes[keys->n];
	free(name);
	return keys->names[keys->n++].sval == NULL ? -1 : 0;
}

static int
check_index(struct alter *alter, const struct schema_object *index, const char *name)
{
	const char *table = alter->rebuild.table->name, *included;
	char method[DESCRIBE_METHOD_SIZE];
	struct translator *t = alter->t;

	if (strcmp(index->table, table) != 0)
		return translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		    "index \"%s\" does not belong to table \"%s\"", name, namespace_relation(table));
	if (strncmp(index->sql, "CREATE UNIQUE", strlen("CREATE UNIQUE")) != 0)
		return fail_index(t, "", name, "is not a unique index");
	if (define_index_is_partial(index->sql))
		return fail_index(t, "", name, "is a partial index");
	if (strcmp(describe_index_method(index->sql, method), "btree") != 0)
		return fail_index(t, "index ", name, "is not a btree");
	if ((included = parameter_included(t, index->name)) == NULL)
		return -1;
	return *included == '\0' ? 0 : translate_refuse(t, -1, "a constraint USING INDEX of one with INCLUDE");
}

static int
take_index(struct alter *alter, const char *name, struct schema_object *index, struct using_keys *keys)
{
	const struct schema_table *table = alter->rebuild.table;
	struct translator *t = alter->t;
	char *source, *stored;
	int result = 0;
	bool found;

	if (definition_find_constraint(&alter->rebuild.after, name) != NULL)
		return translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
		    "index \"%s\" is already associated with a constraint", name);
	if ((stored = namespace_beside(table->name, name)) == NULL)
		return translate_out_of_memory(t);
	found = schema_find_object(t->schema, table->schema, stored, index);
	free(stored);
	if (!found || index->type != 'i' || index->sql == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "index \"%s\" does not exist", name);
	if (check_index(alter, index, name) == -1)
		return -1;
	for (unsigned n = 1; result == 0 && (source = describe_index_source(index->sql, n)) != NULL; n++) {
		result = take_part(t, name, source, keys);
		free(source);
	}
	return result;
}

int
alter_add_using(struct alter *alter, const PgQuery__Constraint *wanted)
{
	struct definition *d = &alter->rebuild.after;
	PgQuery__Constraint constraint = *wanted;
	struct schema_object index = { .name = NULL };
	struct using_keys keys = { .n = 0 };
	struct translator *t = alter->t;
	const char *name = wanted->indexname;
	bool named = wanted->conname != NULL && *wanted->conname != '\0';
	int result;

	if (d->partition != NULL)
		return translate_fail(t, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables");
	if ((result = take_index(alter, name, &index, &keys)) == 0) {
		constraint.indexname = NULL;
		constraint.conname = (char *)(uintptr_t)(named ? wanted->conname : name);
		constraint.keys = keys.keys;
		constraint.n_keys = keys.n;
		result = define_add_constraint(t, d, alter->rebuild.table->schema, &constraint, UINT_MAX);
	}
	if (result == 0 && definition_add_name(&alter->rebuild.dropped_indexes, index.name) == -1)
		result = translate_out_of_memory(t);
	if (result == 0 && strcmp(constraint.conname, name) != 0)
		result =
		    define_add_notice(t, "ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"%s\" to \"%s\"",
			name, constraint.conname);
	schema_object_free(&index);
	return result;
}
