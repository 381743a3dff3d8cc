/*
 * The recovery key: made, printed once, and read again.
 */
#include <ctype.h>
#include <string.h>

#include "workers/archive/repository/keys.h"

#define RECOVERY_BASE32 "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

/* 52 digits of base 32 (RFC 4648) in groups of four. */
static void
recovery_print(const uint8_t key[SEAL_KEY_SIZE], char text[REPOSITORY_KEY_TEXT_SIZE])
{
	uint32_t bits = 0;
	unsigned nbits = 0, ndigits = 0;

	for (unsigned i = 0; i <= SEAL_KEY_SIZE; i++) {
		bits = bits << 8 | (i < SEAL_KEY_SIZE ? key[i] : 0);
		for (nbits += 8; nbits >= 5 && ndigits < 52; nbits -= 5) {
			if (ndigits > 0 && ndigits % 4 == 0)
				*text++ = '-';
			*text++ = RECOVERY_BASE32[bits >> (nbits - 5) & 31];
			ndigits++;
		}
	}
	*text = '\0';
}

static int
recovery_parse(const char *text, uint8_t key[SEAL_KEY_SIZE])
{
	uint32_t bits = 0;
	unsigned nbits = 0, n = 0;

	for (; *text != '\0'; text++) {
		const char *digit = strchr(RECOVERY_BASE32, toupper((unsigned char)*text));

		if (*text == '-' || isspace((unsigned char)*text))
			continue;
		if (digit == NULL)
			return -1;
		bits = bits << 5 | (uint32_t)(digit - RECOVERY_BASE32);
		if ((nbits += 5) < 8)
			continue;
		if (n == SEAL_KEY_SIZE)
			return -1;
		key[n++] = (uint8_t)(bits >> (nbits -= 8));
	}
	return n == SEAL_KEY_SIZE ? 0 : -1;
}

int
repository_open_with_key(struct repository *r, struct depot *depot, const char *text, struct error *e)
{
	uint8_t key[SEAL_KEY_SIZE];
	int result;

	*r = (struct repository) { .depot = depot };
	if (recovery_parse(text, key) == -1)
		return error_set(e, STATUS_PERMISSION, "repository.key",
		    "this is no recovery key: it has 52 letters and digits, as bibctl backup key printed them");
	result = keys_open(r, depot, &r->for_recovery, "recovery", key, e);
	explicit_bzero(key, sizeof(key));
	if (result == 0)
		result = error_set(e, STATUS_PERMISSION, "repository.key",
		    "this is not the recovery key of %s: the last one that bibctl backup key printed is", depot->where);
	if (result == -1)
		repository_close(r);
	return result == 1 ? 0 : -1;
}

int
repository_make_recovery_key(struct repository *r, char text[REPOSITORY_KEY_TEXT_SIZE], struct error *e)
{
	struct repository_wrap before = r->for_recovery;
	uint8_t key[SEAL_KEY_SIZE];
	int result = -1;

	if (seal_random(key, sizeof(key), e) == 0 && keys_wrap(r, &r->for_recovery, "recovery", key, e) == 0)
		result = keys_write(r, true, e);
	if (result == -1)
		r->for_recovery = before;
	else
		recovery_print(key, text);
	explicit_bzero(key, sizeof(key));
	return result;
}
