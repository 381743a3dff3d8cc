/* inet and cidr between the wire and the blob under which they are kept. */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/network.h"

static int
keep(const struct network *network, struct type_value *out, struct report *r)
{
	char *blob = malloc(NETWORK_BLOB_MAX);

	if (blob == NULL)
		return type_out_of_memory(r);
	*out = (struct type_value) { .kind = SQLITE_BLOB,
		.bytes = blob,
		.length = network_put(network, (uint8_t *)blob),
		.owned = blob };
	return 0;
}

int
type_decode_network(uint32_t oid, const char *data, size_t length, struct type_value *out, struct report *r)
{
	struct network network = { 0 };

	return network_parse(oid, data, length, &network, r) != 0 ? -1 : keep(&network, out, r);
}

int
type_network_from_binary(uint32_t oid, struct pgwire_reader *in, struct type_value *out, struct report *r)
{
	struct network network = { .family = pgwire_get_byte(in) }, masked;
	uint8_t bits = pgwire_get_byte(in), is_cidr = pgwire_get_byte(in), size = pgwire_get_byte(in);
	const uint8_t *address = pgwire_get_bytes(in, size);
	const char *wrong = NULL;

	(void)is_cidr;
	if (network.family != NETWORK_IPV4 && network.family != NETWORK_IPV6)
		wrong = "invalid address family";
	else if (bits > network_size(&network) * 8)
		wrong = "invalid bits";
	else if (size != network_size(&network) || address == NULL || !pgwire_reader_done(in))
		wrong = "invalid length";
	if (wrong != NULL)
		return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "%s in external \"%s\" value", wrong,
		    type_error_name(oid));
	network.bits = bits;
	memcpy(network.address, address, size);
	masked = network;
	network_mask(&masked, false);
	if (oid == TYPE_CIDR && memcmp(masked.address, network.address, size) != 0) {
		(void)report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "invalid external \"cidr\" value");
		report_detail(r, "Value has bits set to right of mask.");
		return -1;
	}
	return keep(&network, out, r);
}

/* Reads the network from the bytes under which it is kept, or from its text. */
static int
value_of(uint32_t oid, const struct type_value *value, struct network *network, struct report *r)
{
	if (value->kind == SQLITE_TEXT)
		return network_parse(oid, value->bytes, value->length, network, r);
	if (value->kind == SQLITE_BLOB && network_read(value->bytes, value->length, network))
		return 0;
	return type_cannot_cast(r, value->kind, oid);
}

int
type_put_network(struct pgwire_buffer *out, uint32_t oid, const struct type_value *value, struct report *r)
{
	struct network network = { 0 };
	char text[NETWORK_TEXT_MAX];

	if (value_of(oid, value, &network, r) != 0)
		return -1;
	pgwire_put_bytes(out, text, network_write(&network, oid == TYPE_CIDR, text));
	return 0;
}

int
type_network_to_binary(struct pgwire_buffer *out, uint32_t oid, const struct type_value *value, struct report *r)
{
	struct network network = { 0 };

	if (value_of(oid, value, &network, r) != 0)
		return -1;
	pgwire_put_byte(out, network.family);
	pgwire_put_byte(out, network.bits);
	pgwire_put_byte(out, oid == TYPE_CIDR);
	pgwire_put_byte(out, (uint8_t)network_size(&network));
	pgwire_put_bytes(out, network.address, network_size(&network));
	return 0;
}

int
type_compare_network(const char *a, size_t a_length, const char *b, size_t b_length)
{
	uint8_t left[NETWORK_BLOB_MAX] = { 0 }, right[NETWORK_BLOB_MAX] = { 0 };
	struct network network = { 0 };
	struct report r = { 0 };

	if (network_parse(TYPE_INET, a, a_length, &network, &r) == 0)
		(void)network_put(&network, left);
	if (network_parse(TYPE_INET, b, b_length, &network, &r) == 0)
		(void)network_put(&network, right);
	report_reset(&r);
	return memcmp(left, right, sizeof(left));
}
