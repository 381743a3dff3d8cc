/*
 * Writes an expression as PostgreSQL's ruleutils do: with every parenthesis, or pretty, with those that are needed.
 */
#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/dialect/deparse/tree.h"
#include "workers/sqlite/memory/memory.h"

static void
put(struct deparse_printer *p, const char *text)
{
	sql_text_put(p->out, text);
}

/* Whether PostgreSQL reads the word as a name wherever one may stand. */
static bool
is_free_word(const char *name)
{
	bool before = memory_guard(false), free_word = false;
	PgQueryScanResult result = pg_query_scan(name);
	PgQuery__ScanResult *scan = NULL;

	if (result.error == NULL)
		scan = pg_query__scan_result__unpack(NULL, result.pbuf.len, (const uint8_t *)result.pbuf.data);
	if (scan != NULL && scan->n_tokens == 1)
		free_word = scan->tokens[0]->keyword_kind == PG_QUERY__KEYWORD_KIND__NO_KEYWORD ||
		    scan->tokens[0]->keyword_kind == PG_QUERY__KEYWORD_KIND__UNRESERVED_KEYWORD;
	if (scan != NULL)
		pg_query__scan_result__free_unpacked(scan, NULL);
	pg_query_free_scan_result(result);
	(void)memory_guard(before);
	return free_word;
}

void
deparse_put_name(struct deparse_printer *p, const char *name)
{
	bool plain = *name == '_' || (*name >= 'a' && *name <= 'z');

	plain = plain && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
	/* A name with what marks the parts of a kept text: there is none. */
	for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++)
		p->out->failed |= *c < ' ';
	if (plain && is_free_word(name))
		put(p, name);
	else
		sql_text_put_identifier(p->out, name);
}

static void
put_type(struct deparse_printer *p, uint32_t oid, int32_t typmod)
{
	char *text = oid == TYPE_BPCHAR && typmod < 0 ? NULL : type_format(oid, typmod);

	p->out->failed |= type_by_oid(oid) == NULL; /* a type of the file, which may be renamed: its name is not kept */
	put(p, text != NULL ? text : "bpchar");
	free(text);
}

void
deparse_put_constant(struct deparse_printer *p, const struct deparse_node *node, int label)
{
	bool needed = true;

	if (node->text == NULL) {
		put(p, "NULL");
		needed = label >= 0 && node->oid != TYPE_UNKNOWN;
		label = needed ? 1 : -1;
	} else if (node->oid == TYPE_BOOL || (node->oid == TYPE_INT4 && node->text[0] != '-')) {
		put(p, node->text);
		needed = false;
	} else if (node->oid == TYPE_NUMERIC && node->text[0] >= '0' && node->text[0] <= '9' &&
	    strpbrk(node->text, "eE.") != NULL) {
		put(p, node->text);
		needed = node->typmod >= 0;
	} else {
		sql_text_put_string(p->out, node->text, strlen(node->text));
		needed = node->oid != TYPE_UNKNOWN;
	}
	if (label < 0 || (!needed && label == 0))
		return;
	put(p, "::");
	put_type(p, node->oid, node->typmod);
}

/* ---- which nodes need no parentheses in which others ---- */

static const char *
simple_operator(const struct deparse_node *node)
{
	return node->kind == DEPARSE_OPERATOR && node->n == 2 && strlen(node->name) == 1 ? node->name : NULL;
}

static bool
binds_tighter(const struct deparse_node *node, const struct deparse_node *parent)
{
	const char *own = simple_operator(node), *outer = simple_operator(parent);
	bool low, high, low_outer, high_outer;

	if (own == NULL || outer == NULL)
		return false;
	low = strchr("+-", *own) != NULL;
	high = strchr("*/%", *own) != NULL;
	low_outer = strchr("+-", *outer) != NULL;
	high_outer = strchr("*/%", *outer) != NULL;
	if ((!low && !high) || (!low_outer && !high_outer))
		return false;
	if (high && low_outer)
		return true;
	if (low && high_outer)
		return false;
	return node == parent->args[0];
}

/* A parent that has parentheses or words of its own around what is in it. */
static bool
encloses(const struct deparse_node *parent)
{
	switch (parent->kind) {
	case DEPARSE_CALL:
	case DEPARSE_ARRAY:
	case DEPARSE_FUNCTION:
	case DEPARSE_AGGREGATE:
	case DEPARSE_WINDOW:
	case DEPARSE_CASE:
		return true;
	default:
		return false;
	}
}

