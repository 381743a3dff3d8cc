/*
 * Writes a jsonpath's tree as PostgreSQL shows it.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/jsonpath.h"

const char jsonpath_flags[] = "ismxq";

static const char *const words[] = {
	[JSONPATH_NULL] = "null",
	[JSONPATH_TRUE] = "true",
	[JSONPATH_FALSE] = "false",
	[JSONPATH_ROOT] = "$",
	[JSONPATH_CURRENT] = "@",
	[JSONPATH_LAST] = "last",
	[JSONPATH_OR] = "||",
	[JSONPATH_AND] = "&&",
	[JSONPATH_NOT] = "!",
	[JSONPATH_EXISTS] = "exists",
	[JSONPATH_EQUAL] = "==",
	[JSONPATH_NOT_EQUAL] = "!=",
	[JSONPATH_LESS] = "<",
	[JSONPATH_GREATER] = ">",
	[JSONPATH_LESS_EQUAL] = "<=",
	[JSONPATH_GREATER_EQUAL] = ">=",
	[JSONPATH_STARTS_WITH] = "starts with",
	[JSONPATH_LIKE_REGEX] = "like_regex",
	[JSONPATH_ADD] = "+",
	[JSONPATH_SUBTRACT] = "-",
	[JSONPATH_MULTIPLY] = "*",
	[JSONPATH_DIVIDE] = "/",
	[JSONPATH_MODULO] = "%",
	[JSONPATH_PLUS] = "+",
	[JSONPATH_MINUS] = "-",
	[JSONPATH_ANY_KEY] = "*",
	[JSONPATH_ANY_ELEMENT] = "[*]",
	[JSONPATH_ANY_LEVEL] = "**",
	[JSONPATH_TYPE] = "type",
	[JSONPATH_SIZE] = "size",
	[JSONPATH_ABS] = "abs",
	[JSONPATH_FLOOR] = "floor",
	[JSONPATH_CEILING] = "ceiling",
	[JSONPATH_DOUBLE] = "double",
	[JSONPATH_DATETIME] = "datetime",
	[JSONPATH_KEYVALUE] = "keyvalue",
};

const char *
jsonpath_word(enum jsonpath_kind kind)
{
	return (size_t)kind < sizeof(words) / sizeof(words[0]) && words[kind] != NULL ? words[kind] : "";
}

int
jsonpath_priority(enum jsonpath_kind kind)
{
	if (kind == JSONPATH_OR || kind == JSONPATH_AND)
		return kind == JSONPATH_OR ? 0 : 1;
	if (kind >= JSONPATH_EQUAL && kind <= JSONPATH_STARTS_WITH)
		return 2;
	if (kind >= JSONPATH_ADD && kind <= JSONPATH_SUBTRACT)
		return 3;
	if (kind >= JSONPATH_MULTIPLY && kind <= JSONPATH_MODULO)
		return 4;
	return kind == JSONPATH_PLUS || kind == JSONPATH_MINUS ? 5 : 6;
}

static void
put(struct pgwire_buffer *out, const char *text)
{
	pgwire_put_bytes(out, text, strlen(text));
}

static void put_chain(struct pgwire_buffer *out, const struct jsonpath_node *n, bool in_key, bool brackets);

static void
put_operand(struct pgwire_buffer *out, const struct jsonpath_node *operand, const struct jsonpath_node *around)
{
	put_chain(out, operand, false, jsonpath_priority(operand->kind) <= jsonpath_priority(around->kind));
}

static void
put_flags(struct pgwire_buffer *out, unsigned flags)
{
	if (flags == 0)
		return;
	put(out, " flag \"");
	for (unsigned i = 0; jsonpath_flags[i] != '\0'; i++)
		if ((flags >> i & 1) != 0)
			pgwire_put_byte(out, (uint8_t)jsonpath_flags[i]);
	put(out, "\"");
}

static void
put_operator(struct pgwire_buffer *out, const struct jsonpath_node *n, bool brackets)
{
	put(out, brackets ? "(" : "");
	if (n->kind == JSONPATH_PLUS || n->kind == JSONPATH_MINUS) {
		put(out, jsonpath_word(n->kind));
		put_operand(out, n->left, n);
	} else {
		put_operand(out, n->left, n);
		put(out, " ");
		put(out, jsonpath_word(n->kind));
		put(out, " ");
		if (n->kind == JSONPATH_LIKE_REGEX) {
			type_json_put_string(out, n->text, n->length);
			put_flags(out, n->flags);
		} else
			put_operand(out, n->right, n);
	}
	put(out, brackets ? ")" : "");
}

static void
put_elements(struct pgwire_buffer *out, const struct jsonpath_node *n)
{
	put(out, "[");
	for (const struct jsonpath_node *subscript = n->left; subscript != NULL; subscript = subscript->next) {
		put(out, subscript == n->left ? "" : ",");
		put_chain(out, subscript->left, false, false);
		if (subscript->right != NULL) {
			put(out, " to ");
			put_chain(out, subscript->right, false, false);
		}
	}
	put(out, "]");
}

static void
put_level(struct pgwire_buffer *out, uint32_t level)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", level);
	put(out, level == JSONPATH_LAST_LEVEL ? "last" : text);
}

static void
put_any_level(struct pgwire_buffer *out, const struct jsonpath_node *n)
{
	put(out, "**");
	if (n->first == 0 && n->last == JSONPATH_LAST_LEVEL)
		return;
	put(out, "{");
	put_level(out, n->first);
	if (n->first != n->last) {
		put(out, " to ");
		put_level(out, n->last);
	}
	put(out, "}");
}

/* Around a predicate. */
static void
put_around(struct pgwire_buffer *out, const struct jsonpath_node *n, const char *before, const char *after)
{
	put(out, before);
	put_chain(out, n->left, false, false);
	put(out, after);
}

