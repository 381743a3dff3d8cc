/*
 * pg_depend: what must be there before another object can be made, by which pg_dump sorts what it writes. What a kept
 * text names stands in it between marks (schema/kept.h).
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/names.h"

#define DEPEND \
	"INSERT INTO pg_catalog.pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype) "
/* Of the file's own. */
#define FIRST "16384"

static const char relations[] =
    /* Children and partitions are made behind their parents. */
    DEPEND
    "SELECT 1259, i.inhrelid, 0, 1259, i.inhparent, 0, CASE WHEN p.relkind = 'p' THEN 'a' ELSE 'n' END "
    "FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent WHERE p.relkind IN ('r', 'p');"
    /* Indexes with their tables, or with their constraints; constraints with their tables. */
    DEPEND "SELECT 1259, x.indexrelid, 0, 2606, c.oid, 0, 'i' FROM pg_catalog.pg_index x "
    "JOIN pg_catalog.pg_constraint c ON c.conindid = x.indexrelid AND c.contype IN ('p', 'u') "
    "WHERE x.indexrelid >= " FIRST ";" DEPEND
    "SELECT 1259, x.indexrelid, 0, 1259, x.indrelid, 0, 'a' FROM pg_catalog.pg_index x WHERE x.indexrelid >= " FIRST
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint c WHERE c.conindid = x.indexrelid AND "
    "c.contype IN ('p', 'u'));" DEPEND
    "SELECT 2606, oid, 0, 1259, conrelid, 0, 'a' FROM pg_catalog.pg_constraint WHERE conrelid <> 0;" DEPEND
    "SELECT 2606, oid, 0, 1247, contypid, 0, 'a' FROM pg_catalog.pg_constraint WHERE contypid >= " FIRST ";" DEPEND
    "SELECT 2606, oid, 0, 1259, conindid, 0, 'n' FROM pg_catalog.pg_constraint WHERE contype = 'f' AND "
    "conindid <> 0;"
    /* A view's rule is part of it. */
    DEPEND "SELECT 2618, oid, 0, 1259, ev_class, 0, 'i' FROM pg_catalog.pg_rewrite WHERE oid >= " FIRST ";" DEPEND
    "SELECT 2620, oid, 0, 1259, tgrelid, 0, 'a' FROM pg_catalog.pg_trigger WHERE NOT tgisinternal;" DEPEND
    "SELECT 2620, oid, 0, 1255, tgfoid, 0, 'n' FROM pg_catalog.pg_trigger WHERE NOT tgisinternal;";

static const char types[] =
    DEPEND "SELECT 1259, a.attrelid, a.attnum, 1247, CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem "
	   "ELSE t.oid END, 0, 'n' FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
	   "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.atttypid >= 1879048192 AND c.relkind <> 'i' AND "
	   "c.relkind <> 'I';" DEPEND
	   "SELECT 1247, t.oid, 0, 1247, CASE WHEN b.typcategory = 'A' AND b.typelem <> 0 THEN b.typelem ELSE b.oid "
	   "END, 0, 'n' FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype "
	   "WHERE t.typtype = 'd' AND t.typbasetype >= 1879048192;" DEPEND
	   "SELECT 1247, oid, 0, 1247, typelem, 0, 'i' FROM pg_catalog.pg_type WHERE oid >= 1879048192 AND "
	   "typcategory = 'A' AND typelem <> 0;"
    /* The rows of a table have a type that is made with it; a row type has a relation that is. */
    DEPEND "SELECT CASE WHEN c.relkind = 'c' THEN 1259 ELSE 1247 END, CASE WHEN c.relkind = 'c' THEN c.oid ELSE t.oid "
	   "END, 0, CASE WHEN c.relkind = 'c' THEN 1247 ELSE 1259 END, CASE WHEN c.relkind = 'c' THEN t.oid ELSE c.oid "
	   "END, 0, 'i' FROM pg_catalog.pg_type t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid WHERE "
	   "t.oid >= 1879048192 AND t.typtype = 'c';";

