/*
 * The metrics that are served over HTTP: a status of the supervisor, made into text. Readers that ask while a status is
 * on its way, or shortly after, get the same one.
 */
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "workers/control/control.h"
#include "workers/control/shared/metrics.h"

static void
scrape_end(struct control *control)
{
	loop_timer_cancel(&control->scrape.deadline);
	control->scrape.asked_id = 0;
	snapshot_clear(&control->scrape.snapshot);
}

static void
scrape_is_late(struct loop_timer *timer)
{
	struct control *control = timer->arg;

	log_debug("no status from bibd in time for the metrics");
	scrape_end(control);
	http_answer_waiting(control, NULL, 0);
}

void
control_scrape(struct control *control)
{
	struct control_scrape *scrape = &control->scrape;
	struct worker *worker = control->worker;

	if (scrape->text != NULL && clock_now_ms() - scrape->rendered_at < CONTROL_SCRAPE_CACHE_MS) {
		http_answer_waiting(control, scrape->text, scrape->size);
		return;
	}
	if (scrape->asked_id != 0)
		return;
	scrape->asked_id = channel_next_id(&worker->channel);
	if (channel_send_status_request(&worker->channel, scrape->asked_id, NULL, -1) == -1) {
		scrape_end(control);
		http_answer_waiting(control, NULL, 0);
		return;
	}
	loop_timer_set(&worker->loop, &scrape->deadline, CONTROL_SCRAPE_MS, scrape_is_late, control);
}

struct snapshot *
control_scrape_snapshot(struct control *control, uint32_t id)
{
	return id != 0 && control->scrape.asked_id == id ? &control->scrape.snapshot : NULL;
}

void
control_scrape_finish(struct control *control)
{
	struct control_scrape *scrape = &control->scrape;
	FILE *file;

	free(scrape->text);
	scrape->text = NULL;
	for (size_t i = 0; i < control->failures.count; i++) {
		struct message_status_failure failure = control_failures_get(&control->failures, i);

		snapshot_keep_failure(&scrape->snapshot, &failure);
	}
	if (scrape->snapshot.has_node && (file = open_memstream(&scrape->text, &scrape->size)) != NULL) {
		metrics_write(file, &scrape->snapshot, clock_realtime_us());
		if (fclose(file) == EOF) {
			free(scrape->text);
			scrape->text = NULL;
		}
	}
	scrape->rendered_at = clock_now_ms();
	scrape_end(control);
	http_answer_waiting(control, scrape->text, scrape->size);
}

void
control_scrape_close(struct control *control)
{
	scrape_end(control);
	free(control->scrape.text);
	control->scrape.text = NULL;
}
