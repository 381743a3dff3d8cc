/*
 * Reads a jsonpath into its tree.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/jsonpath_lex.h"

struct block {
	struct block *next;
	union {
		struct jsonpath_node node;
		char text[1];
	} u;
};

struct parser {
	struct jsonpath_lexer lexer;
	struct jsonpath *path;
	unsigned depth;
	unsigned filters, subscripts; /* that are around what is read */
};

typedef struct jsonpath_node node;

static node *parse_or(struct parser *p);
static node *parse_sum(struct parser *p);

/* ---- memory ---- */

static void *
take_block(struct parser *p, size_t extra)
{
	struct block *block = calloc(1, sizeof(*block) + extra);

	if (block == NULL) {
		(void)type_out_of_memory(p->lexer.report);
		return NULL;
	}
	block->next = p->path->blocks;
	p->path->blocks = block;
	return &block->u;
}

static node *
new_node(struct parser *p, enum jsonpath_kind kind, node *left, node *right)
{
	node *n = take_block(p, 0);

	if (n == NULL)
		return NULL;
	n->kind = kind;
	n->left = left;
	n->right = right;
	return n;
}

/* With the token's text. */
static node *
text_node(struct parser *p, enum jsonpath_kind kind)
{
	node *n = new_node(p, kind, NULL, NULL);

	if (n == NULL || (n->text = take_block(p, p->lexer.length + 1)) == NULL)
		return NULL;
	memcpy(n->text, p->lexer.text, p->lexer.length + 1);
	n->length = p->lexer.length;
	return n;
}

