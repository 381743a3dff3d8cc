/*
 * The store's part in a rotation of the passwords, among the files of the store.
 */
#ifndef BIBD_POSTGRES_STORE_ROTATE_H
#define BIBD_POSTGRES_STORE_ROTATE_H

#include "common/message.h"
#include "workers/postgres/store/script.h"

struct pg_store;

#define STORE_WHO_MAX 320

/* A rotation of the passwords: what keeper has asked for, until it is answered. */
struct pg_store_rotation {
	uint32_t rotate_id, retire_id; /* 0: not asked */
	bool system_pending;	       /* bibd_system logs in with its pending password, where there is one */
	bool system_tried;	       /* its other password was tried since the last successful login */
	bool retiring;		       /* the logins in use have changed, and the previous ones are still open */
	bool retired;		       /* no connection of the pool uses the previous logins any more */
	char who[STORE_WHO_MAX];
	unsigned row; /* the row of the credentials that is being tried */
	struct script trial;
};

/* ROTATE_LOGINS and RETIRE_LOGINS of the keeper (context: the store). */
void pg_store_take_rotate_logins(void *context, struct frame *frame, const struct message_rotate_logins *message);
void pg_store_take_retire_logins(void *context, struct frame *frame, const struct message_retire_logins *message);
/* Takes new credentials in the place of those that there are. Errors: as pg_credentials_take. */
int pg_store_take_new_credentials(struct pg_store *store, int fd, struct error *e);
/* The chores of a rotation that are due, as bits. */
unsigned pg_store_rotation_chores(const struct pg_store *store);
/* Begin such a chore, as bibd_system. */
void pg_store_begin_rotate(struct pg_store *store);
void pg_store_begin_lock(struct pg_store *store);
/* bibd cannot log in as bibd_system: answers keeper's request with that. */
void pg_store_rotation_failed(struct pg_store *store, const char *why);
/* A login as bibd_system has failed: true when that is worth trying again, with its other password. */
bool pg_store_try_other_password(struct pg_store *store, const struct script_failure *failure);
/* A login as bibd_system has succeeded. */
void pg_store_note_password(struct pg_store *store);
/* Whether logins that are not in use are to be closed. */
bool pg_store_locks_logins(const struct pg_store *store);

#endif
