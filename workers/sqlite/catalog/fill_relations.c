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

/* One table or view while its rows are written. */
struct relation {
	struct fill *fill;
	const char *schema; /* SQLite's */
	const struct schema_object *object;
	int64_t oid, namespace;
	struct definition d; /* of a table */
	char *options;	     /* pg_class.reloptions of a view, or NULL */
	/* Of a partition; else NULL. Whether one has partitions below it is not known before all are there. */
	const struct schema_partition *partition;
};

static int64_t
oid_of(const struct relation *relation, const char *name)
{
	return catalog_object_oid(relation->schema, name);
}

/* Of what lies in the schema of a table. */
static int64_t
oid_beside(const struct relation *relation, const char *table, const char *name)
{
	char *stored = namespace_beside(table, name);
	int64_t oid = stored == NULL ? 0 : oid_of(relation, stored);

	free(stored);
	return oid;
}

/* Constraints have names of their own in each table. */
static int64_t
constraint_oid(const struct relation *relation, const char *name)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%s %s", relation->object->name, name);
	return catalog_object_oid("constraint", text);
}

static int64_t
attribute_of(const struct definition *d, const char *name)
{
	for (unsigned i = 0; i < d->ncolumns; i++) {
		if (strcmp(d->columns[i].name, name) == 0)
			return (int64_t)i + 1;
	}
	return 0;
}

/* "1 3" or "{1,3}". malloc'ed; NULL when there are none. */
static char *
attributes_of(const struct definition *d, const struct definition_names *names, bool array)
{
	char *text = NULL;
	size_t length;
	FILE *out = names->count == 0 ? NULL : open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	fputs(array ? "{" : "", out);
	for (unsigned i = 0; i < names->count; i++)
		fprintf(out, "%s%lld", i == 0 ? "" : array ? "," : " ", (long long)attribute_of(d, names->names[i]));
	fputs(array ? "}" : "", out);
	return fclose(out) == 0 ? text : NULL;
}

static void
put_class(struct relation *relation, const char *name, int64_t oid, const char *kind, int64_t natts, int64_t nchecks,
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
	    kind[0] != 'm' || !matview_is_unfilled(relation->fill->db, name),
	    relation->partition != NULL && kind[0] != 'S', bound);
	free(bound);
}

