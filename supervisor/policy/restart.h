/*
 * The restart policy: what to do about a process that failed. Pure: the caller says what time it is, and acts.
 *
 * - action shutdown: any failure gives up.
 * - A process that was healthy for at least one interval is restarted at once. So is one that had become healthy at
 *   all, at the first failure that is remembered: one death is an accident. If it fails as soon again, it waits for
 *   retry_backoff.
 * - Each restart counts. The count is forgotten after max_retries * retry_backoff of health (but never before one
 *   interval of it). With retry_limit, a failure that finds max_retries restarts counted gives up.
 * - A restart that was asked for never comes here, so it is never counted.
 */
#ifndef BIBD_SUPERVISOR_RESTART_H
#define BIBD_SUPERVISOR_RESTART_H

#include <stdint.h>

#include "common/conf.h"

/* Zeroed is the state of a process that was never started. Times are clock_now_ms(). */
struct restart {
	int64_t count;	       /* restarts that are remembered */
	int64_t healthy_since; /* 0: not healthy */
};

enum restart_verdict { RESTART_AT_ONCE, RESTART_LATER, RESTART_GIVE_UP };

struct restart_decision {
	enum restart_verdict verdict;
	int64_t delay_ms; /* for RESTART_LATER */
};

/* The process became healthy. Does nothing when it is so already. */
void restart_note_healthy(struct restart *restart, int64_t now);

/* The process failed: what now? Counts the restart that it answers with, and ends the health. */
struct restart_decision restart_decide(struct restart *restart, const struct conf_health *policy, int64_t now);

#endif
