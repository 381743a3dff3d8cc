/*
 * Reads a jsonpath into its tree.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/jsonpath_lex.h"
#include "workers/sqlite/types/jsonpath_parser.h"

/* ---- operators ---- */

static node *
parse_exists(struct parser *p)
{
	node *what;

	if (!jsonpath_advance(p) || !jsonpath_take_sign(p, "(") || (what = jsonpath_parse_sum(p)) == NULL)
		return NULL;
	if (jsonpath_is_predicate(what))
		return jsonpath_parse_fail(p);
	return jsonpath_take_sign(p, ")") ? jsonpath_new_node(p, JSONPATH_EXISTS, what, NULL) : NULL;
}

/* In parentheses may stand a predicate or a value; steps may follow both, and IS UNKNOWN a predicate. */
static node *
parse_parentheses(struct parser *p)
{
	node *inner;

	if (!jsonpath_advance(p) || (inner = jsonpath_parse_or(p)) == NULL || !jsonpath_take_sign(p, ")"))
		return NULL;
	if (jsonpath_is_word(p, "is")) {
		if (!jsonpath_is_predicate(inner))
			return jsonpath_parse_fail(p);
		if (!jsonpath_advance(p) || !jsonpath_take_word(p, "unknown"))
			return NULL;
		return jsonpath_new_node(p, JSONPATH_IS_UNKNOWN, inner, NULL);
	}
	return jsonpath_parse_steps(p, inner);
}

static node *
parse_primary(struct parser *p)
{
	node *value;

	if (jsonpath_is_sign(p, "("))
		return parse_parentheses(p);
	return (value = jsonpath_parse_scalar(p)) == NULL ? NULL : jsonpath_parse_steps(p, value);
}

/* The sign of a number belongs to it. */
static node *
negate(struct parser *p, node *number)
{
	bool is_zero = strspn(number->text, "-0.") == number->length, negative = *number->text == '-';
	char *text = jsonpath_take_block(p, number->length + 2);

	if (text == NULL)
		return NULL;
	if (is_zero)
		return number;
	text[0] = '-';
	memcpy(text + !negative, number->text + negative, number->length - negative + 1);
	number->text = text;
	number->length = strlen(text);
	return number;
}

static node *
parse_unary(struct parser *p)
{
	enum jsonpath_kind kind = jsonpath_is_sign(p, "+") ? JSONPATH_PLUS : JSONPATH_MINUS;
	unsigned depth = p->depth;
	node *operand;

	if (!jsonpath_is_sign(p, "+") && !jsonpath_is_sign(p, "-"))
		return parse_primary(p);
	if (!jsonpath_enter(p) || !jsonpath_advance(p) || (operand = parse_unary(p)) == NULL)
		return NULL;
	p->depth = depth;
	if (operand->kind == JSONPATH_NUMBER && operand->next == NULL)
		return kind == JSONPATH_PLUS ? operand : negate(p, operand);
	return jsonpath_is_predicate(operand) ? jsonpath_parse_fail(p) : jsonpath_new_node(p, kind, operand, NULL);
}

static bool
find_operator(const struct parser *p, enum jsonpath_kind first, enum jsonpath_kind last, enum jsonpath_kind *kind)
{
	for (*kind = first; *kind <= last; (*kind)++)
		if (jsonpath_is_sign(p, jsonpath_word(*kind)))
			return true;
	return false;
}

static node *
parse_product(struct parser *p)
{
	node *left = parse_unary(p), *right;
	enum jsonpath_kind kind;

	while (left != NULL && find_operator(p, JSONPATH_MULTIPLY, JSONPATH_MODULO, &kind)) {
		if (jsonpath_is_predicate(left))
			return jsonpath_parse_fail(p);
		if (!jsonpath_enter(p) || !jsonpath_advance(p) || (right = parse_unary(p)) == NULL)
			return NULL;
		left = jsonpath_is_predicate(right) ? jsonpath_parse_fail(p) : jsonpath_new_node(p, kind, left, right);
	}
	return left;
}

