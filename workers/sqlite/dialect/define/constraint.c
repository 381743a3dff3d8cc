/*
 * Constraints of the tree to those of a definition, under the names that PostgreSQL would give.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"

/* "a_b" of a list of columns. */
static char *
join_names(const struct definition_names *names)
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
static int
choose_name(struct translator *t, struct definition *d, struct definition_constraint *c, const char *given,
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

static int
add_columns(struct translator *t, struct definition *d, struct definition_names *names, PgQuery__Node *const *keys,
    size_t nkeys, unsigned column)
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
		return choose_name(t, d, c, NULL, NULL, "pkey");
	if ((joined = join_names(&c->columns)) == NULL)
		return translate_out_of_memory(t);
	result = choose_name(t, d, c, NULL, joined, "key");
	free(joined);
	return result;
}

static int
add_key(struct translator *t, struct definition *d, const PgQuery__Constraint *source, unsigned column)
{
	bool primary = source->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
	struct definition_constraint *c;
	char *joined;
	int result;

	if (source->deferrable)
		return translate_refuse(t, source->location, "a deferrable key");
	if (source->indexname != NULL && *source->indexname != '\0')
		return translate_refuse(t, source->location, "a constraint USING INDEX");
	if (source->nulls_not_distinct)
		return translate_refuse(t, source->location, "NULLS NOT DISTINCT");
	if (primary && definition_primary_key(d) != NULL)
		return translate_fail(t, source->location, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "multiple primary keys for table \"%s\" are not allowed", d->name);
	if ((c = definition_add_constraint(d, primary ? DEFINITION_PRIMARY_KEY : DEFINITION_UNIQUE)) == NULL)
		return translate_out_of_memory(t);
	if (add_columns(t, d, &c->columns, source->keys, source->n_keys, column) == -1)
		return -1;
	if (primary)
		return choose_name(t, d, c, source->conname, NULL, "pkey");
	if ((joined = join_names(&c->columns)) == NULL)
		return translate_out_of_memory(t);
	result = choose_name(t, d, c, source->conname, joined, "key");
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
	return choose_name(t, d, c, source->conname, only_column(d, expression), "check");
}

/* PostgreSQL's one-letter actions. */
static int
set_action(struct translator *t, char **action, const char *letter)
{
	static const struct {
		char letter;
		const char *words;
	} actions[] = { { 'r', "RESTRICT" }, { 'c', "CASCADE" }, { 'n', "SET NULL" }, { 'd', "SET DEFAULT" } };

	for (size_t i = 0; letter != NULL && i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (actions[i].letter == letter[0])
			return (*action = define_copy(t, actions[i].words)) == NULL ? -1 : 0;
	}
	return 0;
}

/* Whether a key of the parent's covers exactly these columns. */
static bool
is_unique(const struct definition *parent, const struct definition_names *columns)
{
	for (unsigned i = 0; i < parent->nconstraints; i++) {
		const struct definition_constraint *c = &parent->constraints[i];
		unsigned found = 0;

		if (c->kind != DEFINITION_PRIMARY_KEY && c->kind != DEFINITION_UNIQUE)
			continue;
		while (found < c->columns.count && definition_names_has(columns, c->columns.names[found]))
			found++;
		if (found == columns->count && found == c->columns.count)
			return true;
	}
	return false;
}

/* The parent's columns: those named, or its primary key; they must be unique there. */
static int
check_parent(struct translator *t, const struct definition *parent, struct definition_constraint *c,
    const PgQuery__Constraint *source)
{
	const struct definition_constraint *key = definition_primary_key(parent);

	if (source->n_pk_attrs == 0 && key == NULL)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT,
		    "there is no primary key for referenced table \"%s\"", c->parent);
	for (unsigned i = 0; source->n_pk_attrs == 0 && i < key->columns.count; i++) {
		if (definition_add_name(&c->parent_columns, key->columns.names[i]) == -1)
			return translate_out_of_memory(t);
	}
	for (size_t i = 0; i < source->n_pk_attrs; i++) {
		const char *name = translate_string(source->pk_attrs[i]);

		if (name == NULL || definition_find_column(parent, name) == NULL)
			return translate_fail(t, -1, SQLSTATE_UNDEFINED_COLUMN,
			    "column \"%s\" referenced in foreign key constraint does not exist",
			    name == NULL ? "" : name);
		if (definition_add_name(&c->parent_columns, name) == -1)
			return translate_out_of_memory(t);
	}
	if (c->parent_columns.count != c->columns.count)
		return translate_fail(t, -1, SQLSTATE_INVALID_FOREIGN_KEY,
		    "number of referencing and referenced columns for foreign key disagree");
	if (!is_unique(parent, &c->parent_columns))
		return translate_fail(t, -1, SQLSTATE_INVALID_FOREIGN_KEY,
		    "there is no unique constraint matching given keys for referenced table \"%s\"", c->parent);
	return 0;
}