static bool
is_boolean(const struct deparse_node *node)
{
	return node->kind == DEPARSE_AND || node->kind == DEPARSE_OR || node->kind == DEPARSE_NOT;
}

static bool
is_simple(const struct deparse_node *node, const struct deparse_node *parent)
{
	switch (node->kind) {
	case DEPARSE_COLUMN:
	case DEPARSE_CONSTANT:
	case DEPARSE_ARRAY:
	case DEPARSE_FUNCTION:
	case DEPARSE_VALUE:
	case DEPARSE_AGGREGATE:
	case DEPARSE_WINDOW:
	case DEPARSE_CALL:
	case DEPARSE_SYNTAX:
	case DEPARSE_CASE:
	case DEPARSE_SUBSCRIPT:
		return true;
	case DEPARSE_CAST:
		/* One that a function does is a call in PostgreSQL's eyes; another is as simple as what is cast. */
		return node->computed || is_simple(node->args[0], node);
	case DEPARSE_OPERATOR:
		if (parent->kind == DEPARSE_OPERATOR)
			return binds_tighter(node, parent);
		return is_boolean(parent) || encloses(parent);
	case DEPARSE_SUBLINK:
	case DEPARSE_NULL_TEST:
	case DEPARSE_BOOLEAN_TEST:
	case DEPARSE_DISTINCT:
		return is_boolean(parent) || encloses(parent);
	case DEPARSE_AND:
	case DEPARSE_NOT:
		return parent->kind == DEPARSE_AND || parent->kind == DEPARSE_OR || encloses(parent);
	case DEPARSE_OR:
		return parent->kind == DEPARSE_OR || encloses(parent);
	default:
		return false;
	}
}

void
deparse_put_in(struct deparse_printer *p, const struct deparse_node *node, bool implicit,
    const struct deparse_node *parent)
{
	bool parentheses = p->pretty && !is_simple(node, parent);

	put(p, parentheses ? "(" : "");
	deparse_put_node(p, node, implicit);
	put(p, parentheses ? ")" : "");
}

/* ---- each kind of node ---- */

static void
put_column(struct deparse_printer *p, const struct deparse_node *node)
{
	if (p->qualified) {
		deparse_put_name(p, node->range->alias);
		put(p, ".");
	}
	if (node->range != NULL && node->range->value)
		put(p, "VALUE");
	else
		deparse_put_name(p, node->name);
}

static void
put_list(struct deparse_printer *p, const struct deparse_node *node, size_t from)
{
	for (size_t i = from; i < node->n; i++) {
		put(p, i > from ? ", " : "");
		deparse_put_node(p, node->args[i], true);
	}
}

static void
put_call(struct deparse_printer *p, const struct deparse_node *node)
{
	deparse_put_name(p, node->name);
	put(p, node->all ? "(DISTINCT " : "(");
	put(p, node->star ? "*" : "");
	put_list(p, node, 0);
	if (node->norder > 0) {
		put(p, " ORDER BY ");
		deparse_put_orders(p, node->order, node->norder, false);
	}
	put(p, ")");
	if (node->first != NULL) {
		put(p, " FILTER (WHERE ");
		deparse_put_node(p, node->first, false);
		put(p, ")");
	}
}

/* "TRIM(BOTH x FROM y)": SQL's own words. */
static void
put_trim(struct deparse_printer *p, const struct deparse_node *node)
{
	put(p, node->name[0] == 'b' ? "TRIM(BOTH" : node->name[0] == 'l' ? "TRIM(LEADING" : "TRIM(TRAILING");
	if (node->n == 2) {
		put(p, " ");
		deparse_put_node(p, node->args[1], false);
	}
	put(p, " FROM ");
	deparse_put_node(p, node->args[0], false);
	put(p, ")");
}

static void
put_words(struct deparse_printer *p, const struct deparse_node *node, const char *const *words)
{
	for (size_t i = 0; i < node->n; i++) {
		put(p, words[i]);
		deparse_put_node(p, node->args[i], false);
	}
	put(p, ")");
}