static const char routines[] = DEPEND
    "SELECT DISTINCT 1255, p.oid, 0, 1247, CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE "
    "t.oid END, 0, 'n' FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_type t ON t.oid = p.prorettype OR "
    "' ' || p.proargtypes || ' ' LIKE '% ' || t.oid || ' %' WHERE p.oid >= " FIRST " AND t.oid >= 1879048192 AND "
    "p.pronamespace = 2200;";

/* ---- what texts name ---- */

static void
put(struct fill *fill, int64_t class, int64_t oid, int64_t refclass, int64_t refoid)
{
	fill_row(fill, "pg_catalog.pg_depend (classid, objid, refclassid, refobjid, deptype)", "iiiis", class, oid,
	    refclass, refoid, "n");
}

/* A name as it stands in a text, its quotes undone; *end is behind it. malloc'ed. */
static char *
read_name(const char *text, const char **end)
{
	char *name, *put = NULL;
	bool quoted = *text == '"';

	if ((name = put = malloc(strlen(text) + 1)) == NULL)
		return NULL;
	for (text += quoted ? 1 : 0; *text != '\0'; text++) {
		if (quoted && *text == '"' && *++text != '"')
			break;
		if (!quoted && strchr(" (),.;:'[]\n\1\2\16\17", *text) != NULL)
			break;
		*put++ = *text;
	}
	*put = '\0';
	*end = text;
	return name;
}

/* A relation behind the mark of its schema; 0: none. */
static int64_t
read_relation(const char *mark)
{
	const char *end;
	char *schema = read_name(mark + 1, &end), *name = NULL, *stored = NULL;
	int64_t oid = 0;

	if (schema != NULL && *end == KEPT_SCHEMA_END)
		name = read_name(end + 1, &end);
	if (name != NULL)
		stored = strcmp(schema, "public") == 0 ? strdup(name) : namespace_stored(schema, name);
	if (stored != NULL)
		oid = (int64_t)catalog_object_oid("public", stored);
	free(stored);
	free(name);
	free(schema);
	return oid;
}

static void
put_names(struct fill *fill, int64_t class, int64_t oid, const char *text)
{
	for (; *text != '\0'; text++) {
		int64_t named;

		/* What a default draws from is known already. */
		if (*text == KEPT_SCHEMA_BEGIN && class != 2604 && (named = read_relation(text)) != 0 && named != oid)
			put(fill, class, oid, 1259, named);
		else if (*text == KEPT_OWN_BEGIN && (text[1] == 'r' || text[1] == 't')) {
			uint32_t own = (uint32_t)strtoul(text + 2, NULL, 10), element = type_element(own);

			put(fill, class, oid, text[1] == 'r' ? 1255 : 1247,
			    (int64_t)(text[1] == 't' && element != 0 ? element : own));
		}
	}
}

static void
put_texts(struct fill *fill, int64_t class, const char *sql)
{
	sqlite3_stmt *rows = NULL;

	if (fill->rc != SQLITE_OK || (fill->rc = sqlite3_prepare_v2(fill->db, sql, -1, &rows, NULL)) != SQLITE_OK)
		return;
	while (fill->rc == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(rows, 1);
		struct kept_texts texts;

		if (text != NULL && kept_read(text, &texts) == KEPT_TEXT)
			put_names(fill, class, sqlite3_column_int64(rows, 0), texts.plain);
		else if (text != NULL && strchr(text, KEPT_OWN_BEGIN) != NULL)
			put_names(fill, class, sqlite3_column_int64(rows, 0), text);
		kept_free(&texts);
	}
	if (fill->rc == SQLITE_OK)
		fill->rc = sqlite3_finalize(rows);
	else
		(void)sqlite3_finalize(rows);
}

void
fill_depend_view(struct fill *fill, const char *name, const char *sql)
{
	struct kept_texts texts;

	if (kept_read(sql, &texts) == KEPT_TEXT)
		put_names(fill, 2618, (int64_t)catalog_object_oid("rule", name), texts.plain);
	kept_free(&texts);
}

void
fill_depend(struct fill *fill)
{
	fill_run(fill, relations);
	fill_run(fill, types);
	fill_run(fill, routines);
	put_texts(fill, 2604, "SELECT oid, adbin FROM pg_catalog.pg_attrdef");
	put_texts(fill, 2606, "SELECT oid, conbin FROM pg_catalog.pg_constraint WHERE conbin IS NOT NULL");
}
