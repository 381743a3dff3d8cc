/*
 * Finds a match of a tree, and then which part of it each group matched. What a part may match at all is found by an
 * automaton that is in all of its states at once, so that it takes no longer than text times states.
 */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/regex_tree.h"
#include "workers/sqlite/types/utf8.h"

#define STATES_MAX 50000
#define STOP_STEPS 4096
#define NOWHERE SIZE_MAX

enum regex_state_kind { STATE_ACCEPT, STATE_SET, STATE_JUMP, STATE_FORK, STATE_CHECK };

struct regex_state {
	enum regex_state_kind kind;
	struct regex_node *node; /* of SET and CHECK */
	unsigned next, other;
};

struct regex_states {
	unsigned *dense, *sparse, n;
};

/* Its sets serve one run at a time: a program never runs within itself. */
struct regex_program {
	struct regex_state *states;
	unsigned n, capacity;
	struct regex_states now, then;
	unsigned *stack;
};

struct regex_search_run {
	struct regex_tree *tree;
	const char *text;
	size_t length;
	struct regex_span *spans;
	bool (*must_stop)(void *);
	void *arg;
	unsigned steps;
	int failed; /* -1: to be stopped, -2: memory is out */
};

/* ---- programs ---- */

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

static void build(struct regex_tree *tree, struct regex_program *p, struct regex_node *node);

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
static struct regex_program *
program_of(struct regex_search_run *s, struct regex_node *node, struct regex_program **kept)
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

/* ---- running one ---- */

static size_t
before(const char *text, size_t at)
{
	for (at--; at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80; at--)
		;
	return at;
}

static uint32_t
character_at(const struct regex_search_run *s, size_t at)
{
	return utf8_decode(s->text, s->length, &at);
}

static bool
is_word_at(const struct regex_search_run *s, size_t at)
{
	return at < s->length && regex_is_word(character_at(s, at));
}

static bool looks(struct regex_search_run *s, struct regex_node *node, size_t at);

static bool
holds(struct regex_search_run *s, struct regex_node *node, size_t at)
{
	bool word_before = at > 0 && is_word_at(s, before(s->text, at)), word_behind = is_word_at(s, at);
	bool newline = s->tree->newline;

	switch (node->kind) {
	case REGEX_BEGIN:
		return at == 0 || (newline && s->text[at - 1] == '\n');
	case REGEX_END:
		return at == s->length || (newline && s->text[at] == '\n');
	case REGEX_BEGIN_TEXT:
		return at == 0;
	case REGEX_END_TEXT:
		return at == s->length;
	case REGEX_WORD_BEGIN:
		return !word_before && word_behind;
	case REGEX_WORD_END:
		return word_before && !word_behind;
	case REGEX_WORD_EDGE:
		return word_before != word_behind;
	case REGEX_WORD_INSIDE:
		return word_before == word_behind;
	default:
		return looks(s, node, at) != node->negative;
	}
}

static bool
is_in(const struct regex_states *set, unsigned state)
{
	return set->sparse[state] < set->n && set->dense[set->sparse[state]] == state;
}

/* The state, and all that is reached from it without a character. */
static void
enter(struct regex_search_run *s, struct regex_program *p, struct regex_states *set, unsigned state, size_t at)
{
	unsigned n = 0;

	p->stack[n++] = state;
	while (n > 0) {
		const struct regex_state *of;

		state = p->stack[--n];
		if (is_in(set, state))
			continue;
		set->sparse[state] = set->n;
		set->dense[set->n++] = state;
		of = &p->states[state];
		if (of->kind == STATE_JUMP || (of->kind == STATE_CHECK && holds(s, of->node, at)))
			p->stack[n++] = of->next;
		if (of->kind == STATE_FORK) {
			p->stack[n++] = of->other;
			p->stack[n++] = of->next;
		}
	}
}

static bool
has_to_stop(struct regex_search_run *s, unsigned steps)
{
	s->steps += steps + 1;
	if (s->failed == 0 && s->steps > STOP_STEPS) {
		s->steps = 0;
		if (s->must_stop != NULL && s->must_stop(s->arg))
			s->failed = -1;
	}
	return s->failed != 0;
}

