/*
 * The supervisor's part in secrets is small: it hands an external server's password to keeper and forgets it, has
 * keeper open what is stored, and gives keeper and the storage worker a channel of their own.
 */
#ifndef BIBD_SUPERVISOR_SECRETS_H
#define BIBD_SUPERVISOR_SECRETS_H

#include <stdbool.h>

#include "common/conf.h"
#include "common/error.h"
#include "common/process.h"

struct server;

#define SECRETS_FAILED (-2)

/* Takes the password out of a configuration and wipes it there. Returns a sealed memfd with it, -1 where there is none
 * or none is wanted, or SECRETS_FAILED (memfd.*). */
int secrets_take_password(struct conf *conf, struct error *e);

/* Wipes the password, which keeper has already. */
void secrets_wipe_password(struct conf *conf);

/* Warns of a configuration with a password that everyone can read. */
void secrets_check_file(const char *conf_path);

/* keeper is up: gives it the password, and has it open what is stored. */
void secrets_open_stored(struct server *server);

/* keeper has opened it. */
void secrets_take_opened(struct server *server, bool created, const char *verifier);

/* Gives keeper and the storage worker a channel of their own. Does nothing until both are up. */
void secrets_connect(struct server *server);

/* `bibctl credentials reset` has left its mark: new credentials may be made, and the database is to learn of them. The
 * mark goes when the server has started with them. */
bool secrets_reset_is_asked(const struct server *server);
void secrets_forget_reset(const struct server *server);

#endif
