/*
 * Makes a program, an automaton without a stack, of a part of a pattern.
 */

#include "workers/sqlite/types/regex_tree.h"
#include "workers/sqlite/types/regex_run.h"

#define STATES_MAX 50000

static void build(struct regex_tree *tree, struct regex_program *p, struct regex_node *node);

static unsigned
add_state(struct regex_tree *tree, struct regex_program *p, struct regex_state state)
{
	if (p->n == p->capacity || ++tree->states > STATES_MAX)
		return 0;
	p->states[p->n] = state;
	return p->n++;
}

/* How many states a node comes to; more than STATES_MAX: too many. */
static size_t
count_states(const struct regex_node *node)
{
	size_t left, n;

	switch (node->kind) {
	case REGEX_CONCAT:
	case REGEX_EITHER:
		n = count_states(node->left) + count_states(node->right) + 2;
		break;
	case REGEX_REPEAT:
		left = count_states(node->left);
		n = (left + 2) * (size_t)(node->max < 0 ? node->min + 1 : node->max) + 1;
		break;
	case REGEX_LOOK:
		n = count_states(node->left) + 2;
		break;
	default:
		n = 1;
	}
	return n > STATES_MAX ? STATES_MAX + 1 : n;
}

/* Of the part and all below it; stops counting beyond STATES_MAX. */
static size_t
count_parts(const struct regex_part *part)
{
	size_t n = count_states(part->node) + 1;

	for (part = part->child; part != NULL && n <= STATES_MAX; part = part->sibling)
		n += count_parts(part);
	return n;
}

bool
regex_tree_fits(const struct regex_tree *tree)
{
	return count_parts(tree->top) <= STATES_MAX;
}

static void
build_repeat(struct regex_tree *tree, struct regex_program *p, struct regex_node *node)
{
	unsigned fork, first;

	for (int i = 0; i < node->min; i++)
		build(tree, p, node->left);
	if (node->max < 0) {
		first = fork = add_state(tree, p, (struct regex_state) { .kind = STATE_FORK });
		p->states[fork].next = p->n;
		build(tree, p, node->left);
		(void)add_state(tree, p, (struct regex_state) { .kind = STATE_JUMP, .next = first });
		p->states[fork].other = p->n;
		return;
	}
	for (int i = node->min; i < node->max; i++) {
		fork = add_state(tree, p, (struct regex_state) { .kind = STATE_FORK });
		p->states[fork].next = p->n;
		build(tree, p, node->left);
		p->states[fork].other = p->n; /* each part may end it: what follows may be empty as well */
	}
}

/* Writes the states of a node; what follows it begins at p->n. */
static void
build(struct regex_tree *tree, struct regex_program *p, struct regex_node *node)
{
	unsigned fork, jump;

	switch (node->kind) {
	case REGEX_EMPTY:
		break;
	case REGEX_SET:
		(void)add_state(tree, p, (struct regex_state) { .kind = STATE_SET, .node = node, .next = p->n + 1 });
		break;
	case REGEX_CONCAT:
		build(tree, p, node->left);
		build(tree, p, node->right);
		break;
	case REGEX_EITHER:
		fork = add_state(tree, p, (struct regex_state) { .kind = STATE_FORK });
		p->states[fork].next = p->n;
		build(tree, p, node->left);
		jump = add_state(tree, p, (struct regex_state) { .kind = STATE_JUMP });
		p->states[fork].other = p->n;
		build(tree, p, node->right);
		p->states[jump].next = p->n;
		break;
	case REGEX_REPEAT:
		build_repeat(tree, p, node);
		break;
	default:
		(void)add_state(tree, p, (struct regex_state) { .kind = STATE_CHECK, .node = node, .next = p->n + 1 });
	}
}

/* The program of a node, made when it is first wanted. NULL: memory is out, or it is too large. */
struct regex_program *
regex_program_of(struct regex_search_run *s, struct regex_node *node, struct regex_program **kept)
{
	struct regex_program *p = *kept;
	size_t n;

	if (p != NULL)
		return p;
	n = count_states(node) + 1;
	if (n > STATES_MAX || s->tree->states + n > STATES_MAX || (p = regex_tree_alloc(s->tree, sizeof(*p))) == NULL ||
	    (p->states = regex_tree_alloc(s->tree, n * sizeof(*p->states))) == NULL ||
	    (p->stack = regex_tree_alloc(s->tree, 6 * (n + 1) * sizeof(unsigned))) == NULL) {
		s->failed = -2;
		return NULL;
	}
	p->capacity = (unsigned)n;
	p->now.dense = p->stack + 2 * (n + 1);
	p->now.sparse = p->now.dense + n + 1;
	p->then.dense = p->now.sparse + n + 1;
	p->then.sparse = p->then.dense + n + 1;
	build(s->tree, p, node);
	(void)add_state(s->tree, p, (struct regex_state) { .kind = STATE_ACCEPT });
	return *kept = p;
}
