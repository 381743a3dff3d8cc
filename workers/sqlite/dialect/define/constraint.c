/*
 * Constraints of the tree to those of a definition, under the names that PostgreSQL would give.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/expression.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"

/* "a_b" of a list of columns. */
char *
define_join_names(const struct definition_names *names)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	for (unsigned i = 0; i < names->count; i++)
		fprintf(out, "%s%s", i == 0 ? "" : "_", names->names[i]);
	return fclose(out) == 0 ? text : NULL;
}

/* The name given, or PostgreSQL's own choice; a number is added while it is taken. */
int
define_choose_name(struct translator *t, struct definition *d, struct definition_constraint *c, const char *given,
    const char *columns, const char *label)
{
	char numbered[64];

	if (given != NULL && strncmp(given, DEFINITION_MARK, strlen(DEFINITION_MARK)) == 0)
		return translate_fail(t, -1, SQLSTATE_RESERVED_NAME,
		    "unacceptable name \"%s\": \"" DEFINITION_MARK "\" is reserved", given);
	if (given != NULL && *given != '\0') {
		if (definition_find_constraint(d, given) != NULL)
			return translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
			    "constraint \"%s\" for relation \"%s\" already exists", given, d->name);
		return (c->name = define_copy(t, given)) == NULL ? -1 : 0;
	}
	for (unsigned n = 0; n < UINT_MAX; n++) {
		char *name;

		(void)snprintf(numbered, sizeof(numbered), n == 0 ? "%s" : "%s%u", label, n);
		if ((name = definition_object_name(d->name, columns, numbered)) == NULL)
			return translate_out_of_memory(t);
		if (definition_find_constraint(d, name) == NULL) {
			c->name = name;
			return 0;
		}
		free(name);
	}
	return 0;
}

int
define_add_columns(struct translator *t, struct definition *d, struct definition_names *names,
    PgQuery__Node *const *keys, size_t nkeys, unsigned column)
{
	if (nkeys == 0 && column < d->ncolumns && definition_add_name(names, d->columns[column].name) == -1)
		return translate_out_of_memory(t);
	for (size_t i = 0; i < nkeys; i++) {
		const char *name = translate_string(keys[i]);

		if (name == NULL || definition_find_column(d, name) == NULL)
			return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
			    "column \"%s\" named in key does not exist", name == NULL ? "" : name);
		if (definition_names_has(names, name))
			return translate_fail(t, -1, SQLSTATE_DUPLICATE_COLUMN,
			    "column \"%s\" appears twice in key constraint", name);
		if (definition_add_name(names, name) == -1)
			return translate_out_of_memory(t);
	}
	return 0;
}

int
define_name_key(struct translator *t, struct definition *d, struct definition_constraint *c)
{
	char *joined;
	int result;

	if (c->kind == DEFINITION_PRIMARY_KEY)
		return define_choose_name(t, d, c, NULL, NULL, "pkey");
	if ((joined = define_join_names(&c->columns)) == NULL)
		return translate_out_of_memory(t);
	result = define_choose_name(t, d, c, NULL, joined, "key");
	free(joined);
	return result;
}

void
define_set_late(struct definition_constraint *c, bool deferred)
{
	c->deferrable = true;
	c->deferred = deferred;
	while (c->number == 0) /* it marks the key for good, whatever its names become */
		sqlite3_randomness(sizeof(c->number), &c->number);
}

static int
add_key(struct translator *t, struct definition *d, const PgQuery__Constraint *source, unsigned column)
{
	bool primary = source->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
	struct definition_constraint *c;
	char *joined;
	int result;

	if (source->indexname != NULL && *source->indexname != '\0')
		return translate_refuse(t, source->location, "a constraint USING INDEX");
	if (source->nulls_not_distinct)
		return translate_refuse(t, source->location, "NULLS NOT DISTINCT");
	if (primary && definition_primary_key(d) != NULL)
		return translate_fail(t, source->location, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "multiple primary keys for table \"%s\" are not allowed", d->name);
	if ((c = definition_add_constraint(d, primary ? DEFINITION_PRIMARY_KEY : DEFINITION_UNIQUE)) == NULL)
		return translate_out_of_memory(t);
	if (define_add_columns(t, d, &c->columns, source->keys, source->n_keys, column) == -1)
		return -1;
	if (source->deferrable || source->initdeferred)
		define_set_late(c, source->initdeferred);
	if (primary)
		return define_choose_name(t, d, c, source->conname, NULL, "pkey");
	if ((joined = define_join_names(&c->columns)) == NULL)
		return translate_out_of_memory(t);
	result = define_choose_name(t, d, c, source->conname, joined, "key");
	free(joined);
	return result;
}

