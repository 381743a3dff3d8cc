/*
 * COPY FROM a client into a relation with triggers: each line is a row that is inserted.
 */
#include "workers/sqlite/session/fire.h"

#include <stdlib.h>

#include "workers/sqlite/session/cursor.h"
#include "workers/sqlite/session/fire_rows.h"
#include "workers/sqlite/session/fire_run.h"

struct fire *
fire_copy_begin(struct session *session, struct statement *insert, const struct dialect_text *text, struct report *r)
{
	struct fire *fire = malloc(sizeof(*fire));
	struct portal *portal = calloc(1, sizeof(*portal));
	int status;

	if (fire == NULL || portal == NULL) {
		free(fire);
		free(portal);
		(void)report_set(r, SQLSTATE_OUT_OF_MEMORY, "out of memory");
		return NULL;
	}
	portal->shared = statement_plan_share(insert->shared);
	portal->statement = insert;
	portal->text = text;
	*fire = fire_of(session, portal, r);
	if ((status = fire_begin(fire)) == 0 && (status = fire_check_alone(fire, true)) == 0) {
		fire_watch(fire, true);
		status = fire_run_statement_triggers(fire, TRIGGER_BEFORE);
		fire_watch(fire, false);
	}
	if (status == 0)
		return fire;
	fire_copy_free(fire);
	return NULL;
}

int
fire_copy_row(struct fire *fire, uint64_t *changed, struct report *r)
{
	int status;

	fire->report = r;
	fire_watch(fire, true);
	if (fire->what->rows)
		status = fire_find_rows(fire) == -1 ? -1 : fire_run_rows(fire);
	else {
		uint64_t before = fire->portal->changes;

		status = fire_run_at_once(fire);
		fire->portal->changes += before;
	}
	fire_watch(fire, false);
	fire_rows_free(&fire->found);
	*changed = fire->portal->changes;
	return status;
}

int
fire_copy_end(struct fire *fire, struct report *r)
{
	fire->report = r;
	return fire_run_after(fire);
}

void
fire_copy_free(struct fire *fire)
{
	if (fire == NULL)
		return;
	fire_finish(fire);
	statement_plan_release(fire->portal->shared);
	free(fire->portal);
	free(fire);
}
