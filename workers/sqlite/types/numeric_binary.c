/* numeric on the wire: groups of four decimal digits, a weight, a sign and a scale (numeric_send in PostgreSQL 15). */
#include <stdlib.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"

#define SIGN_POSITIVE 0x0000
#define SIGN_NEGATIVE 0x4000
#define SIGN_NAN 0xc000
#define SIGN_INFINITY 0xd000
#define SIGN_MINUS_INFINITY 0xf000
#define SCALE_MASK 0x3fff

static const struct special_sign {
	uint16_t sign;
	const char *text;
} special_signs[] = {
	{ SIGN_NAN, "NaN" },
	{ SIGN_INFINITY, "Infinity" },
	{ SIGN_MINUS_INFINITY, "-Infinity" },
};

static const char *
special_text(uint16_t sign)
{
	for (size_t i = 0; i < sizeof(special_signs) / sizeof(special_signs[0]); i++) {
		if (special_signs[i].sign == sign)
			return special_signs[i].text;
	}
	return NULL;
}

/* The groups as plain digits with a point where the weight puts it: what type_parse_numeric makes canonical. Digits
 * beyond the scale are dropped, as numeric_recv does. */
static char *
groups_to_text(struct pgwire_reader *in, unsigned ngroups, int weight, unsigned scale, bool negative, size_t *length)
{
	int64_t first = weight >= 0 ? 0 : weight + 1; /* group index 0 stands at 10000^weight */
	int64_t whole = weight >= 0 ? weight + 1 : 0, all = whole + (scale + 3) / 4;
	char *text = malloc((size_t)all * 4 + 4), *p = text;

	if (text == NULL)
		return NULL;
	*p++ = negative ? '-' : '+';
	for (int64_t i = 0; i < all; i++) {
		int64_t group = i + first;
		unsigned v = group >= 0 && group < (int64_t)ngroups ? pgwire_get_int16(in) : 0;

		if (v > 9999)
			in->failed = true;
		if (i == whole)
			*p++ = '.';
		for (int j = 3; j >= 0; j--, v /= 10)
			p[j] = (char)('0' + v % 10);
		p += 4;
	}
	if (whole == 0 && all == 0)
		*p++ = '0';
	p -= scale > 0 ? (4 - scale % 4) % 4 : 0;
	*length = (size_t)(p - text);
	return text;
}

static int
bad_binary(struct report *r, const char *what)
{
	return report_set(r, SQLSTATE_INVALID_BINARY_REPRESENTATION, "invalid %s in external \"numeric\" value", what);
}

int
type_numeric_from_binary(struct pgwire_reader *in, struct type_value *out, struct report *r)
{
	unsigned ngroups = pgwire_get_int16(in);
	int weight = (int16_t)pgwire_get_int16(in);
	uint16_t sign = pgwire_get_int16(in);
	unsigned scale = pgwire_get_int16(in);
	const char *special = special_text(sign);
	struct type_value parsed;
	char *text;
	size_t length;

	if (in->failed || in->length - in->offset != 2 * (size_t)ngroups)
		return bad_binary(r, "length");
	if (scale > SCALE_MASK)
		return bad_binary(r, "scale");
	if (special != NULL) {
		type_value_text(out, special, strlen(special));
		return 0;
	}
	if (sign != SIGN_POSITIVE && sign != SIGN_NEGATIVE)
		return bad_binary(r, "sign");
	if ((text = groups_to_text(in, ngroups, weight, scale, sign == SIGN_NEGATIVE, &length)) == NULL)
		return type_out_of_memory(r);
	if (in->failed || type_parse_numeric(text, length, &parsed, r) != 0) {
		free(text);
		return in->failed ? bad_binary(r, "digit") : -1;
	}
	if (parsed.owned == NULL)
		parsed.owned = text; /* canonical already: it points into the text */
	else
		free(text);
	*out = parsed;
	return 0;
}

static int
put_special(struct pgwire_buffer *out, uint16_t sign)
{
	pgwire_put_int16(out, 0);
	pgwire_put_int16(out, 0);
	pgwire_put_int16(out, sign);
	pgwire_put_int16(out, 0);
	return 0;
}

/* The group of four digits that begins at digit i, counted from the point; digits that are not there are zeros. */
static unsigned
group_at(const char *whole, int64_t nwhole, const char *fraction, int64_t nfraction, int64_t i)
{
	unsigned v = 0;

	for (int64_t j = i; j < i + 4; j++) {
		char digit = j < 0 ? (nwhole + j >= 0 ? whole[nwhole + j] : '0') : j < nfraction ? fraction[j] : '0';

		v = v * 10 + (unsigned)(digit - '0');
	}
	return v;
}

static int
put_finite(struct pgwire_buffer *out, const char *text, size_t length)
{
	bool negative = length > 0 && *text == '-';
	const char *whole = text + negative, *end = text + length;
	const char *point = memchr(whole, '.', (size_t)(end - whole));
	int64_t nwhole = (point != NULL ? point : end) - whole, nfraction = point != NULL ? end - point - 1 : 0;
	int64_t first = -((nwhole + 3) / 4), last = (nfraction + 3) / 4 - 1;
	const char *fraction = point != NULL ? point + 1 : end;

	while (first <= last && group_at(whole, nwhole, fraction, nfraction, 4 * first) == 0)
		first++;
	while (last >= first && group_at(whole, nwhole, fraction, nfraction, 4 * last) == 0)
		last--;
	pgwire_put_int16(out, (uint16_t)(last - first + 1));
	pgwire_put_int16(out, last < first ? 0 : (uint16_t)(-first - 1));
	pgwire_put_int16(out, negative && last >= first ? SIGN_NEGATIVE : SIGN_POSITIVE);
	pgwire_put_int16(out, (uint16_t)nfraction);
	for (int64_t i = first; i <= last; i++)
		pgwire_put_int16(out, (uint16_t)group_at(whole, nwhole, fraction, nfraction, 4 * i));
	return 0;
}

int
type_numeric_to_binary(struct pgwire_buffer *out, const char *data, size_t length, struct report *r)
{
	struct type_value canonical;
	int result;

	if (type_parse_numeric(data, length, &canonical, r) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(special_signs) / sizeof(special_signs[0]); i++) {
		if (strlen(special_signs[i].text) == canonical.length &&
		    memcmp(special_signs[i].text, canonical.bytes, canonical.length) == 0)
			return put_special(out, special_signs[i].sign);
	}
	result = put_finite(out, canonical.bytes, canonical.length);
	type_value_free(&canonical);
	return result;
}
