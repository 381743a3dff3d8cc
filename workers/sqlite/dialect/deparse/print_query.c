/*
 * Writes a query as PostgreSQL's ruleutils do: each clause on a line of its own, under its indentation.
 */
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"

/* Where indentation no longer grows by itself. */
#define INDENT_LIMIT 40

void
deparse_put(struct deparse_printer *p, const char *text)
{
	sql_text_put(p->out, text);
}

void
deparse_trim_blanks(struct deparse_printer *p)
{
	size_t length = p->out->length;

	while (length > 0 && p->out->data[length - 1] == ' ')
		length--;
	sql_text_cut(p->out, length); /* nothing, when the text has failed */
}

void
deparse_put_keyword(struct deparse_printer *p, const char *word, int before, int after, int plus)
{
	int amount;

	if (!p->indents) {
		deparse_put(p, word);
		return;
	}
	p->indent += before;
	deparse_trim_blanks(p);
	deparse_put(p, "\n");
	if (p->indent < INDENT_LIMIT)
		amount = (p->indent > 0 ? p->indent : 0) + plus;
	else
		amount = (INDENT_LIMIT + (p->indent - INDENT_LIMIT) / (DEPARSE_INDENT / 2)) % INDENT_LIMIT + plus;
	for (int i = 0; i < amount; i++)
		deparse_put(p, " ");
	deparse_put(p, word);
	p->indent += after;
	if (p->indent < 0)
		p->indent = 0;
}

/* ---- ORDER BY, windows ---- */

void
deparse_put_sorted(struct deparse_printer *p, const struct deparse_order *item, bool numbers)
{
	bool call = item->node->kind == DEPARSE_CALL || item->node->kind == DEPARSE_AGGREGATE ||
	    item->node->kind == DEPARSE_WINDOW || item->node->kind == DEPARSE_SYNTAX ||
	    (item->node->kind == DEPARSE_CAST && item->node->computed);

	if (numbers && item->position > 0)
		sql_text_format(p->out, "%u", item->position);
	else if (item->node->kind == DEPARSE_CONSTANT)
		deparse_put_constant(p, item->node, 1);
	else if (item->node->kind == DEPARSE_COLUMN)
		deparse_put_node(p, item->node, true);
	else {
		deparse_put(p, p->pretty || call ? "(" : "");
		deparse_put_node(p, item->node, true);
		deparse_put(p, p->pretty || call ? ")" : "");
	}
}

void
deparse_put_orders(struct deparse_printer *p, const struct deparse_order *items, size_t n, bool numbers)
{
	for (size_t i = 0; i < n; i++) {
		deparse_put(p, i > 0 ? ", " : "");
		deparse_put_sorted(p, &items[i], numbers);
		if (items[i].descending)
			deparse_put(p, items[i].nulls_first ? " DESC" : " DESC NULLS LAST");
		else
			deparse_put(p, items[i].nulls_first ? " NULLS FIRST" : "");
	}
}

/* Bits of a window's frame in PostgreSQL's tree. */
enum frame {
	FRAME_WRITTEN = 0x1,
	FRAME_RANGE = 0x2,
	FRAME_ROWS = 0x4,
	FRAME_GROUPS = 0x8,
	FRAME_BETWEEN = 0x10,
	FRAME_EXCLUDE_ROW = 0x8000,
	FRAME_EXCLUDE_GROUP = 0x10000,
	FRAME_EXCLUDE_TIES = 0x20000,
};

static void
put_bound(struct deparse_printer *p, int frame, bool end, const struct deparse_node *offset)
{
	static const struct {
		int start, end;
		const char *words;
	} bounds[] = {
		{ 0x20, 0x40, " UNBOUNDED PRECEDING" },
		{ 0x80, 0x100, " UNBOUNDED FOLLOWING" },
		{ 0x200, 0x400, " CURRENT ROW" },
		{ 0x800, 0x1000, " PRECEDING" },
		{ 0x2000, 0x4000, " FOLLOWING" },
	};

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		if ((frame & (end ? bounds[i].end : bounds[i].start)) == 0)
			continue;
		if (i >= 3 && offset != NULL) {
			deparse_put(p, " ");
			deparse_put_node(p, offset, false);
		}
		deparse_put(p, bounds[i].words);
	}
}

static void
put_frame(struct deparse_printer *p, const struct deparse_window *window)
{
	deparse_put(p,
	    (window->frame & FRAME_RANGE) != 0	    ? "RANGE"
		: (window->frame & FRAME_ROWS) != 0 ? "ROWS"
						    : "GROUPS");
	deparse_put(p, (window->frame & FRAME_BETWEEN) != 0 ? " BETWEEN" : "");
	put_bound(p, window->frame, false, window->start);
	if ((window->frame & FRAME_BETWEEN) != 0) {
		deparse_put(p, " AND");
		put_bound(p, window->frame, true, window->end);
	}
	if ((window->frame & FRAME_EXCLUDE_ROW) != 0)
		deparse_put(p, " EXCLUDE CURRENT ROW");
	else if ((window->frame & FRAME_EXCLUDE_GROUP) != 0)
		deparse_put(p, " EXCLUDE GROUP");
	else if ((window->frame & FRAME_EXCLUDE_TIES) != 0)
		deparse_put(p, " EXCLUDE TIES");
}

