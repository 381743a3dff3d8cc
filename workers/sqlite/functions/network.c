/*
 * Functions and operators of inet and cidr.
 */
#include <stdio.h>
#include <string.h>

#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/network.h"

/* false: it is none, which only a damaged file has. */
static bool
take(sqlite3_context *c, sqlite3_value *value, struct network *network)
{
	const void *blob = sqlite3_value_blob(value);

	if (network_read(blob == NULL ? "" : blob, (size_t)sqlite3_value_bytes(value), network))
		return true;
	function_fail(c, SQLSTATE_INTERNAL_ERROR, "a value of inet is not in the form it is kept in");
	return false;
}

static void
give(sqlite3_context *c, const struct network *network)
{
	uint8_t blob[NETWORK_BLOB_MAX];
	size_t length = network_put(network, blob);

	sqlite3_result_blob64(c, blob, length, SQLITE_TRANSIENT);
}

static uint8_t
all_bits(const struct network *network)
{
	return (uint8_t)(network_size(network) * 8);
}

/* ---- texts ---- */

static void
give_text(sqlite3_context *c, sqlite3_value *value, bool mask, bool address)
{
	struct network network;
	char text[NETWORK_TEXT_MAX];

	if (!take(c, value, &network))
		return;
	if (address)
		network.bits = all_bits(&network);
	function_result_text(c, text, network_write(&network, mask, text));
}

void
network_host(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_text(c, argv[0], false, true);
}

/* The cast to text, where the mask is always shown. */
void
network_show(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_text(c, argv[0], true, false);
}

void
network_abbrev(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_text(c, argv[0], false, false);
}

/* Of a cidr: no more numbers than the mask covers. */
void
network_abbrev_cidr(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct network network;
	char text[NETWORK_TEXT_MAX];
	int n = 0;

	(void)argc;
	if (!take(c, argv[0], &network))
		return;
	if (network.family != NETWORK_IPV4) {
		function_fail(c, SQLSTATE_FEATURE_NOT_SUPPORTED,
		    "abbrev() of a cidr of IPv6 is not supported on SQLite");
		return;
	}
	for (unsigned i = 0; i * 8 < network.bits || i == 0; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%u", i > 0 ? "." : "", network.address[i]);
	n += snprintf(text + n, sizeof(text) - (size_t)n, "/%u", network.bits);
	function_result_text(c, text, (size_t)n);
}

/* ---- parts ---- */

void
network_family(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct network network;

	(void)argc;
	if (take(c, argv[0], &network))
		sqlite3_result_int(c, network.family == NETWORK_IPV4 ? 4 : 6);
}

void
network_masklen(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct network network;

	(void)argc;
	if (take(c, argv[0], &network))
		sqlite3_result_int(c, network.bits);
}

/* What lies behind the mask cleared, or set. */
static void
give_masked(sqlite3_context *c, sqlite3_value *value, bool set)
{
	struct network network;

	if (!take(c, value, &network))
		return;
	network_mask(&network, set);
	give(c, &network);
}

void
network_network(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_masked(c, argv[0], false);
}

void
network_broadcast(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_masked(c, argv[0], true);
}

/* The mask itself as an address, or what it leaves. */
static void
give_mask(sqlite3_context *c, sqlite3_value *value, bool rest)
{
	struct network network;

	if (!take(c, value, &network))
		return;
	memset(network.address, rest ? 0 : 0xff, sizeof(network.address));
	network_mask(&network, rest);
	network.bits = all_bits(&network);
	give(c, &network);
}

void
network_netmask(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_mask(c, argv[0], false);
}

void
network_hostmask(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	give_mask(c, argv[0], true);
}

static void
set_length(sqlite3_context *c, sqlite3_value **argv, bool cidr)
{
	int64_t bits = sqlite3_value_int64(argv[1]);
	struct network network;

	if (!take(c, argv[0], &network))
		return;
	if (bits == -1)
		bits = all_bits(&network);
	if (bits < 0 || bits > all_bits(&network)) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid mask length: %lld", (long long)bits);
		return;
	}
	network.bits = (uint8_t)bits;
	if (cidr)
		network_mask(&network, false);
	give(c, &network);
}

void
network_set_masklen(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	set_length(c, argv, false);
}

void
network_set_masklen_cidr(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	set_length(c, argv, true);
}

/* ---- two of them ---- */

static bool
take_two(sqlite3_context *c, sqlite3_value **argv, struct network *a, struct network *b)
{
	return take(c, argv[0], a) && take(c, argv[1], b);
}

/* Whether the network of the one lies in that of the other; that of b, or either when they overlap. */
static bool
lies_in(const struct network *a, const struct network *b, unsigned bits)
{
	return a->family == b->family && network_common(a, b, bits) == bits;
}

