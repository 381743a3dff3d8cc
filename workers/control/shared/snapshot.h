/*
 * A whole status, collected from the messages that it comes in. Private to this room: bibctl shows it, bibd-control
 * makes metrics of it.
 */
#ifndef BIBD_CONTROL_SNAPSHOT_H
#define BIBD_CONTROL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/message.h"

#define SNAPSHOT_PROCESSES_MAX 32
#define SNAPSHOT_FAILURES_MAX 64
#define SNAPSHOT_CERTIFICATES_MAX 32
#define SNAPSHOT_DISKS_MAX 4

/* The texts are owned; snapshot_clear frees them. */
struct snapshot {
	bool has_node;
	struct message_status_node node;
	struct message_status_process processes[SNAPSHOT_PROCESSES_MAX];
	size_t nprocesses;
	bool has_server;
	struct message_status_server server;
	bool has_backup;
	struct message_status_backup backup;
	bool has_statistics;
	struct message_statistics statistics;
	struct message_status_failure failures[SNAPSHOT_FAILURES_MAX];
	size_t nfailures;
	struct message_certificate certificates[SNAPSHOT_CERTIFICATES_MAX];
	size_t ncertificates;
	struct message_status_disk disks[SNAPSHOT_DISKS_MAX];
	size_t ndisks;
	char *texts[25 + SNAPSHOT_DISKS_MAX + SNAPSHOT_PROCESSES_MAX * 5 + SNAPSHOT_FAILURES_MAX * 2 +
	    SNAPSHOT_CERTIFICATES_MAX * 5];
	size_t ntexts;
};

/* Copies a message with its texts into the snapshot; what is beyond the bounds, or finds no memory, is left out. */
void snapshot_keep_node(struct snapshot *snapshot, const struct message_status_node *node);
void snapshot_keep_process(struct snapshot *snapshot, const struct message_status_process *process);
void snapshot_keep_server(struct snapshot *snapshot, const struct message_status_server *server);
void snapshot_keep_backup(struct snapshot *snapshot, const struct message_status_backup *backup);
void snapshot_keep_statistics(struct snapshot *snapshot, const struct message_statistics *statistics);
void snapshot_keep_failure(struct snapshot *snapshot, const struct message_status_failure *failure);
void snapshot_keep_certificate(struct snapshot *snapshot, const struct message_certificate *certificate);
void snapshot_keep_disk(struct snapshot *snapshot, const struct message_status_disk *disk);
void snapshot_clear(struct snapshot *snapshot);

/* Whether the node's store is PostgreSQL: only then is anything said of a server and a pool. */
bool snapshot_is_postgres(const struct snapshot *snapshot);

/* Whether the managed server's container runs. */
bool snapshot_server_is_running(const struct snapshot *snapshot);

#endif
