/*
 * The store's part in a rotation of the passwords (workers/keeper/rotation.h). ROTATE_LOGINS: the logins of the side
 * that is not in use get their new passwords, are tried, and bibd_system gets its own. RETIRE_LOGINS: the pool gives up
 * the connections of the other side, then its logins are closed. Each may be asked for again, however much of it is
 * done already.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bsd/string.h>

#include "common/log.h"
#include "workers/postgres/store/private.h"

#define ROTATE_TIMEOUT_MS 30000

static const struct pg_credential *
rotate_system(const struct pg_store *store)
{
	return pg_credentials_find_pending(&store->credentials, CREDENTIALS_SYSTEM);
}

/* ---- what there is to do ---- */

int
pg_store_take_new_credentials(struct pg_store *store, int fd, struct error *e)
{
	char before = store->credentials.count > 0 ? store->credentials.side : 0;

	if (pg_credentials_take(&store->credentials, fd, e) == -1)
		return -1;
	if (before != 0 && before != store->credentials.side)
		store->rotation.retiring = true;
	if (rotate_system(store) == NULL)
		store->rotation.system_pending = false;
	return 0;
}

unsigned
pg_store_rotation_chores(const struct pg_store *store)
{
	const struct pg_store_rotation *rotation = &store->rotation;

	return ((rotation->rotate_id != 0 ? STORE_CHORE_ROTATE : 0U) |
		   (rotation->retire_id != 0 && rotation->retired ? STORE_CHORE_LOCK : 0U)) &
	    ~store->chore;
}

bool
pg_store_locks_logins(const struct pg_store *store)
{
	return !store->rotation.retiring && !pg_credentials_are_pending(&store->credentials);
}

char
pg_store_side(const struct pg_store *store)
{
	return store->credentials.side;
}

bool
pg_store_try_other_password(struct pg_store *store, const struct script_failure *failure)
{
	struct pg_store_rotation *rotation = &store->rotation;

	if (strcmp(failure->state, "28P01") != 0 || rotate_system(store) == NULL || rotation->system_tried)
		return false;
	rotation->system_tried = true;
	rotation->system_pending = !rotation->system_pending;
	log_notice("the server does not have the %s password of " CREDENTIALS_SYSTEM ": trying the other",
	    rotation->system_pending ? "present" : "new");
	return true;
}

void
pg_store_note_password(struct pg_store *store)
{
	store->rotation.system_tried = false;
}

static void
rotate_work(struct pg_store *store)
{
	store->chores |= pg_store_rotation_chores(store);
	pg_store_work(store);
}

/* ---- answers ---- */

static void
rotate_answer_failed(struct pg_store *store, uint32_t *id, const char *text)
{
	struct message_failed failed = { .status = STATUS_UNAVAILABLE, .code = "store.rotate", .text = text };

	if (*id != 0)
		(void)channel_send_failed(&store->keeper, *id, &failed, -1);
	*id = 0;
}

void
pg_store_rotation_failed(struct pg_store *store, const char *why)
{
	char text[SCRIPT_MESSAGE_MAX + 64];

	(void)snprintf(text, sizeof(text), "cannot log in as " CREDENTIALS_SYSTEM ": %s", why);
	rotate_answer_failed(store, &store->rotation.rotate_id, text);
	rotate_answer_failed(store, &store->rotation.retire_id, text);
}

/* A step failed. If only its connection was lost, it is done again when the store has another. */
static void
rotate_fail(struct pg_store *store, uint32_t *id, const char *what, const struct script_failure *failure)
{
	char text[SCRIPT_MESSAGE_MAX + 128];

	(void)snprintf(text, sizeof(text), "%s: %s%s%s%s", what, failure->message,
	    failure->state[0] == '\0' ? "" : " (", failure->state, failure->state[0] == '\0' ? "" : ")");
	rotate_answer_failed(store, id, text);
	pg_store_chore_done(store, failure);
}

/* ---- statements with verifiers in them ---- */

/* Tells for which rows a statement is. */
typedef bool rotate_rows_fn(const struct pg_store *store, const struct pg_credential *row);

