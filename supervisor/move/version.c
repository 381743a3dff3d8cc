/*
 * A start with an image of another major version: decides, makes room for the new database, and once that is whole
 * writes the node's home, which makes it the node's. Until then nothing has changed, and what is half made is removed
 * by the next start; from then on each start completes what is left to rename.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "supervisor/host/pgdata.h"
#include "supervisor/move/kept.h"
#include "supervisor/move/move.h"
#include "supervisor/node/node.h"
#include "supervisor/server/server.h"

#define VERSION_MIB(bytes) ((bytes) >> 20)

static void
version_directory(const struct node *node, char buf[PATH_MAX])
{
	if (conf_postgres_path(node->conf, "", buf, PATH_MAX) == -1)
		buf[0] = '\0';
	else
		buf[strlen(buf) - 1] = '\0';
}

/* ---- what an earlier one has left ---- */

/* The name in PostgreSQL's directory under which the old database is announced; NULL: it is not, or it has it. */
static const char *
version_announced(const struct kept *kept)
{
	return kept_is_database(kept) && !kept_is_there(kept) ? strrchr(kept->path, '/') + 1 : NULL;
}

int
move_settle_version(struct move *move, struct error *e)
{
	struct node *node = move->node;
	struct kept kept;
	char directory[PATH_MAX], wal[PATH_MAX];
	struct error unreadable;

	if (!node_has_server(node))
		return 0;
	version_directory(node, directory);
	move_wal_directory(node->conf, node->directories.node_id, wal);
	if (kept_load(node->conf->node.data_dir, &kept, &unreadable) == -1)
		kept = (struct kept) { .path = "" };
	if (pgdata_version_settle(node->directories.postgres_fd, directory, node->directories.node_id,
		node->directories.home.system, version_announced(&kept), e) == -1)
		return -1;
	/* A container of the move that was cut short may still be at its end; the next move removes it too. */
	if (pgdata_version_discard(node->directories.postgres_fd, directory, wal, &unreadable) == -1)
		log_warning("%s", unreadable.text);
	/* Announced, but never decided. */
	return version_announced(&kept) != NULL ? kept_forget(node->directories.data_fd, e) : 0;
}

/* ---- whether it may begin ---- */

bool
move_is_kept(const struct conf *conf)
{
	struct kept kept;
	struct error e;

	return kept_load(conf->node.data_dir, &kept, &e) == 0 && kept.path[0] != '\0' && kept_is_there(&kept);
}

static int
version_check_room(const struct move *move, unsigned to, struct error *e)
{
	const struct server *server = move->server;
	uint64_t size, need, room;
	char directory[PATH_MAX];

	version_directory(move->node, directory);
	if (pgdata_version_room(move->node->directories.postgres_fd, &size, &need, &room) == -1)
		return error_set_errno(e, STATUS_IO, "move.room", "cannot tell how much room %s has", directory);
	if (need <= room)
		return 0;
	return error_set(e, STATUS_DATA, "move.room",
	    "moving the rows from PostgreSQL %u to %u takes up to %" PRIu64 " MiB beside them, and %s has %" PRIu64
	    " MiB: make room, or set database.postgres.image back to PostgreSQL %u; nothing was changed",
	    server->pgdata.version, to, VERSION_MIB(need), directory, VERSION_MIB(room), server->pgdata.version);
}

static int
version_check_kept(const struct move *move, struct error *e)
{
	struct kept kept;

	if (kept_load(move->node->conf->node.data_dir, &kept, e) == -1)
		return -1;
	return kept.path[0] == '\0' || !kept_is_there(&kept)
	    ? 0
	    : error_set(e, STATUS_DATA, "move.kept",
		  "%.200s is kept of the last move: end that with `bibctl move finish` before the next one begins, or "
		  "set database.postgres.image back to PostgreSQL %u; nothing was changed",
		  kept.path, move->server->pgdata.version);
}

