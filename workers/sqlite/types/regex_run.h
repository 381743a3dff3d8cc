/*
 * Private to regex_*.c: a pattern as programs, and one search of a text with them.
 */
#ifndef BIBD_SQLITE_TYPES_REGEX_RUN_H
#define BIBD_SQLITE_TYPES_REGEX_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/types/regex_tree.h"

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

/* ---- regex_program.c ---- */

/* The program of a node, made when it is first wanted. NULL: memory is out, or it is too large. */
struct regex_program *regex_program_of(struct regex_search_run *s, struct regex_node *node,
    struct regex_program **kept);

/* ---- regex_run.c ---- */

/* Counts steps; true: the statement must stop, and s->failed says so. */
bool regex_has_to_stop(struct regex_search_run *s, unsigned steps);
/* The place of the character before. */
size_t regex_before(const char *text, size_t at);
/* Where the longest, or the shortest, text ends that a part matches from a place on; NOWHERE: it matches none. */
size_t regex_longest(struct regex_search_run *s, struct regex_part *part, size_t from, size_t limit);
size_t regex_shortest(struct regex_search_run *s, struct regex_part *part, size_t from, size_t least, size_t limit);
/* Where a match that begins at `from` or behind it ends first, as far as back references don't count. */
size_t regex_first_end(struct regex_search_run *s, size_t from);

#endif
