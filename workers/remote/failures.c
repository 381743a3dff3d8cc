/*
 * Remembers the wrong passwords of each address, and whether an address has to wait.
 */
#include <arpa/inet.h>
#include <bsd/string.h>
#include <string.h>

#include "workers/remote/remote.h"

/* The key of an address: of IPv6 its /64, since a host that has one address of a /64 can have all of them. */
static void
failures_key(const char *address, char key[PGWIRE_ADDRESS_SIZE])
{
	struct in6_addr v6;

	(void)strlcpy(key, address, PGWIRE_ADDRESS_SIZE);
	if (inet_pton(AF_INET6, address, &v6) != 1)
		return;
	memset(v6.s6_addr + 8, 0, 8);
	(void)inet_ntop(AF_INET6, &v6, key, PGWIRE_ADDRESS_SIZE);
}

static bool
failures_is_over(const struct failure *failure, int64_t now_ms)
{
	return failure->count == 0 || now_ms - failure->since_ms >= FAILURES_WINDOW_MS;
}

void
failures_note(struct failures *failures, const char *address, int64_t now_ms)
{
	struct failure *place = &failures->list[0];
	char key[PGWIRE_ADDRESS_SIZE];

	failures_key(address, key);
	for (size_t i = 0; i < FAILURES_MAX; i++) {
		struct failure *failure = &failures->list[i];

		if (!failures_is_over(failure, now_ms) && strcmp(failure->address, key) == 0) {
			failure->count++;
			return;
		}
		/* Takes a place that is free, or else the oldest. */
		if (failures_is_over(failure, now_ms))
			failure->count = 0;
		if (place->count > 0 && (failure->count == 0 || failure->since_ms < place->since_ms))
			place = failure;
	}
	*place = (struct failure) { .since_ms = now_ms, .count = 1 };
	(void)strlcpy(place->address, key, sizeof(place->address));
}

bool
failures_must_wait(const struct failures *failures, const char *address, int64_t now_ms)
{
	char key[PGWIRE_ADDRESS_SIZE];

	failures_key(address, key);
	for (size_t i = 0; i < FAILURES_MAX; i++)
		if (!failures_is_over(&failures->list[i], now_ms) && strcmp(failures->list[i].address, key) == 0)
			return failures->list[i].count >= FAILURES_LIMIT;
	return false;
}