static int
version_check(const struct move *move, unsigned to, struct error *e)
{
	const struct conf *conf = move->node->conf;
	const struct pgdata *is = &move->server->pgdata;

	if (to < is->version)
		return error_set(e, STATUS_DATA, "move.backwards",
		    "the database is of PostgreSQL %u, and the image %.100s of the older %u, to which its rows are not "
		    "moved: set database.postgres.image to one of PostgreSQL %u; nothing was changed",
		    is->version, conf->database.postgres.image, to, is->version);
	if (conf->database.move == CONF_MOVE_REFUSE)
		return error_set(e, STATUS_DATA, "home.refused",
		    "the database is of PostgreSQL %u, the image %.100s of %u, and database.move is refuse: nothing "
		    "was changed. To go on as it is, set database.postgres.image to one of PostgreSQL %u. To move the "
		    "rows at a start, after a look at bibctl plan: database.move: auto",
		    is->version, conf->database.postgres.image, to, is->version);
	if (is->restored)
		return error_set(e, STATUS_DATA, "move.restored",
		    "the database was just restored out of a backup of PostgreSQL %u: start once with an image of that "
		    "version, and set database.postgres.image to %u afterwards; nothing was changed",
		    is->version, to);
	return version_check_kept(move, e) == -1 ? -1 : version_check_room(move, to, e);
}

void
move_take_version(struct move *move, unsigned version)
{
	struct node *node = move->node;
	struct server *server = move->server;
	char directory[PATH_MAX], wal[PATH_MAX];
	struct error e;

	version_directory(node, directory);
	move_wal_directory(node->conf, node->directories.node_id, wal);
	if (version_check(move, version, &e) == -1 ||
	    pgdata_version_prepare(node->directories.postgres_fd, directory, wal, server->user.uid, server->user.gid,
		&e) == -1) {
		events_add(&node->events, "bibd", e.code, "%s", e.text);
		server_end_node(server, e.status, e.code, e.text);
		return;
	}
	log_notice(
	    "the rows of this node are in PostgreSQL %u, and are moved to PostgreSQL %u before clients are served",
	    server->pgdata.version, version);
	events_add(&node->events, "bibd", "move.begun", "rows are moved from PostgreSQL %u to %u",
	    server->pgdata.version, version);
	server_start_move(server, version);
}

/* ---- the end ---- */

static int
version_decide(struct move *move, unsigned version, struct kept *kept, struct error *e)
{
	struct node *node = move->node;
	char directory[PATH_MAX], data[PATH_MAX];
	uint64_t system;

	version_directory(node, directory);
	if (pgdata_version_mark(node->directories.postgres_fd, directory, node->directories.node_id, version, &system,
		e) == -1)
		return -1;
	home_wanted_path(node->conf, data);
	if (kept_announce(node->directories.data_fd, data, version, e) == -1 ||
	    kept_load(node->conf->node.data_dir, kept, e) == -1)
		return -1;
	return home_move_version(node->directories.data_fd, node->conf, &node->directories.home, system, e);
}

void
move_take_moved(struct move *move, unsigned version, uint64_t tables, uint64_t rows)
{
	struct node *node = move->node;
	unsigned from = move->server->pgdata.version;
	struct kept kept;
	struct error e;

	if (version_decide(move, version, &kept, &e) == -1 || move_settle_version(move, &e) == -1 ||
	    server_reopen(move->server, &e) == -1) {
		server_end_node(move->server, e.status, e.code, e.text);
		return;
	}
	log_notice("all rows are in PostgreSQL %u from now on: %" PRIu64 " rows of %" PRIu64
		   " tables were copied and compared; the old database is kept as %s",
	    version, rows, tables, kept.path);
	events_add(&node->events, "bibd", "move.done",
	    "%" PRIu64 " rows of %" PRIu64 " tables were moved from PostgreSQL %u to %u", rows, tables, from, version);
	server_start_moved(move->server);
}
