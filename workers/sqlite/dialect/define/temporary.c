/*
 * Whether a definition touches what is the session's own and nothing else: its temporary tables, views and indexes. For
 * those no right to define is needed beyond that to write, as on PostgreSQL.
 */
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"

static bool
has_object(struct translator *t, const char *schema, const char *name)
{
	struct schema_object found;

	if (!schema_find_object(t->schema, schema, name, &found))
		return false;
	schema_object_free(&found);
	return true;
}

static bool
is_on_path(struct translator *t, const char *name)
{
	struct schema_place place;

	for (unsigned i = 0; schema_place_at(t->schema, i, &place); i++) {
		char *stored =
		    strcmp(place.database, "public") != 0 ? NULL : translate_stored_name(t, place.schema, name);

		if (stored != NULL && has_object(t, "public", stored))
			return true;
	}
	return false;
}

/* By the order in which names are looked for: a temporary one hides one of the file. What is nowhere is nobody's, and
 * gets the answer that it is not there. */
static bool
is_temporary_name(struct translator *t, const char *schema, const char *name)
{
	if (schema != NULL && schema[0] != '\0')
		return strcmp(schema, "temp") == 0 || strncmp(schema, "pg_temp", 7) == 0;
	return has_object(t, "temp", name) || !is_on_path(t, name);
}

static bool
is_temporary_relation(struct translator *t, const PgQuery__RangeVar *relation)
{
	return relation != NULL && is_temporary_name(t, relation->schemaname, relation->relname);
}

/* One that is to be made. */
static bool
is_new_temporary(const PgQuery__RangeVar *relation)
{
	if (relation == NULL)
		return false;
	if (relation->relpersistence != NULL && relation->relpersistence[0] == 't')
		return true;
	return relation->schemaname != NULL && strncmp(relation->schemaname, "pg_temp", 7) == 0;
}

static bool
drops_temporary(struct translator *t, const PgQuery__DropStmt *stmt)
{
	if (stmt->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE &&
	    stmt->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_VIEW &&
	    stmt->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE &&
	    stmt->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_INDEX)
		return false;
	for (size_t i = 0; i < stmt->n_objects; i++) {
		const PgQuery__List *names =
		    stmt->objects[i]->node_case == PG_QUERY__NODE__NODE_LIST ? stmt->objects[i]->list : NULL;
		const char *name = names == NULL ? NULL : translate_last_string(names->items, names->n_items);

		if (name == NULL ||
		    !is_temporary_name(t,
			names->n_items > 1 ? translate_string(names->items[names->n_items - 2]) : NULL, name))
			return false;
	}
	return true;
}

bool
define_is_temporary(struct translator *t, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_CREATE_STMT:
		return is_new_temporary(node->create_stmt->relation);
	case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
		return node->create_table_as_stmt->into != NULL &&
		    is_new_temporary(node->create_table_as_stmt->into->rel);
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		return is_new_temporary(node->select_stmt->into_clause->rel);
	case PG_QUERY__NODE__NODE_VIEW_STMT:
		return is_new_temporary(node->view_stmt->view);
	case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
		return is_new_temporary(node->create_seq_stmt->sequence);
	case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT:
		return is_temporary_relation(t, node->alter_seq_stmt->sequence);
	case PG_QUERY__NODE__NODE_INDEX_STMT:
		return is_temporary_relation(t, node->index_stmt->relation);
	case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
		return is_temporary_relation(t, node->alter_table_stmt->relation);
	case PG_QUERY__NODE__NODE_RENAME_STMT:
		return is_temporary_relation(t, node->rename_stmt->relation);
	case PG_QUERY__NODE__NODE_DROP_STMT:
		return drops_temporary(t, node->drop_stmt);
	default:
		return false;
	}
}
