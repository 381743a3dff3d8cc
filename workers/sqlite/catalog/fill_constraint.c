/*
 * Rows of pg_constraint for a table's constraints, and those of the index that a key has.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/kept_view.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/catalog/fill_relation.h"

/* The key of a partition is part of its parent's. */
static void
put_key_parent(struct relation *relation, const struct definition_constraint *c, int64_t oid)
{
	struct definition parent;

	if (catalog_load_definition(relation->fill->db, relation->schema, relation->partition->parent, &parent) == -1)
		return;
	for (unsigned i = 0; i < parent.nconstraints; i++)
		if (parent.constraints[i].kind == c->kind && parent.constraints[i].columns.count == c->columns.count &&
		    definition_names_has(&parent.constraints[i].columns, c->columns.names[0]) &&
		    parent.constraints[i].name != NULL) {
			fill_row(relation->fill,
			    "pg_catalog.pg_inherits (inhrelid, inhparent, inhseqno, inhdetachpending)", "iiib", oid,
			    fill_oid_beside(relation, relation->partition->parent, parent.constraints[i].name),
			    INT64_C(1), 0);
			break;
		}
	definition_free(&parent);
}

static void
put_key(struct relation *relation, const struct definition_constraint *c)
{
	char *vector = fill_attributes_of(&relation->d, &c->columns, false),
	     *array = fill_attributes_of(&relation->d, &c->columns, true);
	bool primary = c->kind == DEFINITION_PRIMARY_KEY;
	int64_t oid = fill_oid_beside(relation, relation->object->name, c->name);

	fill_class(relation, c->name, oid, fill_index_kind(relation), (int64_t)c->columns.count, 0, false);
	for (unsigned i = 0; i < c->columns.count; i++) {
		const struct definition_column *column = definition_find_column(&relation->d, c->columns.names[i]);

		if (column != NULL)
			fill_attribute(relation, oid, (int64_t)i + 1, column->name, column->oid, column->typmod, NULL);
	}
	fill_index_row(relation, oid, (int64_t)c->columns.count, NULL, primary, vector, NULL, NULL, !c->deferrable);
	if (relation->partition != NULL)
		put_key_parent(relation, c, oid);
	fill_row(relation->fill,
	    "pg_catalog.pg_constraint (oid, conname, connamespace, contype, conrelid, conindid, "
	    "conkey, condeferrable, condeferred)",
	    "isisiisbb", fill_constraint_oid(relation, c->name), c->name, relation->namespace, primary ? "p" : "u",
	    relation->oid, oid, array, c->deferrable, c->deferred);
	free(vector);
	free(array);
}

/* The letter of an action as pg_constraint has it. */
static const char *
action_letter(const char *action)
{
	static const struct {
		const char *words, *letter;
	} letters[] = { { "RESTRICT", "r" }, { "CASCADE", "c" }, { "SET NULL", "n" }, { "SET DEFAULT", "d" } };

	for (size_t i = 0; action != NULL && i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (strcmp(letters[i].words, action) == 0)
			return letters[i].letter;
	}
	return "a";
}

static void
put_foreign_key(struct relation *relation, const struct definition_constraint *c)
{
	struct definition parent = { 0 };
	const struct definition_names *names = &c->parent_columns;
	const struct definition_constraint *key;
	int64_t index = 0;
	char *own, *theirs;

	if (catalog_load_definition(relation->fill->db, relation->schema, c->parent, &parent) == -1)
		return;
	key = definition_primary_key(&parent);
	if (names->count == 0 && key != NULL)
		names = &key->columns;
	for (unsigned i = 0; i < parent.nconstraints && index == 0; i++) {
		const struct definition_constraint *found = &parent.constraints[i];

		if ((found->kind == DEFINITION_PRIMARY_KEY || found->kind == DEFINITION_UNIQUE) && names->count > 0 &&
		    found->columns.count == names->count && definition_names_has(&found->columns, names->names[0]))
			index = fill_oid_beside(relation, c->parent, found->name);
	}
	own = fill_attributes_of(&relation->d, &c->columns, true);
	theirs = fill_attributes_of(&parent, names, true);
	fill_row(relation->fill,
	    "pg_catalog.pg_constraint (oid, conname, connamespace, contype, conrelid, confrelid, "
	    "conkey, "
	    "confkey, condeferrable, condeferred, confupdtype, confdeltype, confmatchtype, conindid)",
	    "isisiissbbsssi", fill_constraint_oid(relation, c->name), c->name, relation->namespace, "f", relation->oid,
	    fill_oid_of(relation, c->parent), own, theirs, c->deferrable, c->deferred, action_letter(c->on_update),
	    action_letter(c->on_delete), c->match_full ? "f" : "s", index);
	free(own);
	free(theirs);
	definition_free(&parent);
}

static void
put_check(struct relation *relation, const struct definition_constraint *c)
{
	char *text = describe_stored(c->expression), *array;
	struct definition_names used = { 0 };

	for (unsigned i = 0; i < relation->d.ncolumns; i++) {
		if (schema_text_names(c->expression, relation->d.columns[i].name))
			(void)definition_add_name(&used, relation->d.columns[i].name);
	}
	array = fill_attributes_of(&relation->d, &used, true);
	fill_row(relation->fill,
	    "pg_catalog.pg_constraint (oid, conname, connamespace, contype, conrelid, conkey, "
	    "conbin, connoinherit, convalidated)",
	    "isisissbb", fill_constraint_oid(relation, c->name), c->name, relation->namespace, "c", relation->oid,
	    array, text, c->no_inherit, !c->not_valid);
	definition_names_free(&used);
	free(array);
	free(text);
}

void
fill_constraints(struct relation *relation)
{
	for (unsigned i = 0; i < relation->d.nconstraints; i++) {
		const struct definition_constraint *c = &relation->d.constraints[i];

		if (c->name == NULL)
			continue;
		if (c->kind == DEFINITION_CHECK)
			put_check(relation, c);
		else if (c->kind == DEFINITION_FOREIGN_KEY)
			put_foreign_key(relation, c);
		else
			put_key(relation, c);
	}
}
