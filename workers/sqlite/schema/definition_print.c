/*
 * Writing a CREATE TABLE that definition_parse reads back to the same model.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/schema/definition.h"
#include "workers/sqlite/types/quote.h"
#include "workers/sqlite/types/types.h"
#include "workers/sqlite/schema/names.h"
#include "workers/sqlite/schema/inherit.h"
#include "workers/sqlite/schema/partition.h"

#define NAME_MAX_BYTES 63 /* NAMEDATALEN - 1 */

void
definition_put_name(FILE *out, const char *name)
{
	quote_put(out, name, strlen(name), '"');
}

void
definition_put_text(FILE *out, const char *text)
{
	quote_put(out, text, strlen(text), '\'');
}

void
definition_put_names(FILE *out, const struct definition_names *names)
{
	fputs("(", out);
	for (unsigned i = 0; i < names->count; i++) {
		fputs(i == 0 ? "" : ", ", out);
		definition_put_name(out, names->names[i]);
	}
	fputs(")", out);
}

static void
put_constraint_name(FILE *out, const char *name)
{
	if (name == NULL)
		return;
	fputs(" CONSTRAINT ", out);
	definition_put_name(out, name);
}

/* Which type it is, where the declaration does not say: see definition.h. */
static void
put_mark_name(FILE *out, const struct definition_column *column, bool rowid)
{
	static const char *const identities[] = { "", ":serial", ":default", ":always" };
	const struct type *type = type_by_oid(column->oid);

	fputs(" CONSTRAINT \"" DEFINITION_MARK, out);
	if (type_is_user(column->oid))
		fprintf(out, "#%u", (unsigned)column->oid);
	else
		fputs(type != NULL && (rowid || type_is_array(column->oid)) ? type->name : "type", out);
	if (column->domain != 0)
		fprintf(out, ":#%u", (unsigned)column->domain);
	fprintf(out, "%s\"", identities[column->identity]);
}

/* A rowid column's mark says what it is declared as; SQLite itself must read plain INTEGER. */
static void
put_mark(FILE *out, const struct definition_column *column, bool rowid)
{
	if (!column->marked)
		return;
	put_mark_name(out, column, rowid);
	if (rowid && column->oid == TYPE_INT8) {
		fputs(" CHECK (TRUE)", out);
		return;
	}
	fprintf(out, " CHECK (bibd_valid(%u, %d, ", (unsigned)type_kept_as(column->oid), (int)column->typmod);
	definition_put_name(out, column->name);
	fputs("))", out);
}

void
definition_print_column(const struct definition *d, const struct definition_column *column, FILE *out)
{
	bool rowid = definition_rowid_column(d) == column;
	const struct definition_constraint *key = definition_primary_key(d);

	definition_put_name(out, column->name);
	fprintf(out, "%s%s", *column->declaration == '\0' ? "" : " ", column->declaration);
	if (rowid) {
		put_constraint_name(out, key->name);
		fputs(" PRIMARY KEY", out);
		if (key->autoincrement)
			fputs(" AUTOINCREMENT", out);
	}
	if (column->collate != NULL) {
		fputs(" COLLATE ", out);
		definition_put_name(out, column->collate);
	}
	if (column->generated != NULL)
		fprintf(out, " GENERATED ALWAYS AS (%s) %s", column->generated, column->stored ? "STORED" : "VIRTUAL");
	if (column->not_null && !rowid)
		fputs(" NOT NULL", out);
	if (column->default_sql != NULL)
		fprintf(out, " DEFAULT (%s)", column->default_sql);
	put_mark(out, column, rowid);
}

static void
put_foreign_key(const struct definition_constraint *c, FILE *out)
{
	fputs(" FOREIGN KEY ", out);
	definition_put_names(out, &c->columns);
	fputs(" REFERENCES ", out);
	definition_put_name(out, c->parent);
	if (c->parent_columns.count > 0) {
		fputs(" ", out);
		definition_put_names(out, &c->parent_columns);
	}
	fputs(c->match_full ? " MATCH FULL" : "", out);
	if (c->on_delete != NULL)
		fprintf(out, " ON DELETE %s", c->on_delete);
	if (c->on_update != NULL)
		fprintf(out, " ON UPDATE %s", c->on_update);
	if (c->deferrable)
		fprintf(out, " DEFERRABLE INITIALLY %s", c->deferred ? "DEFERRED" : "IMMEDIATE");
}

const char *
definition_late_index(int64_t number, char name[DEFINITION_LATE_BYTES])
{
	(void)snprintf(name, DEFINITION_LATE_BYTES, DEFINITION_LATE "%0*" PRIx64, DEFINITION_LATE_DIGITS,
	    (uint64_t)number);
	return name;
}

/* bibd_late_key(number, INITIALLY DEFERRED, values...) */
static void
put_late(const struct definition_constraint *c, FILE *out)
{
	char index[DEFINITION_LATE_BYTES], *name;

	if (asprintf(&name, "%s%c%c:%s", definition_late_index(c->number, index),
		c->kind == DEFINITION_PRIMARY_KEY ? 'p' : 'u', c->deferred ? 'd' : 'i', c->name) < 0)
		return;
	put_constraint_name(out, name);
	free(name);
	fprintf(out, " CHECK (bibd_late_key(%" PRId64 ", %d", c->number, c->deferred);
	for (unsigned i = 0; i < c->columns.count; i++) {
		fputs(", ", out);
		definition_put_name(out, c->columns.names[i]);
	}
	fputs("))", out);
}

