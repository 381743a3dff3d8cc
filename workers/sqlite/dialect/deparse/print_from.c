/*
 * Prints FROM, and the names that its entries have.
 */
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

static void put_from(struct deparse_printer *p, const struct deparse_from *from);

static bool
is_taken(const struct deparse_query *query, const struct deparse_range *before, const char *name)
{
	for (const struct deparse_query *outer = query; outer != NULL; outer = outer->outer) {
		for (const struct deparse_range *range = outer->ranges;
		     range != NULL && !(outer == query && range == before); range = range->next)
			if (range->alias != NULL && strcmp(range->alias, name) == 0)
				return true;
		/* The query of a view has two more, which no text shows. */
		if (outer->outer == NULL && (strcmp(name, "old") == 0 || strcmp(name, "new") == 0))
			return true;
	}
	return false;
}

/* Each under its own name, or that with a number where an earlier one of this query or one around it has it. */
void
deparse_name_ranges(struct deparse_printer *p, struct deparse_query *query)
{
	for (struct deparse_range *range = query->ranges; range != NULL; range = range->next) {
		const char *given = range->given == NULL ? "" : range->given, *alias = given;

		for (unsigned i = 1; alias != NULL && is_taken(query, range, alias); i++)
			alias = translator_format(p->t, "%s_%u", given, i);
		range->alias = alias == NULL ? given : alias;
	}
}

void
deparse_put_names(struct deparse_printer *p, const char *const *names, unsigned n)
{
	deparse_put(p, "(");
	for (unsigned i = 0; i < n; i++) {
		deparse_put(p, i > 0 ? ", " : "");
		deparse_put_name(p, names[i]);
	}
	deparse_put(p, ")");
}

static void
put_columns(struct deparse_printer *p, const struct deparse_range *range)
{
	deparse_put(p, "(");
	for (unsigned i = 0; i < range->n; i++) {
		deparse_put(p, i > 0 ? ", " : "");
		deparse_put_name(p, range->columns[i].name);
		if (range->defined) {
			deparse_put(p, " ");
			deparse_put_type(p, range->columns[i].oid, range->columns[i].typmod);
		}
	}
	deparse_put(p, ")");
}

static void
put_alias(struct deparse_printer *p, const struct deparse_range *range)
{
	bool shown = range->aliased || range->kind == RANGE_FUNCTION || range->kind == RANGE_QUERY || range->renamed ||
	    strcmp(range->alias, range->name) != 0;

	if (shown) {
		deparse_put(p, " ");
		deparse_put_name(p, range->alias);
	}
	if (range->renamed)
		put_columns(p, range);
}

/* Several unnest() of one argument are one of several. */
static void
put_functions(struct deparse_printer *p, const struct deparse_range *range)
{
	bool unnest = range->nfunctions > 1;

	for (unsigned i = 0; i < range->nfunctions; i++)
		unnest &= strcmp(range->functions[i]->name, "unnest") == 0 && range->functions[i]->n == 1;
	deparse_put(p, unnest ? "UNNEST(" : range->nfunctions > 1 ? "ROWS FROM(" : "");
	for (unsigned i = 0; i < range->nfunctions; i++) {
		deparse_put(p, i > 0 ? ", " : "");
		deparse_put_node(p, unnest ? range->functions[i]->args[0] : range->functions[i], true);
	}
	deparse_put(p, range->nfunctions > 1 ? ")" : "");
}

static void
put_range(struct deparse_printer *p, const struct deparse_range *range)
{
	static const char begin[] = { KEPT_SCHEMA_BEGIN, '\0' }, end[] = { KEPT_SCHEMA_END, '\0' };
	bool catalog = strcmp(range->schema == NULL ? "" : range->schema, "pg_catalog") == 0 ||
	    strcmp(range->schema == NULL ? "" : range->schema, "temp") == 0;

	deparse_put(p, range->lateral ? "LATERAL " : "");
	switch (range->kind) {
	case RANGE_TABLE:
		deparse_put(p, range->only ? "ONLY " : "");
		if (!catalog) {
			deparse_put(p, begin);
			deparse_put_name(p, range->schema);
			deparse_put(p, end);
		}
		deparse_put_name(p, range->name);
		break;
	case RANGE_QUERY:
		deparse_put(p, "(");
		deparse_put_query(p, range->query, NULL, true);
		deparse_put(p, ")");
		break;
	case RANGE_FUNCTION:
		put_functions(p, range);
		deparse_put(p, range->ordinality ? " WITH ORDINALITY" : "");
		break;
	case RANGE_CTE:
		deparse_put_name(p, range->name);
		break;
	case RANGE_JOIN:
		break;
	}
	put_alias(p, range);
}

