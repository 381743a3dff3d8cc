/*
 * What pg_type says of how values lie in PostgreSQL's pages, which programs that dump a database compare; and which
 * objects are bibd's own, so that they leave them out. Source: pg_type.dat of PostgreSQL 15, and its manual, chapter
 * 53.
 */
#include <inttypes.h>
#include <stdio.h>

#include "workers/sqlite/catalog/fill.h"

/* By the OIDs of the types. */
static const char type_facts[] =
    "UPDATE pg_catalog.pg_type SET typalign = CASE WHEN oid IN (16, 18, 19, 705, 2275, 2950) THEN 'c' "
    "WHEN oid IN (21, 27) THEN 's' WHEN oid IN (20, 701, 790, 1083, 1114, 1184, 1186, 1266, 2249, 2277, 2281, 2287, "
    "2970, 3220, 3831, 3908, 3910, 3926, 4533, 4534, 4536, 5038, 5069, 5078) THEN 'd' ELSE 'i' END, "
    "typstorage = CASE WHEN typlen <> -1 OR oid IN (22, 30, 3615) THEN 'p' WHEN oid IN (650, 869, 1700) THEN 'm' "
    "ELSE 'x' END, "
    "typcollation = CASE WHEN oid IN (19, 1003) THEN 950 WHEN oid IN (25, 194, 1009, 1014, 1015, 1042, 1043) THEN 100 "
    "ELSE 0 END, "
    "typispreferred = oid IN (16, 25, 26, 701, 869, 1184, 1186, 1562), "
    "typelem = CASE oid WHEN 19 THEN 18 WHEN 22 THEN 21 WHEN 30 THEN 26 ELSE typelem END, "
    "typsubscript = CASE WHEN oid = 19 THEN 6180 WHEN oid IN (22, 30) THEN 6179 WHEN oid = 3802 THEN 6098 "
    "ELSE typsubscript END;"
    "UPDATE pg_catalog.pg_type SET typtype = 'p' WHERE oid IN (705, 2287);"
    "UPDATE pg_catalog.pg_type SET typcategory = 'P' WHERE oid = 2287;"
    "UPDATE pg_catalog.pg_type SET typbyval = 0 WHERE oid = 27;";

static const char array_facts[] =
    "UPDATE pg_catalog.pg_type SET typalign = 'd' WHERE typcategory = 'A' AND typelem IN (SELECT oid "
    "FROM pg_catalog.pg_type WHERE typalign = 'd');";

static const char own_facts[] =
    "UPDATE pg_catalog.pg_type SET typstorage = 'x' WHERE oid >= 1879048192 AND typlen = -1 AND typtype <> 'd';"
    "UPDATE pg_catalog.pg_type SET typalign = 'd' WHERE typtype = 'c';"
    "UPDATE pg_catalog.pg_type SET typcollation = e.typcollation FROM (SELECT oid, typcollation FROM "
    "pg_catalog.pg_type WHERE oid >= 1879048192 AND typtype = 'd') e WHERE e.oid = typelem;";

static const char column_facts[] =
    "UPDATE pg_catalog.pg_attribute SET attlen = t.typlen, attbyval = t.typbyval, attalign = t.typalign, "
    "attstorage = t.typstorage FROM pg_catalog.pg_type t WHERE t.oid = atttypid;";

/* bibd's own objects are counted to an extension that is built in, so that pg_dump leaves them out: one of their own
 * would stand among an application's, as in the schema that Rails writes. */
static const char members[] =
    "INSERT INTO pg_catalog.pg_depend (classid, objid, refclassid, refobjid, deptype) "
    "SELECT 2615, oid, 3079, 13566, 'e' FROM pg_catalog.pg_namespace WHERE nspname = 'bibd' UNION ALL "
    "SELECT 1259, c.oid, 3079, 13566, 'e' FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
    "ON n.oid = c.relnamespace WHERE n.nspname = 'bibd' AND c.relkind <> 'i'";

void
fill_type_facts(struct fill *fill)
{
	fill_run(fill, type_facts);
	fill_run(fill, array_facts);
}

void
fill_domain_facts(struct fill *fill, uint32_t oid, uint32_t base)
{
	char sql[320];

	(void)snprintf(sql, sizeof(sql),
	    "UPDATE pg_catalog.pg_type SET (typlen, typbyval, typalign, typstorage, typcollation) = (SELECT typlen, "
	    "typbyval, typalign, typstorage, typcollation FROM pg_catalog.pg_type WHERE oid = %" PRIu32
	    ") WHERE oid = %" PRIu32,
	    base, oid);
	fill_run(fill, sql);
}

void
fill_own_facts(struct fill *fill)
{
	fill_run(fill, own_facts);
	fill_run(fill, array_facts);
	fill_run(fill, column_facts);
	fill_run(fill, members);
}
