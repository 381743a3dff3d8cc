/*
 * The catalog of a connection: two attached databases in memory, empty until a text first reads them. What they were
 * filled from stands in themselves, as user_version and application_id, so that it is rolled back with them.
 */
#include "workers/sqlite/catalog/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/directory.h"
#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/memory/memory.h"
#include "workers/sqlite/schema/catalog_tables.h"

int
catalog_attach(sqlite3 *db)
{
	return sqlite3_exec(db, "ATTACH ':memory:' AS pg_catalog; ATTACH ':memory:' AS information_schema", NULL, NULL,
	    NULL);
}

static int64_t
read_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t number = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return number;
}

/* Never 0, which is what an empty database has. */
static int32_t
mark_of(int64_t cookie)
{
	return (int32_t)(cookie & 0x3fffffff) + 1;
}

static void
put_column(FILE *out, const struct catalog_table *table, unsigned i, const char *name, uint32_t oid)
{
	const char *at = table->columns, *end;
	char *declaration;

	for (; i > 0; i--)
		at = strstr(at, ", ") + 2;
	end = strstr(at, ", ");
	at = memchr(at, '=', end == NULL ? strlen(at) : (size_t)(end - at));
	declaration = type_declaration(type_by_oid(oid) == NULL ? type_by_oid(TYPE_TEXT) : type_by_oid(oid), -1);
	fprintf(out, "\"%s\" %s", name, declaration == NULL ? "text" : declaration);
	if (at != NULL)
		fprintf(out, " DEFAULT (%.*s)", (int)((end == NULL ? at + strlen(at) : end) - at) - 1, at + 1);
	free(declaration);
}

static void
create_table(struct fill *fill, const struct catalog_table *table)
{
	char name[64], *text = NULL;
	size_t length;
	uint32_t oid;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL) {
		fill->rc = SQLITE_NOMEM;
		return;
	}
	fprintf(out, "CREATE TABLE %s.%s (", table->schema, table->name);
	for (unsigned i = 0; catalog_table_column(table, i, name, sizeof(name), &oid); i++) {
		fputs(i == 0 ? "" : ", ", out);
		put_column(out, table, i, name, oid);
	}
	fputc(')', out);
	if (fclose(out) == 0)
		fill_run(fill, text);
	else
		fill->rc = SQLITE_NOMEM;
	free(text);
}

/* What depends on the file's schema; the rest stays as it was filled first. */
static const char emptying[] =
    "DELETE FROM pg_catalog.pg_type WHERE oid >= 1879048192; DELETE FROM pg_catalog.pg_enum;"
    "DELETE FROM pg_catalog.pg_class WHERE oid >= 16384; DELETE FROM pg_catalog.pg_attribute WHERE attrelid >= 16384;"
    "DELETE FROM pg_catalog.pg_namespace WHERE nspname = 'pg_temp' OR oid >= 16384;"
    "DELETE FROM information_schema.schemata WHERE schema_name NOT IN ('pg_catalog', 'public', 'information_schema');"
    "DELETE FROM pg_catalog.pg_attrdef; DELETE FROM pg_catalog.pg_trigger; DELETE FROM information_schema.triggers;"
    "DELETE FROM pg_catalog.pg_attrdef; DELETE FROM pg_catalog.pg_inherits;"
    "DELETE FROM pg_catalog.pg_partitioned_table;"
    "DELETE FROM pg_catalog.pg_constraint; DELETE FROM pg_catalog.pg_index; DELETE FROM pg_catalog.pg_sequence;"
    "DELETE FROM pg_catalog.pg_depend; DELETE FROM pg_catalog.pg_rewrite; DELETE FROM pg_catalog.pg_tables;"
    "DELETE FROM pg_catalog.pg_matviews;"
    "DELETE FROM pg_catalog.pg_views; DELETE FROM pg_catalog.pg_indexes; DELETE FROM pg_catalog.pg_sequences;"
    "DELETE FROM pg_catalog.pg_statio_all_tables;"
    "DELETE FROM pg_catalog.pg_stat_user_tables; DELETE FROM information_schema.tables;"
    "DELETE FROM information_schema.views; DELETE FROM information_schema.sequences;"
    "DELETE FROM information_schema.columns; DELETE FROM information_schema.table_constraints;"
    "DELETE FROM information_schema.key_column_usage; DELETE FROM information_schema.constraint_column_usage;"
    "DELETE FROM information_schema.constraint_table_usage; DELETE FROM information_schema.check_constraints;"
    "DELETE FROM information_schema.referential_constraints; "
    "DELETE FROM information_schema.routines; DELETE FROM information_schema.parameters;"
    "DELETE FROM pg_catalog.pg_proc WHERE pronamespace = 2200 OR pronamespace >= 16384;"
    "DELETE FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql';";

