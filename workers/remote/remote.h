/*
 * bibd-remote: lets remote applications in over TCP. It holds the listener's private key and the verifiers of the
 * logins, ends TLS, and finds out who calls: by a certificate of the node's authority for remote applications, or by
 * SCRAM-SHA-256. A client that has proved who it is, is handed to the storage worker as one end of a pair of sockets,
 * with the login and the address; from then on bytes are carried between the two, unread. The storage worker decides
 * which role a login may have, how many clients there may be, and everything later, as for a client of this host.
 * Private to this room.
 *
 * Invariants: from a client that has proved nothing, only a cancel request reaches the storage worker. A client has at
 * most CLIENT_BUFFER_MAX bytes waiting in either direction: when that is full, its source is not read. Until it is
 * handed over it has server.startup_timeout, and is counted among server.max_starting.
 */
#ifndef BIBD_REMOTE_H
#define BIBD_REMOTE_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "workers/pgwire/pgwire.h"
#include "workers/scram/scram.h"
#include "workers/worker.h"

#define REMOTE_LISTENERS_MAX 8
#define REMOTE_FILE_MAX (1U << 20)
#define CLIENT_BUFFER_MAX 65536

/* ---- tls.c: what a connection is encrypted with ---- */

struct tls {
	SSL_CTX *context; /* NULL: none yet. Sessions that were begun with one keep it */
	int64_t not_after_us;
};

/* Once, before the others. Errors: remote.openssl. */
int tls_start(struct error *e);

/* made: the key, certificate and authority that keeper has made, in PEM. certificate and key: the operator's own in
 * place of the first two, or NULL. Errors: remote.certificate (65: says which text is wrong, never what it holds). */
int tls_make(struct tls *tls, const char *made, const char *certificate, const char *key, struct error *e);
void tls_close(struct tls *tls);

/* The common name of the certificate that the other side has proved to hold. Returns 1, 0 when it has shown none, -1
 * when there is not exactly one name of a usable length in it. */
int tls_peer_login(SSL *ssl, char login[PGWIRE_LOGIN_SIZE]);

/* tls-server-end-point (RFC 5929) of a connection: the hash of the certificate that it was begun with. -1: there is
 * none. */
int tls_bind(const SSL *ssl, uint8_t binding[64], size_t *size);

/* "certificate verify failed", or what else the last operation says of its failure. Empties OpenSSL's queue. */
void tls_reason(SSL *ssl, char *buf, size_t size);

/* ---- logins.c: the file of the verifiers ---- */

struct logins {
	struct login {
		char name[PGWIRE_LOGIN_SIZE];
		struct scram_keys keys;
	} * list; /* owned, wiped */
	size_t count;
};

/* Reads lines of NAME:VERIFIER; empty ones and those that begin with '#' are passed over. text is wiped. Errors:
 * remote.logins (65), naming the line. */
int logins_read(struct logins *logins, char *text, struct error *e);
void logins_close(struct logins *logins);
/* NULL: there is none of that name. */
const struct login *logins_find(const struct logins *logins, const char *name);

/* ---- failures.c: addresses that guess ---- */

#define FAILURES_MAX 256	 /* addresses that are remembered */
#define FAILURES_LIMIT 10	 /* wrong passwords of one address, until it has to wait */
#define FAILURES_WINDOW_MS 60000 /* so long after its first one */

struct failures {
	struct failure {
		char address[PGWIRE_ADDRESS_SIZE]; /* of IPv6 the network, /64 */
		int64_t since_ms;
		unsigned count; /* 0: this place is free */
	} list[FAILURES_MAX];
};

void failures_note(struct failures *failures, const char *address, int64_t now_ms);
bool failures_must_wait(const struct failures *failures, const char *address, int64_t now_ms);

/* ---- the worker ---- */

enum client_state {
	CLIENT_FIRST, /* plain text: a request for TLS is awaited */
	CLIENT_HANDSHAKE,
	CLIENT_STARTUP,	   /* over TLS: the startup packet is awaited */
	CLIENT_SASL_FIRST, /* the client's first message of SCRAM */
	CLIENT_SASL_FINAL, /* and its proof */
	CLIENT_WRONG,	   /* the proof was wrong: told so in a moment */
	CLIENT_SERVED,	   /* handed over */
	CLIENT_LAST,	   /* is sent its last bytes */
	CLIENT_STATES
};