/* From the states of now at `at` to those behind the character there. */
static void
take_character(struct regex_search_run *s, struct regex_program *p, size_t *at)
{
	uint32_t c = utf8_decode(s->text, s->length, at);
	struct regex_states swap = p->now;

	p->then.n = 0;
	for (unsigned i = 0; i < p->now.n; i++) {
		const struct regex_state *state = &p->states[p->now.dense[i]];

		if (state->kind == STATE_SET && regex_set_has(s->tree, &state->node->set, c))
			enter(s, p, &p->then, state->next, *at);
	}
	p->now = p->then;
	p->then = swap;
}

/* Where a match of the node that begins at `from` ends: the last place up to `limit`, or the first from `least` on.
 * NOWHERE: there is none. */
static size_t
run(struct regex_search_run *s, struct regex_program *p, size_t from, size_t least, size_t limit, bool shortest)
{
	size_t at = from, found = NOWHERE;

	if (p == NULL)
		return NOWHERE;
	p->now.n = 0;
	enter(s, p, &p->now, 0, at);
	for (;;) {
		if (at >= least && is_in(&p->now, p->n - 1)) {
			found = at;
			if (shortest)
				return found;
		}
		if (at >= limit || p->now.n == 0 || has_to_stop(s, p->now.n))
			return s->failed != 0 ? NOWHERE : found;
		take_character(s, p, &at);
	}
}

/* Whether what is looked for begins, or ends, here. */
static bool
looks(struct regex_search_run *s, struct regex_node *node, size_t at)
{
	struct regex_program *p = program_of(s, node->left, &node->program);
	size_t from = 0;

	if (p == NULL)
		return false;
	if (!node->behind)
		return run(s, p, at, at, s->length, true) != NOWHERE;
	p->now.n = 0;
	for (;;) {
		enter(s, p, &p->now, 0, from);
		if (from == at)
			return is_in(&p->now, p->n - 1);
		if (has_to_stop(s, p->now.n))
			return false;
		take_character(s, p, &from);
	}
}

static size_t
longest(struct regex_search_run *s, struct regex_part *part, size_t from, size_t limit)
{
	return run(s, program_of(s, part->node, &part->program), from, from, limit, false);
}

static size_t
shortest(struct regex_search_run *s, struct regex_part *part, size_t from, size_t least, size_t limit)
{
	return run(s, program_of(s, part->node, &part->program), from, least, limit, true);
}

/* ---- taking a match apart: 1 done, 0 it does not fit, -1 see s->failed ---- */

static int dissect(struct regex_search_run *s, struct regex_part *part, size_t from, size_t to);

static void
forget(struct regex_search_run *s, const struct regex_part *part)
{
	if (part->capture > 0 && part->capture < REGEX_SPANS)
		s->spans[part->capture] = (struct regex_span) { 1, 0 };
	for (part = part->child; part != NULL; part = part->sibling)
		forget(s, part);
}

static size_t
behind(const struct regex_search_run *s, size_t at)
{
	(void)utf8_decode(s->text, s->length, &at);
	return at;
}

/* Two parts, the first of which takes as much as it can, or (by its preference) as little. */
static int
dissect_pair(struct regex_search_run *s, struct regex_part *part, size_t from, size_t to)
{
	struct regex_part *left = part->child, *right = left->sibling;
	bool little = (left->flags & REGEX_SHORTER) != 0;
	size_t middle = little ? shortest(s, left, from, from, to) : longest(s, left, from, to);

	for (;;) {
		int done = 0;

		if (s->failed != 0)
			return -1;
		if (middle == NOWHERE)
			return 0;
		if (longest(s, right, middle, to) == to) {
			if ((done = dissect(s, left, from, middle)) > 0)
				done = dissect(s, right, middle, to);
			if (done != 0)
				return done;
		}
		if (little ? middle == to : middle == from)
			return 0;
		middle = little ? shortest(s, left, from, behind(s, middle), to)
				: longest(s, left, from, before(s->text, middle));
		forget(s, left);
		forget(s, right);
	}
}

static int
dissect_either(struct regex_search_run *s, struct regex_part *part, size_t from, size_t to)
{
	for (struct regex_part *one = part->child; one != NULL; one = one->sibling) {
		int done = longest(s, one, from, to) == to ? dissect(s, one, from, to) : 0;

		if (s->failed != 0)
			return -1;
		if (done != 0)
			return done;
		forget(s, one);
	}
	return 0;
}

