/*
 * Counts failures, and decides on a restart at once, one later, or giving up.
 */
#include "supervisor/policy/restart.h"

void
restart_note_healthy(struct restart *restart, int64_t now)
{
	if (restart->healthy_since == 0)
		restart->healthy_since = now > 0 ? now : 1;
}

/* How long health must last for the count to be forgotten. */
static int64_t
restart_memory(const struct conf_health *policy)
{
	int64_t memory = policy->max_retries * policy->retry_backoff;

	return memory > policy->interval ? memory : policy->interval;
}

struct restart_decision
restart_decide(struct restart *restart, const struct conf_health *policy, int64_t now)
{
	struct restart_decision decision = { .verdict = RESTART_LATER, .delay_ms = policy->retry_backoff };
	bool was_healthy = restart->healthy_since != 0;
	int64_t health = was_healthy ? now - restart->healthy_since : 0;

	restart->healthy_since = 0;
	if (was_healthy && health >= restart_memory(policy))
		restart->count = 0;
	if (policy->action == CONF_ACTION_SHUTDOWN ||
	    (policy->action == CONF_ACTION_RETRY_LIMIT && restart->count >= policy->max_retries)) {
		decision.verdict = RESTART_GIVE_UP;
		decision.delay_ms = 0;
		return decision;
	}
	if (was_healthy && (health >= policy->interval || restart->count == 0)) {
		decision.verdict = RESTART_AT_ONCE;
		decision.delay_ms = 0;
	}
	restart->count++;
	return decision;
}
