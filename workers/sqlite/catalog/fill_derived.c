/*
 * Tables made of others: the system views, and information_schema. Source: PostgreSQL 15 manual, chapters 37 and 54.
 */
#include "workers/sqlite/catalog/fill.h"

/* Shared pieces: relations that people see, with their schema. */
#define RELATIONS "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
#define OWN "c.oid >= 16384 "
#define DATABASE "(SELECT datname FROM pg_catalog.pg_database)"

/* Whether a view has an INSTEAD OF trigger for each row: bits of pg_trigger.tgtype. */
#define INSTEAD(type) \
	"CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND g.tgtype & " type \
	" = " type ") THEN 'YES' ELSE 'NO' END"

static const char *const scripts[] = {
	/* PostgreSQL keeps foreign keys with triggers; psql asks for the keys of a table only if it has any. */
	"UPDATE pg_catalog.pg_class SET relhastriggers = 1 WHERE oid IN (SELECT conrelid FROM pg_catalog.pg_constraint "
	"WHERE contype = 'f' UNION SELECT confrelid FROM pg_catalog.pg_constraint WHERE contype = 'f' UNION SELECT "
	"tgrelid FROM pg_catalog.pg_trigger)",
	"UPDATE pg_catalog.pg_class SET relhassubclass = 1 WHERE oid IN (SELECT inhparent FROM "
	"pg_catalog.pg_inherits)",
	"UPDATE pg_catalog.pg_attribute SET attislocal = 0, attinhcount = 1 WHERE attnum > 0 AND attrelid IN "
	"(SELECT oid FROM pg_catalog.pg_class WHERE relispartition AND relkind IN ('r', 'p'))",
	/* A column of a child or a partition has the collation of its parent's. */
	"WITH RECURSIVE down(relation, name, collation) AS (SELECT attrelid, attname, attcollation FROM "
	"pg_catalog.pg_attribute WHERE attcollation IN (950, 951) AND attrelid IN (SELECT inhparent FROM "
	"pg_catalog.pg_inherits) UNION SELECT i.inhrelid, name, collation FROM down JOIN pg_catalog.pg_inherits i ON "
	"i.inhparent = relation) UPDATE pg_catalog.pg_attribute AS a SET attcollation = down.collation FROM down WHERE "
	"a.attrelid = relation AND a.attname = name AND a.attcollation = 100",
	/* Columns of children; 2 is one that a child declares itself, too. */
	"UPDATE pg_catalog.pg_attribute AS a SET attinhcount = (SELECT count(*) FROM pg_catalog.pg_inherits i JOIN "
	"pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND p.attnum > 0 WHERE "
	"i.inhrelid = a.attrelid) WHERE attnum > 0 AND attislocal AND attrelid IN (SELECT inhrelid FROM "
	"pg_catalog.pg_inherits)",
	"UPDATE pg_catalog.pg_attribute SET attislocal = (attislocal = 2 OR attinhcount = 0) WHERE attislocal AND "
	"attrelid IN (SELECT inhrelid FROM pg_catalog.pg_inherits)",
	"UPDATE pg_catalog.pg_constraint AS c SET coninhcount = (SELECT count(*) FROM pg_catalog.pg_inherits i JOIN "
	"pg_catalog.pg_constraint p ON p.conrelid = i.inhparent AND p.conname = c.conname AND p.contype = 'c' AND NOT "
	"p.connoinherit WHERE i.inhrelid = c.conrelid) WHERE contype = 'c' AND conrelid IN (SELECT inhrelid FROM "
	"pg_catalog.pg_inherits)",
	"UPDATE pg_catalog.pg_constraint SET conislocal = 0 WHERE coninhcount > 0",
	"UPDATE pg_catalog.pg_partitioned_table SET partdefid = coalesce((SELECT c.oid FROM pg_catalog.pg_inherits i "
	"JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = partrelid AND "
	"bibd_get_expr(c.relpartbound) = 'DEFAULT'), 0)",
	"INSERT INTO pg_catalog.pg_tables (schemaname, tablename, tableowner, hasindexes) "
	"SELECT n.nspname, c.relname, 'admin', c.relhasindex " RELATIONS "WHERE c.relkind IN ('r', 'p')",

	"INSERT INTO pg_catalog.pg_views (schemaname, viewname, viewowner, definition) "
	"SELECT n.nspname, c.relname, 'admin', bibd_get_viewdef(c.oid, 0, 0) " RELATIONS "WHERE c.relkind = 'v'",

	"INSERT INTO pg_catalog.pg_matviews (schemaname, matviewname, matviewowner, hasindexes, ispopulated, "
	"definition) SELECT n.nspname, c.relname, 'admin', c.relhasindex, c.relispopulated, "
	"bibd_get_viewdef(c.oid, 0, 0) " RELATIONS "WHERE c.relkind = 'm'",

	"INSERT INTO pg_catalog.pg_indexes (schemaname, tablename, indexname, indexdef) "
	"SELECT n.nspname, t.relname, c.relname, bibd_get_indexdef(c.oid, 0, 0, 0) " RELATIONS
	"JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid JOIN pg_catalog.pg_class t ON t.oid = i.indrelid",

	"INSERT INTO pg_catalog.pg_sequences (schemaname, sequencename, sequenceowner, data_type, start_value, "
	"min_value, max_value, increment_by, cycle, cache_size) SELECT n.nspname, c.relname, 'admin', s.seqtypid, "
	"s.seqstart, s.seqmin, s.seqmax, s.seqincrement, s.seqcycle, s.seqcache " RELATIONS
	"JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid",

	"INSERT INTO pg_catalog.pg_stat_user_tables (relid, schemaname, relname) "
	"SELECT c.oid, n.nspname, c.relname " RELATIONS "WHERE c.relkind = 'r' AND " OWN,

	"INSERT INTO pg_catalog.pg_statio_all_tables (relid, schemaname, relname) "
	"SELECT c.oid, n.nspname, c.relname " RELATIONS "WHERE c.relkind IN ('r', 'm') AND " OWN,

	"UPDATE information_schema.schemata SET catalog_name = " DATABASE ", schema_owner = 'admin'",

	"INSERT INTO information_schema.tables (table_catalog, table_schema, table_name, table_type, "
	"is_insertable_into) "
	"SELECT " DATABASE ", n.nspname, c.relname, CASE WHEN c.relkind = 'v' THEN 'VIEW' WHEN c.relpersistence = 't' "
	"THEN 'LOCAL TEMPORARY' ELSE 'BASE TABLE' END, CASE WHEN c.relkind IN ('r', 'p') OR "
	"bibd_relation_is_updatable(c.oid, 0) & 8 THEN 'YES' ELSE 'NO' END " RELATIONS
	"WHERE c.relkind IN ('r', 'p', 'v')",

	"INSERT INTO information_schema.views (table_catalog, table_schema, table_name, view_definition, check_option, "
	"is_updatable, is_insertable_into, is_trigger_updatable, is_trigger_deletable, is_trigger_insertable_into) "
	"SELECT " DATABASE ", n.nspname, c.relname, bibd_get_viewdef(c.oid, 0, 0), "
	"CASE WHEN c.reloptions LIKE '%check_option=local%' THEN 'LOCAL' WHEN c.reloptions LIKE "
	"'%check_option=cascaded%' THEN 'CASCADED' ELSE 'NONE' END, "
	"CASE WHEN bibd_relation_is_updatable(c.oid, 0) & 20 = 20 THEN 'YES' ELSE 'NO' END, "
	"CASE WHEN bibd_relation_is_updatable(c.oid, 0) & 8 THEN 'YES' ELSE 'NO' END, " INSTEAD("81") ", " INSTEAD(
	    "73") ", " INSTEAD("69") " " RELATIONS "WHERE c.relkind = 'v'",

	"INSERT INTO information_schema.sequences (sequence_catalog, sequence_schema, sequence_name, data_type, "
	"numeric_precision, start_value, minimum_value, maximum_value, increment, cycle_option) SELECT " DATABASE
	", schemaname, sequencename, bibd_format_type(data_type, -1), "
	"CASE data_type WHEN 20 THEN 64 WHEN 21 THEN 16 ELSE 32 END, start_value, min_value, max_value, increment_by, "
	"CASE WHEN cycle THEN 'YES' ELSE 'NO' END FROM pg_catalog.pg_sequences s WHERE NOT EXISTS (SELECT 1 FROM "
	"pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_depend d "
	"ON d.objid = c.oid AND d.deptype = 'i' WHERE c.relkind = 'S' AND c.relname = s.sequencename AND "
	"n.nspname = s.schemaname)",

	"INSERT INTO information_schema.columns (table_catalog, table_schema, table_name, column_name, "
	"ordinal_position, "
	"column_default, is_nullable, data_type, character_maximum_length, character_octet_length, numeric_precision, "
	"numeric_precision_radix, numeric_scale, datetime_precision, udt_catalog, udt_schema, udt_name, "
	"dtd_identifier, "
	"is_identity, identity_generation, is_generated, generation_expression, is_updatable, domain_catalog, "
	"domain_schema, domain_name, collation_catalog, collation_schema, collation_name) "
	"SELECT " DATABASE
	", n.nspname, c.relname, a.attname, a.attnum, CASE WHEN a.attgenerated = '' THEN bibd_get_expr(d.adbin) END, "
	"CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END, CASE WHEN t.typcategory = 'A' THEN 'ARRAY' "
	"WHEN t.typtype IN ('e', 'c') THEN 'USER-DEFINED' ELSE bibd_format_type(a.base, NULL) END, "
	"CASE WHEN a.base IN (1042, 1043) AND a.mod > 0 THEN a.mod - 4 "
	"WHEN a.base IN (1560, 1562) AND a.mod > 0 THEN a.mod END, "
	"CASE WHEN a.base IN (1042, 1043) AND a.mod > 0 THEN (a.mod - 4) * 4 "
	"WHEN a.base IN (25, 1042, 1043) THEN 1073741824 END, "
	"CASE a.base WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 "
	"WHEN 1700 THEN CASE WHEN a.mod > 0 THEN (a.mod - 4) >> 16 END END, "
	"CASE WHEN a.base IN (20, 21, 23, 700, 701) THEN 2 WHEN a.base = 1700 THEN 10 END, "
	"CASE WHEN a.base IN (20, 21, 23) THEN 0 WHEN a.base = 1700 AND a.mod > 0 "
	"THEN (a.mod - 4) & 2047 END, "
	"CASE WHEN a.base = 1082 THEN 0 WHEN a.base IN (1083, 1114, 1184, 1266) "
	"THEN CASE WHEN a.mod >= 0 THEN a.mod ELSE 6 END END, " DATABASE ", "
	"coalesce(tn.nspname, 'pg_catalog'), t.typname, a.attnum, "
	"CASE WHEN a.attidentity <> '' THEN 'YES' ELSE 'NO' END, "
	"CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END, "
	"CASE WHEN a.attgenerated = '' THEN 'NEVER' ELSE 'ALWAYS' END, "
	"CASE WHEN a.attgenerated <> '' THEN bibd_get_expr(d.adbin) "
	"END, CASE WHEN c.relkind IN ('r', 'p') OR bibd_column_is_updatable(c.oid, a.attnum, 0) THEN 'YES' ELSE 'NO' "
	"END, CASE WHEN a.kind = 'd' THEN " DATABASE " END, CASE WHEN a.kind = 'd' THEN 'public' END, "
	"CASE WHEN a.kind = 'd' THEN a.domain END, CASE WHEN o.oid IS NOT NULL THEN " DATABASE
	" END, CASE WHEN o.oid IS NOT NULL THEN 'pg_catalog' END, o.collname " RELATIONS
	"JOIN (SELECT x.*, CASE WHEN y.typtype = 'd' THEN y.typbasetype ELSE x.atttypid END AS base, "
	"CASE WHEN y.typtype = 'd' THEN y.typtypmod ELSE x.atttypmod END AS mod, y.typname AS domain, "
	"y.typtype AS kind "
	"FROM pg_catalog.pg_attribute x LEFT JOIN pg_catalog.pg_type y ON y.oid = x.atttypid) a ON a.attrelid = c.oid "
	"LEFT JOIN pg_catalog.pg_type t ON t.oid = a.base "
	"LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace "
	"LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
	"LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation AND o.collname <> 'default' "
	"WHERE c.relkind IN ('r', 'p', 'v') AND " OWN "ORDER BY c.rowid, a.attnum",

	"UPDATE information_schema.columns SET (identity_start, identity_increment, identity_maximum, "
	"identity_minimum, identity_cycle) = (SELECT s.seqstart, s.seqincrement, s.seqmax, s.seqmin, "
	"CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_sequence s "
	"ON s.seqrelid = d.objid JOIN pg_catalog.pg_class c ON c.oid = d.refobjid JOIN pg_catalog.pg_namespace n "
	"ON n.oid = c.relnamespace WHERE d.deptype = 'i' AND d.classid = 1259 AND c.relname = table_name AND "
	"n.nspname = table_schema AND d.refobjsubid = ordinal_position) WHERE is_identity = 'YES'",

	"INSERT INTO information_schema.table_constraints (constraint_catalog, constraint_schema, constraint_name, "
	"table_catalog, table_schema, table_name, constraint_type, is_deferrable, initially_deferred) "
	"SELECT " DATABASE ", n.nspname, k.conname, " DATABASE ", n.nspname, c.relname, "
	"CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' WHEN 'f' THEN 'FOREIGN KEY' ELSE 'CHECK' "
	"END, CASE WHEN k.condeferrable THEN 'YES' ELSE 'NO' END, "
	"CASE WHEN k.condeferred THEN 'YES' ELSE 'NO' END " RELATIONS
	"JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid",

	"INSERT INTO information_schema.key_column_usage (constraint_catalog, constraint_schema, constraint_name, "
	"table_catalog, table_schema, table_name, column_name, ordinal_position, position_in_unique_constraint) "
	"SELECT " DATABASE ", n.nspname, k.conname, " DATABASE ", n.nspname, c.relname, a.attname, e.key + 1, "
	"CASE WHEN k.contype = 'f' THEN e.key + 1 END " RELATIONS
	"JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid "
	"JOIN json_each('[' || trim(k.conkey, '{}') || ']') e JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
	"AND a.attnum = e.value WHERE k.contype IN ('p', 'u', 'f') ORDER BY k.rowid, e.key",

	"INSERT INTO information_schema.constraint_column_usage (table_catalog, table_schema, table_name, column_name, "
	"constraint_catalog, constraint_schema, constraint_name) "
	"SELECT " DATABASE ", n.nspname, c.relname, a.attname, " DATABASE ", n.nspname, k.conname " RELATIONS
	"JOIN pg_catalog.pg_constraint k ON c.oid = CASE WHEN k.contype = 'f' THEN k.confrelid ELSE k.conrelid END "
	"JOIN json_each('[' || trim(coalesce(CASE WHEN k.contype = 'f' THEN k.confkey ELSE k.conkey END, ''), '{}') || "
	"']') e JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = e.value",

	"INSERT INTO information_schema.constraint_table_usage (table_catalog, table_schema, table_name, "
	"constraint_catalog, constraint_schema, constraint_name) SELECT DISTINCT table_catalog, table_schema, "
	"table_name, constraint_catalog, "
	"constraint_schema, constraint_name FROM information_schema.constraint_column_usage",

	"INSERT INTO information_schema.check_constraints (constraint_catalog, constraint_schema, constraint_name, "
	"check_clause) SELECT " DATABASE ", n.nspname, k.conname, '(' || bibd_get_expr(k.conbin) || ')' " RELATIONS
	"JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid WHERE k.contype = 'c'",

	"INSERT INTO information_schema.referential_constraints (constraint_catalog, constraint_schema, "
	"constraint_name, unique_constraint_catalog, unique_constraint_schema, unique_constraint_name, match_option, "
	"update_rule, delete_rule) SELECT " DATABASE ", n.nspname, k.conname, " DATABASE ", n.nspname, i.relname, "
	"CASE k.confmatchtype WHEN 'f' THEN 'FULL' ELSE 'NONE' END, "
	"CASE k.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' "
	"WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END, CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET "
	"NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END " RELATIONS
	"JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid LEFT JOIN pg_catalog.pg_class i ON i.oid = k.conindid "
	"WHERE k.contype = 'f'",
};

void
fill_derived(struct fill *fill)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		fill_run(fill, scripts[i]);
}
