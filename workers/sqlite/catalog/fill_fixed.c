/*
 * Rows that are the same in every file: types, functions, roles, schemas, the catalog itself.
 */
#include <string.h>

#include "workers/sqlite/analyze/extensions.h"
#include "workers/sqlite/analyze/facts.h"
#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/catalog/type_io.h"
#include "workers/sqlite/schema/catalog_tables.h"

#define PUBLIC_RIGHTS "{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}"

static const char fixed_rows[] =
    "INSERT INTO pg_catalog.pg_namespace (oid, nspname) VALUES (11, 'pg_catalog'), "
    "(13000, 'information_schema'), (13200, 'bibd');"
    "INSERT INTO pg_catalog.pg_namespace (oid, nspname, nspowner, nspacl) VALUES (2200, 'public', 6171, "
    "'" PUBLIC_RIGHTS "');"
    "INSERT INTO pg_catalog.pg_init_privs (objoid, classoid, objsubid, privtype, initprivs) VALUES (2200, 2615, 0, "
    "'i', '" PUBLIC_RIGHTS "');"
    "INSERT INTO pg_catalog.pg_am (oid, amname, amtype) VALUES (2, 'heap', 't'), (403, 'btree', 'i'), "
    "(405, 'hash', 'i'), (783, 'gist', 'i'), (2742, 'gin', 'i'), (3580, 'brin', 'i'), (4000, 'spgist', 'i');"
    "INSERT INTO pg_catalog.pg_language (oid, lanname, lanispl) VALUES (12, 'internal', 0), (13, 'c', 0), (14, 'sql', "
    "0), (13567, 'plpgsql', 1);"
    "UPDATE pg_catalog.pg_language SET lanplcallfoid = 13564, laninline = 13565, lanvalidator = 13569, "
    "lanpltrusted = 1 WHERE oid = 13567;"
    "INSERT INTO pg_catalog.pg_tablespace (oid, spcname) VALUES (1663, 'pg_default'), (1664, 'pg_global');"
    "INSERT INTO pg_catalog.pg_collation (oid, collname, collprovider, collcollate, collctype) VALUES "
    "(100, 'default', 'd', NULL, NULL), (950, 'C', 'c', 'C', 'C'), (951, 'POSIX', 'c', 'POSIX', 'POSIX');"
    "INSERT INTO pg_catalog.pg_extension (oid, extname, extversion) VALUES (13566, 'plpgsql', '1.0');"
    "INSERT INTO pg_catalog.pg_roles (oid, rolname, rolsuper, rolcanlogin) SELECT oid, rolname, rolsuper, rolcanlogin "
    "FROM pg_catalog.pg_authid;"
    "INSERT INTO pg_catalog.pg_user (usesysid, usename, usesuper) SELECT oid, rolname, rolsuper "
    "FROM pg_catalog.pg_authid WHERE rolcanlogin;"
    "INSERT INTO pg_catalog.pg_opclass (oid, opcmethod, opcname, opcnamespace, opcowner, opcfamily, opcintype, "
    "opcdefault, opckeytype) VALUES (1978, 403, 'int4_ops', 11, 10, 1976, 23, 1, 0), (3124, 403, 'int8_ops', 11, 10, "
    "1976, 20, 1, 0), "
    "(3126, 403, 'text_ops', 11, 10, 1994, 25, 1, 0);"
    "INSERT INTO information_schema.schemata (schema_name) VALUES ('pg_catalog'), ('public'), ('information_schema');"
    "INSERT INTO information_schema.enabled_roles (role_name) VALUES ('admin');";

static void
put_roles(struct fill *fill)
{
	for (int role = 0; role < ROLES; role++)
		fill_row(fill, "pg_catalog.pg_authid (oid, rolname, rolsuper, rolcreaterole, rolcreatedb)", "isbbb",
		    OID_OF_ROLE(role), role_names[role], role == ROLE_ADMIN, 0, 0);
	fill_row(fill, "pg_catalog.pg_authid (oid, rolname, rolcanlogin)", "isb", (int64_t)OID_DATABASE_OWNER,
	    catalog_role_name(OID_DATABASE_OWNER), 0);
}

