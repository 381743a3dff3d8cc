/*
 * Starts, stops, kills and reaps a process, writes the line about its death, and starts it again by the policy.
 */
#include "supervisor/children/children.h"

#include <bsd/string.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/children/heartbeat.h"
#include "supervisor/node/node.h"

const char *const child_state_names[] = { "absent", "waiting", "starting", "up", "stopping" };
_Static_assert(sizeof(child_state_names) / sizeof(child_state_names[0]) == CHILD_STATES, "one name for each state");

/* Pause after fork or exec failed: trying at once would fail again. */
#define CHILD_PAUSE_MS 200
/* A worker that is stopped to be started again is killed when it takes so much longer than it was given. */
#define CHILD_STOP_SPARE_MS 3000

/* Statuses that say that a new try ends the same way: usage, foreign or damaged data, permission, configuration. */
static const enum status child_final_statuses[] = { STATUS_USAGE, STATUS_DATA, STATUS_PERMISSION, STATUS_CONFIG };

static void
child_enter(struct child *child, enum child_state state)
{
	child->state = state;
	child->since_us = clock_realtime_us();
}

bool
child_has_process(const struct child *child)
{
	return child->pid > 0;
}

bool
child_is_worker_up(const struct child *child)
{
	return child->program != NULL && child->state == CHILD_UP && channel_is_open(&child->channel);
}

bool
child_is(const struct child *child, unsigned processes)
{
	return child->program != NULL && (child->program->process & processes) != 0 &&
	    (!child->is_source || processes == PROCESS_SQLITE);
}

/* ---- starting ---- */

static void
child_ready_is_late(struct loop_timer *timer)
{
	struct child *child = timer->arg;

	child_kill(child, "it was not ready within %" PRId64 " ms", conf_health(child->node->conf)->startup_timeout);
}

/* The process runs: gives it its channel and its first words. */
static int
child_begin_worker(struct child *child, int channel_fd, struct error *e)
{
	const struct children *children = child->children;

	child->incarnation++;
	if (child_open_channel(child, channel_fd, e) == -1 || children->hooks->begin(children->context, child, e) == -1)
		return -1;
	loop_timer_set(&child->node->loop, &child->timer, conf_health(child->node->conf)->startup_timeout,
	    child_ready_is_late, child);
	return 0;
}

static int
child_start_worker(struct child *child, struct error *e)
{
	const struct children *children = child->children;
	gid_t groups[PROCESS_GROUPS_MAX];
	struct process_identity identity = { .user = &child->user, .groups = groups };
	int ends[2];

	identity.ngroups = children->hooks->find_groups(children->context, child, groups);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == -1)
		return error_set_errno(e, STATUS_OS, "child.channel", "cannot make a channel for %s", child->name);
	child->pid = process_start_worker(child->program, child->program_fd, ends[1],
	    child->node->separated ? &identity : NULL, e);
	close(ends[1]);
	if (child->pid == -1) {
		child->pid = 0;
		close(ends[0]);
		return -1;
	}
	return child_begin_worker(child, ends[0], e);
}

static int
child_start_component(struct child *child, struct error *e)
{
	struct node *node = child->node;

	child->pid = process_start_component(child->component(node->conf)->command, &child->user, node->separated, e);
	if (child->pid == -1) {
		child->pid = 0;
		return -1;
	}
	child->incarnation++;
	return 0;
}

static void child_fail(struct child *child, bool at_once);

void
child_start(struct child *child)
{
	struct node *node = child->node;
	struct error e;
	int result;

	if (child_has_process(child))
		return;
	loop_timer_cancel(&child->timer);
	child->why[0] = '\0';
	child->healthy = false;
	child_enter(child, CHILD_STARTING);
	result = child->program != NULL ? child_start_worker(child, &e) : child_start_component(child, &e);
	children_tell_started(child);
	if (result == 0) {
		log_debug("started %s (pid %d)", child->name, (int)child->pid);
		/* Components send no READY: one counts as up once its process runs. */
		if (child->component != NULL)
			child_ready(child);
		if (child_is(child, PROCESS_STORAGE))
			lifecycle_take(&node->lifecycle, LIFECYCLE_STORAGE_STARTED);
		return;
	}
	if (child_has_process(child)) {
		child_kill(child, "%s", e.text);
		return;
	}
	log_error("%s", e.text);
	(void)strlcpy(child->last_cause, e.text, sizeof(child->last_cause));
	events_add(&node->events, "bibd", "process.start_failed", "%s", e.text);
	child_fail(child, false);
}

