/*
 * Asks every worker at each interval, ends one that is late, and combines its answer with the check of the client
 * socket.
 */
#include "supervisor/children/heartbeat.h"

#include <bsd/string.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/children/children.h"
#include "supervisor/children/observe.h"
#include "supervisor/node/node.h"

/* Answers are collected for so long: a worker that has nothing else to do has answered by then. */
#define HEARTBEAT_GATHER_MS 5
/* A worker that has used less processor time than this since its answer was late had no chance to answer; an answer
 * takes a hundredth of it. */
#define HEARTBEAT_CPU_MS 50

static void heartbeat_is_late(struct loop_timer *timer);

/* A heartbeat that is sent again has the same id: the answer to either is a sign of life. */
static void
heartbeat_send(struct child *child)
{
	struct node *node = child->node;

	(void)channel_send_heartbeat(&child->channel, child->heartbeat_id, NULL, -1);
	loop_timer_set(&node->loop, &child->health_timer, conf_health(node->conf)->timeout, heartbeat_is_late, child);
}

static void
heartbeat_ask(struct child *child)
{
	child->heartbeat_id = channel_next_id(&child->channel);
	child->nlate = 0;
	heartbeat_send(child);
}

static void heartbeat_conclude(struct child *child, bool healthy, const char *cause);

/* A worker that stands still for once, by itself or with its machine, is not dead: it is asked a second time. */
static void
heartbeat_ask_again(struct child *child)
{
	char cause[96];

	child->cpu_ms = observe_cpu_ms(child->pid, &(bool) { false });
	(void)snprintf(cause, sizeof(cause), "no answer to a heartbeat for %" PRId64 " ms: it is asked once more",
	    conf_health(child->node->conf)->timeout);
	child->says_healthy = false;
	heartbeat_conclude(child, false, cause);
	heartbeat_send(child);
}

/* Whether the machine does not let the worker run: the worker wants to run, and has had next to no processor time since
 * its answer was late. */
static bool
heartbeat_is_starved(const struct child *child)
{
	bool wants;
	int64_t cpu_ms = observe_cpu_ms(child->pid, &wants);

	return wants && cpu_ms - child->cpu_ms < HEARTBEAT_CPU_MS;
}

static void
heartbeat_is_late(struct loop_timer *timer)
{
	struct child *child = timer->arg;

	if (++child->nlate == 1)
		heartbeat_ask_again(child);
	else if (heartbeat_is_starved(child)) {
		log_debug("%s waits for a processor", child->name);
		heartbeat_send(child);
	} else
		child_kill(child, "it did not answer a heartbeat within %" PRId64 " ms, nor when it was asked again",
		    conf_health(child->node->conf)->timeout);
}

/* Opening a store may keep its worker for long: that has a deadline of its own, in the lifecycle. */
static bool
heartbeat_is_due(const struct child *child)
{
	if (!child_is_worker_up(child) || child->heartbeat_id != 0)
		return false;
	return (child->program->process & PROCESS_STORAGE) == 0 ||
	    child->node->lifecycle.state == LIFECYCLE_OPERATIONAL;
}

void
heartbeat_ask_storage(void *context)
{
	struct child *storage = children_find(context, PROCESS_STORAGE);

	if (storage != NULL && heartbeat_is_due(storage))
		heartbeat_ask(storage);
}

static void
heartbeat_tick(struct loop_timer *timer)
{
	struct children *children = timer->arg;

	for (size_t i = 0; i < children->n; i++)
		if (heartbeat_is_due(&children->list[i]))
			heartbeat_ask(&children->list[i]);
	check_begin(&children->check);
	loop_gather(&children->node->loop, HEARTBEAT_GATHER_MS);
	heartbeat_start(children);
}

void
heartbeat_start(struct children *children)
{
	loop_timer_set(&children->node->loop, &children->heartbeat, conf_health(children->node->conf)->interval,
	    heartbeat_tick, children);
}

static void
heartbeat_end(struct child *child)
{
	child->heartbeat_id = 0;
	loop_timer_cancel(&child->health_timer);
}

/* Called when the worker's process is about to end, or has ended. */
void
heartbeat_forget(struct child *child)
{
	heartbeat_end(child);
	if (child_is(child, PROCESS_STORAGE))
		check_forget(&child->children->check);
}

static void
heartbeat_conclude(struct child *child, bool healthy, const char *cause)
{
	if (healthy == child->healthy)
		return;
	child->healthy = healthy;
	if (healthy)
		log_notice("%s is healthy again", child->name);
	else {
		log_warning("%s is not healthy: %s", child->name, cause);
		(void)strlcpy(child->complaint, cause, sizeof(child->complaint));
	}
	events_add(&child->node->events, child->name, healthy ? "process.healthy" : "process.unhealthy", "%s",
	    healthy ? "healthy again" : cause);
}

void
heartbeat_take(struct child *child, uint32_t id, const struct message_health *health)
{
	struct check *check = &child->children->check;
	bool storage = child_is(child, PROCESS_STORAGE);

	if (id == 0 || id != child->heartbeat_id)
		return;
	heartbeat_end(child);
	child->says_healthy = health->healthy;
	if (storage)
		check_take_count(check, health->answered);
	if (storage && health->healthy && check->failed)
		heartbeat_conclude(child, false, check->cause);
	else
		heartbeat_conclude(child, health->healthy, health->cause);
}

void
heartbeat_note_check(void *context)
{
	struct children *children = context;
	struct child *storage = children_find_up(children, PROCESS_STORAGE);

	if (storage != NULL && storage->says_healthy)
		heartbeat_conclude(storage, !children->check.failed, children->check.cause);
}