node *
jsonpath_parse_sum(struct parser *p)
{
	unsigned depth = p->depth;
	node *left, *right;
	enum jsonpath_kind kind;

	if (!jsonpath_enter(p))
		return NULL;
	left = parse_product(p);
	while (left != NULL && find_operator(p, JSONPATH_ADD, JSONPATH_SUBTRACT, &kind)) {
		if (jsonpath_is_predicate(left))
			return jsonpath_parse_fail(p);
		if (!jsonpath_enter(p) || !jsonpath_advance(p) || (right = parse_product(p)) == NULL)
			return NULL;
		left = jsonpath_is_predicate(right) ? jsonpath_parse_fail(p) : jsonpath_new_node(p, kind, left, right);
	}
	p->depth = depth;
	return left;
}

static bool
read_flags(struct parser *p, unsigned *flags)
{
	for (const char *c = p->lexer.text; *c != '\0'; c++) {
		const char *flag = strchr(jsonpath_flags, *c);

		if (flag == NULL) {
			(void)report_set(p->lexer.report, SQLSTATE_SYNTAX_ERROR,
			    "invalid input syntax for type jsonpath");
			report_detail(p->lexer.report, "Unrecognized flag character \"%c\" in LIKE_REGEX predicate.",
			    *c);
			return false;
		}
		*flags |= 1U << (flag - jsonpath_flags);
	}
	if ((*flags & 8) != 0 && (*flags & JSONPATH_QUOTE) == 0) {
		(void)report_set(p->lexer.report, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "XQuery \"x\" flag (expanded regular expressions) is not implemented");
		return false;
	}
	return jsonpath_advance(p);
}

static node *
parse_like(struct parser *p, node *left)
{
	node *n;

	if (!jsonpath_advance(p))
		return NULL;
	if (p->lexer.token != TOKEN_STRING)
		return jsonpath_parse_fail(p);
	if ((n = jsonpath_parse_text(p, JSONPATH_LIKE_REGEX)) == NULL)
		return NULL;
	n->left = left;
	if (!jsonpath_is_word(p, "flag"))
		return n;
	if (!jsonpath_advance(p))
		return NULL;
	if (p->lexer.token != TOKEN_STRING)
		return jsonpath_parse_fail(p);
	return read_flags(p, &n->flags) ? n : NULL;
}

static node *
parse_starts(struct parser *p, node *left)
{
	node *with;

	if (!jsonpath_advance(p) || !jsonpath_take_word(p, "with"))
		return NULL;
	if (p->lexer.token != TOKEN_STRING && p->lexer.token != TOKEN_VARIABLE)
		return jsonpath_parse_fail(p);
	with = jsonpath_parse_text(p, p->lexer.token == TOKEN_STRING ? JSONPATH_STRING : JSONPATH_VARIABLE);
	return with == NULL ? NULL : jsonpath_new_node(p, JSONPATH_STARTS_WITH, left, with);
}

static node *
parse_comparison(struct parser *p)
{
	node *left, *right;
	enum jsonpath_kind kind = JSONPATH_NOT_EQUAL;

	if (jsonpath_is_word(p, "exists"))
		return parse_exists(p);
	if ((left = jsonpath_parse_sum(p)) == NULL)
		return NULL;
	if (jsonpath_is_word(p, "starts"))
		return jsonpath_is_predicate(left) ? jsonpath_parse_fail(p) : parse_starts(p, left);
	if (jsonpath_is_word(p, "like_regex"))
		return jsonpath_is_predicate(left) ? jsonpath_parse_fail(p) : parse_like(p, left);
	if (jsonpath_is_sign(p, "<>") || find_operator(p, JSONPATH_EQUAL, JSONPATH_GREATER_EQUAL, &kind)) {
		if (jsonpath_is_predicate(left))
			return jsonpath_parse_fail(p);
		if (!jsonpath_advance(p) || (right = jsonpath_parse_sum(p)) == NULL)
			return NULL;
		return jsonpath_is_predicate(right) ? jsonpath_parse_fail(p) : jsonpath_new_node(p, kind, left, right);
	}
	return left;
}