static void
put_join_condition(struct deparse_printer *p, const struct deparse_from *from)
{
	if (from->nmerged > 0) {
		deparse_put(p, " USING ");
		deparse_put_names(p, from->merged, from->nmerged);
	} else if (from->on != NULL) {
		deparse_put(p, p->pretty ? " ON " : " ON (");
		deparse_put_node(p, from->on, false);
		deparse_put(p, p->pretty ? "" : ")");
	} else if (from->type != PG_QUERY__JOIN_TYPE__JOIN_INNER)
		deparse_put(p, " ON TRUE");
}

static void
put_join(struct deparse_printer *p, const struct deparse_from *from)
{
	bool right = p->pretty && from->right->range == NULL && from->right->named == NULL;
	const char *word = from->type == PG_QUERY__JOIN_TYPE__JOIN_LEFT ? " LEFT JOIN "
	    : from->type == PG_QUERY__JOIN_TYPE__JOIN_RIGHT		? " RIGHT JOIN "
	    : from->type == PG_QUERY__JOIN_TYPE__JOIN_FULL		? " FULL JOIN "
	    : from->on != NULL || from->nmerged > 0			? " JOIN "
									: " CROSS JOIN ";

	deparse_put(p, p->pretty && from->named == NULL ? "" : "(");
	put_from(p, from->left);
	deparse_put_keyword(p, word, -DEPARSE_INDENT, DEPARSE_INDENT, DEPARSE_INDENT_JOIN);
	deparse_put(p, right ? "(" : "");
	put_from(p, from->right);
	deparse_put(p, right ? ")" : "");
	put_join_condition(p, from);
	deparse_put(p, p->pretty && from->named == NULL ? "" : ")");
	if (from->named == NULL)
		return;
	deparse_put(p, " ");
	deparse_put_name(p, from->named->alias);
}

static void
put_from(struct deparse_printer *p, const struct deparse_from *from)
{
	if (from->range != NULL)
		put_range(p, from->range);
	else
		put_join(p, from);
}

/* How long the line at hand is. */
size_t
deparse_line_length(const struct sql_text *text)
{
	const char *line = text->data == NULL ? NULL : strrchr(text->data, '\n');

	return line == NULL ? text->length : strlen(line + 1);
}

/* What was written apart goes behind the rest, on a line of its own where `breaks`. */
void
deparse_put_apart(struct deparse_printer *p, struct sql_text *apart, bool breaks)
{
	if (apart->length > 0 && apart->data[0] == '\n')
		deparse_trim_blanks(p);
	else if (breaks)
		deparse_put_keyword(p, "", -DEPARSE_INDENT, DEPARSE_INDENT, DEPARSE_INDENT_ITEM);
	if (apart->failed)
		p->out->failed = true;
	else if (apart->data != NULL)
		deparse_put(p, apart->data);
	sql_text_free(apart);
}

void
deparse_put_from(struct deparse_printer *p, const struct deparse_query *query)
{
	for (size_t i = 0; i < query->nfrom; i++) {
		struct sql_text apart = { 0 }, *to = p->out;

		if (i == 0) {
			deparse_put_keyword(p, " FROM ", -DEPARSE_INDENT, DEPARSE_INDENT, 2);
			put_from(p, query->from[i]);
			continue;
		}
		deparse_put(p, ", ");
		p->out = &apart;
		put_from(p, query->from[i]);
		p->out = to;
		deparse_put_apart(p, &apart, p->indents && deparse_line_length(to) + apart.length > 0);
	}
}