/* Tells that a failure is over, if the failure was told. To be called before the state changes: when the child is
 * control itself, it is sent all events that are kept once it counts as up. */
static void
child_tell_restarted(struct child *child)
{
	int64_t ms = (clock_realtime_us() - child->failed_us) / 1000;

	if (!child->missed)
		return;
	child->missed = false;
	events_add(&child->node->events, child->name, "process.restarted",
	    "pid %d: up again %" PRId64 ".%03d s after it had ended", (int)child->pid, ms / 1000, (int)(ms % 1000));
}

void
child_ready(struct child *child)
{
	if (child->state != CHILD_STARTING)
		return;
	loop_timer_cancel(&child->timer);
	child_tell_restarted(child);
	child_enter(child, CHILD_UP);
	child->healthy = child->says_healthy = true;
	/* A storage worker is healthy when the store answers (phases.c). */
	if (!child_is(child, PROCESS_STORAGE))
		restart_note_healthy(&child->restart, clock_now_ms());
	log_debug("%s (pid %d) is up", child->name, (int)child->pid);
}

/* ---- stopping ---- */

void
child_stop(struct child *child, int64_t timeout_ms)
{
	struct message_stop stop = { .timeout_ms = (uint32_t)(timeout_ms > UINT32_MAX ? UINT32_MAX : timeout_ms) };

	loop_timer_cancel(&child->timer);
	heartbeat_forget(child);
	if (!child_has_process(child)) {
		child_enter(child, CHILD_ABSENT);
		return;
	}
	child_enter(child, CHILD_STOPPING);
	if (child->program != NULL)
		(void)channel_send_stop(&child->channel, 0, &stop, -1);
	else
		(void)kill(-child->pid, SIGTERM);
}

static void
child_stop_is_late(struct loop_timer *timer)
{
	child_kill(timer->arg, "it did not stop in time");
}

/* The lifecycle has no deadline for this stop, so the child's timer is set. */
void
child_start_again(struct child *child, int64_t timeout_ms)
{
	child_stop(child, timeout_ms);
	child->again = child_has_process(child);
	if (child->again)
		loop_timer_set(&child->node->loop, &child->timer, timeout_ms + CHILD_STOP_SPARE_MS, child_stop_is_late,
		    child);
}

void
child_kill(struct child *child, const char *fmt, ...)
{
	va_list ap;

	if (!child_has_process(child))
		return;
	if (child->why[0] == '\0') {
		va_start(ap, fmt);
		if (vsnprintf(child->why, sizeof(child->why), fmt, ap) < 0)
			child->why[0] = '\0';
		va_end(ap);
	}
	loop_timer_cancel(&child->timer);
	heartbeat_forget(child);
	/* A component may have children of its own in its group, or not have made the group yet. */
	if (child->component != NULL)
		(void)kill(-child->pid, SIGKILL);
	(void)kill(child->pid, SIGKILL);
}

/* ---- the end ---- */

/* The one line about a process that ended although bibd did not stop it. */
static void
child_log_end(struct child *child, pid_t pid, int wait_status)
{
	const bool from_outside = child->why[0] == '\0' && WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGKILL;
	char end[96], unanswered[96], asked[128] = "";

	(void)process_describe_end(wait_status, end, sizeof(end));
	child->failed_us = clock_realtime_us();
	channel_unanswered(&child->channel, unanswered, sizeof(unanswered));
	if (child->program != NULL && unanswered[0] != '\0')
		(void)snprintf(asked, sizeof(asked), "; it had not answered %s", unanswered);
	if (from_outside)
		(void)snprintf(child->last_cause, sizeof(child->last_cause), "killed by SIGKILL from outside bibd");
	else if (child->why[0] != '\0')
		(void)snprintf(child->last_cause, sizeof(child->last_cause), "ended by bibd: %s%s", child->why, asked);
	else
		(void)snprintf(child->last_cause, sizeof(child->last_cause), "%s%s", end, asked);
	log_error("%s (pid %d) %s %s", child->name, (int)pid, from_outside ? "was" : "failed:", child->last_cause);
	events_add(&child->node->events, child->name, "process.failed", "pid %d: %s", (int)pid, child->last_cause);
	child->missed = true;
}

static void
child_start_later(struct loop_timer *timer)
{
	child_start(timer->arg);
}

