/*
 * SET CONSTRAINTS: the keys that it names, found as PostgreSQL finds them.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/statements.h"
#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/names.h"

/* One name that is looked for. */
struct search {
	struct translator *t;
	const char *name;
	bool deferred, found, partitions;
};

static int
add_key(struct translator *t, int64_t number)
{
	struct dialect_plan *plan = t->plan;
	int64_t *grown = reallocarray(plan->u.transaction.keys, plan->u.transaction.nkeys + 1, sizeof(*grown));

	if (grown == NULL)
		return translate_out_of_memory(t);
	plan->u.transaction.keys = grown;
	grown[plan->u.transaction.nkeys++] = number;
	return 0;
}

static int
take(struct search *search, const struct definition *d)
{
	for (unsigned i = 0; i < d->nconstraints; i++) {
		const struct definition_constraint *c = &d->constraints[i];

		if (c->name == NULL || strcmp(c->name, search->name) != 0)
			continue;
		search->found = true;
		if (!c->deferrable && search->deferred)
			return translate_fail(search->t, -1, SQLSTATE_WRONG_OBJECT_TYPE,
			    "constraint \"%s\" is not deferrable", search->name);
		if (definition_is_late(c) && add_key(search->t, c->number) == -1)
			return -1;
	}
	return 0;
}

/* A partition's constraint has the name of its parent's, or, where that was taken, one that begins with its own. */
static int
search_object(struct search *search, const struct schema_place *place, const struct schema_object *object)
{
	char schema[NAMESPACE_BYTES];
	struct definition d = { 0 };
	int result;

	namespace_of(object->name, schema);
	if (strcmp(place->database, "temp") != 0 && strcmp(schema, place->schema) != 0)
		return 0;
	search->partitions |= object->type == 'P' &&
	    strncmp(search->name, namespace_relation(object->name), strlen(namespace_relation(object->name))) == 0;
	if (object->type != 't' || object->sql == NULL || definition_parse(object->sql, &d) == -1)
		return 0;
	result = take(search, &d);
	definition_free(&d);
	return result;
}

static int
search_place(struct search *search, const struct schema_place *place)
{
	struct schema_objects objects;
	int result = 0;

	if (strcmp(place->database, "public") != 0 && strcmp(place->database, "temp") != 0)
		return 0;
	if (schema_list_objects(schema_database(search->t->schema), place->database, NULL, &objects) == -1)
		return translate_out_of_memory(search->t);
	for (unsigned i = 0; i < objects.count && result == 0; i++)
		result = search_object(search, place, &objects.items[i]);
	schema_objects_free(&objects);
	return result;
}

/* The first place that has one of that name is the last that is looked at. */
static int
search_name(struct translator *t, const PgQuery__RangeVar *relation, bool deferred)
{
	struct search search = { .t = t, .name = relation->relname, .deferred = deferred };
	bool placed = relation->schemaname != NULL && *relation->schemaname != '\0';
	struct schema_place place = { "public", relation->schemaname };
	int result = placed ? search_place(&search, &place) : 0;

	for (unsigned i = 0; !placed && !search.found && result == 0 && schema_place_at(t->schema, i, &place); i++)
		result = search_place(&search, &place);
	if (result == 0 && !search.found && search.partitions)
		return translate_refuse(t, -1, "SET CONSTRAINTS of what may be a partition's constraint");
	if (result == 0 && !search.found)
		return translate_fail(t, -1, SQLSTATE_UNDEFINED_OBJECT, "constraint \"%s\" does not exist",
		    relation->relname);
	return result;
}

int
statement_set_constraints(struct translator *t, const PgQuery__Node *node)
{
	const PgQuery__ConstraintsSetStmt *stmt = node->constraints_set_stmt;
	int result = statement_is(t, DIALECT_SET_CONSTRAINTS, "SET CONSTRAINTS");

	t->plan->u.transaction.deferrable = stmt->deferred;
	t->plan->u.transaction.session = stmt->n_constraints == 0;
	for (size_t i = 0; i < stmt->n_constraints && result == 0; i++)
		result = search_name(t, stmt->constraints[i]->range_var, stmt->deferred);
	return result;
}
