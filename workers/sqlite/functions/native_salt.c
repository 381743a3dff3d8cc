/*
 * pgcrypto: crypt() by the library that login programs use, and gen_salt().
 */
#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/functions/native.h"

/* More work than that for one call could not be stopped. */
#define BLOWFISH_ROUNDS_MAX 13
#define XDES_ROUNDS_MAX 100001

/* These have as many as they have, which may be said. */
#define MD5_ROUNDS 1000
#define DES_ROUNDS 25

static const char digits64[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char blowfish64[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

enum { SALT_RANDOM = 22, SALT_MAX = 40 };

static void
put_digits(char *out, const uint8_t *random, size_t n, const char *digits)
{
	for (size_t i = 0; i < n; i++)
		out[i] = digits[random[i] & 63];
	out[n] = '\0';
}

static int
fail_rounds(sqlite3_context *c)
{
	function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "gen_salt: Incorrect number of rounds");
	return -1;
}

static int
put_blowfish(sqlite3_context *c, char *salt, const uint8_t *random, int64_t rounds)
{
	uint8_t last = (uint8_t)(random[SALT_RANDOM - 1] & 0x30); /* of 128 bits it has two */

	if (rounds != 0 && (rounds < 4 || rounds > 31))
		return fail_rounds(c);
	(void)snprintf(salt, SALT_MAX, "$2a$%02d$", rounds == 0 ? 6 : (int)rounds);
	put_digits(salt + 7, random, SALT_RANDOM - 1, blowfish64);
	put_digits(salt + 7 + SALT_RANDOM - 1, &last, 1, blowfish64);
	return 0;
}

static int
put_extended(sqlite3_context *c, char *salt, const uint8_t *random, int64_t rounds)
{
	if (rounds == 0)
		rounds = 29 * 25;
	if (rounds < 1 || rounds > 0xffffff || rounds % 2 == 0)
		return fail_rounds(c);
	salt[0] = '_';
	for (int i = 0; i < 4; i++)
		salt[1 + i] = digits64[(rounds >> (6 * i)) & 63];
	put_digits(salt + 5, random, 4, digits64);
	return 0;
}

/* gen_salt(algorithm [, rounds]) */
void
native_salt(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *kind = (const char *)sqlite3_value_text(argv[0]);
	int64_t rounds = argc > 1 ? sqlite3_value_int64(argv[1]) : 0;
	uint8_t random[SALT_RANDOM];
	char salt[SALT_MAX] = "";
	int result = 0;

	if (kind == NULL || !native_random(c, random, sizeof(random)))
		return;
	if (sqlite3_stricmp(kind, "bf") == 0)
		result = put_blowfish(c, salt, random, rounds);
	else if (sqlite3_stricmp(kind, "xdes") == 0)
		result = put_extended(c, salt, random, rounds);
	else if (sqlite3_stricmp(kind, "md5") == 0) {
		memcpy(salt, "$1$", sizeof("$1$"));
		put_digits(salt + 3, random, 8, digits64);
		result = rounds == 0 || rounds == MD5_ROUNDS ? 0 : fail_rounds(c);
	} else if (sqlite3_stricmp(kind, "des") == 0) {
		put_digits(salt, random, 2, digits64);
		result = rounds == 0 || rounds == DES_ROUNDS ? 0 : fail_rounds(c);
	} else {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "gen_salt: Unknown salt algorithm");
		return;
	}
	if (result == 0)
		function_result_text(c, salt, strlen(salt));
}

/* Salts that mean here what they do there: others are the library's own, or PostgreSQL's alone. */
static bool
is_shared(const char *salt)
{
	if (strncmp(salt, "$2a$", 4) == 0)
		return strlen(salt) >= 29 && strspn(salt + 4, "0123456789") == 2 && salt[6] == '$' &&
		    strspn(salt + 7, blowfish64) >= SALT_RANDOM && atoi(salt + 4) <= BLOWFISH_ROUNDS_MAX;
	if (strncmp(salt, "$1$", 3) == 0)
		return strspn(salt + 3, digits64) > 0 && strchr("$", salt[3 + strspn(salt + 3, digits64)]) != NULL;
	if (salt[0] == '_') {
		long rounds = 0;

		if (strspn(salt + 1, digits64) < 8)
			return false;
		for (int i = 3; i >= 0; i--)
			rounds = rounds * 64 + (strchr(digits64, salt[1 + i]) - digits64);
		return rounds >= 1 && rounds <= XDES_ROUNDS_MAX && rounds % 2 == 1;
	}
	return strspn(salt, digits64) >= 2;
}

static bool
is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

/* crypt(password, salt) */
void
native_crypt(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	const char *password = (const char *)sqlite3_value_text(argv[0]);
	const char *salt = (const char *)sqlite3_value_text(argv[1]), *text;
	struct crypt_data *data;

	(void)argc;
	if (password == NULL || salt == NULL)
		return;
	if (strlen(salt) < 2) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid salt");
		return;
	}
	if (!is_shared(salt) || (salt[0] != '$' && !is_ascii(password))) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "crypt() with that salt, or with so many rounds, is not supported on SQLite");
		return;
	}
	if ((data = calloc(1, sizeof(*data))) == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	/* Not crypt_r(), for which the address sanitizer has a function of its own that finds no other. */
	text = crypt_rn(password, salt, data, (int)sizeof(*data));
	if (text == NULL || text[0] == '*')
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED, "crypt() with that salt is not supported on SQLite");
	else
		function_result_text(c, text, strlen(text));
	explicit_bzero(data, sizeof(*data));
	free(data);
}
