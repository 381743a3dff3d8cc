/*
 * The client's side of the PostgreSQL protocol, version 3: messages in and out, startup, errors, who is calling.
 * Knows no engine. Source: PostgreSQL 15 manual, chapter 55 "Frontend/Backend Protocol".
 */
#ifndef BIBD_PGWIRE_H
#define BIBD_PGWIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/conf.h"
#include "common/error.h"

/* ---- bytes: buffer.c ---- */

/* A growable run of bytes, data[start..end). Zeroed memory is an empty one. */
struct pgwire_buffer {
	uint8_t *data;
	size_t start;
	size_t end;
	size_t capacity;
	bool failed; /* out of memory: later puts do nothing, and the session ends */
};

void pgwire_buffer_free(struct pgwire_buffer *b);
size_t pgwire_buffer_length(const struct pgwire_buffer *b);
/* Makes room for n more bytes and returns where they go, or NULL. Add them to `end` once written. */
uint8_t *pgwire_buffer_reserve(struct pgwire_buffer *b, size_t n);
/* Drops n bytes from the front; gives memory back when a large buffer has become empty. */
void pgwire_buffer_consume(struct pgwire_buffer *b, size_t n);
void pgwire_put_byte(struct pgwire_buffer *b, uint8_t v);
void pgwire_put_int16(struct pgwire_buffer *b, uint16_t v);
void pgwire_put_int32(struct pgwire_buffer *b, uint32_t v);
void pgwire_put_int64(struct pgwire_buffer *b, uint64_t v);
void pgwire_put_bytes(struct pgwire_buffer *b, const void *data, size_t n);
void pgwire_put_string(struct pgwire_buffer *b, const char *s); /* with its NUL */
/* Opens a message of this type and returns a mark for pgwire_end_message, which fills in the length. */
size_t pgwire_begin_message(struct pgwire_buffer *b, char type);
void pgwire_end_message(struct pgwire_buffer *b, size_t mark);

/* ---- messages from the client: reader.c ---- */

/* A message's body while it is decoded. The first get beyond the end sets failed; later ones return 0 or "". Nothing is
 * copied: strings and bytes point into the body. */
struct pgwire_reader {
	const uint8_t *data;
	size_t length;
	size_t offset;
	bool failed;
};
uint8_t pgwire_get_byte(struct pgwire_reader *r);
uint16_t pgwire_get_int16(struct pgwire_reader *r);
uint32_t pgwire_get_int32(struct pgwire_reader *r);
uint64_t pgwire_get_int64(struct pgwire_reader *r);
const uint8_t *pgwire_get_bytes(struct pgwire_reader *r, size_t n);
const char *pgwire_get_string(struct pgwire_reader *r);
/* Whether nothing failed and nothing is left over. */
bool pgwire_reader_done(const struct pgwire_reader *r);

struct pgwire_message {
	char type; /* 'Q', 'P', ... */
	struct pgwire_reader body;
	size_t size; /* whole message: consume this much of the buffer after the message was handled */
};

/* Largest message taken; PostgreSQL's own bound. A message of another length than its type may have is refused before
 * anything is reserved for it. */
#define PGWIRE_MESSAGE_MAX 0x3fffffff

/* Looks at the front of what was received. Returns 1 with a message (which stays in the buffer), 0 when more bytes are
 * needed (*wanted: how many in all, 5 while the header is not there), -1 for a type no client may send or an impossible
 * length: the session ends with 08P01. */
int pgwire_next_message(const struct pgwire_buffer *in, struct pgwire_message *message, size_t *wanted);

/* ---- errors and notices: sqlstate.c, report.c ---- */

/* SQLSTATEs in use, one row each in sqlstates.def: SQLSTATE(NAME, "23505", "unique_violation"). */
enum sqlstate {
#define SQLSTATE(NAME, code, condition) SQLSTATE_##NAME,
#include "workers/pgwire/sqlstates.def"
#undef SQLSTATE
	SQLSTATES
};
const char *sqlstate_code(enum sqlstate s); /* "23505" */

/* What a client is told. Owned strings are malloc'ed or NULL; report_reset frees them. Zeroed memory is an empty one,
 * and the enum's first row is SUCCESSFUL_COMPLETION: `report.state != 0` means there is an error. */