/* What is negated stands in parentheses. */
static node *
parse_not(struct parser *p)
{
	node *operand;

	if (!jsonpath_is_sign(p, "!"))
		return parse_comparison(p);
	if (!jsonpath_advance(p))
		return NULL;
	if (jsonpath_is_word(p, "exists"))
		operand = parse_exists(p);
	else if (!jsonpath_take_sign(p, "(") || (operand = jsonpath_parse_or(p)) == NULL || !jsonpath_take_sign(p, ")"))
		return NULL;
	if (operand == NULL || !jsonpath_is_predicate(operand))
		return operand == NULL ? NULL : jsonpath_parse_fail(p);
	return jsonpath_new_node(p, JSONPATH_NOT, operand, NULL);
}

static node *
parse_and(struct parser *p)
{
	node *left = parse_not(p), *right;

	while (left != NULL && jsonpath_is_sign(p, "&&")) {
		if (!jsonpath_is_predicate(left))
			return jsonpath_parse_fail(p);
		if (!jsonpath_enter(p) || !jsonpath_advance(p) || (right = parse_not(p)) == NULL)
			return NULL;
		left = jsonpath_is_predicate(right) ? jsonpath_new_node(p, JSONPATH_AND, left, right)
						    : jsonpath_parse_fail(p);
	}
	return left;
}

node *
jsonpath_parse_or(struct parser *p)
{
	unsigned depth = p->depth;
	node *left, *right;

	if (!jsonpath_enter(p))
		return NULL;
	left = parse_and(p);
	while (left != NULL && jsonpath_is_sign(p, "||")) {
		if (!jsonpath_is_predicate(left))
			return jsonpath_parse_fail(p);
		if (!jsonpath_enter(p) || !jsonpath_advance(p) || (right = parse_and(p)) == NULL)
			return NULL;
		left = jsonpath_is_predicate(right) ? jsonpath_new_node(p, JSONPATH_OR, left, right)
						    : jsonpath_parse_fail(p);
	}
	p->depth = depth;
	return left;
}

static bool
parse_path(struct parser *p)
{
	if (!jsonpath_advance(p))
		return false;
	if (jsonpath_is_word(p, "strict") || jsonpath_is_word(p, "lax")) {
		p->path->strict = jsonpath_is_word(p, "strict");
		if (!jsonpath_advance(p))
			return false;
	}
	if ((p->path->root = jsonpath_parse_or(p)) == NULL)
		return false;
	if (p->lexer.token != TOKEN_END)
		(void)jsonpath_parse_fail(p);
	return p->lexer.token == TOKEN_END;
}

struct jsonpath *
jsonpath_read(const char *text, size_t length, struct report *r)
{
	struct parser p = { .path = calloc(1, sizeof(struct jsonpath)) };
	char *room = malloc(length * 4 + 1);
	bool ok = false, is_blank = true;

	if (p.path == NULL || room == NULL)
		(void)type_out_of_memory(r);
	else {
		jsonpath_lex_open(&p.lexer, text, length, room, r);
		for (size_t i = 0; i < length && is_blank; i++)
			is_blank = type_is_blank(text[i]);
		if (is_blank)
			(void)report_set(r, SQLSTATE_INVALID_TEXT_REPRESENTATION,
			    "invalid input syntax for type jsonpath: \"%.*s\"", (int)(length < 64 ? length : 64), text);
		else
			ok = parse_path(&p);
	}
	free(room);
	if (ok)
		return p.path;
	jsonpath_free(p.path);
	return NULL;
}
