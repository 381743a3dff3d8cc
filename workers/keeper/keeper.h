/*
 * bibd-keeper: the only program that holds the node's identity and the stored credentials. It opens no socket and talks
 * to the supervisor, which says when to open the secrets and hears whether that worked; to bibd-postgres, which is
 * given the passwords on a channel of their own; and to bibd-remote, which is given the listener's certificate
 * likewise. Private to this room.
 */
#ifndef BIBD_KEEPER_H
#define BIBD_KEEPER_H

#include <limits.h>

#include "common/channel.h"
#include "workers/keeper/keeper_rotation.h"
#include "workers/keeper/operator_certificates.h"
#include "workers/keeper/secrets.h"
#include "workers/worker.h"

/* Requests of the peer that may wait until the secrets are open; it sends one at a time. */
#define KEEPER_WAITING_MAX 8

enum keeper_state { KEEPER_CLOSED, KEEPER_OPEN, KEEPER_FAILED };

/* The state of the worker, in worker->state. */
struct keeper {
	struct worker *worker;
	char *directory; /* <data_dir>/secrets */
	enum keeper_state state;
	struct error failure; /* KEEPER_FAILED: why; the peer is told the same */
	struct credentials credentials;
	char *password;		     /* of KEEP_PASSWORD, until the secrets are opened; NULL: none came */
	struct identity_outer outer; /* the key that is held outside, if there is one */
	bool key_failed;	     /* it came and cannot be used; failure says why */
	struct keeper_rotation rotation;
	struct channel peer;
	uint32_t waiting[KEEPER_WAITING_MAX]; /* ids of CREDENTIALS_REQUEST */
	size_t nwaiting;

	/* Where the server is on TCP. */
	char certificates_path[PATH_MAX];
	struct certificates certificates; /* in force, when prepared */
	struct certificates pending;	  /* staged, until the supervisor has given the key away */
	struct files certificate_files;	  /* open as long as something is pending */
	bool prepared;
	bool rotating;	     /* from an old authority to a new one */
	bool reload_due;     /* the peer is still to be told that the server must read its files again */
	uint32_t prepare_id; /* PREPARE_CERTIFICATES under way; 0: none */
	uint32_t give_id;    /* GIVE_FILE under way; 0: none */
	struct loop_timer renewal;
	int64_t renewed_at;		      /* clock_now_ms() */
	int64_t warned_at;		      /* likewise; 0: not yet */
	struct operator_files operator_files; /* until they are checked */
	bool operator_failed;		      /* one of them could not be read */
	struct error operator_failure;

	struct channel archive; /* to bibd-archive */

	/* For remote applications (keeper_remote.c). */
	struct channel remote; /* to bibd-remote */
	struct loop_timer remote_renewal;
	struct x509_st *remote_certificate, *remote_authority; /* the last that were made; NULL: none */
	int64_t remote_issued_s;
};

/* Makes the state and puts it into the worker; opens no file yet. Errors: secrets.openssl, keeper.memory. */
int keeper_start(struct worker *worker, struct error *e);

/* The node has a new database, whose audit trail begins at its first row: the last head of the former one is set aside,
 * and an event, which is an entry of the new trail, says where it ended. */
void keeper_begin_audit(struct keeper *keeper);

/* Forgets everything and stops at once: nothing is ever half done between two messages. */
void keeper_stop(struct worker *worker, int64_t timeout_ms);

/* <data_dir>/secrets; malloc'ed, NULL when memory is out. */
char *keeper_directory(const struct conf *conf);

/* From the supervisor (context: the worker). KEEP_PASSWORD counts from the next OPEN_SECRETS on, which may come again
 * at any time: the files are read again each time. A second PEER replaces the first. */
void keeper_take_password(void *context, struct frame *frame, const struct message_keep_password *message);
void keeper_take_key(void *context, struct frame *frame, const struct message_take_key *message);
void keeper_take_open(void *context, struct frame *frame, const struct message_open_secrets *message);
void keeper_take_peer(void *context, struct frame *frame, const struct message_peer *message);

/* ---- keeper_audit.c: heads of the audit trail, and what is remembered of them (context: the worker) ---- */
void keeper_take_audit_sign(void *context, struct frame *frame, const struct message_audit_sign *message);
void keeper_take_audit_check(void *context, struct frame *frame, const struct message_audit_check *message);

/* ---- between keeper.c, keeper_certificates.c and keeper_rotation.c ---- */

/* Whether the peer can be answered now. */
bool keeper_has_answer(const struct keeper *keeper);
/* The credentials as the peer is sent them: a sealed memfd. Errors: as credentials_send. */
int keeper_print_credentials(const struct keeper *keeper, struct error *e);

/* Reads the identity; the caller closes it. Errors: as secrets_open. */
int keeper_open_identity(const struct keeper *keeper, struct identity *identity, struct error *e);
/* The key of the node's authority, derived from the identity; without a certificate. ca_close it. */
int keeper_open_authority(const struct keeper *keeper, struct ca *ca, struct error *e);
/* CREDENTIALS under this id, or FAILED. */
void keeper_send_credentials(struct keeper *keeper, uint32_t id);
/* Answers all requests that wait, if they can be answered now. */
void keeper_answer_waiting(struct keeper *keeper);
/* The key, the certificate and the authority's in one sealed memfd. Errors: secrets.openssl, memfd.create. */
int keeper_seal_leaf(const struct ca *ca, const struct leaf *leaf, struct error *e);
/* CERTIFICATE under this id. file: its name in the directory of the certificates, or NULL. */
void keeper_tell_certificate(struct keeper *keeper, uint32_t id, const char *name, const struct x509_st *certificate,
    const char *file);

/* ---- keeper_archive.c ---- */

/* The channel to bibd-archive, which is given its keys at once, or once the secrets are open. */
void keeper_archive_connect(struct keeper *keeper, int fd);
/* ARCHIVE_KEYS, if the secrets are open and the archive is there. */
void keeper_archive_tell(struct keeper *keeper);

/* ---- keeper_remote.c ---- */

/* The channel to bibd-remote, which is given its certificate at once, or once the secrets are open. */
void keeper_remote_connect(struct keeper *keeper, int fd);
void keeper_remote_close(struct keeper *keeper);
/* A new certificate for the listener, where there is one. */
void keeper_remote_renew(struct keeper *keeper);
/* CERTIFICATE for it and its authority, if there are any. */
void keeper_remote_tell(struct keeper *keeper, uint32_t id);
/* A certificate for that login: a memfd as of keeper_seal_leaf. Errors: certificates.none, certificates.login,
 * certificates.days (64), and those of secrets. */
int keeper_remote_issue_client(struct keeper *keeper, const char *login, uint32_t days, struct error *e);
/* Another configuration is in force. */
void keeper_commit(struct worker *worker);

/* RELOAD_SERVER, if one is due and the peer is there. */
void keeper_tell_reload(struct keeper *keeper);

#endif