/* A check on one column bears that column's name, whichever way it was written. */
static const char *
only_column(const struct definition *d, const char *expression)
{
	const char *found = NULL;

	for (unsigned i = 0; i < d->ncolumns; i++) {
		if (!schema_text_names(expression, d->columns[i].name))
			continue;
		if (found != NULL)
			return NULL;
		found = d->columns[i].name;
	}
	return found;
}

/* A child's CHECK that a parent has under the same name: 1, it is the same, and gone; 0, it is none. */
static int
merge_check(struct translator *t, const struct definition *d, const PgQuery__Constraint *source, char *expression)
{
	const struct definition_constraint *c =
	    d->parents.count == 0 || source->conname == NULL ? NULL : definition_find_constraint(d, source->conname);
	bool same;

	if (c == NULL || c->kind != DEFINITION_CHECK)
		return 0;
	same = strcmp(kept_body(c->expression), kept_body(expression)) == 0;
	free(expression);
	if (!same || source->is_no_inherit) {
		(void)translate_fail(t, -1, SQLSTATE_DUPLICATE_OBJECT,
		    "constraint \"%s\" for relation \"%s\" already exists", source->conname, d->name);
		return -1;
	}
	return define_add_notice(t, "merging constraint \"%s\" with inherited definition", source->conname) == -1 ? -1
														  : 1;
}

static int
add_check(struct translator *t, struct definition *d, const PgQuery__Constraint *source)
{
	struct definition_constraint *c;
	int merged;
	char *expression =
	    define_keep(t, d, source->raw_expr, TYPE_BOOL, -1, define_condition(t, d, source->raw_expr, "CHECK"));

	if (expression == NULL)
		return -1;
	if ((merged = merge_check(t, d, source, expression)) != 0)
		return merged < 0 ? -1 : 0;
	if ((c = definition_add_constraint(d, DEFINITION_CHECK)) == NULL) {
		free(expression);
		return translate_out_of_memory(t);
	}
	c->expression = expression;
	c->no_inherit = source->is_no_inherit;
	return define_choose_name(t, d, c, source->conname, only_column(d, expression), "check");
}

/* A column's name in a text of SQLite's: there it stands in quotes. */
static bool
names_column(const char *sql, const char *name)
{
	struct definition_lexer lexer;
	bool found = false;

	definition_lex_begin(&lexer, sql);
	while (!found && lexer.kind != DEFINITION_END) {
		char *word = lexer.kind == DEFINITION_QUOTED ? definition_lex_name(&lexer) : NULL;

		found = word != NULL && strcmp(word, name) == 0;
		if (word == NULL)
			definition_lex_next(&lexer);
		free(word);
	}
	return found;
}

/* Of what is generated nothing else is. */
static int
check_generated(struct translator *t, const struct definition *d, const struct definition_column *target,
    const PgQuery__Constraint *source)
{
	for (unsigned i = 0; i < d->ncolumns; i++) {
		const struct definition_column *other = &d->columns[i];
		const char *used = other->generated == NULL		      ? NULL
		    : names_column(kept_body(target->generated), other->name) ? other->name
		    : names_column(kept_body(other->generated), target->name) ? target->name
									      : NULL;

		if (used == NULL)
			continue;
		(void)translate_fail(t, source->location, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "cannot use generated column \"%s\" in column generation expression", used);
		if (used == target->name && other == target)
			report_detail(t->report, "This would cause the generated column to depend on its own value.");
		else
			report_detail(t->report, "A generated column cannot reference another generated column.");
		return -1;
	}
	return 0;
}

