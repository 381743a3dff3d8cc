/*
 * The types that the file defines, in pg_type, pg_enum and pg_constraint; and the array type of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/catalog/type_io.h"

static const char type_columns[] =
    "pg_catalog.pg_type (oid, typname, typnamespace, typlen, typbyval, typtype, typcategory, typarray, typelem, "
    "typinput, typoutput, typreceive, typsend, typcollation, typbasetype, typtypmod, typnotnull, typdefault, "
    "typsubscript, typdefaultbin)";

/* pg_type.typname of the array type: an underscore more than the name. */
static void
put_array(struct fill *fill, const struct schema_type *type)
{
	char *name = NULL;

	if (asprintf(&name, "_%.62s", type->name) < 0)
		return;
	fill_row(fill, type_columns, "isiibssiiiiiiiiibsis", (int64_t)type_array_of(type->oid), name,
	    (int64_t)OID_PUBLIC, INT64_C(-1), 0, "b", "A", INT64_C(0), (int64_t)type->oid, (int64_t)type_io_array.input,
	    (int64_t)type_io_array.output, (int64_t)type_io_array.receive, (int64_t)type_io_array.send, INT64_C(0),
	    INT64_C(0), INT64_C(-1), 0, NULL, INT64_C(6179), NULL);
	free(name);
}

static void
put_labels(struct fill *fill, const struct schema_type *type)
{
	for (unsigned i = 0; i < type->nlabels; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%u %lld", (unsigned)type->oid, (long long)type->labels[i].value);
		fill_row(fill, "pg_catalog.pg_enum (oid, enumtypid, enumsortorder, enumlabel)", "iirs",
		    (int64_t)catalog_object_oid("enum", name), (int64_t)type->oid, (double)type->labels[i].order,
		    type->labels[i].text);
	}
}

/* The query over ?1 as an expression over VALUE. malloc'ed. */
static char *
describe_check(const char *sql)
{
	const char *from = sql + strlen("SELECT ");
	char *text = NULL, *described;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	for (; *from != '\0'; from++) {
		if (strncmp(from, "?1", 2) == 0)
			fputs("VALUE", out);
		else
			fputc(*from, out);
		from += strncmp(from, "?1", 2) == 0;
	}
	if (fclose(out) != 0)
		return NULL;
	described = describe_expression(text);
	free(text);
	return described;
}

static void
put_checks(struct fill *fill, const struct schema_type *type)
{
	for (unsigned i = 0; i < type->nchecks; i++) {
		const struct schema_check *check = &type->checks[i];
		char *text = *check->source == '\0' ? describe_check(check->sql) : strdup(check->source), *name = NULL;

		if (asprintf(&name, "%u %s", (unsigned)type->oid, type->checks[i].name) < 0)
			name = NULL;
		if (name != NULL)
			fill_row(fill,
			    "pg_catalog.pg_constraint (oid, conname, connamespace, contype, contypid, conbin, "
			    "convalidated)",
			    "isisisb", (int64_t)catalog_object_oid("constraint", name), type->checks[i].name,
			    (int64_t)OID_PUBLIC, "c", (int64_t)type->oid, text, !type->checks[i].not_valid);
		free(name);
		free(text);
	}
}

static void
put_field(struct fill *fill, const struct schema_type *type, unsigned i)
{
	const struct schema_field *field = &type->fields[i];
	const struct type *known = type_by_oid(field->oid);
	bool text = known != NULL && known->category == 'S' && field->oid != TYPE_CHAR;

	fill_row(fill,
	    "pg_catalog.pg_attribute (attrelid, attname, atttypid, attlen, attnum, atttypmod, attndims, attstorage, "
	    "attbyval, attcollation)",
	    "isiiiiisbi", (int64_t)catalog_row_type_oid(type->oid), field->name, (int64_t)field->oid,
	    known == NULL ? INT64_C(-1) : (int64_t)known->size, (int64_t)i + 1, (int64_t)field->typmod,
	    (int64_t)type_is_array(field->oid), known != NULL && known->size > 0 ? "p" : "x",
	    known != NULL && known->size > 0 && known->size <= 8,
	    text ? (field->oid == TYPE_NAME ? (int64_t)OID_COLLATION_C : (int64_t)OID_COLLATION_DEFAULT) : INT64_C(0));
}

