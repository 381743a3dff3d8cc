/*
 * The store's part in a rotation of the passwords, among the files of the store.
 */
#ifndef BIBD_POSTGRES_STORE_ROTATE_H
#define BIBD_POSTGRES_STORE_ROTATE_H

#include "common/message.h"
#include "workers/postgres/store/script.h"

struct pg_store;

#define STORE_WHO_MAX 320

/* A rotation of the passwords: what the keeper has asked, until it is answered. */
struct pg_store_rotation {
	uint32_t rotate_id, retire_id; /* 0: not asked */
	bool system_pending;	       /* bibd_system logs in with its pending password, where there is one */
	bool system_tried;	       /* the other was tried since the last login that went well */
	bool retiring;		       /* other logins are in use than before, and the previous ones are still open */
	bool retired;		       /* no connection of the pool's has one of those any more */
	char who[STORE_WHO_MAX];
	unsigned row; /* of the credentials, that is tried */
	struct script trial;
};

/* ROTATE_LOGINS and RETIRE_LOGINS of the keeper (context: the store). */
void pg_store_take_rotate_logins(void *context, struct frame *frame, const struct message_rotate_logins *message);
void pg_store_take_retire_logins(void *context, struct frame *frame, const struct message_retire_logins *message);
/* Takes new credentials in the place of those that there are. Errors: as pg_credentials_take. */
int pg_store_take_new_credentials(struct pg_store *store, int fd, struct error *e);
/* The chores of a rotation that are due, as bits. */
unsigned pg_store_rotation_chores(const struct pg_store *store);
/* Do one, as bibd_system. */
void pg_store_begin_rotate(struct pg_store *store);
void pg_store_begin_lock(struct pg_store *store);
/* bibd_system cannot be logged in: the keeper's question is answered so. */
void pg_store_rotation_failed(struct pg_store *store, const char *why);
/* A login as bibd_system has failed: true when that is worth trying again, with its other password. */
bool pg_store_try_other_password(struct pg_store *store, const struct script_failure *failure);
/* One went well. */
void pg_store_note_password(struct pg_store *store);
/* The logins that are not in use are to be closed. */
bool pg_store_locks_logins(const struct pg_store *store);

#endif
