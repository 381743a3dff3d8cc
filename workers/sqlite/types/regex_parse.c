/*
 * Reads a pattern into the tree of regex_tree.h. How a branch falls into parts, and what each prefers, decides of what
 * groups match: a run of what neither captures nor changes the preference is one part; what does is one of its own, and
 * the rest of the branch another.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/regex_lex.h"

#define NESTING_MAX 100
#define PATTERN_MAX 4096

static unsigned
upward(unsigned flags)
{
	bool mixed = (flags & REGEX_LONGER) != 0 && (flags & REGEX_SHORTER) != 0;

	return (flags & (REGEX_MIXED | REGEX_CAPTURES | REGEX_REFERS)) | (mixed ? REGEX_MIXED : 0);
}

static bool
is_messy(unsigned flags)
{
	return (flags & (REGEX_MIXED | REGEX_CAPTURES | REGEX_REFERS)) != 0;
}

static unsigned
preference(unsigned flags)
{
	return flags & (REGEX_LONGER | REGEX_SHORTER);
}

/* Of two that follow each other: the first that has a preference gives it. */
static unsigned
combined(unsigned a, unsigned b)
{
	return upward(a | b) | (preference(a) != 0 ? preference(a) : preference(b));
}

/* ---- atoms ---- */

static struct regex_part *alternatives(struct regex_parser *p, bool nested);

/* One atom: either a node alone or, where it is in parentheses or refers to a group, a part. */
struct regex_atom {
	struct regex_node *node;
	struct regex_part *part;
	bool constraint; /* it takes no quantifier */
	bool captures, refers;
};

static bool
read_nested(struct regex_parser *p, struct regex_part **part)
{
	if (++p->depth > NESTING_MAX)
		return regex_parser_fail(p, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
		    "the regular expression is too large: its parentheses nest too deep");
	*part = alternatives(p, true);
	p->depth--;
	if (*part == NULL)
		return false;
	if (p->at == p->end)
		return regex_parser_fail(p, SQLSTATE_INVALID_REGULAR_EXPRESSION,
		    "invalid regular expression: parentheses () not balanced");
	p->at++;
	return true;
}

static bool
read_look(struct regex_parser *p, struct regex_atom *atom, bool behind, bool negative)
{
	struct regex_part *inner = NULL;
	bool outer = p->look;

	p->look = true;
	if (!read_nested(p, &inner) || inner == NULL ||
	    (atom->node = regex_new_node(p, REGEX_LOOK, inner->node, NULL)) == NULL)
		return false;
	p->look = outer;
	atom->node->behind = behind;
	atom->node->negative = negative;
	atom->constraint = true;
	return true;
}

static bool
read_capture(struct regex_parser *p, struct regex_atom *atom)
{
	unsigned group = ++p->tree->groups;
	struct regex_part *inner = NULL, *outer;

	if (group >= REGEX_SPANS)
		return regex_parser_fail(p, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "more than nine groups in such a regular expression are not supported on SQLite");
	if (!read_nested(p, &inner) || inner == NULL)
		return false;
	outer = inner;
	if (inner->capture != 0) {
		if ((outer = regex_new_part(p, '(', inner->flags, inner->node)) == NULL)
			return false;
		outer->child = inner;
	}
	outer->flags |= REGEX_CAPTURES;
	outer->capture = group;
	p->groups[group] = outer;
	atom->part = outer;
	atom->node = outer->node;
	atom->captures = true;
	return true;
}

static bool
read_parenthesis(struct regex_parser *p, struct regex_atom *atom)
{
	static const struct {
		const char *text;
		bool look, behind, negative;
	} kinds[] = { { "(?:", false, false, false }, { "(?=", true, false, false }, { "(?!", true, false, true },
		{ "(?<=", true, true, false }, { "(?<!", true, true, true } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(kinds[i].text);

		if ((size_t)(p->end - p->at) < n || memcmp(p->at, kinds[i].text, n) != 0)
			continue;
		p->at += n;
		if (kinds[i].look)
			return read_look(p, atom, kinds[i].behind, kinds[i].negative);
		if (!read_nested(p, &atom->part))
			return false;
		atom->node = atom->part->node;
		return true;
	}
	if (p->end - p->at > 1 && p->at[1] == '?')
		return regex_parser_fail(p, SQLSTATE_INVALID_REGULAR_EXPRESSION,
		    "invalid regular expression: quantifier operand invalid");
	p->at++;
	if (!p->look)
		return read_capture(p, atom);
	if (!read_nested(p, &atom->part))
		return false;
	atom->node = atom->part->node;
	return true;
}

