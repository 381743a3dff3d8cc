/*
 * Private to decode*.c: one value as a client sent it, and what reads it by its type.
 */
#ifndef BIBD_SQLITE_TYPES_DECODE_H
#define BIBD_SQLITE_TYPES_DECODE_H

#include "workers/sqlite/types/codec.h"

struct decode_input {
	const struct type_settings *settings;
	uint32_t oid;
	const char *data;
	size_t length;
};

/* Returns 0 with *out, which owns its bytes, or -1 with the report filled. */
typedef int decode_fn(const struct decode_input *in, struct type_value *out, struct report *r);

/* ---- decode.c ---- */

int decode_set_integer(struct type_value *out, int64_t v);
/* SQLite would take a NaN for null. */
int decode_set_real(struct type_value *out, double v);
/* jsonpath: in its one form. */
decode_fn decode_plain_text, decode_name_text, decode_json_text, decode_jsonpath_text, decode_jsonb_text;

/* ---- decode_binary.c ---- */

struct pgwire_reader decode_reader_of(const struct decode_input *in);
/* macaddr: eight bytes, or six that become eight. */
decode_fn decode_boolean_binary, decode_integer_binary, decode_float4_binary, decode_float8_binary,
    decode_numeric_binary, decode_bytea_binary, decode_text_binary, decode_json_binary, decode_jsonpath_binary,
    decode_jsonb_binary, decode_timestamp_binary, decode_date_binary, decode_time_binary, decode_timetz_binary,
    decode_interval_binary, decode_uuid_binary, decode_bits_binary, decode_text_search_binary, decode_network_binary,
    decode_macaddr_binary;

#endif
