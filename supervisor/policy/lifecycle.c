/*
 * The table of the lifecycle itself, and the step from an event to a state, an action and a deadline.
 */
#include "supervisor/policy/lifecycle.h"

#include <stddef.h>

#include "common/clock.h"

/* What a transition does to the deadline. */
enum lifecycle_deadline {
	DEADLINE_CLEAR,
	DEADLINE_KEEP,
	DEADLINE_STARTUP,
	DEADLINE_SHUTDOWN,
	DEADLINE_SERVER,
	DEADLINE_GRACE,
	DEADLINE_HURRY
};

struct lifecycle_transition {
	int known; /* 0: the event changes nothing in this state */
	enum lifecycle_state next;
	enum lifecycle_action action;
	enum lifecycle_deadline deadline;
};

#define ON(event, next, action, deadline) \
	[LIFECYCLE_##event] = { 1, LIFECYCLE_##next, LIFECYCLE_##action, DEADLINE_##deadline }
#define ON_STOP ON(STOP, STOPPING_COMPONENTS, STOP_COMPONENTS, GRACE)

/* The whole life of a node. */
static const struct lifecycle_transition lifecycle_table[][LIFECYCLE_EVENTS] = {
	[LIFECYCLE_NEW] = {
		ON(START,		INITIALISING,		START_STORAGE,		CLEAR),
		ON_STOP,
	},
	[LIFECYCLE_INITIALISING] = {
		ON(WORKERS_STARTED,	AWAITING_WORKER,	START_COMPONENTS,	STARTUP),
		ON_STOP,
	},
	[LIFECYCLE_AWAITING_WORKER] = {
		ON(STORAGE_READY,	OPENING,		OPEN_STORE,		KEEP),
		ON(STORAGE_DIED,	DOWN,			NOTHING,		CLEAR),
		ON(PROGRESS,		AWAITING_WORKER,	NOTHING,		STARTUP),
		ON(SERVER_STARTED,	AWAITING_WORKER,	NOTHING,		STARTUP),
		ON(DEADLINE,		AWAITING_WORKER,	KILL_STORAGE,		CLEAR),
		ON_STOP,
	},
	[LIFECYCLE_OPENING] = {
		ON(STORE_OPENED,	PINGING,		PING_STORE,		KEEP),
		ON(STORE_FAILED,	OPENING,		KILL_STORAGE,		CLEAR),
		ON(STORAGE_DIED,	DOWN,			NOTHING,		CLEAR),
		ON(PROGRESS,		OPENING,		NOTHING,		STARTUP),
		ON(SERVER_LOST,		OPENING,		NOTHING,		CLEAR),
		ON(SERVER_RESTARTING,	OPENING,		OPEN_STORE,		STARTUP),
		ON(SERVER_STARTED,	OPENING,		OPEN_STORE,		STARTUP),
		ON(DEADLINE,		OPENING,		END_WAIT,		CLEAR),
		ON_STOP,
	},
	[LIFECYCLE_PINGING] = {
		ON(STORE_ANSWERED,	OPERATIONAL,		SERVE,			CLEAR),
		ON(STORE_FAILED,	PINGING,		KILL_STORAGE,		CLEAR),
		ON(STORAGE_DIED,	DOWN,			NOTHING,		CLEAR),
		ON(SERVER_LOST,		OPENING,		NOTHING,		CLEAR),
		ON(DEADLINE,		PINGING,		END_WAIT,		CLEAR),
		ON_STOP,
	},
	[LIFECYCLE_OPERATIONAL] = {
		ON(STORAGE_DIED,	DOWN,			NOTHING,		CLEAR),
		ON(SERVER_LOST,		OPENING,		NOTHING,		CLEAR),
		ON_STOP,
	},
	[LIFECYCLE_DOWN] = {
		ON(STORAGE_STARTED,	AWAITING_WORKER,	NOTHING,		STARTUP),
		ON_STOP,
	},
	[LIFECYCLE_STOPPING_COMPONENTS] = {
		ON(COMPONENTS_DIED,	STOPPING_STORAGE,	STOP_STORAGE,		SHUTDOWN),
		ON(STOP,		STOPPING_COMPONENTS,	KILL_COMPONENTS,	CLEAR),
		ON(DEADLINE,		STOPPING_COMPONENTS,	KILL_COMPONENTS,	CLEAR),
	},
	[LIFECYCLE_STOPPING_STORAGE] = {
		ON(STORAGE_DIED,	STOPPING_SERVER,	STOP_SERVER,		SERVER),
		ON(STOP,		STOPPING_STORAGE,	HURRY_STORAGE,		HURRY),
		ON(DEADLINE,		STOPPING_STORAGE,	KILL_STORAGE,		CLEAR),
	},
	[LIFECYCLE_STOPPING_SERVER] = {
		ON(SERVER_STOPPED,	STOPPING_WORKERS,	STOP_WORKERS,		GRACE),
		ON(STOP,		STOPPING_SERVER,	HURRY_SERVER,		HURRY),
		ON(DEADLINE,		STOPPING_SERVER,	KILL_SERVER,		CLEAR),
	},
	[LIFECYCLE_STOPPING_WORKERS] = {
		ON(WORKERS_DIED,	ENDED,			FINISH,			CLEAR),
		ON(STOP,		STOPPING_WORKERS,	NOTHING,		HURRY),
		ON(DEADLINE,		STOPPING_WORKERS,	KILL_WORKERS,		CLEAR),
	},
	[LIFECYCLE_ENDED] = { { 0 } },
};
_Static_assert(sizeof(lifecycle_table) / sizeof(lifecycle_table[0]) == LIFECYCLE_STATES, "one row for each state");

static const char *const lifecycle_state_names[] = {
	"new",
	"initialising",
	"starting storage",
	"opening the store",
	"checking the store",
	"operational",
	"storage is down",
	"stopping components",
	"stopping storage",
	"stopping the server",
	"stopping workers",
	"stopped",
};
_Static_assert(sizeof(lifecycle_state_names) / sizeof(char *) == LIFECYCLE_STATES, "one name for each state");

void
lifecycle_init(struct lifecycle *lifecycle, const struct lifecycle_times *times,
    void (*const actions[LIFECYCLE_ACTIONS])(void *), void (*changed)(void *, enum lifecycle_state), void *context)
{
	*lifecycle = (struct lifecycle) { .state = LIFECYCLE_NEW,
		.deadline = CLOCK_NEVER,
		.times = *times,
		.actions = actions,
		.changed = changed,
		.context = context };
}

static int64_t
lifecycle_new_deadline(const struct lifecycle *lifecycle, enum lifecycle_deadline kind)
{
	int64_t now = clock_now_ms();

	switch (kind) {
	case DEADLINE_KEEP:
		return lifecycle->deadline;
	case DEADLINE_STARTUP:
		return now + lifecycle->times.startup;
	case DEADLINE_SHUTDOWN:
		return now + lifecycle->times.shutdown + lifecycle->times.grace;
	case DEADLINE_SERVER:
		return now + lifecycle->times.server + 2 * lifecycle->times.grace;
	case DEADLINE_GRACE:
		return now + lifecycle->times.grace;
	case DEADLINE_HURRY:
		return now + lifecycle->times.hurry + lifecycle->times.grace;
	case DEADLINE_CLEAR:
		break;
	}
	return CLOCK_NEVER;
}

void
lifecycle_take(struct lifecycle *lifecycle, enum lifecycle_event event)
{
	const struct lifecycle_transition *t = &lifecycle_table[lifecycle->state][event];
	enum lifecycle_state from = lifecycle->state;

	if (!t->known)
		return;
	lifecycle->state = t->next;
	lifecycle->deadline = lifecycle_new_deadline(lifecycle, t->deadline);
	lifecycle->changed(lifecycle->context, from);
	if (t->action != LIFECYCLE_NOTHING)
		lifecycle->actions[t->action](lifecycle->context);
}

void
lifecycle_check_deadline(struct lifecycle *lifecycle)
{
	if (clock_now_ms() >= lifecycle->deadline)
		lifecycle_take(lifecycle, LIFECYCLE_DEADLINE);
}

const char *
lifecycle_state_name(enum lifecycle_state state)
{
	return lifecycle_state_names[state];
}
