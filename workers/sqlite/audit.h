/*
 * The audit trail: who did or tried what only an administrator may. Kept in a queue and written to the append-only
 * table bibd_audit in transactions of its own, by whichever thread has the write lease anyway.
 */
#ifndef BIBD_SQLITE_AUDIT_H
#define BIBD_SQLITE_AUDIT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct connection;
struct session;

/* Entries that may wait; refused attempts of one second that are kept. */
#define AUDIT_QUEUE_MAX 1024
#define AUDIT_REFUSED_PER_SECOND 10

struct audit_entry;

struct audit {
	pthread_mutex_t lock;
	STAILQ_HEAD(audit_queue, audit_entry) queue;
	atomic_uint pending;
	unsigned lost;		/* since the last entry that was kept */
	int64_t second;		/* of the rate limit */
	unsigned refused;	/* in that second */
};

int audit_open(struct audit *audit);

/* Adds an entry: the statement is the text with its literals taken out (dialect_text.key). kind: "definition",
 * "maintenance", "refused". result: "done" or a SQLSTATE. */
void audit_add(struct audit *audit, const struct session *session, const char *kind, const char *statement,
    const char *result);

/* Writes what waits, in one transaction; the caller has the write lease and no transaction open on the connection. What
 * cannot be written stays for the next time. */
void audit_flush(struct audit *audit, struct connection *connection);

#endif