static void
put_syntax(struct deparse_printer *p, const struct deparse_node *node)
{
	static const char *const substring[] = { "SUBSTRING(", " FROM ", " FOR " };
	static const char *const overlay[] = { "OVERLAY(", " PLACING ", " FROM ", " FOR " };

	if (strcmp(node->name, "timezone") == 0) {
		put(p, "(");
		deparse_put_in(p, node->args[1], false, node);
		put(p, " AT TIME ZONE ");
		deparse_put_in(p, node->args[0], false, node);
		put(p, ")");
	} else if (strcmp(node->name, "extract") == 0) {
		put(p, "EXTRACT(");
		put(p, node->args[0]->text == NULL ? "" : node->args[0]->text);
		put(p, " FROM ");
		deparse_put_node(p, node->args[1], false);
		put(p, ")");
	} else if (strcmp(node->name, "position") == 0) {
		put(p, "POSITION((");
		deparse_put_node(p, node->args[1], false);
		put(p, ") IN (");
		deparse_put_node(p, node->args[0], false);
		put(p, "))");
	} else if (strcmp(node->name, "substring") == 0)
		put_words(p, node, substring);
	else if (strcmp(node->name, "overlay") == 0)
		put_words(p, node, overlay);
	else
		put_trim(p, node);
}

static void
put_operator(struct deparse_printer *p, const struct deparse_node *node)
{
	put(p, p->pretty ? "" : "(");
	if (node->n == 2) {
		deparse_put_in(p, node->args[0], true, node);
		put(p, " ");
	}
	put(p, node->kind == DEPARSE_DISTINCT ? "IS DISTINCT FROM" : node->name);
	put(p, " ");
	deparse_put_in(p, node->args[node->n - 1], true, node);
	put(p, p->pretty ? "" : ")");
}

static void
put_any(struct deparse_printer *p, const struct deparse_node *node)
{
	put(p, p->pretty ? "" : "(");
	deparse_put_in(p, node->args[0], true, node);
	put(p, " ");
	put(p, node->name);
	put(p, node->all ? " ALL (" : " ANY (");
	deparse_put_in(p, node->args[1], true, node);
	/* Else it would be read as a subquery of rows. */
	if (node->args[1]->kind == DEPARSE_SUBLINK && node->args[1]->sublink == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK) {
		put(p, "::");
		put_type(p, node->args[1]->oid, node->args[1]->typmod);
	}
	put(p, ")");
	put(p, p->pretty ? "" : ")");
}

static void
put_boolean(struct deparse_printer *p, const struct deparse_node *node)
{
	put(p, p->pretty ? "" : "(");
	if (node->kind == DEPARSE_NOT)
		put(p, "NOT ");
	for (size_t i = 0; i < node->n; i++) {
		if (i > 0)
			put(p, node->kind == DEPARSE_AND ? " AND " : " OR ");
		deparse_put_in(p, node->args[i], false, node);
	}
	put(p, p->pretty ? "" : ")");
}

static void
put_test(struct deparse_printer *p, const struct deparse_node *node)
{
	put(p, p->pretty ? "" : "(");
	deparse_put_in(p, node->args[0], node->kind == DEPARSE_NULL_TEST, node);
	put(p, node->name);
	put(p, p->pretty ? "" : ")");
}

static void
put_cast(struct deparse_printer *p, const struct deparse_node *node, bool implicit)
{
	const struct deparse_node *arg = node->args[0];

	if (node->implicit && !implicit) {
		deparse_put_in(p, arg, false, node);
		return;
	}
	if (arg->kind == DEPARSE_CONSTANT && arg->oid == node->oid && arg->typmod < 0)
		deparse_put_constant(p, arg, -1);
	else {
		put(p, p->pretty ? "" : "(");
		deparse_put_in(p, arg, false, node);
		put(p, p->pretty ? "" : ")");
	}
	put(p, "::");
	put_type(p, node->oid, node->typmod);
}

static void
put_case(struct deparse_printer *p, const struct deparse_node *node)
{
	const char *blank = p->indents ? "" : " ";

	deparse_put_keyword(p, "CASE", 0, DEPARSE_INDENT_ITEM, 0);
	if (node->first != NULL) {
		put(p, " ");
		deparse_put_node(p, node->first, true);
	}
	for (size_t i = 0; i + 1 < node->n; i += 2) {
		put(p, blank);
		deparse_put_keyword(p, "WHEN ", 0, 0, 0);
		deparse_put_node(p, node->args[i], false);
		put(p, " THEN ");
		deparse_put_node(p, node->args[i + 1], true);
	}
	put(p, blank);
	deparse_put_keyword(p, "ELSE ", 0, 0, 0);
	deparse_put_node(p, node->args[node->n - 1], true);
	put(p, blank);
	deparse_put_keyword(p, "END", -DEPARSE_INDENT_ITEM, 0, 0);
}

