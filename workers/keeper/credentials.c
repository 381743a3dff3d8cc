/*
 * Makes logins with random passwords, adds those that are missing, keeps an external server's password, and wipes all.
 */
#include "workers/keeper/credentials.h"

#include <bsd/string.h>
#include <openssl/rand.h>
#include <string.h>

#include "common/clock.h"
#include "workers/keeper/crypto.h"

#define CREDENTIALS_RANDOM_SIZE 64

#define CREDENTIALS_OF_ROLE(NAME, name) "bibd_" #name "_a", "bibd_" #name "_b",
static const char *const credentials_logins[] = { CREDENTIALS_SYSTEM, ROLE_TABLE(CREDENTIALS_OF_ROLE) };
#define CREDENTIALS_LOGINS (sizeof(credentials_logins) / sizeof(credentials_logins[0]))
_Static_assert(CREDENTIALS_LOGINS + 1 + CREDENTIALS_ROTATED <= CREDENTIALS_MAX,
    "room for every login, the external one, and what a rotation makes");

const struct credential *
credentials_find(const struct credentials *credentials, enum credentials_kind kind, const char *login)
{
	for (size_t i = 0; i < credentials->count; i++) {
		const struct credential *credential = &credentials->list[i];

		if (credential->kind == kind && strcmp(credential->login, login) == 0)
			return credential;
	}
	return NULL;
}

static int
credentials_random_password(char password[CREDENTIALS_PASSWORD_SIZE], struct error *e)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[CREDENTIALS_RANDOM_SIZE];

	if (RAND_priv_bytes(bytes, sizeof(bytes)) != 1)
		return crypto_error(e, "make a password");
	for (size_t i = 0; i < sizeof(bytes); i++) {
		password[2 * i] = digits[bytes[i] >> 4];
		password[2 * i + 1] = digits[bytes[i] & 15];
	}
	password[2 * sizeof(bytes)] = '\0';
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

int
credentials_make(struct credentials *credentials, enum credentials_kind kind, const char *login, struct error *e)
{
	struct credential *credential = &credentials->list[credentials->count];

	if (credentials->count == CREDENTIALS_MAX)
		return error_set(e, STATUS_DATA, "secrets.damaged",
		    "there is no room for the credentials of %s; " FILES_WAY_BACK, login);
	*credential = (struct credential) { .kind = kind, .made_us = clock_realtime_us() };
	(void)strlcpy(credential->login, login, sizeof(credential->login));
	if (credentials_random_password(credential->password, e) == -1 ||
	    scram_verifier_new(credential->password, SCRAM_ITERATIONS, credential->verifier, e) == -1) {
		explicit_bzero(credential, sizeof(*credential));
		return -1;
	}
	credentials->count++;
	return 0;
}

int
credentials_complete(struct credentials *credentials, struct error *e)
{
	int made = 0;

	if (credentials->side == 0) {
		credentials->side = 'a';
		credentials->rotated_us = clock_realtime_us();
	}
	for (size_t i = 0; i < CREDENTIALS_LOGINS; i++) {
		if (credentials_find(credentials, CREDENTIALS_MANAGED, credentials_logins[i]) != NULL)
			continue;
		if (credentials_make(credentials, CREDENTIALS_MANAGED, credentials_logins[i], e) == -1)
			return -1;
		made = 1;
	}
	return made;
}

static struct credential *
credentials_external_slot(struct credentials *credentials)
{
	for (size_t i = 0; i < credentials->count; i++)
		if (credentials->list[i].kind == CREDENTIALS_EXTERNAL)
			return &credentials->list[i];
	return credentials->count < CREDENTIALS_MAX ? &credentials->list[credentials->count++] : NULL;
}

int
credentials_keep_external(struct credentials *credentials, const char *login, const char *password, struct error *e)
{
	const struct credential *known = credentials_find(credentials, CREDENTIALS_EXTERNAL, login);
	struct credential *credential;

	if (login[0] == '\0' || strlen(login) >= CREDENTIALS_LOGIN_SIZE || strpbrk(login, " \r\n") != NULL)
		return error_set(e, STATUS_CONFIG, "secrets.password",
		    "database.postgres.advanced.user must have 1 to %d bytes and no space in it",
		    CREDENTIALS_LOGIN_SIZE - 1);
	if (strlen(password) >= CREDENTIALS_PASSWORD_SIZE || strpbrk(password, "\r\n") != NULL)
		return error_set(e, STATUS_CONFIG, "secrets.password",
		    "database.postgres.advanced.password must have at most %d bytes and no line's end in it",
		    CREDENTIALS_PASSWORD_SIZE - 1);
	if (known != NULL && strcmp(known->password, password) == 0)
		return 0;
	if ((credential = credentials_external_slot(credentials)) == NULL)
		return error_set(e, STATUS_DATA, "secrets.damaged",
		    "there is no room for the credentials of %s; " FILES_WAY_BACK, login);
	explicit_bzero(credential, sizeof(*credential));
	credential->kind = CREDENTIALS_EXTERNAL;
	credential->made_us = clock_realtime_us();
	(void)strlcpy(credential->login, login, sizeof(credential->login));
	(void)strlcpy(credential->password, password, sizeof(credential->password));
	return 1;
}

void
credentials_wipe(struct credentials *credentials)
{
	explicit_bzero(credentials, sizeof(*credentials));
}
