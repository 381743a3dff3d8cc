/*
 * FOREIGN KEY and REFERENCES: which key of which table is meant, whether the types may refer, and the name.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/expression.h"

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

/* The key of the parent's that covers exactly these columns: one that always holds rather than one that is
 * deferrable. */
static const struct definition_constraint *
find_key(const struct definition *parent, const struct definition_names *columns)
{
	const struct definition_constraint *late = NULL;

	for (unsigned i = 0; i < parent->nconstraints; i++) {
		const struct definition_constraint *c = &parent->constraints[i];
		unsigned found = 0;

		if (c->kind != DEFINITION_PRIMARY_KEY && c->kind != DEFINITION_UNIQUE)
			continue;
		while (found < c->columns.count && definition_names_has(columns, c->columns.names[found]))
			found++;
		if (found != columns->count || found != c->columns.count)
			continue;
		if (!definition_is_late(c))
			return c;
		late = c;
	}
	return late;
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
	if ((key = find_key(parent, &c->parent_columns)) == NULL)
		return translate_fail(t, -1, SQLSTATE_INVALID_FOREIGN_KEY,
		    "there is no unique constraint matching given keys for referenced table \"%s\"", c->parent);
	return !definition_is_late(key) ? 0
					: translate_fail(t, -1, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
					      "cannot use a deferrable %s for referenced table \"%s\"",
					      source->n_pk_attrs == 0 ? "primary key" : "unique constraint", c->parent);
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
fail_types(struct translator *t, const struct definition_constraint *c, const struct definition_column *own,
    const struct definition_column *theirs)
{
	(void)translate_fail(t, -1, SQLSTATE_DATATYPE_MISMATCH, "foreign key constraint \"%s\" cannot be implemented",
	    c->name == NULL ? "" : c->name);
	report_detail(t->report, "Key columns \"%s\" and \"%s\" are of incompatible types: %s and %s.", own->name,
	    theirs->name, type_display(t, own->oid), type_display(t, theirs->oid));
	return -1;
}

int
define_check_key_types(struct translator *t, const struct definition *d, const struct definition *parent,
    const struct definition_constraint *c)
{
	const struct definition_constraint *key = definition_primary_key(parent);
	const struct definition_names *columns =
	    c->parent_columns.count > 0 || key == NULL ? &c->parent_columns : &key->columns;

	for (unsigned i = 0; i < c->columns.count && i < columns->count; i++) {
		const struct definition_column *own = definition_find_column(d, c->columns.names[i]);
		const struct definition_column *theirs = definition_find_column(parent, columns->names[i]);

		if (own != NULL && theirs != NULL && !may_refer(own->oid, theirs->oid))
			return fail_types(t, c, own, theirs);
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
		return check_parent(t, d, c, source) == -1 ? -1 : define_check_key_types(t, d, d, c);
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
							: define_check_key_types(t, d, &parent, c);
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
int
define_check_deferral(struct translator *t, const struct definition_constraint *c)
{
	return c->match_full && c->deferrable && c->columns.count > 1
	    ? translate_refuse(t, -1, "a deferrable MATCH FULL of several columns")
	    : 0;
}

int
define_add_foreign_key(struct translator *t, struct definition *d, const char *schema,
    const PgQuery__Constraint *source, unsigned column)
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
	    define_add_columns(t, d, &c->columns, source->fk_attrs, source->n_fk_attrs, column) == -1 ||
	    set_action(t, &c->on_delete, source->fk_del_action) == -1 ||
	    set_action(t, &c->on_update, source->fk_upd_action) == -1)
		return -1;
	c->match_full = source->fk_matchtype != NULL && source->fk_matchtype[0] == 'f';
	c->deferrable = source->deferrable || source->initdeferred;
	c->deferred = source->initdeferred;
	if (define_check_deferral(t, c) == -1)
		return -1;
	if ((joined = define_join_names(&c->columns)) == NULL)
		return translate_out_of_memory(t);
	result = define_choose_name(t, d, c, source->conname, joined, "fkey");
	free(joined);
	return result == -1 ? -1 : check_reference(t, d, c, source, schema);
}
