/*
 * Lists what is in a schema: its tables, views, sequences and routines.
 */
#include "workers/sqlite/dialect/define/schema_contents.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/define/routine.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/schema/sequence.h"

/* A sequence that goes with its table. */
static bool
is_owned(const char *sql)
{
	struct schema_sequence s;
	bool owned;

	if (schema_sequence_parse(sql, &s) == -1)
		return false;
	owned = s.owner_table != NULL;
	schema_sequence_free(&s);
	return owned;
}

void
define_contents_free(struct define_contents *contents)
{
	definition_names_free(&contents->tables);
	definition_names_free(&contents->views);
	definition_names_free(&contents->sequences);
	definition_names_free(&contents->routines);
}

/* A partition goes with its parent, where that lies in the same schema. */
static bool
goes_with_parent(const struct schema_object *object)
{
	char own[NAMESPACE_BYTES], parent[NAMESPACE_BYTES] = "";
	struct schema_partition mark;

	namespace_of(object->name, own);
	if (schema_partition_read(object->sql, &mark)) {
		namespace_of(mark.parent, parent);
		schema_partition_free(&mark);
	}
	return strcmp(own, parent) == 0;
}

static struct definition_names *
list_for(struct define_contents *contents, const struct schema_object *object)
{
	if (object->type == 't' || (object->type == 'P' && !goes_with_parent(object)))
		return &contents->tables;
	if (object->type == 'v' || object->type == 'm')
		return &contents->views;
	return object->type == 'S' && !is_owned(object->sql) ? &contents->sequences : NULL;
}

static int
add_routine(void *arg, const struct schema_routine *routine, const char *what)
{
	(void)routine;
	return definition_add_name(&((struct define_contents *)arg)->routines, what);
}

int
define_list_contents(struct translator *t, const char *schema, struct define_contents *contents)
{
	struct schema_objects objects;
	int result = 0;

	*contents = (struct define_contents) { .tables = { 0 } };
	if (schema_list_objects(schema_database(t->schema), "public", NULL, &objects) == -1)
		return translate_out_of_memory(t);
	for (unsigned i = 0; result == 0 && i < objects.count; i++) {
		struct definition_names *list = list_for(contents, &objects.items[i]);
		char own[NAMESPACE_BYTES];

		namespace_of(objects.items[i].name, own);
		if (list != NULL && strcmp(own, schema) == 0)
			result = definition_add_name(list, objects.items[i].name);
	}
	schema_objects_free(&objects);
	if (result == 0)
		result = routine_each_of_schema(t, schema, add_routine, contents);
	return result == 0 ? 0 : translate_out_of_memory(t);
}