static bool
is_same(const struct regex_search_run *s, size_t a, size_t b, size_t n)
{
	if (!s->tree->ignore_case)
		return memcmp(s->text + a, s->text + b, n) == 0;
	for (size_t end = a + n; a < end;)
		if (regex_fold(utf8_decode(s->text, s->length, &a)) != regex_fold(utf8_decode(s->text, s->length, &b)))
			return false;
	return true;
}

static int
dissect_reference(struct regex_search_run *s, const struct regex_part *part, size_t from, size_t to)
{
	struct regex_span group = s->spans[part->refers];
	size_t n = group.to - group.from, times;

	if (group.from > group.to)
		return 0;
	if (n == 0)
		return from == to && (part->max < 0 || part->min <= part->max);
	if (from == to)
		return part->min == 0;
	times = (to - from) / n;
	if ((to - from) % n != 0 || times < (size_t)part->min || (part->max >= 0 && times > (size_t)part->max))
		return 0;
	for (size_t at = from; at < to; at += n)
		if (!is_same(s, group.from, at, n))
			return 0;
	return 1;
}

/* Rounds of an iteration: where each ends, and how many of them, from the first on, are known to fit. */
struct regex_rounds {
	size_t *ends, k, least, most, verified;
	size_t to;
	bool little; /* each takes as little as it can */
};

/* Where round k ends, in the order that the part prefers: the first place, or the one after ends[k]. */
static size_t
next_end(struct regex_search_run *s, struct regex_part *part, const struct regex_rounds *r, bool first)
{
	size_t from = r->ends[r->k - 1], end = first ? from : r->ends[r->k];

	if (r->k >= r->most) /* the last that may be */
		return first && longest(s, part->child, from, r->to) == r->to ? r->to : NOWHERE;
	if (first)
		return r->little ? shortest(s, part->child, from, from, r->to) : longest(s, part->child, from, r->to);
	if (end == (r->little ? r->to : from))
		return NOWHERE;
	return r->little ? shortest(s, part->child, from, behind(s, end), r->to)
			 : longest(s, part->child, from, before(s->text, end));
}

/* Whether another round can come behind round k. One that is empty has to be needed: without it the characters that
 * are left would be fewer than the rounds that there must be. */
static bool
can_follow(const struct regex_search_run *s, const struct regex_rounds *r)
{
	size_t at = r->ends[r->k];

	if (at == r->to || r->k >= r->most)
		return false;
	if (at > r->ends[r->k - 1])
		return true;
	for (size_t k = r->k; k < r->least && at < r->to; k++)
		at = behind(s, at);
	return at >= r->to;
}

/* 0: the round behind those that are verified does not fit. */
static int
verify(struct regex_search_run *s, struct regex_part *part, struct regex_rounds *r)
{
	for (; r->verified < r->k; r->verified++) {
		size_t i = r->verified + 1;
		int done;

		forget(s, part->child);
		if ((done = dissect(s, part->child, r->ends[i - 1], r->ends[i])) <= 0)
			return done;
	}
	return 1;
}

/* The first division into rounds that fit, as the part prefers them. */
static int
divide(struct regex_search_run *s, struct regex_part *part, struct regex_rounds *r)
{
	bool first = true;

	while (r->k > 0) {
		size_t end = next_end(s, part, r, first);
		int done = 0;

		if (s->failed != 0)
			return -1;
		first = false;
		if (end == NOWHERE) {
			r->k--;
			continue;
		}
		r->ends[r->k] = end;
		if (r->verified >= r->k)
			r->verified = r->k - 1;
		if (can_follow(s, r)) {
			r->k++;
			first = true;
			continue;
		}
		if (end != r->to || r->k < r->least)
			continue;
		if ((done = verify(s, part, r)) != 0)
			return done;
		r->k = r->verified + 1; /* what comes behind it changes nothing */
	}
	return 0;
}

