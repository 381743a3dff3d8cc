/*
 * A status asked for on behalf of those who read metrics. Private to bibd-control.
 */
#ifndef BIBD_CONTROL_SCRAPE_H
#define BIBD_CONTROL_SCRAPE_H

#include "common/loop.h"
#include "workers/control/shared/snapshot.h"

#define CONTROL_SCRAPE_MS 4000 /* below HTTP_DEADLINE_MS */
#define CONTROL_SCRAPE_CACHE_MS 250

struct control;

/* The status that is asked for on behalf of those who read metrics, and the last one as text. */
struct control_scrape {
	uint32_t asked_id; /* at the supervisor; 0: none is under way */
	struct loop_timer deadline;
	struct snapshot snapshot;
	char *text; /* owned; NULL: there is none */
	size_t size;
	int64_t rendered_at;
};

/* Has all connections that wait for the metrics answered, now or when the supervisor has. */
void control_scrape(struct control *control);
/* Where the answer to that id is to be kept, or NULL when it is not ours. */
struct snapshot *control_scrape_snapshot(struct control *control, uint32_t id);
/* The supervisor's answer is complete. */
void control_scrape_finish(struct control *control);
void control_scrape_close(struct control *control);

#endif
