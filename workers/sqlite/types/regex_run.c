/*
 * Runs a program: how long the text is, from a place on, that a part of a pattern matches.
 */

#include "workers/sqlite/types/regex_tree.h"
#include "workers/sqlite/types/utf8.h"
#include "workers/sqlite/types/regex_run.h"

#define STOP_STEPS 4096

static bool looks(struct regex_search_run *s, struct regex_node *node, size_t at);

size_t
regex_before(const char *text, size_t at)
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

static bool
holds(struct regex_search_run *s, struct regex_node *node, size_t at)
{
	bool word_before = at > 0 && is_word_at(s, regex_before(s->text, at)), word_behind = is_word_at(s, at);
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

bool
regex_has_to_stop(struct regex_search_run *s, unsigned steps)
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
run(struct regex_search_run *s, struct regex_program *p, size_t from, size_t least, size_t limit, bool regex_shortest)
{
	size_t at = from, found = NOWHERE;

	if (p == NULL)
		return NOWHERE;
	p->now.n = 0;
	enter(s, p, &p->now, 0, at);
	for (;;) {
		if (at >= least && is_in(&p->now, p->n - 1)) {
			found = at;
			if (regex_shortest)
				return found;
		}
		if (at >= limit || p->now.n == 0 || regex_has_to_stop(s, p->now.n))
			return s->failed != 0 ? NOWHERE : found;
		take_character(s, p, &at);
	}
}

/* Whether what is looked for begins, or ends, here. */
static bool
looks(struct regex_search_run *s, struct regex_node *node, size_t at)
{
	struct regex_program *p = regex_program_of(s, node->left, &node->program);
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
		if (regex_has_to_stop(s, p->now.n))
			return false;
		take_character(s, p, &from);
	}
}

size_t
regex_longest(struct regex_search_run *s, struct regex_part *part, size_t from, size_t limit)
{
	return run(s, regex_program_of(s, part->node, &part->program), from, from, limit, false);
}

size_t
regex_shortest(struct regex_search_run *s, struct regex_part *part, size_t from, size_t least, size_t limit)
{
	return run(s, regex_program_of(s, part->node, &part->program), from, least, limit, true);
}

/* Where a match that begins at `from` or behind it ends first, as far as back references don't count. */
size_t
regex_first_end(struct regex_search_run *s, size_t from)
{
	struct regex_program *p = regex_program_of(s, s->tree->top->node, &s->tree->top->program);

	if (p == NULL)
		return NOWHERE;
	p->now.n = 0;
	for (;;) {
		enter(s, p, &p->now, 0, from);
		if (is_in(&p->now, p->n - 1))
			return from;
		if (from >= s->length || regex_has_to_stop(s, p->now.n))
			return NOWHERE;
		take_character(s, p, &from);
	}
}
