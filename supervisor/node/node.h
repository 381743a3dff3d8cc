/*
 * What every room above this one may know of the node: its configuration, its life, its loop, its places on disk, and
 * whom it tells. The supervisor fills it in; processes, the server and requests are the business of their own rooms.
 */
#ifndef BIBD_SUPERVISOR_NODE_H
#define BIBD_SUPERVISOR_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/loop.h"
#include "supervisor/host/directories.h"
#include "supervisor/host/listen.h"
#include "supervisor/host/notify.h"
#include "supervisor/policy/lifecycle.h"
#include "supervisor/record/events.h"

struct node {
	const char *conf_path;
	struct conf *conf; /* the one in force; owned by the supervisor */
	bool separated;	   /* each process has a user of its own */
	bool verbose;	   /* -v: more in the log than the configuration says */
	struct loop loop;
	struct lifecycle lifecycle;
	int64_t started_us;	/* clock_realtime_us() */
	int64_t ready_since_us; /* 0: not ready */
	int64_t down_since_us;	/* when clients were no longer served; 0: they are, or never were */
	bool was_ready;		/* phase 3 was over once */
	bool moving;		/* the rows are in SQLite, and are moved before clients are served */
	enum status exit_status;
	struct directories directories;
	struct listen listening;
	struct notify notify;
	struct events events;
};

/* Begins an ordered stop, or hurries one that is under way. status is what bibd exits with; why goes to the log. The
 * first status that is no success stays. */
void node_stop(struct node *node, enum status status, const char *why);

/* Whether this node runs a PostgreSQL server of its own, in a container. */
bool node_has_server(const struct node *node);

/* Puts -v into a configuration that was just read, for this process and the workers. */
void node_take_verbosity(const struct node *node, struct conf *conf);

/* Takes the log's level and format of the configuration in force. */
void node_configure_log(const struct node *node);

/* Writes the node's state to the log. */
void node_log_state(const struct node *node);

#endif