/* Types whose operators of equality are one family of PostgreSQL's. */
static unsigned
family_of(uint32_t oid)
{
	static const struct {
		uint32_t oid;
		unsigned family;
	} families[] = { { TYPE_INT2, 1 }, { TYPE_INT4, 1 }, { TYPE_INT8, 1 }, { TYPE_FLOAT4, 2 }, { TYPE_FLOAT8, 2 },
		{ TYPE_DATE, 3 }, { TYPE_TIMESTAMP, 3 }, { TYPE_TIMESTAMPTZ, 3 }, { TYPE_TEXT, 4 }, { TYPE_VARCHAR, 4 },
		{ TYPE_NAME, 4 } };

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i].oid == oid)
			return families[i].family;
	return 0;
}

/* Whether a column of the one type may refer to one of the other: they have an equality in the key's own family, or the
 * first becomes the second by itself. */
static bool
may_refer(uint32_t own, uint32_t theirs)
{
	unsigned family = family_of(own);

	return own == theirs || (family != 0 && family == family_of(theirs)) || cast_context(own, theirs) == 'i';
}

static int
check_types(struct translator *t, const struct definition *d, const struct definition *parent,
    const struct definition_constraint *c)
{
	for (unsigned i = 0; i < c->columns.count; i++) {
		const struct definition_column *own = definition_find_column(d, c->columns.names[i]);
		const struct definition_column *theirs = definition_find_column(parent, c->parent_columns.names[i]);

		if (!may_refer(own->oid, theirs->oid)) {
			(void)translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH,
			    "foreign key constraint \"%s\" cannot be implemented", c->name);
			report_detail(t->report, "Key columns \"%s\" and \"%s\" are of incompatible types.", own->name,
			    theirs->name);
			return -1;
		}
	}
	return 0;
}

static int
check_reference(struct translator *t, struct definition *d, struct definition_constraint *c,
    const PgQuery__Constraint *source, const char *schema)
{
	const struct schema_table *table;
	struct definition parent = { 0 };
	int result;

	if (strcmp(c->parent, d->name) == 0)
		return check_parent(t, d, c, source) == -1 ? -1 : check_types(t, d, d, c);
	if ((table = translate_find_table(t, source->pktable)) == NULL)
		return -1;
	if (strcmp(table->schema, schema) != 0)
		return translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		    "constraints on permanent tables may reference only permanent tables");
	if (define_load(t, table, &parent) == -1)
		return -1;
	result = parent.unlogged && !d->unlogged && !d->temporary
	    ? translate_fail(t, -1, SQLSTATE_INVALID_TABLE_DEFINITION,
		  "constraints on permanent tables may reference only permanent tables")
	    : check_parent(t, &parent, c, source) == -1 ? -1
							: check_types(t, d, &parent, c);
	definition_free(&parent);
	return result;
}

/* The table that is being made is found by the search path as if it were there already. */
static int
reference_name(struct translator *t, const struct definition *d, const PgQuery__RangeVar *relation, const char **schema,
    const char **name)
{
	struct schema_place place;

	for (unsigned i = 0;
	     (relation->schemaname == NULL || *relation->schemaname == '\0') && schema_place_at(t->schema, i, &place);
	     i++) {
		const char *stored = translate_stored_name(t, place.schema, relation->relname);

		if (stored == NULL)
			return -1;
		*schema = place.database;
		*name = stored;
		if (strcmp(place.database, d->temporary ? "temp" : "public") == 0 && strcmp(stored, d->name) == 0)
			return 0;
		if (schema_find_table(t->schema, place.database, stored) != NULL)
			return 0;
	}
	return translate_relation_name(t, relation, schema, name);
}

/* The CHECK that holds MATCH FULL of several columns can't wait. */
static int
check_deferral(struct translator *t, const struct definition_constraint *c)
{
	return c->match_full && c->deferrable && c->columns.count > 1
	    ? translate_refuse(t, -1, "a deferrable MATCH FULL of several columns")
	    : 0;
}

