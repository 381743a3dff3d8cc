/*
 * Writes a constraint, an index, a default and a view back as PostgreSQL's SQL.
 */
#include "workers/sqlite/catalog/describe.h"

#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/catalog/objects.h"
#include "workers/sqlite/schema/comment.h"
#include "workers/sqlite/schema/type.h"
#include "workers/sqlite/schema/kept.h"
#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/types/quote.h"
#include "workers/sqlite/catalog/describe_put.h"

void
describe_put_name(FILE *out, const char *name)
{
	quote_put_identifier(out, name);
}

void
describe_put_names(FILE *out, const struct definition_names *names)
{
	fputc('(', out);
	for (unsigned i = 0; i < names->count; i++) {
		fputs(i == 0 ? "" : ", ", out);
		describe_put_name(out, names->names[i]);
	}
	fputc(')', out);
}

/* A relation by its stored name: with its schema, unless that is public. */
void
describe_put_relation(FILE *out, const char *stored)
{
	char schema[NAMESPACE_BYTES];

	namespace_of(stored, schema);
	if (strcmp(schema, "public") != 0) {
		describe_put_name(out, schema);
		fputc('.', out);
	}
	describe_put_name(out, namespace_relation(stored));
}

static char *
sequence_default(const struct definition *d, const struct definition_column *column)
{
	char *name = definition_object_name(d->name, column->name, "seq"), *text = NULL;
	size_t length;
	FILE *out = name == NULL ? NULL : open_memstream(&text, &length);

	if (out != NULL) {
		fputs("nextval('", out);
		describe_put_schema(out, d->name);
		describe_put_name(out, name);
		fputs("'::regclass)", out);
		if (fclose(out) != 0)
			text = NULL;
	}
	free(name);
	return text;
}

/* An enum's values, or an array '{1,2}' of them, under the marks of their labels and type (schema/kept.h). NULL: it is
 * something else. malloc'ed. */
static char *
label_default(uint32_t oid, const char *sql)
{
	bool array = type_class(type_element(oid)) == TYPE_CLASS_ENUM;
	char *text = NULL;

	if ((type_class(oid) != TYPE_CLASS_ENUM && !array) ||
	    strspn(sql, array ? "'{}0123456789,NUL-" : "0123456789-") != strlen(sql))
		return NULL;
	sql += strspn(sql, "'");
	if (asprintf(&text, "%cv%u %.*s%c::%ct%u%c", KEPT_OWN_BEGIN, (unsigned)oid, (int)strcspn(sql, "'"), sql,
		KEPT_OWN_END, KEPT_OWN_BEGIN, (unsigned)oid, KEPT_OWN_END) < 0)
		return NULL;
	return text;
}

char *
describe_default(const struct definition *d, const struct definition_column *column)
{
	char *text, *type, *whole = NULL;
	const char *sql = column->generated != NULL ? column->generated : column->default_sql;

	if (column->identity == DEFINITION_SERIAL && column->default_sql == NULL)
		return sequence_default(d, column);
	if (sql == NULL || column->identity != DEFINITION_PLAIN)
		return NULL;
	if ((text = label_default(column->oid, kept_body(sql))) != NULL)
		return text; /* a label may have been renamed since */
	if (kept_body(sql) != sql)
		return strdup(sql);
	if (column->oid == TYPE_BOOL && (strcmp(sql, "1") == 0 || strcmp(sql, "0") == 0))
		return strdup(*sql == '1' ? "true" : "false");
	text = describe_strip(describe_expression(sql));
	if (text == NULL || *text != '\'')
		return text;
	type = type_format(column->oid, -1);
	if (type == NULL || text[strlen(text) - 1] != '\'' || asprintf(&whole, "%s::%s", text, type) < 0)
		whole = strdup(text);
	free(type);
	free(text);
	return whole;
}

static void
put_reference(sqlite3 *db, FILE *out, const struct definition *d, const struct definition_constraint *c,
    const struct describe_how *how)
{
	char schema[NAMESPACE_BYTES];
	struct definition parent = { 0 };
	const struct definition_constraint *key = NULL;
	const struct definition_names *columns = &c->parent_columns;

	if (columns->count == 0 &&
	    catalog_load_definition(db, d->temporary ? "temp" : "public", c->parent, &parent) == 0)
		key = definition_primary_key(&parent);
	if (key != NULL)
		columns = &key->columns;
	fputs("FOREIGN KEY ", out);
	describe_put_names(out, &c->columns);
	fputs(" REFERENCES ", out);
	namespace_of(c->parent, schema);
	if (!d->temporary && !search_path_names(how->path, schema)) {
		describe_put_name(out, schema);
		fputc('.', out);
	}
	describe_put_name(out, namespace_relation(c->parent));
	describe_put_names(out, columns);
	fputs(c->match_full ? " MATCH FULL" : "", out);
	if (c->on_update != NULL)
		fprintf(out, " ON UPDATE %s", c->on_update);
	if (c->on_delete != NULL)
		fprintf(out, " ON DELETE %s", c->on_delete);
	definition_free(&parent);
}

static void
put_check(FILE *out, const struct definition_constraint *c, struct describe_how *how)
{
	char *stored = describe_stored(c->expression), *shown = stored == NULL ? NULL : describe_shown(stored, how);

	fprintf(out, "CHECK (%s)%s", shown == NULL ? "" : shown, c->no_inherit ? " NO INHERIT" : "");
	fputs(c->not_valid ? " NOT VALID" : "", out);
	free(shown);
	free(stored);
}

/* A text that was begun; NULL where it turned out not to be known. */
char *
describe_finish(FILE *out, char **text, const struct describe_how *how)
{
	if (fclose(out) == 0 && !how->lost)
		return *text;
	free(*text);
	return NULL;
}

char *
describe_constraint(sqlite3 *db, const struct definition *d, const struct definition_constraint *c,
    struct describe_how *how)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		return NULL;
	switch (c->kind) {
	case DEFINITION_CHECK:
		put_check(out, c, how);
		break;
	case DEFINITION_FOREIGN_KEY:
		put_reference(db, out, d, c, how);
		break;
	case DEFINITION_UNIQUE:
	case DEFINITION_PRIMARY_KEY:
		fputs(c->kind == DEFINITION_UNIQUE ? "UNIQUE " : "PRIMARY KEY ", out);
		describe_put_names(out, &c->columns);
		break;
	}
	if (c->deferrable)
		fputs(c->deferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE", out);
	return describe_finish(out, &text, how);
}

char *
describe_view(const char *sql, struct describe_how *how)
{
	/* What an older bibd kept of a view is SQLite's text alone. */
	how->lost = kept_body(sql) == sql;
	return how->lost ? NULL : describe_shown(sql, how);
}
