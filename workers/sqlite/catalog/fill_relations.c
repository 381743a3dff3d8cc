/*
 * Rows made from the file's own schema: tables, columns, indexes, constraints, sequences, views.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/describe.h"
#include "workers/sqlite/catalog/fill.h"
#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/definition_lex.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/kept_view.h"
#include "workers/sqlite/schema/list.h"
#include "workers/sqlite/schema/matview.h"
#include "workers/sqlite/schema/partition.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/catalog/fill_relation.h"

int64_t
fill_oid_of(const struct relation *relation, const char *name)
{
	return catalog_object_oid(relation->schema, name);
}

/* Of what lies in the schema of a table. */
int64_t
fill_oid_beside(const struct relation *relation, const char *table, const char *name)
{
	char *stored = namespace_beside(table, name);
	int64_t oid = stored == NULL ? 0 : fill_oid_of(relation, stored);

	free(stored);
	return oid;
}

/* Constraints have names of their own in each table. */
int64_t
fill_constraint_oid(const struct relation *relation, const char *name)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%s %s", relation->object->name, name);
	return catalog_object_oid("constraint", text);
}

int64_t
fill_attribute_of(const struct definition *d, const char *name)
{
	for (unsigned i = 0; i < d->ncolumns; i++) {
		if (strcmp(d->columns[i].name, name) == 0)
			return (int64_t)i + 1;
	}
	return 0;
}

/* "1 3" or "{1,3}". malloc'ed; NULL when there are none. */
char *
fill_attributes_of(const struct definition *d, const struct definition_names *names, bool array)
{
	char *text = NULL;
	size_t length;
	FILE *out = names->count == 0 ? NULL : open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	fputs(array ? "{" : "", out);
	for (unsigned i = 0; i < names->count; i++)
		fprintf(out, "%s%lld",
		    i == 0	? ""
			: array ? ","
				: " ",
		    (long long)fill_attribute_of(d, names->names[i]));
	fputs(array ? "}" : "", out);
	return fclose(out) == 0 ? text : NULL;
}

void
fill_class(struct relation *relation, const char *name, int64_t oid, const char *kind, int64_t natts, int64_t nchecks,
    bool indexed)
{
	const char *shown =
	    strncmp(name, "bibd_", 5) == 0 && relation->namespace == OID_BIBD ? name + 5 : namespace_relation(name);
	bool temporary = strcmp(relation->schema, "temp") == 0;
	char *bound = relation->partition == NULL || kind[0] == 'i' || kind[0] == 'I'
	    ? NULL
	    : kept_comment(relation->partition->bound, relation->partition->bound, false, NULL, "");

	fill_row(relation->fill,
	    "pg_catalog.pg_class (oid, relname, relnamespace, relkind, relnatts, relchecks, "
	    "relhasindex, "
	    "relam, reltype, relfilenode, relpersistence, reloptions, relhasrules, relispopulated, relispartition, "
	    "relpartbound)",
	    "isisiibiiissbbbs", oid, shown, relation->namespace, kind, natts, nchecks, indexed,
	    kind[0] == 'r' || kind[0] == 'm'	   ? (int64_t)OID_AM_HEAP
		: kind[0] == 'i' || kind[0] == 'I' ? (int64_t)OID_AM_BTREE
						   : INT64_C(0),
	    INT64_C(0), kind[0] == 'v' || kind[0] == 'p' || kind[0] == 'I' ? INT64_C(0) : oid,
	    temporary		       ? "t"
		: relation->d.unlogged ? "u"
				       : "p",
	    relation->options, kind[0] == 'v' || kind[0] == 'm',
	    kind[0] != 'm' || matview_is_unfilled(relation->fill->db, name) == 0,
	    relation->partition != NULL && kind[0] != 'S', bound);
	free(bound);
}

