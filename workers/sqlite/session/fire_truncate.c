/*
 * TRUNCATE of tables with triggers for it: those of all tables before, then all are emptied, then those after.
 */
#include <stdlib.h>

#include "workers/sqlite/session/fire.h"

static int
run(struct fire_triggers *triggers, unsigned n, int when, struct report *r)
{
	for (unsigned i = 0; i < n; i++)
		if (fire_triggers_statement(&triggers[i], when, TRIGGER_TRUNCATE, r) == -1)
			return -1;
	return 0;
}

int
fire_truncate(struct session *session, const struct dialect_plan *plan, struct report *r)
{
	unsigned n = plan->fire->nmembers;
	struct fire_triggers *triggers = calloc(n, sizeof(*triggers));
	int status = triggers == NULL ? report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory") : 0;

	for (unsigned i = 0; status == 0 && i < n; i++)
		status = fire_triggers_load(session, plan->fire, i, &triggers[i], r);
	if (status == 0 && (status = run(triggers, n, TRIGGER_BEFORE, r)) == 0 &&
	    (status = connection_define(session->connection, plan, plan->own, r)) == 0)
		status = run(triggers, n, 0, r);
	for (unsigned i = triggers == NULL ? 0 : n; i > 0; i--)
		fire_triggers_free(&triggers[i - 1]);
	free(triggers);
	return status;
}