static int
add_foreign_key(struct translator *t, struct definition *d, const char *schema, const PgQuery__Constraint *source,
    unsigned column)
{
	struct definition_constraint *c = definition_add_constraint(d, DEFINITION_FOREIGN_KEY);
	const char *parent_schema, *parent;
	char *joined;
	int result;

	if (c == NULL)
		return translate_out_of_memory(t);
	if (source->fk_matchtype != NULL && source->fk_matchtype[0] == 'p')
		return translate_refuse(t, source->location, "MATCH PARTIAL");
	if (source->n_fk_del_set_cols > 0)
		return translate_refuse(t, source->location, "SET NULL with a list of columns");
	if (reference_name(t, d, source->pktable, &parent_schema, &parent) == -1 ||
	    (c->parent = define_copy(t, parent)) == NULL ||
	    add_columns(t, d, &c->columns, source->fk_attrs, source->n_fk_attrs, column) == -1 ||
	    set_action(t, &c->on_delete, source->fk_del_action) == -1 ||
	    set_action(t, &c->on_update, source->fk_upd_action) == -1)
		return -1;
	c->match_full = source->fk_matchtype != NULL && source->fk_matchtype[0] == 'f';
	c->deferrable = source->deferrable || source->initdeferred;
	c->deferred = source->initdeferred;
	if (check_deferral(t, c) == -1)
		return -1;
	if ((joined = join_names(&c->columns)) == NULL)
		return translate_out_of_memory(t);
	result = choose_name(t, d, c, source->conname, joined, "fkey");
	free(joined);
	return result == -1 ? -1 : check_reference(t, d, c, source, schema);
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
	return check_deferral(t, c);
}

static int
set_deferral(struct definition *d, const PgQuery__Constraint *source)
{
	struct definition_constraint *last = d->nconstraints == 0 ? NULL : &d->constraints[d->nconstraints - 1];

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
		return add_foreign_key(t, d, schema, source, column);
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

static bool
is_key(const PgQuery__Constraint *c)
{
	return c->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
	    c->contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE;
}

static bool
is_named(const PgQuery__Constraint *c)
{
	return c->conname != NULL && *c->conname != '\0';
}

/* The n-th column of a key, or NULL. */
static const char *
key_column(const struct definition *d, const struct define_pending *key, size_t n)
{
	if (key->constraint->n_keys == 0)
		return n == 0 && key->column < d->ncolumns ? d->columns[key->column].name : NULL;
	return n < key->constraint->n_keys ? translate_string(key->constraint->keys[n]) : NULL;
}

static bool
is_same(const struct definition *d, const struct define_pending *a, const struct define_pending *b)
{
	if (!is_key(a->constraint) || a->constraint->deferrable != b->constraint->deferrable ||
	    a->constraint->initdeferred != b->constraint->initdeferred ||
	    a->constraint->nulls_not_distinct != b->constraint->nulls_not_distinct)
		return false;
	for (size_t i = 0;; i++) {
		const char *name = key_column(d, a, i), *other = key_column(d, b, i);

		if (name == NULL || other == NULL)
			return name == other;
		if (strcmp(name, other) != 0)
			return false;
	}
}

enum wanted { IS_PRIOR, IS_NAMED };

/* Of the keys over the same columns one statement makes one: the primary, or the first, under the first name that was
 * given to any of them. Another one that comes before it, or one that has a name. */
static const struct define_pending *
find_same(const struct definition *d, const struct define_pending *all, const struct define_pending *key,
    enum wanted wanted)
{
	bool primary = key->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY, before = true;

	for (; all != NULL; all = all->next) {
		bool prior = !primary && (before || all->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY);

		before &= all != key;
		if (all != key && (wanted == IS_PRIOR ? prior : is_named(all->constraint)) && is_same(d, all, key))
			return all;
	}
	return NULL;
}

int
define_resolve(struct translator *t, struct definition *d, const char *schema, struct define_pending *pending)
{
	struct define_pending *ordered = NULL, *next;

	for (; pending != NULL; pending = next) {
		next = pending->next;
		pending->next = ordered;
		ordered = pending;
	}
	for (const struct define_pending *all = ordered; ordered != NULL; ordered = ordered->next) {
		PgQuery__Constraint constraint = *ordered->constraint;

		if (is_key(&constraint) && find_same(d, all, ordered, IS_PRIOR) != NULL)
			continue;
		if (is_key(&constraint) && !is_named(&constraint)) {
			const struct define_pending *other = find_same(d, all, ordered, IS_NAMED);

			constraint.conname = other == NULL ? NULL : other->constraint->conname;
		}
		if (define_add_constraint(t, d, schema, &constraint, ordered->column) == -1)
			return -1;
	}
	return 0;
}