static void
put_attribute(struct relation *relation, int64_t oid, int64_t number, const char *name, uint32_t type_oid,
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

static void
put_default(struct relation *relation, int64_t number, const struct definition_column *column)
{
	char *text = describe_default(relation->fill->db, &relation->d, column);
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
	oid = oid_beside(relation, relation->object->name, name);
	put_class(relation, name, oid, "S", 3, 0, false);
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
	put_class(relation, relation->object->name, relation->oid, "S", 3, 0, false);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		put_attribute(relation, relation->oid, (int64_t)i + 1, columns[i].name, columns[i].oid, -1,
		    &(struct definition_column) { .not_null = true });
	fill_row(relation->fill,
	    "pg_catalog.pg_sequence (seqrelid, seqtypid, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle)",
	    "iiiiiiib", relation->oid, (int64_t)s.oid, s.start, s.rule.increment, s.rule.max, s.rule.min, s.rule.cache,
	    s.rule.cycle);
	if (s.owner_column != NULL && owner.ncolumns > 0)
		put_owner(relation, relation->oid, oid_of(relation, s.owner_table),
		    attribute_of(&owner, s.owner_column), s.internal);
	definition_free(&owner);
	schema_sequence_free(&s);
}

static void
put_columns(struct relation *relation)
{
	for (unsigned i = 0; i < relation->d.ncolumns; i++) {
		const struct definition_column *column = &relation->d.columns[i];

		put_attribute(relation, relation->oid, (int64_t)i + 1, column->name,
		    column->domain != 0 ? column->domain : column->oid, column->domain != 0 ? -1 : column->typmod,
		    column);
		put_default(relation, (int64_t)i + 1, column);
		put_draw(relation, column);
		if (column->identity != DEFINITION_PLAIN && column->default_sql == NULL && relation->partition == NULL)
			put_numbering(relation, column, (int64_t)i + 1);
	}
}

static void
put_index_row(struct relation *relation, int64_t oid, int64_t natts, bool unique, bool primary, const char *key,
    const char *expressions, const char *predicate)
{
	fill_row(relation->fill,
	    "pg_catalog.pg_index (indexrelid, indrelid, indnatts, indnkeyatts, indisunique, "
	    "indisprimary, "
	    "indkey, indexprs, indpred, indoption, indclass, indcollation)",
	    "iiiibbssssss", oid, relation->oid, natts, natts, unique, primary, key, expressions, predicate, "0", "0",
	    "0");
}

/* That of a partitioned table is one of indexes, as such a table is one of tables. */
static const char *
index_kind(const struct relation *relation)
{
	return relation->d.partition != NULL ? "I" : "i";
}

/* The key of a partition is part of its parent's. */
static void
put_key_parent(struct relation *relation, const struct definition_constraint *c, int64_t oid)
{
	struct definition parent;

	if (catalog_load_definition(relation->fill->db, relation->schema, relation->partition->parent, &parent) == -1)
		return;
	for (unsigned i = 0; i < parent.nconstraints; i++)
		if (parent.constraints[i].kind == c->kind && parent.constraints[i].columns.count == c->columns.count &&
		    definition_names_has(&parent.constraints[i].columns, c->columns.names[0]) &&
		    parent.constraints[i].name != NULL) {
			fill_row(relation->fill,
			    "pg_catalog.pg_inherits (inhrelid, inhparent, inhseqno, inhdetachpending)", "iiib", oid,
			    oid_beside(relation, relation->partition->parent, parent.constraints[i].name), INT64_C(1),
			    0);
			break;
		}
	definition_free(&parent);
}

static void
put_key(struct relation *relation, const struct definition_constraint *c)
{
	char *vector = attributes_of(&relation->d, &c->columns, false),
	     *array = attributes_of(&relation->d, &c->columns, true);
	bool primary = c->kind == DEFINITION_PRIMARY_KEY;
	int64_t oid = oid_beside(relation, relation->object->name, c->name);

	put_class(relation, c->name, oid, index_kind(relation), (int64_t)c->columns.count, 0, false);
	for (unsigned i = 0; i < c->columns.count; i++) {
		const struct definition_column *column = definition_find_column(&relation->d, c->columns.names[i]);

		if (column != NULL)
			put_attribute(relation, oid, (int64_t)i + 1, column->name, column->oid, column->typmod, NULL);
	}
	put_index_row(relation, oid, (int64_t)c->columns.count, true, primary, vector, NULL, NULL);
	if (relation->partition != NULL)
		put_key_parent(relation, c, oid);
	fill_row(relation->fill,
	    "pg_catalog.pg_constraint (oid, conname, connamespace, contype, conrelid, conindid, "
	    "conkey)",
	    "isisiis", constraint_oid(relation, c->name), c->name, relation->namespace, primary ? "p" : "u",
	    relation->oid, oid, array);
	free(vector);
	free(array);
}

/* The letter of an action as pg_constraint has it. */
static const char *
action_letter(const char *action)
{
	static const struct {
		const char *words, *letter;
	} letters[] = { { "RESTRICT", "r" }, { "CASCADE", "c" }, { "SET NULL", "n" }, { "SET DEFAULT", "d" } };

	for (size_t i = 0; action != NULL && i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (strcmp(letters[i].words, action) == 0)
			return letters[i].letter;
	}
	return "a";
}

static void
put_foreign_key(struct relation *relation, const struct definition_constraint *c)
{
	struct definition parent = { 0 };
	const struct definition_names *names = &c->parent_columns;
	const struct definition_constraint *key;
	int64_t index = 0;
	char *own, *theirs;

	if (catalog_load_definition(relation->fill->db, relation->schema, c->parent, &parent) == -1)
		return;
	key = definition_primary_key(&parent);
	if (names->count == 0 && key != NULL)
		names = &key->columns;
	for (unsigned i = 0; i < parent.nconstraints && index == 0; i++) {
		const struct definition_constraint *found = &parent.constraints[i];

		if ((found->kind == DEFINITION_PRIMARY_KEY || found->kind == DEFINITION_UNIQUE) && names->count > 0 &&
		    found->columns.count == names->count && definition_names_has(&found->columns, names->names[0]))
			index = oid_beside(relation, c->parent, found->name);
	}
	own = attributes_of(&relation->d, &c->columns, true);
	theirs = attributes_of(&parent, names, true);
	fill_row(relation->fill,
	    "pg_catalog.pg_constraint (oid, conname, connamespace, contype, conrelid, confrelid, "
	    "conkey, "
	    "confkey, condeferrable, condeferred, confupdtype, confdeltype, confmatchtype, conindid)",
	    "isisiissbbsssi", constraint_oid(relation, c->name), c->name, relation->namespace, "f", relation->oid,
	    oid_of(relation, c->parent), own, theirs, c->deferrable, c->deferred, action_letter(c->on_update),
	    action_letter(c->on_delete), c->match_full ? "f" : "s", index);
	free(own);
	free(theirs);
	definition_free(&parent);
}

static void
put_check(struct relation *relation, const struct definition_constraint *c)
{
	char *text = describe_stored(c->expression), *array;
	struct definition_names used = { 0 };

	for (unsigned i = 0; i < relation->d.ncolumns; i++) {
		if (schema_text_names(c->expression, relation->d.columns[i].name))
			(void)definition_add_name(&used, relation->d.columns[i].name);
	}
	array = attributes_of(&relation->d, &used, true);
	fill_row(relation->fill,
	    "pg_catalog.pg_constraint (oid, conname, connamespace, contype, conrelid, conkey, "
	    "conbin, connoinherit)",
	    "isisissb", constraint_oid(relation, c->name), c->name, relation->namespace, "c", relation->oid, array,
	    text, c->no_inherit);
	definition_names_free(&used);
	free(array);
	free(text);
}

static void
put_constraints(struct relation *relation)
{
	for (unsigned i = 0; i < relation->d.nconstraints; i++) {
		const struct definition_constraint *c = &relation->d.constraints[i];

		if (c->name == NULL)
			continue;
		if (c->kind == DEFINITION_CHECK)
			put_check(relation, c);
		else if (c->kind == DEFINITION_FOREIGN_KEY)
			put_foreign_key(relation, c);
		else
			put_key(relation, c);
	}
}

/* The column that a part of an index is, from 1; 0: it is an expression. */
static int64_t
part_column(const struct relation *relation, const char *source)
{
	struct definition_lexer lexer;
	int64_t number = 0;
	char *name;

	definition_lex_begin(&lexer, source);
	if ((name = definition_lex_name(&lexer)) != NULL &&
	    (lexer.kind == DEFINITION_END || definition_lex_is(&lexer, "DESC") || definition_lex_is(&lexer, "ASC")))
		number = attribute_of(&relation->d, name);
	free(name);
	return number;
}

/* Expressions of an index are kept with commas between: those that are exact, in both forms. */
static void
add_expression(char **all, const char *source)
{
	struct kept_texts old = { 0 }, new = { 0 };
	struct definition_lexer lexer;
	char *expression, *plain = NULL, *pretty = NULL;

	definition_lex_begin(&lexer, source);
	expression = definition_lex_is(&lexer, "(") ? definition_lex_parenthesised(&lexer) : strdup(source);
	if (*all == NULL) {
		*all = expression == NULL ? NULL : describe_stored(expression);
	} else if (expression != NULL && kept_read(*all, &old) == KEPT_TEXT &&
	    kept_read(expression, &new) == KEPT_TEXT && asprintf(&plain, "%s, %s", old.plain, new.plain) >= 0 &&
	    asprintf(&pretty, "%s, %s", old.pretty, new.pretty) >= 0) {
		free(*all);
		*all = kept_comment(plain, pretty, false, NULL, "");
	}
	kept_free(&old);
	kept_free(&new);
	free(plain);
	free(pretty);
	free(expression);
}

/* SQLite's text behind the parts of an index; NULL: it has no condition. */
static const char *
predicate_of(const char *sql)
{
	struct definition_lexer lexer;

	definition_lex_begin(&lexer, sql);
	while (lexer.kind != DEFINITION_END && !definition_lex_is(&lexer, "("))
		definition_lex_next(&lexer);
	free(definition_lex_parenthesised(&lexer));
	return definition_lex_is(&lexer, "WHERE") ? sql + lexer.end : NULL;
}

/* pg_class has btree for an index, until this says another. */
static void
put_method(struct relation *relation, int64_t oid, const char *sql)
{
	char method[DESCRIBE_METHOD_SIZE], text[160];

	if (strcmp(describe_index_method(sql, method), "btree") == 0)
		return;
	(void)snprintf(text, sizeof(text),
	    "UPDATE pg_catalog.pg_class SET relam = (SELECT oid FROM pg_catalog.pg_am WHERE amname = '%s') "
	    "WHERE oid = %lld",
	    method, (long long)oid);
	fill_run(relation->fill, text);
}

/* An index of its own: parts that are columns have their number, others 0. */
static void
put_index(struct relation *relation, const struct schema_object *index)
{
	const char *where = predicate_of(index->sql);
	int64_t oid = oid_of(relation, index->name), natts = 0;
	char *source, *key = NULL, *expressions = NULL, *predicate = where == NULL ? NULL : describe_stored(where);
	size_t length;
	FILE *out = open_memstream(&key, &length);

	for (unsigned n = 1; out != NULL && (source = describe_index_source(index->sql, n)) != NULL; n++) {
		int64_t number = part_column(relation, source);
		const struct definition_column *found = number == 0 ? NULL : &relation->d.columns[number - 1];

		fprintf(out, "%s%lld", n == 1 ? "" : " ", (long long)number);
		put_attribute(relation, oid, (int64_t)n, found == NULL ? "expr" : found->name,
		    found == NULL ? TYPE_TEXT : found->oid, found == NULL ? -1 : found->typmod, NULL);
		if (number == 0)
			add_expression(&expressions, source);
		natts++;
		free(source);
	}
	if (out != NULL && fclose(out) != 0)
		key = NULL;
	put_class(relation, index->name, oid, index_kind(relation), natts, 0, false);
	put_method(relation, oid, index->sql);
	put_index_row(relation, oid, natts, strncmp(index->sql, "CREATE UNIQUE", 13) == 0, false, key, expressions,
	    predicate);
	free(predicate);
	free(expressions);
	free(key);
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
		    (long long)(name == NULL ? 0 : attribute_of(&relation->d, name)));
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
put_rule(struct relation *relation, const char *name)
{
	fill_row(relation->fill, "pg_catalog.pg_rewrite (oid, rulename, ev_class)", "isi",
	    (int64_t)catalog_object_oid("rule", name), "_RETURN", relation->oid);
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
		put_index(relation, &objects->items[i]);
	}
	put_class(relation, relation->object->name, relation->oid,
	    relation->d.matview			? "m"
		: relation->d.partition != NULL ? "p"
						: "r",
	    relation->d.ncolumns, nchecks, indexed);
	if (relation->d.matview)
		put_rule(relation, relation->object->name);
	put_columns(relation);
	put_constraints(relation);
	if (relation->d.partition != NULL)
		put_partitioned(relation);
	for (unsigned i = 0; i < relation->d.parents.count; i++)
		fill_row(relation->fill, "pg_catalog.pg_inherits (inhrelid, inhparent, inhseqno, inhdetachpending)",
		    "iiib", relation->oid, oid_of(relation, relation->d.parents.names[i]), (int64_t)i + 1, 0);
	if (relation->partition != NULL)
		fill_row(relation->fill, "pg_catalog.pg_inherits (inhrelid, inhparent, inhseqno, inhdetachpending)",
		    "iiib", relation->oid, oid_of(relation, relation->partition->parent), INT64_C(1), 0);
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

/* A view's own defaults and options, which stand beside its text. */
static void
read_kept(struct relation *relation, const struct schema_table *view, struct kept_view *kept)
{
	struct kept_texts texts;

	*kept = (struct kept_view) { .options = NULL };
	if (kept_read(view->sql, &texts) == KEPT_TEXT && kept_view_read(texts.options, view->ncolumns, kept) == 0 &&
	    *kept->options != '\0' && asprintf(&relation->options, "{%s}", kept->options) < 0)
		relation->options = NULL;
	kept_free(&texts);
}

/* A view's columns: their names from SQLite, their types from its text. */
static void
put_view(struct relation *relation, struct schema *schema)
{
	const struct schema_table *view = schema_find_table(schema, relation->schema, relation->object->name);
	struct kept_view kept;

	if (view == NULL)
		return;
	read_kept(relation, view, &kept);
	put_class(relation, view->name, relation->oid, "v", view->ncolumns, 0, false);
	for (unsigned i = 0; i < view->ncolumns; i++) {
		struct definition_column column = { .name = view->columns[i].name,
			.oid = view->columns[i].oid,
			.typmod = view->columns[i].typmod,
			.default_sql = kept.n > i ? kept.defaults[i] : NULL };

		put_attribute(relation, relation->oid, (int64_t)i + 1, column.name, column.oid, column.typmod, &column);
		put_default(relation, (int64_t)i + 1, &column);
	}
	kept_view_free(&kept);
	free(relation->options);
	put_rule(relation, view->name);
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

		relation.oid = oid_of(&relation, relation.object->name);
		relation.namespace = temporary ? OID_TEMP_SCHEMA : namespace_oid(relation.object->name);
		if (relation.object->type == 'S') {
			put_sequence(&relation);
		} else if (relation.object->type == 'v') {
			put_view(&relation, schema);
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