void
fill_attribute(struct relation *relation, int64_t oid, int64_t number, const char *name, uint32_t type_oid,
    int32_t typmod, const struct definition_column *column)
{
	const struct type *type = type_by_oid(type_oid);
	bool text = type != NULL && type->category == 'S';
	bool has_default = column != NULL &&
	    ((column->default_sql != NULL && column->identity == DEFINITION_PLAIN) || column->generated != NULL ||
		column->identity == DEFINITION_SERIAL);
	const char *identity = column == NULL		     ? ""
	    : column->identity == DEFINITION_IDENTITY	     ? "d"
	    : column->identity == DEFINITION_IDENTITY_ALWAYS ? "a"
							     : "";

	fill_row(relation->fill,
	    "pg_catalog.pg_attribute (attrelid, attname, atttypid, attlen, attnum, atttypmod, "
	    "attnotnull, atthasdef, attidentity, attgenerated, attcollation, attbyval, attstorage, attndims, "
	    "attislocal)",
	    "isiiiibbssibsii", oid, name, (int64_t)type_oid, type == NULL ? INT64_C(-1) : (int64_t)type->size, number,
	    (int64_t)typmod, column != NULL && column->not_null, has_default, identity,
	    column != NULL && column->generated != NULL ? "s" : "",
	    text && type_oid != TYPE_CHAR
		? (type_oid == TYPE_NAME ? (int64_t)OID_COLLATION_C : (int64_t)OID_COLLATION_DEFAULT)
		: INT64_C(0),
	    type != NULL && type->size > 0 && type->size <= 8,
	    type != NULL && type->size > 0 ? "p"
		: type_oid == TYPE_NUMERIC ? "m"
					   : "x",
	    column == NULL ? INT64_C(0) : (int64_t)column->dimensions,
	    column != NULL && definition_names_has(&relation->d.own_columns, name) ? INT64_C(2) : INT64_C(1));
}

void
fill_default(struct relation *relation, int64_t number, const struct definition_column *column)
{
	char *text = describe_default(&relation->d, column);
	char name[512];

	if (text == NULL)
		return;
	(void)snprintf(name, sizeof(name), "%s %s", relation->object->name, column->name);
	fill_row(relation->fill, "pg_catalog.pg_attrdef (oid, adrelid, adnum, adbin)", "iiis",
	    (int64_t)catalog_object_oid("default", name), relation->oid, number, text);
	fill_row(relation->fill, "pg_catalog.pg_depend (classid, objid, refclassid, refobjid, refobjsubid, deptype)",
	    "iiiiis", INT64_C(2604), (int64_t)catalog_object_oid("default", name), INT64_C(1259), relation->oid, number,
	    "a");
	free(text);
}

static void
put_owner(struct relation *relation, int64_t oid, int64_t table, int64_t number, bool internal)
{
	fill_row(relation->fill, "pg_catalog.pg_depend (classid, objid, refclassid, refobjid, refobjsubid, deptype)",
	    "iiiiis", INT64_C(1259), oid, INT64_C(1259), table, number, internal ? "i" : "a");
}

/* One that is no object: SQLite numbers the rows of a table that an older bibd made. */
static void
put_numbering(struct relation *relation, const struct definition_column *column, int64_t number)
{
	char *name = definition_object_name(relation->object->name, column->name, "seq");
	int64_t oid, max = column->oid == TYPE_INT8 ? INT64_MAX : column->oid == TYPE_INT2 ? INT16_MAX : INT32_MAX;

	if (name == NULL)
		return;
	oid = fill_oid_beside(relation, relation->object->name, name);
	fill_class(relation, name, oid, "S", 3, 0, false);
	fill_row(relation->fill, "pg_catalog.pg_sequence (seqrelid, seqtypid, seqmax)", "iii", oid,
	    (int64_t)column->oid, max);
	put_owner(relation, oid, relation->oid, number, column->identity != DEFINITION_SERIAL);
	free(name);
}

/* A default that draws from a sequence depends on it. */
static void
put_draw(struct relation *relation, const struct definition_column *column)
{
	char *schema, *name, text[512];

	if (!schema_sequence_drawn(column->default_sql, &schema, &name))
		return;
	(void)snprintf(text, sizeof(text), "%s %s", relation->object->name, column->name);
	if (column->identity == DEFINITION_PLAIN)
		fill_row(relation->fill, "pg_catalog.pg_depend (classid, objid, refclassid, refobjid, deptype)",
		    "iiiis", INT64_C(2604), (int64_t)catalog_object_oid("default", text), INT64_C(1259),
		    (int64_t)catalog_object_oid(schema, name), "n");
	free(schema);
	free(name);
}

