/*
 * Are workers alive? At each interval all of them are asked, at once, so that an idle node wakes up once for all of
 * them. One that does not answer in time is stuck: it is ended, and the policy acts. So a worker that hangs is found
 * within health.interval and health.timeout, however many there are.
 */
#include <inttypes.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/supervisor.h"

static void
heartbeat_is_late(struct loop_timer *timer)
{
	struct child *child = timer->arg;

	child_kill(child, "it did not answer a heartbeat within %" PRId64 " ms",
	    conf_health(child->supervisor->node.conf)->timeout);
}

static void
heartbeat_ask(struct child *child)
{
	struct supervisor *s = child->supervisor;

	child->heartbeat_id = channel_next_id(&child->channel);
	(void)channel_send_heartbeat(&child->channel, child->heartbeat_id, NULL, -1);
	loop_timer_set(&s->node.loop, &child->health_timer, conf_health(s->node.conf)->timeout, heartbeat_is_late, child);
}

/* Opening a store may keep its worker for long: that has a deadline of its own, in the lifecycle. */
static bool
heartbeat_is_due(const struct child *child)
{
	if (!child_is_worker_up(child) || child->heartbeat_id != 0)
		return false;
	return (child->program->process & PROCESS_STORAGE) == 0 ||
	    child->supervisor->node.lifecycle.state == LIFECYCLE_OPERATIONAL;
}

void
heartbeat_ask_storage(struct supervisor *supervisor)
{
	struct child *storage = supervisor_child(supervisor, PROCESS_STORAGE);

	if (storage != NULL && heartbeat_is_due(storage))
		heartbeat_ask(storage);
}

static void
heartbeat_tick(struct loop_timer *timer)
{
	struct supervisor *s = timer->arg;

	for (size_t i = 0; i < s->nchildren; i++)
		if (heartbeat_is_due(&s->children[i]))
			heartbeat_ask(&s->children[i]);
	check_begin(s);
	heartbeat_start(s);
}

void
heartbeat_start(struct supervisor *supervisor)
{
	loop_timer_set(&supervisor->node.loop, &supervisor->heartbeat, conf_health(supervisor->node.conf)->interval,
	    heartbeat_tick, supervisor);
}

static void
heartbeat_end(struct child *child)
{
	child->heartbeat_id = 0;
	loop_timer_cancel(&child->health_timer);
}

/* Its process is going, or gone. */
void
heartbeat_forget(struct child *child)
{
	heartbeat_end(child);
	if (child->program != NULL && (child->program->process & PROCESS_STORAGE) != 0)
		check_forget(child->supervisor);
}

static void
heartbeat_conclude(struct child *child, bool healthy, const char *cause)
{
	if (healthy == child->healthy)
		return;
	child->healthy = healthy;
	if (healthy)
		log_notice("%s is healthy again", child->name);
	else
		log_warning("%s is not healthy: %s", child->name, cause);
	events_add(&child->supervisor->node.events, child->name, healthy ? "process.healthy" : "process.unhealthy", "%s",
	    healthy ? "healthy again" : cause);
}

void
heartbeat_take(struct child *child, uint32_t id, const struct message_health *health)
{
	struct check *check = &child->supervisor->check;
	bool storage = child->program != NULL && (child->program->process & PROCESS_STORAGE) != 0;

	if (id == 0 || id != child->heartbeat_id)
		return;
	heartbeat_end(child);
	child->says_healthy = health->healthy;
	if (storage)
		check_take_count(child->supervisor, health->answered);
	if (storage && health->healthy && check->failed)
		heartbeat_conclude(child, false, check->cause);
	else
		heartbeat_conclude(child, health->healthy, health->cause);
}

void
heartbeat_note_check(struct supervisor *supervisor)
{
	struct child *storage = supervisor_child(supervisor, PROCESS_STORAGE);

	if (storage != NULL && child_is_worker_up(storage) && storage->says_healthy)
		heartbeat_conclude(storage, !supervisor->check.failed, supervisor->check.cause);
}
