/*
 * Adds a child for each program that the node needs, finds one by its process, and tells the watchers of starts and
 * ends.
 */
#include "supervisor/children/children.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/children/heartbeat.h"
#include "supervisor/node/node.h"

void
children_init(struct children *children, struct node *node, const struct children_hooks *hooks, void *context)
{
	const struct check_hooks check = { .is_paused = hooks->is_paused,
		.paused_context = context,
		.ask_count = heartbeat_ask_storage,
		.concluded = heartbeat_note_check,
		.context = children };

	*children = (struct children) { .node = node, .hooks = hooks, .context = context };
	check_init(&children->check, node, &check);
}

static int
children_add_worker(struct children *children, const struct process_places *places,
    const struct process_program *program, struct error *e)
{
	struct child *child = &children->list[children->n];

	*child = (struct child) { .children = children,
		.node = children->node,
		.program = program,
		.name = process_name(program->process),
		.program_fd = -1,
		.channel = { .watch = { .fd = -1 } } };
	users_self(&child->user);
	if (children->node->separated && users_find(program->user, &child->user, e) == -1)
		return -1;
	if ((child->program_fd = process_open_program(places, program, e)) == -1)
		return -1;
	children->n++;
	return 0;
}

int
children_add_all(struct children *children, const struct process_places *places, struct error *e)
{
	for (size_t i = 0; i < process_nprograms; i++)
		if (process_programs[i].needed(children->node->conf) &&
		    children_add_worker(children, places, &process_programs[i], e) == -1)
			return -1;
	return component_add_all(children, e);
}

int
children_add_source(struct children *children, const struct process_places *places, struct error *e)
{
	/* The source listens on no socket: its one client, bibd-postgres, is handed to it. */
	static const struct process_program source = { PROCESS_SQLITE, "_bibd", NULL, 0 };

	if (children_add_worker(children, places, &source, e) == -1)
		return -1;
	children->list[children->n - 1].is_source = true;
	return 0;
}

void
children_close(struct children *children)
{
	for (size_t i = 0; i < children->n; i++)
		if (children->list[i].program_fd != -1)
			close(children->list[i].program_fd);
}

struct child *
children_find(struct children *children, unsigned processes)
{
	for (size_t i = 0; i < children->n; i++)
		if (child_is(&children->list[i], processes))
			return &children->list[i];
	return NULL;
}

struct child *
children_find_up(struct children *children, unsigned processes)
{
	struct child *child = children_find(children, processes);

	return child != NULL && child_is_worker_up(child) ? child : NULL;
}

void
children_connect(struct children *children, enum process a, enum process b)
{
	struct child *first = children_find_up(children, a), *second = children_find_up(children, b);
	struct message_peer to_first = { .process = b }, to_second = { .process = a };
	int ends[2];

	if (first == NULL || second == NULL || first->is_source || second->is_source)
		return;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == -1) {
		child_kill(first, "cannot make a channel for it and %s: %s", second->name, strerror(errno));
		return;
	}
	(void)channel_send_peer(&first->channel, 0, &to_first, ends[0]);
	(void)channel_send_peer(&second->channel, 0, &to_second, ends[1]);
}

/* Reaps until nothing is left: one SIGCHLD may stand for several processes that have ended. */
void
children_reap(struct children *children)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
		for (size_t i = 0; i < children->n; i++)
			if (children->list[i].pid == pid) {
				child_reap(&children->list[i], wait_status);
				break;
			}
}

void
children_note_worker_end(struct children *children)
{
	for (size_t i = 0; i < children->n; i++)
		if (children->list[i].program != NULL && child_has_process(&children->list[i]))
			return;
	lifecycle_take(&children->node->lifecycle, LIFECYCLE_WORKERS_DIED);
}

/* ---- watchers ---- */

static bool
children_is_watched(const struct children_watcher *watcher, const struct child *child)
{
	return watcher->processes == 0 || child_is(child, watcher->processes);
}

void
children_tell_started(struct child *child)
{
	const struct children *children = child->children;
	const struct children_hooks *hooks = children->hooks;

	for (size_t i = 0; i < hooks->nwatchers; i++)
		if (hooks->watchers[i].started != NULL && children_is_watched(&hooks->watchers[i], child))
			hooks->watchers[i].started(children->context, child);
}

void
children_tell_gone(struct child *child)
{
	const struct children *children = child->children;
	const struct children_hooks *hooks = children->hooks;

	for (size_t i = 0; i < hooks->nwatchers; i++)
		if (hooks->watchers[i].gone != NULL && children_is_watched(&hooks->watchers[i], child))
			hooks->watchers[i].gone(children->context, child);
}

/* ---- for people ---- */

void
children_log_state(const struct children *children)
{
	char since[CLOCK_TEXT_SIZE];

	for (size_t i = 0; i < children->n; i++) {
		const struct child *child = &children->list[i];

		log_notice("%s: pid %d, user %s, %s since %s, %s, %u restarts%s%s", child->name, (int)child->pid,
		    child->user.name, child_state_names[child->state],
		    clock_text(child->since_us, since, sizeof(since)), child->healthy ? "healthy" : "not healthy",
		    child->restarts, child->last_cause[0] == '\0' ? "" : ", last: ", child->last_cause);
	}
}
