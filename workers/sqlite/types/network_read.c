/*
 * Texts of inet and cidr. inet wants all four numbers of an IPv4 address unless the mask is shorter; cidr takes the
 * first of them, or hexadecimal digits, and finds the mask by the address's class.
 */
#include <ctype.h>
#include <string.h>

#include "workers/sqlite/types/codec.h"
#include "workers/sqlite/types/network.h"

/* "ffff:" eight times and an IPv4 address with zeros before its numbers. What is longer is none. */
#define TEXT_MAX 256
#define BITS_UNKNOWN (-1)

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits up to `most`; false: it is more, or there are none. Moves *p behind them. */
static bool
read_number(const char **p, int most, int *value)
{
	*value = 0;
	if (!is_digit(**p))
		return false;
	while (is_digit(**p)) {
		*value = *value * 10 + (*(*p)++ - '0');
		if (*value > most)
			return false;
	}
	return true;
}

/* "/24" and the end. */
static bool
read_mask(const char *p, int *bits)
{
	return read_number(&p, 32, bits) && *p == '\0';
}

/* ---- IPv4 ---- */

/* Numbers with dots between them. Stops at the end or at what is neither; inet stops at a dot at the end, too. */
static bool
read_numbers(const char **p, bool cidr, uint8_t *address, size_t *n)
{
	int value;

	for (;;) {
		if (!is_digit(**p))
			return !cidr;
		if (!read_number(p, 255, &value) || *n == 4)
			return false;
		address[(*n)++] = (uint8_t)value;
		if (**p != '.')
			return true;
		(*p)++;
	}
}

/* A last digit without a partner is the upper one. */
static bool
read_hexadecimal(const char **p, uint8_t *address, size_t *n)
{
	for (; hex_value(**p) >= 0; (*n)++) {
		int high = hex_value(*(*p)++), low = hex_value(**p);

		if (*n == 4)
			return false;
		address[*n] = (uint8_t)((unsigned)high << 4 | (low < 0 ? 0U : (unsigned)low));
		*p += low >= 0;
	}
	return true;
}

/* Of a network without a mask: by its class, and no shorter than what is written. */
static int
bits_of_class(const uint8_t *address, size_t n)
{
	int bits = address[0] >= 240 ? 32 : address[0] >= 224 ? 8 : address[0] >= 192 ? 24 : address[0] >= 128 ? 16 : 8;

	if (bits < (int)n * 8)
		bits = (int)n * 8;
	return bits == 8 && address[0] == 224 ? 4 : bits;
}

static bool
read_ipv4(const char *text, bool cidr, struct network *out)
{
	bool hexadecimal = cidr && text[0] == '0' && (text[1] | 0x20) == 'x' && hex_value(text[2]) >= 0;
	const char *p = hexadecimal ? text + 2 : text;
	int bits = BITS_UNKNOWN;
	size_t n = 0;

	if (!(hexadecimal ? read_hexadecimal(&p, out->address, &n) : read_numbers(&p, cidr, out->address, &n)) ||
	    n == 0)
		return false;
	if (*p == '/' ? !read_mask(p + 1, &bits) : *p != '\0')
		return false;
	if (!cidr && (bits == BITS_UNKNOWN ? n != 4 : bits / 8 > (int)n))
		return false;
	if (bits == BITS_UNKNOWN)
		bits = cidr ? bits_of_class(out->address, n) : 32;
	out->bits = (uint8_t)bits;
	return true;
}

/* ---- IPv6: no zeros stand before a number ---- */

static bool
read_plain_number(const char **p, int most, int *value)
{
	if (**p == '0' && is_digit((*p)[1]))
		return false;
	return read_number(p, most, value);
}

static bool
read_mask6(const char *p, int *bits)
{
	return read_plain_number(&p, 128, bits) && *p == '\0';
}

