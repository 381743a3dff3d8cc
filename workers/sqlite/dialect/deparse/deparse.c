/*
 * The ways in: a view's query, an expression of a table. Each text is made twice, plain and pretty.
 */
#include "workers/sqlite/dialect/deparse/deparse.h"

#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

/* A text longer than this is not kept: it stands twice in the file's schema. */
#define TEXT_MAX (1 << 20)

/* Takes the text over into the translator's memory. */
static const char *
take(struct translator *t, struct sql_text *text, const char *end)
{
	const char *taken = NULL;

	sql_text_put(text, end);
	if (!text->failed && text->length <= TEXT_MAX)
		taken = translator_copy(t, text->data);
	sql_text_free(text);
	return taken;
}

/* What went wrong on the way to a text is no error of the statement, unless memory is out. */
static bool
done(struct translator *t, struct report *own, struct report *here, const struct deparse_texts *texts)
{
	t->report = own;
	report_reset(here);
	return texts->plain != NULL && texts->pretty != NULL;
}

bool
deparse_view(struct translator *t, const PgQuery__SelectStmt *select, const char *const *names, unsigned n,
    struct deparse_texts *texts)
{
	struct report *own = t->report, here = { 0 };
	struct deparser d = { .t = t };
	struct deparse_query *query;

	*texts = (struct deparse_texts) { 0 };
	t->report = &here;
	query = deparse_query(&d, select, 0);
	for (unsigned pretty = 0; query != NULL && query->n == n && pretty < 2; pretty++) {
		struct sql_text out = { 0 };
		struct deparse_printer p = { .t = t,
			.out = &out,
			.pretty = pretty > 0,
			.indents = true,
			.qualified = true };

		deparse_put_query(&p, query, names, true);
		*(pretty ? &texts->pretty : &texts->plain) = take(t, &out, ";");
	}
	return done(t, own, &here, texts);
}

static struct deparse_range *
table_of(struct deparser *d, const struct definition *definition)
{
	struct deparse_range *range = translator_alloc(d->t, sizeof(*range));

	if (range == NULL)
		return NULL;
	range->given = range->alias = definition->name == NULL ? "" : definition->name;
	range->value = definition->name == NULL;
	range->n = definition->ncolumns;
	if ((range->columns = translator_alloc(d->t, (range->n + 1) * sizeof(*range->columns))) == NULL)
		return NULL;
	for (unsigned i = 0; i < range->n; i++)
		range->columns[i] = (struct deparse_column) { .name = definition->columns[i].name,
			.oid = definition->columns[i].domain != 0 ? definition->columns[i].domain
								  : definition->columns[i].oid,
			.typmod = definition->columns[i].domain != 0 ? -1 : definition->columns[i].typmod };
	return range;
}

static bool
is_call(const struct deparse_node *node)
{
	return node->kind == DEPARSE_CALL || node->kind == DEPARSE_SYNTAX || node->kind == DEPARSE_FUNCTION ||
	    node->kind == DEPARSE_VALUE;
}

bool
deparse_expression(struct translator *t, const struct definition *definition, const PgQuery__Node *source, uint32_t oid,
    int32_t typmod, struct deparse_texts *texts, bool *call)
{
	struct report *own = t->report, here = { 0 };
	struct deparser d = { .t = t };
	struct deparse_node *node = NULL;

	*texts = (struct deparse_texts) { 0 };
	t->report = &here;
	if (definition == NULL || (d.table = table_of(&d, definition)) != NULL)
		node = deparse_node(&d, source);
	if (node != NULL && deparse_is_unknown(node) && oid == TYPE_UNKNOWN)
		oid = TYPE_TEXT;
	node = deparse_coerce(&d, node, oid, typmod, true);
	if (call != NULL)
		*call = node != NULL && is_call(node);
	for (unsigned pretty = 0; node != NULL && pretty < 2; pretty++) {
		struct sql_text out = { 0 };
		struct deparse_printer p = { .t = t,
			.out = &out,
			.pretty = pretty > 0,
			.indents = true,
			.marks = definition != NULL };

		deparse_put_node(&p, node, false);
		*(pretty ? &texts->pretty : &texts->plain) = take(t, &out, "");
	}
	return done(t, own, &here, texts);
}

const char *
deparse_name(struct translator *t, const char *name)
{
	struct sql_text out = { 0 };
	struct deparse_printer p = { .t = t, .out = &out };

	deparse_put_name(&p, name);
	return take(t, &out, "");
}