/*
 * What stands before the condition of a CHECK that is NOT VALID. It names all columns: SQLite passes over a CHECK that
 * names none of those which an UPDATE changes, as it takes the stored row to hold to it. So many at a time as a
 * function's arguments may be.
 */
static void
put_not_valid(const struct definition *d, FILE *out)
{
	enum { ARGUMENTS = 100 };

	fputs(NOT_VALID, out);
	for (unsigned i = 0; i < d->ncolumns; i++) {
		fputs(i == 0 ? "" : i % ARGUMENTS == 0 ? ") OR bibd_unchecked(" : ", ", out);
		definition_put_name(out, d->columns[i].name);
	}
	fputs(NOT_VALID_END, out);
}

void
definition_print_constraint(const struct definition *d, const struct definition_constraint *c, FILE *out)
{
	if (definition_is_late(c)) {
		put_late(c, out);
		return;
	}
	put_constraint_name(out, c->name);
	switch (c->kind) {
	case DEFINITION_CHECK:
		fprintf(out, " CHECK (%s", c->no_inherit ? NO_INHERIT : "");
		if (c->not_valid)
			put_not_valid(d, out);
		fprintf(out, "%s%s)", c->expression, c->not_valid ? ")" : "");
		break;
	case DEFINITION_FOREIGN_KEY:
		put_foreign_key(c, out);
		break;
	case DEFINITION_UNIQUE:
	case DEFINITION_PRIMARY_KEY:
		fputs(c->kind == DEFINITION_UNIQUE ? " UNIQUE " : " PRIMARY KEY ", out);
		definition_put_names(out, &c->columns);
		break;
	}
}

/* SQLite takes MATCH FULL for MATCH SIMPLE. */
static void
put_full_match(const struct definition_constraint *c, FILE *out)
{
	char *name = NULL;

	if (!c->match_full || c->columns.count < 2 || asprintf(&name, DEFINITION_FULL "%s", c->name) < 0)
		return;
	fputs(",", out);
	put_constraint_name(out, name);
	fputs(" CHECK (", out);
	for (unsigned i = 1; i < c->columns.count; i++) {
		fputs(i > 1 ? " AND (" : "(", out);
		definition_put_name(out, c->columns.names[0]);
		fputs(" IS NULL) = (", out);
		definition_put_name(out, c->columns.names[i]);
		fputs(" IS NULL)", out);
	}
	fputs(")", out);
	free(name);
}

void
definition_print(const struct definition *d, FILE *out, const char *schema, const char *name)
{
	bool rowid = definition_rowid_column(d) != NULL;

	fputs(d->temporary ? "CREATE TEMP TABLE " : "CREATE TABLE ", out);
	if (schema != NULL && !d->temporary) {
		definition_put_name(out, schema);
		fputc('.', out);
	}
	definition_put_name(out, name);
	fputs(" (", out);
	for (unsigned i = 0; i < d->ncolumns; i++) {
		fputs(i == 0 ? "" : ", ", out);
		definition_print_column(d, &d->columns[i], out);
	}
	for (unsigned i = 0; i < d->nconstraints; i++) {
		if (rowid && d->constraints[i].kind == DEFINITION_PRIMARY_KEY)
			continue;
		fputs(",", out);
		definition_print_constraint(d, &d->constraints[i], out);
	}
	for (unsigned i = 0; i < d->nconstraints; i++)
		put_full_match(&d->constraints[i], out);
	if (d->parents.count > 0) {
		fputs(", CONSTRAINT \"" DEFINITION_INHERITS "\" CHECK (", out);
		inherit_print(d, out);
		fputs(")", out);
	}
	if (d->partition != NULL) {
		fputs(", CONSTRAINT \"" DEFINITION_PARTITION "\" CHECK (", out);
		schema_partition_print_key(d->partition, out);
		fputs(")", out);
	}
	if (d->unlogged)
		fputs(", CONSTRAINT \"" DEFINITION_UNLOGGED "\" CHECK (TRUE)", out);
	if (d->matview)
		fputs(", CONSTRAINT \"" DEFINITION_MATVIEW "\" CHECK (TRUE)", out);
	if (d->commit_deletes || d->commit_drops)
		fprintf(out, ", CONSTRAINT \"%s\" CHECK (TRUE)",
		    d->commit_drops ? DEFINITION_COMMIT_DROPS : DEFINITION_COMMIT_DELETES);
	fputs(")", out);
	if (d->without_rowid || d->strict)
		fprintf(out, " %s%s%s", d->without_rowid ? "WITHOUT ROWID" : "",
		    d->without_rowid && d->strict ? ", " : "", d->strict ? "STRICT" : "");
}

/* Cuts the longer of the two first parts, byte by byte, until the whole fits; never inside a character. */
char *
definition_object_name(const char *table, const char *columns, const char *label)
{
	size_t a, b = columns == NULL ? 0 : strlen(columns);
	size_t fixed = 1 + strlen(label) + (columns == NULL ? 0 : 1);
	char *name = NULL;
	int n;

	table = namespace_relation(table);
	a = strlen(table);
	while (a + b + fixed > NAME_MAX_BYTES && a + b > 0) {
		if (a > b)
			a--;
		else
			b--;
	}
	while (a > 0 && ((unsigned char)table[a] & 0xc0) == 0x80)
		a--;
	while (b > 0 && ((unsigned char)columns[b] & 0xc0) == 0x80)
		b--;
	if (columns == NULL)
		n = asprintf(&name, "%.*s_%s", (int)a, table, label);
	else
		n = asprintf(&name, "%.*s_%.*s_%s", (int)a, table, (int)b, columns, label);
	return n < 0 ? NULL : name;
}
