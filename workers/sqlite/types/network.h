/*
 * inet and cidr: the blob under which they are kept, whose bytes order as the values do. Family (2: IPv4, 3: IPv6), the
 * address without the bits behind the mask, the mask's length, and the address itself.
 */
#ifndef BIBD_SQLITE_TYPES_NETWORK_H
#define BIBD_SQLITE_TYPES_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/sqlite/types/types.h"

#define NETWORK_IPV4 2
#define NETWORK_IPV6 3
#define NETWORK_ADDRESS_MAX 16
#define NETWORK_BLOB_MAX (2 + 2 * NETWORK_ADDRESS_MAX)
/* "ffff:...:255.255.255.255/128" and a NUL. */
#define NETWORK_TEXT_MAX 64

struct network {
	uint8_t family, bits;
	uint8_t address[NETWORK_ADDRESS_MAX];
};

/* Bytes of an address: 4 or 16. */
size_t network_size(const struct network *network);
/* Clears, or sets, what is behind the mask. */
void network_mask(struct network *network, bool set);
/* How many bits, up to `most`, two addresses begin with in common. */
unsigned network_common(const struct network *a, const struct network *b, unsigned most);

/* Of inet, or of cidr, which takes an address in part and nothing behind the mask. 22P02. */
int network_parse(uint32_t oid, const char *data, size_t length, struct network *out, struct report *r);
/* Returns the length; `mask`: it is shown also where it is the whole address. */
size_t network_write(const struct network *network, bool mask, char text[NETWORK_TEXT_MAX]);

/* A blob of that form; false: it is none. And back: returns the blob's length. */
bool network_read(const void *blob, size_t length, struct network *out);
size_t network_put(const struct network *network, uint8_t blob[NETWORK_BLOB_MAX]);

#endif