/* What a group matched may stand where its anchors do not hold. */
static struct regex_node *
without_anchors(struct regex_parser *p, const struct regex_node *node)
{
	struct regex_node *copy;
	bool anchor = node->kind >= REGEX_BEGIN;

	if ((copy = regex_new_node(p, anchor ? REGEX_EMPTY : node->kind, NULL, NULL)) == NULL || anchor)
		return copy;
	*copy = *node;
	if (node->left != NULL && (copy->left = without_anchors(p, node->left)) == NULL)
		return NULL;
	if (node->right != NULL && (copy->right = without_anchors(p, node->right)) == NULL)
		return NULL;
	return copy;
}

static bool
read_reference(struct regex_parser *p, unsigned group, struct regex_atom *atom)
{
	if (p->look || group > p->tree->groups || p->groups[group] == NULL)
		return regex_parser_fail(p, SQLSTATE_INVALID_REGULAR_EXPRESSION,
		    "invalid regular expression: invalid backreference number");
	atom->part = regex_new_part(p, 'b', REGEX_REFERS, without_anchors(p, p->groups[group]->node));
	if (atom->part == NULL)
		return false;
	atom->part->refers = group;
	atom->part->min = atom->part->max = 1;
	atom->node = atom->part->node;
	atom->refers = p->tree->refers = true;
	return true;
}

static bool
read_atom(struct regex_parser *p, struct regex_atom *atom)
{
	struct regex_node lexed = { .kind = REGEX_EMPTY };
	unsigned group = 0;

	*atom = (struct regex_atom) { .node = NULL };
	if (regex_at_quantifier(p))
		return regex_parser_fail(p, SQLSTATE_INVALID_REGULAR_EXPRESSION,
		    "invalid regular expression: quantifier operand invalid");
	if (*p->at == '(')
		return read_parenthesis(p, atom);
	if (!regex_read_simple(p, &lexed, &group))
		return false;
	if (group > 0)
		return read_reference(p, group, atom);
	if ((atom->node = regex_new_node(p, lexed.kind, NULL, NULL)) == NULL)
		return false;
	*atom->node = lexed;
	atom->constraint = lexed.kind != REGEX_SET;
	return true;
}

/* ---- branches ---- */

/* What is to be repeated, as a part: NULL on failure. */
static struct regex_part *
quantify(struct regex_parser *p, const struct regex_atom *atom, struct regex_part *part, const struct regex_count *q)
{
	unsigned own = part->flags & (REGEX_LONGER | REGEX_SHORTER | REGEX_MIXED);
	unsigned flags = combined(q->preference, part->flags);
	struct regex_node *repeated;
	struct regex_part *left, *whole;

	if (q->min == 1 && q->max == 1 && !atom->refers && (q->preference == 0 || own == 0 || q->preference == own))
		return part;
	if ((repeated = regex_repeat(p, part->node, q->min, q->max)) == NULL)
		return NULL;
	if (atom->refers) {
		part->min = q->min;
		part->max = q->max;
		part->flags |= flags;
		part->node = repeated;
		return part;
	}
	if ((part->flags & (REGEX_CAPTURES | REGEX_REFERS)) == 0)
		return regex_new_part(p, '=', flags, repeated);
	if (q->min > 0 && (part->flags & REGEX_REFERS) == 0) {
		left = regex_new_part(p, '=', preference(flags),
		    regex_repeat(p, part->node, q->min - 1, q->max < 0 ? -1 : q->max - 1));
		if (left == NULL || (whole = regex_new_part(p, '.', flags, repeated)) == NULL)
			return NULL;
		whole->child = left;
		left->sibling = part;
		return whole;
	}
	if ((whole = regex_new_part(p, '*', flags, repeated)) == NULL)
		return NULL;
	whole->min = q->min;
	whole->max = q->max;
	whole->child = part;
	return whole;
}

static bool
at_end(const struct regex_parser *p, bool nested)
{
	return p->at == p->end || *p->at == '|' || (nested && *p->at == ')');
}

static struct regex_part *branch(struct regex_parser *p, bool nested);