static void
put_sequence(struct relation *relation)
{
	static const struct {
		const char *name;
		uint32_t oid;
	} columns[] = { { "last_value", TYPE_INT8 }, { "log_cnt", TYPE_INT8 }, { "is_called", TYPE_BOOL } };
	struct definition owner = { 0 };
	struct schema_sequence s;

	if (schema_sequence_parse(relation->object->sql, &s) == -1)
		return;
	if (s.owner_table != NULL &&
	    catalog_load_definition(relation->fill->db, relation->schema, s.owner_table, &owner) == 0)
		relation->d.unlogged = owner.unlogged;
	fill_class(relation, relation->object->name, relation->oid, "S", 3, 0, false);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fill_attribute(relation, relation->oid, (int64_t)i + 1, columns[i].name, columns[i].oid, -1,
		    &(struct definition_column) { .not_null = true });
	fill_row(relation->fill,
	    "pg_catalog.pg_sequence (seqrelid, seqtypid, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle)",
	    "iiiiiiib", relation->oid, (int64_t)s.oid, s.start, s.rule.increment, s.rule.max, s.rule.min, s.rule.cache,
	    s.rule.cycle);
	if (s.owner_column != NULL && owner.ncolumns > 0)
		put_owner(relation, relation->oid, fill_oid_of(relation, s.owner_table),
		    fill_attribute_of(&owner, s.owner_column), s.internal);
	definition_free(&owner);
	schema_sequence_free(&s);
}

static void
put_columns(struct relation *relation)
{
	for (unsigned i = 0; i < relation->d.ncolumns; i++) {
		const struct definition_column *column = &relation->d.columns[i];

		fill_attribute(relation, relation->oid, (int64_t)i + 1, column->name,
		    column->domain != 0 ? column->domain : column->oid, column->domain != 0 ? -1 : column->typmod,
		    column);
		fill_default(relation, (int64_t)i + 1, column);
		put_draw(relation, column);
		if (column->identity != DEFINITION_PLAIN && column->default_sql == NULL && relation->partition == NULL)
			put_numbering(relation, column, (int64_t)i + 1);
	}
}

/* What a table is partitioned by: columns by their numbers, and 0 for an expression. */
static void
put_partitioned(struct relation *relation)
{
	const char *key = relation->d.partition;
	struct definition_lexer lexer;
	char *numbers = NULL, *zeros = NULL;
	size_t length, nzeros;
	FILE *out = open_memstream(&numbers, &length), *rest = open_memstream(&zeros, &nzeros);
	int64_t n = 0;

	definition_lex_begin(&lexer, key);
	for (definition_lex_next(&lexer);
	     out != NULL && rest != NULL && definition_lex_take(&lexer, n == 0 ? "(" : ","); n++) {
		char *name = definition_lex_is(&lexer, "(") ? NULL : definition_lex_name(&lexer);

		if (definition_lex_is(&lexer, "(")) {
			free(definition_lex_parenthesised(&lexer));
			free(name);
			name = NULL;
		}
		fprintf(out, "%s%lld", n == 0 ? "" : " ",
		    (long long)(name == NULL ? 0 : fill_attribute_of(&relation->d, name)));
		fprintf(rest, "%s0", n == 0 ? "" : " ");
		free(name);
	}
	if (out != NULL && fclose(out) == 0 && rest != NULL && fclose(rest) == 0)
		fill_row(relation->fill,
		    "pg_catalog.pg_partitioned_table (partrelid, partstrat, partnatts, partdefid, partattrs, "
		    "partclass, partcollation)",
		    "isiisss", relation->oid,
		    *key == 'L'	      ? "l"
			: *key == 'R' ? "r"
				      : "h",
		    n, INT64_C(0), numbers, zeros, zeros);
	free(numbers);
	free(zeros);
}

