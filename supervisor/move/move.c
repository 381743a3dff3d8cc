/*
 * The source of a move: started, asked, handed over, and stopped; what fails of it ends the node, whose next start
 * begins anew.
 */
#include "supervisor/move/move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "supervisor/children/children.h"
#include "supervisor/host/pgdata.h"
#include "supervisor/move/kept.h"
#include "supervisor/node/node.h"

/* What the source gets to close its file. */
#define MOVE_STOP_MS 10000
/* How often it is looked whether the file that is kept may go. */
#define MOVE_KEPT_MS 3600000

void
move_init(struct move *move, struct node *node, struct children *children, struct server *server,
    void (*ready)(void *context), void *context)
{
	*move =
	    (struct move) { .node = node, .children = children, .server = server, .ready = ready, .context = context };
}

/* Whether a node on PostgreSQL keeps a file. */
static bool
move_find_kept(const struct node *node, struct kept *kept)
{
	char path[PATH_MAX];
	struct error e;

	if (node->directories.home.kind != HOME_POSTGRES || node->moving)
		return false;
	if (kept_load(node->conf->node.data_dir, kept, &e) == -1) {
		log_warning("%s", e.text);
		return false;
	}
	if (kept_is_database(kept))
		home_wanted_path(node->conf, path);
	else
		home_source(node->conf, path);
	return kept_is_of(kept, path);
}

/* What a move has announced: also one that was killed when the node's home was written. */
static void
move_set_aside(struct move *move)
{
	struct kept kept;
	struct error e;

	if (move_find_kept(move->node, &kept) && kept_set_aside(&kept, &e) == -1)
		log_warning("%s", e.text);
}

int
move_prepare(struct move *move, const struct process_places *places, struct error *e)
{
	struct node *node = move->node;

	node->moving = home_moves(node->conf, &node->directories.home);
	if (!node->moving) {
		move_set_aside(move);
		return move_settle_version(move, e);
	}
	home_source(node->conf, move->source);
	log_notice("the rows of this node are in %s, and are moved to PostgreSQL before clients are served",
	    move->source);
	events_add(&node->events, "bibd", "move.begun", "rows are moved from %s to PostgreSQL", move->source);
	return children_add_source(move->children, places, e);
}

bool
move_waits(const struct move *move)
{
	return move->node->moving && !move->serves;
}

int
move_hand_source(struct move *move, struct child *storage, struct error *e)
{
	struct child *source = children_find_up(move->children, PROCESS_SQLITE);
	const struct message_peer to_source = { .process = PROCESS_POSTGRES },
				  to_storage = { .process = PROCESS_SQLITE };
	int ends[2];

	if (source == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
		return error_set_errno(e, STATUS_OS, "move.stream", "cannot make a stream between the storage workers");
	/* bibd-sqlite waits for nobody; bibd-postgres has a thread for it. */
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) == -1 ||
	    channel_send_peer(&source->channel, 0, &to_source, ends[0]) == -1 ||
	    channel_send_peer(&storage->channel, 0, &to_storage, ends[1]) == -1)
		return error_set(e, STATUS_OS, "move.stream", "cannot hand a stream to the storage workers");
	return 0;
}

/* ---- what the source says ---- */

void
move_source_is_up(struct move *move, struct child *source)
{
	move->id = channel_next_id(&source->channel);
	(void)channel_send_open_store(&source->channel, move->id, NULL, -1);
}

void
move_source_answered(struct move *move, struct child *source, uint32_t id, bool opened)
{
	if (id != move->id || move->ending)
		return;
	if (opened) {
		move->id = channel_next_id(&source->channel);
		(void)channel_send_ping_store(&source->channel, move->id, NULL, -1);
		return;
	}
	move->id = 0;
	move->serves = true;
	move->ready(move->context);
}

void
move_source_failed(struct move *move, const struct error *e)
{
	if (lifecycle_is_stopping(&move->node->lifecycle))
		return;
	log_failure(e);
	node_stop(move->node, e->status, "the rows that are to be moved cannot be read; nothing was changed");
}

