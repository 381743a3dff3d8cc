/*
 * Reads the values of a jsonpath and the steps behind them.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/jsonpath_lex.h"
#include "workers/sqlite/types/jsonpath_parser.h"

static node *
parse_number(struct parser *p)
{
	struct type_value number = { 0 };
	node *n = jsonpath_text_node(p, JSONPATH_NUMBER);

	if (n == NULL || type_parse_numeric(p->lexer.text, p->lexer.length, &number, p->lexer.report) < 0)
		return NULL;
	if ((n->text = jsonpath_take_block(p, number.length + 1)) != NULL) {
		memcpy(n->text, number.bytes, number.length);
		n->length = number.length;
	}
	type_value_free(&number);
	return n->text == NULL || !jsonpath_advance(p) ? NULL : n;
}

node *
jsonpath_parse_text(struct parser *p, enum jsonpath_kind kind)
{
	node *n = jsonpath_text_node(p, kind);

	return n == NULL || !jsonpath_advance(p) ? NULL : n;
}

static node *
parse_word(struct parser *p, enum jsonpath_kind kind)
{
	return jsonpath_advance(p) ? jsonpath_new_node(p, kind, NULL, NULL) : NULL;
}

node *
jsonpath_parse_scalar(struct parser *p)
{
	if (p->lexer.token == TOKEN_STRING)
		return jsonpath_parse_text(p, JSONPATH_STRING);
	if (p->lexer.token == TOKEN_NUMBER)
		return parse_number(p);
	if (p->lexer.token == TOKEN_VARIABLE)
		return jsonpath_parse_text(p, JSONPATH_VARIABLE);
	if (jsonpath_is_word(p, "null"))
		return parse_word(p, JSONPATH_NULL);
	if (jsonpath_is_word(p, "true"))
		return parse_word(p, JSONPATH_TRUE);
	if (jsonpath_is_word(p, "false"))
		return parse_word(p, JSONPATH_FALSE);
	if (jsonpath_is_sign(p, "$"))
		return parse_word(p, JSONPATH_ROOT);
	if (jsonpath_is_sign(p, "@"))
		return p->filters == 0 ? jsonpath_parse_fail_with(p, "@ is not allowed in root expressions")
				       : parse_word(p, JSONPATH_CURRENT);
	if (jsonpath_is_word(p, "last"))
		return p->subscripts == 0 ? jsonpath_parse_fail_with(p, "LAST is allowed only in array subscripts")
					  : parse_word(p, JSONPATH_LAST);
	return jsonpath_parse_fail(p);
}

static node *
parse_filter(struct parser *p)
{
	node *condition;

	if (!jsonpath_advance(p) || !jsonpath_take_sign(p, "("))
		return NULL;
	p->filters++;
	condition = jsonpath_parse_or(p);
	p->filters--;
	if (condition == NULL || !jsonpath_is_predicate(condition))
		return condition == NULL ? NULL : jsonpath_parse_fail(p);
	return jsonpath_take_sign(p, ")") ? jsonpath_new_node(p, JSONPATH_FILTER, condition, NULL) : NULL;
}

static node *
parse_subscript(struct parser *p)
{
	node *from = jsonpath_parse_sum(p), *to = NULL;

	if (from == NULL || jsonpath_is_predicate(from))
		return from == NULL ? NULL : jsonpath_parse_fail(p);
	if (jsonpath_is_word(p, "to") && (!jsonpath_advance(p) || (to = jsonpath_parse_sum(p)) == NULL))
		return NULL;
	return jsonpath_new_node(p, JSONPATH_ELEMENTS, from, to);
}

/* [*], or a list of places and ranges: the first holds the others. */
static node *
parse_elements(struct parser *p)
{
	node *all, **end;

	if (!jsonpath_advance(p))
		return NULL;
	if (jsonpath_is_sign(p, "*"))
		return jsonpath_advance(p) && jsonpath_take_sign(p, "]")
		    ? jsonpath_new_node(p, JSONPATH_ANY_ELEMENT, NULL, NULL)
		    : NULL;
	if ((all = jsonpath_new_node(p, JSONPATH_ELEMENTS, NULL, NULL)) == NULL)
		return NULL;
	p->subscripts++;
	for (end = &all->left; (*end = parse_subscript(p)) != NULL && jsonpath_is_sign(p, ","); end = &(*end)->next)
		if (!jsonpath_advance(p))
			return NULL;
	p->subscripts--;
	return *end != NULL && jsonpath_take_sign(p, "]") ? all : NULL;
}

