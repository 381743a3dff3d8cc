/*
 * The model: adding, removing, finding, freeing.
 */
#include "workers/sqlite/schema/definition.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/schema/sequence.h"
#include "workers/sqlite/types/types.h"

int
definition_add_name(struct definition_names *names, const char *name)
{
	char **grown = reallocarray(names->names, names->count + 1, sizeof(*grown));

	if (grown == NULL)
		return -1;
	names->names = grown;
	if ((grown[names->count] = strdup(name)) == NULL)
		return -1;
	names->count++;
	return 0;
}

void
definition_names_free(struct definition_names *names)
{
	for (unsigned i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
	*names = (struct definition_names) { 0 };
}

bool
definition_names_has(const struct definition_names *names, const char *name)
{
	for (unsigned i = 0; i < names->count; i++) {
		if (strcmp(names->names[i], name) == 0)
			return true;
	}
	return false;
}

static void
column_free(struct definition_column *column)
{
	free(column->name);
	free(column->declaration);
	free(column->default_sql);
	if (column->made != NULL)
		schema_sequence_free(column->made);
	free(column->made);
	free(column->made_name);
	free(column->generated);
	free(column->collate);
}

static void
constraint_free(struct definition_constraint *constraint)
{
	free(constraint->name);
	free(constraint->expression);
	free(constraint->parent);
	free(constraint->on_delete);
	free(constraint->on_update);
	definition_names_free(&constraint->columns);
	definition_names_free(&constraint->parent_columns);
}

void
definition_free(struct definition *d)
{
	for (unsigned i = 0; i < d->ncolumns; i++)
		column_free(&d->columns[i]);
	for (unsigned i = 0; i < d->nconstraints; i++)
		constraint_free(&d->constraints[i]);
	free(d->columns);
	free(d->constraints);
	free(d->name);
	free(d->partition);
	definition_names_free(&d->parents);
	definition_names_free(&d->own_columns);
	*d = (struct definition) { 0 };
}

struct definition_column *
definition_add_column(struct definition *d)
{
	struct definition_column *grown = reallocarray(d->columns, d->ncolumns + 1, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	d->columns = grown;
	grown += d->ncolumns++;
	*grown = (struct definition_column) { .oid = 25, .typmod = -1 };
	return grown;
}

struct definition_constraint *
definition_add_constraint(struct definition *d, enum definition_kind kind)
{
	struct definition_constraint *grown = reallocarray(d->constraints, d->nconstraints + 1, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	d->constraints = grown;
	grown += d->nconstraints++;
	*grown = (struct definition_constraint) { .kind = kind };
	return grown;
}

void
definition_remove_column(struct definition *d, unsigned i)
{
	column_free(&d->columns[i]);
	d->ncolumns--;
	memmove(&d->columns[i], &d->columns[i + 1], (d->ncolumns - i) * sizeof(d->columns[0]));
}

void
definition_remove_constraint(struct definition *d, unsigned i)
{
	constraint_free(&d->constraints[i]);
	d->nconstraints--;
	memmove(&d->constraints[i], &d->constraints[i + 1], (d->nconstraints - i) * sizeof(d->constraints[0]));
}

struct definition_column *
definition_find_column(const struct definition *d, const char *name)
{
	for (unsigned i = 0; i < d->ncolumns; i++) {
		if (strcmp(d->columns[i].name, name) == 0)
			return &d->columns[i];
	}
	return NULL;
}

struct definition_constraint *
definition_find_constraint(const struct definition *d, const char *name)
{
	for (unsigned i = 0; i < d->nconstraints; i++) {
		if (d->constraints[i].name != NULL && strcmp(d->constraints[i].name, name) == 0)
			return &d->constraints[i];
	}
	return NULL;
}

struct definition_constraint *
definition_primary_key(const struct definition *d)
{
	for (unsigned i = 0; i < d->nconstraints; i++) {
		if (d->constraints[i].kind == DEFINITION_PRIMARY_KEY)
			return &d->constraints[i];
	}
	return NULL;
}

bool
definition_is_late(const struct definition_constraint *constraint)
{
	return constraint->deferrable &&
	    (constraint->kind == DEFINITION_UNIQUE || constraint->kind == DEFINITION_PRIMARY_KEY);
}

struct definition_column *
definition_rowid_column(const struct definition *d)
{
	const struct definition_constraint *key = definition_primary_key(d);
	struct definition_column *column;

	if (d->without_rowid || key == NULL || key->columns.count != 1 || definition_is_late(key))
		return NULL;
	column = definition_find_column(d, key->columns.names[0]);
	return column != NULL && strcasecmp(column->declaration, "INTEGER") == 0 ? column : NULL;
}

/* The name PostgreSQL would have given to a constraint that has none. */
static void
name_constraint(const struct definition *d, struct definition_constraint *c)
{
	static const char *const labels[] = { "check", "key", "pkey", "fkey" };
	char *columns = NULL;
	size_t length;
	FILE *out;

	if (c->name != NULL || (out = open_memstream(&columns, &length)) == NULL)
		return;
	for (unsigned i = 0; i < c->columns.count; i++)
		fprintf(out, "%s%s", i == 0 ? "" : "_", c->columns.names[i]);
	if (fclose(out) == 0)
		c->name = definition_object_name(d->name,
		    length == 0 || c->kind == DEFINITION_PRIMARY_KEY ? NULL : columns, labels[c->kind]);
	free(columns);
}

void
definition_complete(struct definition *d)
{
	const struct definition_constraint *key = definition_primary_key(d);
	struct definition_column *rowid = definition_rowid_column(d);

	for (unsigned i = 0; i < d->nconstraints; i++)
		name_constraint(d, &d->constraints[i]);
	for (unsigned i = 0; key != NULL && i < key->columns.count; i++) {
		struct definition_column *column = definition_find_column(d, key->columns.names[i]);

		if (column != NULL)
			column->not_null = true;
	}
	if (rowid != NULL && !rowid->marked)
		rowid->oid = TYPE_INT8;
}