void
move_source_gone(struct move *move)
{
	move->serves = false;
	if (!move->ending) {
		if (!lifecycle_is_stopping(&move->node->lifecycle))
			node_stop(move->node, STATUS_UNAVAILABLE,
			    "bibd-sqlite ended while its rows were moved; nothing was changed: start again");
		return;
	}
	move_set_aside(move);
	move_watch_kept(move);
}

/* ---- the end ---- */

void
move_done(struct move *move)
{
	struct node *node = move->node;
	struct child *source = children_find(move->children, PROCESS_SQLITE);
	struct error e;

	node->moving = false;
	move->ending = true;
	if (pgdata_end_moving(node->directories.postgres_fd, "PostgreSQL's directory", &e) == -1)
		log_warning("%s", e.text); /* the next start does it */
	events_add(&node->events, "bibd", "move.done", "all rows of %s are in PostgreSQL", move->source);
	if (source != NULL)
		child_stop(source, MOVE_STOP_MS);
}

/* ---- the file that is kept ---- */

int
move_announce(struct move *move, struct error *e)
{
	return kept_announce(move->node->directories.data_fd, move->source, 0, e);
}

void
move_wal_directory(const struct conf *conf, const char *node_id, char wal[PATH_MAX])
{
	const char *directory = conf->database.postgres.wal_dir;

	if (directory[0] == '\0' || snprintf(wal, PATH_MAX, "%s/%s", directory, node_id) >= PATH_MAX)
		wal[0] = '\0';
}

static void
move_remove_kept(struct move *move, const struct kept *kept)
{
	struct node *node = move->node;
	char wal[PATH_MAX];
	struct error e;

	move_wal_directory(node->conf, node->directories.node_id, wal);
	if (kept_remove(node->conf->node.data_dir, wal, kept, &e) == -1) {
		log_warning("%s", e.text);
		return;
	}
	log_notice("%s, whose rows were moved to PostgreSQL, was removed, as database.keep_source says", kept->path);
	events_add(&node->events, "bibd", "move.source_removed",
	    "%s was removed: database.keep_source is over, and there is a backup of PostgreSQL", kept->path);
}

static void
move_look_at_kept(struct loop_timer *timer)
{
	struct move *move = timer->arg;
	struct node *node = move->node;
	struct kept kept;
	int64_t until, left_ms;

	if (!move_find_kept(node, &kept))
		return;
	until = kept_until(&kept, node->conf);
	left_ms = (until - (int64_t)time(NULL)) * 1000;
	if (until != 0 && left_ms <= 0 && kept.backup[0] != '\0')
		move_remove_kept(move, &kept);
	if (until == 0 || left_ms <= 0 || left_ms > MOVE_KEPT_MS)
		left_ms = MOVE_KEPT_MS;
	loop_timer_set_lazy(&node->loop, &move->kept, left_ms, left_ms / 10, move_look_at_kept, move);
}

void
move_watch_kept(struct move *move)
{
	struct node *node = move->node;
	struct kept kept;
	struct error e;

	/* A node that went back to SQLite by an operator's hand has taken the file: nothing is kept any more. */
	if (node->directories.home.kind == HOME_SQLITE && kept_load(node->conf->node.data_dir, &kept, &e) == 0 &&
	    kept.path[0] != '\0' && access(kept.path, F_OK) == -1 && errno == ENOENT)
		(void)kept_forget(node->directories.data_fd, &e);
	loop_timer_set(&node->loop, &move->kept, 0, move_look_at_kept, move);
}

void
move_take_event(void *context, const struct event *event)
{
	struct move *move = context;
	struct node *node = move->node;
	struct kept kept;
	struct error e;

	/* One that began before the move was over has all of it too, since it ended after: else it is refused. */
	if (strcmp(event->code, "backup.done") != 0 || !move_find_kept(node, &kept) || kept.backup[0] != '\0')
		return;
	if (kept_note_backup(node->directories.data_fd, &kept, &e) == -1)
		log_warning("%s", e.text);
	else
		loop_timer_set(&node->loop, &move->kept, 0, move_look_at_kept, move);
}
