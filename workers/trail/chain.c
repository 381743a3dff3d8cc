/*
 * Hashes a row of the trail together with the hash of the row before.
 */
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <bsd/string.h>

#include "workers/trail/trail.h"

#define CHAIN_NULL 0xffffffffU

static void
chain_put_text(SHA2_CTX *context, const char *text)
{
	uint32_t length = text == NULL ? CHAIN_NULL : (uint32_t)strlen(text);
	uint8_t head[4] = { (uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length };

	SHA256Update(context, head, sizeof(head));
	if (text != NULL)
		SHA256Update(context, (const uint8_t *)text, length);
}

void
trail_begin(struct trail_chain *chain, const char *node_id)
{
	SHA2_CTX context;

	chain->position = 0;
	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)"bibd audit", strlen("bibd audit"));
	SHA256Update(&context, (const uint8_t *)node_id, strlen(node_id));
	(void)SHA256End(&context, chain->hash);
}

void
trail_hash(const char *previous, const char *const fields[TRAIL_FIELDS], char hash[TRAIL_HASH_SIZE])
{
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)previous, strlen(previous));
	for (int i = 0; i < TRAIL_FIELDS; i++)
		chain_put_text(&context, fields[i]);
	(void)SHA256End(&context, hash);
}

void
trail_append(struct trail_chain *chain, const char *const fields[TRAIL_FIELDS], char previous[TRAIL_HASH_SIZE])
{
	(void)strlcpy(previous, chain->hash, TRAIL_HASH_SIZE);
	trail_hash(previous, fields, chain->hash);
	chain->position++;
}

char *
trail_time(int64_t realtime_us, char buf[TRAIL_TIME_SIZE])
{
	time_t seconds = (time_t)(realtime_us / 1000000);
	unsigned ms = (unsigned)(realtime_us / 1000 % 1000);
	struct tm tm;
	size_t n;

	(void)gmtime_r(&seconds, &tm);
	n = strftime(buf, TRAIL_TIME_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
	if (ms != 0) {
		n += (size_t)snprintf(buf + n, TRAIL_TIME_SIZE - n, ".%03u", ms);
		while (buf[n - 1] == '0')
			n--;
	}
	(void)strlcpy(buf + n, "+00", TRAIL_TIME_SIZE - n);
	return buf;
}