/* Storage does not need a component, and goes on without it. */
static void
child_leave_out(struct child *child)
{
	log_error("%s is not started again (health.action is %s, health.max_retries %" PRId64
		  "); storage goes on without it until bibd is restarted",
	    child->name, conf_action_names[conf_health(child->node->conf)->action],
	    conf_health(child->node->conf)->max_retries);
	events_add(&child->node->events, child->name, "component.failed",
	    "not started again: %s; storage goes on without it", child->last_cause);
}

/* Whether it ended so soon that the next one would, too. A component tells nothing of its health, so its age
 * decides. */
static bool
child_ended_soon(const struct child *child, const struct conf_health *policy, int64_t now)
{
	return child->component != NULL && now - child->restart.healthy_since < policy->interval;
}

/* Acts by the policy. at_once is false when the system refused to start the process: it would refuse again. */
static void
child_fail(struct child *child, bool at_once)
{
	struct node *node = child->node;
	const struct conf_health *policy = conf_health(node->conf);
	const bool soon = child_ended_soon(child, policy, clock_now_ms());
	struct restart_decision decision = restart_decide(&child->restart, policy, clock_now_ms());
	char why[160];

	if (decision.verdict == RESTART_GIVE_UP) {
		child_enter(child, CHILD_ABSENT);
		if (child->component != NULL) {
			child_leave_out(child);
			return;
		}
		if (policy->action == CONF_ACTION_SHUTDOWN)
			(void)snprintf(why, sizeof(why), "%s failed and health.action is shutdown", child->name);
		else
			(void)snprintf(why, sizeof(why),
			    "giving up after %" PRId64 " restart%s (health.max_retries): %s failed again",
			    policy->max_retries, policy->max_retries == 1 ? "" : "s", child->name);
		node_stop(node, STATUS_UNAVAILABLE, why);
		return;
	}
	child->restarts++;
	if (soon)
		decision = (struct restart_decision) { .verdict = RESTART_LATER, .delay_ms = policy->retry_backoff };
	if (decision.verdict == RESTART_AT_ONCE && at_once) {
		child_start(child);
		return;
	}
	if (decision.delay_ms < CHILD_PAUSE_MS && !at_once)
		decision.delay_ms = CHILD_PAUSE_MS;
	child_enter(child, CHILD_WAITING);
	log_notice("%s is started again in %" PRId64 " ms", child->name, decision.delay_ms);
	loop_timer_set(&node->loop, &child->timer, decision.delay_ms, child_start_later, child);
}

/* True if restarting is pointless: the worker exited with a final status before it was ever healthy. */
static bool
child_is_final(const struct child *child, int wait_status)
{
	if (child->program == NULL || child->restart.healthy_since != 0 || !WIFEXITED(wait_status))
		return false;
	for (size_t i = 0; i < sizeof(child_final_statuses) / sizeof(child_final_statuses[0]); i++)
		if (WEXITSTATUS(wait_status) == (int)child_final_statuses[i])
			return true;
	return false;
}

/* Whether the child ended as it was asked to. A component is asked by a signal, so it may die of that one. */
static bool
child_stopped_well(const struct child *child, int wait_status)
{
	if (child->component != NULL)
		return !WIFSIGNALED(wait_status) || WTERMSIG(wait_status) == SIGTERM;
	return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == STATUS_OK;
}

static void
child_tell_lifecycle(const struct child *child)
{
	if (child->component != NULL)
		component_note_end(child->children);
	else if (child_is(child, PROCESS_STORAGE))
		lifecycle_take(&child->node->lifecycle, LIFECYCLE_STORAGE_DIED);
	else
		children_note_worker_end(child->children);
}

void
child_reap(struct child *child, int wait_status)
{
	struct node *node = child->node;
	bool asked_for = child->state == CHILD_STOPPING, final = child_is_final(child, wait_status);
	bool again = child->again;
	pid_t pid = child->pid;
	char text[96];

	child->pid = 0;
	child->healthy = child->again = false;
	loop_timer_cancel(&child->timer);
	heartbeat_forget(child);
	channel_close(&child->channel);
	if (!asked_for || !child_stopped_well(child, wait_status))
		child_log_end(child, pid, wait_status);
	else
		log_debug("%s (pid %d) stopped", child->name, (int)pid);
	child_enter(child, CHILD_ABSENT);
	children_tell_gone(child);
	child_tell_lifecycle(child);
	if (lifecycle_is_stopping(&node->lifecycle))
		return;
	if (asked_for) {
		if (again)
			child_start(child);
		return;
	}
	if (final) {
		(void)snprintf(text, sizeof(text), "%s cannot start", child->name);
		node_stop(node, (enum status)WEXITSTATUS(wait_status), text);
		return;
	}
	child_fail(child, true);
}