static void
fill_all(struct fill *fill, struct schema *schema, bool empty, const char *marks)
{
	const struct catalog_table *table;

	for (size_t i = 0; empty && (table = catalog_table_by_index(i)) != NULL; i++)
		create_table(fill, table);
	if (empty)
		fill_fixed(fill);
	else
		fill_run(fill, emptying);
	fill_relations(fill, schema);
	directory_fill(fill);
	fill_run(fill, marks); /* what the derived tables ask of the directory may trust it */
	fill_routines(fill);
	fill_own_facts(fill);
	fill_triggers(fill);
	fill_comments(fill);
	fill_depend(fill);
	fill_derived(fill);
	fill_end(fill);
}

static int
refill(sqlite3 *db, struct schema *schema, struct sql_context *context, bool empty, int32_t mark,
    int32_t temporary_mark, struct report *r)
{
	struct fill fill = { .db = db, .context = context };
	uint64_t missed = memory_missed();
	char sql[128];

	(void)schema_take_failure(schema);
	fill_run(&fill, "SAVEPOINT bibd_catalog");
	(void)snprintf(sql, sizeof(sql), "PRAGMA pg_catalog.user_version=%d; PRAGMA pg_catalog.application_id=%d",
	    (int)mark, (int)temporary_mark);
	fill_all(&fill, schema, empty, sql);
	/* What had no memory on the way may have left out a row. */
	if (fill.rc == SQLITE_OK && memory_missed() != missed)
		fill.rc = SQLITE_NOMEM;
	if (fill.rc == SQLITE_OK)
		fill.rc = schema_take_failure(schema);
	if (fill.rc == SQLITE_OK)
		fill_run(&fill, "RELEASE bibd_catalog");
	if (fill.rc == SQLITE_OK)
		return 0;
	(void)report_set(r, fill.rc == SQLITE_NOMEM ? SQLSTATE_OUT_OF_MEMORY : SQLSTATE_INTERNAL_ERROR,
	    "the catalog could not be filled: %s", sqlite3_errmsg(db));
	(void)sqlite3_exec(db, "ROLLBACK TO bibd_catalog; RELEASE bibd_catalog", NULL, NULL, NULL);
	return -1;
}

/* A number that changes with any setting's value. */
static int32_t
settings_mark(const struct sql_context *context)
{
	const char *name, *value, *description;
	uint32_t hash = 5381;

	for (unsigned i = 0;
	     context->settings != NULL && settings_by_index(context->settings, i, &name, &value, &description); i++) {
		for (; *value != '\0'; value++)
			hash = hash * 33 ^ (unsigned char)*value;
		hash = hash * 33 ^ i;
	}
	return mark_of(hash);
}

/* pg_settings is the session's, and the connection goes from one to the next. */
static int
refresh_settings(sqlite3 *db, struct sql_context *context, struct report *r)
{
	int32_t mark = settings_mark(context);
	struct fill fill = { .db = db, .context = context };
	const char *name, *value, *description;
	char sql[64];

	if (read_number(db, "PRAGMA information_schema.application_id") == mark)
		return 0;
	fill_run(&fill, "DELETE FROM pg_catalog.pg_settings");
	for (unsigned i = 0;
	     context->settings != NULL && settings_by_index(context->settings, i, &name, &value, &description); i++)
		fill_row(&fill, "pg_catalog.pg_settings (name, setting, short_desc, boot_val, reset_val)", "sssss",
		    name, value, description, value, value);
	(void)snprintf(sql, sizeof(sql), "PRAGMA information_schema.application_id=%d", (int)mark);
	fill_run(&fill, sql);
	fill_end(&fill);
	return fill.rc == SQLITE_OK
	    ? 0
	    : report_set(r, SQLSTATE_INTERNAL_ERROR, "the settings could not be listed: %s", sqlite3_errmsg(db));
}

bool
catalog_is_fresh(sqlite3 *db)
{
	int64_t mark = read_number(db, "PRAGMA pg_catalog.user_version");

	return mark > 0 && mark == mark_of(read_number(db, "PRAGMA public.schema_version")) &&
	    read_number(db, "PRAGMA pg_catalog.application_id") ==
	    mark_of(read_number(db, "PRAGMA temp.schema_version"));
}

int
catalog_prepare(sqlite3 *db, struct schema *schema, struct sql_context *context, struct report *r)
{
	int64_t mark = read_number(db, "PRAGMA pg_catalog.user_version");
	int32_t wanted = mark_of(read_number(db, "PRAGMA public.schema_version"));
	int32_t temporary = mark_of(read_number(db, "PRAGMA temp.schema_version"));

	if (mark == -1) {
		if (catalog_attach(db) != SQLITE_OK)
			return report_set(r, SQLSTATE_INTERNAL_ERROR, "the catalog could not be attached: %s",
			    sqlite3_errmsg(db));
		mark = 0;
	}
	if ((mark != wanted || read_number(db, "PRAGMA pg_catalog.application_id") != temporary) &&
	    refill(db, schema, context, mark == 0, wanted, temporary, r) == -1)
		return -1;
	return refresh_settings(db, context, r);
}