static void
put_method(struct pgwire_buffer *out, const struct jsonpath_node *n)
{
	put(out, ".");
	put(out, jsonpath_word(n->kind));
	put(out, "(");
	if (n->left != NULL)
		put_chain(out, n->left, false, false);
	put(out, ")");
}

static void
put_value(struct pgwire_buffer *out, const struct jsonpath_node *n)
{
	if (n->kind == JSONPATH_NUMBER) {
		put(out, n->next != NULL ? "(" : "");
		pgwire_put_bytes(out, n->text, n->length);
		put(out, n->next != NULL ? ")" : "");
		return;
	}
	if (n->kind == JSONPATH_VARIABLE)
		put(out, "$");
	if (n->text != NULL)
		type_json_put_string(out, n->text, n->length);
	else
		put(out, jsonpath_word(n->kind));
}

static void
put_node(struct pgwire_buffer *out, const struct jsonpath_node *n, bool in_key, bool brackets)
{
	bool after_point = n->kind == JSONPATH_KEY || n->kind == JSONPATH_ANY_KEY || n->kind == JSONPATH_ANY_LEVEL;

	if (in_key && after_point)
		put(out, ".");
	if (n->kind == JSONPATH_NOT)
		put_around(out, n, "!(", ")");
	else if (n->kind == JSONPATH_IS_UNKNOWN)
		put_around(out, n, "(", ") is unknown");
	else if (n->kind == JSONPATH_EXISTS)
		put_around(out, n, "exists (", ")");
	else if (n->kind == JSONPATH_FILTER)
		put_around(out, n, "?(", ")");
	else if (n->kind >= JSONPATH_OR && n->kind <= JSONPATH_MINUS)
		put_operator(out, n, brackets);
	else if (n->kind == JSONPATH_ELEMENTS)
		put_elements(out, n);
	else if (n->kind == JSONPATH_ANY_LEVEL)
		put_any_level(out, n);
	else if (n->kind >= JSONPATH_TYPE)
		put_method(out, n);
	else
		put_value(out, n);
}

static void
put_chain(struct pgwire_buffer *out, const struct jsonpath_node *n, bool in_key, bool brackets)
{
	for (; n != NULL && !out->failed; n = n->next) {
		put_node(out, n, in_key, brackets || n->next != NULL);
		in_key = brackets = true;
	}
}

void
jsonpath_put(struct pgwire_buffer *out, const struct jsonpath *path)
{
	put(out, path->strict ? "strict " : "");
	put_chain(out, path->root, false, true);
}