struct report {
	enum sqlstate state;
	char code[6]; /* what a routine raised, in place of the state's; else "" */
	char *message;
	char *detail;
	char *hint;
	int position; /* in characters from 1; 0: none */
	char *schema, *table, *column, *constraint, *datatype;
};
void report_reset(struct report *r);
/* Sets state and message (a NULL report is allowed), drops what was in the report, and returns -1. */
int report_set(struct report *r, enum sqlstate state, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The five characters of the report's SQLSTATE. */
const char *report_code(const struct report *r);
void report_detail(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_hint(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Moves b into a (which is reset first). */
void report_move(struct report *a, struct report *b);

enum report_severity {
	REPORT_DEBUG,
	REPORT_LOG,
	REPORT_INFO,
	REPORT_NOTICE,
	REPORT_WARNING,
	REPORT_ERROR,
	REPORT_FATAL
};
/* ErrorResponse for ERROR and FATAL, else NoticeResponse. */
void pgwire_put_report(struct pgwire_buffer *out, enum report_severity severity, const struct report *r);

/* ---- messages to the client that need no engine: writer.c ---- */
void pgwire_put_authentication_ok(struct pgwire_buffer *out);
void pgwire_put_parameter_status(struct pgwire_buffer *out, const char *name, const char *value);
void pgwire_put_backend_key(struct pgwire_buffer *out, uint32_t pid, uint32_t secret);
void pgwire_put_ready(struct pgwire_buffer *out, char transaction_status); /* 'I', 'T', 'E' */
void pgwire_put_command_complete(struct pgwire_buffer *out, const char *tag);
void pgwire_put_empty(struct pgwire_buffer *out, char type); /* '1' '2' '3' 'I' 'n' 's' 'c': no body */
void pgwire_put_parameter_description(struct pgwire_buffer *out, const uint32_t *oids, unsigned n);

/* ---- startup: startup.c ---- */
enum pgwire_startup_kind {
	PGWIRE_STARTUP_MORE,	   /* not all there yet */
	PGWIRE_STARTUP_REFUSE_TLS, /* SSLRequest or GSSENCRequest: consumed, 'N' was put to out; read the next one */
	PGWIRE_STARTUP_CANCEL,
	PGWIRE_STARTUP_SESSION,
	PGWIRE_STARTUP_FAILED, /* the report was filled; close after sending it */
	PGWIRE_STARTUP_CLOSE,  /* its length is impossible: PostgreSQL closes without a word */
};
#define PGWIRE_STARTUP_SETTINGS_MAX 64
struct pgwire_startup {
	uint32_t cancel_pid, cancel_secret;
	char user[64], database[64]; /* database: the user's name when none is given */
	/* The other parameters, name and value in turn; they point into the packet. */
	const char *settings[2 * PGWIRE_STARTUP_SETTINGS_MAX];
	unsigned nsettings;
	size_t size; /* of the packet: consume it after use */
};
/* Reads one startup packet. A minor version newer than 3.0, and `_pq_.` options, are answered with
 * NegotiateProtocolVersion in out; another major version fails with 0A000 as PostgreSQL words it. A packet over 10,000
 * bytes (PostgreSQL's bound) or of another shape fails with 08P01. "replication" asked for: 0A000. */
enum pgwire_startup_kind pgwire_read_startup(struct pgwire_buffer *in, struct pgwire_buffer *out,
    struct pgwire_startup *startup, struct report *r);

/* ---- who is calling: access.c ---- */
#define PGWIRE_GROUPS_MAX 1024
#define PGWIRE_LOGIN_SIZE 64   /* a name and its NUL */
#define PGWIRE_ADDRESS_SIZE 48 /* of an IPv6 address as text, and its NUL */
#define PGWIRE_WHO_SIZE 128
/* Either a process of this host, as the kernel says, or a remote application, as bibd-remote says. */
struct pgwire_peer {
	pid_t pid; /* -1: remote, as the next */
	uid_t uid;
	char address[PGWIRE_ADDRESS_SIZE]; /* "": not remote */
	char login[PGWIRE_LOGIN_SIZE];	   /* the login that it has proved to be; "": none */
	char name[64]; /* the system's name for the uid, or its number; "" until pgwire_peer_name was called */
	gid_t *groups; /* primary and supplementary; malloc'ed */
	unsigned ngroups;
	bool is_check; /* it is the check of supervisor/children/check.h; set by the worker that accepts */
};
/* SO_PEERCRED and SO_PEERGROUPS (unix(7)). No name service is asked: the name stays empty. Over PGWIRE_GROUPS_MAX
 * groups are an error. Errors: peer.credentials. */
int pgwire_peer_get(int socket_fd, struct pgwire_peer *peer, struct error *e);
/* A remote one; the texts are copied. */
void pgwire_peer_set_remote(struct pgwire_peer *peer, const char *login, const char *address);
bool pgwire_peer_is_remote(const struct pgwire_peer *peer);
/* "uid 1000", or the address of a remote one: whose share of the connections a connection is. */
const char *pgwire_peer_share(const struct pgwire_peer *peer, char buf[PGWIRE_WHO_SIZE]);
/* "uid 1000 pid 4711", or "login shop from 192.0.2.7": for people. */
const char *pgwire_peer_who(const struct pgwire_peer *peer, char buf[PGWIRE_WHO_SIZE]);
/* What the audit trail has as the source: the program's own name, or for a remote one "shop@192.0.2.7". */
const char *pgwire_peer_source(const struct pgwire_peer *peer, const char *program, char buf[PGWIRE_WHO_SIZE]);
void pgwire_peer_free(struct pgwire_peer *peer);
/* The name, looked up (which may block: getpwuid_r) at the first call. */
const char *pgwire_peer_name(struct pgwire_peer *peer);
/* Decides the role: the first access rule that fits the peer; `wanted` is the startup packet's user: one of the rule's
 * roles, or the peer's own system name, which means the rule's first role. Unseparated, the uid of this process has
 * every role whatever the rules say. No rule, or a role that the rule does not have: 28000, worded so that the caller
 * learns what to ask the operator for. A remote peer's rule is that which names its login, and the login is its name.
 * The peer's name is looked up only when `wanted` is no role of the rule. */
int pgwire_access_role(const struct conf *conf, bool separated, struct pgwire_peer *peer, const char *wanted,
    enum role *role, struct report *r);

#endif
