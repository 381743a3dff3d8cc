/*
 * Numbers with a sign, a fraction or an exponent, and versions.
 */
#include "workers/sqlite/textsearch/parser.h"

static size_t
scan_digits(const struct ts_parser *p, size_t at)
{
	while (ts_is_digit(ts_char(p, at)))
		at++;
	return at;
}

size_t
ts_scan_exponent(const struct ts_parser *p, size_t at)
{
	int c = ts_char(p, at);
	size_t digits = at + (c == '-' || c == '+' ? 1 : 0), end = scan_digits(p, digits);

	return end == digits ? 0 : end;
}

static size_t
scan_e(const struct ts_parser *p, size_t at)
{
	int c = ts_char(p, at);

	return c == 'e' || c == 'E' ? ts_scan_exponent(p, at + 1) : 0;
}

/* Behind the first dot: 1.5, 1.5e10, 1.5.6. */
size_t
ts_scan_fraction(const struct ts_parser *p, size_t at, enum ts_token_type *type)
{
	size_t end = scan_digits(p, at), next;

	if (end == at)
		return 0;
	*type = TS_FLOAT;
	if ((next = scan_e(p, end)) != 0) {
		*type = TS_SFLOAT;
		return next;
	}
	while (ts_char(p, end) == '.' && ts_is_digit(ts_char(p, end + 1))) {
		*type = TS_VERSION;
		end = scan_digits(p, end + 1);
	}
	return end;
}

size_t
ts_scan_signed(const struct ts_parser *p, size_t at, enum ts_token_type *type)
{
	size_t end = scan_digits(p, at), next;

	if (end == at)
		return 0;
	*type = TS_INT;
	if (ts_char(p, end) == '.' && (next = scan_digits(p, end + 1)) != end + 1) {
		*type = TS_FLOAT;
		end = next;
		if (ts_char(p, end) == '.' && ts_is_digit(ts_char(p, end + 1)))
			return 0; /* a version has no sign */
	}
	if ((next = scan_e(p, end)) == 0)
		return end;
	*type = TS_SFLOAT;
	return next;
}