static void
put_available(struct fill *fill)
{
	const struct extension_fact *fact;

	fill_row(fill, "pg_catalog.pg_available_extensions (name, default_version, comment)", "sss", "plpgsql", "1.0",
	    "PL/pgSQL procedural language");
	for (size_t i = 0; (fact = extension_by_index(i)) != NULL; i++)
		fill_row(fill, "pg_catalog.pg_available_extensions (name, default_version, comment)", "sss", fact->name,
		    fact->version, fact->comment);
}

static void
put_types(struct fill *fill)
{
	const struct type *type;

	for (size_t i = 0; (type = type_by_index(i)) != NULL; i++) {
		bool pseudo = type->category == 'P';
		const struct type_io *own = type_io_of(type->oid);
		const struct type_io *io = own->type == 0 && type_is_array(type->oid) ? &type_io_array : own;

		fill_row(fill,
		    "pg_catalog.pg_type (oid, typname, typlen, typbyval, typtype, typcategory, typarray, "
		    "typelem, typinput, typoutput, typreceive, typsend, typcollation, typispreferred)",
		    "isibssiiiiiiib", (int64_t)type->oid, type->name, (int64_t)type->size,
		    type->size > 0 && type->size <= 8, pseudo ? "p" : "b", (char[]) { type->category, '\0' },
		    (int64_t)type->array_oid, INT64_C(0), (int64_t)io->input, (int64_t)io->output, (int64_t)io->receive,
		    (int64_t)io->send, type->category == 'S' ? INT64_C(100) : INT64_C(0),
		    type->oid == TYPE_TEXT || type->oid == TYPE_FLOAT8 || type->oid == TYPE_VARBIT ||
			type->oid == TYPE_INET);
		if (type->array_oid != 0 && type->array_oid != type->oid) {
			char name[72];

			(void)snprintf(name, sizeof(name), "_%s", type->name);
			fill_row(fill,
			    "pg_catalog.pg_type (oid, typname, typlen, typcategory, typelem, typinput, "
			    "typoutput, typreceive, typsend, typsubscript)",
			    "isisiiiiii", (int64_t)type->array_oid, name, INT64_C(-1), "A", (int64_t)type->oid,
			    (int64_t)type_io_array.input, (int64_t)type_io_array.output, (int64_t)type_io_array.receive,
			    (int64_t)type_io_array.send, INT64_C(6179));
		}
	}
	/* Arrays may also have rows of their own in the type table. */
	fill_run(fill,
	    "DELETE FROM pg_catalog.pg_type WHERE typelem = 0 AND oid IN (SELECT typarray FROM "
	    "pg_catalog.pg_type)");
}

static const char proc_columns[] =
    "pg_catalog.pg_proc (oid, proname, prokind, provolatile, proisstrict, provariadic, pronargs, pronargdefaults, "
    "prorettype, proargtypes, prosrc, proretset)";

static bool
is_type(uint32_t oid)
{
	return oid == 0 || type_by_oid(oid) != NULL;
}

static void
put_function(struct fill *fill, const struct function_fact *fact)
{
	char types[FACT_ARGUMENTS_MAX * 11 + 1] = "";
	size_t length = 0;

	/* Those of types that are not here make a call ambiguous, and are none that anybody could call. */
	if (!is_type(fact->result))
		return;
	for (unsigned i = 0; i < fact->narguments; i++)
		if (!is_type(fact->arguments[i]))
			return;
	for (unsigned i = 0; i < fact->narguments; i++)
		length += (size_t)snprintf(types + length, sizeof(types) - length, "%s%u", i > 0 ? " " : "",
		    fact->arguments[i]);
	fill_row(fill, proc_columns, "isssiiiiissi", (int64_t)fact->oid, fact->name, (char[]) { fact->kind, '\0' },
	    (char[]) { fact->volatility, '\0' }, (int64_t)((fact->flags & FACT_STRICT) != 0),
	    (int64_t)((fact->flags & FACT_VARIADIC) != 0 ? TYPE_ANY : 0), (int64_t)fact->narguments,
	    (int64_t)(fact->flags / FACT_DEFAULTS), (int64_t)fact->result, types, fact->name,
	    (int64_t)((fact->flags & FACT_SET) != 0));
}

