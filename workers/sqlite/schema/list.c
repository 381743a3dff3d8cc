/*
 * Lists the objects of SQLite's schema and finds one by its name, in sqlite_schema.
 */
#include "workers/sqlite/schema/list.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/matview.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/partition.h"

/* The index of a deferrable key is made with the key, and is not listed. */
#define WITHOUT_LATE " AND name NOT GLOB '" DEFINITION_LATE "*'"

static char *
column_copy(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text == NULL ? NULL : strdup(text);
}

void
schema_object_free(struct schema_object *object)
{
	free(object->name);
	free(object->table);
	free(object->sql);
	*object = (struct schema_object) { 0 };
}

static bool
read_object(sqlite3_stmt *stmt, struct schema_object *object)
{
	const char *type = (const char *)sqlite3_column_text(stmt, 0);
	bool has_sql = sqlite3_column_type(stmt, 3) != SQLITE_NULL;

	*object = (struct schema_object) {
		.type = type == NULL		       ? '\0'
		    : type[0] == 't' && type[1] == 'r' ? 'r'
						       : type[0],
		.name = column_copy(stmt, 1),
		.table = column_copy(stmt, 2),
		.sql = column_copy(stmt, 3),
	};
	if (object->type == 'v' && schema_sequence_is(object->sql))
		object->type = 'S';
	else if (object->type == 'v' && object->name != NULL && matview_is_own(object->name))
		object->type = matview_is_query(object->name) ? 'q' : 'x';
	else if (object->type == 't' && matview_is(object->sql))
		object->type = 'm';
	else if (object->type == 'v' && schema_partition_is(object->sql))
		object->type = 'P';
	if (object->name != NULL && object->table != NULL && (object->sql != NULL) == has_sql)
		return true;
	schema_object_free(object);
	return false;
}

/* `which`: 0 by name, 1 by table, 2 all. */
static sqlite3_stmt *
prepare(sqlite3 *db, const char *schema_name, unsigned which, const char *value)
{
	static const char *const texts[2][3] = {
		{ "SELECT type, name, tbl_name, sql FROM public.sqlite_schema WHERE name = ?1",
		    "SELECT type, name, tbl_name, sql FROM public.sqlite_schema WHERE tbl_name = ?1" WITHOUT_LATE
		    " ORDER BY rowid",
		    "SELECT type, name, tbl_name, sql FROM public.sqlite_schema WHERE name NOT LIKE 'sqlite@_%' "
		    "ESCAPE '@' AND tbl_name NOT LIKE 'sqlite@_%' ESCAPE '@' AND substr(name, -1) <> "
		    "'" NAMESPACE_SEPARATOR_TEXT "'" WITHOUT_LATE " ORDER BY rowid" },
		{ "SELECT type, name, tbl_name, sql FROM temp.sqlite_schema WHERE name = ?1",
		    "SELECT type, name, tbl_name, sql FROM temp.sqlite_schema WHERE tbl_name = ?1" WITHOUT_LATE
		    " ORDER BY rowid",
		    "SELECT type, name, tbl_name, sql FROM temp.sqlite_schema WHERE name NOT LIKE 'sqlite@_%' ESCAPE "
		    "'@' AND tbl_name NOT LIKE 'sqlite@_%' ESCAPE '@'" WITHOUT_LATE " ORDER BY rowid" },
	};
	bool temporary = strcmp(schema_name, "temp") == 0;
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, texts[temporary][which], -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	if (value != NULL)
		sqlite3_bind_text(stmt, 1, value, -1, SQLITE_STATIC);
	return stmt;
}

/* Returns SQLite's code: SQLITE_ROW with the object, SQLITE_DONE where there is none. */
static int
seek_object(sqlite3 *db, const char *schema_name, const char *name, struct schema_object *out)
{
	sqlite3_stmt *stmt = prepare(db, schema_name, 0, name);
	int code = stmt == NULL ? sqlite3_errcode(db) : sqlite3_step(stmt);

	if (code == SQLITE_ROW && !read_object(stmt, out))
		code = SQLITE_NOMEM;
	sqlite3_finalize(stmt);
	return code;
}

int
schema_seek_object(sqlite3 *db, const char *schema_name, const char *name, struct schema_object *out)
{
	int code = seek_object(db, schema_name, name, out);

	return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : -1;
}

bool
schema_find_object(struct schema *schema, const char *schema_name, const char *name, struct schema_object *out)
{
	int code = seek_object(schema_database(schema), schema_name, name, out);

	schema_note(schema, code);
	return code == SQLITE_ROW;
}

int
schema_list_objects(sqlite3 *db, const char *schema_name, const char *table, struct schema_objects *out)
{
	sqlite3_stmt *stmt = prepare(db, schema_name, table == NULL ? 2 : 1, table);
	int rc = SQLITE_ERROR;

	*out = (struct schema_objects) { 0 };
	while (stmt != NULL && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct schema_object *grown = reallocarray(out->items, out->count + 1, sizeof(*grown));

		if (grown == NULL)
			break;
		out->items = grown;
		if (!read_object(stmt, &grown[out->count]))
			break;
		out->count++;
	}
	sqlite3_finalize(stmt);
	if (rc == SQLITE_DONE)
		return 0;
	schema_objects_free(out);
	return -1;
}

void
schema_objects_free(struct schema_objects *objects)
{
	for (unsigned i = 0; i < objects->count; i++)
		schema_object_free(&objects->items[i]);
	free(objects->items);
	*objects = (struct schema_objects) { 0 };
}

bool
schema_text_names(const char *sql, const char *name)
{
	struct definition_lexer lexer;
	bool found = false;

	for (definition_lex_begin(&lexer, sql); !found && lexer.kind != DEFINITION_END;) {
		if (lexer.kind == DEFINITION_WORD || lexer.kind == DEFINITION_QUOTED) {
			char *word = definition_lex_name(&lexer);

			found = word != NULL && sqlite3_stricmp(word, name) == 0;
			free(word);
		} else {
			definition_lex_next(&lexer);
		}
	}
	return found;
}