/* Two parts one after the other. */
static struct regex_part *
pair(struct regex_parser *p, struct regex_part *a, struct regex_part *b, unsigned flags)
{
	struct regex_part *both = regex_new_part(p, '.', flags, regex_join(p, a->node, b->node));

	if (both == NULL)
		return NULL;
	both->child = a;
	a->sibling = b;
	return both;
}

/* What was read of the branch so far, a part that stands alone, and the rest of the branch. */
static struct regex_part *
split(struct regex_parser *p, struct regex_part *before, const struct regex_atom *atom, const struct regex_count *q,
    bool nested)
{
	struct regex_part *part = atom->part != NULL ? atom->part : regex_new_part(p, '=', 0, atom->node), *item, *rest;
	bool first = before->node->kind == REGEX_EMPTY;
	unsigned flags;

	if (part == NULL)
		return NULL;
	flags = combined(q->preference, part->flags);
	if ((item = quantify(p, atom, part, q)) == NULL)
		return NULL;
	if (at_end(p, nested))
		return first ? item : pair(p, before, item, before->flags | combined(before->flags, item->flags));
	if ((rest = branch(p, nested)) == NULL)
		return NULL;
	flags |= combined(flags, rest->flags);
	if ((item = pair(p, item, rest, flags)) == NULL)
		return NULL;
	flags = before->flags | combined(before->flags, flags);
	if (!first)
		return pair(p, before, item, flags);
	item->flags = flags;
	return item;
}

static struct regex_part *
branch(struct regex_parser *p, bool nested)
{
	struct regex_part *whole = regex_new_part(p, '=', 0, regex_new_node(p, REGEX_EMPTY, NULL, NULL));
	struct regex_count q;
	struct regex_atom atom;

	while (whole != NULL && !at_end(p, nested)) {
		unsigned flags;

		if (!read_atom(p, &atom))
			return NULL;
		if (atom.constraint) {
			if ((whole->node = regex_join(p, whole->node, atom.node)) == NULL)
				return NULL;
			continue;
		}
		if (!regex_read_quantifier(p, &q))
			return NULL;
		if (q.max == 0)
			continue;
		flags = whole->flags | q.preference | (atom.part == NULL ? 0 : atom.part->flags);
		if (atom.captures || atom.refers || is_messy(upward(flags)))
			return split(p, whole, &atom, &q, nested);
		if ((whole->node = regex_join(p, whole->node, regex_repeat(p, atom.node, q.min, q.max))) == NULL)
			return NULL;
		whole->flags = flags;
	}
	return whole;
}

static struct regex_part *
alternatives(struct regex_parser *p, bool nested)
{
	struct regex_part *first = branch(p, nested), *last, *either;

	if (first == NULL || p->at == p->end || *p->at != '|')
		return first;
	if ((either = regex_new_part(p, '|', REGEX_LONGER, first->node)) == NULL)
		return NULL;
	either->child = last = first;
	either->flags |= upward(first->flags);
	while (p->at < p->end && *p->at == '|') {
		p->at++;
		if ((last->sibling = branch(p, nested)) == NULL)
			return NULL;
		last = last->sibling;
		either->flags |= upward(last->flags);
		if ((either->node = regex_new_node(p, REGEX_EITHER, either->node, last->node)) == NULL)
			return NULL;
	}
	if (!is_messy(either->flags)) {
		either->op = '=';
		either->child = NULL;
	}
	return either;
}

struct regex_tree *
regex_tree_new(const char *pattern, size_t length, unsigned flags, struct report *r)
{
	struct regex_tree *tree = calloc(1, sizeof(*tree));
	struct regex_parser p = { .tree = tree, .at = pattern, .end = pattern + length, .report = r };

	if (tree == NULL) {
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	if (length > PATTERN_MAX) {
		free(tree);
		(void)report_set(r, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
		    "the regular expression is too large: it has more than %d bytes", PATTERN_MAX);
		return NULL;
	}
	tree->ignore_case = (flags & REGEX_IGNORE_CASE) != 0;
	tree->newline = (flags & REGEX_NEWLINE) != 0;
	if (regex_read_options(&p))
		tree->top = alternatives(&p, false);
	if (tree->top != NULL && !p.failed && regex_tree_fits(tree))
		return tree;
	(void)regex_parser_fail(&p, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "the regular expression is too large");
	regex_tree_free(tree);
	return NULL;
}