#define RELATION(name, inner, outer, condition) \
	void name(sqlite3_context *c, int argc, sqlite3_value **argv) \
	{ \
		struct network a, b; \
\
		(void)argc; \
		if (take_two(c, argv, &a, &b)) \
			sqlite3_result_int(c, lies_in(&inner, &outer, outer.bits) && (condition)); \
	}
RELATION(network_within, a, b, a.bits > b.bits)
RELATION(network_within_or_equal, a, b, a.bits >= b.bits)
RELATION(network_contains, b, a, b.bits > a.bits)
RELATION(network_contains_or_equal, b, a, b.bits >= a.bits)
#undef RELATION

void
network_overlaps(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct network a, b;

	(void)argc;
	if (take_two(c, argv, &a, &b))
		sqlite3_result_int(c, lies_in(&a, &b, a.bits < b.bits ? a.bits : b.bits));
}

void
network_same_family(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct network a, b;

	(void)argc;
	if (take_two(c, argv, &a, &b))
		sqlite3_result_int(c, a.family == b.family);
}

/* The smallest network that both are in. */
void
network_merge(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct network a, b;

	(void)argc;
	if (!take_two(c, argv, &a, &b))
		return;
	if (a.family != b.family) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot merge addresses from different families");
		return;
	}
	a.bits = (uint8_t)network_common(&a, &b, a.bits < b.bits ? a.bits : b.bits);
	network_mask(&a, false);
	give(c, &a);
}

/* ---- arithmetic ---- */

void
network_not(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct network network;

	(void)argc;
	if (!take(c, argv[0], &network))
		return;
	for (size_t i = 0; i < network_size(&network); i++)
		network.address[i] = (uint8_t)~network.address[i];
	give(c, &network);
}

static void
combine(sqlite3_context *c, sqlite3_value **argv, bool both)
{
	struct network a, b;

	if (!take_two(c, argv, &a, &b))
		return;
	if (a.family != b.family) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot %s inet values of different sizes",
		    both ? "AND" : "OR");
		return;
	}
	for (size_t i = 0; i < network_size(&a); i++)
		a.address[i] = both ? a.address[i] & b.address[i] : a.address[i] | b.address[i];
	a.bits = a.bits > b.bits ? a.bits : b.bits;
	give(c, &a);
}

void
network_and(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	combine(c, argv, true);
}

void
network_or(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	combine(c, argv, false);
}

static void
out_of_range(sqlite3_context *c)
{
	function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "result is out of range");
}

/* The address so much further on, or back. */
static void
move(sqlite3_context *c, sqlite3_value *value, uint64_t distance, bool back)
{
	struct network network;
	int carry = 0;

	if (!take(c, value, &network))
		return;
	for (size_t i = network_size(&network); i-- > 0; distance >>= 8) {
		int byte = network.address[i] + (back ? -(int)(distance & 255) : (int)(distance & 255)) + carry;

		carry = byte < 0 ? -1 : byte > 255;
		network.address[i] = (uint8_t)(byte & 255);
	}
	if (carry != 0 || distance != 0)
		out_of_range(c);
	else
		give(c, &network);
}

void
network_add(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t n = sqlite3_value_int64(argv[1]);

	(void)argc;
	move(c, argv[0], n < 0 ? -(uint64_t)n : (uint64_t)n, n < 0);
}

void
network_add_to(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	sqlite3_value *turned[] = { argv[1], argv[0] };

	network_add(c, argc, turned);
}

void
network_subtract(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	int64_t n = sqlite3_value_int64(argv[1]);

	(void)argc;
	move(c, argv[0], n < 0 ? -(uint64_t)n : (uint64_t)n, n >= 0);
}

/* How far apart they are. */
void
network_difference(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	struct network a, b;
	uint64_t low = 0;
	int borrow = 0, rest = 0;
	bool fits = true;

	(void)argc;
	if (!take_two(c, argv, &a, &b))
		return;
	if (a.family != b.family) {
		function_fail(c, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot subtract inet values of different sizes");
		return;
	}
	for (size_t n = 0; n < NETWORK_ADDRESS_MAX; n++) {
		size_t size = network_size(&a);
		int byte = borrow + (n < size ? a.address[size - 1 - n] - b.address[size - 1 - n] : 0);

		borrow = byte < 0 ? -1 : 0;
		if (n < sizeof(low))
			low |= (uint64_t)(byte & 255) << (8 * n);
		if (n == sizeof(low) - 1)
			rest = low >> 63 != 0 ? 255 : 0;
		fits = fits && (n < sizeof(low) || (byte & 255) == rest);
	}
	if (!fits)
		out_of_range(c);
	else
		sqlite3_result_int64(c, (int64_t)low);
}