static bool
rotate_is_login(const struct pg_store *store, const struct pg_credential *row)
{
	(void)store;
	return row->pending && strcmp(row->login, CREDENTIALS_SYSTEM) != 0;
}

static bool
rotate_is_system(const struct pg_store *store, const struct pg_credential *row)
{
	(void)store;
	return row->pending && strcmp(row->login, CREDENTIALS_SYSTEM) == 0;
}

static bool
rotate_is_old(const struct pg_store *store, const struct pg_credential *row)
{
	return !row->pending && strcmp(row->login, CREDENTIALS_SYSTEM) != 0 &&
	    !pg_credentials_in_use(&store->credentials, row->login);
}

/* Runs one transaction for all such rows. Returns false when memory is out. */
static bool
rotate_run(struct pg_store *store, rotate_rows_fn *rows, bool lock, script_done_fn *done)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	bool made;

	if (file == NULL)
		return false;
	for (unsigned i = 0; i < store->credentials.count; i++) {
		const struct pg_credential *row = &store->credentials.rows[i];

		if (!rows(store, row))
			continue;
		if (lock)
			(void)fprintf(file, "alter role %s nologin password null;", row->login);
		else
			/* From PostgreSQL 16 on nobody may change more of itself than its password. */
			(void)fprintf(file, "alter role %s %spassword '%s';", row->login,
			    rotate_is_system(store, row) ? "" : "login ", row->verifier);
	}
	if ((made = fclose(file) == 0))
		script_run(&store->system, text, ROTATE_TIMEOUT_MS, done, store);
	if (text != NULL)
		explicit_bzero(text, size);
	free(text);
	return made;
}

static void
rotate_out_of_memory(struct pg_store *store, uint32_t *id)
{
	struct script_failure failure = { .message = "out of memory" };

	rotate_fail(store, id, "cannot change passwords", &failure);
}

/* ---- ROTATE_LOGINS ---- */

static void rotate_try_next(struct pg_store *store);

static void
rotate_done(struct pg_store *store)
{
	(void)channel_send_logins_rotated(&store->keeper, store->rotation.rotate_id, NULL, -1);
	store->rotation.rotate_id = 0;
	store->chores &= ~(unsigned)STORE_CHORE_ROTATE;
	pg_store_chore_done(store, NULL);
}

static void
rotate_system_tried(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	script_close(&store->rotation.trial);
	if (failure != NULL)
		rotate_fail(store, &store->rotation.rotate_id,
		    "cannot log in as " CREDENTIALS_SYSTEM " with its new password", failure);
	else
		rotate_done(store);
}

static void
rotate_system_changed(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure != NULL) {
		rotate_fail(store, &store->rotation.rotate_id, "cannot change the password of " CREDENTIALS_SYSTEM,
		    failure);
		return;
	}
	store->rotation.system_pending = true;
	if (!pg_store_log_in(store, &store->rotation.trial, ROLES, rotate_system_tried, store))
		rotate_out_of_memory(store, &store->rotation.rotate_id);
}

static void
rotate_tried(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;
	char what[CREDENTIALS_NAME_SIZE + 64];

	(void)result;
	if (failure == NULL) {
		script_close(&store->rotation.trial);
		store->rotation.row++;
		rotate_try_next(store);
		return;
	}
	(void)snprintf(what, sizeof(what), "cannot log in as %s with its new password",
	    store->credentials.rows[store->rotation.row].login);
	rotate_fail(store, &store->rotation.rotate_id, what, failure);
}

/* Logs in as the next login that has a new password; after the last it is bibd_system's turn. */
static void
rotate_try_next(struct pg_store *store)
{
	const char *keywords[LOGIN_PARAMETERS_MAX], *values[LOGIN_PARAMETERS_MAX];
	struct pg_store_rotation *rotation = &store->rotation;

	/* The store is closing, or being opened again: the rotation begins again when it is open. */
	if (store->state != STORE_OPEN) {
		pg_store_chore_done(store, NULL);
		return;
	}
	while (rotation->row < store->credentials.count &&
	    !rotate_is_login(store, &store->credentials.rows[rotation->row]))
		rotation->row++;
	if (rotation->row == store->credentials.count) {
		if (!rotate_run(store, rotate_is_system, false, rotate_system_changed))
			rotate_out_of_memory(store, &rotation->rotate_id);
		return;
	}
	if (login_parameters_as(&store->login, &store->credentials, &store->credentials.rows[rotation->row],
		store->address, keywords, values) == -1)
		rotate_out_of_memory(store, &rotation->rotate_id);
	else
		script_log_in(&rotation->trial, &store->worker->loop, keywords, values, pg_store_timeout(store),
		    rotate_tried, store);
}

