/* The supervisor's end of a worker's channel, and what it means when the worker closes the other. */
#include <string.h>

#include "supervisor/children/children.h"
#include "supervisor/node/node.h"

/* How long a worker that has closed its channel may take to end. */
#define CHILD_END_MS 1000

static void
child_end_is_late(struct loop_timer *timer)
{
	child_kill(timer->arg, "it closed its channel and did not end");
}

static void
child_channel_closed(struct channel *channel, const struct error *why)
{
	struct child *child = channel->context;

	if (strcmp(why->code, "channel.closed") != 0) {
		child_kill(child, "%s", why->text);
		return;
	}
	/* The worker is dead (SIGCHLD follows) or exiting; give it a second before we kill it. */
	loop_timer_set(&child->node->loop, &child->timer, CHILD_END_MS, child_end_is_late, child);
}

int
child_open_channel(struct child *child, int fd, struct error *e)
{
	return channel_open(&child->channel, &child->node->loop, fd, PROCESS_SUPERVISOR, child->program->process,
	    child->children->hooks->handlers, child, child_channel_closed, e);
}
