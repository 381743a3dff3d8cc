/* Who is told of what: of starts and deaths of processes, events, failures of the server, a new configuration, and room
 * on the disk. The rooms that tell it do not know who listens; all of that is here. */
#include "supervisor/children/heartbeat.h"
#include "supervisor/children/remote.h"
#include "supervisor/conversation.h"
#include "supervisor/requests/audit_trail.h"
#include "supervisor/requests/logs.h"
#include "supervisor/requests/pause.h"
#include "supervisor/requests/relay.h"
#include "supervisor/requests/server_restart.h"
#include "supervisor/requests/status.h"
#include "supervisor/supervisor.h"

/* ---- processes ---- */

static void
watchers_note_change(void *context, struct child *child)
{
	struct supervisor *s = context;

	reload_note_change(&s->reload, child);
}

/* Requests that the worker has not answered are ended, or answered without its part. */
static void
watchers_worker_gone(void *context, struct child *child)
{
	struct requests *requests = &((struct supervisor *)context)->requests;

	pending_worker_gone(&requests->statuses, child->program->process);
	pending_worker_gone(&requests->verifications, child->program->process);
	pending_worker_gone(&requests->logs, child->program->process);
	pending_worker_gone(&requests->relayed, child->program->process);
}

static void
watchers_container_gone(void *context, struct child *child)
{
	struct supervisor *s = context;

	/* A drill of bibd-archive's under way is not answered otherwise; id 0: whichever that is. */
	static const struct message_drill_proven gone = { .status = STATUS_UNAVAILABLE,
		.code = "drill.engine",
		.text = "bibd-container has ended meanwhile" };
	struct child *archive = children_find_up(child->children, PROCESS_ARCHIVE);

	if (archive != NULL)
		(void)channel_send_drill_proven(&archive->channel, 0, &gone, -1);
	server_note_worker_gone(&s->server);
}

static void
watchers_archive_gone(void *context, struct child *child)
{
	struct child *container = children_find_up(child->children, PROCESS_CONTAINER);

	(void)context;
	if (container != NULL)
		(void)channel_send_drill_end(&container->channel, 0, NULL, -1);
}

/* With control, every bibctl that waited for an answer has lost its connection. */
static void
watchers_control_gone(void *context, struct child *child)
{
	struct supervisor *s = context;
	struct requests *requests = &s->requests;

	(void)child;
	pending_forget(&requests->statuses);
	pending_forget(&requests->verifications);
	pending_forget(&requests->logs);
	pending_forget(&requests->relayed);
	pending_forget(&requests->stops);
	pause_forget_asker(requests);
	server_restart_forget_asker(requests);
	reload_forget_asker(&s->reload);
}

static void
watchers_source_gone(void *context, struct child *child)
{
	struct supervisor *s = context;

	if (child->is_source)
		move_source_gone(&s->move);
}

static const struct children_watcher watchers_of_children[] = {
	{ 0, watchers_note_change, watchers_note_change },
	{ PROCESS_WORKERS, NULL, watchers_worker_gone },
	{ PROCESS_CONTAINER, NULL, watchers_container_gone },
	{ PROCESS_ARCHIVE, NULL, watchers_archive_gone },
	{ PROCESS_CONTROL, NULL, watchers_control_gone },
	{ PROCESS_SQLITE, NULL, watchers_source_gone },
};

static size_t
watchers_find_groups(void *context, const struct child *child, gid_t groups[PROCESS_GROUPS_MAX])
{
	struct supervisor *s = context;

	_Static_assert((int)ENGINE_SOCKETS_GROUPS_MAX <= (int)PROCESS_GROUPS_MAX, "a place for each group");
	/* With the group of the server's user, bibd-archive may connect to the server's socket. */
	if (child_is(child, PROCESS_ARCHIVE) && node_has_server(&s->node)) {
		groups[0] = s->server.user.gid;
		return 1;
	}
	return child_is(child, PROCESS_CONTAINER) ? server_find_groups(&s->server, groups) : 0;
}

static bool
watchers_is_paused(void *context)
{
	const struct supervisor *s = context;

	return s->requests.pause.state != PAUSE_NONE;
}

static const struct children_hooks watchers_children_hooks = { .handlers = &conversation_handlers,
	.begin = conversation_begin,
	.find_groups = watchers_find_groups,
	.is_paused = watchers_is_paused,
	.watchers = watchers_of_children,
	.nwatchers = sizeof(watchers_of_children) / sizeof(watchers_of_children[0]) };

/* ---- events ---- */

/* The channel of the storage worker when it can take entries of the audit trail; before its store is open it reads
 * nothing. */
static struct channel *
watchers_find_trail(void *context)
{
	struct supervisor *s = context;
	struct child *storage = children_find(&s->children, PROCESS_STORAGE);
	enum lifecycle_state state = s->node.lifecycle.state;
	bool open = state == LIFECYCLE_OPERATIONAL ||
	    ((state == LIFECYCLE_STOPPING_COMPONENTS || state == LIFECYCLE_STOPPING_STORAGE) && s->node.was_ready);

	return open && storage != NULL && child_has_process(storage) && channel_is_open(&storage->channel)
	    ? &storage->channel
	    : NULL;
}

/* When control is not up yet, it gets all events once it is. */
static void
watchers_tell_control(void *context, const struct event *event)
{
	struct supervisor *s = context;
	struct child *control = children_find_up(&s->children, PROCESS_CONTROL);

	if (control != NULL)
		events_send(&control->channel, event);
}

/* ---- a new configuration ---- */

static void
watchers_reloaded(void *context)
{
	struct supervisor *s = context;

	phases_keep_configuration(s);
	move_watch_kept(&s->move); /* database.keep_source may have changed */
	heartbeat_start(&s->children);
	certificates_reload(&s->server);
	remote_send_files(&s->children);
}

static void
watchers_answer_reload(void *context, uint32_t asked_id, enum status status, const char *code, const char *text)
{
	struct supervisor *s = context;

	requests_result(&s->requests, asked_id, status, code, text);
}

/* ---- all of it ---- */

static void
watchers_init_requests(struct supervisor *s)
{
	s->requests =
	    (struct requests) { .node = &s->node, .children = &s->children, .server = &s->server, .room = &s->room };
	relay_init(&s->requests);
	logs_init(&s->requests);
	status_init(&s->requests);
	audit_relay_trail_init(&s->requests);
	pending_init(&s->requests.stops, NULL, REQUESTS_STOPS_MAX, NULL, NULL);
}

void
watchers_init(struct supervisor *supervisor)
{
	struct supervisor *s = supervisor;
	const struct server_hooks server_hooks = { .failed = server_restart_note_failure, .context = &s->requests };
	const struct reload_hooks reload_hooks = { .committed = watchers_reloaded,
		.answer = watchers_answer_reload,
		.context = s };

	children_init(&s->children, &s->node, &watchers_children_hooks, s);
	server_init(&s->server, &s->node, &s->children, &server_hooks);
	watchers_init_requests(s);
	move_init(&s->move, &s->node, &s->children, &s->server, phases_source_serves, s);
	reload_init(&s->reload, &s->node, &s->children, &reload_hooks);
	audit_relay_open(&s->audit, watchers_find_trail, s);
	events_add_sink(&s->node.events, audit_relay_note_event, &s->audit);
	events_add_sink(&s->node.events, watchers_tell_control, s);
	events_add_sink(&s->node.events, move_take_event, &s->move);
}