/* A domain's own default is not meant where the column says NULL; and of a NULL that is fitted to a length PostgreSQL
 * keeps the fitting. */
bool
define_is_no_default(const PgQuery__Node *node, const struct definition_column *column)
{
	return node->node_case == PG_QUERY__NODE__NODE_A_CONST && node->a_const->isnull && column->domain == 0 &&
	    (column->typmod == -1 || column->oid == TYPE_INTERVAL);
}

static int
add_default(struct translator *t, struct definition *d, const PgQuery__Constraint *source, unsigned column)
{
	struct definition_column *target = &d->columns[column];
	const PgQuery__Node *node = source->raw_expr;
	bool generated = source->contype == PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED;
	unsigned nmutable = t->nmutable;
	char *text;

	if (!generated && define_is_no_default(node, target))
		return 0;
	if (target->identity != DEFINITION_PLAIN)
		return translate_fail(t, source->location, SQLSTATE_SYNTAX_ERROR,
		    "both %s and identity specified for column \"%s\" of table \"%s\"",
		    generated ? "generation expression" : "default", target->name, d->name);
	if (generated && target->generated != NULL)
		return translate_fail(t, source->location, SQLSTATE_SYNTAX_ERROR,
		    "multiple generation clauses specified for column \"%s\" of table \"%s\"", target->name, d->name);
	if (target->default_sql != NULL)
		return translate_fail(t, source->location, SQLSTATE_SYNTAX_ERROR,
		    generated ? "both default and generation expression specified for column \"%s\" of table \"%s\""
			      : "multiple default values specified for column \"%s\" of table \"%s\"",
		    target->name, d->name);
	text = define_keep(t, generated ? d : NULL, node, target->oid, target->typmod,
	    define_value(t, d, node, target, generated));
	if (text == NULL)
		return -1;
	if (generated && t->nmutable != nmutable) {
		free(text);
		return translate_fail(t, -1, SQLSTATE_INVALID_OBJECT_DEFINITION,
		    "generation expression is not immutable");
	}
	if (generated) {
		free(target->generated);
		target->generated = text;
		target->stored = true;
		return check_generated(t, d, target, source);
	}
	free(target->default_sql);
	target->default_sql = text;
	return 0;
}

/* ALTER CONSTRAINT, and what stands behind a constraint of a column. */
int
define_set_deferral(struct translator *t, struct definition_constraint *c, bool deferrable, bool deferred)
{
	c->deferrable = deferrable || deferred;
	c->deferred = deferred;
	return define_check_deferral(t, c);
}

static int
set_deferral(struct definition *d, const PgQuery__Constraint *source)
{
	struct definition_constraint *last = d->nconstraints == 0 ? NULL : &d->constraints[d->nconstraints - 1];

	if (last != NULL && (last->kind == DEFINITION_UNIQUE || last->kind == DEFINITION_PRIMARY_KEY) &&
	    (source->contype == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE ||
		source->contype == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED)) {
		define_set_late(last, source->contype == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED);
		return 0;
	}
	if (last == NULL || last->kind != DEFINITION_FOREIGN_KEY)
		return source->contype == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE ||
			source->contype == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE
		    ? 0
		    : -1;
	if (source->contype == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE)
		last->deferrable = true;
	else if (source->contype == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED)
		last->deferrable = last->deferred = true;
	return 0;
}

int
define_add_constraint(struct translator *t, struct definition *d, const char *schema, const PgQuery__Constraint *source,
    unsigned column)
{
	switch (source->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
	case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
		return add_key(t, d, source, column);
	case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
		return add_check(t, d, source);
	case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
		return define_add_foreign_key(t, d, schema, source, column);
	case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
	case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
		return add_default(t, d, source, column);
	case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE:
	case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE:
	case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED:
	case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE:
		return set_deferral(d, source) == 0 ? 0 : translate_refuse(t, source->location, "a deferrable key");
	default:
		return translate_refuse(t, source->location, "this kind of constraint");
	}
}