struct client {
	struct remote *remote;
	TAILQ_ENTRY(client) entry;
	enum client_state state;
	int fd, pair_fd; /* pair_fd: our end of what the storage worker has; -1: none */
	struct loop_watch tcp,
	    pair; /* in the loop only while something is awaited, since an end would be reported again and again */
	struct loop_timer timer;
	SSL *ssl; /* NULL: plain text */
	char address[PGWIRE_ADDRESS_SIZE];
	char login[PGWIRE_LOGIN_SIZE]; /* proved; "": not yet */
	char user[PGWIRE_LOGIN_SIZE];  /* the user name in its startup packet */
	struct pgwire_buffer in, out;  /* from the client, and to it */
	struct pgwire_buffer startup;  /* its packet, until it is handed over */
	struct scram *scram;	       /* while SCRAM goes on */
	bool is_starting;
	bool reads_when_writable, writes_when_readable; /* what TLS waits for */
	bool client_ended, storage_ended;
	bool answered;	  /* the storage worker has said something */
	bool said_bye;	  /* we have closed our direction */
	bool refused_gss; /* once */
};
TAILQ_HEAD(clients, client);

struct remote {
	struct worker *worker;
	struct loop_watch listeners[REMOTE_LISTENERS_MAX];
	size_t nlisteners;
	struct loop_timer accept_again, stop_timer;
	struct channel keeper;
	struct tls tls;
	char *made;					  /* REMOTE_CERTIFICATE, owned, wiped; NULL: not there yet */
	char *files[REMOTE_FILES], *coming[REMOTE_FILES]; /* owned, wiped; coming: until all are there */
	bool coming_failed, has_files;			  /* has_files: they have come once, or there are none */
	struct logins logins;
	bool has_logins;		/* listen.tcp.logins names a file */
	uint8_t secret[SCRAM_KEY_SIZE]; /* the salts of logins that do not exist are made of it */
	struct failures failures;
	struct clients clients;
	unsigned nclients, nstarting;
	int64_t audit_second; /* of the limit on what is told */
	unsigned audit_count, audit_lost;
	bool stopping;
};

/* main.c: tells the audit trail that a client was refused. So many a second are told, the others counted. */
void remote_note_refused(struct remote *remote, const struct client *client, const char *sqlstate, const char *why);
/* A client has gone. */
void remote_client_gone(struct remote *remote);

/* accept.c: takes a listening socket of the supervisor's; owns the descriptor. */
void remote_listen(struct worker *worker, enum listen_purpose purpose, int fd);
/* Begins to accept as soon as there is a certificate to show; until then connections wait in the kernel's queue. */
void remote_listen_now(struct remote *remote);

/* client.c: a new connection, which is the client's from then on. */
void client_accept(struct remote *remote, int fd, const char *address);
void client_close(struct client *client);
/* The result of a step: the client can go on at once, waits for bytes, or has been handed over or closed. */
enum client_step { STEP_AGAIN, STEP_WAITS, STEP_OVER };

/* Goes on as far as it can without waiting. The client may be gone afterwards, as after the functions below. */
void client_run(struct client *client);
/* Sends what is waiting and this report, and then closes. */
void client_refuse(struct client *client, enum sqlstate state, const char *message, const char *hint);
/* Sends what is waiting, and closes; also after CLIENT_WRONG. */
void client_finish(struct client *client);
/* Ends the client's time for proving itself, and hands it to the storage worker. */
void client_hand_over(struct client *client);

/* stream.c: bytes of the TCP connection, encrypted or not. > 0: so many; 0: none now; -1: the end, or an error. */
int stream_read(struct client *client, void *data, size_t size);
int stream_write(struct client *client, const void *data, size_t size);
/* Reads once into the buffer, up to max in it. Returns as stream_read; 0 also when it is full. */
int stream_fill(struct client *client, struct pgwire_buffer *buffer, size_t max);
/* Writes as much as goes. -1: an error. */
int stream_flush(struct client *client);
/* Waits for what the client's state needs. The client may be gone afterwards. */
void stream_await(struct client *client);

/* authenticate.c: who calls, over TLS. */
enum client_step authenticate_startup(struct client *client);
enum client_step authenticate_first(struct client *client);
enum client_step authenticate_final(struct client *client);

/* relay.c: after it was handed over. */
void relay_run(struct client *client);

#endif
