/* Sets of characters in regular expressions, by the house's own tables, and the memory of a tree. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/regex_tree.h"
#include "workers/sqlite/types/utf8.h"

void *
regex_tree_alloc(struct regex_tree *tree, size_t size)
{
	void *block = calloc(1, size == 0 ? 1 : size), **grown;

	if (block == NULL)
		return NULL;
	if (tree->nblocks == tree->capacity) {
		size_t capacity = tree->capacity * 2 + 64;

		if ((grown = reallocarray(tree->blocks, capacity, sizeof(*grown))) == NULL) {
			free(block);
			return NULL;
		}
		tree->blocks = grown;
		tree->capacity = capacity;
	}
	tree->blocks[tree->nblocks++] = block;
	return block;
}

void
regex_tree_free(struct regex_tree *tree)
{
	if (tree == NULL)
		return;
	for (size_t i = 0; i < tree->nblocks; i++)
		free(tree->blocks[i]);
	free(tree->blocks);
	free(tree);
}

unsigned
regex_tree_groups(const struct regex_tree *tree)
{
	return tree->groups;
}

bool
regex_is_word(uint32_t c)
{
	return c == '_' || utf8_is_alphanumeric(c);
}

uint32_t
regex_fold(uint32_t c)
{
	return utf8_map_case(c, false);
}

static bool
is_between(uint32_t c, uint32_t first, uint32_t last)
{
	return c >= first && c <= last;
}

static unsigned
classes_of(uint32_t c)
{
	bool upper = c < 0x80 ? is_between(c, 'A', 'Z') : utf8_map_case(c, false) != c;
	bool lower = c < 0x80 ? is_between(c, 'a', 'z') : utf8_map_case(c, true) != c;
	bool digit = is_between(c, '0', '9'), alnum = utf8_is_alphanumeric(c);
	bool space = c == ' ' || is_between(c, '\t', '\r');
	bool control = c < ' ' || is_between(c, 0x7f, 0x9f);
	unsigned classes = 0;

	classes |= alnum ? REGEX_CLASS_ALNUM : 0;
	classes |= alnum && !digit ? REGEX_CLASS_ALPHA : 0;
	classes |= c == ' ' || c == '\t' ? REGEX_CLASS_BLANK : 0;
	classes |= control ? REGEX_CLASS_CNTRL : 0;
	classes |= digit ? REGEX_CLASS_DIGIT : 0;
	classes |= !control && c != ' ' ? REGEX_CLASS_GRAPH : 0;
	classes |= lower ? REGEX_CLASS_LOWER : 0;
	classes |= !control ? REGEX_CLASS_PRINT : 0;
	classes |= !control && c != ' ' && !alnum ? REGEX_CLASS_PUNCT : 0;
	classes |= space ? REGEX_CLASS_SPACE : 0;
	classes |= upper ? REGEX_CLASS_UPPER : 0;
	classes |= digit || is_between(c | 0x20, 'a', 'f') ? REGEX_CLASS_XDIGIT : 0;
	classes |= regex_is_word(c) ? REGEX_CLASS_WORD : 0;
	return classes;
}

static bool
has_plain(const struct regex_set *set, uint32_t c)
{
	unsigned classes = set->classes == 0 && set->without == 0 ? 0 : classes_of(c);

	if ((classes & set->classes) != 0 || (set->without & ~classes) != 0)
		return true;
	for (size_t i = 0; i < set->n; i++)
		if (is_between(c, set->ranges[i].first, set->ranges[i].last))
			return true;
	return false;
}

bool
regex_set_has(const struct regex_tree *tree, const struct regex_set *set, uint32_t c)
{
	bool has;

	if (set->any_but_newline)
		return !tree->newline || c != '\n';
	has = has_plain(set, c);
	if (!has && tree->ignore_case)
		has = has_plain(set, utf8_map_case(c, false)) || has_plain(set, utf8_map_case(c, true));
	if (set->negated)
		return !has && (!tree->newline || c != '\n');
	return has;
}