static void
put_relation(struct fill *fill, const struct schema_type *type)
{
	char sql[160];

	fill_row(fill, "pg_catalog.pg_class (oid, relname, relnamespace, relkind, relnatts, reltype, relfilenode)",
	    "isisiii", (int64_t)catalog_row_type_oid(type->oid), type->name, (int64_t)OID_PUBLIC, "c",
	    (int64_t)type->nfields, (int64_t)type->oid, INT64_C(0));
	for (unsigned i = 0; i < type->nfields; i++)
		put_field(fill, type, i);
	(void)snprintf(sql, sizeof(sql),
	    "UPDATE pg_catalog.pg_type SET typrelid = %u, typalign = 'd', typstorage = 'x' WHERE oid = %u",
	    (unsigned)catalog_row_type_oid(type->oid), (unsigned)type->oid);
	fill_run(fill, sql);
}

/* As typdefaultbin has it. malloc'ed. */
static char *
default_of(const struct schema_type *type)
{
	if (type->default_sql == NULL)
		return NULL;
	return type->default_source != NULL && *type->default_source != '\0' ? strdup(type->default_source)
									     : describe_stored(type->default_sql);
}

/* A domain is written as what it is made of. */
static struct type_io
domain_io(uint32_t base)
{
	const struct type_io *own = type_is_array(base) ? &type_io_array
	    : type_class(base) == TYPE_CLASS_ENUM	? &type_io_enum
	    : type_class(base) == TYPE_CLASS_COMPOSITE	? &type_io_record
							: type_io_of(base);
	struct type_io io = type_io_domain;

	io.output = own->output;
	io.send = own->send;
	return io;
}

static void
put_type(struct fill *fill, const struct schema_type *type)
{
	bool domain = type_class(type->oid) == TYPE_CLASS_DOMAIN, row = type_class(type->oid) == TYPE_CLASS_COMPOSITE;
	struct type_io io = row ? type_io_record : domain ? domain_io(type->base) : type_io_enum;
	struct describe_how how = { .db = fill->db };
	char category[] = { domain ? type_category(type->base) : type_category(type->oid), '\0' };
	char *stored = default_of(type), *shown = stored == NULL ? NULL : describe_shown(stored, &how);

	fill_row(fill, type_columns, "isiibssiiiiiiiiibsis", (int64_t)type->oid, type->name, (int64_t)OID_PUBLIC,
	    domain || row ? INT64_C(-1) : INT64_C(4), !domain && !row,
	    domain    ? "d"
		: row ? "c"
		      : "e",
	    category, (int64_t)type_array_of(type->oid), INT64_C(0), (int64_t)io.input, (int64_t)io.output,
	    (int64_t)io.receive, (int64_t)io.send, category[0] == 'S' ? (int64_t)OID_COLLATION_DEFAULT : INT64_C(0),
	    domain ? (int64_t)type->over : INT64_C(0), domain ? (int64_t)type->typmod : INT64_C(-1),
	    (int)type->not_null, shown, INT64_C(0), stored);
	free(shown);
	free(stored);
	if (domain)
		fill_domain_facts(fill, type->oid, type->base);
	if (row)
		put_relation(fill, type);
	put_array(fill, type);
	put_labels(fill, type);
	put_checks(fill, type);
}

void
fill_types(struct fill *fill)
{
	struct schema_type *types;
	unsigned n;
	int code = schema_types_read(fill->db, &types, &n);

	if (fill->rc == SQLITE_OK)
		fill->rc = code;
	for (unsigned i = 0; i < n; i++)
		put_type(fill, &types[i]);
	schema_types_free(types, n);
}
