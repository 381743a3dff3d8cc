/*
 * How a node is, in one sentence: whether its clients are served, and what is wrong, the worst first. Private to this
 * room.
 */
#ifndef BIBD_BIBCTL_VERDICT_H
#define BIBD_BIBCTL_VERDICT_H

#include "workers/control/show/render.h"

#define VERDICT_PROBLEMS_MAX 24
#define VERDICT_TEXT_MAX (ERROR_TEXT_MAX + 128)

/* From trouble that keeps no client from being served to trouble that keeps all. */
enum verdict_weight { VERDICT_HINT, VERDICT_TROUBLE, VERDICT_OUTAGE };

struct verdict_problem {
	enum verdict_weight weight;
	char text[VERDICT_TEXT_MAX]; /* as it came: to be escaped */
};

struct verdict {
	bool served;
	bool expected;		       /* not served, and nothing has failed: it starts, stops, or is paused */
	int64_t since_us;	       /* served, or not, from then on */
	const char *words;	       /* whether clients are served */
	char detail[VERDICT_TEXT_MAX]; /* why not, or ""; as it came */
	struct verdict_problem problems[VERDICT_PROBLEMS_MAX]; /* the worst first */
	size_t nproblems;
};

/* Judges a status that has a node. */
void verdict_make(struct verdict *verdict, const struct snapshot *status, int64_t now_us);

/* "clients are served; bibd-keeper is not healthy: a cause; and 2 more": without times of the clock, for programs.
 * Returns buf. */
#define VERDICT_SENTENCE_MAX (2 * VERDICT_TEXT_MAX)
char *verdict_sentence(const struct verdict *verdict, char *buf, size_t size);

#endif