static void
put_table(struct relation *relation, const struct schema_objects *objects)
{
	int64_t nchecks = 0;
	bool indexed = false;

	for (unsigned i = 0; i < relation->d.nconstraints; i++) {
		nchecks += relation->d.constraints[i].kind == DEFINITION_CHECK;
		indexed |= relation->d.constraints[i].kind == DEFINITION_PRIMARY_KEY ||
		    relation->d.constraints[i].kind == DEFINITION_UNIQUE;
	}
	for (unsigned i = 0; i < objects->count; i++) {
		if (objects->items[i].type != 'i' || objects->items[i].sql == NULL ||
		    strcmp(objects->items[i].table, relation->object->name) != 0)
			continue;
		indexed = true;
		fill_index(relation, &objects->items[i]);
	}
	fill_class(relation, relation->object->name, relation->oid,
	    relation->d.matview			? "m"
		: relation->d.partition != NULL ? "p"
						: "r",
	    relation->d.ncolumns, nchecks, indexed);
	if (relation->d.matview)
		fill_matview_rule(relation);
	put_columns(relation);
	fill_constraints(relation);
	if (relation->d.partition != NULL)
		put_partitioned(relation);
	for (unsigned i = 0; i < relation->d.parents.count; i++)
		fill_row(relation->fill, "pg_catalog.pg_inherits (inhrelid, inhparent, inhseqno, inhdetachpending)",
		    "iiib", relation->oid, fill_oid_of(relation, relation->d.parents.names[i]), (int64_t)i + 1, 0);
	if (relation->partition != NULL)
		fill_row(relation->fill, "pg_catalog.pg_inherits (inhrelid, inhparent, inhseqno, inhdetachpending)",
		    "iiib", relation->oid, fill_oid_of(relation, relation->partition->parent), INT64_C(1), 0);
}

static void
put_partition(struct relation *relation, const struct schema_objects *objects)
{
	struct schema_partition mark;

	if (catalog_partition_definition(relation->fill->db, relation->schema, relation->object, &relation->d) == -1)
		return;
	if (schema_partition_read(relation->object->sql, &mark)) {
		relation->partition = &mark;
		put_table(relation, objects);
		relation->partition = NULL;
		schema_partition_free(&mark);
	}
	definition_free(&relation->d);
}

static int64_t
namespace_oid(const char *stored)
{
	char schema[NAMESPACE_BYTES];

	if (strncmp(stored, "bibd_", 5) == 0)
		return OID_BIBD;
	namespace_of(stored, schema);
	return namespace_relation(stored) == stored ? (int64_t)OID_PUBLIC
						    : (int64_t)catalog_object_oid("namespace", schema);
}

static bool
put_namespace(void *arg, uint32_t oid, const char *schema)
{
	/* Those that are always there are rows of every file; the temporary one comes with its first table. */
	if (oid < 16384)
		return false;
	fill_row(arg, "pg_catalog.pg_namespace (oid, nspname)", "is", (int64_t)oid, schema);
	fill_row(arg, "information_schema.schemata (schema_name)", "s", schema);
	return false;
}

static void
put_schema(struct fill *fill, struct schema *schema, const char *name)
{
	bool temporary = strcmp(name, "temp") == 0;
	struct schema_objects objects;

	if (schema_list_objects(fill->db, name, NULL, &objects) == -1) {
		fill->rc = SQLITE_NOMEM;
		return;
	}
	if (temporary && objects.count > 0)
		fill_row(fill, "pg_catalog.pg_namespace (oid, nspname)", "is", (int64_t)OID_TEMP_SCHEMA, "pg_temp");
	for (unsigned i = 0; i < objects.count; i++) {
		if (strncmp(objects.items[i].name, SCHEMA_TYPE_PREFIX, strlen(SCHEMA_TYPE_PREFIX)) == 0)
			continue;
		struct relation relation = { .fill = fill, .schema = name, .object = &objects.items[i] };

		relation.oid = fill_oid_of(&relation, relation.object->name);
		relation.namespace = temporary ? OID_TEMP_SCHEMA : namespace_oid(relation.object->name);
		if (relation.object->type == 'S') {
			put_sequence(&relation);
		} else if (relation.object->type == 'v') {
			fill_view(&relation, schema);
		} else if (relation.object->type == 'P') {
			put_partition(&relation, &objects);
		} else if ((relation.object->type == 't' || relation.object->type == 'm') &&
		    relation.object->sql != NULL && definition_parse(relation.object->sql, &relation.d) == 0) {
			put_table(&relation, &objects);
			definition_free(&relation.d);
		}
	}
	schema_objects_free(&objects);
}

void
fill_relations(struct fill *fill, struct schema *schema)
{
	fill_types(fill);
	(void)catalog_each_namespace(fill->db, put_namespace, fill);
	put_schema(fill, schema, "public");
	put_schema(fill, schema, "temp");
}