void
deparse_put_over(struct deparse_printer *p, const struct deparse_window *window)
{
	const char *blank = "";

	deparse_put(p, "(");
	if (window->refname != NULL) {
		deparse_put_name(p, window->refname);
		blank = " ";
	}
	if (window->npartition > 0 && window->refname == NULL) {
		deparse_put(p, "PARTITION BY ");
		for (size_t i = 0; i < window->npartition; i++) {
			struct deparse_order item = { .node = window->partition[i] };

			deparse_put(p, i > 0 ? ", " : "");
			deparse_put_sorted(p, &item, false);
		}
		blank = " ";
	}
	if (window->norder > 0) {
		deparse_put(p, blank);
		deparse_put(p, "ORDER BY ");
		deparse_put_orders(p, window->order, window->norder, false);
		blank = " ";
	}
	if ((window->frame & FRAME_WRITTEN) != 0) {
		deparse_put(p, blank);
		put_frame(p, window);
	}
	deparse_put(p, ")");
}

/* ---- the select list ---- */

/* An output column keeps the name of a plain column; where nobody sees names, "?column?" is not written. */
static void
put_target(struct deparse_printer *p, const struct deparse_target *target, const char *name, bool shown)
{
	const char *own = target->node->kind == DEPARSE_COLUMN ? target->node->name : shown ? NULL : "?column?";

	deparse_put_node(p, target->node, true);
	if (own != NULL && strcmp(own, name) == 0)
		return;
	deparse_put(p, " AS ");
	deparse_put_name(p, name);
}

static void
put_targets(struct deparse_printer *p, const struct deparse_query *query, const char *const *names, bool shown)
{
	bool several_lines = false;

	for (size_t i = 0; i < query->ntargets; i++) {
		struct sql_text apart = { 0 }, *to = p->out;
		bool own_line;

		deparse_put(p, i == 0 ? " " : ", ");
		p->out = &apart;
		put_target(p, &query->targets[i], names != NULL ? names[i] : query->targets[i].name, shown);
		p->out = to;
		if (!p->indents) {
			deparse_put_apart(p, &apart, false);
			continue;
		}
		own_line = apart.length > 0 && apart.data[0] == '\n';
		{
			bool breaks = i > 0 && (deparse_line_length(to) + apart.length > 0 || several_lines);

			several_lines = apart.length > 0 && strchr(apart.data + (own_line ? 1 : 0), '\n') != NULL;
			deparse_put_apart(p, &apart, breaks);
		}
	}
}

/* ---- the query ---- */

static void
put_values(struct deparse_printer *p, const struct deparse_query *query)
{
	deparse_put(p, "VALUES ");
	for (size_t i = 0; i < query->nvalues; i++) {
		deparse_put(p, i > 0 ? ", (" : "(");
		for (size_t j = 0; j < query->ntargets; j++) {
			deparse_put(p, j > 0 ? "," : "");
			deparse_put_node(p, query->values[i][j], false);
		}
		deparse_put(p, ")");
	}
}

static void
put_windows(struct deparse_printer *p, const struct deparse_query *query)
{
	for (size_t i = 0; i < query->nwindows; i++) {
		if (i == 0)
			deparse_put_keyword(p, " WINDOW ", -DEPARSE_INDENT, DEPARSE_INDENT, 1);
		else
			deparse_put(p, ", ");
		deparse_put_name(p, query->windows[i].name);
		deparse_put(p, " AS ");
		deparse_put_over(p, &query->windows[i]);
	}
}

static void
put_plain(struct deparse_printer *p, const struct deparse_query *query, const char *const *names, bool shown)
{
	if (p->indents) {
		p->indent += DEPARSE_INDENT;
		deparse_put(p, " ");
	}
	if (query->nvalues > 0) {
		put_values(p, query);
		return;
	}
	deparse_put(p, "SELECT");
	if (query->non > 0) {
		deparse_put(p, " DISTINCT ON (");
		deparse_put_orders(p, query->on, query->non, false);
		deparse_put(p, ")");
	} else if (query->distinct)
		deparse_put(p, " DISTINCT");
	put_targets(p, query, names, shown);
	deparse_put_from(p, query);
	if (query->where != NULL) {
		deparse_put_keyword(p, " WHERE ", -DEPARSE_INDENT, DEPARSE_INDENT, 1);
		deparse_put_node(p, query->where, false);
	}
	if (query->ngrouping > 0) {
		deparse_put_keyword(p, " GROUP BY ", -DEPARSE_INDENT, DEPARSE_INDENT, 1);
		deparse_put_grouping_sets(p, query);
	} else if (query->ngroup > 0) {
		deparse_put_keyword(p, " GROUP BY ", -DEPARSE_INDENT, DEPARSE_INDENT, 1);
		for (size_t i = 0; i < query->ngroup; i++) {
			deparse_put(p, i > 0 ? ", " : "");
			deparse_put_sorted(p, &query->group[i], false);
		}
	}
	if (query->having != NULL) {
		deparse_put_keyword(p, " HAVING ", -DEPARSE_INDENT, DEPARSE_INDENT, 0);
		deparse_put_node(p, query->having, false);
	}
	put_windows(p, query);
}

