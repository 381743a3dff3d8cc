/* inet and cidr: the form in which they are kept, and their texts on the way out. */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/types/network.h"

#define GROUPS 8 /* of IPv6 */

size_t
network_size(const struct network *network)
{
	return network->family == NETWORK_IPV4 ? 4 : NETWORK_ADDRESS_MAX;
}

/* The bits of the i-th byte that the mask leaves. */
static uint8_t
byte_mask(const struct network *network, size_t i)
{
	size_t first = i * 8;

	if (network->bits >= first + 8)
		return 0xff;
	return network->bits <= first ? 0 : (uint8_t)(0xff << (8 - (network->bits - first)));
}

void
network_mask(struct network *network, bool set)
{
	for (size_t i = 0; i < network_size(network); i++) {
		uint8_t mask = byte_mask(network, i);

		network->address[i] = (uint8_t)((network->address[i] & mask) | (set ? ~mask & 0xff : 0));
	}
}

unsigned
network_common(const struct network *a, const struct network *b, unsigned most)
{
	unsigned n = 0;

	while (n < most && ((a->address[n / 8] ^ b->address[n / 8]) >> (7 - n % 8) & 1) == 0)
		n++;
	return n;
}

size_t
network_put(const struct network *network, uint8_t blob[NETWORK_BLOB_MAX])
{
	struct network masked = *network;
	size_t size = network_size(network);

	network_mask(&masked, false);
	blob[0] = network->family;
	memcpy(blob + 1, masked.address, size);
	blob[1 + size] = network->bits;
	memcpy(blob + 2 + size, network->address, size);
	return 2 + 2 * size;
}

bool
network_read(const void *blob, size_t length, struct network *out)
{
	const uint8_t *bytes = blob;
	size_t size;

	if (length == 0 || (bytes[0] != NETWORK_IPV4 && bytes[0] != NETWORK_IPV6))
		return false;
	*out = (struct network) { .family = bytes[0] };
	size = network_size(out);
	if (length != 2 + 2 * size || bytes[1 + size] > size * 8)
		return false;
	out->bits = bytes[1 + size];
	memcpy(out->address, bytes + 2 + size, size);
	return true;
}

static size_t
write_ipv4(const uint8_t *address, char *text, size_t room)
{
	return (size_t)snprintf(text, room, "%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
}

/* The longest run of groups that are zero, the first of them: "::" stands for it. One alone is written. */
static void
find_zeros(const unsigned *groups, size_t *from, size_t *n)
{
	*from = *n = 0;
	for (size_t i = 0; i < GROUPS;) {
		size_t run = 0;

		while (i + run < GROUPS && groups[i + run] == 0)
			run++;
		if (run > 1 && run > *n) {
			*from = i;
			*n = run;
		}
		i += run + 1;
	}
}

static size_t
write_ipv6(const uint8_t *address, char *text, size_t room)
{
	unsigned groups[GROUPS];
	size_t from, zeros, n = 0;
	bool dotted;

	for (size_t i = 0; i < GROUPS; i++)
		groups[i] = (unsigned)address[2 * i] << 8 | address[2 * i + 1];
	find_zeros(groups, &from, &zeros);
	/* IPv4 within IPv6, and not ::1. */
	dotted = from == 0 && (zeros == 6 || (zeros == 7 && groups[7] != 1) || (zeros == 5 && groups[5] == 0xffff));
	for (size_t i = 0; i < GROUPS; i++) {
		if (zeros > 0 && i >= from && i < from + zeros) {
			n += i == from ? (size_t)snprintf(text + n, room - n, ":") : 0;
			continue;
		}
		if (i > 0)
			n += (size_t)snprintf(text + n, room - n, ":");
		if (i == 6 && dotted)
			return n + write_ipv4(address + 12, text + n, room - n);
		n += (size_t)snprintf(text + n, room - n, "%x", groups[i]);
	}
	if (zeros > 0 && from + zeros == GROUPS)
		n += (size_t)snprintf(text + n, room - n, ":");
	return n;
}

size_t
network_write(const struct network *network, bool mask, char text[NETWORK_TEXT_MAX])
{
	size_t n = network->family == NETWORK_IPV4 ? write_ipv4(network->address, text, NETWORK_TEXT_MAX)
						   : write_ipv6(network->address, text, NETWORK_TEXT_MAX);

	if (mask || network->bits != network_size(network) * 8)
		n += (size_t)snprintf(text + n, NETWORK_TEXT_MAX - n, "/%u", network->bits);
	return n;
}
