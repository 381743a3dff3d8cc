/*
 * Moves the credentials from one step of a rotation to the next, in memory, and tells when a rotation is due.
 */
#include "workers/keeper/rotation.h"

#include <stdio.h>
#include <string.h>

#include "common/conf.h"

char
rotation_other_side(char side)
{
	return side == 'b' ? 'a' : 'b';
}

static void
rotation_login(size_t role, char side, char login[CREDENTIALS_LOGIN_SIZE])
{
	(void)snprintf(login, CREDENTIALS_LOGIN_SIZE, "bibd_%s_%c", role_names[role], side);
}

/* Takes the pending ones out again, which are the last. */
static void
rotation_drop_pending(struct credentials *credentials)
{
	while (credentials->count > 0 && credentials->list[credentials->count - 1].kind == CREDENTIALS_PENDING) {
		credentials->count--;
		explicit_bzero(&credentials->list[credentials->count], sizeof(credentials->list[0]));
	}
}

int
rotation_prepare(struct credentials *credentials, struct error *e)
{
	char login[CREDENTIALS_LOGIN_SIZE], side = rotation_other_side(credentials->side);

	for (size_t i = 0; i < ROLES; i++) {
		rotation_login(i, side, login);
		if (credentials_make(credentials, CREDENTIALS_PENDING, login, e) == -1) {
			rotation_drop_pending(credentials);
			return -1;
		}
	}
	if (credentials_make(credentials, CREDENTIALS_PENDING, CREDENTIALS_SYSTEM, e) == -1) {
		rotation_drop_pending(credentials);
		return -1;
	}
	credentials->step = ROTATION_PENDING;
	return 0;
}

static struct credential *
rotation_find(struct credentials *credentials, const char *login)
{
	for (size_t i = 0; i < credentials->count; i++)
		if (credentials->list[i].kind == CREDENTIALS_MANAGED && strcmp(credentials->list[i].login, login) == 0)
			return &credentials->list[i];
	return NULL;
}

void
rotation_switch(struct credentials *credentials, int64_t now_us)
{
	size_t kept = 0;

	for (size_t i = 0; i < credentials->count; i++) {
		struct credential *pending = &credentials->list[i], *known;

		if (pending->kind != CREDENTIALS_PENDING ||
		    (known = rotation_find(credentials, pending->login)) == NULL)
			continue;
		*known = *pending;
		known->kind = CREDENTIALS_MANAGED;
	}
	for (size_t i = 0; i < credentials->count; i++)
		if (credentials->list[i].kind != CREDENTIALS_PENDING) {
			if (kept != i)
				credentials->list[kept] = credentials->list[i];
			kept++;
		}
	explicit_bzero(&credentials->list[kept], (credentials->count - kept) * sizeof(credentials->list[0]));
	credentials->count = kept;
	credentials->side = rotation_other_side(credentials->side);
	credentials->rotated_us = now_us;
	credentials->step = ROTATION_SWITCHED;
}

void
rotation_finish(struct credentials *credentials)
{
	char login[CREDENTIALS_LOGIN_SIZE], side = rotation_other_side(credentials->side);
	struct credential *old;

	for (size_t i = 0; i < ROLES; i++) {
		rotation_login(i, side, login);
		if ((old = rotation_find(credentials, login)) == NULL)
			continue;
		explicit_bzero(old->password, sizeof(old->password));
		explicit_bzero(old->verifier, sizeof(old->verifier));
	}
	credentials->step = ROTATION_NONE;
}

/* ---- when ---- */

bool
rotation_is_due(struct rotation_clock *clock, int64_t rotated_us, int64_t interval_ms, int64_t now_us, int64_t boot_ms,
    bool *is_future)
{
	*is_future = false;
	if (interval_ms <= 0)
		return false;
	if (clock->begun_ms != 0 && boot_ms - clock->begun_ms < interval_ms)
		return false;
	if (rotated_us <= now_us) {
		clock->future_ms = 0;
		return (now_us - rotated_us) / 1000 >= interval_ms;
	}
	if (clock->future_ms == 0) {
		clock->future_ms = boot_ms;
		*is_future = true;
	}
	return boot_ms - clock->future_ms >= interval_ms;
}
