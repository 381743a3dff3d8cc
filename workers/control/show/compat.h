/*
 * What bibctl compat found: how many statements were taken, and why the others were not.
 */
#ifndef BIBD_CONTROL_SHOW_COMPAT_H
#define BIBD_CONTROL_SHOW_COMPAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMPAT_REASONS_MAX 1000
#define COMPAT_LINES_MAX 10 /* of each reason so many are told */
#define COMPAT_BEGINNING_MAX 80

/* Statements that were answered in the same words. */
struct compat_reason {
	char state[6];
	char message[256];
	char statement[COMPAT_BEGINNING_MAX]; /* the first of them, as far as it fits, in one line */
	uint64_t count, lines[COMPAT_LINES_MAX];
};

struct compat_report {
	uint64_t statements, taken, refused, failed; /* refused: 0A000; failed: any other error */
	uint64_t skipped;			     /* lines that are no statements */
	struct compat_reason *reasons;		     /* by their counts, the greatest first; [n] */
	size_t n;
};

struct render;
/* For people, and for programs. */
void text_compat(const struct render *render, const struct compat_report *report);
void json_compat(const struct render *render, const struct compat_report *report);

/* Whether the state is 0A000: a node on SQLite does not do that. With any other state, PostgreSQL would fail as well,
 * or an earlier statement that this one needs was refused. */
static inline bool
compat_is_refused(const struct compat_reason *reason)
{
	return reason->state[0] == '0' && reason->state[1] == 'A';
}

#endif
