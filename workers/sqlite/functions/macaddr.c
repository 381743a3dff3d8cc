/*
 * Functions and operators of macaddr and macaddr8, which are texts of hexadecimal pairs here.
 */
#include "workers/sqlite/functions/functions.h"
#include "workers/sqlite/types/codec.h"

#define EUI48 6

/* Returns how many bytes it has; 0: it is none, which only a damaged file has. */
static size_t
take(sqlite3_context *c, sqlite3_value *value, uint8_t address[TYPE_MACADDR_MAX])
{
	size_t length;
	const char *text = function_text(value, &length);
	struct report r = { 0 };
	bool wide = length == TYPE_MACADDR_TEXT - 1;

	if ((wide ? type_parse_macaddr8(text, length, address, &r) : type_parse_macaddr(text, length, address, &r)) ==
	    0)
		return wide ? TYPE_MACADDR_MAX : EUI48;
	function_fail_report(c, &r);
	return 0;
}

static void
give(sqlite3_context *c, const uint8_t *address, size_t n)
{
	char text[TYPE_MACADDR_TEXT];

	function_result_text(c, text, type_write_macaddr(address, n, text));
}

void
macaddr_not(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint8_t address[TYPE_MACADDR_MAX];
	size_t n = take(c, argv[0], address);

	(void)argc;
	for (size_t i = 0; i < n; i++)
		address[i] = (uint8_t)~address[i];
	if (n > 0)
		give(c, address, n);
}

static void
combine(sqlite3_context *c, sqlite3_value **argv, bool both)
{
	uint8_t a[TYPE_MACADDR_MAX], b[TYPE_MACADDR_MAX];
	size_t n = take(c, argv[0], a);

	if (n == 0 || take(c, argv[1], b) != n)
		return;
	for (size_t i = 0; i < n; i++)
		a[i] = both ? a[i] & b[i] : a[i] | b[i];
	give(c, a, n);
}

void
macaddr_and(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	combine(c, argv, true);
}

void
macaddr_or(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	(void)argc;
	combine(c, argv, false);
}

/* The maker's part alone: three bytes. */
void
macaddr_trunc(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint8_t address[TYPE_MACADDR_MAX];
	size_t n = take(c, argv[0], address);

	(void)argc;
	for (size_t i = 3; i < n; i++)
		address[i] = 0;
	if (n > 0)
		give(c, address, n);
}

/* As IPv6 has it in its addresses. */
void
macaddr_set7bit(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint8_t address[TYPE_MACADDR_MAX];
	size_t n = take(c, argv[0], address);

	(void)argc;
	address[0] |= 2;
	if (n > 0)
		give(c, address, n);
}

void
macaddr_widen(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint8_t address[TYPE_MACADDR_MAX];

	(void)argc;
	if (take(c, argv[0], address) == 0)
		return;
	type_macaddr_widen(address);
	give(c, address, sizeof(address));
}

void
macaddr_narrow(sqlite3_context *c, int argc, sqlite3_value **argv)
{
	uint8_t address[TYPE_MACADDR_MAX];

	(void)argc;
	if (take(c, argv[0], address) == 0)
		return;
	if (address[3] != 0xff || address[4] != 0xfe) {
		function_fail(c, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE,
		    "macaddr8 data out of range to convert to macaddr");
		return;
	}
	address[3] = address[5];
	address[4] = address[6];
	address[5] = address[7];
	give(c, address, EUI48);
}