static void
put_array(struct deparse_printer *p, const struct deparse_node *node)
{
	put(p, "ARRAY[");
	put_list(p, node, 0);
	put(p, "]");
	if (node->n == 0) {
		put(p, "::");
		put_type(p, node->oid, -1);
	}
}

static void
put_sublink(struct deparse_printer *p, const struct deparse_node *node)
{
	bool parentheses = node->first != NULL || node->sublink == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK;

	put(p, node->sublink == PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK ? "ARRAY(" : "(");
	if (node->first != NULL) {
		deparse_put_node(p, node->first, true);
		put(p, " ");
	}
	if (node->sublink == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK)
		put(p, "EXISTS ");
	else if (node->sublink == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK) {
		put(p, strcmp(node->name, "=") == 0 ? "IN" : node->name);
		put(p, strcmp(node->name, "=") == 0 ? " " : " ANY ");
	} else if (node->sublink == PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK) {
		put(p, node->name);
		put(p, " ALL ");
	}
	put(p, parentheses ? "(" : "");
	deparse_put_query(p, node->query, NULL, false);
	put(p, parentheses ? "))" : ")");
}

static void
put_window(struct deparse_printer *p, const struct deparse_node *node)
{
	put_call(p, node);
	put(p, " OVER ");
	if (node->window->name != NULL)
		deparse_put_name(p, node->window->name);
	else
		deparse_put_over(p, node->window);
}

static void
put_subscript(struct deparse_printer *p, const struct deparse_node *node)
{
	bool plain = node->args[0]->kind == DEPARSE_COLUMN;

	put(p, plain ? "" : "(");
	deparse_put_node(p, node->args[0], true);
	put(p, plain ? "" : ")");
	for (size_t i = 1; i + 1 < node->n; i += 2) {
		put(p, "[");
		if (node->args[i] != NULL)
			deparse_put_node(p, node->args[i], false);
		put(p, node->all ? ":" : "");
		if (node->args[i + 1] != NULL)
			deparse_put_node(p, node->args[i + 1], false);
		put(p, "]");
	}
}

void
deparse_put_node(struct deparse_printer *p, const struct deparse_node *node, bool implicit)
{
	switch (node->kind) {
	case DEPARSE_COLUMN:
		put_column(p, node);
		break;
	case DEPARSE_CONSTANT:
		deparse_put_constant(p, node, 0);
		break;
	case DEPARSE_CALL:
	case DEPARSE_AGGREGATE:
		put_call(p, node);
		break;
	case DEPARSE_SYNTAX:
		put_syntax(p, node);
		break;
	case DEPARSE_WINDOW:
		put_window(p, node);
		break;
	case DEPARSE_OPERATOR:
	case DEPARSE_DISTINCT:
		put_operator(p, node);
		break;
	case DEPARSE_AND:
	case DEPARSE_OR:
	case DEPARSE_NOT:
		put_boolean(p, node);
		break;
	case DEPARSE_CAST:
		put_cast(p, node, implicit);
		break;
	case DEPARSE_CASE:
		put_case(p, node);
		break;
	case DEPARSE_FUNCTION:
		put(p, node->name);
		put(p, "(");
		put_list(p, node, 0);
		put(p, ")");
		break;
	case DEPARSE_ARRAY:
		put_array(p, node);
		break;
	case DEPARSE_ANY:
		put_any(p, node);
		break;
	case DEPARSE_NULL_TEST:
	case DEPARSE_BOOLEAN_TEST:
		put_test(p, node);
		break;
	case DEPARSE_SUBLINK:
		put_sublink(p, node);
		break;
	case DEPARSE_VALUE:
		put(p, node->name);
		break;
	case DEPARSE_SUBSCRIPT:
		put_subscript(p, node);
		break;
	case DEPARSE_COLLATE:
		put(p, p->pretty ? "" : "(");
		deparse_put_in(p, node->args[0], implicit, node);
		put(p, " COLLATE ");
		deparse_put_name(p, node->name);
		put(p, p->pretty ? "" : ")");
		break;
	}
}