static int
dissect_iteration(struct regex_search_run *s, struct regex_part *part, size_t from, size_t to)
{
	struct regex_rounds r = { .k = 1,
		.least = part->min <= 0 ? 1 : (size_t)part->min,
		.most = to - from,
		.to = to,
		.little = (part->child->flags & REGEX_SHORTER) != 0 };
	int done;

	if (part->min <= 0 && r.little && from == to)
		return 1;
	if (part->max >= 0 && r.most > (size_t)part->max)
		r.most = (size_t)part->max;
	if (r.most < r.least)
		r.most = r.least;
	if ((r.ends = calloc(r.most + 2, sizeof(*r.ends))) == NULL) {
		s->failed = -2;
		return -1;
	}
	r.ends[0] = from;
	done = divide(s, part, &r);
	free(r.ends);
	if (done != 0 || from != to || part->min > 0)
		return done;
	forget(s, part->child); /* no round at all, where an empty one does not fit */
	return 1;
}

static int
dissect(struct regex_search_run *s, struct regex_part *part, size_t from, size_t to)
{
	int done;

	if (has_to_stop(s, 16))
		return -1;
	switch (part->op) {
	case '.':
		done = dissect_pair(s, part, from, to);
		break;
	case '|':
		done = dissect_either(s, part, from, to);
		break;
	case '*':
		done = dissect_iteration(s, part, from, to);
		break;
	case 'b':
		done = dissect_reference(s, part, from, to);
		break;
	case '(':
		done = dissect(s, part->child, from, to);
		break;
	default:
		done = 1;
	}
	if (done > 0 && part->capture > 0 && part->capture < REGEX_SPANS)
		s->spans[part->capture] = (struct regex_span) { from, to };
	return done;
}

/* A match that begins here: the one that the whole prefers, or where groups don't fit it, the next. */
static int
match_at(struct regex_search_run *s, size_t from)
{
	struct regex_part *top = s->tree->top;
	bool little = (top->flags & REGEX_SHORTER) != 0;
	size_t least = from, most = s->length;

	for (;;) {
		size_t end = little ? shortest(s, top, from, least, most) : longest(s, top, from, most);
		int done;

		if (s->failed != 0)
			return -1;
		if (end == NOWHERE)
			return 0;
		for (unsigned i = 0; i < REGEX_SPANS; i++)
			s->spans[i] = (struct regex_span) { 1, 0 };
		if ((done = dissect(s, top, from, end)) != 0) {
			s->spans[0] = (struct regex_span) { from, end };
			return done;
		}
		if (little ? end == most : end == from)
			return 0;
		if (little)
			least = behind(s, end);
		else
			most = before(s->text, end);
	}
}

/* Where a match that begins at `from` or behind it ends first, as far as back references don't count. */
static size_t
first_end(struct regex_search_run *s, size_t from)
{
	struct regex_program *p = program_of(s, s->tree->top->node, &s->tree->top->program);

	if (p == NULL)
		return NOWHERE;
	p->now.n = 0;
	for (;;) {
		enter(s, p, &p->now, 0, from);
		if (is_in(&p->now, p->n - 1))
			return from;
		if (from >= s->length || has_to_stop(s, p->now.n))
			return NOWHERE;
		take_character(s, p, &from);
	}
}

/* Whether one begins between these two places; 1: found. */
static int
match_between(struct regex_search_run *s, size_t from, size_t to)
{
	for (;;) {
		int done = match_at(s, from);

		if (done != 0 || from >= to)
			return done;
		from = behind(s, from);
	}
}

/* As PostgreSQL searches: where back references refuse all that may begin up to the first end, it goes on behind that,
 * and does not look at the very end of the text any more. */
static int
search(struct regex_search_run *s, size_t from)
{
	for (;;) {
		size_t end = first_end(s, from);
		int done;

		if (end == NOWHERE)
			return 0;
		if (!s->tree->refers && s->spans == NULL)
			return 1;
		if ((done = match_between(s, from, end)) != 0 || end >= s->length)
			return done;
		if ((from = behind(s, end)) >= s->length)
			return 0;
	}
}

int
regex_tree_find(struct regex_tree *tree, const char *text, size_t length, size_t from, struct regex_span *spans,
    bool (*must_stop)(void *), void *arg)
{
	struct regex_span own[REGEX_SPANS];
	struct regex_search_run s = { .tree = tree,
		.text = text,
		.length = length,
		.spans = spans == NULL && tree->refers ? own : spans,
		.must_stop = must_stop,
		.arg = arg };
	int done = search(&s, from);

	if (s.failed != 0)
		return s.failed;
	return done > 0 ? 1 : 0;
}
