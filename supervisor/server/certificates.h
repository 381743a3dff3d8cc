/*
 * The supervisor's part in certificates, where the server is on TCP with TLS: keeper is asked to make them before the
 * server starts, and the server's key becomes PostgreSQL's own, which only root can do.
 */
#ifndef BIBD_SUPERVISOR_CERTIFICATES_H
#define BIBD_SUPERVISOR_CERTIFICATES_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/channel.h"

#define CERTIFICATES_KEPT_MAX 4
#define CERTIFICATES_VERIFIER_SIZE 256

struct server;

/* What waits for the certificates. */
struct certificate_requests {
	uint32_t request_id; /* PREPARE_CERTIFICATES at keeper; 0: none */
	bool again;	     /* asked for by a reload: the server runs already */
	bool created;	     /* what SECRETS_OPENED said */
	char verifier[CERTIFICATES_VERIFIER_SIZE];
	/* The certificates whose end is worth watching, as keeper told of them. */
	struct certificates_kept {
		char name[64], subject[64], issuer[64], serial[64], path[PATH_MAX];
		int64_t not_before_us, not_after_us;
	} kept[CERTIFICATES_KEPT_MAX];
	size_t nkept;
};

/* Keeps what keeper tells of a certificate, in place of what it told of that name before. */
void certificates_keep(struct server *server, const struct message_certificate *message);

/* CERTIFICATE for each that is kept: part of a status. */
void certificates_send(const struct server *server, struct channel *control, uint32_t id);

/* The secrets are open: asks for certificates, then server_take_secrets is called with these. */
void certificates_prepare(struct server *server, bool created, const char *verifier);

/* keeper has made them. */
void certificates_take_prepared(struct server *server, uint32_t id);

/* keeper could not. Returns false when this is no answer to that, or ends the node. */
bool certificates_take_failed(struct server *server, uint32_t id, const struct error *e);

/* A reload: the operator may have put other certificates there. */
void certificates_reload(struct server *server);

/* GIVE_FILE: answered by FILE_GIVEN. The descriptor stays the caller's. */
void certificates_take_give_file(struct server *server, uint32_t id, const char *name, int fd);

#endif