static bool
parse_level(struct parser *p, uint32_t *level)
{
	if (jsonpath_is_word(p, "last")) {
		*level = JSONPATH_LAST_LEVEL;
		return jsonpath_advance(p);
	}
	if (p->lexer.token != TOKEN_NUMBER || !p->lexer.whole || p->lexer.length > 9) {
		(void)jsonpath_parse_fail(p);
		return false;
	}
	*level = (uint32_t)strtoul(p->lexer.text, NULL, 10);
	return jsonpath_advance(p);
}

/* **, **{2}, **{2 to last} */
static node *
parse_any_level(struct parser *p)
{
	node *n = jsonpath_new_node(p, JSONPATH_ANY_LEVEL, NULL, NULL);

	if (n == NULL || !jsonpath_advance(p))
		return NULL;
	n->last = JSONPATH_LAST_LEVEL;
	if (!jsonpath_is_sign(p, "{"))
		return n;
	if (!jsonpath_advance(p) || !parse_level(p, &n->first))
		return NULL;
	n->last = n->first;
	if (jsonpath_is_word(p, "to") && (!jsonpath_advance(p) || !parse_level(p, &n->last)))
		return NULL;
	return jsonpath_take_sign(p, "}") ? n : NULL;
}

/* A key, or a method when parentheses follow. */
static node *
parse_member(struct parser *p)
{
	bool may_be_method = p->lexer.token == TOKEN_NAME && !p->lexer.escaped;
	node *n = jsonpath_parse_text(p, JSONPATH_KEY);

	if (n == NULL || !may_be_method || !jsonpath_is_sign(p, "("))
		return n;
	for (enum jsonpath_kind kind = JSONPATH_TYPE; kind <= JSONPATH_KEYVALUE; kind++)
		if (strcasecmp(n->text, jsonpath_word(kind)) == 0)
			n->kind = kind;
	if (n->kind == JSONPATH_KEY || !jsonpath_advance(p))
		return jsonpath_parse_fail(p);
	if (n->kind == JSONPATH_DATETIME && p->lexer.token == TOKEN_STRING &&
	    (n->left = jsonpath_parse_text(p, JSONPATH_STRING)) == NULL)
		return NULL;
	return jsonpath_take_sign(p, ")") ? n : NULL;
}

static node *
parse_step(struct parser *p)
{
	if (jsonpath_is_sign(p, "["))
		return parse_elements(p);
	if (jsonpath_is_sign(p, "?"))
		return parse_filter(p);
	if (!jsonpath_advance(p)) /* the point */
		return NULL;
	if (jsonpath_is_sign(p, "*"))
		return parse_word(p, JSONPATH_ANY_KEY);
	if (jsonpath_is_sign(p, "**"))
		return parse_any_level(p);
	if (p->lexer.token == TOKEN_NAME || p->lexer.token == TOKEN_STRING)
		return parse_member(p);
	return jsonpath_parse_fail(p);
}

node *
jsonpath_parse_steps(struct parser *p, node *first)
{
	node *last = first;

	while (jsonpath_is_sign(p, ".") || jsonpath_is_sign(p, "[") || jsonpath_is_sign(p, "?")) {
		while (last->next != NULL)
			last = last->next;
		if (!jsonpath_enter(p) || (last->next = parse_step(p)) == NULL)
			return NULL;
		last = last->next;
	}
	return first;
}
