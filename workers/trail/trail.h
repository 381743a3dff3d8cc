/*
 * The audit trail: a library for the two storage workers. It knows what an entry is, how entries wait, how each is
 * chained to the one before by its hash, and how to tell whether a chain is whole; the engine keeps the rows of
 * bibd.audit and bibd.audit_head.
 *
 * A row's hash is SHA-256 over the hash of the row before (64 hexadecimal digits, as text) and the row's fields in the
 * order of enum trail_field, each as its length (4 bytes, most significant first; 0xffffffff for NULL) and its bytes.
 * The first row's "hash before" is that of the text "bibd audit" and the node's id. A head is a row's position and
 * hash, signed by the node's identity: it proves every row up to that one.
 */
#ifndef BIBD_TRAIL_H
#define BIBD_TRAIL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/error.h"
#include "common/message.h"

#define TRAIL_HASH_SIZE 65 /* hexadecimal, and its NUL */
#define TRAIL_TIME_SIZE 40
#define TRAIL_SOURCE_SIZE 128

/* What a row says, in the order in which it is hashed. All are texts; at is as PostgreSQL writes it in UTC. */
enum trail_field {
	TRAIL_AT,
	TRAIL_UID,
	TRAIL_PID,
	TRAIL_ROLE,
	TRAIL_KIND,
	TRAIL_STATEMENT,
	TRAIL_RESULT,
	TRAIL_SOURCE,
	TRAIL_FIELDS
};

/* Why a check is not begun, which says nothing about the trail. */
#define TRAIL_BUSY "another check of the audit trail is running; try again"
#define TRAIL_CLOSED "the audit trail is not open yet; try again"

/* ---- chain.c ---- */

struct trail_chain {
	int64_t position; /* of the last row; 0: there is none */
	char hash[TRAIL_HASH_SIZE];
};

/* The chain of a node that has no row yet. */
void trail_begin(struct trail_chain *chain, const char *node_id);
/* The hash of a row with these fields (NULL where the column is) after that hash. */
void trail_hash(const char *previous, const char *const fields[TRAIL_FIELDS], char hash[TRAIL_HASH_SIZE]);
/* Moves the chain on by a row; previous is the hash before. */
void trail_append(struct trail_chain *chain, const char *const fields[TRAIL_FIELDS], char previous[TRAIL_HASH_SIZE]);
/* "2026-11-24 15:48:47.979+00": to the millisecond, zeros at the end of the fraction left out. Returns buf. */
char *trail_time(int64_t realtime_us, char buf[TRAIL_TIME_SIZE]);

/* ---- queue.c ---- */

/* Entries that may wait; refused attempts of one second that are kept; bytes of a statement that are kept. */
#define TRAIL_QUEUE_MAX 1024
#define TRAIL_REFUSED_PER_SECOND 10
#define TRAIL_STATEMENT_MAX 4096

/* An entry to be kept. Strings are copied. uid and pid: -1 for none. */
struct trail_event {
	int64_t time_us;
	int64_t uid, pid;
	const char *role;      /* "" for none */
	const char *kind;      /* "refused", "definition", or an event's code: "reload.done" */
	const char *statement; /* without its literals; NULL for none */
	const char *result;    /* "done", "started", "failed", or a SQLSTATE */
	const char *source;    /* the program; of a remote application its login and address, "shop@192.0.2.7" */
};

struct trail_entry {
	STAILQ_ENTRY(trail_entry) link;
	int64_t time_us, uid, pid;
	char role[16], kind[48], result[16], source[TRAIL_SOURCE_SIZE];
	char *statement;
};
STAILQ_HEAD(trail_entries, trail_entry);

struct trail_queue {
	pthread_mutex_t lock;
	struct trail_entries entries;
	atomic_uint pending;
	unsigned lost;	  /* since the last entry that was kept */
	int64_t second;	  /* of the rate limit */
	unsigned refused; /* in that second */
};

/* Returns -1 when memory is out. */
int trail_queue_open(struct trail_queue *queue);
/* Adds an entry, from any thread. An attacker could make refused attempts without end, so that only so many a second
 * are kept, and the others counted. Returns true when it is the first that waits: the caller then wakes the writer. */
bool trail_queue_add(struct trail_queue *queue, const struct trail_event *event);
/* The same for an event that another process reports. */
bool trail_queue_add_reported(struct trail_queue *queue, const struct message_audit_event *message);
/* Counts events that were lost elsewhere. */
void trail_queue_note_lost(struct trail_queue *queue, unsigned lost);
/* Takes what waits, with a last entry about those that were lost, if there are any. Entries that could not be written
 * are given back; those that were are freed with trail_queue_done. */
void trail_queue_take(struct trail_queue *queue, const char *source, struct trail_entries *taken);
void trail_queue_give_back(struct trail_queue *queue, struct trail_entries *taken);
void trail_queue_done(struct trail_queue *queue, struct trail_entries *written);

/* The fields of an entry as texts, which live as long as both. */
struct trail_texts {
	const char *fields[TRAIL_FIELDS];
	char at[TRAIL_TIME_SIZE], uid[24], pid[24];
};
void trail_entry_texts(const struct trail_entry *entry, struct trail_texts *texts);

/* ---- verify.c ---- */

/* A row as the table has it. Strings are the caller's; NULL where the column is. */
struct trail_row {
	int64_t id;
	int64_t position; /* 0: NULL */
	const char *previous, *hash;
	const char *fields[TRAIL_FIELDS];
	const char *head_hash; /* of the head with this position, or NULL */
};

struct trail_verdict {
	uint64_t rows, heads;
	int64_t broken_id;	  /* 0: none is broken, or a row that is not there any more */
	char why[ERROR_TEXT_MAX]; /* "": it is whole */
};

struct trail_verifier {
	struct trail_chain chain;
	struct trail_verdict verdict;
	int64_t last_id;	 /* of the row before */
	int64_t signed_position; /* of the last head that fits */
	struct trail_chain witness;
};

/* witness: the last head that keeper remembers, which nobody who can write the table can change; its position is 0 when
 * there is none. */
void trail_verify_begin(struct trail_verifier *verifier, const char *node_id, const struct trail_chain *witness);
/* The next row by id. False: it is broken, and nothing more need be looked at. */
bool trail_verify_row(struct trail_verifier *verifier, const struct trail_row *row);
/* There are no more rows: what keeper remembers must have been among them. */
bool trail_verify_end(struct trail_verifier *verifier);
/* To be called after that for each head in the table, the last of all among them: its row must have been there. */
bool trail_verify_head(struct trail_verifier *verifier, int64_t position);

/* ---- text.c ---- */

/* What kind of entry a text is ("definition", "rights", "maintenance", "role"), or NULL for none. Then out has it
 * without comments and with ? for each literal, in UTF-8, cut to the size. */
bool trail_text_may_matter(const uint8_t *text, size_t size); /* false: certainly none */
const char *trail_text_read(const uint8_t *text, size_t size, char *out, size_t out_size);
/* The same for any text, whatever kind of statement it is. Where it depends on standard_conforming_strings what is a
 * literal, out ends there. The text may have been cut anywhere. */
void trail_text_strip(const void *text, size_t size, char *out, size_t out_size);

#endif
