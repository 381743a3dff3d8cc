/*
 * What reads a jsonpath's tokens and keeps its nodes, for the parser's files.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/jsonpath_lex.h"
#include "workers/sqlite/types/jsonpath_parser.h"

void *
jsonpath_take_block(struct parser *p, size_t extra)
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

node *
jsonpath_new_node(struct parser *p, enum jsonpath_kind kind, node *left, node *right)
{
	node *n = jsonpath_take_block(p, 0);

	if (n == NULL)
		return NULL;
	n->kind = kind;
	n->left = left;
	n->right = right;
	return n;
}

/* With the token's text. */
node *
jsonpath_text_node(struct parser *p, enum jsonpath_kind kind)
{
	node *n = jsonpath_new_node(p, kind, NULL, NULL);

	if (n == NULL || (n->text = jsonpath_take_block(p, p->lexer.length + 1)) == NULL)
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

node *
jsonpath_parse_fail(struct parser *p)
{
	if (p->lexer.report == NULL || p->lexer.report->state == SQLSTATE_SUCCESSFUL_COMPLETION)
		(void)jsonpath_lex_fail(&p->lexer, "syntax error");
	return NULL;
}

bool
jsonpath_is_sign(const struct parser *p, const char *sign)
{
	return p->lexer.token == TOKEN_SIGN && strcmp(p->lexer.text, sign) == 0;
}

/* null, true and false are words as they are written here, the others in any case. */
bool
jsonpath_is_word(const struct parser *p, const char *word)
{
	bool exact = strcmp(word, "null") == 0 || strcmp(word, "true") == 0 || strcmp(word, "false") == 0;

	return p->lexer.token == TOKEN_NAME && !p->lexer.escaped &&
	    (exact ? strcmp(p->lexer.text, word) == 0 : strcasecmp(p->lexer.text, word) == 0);
}

bool
jsonpath_advance(struct parser *p)
{
	return jsonpath_lex_next(&p->lexer) == 0;
}

/* False: something else stands there, or what follows can't be read; reported. */
bool
jsonpath_take_sign(struct parser *p, const char *sign)
{
	if (jsonpath_is_sign(p, sign))
		return jsonpath_advance(p);
	(void)jsonpath_parse_fail(p);
	return false;
}

bool
jsonpath_take_word(struct parser *p, const char *word)
{
	if (jsonpath_is_word(p, word))
		return jsonpath_advance(p);
	(void)jsonpath_parse_fail(p);
	return false;
}

bool
jsonpath_enter(struct parser *p)
{
	if (++p->depth <= JSONPATH_DEPTH_MAX)
		return true;
	(void)report_set(p->lexer.report, SQLSTATE_STATEMENT_TOO_COMPLEX,
	    "a jsonpath of more than %d levels is not supported", JSONPATH_DEPTH_MAX);
	return false;
}

bool
jsonpath_is_predicate(const node *n)
{
	return n->next == NULL && n->kind >= JSONPATH_OR && n->kind <= JSONPATH_LIKE_REGEX;
}

node *
jsonpath_parse_fail_with(struct parser *p, const char *message)
{
	(void)report_set(p->lexer.report, SQLSTATE_SYNTAX_ERROR, "%s", message);
	return NULL;
}