/* An IPv4 address at the end, with the mask. */
static bool
read_tail(const char *p, uint8_t *address, int *bits)
{
	int value;

	for (int i = 0; i < 4; i++) {
		if (!read_plain_number(&p, 255, &value))
			return false;
		address[i] = (uint8_t)value;
		if (*p == '\0')
			return true;
		if (*p == '/')
			return read_mask6(p + 1, bits);
		if (*p++ != '.')
			return false;
	}
	return false;
}

struct groups {
	uint8_t bytes[NETWORK_ADDRESS_MAX];
	size_t n, gap; /* where "::" stands */
	bool has_gap;
	int bits;
};

/* Up to four digits. false: more, or no room. */
static bool
read_group(const char **p, struct groups *groups)
{
	unsigned value = 0;
	int digits = 0;

	for (; hex_value(**p) >= 0; (*p)++) {
		if (++digits > 4)
			return false;
		value = value << 4 | (unsigned)hex_value(**p);
	}
	if (groups->n + 2 > sizeof(groups->bytes))
		return false;
	groups->bytes[groups->n++] = (uint8_t)(value >> 8);
	groups->bytes[groups->n++] = (uint8_t)value;
	return true;
}

/* One group and what ends it. *last: the end was seen. */
static bool
read_step(const char **p, struct groups *groups, bool *last)
{
	const char *start = *p;

	*last = false;
	if (**p == ':') {
		if (groups->has_gap)
			return false;
		groups->has_gap = true;
		groups->gap = groups->n;
		(*p)++;
		*last = **p == '\0';
		return true;
	}
	*last = true;
	if (**p == '/')
		return read_mask6(*p + 1, &groups->bits);
	if (hex_value(**p) < 0)
		return false;
	while (hex_value(**p) >= 0)
		(*p)++;
	if (**p == '.') {
		groups->n += 4;
		return groups->n <= sizeof(groups->bytes) &&
		    read_tail(start, groups->bytes + groups->n - 4, &groups->bits);
	}
	*p = start;
	if (!read_group(p, groups))
		return false;
	if (**p == '\0')
		return true;
	if (**p == '/')
		return read_mask6(*p + 1, &groups->bits);
	*last = false;
	return *(*p)++ == ':' && **p != '\0';
}

static bool
read_ipv6(const char *text, struct network *out)
{
	struct groups groups = { .bits = 128 };
	const char *p = text;
	bool last = false;
	size_t behind;

	if (*p == ':' && *++p != ':')
		return false;
	while (!last)
		if (!read_step(&p, &groups, &last))
			return false;
	if (groups.has_gap ? groups.n == sizeof(groups.bytes) : groups.n != sizeof(groups.bytes))
		return false;
	behind = groups.has_gap ? groups.n - groups.gap : 0;
	memcpy(out->address, groups.bytes, groups.n - behind);
	memcpy(out->address + sizeof(out->address) - behind, groups.bytes + groups.n - behind, behind);
	out->bits = (uint8_t)groups.bits;
	return true;
}

int
network_parse(uint32_t oid, const char *data, size_t length, struct network *out, struct report *r)
{
	bool ipv6 = length > 0 && memchr(data, ':', length) != NULL, cidr = oid == TYPE_CIDR;
	struct network masked;
	char text[TEXT_MAX];

	*out = (struct network) { .family = ipv6 ? NETWORK_IPV6 : NETWORK_IPV4 };
	if (length >= sizeof(text))
		return type_bad_syntax(r, oid, data, length);
	memcpy(text, data, length);
	text[length] = '\0';
	if (!(ipv6 ? read_ipv6(text, out) : read_ipv4(text, cidr, out)))
		return type_bad_syntax(r, oid, data, length);
	masked = *out;
	network_mask(&masked, false);
	if (!cidr || memcmp(masked.address, out->address, sizeof(masked.address)) == 0)
		return 0;
	(void)report_set(r, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid cidr value: \"%s\"", text);
	report_detail(r, "Value has bits set to right of mask.");
	return -1;
}