static void
put_functions(struct fill *fill)
{
	const struct function_fact *fact;

	for (size_t i = 0; (fact = function_fact_by_index(i)) != NULL; i++)
		put_function(fill, fact);
	fill_type_io(fill);
}

static void
put_casts(struct fill *fill)
{
	const struct cast_fact *fact;

	for (size_t i = 0; (fact = cast_fact_by_index(i)) != NULL; i++)
		fill_row(fill, "pg_catalog.pg_cast (oid, castsource, casttarget, castfunc, castcontext, castmethod)",
		    "iiiiss", (int64_t)fact->oid, (int64_t)fact->from, (int64_t)fact->to, (int64_t)fact->function,
		    (char[]) { fact->context, '\0' }, (char[]) { fact->method, '\0' });
}

static void
put_own_tables(struct fill *fill)
{
	const struct catalog_table *table;
	char name[64];
	uint32_t oid;

	for (size_t i = 0; (table = catalog_table_by_index(i)) != NULL; i++) {
		int64_t natts = 0;

		for (; catalog_table_column(table, (unsigned)natts, name, sizeof(name), &oid); natts++) {
			const struct type *type = type_by_oid(oid);

			fill_row(fill,
			    "pg_catalog.pg_attribute (attrelid, attname, atttypid, attlen, attnum, "
			    "attcollation)",
			    "isiiii", (int64_t)table->oid, name, (int64_t)oid,
			    type == NULL ? INT64_C(-1) : (int64_t)type->size, natts + 1,
			    type != NULL && type->category == 'S' ? INT64_C(100) : INT64_C(0));
		}
		fill_row(fill, "pg_catalog.pg_class (oid, relname, relnamespace, relkind, relnatts, relam)", "isisii",
		    (int64_t)table->oid, table->name,
		    strcmp(table->schema, "pg_catalog") == 0 ? (int64_t)OID_PG_CATALOG
							     : (int64_t)OID_INFORMATION_SCHEMA,
		    (char[]) { table->kind, '\0' }, natts, (int64_t)OID_AM_HEAP);
	}
}

void
fill_fixed(struct fill *fill)
{
	const char *database = fill->context->database == NULL ? "bibd" : fill->context->database;

	put_available(fill);
	put_roles(fill);
	fill_run(fill, fixed_rows);
	fill_row(fill, "pg_catalog.pg_database (oid, datname)", "is", (int64_t)OID_DATABASE, database);
	put_types(fill);
	/* Types that no value has; programs that read the catalog expect them. */
	fill_run(fill,
	    "INSERT INTO pg_catalog.pg_type (oid, typname, typlen, typbyval, typtype, typcategory) SELECT column1, "
	    "column2, column3, column4, 'p', 'P' FROM (VALUES (2275, 'cstring', -2, 0), (2281, 'internal', 8, 1)) "
	    "WHERE column1 NOT IN (SELECT oid FROM pg_catalog.pg_type)");
	fill_type_facts(fill);
	put_functions(fill);
	/* Programs take for granted that the types of a function's result and arguments are there. */
	fill_run(fill,
	    "DELETE FROM pg_catalog.pg_proc WHERE prorettype NOT IN (SELECT oid FROM pg_catalog.pg_type) OR "
	    "(proargtypes <> '' AND proargtypes NOT LIKE '% %' AND CAST(proargtypes AS INTEGER) NOT IN (SELECT oid "
	    "FROM pg_catalog.pg_type))");
	put_casts(fill);
	put_own_tables(fill);
	fill_text_search(fill);
}