static void
put_branch(struct deparse_printer *p, struct deparse_query *query, const char *const *names, bool shown)
{
	bool parentheses = query->left == NULL &&
	    (query->ctes != NULL || query->norder > 0 || query->limit != NULL || query->offset != NULL ||
		query->limit_all);

	deparse_put(p, parentheses ? "(" : "");
	deparse_put_query(p, query, names, shown);
	deparse_put(p, parentheses ? ")" : "");
}

/* A set operation alone; one below it is in parentheses, unless it is the same on the left. */
static void
put_set_operation(struct deparse_printer *p, struct deparse_query *query, const char *const *names, bool shown)
{
	struct deparse_query *left = query->left, *right = query->right;
	bool parentheses = left->left != NULL && (strcmp(left->word, query->word) != 0 || left->all != query->all);

	if (parentheses) {
		deparse_put(p, "(");
		deparse_put_keyword(p, "", DEPARSE_INDENT, 0, 0);
	}
	if (left->left != NULL)
		put_set_operation(p, left, names, shown);
	else
		put_branch(p, left, names, shown);
	if (parentheses)
		deparse_put_keyword(p, ") ", -DEPARSE_INDENT, 0, 0);
	else if (p->indents)
		deparse_put_keyword(p, "", 0, 0, 0);
	else
		deparse_put(p, " ");
	deparse_put(p, query->word);
	deparse_put(p, query->all ? "ALL " : "");
	deparse_put(p, right->left != NULL ? "(" : "");
	deparse_put_keyword(p, "", right->left != NULL ? DEPARSE_INDENT : 0, 0, 0);
	if (right->left != NULL)
		put_set_operation(p, right, names, false);
	else
		put_branch(p, right, names, false);
	if (right->left == NULL)
		return;
	p->indent -= DEPARSE_INDENT;
	deparse_put_keyword(p, ")", 0, 0, 0);
}

static void
put_with(struct deparse_printer *p, const struct deparse_query *query)
{
	if (query->ctes == NULL)
		return;
	if (p->indents) {
		p->indent += DEPARSE_INDENT;
		deparse_put(p, " ");
	}
	deparse_put(p, query->recursive ? "WITH RECURSIVE " : "WITH ");
	for (const struct deparse_cte *cte = query->ctes; cte != NULL; cte = cte->next) {
		deparse_put_name(p, cte->name);
		if (cte->naliases > 0)
			deparse_put_names(p, cte->aliases, cte->naliases);
		deparse_put(p, " AS ");
		if (cte->materialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways)
			deparse_put(p, "MATERIALIZED ");
		else if (cte->materialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeNever)
			deparse_put(p, "NOT MATERIALIZED ");
		deparse_put(p, "(");
		if (p->indents)
			deparse_put_keyword(p, "", 0, 0, 0);
		deparse_put_query(p, cte->query, NULL, true);
		if (p->indents)
			deparse_put_keyword(p, "", 0, 0, 0);
		deparse_put(p, cte->next != NULL ? "), " : ")");
	}
	if (p->indents) {
		p->indent -= DEPARSE_INDENT;
		deparse_put_keyword(p, "", 0, 0, 0);
	} else
		deparse_put(p, " ");
}

static void
put_end(struct deparse_printer *p, const struct deparse_query *query)
{
	if (query->norder > 0) {
		deparse_put_keyword(p, " ORDER BY ", -DEPARSE_INDENT, DEPARSE_INDENT, 1);
		deparse_put_orders(p, query->order, query->norder, query->left != NULL);
	}
	if (query->offset != NULL) {
		deparse_put_keyword(p, " OFFSET ", -DEPARSE_INDENT, DEPARSE_INDENT, 0);
		deparse_put_node(p, query->offset, false);
	}
	if (query->limit_all || query->limit != NULL)
		deparse_put_keyword(p, " LIMIT ", -DEPARSE_INDENT, DEPARSE_INDENT, 0);
	if (query->limit_all)
		deparse_put(p, "ALL");
	else if (query->limit != NULL)
		deparse_put_node(p, query->limit, false);
	for (size_t i = 0; i < query->nlocks; i++) {
		deparse_put_keyword(p, query->locks[i].word, -DEPARSE_INDENT, DEPARSE_INDENT, 0);
		deparse_put(p, " OF ");
		deparse_put_name(p, query->locks[i].range->alias);
		deparse_put(p, query->locks[i].wait);
	}
}

void
deparse_put_query(struct deparse_printer *p, struct deparse_query *query, const char *const *names, bool shown)
{
	int indent = p->indent;

	deparse_name_ranges(p, query);
	put_with(p, query);
	if (query->left != NULL)
		put_set_operation(p, query, names, shown);
	else
		put_plain(p, query, names, shown);
	put_end(p, query);
	p->indent = indent;
}