void
jsonpath_free(void *arg)
{
	struct jsonpath *path = arg;

	if (path == NULL)
		return;
	for (struct block *block = path->blocks, *next; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(path);
}

/* ---- tokens ---- */

static node *
fail(struct parser *p)
{
	if (p->lexer.report == NULL || p->lexer.report->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		(void)jsonpath_lex_fail(&p->lexer, "syntax error");
	return NULL;
}

static bool
is_sign(const struct parser *p, const char *sign)
{
	return p->lexer.token == TOKEN_SIGN && strcmp(p->lexer.text, sign) == 0;
}

/* null, true and false are words as they are written here, the others in any case. */
static bool
is_word(const struct parser *p, const char *word)
{
	bool exact = strcmp(word, "null") == 0 || strcmp(word, "true") == 0 || strcmp(word, "false") == 0;

	return p->lexer.token == TOKEN_NAME && !p->lexer.escaped &&
	    (exact ? strcmp(p->lexer.text, word) == 0 : strcasecmp(p->lexer.text, word) == 0);
}

static bool
advance(struct parser *p)
{
	return jsonpath_lex_next(&p->lexer) == 0;
}

/* False: something else stands there, or what follows can't be read; reported. */
static bool
take_sign(struct parser *p, const char *sign)
{
	if (is_sign(p, sign))
		return advance(p);
	(void)fail(p);
	return false;
}

static bool
take_word(struct parser *p, const char *word)
{
	if (is_word(p, word))
		return advance(p);
	(void)fail(p);
	return false;
}

static bool
enter(struct parser *p)
{
	if (++p->depth <= JSONPATH_DEPTH_MAX)
		return true;
	(void)report_set(p->lexer.report, SQLSTATE_STATEMENT_TOO_COMPLEX,
	    "a jsonpath of more than %d levels is not supported", JSONPATH_DEPTH_MAX);
	return false;
}

static bool
is_predicate(const node *n)
{
	return n->next == NULL && n->kind >= JSONPATH_OR && n->kind <= JSONPATH_LIKE_REGEX;
}

/* ---- values ---- */

static node *
parse_number(struct parser *p)
{
	struct type_value number = { 0 };
	node *n = text_node(p, JSONPATH_NUMBER);

	if (n == NULL || type_parse_numeric(p->lexer.text, p->lexer.length, &number, p->lexer.report) < 0)
		return NULL;
	if ((n->text = take_block(p, number.length + 1)) != NULL) {
		memcpy(n->text, number.bytes, number.length);
		n->length = number.length;
	}
	type_value_free(&number);
	return n->text == NULL || !advance(p) ? NULL : n;
}

static node *
parse_text(struct parser *p, enum jsonpath_kind kind)
{
	node *n = text_node(p, kind);

	return n == NULL || !advance(p) ? NULL : n;
}

static node *
parse_word(struct parser *p, enum jsonpath_kind kind)
{
	return advance(p) ? new_node(p, kind, NULL, NULL) : NULL;
}

static node *
fail_with(struct parser *p, const char *message)
{
	(void)report_set(p->lexer.report, SQLSTATE_SYNTAX_ERROR, "%s", message);
	return NULL;
}

static node *
parse_scalar(struct parser *p)
{
	if (p->lexer.token == TOKEN_STRING)
		return parse_text(p, JSONPATH_STRING);
	if (p->lexer.token == TOKEN_NUMBER)
		return parse_number(p);
	if (p->lexer.token == TOKEN_VARIABLE)
		return parse_text(p, JSONPATH_VARIABLE);
	if (is_word(p, "null"))
		return parse_word(p, JSONPATH_NULL);
	if (is_word(p, "true"))
		return parse_word(p, JSONPATH_TRUE);
	if (is_word(p, "false"))
		return parse_word(p, JSONPATH_FALSE);
	if (is_sign(p, "$"))
		return parse_word(p, JSONPATH_ROOT);
	if (is_sign(p, "@"))
		return p->filters == 0 ? fail_with(p, "@ is not allowed in root expressions")
				       : parse_word(p, JSONPATH_CURRENT);
	if (is_word(p, "last"))
		return p->subscripts == 0 ? fail_with(p, "LAST is allowed only in array subscripts")
					  : parse_word(p, JSONPATH_LAST);
	return fail(p);
}

/* ---- steps ---- */

static node *
parse_filter(struct parser *p)
{
	node *condition;

	if (!advance(p) || !take_sign(p, "("))
		return NULL;
	p->filters++;
	condition = parse_or(p);
	p->filters--;
	if (condition == NULL || !is_predicate(condition))
		return condition == NULL ? NULL : fail(p);
	return take_sign(p, ")") ? new_node(p, JSONPATH_FILTER, condition, NULL) : NULL;
}

static node *
parse_subscript(struct parser *p)
{
	node *from = parse_sum(p), *to = NULL;

	if (from == NULL || is_predicate(from))
		return from == NULL ? NULL : fail(p);
	if (is_word(p, "to") && (!advance(p) || (to = parse_sum(p)) == NULL))
		return NULL;
	return new_node(p, JSONPATH_ELEMENTS, from, to);
}

/* [*], or a list of places and ranges: the first holds the others. */
static node *
parse_elements(struct parser *p)
{
	node *all, **end;

	if (!advance(p))
		return NULL;
	if (is_sign(p, "*"))
		return advance(p) && take_sign(p, "]") ? new_node(p, JSONPATH_ANY_ELEMENT, NULL, NULL) : NULL;
	if ((all = new_node(p, JSONPATH_ELEMENTS, NULL, NULL)) == NULL)
		return NULL;
	p->subscripts++;
	for (end = &all->left; (*end = parse_subscript(p)) != NULL && is_sign(p, ","); end = &(*end)->next)
		if (!advance(p))
			return NULL;
	p->subscripts--;
	return *end != NULL && take_sign(p, "]") ? all : NULL;
}

static bool
parse_level(struct parser *p, uint32_t *level)
{
	if (is_word(p, "last")) {
		*level = JSONPATH_LAST_LEVEL;
		return advance(p);
	}
	if (p->lexer.token != TOKEN_NUMBER || !p->lexer.whole || p->lexer.length > 9) {
		(void)fail(p);
		return false;
	}
	*level = (uint32_t)strtoul(p->lexer.text, NULL, 10);
	return advance(p);
}

/* **, **{2}, **{2 to last} */
static node *
parse_any_level(struct parser *p)
{
	node *n = new_node(p, JSONPATH_ANY_LEVEL, NULL, NULL);

	if (n == NULL || !advance(p))
		return NULL;
	n->last = JSONPATH_LAST_LEVEL;
	if (!is_sign(p, "{"))
		return n;
	if (!advance(p) || !parse_level(p, &n->first))
		return NULL;
	n->last = n->first;
	if (is_word(p, "to") && (!advance(p) || !parse_level(p, &n->last)))
		return NULL;
	return take_sign(p, "}") ? n : NULL;
}

/* A key, or a method when parentheses follow. */
static node *
parse_member(struct parser *p)
{
	bool may_be_method = p->lexer.token == TOKEN_NAME && !p->lexer.escaped;
	node *n = parse_text(p, JSONPATH_KEY);

	if (n == NULL || !may_be_method || !is_sign(p, "("))
		return n;
	for (enum jsonpath_kind kind = JSONPATH_TYPE; kind <= JSONPATH_KEYVALUE; kind++)
		if (strcasecmp(n->text, jsonpath_word(kind)) == 0)
			n->kind = kind;
	if (n->kind == JSONPATH_KEY || !advance(p))
		return fail(p);
	if (n->kind == JSONPATH_DATETIME && p->lexer.token == TOKEN_STRING &&
	    (n->left = parse_text(p, JSONPATH_STRING)) == NULL)
		return NULL;
	return take_sign(p, ")") ? n : NULL;
}

static node *
parse_step(struct parser *p)
{
	if (is_sign(p, "["))
		return parse_elements(p);
	if (is_sign(p, "?"))
		return parse_filter(p);
	if (!advance(p)) /* the point */
		return NULL;
	if (is_sign(p, "*"))
		return parse_word(p, JSONPATH_ANY_KEY);
	if (is_sign(p, "**"))
		return parse_any_level(p);
	if (p->lexer.token == TOKEN_NAME || p->lexer.token == TOKEN_STRING)
		return parse_member(p);
	return fail(p);
}

static node *
parse_steps(struct parser *p, node *first)
{
	node *last = first;

	while (is_sign(p, ".") || is_sign(p, "[") || is_sign(p, "?")) {
		while (last->next != NULL)
			last = last->next;
		if (!enter(p) || (last->next = parse_step(p)) == NULL)
			return NULL;
		last = last->next;
	}
	return first;
}

/* ---- operators ---- */

static node *
parse_exists(struct parser *p)
{
	node *what;

	if (!advance(p) || !take_sign(p, "(") || (what = parse_sum(p)) == NULL)
		return NULL;
	if (is_predicate(what))
		return fail(p);
	return take_sign(p, ")") ? new_node(p, JSONPATH_EXISTS, what, NULL) : NULL;
}

/* In parentheses may stand a predicate or a value; steps may follow both, and IS UNKNOWN a predicate. */
static node *
parse_parentheses(struct parser *p)
{
	node *inner;

	if (!advance(p) || (inner = parse_or(p)) == NULL || !take_sign(p, ")"))
		return NULL;
	if (is_word(p, "is")) {
		if (!is_predicate(inner))
			return fail(p);
		if (!advance(p) || !take_word(p, "unknown"))
			return NULL;
		return new_node(p, JSONPATH_IS_UNKNOWN, inner, NULL);
	}
	return parse_steps(p, inner);
}

static node *
parse_primary(struct parser *p)
{
	node *value;

	if (is_sign(p, "("))
		return parse_parentheses(p);
	return (value = parse_scalar(p)) == NULL ? NULL : parse_steps(p, value);
}

/* The sign of a number belongs to it. */
static node *
negate(struct parser *p, node *number)
{
	bool is_zero = strspn(number->text, "-0.") == number->length, negative = *number->text == '-';
	char *text = take_block(p, number->length + 2);

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
	enum jsonpath_kind kind = is_sign(p, "+") ? JSONPATH_PLUS : JSONPATH_MINUS;
	unsigned depth = p->depth;
	node *operand;

	if (!is_sign(p, "+") && !is_sign(p, "-"))
		return parse_primary(p);
	if (!enter(p) || !advance(p) || (operand = parse_unary(p)) == NULL)
		return NULL;
	p->depth = depth;
	if (operand->kind == JSONPATH_NUMBER && operand->next == NULL)
		return kind == JSONPATH_PLUS ? operand : negate(p, operand);
	return is_predicate(operand) ? fail(p) : new_node(p, kind, operand, NULL);
}

static bool
find_operator(const struct parser *p, enum jsonpath_kind first, enum jsonpath_kind last, enum jsonpath_kind *kind)
{
	for (*kind = first; *kind <= last; (*kind)++)
		if (is_sign(p, jsonpath_word(*kind)))
			return true;
	return false;
}

static node *
parse_product(struct parser *p)
{
	node *left = parse_unary(p), *right;
	enum jsonpath_kind kind;

	while (left != NULL && find_operator(p, JSONPATH_MULTIPLY, JSONPATH_MODULO, &kind)) {
		if (is_predicate(left))
			return fail(p);
		if (!enter(p) || !advance(p) || (right = parse_unary(p)) == NULL)
			return NULL;
		left = is_predicate(right) ? fail(p) : new_node(p, kind, left, right);
	}
	return left;
}

static node *
parse_sum(struct parser *p)
{
	unsigned depth = p->depth;
	node *left, *right;
	enum jsonpath_kind kind;

	if (!enter(p))
		return NULL;
	left = parse_product(p);
	while (left != NULL && find_operator(p, JSONPATH_ADD, JSONPATH_SUBTRACT, &kind)) {
		if (is_predicate(left))
			return fail(p);
		if (!enter(p) || !advance(p) || (right = parse_product(p)) == NULL)
			return NULL;
		left = is_predicate(right) ? fail(p) : new_node(p, kind, left, right);
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
	return advance(p);
}

static node *
parse_like(struct parser *p, node *left)
{
	node *n;

	if (!advance(p))
		return NULL;
	if (p->lexer.token != TOKEN_STRING)
		return fail(p);
	if ((n = parse_text(p, JSONPATH_LIKE_REGEX)) == NULL)
		return NULL;
	n->left = left;
	if (!is_word(p, "flag"))
		return n;
	if (!advance(p))
		return NULL;
	if (p->lexer.token != TOKEN_STRING)
		return fail(p);
	return read_flags(p, &n->flags) ? n : NULL;
}

static node *
parse_starts(struct parser *p, node *left)
{
	node *with;

	if (!advance(p) || !take_word(p, "with"))
		return NULL;
	if (p->lexer.token != TOKEN_STRING && p->lexer.token != TOKEN_VARIABLE)
		return fail(p);
	with = parse_text(p, p->lexer.token == TOKEN_STRING ? JSONPATH_STRING : JSONPATH_VARIABLE);
	return with == NULL ? NULL : new_node(p, JSONPATH_STARTS_WITH, left, with);
}

static node *
parse_comparison(struct parser *p)
{
	node *left, *right;
	enum jsonpath_kind kind;

	if (is_word(p, "exists"))
		return parse_exists(p);
	if ((left = parse_sum(p)) == NULL)
		return NULL;
	if (is_word(p, "starts"))
		return is_predicate(left) ? fail(p) : parse_starts(p, left);
	if (is_word(p, "like_regex"))
		return is_predicate(left) ? fail(p) : parse_like(p, left);
	if (is_sign(p, "<>") || find_operator(p, JSONPATH_EQUAL, JSONPATH_GREATER_EQUAL, &kind)) {
		if (is_sign(p, "<>"))
			kind = JSONPATH_NOT_EQUAL;
		if (is_predicate(left))
			return fail(p);
		if (!advance(p) || (right = parse_sum(p)) == NULL)
			return NULL;
		return is_predicate(right) ? fail(p) : new_node(p, kind, left, right);
	}
	return left;
}

/* What is negated stands in parentheses. */
static node *
parse_not(struct parser *p)
{
	node *operand;

	if (!is_sign(p, "!"))
		return parse_comparison(p);
	if (!advance(p))
		return NULL;
	if (is_word(p, "exists"))
		operand = parse_exists(p);
	else if (!take_sign(p, "(") || (operand = parse_or(p)) == NULL || !take_sign(p, ")"))
		return NULL;
	if (operand == NULL || !is_predicate(operand))
		return operand == NULL ? NULL : fail(p);
	return new_node(p, JSONPATH_NOT, operand, NULL);
}

static node *
parse_and(struct parser *p)
{
	node *left = parse_not(p), *right;

	while (left != NULL && is_sign(p, "&&")) {
		if (!is_predicate(left))
			return fail(p);
		if (!enter(p) || !advance(p) || (right = parse_not(p)) == NULL)
			return NULL;
		left = is_predicate(right) ? new_node(p, JSONPATH_AND, left, right) : fail(p);
	}
	return left;
}

static node *
parse_or(struct parser *p)
{
	unsigned depth = p->depth;
	node *left, *right;

	if (!enter(p))
		return NULL;
	left = parse_and(p);
	while (left != NULL && is_sign(p, "||")) {
		if (!is_predicate(left))
			return fail(p);
		if (!enter(p) || !advance(p) || (right = parse_and(p)) == NULL)
			return NULL;
		left = is_predicate(right) ? new_node(p, JSONPATH_OR, left, right) : fail(p);
	}
	p->depth = depth;
	return left;
}

static bool
parse_path(struct parser *p)
{
	if (!advance(p))
		return false;
	if (is_word(p, "strict") || is_word(p, "lax")) {
		p->path->strict = is_word(p, "strict");
		if (!advance(p))
			return false;
	}
	if ((p->path->root = parse_or(p)) == NULL)
		return false;
	if (p->lexer.token != TOKEN_END)
		(void)fail(p);
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