static void
rotate_logins_changed(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure != NULL) {
		rotate_fail(store, &store->rotation.rotate_id, "cannot change the passwords of the logins", failure);
		return;
	}
	store->rotation.row = 0;
	rotate_try_next(store);
}

static void
rotate_prepared(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure != NULL)
		rotate_fail(store, &store->rotation.rotate_id, "cannot change the passwords of the logins", failure);
	else if (!rotate_run(store, rotate_is_login, false, rotate_logins_changed))
		rotate_out_of_memory(store, &store->rotation.rotate_id);
}

void
pg_store_begin_rotate(struct pg_store *store)
{
	script_run(&store->system, roles_prelude, pg_store_timeout(store), rotate_prepared, store);
}

void
pg_store_take_rotate_logins(void *context, struct frame *frame, const struct message_rotate_logins *message)
{
	struct pg_store *store = context;
	struct error e;

	(void)message;
	store->rotation.rotate_id = frame->header.id;
	/* The rows of a rotation under way must not change: keeper asks for the same one again. */
	if ((store->chore & STORE_CHORE_ROTATE) != 0)
		return;
	if (pg_store_take_new_credentials(store, frame->fd, &e) == -1)
		rotate_answer_failed(store, &store->rotation.rotate_id, e.text);
	else if (!pg_credentials_are_pending(&store->credentials))
		rotate_answer_failed(store, &store->rotation.rotate_id, "bibd-keeper sent no passwords to rotate");
	else
		rotate_work(store);
}

/* ---- RETIRE_LOGINS ---- */

static void
rotate_locked(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;
	struct pg_store_rotation *rotation = &store->rotation;
	struct message_logins_retired retired = { .who = rotation->who };

	(void)result;
	if (failure != NULL) {
		rotate_fail(store, &rotation->retire_id, "cannot disable the previous logins", failure);
		return;
	}
	(void)channel_send_logins_retired(&store->keeper, rotation->retire_id, &retired, -1);
	rotation->retire_id = 0;
	rotation->retiring = rotation->retired = false;
	rotation->who[0] = '\0';
	store->chores &= ~(unsigned)STORE_CHORE_LOCK;
	pg_store_chore_done(store, NULL);
}

static void
rotate_lock_prepared(void *context, PGresult *result, const struct script_failure *failure)
{
	struct pg_store *store = context;

	(void)result;
	if (failure != NULL)
		rotate_fail(store, &store->rotation.retire_id, "cannot disable the previous logins", failure);
	else if (!rotate_run(store, rotate_is_old, true, rotate_locked))
		rotate_out_of_memory(store, &store->rotation.retire_id);
}

void
pg_store_begin_lock(struct pg_store *store)
{
	/* bibd's own connection in the role of an application may use one of these logins. */
	pg_store_ping_again(store);
	script_run(&store->system, roles_prelude, pg_store_timeout(store), rotate_lock_prepared, store);
}

void
pg_store_retired(struct pg_store *store, const char *who)
{
	struct pg_store_rotation *rotation = &store->rotation;

	rotation->retired = true;
	if (who[0] != '\0')
		(void)strlcpy(rotation->who, who, sizeof(rotation->who));
	rotate_work(store);
}

void
pg_store_take_retire_logins(void *context, struct frame *frame, const struct message_retire_logins *message)
{
	struct pg_store *store = context;

	store->rotation.retire_id = frame->header.id;
	store->rotation.retired = false;
	store->rotation.retiring = true;
	store->chores &= ~(unsigned)STORE_CHORE_LOCK;
	if (store->events.retire != NULL)
		store->events.retire(store->context, message->grace_ms);
	else
		pg_store_retired(store, "");
}
