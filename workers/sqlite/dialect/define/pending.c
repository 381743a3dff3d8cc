/*
 * The constraints that a statement asked for, brought into PostgreSQL's order once all columns are known.
 */
#include <string.h>

#include "workers/sqlite/dialect/define/define.h"
#include "workers/sqlite/dialect/expression.h"

static bool
is_key(const PgQuery__Constraint *c)
{
	return c->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
	    c->contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE;
}

static bool
is_named(const PgQuery__Constraint *c)
{
	return c->conname != NULL && *c->conname != '\0';
}

/* The n-th column of a key, or NULL. */
static const char *
key_column(const struct definition *d, const struct define_pending *key, size_t n)
{
	if (key->constraint->n_keys == 0)
		return n == 0 && key->column < d->ncolumns ? d->columns[key->column].name : NULL;
	return n < key->constraint->n_keys ? translate_string(key->constraint->keys[n]) : NULL;
}

static bool
is_same(const struct definition *d, const struct define_pending *a, const struct define_pending *b)
{
	if (!is_key(a->constraint) || a->constraint->deferrable != b->constraint->deferrable ||
	    a->constraint->initdeferred != b->constraint->initdeferred ||
	    a->constraint->nulls_not_distinct != b->constraint->nulls_not_distinct)
		return false;
	for (size_t i = 0;; i++) {
		const char *name = key_column(d, a, i), *other = key_column(d, b, i);

		if (name == NULL || other == NULL)
			return name == other;
		if (strcmp(name, other) != 0)
			return false;
	}
}

enum wanted { IS_PRIOR, IS_NAMED };

/* Of the keys over the same columns one statement makes one: the primary, or the first, under the first name that was
 * given to any of them. Another one that comes before it, or one that has a name. */
static const struct define_pending *
find_same(const struct definition *d, const struct define_pending *all, const struct define_pending *key,
    enum wanted wanted)
{
	bool primary = key->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY, before = true;

	for (; all != NULL; all = all->next) {
		bool prior = !primary && (before || all->constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY);

		before &= all != key;
		if (all != key && (wanted == IS_PRIOR ? prior : is_named(all->constraint)) && is_same(d, all, key))
			return all;
	}
	return NULL;
}

/* A foreign key may not change what is generated. */
static int
check_generated_keys(struct translator *t, const struct definition *d)
{
	for (unsigned i = 0; i < d->nconstraints; i++) {
		const struct definition_constraint *c = &d->constraints[i];
		bool sets_deleted = c->on_delete != NULL && strncmp(c->on_delete, "SET", 3) == 0;
		bool sets_updated = c->on_update != NULL && strcmp(c->on_update, "RESTRICT") != 0;

		for (unsigned n = 0; c->kind == DEFINITION_FOREIGN_KEY && n < c->columns.count; n++) {
			const struct definition_column *column = definition_find_column(d, c->columns.names[n]);

			if (column != NULL && column->generated != NULL && (sets_deleted || sets_updated))
				return translate_fail(t, -1, SQLSTATE_SYNTAX_ERROR,
				    "invalid %s action for foreign key constraint containing generated column",
				    sets_updated ? "ON UPDATE" : "ON DELETE");
		}
	}
	return 0;
}

int
define_resolve(struct translator *t, struct definition *d, const char *schema, struct define_pending *pending)
{
	struct define_pending *ordered = NULL, *next;

	for (; pending != NULL; pending = next) {
		next = pending->next;
		pending->next = ordered;
		ordered = pending;
	}
	for (const struct define_pending *all = ordered; ordered != NULL; ordered = ordered->next) {
		PgQuery__Constraint constraint = *ordered->constraint;

		if (is_key(&constraint) && find_same(d, all, ordered, IS_PRIOR) != NULL)
			continue;
		if (is_key(&constraint) && !is_named(&constraint)) {
			const struct define_pending *other = find_same(d, all, ordered, IS_NAMED);

			constraint.conname = other == NULL ? NULL : other->constraint->conname;
		}
		if (define_add_constraint(t, d, schema, &constraint, ordered->column) == -1)
			return -1;
	}
	return check_generated_keys(t, d);
}
